"""The rules of evaluation. Nothing here waits, reads or writes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never

from libs.events.base import SYSTEM, Event
from libs.events.evaluation import CallbackRecorded, CaseClosed, EvaluationSubmitted
from libs.rules.calendar import is_late
from libs.rules.rules import Rules
from libs.sourcing.decider import Decider, Refused
from libs.sourcing.ends import nothing_more
from services.evaluation.appeals import (
    appeal_score,
    convene_panel,
    dismiss_appeal,
    file_panel_finding,
    recuse_from_panel,
    settle_panel,
    settles_at,
)
from services.evaluation.commands import (
    AcceptReview,
    AppealScore,
    CloseCase,
    CloseHearing,
    ConfirmReviewDecision,
    ConvenePanel,
    DecideExclusion,
    DecideReview,
    DeclineReview,
    DismissAppeal,
    EvaluationCommand,
    FilePanelFinding,
    OpenHearing,
    OrderRework,
    ProposeExclusion,
    RecordCallback,
    RecordUnitCallback,
    RecuseFromPanel,
    RequestReview,
    ReturnReviewDecision,
    ReworkAsSupervised,
    SettlePanel,
    SubmitEvaluation,
)
from services.evaluation.exclusions import (
    decide_exclusion,
    propose_exclusion,
    record_unit_callback,
)
from services.evaluation.guards import must_be_answered, must_be_independent
from services.evaluation.reviews import (
    accept_review,
    close_hearing,
    confirm_review_decision,
    decide_review,
    decline_review,
    open_hearing,
    request_review,
    return_review_decision,
)
from services.evaluation.rework import DISSATISFIED, order_rework, rework_as_supervised
from services.evaluation.state import ShortWay, Verdict, evolve
from services.evaluation.windows import contest_until, rating_until

AFTER_CLOSING = (
    RequestReview,
    AcceptReview,
    DeclineReview,
    OpenHearing,
    CloseHearing,
    DecideReview,
    ConfirmReviewDecision,
    ReturnReviewDecision,
    SubmitEvaluation,
    AppealScore,
    DismissAppeal,
    ConvenePanel,
    RecuseFromPanel,
    FilePanelFinding,
    SettlePanel,
    RecordUnitCallback,
)
"""What is still asked about a case that is closed (transitions 40 and 48), within its own limits."""
AFTER_ANY_END = (ProposeExclusion, DecideExclusion)
"""What does not touch the citizen's case, but what counts for the unit."""
TARGETS = frozenset({"intake", "handling"})


def decide(command: EvaluationCommand, case: Verdict, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    goes_on = isinstance(command, AFTER_ANY_END)
    goes_on |= case.ends.end == "closed" and isinstance(command, AFTER_CLOSING)
    if case.over and not goes_on:
        return nothing_more(command, case.ends)
    match command:
        case RecordCallback():
            return record_callback(command, case, rules)
        case SubmitEvaluation():
            return submit_evaluation(command, case, rules)
        case OrderRework():
            return order_rework(command, case, rules)
        case ReworkAsSupervised():
            return rework_as_supervised(command, case, rules)
        case RequestReview():
            return request_review(command, case, rules)
        case AcceptReview():
            return accept_review(command, case, rules)
        case DeclineReview():
            return decline_review(command, case, rules)
        case OpenHearing():
            return open_hearing(command, case, rules)
        case CloseHearing():
            return close_hearing(command, case, rules)
        case DecideReview():
            return decide_review(command, case, rules)
        case ConfirmReviewDecision():
            return confirm_review_decision(command, case, rules)
        case ReturnReviewDecision():
            return return_review_decision(command, case, rules)
        case CloseCase():
            return close_case(command, case, rules)
        case AppealScore():
            return appeal_score(command, case, rules)
        case DismissAppeal():
            return dismiss_appeal(command, case, rules)
        case ConvenePanel():
            return convene_panel(command, case, rules)
        case RecuseFromPanel():
            return recuse_from_panel(command, case, rules)
        case FilePanelFinding():
            return file_panel_finding(command, case, rules)
        case SettlePanel():
            return settle_panel(command, case, rules)
        case ProposeExclusion():
            return propose_exclusion(command, case, rules)
        case DecideExclusion():
            return decide_exclusion(command, case, rules)
        case RecordUnitCallback():
            return record_unit_callback(command, case, rules)
        case _:
            assert_never(command)


def pending(case_id: str, case: Verdict, rules: Rules) -> list[CloseCase | SettlePanel]:
    """The case closes by itself at the instant from which the guard holds, and a panel's time ends."""
    found: list[CloseCase | SettlePanel] = []
    closes = closes_at(case, rules)
    if closes is not None:
        found.append(CloseCase(case_id=case_id, occurred_at=closes, by=SYSTEM))
    settles = settles_at(case)
    if settles is not None:
        found.append(SettlePanel(case_id=case_id, occurred_at=settles, by=SYSTEM))
    return found


def closes_at(case: Verdict, rules: Rules) -> datetime | None:
    """The guard of transition 34: answered, and the answer stands; called back or tried three times;
    both rated or the window over; not on hold, no supervision and no review open. The handling unit has
    no part in it."""
    if case.short_way is not None:
        return short_way_closes_at(case, case.short_way, rules)
    answered_at, call, window = case.answered_at, case.called, rating_until(case, rules)
    if case.over or case.held or answered_at is None or window is None:
        return None
    if case.supervisions or case.reviews.open is not None or call is None:
        return None
    if not call.reached and call.attempts < rules.pack(case.policy).callback.attempts:
        return None
    unit = case.unit_called
    if _waits_for_the_unit(case, rules) and (unit is None or not unit.reached):
        return None
    rated = [r.at for r in case.rated.values()] if case.rated.keys() >= TARGETS else []
    parts = [answered_at, call.at, *(rated or [window])]
    if _waits_for_the_unit(case, rules) and unit is not None:
        parts.append(unit.at)
    return max(parts + [at for at in (case.lifted_at, case.reviews.ended_at) if at is not None])


def _waits_for_the_unit(case: Verdict, rules: Rules) -> bool:
    units = rules.pack(case.policy).callback.units
    return units is not None and units.holds_closing


def short_way_closes_at(case: Verdict, short: ShortWay, rules: Rules) -> datetime | None:
    """What no unit handled closes when the citizen's time to contest it is over, an answer at the desk as
    soon as it was rated; one who is dissatisfied keeps the time to contest. Nobody calls back."""
    if case.over or case.supervisions:
        return None
    rating = case.rated.get("intake")
    contented = rating is not None and rating.level not in DISSATISFIED
    end = rating.at if rating is not None and contented else contest_until(case, short, rules)
    return max(at for at in (short.at, end, case.lifted_at) if at is not None)


def record_callback(command: RecordCallback, case: Verdict, rules: Rules) -> list[Event]:
    """An agent who neither handled the case nor is of the unit calls back (transition 30)."""
    must_be_answered(case)
    if case.evaluation_until is None:
        raise Refused("A referred case is not called back by the hotline.")
    must_be_independent(command, case, "call back")
    if case.called is not None and case.called.reached:
        raise Refused("The citizen has been reached already.")
    if command.level is not None:
        _must_be_a_level(command.level, case, rules)
    attempt = case.called.attempts + 1 if case.called else 1
    return [
        CallbackRecorded(
            **command.stamp(rules.versions_of(case.policy), case.round),
            attempt_no=attempt,
            reached=command.reached,
            contacted_by_unit=command.contacted_by_unit,
            resolved=command.resolved if command.reached else None,
            level=command.level if command.reached else None,
            reason_code=command.reason_code,
            answer=case.answers,
            last=attempt >= rules.pack(case.policy).callback.attempts,
        )
    ]


def submit_evaluation(command: SubmitEvaluation, case: Verdict, rules: Rules) -> list[Event]:
    """One rating per target, within the window, in the levels of the policy (transition 31)."""
    window = _window(command, case, rules)
    before = case.rated.get(command.target)
    if before is not None and before.level == command.level:
        return []
    if before is not None:
        raise Refused("This has been rated already.")
    if window is None or is_late(command.occurred_at, window):
        raise Refused("The time for rating is over.")
    _must_be_a_level(command.level, case, rules)
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


def close_case(command: CloseCase, case: Verdict, rules: Rules) -> list[Event]:
    """Close at the instant from which the guard holds; anything else is out of date."""
    if closes_at(case, rules) != command.occurred_at:
        return []
    if command.by.role != "system":
        raise Refused("A case closes by itself; nobody closes it.")
    facts = command.stamp(rules.versions_of(case.policy), case.round)
    return [CaseClosed(**facts, outcome=_outcome(case))]


def _window(command: SubmitEvaluation, case: Verdict, rules: Rules) -> datetime | None:
    """Until when the citizen may rate this; refused for what nobody rates."""
    if case.short_way is None:
        must_be_answered(case)
        return rating_until(case, rules)
    if case.short_way.way == "praised":
        raise Refused("Praise is not rated.")
    if command.target != "intake":
        raise Refused("target: no unit has handled it; rate the intake office.")
    return contest_until(case, case.short_way, rules)


def _must_be_a_level(level: str, case: Verdict, rules: Rules) -> None:
    """A citizen is asked in the levels of the policy, by telephone too (transitions 30 and 31)."""
    levels = rules.pack(case.policy).evaluation.levels
    if level not in levels:
        raise Refused(f"level: rate with one of: {', '.join(levels)}.")


def _outcome(case: Verdict) -> Literal["resolved", "explained", "not_supported", "unreachable"]:
    """What the citizen said counts before what the reply says."""
    call = case.called
    resolved = call.resolved if call else None
    if case.short_way is not None:
        return "explained"
    if resolved == "yes":
        return "resolved"
    if not (call and call.reached) and not case.rated:
        return "unreachable"
    if resolved is None and case.answer == "supported":
        return "resolved"
    return "not_supported" if case.answer == "not_supported" else "explained"


decider = Decider(Verdict(), decide, evolve, pending)
