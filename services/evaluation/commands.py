"""What evaluation can be asked to do."""

from typing import Literal

from libs.events.evaluation import Level
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


class DecideReview(Command):
    """The level above decides; ``doc`` is the number of its written opinion."""

    review_id: Code
    outcome: Literal["uphold", "change", "revoke"]
    doc: PersonalWords


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
    RecordCallback | SubmitEvaluation | OrderRework | RequestReview | DecideReview | CloseCase
)
