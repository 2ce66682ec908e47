"""The rules of not taking a case on (不予受理). Nothing here waits, reads or writes."""

from libs.events.base import Event
from libs.events.intake import CaseDeclined, DeclineProposed, DeclineRejected
from libs.rules.rules import Rules
from libs.rules.states import DeclineGround
from libs.sourcing.decider import Refused
from services.intake.commands import ApproveDecline, DeclineCase, ProposeDecline, RejectDecline
from services.intake.information import must_have_run_out
from services.intake.state import Proposal, Registration, must_be_open


def decline_case(command: DeclineCase, case: Registration, rules: Rules) -> list[Event]:
    """Not taken on, on a ground of the closed list, with reason and remedy (transitions 6 and 9, G08)."""
    if case.stage == "declined":
        return []
    if command.ground is DeclineGround.D16:
        must_have_run_out(command, case)
    else:
        must_be_open(case)
    _must_be_for_declining(command.ground)
    _must_be_shown(command)
    if command.ground.needs_two:
        raise Refused(f"{command.ground} is proposed by one person and approved by a second person.")
    return [
        CaseDeclined(
            **command.stamp(rules.versions_of(case.policy), case.round),
            ground=command.ground.value,
            reason=command.reason,
            alternative_channel=command.alternative_channel,
            remedy=command.remedy,
            evidence=command.evidence,
        )
    ]


def propose_decline(command: ProposeDecline, case: Registration, rules: Rules) -> list[Event]:
    """One person finds that nothing is new (transition 9; 信访工作条例 Art. 19(3), 36(3)). The time to
    accept runs on."""
    must_be_open(case)
    _must_be_for_declining(command.ground)
    if not command.ground.needs_two:
        raise Refused(f"ground: {command.ground} needs no second person; decline the case.")
    _must_be_shown(command)
    if case.proposal is not None:
        same = (case.proposal.ground, case.proposal.by) == (command.ground.value, command.by.id)
        if same:
            return []
        raise Refused(f"{case.proposal.ground} is proposed already; that is decided first.")
    return [
        DeclineProposed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            ground=command.ground.value,
            reason=command.reason,
            alternative_channel=command.alternative_channel,
            remedy=command.remedy,
            evidence=command.evidence,
        )
    ]


def approve_decline(command: ApproveDecline, case: Registration, rules: Rules) -> list[Event]:
    """A second person agrees, and the case is declined for the reason that the first gave."""
    if case.stage == "declined":
        return []
    must_be_open(case)
    proposal = _proposal(case)
    if command.by.id == proposal.by:
        raise Refused("Who proposed it may not approve it; a second person decides.")
    return [
        CaseDeclined(
            **command.stamp(rules.versions_of(case.policy), case.round),
            ground=proposal.ground,
            reason=proposal.reason,
            alternative_channel=proposal.alternative_channel,
            remedy=proposal.remedy,
            evidence=proposal.evidence,
            approver2=command.by.id,
            proposed_by=proposal.by,
        )
    ]


def reject_decline(command: RejectDecline, case: Registration, rules: Rules) -> list[Event]:
    """A second person does not agree, or the first has thought again; the case waits as before."""
    must_be_open(case)
    return [
        DeclineRejected(
            **command.stamp(rules.versions_of(case.policy), case.round),
            ground=_proposal(case).ground,
            note=command.note,
        )
    ]


def _must_be_for_declining(ground: DeclineGround) -> None:
    if not ground.declines:
        raise Refused(f"{ground} is no ground for declining, but for referring: {ground.zh}")


def _must_be_shown(command: DeclineCase | ProposeDecline) -> None:
    """Each ground but D16, of which the log is the evidence, is shown by something (transition 9)."""
    if not command.evidence and command.ground is not DeclineGround.D16:
        raise Refused(
            f"evidence: say what shows {command.ground} ({command.ground.zh}): numbers of attachments, cases "
            "or decisions."
        )


def _proposal(case: Registration) -> Proposal:
    if case.proposal is None:
        raise Refused("Nobody has proposed to decline the case.")
    return case.proposal
