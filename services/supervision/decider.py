"""The rules of supervision. Nothing here waits, reads or writes.

All of a stage's rules stand in one file, so that ``decide`` and ``evolve`` are their table of contents.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from libs.events.base import SYSTEM, Event
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.evaluation import CallbackRecorded, CaseClosed, ReviewDecided, ReviewRequested
from libs.events.feedback import (
    CitizenContacted,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted, CaseDeclined, CaseReferred, CaseRegistered
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineWarned,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.rules.calendar import is_late
from libs.rules.rules import Rules
from libs.sourcing.decider import Decider, Refused
from services.supervision.commands import (
    AnswerSupervision,
    IssueSupervision,
    LiftSupervision,
    RetractBreach,
    StateDeadline,
    SupervisionCommand,
)

PLATFORM = "platform"
"""Who answers for the steps that the hotline body itself must take."""
CALLBACK_ATTEMPTS = 3
NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Started:
    """A clock that was started. ``step`` is the timer's name in the policy pack; ``track`` that of
    the limit, where the case may change its own while the clock runs."""

    step: str
    at: datetime
    due_at: datetime
    owner_org: str
    assignment_id: str | None = None
    track: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """The clocks of a case by name: who starts one writes ``started``, who ends it ``stopped``.

    A clock's name is its step, with the number of the assignment, reply or supervision where there
    may be several. ``stated`` holds ``clock/threshold`` for what supervision itself has stated. All are
    kept sorted, so that the same history gives the same text in any interleaving of owners.
    """

    policy: str = ""
    track: str = "hotline"
    sla_class: str = "G"
    unit_id: str | None = None
    assignment: int = 0
    replies: int = 0
    waiting: bool = False
    attempts: int = 0
    started: Mapping[str, Started] = field(default_factory=dict)
    stopped: Mapping[str, datetime] = field(default_factory=dict)
    stated: tuple[str, ...] = ()
    supervisions: Mapping[str, int] = field(default_factory=dict)
    closed_at: datetime | None = None


def decide(command: SupervisionCommand, case: Watch, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    match command:
        case StateDeadline():
            return state_deadline(command, case, rules)
        case RetractBreach():
            return retract_breach(command, case, rules)
        case IssueSupervision():
            return issue_supervision(command, case, rules)
        case AnswerSupervision():
            return answer_supervision(command, case, rules)
        case LiftSupervision():
            return lift_supervision(command, case, rules)
        case _:
            assert_never(command)


def evolve(case: Watch, event: Event) -> Watch:
    """The case after an event."""
    at = event.occurred_at
    match event:
        case CaseRegistered():
            accept = Started("ACCEPT", at, event.due_accept, PLATFORM, track=event.track)
            return _after(
                case,
                at,
                start={"ACCEPT": accept},
                policy=event.decided_with.policy,
                track=event.track,
            )
        case CaseAccepted() | CaseReferred():
            start = {}
            if event.due is not None:
                registered_at = case.started["ACCEPT"].at if "ACCEPT" in case.started else at
                start["CITIZEN"] = Started("CITIZEN", registered_at, event.due.citizen, PLATFORM)
                start["DISPATCH"] = Started("DISPATCH", at, event.due.dispatch, PLATFORM)
            return _after(case, at, start, ["ACCEPT"], track=event.track, sla_class=event.sla_class)
        case CaseDeclined():
            return _after(case, at, stop=["ACCEPT"])
        case CaseAssigned():
            start = {
                f"{step}.{event.assignment_id}": Started(step, at, due_at, event.org, event.assignment_id)
                for step, due_at in (
                    ("SIGN", event.due_sign),
                    ("CONTACT", event.due_contact),
                    ("HANDLE", event.due_handle),
                )
            }
            n = case.assignment + 1
            return _after(case, at, start, ["DISPATCH"], unit_id=event.org, assignment=n)
        case AssignmentSigned():
            return _after(case, at, stop=[f"SIGN.{event.assignment_id}"])
        case CitizenContacted() if event.reached:
            return _after(case, at, stop=[f"CONTACT.{event.assignment_id}"])
        case ReplySubmitted():
            audit = Started("AUDIT", at, event.due_audit, PLATFORM, event.assignment_id)
            return _after(case, at, {f"AUDIT.{event.reply_id}": audit}, waiting=True)
        case ReplyApproved():
            return _after(case, at, stop=[f"AUDIT.{event.reply_id}"])
        case ReplyReturned():
            return _after(case, at, stop=[f"AUDIT.{event.reply_id}"], waiting=False)
        case ReplyDelivered():
            start = {}
            if event.due_callback is not None:
                start["CALLBACK"] = Started("CALLBACK", at, event.due_callback, PLATFORM)
            stop = [f"HANDLE.{event.assignment_id}", f"CONTACT.{event.assignment_id}", "CITIZEN"]
            return _after(case, at, start, stop, waiting=False)
        case CallbackRecorded():
            attempts = case.attempts + 1
            done = event.reached or attempts >= CALLBACK_ATTEMPTS
            return _after(case, at, stop=["CALLBACK"] if done else [], attempts=attempts)
        case ReviewRequested():
            step = "REVIEW" if event.level == 1 else "REREVIEW"
            clock = Started(step, at, event.due_decide, PLATFORM)
            return _after(case, at, {f"{step}.{event.review_id}": clock})
        case ReviewDecided():
            step = "REVIEW" if event.level == 1 else "REREVIEW"
            return _after(case, at, stop=[f"{step}.{event.review_id}"])
        case CaseClosed():
            return replace(case, closed_at=at)
        case DeadlineWarned():
            return _stated(case, event.timer, event.threshold)
        case DeadlineBreached():
            return _stated(case, event.timer, "breach")
        case BreachRetracted():
            return _stated(case, event.timer, "retracted")
        case SupervisionIssued():
            clock = Started("SUP", at, event.due_at, event.addressee)
            levels = {**case.supervisions, event.supervision_id: event.level}
            return _after(case, at, {f"SUP.{event.supervision_id}": clock}, supervisions=levels)
        case SupervisionAnswered():
            stop = [f"SUP.{event.supervision_id}"]
            if not event.lifted:
                return _after(case, at, stop=stop)
            rest = {k: v for k, v in case.supervisions.items() if k != event.supervision_id}
            return _after(case, at, stop=stop, supervisions=rest)
        case _:
            return case


def pending(case_id: str, case: Watch, rules: Rules) -> list[StateDeadline]:
    """What falls due, clock by clock: amber, red and the breach, unless the act came before."""
    return [
        StateDeadline(
            case_id=case_id, occurred_at=at, by=SYSTEM, clock=name, threshold=threshold, due_at=clock.due_at
        )
        for name, clock, threshold, at in _unstated(case, rules)
    ]


def wakes(case: Watch, rules: Rules) -> datetime | None:
    """The first instant of ``pending``, without making its commands: most wait for weeks."""
    return min((at for _, _, _, at in _unstated(case, rules)), default=None)


def _unstated(case: Watch, rules: Rules) -> Iterator[tuple[str, Started, str, datetime]]:
    """Every clock with the thresholds that it has passed or will pass and that were not stated yet."""
    for name, clock in case.started.items():
        for threshold, at in _thresholds(name, clock, case, rules):
            if f"{name}/{threshold}" not in case.stated:
                yield name, clock, threshold, at


def _thresholds(
    name: str, clock: Started, case: Watch, rules: Rules
) -> Iterator[tuple[str, datetime]]:
    """The thresholds that a clock has passed or will pass. A reply under review holds HANDLE."""
    stopped = case.stopped.get(name) or case.closed_at
    if stopped is None and case.waiting and clock.step in ("HANDLE", "CONTACT", "CITIZEN"):
        return
    if stopped is not None and stopped <= clock.at:
        return
    if clock.step != "CITIZEN":  # the citizen's clock warns nobody; its end is a public figure
        track = clock.track or case.track
        for threshold, at in rules.warnings(case.policy, clock.step, case.sla_class, track, clock.at):
            if at < clock.due_at and (stopped is None or is_late(stopped, at)):
                yield threshold, at
    if stopped is None or is_late(stopped, clock.due_at):
        yield "breach", clock.due_at


def state_deadline(command: StateDeadline, case: Watch, rules: Rules) -> list[Event]:
    """State a passed threshold once, if it still stands (transition 44). Its time is the threshold's."""
    clock = case.started.get(command.clock)
    key = f"{command.clock}/{command.threshold}"
    if clock is None or clock.due_at != command.due_at or key in case.stated:
        return []
    if command.threshold not in {t for t, _ in _thresholds(command.clock, clock, case, rules)}:
        return []
    facts = command.stamp(rules.versions_of(case.policy)) | {
        "timer": command.clock,
        "assignment_id": clock.assignment_id,
        "due_at": clock.due_at,
        "owner_org": clock.owner_org,
    }
    if command.threshold == "breach":
        return [DeadlineBreached(**facts)]
    return [DeadlineWarned(**facts, threshold=command.threshold)]


def retract_breach(command: RetractBreach, case: Watch, rules: Rules) -> list[Event]:
    """A breach stated in good faith is taken back when the act turns out to have been in time."""
    clock = case.started.get(command.clock)
    if clock is None or f"{command.clock}/breach" not in case.stated:
        return []
    if f"{command.clock}/retracted" in case.stated or is_late(command.done_at, clock.due_at):
        return []
    return [
        BreachRetracted(
            **command.stamp(rules.versions_of(case.policy)),
            timer=command.clock,
            assignment_id=clock.assignment_id,
            due_at=clock.due_at,
            owner_org=clock.owner_org,
            done_at=command.done_at,
        )
    ]


def issue_supervision(command: IssueSupervision, case: Watch, rules: Rules) -> list[Event]:
    """Call the unit to account (transition 45, 条例 Art. 40)."""
    if case.unit_id is None:
        raise Refused("The case is with no unit that could be called to account.")
    if case.closed_at is not None:
        raise Refused("The case is closed.")
    if command.level in case.supervisions.values():
        raise Refused(f"A supervision of level {command.level} is open already.")
    issued = sum(1 for name in case.started if name.startswith("SUP."))
    return [
        SupervisionIssued(
            **command.stamp(rules.versions_of(case.policy)),
            supervision_id=f"{command.case_id}.s{issued + 1}",
            level=command.level,
            ground=command.ground,
            note=command.note,
            addressee=case.unit_id,
            due_at=rules.due(case.policy, "SUP", case.sla_class, case.track, command.occurred_at).at,
        )
    ]


def answer_supervision(command: AnswerSupervision, case: Watch, rules: Rules) -> list[Event]:
    """The head of the unit answers (transition 46); a supervisor decides whether it is lifted."""
    clock = _open_supervision(command.supervision_id, case)
    if command.by.org != clock.owner_org:
        raise Refused(f"The supervision is addressed to {clock.owner_org}.")
    if f"SUP.{command.supervision_id}" in case.stopped:
        return []
    return [
        SupervisionAnswered(
            **command.stamp(rules.versions_of(case.policy)),
            supervision_id=command.supervision_id,
            measures=command.measures,
            lifted=False,
        )
    ]


def lift_supervision(command: LiftSupervision, case: Watch, rules: Rules) -> list[Event]:
    """A supervisor lifts what was answered."""
    name = f"SUP.{command.supervision_id}"
    if name in case.started and command.supervision_id not in case.supervisions:
        return []
    _open_supervision(command.supervision_id, case)
    if name not in case.stopped:
        raise Refused("The unit has not answered yet.")
    return [
        SupervisionAnswered(
            **command.stamp(rules.versions_of(case.policy)),
            supervision_id=command.supervision_id,
            lifted=True,
        )
    ]


def _open_supervision(supervision_id: str, case: Watch) -> Started:
    if supervision_id not in case.supervisions:
        raise Refused("No such supervision is open.")
    return case.started[f"SUP.{supervision_id}"]


def _after(
    case: Watch,
    at: datetime,
    start: Mapping[str, Started] = NONE,
    stop: Sequence[str] = (),
    **changes: Any,
) -> Watch:
    """The case with clocks started, stopped and fields changed, in one copy.

    The first act counts: a second one neither moves nor restarts a clock.
    """
    if start:
        changes["started"] = dict(sorted({**case.started, **start}.items()))
    stopped = {name: at for name in stop if name not in case.stopped}
    if stopped:
        changes["stopped"] = dict(sorted({**case.stopped, **stopped}.items()))
    return replace(case, **changes) if changes else case


def _stated(case: Watch, name: str, threshold: str) -> Watch:
    return replace(case, stated=tuple(sorted({*case.stated, f"{name}/{threshold}"})))


decider = Decider(Watch(), decide, evolve, pending, wakes)
