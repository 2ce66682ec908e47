"""The rules of feedback. Nothing here waits, reads or writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from libs.events.base import Event
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.feedback import (
    CitizenContacted,
    ClaimAnswer,
    Outcome,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted, CaseReferred, CaseRegistered
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Decider, Refused
from services.feedback.commands import (
    ApproveReply,
    ContactCitizen,
    DeliverReply,
    FeedbackCommand,
    ReturnReply,
    SubmitReply,
)

REVIEW_REMEDIES = ("自收到答复之日起30日内可申请复查", "对复查意见不服，30日内可申请复核")
"""What a petitioner must be told with the answer (信访工作条例 Art. 35, 36)."""


@dataclass(frozen=True, slots=True)
class Handling:
    """A case as feedback knows it. Intake wrote the first six fields, dispatch the next four."""

    policy: str = ""
    track: str = ""
    sla_class: str = ""
    channel: str = ""
    claims: int = 0
    referred: bool = False
    assignment_id: str = ""
    unit_id: str | None = None
    signed: bool = False
    signed_by: tuple[str, ...] = ()
    attempts: int = 0
    replies: int = 0
    reply: str = ""
    outcome: Outcome = "explained"
    handled_by: tuple[str, ...] = ()


def decide(command: FeedbackCommand, case: Handling, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    match command:
        case ContactCitizen():
            return contact_citizen(command, case, rules)
        case SubmitReply():
            return submit_reply(command, case, rules)
        case ApproveReply():
            return approve_reply(command, case, rules)
        case ReturnReply():
            return return_reply(command, case, rules)
        case DeliverReply():
            return deliver_reply(command, case, rules)
        case _:
            assert_never(command)


def evolve(case: Handling, event: Event) -> Handling:
    """The case after an event."""
    match event:
        case CaseRegistered():
            return replace(case, channel=event.channel, claims=len(event.claims))
        case CaseAccepted() | CaseReferred():
            return replace(
                case,
                policy=event.decided_with.policy,
                track=event.track,
                sla_class=event.sla_class,
                referred=isinstance(event, CaseReferred),
            )
        case CaseAssigned() if event.role == "lead":
            return replace(case, assignment_id=event.assignment_id, unit_id=event.org, signed=False)
        case AssignmentSigned():
            return replace(case, signed=True, signed_by=(*case.signed_by, event.actor.id))
        case CitizenContacted():
            return replace(case, attempts=case.attempts + 1, handled_by=_with(case, event))
        case ReplySubmitted():
            return replace(
                case,
                reply="submitted",
                replies=case.replies + 1,
                outcome=overall([a.outcome for a in event.answers]),
                handled_by=_with(case, event, event.signer),
            )
        case ReplyApproved():
            return replace(case, reply="approved")
        case ReplyReturned():
            return replace(case, reply="returned")
        case ReplyDelivered():
            return replace(case, reply="delivered")
        case _:
            return case


def contact_citizen(command: ContactCitizen, case: Handling, rules: Rules) -> list[Event]:
    """Every attempt is recorded, successful or not (transition 20)."""
    _must_be_with_the_caller(command, case)
    return [
        CitizenContacted(
            **command.stamp(rules.versions_of(case.policy)),
            assignment_id=case.assignment_id,
            mode=command.mode,
            attempt_no=case.attempts + 1,
            reached=command.reached,
            summary=command.summary,
        )
    ]


def submit_reply(command: SubmitReply, case: Handling, rules: Rules) -> list[Event]:
    """An answer to each numbered claim, signed by the unit's head (transition 26, 条例 Art. 32)."""
    _must_be_with_the_caller(command, case)
    if case.reply in ("submitted", "approved"):
        raise Refused("A reply waits for review already.")
    if case.reply == "delivered":
        raise Refused("The citizen has been answered already.")
    wanted = set(range(1, max(case.claims, 1) + 1))
    given = [a.claim for a in command.answers]
    if set(given) != wanted or len(given) != len(wanted):
        raise Refused(f"Answer each claim once: {sorted(wanted)}; given: {sorted(given)}.")
    audit = rules.due(case.policy, "AUDIT", case.sla_class, case.track, command.occurred_at)
    return [
        ReplySubmitted(
            **command.stamp(rules.versions_of(case.policy)),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            reply_id=f"{command.case_id}.r{case.replies + 1}",
            answers=tuple(
                ClaimAnswer(claim=a.claim, outcome=a.outcome, basis=a.basis) for a in command.answers
            ),
            text=command.text,
            evidence=command.evidence,
            signer=command.signer,
            due_audit=audit.at,
        )
    ]


def approve_reply(command: ApproveReply, case: Handling, rules: Rules) -> list[Event]:
    """Someone who is not of the unit and did not handle the case approves (transition 28)."""
    if case.reply in ("approved", "delivered"):
        return []
    _must_be_reviewable_by(command, case)
    return [
        ReplyApproved(
            **command.stamp(rules.versions_of(case.policy)),
            assignment_id=case.assignment_id,
            reply_id=_reply_id(command, case),
        )
    ]


def return_reply(command: ReturnReply, case: Handling, rules: Rules) -> list[Event]:
    """The answer goes back; the unit's clock goes on as if it had never stopped (transition 27)."""
    if case.reply == "returned":
        return []
    _must_be_reviewable_by(command, case)
    return [
        ReplyReturned(
            **command.stamp(rules.versions_of(case.policy)),
            assignment_id=case.assignment_id,
            reply_id=_reply_id(command, case),
            reason=command.reason,
            note=command.note,
        )
    ]


def deliver_reply(command: DeliverReply, case: Handling, rules: Rules) -> list[Event]:
    """The citizen has the answer; call-back and rating begin (transition 29)."""
    if case.reply == "delivered":
        return []
    if case.reply != "approved":
        raise Refused("No reply is approved yet.")
    kind = case.sla_class, case.track, command.occurred_at
    callback = rules.due(case.policy, "CALLBACK", *kind)
    window = rules.due(case.policy, "EVAL", *kind)
    return [
        ReplyDelivered(
            **command.stamp(rules.versions_of(case.policy)),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            reply_id=_reply_id(command, case),
            mode=command.mode,
            outcome=case.outcome,
            remedies=REVIEW_REMEDIES if case.track == "xinfang" else (),
            handled_by=tuple(sorted({*case.handled_by, *case.signed_by})),
            due_callback=None if case.referred else callback.at,
            evaluation_until=None if case.referred else window.at,
        )
    ]


def overall(outcomes: Sequence[Outcome]) -> Outcome:
    """One word for the answers to all claims: what they share, else 部分."""
    return outcomes[0] if len(set(outcomes)) == 1 else "partly"


def _reply_id(command: Command, case: Handling) -> str:
    return f"{command.case_id}.r{case.replies}"


def _with(case: Handling, event: Event, *more: str) -> tuple[str, ...]:
    return tuple(sorted({*case.handled_by, event.actor.id, *more}))


def _must_be_with_the_caller(command: Command, case: Handling) -> None:
    if case.unit_id is None:
        raise Refused("The case is with no unit.")
    if command.by.org != case.unit_id:
        raise Refused(f"The case is with {case.unit_id}; only that unit can do this.")
    if not case.signed:
        raise Refused("Sign the assignment first.")


def _must_be_reviewable_by(command: Command, case: Handling) -> None:
    if case.reply != "submitted":
        raise Refused("No reply waits for review.")
    if command.by.id in (*case.handled_by, *case.signed_by):
        raise Refused("Who handled the case may not review the reply.")
    if command.by.org is not None and command.by.org == case.unit_id:
        raise Refused("The reply is reviewed by someone who is not of the unit.")


decider = Decider(Handling(), decide, evolve)
