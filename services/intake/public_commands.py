"""What intake can be asked about recusal, publication and how a case is kept."""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from libs.events.base import Marker
from libs.events.intake import ErasureGround, HoldGround, RecusalGround, UnpublishGround
from libs.rules.pii import find_personal, places
from libs.sourcing.decider import Command
from libs.sourcing.words import Code, PersonalWords


class RecuseSelf(Command):
    """Say of oneself that one must keep out of a case (自行回避)."""

    ground: RecusalGround


class ClaimRecusal(Command):
    """Ask, as the citizen, that somebody keep out of the case (申请回避): who and why, in words; by
    ``account`` if it is known."""

    reason: PersonalWords
    account: Code | None = None


class DecideRecusal(Command):
    """Decide what the citizen asked for; ``account`` is who must keep out, ``reason`` what the citizen is
    told."""

    claim_id: Code
    outcome: Literal["granted", "denied"]
    reason: PersonalWords
    account: Code | None = None
    ground: RecusalGround = "interest_in_matter"


class LiftRecusal(Command):
    """Let an account act on the case again, since the reason is gone."""

    account: Code
    reason: PersonalWords


def _names_nobody(text: str) -> str:
    found = find_personal(text)
    if found:
        raise ValueError(f"this may tell who somebody is: {places(found)}")
    return text


PublicWords = Annotated[
    str,
    Marker.PERSONAL,
    StringConstraints(min_length=1, max_length=20_000),
    AfterValidator(_names_nobody),
]
"""Words for everybody to read. Looked through before they are sealed: no rule can read them afterwards.
They are sealed all the same, so that they can be erased."""
PublicTitle = Annotated[
    str,
    Marker.PERSONAL,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_names_nobody),
]


class GiveConsent(Command):
    """Agree, as the citizen, that question and answer be published without names."""


class WithdrawConsent(Command):
    """Agree no longer; what is public is taken back at once (PIPL Art. 15)."""


class ProposeRedaction(Command):
    """Hand in question and answer as everybody may read them. ``concerns_minor``: whether a child is in it,
    which no scan can tell."""

    title: PublicTitle
    question: PublicWords
    answer: PublicWords
    concerns_minor: bool


class ApproveRedaction(Command):
    """Find, as a second auditor, that the text tells nothing of anybody, and publish it.

    ``publication_id`` is filled in by the host.
    """

    redaction_id: Code
    publication_id: str


class ReturnRedaction(Command):
    """Send the text back, as it cannot be published like that."""

    redaction_id: Code
    reason: PersonalWords


class UnpublishCase(Command):
    """Take a published text back at once. Everybody who sees that it must go may do it alone."""

    ground: UnpublishGround


PublicationCommand = (
    GiveConsent
    | WithdrawConsent
    | ProposeRedaction
    | ApproveRedaction
    | ReturnRedaction
    | UnpublishCase
)
class ArchiveCase(Command):
    """Put away a case that ended long ago (归档). Time alone asks for it."""


class PutLegalHold(Command):
    """Let nothing of a case be erased, for a court or an inquiry needs it; ``reference`` says whose."""

    ground: HoldGround
    reference: PersonalWords


class LiftLegalHold(Command):
    """The court or inquiry no longer needs the case. Words that were closed stay so until that is undone too."""


class LiftRestriction(Command):
    """Open the words of a case again that were closed instead of erased."""


class EraseContactData(Command):
    """Destroy the key of name and number alone; the words stay (domain 5.1, class B)."""

    ground: ErasureGround


class ArchiveFollower(Command):
    """The case that it was merged into, and with which it ended, was put away."""

    link_id: str


KeepingCommand = ArchiveCase | ArchiveFollower | PutLegalHold | LiftLegalHold | LiftRestriction | EraseContactData
RecusalCommand = RecuseSelf | ClaimRecusal | DecideRecusal | LiftRecusal
