"""What reference states: the calendars, policies, units and words by which cases are decided.

These facts are about no case. Their ``case_id`` names what is published, such as ``calendar/CN-GOV``,
and they lie in ``reference-events``, which both realms read.
"""

from typing import ClassVar

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
    """A policy pack's new version. Cases keep the pack with which they started."""


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
