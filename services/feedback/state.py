"""A case as feedback knows it, and what each fact makes of it. It decides nothing.

Each field is written by one owner's facts. Where one owner undoes what another said (a new assignment an
old reply, a rework an answer), a property compares the ids: it does not matter which was heard first.
Past 300 lines, for the fields and what every fact makes of them are read together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentPassedOn,
    AssignmentSigned,
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
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    ClaimAnswer,
    ClockAdjusted,
    ClockAdjustmentRefused,
    ClockAdjustmentRequested,
    ClockGround,
    Commitment,
    CommitmentFellDue,
    CommitmentMade,
    CommitmentReported,
    DraftReturned,
    Every,
    ExtensionDecided,
    ExtensionRequested,
    HoldLifted,
    HoldReason,
    HoldRefused,
    HoldRequested,
    Outcome,
    ProgressReported,
    ReplyApproved,
    ReplyDelivered,
    ReplyDrafted,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import (
    CaseAccepted,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseSupplemented,
    CaseWithdrawn,
)
from libs.events.supervision import DeadlineMoved
from libs.rules.ends import GOING_ON, Ends
from libs.rules.followers import followers_after
from libs.rules.replacing import replace
from libs.rules.states import Kind
from libs.sourcing.rounds import in_rounds


@dataclass(frozen=True, slots=True)
class Assist:
    """A unit that helps the lead (协办): it reports how far it is, and never answers."""

    assignment_id: str
    org: str
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that the unit's clerk has written and its head has yet to sign, or has ``returned``. Its
    ``number`` counts the drafts of one reply. The words are sealed."""

    draft_id: str
    number: int
    assignment_id: str
    org: str
    answers: tuple[ClaimAnswer, ...]
    text: str
    evidence: tuple[str, ...]
    commitments: tuple[Commitment, ...]
    returned: bool = False
    traces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """More time that was asked for and not decided yet."""

    extension_id: str
    assignment_id: str
    asked_by: str
    new_due: datetime


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A hold that was asked for and not decided yet. The words are sealed."""

    hold_id: str
    assignment_id: str
    asked_by: str
    reason_code: HoldReason
    reason: str
    alternative_channel: str | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class AdjustmentRequest:
    """That the unit's clock shall stand still, or go on: asked for and not decided yet."""

    adjustment_id: str
    assignment_id: str
    asked_by: str
    action: Literal["suspend", "resume"]
    ground: ClockGround
    law_ref: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Suspension:
    """The unit's clock stands still."""

    assignment_id: str
    ground: ClockGround
    law_ref: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Hold:
    """The case waits until what is asked can be done (挂账)."""

    assignment_id: str
    next_check_at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """Where an assignment's limit ends now: after a pause or a hold, and with an extension."""

    assignment_id: str = ""
    due_at: datetime | None = None
    extended_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise that was delivered and of whose day nobody has spoken yet; ``reminded``: the unit was told."""

    commitment_id: str
    org: str
    due_at: datetime
    every: Every | None
    reminded: bool = False


@dataclass(frozen=True, slots=True)
class Handling:
    """A case as feedback knows it. Intake wrote the first eight fields and ``proposal``, dispatch the next
    seven, evaluation the next three (``review``: which of the level above is open), in ``ends`` each says
    its own ends; all else is feedback's own.

    ``promised``: what the reply that was handed in promises; ``pledges``: what delivered ones did, ``made``
    how many in all rounds together.
    """

    round: int = 0
    policy: str = ""
    track: str = ""
    sla_class: str = ""
    channel: str = ""
    identity_mode: str = "real"
    claims: int = 0
    proposal: bool = False
    referred: bool = False
    due_citizen: datetime | None = None
    assignment_id: str = ""
    unit_id: str | None = None
    assigned_due: datetime | None = None
    signed: bool = False
    disputed: bool = False
    signed_by: tuple[str, ...] = ()
    assists: tuple[Assist, ...] = ()
    reworked: str = ""
    reworked_assignment: str = ""
    review: str = ""
    ends: Ends = GOING_ON
    followers: tuple[str, ...] = ()
    attempts: int = 0
    replies: int = 0
    reply: str = ""
    reply_id: str = ""
    reply_of: str = ""
    outcome: Outcome = "explained"
    for_others: bool = False
    draft: Draft | None = None
    handled_by: tuple[str, ...] = ()
    asked: int = 0
    granted: int = 0
    asked_for: Extension | None = None
    adjustments: int = 0
    adjustment_asked: AdjustmentRequest | None = None
    stopped: Suspension | None = None
    holds: int = 0
    hold_asked: HoldRequest | None = None
    held: Hold | None = None
    moved: Moved = Moved()
    promised: tuple[Commitment, ...] = ()
    traces: tuple[str, ...] = ()
    made: int = 0
    pledges: tuple[Pledge, ...] = ()
    recounted: tuple[str, datetime] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more is done about the case."""
        return self.ends.over

    @property
    def reply_status(self) -> str:
        """How far the reply of the unit that has the case now has come; nothing after a rework."""
        if self.reply_of != self.assignment_id:
            return ""
        undone = self.reply == "delivered" and self.reply_id == self.reworked
        return "" if undone else self.reply

    @property
    def fit_for_readers(self) -> bool:
        """Whether the reply was approved for all who are going to read it."""
        return self.for_others or not self.followers

    @property
    def under_review(self) -> bool:
        """Whether a reply is on its way to the citizen."""
        return self.reply_status in ("submitted", "approved")

    @property
    def answered(self) -> bool:
        """Whether the citizen has an answer that stands."""
        return self.reply_status == "delivered"

    @property
    def in_rework(self) -> bool:
        """Whether the unit that has the case does it again."""
        return self.reworked_assignment == self.assignment_id != "" and not self.answered

    @property
    def current_draft(self) -> Draft | None:
        """What a clerk of the unit that has the case now has drafted."""
        draft, now = self.draft, (self.assignment_id, self.unit_id)
        return draft if draft and (draft.assignment_id, draft.org) == now else None

    @property
    def extension(self) -> Extension | None:
        """What the unit that has the case now has asked for."""
        asked = self.asked_for
        return asked if asked and asked.assignment_id == self.assignment_id else None

    @property
    def adjustment_request(self) -> AdjustmentRequest | None:
        """What the head of the unit that has the case now has asked for its clock."""
        asked = self.adjustment_asked
        return asked if asked and asked.assignment_id == self.assignment_id else None

    @property
    def hold_request(self) -> HoldRequest | None:
        """The hold for which the head of the unit that has the case now has asked."""
        asked = self.hold_asked
        return asked if asked and asked.assignment_id == self.assignment_id else None

    @property
    def suspension(self) -> Suspension | None:
        """Why the clock of the unit that has the case now stands still, if it does."""
        stopped = self.stopped
        return stopped if stopped and stopped.assignment_id == self.assignment_id else None

    @property
    def hold(self) -> Hold | None:
        """The hold of the case with the unit that has it now."""
        held = self.held
        return held if held and held.assignment_id == self.assignment_id else None

    @property
    def base_due(self) -> datetime | None:
        """When the limit of the unit that has the case ends without an extension."""
        return self._later(self._moved.due_at) or self._recounted or self.assigned_due

    @property
    def due_handle(self) -> datetime | None:
        """When the limit of the unit that has the case ends."""
        return self._later(self._moved.extended_to) or self.base_due

    def _later(self, moved_to: datetime | None) -> datetime | None:
        """Where a limit was moved to, or by a calendar since, whichever is later."""
        return moved_to and max(moved_to, self._recounted or moved_to)

    @property
    def _recounted(self) -> datetime | None:
        """By a calendar that was published since (supervision's slice)."""
        of, due_at = self.recounted or ("", None)
        return due_at if of == self.assignment_id else None

    @property
    def _moved(self) -> Moved:
        return self.moved if self.moved.assignment_id == self.assignment_id else Moved()


def _evolve(case: Handling, event: Event) -> Handling:
    """The case after an event."""
    match event:
        case CaseRegistered():
            return replace(
                case,
                channel=event.channel,
                identity_mode=event.identity_mode,
                claims=len(event.claims),
            )
        case CaseSupplemented():
            more = len(
                event.claims
            )  # the message itself is the first claim where none was numbered
            return replace(case, claims=max(case.claims, 1) + more) if more else case
        case CaseAccepted() | CaseReferred() | CaseReopened():
            return replace(
                case,
                policy=event.decided_with.policy,
                track=event.track,
                sla_class=event.sla_class,
                proposal=event.track == "proposal" or _is_suggestion(event),
                referred=isinstance(event, CaseReferred),
                due_citizen=event.due.citizen if event.due else None,
            )
        case CaseAssigned() | AssignmentSigned() | AssignmentPassedOn() | AssignmentDisputed():
            return _with_a_unit(case, event)
        case DisputeDecided() | CoordinationOpened() | DispatchStopped():
            return _without_a_unit(case, event)
        case DeadlineMoved() if event.step == "HANDLE" and event.assignment_id is not None:
            return replace(case, recounted=(event.assignment_id, event.due_at))
        case ReworkOrdered():
            return replace(
                case,
                reworked=event.reply_id,
                reworked_assignment=event.assignment_id,
                ends=case.ends.after(event),
            )
        case ReviewRequested():
            return replace(case, review=event.review_id)
        case ReviewDeclined() | ReviewDecided():
            return replace(case, review="")
        case CaseLinkChanged():
            followers = followers_after(case.followers, event)
            return replace(case, ends=case.ends.after(event), followers=followers)
        case CaseWithdrawn() | CaseTerminated() | CaseClosed():
            return replace(case, ends=case.ends.after(event))
        case CitizenContacted():
            return replace(case, attempts=case.attempts + 1, handled_by=_with(case, event))
        case ProgressReported():
            return replace(case, handled_by=_with(case, event))
        case ReplyDrafted() | DraftReturned():
            return _drafted(case, event)
        case ReplySubmitted() | ReplyApproved() | ReplyReturned() | ReplyDelivered():
            return _with_a_reply(case, event)
        case (
            ExtensionRequested() | ExtensionDecided() | ClockAdjusted() | CaseHeld() | HoldLifted()
        ):
            return _with_a_clock(case, event)
        case (
            ClockAdjustmentRequested() | ClockAdjustmentRefused() | HoldRequested() | HoldRefused()
        ):
            return _asked(case, event)
        case CommitmentMade() | CommitmentFellDue() | CommitmentReported():
            return _pledged(case, event)
        case _:
            return case


def _is_suggestion(event: CaseAccepted | CaseReferred | CaseReopened) -> bool:
    return not isinstance(event, CaseReferred) and event.kind == Kind.SUGGESTION


def _pledged(
    case: Handling, event: CommitmentMade | CommitmentFellDue | CommitmentReported
) -> Handling:
    """What was promised and what became of it. A promise outlives the case, and its rounds."""
    rest = tuple(one for one in case.pledges if one.commitment_id != event.commitment_id)
    match event:
        case CommitmentMade():
            new = Pledge(event.commitment_id, event.org, event.due_at, event.every)
            return replace(case, made=case.made + 1, pledges=(*rest, new))
        case CommitmentFellDue():
            told = (replace(one, reminded=True) for one in case.pledges if one not in rest)
            return replace(case, pledges=(*rest, *told))
        case CommitmentReported() if event.next_due_at is not None:
            again = (
                replace(one, due_at=event.next_due_at, reminded=False)
                for one in case.pledges
                if one not in rest
            )
            return replace(case, pledges=(*rest, *again))
        case CommitmentReported():
            return replace(case, pledges=rest)


def overall(outcomes: Sequence[Outcome]) -> Outcome:
    """One word for the answers to all claims: what they share, else 部分."""
    return outcomes[0] if len(set(outcomes)) == 1 else "partly"


def _with_a_unit(
    case: Handling,
    event: CaseAssigned | AssignmentSigned | AssignmentPassedOn | AssignmentDisputed,
) -> Handling:
    """Dispatch's slice: one lead, and who assists."""
    of = event.assignment_id
    match event:
        case CaseAssigned() if event.role == "assist":
            return replace(case, assists=(*case.assists, Assist(of, event.org)))
        case CaseAssigned():
            return replace(
                case,
                assignment_id=of,
                unit_id=event.org,
                assigned_due=event.due_handle,
                signed=False,
                disputed=False,
            )
        case AssignmentSigned():
            assists = tuple(
                replace(a, signed=a.signed or a.assignment_id == of) for a in case.assists
            )
            signed, by = case.signed or of == case.assignment_id, (*case.signed_by, event.actor.id)
            return replace(case, signed=signed, signed_by=by, assists=assists)
        case AssignmentPassedOn() if of == case.assignment_id:
            return replace(case, unit_id=event.org)
        case AssignmentPassedOn():
            assists = tuple(
                replace(a, org=event.org) if a.assignment_id == of else a for a in case.assists
            )
            return replace(case, assists=assists)
        case AssignmentDisputed():
            return replace(case, disputed=case.disputed or of == case.assignment_id)


def _without_a_unit(
    case: Handling, event: DisputeDecided | CoordinationOpened | DispatchStopped
) -> Handling:
    """Dispatch's slice: the lead, or who assisted, no longer has the case; or its dispute was denied."""
    if isinstance(event, DisputeDecided) and event.assignment_id != case.assignment_id:
        gone = event.assignment_id if event.outcome == "upheld" else ""
        return replace(case, assists=tuple(a for a in case.assists if a.assignment_id != gone))
    if isinstance(event, DisputeDecided) and event.outcome == "denied":
        return replace(case, disputed=False)
    case = replace(case, assignment_id="", unit_id=None, assigned_due=None, assists=())
    return replace(case, signed=False, disputed=False)


def _drafted(case: Handling, event: ReplyDrafted | DraftReturned) -> Handling:
    """What waits for the head's signature. Who writes or returns it handles the case."""
    by, before = _with(case, event), case.draft
    match event:
        case ReplyDrafted():
            draft = Draft(
                draft_id=event.draft_id,
                number=1 if before is None else before.number + 1,
                assignment_id=event.assignment_id,
                org=event.org,
                answers=event.answers,
                text=event.text,
                evidence=event.evidence,
                commitments=event.commitments,
                traces=event.traces,
            )
            return replace(case, draft=draft, handled_by=by)
        case DraftReturned() if before is not None and before.draft_id == event.draft_id:
            return replace(case, draft=replace(before, returned=True), handled_by=by)
        case DraftReturned():
            return replace(case, handled_by=by)


def _with_a_reply(
    case: Handling, event: ReplySubmitted | ReplyApproved | ReplyReturned | ReplyDelivered
) -> Handling:
    case = replace(case, reply_of=event.assignment_id, reply_id=event.reply_id)
    match event:
        case ReplySubmitted():
            return replace(
                case,
                reply="submitted",
                for_others=False,
                draft=None,
                replies=case.replies + 1,
                outcome=overall([a.outcome for a in event.answers]),
                promised=event.commitments,
                traces=event.traces,
                handled_by=_with(case, event, event.signer),
            )
        case ReplyApproved():
            return replace(case, reply="approved", for_others=event.read_by_others)
        case ReplyReturned():
            return replace(case, reply="returned")
        case ReplyDelivered():  # what was asked or stopped for the sake of this answer is over
            case = replace(case, asked_for=None, stopped=None, adjustment_asked=None, hold_asked=None)
            return replace(case, reply="delivered", ends=case.ends.after(event))


def _with_a_clock(
    case: Handling,
    event: ExtensionRequested | ExtensionDecided | ClockAdjusted | CaseHeld | HoldLifted,
) -> Handling:
    of = event.assignment_id
    moved = case.moved if case.moved.assignment_id == of else Moved(of)
    match event:
        case ExtensionRequested():
            asked = Extension(event.extension_id, of, event.actor.id, event.new_due)
            by = _with(case, event)
            return replace(case, asked=case.asked + 1, asked_for=asked, handled_by=by)
        case ExtensionDecided() if event.outcome == "approved":
            moved = replace(moved, extended_to=event.due_handle)
            return replace(case, asked_for=None, granted=case.granted + 1, moved=moved)
        case ExtensionDecided():
            return replace(case, asked_for=None)
        case ClockAdjusted() if event.action == "suspend":
            stopped = Suspension(of, event.ground, event.law_ref, event.occurred_at, event.until)
            by_head = event.actor.id != event.approver2  # who agrees has no part in the handling
            by = _with(case, event) if by_head else case.handled_by
            return replace(case, stopped=stopped, adjustment_asked=None, handled_by=by)
        case ClockAdjusted():
            due = event.due_handle
            now = (
                replace(moved, extended_to=due) if moved.extended_to else replace(moved, due_at=due)
            )
            return replace(case, stopped=None, adjustment_asked=None, moved=now)
        case CaseHeld():
            hold = Hold(of, event.next_check_at)
            case = replace(case, asked_for=None, stopped=None, adjustment_asked=None, hold_asked=None)
            return replace(case, held=hold)
        case HoldLifted():
            reply = "" if case.reply == "delivered" else case.reply
            return replace(case, held=None, reply=reply, moved=Moved(of, event.due_handle))


def _asked(
    case: Handling,
    event: ClockAdjustmentRequested | ClockAdjustmentRefused | HoldRequested | HoldRefused,
) -> Handling:
    """What the unit's head asks, until it is decided. Who asks handles the case."""
    of = event.assignment_id
    match event:
        case ClockAdjustmentRequested():
            adjustment = AdjustmentRequest(
                adjustment_id=event.adjustment_id,
                assignment_id=of,
                asked_by=event.actor.id,
                action=event.action,
                ground=event.ground,
                law_ref=event.law_ref,
                until=event.until,
            )
            by, count = _with(case, event), case.adjustments + 1
            return replace(case, adjustments=count, adjustment_asked=adjustment, handled_by=by)
        case HoldRequested():
            words = event.reason, event.alternative_channel, event.remedy
            hold = HoldRequest(event.hold_id, of, event.actor.id, event.reason_code, *words)
            by, count = _with(case, event), case.holds + 1
            return replace(case, holds=count, hold_asked=hold, handled_by=by)
        case ClockAdjustmentRefused():
            return replace(case, adjustment_asked=None)
        case HoldRefused():
            return replace(case, hold_asked=None)


def _with(case: Handling, event: Event, *more: str) -> tuple[str, ...]:
    return tuple(sorted({*case.handled_by, event.actor.id, *more}))


def _anew(case: Handling, round_: int) -> Handling:
    """What the citizen asked for stays, and what the citizen was promised."""
    return Handling(
        round=round_,
        channel=case.channel,
        identity_mode=case.identity_mode,
        claims=case.claims,
        made=case.made,
        pledges=case.pledges,
    )


evolve = in_rounds(_evolve, _anew)
