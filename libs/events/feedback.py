"""What feedback states: how the citizen was heard and answered."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.events.base import Event, SealedText

Outcome = Literal["supported", "partly", "explained", "not_supported"]


Proposal = Literal["adopted", "partly_adopted", "explained"]
"""What became of a proposal (人民建议): 采纳、部分采纳、解释说明 (信访工作条例 Art. 29)."""
Every = Literal["month", "quarter", "year"]


class ClaimAnswer(BaseModel):
    """The answer to one numbered claim, with its basis in law or fact (信访工作条例 Art. 32).

    ``proposal``: what was claimed is a proposal; then ``outcome`` is the word that counts the same.
    """

    model_config = ConfigDict(frozen=True)

    claim: int = Field(ge=1)
    outcome: Outcome
    basis: SealedText | None = None
    proposal: Proposal | None = None


class Commitment(BaseModel):
    """What a reply promises (承诺): by ``due_at``, and if ``every`` is set again and again."""

    model_config = ConfigDict(frozen=True)

    claim: int = Field(ge=1)
    text: SealedText
    due_at: AwareDatetime
    every: Every | None = None


class CitizenContacted(Event):
    """The unit tried to reach the citizen."""

    assignment_id: str
    mode: Literal["phone", "visit", "online", "letter", "relay"]
    attempt_no: int = Field(ge=1)
    reached: bool
    summary: SealedText | None = None


class ReplyDrafted(Event):
    """The unit's clerk has written an answer, which waits for the signature of the unit's head (拟稿). The
    unit's clock runs on; a later draft takes its place. ``traces``: as in ``ReplySubmitted``."""

    assignment_id: str
    org: str
    draft_id: str
    answers: tuple[ClaimAnswer, ...]
    text: SealedText
    evidence: tuple[str, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    traces: tuple[str, ...] = ()


class DraftReturned(Event):
    """The unit's head does not sign what the clerk has drafted, and says why; the clerk writes another."""

    assignment_id: str
    org: str
    draft_id: str
    reason: SealedText


class ReplySubmitted(Event):
    """The unit's answer, signed by its head, waits for review (报结). ``signer``: the account that signed it;
    since the head hands it in alone, the actor's. ``traces``: kinds of what may tell who somebody is, that a
    scan found in the words before they were sealed."""

    version: ClassVar[int] = 3

    assignment_id: str
    org: str
    reply_id: str
    answers: tuple[ClaimAnswer, ...]
    text: SealedText
    evidence: tuple[str, ...] = ()
    signer: str
    due_audit: AwareDatetime
    commitments: tuple[Commitment, ...] = ()
    traces: tuple[str, ...] = ()


class ReplyApproved(Event):
    """An auditor who is not of the unit found the answer fit to be sent.

    ``read_by_others``: it names no person, for the citizens of merged cases read it too.
    ``personal_data_checked``: what the scan took for personal data was looked at; the addressee may read it.
    """

    version: ClassVar[int] = 3

    assignment_id: str
    reply_id: str
    read_by_others: bool = False
    personal_data_checked: bool = False


class ReplyReturned(Event):
    """An auditor sent the answer back; the unit's clock goes on as if it had never stopped."""

    assignment_id: str
    reply_id: str
    reason: Literal[
        "perfunctory", "not_responsive", "no_legal_basis", "false", "wrong_person_data", "contains_pii"
    ]
    note: SealedText | None = None


class ReplyDelivered(Event):
    """The citizen has the answer (答复); handling ends here, call-back and rating begin.

    ``handled_by``: the unit and the people who handled it, who may not call back or review.
    ``read_by_others``: the citizens of merged cases have it too. ``review_until``: how long a petitioner may
    ask for review (信访工作条例 Art. 35).
    """

    version: ClassVar[int] = 3

    assignment_id: str
    org: str
    reply_id: str
    mode: Literal["online", "phone", "letter", "sms"]
    outcome: Outcome
    remedies: tuple[str, ...] = ()
    handled_by: tuple[str, ...] = ()
    due_callback: AwareDatetime | None = None
    evaluation_until: AwareDatetime | None = None
    read_by_others: bool = False
    review_until: AwareDatetime | None = None


class ProgressReported(Event):
    """The unit says how far it is."""

    assignment_id: str
    text: SealedText
    next_step: SealedText | None = None
    expected_at: AwareDatetime | None = None


class ExtensionRequested(Event):
    """The unit asks for more time (延期), before its limit is over."""

    assignment_id: str
    org: str
    extension_id: str
    reason: SealedText
    new_due: AwareDatetime


class ExtensionDecided(Event):
    """More time was granted or refused; the citizen is told the reason (信访工作条例 Art. 34)."""

    assignment_id: str
    org: str
    extension_id: str
    outcome: Literal["approved", "rejected"]
    notice: SealedText
    due_handle: AwareDatetime | None = None
    due_citizen: AwareDatetime | None = None
    provisional: bool = False


ClockGround = Literal["hearing", "appraisal", "third_party_opinion", "force_majeure"]
"""The closed list of what may stop a unit's clock: 听证、鉴定检测、第三方意见、不可抗力."""


class ClockAdjusted(Event):
    """The unit's clock was stopped, or goes on, on a ground of the closed list. The citizen's runs on.

    ``approver2`` is the auditor who agreed, and states it: the unit's head has asked for it before. Nobody
    where it goes on by itself at ``until``. Where the actor is another, the head stated it by that word.
    """

    assignment_id: str
    org: str
    action: Literal["suspend", "resume"]
    ground: ClockGround
    law_ref: str
    approver2: str | None = None
    until: AwareDatetime | None = None
    due_handle: AwareDatetime | None = None
    provisional: bool = False


class ClockAdjustmentRequested(Event):
    """The unit's head asks that the unit's clock stand still, or go on (中止计时申请); an auditor decides. Till
    then it is as it was."""

    assignment_id: str
    org: str
    adjustment_id: str
    action: Literal["suspend", "resume"]
    ground: ClockGround
    law_ref: str
    until: AwareDatetime | None = None


class ClockAdjustmentRefused(Event):
    """The auditor did not agree; the unit's clock is as it was."""

    assignment_id: str
    org: str
    adjustment_id: str
    note: SealedText


HoldReason = Literal["policy_limit", "objective"]
"""Why a case cannot be solved for now: 政策限制、客观条件."""


class HoldRequested(Event):
    """The unit's head asks that the case be put on hold (挂账申请); a coordinator decides. Its clock runs on.

    ``alternative_channel`` and ``remedy``: what the citizen can do meanwhile, and against it.
    """

    version: ClassVar[int] = 2

    assignment_id: str
    org: str
    hold_id: str
    reason_code: HoldReason
    reason: SealedText
    alternative_channel: SealedText | None = None
    remedy: SealedText | None = None


class HoldRefused(Event):
    """The coordinator did not agree; the unit goes on with the case."""

    assignment_id: str
    org: str
    hold_id: str
    note: SealedText


class CaseHeld(Event):
    """What is asked cannot be done for now (挂账); the citizen knows why and when it is looked at again.

    The actor approved it; ``asked_by`` is the head of the unit who asked. ``alternative_channel`` and
    ``remedy``: what the citizen can do meanwhile, and against it.
    """

    version: ClassVar[int] = 2

    assignment_id: str
    org: str
    asked_by: str
    reason_code: HoldReason
    reason: SealedText
    alternative_channel: SealedText | None = None
    remedy: SealedText | None = None
    next_check_at: AwareDatetime


class HoldLifted(Event):
    """The obstacle is gone, or it is time to look again; the unit's clock starts anew."""

    assignment_id: str
    org: str
    reason_code: Literal["recheck", "policy_change", "leader"]
    due_handle: AwareDatetime
    provisional: bool = False


class CommitmentMade(Event):
    """A delivered reply promises something by a day (承诺事项); it is followed up though the case is closed."""

    commitment_id: str
    assignment_id: str
    org: str
    reply_id: str
    claim: int = Field(ge=1)
    text: SealedText
    due_at: AwareDatetime
    every: Every | None = None


class CommitmentFellDue(Event):
    """The day of a promise has come, and nobody has said yet whether it was kept; its unit is reminded."""

    commitment_id: str
    org: str
    due_at: AwareDatetime


class CommitmentReported(Event):
    """The unit says that a promise was kept, or why it was not (兑现情况). ``due_at`` is the day it speaks of,
    ``next_due_at`` that of the next time."""

    commitment_id: str
    org: str
    outcome: Literal["kept", "not_kept"]
    text: SealedText
    due_at: AwareDatetime
    next_due_at: AwareDatetime | None = None
