"""What intake can be asked to do."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from libs.events.intake import Emergency, ErasureGround, IdentityMode, ProxyRelation, Track
from libs.rules.states import Channel, DeclineGround, Kind, Missing
from libs.sourcing.decider import Command
from libs.sourcing.words import (
    Adcode,
    Code,
    ContactList,
    OptionalContact,
    OptionalPersonalWords,
    PersonalList,
    PersonalWords,
)
from services.intake.ending_commands import EndingCommand
from services.intake.public_commands import KeepingCommand, PublicationCommand, RecusalCommand

MOST_CLAIMS = 20
"""How many numbered claims a case may have, with what was added later."""


Evidence = Annotated[tuple[Code, ...], Field(max_length=20)]
"""What shows something, as numbers of attachments, cases or decisions."""


class Suggested(BaseModel):
    """What the keyword rules suggest; a person decides."""

    model_config = ConfigDict(frozen=True)

    category: Code
    confidence: float = Field(ge=0, le=1)
    words: tuple[str, ...] = ()


class RegisterCase(Command):
    """Register a request: every item is registered at once (信访工作条例 Art. 22).

    ``realm`` is where it is registered; ``receipt_no`` is filled in by the host. ``mailbox`` is the leader's
    or unit's mailbox that a letter was written to, by its id in the reference data. ``representatives`` are
    who came for many. ``proxy`` says who files it for the citizen, whose own name and number stand in
    ``name`` and ``phone``. ``privacy_notice``: the citizen was shown how the data are used.
    """

    receipt_no: str = ""
    realm: Literal["", "restricted"] = ""
    channel: Channel
    mailbox: Code | None = None
    external_id: Code | None = None
    kind: Kind
    identity_mode: IdentityMode = "real"
    title: PersonalWords
    text: PersonalWords
    name: OptionalContact = None
    phone: OptionalContact = None
    representatives: Annotated[ContactList, Field(max_length=MOST_CLAIMS)] = ()
    proxy: ProxyRelation | None = None
    proxy_name: OptionalContact = None
    proxy_phone: OptionalContact = None
    privacy_notice: bool | None = None
    adcode: Adcode | None = None
    place: OptionalPersonalWords = None
    claims: Annotated[PersonalList, Field(max_length=MOST_CLAIMS)] = ()
    consent_publish: bool = False
    consent_share: bool = False
    suggested: Suggested | None = None


class ClassifyCase(Command):
    """Give a case its category and kind."""

    category: Code
    kind: Kind | None = None


class RequestInformation(Command):
    """Ask the citizen for what is missing (待补充): by code, and in words the citizen can answer."""

    missing: Annotated[tuple[Missing, ...], Field(min_length=1, max_length=len(Missing))]
    question: PersonalWords


class SupplementCase(Command):
    """Add to a case what the citizen says later: the answer to a question, or of the own accord."""

    text: PersonalWords
    claims: Annotated[PersonalList, Field(max_length=MOST_CLAIMS)] = ()


class AcceptCase(Command):
    """Take a case on (受理). Without a category the suggested one is confirmed."""

    category: Code | None = None
    kind: Kind | None = None
    adcode: Adcode | None = None


class DeclineCase(Command):
    """Do not take a case on (不予受理), with ground, reason, another channel and the remedy. On D08 and D09
    it is proposed by one person and approved by another. ``evidence``: what shows the ground, as numbers of
    attachments, cases or decisions; none is needed on D16, of which the log itself is the evidence."""

    ground: DeclineGround
    reason: PersonalWords
    alternative_channel: PersonalWords
    remedy: PersonalWords
    evidence: Evidence = ()


class ProposeDecline(Command):
    """Propose that a case is not taken on because nothing in it is new (D08, D09), with what shows it; a
    second person decides."""

    ground: DeclineGround
    reason: PersonalWords
    alternative_channel: PersonalWords
    remedy: PersonalWords
    evidence: Evidence = ()


class ApproveDecline(Command):
    """Agree with what was proposed, and the case is declined."""


class RejectDecline(Command):
    """Do not agree; the case waits for acceptance as before."""

    note: OptionalPersonalWords = None


class ReferCase(Command):
    """Hand a case to the organ that must act (引导/移送), with ground, channel and remedy.

    ``live_transfer``: the emergency number to which the citizen was put through first, for D01.
    """

    ground: DeclineGround
    organ: PersonalWords
    channel: PersonalWords
    remedy: PersonalWords
    live_transfer: Emergency | None = None


class Entry(BaseModel):
    """An entry of the knowledge base, in the edition that was read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entry: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
    edition: Annotated[int, Field(ge=1, le=1_000_000)]


class AnswerAtDesk(Command):
    """Answer a consultation at once (直接解答) from the knowledge base. ``text`` is what the citizen was told.

    Without a category the suggested one is confirmed.
    """

    entries: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=5)]
    text: PersonalWords
    mode: Literal["phone", "online", "letter", "sms", "visit"]
    category: Code | None = None


class ForwardPraise(Command):
    """Pass praise (表扬) on to the unit that it is for. ``text`` thanks the citizen."""

    unit: Code
    text: PersonalWords
    category: Code | None = None


class ContestAnswer(Command):
    """The citizen says that the desk's answer was none, or that it was no praise: the case goes on."""

    text: OptionalPersonalWords = None


class ErasePersonalData(Command):
    """Destroy the key of a case that has ended, so that nobody can read its words again."""

    ground: ErasureGround


CaseRef = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
"""Another case, by its id."""
Similarity = Annotated[float, Field(ge=0, le=1)]


class MergeCase(Command):
    """Handle this case with another of the same matter (并单); ``into`` leads, and its answer is both's.

    ``similarity`` is what a model made of the two; that they are the same is the word of who asks.
    """

    into: CaseRef
    reason: PersonalWords
    similarity: Similarity | None = None


class UnmergeCase(Command):
    """Say that it is another matter (撤销并单): the case goes on by itself."""

    reason: PersonalWords


class RelateCases(Command):
    """Say that another case is worth knowing to who handles this one (关联)."""

    other_case: CaseRef
    reason: OptionalPersonalWords = None
    similarity: Similarity | None = None


class LeadCase(Command):
    """The other side of a merger: ``follower`` is handled with this case."""

    link_id: str
    follower: str
    due_citizen: AwareDatetime | None = None


class PartCase(Command):
    """The case it was merged into is not to be had any more; ``reason`` is for its citizen."""

    link_id: str
    reason: OptionalPersonalWords = None


class ReleaseFollower(Command):
    """The case that followed under this link goes by itself."""

    link_id: str


class ReleaseFollowers(Command):
    """This case ends without an answer; those that follow it go by themselves."""


class ConcludeFollowers(Command):
    """This case was closed, and so are those that follow it."""


class ConcludeFollower(Command):
    """The case it was merged into was closed."""

    link_id: str


LinkCommand = (
    MergeCase
    | UnmergeCase
    | RelateCases
    | LeadCase
    | PartCase
    | ReleaseFollower
    | ReleaseFollowers
    | ConcludeFollowers
    | ConcludeFollower
)
"""About what a case has to do with another; of these a person asks for the first three."""
IntakeCommand = (
    RegisterCase
    | ClassifyCase
    | RequestInformation
    | SupplementCase
    | AcceptCase
    | DeclineCase
    | ProposeDecline
    | ApproveDecline
    | RejectDecline
    | ReferCase
    | AnswerAtDesk
    | ForwardPraise
    | ContestAnswer
    | ErasePersonalData
    | LinkCommand
    | RecusalCommand
    | PublicationCommand
    | KeepingCommand
    | EndingCommand
)
TRACK_OF_CLASS: dict[str, Track] = {"X": "xinfang", "M": "market", "P": "proposal"}
"""The procedure that a time-limit class belongs to; all others are the hotline's."""
