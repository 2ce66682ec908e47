"""What evaluation states: what the citizen thinks of it, and that the case is closed."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.events.base import Event, SealedText
from libs.events.feedback import Outcome

Level = Literal["very_satisfied", "satisfied", "basically", "dissatisfied", "very_dissatisfied"]
ReviewOutcome = Literal["uphold", "change", "revoke"]
"""What became of the answer: 维持、变更、撤销."""


class CallbackRecorded(Event):
    """An agent who is not of the unit called back (回访).

    ``answer``: about which delivered answer of the round, counted from 1; ``last``: as often as the policy asks
    for. Neither is in what was stated before they were asked: 0 and nothing.
    """

    version: ClassVar[int] = 2

    attempt_no: int = Field(ge=1)
    reached: bool
    contacted_by_unit: bool | None = None
    resolved: Literal["yes", "no", "partly"] | None = None
    level: Level | None = None
    reason_code: str | None = None
    answer: int = Field(default=0, ge=0)
    last: bool | None = None

    @property
    def done(self) -> bool:
        """Whether nobody need call back about this answer any more; it was three times once."""
        return self.reached or (self.attempt_no >= 3 if self.last is None else self.last)


class EvaluationSubmitted(Event):
    """The citizen rated the intake office or the handling unit. Silence is never a rating."""

    target: Literal["intake", "handling"]
    level: Level
    reason_code: str | None = None
    text: SealedText | None = None
    via: Literal["link", "code", "keypad", "paper"] = "code"


class ReviewRequested(Event):
    """The citizen asked the level above to look again (复查 1, 复核 2; 信访工作条例 Art. 35, 36).

    ``reply_id`` is the answer it is about.
    """

    version: ClassVar[int] = 2

    review_id: str
    level: Literal[1, 2]
    received_at: AwareDatetime
    in_time: bool
    text: SealedText | None = None
    due_decide: AwareDatetime
    reply_id: str = ""


class ReviewAccepted(Event):
    """An officer of the level above takes the review on (受理复查、复核)."""

    review_id: str
    level: Literal[1, 2]
    org: str


class ReviewDeclined(Event):
    """The review is not taken on, for it was asked for too late; the citizen reads why and what remains."""

    review_id: str
    level: Literal[1, 2]
    org: str
    ground: Literal["out_of_time"]
    reason: SealedText
    remedy: SealedText


class HearingOpened(Event):
    """A hearing (听证) is held about a review; until it is closed the review's limit does not run
    (信访工作条例 Art. 36(2))."""

    hearing_id: str
    review_id: str
    level: Literal[1, 2]
    note: SealedText | None = None


class HearingClosed(Event):
    """The hearing is over; the limit of the review goes on and ends at ``due_decide``."""

    hearing_id: str
    review_id: str
    level: Literal[1, 2]
    minutes: SealedText
    due_decide: AwareDatetime
    provisional: bool = False


class ReviewDecisionProposed(Event):
    """How a second review should be decided; another officer of that organ confirms it or sends it back."""

    review_id: str
    proposal_id: str
    org: str
    outcome: ReviewOutcome
    answer: Outcome | None = None
    doc: SealedText
    opinion: SealedText | None = None


class ReviewDecisionReturned(Event):
    """The second officer does not agree with what was proposed."""

    review_id: str
    proposal_id: str
    org: str
    note: SealedText


class ReviewDecided(Event):
    """The level above upheld, changed or revoked the answer. ``answer``: what a changed one comes to.

    ``final``: the matter is not taken up again on the same facts and reasons (三级终结, 信访工作条例
    Art. 36(3)). ``proposed_by``: who proposed what the actor confirmed. ``hearing_days`` were not counted.
    ``again_until``: how long a second review can be asked for (Art. 36(1)).
    """

    version: ClassVar[int] = 3

    review_id: str
    level: Literal[1, 2]
    outcome: ReviewOutcome
    doc: SealedText
    org: str = ""
    opinion: SealedText | None = None
    answer: Outcome | None = None
    final: bool = False
    proposed_by: str | None = None
    hearing_days: int = Field(default=0, ge=0)
    again_until: AwareDatetime | None = None


class CaseClosed(Event):
    """The case is closed (办结): answered, called back, rated or the window over, nothing open."""

    outcome: Literal["resolved", "explained", "not_supported", "unreachable"]


class ReworkOrdered(Event):
    """The unit must do it again (重办): unsolved, perfunctory, false, or the level above revoked it.
    ``ordinal`` counts from 1; ``reply_id`` is the answer that does not stand, ``answer`` which of those delivered
    in the round, counted from 1 (0 in what was stated before that was asked)."""

    version: ClassVar[int] = 3

    rework_id: str
    ordinal: int = Field(ge=1)
    assignment_id: str
    org: str
    reply_id: str
    reason: Literal["dissatisfied_unresolved", "perfunctory", "false_reply", "review_revoked"]
    note: SealedText | None = None
    due_rework: AwareDatetime
    answer: int = Field(default=0, ge=0)


ScoreQuestion = Literal["rating", "rework", "breach", "each_own_word"]
"""What a panel is asked: whether a dissatisfied rating, a rework or a breach should count for the unit, or
whose account of the matter holds (各执一词)."""
PanelFinding = Literal["for_unit", "for_citizen", "undecided"]
PanelKind = Literal[
    "official", "npc_deputy", "cppcc_member", "lawyer", "journalist", "grassroots", "netizen"
]
"""党政人员、人大代表、政协委员、律师、记者、基层代表、网民代表."""


class ScoreAppealed(Event):
    """The head of a unit contests what counts in the unit's score (考核异议). Nothing else is contested."""

    appeal_id: str
    org: str
    against: Literal["rating", "rework", "breach"]
    fact_id: str = Field(default="", description="which rework, or the clock that was breached")
    reason: SealedText
    evidence: tuple[str, ...]


class AppealDismissed(Event):
    """The appeal is about nothing that counts, so no panel is convened."""

    appeal_id: str
    org: str
    note: SealedText


class PanelMember(BaseModel):
    """A seat of a panel: an account, of which of the seven kinds, from which unit if from any."""

    model_config = ConfigDict(frozen=True)

    account: str
    kind: PanelKind
    org: str | None = None


class PanelConvened(Event):
    """A panel of third parties is asked (第三方评议团). ``brief`` names no person. Convened again, it has
    other members; what was found by those who stay stands."""

    panel_id: str
    appeal_id: str | None = None
    org: str
    question: ScoreQuestion
    members: tuple[PanelMember, ...]
    brief: SealedText
    due_assess: AwareDatetime


class PanelMemberRecused(Event):
    """A member has an interest in the matter and leaves the panel (回避)."""

    panel_id: str
    account: str


class PanelFindingFiled(Event):
    """A member of the panel says what they find."""

    panel_id: str
    finding: PanelFinding
    reason: SealedText


class ThirdPartyAssessed(Event):
    """What the majority of the panel found (第三方评价). It changes the unit's score by this new fact alone:
    the old fact stays, and the citizen's rights are untouched."""

    panel_id: str
    appeal_id: str | None = None
    org: str
    panel: tuple[PanelMember, ...]
    question: ScoreQuestion
    fact_id: str = ""
    finding: PanelFinding
    score_effect: Literal["not_counted", "stands", "none"]


ExclusionReason = Literal[
    "policy_limit",
    "objective",
    "false_content",
    "out_of_remit",
    "third_party_fault",
    "duplicate_merged",
    "citizen_withdrew",
]
"""Why a case is left out of a score (考核剔除): a closed list."""


class ExclusionProposed(Event):
    """The unit proposes to leave the case out of its score. It decides nothing about the citizen."""

    exclusion_id: str
    org: str
    reason: ExclusionReason
    evidence: tuple[str, ...]
    note: SealedText


class ExclusionDecided(Event):
    """Another person, not of the unit, agreed or not that the case is left out of the unit's score."""

    exclusion_id: str
    org: str
    reason: ExclusionReason
    outcome: Literal["approved", "rejected"]
    note: SealedText
    proposed_by: str


class UnitCallbackRecorded(Event):
    """An agent who is not of the unit called the unit back about a case that it answered (回访承办单位)."""

    org: str
    assignment_id: str
    reply_id: str
    attempt_no: int = Field(ge=1)
    reached: bool
    assigned_rightly: bool | None = None
    difficulty: str | None = None
    note: SealedText | None = None
