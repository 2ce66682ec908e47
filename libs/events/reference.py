"""What reference states: the calendars, policies, units and words by which cases are decided.

These facts are about no case. Their ``case_id`` names what is published, such as ``calendar/CN-GOV``,
and they lie in ``reference-events``, which both realms read.
"""

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.events.base import Event
from libs.events.edition import Edition


class CalendarYearProposed(Event):
    """Days off and make-up workdays were read out of a notice; a person has yet to confirm them."""

    proposal_id: str
    year: int
    holidays: str
    makeup: str
    unread: tuple[str, ...] = ()
    notice: str


class CalendarYearRejected(Event):
    """A person found that a proposed year does not say what the notice says."""

    proposal_id: str
    year: int
    reason: str


class CalendarPublished(Edition):
    """A working calendar holds from now on; open deadlines that it moves are stated anew.

    ``settles``: the proposals that have done their work with it.
    """

    version: ClassVar[int] = 2

    settles: tuple[str, ...] = ()


class PolicyPublished(Edition):
    """A policy pack's new version. Cases keep the pack with which they started.

    ``accepted_unusual``: what in it is longer than any law known here gives, or aims higher than is asked
    for, each as ``path: reason``; who published it was told so and accepted it.
    """

    version: ClassVar[int] = 2

    accepted_unusual: tuple[str, ...] = ()


class AdoptionsPublished(Edition):
    """Which place follows which policy pack, from which day."""


class TaxonomyPublished(Edition):
    """The list of categories. Codes of older editions stay readable."""


class OrganisationsPublished(Edition):
    """The units: types, territory, duty lists, superiors, succession (信访工作条例 Art. 24)."""


class CataloguePublished(Edition):
    """The dispatch catalogue (派单目录): which unit leads which matter where, and on what basis."""


class LeadersPublished(Edition):
    """The leading posts, by office and without names, and which units each leads."""


class MailboxesPublished(Edition):
    """The leaders' and units' mailboxes that a citizen can write to."""


class Knowledge(BaseModel):
    """What is known of a matter: a question as citizens ask it, and the answer that holds for everybody.

    ``sources`` are the laws and notices it follows, ``unit`` answers for it, at ``valid_until`` it is looked at
    anew. ``answers_topic`` names what many asked (``2026-W10/0105``), ``from_publication`` a published case.
    """

    model_config = ConfigDict(frozen=True)

    question: str
    answer: str
    category: str
    keywords: tuple[str, ...] = ()
    unit: str
    sources: tuple[str, ...]
    valid_until: AwareDatetime
    answers_topic: str | None = None
    from_publication: str | None = None


class KnowledgeProposed(Event):
    """A unit or an officer says what should stand in the knowledge base; another person has yet to agree."""

    proposal_id: str
    entry: Knowledge


class KnowledgeRejected(Event):
    """A second person found that a proposed entry should not stand in the knowledge base."""

    proposal_id: str
    reason: str


class KnowledgePublished(Event):
    """An entry of the knowledge base holds from now on, in this edition; a second person agreed to it."""

    edition: int = Field(ge=1)
    proposal_id: str
    proposed_by: str
    entry: Knowledge


class KnowledgeWithdrawn(Event):
    """An entry of the knowledge base holds no more. What was answered by it stays as it was."""

    edition: int = Field(ge=1)
    reason: str
