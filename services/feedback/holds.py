"""The rules of a case on hold (挂账). Nothing here waits, reads or writes.

The unit's head asks and a coordinator decides, each by an own account (transition 35); nobody names the other.
"""

from libs.events.base import Event, in_round
from libs.events.feedback import CaseHeld, HoldLifted, HoldRefused, HoldRequested
from libs.rules.rules import Rules
from libs.sourcing.decider import Refused
from services.feedback.clock import DISPUTED, must_be_independent, must_be_with_the_caller
from services.feedback.commands import HoldCase, LiftHold, RefuseHold, RequestHold
from services.feedback.state import Handling, HoldRequest


def request_hold(command: RequestHold, case: Handling, rules: Rules) -> list[Event]:
    """What is asked cannot be done for now, and the unit's head asks that it be put on hold (transition 35).
    The unit's clock runs on until a coordinator has agreed."""
    if case.hold is not None:
        return []
    _can_be_held(case)
    must_be_with_the_caller(command, case)
    if case.hold_request is not None:
        raise Refused("A hold is asked for already; it must be decided first.")
    return [
        HoldRequested(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            hold_id=f"{in_round(command.case_id, case.round)}.h{case.holds + 1}",
            reason_code=command.reason_code,
            reason=command.reason,
            alternative_channel=command.alternative_channel,
            remedy=command.remedy,
        )
    ]


def hold_case(command: HoldCase, case: Handling, rules: Rules) -> list[Event]:
    """A coordinator who is not of the unit agrees; the citizen reads why, what else to do, the remedy, and
    when it is looked at again (transition 35; domain 5 G08; 信访工作条例 Art. 23, 32)."""
    if case.hold is not None:
        return []
    asked = _asked(command.hold_id, case)
    _can_be_held(case)
    must_be_independent(command, case, "approve the hold")
    recheck = rules.due(case.policy, "RECHECK", case.sla_class, case.track, command.occurred_at)
    return [
        CaseHeld(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            asked_by=asked.asked_by,
            reason_code=asked.reason_code,
            reason=asked.reason,
            alternative_channel=asked.alternative_channel,
            remedy=asked.remedy,
            next_check_at=recheck.at,
        )
    ]


def refuse_hold(command: RefuseHold, case: Handling, rules: Rules) -> list[Event]:
    """The coordinator does not agree, and the unit goes on."""
    asked = _asked(command.hold_id, case)
    must_be_independent(command, case, "decide about the hold")
    return [
        HoldRefused(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            hold_id=asked.hold_id,
            note=command.note,
        )
    ]


def lift_hold(command: LiftHold, case: Handling, rules: Rules) -> list[Event]:
    """The unit works on it again, with a whole limit: at the day of the next look by itself, before it
    by a leader (transition 36)."""
    by_clock = command.by.role == "system"
    if by_clock and (case.hold is None or case.hold.next_check_at != command.occurred_at):
        return []
    if by_clock != (command.reason_code == "recheck"):
        raise Refused(
            "reason_code: recheck is the clock's; a leader lifts for policy_change or leader."
        )
    if case.hold is None:
        return []
    due = rules.due(case.policy, "HANDLE", case.sla_class, case.track, command.occurred_at)
    return [
        HoldLifted(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            reason_code=command.reason_code,
            due_handle=due.at,
            provisional=due.provisional,
        )
    ]


def _asked(hold_id: str, case: Handling) -> HoldRequest:
    asked = case.hold_request
    if asked is None or asked.hold_id != hold_id:
        raise Refused("No such hold is asked for.")
    return asked


def _can_be_held(case: Handling) -> None:
    """Held is what a unit has in hand, or has answered, and nobody has to decide about first."""
    if case.unit_id is None or not case.signed:
        raise Refused("The case is in the hands of no unit; there is nothing to hold.")
    if case.disputed:
        raise Refused(DISPUTED)
    if case.under_review:
        raise Refused("A reply waits for review; it must be returned or delivered first.")
    if case.review:
        raise Refused("The level above looks at the answer (复查复核); its decision comes first.")
    if case.referred:
        raise Refused("A referred case is not held by the hotline.")
