"""The rules of dispatch for a case that is handled with another (并单). Nothing here waits, reads or writes."""

from libs.events.base import Event
from libs.events.dispatch import DispatchResumed, DispatchStopped
from libs.rules.rules import Rules
from services.dispatch.assignment import Assignment, due_at
from services.dispatch.commands import ResumeDispatch, StopDispatch


def stop_dispatch(command: StopDispatch, case: Assignment, rules: Rules) -> list[Event]:
    """No unit works on a merged case (transition 10; 国办函〔2025〕66号(五)). What was answered stays answered.

    A merging is answered once, though it be heard again by a service whose database was lost.
    """
    if case.stopped or command.link_id in case.stops or not case.ready or case.ends.answered:
        return []
    return [
        DispatchStopped(
            **command.stamp(rules.versions_of(case.policy), case.round),
            link_id=command.link_id,
            assignment_id=case.assignment_id or None,
            org=case.unit_id,
        )
    ]


def resume_dispatch(command: ResumeDispatch, case: Assignment, rules: Rules) -> list[Event]:
    """A case that is unmerged waits for a unit again, with a whole limit (transition 11)."""
    if case.stopped != command.link_id:
        return []
    return [
        DispatchResumed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            due_dispatch=due_at(case, "DISPATCH", command, rules),
        )
    ]
