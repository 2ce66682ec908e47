"""The rules of evaluation. Nothing here waits, reads or writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, assert_never

from libs.events.base import SYSTEM, Event
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ReviewDecided,
    ReviewRequested,
)
from libs.events.feedback import Outcome, ReplyDelivered
from libs.events.intake import CaseAccepted, CaseReferred
from libs.events.supervision import SupervisionAnswered, SupervisionIssued
from libs.rules.calendar import is_late
from libs.rules.rules import Rules
from libs.sourcing.decider import Decider, Refused
from services.evaluation.commands import (
    CloseCase,
    DecideReview,
    EvaluationCommand,
    RecordCallback,
    RequestReview,
    SubmitEvaluation,
)

TARGETS = frozenset({"intake", "handling"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A case as evaluation knows it: what it heard of the answer, and what the citizen said to it."""

    policy: str = ""
    track: str = ""
    sla_class: str = ""
    unit_id: str | None = None
    delivered_at: datetime | None = None
    evaluation_until: datetime | None = None
    reply_outcome: Outcome = "explained"
    handled_by: tuple[str, ...] = ()
    supervisions: tuple[str, ...] = ()
    lifted_at: datetime | None = None
    attempts: int = 0
    reached: bool = False
    resolved: str | None = None
    called_back_at: datetime | None = None
    ratings: Mapping[str, str] = field(default_factory=dict)
    rated_at: datetime | None = None
    open_review: str | None = None
    reviews: int = 0
    reviewed_at: datetime | None = None
    closed: bool = False


def decide(command: EvaluationCommand, case: Verdict, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    match command:
        case RecordCallback():
            return record_callback(command, case, rules)
        case SubmitEvaluation():
            return submit_evaluation(command, case, rules)
        case RequestReview():
            return request_review(command, case, rules)
        case DecideReview():
            return decide_review(command, case, rules)
        case CloseCase():
            return close_case(command, case, rules)
        case _:
            assert_never(command)


def evolve(case: Verdict, event: Event) -> Verdict:
    """The case after an event."""
    at = event.occurred_at
    match event:
        case CaseAccepted() | CaseReferred():
            return replace(
                case,
                policy=event.decided_with.policy,
                track=event.track,
                sla_class=event.sla_class,
            )
        case CaseAssigned() if event.role == "lead":
            return replace(case, unit_id=event.org)
        case ReplyDelivered():
            return replace(
                case,
                delivered_at=at,
                evaluation_until=event.evaluation_until,
                reply_outcome=event.outcome,
                handled_by=event.handled_by,
            )
        case SupervisionIssued():
            return replace(case, supervisions=tuple(sorted({*case.supervisions, event.supervision_id})))
        case SupervisionAnswered() if event.lifted:
            rest = tuple(s for s in case.supervisions if s != event.supervision_id)
            return replace(case, supervisions=rest, lifted_at=at)
        case CallbackRecorded():
            return replace(
                case,
                attempts=event.attempt_no,
                reached=case.reached or event.reached,
                resolved=event.resolved or case.resolved,
                called_back_at=at,
            )
        case EvaluationSubmitted():
            ratings = dict(sorted({**case.ratings, event.target: event.level}.items()))
            return replace(case, ratings=ratings, rated_at=at)
        case ReviewRequested():
            return replace(case, open_review=event.review_id, reviews=event.level)
        case ReviewDecided():
            return replace(case, open_review=None, reviewed_at=at)
        case CaseClosed():
            return replace(case, closed=True)
        case _:
            return case


def pending(case_id: str, case: Verdict, rules: Rules) -> list[CloseCase]:
    """The case closes by itself at the instant from which the guard holds."""
    at = closes_at(case, rules)
    return [] if at is None else [CloseCase(case_id=case_id, occurred_at=at, by=SYSTEM)]


def closes_at(case: Verdict, rules: Rules) -> datetime | None:
    """The guard of transition 34: answered; called back or tried three times; both rated or the
    window over; no supervision and no review open. The handling unit has no part in it."""
    if case.closed or case.delivered_at is None or case.evaluation_until is None:
        return None
    if case.supervisions or case.open_review is not None or case.called_back_at is None:
        return None
    if not case.reached and case.attempts < rules.pack(case.policy).callback.attempts:
        return None
    rated = case.rated_at if case.ratings.keys() >= TARGETS else None
    parts = [case.delivered_at, case.called_back_at, rated or case.evaluation_until]
    return max(parts + [at for at in (case.lifted_at, case.reviewed_at) if at is not None])


def record_callback(command: RecordCallback, case: Verdict, rules: Rules) -> list[Event]:
    """An agent who neither handled the case nor is of the unit calls back (transition 30)."""
    _must_be_answered(case)
    if case.evaluation_until is None:
        raise Refused("A referred case is not called back by the hotline.")
    if command.by.id in case.handled_by or (command.by.org and command.by.org == case.unit_id):
        raise Refused("Who handled the case, or is of its unit, may not call back.")
    if case.reached:
        raise Refused("The citizen has been reached already.")
    if case.closed:
        raise Refused("The case is closed.")
    return [
        CallbackRecorded(
            **command.stamp(rules.versions_of(case.policy)),
            attempt_no=case.attempts + 1,
            reached=command.reached,
            contacted_by_unit=command.contacted_by_unit,
            resolved=command.resolved if command.reached else None,
            level=command.level if command.reached else None,
            reason_code=command.reason_code,
        )
    ]


def submit_evaluation(command: SubmitEvaluation, case: Verdict, rules: Rules) -> list[Event]:
    """One rating per target, within the window, in the levels of the policy (transition 31)."""
    _must_be_answered(case)
    if case.ratings.get(command.target) == command.level:
        return []
    if command.target in case.ratings:
        raise Refused("This has been rated already.")
    if case.evaluation_until is None or is_late(command.occurred_at, case.evaluation_until):
        raise Refused("The time for rating is over.")
    levels = rules.pack(case.policy).evaluation.levels
    if command.level not in levels:
        raise Refused(f"Rate with one of: {', '.join(levels)}.")
    return [
        EvaluationSubmitted(
            **command.stamp(rules.versions_of(case.policy)),
            target=command.target,
            level=command.level,
            reason_code=command.reason_code,
            text=command.text,
            via=command.via,
        )
    ]


def request_review(command: RequestReview, case: Verdict, rules: Rules) -> list[Event]:
    """A petitioner may ask for review, then for re-review, each within its time (条例 Art. 35, 36)."""
    _must_be_answered(case)
    if case.track != "xinfang":
        raise Refused("Review is for petitions (信访事项); a hotline case can be reopened.")
    if case.open_review is not None:
        return []
    if case.reviews >= 2:
        raise Refused("The case has been finally reviewed (三级终结).")
    level: Literal[1, 2] = 1 if case.reviews == 0 else 2
    start = case.delivered_at if level == 1 else case.reviewed_at
    wait, work = ("REVIEW_REQ", "REVIEW") if level == 1 else ("RR_REQ", "REREVIEW")
    kind = case.sla_class, case.track
    last = rules.due(case.policy, wait, *kind, start or command.occurred_at)
    due = rules.due(case.policy, work, *kind, command.occurred_at)
    return [
        ReviewRequested(
            **command.stamp(rules.versions_of(case.policy)),
            review_id=f"{command.case_id}.v{level}",
            level=level,
            received_at=command.occurred_at,
            in_time=not is_late(command.occurred_at, last.at),
            text=command.text,
            due_decide=due.at,
        )
    ]


def decide_review(command: DecideReview, case: Verdict, rules: Rules) -> list[Event]:
    """The level above decides; nobody who handled the case, and nobody of its unit."""
    if case.open_review != command.review_id:
        raise Refused("No such review is open.")
    if command.by.id in case.handled_by or (command.by.org and command.by.org == case.unit_id):
        raise Refused("Who handled the case, or is of its unit, may not review it.")
    return [
        ReviewDecided(
            **command.stamp(rules.versions_of(case.policy)),
            review_id=command.review_id,
            level=1 if case.reviews <= 1 else 2,
            outcome=command.outcome,
            doc=command.doc,
        )
    ]


def close_case(command: CloseCase, case: Verdict, rules: Rules) -> list[Event]:
    """Close at the instant from which the guard holds; anything else is out of date."""
    if case.closed or closes_at(case, rules) != command.occurred_at:
        return []
    if command.by.role != "system":
        raise Refused("A case closes by itself; nobody closes it.")
    return [CaseClosed(**command.stamp(rules.versions_of(case.policy)), outcome=_outcome(case))]


def _outcome(case: Verdict) -> Literal["resolved", "explained", "not_supported", "unreachable"]:
    """What the citizen said counts before what the reply says."""
    if case.resolved == "yes":
        return "resolved"
    if not case.reached and not case.ratings:
        return "unreachable"
    if case.resolved is None and case.reply_outcome == "supported":
        return "resolved"
    return "not_supported" if case.reply_outcome == "not_supported" else "explained"


def _must_be_answered(case: Verdict) -> None:
    if case.delivered_at is None:
        raise Refused("The citizen has not been answered yet.")


decider = Decider(Verdict(), decide, evolve, pending)
