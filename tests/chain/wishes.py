"""What people may come to ask of a case, plausible or not: any command of any service, by any role.

What a field may be is found from its type, from its name in what was stated before, and from the tables
here: a new command needs a line in them only where none of that makes sense.
"""

import types
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, ValidationError

from libs.events.base import Actor
from libs.rules.rights import RIGHTS, Scope
from libs.rules.roles import Role
from libs.sourcing.decider import Command
from libs.vault.sealing import personal_fields
from tests.chain.chain import Case, Chain
from tests.spec import CASE, MONDAY, sealed

SECOND = "0190c0de-0000-5000-8000-000000000002"
UNIT, OTHER, DISCIPLINE = "mc.chengguan", "mc.shuiwu", "mc.jiwei"
UNITS = (UNIT, OTHER, "mc.shengtai")
EVERYBODY = ("p-1", "p-2", "p-3")
"""Accounts that hold any role, so that separation of duties is put to the proof."""
OFFICIAL = frozenset({Role.UNIT_CLERK, Role.UNIT_HEAD, Role.DISCIPLINE_OFFICER})
"""Roles that are of a unit."""

VALUES: Mapping[str, tuple[Any, ...]] = {
    "unit_id": (None, *UNITS),
    "assists": ((), (), (OTHER,), ("mc.shengtai", OTHER), (UNIT,)),
    "parties": ((UNIT, OTHER), (OTHER, "mc.shengtai")),
    "suggested_unit": (None, *UNITS),
    "designated_unit": (None, None, *UNITS),
    "lead": (None, *UNITS),
    "category": ("0105", "0107", "0101", "0201", "0204", "0109", None),
    "adcode": (None, "990102", "990102001"),
    "law_ref": ("信访工作条例 Art. 31(6)",),
    "channel": ("web_portal", "phone_12345"),
    "evidence": ((), ("photo-1",)),
    "commitments": ((), (), ()),
    "into": (CASE, SECOND),
    "other_case": (CASE, SECOND),
    "reason_code": ("policy_limit", "other"),
}
"""What fields of a name are, where no type says it. A Literal goes by its type."""
LEFT_OUT = frozenset({"receipt_no", "realm", "suggested", "external_id"})
UNRIPE: frozenset[str] = frozenset()
"""Commands that are left out until their rules are whole."""
HOW_OFTEN = {
    "DeclineCase": 0.1,
    "ReferCase": 0.1,
    "ErasePersonalData": 0.05,
    "RequestHold": 0.6,
    "HoldCase": 3.0,
    "RefuseHold": 0.3,
    "RequestSuspension": 0.3,
    "RequestResumption": 0.3,
    "RefuseClockAdjustment": 0.3,
    "DelistOldCase": 0.1,
    "OpenCoordination": 0.4,
    "ResolveCoordination": 2.0,
    "IssueSupervision": 0.2,
    "RequestWithdrawal": 0.05,
    "PassOnWithdrawal": 0.02,
    "CancelWithdrawal": 0.3,
    "ConfirmWithdrawal": 0.2,
    "AskReopening": 0.1,
    "ClaimRecusal": 0.05,
    "RecuseSelf": 0.02,
    "GiveConsent": 0.05,
    "WithdrawConsent": 0.05,
    "PutLegalHold": 0.02,
    "RelateCases": 0.1,
    "GiveInstruction": 0.1,
    "AssignLeader": 0.1,
    "MakeRecommendation": 0.1,
    "ListOldCase": 0.1,
    "ProposeExclusion": 0.2,
    "RecordUnitCallback": 0.2,
    "MergeCase": 0.1,
    "PutOnOldCaseList": 0.1,
    "ProposeTermination": 0.1,
    "RequestInformation": 0.3,
    "SupplementCase": 0.2,
    "ClassifyCase": 0.2,
    "ContactCitizen": 0.5,
    "AcceptCase": 3.0,
    "SignAssignment": 3.0,
    "SubmitReply": 3.0,
    "ApproveReply": 3.0,
    "RecordCallback": 3.0,
    "SubmitEvaluation": 2.0,
    "DecideDispute": 2.0,
    "DisputeAssignment": 2.0,
    "WithholdDispute": 0.1,
    "DraftReply": 2.0,
    "ReturnDraft": 2.0,
}
"""How much sooner or later than others a command is tried: what ends or delays a case is tried less, that
most plays come far."""
USUAL_WAY = ("AcceptCase", "AssignCase", "SignAssignment", "SubmitReply", "ApproveReply", "DeliverReply")
"""What befalls a case to which nothing unusual happens."""
TRIES = 3
"""How often a command is drawn before another kind is tried."""
FAVOURED = 30.0
"""How much sooner what a play favours is tried."""
FRESH = 0.75
"""How often a number is the newest of its kind."""


def _answers(case: Case, dice: Random) -> Any:
    """To every claim there is, now and then to one too few or too many."""
    first, *more = [getattr(said.event, "claims", None) for said in case.all()] or [()]
    added = sum(len(claims) for claims in more if claims)
    there = max(len(first or ()), 1) + added
    count = there + dice.choice((0, 0, 0, 0, 0, 1, -1))
    outcomes = ("supported", "partly", "explained", "not_supported")
    return [{"claim": n + 1, "outcome": dice.choice(outcomes)} for n in range(max(count, 1))]


def _more_time(case: Case, dice: Random) -> Any:
    """A little after the unit's limit."""
    dues = [due for said in case.all() if (due := getattr(said.event, "due_handle", None))]
    now = max((said.event.occurred_at for said in case.all()), default=MONDAY)
    return max(dues, default=now) + timedelta(days=dice.choice((1, 3, 7, 30)))


def _draft(case: Case, dice: Random) -> Any:
    """Now and then what a clerk has drafted, the newest sooner."""
    drafts = case.words.get("draft_id", [])
    if not drafts or dice.random() < 0.5:
        return None
    return drafts[-1] if dice.random() < FRESH else dice.choice(drafts)


PARTICULAR: Mapping[tuple[str, str], Callable[[Case, Random], Any]] = {
    ("DraftReply", "answers"): _answers,
    ("SubmitReply", "answers"): _answers,
    ("SubmitReply", "draft_id"): _draft,
    ("RequestExtension", "new_due"): _more_time,
}
"""Fields that must fit the case."""
ALONE = {"SubmitReply": "draft_id"}
"""The field of a command beside which, where it is given, no other stands."""


def register(chain: Chain, case: Case, dice: Random) -> Command:
    """The citizen's request, with which everything begins."""
    (kind,) = (k for k in chain.owner_of if k.__name__ == "RegisterCase")
    role = Role.DISCIPLINE_OFFICER if case.realm else Role.OPERATOR
    fields = {
        "receipt_no": "LX00000000010",
        "realm": case.realm,
        "channel": dice.choice(VALUES["channel"]),
        "kind": dice.choice(("K2", "K3")),
        "title": sealed(),
        "text": sealed(),
        "claims": (sealed(),) * dice.choice((0, 1, 2)),
        "privacy_notice": True,
        "consent_publish": dice.random() < 0.5,
    }
    by = Actor(id="op-1", role=role)
    return kind(case_id=case.case_id, occurred_at=chain.now, by=by, **fields)


def asked_by_people(chain: Chain) -> list[type[Command]]:
    """The commands of all services that somebody has a right to, but the first."""
    kinds = sorted(chain.owner_of, key=lambda kind: kind.__name__)
    return [k for k in kinds if k.__name__ in RIGHTS.keys() - UNRIPE - {"RegisterCase"}]


def likely(chain: Chain, case: Case, dice: Random) -> Command | None:
    """Something that would lead to something now; what was seldom done here sooner than what was often."""
    def weight(name: str) -> float:
        return FAVOURED if name in chain.favours else HOW_OFTEN.get(name, 1.0)

    def turn(kind: type[Command]) -> float:
        name = kind.__name__
        return dice.random() ** ((1 + case.done[name]) / weight(name))

    for kind in sorted(asked_by_people(chain), key=turn, reverse=True):
        for _ in range(TRIES):
            command = wish(chain, case, kind, dice)
            if command is not None and chain.would(command):
                return command
    return None


def anything(chain: Chain, case: Case, dice: Random) -> Command | None:
    """Any command by any role, whether it makes sense or not."""
    kind = dice.choice(sorted(chain.owner_of, key=lambda kind: kind.__name__))
    if kind.__name__ in UNRIPE:
        return None
    if kind.__name__ == "RegisterCase":
        return register(chain, case, dice)
    role = dice.choice(list(Role)) if dice.random() < 0.2 else None
    return wish(chain, case, kind, dice, role)


def onward(chain: Chain, case: Case, stages: int, dice: Random) -> None:
    """Bring a case so many stages on its usual way, all services hearing all."""
    kinds = {kind.__name__: kind for kind in chain.owner_of}
    for name in USUAL_WAY[:stages]:
        for _ in range(40):
            command = wish(chain, case, kinds[name], dice)
            if command is not None and chain.would(command):
                chain.ask(command)
                break
        chain.settle()


def wish(
    chain: Chain, case: Case, kind: type[Command], dice: Random, role: Role | None = None
) -> Command | None:
    """A command with drawn fields, by a role that may ask for it unless one is named; nothing where the
    fields make no command at all."""
    fields = {
        name: _field(kind, name, case, chain.now, dice)
        for name in kind.model_fields
        if name not in ("case_id", "occurred_at", "by") and name not in LEFT_OUT
    }
    alone = ALONE.get(kind.__name__)
    if alone is not None and fields[alone] is not None:
        fields = {alone: fields[alone]}
    try:
        by = person(kind.__name__, case, dice, role)
        return kind(case_id=case.case_id, occurred_at=chain.now, by=by, **fields)
    except ValidationError:
        return None


def person(action: str, case: Case, dice: Random, role: Role | None = None) -> Actor:
    """Somebody who may ask for it: of a unit that is concerned, with an account that may hold other
    roles too."""
    roles = RIGHTS.get(action, {})
    usual = [r for r in sorted(roles) if r is not Role.DISCIPLINE_OFFICER or case.realm]
    role = role or (dice.choice(usual or sorted(roles)) if roles else Role.SYSTEM)
    if role is Role.CITIZEN:
        return Actor(id="citizen", role=role)
    org = None
    if role in OFFICIAL or roles.get(role) is Scope.UNIT or dice.random() < 0.1:
        org = dice.choice(_units(case))
    if role is Role.DISCIPLINE_OFFICER and not case.realm:
        return Actor(id="discipline", role=role, org=DISCIPLINE)
    name = dice.choice(EVERYBODY) if dice.random() < 0.3 else f"{role.value}-{dice.choice('12')}"
    return Actor(id=name, role=role, org=org)


def _units(case: Case) -> list[str]:
    """The units concerned, the last more often; and one that is not."""
    if case.realm:
        return [DISCIPLINE, DISCIPLINE, UNIT]
    last = case.words.get("org", [])[-3:]
    return [*last, *last, *(last[-1:] * 2), OTHER]


def _field(kind: type[Command], name: str, case: Case, now: datetime, dice: Random) -> Any:
    if (make := PARTICULAR.get((kind.__name__, name))) is not None:
        return make(case, dice)
    field = kind.model_fields[name]
    personal = name in personal_fields(kind)
    return _value(name, field.annotation, case, now, dice, personal)


def _value(
    name: str, annotation: Any, case: Case, now: datetime, dice: Random, personal: bool
) -> Any:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(name, args[0], case, now, dice, personal)
    if origin in (Union, types.UnionType):
        if name in VALUES:
            return _text(name, case, dice)
        if dice.random() < 0.5:
            return None
        (inner, *_) = [arg for arg in args if arg is not type(None)]
        return _value(name, inner, case, now, dice, personal)
    if origin is Literal:
        return dice.choice(args)
    if personal:
        return (sealed(),) * dice.choice((0, 0, 1)) if origin is tuple else sealed()
    if origin is tuple:
        if name in VALUES:
            return dice.choice(VALUES[name])
        one = lambda: _value(name, args[0], case, now, dice, personal)  # noqa: E731
        return tuple(one() for _ in range(dice.choice((1, 1, 2, 3))))
    if not isinstance(annotation, type):
        return None
    if issubclass(annotation, Enum):
        return dice.choice(list(annotation))
    if issubclass(annotation, bool):
        return dice.random() < 0.6
    if issubclass(annotation, int):
        return dice.choice((1, 1, 2, 3, 5))
    if issubclass(annotation, float):
        return dice.choice((0.0, 0.5, 1.0))
    if issubclass(annotation, datetime | AwareDatetime):
        return now + timedelta(hours=dice.choice((-24, 1, 24, 24 * 7, 24 * 30)))
    if issubclass(annotation, BaseModel):
        inner = annotation.model_fields
        return {
            part: _value(part, field.annotation, case, now, dice, "PERSONAL" in str(field.metadata))
            for part, field in inner.items()
        }
    return _text(name, case, dice)


def _text(name: str, case: Case, dice: Random) -> Any:
    known = case.words.get(name, [])
    if known and name.endswith("_id") and name != "unit_id":
        return known[-1] if dice.random() < FRESH else dice.choice(known)
    if name in VALUES:
        return dice.choice(VALUES[name])
    return dice.choice(known) if known else "x-1"
