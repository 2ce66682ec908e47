"""The rules of a unit's time: progress, extension, and what falls due. Nothing here waits, reads or writes.

Those of a clock that stands still are in ``pauses``, of a case on hold in ``holds``.
"""

from datetime import datetime, timedelta

from libs.events.base import SYSTEM, Event, in_round
from libs.events.feedback import (
    ExtensionDecided,
    ExtensionRequested,
    ProgressReported,
)
from libs.rules.calendar import is_late
from libs.rules.moving import due_after, is_provisional
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.feedback.commands import (
    DecideExtension,
    LiftHold,
    ReportProgress,
    RequestExtension,
    ResumeClock,
)
from services.feedback.state import Handling

A_YEAR = timedelta(days=366)
DISPUTED = "The unit says that the case is not its own (派单异议); that must be decided first."


def pending(case_id: str, case: Handling, rules: Rules) -> list[LiftHold | ResumeClock]:
    """A hold is looked at again at its day, and a clock goes on when it was said to."""
    due: list[LiftHold | ResumeClock] = []
    if case.over:
        return due
    if case.hold is not None:
        at = case.hold.next_check_at
        due.append(LiftHold(case_id=case_id, occurred_at=at, by=SYSTEM, reason_code="recheck"))
    if case.suspension is not None and case.suspension.until is not None:
        due.append(ResumeClock(case_id=case_id, occurred_at=case.suspension.until, by=SYSTEM))
    return due


def report_progress(command: ReportProgress, case: Handling, rules: Rules) -> list[Event]:
    """The lead unit, or one that assists, says how far it is (transition 21)."""
    assists = [a for a in case.assists if a.org == command.by.org]
    if not assists or command.by.org == case.unit_id:
        must_be_with_the_caller(command, case)
        assignment_id = case.assignment_id
    elif not assists[-1].signed:
        raise Refused("Sign the assignment first.")
    else:
        assignment_id = assists[-1].assignment_id
    must_be_in_hand(case)
    if command.expected_at is not None:
        must_lie_ahead("expected_at", command.expected_at, command)
    return [
        ProgressReported(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=assignment_id,
            text=command.text,
            next_step=command.next_step,
            expected_at=command.expected_at,
        )
    ]


def request_extension(command: RequestExtension, case: Handling, rules: Rules) -> list[Event]:
    """More time is asked for before the limit is over, at most what the policy allows beyond it, and
    in a petition once (transition 22, 信访工作条例 Art. 34)."""
    must_be_with_the_caller(command, case)
    due_at = running_clock(command, case)
    if case.extension is not None:
        raise Refused("An extension is asked for already; it must be decided first.")
    if case.track == "xinfang" and case.granted:
        raise Refused("A petition is extended once, and this one was (信访工作条例 Art. 34).")
    most = rules.pack(case.policy).ext_max(case.sla_class)
    if most is None:
        raise Refused(f"A case of class {case.sla_class} has no extension.")
    last = due_after(rules.calendar(case.policy), case.base_due or due_at, most).at
    if not due_at < command.new_due <= last:
        raise Refused(
            f"new_due must be after {due_at.isoformat()} and not after {last.isoformat()} ({most.words})."
        )
    return [
        ExtensionRequested(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            extension_id=f"{in_round(command.case_id, case.round)}.x{case.asked + 1}",
            reason=command.reason,
            new_due=command.new_due,
        )
    ]


def decide_extension(command: DecideExtension, case: Handling, rules: Rules) -> list[Event]:
    """A petition's by the head of the handling organ, any other by the hotline body; never by who
    asked, and granted only before the limit is over (transitions 23 and 24, 信访工作条例 Art. 34)."""
    asked = case.extension
    if asked is None or asked.extension_id != command.extension_id:
        raise Refused("No such extension is asked for.")
    if case.track == "xinfang":
        if command.by.role != "unit_head" or command.by.org != case.unit_id:
            raise Refused(f"The head of {case.unit_id} decides the extension of a petition.")
    elif command.by.role != "dispatcher":
        raise Refused("The hotline body (dispatcher) decides this extension, not the unit.")
    if command.by.id == asked.asked_by:
        raise Refused("Who asked for the extension may not decide it.")
    approved = command.outcome == "approved"
    if approved and case.due_handle is not None and is_late(command.occurred_at, case.due_handle):
        raise Refused("The limit is over; the extension can only be rejected.")
    new = asked.new_due
    return [
        ExtensionDecided(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            extension_id=asked.extension_id,
            outcome=command.outcome,
            notice=command.notice,
            due_handle=new if approved else None,
            due_citizen=max(case.due_citizen or new, new) if approved else None,
            provisional=approved and is_provisional(rules.calendar(case.policy), new),
        )
    ]


def must_be_with_the_caller(command: Command, case: Handling) -> None:
    """Refuse who is not of the lead unit, and what it has not signed for."""
    if case.unit_id is None:
        raise Refused("The case is with no unit.")
    if command.by.org != case.unit_id:
        raise Refused(f"The case is with {case.unit_id}; only that unit can do this.")
    if not case.signed:
        raise Refused("Sign the assignment first.")


def must_be_in_hand(case: Handling) -> None:
    """Refuse where the unit has nothing to do: the case is on hold, disputed, or answered."""
    if case.hold is not None:
        raise Refused("The case is on hold (挂账); the hold must be lifted first.")
    if case.disputed:
        raise Refused(DISPUTED)
    if case.answered:
        raise Refused("The citizen has been answered already.")


def running_clock(command: Command, case: Handling) -> datetime:
    """When the handling limit of the unit ends, if its clock runs and can be moved."""
    must_be_in_hand(case)
    if case.under_review:
        raise Refused("A reply waits for review.")
    if case.in_rework:
        raise Refused("A rework has a limit of its own, which is neither extended nor suspended.")
    if case.suspension is not None:
        raise Refused("The unit's clock stands still; it must be resumed first.")
    if case.due_handle is None or is_late(command.occurred_at, case.due_handle):
        raise Refused("The limit is over.")
    return case.due_handle


def must_be_independent(command: Command, case: Handling, to_do: str) -> None:
    """Refuse who handled the case or is of a unit that has it."""
    who, org = command.by.id, command.by.org
    if who in (*case.handled_by, *case.signed_by):
        raise Refused(f"Who handled the case may not {to_do}.")
    if org is not None and org in (case.unit_id, *(a.org for a in case.assists)):
        raise Refused(f"Who is of the unit may not {to_do}.")


def must_lie_ahead(name: str, at: datetime, command: Command) -> None:
    """Refuse an instant that is past, or beyond a year."""
    if not timedelta() < at - command.occurred_at <= A_YEAR:
        raise Refused(f"{name} must lie ahead, by at most a year.")
