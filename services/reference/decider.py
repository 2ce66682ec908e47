"""The rules of reference. Nothing here waits, reads or writes; those of the knowledge base stand apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from libs.events.base import Event
from libs.events.edition import Edition
from libs.events.reference import (
    AdoptionsPublished,
    CalendarPublished,
    CalendarYearProposed,
    CalendarYearRejected,
    CataloguePublished,
    KnowledgeProposed,
    KnowledgePublished,
    KnowledgeRejected,
    KnowledgeWithdrawn,
    LeadersPublished,
    MailboxesPublished,
    OrganisationsPublished,
    PolicyPublished,
    TaxonomyPublished,
)
from libs.rules.calendar_content import with_year
from libs.rules.holidays import check_year, missing_statutory_days
from libs.rules.notice import read_notice
from libs.rules.reference import Reference, ReferenceKind, diff, digest, unusual_in
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Decider, Refused
from services.reference.commands import (
    ApproveKnowledge,
    ConfirmCalendarYear,
    ProposeCalendarYear,
    ProposeKnowledge,
    PublishCalendarYear,
    PublishEdition,
    ReferenceCommand,
    RejectCalendarYear,
    RejectKnowledge,
    WithdrawKnowledge,
)
from services.reference.knowledge import Entry, decide_entry, evolve_entry

PUBLISHED: Mapping[ReferenceKind, type[Edition]] = {
    ReferenceKind.CALENDAR: CalendarPublished,
    ReferenceKind.POLICY: PolicyPublished,
    ReferenceKind.ADOPTIONS: AdoptionsPublished,
    ReferenceKind.TAXONOMY: TaxonomyPublished,
    ReferenceKind.ORGANISATIONS: OrganisationsPublished,
    ReferenceKind.CATALOGUE: CataloguePublished,
    ReferenceKind.LEADERS: LeadersPublished,
    ReferenceKind.MAILBOXES: MailboxesPublished,
}


NOTHING_MORE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A year that was read out of a notice."""

    year: int
    holidays: str
    makeup: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """One subject: how many editions there are, what the newest holds, and what waits for a person."""

    edition: int = 0
    digest: str = ""
    proposed: int = 0
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    entry: Entry = field(default_factory=Entry)


def decide(command: ReferenceCommand, shelf: Shelf, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    match command:
        case PublishEdition():
            return publish_edition(command, shelf, rules)
        case PublishCalendarYear():
            return publish_calendar_year(command, shelf, rules)
        case ProposeCalendarYear():
            return propose_calendar_year(command, shelf, rules)
        case ConfirmCalendarYear():
            return confirm_calendar_year(command, shelf, rules)
        case RejectCalendarYear():
            return reject_calendar_year(command, shelf, rules)
        case ProposeKnowledge() | ApproveKnowledge() | RejectKnowledge() | WithdrawKnowledge():
            return decide_entry(command, shelf.entry, rules)
        case _:
            assert_never(command)


def evolve(shelf: Shelf, event: Event) -> Shelf:
    """The subject after an event."""
    match event:
        case CalendarYearProposed():
            new = Proposal(event.year, event.holidays, event.makeup)
            proposals = dict(sorted({**shelf.proposals, event.proposal_id: new}.items()))
            return replace(shelf, proposed=shelf.proposed + 1, proposals=proposals)
        case CalendarYearRejected():
            rest = {k: v for k, v in shelf.proposals.items() if k != event.proposal_id}
            return replace(shelf, proposals=rest)
        case CalendarPublished():
            rest = {k: v for k, v in shelf.proposals.items() if k not in event.settles}
            return replace(shelf, edition=event.edition, digest=event.digest, proposals=rest)
        case Edition():
            return replace(shelf, edition=event.edition, digest=event.digest)
        case (
            KnowledgeProposed() | KnowledgeRejected() | KnowledgePublished() | KnowledgeWithdrawn()
        ):
            return replace(shelf, entry=evolve_entry(shelf.entry, event))
        case _:
            return shelf


def publish_edition(command: PublishEdition, shelf: Shelf, rules: Rules) -> list[Event]:
    """A whole edition, if all rules together can be read with it."""
    kind, name = _kind(command), command.case_id.partition("/")[2]
    stands = _current(command, shelf, rules).current(kind, name)
    if stands is not None and digest(command.content) == digest(stands):
        return []
    if command.based_on != shelf.edition:
        raise Refused(
            f"Edition {shelf.edition} of {command.case_id} is in force, and yours was made from "
            f"{command.based_on}: look at what changed, and send it again."
        )
    unusual = unusual_in(kind, command.content)
    if unusual and not command.accept_unusual:
        told = "; ".join(unusual)
        raise Refused(f"{told}. Say accept_unusual if that is meant; it is stated who accepted it.")
    more = {"accepted_unusual": unusual} if unusual else NOTHING_MORE
    return _published(command, command.content, command.source, shelf, rules, more)


def publish_calendar_year(
    command: PublishCalendarYear, shelf: Shelf, rules: Rules
) -> list[Event]:
    """One year of the State Council's notice, added to the calendar or correcting it."""
    return _publish_year(command, command.year, command.holidays, command.makeup, shelf, rules)


def propose_calendar_year(
    command: ProposeCalendarYear, shelf: Shelf, rules: Rules
) -> list[Event]:
    """What a machine reads in a notice; it is in force only after a person has confirmed it."""
    _kind(command, ReferenceKind.CALENDAR)
    _current(command, shelf, rules)
    found = read_notice(command.notice, command.year)
    if not found.holidays:
        raise Refused(f"The text names no days off of {command.year}. {' '.join(found.unread)}".strip())
    proposal = Proposal(command.year, found.holidays, found.makeup)
    if proposal in shelf.proposals.values():
        return []
    return [
        CalendarYearProposed(
            **command.stamp(rules.versions),
            proposal_id=f"{command.case_id.partition('/')[2]}.{command.year}.{shelf.proposed + 1}",
            year=command.year,
            holidays=found.holidays,
            makeup=found.makeup,
            unread=found.unread,
            notice=command.notice,
        )
    ]


def confirm_calendar_year(
    command: ConfirmCalendarYear, shelf: Shelf, rules: Rules
) -> list[Event]:
    """A named person answers for what was read, corrected where it was read wrongly."""
    proposal = _proposal(command.proposal_id, shelf)
    holidays = proposal.holidays if command.holidays is None else command.holidays
    makeup = proposal.makeup if command.makeup is None else command.makeup
    return _publish_year(command, proposal.year, holidays, makeup, shelf, rules)


def reject_calendar_year(
    command: RejectCalendarYear, shelf: Shelf, rules: Rules
) -> list[Event]:
    """What was read is put away, with the reason."""
    proposal = _proposal(command.proposal_id, shelf)
    return [
        CalendarYearRejected(
            **command.stamp(rules.versions),
            proposal_id=command.proposal_id,
            year=proposal.year,
            reason=command.reason,
        )
    ]


def _publish_year(
    command: PublishCalendarYear | ConfirmCalendarYear,
    year: int,
    holidays: str,
    makeup: str,
    shelf: Shelf,
    rules: Rules,
) -> list[Event]:
    kind = _kind(command, ReferenceKind.CALENDAR)
    reference = _current(command, shelf, rules)
    name = command.case_id.partition("/")[2]
    content = reference.current(kind, name)
    if content is None:
        raise Refused(f"There is no calendar {name}.")
    try:
        grown = with_year(content, year, holidays, makeup)
    except ValueError as error:
        raise Refused(str(error)) from error
    if grown["years"] == content["years"]:
        return []
    missing = missing_statutory_days(year, check_year(year, {"holidays": holidays})[0])
    if missing and "extends" not in content and not command.incomplete:
        days = ", ".join(f"{day:%m-%d}" for day in missing)
        raise Refused(f"{days} are statutory days off and not among them; say incomplete if that is meant.")
    # Confirmed, or overtaken by a direct publication of the same year.
    settled = tuple(k for k, proposal in shelf.proposals.items() if proposal.year == year)
    return _published(command, grown, command.source, shelf, rules, {"settles": settled})


def _published(
    command: Command,
    content: Mapping[str, Any],
    source: str,
    shelf: Shelf,
    rules: Rules,
    more: Mapping[str, Any] = NOTHING_MORE,
) -> list[Event]:
    """The edition, once it was shown that the rules can be read with it."""
    kind = _kind(command)
    reference = _current(command, shelf, rules)
    name = command.case_id.partition("/")[2]
    try:
        reference.with_edition(kind, name, content).rules()
        changes = diff(kind, reference.current(kind, name), content).counts
    except ValueError as error:
        raise Refused(f"It cannot be put in force: {error}") from error
    return [
        PUBLISHED[kind](
            **command.stamp(rules.versions),
            edition=shelf.edition + 1,
            digest=digest(content),
            source=source,
            changes=changes,
            content=dict(content),
            **more,
        )
    ]


def _kind(command: Command, wanted: ReferenceKind | None = None) -> ReferenceKind:
    word = command.case_id.partition("/")[0]
    if word not in list(ReferenceKind):
        raise Refused(f"There is no kind of reference data {word}.")
    kind = ReferenceKind(word)
    if wanted is not None and kind is not wanted:
        raise Refused(f"This is for a {wanted.value}, not for {command.case_id}.")
    return kind


def _current(command: Command, shelf: Shelf, rules: Rules) -> Reference:
    """All editions, if this process has already read the one that this subject stated last."""
    reference = rules.reference
    kind, _, name = command.case_id.partition("/")
    if reference is None or reference.published(ReferenceKind(kind), name) < shelf.edition:
        raise Refused("What was just published has not come back from the log yet: send it again.")
    return reference


def _proposal(proposal_id: str, shelf: Shelf) -> Proposal:
    if proposal_id not in shelf.proposals:
        raise Refused(f"No proposal {proposal_id} waits for a person.")
    return shelf.proposals[proposal_id]


decider = Decider(Shelf(), decide, evolve)
