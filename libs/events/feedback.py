"""What feedback states: how the citizen was heard and answered."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.events.base import Event, SealedText

Outcome = Literal["supported", "partly", "explained", "not_supported"]


class ClaimAnswer(BaseModel):
    """The answer to one numbered claim, with its basis in law or fact (信访工作条例 Art. 32)."""

    model_config = ConfigDict(frozen=True)

    claim: int = Field(ge=1)
    outcome: Outcome
    basis: SealedText | None = None


class CitizenContacted(Event):
    """The unit tried to reach the citizen."""

    assignment_id: str
    mode: Literal["phone", "visit", "online", "letter", "relay"]
    attempt_no: int = Field(ge=1)
    reached: bool
    summary: SealedText | None = None


class ReplySubmitted(Event):
    """The unit's answer, signed by its head, waits for review (报结)."""

    assignment_id: str
    org: str
    reply_id: str
    answers: tuple[ClaimAnswer, ...]
    text: SealedText
    evidence: tuple[str, ...] = ()
    signer: str
    due_audit: AwareDatetime


class ReplyApproved(Event):
    """An auditor who is not of the unit found the answer fit to be sent."""

    assignment_id: str
    reply_id: str


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
    """

    assignment_id: str
    org: str
    reply_id: str
    mode: Literal["online", "phone", "letter", "sms"]
    outcome: Outcome
    remedies: tuple[str, ...] = ()
    handled_by: tuple[str, ...] = ()
    due_callback: AwareDatetime | None = None
    evaluation_until: AwareDatetime | None = None
