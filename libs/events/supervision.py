"""What supervision states: a promise is nearly or wholly overdue, and who was called to account."""

from typing import Literal

from pydantic import AwareDatetime

from libs.events.base import Event, SealedText

SupervisionGround = Literal[
    "overdue",
    "perfunctory",
    "false_reply",
    "rework_rounds",
    "transfers",
    "nobody_acts",
    "instruction",
]
"""Why a unit is called to account (信访工作条例 Art. 40, and the articles' triggers)."""


class DeadlineWarned(Event):
    """A share of a limit has passed: amber or red. Stated once per timer, assignment, round, threshold."""

    timer: str
    assignment_id: str | None = None
    threshold: Literal["amber", "red"]
    due_at: AwareDatetime
    owner_org: str


class DeadlineBreached(Event):
    """A limit has passed. Stated once per timer, assignment and round, never early."""

    timer: str
    assignment_id: str | None = None
    due_at: AwareDatetime
    owner_org: str


class BreachRetracted(Event):
    """A breach was stated in good faith, and then the act was heard of that had been in time."""

    timer: str
    assignment_id: str | None = None
    due_at: AwareDatetime
    owner_org: str
    done_at: AwareDatetime


class DeadlineMoved(Event):
    """A calendar year was published, and a limit ends at another instant than was stated.

    ``due_at`` is never before what was said (``was_due_at``): lateness counts from it. ``warn_due_at``
    is what the calendar gives; where that is earlier, staff are warned by it.
    """

    timer: str
    step: str
    assignment_id: str | None = None
    was_due_at: AwareDatetime
    due_at: AwareDatetime
    warn_due_at: AwareDatetime
    provisional: bool = False
    owner_org: str


class SupervisionIssued(Event):
    """A unit is called to account: 1 urged 催办, 2 supervised 督办, 3 listed 挂牌."""

    supervision_id: str
    level: Literal[1, 2, 3]
    ground: SupervisionGround
    note: SealedText | None = None
    addressee: str
    due_at: AwareDatetime


class SupervisionAnswered(Event):
    """The unit answered with its measures; ``lifted`` says whether a supervisor is content."""

    supervision_id: str
    measures: SealedText | None = None
    lifted: bool
