"""What intake knows of a case that matters to whom it is joined with. It decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentDisputed,
    CaseAssigned,
    CoordinationOpened,
    CoordinationResolved,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.evaluation import ReworkOrdered
from libs.events.feedback import (
    CaseHeld,
    ExtensionDecided,
    HoldLifted,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseLinkChanged
from libs.events.supervision import DeadlineMoved
from libs.rules.replacing import replace

BEARING: frozenset[type[Event]] = frozenset(
    {
        CaseAssigned,
        AssignmentDisputed,
        DisputeDecided,
        CoordinationOpened,
        CoordinationResolved,
        DispatchStopped,
        ReplySubmitted,
        ReplyReturned,
        ReplyDelivered,
        CaseHeld,
        HoldLifted,
        ExtensionDecided,
        ReworkOrdered,
        DeadlineMoved,
    }
)
"""All that others say which decides whether a case can be joined."""


@dataclass(frozen=True, slots=True)
class Links:
    """With which cases a case is joined, by intake's own word.

    ``lead``: the one that it is merged into, as ``link_id``; ``concluded``: that was closed. ``followers``:
    those that are merged into it, by link; ``let_go``: links that it had and has no more. ``parted``: what
    its citizen said to be another matter. ``count``: links that this side began.
    """

    count: int = 0
    lead: str | None = None
    link_id: str = ""
    concluded: bool = False
    followers: Mapping[str, str] = field(default_factory=dict)
    let_go: tuple[str, ...] = ()
    parted: tuple[str, ...] = ()
    related: tuple[str, ...] = ()

    def after(self, event: CaseLinkChanged) -> "Links":
        """What stands after a fact."""
        other, link_id = event.other_case, event.link_id
        match event.relation:
            case "merged_into":
                begun = replace(self, count=self.count + 1, concluded=False)
                return replace(begun, lead=other, link_id=link_id)
            case "unmerged":
                said = event.actor.role == "citizen" and other not in self.parted
                parted = (*self.parted, other) if said else self.parted
                return replace(self, lead=None, concluded=False, parted=parted)
            case "concluded":
                return replace(self, concluded=True)
            case "leads":
                followers = dict(sorted({**self.followers, link_id: other}.items()))
                return replace(self, followers=followers)
            case "released" | "concludes":
                rest = {k: v for k, v in self.followers.items() if k != link_id}
                return replace(self, followers=rest, let_go=(*self.let_go, link_id))
            case "related":
                related = (*self.related, other)
                return replace(self, count=self.count + 1, related=related)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What others said of a case that decides whether it can be joined. Dispatch wrote the first two fields,
    feedback the next five, evaluation ``reworked``, supervision ``recounted``.

    ``reply`` is that of ``reply_of``; ``extended_to`` and ``recounted``: where the citizen's clock was moved.
    """

    at_dispatch: Literal["", "disputed", "coordinating"] = ""
    assignment_id: str = ""
    reply: Literal["", "submitted", "delivered"] = ""
    reply_of: str = ""
    reply_id: str = ""
    held: bool = False
    extended_to: datetime | None = None
    reworked: str = ""
    recounted: datetime | None = None

    def after(self, event: Event) -> "Elsewhere":
        """What stands after a fact; most facts change nothing, and are left out at once."""
        if type(event) not in BEARING:
            return self
        match event:
            case CaseAssigned() if event.role == "lead":
                return replace(self, assignment_id=event.assignment_id, at_dispatch="")
            case AssignmentDisputed() | DisputeDecided() if (
                event.assignment_id != self.assignment_id
            ):
                return self  # who only assists holds nobody up, and frees nobody
            case AssignmentDisputed():
                return replace(self, at_dispatch="disputed")
            case CoordinationOpened():
                return replace(self, at_dispatch="coordinating")
            case DisputeDecided() | CoordinationResolved() | DispatchStopped():
                return replace(self, at_dispatch="")
            case ReplySubmitted():
                replied = replace(self, reply="submitted", reply_of=event.assignment_id)
                return replace(replied, reply_id=event.reply_id)
            case ReplyReturned():
                return replace(self, reply="")
            case ReplyDelivered():
                replied = replace(self, reply="delivered", reply_of=event.assignment_id)
                return replace(replied, reply_id=event.reply_id)
            case CaseHeld():
                return replace(self, held=True)
            case HoldLifted():
                return replace(self, held=False, reply="")
            case ExtensionDecided() if event.due_citizen is not None:
                return replace(self, extended_to=event.due_citizen)
            case ReworkOrdered():
                return replace(self, reworked=event.reply_id)
            case DeadlineMoved() if event.step == "CITIZEN":
                return replace(self, recounted=event.due_at)
            case _:
                return self

    @property
    def answered(self) -> bool:
        """Whether the citizen has an answer that stands."""
        return self.reply == "delivered" and self.reply_id != self.reworked

    @property
    def in_the_way(self) -> str:
        """What is under way that keeps a case from being merged into another; nothing if it can be."""
        if self.at_dispatch == "disputed":
            return "The unit's dispute is decided first."
        if self.at_dispatch == "coordinating":
            return "Units meet about it; the meeting ends first."
        if self.held:
            return "The case is on hold (挂账)."
        if self.reply == "submitted" and self.reply_of == self.assignment_id:
            return "A reply waits for review."
        if self.reply == "delivered":
            done = "The citizen has the answer." if self.answered else "The unit works on it again."
            return done
        return ""


UNLINKED = Links()
NOTHING_ELSE = Elsewhere()
