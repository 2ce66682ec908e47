"""What feedback can be asked to do."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from libs.events.feedback import Outcome
from libs.sourcing.decider import Command
from libs.sourcing.words import Code, OptionalPersonalWords, PersonalWords


class ContactCitizen(Command):
    """Record an attempt to reach the citizen."""

    mode: Literal["phone", "visit", "online", "letter", "relay"]
    reached: bool
    summary: OptionalPersonalWords = None


class Answered(BaseModel):
    """The answer to one numbered claim, with its basis in law or fact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: Annotated[int, Field(ge=1, le=20)]
    outcome: Outcome
    basis: OptionalPersonalWords = None


class SubmitReply(Command):
    """Hand in the unit's answer to every numbered claim, signed by ``signer``, the head's account."""

    answers: Annotated[tuple[Answered, ...], Field(min_length=1, max_length=20)]
    text: PersonalWords
    evidence: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    signer: Code


class ApproveReply(Command):
    """Find the answer fit to be sent."""


class ReturnReply(Command):
    """Send the answer back to the unit, with the reason."""

    reason: Literal[
        "perfunctory", "not_responsive", "no_legal_basis", "false", "wrong_person_data", "contains_pii"
    ]
    note: OptionalPersonalWords = None


class DeliverReply(Command):
    """Bring the approved answer to the citizen."""

    mode: Literal["online", "phone", "letter", "sms"] = "online"


FeedbackCommand = ContactCitizen | SubmitReply | ApproveReply | ReturnReply | DeliverReply
