"""A policy pack: how long each step may take here, and who may decide what. It applies nothing."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, ValidationError

from libs.rules.left_out import ExclusionCap
from libs.rules.limit import Limit
from libs.rules.mistakes import Path, dotted
from libs.rules.pack_mistakes import (
    contradictions,
    field_mistakes,
    laid_over,
    told,
    told_doubts,
)
from libs.rules.states import SlaClass, Step, Track

__all__ = ["Limit", "PolicyPack", "read_pack"]

Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000)]
Some = Annotated[int, Field(strict=True, ge=1, le=1_000)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""A pack's id, which events carry before a slash and the version."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CalendarUse(_Part):
    """Which working calendar, and whether a last calendar day off work rolls on."""

    id: str
    roll_last_day: StrictBool = True


class ClassLimits(_Part):
    """The limits of one time class. Without `ext_max` there is no extension. A `24x7` class has
    no business hours: its limits in `bh` are read as hours by the clock."""

    zh: str
    contact: Limit
    handle: Limit
    ext_max: Limit | None = None
    interim_report_every: Limit | None = None
    clock: Literal["working", "24x7"] = "working"
    escalate_now: StrictBool = False


class AcceptLimits(_Part):
    """From registered to accepted, declined or referred, by track. Without `max_questions` a citizen may be
    asked for what is missing without end."""

    hotline: Limit
    xinfang: Limit
    market: Limit
    proposal: Limit
    restricted: Limit
    supplement: Limit
    max_questions: Some | None = None


class DispatchLimits(_Part):
    """Dispatch, signing and disputes (派单异议). After a designation nothing is returned."""

    decide: Limit
    sign: Limit
    dispute_within: Limit
    dispute_within_xinfang: Limit
    dispute_decide: Limit
    coordinate: Limit
    max_disputes_per_case: Count
    after_designation_no_return: StrictBool


class Warn(_Part):
    """Shares of a limit at which staff, never citizens, are warned."""

    amber_at: Annotated[float, Field(strict=True, gt=0, lt=1, allow_inf_nan=False)]
    red_at: Annotated[float, Field(strict=True, gt=0, lt=1, allow_inf_nan=False)]
    overdue_every: Limit
    channels: tuple[str, ...]


class Audit(_Part):
    reply_review: Limit


class UnitCallback(_Part):
    """How units are called back about what they answered, and whether a case waits for that to close."""

    within: Limit
    holds_closing: StrictBool = False


class Callback(_Part):
    """How delivered replies are called back, by people who are not of the unit. Without ``units`` only
    citizens are."""

    coverage: Share
    within: Limit
    attempts: Some
    by: Literal["independent_of_unit"]
    units: UnitCallback | None = None


class Evaluation(_Part):
    """Who rates what, and for how long. A missing rating is 未评价, never satisfied."""

    scale: Literal["xinfang3", "gnb5"]
    levels: tuple[str, ...]
    targets: tuple[str, ...]
    window: Limit
    missing: Literal["not_rated"]


class Rework(_Part):
    triggers: tuple[str, ...]
    limit: Limit
    max_rounds: Count


class Hold(_Part):
    recheck_every: Limit


class LeaderCases(_Part):
    """How many cases the leaders of each rank take together (领导包案, 十百千). It is no score."""

    city: Some
    county: Some
    section: Some


class Supervise(_Part):
    """When a late case is urged (1 催办), supervised (2 督办) and proposed to be listed (3 挂牌), what a
    perfunctory and a false reply lead to (a level, 0 for nothing), and how soon an answer is due.

    What an older pack does not state is `answer` for a limit, and nothing for the rest. With the profile
    2005 a person names one of the six 督办情形, and the answer is due by `answer_2005`
    （信访条例 2005 Art. 36，已废止）.
    """

    urge_after_overdue: Limit
    supervise_after_overdue: Limit
    list_after_overdue: Limit
    on_rework_rounds: Some
    on_transfers: Some
    on_perfunctory: Literal[0, 1, 2] = 0
    on_false_reply: Literal[0, 1, 2] = 0
    answer: Limit
    instruction: Limit | None = None
    recommendation: Limit | None = None
    leader: Limit | None = None
    old_case_after: Limit | None = None
    leader_cases: LeaderCases | None = None
    profile: Literal["2022", "2005"] = "2022"
    answer_2005: Limit | None = None

    @cached_property
    def old_at_the_earliest(self) -> timedelta | None:
        """How long a case is open at least before it is an old one: no calendar is asked for it."""
        limit = self.old_case_after
        return None if limit is None else timedelta(days=limit.cd or limit.wd or 0)

    @property
    def answered_within(self) -> Limit:
        """How soon a unit that is called to account must answer."""
        return self.answer_2005 or self.answer if self.profile == "2005" else self.answer


class Duplicates(_Part):
    default: Literal["merge", "link"]
    window_days: Annotated[int, Field(strict=True, ge=0, le=3_660)]


class ReviewLimits(_Part):
    """复查 and 复核 (信访工作条例 Art. 35, 36); the time of a hearing is not counted."""

    review_request: Limit
    review: Limit
    rereview_request: Limit
    rereview: Limit


class ScoreAppeal(_Part):
    """How a unit contests what counts in its score: how soon, and how many sit on the panel, for how long."""

    within: Limit
    assess: Limit
    members: Annotated[int, Field(strict=True, ge=3, le=21)]


Years = Annotated[int, Field(strict=True, ge=1, le=100)]


class Kept(_Part):
    """For how many years after its end a case's words are kept, and who it was (domain 5.1, classes B, C).

    `statutory`: the law forbids to erase before; then the words are closed instead (PIPL Art. 47(2)).
    """

    text_years: Years
    contact_years: Years
    statutory: StrictBool = False
    source: Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Archive(_Part):
    """How long after its end a case is put away, and what is kept by track. A track that is not named
    is not put away by itself."""

    after: Limit
    kept: Mapping[Track, Kept]


class AutoDispatch(_Part):
    """Whether the system dispatches alone, and what. Never classes E, R, X, never K4 (G09).

    `direct` are the urgent classes, E and U, that go alone where a published entry of the catalogue
    says 工单直派: there a person has decided beforehand, for this matter and this place.
    """

    enabled: StrictBool
    classes: tuple[SlaClass, ...]
    direct: tuple[SlaClass, ...] = ()
    min_confidence: Share


class Withdrawals(_Part):
    """How long a withdrawal can be taken back before it takes effect: never at once (G07). A pack that does
    not say has a day, and that it is the platform's own."""

    cooling: Limit = Limit(h=24, source="平台默认，待运营单位确认")


class Terminations(_Part):
    """How often the citizen must have been tried in vain before a case ends for that (潍坊 Art. 21)."""

    attempts: Some = 1


class Targets(_Part):
    """What the place wants to reach, as shares. It is compared with figures and moves no deadline."""

    satisfaction: Share | None = None


class PolicyPack(_Part):
    """One version of a place's rules. A case keeps the pack with which it started."""

    id: Name
    version: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    effective_from: date
    calendar: CalendarUse
    sla_classes: Mapping[SlaClass, ClassLimits]
    accept: AcceptLimits
    dispatch: DispatchLimits
    warn: Warn
    audit: Audit
    callback: Callback
    evaluation: Evaluation
    rework: Rework
    hold: Hold
    supervise: Supervise
    duplicates: Duplicates
    review: ReviewLimits
    representatives_max: Some
    auto_accept: StrictBool
    auto_dispatch: AutoDispatch
    withdrawal: Withdrawals = Withdrawals()
    termination: Terminations = Terminations()
    targets: Targets = Targets()
    appeal: ScoreAppeal | None = None
    exclusion: ExclusionCap | None = None
    archive: Archive | None = None

    def model_post_init(self, context: Any, /) -> None:
        wrong = [f"{dotted(path)}: {reason}" for path, reason in contradictions(self.model_dump())]
        if wrong:
            raise ValueError("; ".join(wrong))

    @cached_property
    def limits(self) -> Mapping[tuple[str, str, str], Limit]:
        """Every limit of the pack by (step, class, track)."""
        return {
            (step, sla, track): self._read(self._stated(step, limits, track), limits)
            for sla, limits in self.sla_classes.items()
            for track in Track
            for step in Step
        }

    @cached_property
    def extensions(self) -> Mapping[str, Limit | None]:
        """The longest extension by class; None where there is none."""
        return {
            sla: limits.ext_max and self._read(limits.ext_max, limits)
            for sla, limits in self.sla_classes.items()
        }

    @property
    def name(self) -> str:
        """The pack with its version, as events carry it, e.g. cn-generic-2026/1."""
        return f"{self.id}/{self.version}"

    @property
    def doubts(self) -> tuple[str, ...]:
        """What an administrator is warned of before such a pack is published, ``path: reason``."""
        return told_doubts(self.model_dump())

    def limit(self, step: str, sla_class: str, track: str) -> Limit:
        """How long this step may take. `ValueError` names a step, class or track unknown here.

        CITIZEN is the handling limit, counted from registration. ACCEPT knows no class, since a
        case may not have one yet: any class gives the limit of the track.
        """
        try:
            return self.limits[step, sla_class, track]
        except KeyError:
            asked = f"step {step}, class {sla_class}, track {track}"
            raise ValueError(f"policy {self.name} has no limit for {asked}") from None

    def ext_max(self, sla_class: str) -> Limit | None:
        """The longest extension of the handling limit, or None where there is none."""
        return self.extensions[sla_class]

    def interim_report_every(self, sla_class: str) -> Limit | None:
        """How often a unit that has a case in hand says how far it is, or None where nobody asks it."""
        limits = self.sla_classes[SlaClass(sla_class)]
        every = limits.interim_report_every
        return every and self._read(every, limits)

    def _stated(self, step: Step, limits: ClassLimits, track: Track) -> Limit:
        match step:
            case Step.CITIZEN | Step.HANDLE:
                return limits.handle
            case Step.CONTACT:
                return limits.contact
            case Step.ACCEPT:
                by_track: Limit = getattr(self.accept, track.value)
                return by_track
            case Step.SUPPLEMENT:
                return self.accept.supplement
            case Step.DISPATCH:
                return self.dispatch.decide
            case Step.SIGN:
                return self.dispatch.sign
            case Step.DISPUTE_WITHIN:
                xinfang = track is Track.XINFANG
                d = self.dispatch
                return d.dispute_within_xinfang if xinfang else d.dispute_within
            case Step.DISPUTE:
                return self.dispatch.dispute_decide
            case Step.COORD:
                return self.dispatch.coordinate
            case Step.AUDIT:
                return self.audit.reply_review
            case Step.CALLBACK:
                return self.callback.within
            case Step.EVAL:
                return self.evaluation.window
            case Step.REWORK:
                return self.rework.limit
            case Step.RECHECK:
                return self.hold.recheck_every
            case Step.REVIEW_REQ:
                return self.review.review_request
            case Step.REVIEW:
                return self.review.review
            case Step.RR_REQ:
                return self.review.rereview_request
            case Step.REREVIEW:
                return self.review.rereview
            case Step.SUP:
                return self.supervise.answered_within
            case Step.INSTRUCTION:
                return self.supervise.instruction or self.supervise.answer
            case Step.RECOMMENDATION:
                return self.supervise.recommendation or self.supervise.answer
            case Step.LEADER:
                return self.supervise.leader or self.supervise.answer

    def _read(self, limit: Limit, limits: ClassLimits) -> Limit:
        if limits.clock == "24x7" and limit.bh is not None:
            limit = limit.model_copy(update={"bh": None, "h": limit.bh})
        return limit.model_copy(update={"roll": limit.roll and self.calendar.roll_last_day})


def read_pack(data: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> PolicyPack:
    """A pack from the shape of `data/packs/*.yaml`; what it leaves out it takes from `base`.

    Raises `ValueError` with one line per mistake: the path of the key and the reason.
    """
    whole = laid_over(base or {}, {k: v for k, v in data.items() if k != "extends"})
    pack, mistakes = check_pack(whole)
    if pack is None:
        raise ValueError(told(str(whole.get("id", "?")), mistakes))
    return pack


def check_pack(whole: Mapping[str, Any]) -> tuple[PolicyPack | None, list[tuple[Path, str]]]:
    """The pack of a whole content, or none and all that is wrong with it."""
    try:
        return PolicyPack.model_validate(whole), []
    except ValidationError as error:
        return None, [*field_mistakes(error), *contradictions(whole)]
