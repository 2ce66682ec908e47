"""What evaluation states: what the citizen thinks of it, and that the case is closed."""

from typing import Literal

from pydantic import AwareDatetime, Field

from libs.events.base import Event, SealedText

Level = Literal["very_satisfied", "satisfied", "basically", "dissatisfied", "very_dissatisfied"]


class CallbackRecorded(Event):
    """An agent who is not of the unit called back (回访)."""

    attempt_no: int = Field(ge=1)
    reached: bool
    contacted_by_unit: bool | None = None
    resolved: Literal["yes", "no", "partly"] | None = None
    level: Level | None = None
    reason_code: str | None = None


class EvaluationSubmitted(Event):
    """The citizen rated the intake office or the handling unit. Silence is never a rating."""

    target: Literal["intake", "handling"]
    level: Level
    reason_code: str | None = None
    text: SealedText | None = None
    via: Literal["link", "code", "keypad", "paper"] = "code"


class ReviewRequested(Event):
    """The citizen asked the level above to look again (复查 1, 复核 2; 信访工作条例 Art. 35, 36)."""

    review_id: str
    level: Literal[1, 2]
    received_at: AwareDatetime
    in_time: bool
    text: SealedText | None = None
    due_decide: AwareDatetime


class ReviewDecided(Event):
    """The level above upheld, changed or revoked the answer."""

    review_id: str
    level: Literal[1, 2]
    outcome: Literal["uphold", "change", "revoke"]
    doc: SealedText


class CaseClosed(Event):
    """The case is closed (办结): answered, called back, rated or the window over, nothing open."""

    outcome: Literal["resolved", "explained", "not_supported", "unreachable"]


class ReworkOrdered(Event):
    """The unit must do it again (重办): unsolved, perfunctory or false. ``ordinal`` counts from 1;
    ``reply_id`` is the answer that does not stand."""

    rework_id: str
    ordinal: int = Field(ge=1)
    assignment_id: str
    org: str
    reply_id: str
    reason: Literal["dissatisfied_unresolved", "perfunctory", "false_reply"]
    note: SealedText | None = None
    due_rework: AwareDatetime
