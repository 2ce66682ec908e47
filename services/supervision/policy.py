"""What supervision does when it hears of acts: takes back what they disprove, and calls to account."""

from collections.abc import Iterator, Sequence
from typing import Any

from libs.events.base import SYSTEM, Event
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import ReworkOrdered
from libs.rules.rules import Rules
from libs.sourcing.decider import Command
from services.supervision.clocks import Watch, disproved
from services.supervision.commands import CallToAccount, DropSupervision, RetractBreach
from services.supervision.ladder import outlived


def react(event: Event, case: Watch, rules: Rules) -> Sequence[Command]:
    """Take back breaches that the log itself now disproves, let go what stood on them, and supervise
    what goes from unit to unit or from rework to rework."""
    found = list(_called_to_account(event, case, rules)) if case.policy else []
    if case.breached:
        found += _taken_back(event, case)
    if case.supervisions:
        found += [
            DropSupervision(**_by_system(event), supervision_id=name) for name in outlived(case)
        ]
    return found


def _called_to_account(event: Event, case: Watch, rules: Rules) -> Iterator[Command]:
    """提级督办: the third unit, or the second rework, as the pack says (domain 1.6)."""
    match event:
        case CaseAssigned() if event.role == "lead":
            leads = sum(name.startswith("CONTACT.") for name in case.started)  # a lead's alone
            if leads >= rules.pack(case.policy).supervise.on_transfers:
                yield CallToAccount(
                    **_by_system(event),
                    supervision_id=f"{event.assignment_id}.transfers",
                    level=2,
                    ground="transfers",
                    addressee=event.org,
                )
        case ReworkOrdered():
            if event.ordinal >= rules.pack(case.policy).supervise.on_rework_rounds:
                yield CallToAccount(
                    **_by_system(event),
                    supervision_id=f"{event.rework_id}.rounds",
                    level=2,
                    ground="rework_rounds",
                    addressee=event.org,
                )
        case _:
            return


def _taken_back(event: Event, case: Watch) -> Iterator[Command]:
    for name in case.breached:
        done_at = disproved(name, case)
        if done_at is not None:
            yield RetractBreach(**_by_system(event), clock=name, done_at=done_at)


def _by_system(event: Event) -> dict[str, Any]:
    return {"case_id": event.case_id, "occurred_at": event.occurred_at, "by": SYSTEM}
