"""The rules of dispatch. Nothing here waits, reads or writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from libs.events.base import Event
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.intake import CaseAccepted, CaseReferred
from libs.rules.organisations import OrgType
from libs.rules.rules import Rules
from libs.sourcing.decider import Decider, Refused
from services.dispatch.commands import AssignCase, DispatchCommand, SignAssignment


@dataclass(frozen=True, slots=True)
class Assignment:
    """A case as dispatch knows it: what intake said, and with which unit it is."""

    ready: bool = False
    policy: str = ""
    track: str = ""
    category: str = ""
    sla_class: str = ""
    adcode: str | None = None
    unit_id: str | None = None
    assignments: int = 0
    signed: bool = False


def decide(command: DispatchCommand, case: Assignment, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    match command:
        case AssignCase():
            return assign_case(command, case, rules)
        case SignAssignment():
            return sign_assignment(command, case, rules)
        case _:
            assert_never(command)


def evolve(case: Assignment, event: Event) -> Assignment:
    """The case after an event."""
    match event:
        case CaseAccepted() | CaseReferred():
            return replace(
                case,
                ready=isinstance(event, CaseAccepted) or event.due is not None,
                policy=event.decided_with.policy,
                track=event.track,
                category=event.category,
                sla_class=event.sla_class,
                adcode=event.adcode if isinstance(event, CaseAccepted) else None,
            )
        case CaseAssigned():
            count = case.assignments + 1
            return replace(case, unit_id=event.org, assignments=count, signed=False)
        case AssignmentSigned():
            return replace(case, signed=True)
        case _:
            return case


def assign_case(command: AssignCase, case: Assignment, rules: Rules) -> list[Event]:
    """One lead unit, by the catalogue or with a reason (transition 13); all its limits start now."""
    if not case.ready:
        raise Refused("The case is not accepted.")
    route = rules.catalogue.route(case.category, case.adcode)
    unit_id = command.unit_id or route.unit_id
    if case.unit_id == unit_id:
        return []
    if case.unit_id is not None:
        raise Refused(f"The case is with {case.unit_id}; it must return it first.")
    if unit_id not in rules.organisations:
        raise Refused(f"There is no unit {unit_id}.")
    if why := rules.organisations.why_not(unit_id, case.category):  # dissolved; G21
        raise Refused(f"{unit_id} cannot lead the case: {why}.")
    is_discipline = rules.organisations.unit(unit_id).type is OrgType.DISCIPLINE_ORGAN
    if case.track == "restricted" and not is_discipline:  # 信访工作条例 Art. 30(3)
        raise Refused("A report on an official goes to a discipline organ, and to nobody else.")
    by_catalogue = unit_id == route.unit_id
    if not by_catalogue and command.note is None:
        raise Refused(f"The catalogue says {route.unit_id}; give a note why it shall be {unit_id}.")
    basis: Literal["catalogue", "competence", "designated"] = (
        "designated" if not by_catalogue else "competence" if case.track == "restricted" else "catalogue"
    )
    due = {
        step: rules.due(case.policy, step, case.sla_class, case.track, command.occurred_at)
        for step in ("SIGN", "CONTACT", "HANDLE")
    }
    return [
        CaseAssigned(
            **command.stamp(rules.versions_of(case.policy)),
            assignment_id=f"{command.case_id}.{case.assignments + 1}",
            org=unit_id,
            basis=basis,
            catalogue_basis=route.basis.value,
            note=command.note,
            automatic=command.by.role == "system",
            sla_class=case.sla_class,
            track=case.track,
            due_sign=due["SIGN"].at,
            due_contact=due["CONTACT"].at,
            due_handle=due["HANDLE"].at,
            provisional=due["HANDLE"].provisional,
        )
    ]


def sign_assignment(command: SignAssignment, case: Assignment, rules: Rules) -> list[Event]:
    """The unit signs (transition 16); its limits run already."""
    if case.unit_id is None:
        raise Refused("The case is with no unit yet.")
    if command.by.org != case.unit_id:
        raise Refused(f"The case is with {case.unit_id}; only that unit can sign it.")
    if case.signed:
        return []
    return [
        AssignmentSigned(
            **command.stamp(rules.versions_of(case.policy)),
            assignment_id=f"{command.case_id}.{case.assignments}",
            org=case.unit_id,
        )
    ]


decider = Decider(Assignment(), decide, evolve)
