"""The rules of registration: what a request must bring to become a case. Nothing here waits, reads or writes."""

from collections.abc import Mapping

from libs.events.base import Event
from libs.events.intake import CaseClassified, CaseRegistered, Consent, Place, Track
from libs.rules.mailboxes import Mailbox, MailboxKind
from libs.rules.rules import Rules
from libs.rules.states import Channel
from libs.sourcing.decider import Refused
from services.intake.commands import TRACK_OF_CLASS, RegisterCase
from services.intake.state import Registration

LETTERS: Mapping[Channel, MailboxKind] = {
    Channel.MAILBOX_SECRETARY: MailboxKind.SECRETARY,
    Channel.MAILBOX_MAYOR: MailboxKind.MAYOR,
    Channel.MAILBOX_COUNTY: MailboxKind.COUNTY,
    Channel.MAILBOX_TOWN: MailboxKind.TOWN,
}
"""Whose letters a channel brings (domain 3.4). A department's mailbox has no channel of its own."""


def register_case(command: RegisterCase, case: Registration, rules: Rules) -> list[Event]:
    """Every request is registered, at once (信访工作条例 Art. 22); the acceptance clock starts."""
    if case.stage:
        return []
    box = _mailbox(command, rules)
    adcode = command.adcode or _area(box, rules)
    restricted = command.realm == "restricted"
    track: Track = "restricted" if restricted else "hotline"
    category, suggested = None, command.suggested
    if suggested is not None and rules.may_choose(suggested.category):
        category = suggested.category
        track = track if restricted else track_of(category, rules)
    try:
        policy = rules.policy_for(adcode, track, command.occurred_at)
        due_accept = rules.due(policy, "ACCEPT", "G", track, command.occurred_at).at
    except (ValueError, OverflowError) as error:
        raise Refused(f"occurred_at is a time that no calendar covers: {error}") from error
    decided_with = rules.versions_of(policy)
    events: list[Event] = [
        CaseRegistered(
            **command.stamp(decided_with),
            receipt_no=command.receipt_no,
            channel=command.channel,
            mailbox=command.mailbox,
            external_id=command.external_id,
            track=track,
            kind=command.kind,
            identity_mode=command.identity_mode,
            secrecy="restricted" if restricted else "normal",
            title=command.title,
            text=command.text,
            name=command.name,
            phone=command.phone,
            place=Place(adcode=adcode, text=command.place),
            claims=command.claims,
            contact_apart=bool(command.name or command.phone),
            consent=Consent(publish=command.consent_publish, share=command.consent_share),
            due_accept=due_accept,
        )
    ]
    if category is not None and suggested is not None:
        events.append(
            CaseClassified(
                **command.stamp(decided_with),
                category=category,
                kind=command.kind,
                track=track,
                sla_class=rules.leaf(category).sla.value,
                source="rule",
                confidence=suggested.confidence,
                words=suggested.words,
            )
        )
    return events


def track_of(category: str, rules: Rules) -> Track:
    """The procedure that a category follows."""
    return TRACK_OF_CLASS.get(rules.leaf(category).sla.value, "hotline")


def _mailbox(command: RegisterCase, rules: Rules) -> Mailbox | None:
    """The mailbox that was written to; it must be one of the city's, and one that the channel serves."""
    if command.mailbox is None:
        return None
    if command.mailbox not in rules.mailboxes:
        raise Refused(f"mailbox: there is no mailbox {command.mailbox}.")
    box = rules.mailboxes.mailbox(command.mailbox)
    serves = LETTERS.get(command.channel, MailboxKind.DEPARTMENT)
    if box.kind is not serves:
        raise Refused(
            f"mailbox: {box.id} is a {box.kind} mailbox, but {command.channel} brings letters to a {serves} one."
        )
    return box


def _area(box: Mailbox | None, rules: Rules) -> str | None:
    """Where a letter is from that names no place: the area of its mailbox, unless that is the whole city."""
    return rules.organisations.place(box.adcode) if box is not None else None
