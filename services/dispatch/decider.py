"""The rules of dispatch. Nothing here waits, reads or writes.

Those of disputes, of coordination and of terminating stand in ``disputes``, ``coordination`` and
``termination``, the state in ``assignment``.
"""

from collections.abc import Sequence
from itertools import count
from typing import Any, Literal, assert_never

from libs.events.base import SYSTEM, Event, in_round
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.rules.catalogue import Basis, Route
from libs.rules.rules import Rules
from libs.sourcing.decider import Decider, Refused
from libs.sourcing.ends import nothing_more
from services.dispatch.assignment import Assignment, evolve
from services.dispatch.commands import (
    ApproveTermination,
    AssignCase,
    DecideDispute,
    DispatchCommand,
    DisputeAssignment,
    EscalateCoordination,
    OpenCoordination,
    PassOn,
    ProposeDispute,
    ProposeTermination,
    RejectTermination,
    ResolveCoordination,
    ResumeDispatch,
    SignAssignment,
    StopDispatch,
    WithholdDispute,
)
from services.dispatch.coordination import (
    ABOVE,
    escalate_coordination,
    open_coordination,
    resolve_coordination,
)
from services.dispatch.disputes import (
    decide_dispute,
    dispute_assignment,
    propose_dispute,
    withhold_dispute,
)
from services.dispatch.links import resume_dispatch, stop_dispatch
from services.dispatch.reports import must_be_allowed_to_have_it, must_be_told_to_nobody_else
from services.dispatch.succession import pass_on, passing
from services.dispatch.termination import (
    approve_termination,
    propose_termination,
    reject_termination,
)


def decide(command: DispatchCommand, case: Assignment, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    match command:
        case StopDispatch():
            return stop_dispatch(command, case, rules)
        case ResumeDispatch():
            return resume_dispatch(command, case, rules)
        case _ if case.over:
            return nothing_more(command, case.ends)
        case AssignCase():
            return assign_case(command, case, rules)
        case SignAssignment():
            return sign_assignment(command, case, rules)
        case ProposeDispute():
            return propose_dispute(command, case, rules)
        case WithholdDispute():
            return withhold_dispute(command, case, rules)
        case DisputeAssignment():
            return dispute_assignment(command, case, rules)
        case DecideDispute():
            return decide_dispute(command, case, rules)
        case OpenCoordination():
            return open_coordination(command, case, rules)
        case ResolveCoordination():
            return resolve_coordination(command, case, rules)
        case ProposeTermination():
            return propose_termination(command, case, rules)
        case ApproveTermination():
            return approve_termination(command, case, rules)
        case RejectTermination():
            return reject_termination(command, case, rules)
        case EscalateCoordination():
            return escalate_coordination(command, case, rules)
        case PassOn():
            return pass_on(command, case, rules)
        case _:
            assert_never(command)


def pending(case_id: str, case: Assignment, rules: Rules) -> list[EscalateCoordination | PassOn]:
    """What a dissolved unit has passes on, and a meeting whose limit passes goes to the level above."""
    if case.over:
        return []
    return [*passing(case_id, case, rules), *_escalating(case_id, case)]


def _escalating(case_id: str, case: Assignment) -> list[EscalateCoordination]:
    open_ = case.coordination
    if open_ is None or open_.level not in ABOVE:
        return []
    return [
        EscalateCoordination(
            case_id=case_id,
            occurred_at=open_.due_resolve,
            by=SYSTEM,
            coordination_id=open_.coordination_id,
            due_resolve=open_.due_resolve,
        )
    ]


def assign_case(command: AssignCase, case: Assignment, rules: Rules) -> list[Event]:
    """One lead unit, by designation, by the catalogue or with a reason (transition 13), and who assists
    it; the limits of each start now."""
    if not case.ready:
        raise Refused("The case is not accepted.")
    if case.dispute is not None:
        raise Refused("The unit's dispute is decided first.")
    if case.coordination is not None:
        raise Refused(f"{case.coordination.coordination_id} is open; the meeting names the lead.")
    route = _route(case, rules)
    unit_id = _lead(command, case, route)
    taken_back = case.unit_id not in (None, unit_id)
    if taken_back and not _may_be_taken_back(command, case):
        raise Refused(f"The case is with {case.unit_id}; it must return it first.")
    assists = _assists(command, case, unit_id, rules)
    facts = _facts(command, case, route, rules)
    ids = (
        f"{in_round(command.case_id, case.round)}.{number}"
        for number in count(case.assignments + 1)
    )
    events: list[Event] = []
    if case.unit_id is None or taken_back:
        basis = _basis(unit_id, command, case, route, rules)
        listed = basis == "catalogue"
        lead = CaseAssigned(
            **facts,
            assignment_id=next(ids),
            org=unit_id,
            basis=basis,
            law=route.law if listed else "",
            direct=listed and route.direct,
            prev_assignment=case.assignment_id if taken_back else None,
        )
        events = [lead]
    facts |= {"role": "assist", "basis": "designated"}
    return events + [
        CaseAssigned(**facts, assignment_id=next(ids), org=assist) for assist in assists
    ]


def sign_assignment(command: SignAssignment, case: Assignment, rules: Rules) -> list[Event]:
    """A unit signs its assignment, to lead or to assist (transition 16); its limits run already."""
    if case.unit_id is None:
        raise Refused("The case is with no unit yet.")
    leads, assists = command.by.org == case.unit_id, command.by.org in case.assists
    if command.by.org is None or not (leads or assists):
        raise Refused(f"The case is with {case.unit_id}; only that unit can sign it.")
    assignment_id = case.assignment_id if leads else case.assists[command.by.org]
    if case.signed if leads else assignment_id in case.assists_signed:
        return []
    if (leads and case.dispute is not None) or assignment_id in case.assist_disputes:
        raise Refused("The unit's own dispute is decided first.")
    return [
        AssignmentSigned(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=assignment_id,
            org=command.by.org,
        )
    ]


def _may_be_taken_back(command: AssignCase, case: Assignment) -> bool:
    """What the system assigned, a person assigns otherwise, until a person has signed for it (G09:
    always reversible; PIPL Art. 24)."""
    undone = not (case.signed or case.answered or case.assists or case.over)
    return case.automatic and undone and command.by.role != "system"


def _route(case: Assignment, rules: Rules) -> Route:
    """What the catalogue says; where it knows no unit (派单会商), the one whose mailbox was written to."""
    route = rules.catalogue.route(case.category, case.adcode)
    if route.basis is not Basis.POOL or case.mailbox is None:
        return route
    addressee = rules.mailboxes.addressee(case.mailbox)
    if addressee is None or rules.organisations.why_not(addressee, case.category):  # dissolved; G21
        return route
    return Route(addressee, Basis.MAILBOX)


def _lead(command: AssignCase, case: Assignment, route: Route) -> str:
    """The unit that is asked for. One whose dispute was upheld is chosen by a person only."""
    if case.named is not None:
        if command.unit_id not in (None, case.named):
            raise Refused(f"{case.named} was designated; no other unit can be given the case.")
        return case.named
    if command.unit_id is not None:
        return command.unit_id
    if case.unit_id is not None and command.assists:
        return case.unit_id
    if case.unit_id is None and route.unit_id in case.upheld:
        raise Refused(
            f"The catalogue says {route.unit_id}, whose dispute was upheld; name a unit_id."
        )
    return route.unit_id


def _assists(command: AssignCase, case: Assignment, lead: str, rules: Rules) -> list[str]:
    """Who shall assist and does not yet."""
    wanted = dict.fromkeys((*case.named_assists, *command.assists))
    if wanted:
        must_be_told_to_nobody_else("assists: a report on an official is shown to no other unit.", case, rules)
    for unit_id in wanted:
        if unit_id not in rules.organisations:
            raise Refused(f"assists: there is no unit {unit_id}.")
        if unit_id == lead:
            raise Refused("assists: the lead does not assist itself.")
        freed = unit_id in case.upheld and unit_id not in case.named_assists
        if freed and unit_id not in case.assists and command.note is None:
            raise Refused(f"assists: the dispute of {unit_id} was upheld; give a note why it shall help.")
    return [unit_id for unit_id in wanted if unit_id not in case.assists]


def _basis(
    unit_id: str, command: AssignCase, case: Assignment, route: Route, rules: Rules
) -> Literal["catalogue", "competence", "designated"]:
    """On what basis a unit leads; refuses one that may not."""
    if unit_id not in rules.organisations:
        raise Refused(f"There is no unit {unit_id}.")
    if why := rules.organisations.why_not(unit_id, case.category):  # dissolved; G21
        raise Refused(f"{unit_id} cannot lead the case: {why}.")
    must_be_allowed_to_have_it("unit_id", unit_id, case, rules)
    if unit_id == case.named:
        return "designated"
    if unit_id == route.unit_id and unit_id not in case.upheld:
        return "competence" if case.track == "restricted" else "catalogue"
    if command.note is None and unit_id in case.upheld:
        raise Refused(f"The dispute of {unit_id} was upheld; give a note why it shall be it.")
    if command.note is None:
        raise Refused(f"The catalogue says {route.unit_id}; give a note why it shall be {unit_id}.")
    return "designated"


def _facts(command: AssignCase, case: Assignment, route: Route, rules: Rules) -> dict[str, Any]:
    """What the lead's assignment and those of its assists have in common."""
    due = {
        step: rules.due(case.policy, step, case.sla_class, case.track, command.occurred_at)
        for step in ("SIGN", "CONTACT", "HANDLE")
    }
    return command.stamp(rules.versions_of(case.policy), case.round) | {
        "catalogue_basis": route.basis.value,
        "note": command.note,
        "automatic": command.by.role == "system",
        "sla_class": case.sla_class,
        "track": case.track,
        "due_sign": due["SIGN"].at,
        "due_contact": due["CONTACT"].at,
        "due_handle": due["HANDLE"].at,
        "provisional": due["HANDLE"].provisional,
    }


decider = Decider(Assignment(), decide, evolve, pending)
