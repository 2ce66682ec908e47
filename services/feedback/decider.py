"""The rules of feedback. Nothing here waits, reads or writes.

``decide`` is their table of contents; those of the unit's time stand in ``clock``, ``pauses`` and
``holds``, of the answer that is written and signed in ``replies``, of proposals and promises in
``commitments``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never

from libs.events.base import Event
from libs.events.feedback import (
    CitizenContacted,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
)
from libs.rules.pii import Trace
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Decider, Refused
from libs.sourcing.ends import nothing_more
from services.feedback.clock import (
    decide_extension,
    must_be_with_the_caller,
    report_progress,
    request_extension,
)
from services.feedback.clock import (
    pending as pending_of_time,
)
from services.feedback.commands import (
    AdjustClock,
    ApproveReply,
    ContactCitizen,
    DecideExtension,
    DeliverReply,
    DraftReply,
    FeedbackCommand,
    HoldCase,
    LiftHold,
    RefuseClockAdjustment,
    RefuseHold,
    RemindOfCommitment,
    ReportCommitment,
    ReportProgress,
    RequestExtension,
    RequestHold,
    RequestResumption,
    RequestSuspension,
    ResumeClock,
    ReturnDraft,
    ReturnReply,
    SubmitReply,
)
from services.feedback.commitments import (
    commitments_made,
    falling_due,
    remind_of_commitment,
    report_commitment,
)
from services.feedback.holds import hold_case, lift_hold, refuse_hold, request_hold
from services.feedback.pauses import (
    adjust_clock,
    refuse_clock_adjustment,
    request_resumption,
    request_suspension,
    resume_clock,
)
from services.feedback.replies import draft_reply, return_draft, submit_reply
from services.feedback.state import Handling, evolve

OUTLIVING = (ReportCommitment, RemindOfCommitment)
"""What is asked though the case is over: a promise outlives it."""

REVIEW_REMEDIES = ("自收到答复之日起30日内可申请复查", "对复查意见不服，30日内可申请复核")
"""What a petitioner must be told with the answer (信访工作条例 Art. 35, 36)."""
REACHED_BY: Mapping[str, tuple[str, ...]] = {"confidential": ("relay",), "anonymous": ("relay", "online")}
"""How a unit reaches who is not to be known to it (G03; GB/T 33358): a relayed call shows no number, and what
is put online is read with receipt number and code."""


def decide(command: FeedbackCommand, case: Handling, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    if case.over and not isinstance(command, OUTLIVING):
        return nothing_more(command, case.ends)
    match command:
        case ContactCitizen():
            return contact_citizen(command, case, rules)
        case ReportProgress():
            return report_progress(command, case, rules)
        case RequestExtension():
            return request_extension(command, case, rules)
        case DecideExtension():
            return decide_extension(command, case, rules)
        case RequestSuspension():
            return request_suspension(command, case, rules)
        case RequestResumption():
            return request_resumption(command, case, rules)
        case AdjustClock():
            return adjust_clock(command, case, rules)
        case RefuseClockAdjustment():
            return refuse_clock_adjustment(command, case, rules)
        case ResumeClock():
            return resume_clock(command, case, rules)
        case RequestHold():
            return request_hold(command, case, rules)
        case HoldCase():
            return hold_case(command, case, rules)
        case RefuseHold():
            return refuse_hold(command, case, rules)
        case LiftHold():
            return lift_hold(command, case, rules)
        case DraftReply():
            return draft_reply(command, case, rules)
        case ReturnDraft():
            return return_draft(command, case, rules)
        case SubmitReply():
            return submit_reply(command, case, rules)
        case ApproveReply():
            return approve_reply(command, case, rules)
        case ReturnReply():
            return return_reply(command, case, rules)
        case DeliverReply():
            return deliver_reply(command, case, rules)
        case ReportCommitment():
            return report_commitment(command, case, rules)
        case RemindOfCommitment():
            return remind_of_commitment(command, case, rules)
        case _:
            assert_never(command)


def contact_citizen(command: ContactCitizen, case: Handling, rules: Rules) -> list[Event]:
    """Every attempt is recorded, successful or not, and shows the unit no number that it is not to know
    (transition 20). Once the citizen is answered the unit calls no more: an independent agent does, and
    who has called may not be that agent."""
    must_be_with_the_caller(command, case)
    if case.answered:
        raise Refused("The citizen has been answered already.")
    if command.mode not in REACHED_BY.get(case.identity_mode, (command.mode,)):
        raise Refused(
            f"mode: the citizen's identity is {case.identity_mode}; the unit reaches the citizen by "
            f"{' or '.join(REACHED_BY[case.identity_mode])} alone."
        )
    return [
        CitizenContacted(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            mode=command.mode,
            attempt_no=case.attempts + 1,
            reached=command.reached,
            summary=command.summary,
        )
    ]


def approve_reply(command: ApproveReply, case: Handling, rules: Rules) -> list[Event]:
    """Someone who is not of the unit and did not handle the case approves (transition 28). What the citizens
    of merged cases read too names no person (个人信息保护法 Art. 25); who approved before others were to
    read it is asked again. What the scan took for personal data goes out once the auditor has looked at it
    (domain 2.4, row 28; 个人信息保护法 Art. 4, 6)."""
    if case.answered or (case.reply_status == "approved" and case.fit_for_readers):
        return []
    _must_be_reviewable_by(command, case)
    if case.followers and not command.read_by_others:
        raise Refused(
            f"read_by_others: {len(case.followers)} citizens of merged cases (并单) read this answer too. "
            "If it names no person, approve it with read_by_others; else return it."
        )
    if case.traces and not command.personal_data_checked:
        found = ", ".join(f"{Trace(kind).zh} ({Trace(kind).en})" for kind in case.traces)
        raise Refused(
            f"personal_data_checked: the answer seems to hold {found}. If its addressee may read each of them, "
            "approve it with personal_data_checked; else return it with contains_pii."
        )
    return [
        ReplyApproved(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            reply_id=case.reply_id,
            read_by_others=command.read_by_others,
            personal_data_checked=command.personal_data_checked,
        )
    ]


def return_reply(command: ReturnReply, case: Handling, rules: Rules) -> list[Event]:
    """The answer goes back; the unit's clock goes on as if it had never stopped (transition 27)."""
    if case.reply_status == "returned":
        return []
    _must_be_reviewable_by(command, case)
    return [
        ReplyReturned(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            reply_id=case.reply_id,
            reason=command.reason,
            note=command.note,
        )
    ]


def deliver_reply(command: DeliverReply, case: Handling, rules: Rules) -> list[Event]:
    """The citizen has the answer; call-back and rating begin (transition 29)."""
    if case.answered:
        return []
    if case.reply_status != "approved":
        raise Refused("No reply is approved yet.")
    if not case.fit_for_readers:
        raise Refused(
            "A case was merged into this one since the reply was approved; approve it again."
        )
    kind = case.sla_class, case.track, command.occurred_at
    callback = rules.due(case.policy, "CALLBACK", *kind)
    window = rules.due(case.policy, "EVAL", *kind)
    return [
        ReplyDelivered(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            reply_id=case.reply_id,
            mode=command.mode,
            outcome=case.outcome,
            remedies=REVIEW_REMEDIES if case.track == "xinfang" else (),
            handled_by=tuple(sorted({*case.handled_by, *case.signed_by})),
            due_callback=None if case.referred else callback.at,
            evaluation_until=None if case.referred else window.at,
            read_by_others=case.for_others,
            review_until=_review_until(command, case, rules),
        ),
        *commitments_made(command, case, rules),
    ]


def _review_until(command: DeliverReply, case: Handling, rules: Rules) -> datetime | None:
    """How long a petitioner may ask for review (信访工作条例 Art. 35)."""
    if case.track != "xinfang":
        return None
    return rules.due(case.policy, "REVIEW_REQ", case.sla_class, case.track, command.occurred_at).at


def _must_be_reviewable_by(command: Command, case: Handling) -> None:
    again = case.reply_status == "approved" and not case.fit_for_readers
    if case.reply_status != "submitted" and not again:
        raise Refused("No reply waits for review.")
    if command.by.id in (*case.handled_by, *case.signed_by):
        raise Refused("Who handled the case may not review the reply.")
    if command.by.org is not None and command.by.org in (
        case.unit_id,
        *(a.org for a in case.assists),
    ):
        raise Refused("The reply is reviewed by someone who is not of the unit.")


def pending(case_id: str, case: Handling, rules: Rules) -> list[Command]:
    """What falls due: of the unit's time, and of what was promised."""
    return [*pending_of_time(case_id, case, rules), *falling_due(case_id, case)]


decider = Decider(Handling(), decide, evolve, pending)
