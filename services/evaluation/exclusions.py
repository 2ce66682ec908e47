"""The rules of leaving a case out of a unit's score, and of calling the unit back. Nothing here waits, reads
or writes, and nothing is decided about the citizen."""

from libs.events.base import Event, in_round
from libs.events.evaluation import ExclusionDecided, ExclusionProposed, UnitCallbackRecorded
from libs.rules.rules import Rules
from libs.sourcing.decider import Refused
from services.evaluation.commands import DecideExclusion, ProposeExclusion, RecordUnitCallback
from services.evaluation.guards import (
    NOT_ANSWERED,
    answering_now,
    close_to,
    must_be_independent,
    units,
)
from services.evaluation.state import Verdict

ENDED_AS = {"duplicate_merged": "merged", "citizen_withdrew": "withdrawn"}
"""The reasons that a case must have ended for."""


def propose_exclusion(command: ProposeExclusion, case: Verdict, rules: Rules) -> list[Event]:
    """The unit proposes, with evidence, to leave the case out of its score, for a reason of the closed list
    (domain 1.5). Of a unit that was merged or split, the one that has the matter now: out of the score in which
    the case counts, be it still the former unit's."""
    ours = {org: answering_now(org, case, rules) == command.by.org for org in units(case)}
    org = next((org for org, so in ours.items() if so), None)
    if org is None:
        raise Refused("The case is not in your unit's score.")
    wanted, end = ENDED_AS.get(command.reason), case.ends.end
    if wanted is not None and wanted != end:
        raise Refused(f"reason: the case has not ended so ({wanted}).")
    if wanted is None and end not in (None, "closed"):
        raise Refused("reason: the case has ended otherwise.")
    for one in case.scores.exclusions:
        if answering_now(one.org, case, rules) != command.by.org:
            continue
        if one.outcome == "approved":
            raise Refused("The case is left out of your unit's score already.")
        if one.outcome is None and one.reason == command.reason:
            return []
        if one.outcome is None:
            raise Refused("What was proposed for another reason waits for its decision.")
        if one.reason == command.reason:
            raise Refused("reason: that was proposed and rejected.")
    number = len(case.scores.exclusions) + 1
    return [
        ExclusionProposed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            exclusion_id=f"{in_round(command.case_id, case.round)}.e{number}",
            org=org,
            reason=command.reason,
            evidence=command.evidence,
            note=command.note,
        )
    ]


def decide_exclusion(command: DecideExclusion, case: Verdict, rules: Rules) -> list[Event]:
    """Another person, not of the unit, who had no part in the case agrees or not (domain 2.3 (c))."""
    wanted = (one for one in case.scores.exclusions if one.exclusion_id == command.exclusion_id)
    proposed = next(wanted, None)
    if proposed is None:
        raise Refused("No such proposal waits for a decision.")
    if proposed.outcome is not None:
        if proposed.outcome == command.outcome:
            return []
        raise Refused(f"It was decided already: {proposed.outcome}.")
    if command.by.id == proposed.by:
        raise Refused("Who proposed it does not decide it.")
    must_be_independent(command, case, "decide what counts in its score")
    answering = answering_now(proposed.org, case, rules)
    if command.by.org in {proposed.org, *close_to(answering, rules)}:
        raise Refused(f"Who is of {proposed.org}, or close to it, does not decide this.")
    return [
        ExclusionDecided(
            **command.stamp(rules.versions_of(case.policy), case.round),
            exclusion_id=proposed.exclusion_id,
            org=proposed.org,
            reason=proposed.reason,
            outcome=command.outcome,
            note=command.note,
            proposed_by=proposed.by,
        )
    ]


def record_unit_callback(command: RecordUnitCallback, case: Verdict, rules: Rules) -> list[Event]:
    """Every unit that answered is called back too, by an agent who is not of it (对转办单位100%回访)."""
    if case.delivered_at is None:
        raise Refused(NOT_ANSWERED)
    if case.evaluation_until is None:
        raise Refused("A referred case is not called back by the hotline.")
    must_be_independent(command, case, "call back")
    call = case.unit_called
    if call is not None and call.reached:
        raise Refused("The unit has been reached already.")
    return [
        UnitCallbackRecorded(
            **command.stamp(rules.versions_of(case.policy), case.round),
            org=case.org,
            assignment_id=case.assignment_id,
            reply_id=case.reply_id,
            attempt_no=call.attempts + 1 if call is not None else 1,
            reached=command.reached,
            assigned_rightly=command.assigned_rightly if command.reached else None,
            difficulty=command.difficulty if command.reached else None,
            note=command.note,
        )
    ]
