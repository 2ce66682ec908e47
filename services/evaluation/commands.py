"""What evaluation can be asked to do."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from libs.events.base import Marker
from libs.events.evaluation import (
    ExclusionReason,
    Level,
    PanelFinding,
    PanelKind,
    ReviewOutcome,
)
from libs.events.feedback import Outcome
from libs.rules.pii import find_personal, places
from libs.sourcing.decider import Command
from libs.sourcing.words import Code, OptionalPersonalWords, PersonalWords


def _names_nobody(text: str) -> str:
    found = find_personal(text)
    if found:
        raise ValueError(f"it may tell who somebody is: {places(found)}")
    return text


RedactedWords = Annotated[
    str,
    Marker.PERSONAL,
    StringConstraints(min_length=1, max_length=20_000),
    AfterValidator(_names_nobody),
]
"""Words about a case that name nobody, for readers who must not learn who it is about."""
Evidence = Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
"""Numbers of attachments; there is at least one."""


class RecordCallback(Command):
    """Record a call-back (回访) by an agent who is not of the unit."""

    reached: bool
    contacted_by_unit: bool | None = None
    resolved: Literal["yes", "no", "partly"] | None = None
    level: Level | None = None
    reason_code: Code | None = None


class SubmitEvaluation(Command):
    """The citizen rates the intake office or the handling unit."""

    target: Literal["intake", "handling"]
    level: Level
    reason_code: Code | None = None
    text: OptionalPersonalWords = None
    via: Literal["link", "code", "keypad", "paper"] = "code"


class RequestReview(Command):
    """The citizen asks the level above, in writing, to look again: 复查, then 复核."""

    text: PersonalWords


class AcceptReview(Command):
    """Take a review on, as an officer of the level above."""

    review_id: Code


class DeclineReview(Command):
    """Not take a review on that was asked for too late, with the reason and what remains to the citizen."""

    review_id: Code
    reason: PersonalWords
    remedy: PersonalWords


class OpenHearing(Command):
    """Hold a hearing (听证): the review's limit does not run until it is closed."""

    review_id: Code
    note: OptionalPersonalWords = None


class CloseHearing(Command):
    """The hearing is over; ``minutes`` says what was heard."""

    review_id: Code
    minutes: PersonalWords


class DecideReview(Command):
    """Decide a review, or propose how a second one should be decided.

    ``doc`` is the number of the written opinion. A ``change`` says in ``opinion`` what the answer is now,
    and in ``answer`` what it comes to.
    """

    review_id: Code
    outcome: ReviewOutcome
    doc: PersonalWords
    opinion: OptionalPersonalWords = None
    answer: Outcome | None = None


class ConfirmReviewDecision(Command):
    """Another officer agrees with what was proposed for a second review."""

    review_id: Code
    proposal_id: Code


class ReturnReviewDecision(Command):
    """Another officer does not agree with what was proposed, and says why."""

    review_id: Code
    proposal_id: Code
    note: PersonalWords


class CloseCase(Command):
    """Close the case: a timer's command, no person's."""


class OrderRework(Command):
    """Let the unit do it again (重办): unsolved, perfunctory (敷衍) or false.

    ``new_facts``: there is something new, so that even what no policy allows (policy_limit) is looked at again.
    """

    reason: Literal["dissatisfied_unresolved", "perfunctory", "false_reply"]
    note: OptionalPersonalWords = None
    new_facts: bool = False


class ReworkAsSupervised(Command):
    """A supervisor found the answer bad (督办) and the unit must do it again. Nobody asks for it but that fact;
    ``reply_id`` is the answer that stood then."""

    reason: Literal["dissatisfied_unresolved", "perfunctory", "false_reply"]
    reply_id: str


class AppealScore(Command):
    """Contest what counts in the own unit's score: a rework, a missed limit (``fact_id`` is its clock), or
    how the work was rated."""

    against: Literal["rating", "rework", "breach"]
    fact_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{0,100}$")] = ""
    reason: PersonalWords
    evidence: Evidence


class DismissAppeal(Command):
    """Convene no panel, for the appeal is about nothing that counts."""

    appeal_id: Code
    note: PersonalWords


class Seat(BaseModel):
    """A seat of a panel: an account, which of the seven kinds it stands for, its unit if it has one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: Code
    kind: PanelKind
    unit_id: Code | None = None


class ConvenePanel(Command):
    """Ask a panel of third parties about an appeal, or, without one, whose account holds (各执一词).

    ``brief`` is all that they read of the case in words; it names nobody.
    """

    appeal_id: Code | None = None
    members: Annotated[tuple[Seat, ...], Field(min_length=1, max_length=21)]
    brief: RedactedWords


class RecuseFromPanel(Command):
    """Leave a panel, or let a member leave it, for an interest in the matter."""

    panel_id: Code
    account: Code | None = None


class FilePanelFinding(Command):
    """Say as a member of a panel what you find."""

    panel_id: Code
    finding: PanelFinding
    reason: PersonalWords


class SettlePanel(Command):
    """The panel's time is over: a timer's command, no person's."""


class ProposeExclusion(Command):
    """Propose to leave the case out of the own unit's score, for a reason of the closed list."""

    reason: ExclusionReason
    evidence: Evidence
    note: PersonalWords


class DecideExclusion(Command):
    """Agree or not that a case is left out of a unit's score."""

    exclusion_id: Code
    outcome: Literal["approved", "rejected"]
    note: PersonalWords


class RecordUnitCallback(Command):
    """Record a call back to the unit that answered, by an agent who is not of it.

    ``assigned_rightly``: whether the unit holds the case its own; ``difficulty``: a code.
    """

    reached: bool
    assigned_rightly: bool | None = None
    difficulty: Code | None = None
    note: OptionalPersonalWords = None


EvaluationCommand = (
    RecordCallback
    | SubmitEvaluation
    | OrderRework
    | ReworkAsSupervised
    | RequestReview
    | AcceptReview
    | DeclineReview
    | OpenHearing
    | CloseHearing
    | DecideReview
    | ConfirmReviewDecision
    | ReturnReviewDecision
    | CloseCase
    | AppealScore
    | DismissAppeal
    | ConvenePanel
    | RecuseFromPanel
    | FilePanelFinding
    | SettlePanel
    | ProposeExclusion
    | DecideExclusion
    | RecordUnitCallback
)
