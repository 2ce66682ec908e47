"""What reference can be asked to do. ``case_id`` names a subject, such as ``calendar/CN-GOV``."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from libs.sourcing.decider import Command
from libs.sourcing.words import NO_CONTROL, Code, Line

Days = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[0-9 .\-]*$")]
"""Days of a year as ``01-01 02-15..02-23``."""
Year = Annotated[int, Field(ge=2000, le=2200)]
Notice = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class PublishEdition(Command):
    """Put a whole new edition in force. ``based_on`` is the edition that it was made from, 0 for what ships.

    ``accept_unusual``: a limit that no law known here gives is meant. A case keeps its pack, so a slip is asked
    for twice.
    """

    content: dict[str, Any]
    source: Line
    based_on: int = Field(ge=0, le=1_000_000)
    accept_unusual: bool = False


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


Question = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=4, max_length=200, pattern=NO_CONTROL),
]
KnownAnswer = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=4,
        max_length=5_000,
        pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$",
    ),
]
Topic = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-W[0-9]{2}/[0-9]{4}$")]
"""A matter that many asked about in one week: ``2026-W10/0105``."""


class ProposeKnowledge(Command):
    """Propose an entry of the knowledge base, or a new edition of one. No personal words may stand in it.

    ``unit`` answers for it; ``answers_topic`` names what many asked, ``from_publication`` a published case.
    """

    question: Question
    answer: KnownAnswer
    category: Code
    keywords: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    unit: Code
    sources: Annotated[tuple[Line, ...], Field(min_length=1, max_length=10)]
    valid_until: AwareDatetime
    answers_topic: Topic | None = None
    from_publication: Code | None = None


class ApproveKnowledge(Command):
    """Put a proposed entry in force: another person than who proposed it answers for that."""

    proposal_id: Code


class RejectKnowledge(Command):
    """Put a proposed entry away, with the reason."""

    proposal_id: Code
    reason: Line


class WithdrawKnowledge(Command):
    """Take an entry out of force, with the reason."""

    reason: Line


KnowledgeCommand = ProposeKnowledge | ApproveKnowledge | RejectKnowledge | WithdrawKnowledge
ReferenceCommand = (
    PublishEdition
    | PublishCalendarYear
    | ProposeCalendarYear
    | ConfirmCalendarYear
    | RejectCalendarYear
    | ProposeKnowledge
    | ApproveKnowledge
    | RejectKnowledge
    | WithdrawKnowledge
)
