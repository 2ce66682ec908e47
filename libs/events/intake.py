"""What intake states: a citizen's request has become a case, and whether it is taken on."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.events.base import Event, SealedText

Track = Literal["hotline", "xinfang", "market", "proposal", "restricted"]
IdentityMode = Literal["real", "confidential", "anonymous"]
ErasureGround = Literal["citizen_request", "retention_over", "unlawful_processing"]
Secrecy = Literal["normal", "sealed", "restricted"]
RecusalGround = Literal["interest_in_matter", "relation_to_person", "other"]
UnpublishGround = Literal["consent_withdrawn", "personal_data", "wrong", "outdated", "by_law", "erased"]
HoldGround = Literal["court", "prosecution", "discipline", "audit"]
RestrictionGround = Literal["legal_hold", "statutory_retention"]
ProxyRelation = Literal[
    "child", "parent", "spouse", "relative", "guardian", "lawyer", "neighbour", "cadre", "other"
]
"""Who files for another person, seen from that person: a daughter for her father is ``child``; ``cadre`` is
who helps at the citizen's home (帮办代办)."""
Emergency = Literal["110", "119", "120", "122"]
"""The numbers to which an emergency is put through (国办函〔2025〕66号(二))."""


class Place(BaseModel):
    """Where it happened. The administrative code stays in clear, the exact words are sealed."""

    model_config = ConfigDict(frozen=True)

    adcode: str | None = None
    text: SealedText | None = None


class Consent(BaseModel):
    """What the citizen agreed to. Nothing is published without it."""

    model_config = ConfigDict(frozen=True)

    publish: bool = False
    share: bool = False


class CaseRegistered(Event):
    """A request was received and has a receipt number (信访工作条例 Art. 22: every item is registered).

    ``due_accept`` is the instant by which it must be accepted, declined or referred. ``mailbox`` is the
    leader's or unit's mailbox that was written to; ``representatives`` are who came for many
    (Art. 20(3)). ``proxy``: who filed it for the citizen, with name and number of that person.
    ``privacy_notice``: the citizen was shown how the data are used (PIPL Art. 17); none where the channel
    shows nothing, and in what was registered before this was asked. ``contact_apart``: names and numbers are
    sealed under a key of their own.
    """

    version: ClassVar[int] = 2

    receipt_no: str
    channel: str
    mailbox: str | None = None
    external_id: str | None = None
    track: Track
    kind: str
    identity_mode: IdentityMode
    secrecy: Secrecy
    title: SealedText
    text: SealedText
    name: SealedText | None = None
    phone: SealedText | None = None
    representatives: tuple[SealedText, ...] = ()
    proxy: ProxyRelation | None = None
    proxy_name: SealedText | None = None
    proxy_phone: SealedText | None = None
    privacy_notice: bool | None = None
    place: Place = Place()
    claims: tuple[SealedText, ...] = ()
    contact_apart: bool = False
    consent: Consent = Consent()
    due_accept: AwareDatetime


class CaseClassified(Event):
    """A category, kind and time-limit class were given, by a person or suggested by a rule."""

    category: str
    kind: str
    track: Track
    sla_class: str
    source: Literal["human", "rule", "model"]
    confidence: float | None = Field(default=None, ge=0, le=1)
    words: tuple[str, ...] = ()
    accepted_suggestion: bool | None = None


class Due(BaseModel):
    """The instants promised with an acceptance: until when it is dispatched, and what the citizen is told.

    The citizen's clock counts from registration and never restarts. ``provisional``: the calendar year
    is not yet official, the instant may move to the citizen's favour only.
    """

    model_config = ConfigDict(frozen=True)

    dispatch: AwareDatetime
    citizen: AwareDatetime
    provisional: bool = False


class CaseAccepted(Event):
    """The case is taken on (受理). ``due.citizen`` is what the citizen is told; ``mailbox`` the one that
    was written to."""

    version: ClassVar[int] = 2

    mailbox: str | None = None
    category: str
    kind: str
    track: Track
    sla_class: str
    adcode: str | None = None
    identity_mode: IdentityMode
    secrecy: Secrecy
    due: Due


class DeclineProposed(Event):
    """One person found that nothing is new in a case (D08, D09), by this ``evidence``; a second decides."""

    version: ClassVar[int] = 2

    ground: str
    reason: SealedText
    alternative_channel: SealedText
    remedy: SealedText
    evidence: tuple[str, ...] = ()


class DeclineRejected(Event):
    """The second person did not agree; the case waits for acceptance as before."""

    ground: str
    note: SealedText | None = None


class CaseDeclined(Event):
    """The case is not taken on (不予受理), on one of the closed list of grounds.

    Where two persons must agree, the actor, who is ``approver2``, approved what ``proposed_by`` proposed.
    ``evidence``: what shows the ground, as numbers of attachments, cases or decisions.
    """

    version: ClassVar[int] = 3

    ground: str
    reason: SealedText
    alternative_channel: SealedText
    remedy: SealedText
    evidence: tuple[str, ...] = ()
    approver2: str | None = None
    proposed_by: str | None = None


class CaseReferred(Event):
    """The case was handed to the organ that must act (引导/移送), on one of the closed list of grounds.

    In the restricted realm the case goes on at the discipline organ under the limits in ``due``.
    ``live_transfer``: the emergency number that the citizen was put through to before (D01).
    """

    version: ClassVar[int] = 2

    ground: str
    organ: SealedText
    channel: SealedText
    remedy: SealedText
    category: str
    sla_class: str
    track: Track
    identity_mode: IdentityMode
    secrecy: Secrecy
    due: Due | None = None
    live_transfer: Emergency | None = None


class InformationRequested(Event):
    """The citizen is asked for what is missing (待补充); the time until the answer is not intake's.

    ``missing`` names by code what the words in ``question`` ask for.
    """

    missing: tuple[str, ...]
    question: SealedText
    due_supplement: AwareDatetime


class CaseSupplemented(Event):
    """Something was added to the case. After a request ``due_accept`` is the limit that goes on."""

    text: SealedText
    claims: tuple[SealedText, ...] = ()
    due_accept: AwareDatetime | None = None


class WithdrawalRequested(Event):
    """The citizen wants to withdraw (撤回); until ``cooling_end`` it can be taken back, and nothing changes.

    ``through_org``: the unit that passed it on; then somebody independent must hear it from the citizen.
    """

    via: Literal["code", "phone", "letter", "unit"]
    through_org: str | None = None
    cooling_end: AwareDatetime


class WithdrawalConfirmed(Event):
    """Somebody who is not of the unit heard from the citizen that it was the citizen's own wish; until
    ``cooling_end``, counted from then, it can be taken back."""

    cooling_end: AwareDatetime


class WithdrawalCancelled(Event):
    """The citizen goes on with the case, or did not want to withdraw at all."""


class CaseWithdrawn(Event):
    """The citizen has withdrawn the case (已撤回); it can be taken up again."""

    confirmed_by: str | None = None


class ReopeningAsked(Event):
    """The citizen asks that a case that has ended be taken up anew; an acceptor decides."""

    reason: SealedText


class ReopeningDeclined(Event):
    """The case is not taken up anew; the citizen reads why, and what remains."""

    reason: SealedText
    remedy: SealedText


class CaseReopened(Event):
    """A case that had ended is taken up anew, in a new round. What it is stands here, as in an acceptance.

    ``due.citizen`` counts from now; the round that ended keeps its own.
    """

    ground: Literal["new_facts", "remedy_succeeded", "officer_error"]
    reason: SealedText
    from_state: str
    category: str
    kind: str
    track: Track
    sla_class: str
    adcode: str | None = None
    identity_mode: IdentityMode
    secrecy: Secrecy
    due: Due


class CaseLinkChanged(Event):
    """What a case has to do with another (并单、关联), by a named person's word.

    ``merged_into``: it is handled with the other, whose answer is its answer. ``leads``: the other side of
    that; ``due_citizen`` is what the citizen of the merged case was promised. ``unmerged`` and ``released``
    undo these; ``concluded`` and ``concludes``: the case that leads was closed, and the merged one has ended
    with it. ``related``: another matter, or another person's, that is worth knowing. ``link_id`` is the same
    on both sides, a new one each time.
    """

    relation: Literal[
        "merged_into", "leads", "unmerged", "released", "concluded", "concludes", "related"
    ]
    link_id: str
    other_case: str
    reason: SealedText | None = None
    similarity: float | None = Field(default=None, ge=0, le=1)
    due_citizen: AwareDatetime | None = None


class EntryUsed(BaseModel):
    """An entry of the knowledge base, in the edition by which somebody was answered."""

    model_config = ConfigDict(frozen=True)

    entry: str
    edition: int = Field(ge=1)


class AnsweredAtDesk(Event):
    """A consultation (咨询) was answered at once from the knowledge base (直接解答); no unit has it.

    Until ``evaluation_until`` the citizen may rate the desk, or say that this was no answer. What the case
    is stands here, for nobody accepts it.
    """

    category: str
    kind: str
    track: Track
    sla_class: str
    entries: tuple[EntryUsed, ...]
    text: SealedText
    mode: Literal["phone", "online", "letter", "sms", "visit"]
    evaluation_until: AwareDatetime


class PraiseForwarded(Event):
    """Praise (表扬) was passed on to the unit that it is for, and the citizen thanked; nobody rates it.

    Until ``object_until`` the citizen may say that it was no praise.
    """

    org: str
    category: str
    track: Track
    sla_class: str
    text: SealedText
    object_until: AwareDatetime


class AnswerContested(Event):
    """The citizen says that the desk's was no answer, or that it was no praise: the case goes on to acceptance.

    Its time for acceptance counts from now; the citizen's counts from registration as ever.
    """

    text: SealedText | None = None
    due_accept: AwareDatetime


class PersonalDataErased(Event):
    """The key of the case is destroyed; every sealed word of it is gone for ever (PIPL Art. 47)."""

    scope: tuple[str, ...]
    key_ids_destroyed: tuple[str, ...]
    ground: ErasureGround


class RecusalClaimed(Event):
    """The citizen asks that somebody keep out of the case (申请回避), named by account or described in words."""

    claim_id: str
    account: str | None = None
    reason: SealedText


class RecusalDecided(Event):
    """A supervisor has decided what the citizen asked for; ``reason`` is what the citizen is told."""

    claim_id: str
    outcome: Literal["granted", "denied"]
    reason: SealedText


class RecusalRecorded(Event):
    """An account may neither act on the case nor see it from now on, in any service (信访工作条例 Art. 28(3)).

    ``claim_id`` is empty where the account stated it of itself.
    """

    account: str
    ground: RecusalGround
    claim_id: str | None = None


class RecusalLifted(Event):
    """The reason for a recusal is gone; the account may act on the case again."""

    account: str
    reason: SealedText


class ConsentChanged(Event):
    """The citizen now agrees, or no longer agrees, that question and answer be published without names."""

    publish: bool


class RedactionProposed(Event):
    """An auditor has made question and answer fit to be published (去标识化); another one must look at it."""

    redaction_id: str
    title: SealedText
    question: SealedText
    answer: SealedText


class RedactionReturned(Event):
    """The second auditor found that it cannot be published like that."""

    redaction_id: str
    reason: SealedText


class CasePublished(Event):
    """Question and answer are open to everyone (公开). Sealed here too: with the case's key they go.

    ``publication_id`` leads to no case. ``reviewers``: the accounts of the two who made and passed it.
    """

    publication_id: str
    redaction_id: str
    category: str
    unit_id: str | None = None
    title: SealedText
    question: SealedText
    answer: SealedText
    reviewers: tuple[str, str]


class CaseUnpublished(Event):
    """The published text is gone."""

    publication_id: str
    ground: UnpublishGround


class CaseArchived(Event):
    """The case is put away (归档). Its contact data may be erased from ``contact_until`` on, its words from
    ``retain_until`` on. ``retention_class`` names the row of the pack's table."""

    retention_class: str
    retain_until: AwareDatetime
    contact_until: AwareDatetime


class LegalHoldPut(Event):
    """Nothing of the case may be erased, for a court or an inquiry needs it. ``reference``: whose, in words."""

    ground: HoldGround
    reference: SealedText


class LegalHoldLifted(Event):
    """The court or inquiry no longer needs it."""


class ProcessingRestricted(Event):
    """Instead of erased the words are closed: stored, and opened for a court alone (PIPL Art. 47(2)).

    ``until``: the end of the retention time that stands in the way, if it is that.
    """

    ground: RestrictionGround
    until: AwareDatetime | None = None


class RestrictionLifted(Event):
    """The words are open again as before."""


class ContactDataErased(Event):
    """The key of name and number is destroyed, before that of the words (domain 5.1, class B)."""

    key_ids_destroyed: tuple[str, ...]
    ground: ErasureGround
