"""The rules of evaluation. Nothing here waits, reads or writes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never

from libs.events.base import SYSTEM, Event, in_round
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ReviewDecided,
    ReviewRequested,
    ReworkOrdered,
)
from libs.rules.calendar import is_late
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Decider, Refused
from libs.sourcing.ends import nothing_more
from services.evaluation.commands import (
    CloseCase,
    DecideReview,
    EvaluationCommand,
    OrderRework,
    RecordCallback,
    RequestReview,
    SubmitEvaluation,
)
from services.evaluation.state import Verdict, evolve

AFTER_CLOSING = (RequestReview, DecideReview, SubmitEvaluation)
"""What is still asked about a case that is closed (transition 40), within its own limits."""
TARGETS = frozenset({"intake", "handling"})
DISSATISFIED = frozenset({"dissatisfied", "very_dissatisfied"})
NOT_ANSWERED = "The citizen has not been answered yet."
POLICY_LIMIT = "policy_limit"
"""The reason code of what no policy in force allows (现行政策无法解决)."""


def decide(command: EvaluationCommand, case: Verdict, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    if case.over and not (case.ends.end == "closed" and isinstance(command, AFTER_CLOSING)):
        return nothing_more(command, case.ends)
    match command:
        case RecordCallback():
            return record_callback(command, case, rules)
        case SubmitEvaluation():
            return submit_evaluation(command, case, rules)
        case OrderRework():
            return order_rework(command, case, rules)
        case RequestReview():
            return request_review(command, case, rules)
        case DecideReview():
            return decide_review(command, case, rules)
        case CloseCase():
            return close_case(command, case, rules)
        case _:
            assert_never(command)


def pending(case_id: str, case: Verdict, rules: Rules) -> list[CloseCase]:
    """The case closes by itself at the instant from which the guard holds."""
    at = closes_at(case, rules)
    return [] if at is None else [CloseCase(case_id=case_id, occurred_at=at, by=SYSTEM)]


def closes_at(case: Verdict, rules: Rules) -> datetime | None:
    """The guard of transition 34: answered, and the answer stands; called back or tried three times;
    both rated or the window over; not on hold, no supervision and no review open. The handling unit has
    no part in it."""
    answered_at, call = case.answered_at, case.called
    if case.over or case.held or answered_at is None or case.evaluation_until is None:
        return None
    if case.supervisions or case.open_review is not None or call is None:
        return None
    if not call.reached and call.attempts < rules.pack(case.policy).callback.attempts:
        return None
    rated = [r.at for r in case.rated.values()] if case.rated.keys() >= TARGETS else []
    parts = [answered_at, call.at, *(rated or [case.evaluation_until])]
    return max(parts + [at for at in (case.lifted_at, case.reviewed_at) if at is not None])


def record_callback(command: RecordCallback, case: Verdict, rules: Rules) -> list[Event]:
    """An agent who neither handled the case nor is of the unit calls back (transition 30)."""
    _must_be_answered(case)
    if case.evaluation_until is None:
        raise Refused("A referred case is not called back by the hotline.")
    _must_be_independent(command, case, "call back")
    if case.called is not None and case.called.reached:
        raise Refused("The citizen has been reached already.")
    return [
        CallbackRecorded(
            **command.stamp(rules.versions_of(case.policy), case.round),
            attempt_no=case.called.attempts + 1 if case.called else 1,
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
    before = case.rated.get(command.target)
    if before is not None and before.level == command.level:
        return []
    if before is not None:
        raise Refused("This has been rated already.")
    if case.evaluation_until is None or is_late(command.occurred_at, case.evaluation_until):
        raise Refused("The time for rating is over.")
    levels = rules.pack(case.policy).evaluation.levels
    if command.level not in levels:
        raise Refused(f"Rate with one of: {', '.join(levels)}.")
    return [
        EvaluationSubmitted(
            **command.stamp(rules.versions_of(case.policy), case.round),
            target=command.target,
            level=command.level,
            reason_code=command.reason_code,
            text=command.text,
            via=command.via,
        )
    ]


def order_rework(command: OrderRework, case: Verdict, rules: Rules) -> list[Event]:
    """A named person who had no part in it lets the unit do it again, on a trigger of the policy and as
    often as that allows; what no policy can solve only if there is something new (transition 32)."""
    if case.delivered_at is not None and case.reply_id == case.reworked:
        return []
    _must_be_answered(case)
    if case.evaluation_until is None:
        raise Refused("A referred case is not reworked for the hotline.")
    if case.held:
        raise Refused("The case is on hold (挂账); the hold must be lifted first.")
    if case.open_review is not None:
        raise Refused("The level above looks at it; its decision comes first.")
    _must_be_independent(command, case, "order a rework")
    policy = rules.pack(case.policy).rework
    if command.reason not in policy.triggers:
        raise Refused(f"reason: a rework is ordered for one of: {', '.join(policy.triggers)}.")
    if command.reason == "dissatisfied_unresolved" and not _is_dissatisfied(case):
        raise Refused("The citizen has not said that it is unsolved or unsatisfactory.")
    if _is_of_policy(case) and not command.new_facts:
        raise Refused(
            "No policy in force allows what is asked (policy_limit), and there are no new_facts."
        )
    if case.reworks >= policy.max_rounds:
        raise Refused(
            f"It was reworked {case.reworks} times, the most there is; it must be supervised."
        )
    due = rules.due(case.policy, "REWORK", case.sla_class, case.track, command.occurred_at)
    ordinal = case.reworks + 1
    return [
        ReworkOrdered(
            **command.stamp(rules.versions_of(case.policy), case.round),
            rework_id=f"{in_round(command.case_id, case.round)}.w{ordinal}",
            ordinal=ordinal,
            assignment_id=case.assignment_id,
            org=case.unit_id or case.org,
            reply_id=case.reply_id,
            reason=command.reason,
            note=command.note,
            due_rework=due.at,
        )
    ]


def request_review(command: RequestReview, case: Verdict, rules: Rules) -> list[Event]:
    """A petitioner may ask for review, then for re-review, each within its time (条例 Art. 35, 36)."""
    if case.delivered_at is None:
        raise Refused(NOT_ANSWERED)
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
            **command.stamp(rules.versions_of(case.policy), case.round),
            review_id=f"{in_round(command.case_id, case.round)}.v{level}",
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
    _must_be_independent(command, case, "review it")
    return [
        ReviewDecided(
            **command.stamp(rules.versions_of(case.policy), case.round),
            review_id=command.review_id,
            level=1 if case.reviews <= 1 else 2,
            outcome=command.outcome,
            doc=command.doc,
        )
    ]


def close_case(command: CloseCase, case: Verdict, rules: Rules) -> list[Event]:
    """Close at the instant from which the guard holds; anything else is out of date."""
    if closes_at(case, rules) != command.occurred_at:
        return []
    if command.by.role != "system":
        raise Refused("A case closes by itself; nobody closes it.")
    facts = command.stamp(rules.versions_of(case.policy), case.round)
    return [CaseClosed(**facts, outcome=_outcome(case))]


def _outcome(case: Verdict) -> Literal["resolved", "explained", "not_supported", "unreachable"]:
    """What the citizen said counts before what the reply says."""
    call = case.called
    resolved = call.resolved if call else None
    if resolved == "yes":
        return "resolved"
    if not (call and call.reached) and not case.rated:
        return "unreachable"
    if resolved is None and case.reply_outcome == "supported":
        return "resolved"
    return "not_supported" if case.reply_outcome == "not_supported" else "explained"


def _is_of_policy(case: Verdict) -> bool:
    rating = case.rated.get("handling")
    codes = (case.called and case.called.reason_code, rating and rating.reason_code)
    return POLICY_LIMIT in codes


def _is_dissatisfied(case: Verdict) -> bool:
    call, rating = case.called, case.rated.get("handling")
    said_no = call is not None and (call.resolved in ("no", "partly") or call.level in DISSATISFIED)
    return said_no or (rating is not None and rating.level in DISSATISFIED)


def _must_be_answered(case: Verdict) -> None:
    if case.delivered_at is None:
        raise Refused(NOT_ANSWERED)
    if case.answered_at is None:
        raise Refused("The unit works on it again; the new answer is waited for.")


def _must_be_independent(command: Command, case: Verdict, to_do: str) -> None:
    """Who handled a case neither judges it nor asks the citizen about it (职责分离)."""
    units = (case.unit_id, *case.assists)
    if command.by.id in case.handled_by or (command.by.org and command.by.org in units):
        raise Refused(f"Who handled the case, or is of its unit, may not {to_do}.")


decider = Decider(Verdict(), decide, evolve, pending)
