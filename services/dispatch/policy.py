"""What dispatch does when intake speaks."""

from collections.abc import Sequence

from libs.events.base import SYSTEM, Event
from libs.events.intake import CaseAccepted, CaseLinkChanged
from libs.rules.rules import Rules
from libs.sourcing.decider import Command
from services.dispatch.assignment import Assignment
from services.dispatch.commands import AssignCase, ResumeDispatch, StopDispatch


def react(event: Event, case: Assignment, rules: Rules) -> Sequence[Command]:
    """Assign at once what the policy lets the catalogue decide (自动交办); a merged case leaves its unit."""
    asked = {"case_id": event.case_id, "occurred_at": event.occurred_at, "by": SYSTEM}
    match event:
        case CaseAccepted() if may_go_alone(event, rules):
            return [AssignCase(**asked)]
        case CaseLinkChanged() if event.relation == "merged_into":
            return [StopDispatch(**asked)]
        case CaseLinkChanged() if event.relation == "unmerged":
            return [ResumeDispatch(**asked)]
        case _:
            return []


def may_go_alone(event: CaseAccepted, rules: Rules) -> bool:
    """A person has confirmed the category, the class may go, and it is no report (G09).

    A category that several departments touch waits for a dispatcher, and so does 9901 其他.
    """
    auto = rules.pack(event.decided_with.policy).auto_dispatch
    leaf = rules.leaf(event.category)
    return (
        auto.enabled
        and event.sla_class in {c.value for c in auto.classes}
        and not event.kind.startswith("K4")
        and not leaf.restricted
        and not leaf.concerned
        and leaf.code != "9901"
        and event.secrecy == "normal"
    )
