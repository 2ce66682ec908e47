"""Given facts, when a command, then facts: how the rules of a service are written down as tests.

    Given(decider).facts(fact(CaseAccepted)).when(AssignCase).then(stated(CaseAssigned))

Events are built by ``fact`` with plain defaults; their sealed words by ``sealed``. It is long by the table of
these defaults, a line for nearly every field that an event must have.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from hypothesis import strategies as st

from libs.events.base import SYSTEM, Actor, Event
from libs.events.catalog import CATALOG
from libs.events.evaluation import PanelMember
from libs.events.feedback import ClaimAnswer
from libs.events.intake import CaseReferred, Due, EntryUsed
from libs.events.reference import Knowledge
from libs.rules.calendar import SHANGHAI
from libs.rules.rules import Rules, shipped_rules
from libs.sourcing.decider import Command, Decider, Refused
from libs.vault.sealing import nested_fields, open_text, personal_fields, seal

CASE = "0190c0de-0000-5000-8000-000000000001"


def china(text: str) -> datetime:
    """An instant as a clerk in China says it: ``2026-03-02 09:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONDAY = china("2026-03-02 09:00")
"""Nine in the morning of an ordinary Monday; no holiday until 4 April."""
LATER = china("2026-03-03 09:00")
UNIT = "mc.chengguan"
OPERATOR = Actor(id="op-1", role="operator")
ACCEPTOR = Actor(id="acc-1", role="acceptor")
DISPATCHER = Actor(id="dis-1", role="dispatcher")
CLERK = Actor(id="clerk-1", role="unit_clerk", org=UNIT)
HEAD = Actor(id="head-1", role="unit_head", org=UNIT)
AUDITOR = Actor(id="aud-1", role="auditor")
AGENT = Actor(id="call-1", role="callback_agent")
SUPERVISOR = Actor(id="sup-1", role="supervisor")
COORDINATOR = Actor(id="coo-1", role="coordinator")
LEADER = Actor(id="leader-1", role="leader")
PETITIONS = Actor(id="xin-1", role="xinfang_officer")
REVIEWER = Actor(id="rev-1", role="review_officer", org="mc.gov")
CITIZEN = Actor(id="citizen", role="citizen")


def sealed(words: str = "路灯不亮") -> str:
    """What stands in an event where the citizen's words are: the same for the same words."""
    digest = hashlib.sha256(words.encode()).digest()
    return "lx1." + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


KNOWN = Knowledge(
    question="路灯不亮由谁维修",
    answer="市政设施由城市管理部门维修，二十四小时内到场。",
    category="0105",
    keywords=("路灯", "照明"),
    unit=UNIT,
    sources=("城市照明管理规定",),
    valid_until=china("2027-03-02 00:00"),
)
"""An entry of the knowledge base."""
DUE = Due(dispatch=china("2026-03-02 11:00"), citizen=china("2026-03-10 00:00"))
PANEL = (
    PanelMember(account="tp-1", kind="lawyer"),
    PanelMember(account="tp-2", kind="npc_deputy"),
    PanelMember(account="tp-3", kind="netizen"),
)
DEFAULTS: dict[str, dict[str, Any]] = {
    "receipt_no": "LX00000000010",
    "channel": "web_portal",
    "track": "hotline",
    "kind": "K3",
    "identity_mode": "real",
    "secrecy": "normal",
    "title": sealed(),
    "text": sealed(),
    "reason": sealed(),
    "due_accept": china("2026-03-04 00:00"),
    "category": "0105",
    "sla_class": "G",
    "source": "human",
    "due": DUE,
    "ground": "D15",
    "alternative_channel": sealed(),
    "remedy": sealed(),
    "organ": sealed(),
    "scope": ("words",),
    "key_ids_destroyed": (CASE,),
    "assignment_id": f"{CASE}.1",
    "org": UNIT,
    "basis": "catalogue",
    "catalogue_basis": "municipal",
    "due_sign": china("2026-03-03 10:00"),
    "due_contact": china("2026-03-03 10:00"),
    "due_handle": china("2026-03-10 00:00"),
    "mode": "phone",
    "attempt_no": 1,
    "reached": True,
    "reply_id": f"{CASE}.r1",
    "answers": (ClaimAnswer(claim=1, outcome="supported"),),
    "draft_id": f"{CASE}.r1.d1",
    "signer": "head-1",
    "due_audit": china("2026-03-02 14:00"),
    "outcome": "supported",
    "due_callback": china("2026-03-06 00:00"),
    "evaluation_until": china("2026-04-02 00:00"),
    "handled_by": ("clerk-1", "head-1"),
    "target": "handling",
    "level": "satisfied",
    "review_id": f"{CASE}.v1",
    "received_at": MONDAY,
    "in_time": True,
    "due_decide": china("2026-04-02 00:00"),
    "doc": sealed(),
    "hearing_id": f"{CASE}.v1.h1",
    "timer": "HANDLE",
    "threshold": "amber",
    "due_at": china("2026-03-10 00:00"),
    "owner_org": UNIT,
    "done_at": MONDAY,
    "supervision_id": f"{CASE}.s1",
    "addressee": UNIT,
    "lifted": False,
    "proposal_id": f"HANDLE.{CASE}.1.s3",
    "to": "listed",
    "leadership_id": f"{CASE}.l1",
    "leader": "leader-1",
    "instruction_id": f"{CASE}.i1",
    "recommendation_id": f"{CASE}.m1",
    "missing": ("place",),
    "question": sealed("在哪一条路？"),
    "due_supplement": china("2026-03-10 00:00"),
    "reason_code": "not_our_duty",
    "law_basis": sealed("三定规定"),
    "coordination_id": f"{CASE}.k1",
    "minutes": sealed("会商纪要"),
    "due_resolve": china("2026-03-06 00:00"),
    "from_org": UNIT,
    "organisations": "mingchuan/2",
    "extension_id": f"{CASE}.x1",
    "new_due": china("2026-03-24 00:00"),
    "notice": sealed("因情况复杂"),
    "action": "suspend",
    "law_ref": "信访工作条例 Art. 31(6)",
    "asked_by": "head-1",
    "hold_id": f"{CASE}.h1",
    "adjustment_id": f"{CASE}.c1",
    "next_check_at": china("2026-06-01 00:00"),
    "rework_id": f"{CASE}.w1",
    "ordinal": 1,
    "due_rework": china("2026-03-06 00:00"),
    "step": "HANDLE",
    "was_due_at": china("2026-03-10 00:00"),
    "warn_due_at": china("2026-03-10 00:00"),
    "edition": 1,
    "digest": "0" * 64,
    "content": {},
    "year": 2027,
    "holidays": "01-01",
    "makeup": "",
    "from_state": "closed",
    "proposed_by": "dis-1",
    "entries": (EntryUsed(entry="street-lamps", edition=1),),
    "object_until": china("2026-04-02 00:00"),
    "entry": KNOWN,
    "commitment_id": f"{CASE}.m1",
    "claim": 1,
    "cooling_end": china("2026-03-03 09:00"),
    "via": "code",
    "relation": "leads",
    "link_id": "0190c0de-0000-5000-8000-000000000002.l1",
    "other_case": "0190c0de-0000-5000-8000-000000000002",
    "claim_id": f"{CASE}.h1",
    "publish": True,
    "redaction_id": f"{CASE}.p1",
    "publication_id": "AAAA2222BBBB3333",
    "answer": sealed("已清运"),
    "reviewers": ("aud-1", "aud-2"),
    "retention_class": "hotline",
    "retain_until": china("2036-03-02 00:00"),
    "contact_until": china("2028-03-02 00:00"),
    "reference": sealed("某法院"),
    "note": sealed(),
    "appeal_id": f"{CASE}.a1",
    "against": "rework",
    "evidence": ("e1",),
    "panel_id": f"{CASE}.j1",
    "members": PANEL,
    "panel": PANEL,
    "brief": sealed("案情摘要"),
    "due_assess": china("2026-04-01 00:00"),
    "account": "tp-1",
    "finding": "for_unit",
    "score_effect": "not_counted",
    "exclusion_id": f"{CASE}.e1",
}
PARTICULAR: dict[tuple[str, str], Any] = {
    ("feedback.ReplyDelivered", "mode"): "online",
    ("feedback.ReplyReturned", "reason"): "perfunctory",
    ("intake.CaseReferred", "ground"): "D02",
    ("intake.CaseReferred", "due"): None,
    ("intake.CaseReferred", "channel"): sealed(),
    ("intake.PersonalDataErased", "ground"): "citizen_request",
    ("supervision.SupervisionIssued", "ground"): "overdue",
    ("supervision.OldCaseListed", "ground"): "age",
    ("supervision.LeaderAssigned", "level"): "city",
    ("supervision.LeaderReleased", "ground"): "resolved",
    ("supervision.InstructionGiven", "kind"): "instruct",
    ("supervision.RecommendationMade", "kind"): "improve_work",
    ("supervision.RecommendationAnswered", "outcome"): "adopted",
    ("evaluation.ReviewRequested", "level"): 1,
    ("evaluation.ReviewDecided", "level"): 1,
    **{
        (f"evaluation.{name}", "level"): 1
        for name in ("ReviewAccepted", "ReviewDeclined", "HearingOpened", "HearingClosed")
    },
    ("evaluation.ReviewAccepted", "org"): "mc.gov",
    ("evaluation.ReviewDeclined", "org"): "mc.gov",
    ("evaluation.ReviewDeclined", "ground"): "out_of_time",
    ("evaluation.ReviewDecisionProposed", "org"): "mc.gov",
    ("evaluation.ReviewDecisionProposed", "outcome"): "uphold",
    ("evaluation.ReviewDecisionProposed", "proposal_id"): f"{CASE}.v1.p1",
    ("evaluation.ReviewDecisionReturned", "org"): "mc.gov",
    ("evaluation.ReviewDecisionReturned", "proposal_id"): f"{CASE}.v1.p1",
    ("evaluation.PanelConvened", "question"): "rework",
    ("evaluation.ThirdPartyAssessed", "question"): "rework",
    ("evaluation.ExclusionProposed", "reason"): "objective",
    ("evaluation.ExclusionDecided", "reason"): "objective",
    ("evaluation.ExclusionDecided", "outcome"): "approved",
    ("evaluation.ExclusionDecided", "proposed_by"): "head-1",
    ("evaluation.ReviewDecided", "outcome"): "uphold",
    ("evaluation.CaseClosed", "outcome"): "resolved",
    ("intake.RecusalDecided", "outcome"): "granted",
    ("intake.RecusalRecorded", "account"): "clerk-1",
    ("intake.RecusalLifted", "account"): "clerk-1",
    ("intake.RecusalRecorded", "ground"): "interest_in_matter",
    ("intake.CaseUnpublished", "ground"): "wrong",
    ("intake.LegalHoldPut", "ground"): "court",
    ("intake.ProcessingRestricted", "ground"): "legal_hold",
    ("intake.ContactDataErased", "ground"): "citizen_request",
    ("supervision.SupervisionIssued", "level"): 1,
    ("dispatch.DisputeDecided", "outcome"): "denied",
    ("dispatch.CoordinationOpened", "level"): "consultation",
    ("feedback.ExtensionDecided", "outcome"): "rejected",
    ("feedback.ClockAdjusted", "ground"): "hearing",
    ("feedback.CaseHeld", "reason_code"): "objective",
    ("feedback.HoldRequested", "reason_code"): "objective",
    ("feedback.ClockAdjustmentRequested", "ground"): "hearing",
    ("feedback.HoldLifted", "reason_code"): "recheck",
    ("evaluation.ReworkOrdered", "reason"): "dissatisfied_unresolved",
    ("intake.CaseReopened", "ground"): "new_facts",
    ("reference.CalendarYearProposed", "notice"): "通知",
    ("reference.CalendarYearProposed", "proposal_id"): "CN-GOV.2027.1",
    ("reference.CalendarYearRejected", "proposal_id"): "CN-GOV.2027.1",
    ("feedback.CommitmentReported", "outcome"): "kept",
    ("reference.KnowledgeProposed", "proposal_id"): "street-lamps.1",
    ("reference.KnowledgePublished", "proposal_id"): "street-lamps.1",
    ("reference.KnowledgeRejected", "proposal_id"): "street-lamps.1",
    ("reference.KnowledgeRejected", "reason"): "不准确",
    ("reference.KnowledgeWithdrawn", "reason"): "已失效",
}
"""Where one name means two things."""
USUAL = {"due_callback", "evaluation_until", "handled_by"}
"""Optional fields that are there as a rule."""
RULES = shipped_rules()
KEY = bytes(range(32))
"""The key of the case, in the hands of a test."""


def fact(kind: type[Event], /, at: datetime = MONDAY, by: Actor = SYSTEM, **fields: Any) -> Event:
    """An event with plain defaults for what a test does not care about."""
    known = {
        name: PARTICULAR.get((kind.type(), name), DEFAULTS.get(name))
        for name, field in kind.model_fields.items()
        if name in DEFAULTS and (field.is_required() or name in USUAL)
    }
    base = {"case_id": CASE, "occurred_at": at, "actor": by, "decided_with": RULES.versions}
    return kind(**base | known | fields)


class Expected:
    """An event of a kind with some fields, the rest left open."""

    def __init__(self, kind: type[Event], /, **fields: Any) -> None:
        self.kind, self.fields = kind, fields

    def lacks(self, event: Event) -> dict[str, Any]:
        """What is otherwise than expected, by field."""
        if type(event) is not self.kind:
            return {"kind": type(event).__name__}
        found = {name: _opened(getattr(event, name), want) for name, want in self.fields.items()}
        return {name: value for name, value in found.items() if value != self.fields[name]}


def as_the_host_seals(command: Command) -> Command:
    """A command as a rule sees it. What a test has sealed itself stays as it is."""
    names = (*personal_fields(type(command)), *nested_fields(type(command)))
    before = {name: getattr(command, name) for name in names}
    done = {name: value for name, value in before.items() if "lx1." in str(value)}
    return seal(command, CASE, KEY).model_copy(update=done)


def _opened(value: Any, want: Any) -> Any:
    """Sealed words that a test names in clear, opened; all else as it is."""
    names_words = isinstance(want, str) and not want.startswith("lx1.")
    if names_words and isinstance(value, str) and value.startswith("lx1."):
        return open_text(value, CASE, KEY)
    return value


def stated(kind: type[Event], /, **fields: Any) -> Expected:
    """That such an event follows, with these fields."""
    return Expected(kind, **fields)


class Given:
    """The history of a case at one service, and what the service makes of a command."""

    def __init__(self, decider: Decider[Any], rules: Rules = RULES) -> None:
        self.decider, self.rules = decider, rules
        self.state = decider.initial
        self.events: Sequence[Event] | None = None
        self.refusal: str | None = None

    def facts(self, *events: Event) -> "Given":
        """What has happened, in this order."""
        for event in events:
            self.state = self.decider.evolve(self.state, event)
        return self

    def when(
        self, command: type[Command], /, at: datetime = MONDAY, by: Actor = SYSTEM, **fields: Any
    ) -> "Given":
        """What is asked. What follows from it has happened for the next ``when``."""
        self.events, self.refusal = None, None
        wish = as_the_host_seals(command(case_id=CASE, occurred_at=at, by=by, **fields))
        try:
            self.events = self.decider.decide(wish, self.state, self.rules)
        except Refused as refusal:
            self.refusal = str(refusal)
            return self
        for event in self.events:
            assert (event.case_id, event.occurred_at, event.actor) == (CASE, at, by)
        return self.facts(*self.events)

    def then(self, *expected: Expected) -> "Given":
        """Exactly these facts follow."""
        assert self.events is not None, f"refused: {self.refusal}"
        assert [type(e) for e in self.events] == [e.kind for e in expected]
        for want, event in zip(expected, self.events, strict=True):
            assert not want.lacks(event), f"{type(event).__name__} otherwise: {want.lacks(event)}"
        return self

    def then_nothing(self) -> "Given":
        """Nothing follows: it is so already."""
        return self.then()

    def then_refused(self, words: str) -> "Given":
        """It is refused, in words that hold these, and nothing has changed."""
        assert self.refusal is not None, f"not refused, but stated {self.events}"
        assert words in self.refusal, self.refusal
        return self

    def due(self) -> list[Command]:
        """What falls due, by time."""
        return sorted(
            self.decider.pending(CASE, self.state, self.rules), key=lambda c: c.occurred_at
        )


# --------------------------------------------------------------- any history, in any order

_CHOICES: dict[str, Sequence[Any]] = {
    "assignment_id": [f"{CASE}.1", f"{CASE}.2"],
    "reply_id": [f"{CASE}.r1", f"{CASE}.r2"],
    "supervision_id": [f"{CASE}.s1", f"{CASE}.s2"],
    "instruction_id": [f"{CASE}.i1", f"{CASE}.i2"],
    "org": [UNIT, "mc.shuiwu"],
    "sla_class": ["G", "U", "X"],
    "track": ["hotline", "xinfang"],
    "reached": [True, False],
    "lifted": [True, False],
    "target": ["intake", "handling"],
    "threshold": ["amber", "red"],
    "timer": ["ACCEPT", f"HANDLE.{CASE}.1", f"INSTRUCTION.{CASE}.i1"],
    "attempt_no": [1, 2, 3],
    "due_callback": [None, china("2026-03-06 00:00")],
    "evaluation_until": [None, china("2026-04-02 00:00")],
    "role": ["lead", "assist"],
    "action": ["suspend", "resume"],
    "due_handle": [china("2026-03-10 00:00"), china("2026-03-24 00:00")],
    "due_dispatch": [None, china("2026-03-04 11:00")],
    "due_citizen": [None, china("2026-03-24 00:00")],
}
_PARTICULAR_CHOICES: dict[tuple[str, str], Sequence[Any]] = {
    ("intake.AnsweredAtDesk", "evaluation_until"): [china("2026-04-02 00:00")],
    ("dispatch.DisputeDecided", "outcome"): ["upheld", "denied"],
    ("dispatch.CoordinationResolved", "lead"): [None, UNIT],
    ("dispatch.DispatchResumed", "due_dispatch"): [china("2026-03-04 11:00")],
    ("intake.CaseLinkChanged", "relation"): ["merged_into", "leads", "unmerged", "released"],
    ("feedback.ExtensionDecided", "outcome"): ["approved", "rejected"],
    ("intake.CaseSupplemented", "due_accept"): [None, china("2026-03-06 00:00")],
}
TIMES = [china(f"2026-03-{day:02d} {hour}:30") for day in (2, 4, 9, 11) for hour in (10, 15)]


@st.composite
def any_fact(draw: st.DrawFn) -> Event:
    """Any event of the catalog, with any of a few ids, times and levels."""
    kind = CATALOG[draw(st.sampled_from(sorted(CATALOG)))]
    names = sorted(_CHOICES.keys() & kind.model_fields.keys())
    fields = {name: draw(st.sampled_from(_CHOICES[name])) for name in names}
    for (name, field), choices in _PARTICULAR_CHOICES.items():
        if name == kind.type():
            fields[field] = draw(st.sampled_from(choices))
    if kind is CaseReferred:
        fields["due"] = draw(st.sampled_from([None, DUE]))
    return fact(
        kind, draw(st.sampled_from(TIMES)), draw(st.sampled_from([SYSTEM, CLERK])), **fields
    )


any_history = st.lists(any_fact(), max_size=14)


def fold(decider: Decider[Any], history: Sequence[Event]) -> Any:
    """The state after a history."""
    state = decider.initial
    for event in history:
        state = decider.evolve(state, event)
    return state


def shuffled(history: Sequence[Event], random: Random) -> list[Event]:
    """The same history with the owners' events interleaved otherwise, each owner's in its order."""
    queues: dict[str, list[Event]] = {}
    for event in history:
        queues.setdefault(event.owner(), []).append(event)
    mixed = []
    while queues:
        owner = random.choice(sorted(queues))
        mixed.append(queues[owner].pop(0))
        if not queues[owner]:
            del queues[owner]
    return mixed
