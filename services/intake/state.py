"""A case as intake knows it, and what each fact makes of it. It decides nothing."""

from dataclasses import dataclass
from datetime import datetime

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentPassedOn,
    CaseAssigned,
    CaseTerminated,
    CoordinationOpened,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.evaluation import (
    CaseClosed,
    ReviewDecided,
    ReviewDeclined,
    ReviewRequested,
    ReworkOrdered,
)
from libs.events.feedback import ReplyDelivered
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseClassified,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseSupplemented,
    CaseWithdrawn,
    DeclineProposed,
    DeclineRejected,
    IdentityMode,
    InformationRequested,
    PersonalDataErased,
    PraiseForwarded,
    ReopeningAsked,
    ReopeningDeclined,
    Secrecy,
    Track,
    WithdrawalCancelled,
    WithdrawalConfirmed,
    WithdrawalRequested,
)
from libs.rules.ends import GOING_ON, Ends
from libs.rules.replacing import replace
from libs.sourcing.decider import Refused
from libs.sourcing.ends import must_go_on
from libs.sourcing.rounds import in_rounds
from services.intake.ending import NO_WISH, STANDING_WELL, Standing, Wishes
from services.intake.linked import NOTHING_ELSE, UNLINKED, Elsewhere, Links
from services.intake.regions import Regions, anew, moved, registered

SHORT_WAYS = {
    "answered": "The citizen was answered at the desk (直接解答).",
    "praised": "The praise was forwarded (表扬已转送).",
}
"""The stages of what no unit handles, in words."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the citizen was asked for, and until when the answer is waited for."""

    asked_at: datetime
    missing: tuple[str, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """That somebody proposed not to take the case on; the words are sealed."""

    ground: str
    by: str
    reason: str
    alternative_channel: str
    remedy: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """A case as intake knows it. In ``ends`` each says its own ends, ``standing`` and ``elsewhere`` are what
    others said besides; all else is intake's own.

    ``first_track`` is that of the acceptance limit, which a later category does not change.
    ``pauses``: when the citizen was asked, and had answered. ``kind_by``: who gave it another kind than it
    was registered with. ``shortly_at``: when it went a short
    way, ``until``: how long that can be contested, as was told; ``contested_at``: when it was.
    ``promised``: by when the citizen is to be answered, at acceptance.
    ``units``: all that had it in this round, by dispatch; ``handled_by`` and
    ``answered_by``: the accounts and the unit behind the answers, by feedback.
    ``ended_at``: the last that was said of an answer or an end, by all who say so.
    """

    round: int = 0
    registered_at: datetime | None = None
    policy: str = ""
    first_track: Track = "hotline"
    track: Track = "hotline"
    kind: str = ""
    identity_mode: IdentityMode = "real"
    secrecy: Secrecy = "normal"
    adcode: str | None = None
    mailbox: str | None = None
    claims: int = 0
    category: str | None = None
    classified_by: str = ""
    stage: str = ""
    question: Question | None = None
    proposal: Proposal | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    promised: datetime | None = None
    kind_by: str = ""
    shortly_at: datetime | None = None
    until: datetime | None = None
    contested_at: datetime | None = None
    erased: bool = False
    regions: Regions | None = None
    units: tuple[str, ...] = ()
    handled_by: tuple[str, ...] = ()
    answered_by: str | None = None
    ended_at: datetime | None = None
    ends: Ends = GOING_ON
    standing: Standing = STANDING_WELL
    wishes: Wishes = NO_WISH
    links: Links = UNLINKED
    elsewhere: Elsewhere = NOTHING_ELSE

    @property
    def over(self) -> bool:
        """Whether nothing more is done about the case by intake."""
        return self.ends.over or self.stage in ("declined", "referred")

    @property
    def ended(self) -> bool:
        """Whether it is over for itself, and not handled with another that is not closed yet."""
        return self.over and (self.ends.end != "merged" or self.links.concluded)

    @property
    def due_citizen(self) -> datetime | None:
        """Until when the citizen was promised an answer, once it was accepted."""
        elsewhere = self.elsewhere
        return self.promised and (elsewhere.extended_to or elsewhere.recounted or self.promised)


def _evolve(case: Registration, event: Event) -> Registration:
    """The case after an event. What others said is noted whatever else comes of it."""
    elsewhere = case.elsewhere.after(event)
    if elsewhere is not case.elsewhere:
        case = replace(case, elsewhere=elsewhere)
    return _after(case, event)


def _after(case: Registration, event: Event) -> Registration:
    match event:
        case CaseRegistered():
            return replace(
                case,
                registered_at=event.occurred_at,
                policy=event.decided_with.policy,
                first_track=event.track,
                track=event.track,
                kind=event.kind,
                identity_mode=event.identity_mode,
                secrecy=event.secrecy,
                adcode=event.place.adcode,
                mailbox=event.mailbox,
                claims=len(event.claims),
                stage="registered",
                regions=registered(event),
            )
        case CaseClassified():
            return replace(
                case,
                category=event.category,
                kind=event.kind,
                track=event.track,
                classified_by=event.source,
                kind_by=case.kind_by if event.kind == case.kind else event.actor.id,
            )
        case InformationRequested():
            asked = Question(event.occurred_at, event.missing, event.due_supplement)
            return replace(case, stage="info_requested", question=asked, proposal=None)
        case CaseSupplemented():
            return _supplemented(case, event)
        case CaseAccepted():
            promised, adcode = event.due.citizen, event.adcode
            return replace(case, stage="accepted", adcode=adcode, promised=promised, proposal=None)
        case DeclineProposed():
            words = event.reason, event.alternative_channel, event.remedy, event.evidence
            return replace(case, proposal=Proposal(event.ground, event.actor.id, *words))
        case DeclineRejected():
            return replace(case, proposal=None)
        case AnsweredAtDesk():
            return _shortly(case, event, "answered", event.evaluation_until)
        case PraiseForwarded():
            return _shortly(case, event, "praised", event.object_until)
        case AnswerContested():
            return replace(
                case,
                stage="registered",
                shortly_at=None,
                until=None,
                contested_at=event.occurred_at,
                pauses=(),
            )
        case CaseDeclined():
            return replace(case, stage="declined", proposal=None, ended_at=_later(case, event))
        case CaseReferred():
            return replace(case, stage="referred", proposal=None, ended_at=_later(case, event))
        case PersonalDataErased():
            return replace(case, erased=True, regions=moved(case.regions, event))
        case CaseReopened():
            return replace(
                case,
                policy=event.decided_with.policy,
                track=event.track,
                kind=event.kind,
                category=event.category,
                adcode=event.adcode,
                classified_by="human",
                stage="accepted",
                promised=event.due.citizen,
            )
        case CaseLinkChanged():
            linked = replace(case, links=case.links.after(event))
            if event.relation == "related":  # it ends nothing, and no time counts from it
                return linked
            return replace(linked, ends=case.ends.after(event), ended_at=_later(case, event))
        case ReplyDelivered():
            handled_by = tuple(sorted({*case.handled_by, *event.handled_by}))
            return replace(
                case,
                handled_by=handled_by,
                answered_by=event.org,
                ends=case.ends.after(event),
                ended_at=_later(case, event),
            )
        case ReworkOrdered():
            return replace(case, ends=case.ends.after(event))
        case CaseWithdrawn():
            withdrawn = replace(case, wishes=case.wishes.after(event))
            return replace(withdrawn, ends=case.ends.after(event), ended_at=_later(case, event))
        case CaseTerminated() | CaseClosed():
            return replace(case, ends=case.ends.after(event), ended_at=_later(case, event))
        case (
            WithdrawalRequested()
            | WithdrawalConfirmed()
            | WithdrawalCancelled()
            | ReopeningAsked()
            | ReopeningDeclined()
        ):
            return replace(case, wishes=case.wishes.after(event))
        case CaseAssigned() | AssignmentPassedOn():
            had = case.units if event.org in case.units else (*case.units, event.org)
            return replace(case, units=had, standing=case.standing.after(event))
        case (
            AssignmentDisputed()
            | DisputeDecided()
            | CoordinationOpened()
            | DispatchStopped()
            | ReviewRequested()
            | ReviewDeclined()
            | ReviewDecided()
        ):
            return replace(case, standing=case.standing.after(event))
        case _:
            regions = moved(case.regions, event)
            return case if regions is case.regions else replace(case, regions=regions)


def must_be_open(case: Registration) -> None:
    """Refuse what is decided about a case that waits for nobody and about which nothing was decided."""
    if not case.stage:
        raise Refused("There is no such case.")
    must_go_on(case.ends)
    if case.stage == "info_requested":
        raise Refused(
            "The citizen was asked for what is missing; the answer is waited for (待补充)."
        )
    if case.stage in SHORT_WAYS:
        raise Refused(f"{SHORT_WAYS[case.stage]} If the citizen contests that, it goes on.")
    if case.stage != "registered":
        raise Refused(f"The case is {case.stage} already.")


def _later(case: Registration, event: Event) -> datetime:
    """The last that was said about an end, by whomever: in whatever order it is heard, it is the same."""
    return max(filter(None, (case.ended_at, event.occurred_at)))


def _shortly(
    case: Registration, event: AnsweredAtDesk | PraiseForwarded, stage: str, until: datetime
) -> Registration:
    """What no unit handles: answered by who heard it, or praise that was forwarded."""
    return replace(
        case,
        stage=stage,
        category=event.category,
        shortly_at=event.occurred_at,
        until=until,
        proposal=None,
    )


def _supplemented(case: Registration, event: CaseSupplemented) -> Registration:
    claims = max(case.claims, 1) + len(event.claims) if event.claims else case.claims
    if case.question is None:
        return replace(case, claims=claims)
    pauses = (*case.pauses, (case.question.asked_at, event.occurred_at))
    stage = "registered" if case.stage == "info_requested" else case.stage
    return replace(case, claims=claims, question=None, pauses=pauses, stage=stage)


def _anew(case: Registration, round_: int) -> Registration:
    """What was registered stays; what was decided about it does not."""
    old = replace(
        case,
        round=round_,
        stage="",
        question=None,
        promised=None,
        proposal=None,
        until=None,
        contested_at=None,
        ends=GOING_ON,
        standing=STANDING_WELL,
        wishes=NO_WISH,
        links=replace(case.links, lead=None, concluded=False),
        elsewhere=NOTHING_ELSE,
        units=(),
        handled_by=(),
        answered_by=None,
        ended_at=None,
    )
    return replace(old, regions=anew(case.regions))


evolve = in_rounds(_evolve, _anew)
