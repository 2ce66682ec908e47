"""The rules of coordination between units (吹哨、会商、编办、政府). Nothing here waits, reads or writes."""

from collections.abc import Iterable, Mapping

from libs.events.base import Event, in_round
from libs.events.dispatch import CoordinationOpened, CoordinationResolved
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.dispatch.assignment import Assignment, Coordination, CoordinationLevel, due_at
from services.dispatch.commands import (
    EscalateCoordination,
    OpenCoordination,
    ResolveCoordination,
)
from services.dispatch.disputes import must_be_able_to_lead
from services.dispatch.reports import must_be_told_to_nobody_else

ABOVE: Mapping[CoordinationLevel, CoordinationLevel] = {
    "whistle": "consultation",
    "consultation": "establishment_office",
    "establishment_office": "government",
}
"""Who is asked when a meeting names nobody; above the government there is nobody."""

FEWEST = 2
"""Units that a meeting is of: competence is shared or unclear between several (信访工作条例 Art. 24)."""


def open_coordination(command: OpenCoordination, case: Assignment, rules: Rules) -> list[Event]:
    """Competence is unclear or shared (transition 14; 信访工作条例 Art. 24): the units meet, and the
    clocks of the unit that had the case end."""
    if not case.ready:
        raise Refused("The case is not accepted.")
    must_be_told_to_nobody_else("A report on an official is discussed with no other unit.", case, rules)
    if case.coordination is not None:
        raise Refused(f"{case.coordination.coordination_id} is open already.")
    if case.dispute is not None:
        raise Refused("The unit's dispute is decided first.")
    if case.answered:
        raise Refused("The case is answered already.")
    if case.unit_id is not None and case.held == case.assignment_id:
        raise Refused("The case is on hold (挂账); the hold must be lifted first.")
    whistles = command.by.role == "unit_head"
    if whistles:
        _may_whistle(command, case, rules)
    elif case.unit_id is not None:
        raise Refused(f"The case is with {case.unit_id}; its head can call the others together.")
    _must_exist("parties", command.parties, rules)
    parties = dict.fromkeys([*([case.unit_id] if case.unit_id else []), *command.parties])
    if len(parties) < FEWEST:
        wanted = "another unit" if whistles else "two units or more"
        raise Refused(f"parties: name {wanted}; a unit alone does not meet.")
    level: CoordinationLevel = "whistle" if whistles else "consultation"
    return [_opened(command, case, rules, level, tuple(parties), command.question)]


def resolve_coordination(
    command: ResolveCoordination, case: Assignment, rules: Rules
) -> list[Event]:
    """A lead is named and the case goes to be dispatched, or the level above is asked (transition 15)."""
    if case.resolved == command.coordination_id and case.named == command.lead:
        return []
    open_ = case.coordination
    if open_ is None or open_.coordination_id != command.coordination_id:
        raise Refused("No such coordination is open.")
    if command.lead is None:
        return _nobody(command, case, open_, rules)
    must_be_able_to_lead("lead", command.lead, case, rules)
    _must_exist("assists", command.assists, rules)
    if command.lead in command.assists:
        raise Refused("assists: the lead does not assist itself.")
    return [
        CoordinationResolved(
            **command.stamp(rules.versions_of(case.policy), case.round),
            coordination_id=open_.coordination_id,
            lead=command.lead,
            assists=tuple(dict.fromkeys(command.assists)),
            minutes=command.minutes,
            due_dispatch=due_at(case, "DISPATCH", command, rules),
        )
    ]


def escalate_coordination(
    command: EscalateCoordination, case: Assignment, rules: Rules
) -> list[Event]:
    """The limit is over: the next level is asked, if it still stands (domain 2.5, COORD)."""
    open_ = case.coordination
    if open_ is None or open_.level not in ABOVE:
        return []
    if (open_.coordination_id, open_.due_resolve) != (command.coordination_id, command.due_resolve):
        return []
    return [_opened(command, case, rules, ABOVE[open_.level], open_.parties)]


def _nobody(
    command: ResolveCoordination, case: Assignment, open_: Coordination, rules: Rules
) -> list[Event]:
    if command.assists:
        raise Refused("assists: nobody assists where nobody leads.")
    if open_.level not in ABOVE:
        raise Refused("lead: there is no level above the government; somebody must be named.")
    resolved = CoordinationResolved(
        **command.stamp(rules.versions_of(case.policy), case.round),
        coordination_id=open_.coordination_id,
        minutes=command.minutes,
    )
    return [resolved, _opened(command, case, rules, ABOVE[open_.level], open_.parties)]


def _may_whistle(command: OpenCoordination, case: Assignment, rules: Rules) -> None:
    if case.unit_id is None:
        raise Refused("The case is with no unit; a dispatcher can call the units together.")
    if command.by.org != case.unit_id:
        raise Refused(f"The case is with {case.unit_id}; only its head can do this.")
    if case.designated and rules.pack(case.policy).dispatch.after_designation_no_return:
        raise Refused("The case was designated to this unit; ask for assisting units instead.")


def _must_exist(name: str, units: Iterable[str], rules: Rules) -> None:
    for unit_id in units:
        if unit_id not in rules.organisations:
            raise Refused(f"{name}: there is no unit {unit_id}.")


def _opened(
    command: Command,
    case: Assignment,
    rules: Rules,
    level: CoordinationLevel,
    parties: tuple[str, ...],
    question: str | None = None,
) -> CoordinationOpened:
    return CoordinationOpened(
        **command.stamp(rules.versions_of(case.policy), case.round),
        coordination_id=f"{in_round(command.case_id, case.round)}.k{case.coordinations + 1}",
        level=level,
        parties=parties,
        question=question,
        due_resolve=due_at(case, "COORD", command, rules),
    )
