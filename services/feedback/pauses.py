"""The rules of a unit's clock that stands still (中止计时). Nothing here waits, reads or writes.

The unit's head asks and an auditor agrees, each by an own account (transition 25); nobody names the other.
"""

from libs.events.base import Event, in_round
from libs.events.feedback import (
    ClockAdjusted,
    ClockAdjustmentRefused,
    ClockAdjustmentRequested,
    ClockGround,
)
from libs.rules.moving import runs_on
from libs.rules.rules import Rules
from libs.sourcing.decider import Refused
from services.feedback.clock import (
    must_be_independent,
    must_be_with_the_caller,
    must_lie_ahead,
    running_clock,
)
from services.feedback.commands import (
    AdjustClock,
    RefuseClockAdjustment,
    RequestResumption,
    RequestSuspension,
    ResumeClock,
)
from services.feedback.state import AdjustmentRequest, Handling, Suspension


def request_suspension(command: RequestSuspension, case: Handling, rules: Rules) -> list[Event]:
    """The unit's head asks that its clock stand still, on a ground of the closed list, with the law that
    says so (transition 25). It runs until an auditor has agreed."""
    must_be_with_the_caller(command, case)
    if case.suspension is not None and case.suspension.ground == command.ground:
        return []
    _nothing_else_is_asked(case)
    _can_stand_still(command, case)
    if command.until is not None:
        must_lie_ahead("until", command.until, command)
    return [_requested(command, case, rules, command.ground, command.law_ref)]


def request_resumption(command: RequestResumption, case: Handling, rules: Rules) -> list[Event]:
    """The ground is gone, and the unit's head asks that its clock go on (transition 25)."""
    must_be_with_the_caller(command, case)
    stands = case.suspension
    if stands is None:
        return []
    _nothing_else_is_asked(case)
    return [_requested(command, case, rules, stands.ground, stands.law_ref)]


def adjust_clock(command: AdjustClock, case: Handling, rules: Rules) -> list[Event]:
    """An auditor who is not of the unit agrees: from now on its clock stands still, or goes on
    (transition 25). The citizen's runs on."""
    asked = _asked(command.adjustment_id, case)
    must_be_independent(command, case, "agree to it as the auditor")
    if asked.action == "resume":
        stands = case.suspension
        return [] if stands is None else _resumed(command, case, stands, rules)
    _can_stand_still(command, case)
    if asked.until is not None:
        must_lie_ahead("until", asked.until, command)
    return [
        ClockAdjusted(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            action="suspend",
            ground=asked.ground,
            law_ref=asked.law_ref,
            approver2=command.by.id,
            until=asked.until,
        )
    ]


def refuse_clock_adjustment(
    command: RefuseClockAdjustment, case: Handling, rules: Rules
) -> list[Event]:
    """The auditor does not agree; the unit's clock is as it was."""
    asked = _asked(command.adjustment_id, case)
    must_be_independent(command, case, "decide about it")
    return [
        ClockAdjustmentRefused(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            adjustment_id=asked.adjustment_id,
            note=command.note,
        )
    ]


def resume_clock(command: ResumeClock, case: Handling, rules: Rules) -> list[Event]:
    """The unit's clock goes on when it was said to (transition 25)."""
    stands = case.suspension
    if stands is None or stands.until != command.occurred_at:
        return []
    return _resumed(command, case, stands, rules)


def _resumed(
    command: AdjustClock | ResumeClock, case: Handling, stands: Suspension, rules: Rules
) -> list[Event]:
    """It goes on with what was left of its limit."""
    if case.due_handle is None:
        return []
    limit = rules.pack(case.policy).limit("HANDLE", case.sla_class, case.track)
    calendar = rules.calendar(case.policy)
    due = runs_on(calendar, case.due_handle, limit, stands.since, command.occurred_at)
    return [
        ClockAdjusted(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            action="resume",
            ground=stands.ground,
            law_ref=stands.law_ref,
            approver2=command.by.id if isinstance(command, AdjustClock) else None,
            due_handle=due.at,
            provisional=due.provisional,
        )
    ]


def _requested(
    command: RequestSuspension | RequestResumption,
    case: Handling,
    rules: Rules,
    ground: ClockGround,
    law_ref: str,
) -> Event:
    suspends = isinstance(command, RequestSuspension)
    return ClockAdjustmentRequested(
        **command.stamp(rules.versions_of(case.policy), case.round),
        assignment_id=case.assignment_id,
        org=case.unit_id or "",
        adjustment_id=f"{in_round(command.case_id, case.round)}.c{case.adjustments + 1}",
        action="suspend" if suspends else "resume",
        ground=ground,
        law_ref=law_ref,
        until=command.until if isinstance(command, RequestSuspension) else None,
    )


def _asked(adjustment_id: str, case: Handling) -> AdjustmentRequest:
    asked = case.adjustment_request
    if asked is None or asked.adjustment_id != adjustment_id:
        raise Refused("No such change of the unit's clock is asked for.")
    return asked


def _nothing_else_is_asked(case: Handling) -> None:
    if case.adjustment_request is not None:
        raise Refused("A change of the unit's clock is asked for already; it must be decided first.")


def _can_stand_still(command: RequestSuspension | AdjustClock, case: Handling) -> None:
    running_clock(command, case)
    if case.extension is not None:
        raise Refused("An extension is asked for; it must be decided first.")
