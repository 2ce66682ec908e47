"""The rules of disputes about an assignment (派单异议). Nothing here waits, reads or writes."""

from datetime import datetime

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentDisputed,
    DisputeDecided,
    DisputeProposed,
    DisputeWithheld,
)
from libs.rules.calendar import is_late
from libs.rules.rules import Rules
from libs.sourcing.decider import Refused
from services.dispatch.assignment import Assignment, Dispute, DisputeProposal, due_at
from services.dispatch.commands import (
    DecideDispute,
    DisputeAssignment,
    ProposeDispute,
    WithholdDispute,
)
from services.dispatch.reports import must_be_allowed_to_have_it


def propose_dispute(command: ProposeDispute, case: Assignment, rules: Rules) -> list[Event]:
    """The clerk of the lead unit, or of one that assists, finds with law that the case is not its own
    (transition 17; 信访工作条例 Art. 23(3)). Nothing waits for it before the unit's head has countersigned."""
    org, assignment_id = _own(command, case)
    if _waiting(case, assignment_id) is not None:
        return []
    proposal = case.dispute_proposals.get(assignment_id)
    if proposal is not None and proposal.open and not proposal.lapsed(command.occurred_at):
        if proposal.reason_code == command.reason_code:
            return []
        raise Refused("A dispute is proposed already; the unit's head decides about it first.")
    until = _time_ends(case, assignment_id, rules)
    _may_still_return_it(command, case, assignment_id, until, rules)
    _can_be_suggested(command.suggested_unit, org, case, rules)
    return [
        DisputeProposed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=assignment_id,
            org=org,
            reason_code=command.reason_code,
            law_basis=command.law_basis,
            suggested_org=command.suggested_unit,
            countersign_until=until,
        )
    ]


def dispute_assignment(command: DisputeAssignment, case: Assignment, rules: Rules) -> list[Event]:
    """The unit's head countersigns, another person than the clerk and before the instant that was stated with
    the proposal: now the unit disputes its assignment (transition 17; 信访工作条例 Art. 23(3)). Its limits run
    on."""
    org, assignment_id = _own(command, case)
    if _waiting(case, assignment_id) is not None:
        return []
    proposal = _proposal(case, assignment_id)
    if command.by.id in proposal.proposed_by:
        raise Refused("Who proposed the dispute may not countersign it.")
    until = proposal.until or _time_ends(case, assignment_id, rules)
    _may_still_return_it(command, case, assignment_id, until, rules)
    _can_be_suggested(proposal.suggested_org, org, case, rules)
    return [
        AssignmentDisputed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=assignment_id,
            org=org,
            signer=command.by.id,
            reason_code=proposal.reason_code,
            law_basis=proposal.law_basis,
            suggested_org=proposal.suggested_org,
            due_decide=due_at(case, "DISPUTE", command, rules),
        )
    ]


def withhold_dispute(command: WithholdDispute, case: Assignment, rules: Rules) -> list[Event]:
    """The unit's head does not countersign, and the unit keeps the case (transition 17). What has lapsed needs
    no word any more."""
    org, assignment_id = _own(command, case)
    proposal = _proposal(case, assignment_id)
    if proposal.until is not None and proposal.lapsed(command.occurred_at):
        raise Refused(f"{_over(proposal.until)} What was proposed has lapsed, and the unit keeps the case.")
    return [
        DisputeWithheld(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=assignment_id,
            org=org,
            note=command.note,
        )
    ]


def decide_dispute(command: DecideDispute, case: Assignment, rules: Rules) -> list[Event]:
    """A judge who had no part in it upholds or denies (transitions 18 and 19; 国办函〔2025〕66号(五)).
    An upheld one of the lead is dispatched anew; who need not assist is gone, and the lead goes on."""
    assignment_id = command.assignment_id or case.assignment_id
    dispute = _waiting(case, assignment_id)
    if dispute is None:
        if _is_decided(case, command, assignment_id):
            return []
        raise Refused("No dispute waits for a decision.")
    unit_id, upheld = dispute.unit_id, command.outcome == "upheld"
    leads = assignment_id == case.assignment_id
    if command.by.id in dispute.raised_by:
        raise Refused("Who raised or countersigned a dispute may not decide it.")
    if command.by.org == unit_id:
        raise Refused("A dispute is decided by someone who is not of the unit.")
    if upheld and leads and case.delivered:
        raise Refused(
            "The unit has answered the citizen meanwhile; the dispute can only be denied."
        )
    if command.designated_unit is not None:
        if not leads:
            raise Refused("designated_unit: who is to assist instead, the dispatcher adds.")
        _can_be_designated(command.designated_unit, unit_id, upheld, case, rules)
    again = upheld and leads
    return [
        DisputeDecided(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=assignment_id,
            org=unit_id,
            outcome=command.outcome,
            reason=command.reason,
            designated_org=command.designated_unit if upheld else unit_id,
            due_dispatch=due_at(case, "DISPATCH", command, rules) if again else None,
        )
    ]


def _own(
    command: ProposeDispute | DisputeAssignment | WithholdDispute, case: Assignment
) -> tuple[str, str]:
    """The caller's unit and its assignment, to lead or to assist."""
    if case.unit_id is None or case.assigned_at is None:
        raise Refused("The case is with no unit.")
    org = command.by.org
    if org is not None and org == case.unit_id:
        return org, case.assignment_id
    if org is None or org not in case.assists:
        raise Refused(f"The case is with {case.unit_id}; only that unit can dispute it.")
    return org, case.assists[org]


def _proposal(case: Assignment, assignment_id: str) -> DisputeProposal:
    proposal = case.dispute_proposals.get(assignment_id)
    if proposal is None or not proposal.open:
        raise Refused("No dispute is proposed; the unit's clerk does that first.")
    return proposal


def _can_be_suggested(suggested: str | None, org: str, case: Assignment, rules: Rules) -> None:
    if suggested == org:
        raise Refused("suggested_unit: suggest another unit than your own.")
    if suggested is not None:
        must_be_able_to_lead("suggested_unit", suggested, case, rules)


def _waiting(case: Assignment, assignment_id: str) -> Dispute | None:
    """The dispute about an assignment that waits for its judge."""
    return case.dispute if assignment_id == case.assignment_id else case.assist_disputes.get(assignment_id)


def _is_decided(case: Assignment, command: DecideDispute, assignment_id: str) -> bool:
    """Whether it was decided so already."""
    if command.assignment_id in (None, case.assignment_id):
        return case.decided == command.outcome
    if command.outcome == "denied":
        return any(case.assists.get(unit) == assignment_id for unit in case.assists_bound)
    return assignment_id in case.assists_since and assignment_id not in case.assists.values()


def _may_still_return_it(
    command: ProposeDispute | DisputeAssignment,
    case: Assignment,
    assignment_id: str,
    until: datetime,
    rules: Rules,
) -> None:
    limits = rules.pack(case.policy).dispatch
    if case.answered:
        raise Refused("The unit has answered; the case is its own.")
    leads = assignment_id == case.assignment_id
    bound = case.designated if leads else command.by.org in case.assists_bound
    if leads and case.held == case.assignment_id:
        raise Refused("The case is on hold (挂账), for which the unit asked; the hold comes first.")
    if bound and limits.after_designation_no_return:
        raise Refused("The case was designated to this unit; it cannot be returned any more.")
    if leads and case.disputes >= limits.max_disputes_per_case:
        raise Refused(
            f"The case has been disputed {case.disputes} times; the head can call a coordination."
        )
    if is_late(command.occurred_at, until):
        raise Refused(_over(until))


def _time_ends(case: Assignment, assignment_id: str, rules: Rules) -> datetime:
    """Until when a unit may dispute its assignment, by the pack that the case keeps."""
    leads = assignment_id == case.assignment_id
    since = case.assigned_at if leads else case.assists_since.get(assignment_id)
    assert since is not None, "it has the assignment"
    return rules.due(case.policy, "DISPUTE_WITHIN", case.sla_class, case.track, since).at


def _over(until: datetime) -> str:
    return f"The time for a dispute ended at {until.isoformat()}."


def _can_be_designated(
    designated: str, unit_id: str, upheld: bool, case: Assignment, rules: Rules
) -> None:
    if upheld:
        must_be_able_to_lead("designated_unit", designated, case, rules)
    if upheld and designated == unit_id:
        raise Refused("designated_unit: the case was just found not to be that unit's.")
    if not upheld and designated != unit_id:
        raise Refused(f"designated_unit: a dispute that is denied leaves the case with {unit_id}.")


def must_be_able_to_lead(name: str, unit_id: str, case: Assignment, rules: Rules) -> None:
    """Refuse a unit that could not lead the case: nobody could be given it after that (G21), or a
    report would be named to it (信访工作条例 Art. 30(3))."""
    units = rules.organisations
    if unit_id not in units:
        raise Refused(f"{name}: there is no unit {unit_id}.")
    if why := units.why_not(unit_id, case.category):
        raise Refused(f"{name}: {unit_id} cannot lead the case: {why}.")
    must_be_allowed_to_have_it(name, unit_id, case, rules)
