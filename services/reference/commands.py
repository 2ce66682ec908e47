"""What reference can be asked to do. ``case_id`` names a subject, such as ``calendar/CN-GOV``."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from libs.sourcing.decider import Command
from libs.sourcing.words import Code, Line

Days = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[0-9 .\-]*$")]
"""Days of a year as ``01-01 02-15..02-23``."""
Year = Annotated[int, Field(ge=2000, le=2200)]
Notice = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class PublishEdition(Command):
    """Put a whole new edition in force. ``based_on`` is the edition that it was made from, 0 for what ships."""

    content: dict[str, Any]
    source: Line
    based_on: int = Field(ge=0, le=1_000_000)


class PublishCalendarYear(Command):
    """Publish the days off and make-up workdays of one year, as the official notice has them.

    ``incomplete``: it is meant that statutory days off are not among them. What a publication moves later
    does not come back (ADR 0015), so a slip is asked for twice.
    """

    year: Year
    holidays: Days
    makeup: Days = ""
    incomplete: bool = False
    source: Line


class ProposeCalendarYear(Command):
    """Read a year out of the text of the official notice; a person confirms it or not."""

    year: Year
    notice: Notice


class ConfirmCalendarYear(Command):
    """A person compared a proposed year with the notice; what is given here corrects it."""

    proposal_id: Code
    holidays: Days | None = None
    makeup: Days | None = None
    incomplete: bool = False
    source: Line


class RejectCalendarYear(Command):
    """A person found that a proposed year is not what the notice says."""

    proposal_id: Code
    reason: Line


ReferenceCommand = (
    PublishEdition | PublishCalendarYear | ProposeCalendarYear | ConfirmCalendarYear | RejectCalendarYear
)
