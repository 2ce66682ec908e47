"""What dispatch does when intake speaks."""

from collections.abc import Sequence

from libs.events.base import SYSTEM, Event
from libs.events.intake import CaseAccepted, CaseLinkChanged
from libs.rules.rules import Rules
from libs.rules.taxonomy import OTHER
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
            return [StopDispatch(**asked, link_id=event.link_id)]
        case CaseLinkChanged() if event.relation == "unmerged":
            return [ResumeDispatch(**asked, link_id=event.link_id)]
        case _:
            return []


def may_go_alone(event: CaseAccepted, rules: Rules) -> bool:
    """A person has confirmed the category, and it is no report (domain 7.4, G09): then a class of the
    policy's may go, or by 工单直派 an urgent matter whose published entry says that it goes straight.

    No model has part in it: the unit is what the catalogue says, and a dispatcher may take it back. A
    category that several departments touch waits for a dispatcher, unless an entry settles it, and so
    does 9901 其他.
    """
    auto = rules.pack(event.decided_with.policy).auto_dispatch
    leaf = rules.leaf(event.category)
    if event.kind.startswith("K4") or leaf.restricted or event.secrecy != "normal":
        return False
    straight = rules.catalogue.route(event.category, event.adcode).direct
    if straight and event.sla_class in auto.direct:
        return True
    settled = not leaf.concerned and leaf.code != OTHER
    return auto.enabled and settled and event.sla_class in {c.value for c in auto.classes}
