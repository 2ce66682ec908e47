"""The rules of what is owed beside a case's own steps: leaders' cases, old cases, instructions, recommendations.

Nothing here waits, reads or writes.
"""

from datetime import datetime, timedelta
from typing import Any

from libs.events.base import Event, in_round
from libs.events.supervision import (
    InstructionAnswered,
    InstructionGiven,
    LeaderAssigned,
    LeaderReleased,
    OldCaseDelisted,
    OldCaseListed,
    RecommendationAnswered,
    RecommendationMade,
)
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.supervision.beyond import Duty
from services.supervision.clocks import ACCEPT_AGAIN, Watch, over_at
from services.supervision.commands import (
    AnswerInstruction,
    AnswerRecommendation,
    AssignLeader,
    DelistOldCase,
    GiveInstruction,
    HandOverCase,
    ListOldCase,
    MakeRecommendation,
    ReleaseLeader,
)
from services.supervision.duties import grows_old

LONGEST = timedelta(days=3660)
"""Ten years, as in a pack: what is longer is a slip of the pen, and no calendar covers it."""


# --------------------------------------------------------------------------- old cases, leaders


def list_old_case(command: ListOldCase, case: Watch, rules: Rules) -> list[Event]:
    """The case stands on the list of old cases, once: by its age, or because a supervisor names it."""
    by_age = command.by.role == "system"
    if case.beyond.old or (by_age and grows_old(case, rules) != command.occurred_at):
        return []
    _must_be_open(case)
    facts = _stamp(command, case, rules)
    return [OldCaseListed(**facts, ground="age" if by_age else "named", note=command.note)]


def delist_old_case(command: DelistOldCase, case: Watch, rules: Rules) -> list[Event]:
    """A supervisor takes the case off the list of old cases, and says why."""
    _must_be_registered(case)
    if not case.beyond.old:
        return []
    return [OldCaseDelisted(**_stamp(command, case, rules), reason=command.reason)]


def assign_leader(command: AssignLeader, case: Watch, rules: Rules) -> list[Event]:
    """A leader answers for the case (transition 47, 信访工作条例 Art. 18(2)); one at a time."""
    _must_be_open(case)
    has = case.beyond.leader
    if has is not None and has.leader == command.leader:
        return []
    if has is not None:
        raise Refused("A leader answers for the case already; hand it over (移交) or release it first.")
    return [_led(command, case, rules)]


def hand_over_case(command: HandOverCase, case: Watch, rules: Rules) -> list[Event]:
    """Another leader takes it over: the one is released as the other begins."""
    _must_be_open(case)
    has = case.beyond.leader
    if has is None:
        raise Refused("No leader answers for the case; assign one.")
    if has.leader == command.leader:
        return []
    gone = LeaderReleased(
        **_stamp(command, case, rules), leadership_id=_current(case), ground="handed_over"
    )
    return [gone, _led(command, case, rules)]


def release_leader(command: ReleaseLeader, case: Watch, rules: Rules) -> list[Event]:
    """The leader need not answer for it any more; whether it is resolved, the case's own end says."""
    if case.beyond.leader is None:
        if any(duty.step == "LEADER" for duty in case.beyond.duties.values()):
            return []
        raise Refused("No leader answers for the case.")
    return [
        LeaderReleased(
            **_stamp(command, case, rules),
            leadership_id=_current(case),
            ground=command.ground,
            note=command.note,
        )
    ]


def _led(command: AssignLeader | HandOverCase, case: Watch, rules: Rules) -> LeaderAssigned:
    if case.track == "restricted":
        raise Refused("A report on an official is the discipline organ's; no leader takes it.")
    for unit in command.team:
        _must_be_there(unit, "team", case, rules)
    return LeaderAssigned(
        **_stamp(command, case, rules),
        leadership_id=_next(command, case, "LEADER", "l"),
        leader=command.leader,
        level=command.level,
        team=command.team,
        note=command.note,
        due_at=_due(command, command.due_at, "LEADER", case, rules),
    )


def _current(case: Watch) -> str:
    """The number of the leadership that stands."""
    (name,) = (
        name
        for name, duty in case.beyond.duties.items()
        if duty.step == "LEADER" and duty.ended_at is None
    )
    return name.removeprefix("LEADER.")


# --------------------------------------------------------------------------------- instructions


def give_instruction(command: GiveInstruction, case: Watch, rules: Rules) -> list[Event]:
    """A leader writes on the case, and the unit must answer; with 举一反三 the unit has a second task, to look
    for the like elsewhere, with an answer and a limit of its own."""
    _must_be_registered(case)
    if case.ends is not None and case.ends.merged_at is not None:
        raise Refused("The case is handled with another (已并单); instruct on that one.")
    if command.cluster and not case.beyond.members:
        raise Refused("cluster: the case leads no others.")
    if command.similar_due_at is not None and not command.similar:
        raise Refused("similar_due_at: nothing similar is to be looked for.")
    addressee = _addressed(command.addressee, case, rules)
    number = _next(command, case, "INSTRUCTION", "i")
    facts = _stamp(command, case, rules)
    said: dict[str, Any] = {
        "addressee": addressee,
        "text": command.text,
        "shown": command.shown,
        "cluster": command.cluster,
    }
    due_at = _due(command, command.due_at, "INSTRUCTION", case, rules)
    given: list[Event] = [
        InstructionGiven(
            **facts, **said, instruction_id=number, kind=command.kind, due_at=due_at
        )
    ]
    if command.similar:
        wanted = command.similar_due_at or command.due_at
        due_at = _due(command, wanted, "INSTRUCTION", case, rules, "similar_due_at")
        more = said | {"kind": "similar", "of": number, "due_at": due_at, "shown": False}
        given.append(InstructionGiven(**facts, **more, instruction_id=f"{number}.similar"))
    return given


def answer_instruction(command: AnswerInstruction, case: Watch, rules: Rules) -> list[Event]:
    """The head of whom it is addressed to answers, once; of a search for the like, with how many there were."""
    duty = _owed("INSTRUCTION", command.instruction_id, case)
    _must_be_addressed(command, duty, case, rules)
    if duty.ended_at is not None:
        return []
    if duty.kind == "similar" and command.found is None:
        raise Refused("found: how many similar problems were found (举一反三)? 0 if none.")
    if duty.kind != "similar" and command.found is not None:
        raise Refused("found: nothing similar was to be looked for here.")
    return [
        InstructionAnswered(
            **_stamp(command, case, rules),
            instruction_id=command.instruction_id,
            org=command.by.org,
            text=command.text,
            evidence=command.evidence,
            found=command.found,
        )
    ]


# ------------------------------------------------------------------------------ recommendations


def make_recommendation(command: MakeRecommendation, case: Watch, rules: Rules) -> list[Event]:
    """One of three recommendations to an organ, about a case, whose answer is owed in writing
    (信访工作条例 Art. 40)."""
    _must_be_registered(case)
    return [
        RecommendationMade(
            **_stamp(command, case, rules),
            recommendation_id=_next(command, case, "RECOMMENDATION", "m"),
            kind=command.kind,
            addressee=_addressed(command.addressee, case, rules),
            text=command.text,
            due_at=_due(command, command.due_at, "RECOMMENDATION", case, rules),
        )
    ]


def answer_recommendation(command: AnswerRecommendation, case: Watch, rules: Rules) -> list[Event]:
    """The organ's head answers once: adopted, in part or not, and why (信访工作条例 Art. 40, 41)."""
    duty = _owed("RECOMMENDATION", command.recommendation_id, case)
    _must_be_addressed(command, duty, case, rules)
    if duty.ended_at is not None:
        return []
    return [
        RecommendationAnswered(
            **_stamp(command, case, rules),
            recommendation_id=command.recommendation_id,
            org=command.by.org,
            outcome=command.outcome,
            reason=command.reason,
            evidence=command.evidence,
        )
    ]


# ---------------------------------------------------------------------------------- what they share


def present_holder(org: str, case: Watch, rules: Rules) -> str:
    """Who must answer: for a unit that is no more, who has what it had of this case, else who goes on with
    the rest of its matters (信访工作条例 Art. 24)."""
    units = rules.organisations
    if org not in units or not units.unit(org).dissolved:
        return org
    passed = case.dispatched.passed
    for name, clock in case.started.items():
        had = clock.assignment_id or ""
        if name.startswith("SIGN.") and clock.owner_org == org and had in passed:
            return passed[had]
    return units.heir(org)


def _stamp(command: Command, case: Watch, rules: Rules) -> dict[str, Any]:
    return command.stamp(rules.versions_of(case.policy), case.round)


def _next(command: Command, case: Watch, step: str, letter: str) -> str:
    """A number that was not given yet in this round."""
    ours = f"{in_round(command.case_id, case.round)}.{letter}"
    given = [
        name
        for name in case.beyond.duties
        if name.startswith(f"{step}.{ours}") and name.removeprefix(f"{step}.{ours}").isdecimal()
    ]
    return f"{ours}{len(given) + 1}"


def _due(
    command: Command,
    wanted: datetime | None,
    step: str,
    case: Watch,
    rules: Rules,
    field: str = "due_at",
) -> datetime:
    """The limit that was set, else the pack's."""
    if wanted is None:
        return rules.due(case.policy, step, case.sla_class, case.track, command.occurred_at).at
    if wanted <= command.occurred_at:
        raise Refused(f"{field}: it is over already.")
    if wanted - command.occurred_at > LONGEST:
        raise Refused(f"{field}: more than ten years away.")
    return wanted


def _addressed(wanted: str | None, case: Watch, rules: Rules) -> str:
    """The unit that is named, else the one that has the case."""
    addressee = wanted or case.unit_id
    if addressee is None:
        raise Refused("addressee: the case is with no unit; name one.")
    _must_be_there(addressee, "addressee", case, rules)
    return addressee


def _must_be_there(unit_id: str, field: str, case: Watch, rules: Rules) -> None:
    """A living unit; of a report on an official none but the organ that has it (信访工作条例 Art. 30(3))."""
    units = rules.organisations
    if unit_id not in units:
        raise Refused(f"{field}: there is no unit {unit_id}.")
    if units.unit(unit_id).dissolved:
        raise Refused(f"{field}: {unit_id} is no more; name who goes on in its stead.")
    if case.track == "restricted" and unit_id != case.unit_id:
        raise Refused(f"{field}: a report on an official is known to none but the organ that has it.")


def _must_be_registered(case: Watch) -> None:
    if not case.policy:
        raise Refused("There is no such case.")


def _must_be_open(case: Watch) -> None:
    _must_be_registered(case)
    if over_at(case) is not None:
        raise Refused("The case is closed." if case.closed_at else "The case has ended.")
    accept = ACCEPT_AGAIN if ACCEPT_AGAIN in case.started else "ACCEPT"
    if accept in case.stopped and "CITIZEN" not in case.started:
        raise Refused("The case was declined, referred or answered at the desk; no unit handles it.")


def _owed(step: str, id_: str, case: Watch) -> Duty:
    duty = case.beyond.duties.get(f"{step}.{id_}")
    if duty is None:
        raise Refused(f"There is no such {step.lower()}.")
    return duty


def _must_be_addressed(command: Command, duty: Duty, case: Watch, rules: Rules) -> None:
    addressee = present_holder(duty.owner_org, case, rules)
    if command.by.org != addressee:
        raise Refused(f"It is addressed to {addressee}.")
