"""What intake knows of a case beside its stage: who keeps out of it, whether it is public, how it is kept.

These regions move on their own (domain 2.1) and stop no clock. All of it is intake's own word. It decides
nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from libs.events.base import Event
from libs.events.intake import (
    CaseArchived,
    CasePublished,
    CaseRegistered,
    CaseUnpublished,
    ConsentChanged,
    ContactDataErased,
    LegalHoldLifted,
    LegalHoldPut,
    PersonalDataErased,
    ProcessingRestricted,
    RecusalClaimed,
    RecusalDecided,
    RecusalLifted,
    RecusalRecorded,
    RedactionProposed,
    RedactionReturned,
    RestrictionLifted,
)
from libs.rules.bars import barred
from libs.rules.replacing import replace


@dataclass(frozen=True, slots=True)
class Claim:
    """A recusal that the citizen asked for and nobody has decided."""

    claim_id: str
    account: str | None


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text that waits for the second auditor. The words are sealed."""

    redaction_id: str
    title: str
    question: str
    answer: str
    by: str


@dataclass(frozen=True, slots=True)
class Regions:
    """``bars``: as every service keeps them. ``own_consent``: given by the citizen's own code.

    ``published``: the id under which the text is public. ``contact``: whether there is a name or
    number, under a key of its own.
    """

    bars: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    claims_made: int = 0
    consent: bool = False
    own_consent: bool = False
    redactions: int = 0
    redaction: Redaction | None = None
    published: str | None = None
    archived_at: datetime | None = None
    retain_until: datetime | None = None
    contact_until: datetime | None = None
    contact: bool = False
    contact_erased: bool = False
    held: bool = False
    restricted: str = ""

    def claim(self, claim_id: str) -> Claim | None:
        """An open claim."""
        return next((claim for claim in self.claims if claim.claim_id == claim_id), None)


NONE = Regions()
MOVING = frozenset(
    {
        RecusalClaimed,
        RecusalDecided,
        RecusalRecorded,
        RecusalLifted,
        ConsentChanged,
        RedactionProposed,
        RedactionReturned,
        CasePublished,
        CaseUnpublished,
        CaseArchived,
        LegalHoldPut,
        LegalHoldLifted,
        ProcessingRestricted,
        RestrictionLifted,
        ContactDataErased,
        PersonalDataErased,
    }
)
"""All that is said of these regions after a case began; nearly every other fact is left out at once."""


def registered(event: CaseRegistered) -> Regions | None:
    """As a case begins. Most have nothing to keep here, and then nothing is kept."""
    consent, contact = event.consent.publish, event.contact_apart
    return Regions(consent=consent, contact=contact) if consent or contact else None


def moved(before: Regions | None, event: Event) -> Regions | None:
    """The regions after a fact."""
    if type(event) not in MOVING:
        return before
    old = before or NONE
    match event:
        case RecusalRecorded() | RecusalLifted():
            return replace(old, bars=barred(old.bars, event))
        case RecusalClaimed():
            claims = (*old.claims, Claim(event.claim_id, event.account))
            return replace(old, claims=claims, claims_made=old.claims_made + 1)
        case RecusalDecided():
            claims = tuple(one for one in old.claims if one.claim_id != event.claim_id)
            return replace(old, claims=claims)
        case ConsentChanged():
            redaction = old.redaction if event.publish else None
            own = event.publish and event.actor.role == "citizen"
            return replace(old, consent=event.publish, own_consent=own, redaction=redaction)
        case RedactionProposed():
            proposed = Redaction(
                event.redaction_id, event.title, event.question, event.answer, event.actor.id
            )
            return replace(old, redaction=proposed, redactions=old.redactions + 1)
        case RedactionReturned():
            return replace(old, redaction=None)
        case CasePublished():
            return replace(old, redaction=None, published=event.publication_id)
        case CaseUnpublished():
            return replace(old, published=None)
        case _:
            return _kept(old, event)


def anew(before: Regions | None) -> Regions | None:
    """In a new round the citizen's word, the bars and the holds stand; nothing is public or archived."""
    if before is None:
        return None
    kept = replace(before, redaction=None, published=None)
    return replace(kept, archived_at=None, retain_until=None, contact_until=None)


def _kept(old: Regions, event: Event) -> Regions:
    match event:
        case CaseArchived():
            return replace(
                old,
                archived_at=event.occurred_at,
                retain_until=event.retain_until,
                contact_until=event.contact_until,
            )
        case LegalHoldPut():
            return replace(old, held=True)
        case LegalHoldLifted():
            return replace(old, held=False)
        case ProcessingRestricted():
            return replace(old, restricted=event.ground, bars=barred(old.bars, event))
        case RestrictionLifted():
            return replace(old, restricted="", bars=barred(old.bars, event))
        case ContactDataErased():
            return replace(old, contact_erased=True)
        case PersonalDataErased():
            return replace(old, redaction=None, published=None, contact_erased=True)
        case _:
            return old
