"""What reference states: the calendars, policies, units and words by which cases are decided.

These facts are about no case. Their ``case_id`` names what is published, such as ``calendar/CN-GOV``,
and they lie in ``reference-events``, which both realms read. Each holds a whole edition, so that who
reads one needs none before it.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from libs.events.base import Event


class Changes(BaseModel):
    """How many entries an edition adds to, changes in and takes from the one before."""

    model_config = ConfigDict(frozen=True)

    added: int = Field(default=0, ge=0)
    changed: int = Field(default=0, ge=0)
    removed: int = Field(default=0, ge=0)


class _Edition(Event):
    """``edition`` counts from 1 per subject; ``digest`` is the SHA-256 of ``content`` as canonical JSON.

    ``content`` has the shape of the shipped files in ``libs/rules/data``; ``source`` names the notice,
    decision or law that it follows.
    """

    edition: int = Field(ge=1)
    digest: str
    source: str
    changes: Changes = Changes()
    content: dict[str, Any]


class CalendarYearProposed(Event):
    """Days off and make-up workdays were read out of a notice; a person has yet to confirm them."""

    proposal_id: str
    year: int
    holidays: str
    makeup: str
    notice: str


class CalendarYearRejected(Event):
    """A person found that a proposed year does not say what the notice says."""

    proposal_id: str
    year: int
    reason: str


class CalendarPublished(_Edition):
    """A working calendar holds from now on; open deadlines that it moves are stated anew."""


class PolicyPublished(_Edition):
    """A policy pack's new version. Cases keep the pack with which they started."""


class AdoptionsPublished(_Edition):
    """Which place follows which policy pack, from which day."""


class TaxonomyPublished(_Edition):
    """The list of categories. Codes of older editions stay readable."""


class OrganisationsPublished(_Edition):
    """The units: types, territory, duty lists, superiors, succession (信访工作条例 Art. 24)."""


class CataloguePublished(_Edition):
    """The dispatch catalogue (派单目录): which unit leads which matter where, and on what basis."""


class LeadersPublished(_Edition):
    """The leading posts, by office and without names, and which units each leads."""


class MailboxesPublished(_Edition):
    """The leaders' and units' mailboxes that a citizen can write to."""
