"""What is contested, left out and asked about a unit's score, as evaluation knows it. It decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, assert_never

from libs.events.evaluation import (
    AppealDismissed,
    ExclusionDecided,
    ExclusionProposed,
    ExclusionReason,
    PanelConvened,
    PanelFinding,
    PanelFindingFiled,
    PanelMember,
    PanelMemberRecused,
    ReworkOrdered,
    ScoreAppealed,
    ScoreQuestion,
    ThirdPartyAssessed,
    UnitCallbackRecorded,
)
from libs.rules.replacing import replace

ScoreFact = (
    ReworkOrdered
    | ScoreAppealed
    | AppealDismissed
    | PanelConvened
    | PanelMemberRecused
    | PanelFindingFiled
    | ThirdPartyAssessed
    | ExclusionProposed
    | ExclusionDecided
    | UnitCallbackRecorded
)


@dataclass(frozen=True, slots=True)
class Ordered:
    """The last rework that counts in a unit's score."""

    rework_id: str
    org: str
    at: datetime
    revoked: bool


@dataclass(frozen=True, slots=True)
class Appeal:
    """What a unit contests in its score (考核异议)."""

    appeal_id: str
    org: str
    against: Literal["rating", "rework", "breach"]
    fact_id: str
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel that was convened last (第三方评议团): who sits there, and what each has found."""

    panel_id: str
    appeal_id: str | None
    org: str
    question: ScoreQuestion
    members: tuple[PanelMember, ...]
    due_assess: datetime
    recused: tuple[str, ...] = ()
    found: Mapping[str, PanelFinding] = field(default_factory=dict)
    settled: bool = False

    @property
    def seated(self) -> tuple[str, ...]:
        """The accounts that have not left it."""
        return tuple(m.account for m in self.members if m.account not in self.recused)

    @property
    def majority(self) -> PanelFinding | None:
        """What more than half of the whole panel have found, if they have."""
        said = [self.found[account] for account in self.seated if account in self.found]
        return next((f for f in said if 2 * said.count(f) > len(self.members)), None)

    @property
    def all_found(self) -> bool:
        """Whether every member has said what they find."""
        return len(self.seated) == len(self.members) and all(a in self.found for a in self.seated)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """That the case be left out of a unit's score (考核剔除)."""

    exclusion_id: str
    org: str
    reason: ExclusionReason
    by: str
    outcome: Literal["approved", "rejected"] | None = None


@dataclass(frozen=True, slots=True)
class UnitCall:
    """The calls back to the unit about one answer."""

    reply_id: str
    attempts: int
    reached: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Scores:
    """All that bears on a unit's score in this case. None of it bears on the citizen."""

    ordered: Ordered | None = None
    appeal: Appeal | None = None
    panel: Panel | None = None
    panels: int = 0
    exclusions: tuple[Exclusion, ...] = ()
    unit_call: UnitCall | None = None


def scored(scores: Scores, event: ScoreFact) -> Scores:
    """What bears on the score after a fact."""
    appeal, panel = scores.appeal, scores.panel
    match event:
        case ReworkOrdered():
            revoked = event.reason == "review_revoked"
            ordered = Ordered(event.rework_id, event.org, event.occurred_at, revoked)
            return replace(scores, ordered=ordered)
        case ScoreAppealed():
            contested = Appeal(event.appeal_id, event.org, event.against, event.fact_id)
            return replace(scores, appeal=contested)
        case AppealDismissed():
            return replace(scores, appeal=appeal and replace(appeal, settled=True))
        case PanelConvened():
            return _convened(scores, event)
        case PanelMemberRecused() if panel is not None:
            gone = tuple(sorted({*panel.recused, event.account}))
            return replace(scores, panel=replace(panel, recused=gone))
        case PanelFindingFiled() if panel is not None:
            found = dict(sorted({**panel.found, event.actor.id: event.finding}.items()))
            return replace(scores, panel=replace(panel, found=found))
        case ThirdPartyAssessed():
            of_appeal = appeal is not None and appeal.appeal_id == event.appeal_id
            return replace(
                scores,
                panel=panel and replace(panel, settled=True),
                appeal=replace(appeal, settled=True) if appeal and of_appeal else appeal,
            )
        case ExclusionProposed():
            proposed = Exclusion(event.exclusion_id, event.org, event.reason, event.actor.id)
            return replace(scores, exclusions=(*scores.exclusions, proposed))
        case ExclusionDecided():
            decided = tuple(
                replace(one, outcome=event.outcome)
                if one.exclusion_id == event.exclusion_id
                else one
                for one in scores.exclusions
            )
            return replace(scores, exclusions=decided)
        case UnitCallbackRecorded():
            before = scores.unit_call
            reached = before is not None and before.reached and before.reply_id == event.reply_id
            at, anyhow = event.occurred_at, reached or event.reached
            call = UnitCall(event.reply_id, event.attempt_no, anyhow, at)
            return replace(scores, unit_call=call)
        case PanelMemberRecused() | PanelFindingFiled():
            return scores
        case _:
            assert_never(event)


def _convened(scores: Scores, event: PanelConvened) -> Scores:
    """A panel; if it was convened before, who left it stays away and what was found stands."""
    before = scores.panel
    panel = Panel(
        event.panel_id,
        event.appeal_id,
        event.org,
        event.question,
        event.members,
        event.due_assess,
    )
    if before is not None and before.panel_id == event.panel_id:
        panel = replace(panel, recused=before.recused, found=before.found)
        return replace(scores, panel=panel)
    return replace(scores, panel=panel, panels=scores.panels + 1)
