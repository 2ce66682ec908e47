"""The rules of proposals and promises: adopted or explained, and what was promised is followed up.

Nothing here waits, reads or writes.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from libs.events.base import SYSTEM, Event, in_round
from libs.events.feedback import (
    ClaimAnswer,
    Commitment,
    CommitmentFellDue,
    CommitmentMade,
    CommitmentReported,
    Every,
    Outcome,
    Proposal,
)
from libs.rules.calendar import SHANGHAI
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.feedback.commands import (
    Answered,
    Promised,
    RemindOfCommitment,
    ReportCommitment,
)
from services.feedback.state import Handling, Pledge

COUNTS_AS: Mapping[Proposal, Outcome] = {
    "adopted": "supported",
    "partly_adopted": "partly",
    "explained": "explained",
}
"""As which outcome of a claim that of a proposal counts (信访工作条例 Art. 29, 32)."""
MONTHS: Mapping[Every, int] = {"month": 1, "quarter": 3, "year": 12}
FARTHEST = timedelta(days=5 * 366)
"""What lies farther ahead is a plan and no promise."""


def outcome_of(answer: Answered | ClaimAnswer) -> Outcome:
    """The outcome that an answer counts as; ``must_hold_together`` has seen that it has one."""
    if answer.proposal is not None:
        return COUNTS_AS[answer.proposal]
    assert answer.outcome is not None
    return answer.outcome


def must_hold_together(
    answers: Sequence[Answered | ClaimAnswer],
    promises: Sequence[Promised | Commitment],
    at: datetime,
    case: Handling,
) -> None:
    """Refuse a proposal that is answered as a claim or a claim as a proposal (信访工作条例 Art. 29), one that is
    adopted without a day, and a promise about nothing or for no day ahead."""
    promised = {one.claim for one in promises}
    for answer in answers:
        name = f"answers: claim {answer.claim}"
        if case.proposal and answer.proposal is None:
            raise Refused(
                f"{name}: a proposal (人民建议) is answered by what became of it, in proposal."
            )
        if not case.proposal and answer.proposal is not None:
            raise Refused(f"{name}: this is no proposal (人民建议); answer it by an outcome.")
        if answer.proposal is not None and answer.outcome not in (None, outcome_of(answer)):
            raise Refused(
                f"{name}: {answer.proposal} counts as {outcome_of(answer)}; leave outcome out."
            )
        if answer.proposal is None and answer.outcome is None:
            raise Refused(f"{name}: an outcome is missing.")
        adopted = answer.proposal in ("adopted", "partly_adopted")
        if adopted and answer.claim not in promised:
            raise Refused(
                f"commitments: say until when what was adopted of claim {answer.claim} is done."
            )
    for number, promise in enumerate(promises, 1):
        if promise.claim not in {answer.claim for answer in answers}:
            raise Refused(f"commitments: number {number}: there is no claim {promise.claim}.")
        if not timedelta() < promise.due_at - at <= FARTHEST:
            raise Refused(
                f"commitments: number {number}: due_at must lie ahead, by at most five years."
            )


def commitments_made(command: Command, case: Handling, rules: Rules) -> list[Event]:
    """What a delivered reply promises is a fact of its own, for somebody will ask about it."""
    return [
        CommitmentMade(
            **command.stamp(rules.versions_of(case.policy), case.round),
            commitment_id=f"{in_round(command.case_id, case.round)}.m{case.made + number}",
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            reply_id=case.reply_id,
            claim=promise.claim,
            text=promise.text,
            due_at=promise.due_at,
            every=promise.every,
        )
        for number, promise in enumerate(case.promised, 1)
    ]


def falling_due(case_id: str, case: Handling) -> list[Command]:
    """The unit is reminded on the day of each promise of which it has not spoken."""
    return [
        RemindOfCommitment(
            case_id=case_id, occurred_at=one.due_at, by=SYSTEM, commitment_id=one.commitment_id
        )
        for one in case.pledges
        if not one.reminded
    ]


def remind_of_commitment(command: RemindOfCommitment, case: Handling, rules: Rules) -> list[Event]:
    """Once for each day of a promise; a person's word before it makes it superfluous."""
    pledge = _pledge(command.commitment_id, case)
    if pledge is None or pledge.reminded or pledge.due_at != command.occurred_at:
        return []
    if command.by.role != "system":
        raise Refused("A unit is reminded by the clock; nobody reminds it.")
    return [
        CommitmentFellDue(
            **command.stamp(rules.versions_of(case.policy), case.round),
            commitment_id=pledge.commitment_id,
            org=pledge.org,
            due_at=pledge.due_at,
        )
    ]


def report_commitment(command: ReportCommitment, case: Handling, rules: Rules) -> list[Event]:
    """The unit that promised, or the one that has the case since, says whether it was kept, on the day or
    before it; what is promised again and again is due again, also where it was not kept."""
    pledge = _pledge(command.commitment_id, case)
    if pledge is None:
        raise Refused("commitment_id: no such promise is open.")
    heir = rules.organisations.heir(pledge.org) if pledge.org in rules.organisations else ""
    if command.by.org not in (pledge.org, heir):
        raise Refused(f"{pledge.org} has promised it; only that unit says whether it was kept.")
    if pledge.every and following(command.occurred_at, pledge.every) < pledge.due_at:
        raise Refused("This time was reported already; the next is not due yet.")
    next_due = pledge.every and following(pledge.due_at, pledge.every)
    return [
        CommitmentReported(
            **command.stamp(rules.versions_of(case.policy), case.round),
            commitment_id=pledge.commitment_id,
            org=command.by.org or pledge.org,
            outcome=command.outcome,
            text=command.text,
            due_at=pledge.due_at,
            next_due_at=next_due,
        )
    ]


def following(due_at: datetime, every: Every) -> datetime:
    """The same day of the month, quarter or year after, or the last day of a shorter month."""
    local = due_at.astimezone(SHANGHAI)
    months = local.year * 12 + local.month - 1 + MONTHS[every]
    year, month = months // 12, months % 12 + 1
    return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))


def _pledge(commitment_id: str, case: Handling) -> Pledge | None:
    return next((one for one in case.pledges if one.commitment_id == commitment_id), None)
