"""The rules of ending a case without an answer (终止办理). Nothing here waits, reads or writes."""

from libs.events.base import Event
from libs.events.dispatch import CaseTerminated, TerminationProposed, TerminationRejected
from libs.rules.rules import Rules
from libs.rules.states import TERMINATES, TerminationGround
from libs.sourcing.decider import Command, Refused
from services.dispatch.assignment import Assignment, Proposal
from services.dispatch.commands import (
    ApproveTermination,
    ProposeTermination,
    RejectTermination,
)


def propose_termination(
    command: ProposeTermination, case: Assignment, rules: Rules
) -> list[Event]:
    """A ground was found after the case was dispatched, or the citizen cannot be reached or refuses; a
    second person decides (transition 38; 潍坊市12345政务服务便民热线条例 Art. 21)."""
    if command.ground not in TERMINATES:
        raise Refused(f"ground: {command.ground} is none for terminating: {command.ground.zh}")
    proposal = case.proposal
    if proposal is not None and proposal.ground == command.ground.value:
        return []
    if proposal is not None:
        raise Refused("A termination is proposed already; it is decided first.")
    _must_be_in_the_hands_of_a_unit(case)
    if command.ground is TerminationGround.UNREACHABLE:
        _must_have_been_tried(case, rules)
    return [
        TerminationProposed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            ground=command.ground.value,
            reason=command.reason,
            alternative_channel=command.alternative_channel,
            remedy=command.remedy,
        )
    ]


def approve_termination(
    command: ApproveTermination, case: Assignment, rules: Rules
) -> list[Event]:
    """An auditor who neither proposed it nor is of the unit agrees; the citizen reads ground, reason and
    remedy (transition 38, G08)."""
    proposal = _proposal(case)
    _must_be_independent(command, case, proposal)
    _must_be_in_the_hands_of_a_unit(case)
    return [
        CaseTerminated(
            **command.stamp(rules.versions_of(case.policy), case.round),
            ground=proposal.ground,
            reason=proposal.reason,
            alternative_channel=proposal.alternative_channel,
            remedy=proposal.remedy,
            proposed_by=proposal.proposed_by,
        )
    ]


def reject_termination(command: RejectTermination, case: Assignment, rules: Rules) -> list[Event]:
    """The auditor does not agree, and the case goes on."""
    _must_be_independent(command, case, _proposal(case))
    facts = command.stamp(rules.versions_of(case.policy), case.round)
    return [TerminationRejected(**facts, note=command.note)]


def _proposal(case: Assignment) -> Proposal:
    if case.proposal is None:
        raise Refused("No termination waits for a decision.")
    return case.proposal


def _must_be_in_the_hands_of_a_unit(case: Assignment) -> None:
    """From S30 and S40 alone, and never once the citizen was answered."""
    if case.track == "restricted":
        raise Refused("A report on an official is not terminated by the hotline.")
    if case.ends.answered:
        raise Refused("The citizen has been answered; the case is closed in its own way.")
    if case.unit_id is None:
        raise Refused("The case is with no unit.")
    if case.dispute is not None:
        raise Refused("The unit's dispute is decided first.")
    if case.answer == "submitted":
        raise Refused("A reply waits for review; it must be returned first.")
    if case.held == case.assignment_id:
        raise Refused("The case is on hold (挂账); the hold must be lifted first.")


def _must_have_been_tried(case: Assignment, rules: Rules) -> None:
    most = rules.pack(case.policy).termination.attempts
    if case.missed < most:
        raise Refused(
            f"ground: the unit has tried to reach the citizen {case.missed} times in vain; "
            f"it takes {most}."
        )


def _must_be_independent(command: Command, case: Assignment, proposal: Proposal) -> None:
    if command.by.id == proposal.proposed_by:
        raise Refused("Who proposed the termination may not decide it.")
    if command.by.org is not None and command.by.org in (case.unit_id, *case.assists):
        raise Refused("A termination is decided by someone who is not of the unit.")
