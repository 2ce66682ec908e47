"""The people of a simulation: what each does with a case, as commands. They decide nothing by chance
that the message's id does not decide, so that a second run asks for the very same."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.events.base import Actor
from libs.events.feedback import Outcome
from libs.host.work import Ask, Idempotency
from libs.log.topics import RESTRICTED
from libs.rules.classification import classify
from libs.rules.place import find_place
from libs.rules.rules import Rules
from libs.rules.screening import reports_an_official
from libs.rules.states import Channel, DeclineGround, Kind, SlaClass
from libs.sourcing.decider import Command
from libs.vault.receipts import case_id_of
from services.dispatch.commands import AssignCase, SignAssignment
from services.evaluation.commands import RecordCallback, SubmitEvaluation
from services.feedback.commands import (
    Answered,
    ApproveReply,
    ContactCitizen,
    DeliverReply,
    SubmitReply,
)
from services.intake.commands import (
    TRACK_OF_CLASS,
    AcceptCase,
    DeclineCase,
    ReferCase,
    RegisterCase,
    Suggested,
)
from services.supervision.commands import AnswerSupervision, LiftSupervision
from tools.simulate.messages import Message

STAGES = (
    "registered",
    "declined",
    "accepted",
    "assigned",
    "handling",
    "contacted",
    "submitted",
    "delivered",
    "called",
    "closed",
)
"""How far a message may be told to go, in order; a silent citizen's case closes by itself."""
RATING_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Step:
    """Commands to one service at one instant. Steps of a case are put in order, one after another."""

    service: str
    at: datetime
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A message on its way: in which realm, under which id, and what is done with it when."""

    message: Message
    realm: str
    case_id: str
    steps: tuple[Step, ...]


class People:
    """Knows who does what, by the rules in force."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def case(self, message: Message) -> Case:
        """Everything that will be asked for a message, from registration to rating."""
        kind = classify(message.title, message.text).kind
        screened = reports_an_official(kind, message.title, message.text)
        realm = RESTRICTED if screened else ""
        case_id = case_id_of(message.channel, message.id)
        steps = self._restricted(message, case_id) if realm else self._ordinary(message, case_id)
        return Case(message, realm, case_id, tuple(steps))

    def _ordinary(self, m: Message, case_id: str) -> Iterator[Step]:
        start, end = m.registered_at, m.replied_at
        registration = self._registration(m, case_id, "")
        category = registration.suggested.category if registration.suggested else "9901"
        unit = self.rules.catalogue.route(category, registration.adcode).unit_id
        reach = STAGES.index(m.stage)
        yield _step("intake", start, registration)
        if m.stage == "declined":
            yield _step("intake", start, self._decline(m, case_id))
        if reach < STAGES.index("accepted"):
            return
        yield _step("intake", start, AcceptCase(**_by(case_id, start, "acceptor")))
        if reach >= STAGES.index("assigned"):
            yield _step("dispatch", start, AssignCase(**_by(case_id, start, "dispatcher"), unit_id=unit))
        if reach >= STAGES.index("handling"):
            sign = SignAssignment(**_by(case_id, start, "unit_clerk", unit))
            yield _step("dispatch", start, sign)
        suggests = registration.kind == Kind.SUGGESTION
        proposal = suggests or self.rules.taxonomy.leaf(category).sla is SlaClass.P
        yield from self._answer(m, case_id, unit, reach, proposal)
        if reach >= STAGES.index("delivered") and end > self._supervised_at(category, start):
            yield self._account(case_id, end, unit)
        if reach >= STAGES.index("called"):
            resolved = "yes" if _chance(m.id, "resolved") < 0.8 else "partly"
            yield _step(
                "evaluation",
                end,
                RecordCallback(
                    **_by(case_id, end, "callback_agent"),
                    reached=True,
                    resolved=resolved,
                ),
            )
        if reach >= STAGES.index("closed") and _chance(m.id, "rates") < RATING_SHARE:
            level = "satisfied" if _chance(m.id, "level") < 0.8 else "dissatisfied"
            yield _step(
                "evaluation",
                end,
                *(
                    SubmitEvaluation(
                        **_by(case_id, end, "citizen"),
                        target=target,
                        level=level,
                    )
                    for target in ("intake", "handling")
                ),
            )

    def _restricted(self, m: Message, case_id: str) -> Iterator[Step]:
        start = m.registered_at
        unit = self.rules.catalogue.route("1602").unit_id
        reach = STAGES.index(m.stage)
        yield _step("intake", start, self._registration(m, case_id, RESTRICTED))
        if m.stage == "declined" or reach < STAGES.index("accepted"):
            return
        officer = _by(case_id, start, "discipline_officer", unit)
        yield _step(
            "intake",
            start,
            ReferCase(
                **officer,
                ground=DeclineGround.D05,
                organ=self.rules.organisations.unit(unit).zh,
                channel="12388",
                remedy="可向纪检监察机关查询",
            ),
        )
        if reach >= STAGES.index("assigned"):
            yield _step("dispatch", start, AssignCase(**officer))
        if reach >= STAGES.index("handling"):
            yield _step("dispatch", start, SignAssignment(**officer))
        yield from self._answer(m, case_id, unit, reach)

    def _answer(
        self, m: Message, case_id: str, unit: str, reach: int, proposal: bool = False
    ) -> Iterator[Step]:
        end = m.replied_at
        clerk = _by(case_id, end, "unit_clerk", unit)
        if reach >= STAGES.index("contacted"):
            contact = ContactCitizen(**clerk, mode="online", reached=True)
            yield _step("feedback", end, contact)
        if reach >= STAGES.index("submitted"):
            outcome: Outcome = "supported" if _chance(m.id, "outcome") < 0.6 else "explained"
            reply = SubmitReply(
                **_by(case_id, end, "unit_head", unit),
                answers=(
                    Answered(claim=1, proposal="explained")
                    if proposal
                    else Answered(claim=1, outcome=outcome, basis="依据见答复正文"),
                ),
                text=m.reply,
            )
            yield _step("feedback", end, reply)
        if reach >= STAGES.index("delivered"):
            yield _step(
                "feedback",
                end,
                ApproveReply(
                    **_by(case_id, end, "auditor"), personal_data_checked=bool(reply.traces)
                ),
                DeliverReply(**_by(case_id, end, "operator")),
            )

    def _supervised_at(self, category: str, assigned_at: datetime) -> datetime:
        """From when a case that is not answered is supervised (domain 1.6)."""
        pack, sla = self.rules.default_pack, self.rules.taxonomy.leaf(category).sla.value
        track = TRACK_OF_CLASS.get(sla, "hotline")
        due_at = self.rules.due(pack, "HANDLE", sla, track, assigned_at).at
        limit = self.rules.pack(pack).supervise.supervise_after_overdue
        return self.rules.calendar(pack).due(due_at - timedelta(microseconds=1), limit).at

    def _account(self, case_id: str, at: datetime, unit: str) -> Step:
        """The unit's head gives account of the delay, and a supervisor is content."""
        named = {"supervision_id": f"HANDLE.{case_id}.1.s2"}
        head = _by(case_id, at, "unit_head", unit)
        supervisor = _by(case_id, at, "supervisor")
        return _step(
            "supervision",
            at,
            AnswerSupervision(**head, **named, measures="已答复，迟延原因已核实"),
            LiftSupervision(**supervisor, **named),
        )

    def _registration(self, m: Message, case_id: str, realm: str) -> RegisterCase:
        suggestion = classify(m.title, m.text)
        return RegisterCase(
            **_by(case_id, m.registered_at, "channel"),
            realm=realm,
            channel=Channel(m.channel),
            privacy_notice=True,
            external_id=m.id,
            kind=Kind.REPORT_OFFICIAL if realm else suggestion.kind,
            title=m.title,
            text=m.text,
            adcode=find_place(f"{m.title} {m.text}", self.rules.organisations),
            suggested=Suggested(
                category=suggestion.category, confidence=suggestion.score, words=suggestion.words
            ),
        )

    def _decline(self, m: Message, case_id: str) -> DeclineCase:
        return DeclineCase(
            **_by(case_id, m.registered_at, "acceptor"),
            ground=DeclineGround.D15,
            reason="属民事经济纠纷，不在受理范围",
            alternative_channel="人民调解委员会或人民法院",
            remedy="可依法向人民法院提起民事诉讼",
            evidence=(f"message-{m.id}",),
        )


def _by(case_id: str, at: datetime, role: str, unit: str | None = None) -> dict[str, object]:
    name = "citizen" if role == "citizen" else f"{unit or 'city'}.{role}"
    return {"case_id": case_id, "occurred_at": at, "by": Actor(id=name, role=role, org=unit)}


def _step(service: str, at: datetime, *commands: Command) -> Step:
    return Step(service, at, tuple(_ask(command) for command in commands))


def _ask(command: Command) -> Ask:
    """With a key made of case and command: asked again in a second run, it is done once."""
    name = type(command).__name__ + getattr(command, "target", "")
    key = hashlib.sha256(f"simulation|{command.case_id}|{name}".encode()).hexdigest()
    return Ask(command, key, key[:32], idempotency=Idempotency(key, key))


def _chance(message_id: str, what: str) -> float:
    digest = hashlib.sha256(f"{what}|{message_id}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
