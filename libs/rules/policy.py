"""A policy pack: how long each step may take here, and who may decide what. It applies nothing."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from libs.rules.limit import Limit
from libs.rules.states import SlaClass, Step, Track

__all__ = ["Limit", "PolicyPack", "read_pack"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CalendarUse(_Part):
    """Which working calendar, and whether a last calendar day off work rolls on."""

    id: str
    roll_last_day: bool = True


class ClassLimits(_Part):
    """The limits of one time class. Without `ext_max` there is no extension. A `24x7` class has
    no business hours: its limits in `bh` are read as hours by the clock."""

    zh: str
    contact: Limit
    handle: Limit
    ext_max: Limit | None = None
    interim_report_every: Limit | None = None
    clock: Literal["working", "24x7"] = "working"
    escalate_now: bool = False


class AcceptLimits(_Part):
    """From registered to accepted, declined or referred, by track."""

    hotline: Limit
    xinfang: Limit
    market: Limit
    proposal: Limit
    restricted: Limit
    supplement: Limit


class DispatchLimits(_Part):
    """Dispatch, signing and disputes (派单异议). After a designation nothing is returned."""

    decide: Limit
    sign: Limit
    dispute_within: Limit
    dispute_within_xinfang: Limit
    dispute_decide: Limit
    coordinate: Limit
    max_disputes_per_case: int = Field(ge=0)
    after_designation_no_return: bool


class Warn(_Part):
    """Shares of a limit at which staff, never citizens, are warned."""

    amber_at: float = Field(gt=0, lt=1)
    red_at: float = Field(gt=0, lt=1)
    overdue_every: Limit
    channels: tuple[str, ...]


class Audit(_Part):
    reply_review: Limit


class Callback(_Part):
    """How delivered replies are called back, by people who are not of the unit."""

    coverage: float = Field(ge=0, le=1)
    within: Limit
    attempts: int = Field(ge=1)
    by: Literal["independent_of_unit"]


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
    max_rounds: int = Field(ge=0)


class Hold(_Part):
    recheck_every: Limit


class Supervise(_Part):
    """When a late case is urged (1 催办), supervised (2 督办) and listed (3 挂牌), and how soon the
    unit must answer."""

    urge_after_overdue: Limit
    supervise_after_overdue: Limit
    list_after_overdue: Limit
    on_rework_rounds: int = Field(ge=1)
    on_transfers: int = Field(ge=1)
    answer: Limit


class Duplicates(_Part):
    default: Literal["merge", "link"]
    window_days: int = Field(ge=0)


class ReviewLimits(_Part):
    """复查 and 复核 (信访工作条例 Art. 35, 36); the time of a hearing is not counted."""

    review_request: Limit
    review: Limit
    rereview_request: Limit
    rereview: Limit


class AutoDispatch(_Part):
    """Whether the system dispatches alone, and what. Never classes E, R, X, never K4 (G09)."""

    enabled: bool
    classes: tuple[SlaClass, ...]
    min_confidence: float = Field(ge=0, le=1)


class PolicyPack(_Part):
    """One version of a place's rules. A case keeps the pack with which it started."""

    id: str
    version: int = Field(ge=1)
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
    representatives_max: int = Field(ge=1)
    auto_accept: bool
    auto_dispatch: AutoDispatch

    def model_post_init(self, context: Any, /) -> None:
        missing = [c.value for c in SlaClass if c not in self.sla_classes]
        if missing:
            raise ValueError(f"sla_classes: no limits for {', '.join(missing)}")
        if self.warn.amber_at >= self.warn.red_at:
            raise ValueError("warn.amber_at: amber comes before red")
        forbidden = {SlaClass.E, SlaClass.R, SlaClass.X} & set(self.auto_dispatch.classes)
        if forbidden:
            raise ValueError(f"auto_dispatch.classes: a human dispatches {sorted(forbidden)} (G09)")

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
                return self.supervise.answer

    def _read(self, limit: Limit, limits: ClassLimits) -> Limit:
        if limits.clock == "24x7" and limit.bh is not None:
            limit = limit.model_copy(update={"bh": None, "h": limit.bh})
        return limit.model_copy(update={"roll": limit.roll and self.calendar.roll_last_day})


def read_pack(data: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> PolicyPack:
    """A pack from the shape of `data/packs/*.yaml`; what it leaves out it takes from `base`.

    Raises `ValueError` with one line per mistake: the path of the key and the reason.
    """
    whole = _over(base or {}, {k: v for k, v in data.items() if k != "extends"})
    try:
        return PolicyPack.model_validate(whole)
    except ValidationError as error:
        lines = []
        for mistake in error.errors():
            path = ".".join(str(part) for part in mistake["loc"])
            unknown = mistake["type"] == "extra_forbidden"
            reason = "no such key in a policy pack" if unknown else mistake["msg"]
            lines.append(f"{path}: {reason}" if path else reason)
        title = f"policy pack {whole.get('id', '?')}"
        raise ValueError("\n".join([title, *lines])) from None


def _over(base: Any, data: Any) -> Any:
    if not (isinstance(base, Mapping) and isinstance(data, Mapping)) or _is_limit(data):
        return data
    return {**base, **{key: _over(base.get(key), value) for key, value in data.items()}}


def _is_limit(data: Mapping[str, Any]) -> bool:
    return bool({"wd", "cd", "bh", "h"} & set(data))
