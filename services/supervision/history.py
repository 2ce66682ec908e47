"""What each fact does to the clocks of a case. It decides nothing and never fails.

All that is heard stands in one table, ``evolve``: so one sees of every fact what it starts, moves and ends.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentPassedOn,
    AssignmentSigned,
    CaseAssigned,
    CaseTerminated,
    CoordinationOpened,
    CoordinationResolved,
    DispatchResumed,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    HearingClosed,
    HearingOpened,
    ReviewDecided,
    ReviewDeclined,
    ReviewRequested,
    ReworkOrdered,
)
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    ClockAdjusted,
    ExtensionDecided,
    ExtensionRequested,
    HoldLifted,
    ProgressReported,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseSupplemented,
    CaseWithdrawn,
    InformationRequested,
    PraiseForwarded,
)
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineMoved,
    DeadlineWarned,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.rules.calendar import is_late
from libs.rules.replacing import replace
from libs.sourcing.rounds import in_rounds
from services.supervision.beyond import anew, evolve_beyond, outlives
from services.supervision.clocks import (
    ACCEPT_AGAIN,
    CITIZEN,
    PLATFORM,
    Change,
    Over,
    Recounted,
    Started,
    Watch,
)

REVIEW = {1: "REVIEW", 2: "REREVIEW"}
"""The step of a review of each level."""
NONE: Mapping[str, Any] = {}


def _evolve(case: Watch, event: Event) -> Watch:
    """The case after an event: here what befalls most cases, for it is looked for from the top."""
    at = event.occurred_at
    match event:
        case CaseRegistered():
            accept = Started("ACCEPT", at, event.due_accept, PLATFORM, track=event.track)
            return _after(
                case,
                at,
                start={"ACCEPT": accept},
                policy=event.decided_with.policy,
                track=event.track,
            )
        case CaseAccepted() | CaseReferred():
            start = {}
            if event.due is not None:
                registered_at = case.started["ACCEPT"].at if "ACCEPT" in case.started else at
                start["CITIZEN"] = Started("CITIZEN", registered_at, event.due.citizen, PLATFORM)
                start["DISPATCH"] = Started("DISPATCH", at, event.due.dispatch, PLATFORM)
            stop = [_accept(case)]
            return _after(case, at, start, stop, track=event.track, sla_class=event.sla_class)
        case CaseAssigned() if event.role == "assist":
            return _assisted(case, event)
        case CaseAssigned():
            aid = event.assignment_id
            start = {
                f"{step}.{aid}": Started(step, at, due_at, event.org, aid)
                for step, due_at in (
                    ("SIGN", event.due_sign),
                    ("CONTACT", event.due_contact),
                    ("HANDLE", event.due_handle),
                )
            }
            taken = _taken_back(case, event.prev_assignment, at)
            return _after(case, at, start, [case.dispatched.clock], unit_id=event.org, **taken)
        case AssignmentSigned():
            return _after(case, at, stop=[f"SIGN.{event.assignment_id}"])
        case CitizenContacted() if event.reached:
            return _after(case, at, stop=[f"CONTACT.{event.assignment_id}"])
        case ReplySubmitted():
            audit = Started("AUDIT", at, event.due_audit, PLATFORM, event.assignment_id)
            start, of = {f"AUDIT.{event.reply_id}": audit}, event.assignment_id
            return _after(case, at, start, waiting=True, approved=False, reply_of=of)
        case ReplyApproved():  # until the citizen has it the limits run: nobody may forget to send it
            return _after(
                case, at, stop=[f"AUDIT.{event.reply_id}"], waiting=False, approved=True
            )
        case ReplyDelivered():
            start = {}
            if event.due_callback is not None:
                clock = Started("CALLBACK", at, event.due_callback, PLATFORM)
                start[_callback(len(case.delivered))] = clock
            aid = event.assignment_id
            stop = [f"HANDLE.{aid}", _handle(case, aid), f"CONTACT.{aid}", "CITIZEN"]
            delivered = (*case.delivered, at)
            return _after(
                case, at, start, stop, waiting=False, approved=False, delivered=delivered
            )
        case CallbackRecorded():
            return _after(case, at, stop=[_callback(_before(event, case))]) if event.done else case
        case CaseClosed():
            return replace(case, closed_at=at, closings=(*case.closings, at))
        case DeadlineWarned() if event.timer not in case.beyond.duties:
            key = f"{event.timer}/{event.threshold}"
            return replace(case, stated=tuple(sorted({*case.stated, key})))
        case DeadlineBreached() if event.timer not in case.beyond.duties:
            return replace(case, breached=_with(case.breached, event.timer, event.due_at))
        case _:
            return _evolve_otherwise(case, event)


def _evolve_otherwise(case: Watch, event: Event) -> Watch:
    """The case after an event that befalls few."""
    at = event.occurred_at
    match event:
        case DeadlineMoved():
            again = Recounted(event.due_at, event.decided_with.calendar)
            return replace(case, recounted=_with(case.recounted, event.timer, again))
        case AssignmentPassedOn():
            passed = _with(case.dispatched.passed, event.assignment_id, event.org)
            unit_id = event.org if event.from_org == case.unit_id else case.unit_id
            return replace(
                case, dispatched=replace(case.dispatched, passed=passed), unit_id=unit_id
            )
        case InformationRequested():
            name = f"SUPPLEMENT.{sum(n.startswith('SUPPLEMENT.') for n in case.started) + 1}"
            clock = Started("SUPPLEMENT", at, event.due_supplement, CITIZEN)
            return _after(case, at, {name: clock}, changed=_paused(case, _accept(case), at))
        case CaseSupplemented() if event.due_accept is not None:
            asked = [name for name in case.started if name.startswith("SUPPLEMENT.")]
            changed = _resumed(case, _accept(case), at, event.due_accept)
            return _after(case, at, stop=asked, changed=changed)
        case CaseDeclined() | AnsweredAtDesk() | PraiseForwarded():
            return _after(case, at, stop=[_accept(case)])
        case AnswerContested():
            track = case.started["ACCEPT"].track if "ACCEPT" in case.started else None
            anew = Started("ACCEPT", at, event.due_accept, PLATFORM, track=track)
            return _after(case, at, {ACCEPT_AGAIN: anew})
        case AssignmentDisputed():
            number = case.dispatched.disputes + 1
            name = f"DISPUTE.{event.case_id}.d{number}"
            start = {name: Started("DISPUTE", at, event.due_decide, PLATFORM, event.assignment_id)}
            disputed = _with(case.dispatched.disputed, event.assignment_id, (name, at))
            dispatched = replace(case.dispatched, disputes=number, disputed=disputed)
            return _after(case, at, start, dispatched=dispatched)
        case DisputeDecided():
            return _dispute_decided(case, event)
        case CoordinationOpened():
            return _meeting(case, event)
        case DispatchStopped():
            return _nobody_acts(case, event)
        case DispatchResumed():
            number = sum(name.startswith("DISPATCH.u") for name in case.started) + 1
            start = _dispatch_again(f"u{number}", at, event.due_dispatch)
            return _after(
                case, at, start, dispatched=replace(case.dispatched, clock=next(iter(start)))
            )
        case CaseReopened():
            return _taken_up_anew(case, event)
        case CaseWithdrawn():
            return replace(case, ends=replace(case.ends or Over(), withdrawn_at=at))
        case CaseLinkChanged() if event.relation in ("merged_into", "unmerged"):
            merged_at = at if event.relation == "merged_into" else None
            return replace(case, ends=replace(case.ends or Over(), merged_at=merged_at))
        case CaseLinkChanged():
            return _linked(_led(case, event), event)
        case CaseTerminated():
            return replace(case, ends=replace(case.ends or Over(), terminated_at=at))
        case CoordinationResolved():
            start = _dispatch_again(event.coordination_id, at, event.due_dispatch)
            name = next(iter(start), case.dispatched.clock)
            dispatched = replace(case.dispatched, clock=name)
            stop = [f"COORD.{event.coordination_id}"]
            return _after(case, at, start, stop, dispatched=dispatched)
        case ProgressReported():
            return _after(case, at, stop=[f"ASSIST.{event.assignment_id}"])
        case ReplyReturned():
            return _after(case, at, stop=[f"AUDIT.{event.reply_id}"], waiting=False)
        case ExtensionRequested():
            return replace(case, handled=replace(case.handled, asked_at=at))
        case ExtensionDecided() if event.outcome == "approved":
            return _extended(case, event)
        case ClockAdjusted():
            name = _handle(case, event.assignment_id)
            if event.action == "suspend":
                return replace(case, changed=_paused(case, name, at))
            return replace(case, changed=_resumed(case, name, at, event.due_handle))
        case CaseHeld():
            return _put_on_hold(case, event)
        case HoldLifted():
            return _lifted(case, event)
        case ReworkOrdered():
            before = _before(event, case)
            clock = Started(
                "REWORK", at, event.due_rework, event.org, event.assignment_id, delivery=before + 1
            )
            start = {f"REWORK.{event.rework_id}": clock}
            stop = [_callback(before)]
            return _after(case, at, start, stop, reworks=case.reworks + 1, closed_at=None)
        case ReviewRequested():
            clock = Started(REVIEW[event.level], at, event.due_decide, PLATFORM)
            return _after(case, at, {f"{clock.step}.{event.review_id}": clock})
        case HearingOpened():
            name = f"{REVIEW[event.level]}.{event.review_id}"
            return replace(case, changed=_paused(case, name, at))
        case HearingClosed():
            name = f"{REVIEW[event.level]}.{event.review_id}"
            return replace(case, changed=_resumed(case, name, at, event.due_decide))
        case ReviewDecided() | ReviewDeclined():
            return _after(case, at, stop=[f"{REVIEW[event.level]}.{event.review_id}"])
        case BreachRetracted():
            rest = {name: due for name, due in case.breached.items() if name != event.timer}
            return replace(case, breached=rest, beyond=evolve_beyond(case.beyond, event))
        case SupervisionIssued():
            return _called_to_account(case, event)
        case SupervisionAnswered():
            stop = [f"SUP.{event.supervision_id}"]
            if not event.lifted:
                return _after(case, at, stop=stop)
            open_ = {k: v for k, v in case.supervisions.items() if k != event.supervision_id}
            return _after(case, at, stop=stop, supervisions=open_)
        case _:
            beyond = evolve_beyond(case.beyond, event)
            return case if beyond is case.beyond else replace(case, beyond=beyond)


# ------------------------------------------------------------------ what single facts do to the clocks


def _assisted(case: Watch, event: CaseAssigned) -> Watch:
    """An assisting unit signs and contributes; it ends with its first report or the case's answer. Its
    clock has a name of its own, for its being late is not the lead's."""
    aid, at = event.assignment_id, event.occurred_at
    start = {
        f"SIGN.{aid}": Started("SIGN", at, event.due_sign, event.org, aid),
        f"ASSIST.{aid}": Started("HANDLE", at, event.due_handle, event.org, aid, delivery=0),
    }
    return _after(case, at, start)


def _dispute_decided(case: Watch, event: DisputeDecided) -> Watch:
    """An upheld dispute ends the clocks of the assignment at the instant when it was raised, for the
    time since was the platform's; after a denied one they run on, and were the unit's all along."""
    at, before, of = event.occurred_at, case.dispatched, event.assignment_id
    name, raised_at = before.disputed.get(of, ("", at))
    rest = {aid: dispute for aid, dispute in before.disputed.items() if aid != of}
    dispatched = replace(before, disputed=rest)
    if event.outcome == "upheld" and f"ASSIST.{of}" in case.started:
        dispatched = replace(dispatched, released=_with(before.released, of, raised_at))
    if event.outcome == "denied" or f"ASSIST.{of}" in case.started:
        return _after(case, at, stop=[name] if name else [], dispatched=dispatched)
    start = _dispatch_again(event.assignment_id, at, event.due_dispatch)
    dispatched = replace(
        before,
        disputed={},
        clock=next(iter(start), before.clock),
        released=_released(case, raised_at),
    )
    return _after(case, at, start, _judged(case), unit_id=None, dispatched=dispatched)


def _meeting(case: Watch, event: CoordinationOpened) -> Watch:
    """Units meet: what ran for the unit that had the case ends, and so does the meeting below."""
    at, before = event.occurred_at, case.dispatched
    name = f"COORD.{event.coordination_id}"
    start = {name: Started("COORD", at, event.due_resolve, PLATFORM)}
    stop = [before.clock, *_judged(case), *([before.coordination] if before.coordination else [])]
    dispatched = replace(before, coordination=name, disputed={}, released=_released(case, at))
    return _after(case, at, start, stop, unit_id=None, dispatched=dispatched)


def _nobody_acts(case: Watch, event: DispatchStopped) -> Watch:
    """The case is handled with another: what ran for a unit ends without blame, and what dispatch waited for."""
    at, before = event.occurred_at, case.dispatched
    stop = [before.clock, *_judged(case)]
    stop += [before.coordination] if before.coordination else []
    dispatched = replace(before, disputed={}, coordination="", released=_released(case, at))
    return _after(case, at, stop=stop, unit_id=None, dispatched=dispatched)


def _led(case: Watch, event: CaseLinkChanged) -> Watch:
    """What was promised to the citizen of a case that is merged into this one is kept here: a clock of its
    own, until that case goes by itself again. What was missed before is its own."""
    name, at = f"CITIZEN.{event.link_id}", event.occurred_at
    if event.relation in ("released", "concludes"):
        return _after(case, at, stop=[name])
    due_at = event.due_citizen
    if event.relation != "leads" or due_at is None or is_late(at, due_at):
        return case
    return _after(case, at, {name: Started("CITIZEN", at, due_at, PLATFORM)})


def _taken_up_anew(case: Watch, event: CaseReopened) -> Watch:
    """As at an acceptance, but that the citizen's clock counts from now (transition 39)."""
    at = event.occurred_at
    start = {
        "CITIZEN": Started("CITIZEN", at, event.due.citizen, PLATFORM),
        "DISPATCH": Started("DISPATCH", at, event.due.dispatch, PLATFORM),
    }
    return _after(
        case,
        at,
        start,
        policy=event.decided_with.policy,
        track=event.track,
        sla_class=event.sla_class,
    )


def _judged(case: Watch) -> list[str]:
    """The clocks of the disputes that wait: with no unit left there is nothing to judge."""
    return [name for name, _ in case.dispatched.disputed.values()]


def _released(case: Watch, at: datetime) -> Mapping[str, datetime]:
    """No unit has the case any more: every assignment that runs ends at that instant without blame."""
    released = case.dispatched.released
    running = [c.assignment_id for name, c in case.started.items() if name.startswith("SIGN.")]
    new = {aid: at for aid in running if aid is not None and aid not in released}
    return dict(sorted({**new, **released}.items()))


def _taken_back(case: Watch, assignment_id: str | None, at: datetime) -> Mapping[str, Any]:
    """What the system had assigned wrongly ends without blame for the unit that had it."""
    if assignment_id is None:
        return NONE
    released = _with(case.dispatched.released, assignment_id, at)
    return {"dispatched": replace(case.dispatched, released=released)}


def _dispatch_again(after: str, at: datetime, due_dispatch: datetime | None) -> dict[str, Started]:
    """The case waits for a unit once more; ``after`` names what it comes from."""
    if due_dispatch is None:
        return {}
    return {f"DISPATCH.{after}": Started("DISPATCH", at, due_dispatch, PLATFORM)}


def _extended(case: Watch, event: ExtensionDecided) -> Watch:
    """More time was granted: the unit's clock and the citizen's end later."""
    moved = {_handle(case, event.assignment_id): event.due_handle, "CITIZEN": event.due_citizen}
    changed = case.changed
    for name, due_at in moved.items():
        if due_at is not None:
            was = changed.get(name, Change())
            since = case.handled.asked_at or event.occurred_at
            changed = _with(changed, name, replace(was, due_at=due_at, since=since, granted=True))
    return replace(case, changed=changed, handled=replace(case.handled, asked_at=None))


def _put_on_hold(case: Watch, event: CaseHeld) -> Watch:
    """HANDLE ends as held, and the hold is looked at again in time."""
    at, aid, held = event.occurred_at, event.assignment_id, (*case.handled.held, event.occurred_at)
    start = {
        f"RECHECK.{aid}.h{len(held)}": Started("RECHECK", at, event.next_check_at, PLATFORM, aid)
    }
    return _after(case, at, start, [_handle(case, aid)], handled=replace(case.handled, held=held))


def _lifted(case: Watch, event: HoldLifted) -> Watch:
    """The hold is over: HANDLE starts anew, as a clock of its own."""
    at, aid, number = event.occurred_at, event.assignment_id, len(case.handled.held)
    name = f"HANDLE.{aid}.h{number}"
    start = {name: Started("HANDLE", at, event.due_handle, event.org, aid)}
    handled = replace(case.handled, handles=_with(case.handled.handles, aid, name))
    return _after(case, at, start, [f"RECHECK.{aid}.h{number}"], handled=handled)


def _called_to_account(case: Watch, event: SupervisionIssued) -> Watch:
    """The unit's time to answer begins; what the clock had proposed is done with a listing."""
    clock = Started("SUP", event.occurred_at, event.due_at, event.addressee)
    return _after(
        case,
        event.occurred_at,
        {f"SUP.{event.supervision_id}": clock},
        supervisions=_with(case.supervisions, event.supervision_id, event.level),
        beyond=evolve_beyond(case.beyond, event),
    )


def _linked(case: Watch, event: CaseLinkChanged) -> Watch:
    """Which cases this one leads: what is written on it may be about all of them."""
    members = set(case.beyond.members)
    if event.relation == "leads":
        members.add(event.other_case)
    elif event.relation == "released":
        members.discard(event.other_case)
    return replace(case, beyond=replace(case.beyond, members=tuple(sorted(members))))


def _handle(case: Watch, assignment_id: str) -> str:
    """The clock as which an assignment's HANDLE runs now, as feedback knows it."""
    return case.handled.handles.get(assignment_id, f"HANDLE.{assignment_id}")


def _callback(before: int) -> str:
    """The clock of the call-back to the answer that was delivered after so many others: after reworks, or after
    a hold."""
    return f"CALLBACK.w{before}" if before else "CALLBACK"


def _before(event: CallbackRecorded | ReworkOrdered, case: Watch) -> int:
    """How many answers had been delivered before the one that it is about; after what did not say so, as many
    as there were reworks."""
    return event.answer - 1 if event.answer else case.reworks


def _accept(case: Watch) -> str:
    """As which clock the time for acceptance runs: another after the citizen contested a short way."""
    return ACCEPT_AGAIN if ACCEPT_AGAIN in case.started else "ACCEPT"


def _paused(case: Watch, name: str, at: datetime) -> Mapping[str, Change]:
    change = case.changed.get(name, Change())
    if change.paused_at is not None:
        return case.changed
    return _with(case.changed, name, replace(change, pauses=(*change.pauses, (at, None))))


def _resumed(case: Watch, name: str, at: datetime, due_at: datetime | None) -> Mapping[str, Change]:
    change = case.changed.get(name, Change())
    since, pauses = change.paused_at, change.pauses
    if since is not None:
        pauses = (*pauses[:-1], (since, max(since, at)))
    if due_at is not None:
        change = replace(change, due_at=due_at, since=since or at)
    return _with(case.changed, name, replace(change, pauses=pauses))


def _with(values: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    return dict(sorted({**values, key: value}.items()))


def _after(
    case: Watch,
    at: datetime,
    start: Mapping[str, Started] = NONE,
    stop: Sequence[str] = (),
    **changes: Any,
) -> Watch:
    """The case with clocks started, stopped and fields changed, in one copy.

    The first act counts: a second one neither moves nor restarts a clock.
    """
    if start:
        changes["started"] = dict(sorted({**case.started, **start}.items()))
    stopped = {name: at for name in stop if name not in case.stopped}
    if stopped:
        changes["stopped"] = dict(sorted({**case.stopped, **stopped}.items()))
    return replace(case, **changes) if changes else case


def _anew(case: Watch, round_: int) -> Watch:
    return Watch(round=round_, beyond=anew(case.beyond))


_evolve_in_round = in_rounds(_evolve, _anew)


def evolve(case: Watch, event: Event) -> Watch:
    """The case after an event. What is owed in writing is owed in a later round too."""
    if event.round < case.round and outlives(event, case.beyond):
        return replace(case, beyond=evolve_beyond(case.beyond, event))
    return _evolve_in_round(case, event)
