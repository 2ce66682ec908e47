"""How a case has ended, where several services may say so at once. It states nothing.

Each service states its own ends: intake that the citizen withdrew or that the case is handled with
another, dispatch that it was terminated, evaluation that it was closed. Two of them may be said before
either is heard; then it is not time that decides, but this table (architecture 2).
"""

from dataclasses import dataclass
from typing import Literal

from libs.events.base import Event
from libs.events.dispatch import CaseTerminated
from libs.events.evaluation import CaseClosed, ReworkOrdered
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseLinkChanged, CaseWithdrawn
from libs.rules.replacing import replace

End = Literal["withdrawn", "merged", "closed", "terminated"]
PREVAILS: tuple[End, ...] = ("withdrawn", "merged", "closed", "terminated")
"""Of several ends the first holds. The citizen's own wish stands above all (G07); who is answered together
with others is not terminated; what was answered, called back and closed is no more ended without an answer."""
ENDING: tuple[type[Event], ...] = (
    CaseWithdrawn,
    CaseLinkChanged,
    CaseTerminated,
    ReplyDelivered,
    CaseClosed,
    ReworkOrdered,
)
"""The facts that bear on whether a case is over."""
WORDS: dict[End, str] = {
    "withdrawn": "The citizen has withdrawn the case (已撤回).",
    "merged": "The case is handled with another (已并单); act on that one.",
    "closed": "The case is closed.",
    "terminated": "The case was terminated (终止办理).",
}


@dataclass(frozen=True, slots=True)
class Ends:
    """What was said that ends a case. Intake says the first two, dispatch the third, feedback the fourth,
    evaluation the last.

    ``answered``: a reply was delivered, whatever became of it; then a termination that crossed it is void,
    for who has an answer is called back and may have it reviewed.
    """

    withdrawn: bool = False
    merged: bool = False
    terminated: bool = False
    answered: bool = False
    closed: bool = False

    @property
    def end(self) -> End | None:
        """The end that holds, if any does."""
        for end in PREVAILS if self.over else ():
            if getattr(self, end) and not (end == "terminated" and self.answered):
                return end
        return None

    @property
    def over(self) -> bool:
        """Whether nothing more is done about the case. It is asked all the time, and mostly nothing ended it."""
        terminated = self.terminated and not self.answered
        return self.withdrawn or self.merged or self.closed or terminated

    def after(self, event: Event) -> "Ends":
        """What stands after a fact; most facts change nothing."""
        match event:
            case CaseWithdrawn():
                return replace(self, withdrawn=True)
            case CaseLinkChanged() if event.relation in ("merged_into", "unmerged"):
                return replace(self, merged=event.relation == "merged_into")
            case CaseTerminated():
                return replace(self, terminated=True)
            case ReplyDelivered():
                return replace(self, answered=True)
            case CaseClosed():
                return replace(self, closed=True)
            case ReworkOrdered() if self.closed:  # the level above revoked what was closed
                return replace(self, closed=False)
            case _:
                return self

    @property
    def text(self) -> str:
        """The same for a column of a table."""
        return " ".join(name for name in Ends.__slots__ if getattr(self, name))

    @classmethod
    def read(cls, text: str) -> "Ends":
        """What ``text`` wrote."""
        return cls(**dict.fromkeys(text.split(), True))


GOING_ON = Ends()
"""Nothing was said that ends the case."""
