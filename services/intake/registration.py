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

SHOWS_NOTICE = frozenset(
    {*LETTERS, Channel.WEB_PORTAL, Channel.APP, Channel.WECHAT, Channel.QR_CODE, Channel.BOARD_LOCAL}
)
"""Channels with a form of our own, which shows the citizen how the data are used before it is sent (PIPL
Art. 17). Elsewhere somebody else's form does, or a voice, or a sheet that is handed out."""
VISITS = frozenset({Channel.VISIT, Channel.VIDEO_VISIT, Channel.LEADER_RECEPTION})
"""Channels by which several people come with one matter (走访)."""


def register_case(command: RegisterCase, case: Registration, rules: Rules) -> list[Event]:
    """Every request is registered, at once (信访工作条例 Art. 22); the acceptance clock starts."""
    if case.stage:
        return []
    _must_have_been_shown_the_notice(command)
    _must_be_whole(command)
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
    _must_be_represented(command, rules.pack(policy).representatives_max)
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
            representatives=command.representatives,
            proxy=command.proxy,
            proxy_name=command.proxy_name,
            proxy_phone=command.proxy_phone,
            privacy_notice=command.privacy_notice,
            place=Place(adcode=adcode, text=command.place),
            claims=command.claims,
            contact_apart=_brings_contact(command),
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


def _must_have_been_shown_the_notice(command: RegisterCase) -> None:
    """Who sends our form has been told for what the data are used, by whom and how long (PIPL Art. 17)."""
    if command.channel in SHOWS_NOTICE and not command.privacy_notice:
        raise Refused(
            f"privacy_notice: {command.channel} shows the citizen the privacy notice before it sends the form."
        )


def _must_be_whole(command: RegisterCase) -> None:
    """Filing for another (代为反映) says who files; a hidden identity brings no name with it (G03)."""
    if command.proxy is None and (command.proxy_name or command.proxy_phone):
        raise Refused("proxy: say how who files it stands to the citizen.")
    if command.identity_mode == "anonymous" and command.name is not None:
        raise Refused("name: an anonymous citizen gives none; with a name it is confidential or real.")


def _brings_contact(command: RegisterCase) -> bool:
    """Whether there is a name or number to seal under a key of its own (domain 5.1, class B)."""
    names = command.name, command.proxy_name, *command.representatives
    return any((*names, command.phone, command.proxy_phone))


def _must_be_represented(command: RegisterCase, most: int) -> None:
    """Many who come with one matter elect representatives (信访工作条例 Art. 20(3))."""
    if command.representatives and command.channel not in VISITS:
        raise Refused("representatives: they come by visit; another channel has none.")
    if len(command.representatives) > most:
        raise Refused(f"representatives: at most {most} are elected (信访工作条例 Art. 20(3)).")


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
