"""What evaluation can be asked to do."""

from typing import Literal

from libs.events.evaluation import Level, ReviewOutcome
from libs.events.feedback import Outcome
from libs.sourcing.decider import Command
from libs.sourcing.words import Code, OptionalPersonalWords, PersonalWords


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
    """The citizen asks the level above to look again: 复查, then 复核."""

    text: OptionalPersonalWords = None


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


EvaluationCommand = (
    RecordCallback
    | SubmitEvaluation
    | OrderRework
    | RequestReview
    | AcceptReview
    | DeclineReview
    | OpenHearing
    | CloseHearing
    | DecideReview
    | ConfirmReviewDecision
    | ReturnReviewDecision
    | CloseCase
)
