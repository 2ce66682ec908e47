"""The rules of how a case is kept: put away, held for a court, closed, its contact data erased. Nothing here
waits, reads or writes."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Literal, assert_never

from libs.events.base import SYSTEM, Event
from libs.events.intake import (
    CaseArchived,
    ContactDataErased,
    LegalHoldLifted,
    LegalHoldPut,
    ProcessingRestricted,
    RestrictionLifted,
)
from libs.rules.calendar import SHANGHAI
from libs.rules.policy import Kept
from libs.rules.rules import Rules
from libs.rules.states import Track
from libs.sourcing.decider import Command, Refused
from libs.vault.contact import contact_key
from services.intake.commands import ErasePersonalData
from services.intake.public_commands import (
    ArchiveCase,
    ArchiveFollower,
    EraseContactData,
    KeepingCommand,
    LiftLegalHold,
    LiftRestriction,
    PutLegalHold,
)
from services.intake.regions import NONE, Regions
from services.intake.state import Registration


def decide_on_keeping(
    command: KeepingCommand, case: Registration, rules: Rules
) -> Sequence[Event]:
    """What follows from a command about how a case is kept, or ``Refused``."""
    if not case.stage:
        raise Refused("There is no such case.")
    regions = case.regions or NONE
    match command:
        case ArchiveCase():
            return archive_case(command, case, rules)
        case ArchiveFollower():
            return archive_follower(command, case, rules)
        case PutLegalHold():
            return put_legal_hold(command, case, regions, rules)
        case LiftLegalHold():
            return lift_legal_hold(command, case, regions, rules)
        case LiftRestriction():
            return lift_restriction(command, case, regions, rules)
        case EraseContactData():
            return erase_contact_data(command, case, regions, rules)
        case _:
            assert_never(command)


def archiving(case_id: str, case: Registration, rules: Rules) -> list[ArchiveCase]:
    """A case is put away by itself."""
    at = archives_at(case, rules)
    return [] if at is None else [ArchiveCase(case_id=case_id, occurred_at=at, by=SYSTEM)]


def archives_at(case: Registration, rules: Rules) -> datetime | None:
    """The guard of transition 50: ended for itself, the pack's time over, nobody may ask for review any
    more and nobody has asked that it be taken up anew; none of a track that the pack does not name. Who
    ended with another case is put away with that one."""
    if case.ends.end == "merged":
        return None
    if not case.ended or case.ended_at is None or case.erased or case.standing.in_review:
        return None
    if case.wishes.reopening_asked or (case.regions and case.regions.archived_at):
        return None
    policy = rules.pack(case.policy).archive
    if policy is None or case.track not in policy.kept:
        return None
    after = [rules.calendar(case.policy).due(case.ended_at, policy.after).at]
    if case.track == "xinfang" and not case.standing.finalised:
        reviewed_at = case.standing.reviewed_at
        step, start = ("RR_REQ", reviewed_at) if reviewed_at else ("REVIEW_REQ", case.ended_at)
        after.append(rules.due(case.policy, step, "X", case.track, start).at)
    return max(after)


def archive_case(command: ArchiveCase, case: Registration, rules: Rules) -> list[Event]:
    """At the instant from which the guard holds; anything else is out of date."""
    if archives_at(case, rules) != command.occurred_at:
        return []
    return _put_away(command, case, rules)


def archive_follower(command: ArchiveFollower, case: Registration, rules: Rules) -> list[Event]:
    """With the case that it ended with, once nobody may ask for that one's review any more (transition 50)."""
    links = case.links
    if case.ends.end != "merged" or not links.concluded or links.link_id != command.link_id:
        return []
    if case.erased or (case.regions and case.regions.archived_at):
        return []
    return _put_away(command, case, rules)


def _put_away(command: Command, case: Registration, rules: Rules) -> list[Event]:
    kept = _kept(case, rules)
    if kept is None or case.ended_at is None:
        return []
    return [
        CaseArchived(
            **command.stamp(rules.versions_of(case.policy), case.round),
            retention_class=case.track,
            retain_until=years_after(case.ended_at, kept.text_years),
            contact_until=years_after(case.ended_at, kept.contact_years),
        )
    ]


def put_legal_hold(
    command: PutLegalHold, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """For a court, a prosecutor, a discipline organ or an audit (domain 5, G10)."""
    if case.erased:
        raise Refused("The personal data of this case were erased; there is nothing to hold.")
    if regions.held:
        return []
    stamp = command.stamp(rules.versions_of(case.policy), case.round)
    return [LegalHoldPut(**stamp, ground=command.ground, reference=command.reference)]


def lift_legal_hold(
    command: LiftLegalHold, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """What was to be erased is not erased by this: a privacy officer decides it again."""
    if not regions.held:
        return []
    return [LegalHoldLifted(**command.stamp(rules.versions_of(case.policy), case.round))]


def lift_restriction(
    command: LiftRestriction, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """If whoever asked for the erasure no longer wants it."""
    if not regions.restricted:
        return []
    return [RestrictionLifted(**command.stamp(rules.versions_of(case.policy), case.round))]


def closed_instead(
    command: ErasePersonalData, case: Registration, rules: Rules
) -> list[Event] | None:
    """What is stated in the stead of an erasure: nothing (``None``) if the words may go; otherwise that
    they are closed, once (transition 51, PIPL Art. 47(2))."""
    regions = case.regions or NONE
    reason = _reason_to_keep(command, case, regions, rules)
    if reason is None:
        return None
    ground, until = reason
    if regions.restricted:
        return []
    stamp = command.stamp(rules.versions_of(case.policy), case.round)
    return [ProcessingRestricted(**stamp, ground=ground, until=until)]


def erase_contact_data(
    command: EraseContactData, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """Name and number may go before the words (domain 5.1, class B); after the end of the case, and only
    where they have a key of their own."""
    if case.erased or regions.contact_erased:
        return []
    if not case.ended:
        raise Refused("The case has not ended; the citizen must still be reached.")
    if case.track == "restricted" and case.stage == "referred" and not case.ends.answered:
        raise Refused("The discipline organ has not answered; it must still reach who reported.")
    if not regions.contact:
        raise Refused("Name and number of this case have no key of their own, or there are none.")
    if regions.held:
        raise Refused("A legal hold keeps everything of the case; nothing of it is erased.")
    until = regions.contact_until
    if command.ground == "retention_over" and (until is None or command.occurred_at < until):
        raise Refused("The time for which name and number are kept is not over.")
    return [
        ContactDataErased(
            **command.stamp(rules.versions_of(case.policy), case.round),
            key_ids_destroyed=(contact_key(command.case_id),),
            ground=command.ground,
        )
    ]


def years_after(at: datetime, years: int) -> datetime:
    """The end of the day, so many years later, in China; 29 February gives 1 March."""
    day = at.astimezone(SHANGHAI).date()
    try:
        last = day.replace(year=day.year + years)
    except ValueError:
        last = day.replace(year=day.year + years, month=3, day=1)
    return datetime.combine(last + timedelta(days=1), time(), SHANGHAI)


def _kept(case: Registration, rules: Rules) -> Kept | None:
    policy = rules.pack(case.policy).archive
    return policy.kept.get(Track(case.track)) if policy else None


def _reason_to_keep(
    command: ErasePersonalData, case: Registration, regions: Regions, rules: Rules
) -> tuple[Literal["legal_hold", "statutory_retention"], datetime | None] | None:
    if regions.held:
        return "legal_hold", None
    if command.ground == "unlawful_processing":  # what should never have been kept has no time to be kept
        return None
    kept = _kept(case, rules)
    if kept is None or case.ended_at is None:
        return None
    until = years_after(case.ended_at, kept.text_years)
    if command.occurred_at >= until:
        return None
    if command.ground == "retention_over":
        raise Refused(f"The time for which it is kept is not over; it ends on {until:%Y-%m-%d}.")
    return ("statutory_retention", until) if kept.statutory else None
