"""A case as evaluation knows it, and what each fact makes of it. It decides nothing.

Each field is written by one owner's facts. What the citizen said of an answer that no longer stands is
left out when it is read, so it does not matter in which order the owners were heard. It is long by the one
table of all that is heard, so that one sees of every fact what it changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentPassedOn,
    CaseAssigned,
    CaseTerminated,
    CoordinationOpened,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.evaluation import (
    AppealDismissed,
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ExclusionDecided,
    ExclusionProposed,
    HearingClosed,
    HearingOpened,
    PanelConvened,
    PanelFindingFiled,
    PanelMemberRecused,
    ReviewAccepted,
    ReviewDecided,
    ReviewDecisionProposed,
    ReviewDecisionReturned,
    ReviewDeclined,
    ReviewRequested,
    ReworkOrdered,
    ScoreAppealed,
    ThirdPartyAssessed,
    UnitCallbackRecorded,
)
from libs.events.feedback import (
    CaseHeld,
    HoldLifted,
    Outcome,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
)
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseArchived,
    CaseLinkChanged,
    CaseReferred,
    CaseReopened,
    CaseWithdrawn,
    PraiseForwarded,
    RecusalLifted,
    RecusalRecorded,
)
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.rules.bars import barred
from libs.rules.ends import GOING_ON, Ends
from libs.rules.replacing import replace
from libs.sourcing.rounds import in_rounds
from services.evaluation.review_state import Reviews, reviewed
from services.evaluation.score_state import Scores, UnitCall, scored


@dataclass(frozen=True, slots=True)
class Call:
    """What the calls back about one answer came to; ``at`` is the last."""

    at: datetime
    attempts: int
    reached: bool
    resolved: str | None = None
    level: str | None = None
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """How the citizen rated the intake office or the unit."""

    at: datetime
    level: str
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class ShortWay:
    """What no unit handles: a consultation answered at the desk, or praise that was forwarded. Until
    ``until`` the citizen may contest it."""

    way: Literal["answered", "praised"]
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """A case as evaluation knows it: what it heard of the answer, and what the citizen said to it.

    Intake wrote the first three fields, ``short_way``, ``category``, ``adcode``, ``archived`` and ``recused``
    (who keeps out of the case), dispatch the next three (``lead`` is the assignment of the unit that has the
    case now), feedback those up to ``audited_by`` and ``answers`` (how many it has delivered), supervision the
    next two; in ``ends`` each says its own ends. ``anew``: after a hold the unit works on it again since
    ``anew_since``. ``asked_by``, ``accepted_by`` and ``assigned_by`` are accounts, of evaluation, intake and
    dispatch; ``breaches`` are supervision's, by clock: whose, and what was missed.
    """

    round: int = 0
    policy: str = ""
    track: str = ""
    sla_class: str = ""
    short_way: ShortWay | None = None
    recused: tuple[str, ...] = ()
    unit_id: str | None = None
    assists: tuple[str, ...] = ()
    lead: str = ""
    assignment_id: str = ""
    org: str = ""
    reply_id: str = ""
    delivered_at: datetime | None = None
    evaluation_until: datetime | None = None
    review_until: datetime | None = None
    reply_outcome: Outcome = "explained"
    held: bool = False
    anew: bool = False
    anew_since: datetime | None = None
    handled_by: tuple[str, ...] = ()
    audited_by: tuple[str, ...] = ()
    supervisions: tuple[str, ...] = ()
    lifted_at: datetime | None = None
    call: Call | None = None
    ratings: Mapping[str, Rating] = field(default_factory=dict)
    reworks: int = 0
    reworked: str = ""
    reviews: Reviews = field(default_factory=Reviews)
    scores: Scores = field(default_factory=Scores)
    asked_by: tuple[str, ...] = ()
    accepted_by: str = ""
    assigned_by: tuple[str, ...] = ()
    breaches: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    ends: Ends = GOING_ON
    category: str | None = None
    adcode: str | None = None
    archived: bool = False
    answers: int = 0

    @property
    def closed(self) -> bool:
        """Whether evaluation has closed it."""
        return self.ends.closed

    @property
    def over(self) -> bool:
        """Whether nothing more is done about the case."""
        return self.ends.over

    @property
    def answered_at(self) -> datetime | None:
        """Since when the citizen has an answer that stands; nothing while the unit does it again, nor
        if the case was taken from the unit while its answer was on the way."""
        undone = self.anew or (self.reworks > 0 and self.reply_id == self.reworked)
        undone = undone or self.assignment_id != self.lead
        return None if undone else self.delivered_at

    @property
    def answer(self) -> Outcome:
        """What the answer comes to: what the level above made of it counts before what the unit said."""
        return self.reviews.answer_to(self.reply_id) or self.reply_outcome

    @property
    def everyone(self) -> frozenset[str]:
        """The accounts that are known to have acted on the case."""
        others = {*self.handled_by, *self.audited_by, *self.asked_by, *self.assigned_by}
        return frozenset({*others, *self.reviews.reviewers, self.accepted_by} - {""})

    @property
    def unit_called(self) -> UnitCall | None:
        """The calls back to the unit about the answer that stands."""
        call = self.scores.unit_call
        return call if call is not None and call.reply_id == self.reply_id else None

    @property
    def called(self) -> Call | None:
        """The calls back about the answer that stands."""
        return self.call if self.call and not self._before(self.call.at) else None

    @property
    def rated(self) -> Mapping[str, Rating]:
        """The ratings that count: of the unit, those of the answer that stands."""
        return {
            target: rating
            for target, rating in self.ratings.items()
            if target != "handling" or not self._before(rating.at)
        }

    def _before(self, at: datetime) -> bool:
        return self.anew_since is not None and at <= self.anew_since


def _passed_on(case: Verdict, event: AssignmentPassedOn) -> Verdict:
    """The successor stands where the former unit stood, as lead or to assist."""
    if event.from_org == case.unit_id:
        return replace(case, unit_id=event.org)
    assists = {event.org if one == event.from_org else one for one in case.assists}
    return replace(case, assists=tuple(sorted(assists)))


def _evolve(case: Verdict, event: Event) -> Verdict:
    """The case after an event: here what befalls most cases, for it is looked for from the top."""
    at = event.occurred_at
    match event:
        case CaseAccepted() | CaseReferred() | CaseReopened():
            return replace(
                case,
                policy=event.decided_with.policy,
                track=event.track,
                sla_class=event.sla_class,
                accepted_by=_account(event),
                category=event.category,
                adcode=None if isinstance(event, CaseReferred) else event.adcode,
            )
        case CaseAssigned() if event.role == "assist":
            return replace(case, assists=tuple(sorted({*case.assists, event.org})))
        case CaseAssigned():
            by = tuple(sorted({*case.assigned_by, _account(event)} - {""}))
            return replace(case, unit_id=event.org, lead=event.assignment_id, assigned_by=by)
        case ReplyApproved() | ReplyReturned():
            return replace(case, audited_by=tuple(sorted({*case.audited_by, event.actor.id})))
        case ReplyDelivered():
            return replace(
                case,
                assignment_id=event.assignment_id,
                org=event.org,
                reply_id=event.reply_id,
                delivered_at=at,
                evaluation_until=event.evaluation_until,
                review_until=event.review_until,
                reply_outcome=event.outcome,
                anew=False,
                handled_by=event.handled_by,
                answers=case.answers + 1,
                ends=case.ends.after(event),
            )
        case CallbackRecorded():
            return replace(case, call=_call(case.call, event), asked_by=_asked(case, event))
        case EvaluationSubmitted():
            rating = Rating(at, event.level, event.reason_code)
            return replace(
                case, ratings=dict(sorted({**case.ratings, event.target: rating}.items()))
            )
        case CaseClosed():
            return replace(case, ends=case.ends.after(event))
        case _:
            return _evolve_otherwise(case, event)


def _evolve_otherwise(case: Verdict, event: Event) -> Verdict:
    """The case after an event that befalls few."""
    at = event.occurred_at
    match event:
        case AnsweredAtDesk():
            return _shortly(case, event, ShortWay("answered", at, event.evaluation_until))
        case PraiseForwarded():
            return _shortly(case, event, ShortWay("praised", at, event.object_until))
        case AnswerContested():
            return replace(case, short_way=None)
        case DisputeDecided() if event.outcome == "upheld" and event.assignment_id == case.lead:
            return replace(case, unit_id=None, lead="")
        case CoordinationOpened() | DispatchStopped():
            return replace(case, unit_id=None, lead="")
        case AssignmentPassedOn():
            return _passed_on(case, event)
        case CaseHeld():
            return replace(case, held=True)
        case HoldLifted():
            return replace(case, held=False, anew=True, anew_since=at)
        case RecusalRecorded() | RecusalLifted():
            return replace(case, recused=barred(case.recused, event))
        case SupervisionIssued():
            return replace(
                case, supervisions=tuple(sorted({*case.supervisions, event.supervision_id}))
            )
        case SupervisionAnswered() if event.lifted:
            rest = tuple(s for s in case.supervisions if s != event.supervision_id)
            return replace(case, supervisions=rest, lifted_at=at)
        case DeadlineBreached():
            missed = {**case.breaches, event.timer: (event.owner_org, event.due_at)}
            return replace(case, breaches=dict(sorted(missed.items())))
        case BreachRetracted():
            standing = {name: one for name, one in case.breaches.items() if name != event.timer}
            return replace(case, breaches=standing)
        case ReworkOrdered():
            kept = {target: r for target, r in case.ratings.items() if target != "handling"}
            return replace(
                case,
                call=None,
                ratings=kept,
                reworks=event.ordinal,
                reworked=event.reply_id,
                ends=case.ends.after(event),
                scores=scored(case.scores, event),
                asked_by=_asked(case, event),
            )
        case (
            ScoreAppealed()
            | AppealDismissed()
            | PanelConvened()
            | PanelMemberRecused()
            | PanelFindingFiled()
            | ThirdPartyAssessed()
            | ExclusionProposed()
            | ExclusionDecided()
            | UnitCallbackRecorded()
        ):
            return replace(case, scores=scored(case.scores, event))
        case (
            ReviewRequested()
            | ReviewAccepted()
            | ReviewDeclined()
            | HearingOpened()
            | HearingClosed()
            | ReviewDecisionProposed()
            | ReviewDecisionReturned()
            | ReviewDecided()
        ):
            return replace(case, reviews=reviewed(case.reviews, event))
        case CaseWithdrawn() | CaseLinkChanged() | CaseTerminated():
            return replace(case, ends=case.ends.after(event))
        case CaseArchived():
            return replace(case, archived=True)
        case _:
            return case


def _account(event: Event) -> str:
    """Who acted, if it was a person."""
    return "" if event.actor.role == "system" else event.actor.id


def _asked(case: Verdict, event: Event) -> tuple[str, ...]:
    return tuple(sorted({*case.asked_by, _account(event)} - {""}))


def _shortly(case: Verdict, event: AnsweredAtDesk | PraiseForwarded, way: ShortWay) -> Verdict:
    return replace(
        case,
        policy=event.decided_with.policy,
        track=event.track,
        sla_class=event.sla_class,
        short_way=way,
    )


def _call(before: Call | None, event: CallbackRecorded) -> Call:
    """The first attempt about an answer begins anew."""
    if event.attempt_no == 1 or before is None:
        before = Call(event.occurred_at, 0, False)
    return Call(
        at=event.occurred_at,
        attempts=event.attempt_no,
        reached=before.reached or event.reached,
        resolved=event.resolved or before.resolved,
        level=event.level or before.level,
        reason_code=event.reason_code or before.reason_code,
    )


def _anew(case: Verdict, round_: int) -> Verdict:
    return Verdict(round=round_, recused=case.recused)


evolve = in_rounds(_evolve, _anew)
