"""What intake does when it hears what became of a case that is merged, or that others are merged into."""

from collections.abc import Sequence

from libs.events.base import SYSTEM, Event
from libs.events.dispatch import CaseTerminated
from libs.events.evaluation import CaseClosed
from libs.events.feedback import ReplyDelivered
from libs.events.intake import (
    AnsweredAtDesk,
    CaseDeclined,
    CaseReferred,
    CaseWithdrawn,
    PraiseForwarded,
)
from libs.rules.rules import Rules
from libs.sourcing.decider import Command
from services.intake.commands import ConcludeFollowers, PartCase, ReleaseFollowers
from services.intake.state import Registration


def react(event: Event, case: Registration, rules: Rules) -> Sequence[Command]:
    """Who followed a case that was closed has ended with it; who followed one that ends without an answer, or
    with one that is not for others to read, goes by itself. So does a merged case whose own answer crossed its
    merger, or whose citizen withdraws it."""
    links = case.links
    asked = {"case_id": event.case_id, "occurred_at": event.occurred_at, "by": SYSTEM}
    if links.lead is not None and isinstance(event, ReplyDelivered | CaseWithdrawn):
        return [PartCase(**asked, link_id=links.link_id)]
    if not links.followers:
        return []
    match event:
        case CaseClosed():
            return [ConcludeFollowers(**asked)]
        case CaseTerminated() if (
            case.ends.end != "terminated"
        ):  # an answer crossed it (libs.rules.ends)
            return []
        case AnsweredAtDesk() | PraiseForwarded() | CaseDeclined() | CaseReferred():
            return [ReleaseFollowers(**asked)]
        case CaseWithdrawn() | CaseTerminated():
            return [ReleaseFollowers(**asked)]
        case ReplyDelivered() if not event.read_by_others:
            return [ReleaseFollowers(**asked)]
        case _:
            return []
