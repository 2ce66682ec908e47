"""What supervision does when it hears late of an act that had been in time."""

from collections.abc import Sequence

from libs.events.base import SYSTEM, Event
from libs.rules.calendar import is_late
from libs.rules.rules import Rules
from libs.sourcing.decider import Command
from services.supervision.commands import RetractBreach
from services.supervision.decider import Watch


def react(event: Event, case: Watch, rules: Rules) -> Sequence[Command]:
    """Take back a breach that the log itself now disproves."""
    return [
        RetractBreach(
            case_id=event.case_id,
            occurred_at=event.occurred_at,
            by=SYSTEM,
            clock=name,
            done_at=done_at,
        )
        for name, done_at in case.stopped.items()
        if f"{name}/breach" in case.stated
        and f"{name}/retracted" not in case.stated
        and name in case.started
        and not is_late(done_at, case.started[name].due_at)
    ]
