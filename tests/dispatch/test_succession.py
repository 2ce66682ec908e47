"""A unit that was merged or split keeps its cases: its successor goes on with them."""

from dataclasses import replace
from datetime import datetime

from libs.events.dispatch import AssignmentPassedOn, CaseAssigned
from libs.events.evaluation import CaseClosed
from libs.events.intake import CaseAccepted
from libs.rules.reference import Reference, ReferenceKind
from libs.rules.rules import Rules
from services.dispatch.commands import PassOn, SignAssignment
from services.dispatch.decider import decider
from tests.spec import CASE, CLERK, LATER, SYSTEM, UNIT, Given, fact, stated

HEIR = "mc.yuanlin"


def merged(at: datetime | None = LATER, **more: object) -> Rules:
    """The rules after urban management went to the parks bureau."""
    shipped = Reference.shipped()
    content = dict(shipped.current(ReferenceKind.ORGANISATIONS, "mingchuan") or {})
    content["version"] = "2"
    content["units"] = [
        dict(unit, dissolved=True, successors=[*more.get("first", []), {"unit": HEIR}])  # type: ignore[misc]
        if unit["id"] == UNIT
        else dict(unit, leads=[*unit.get("leads", []), "城管"])
        if unit["id"] == HEIR
        else unit
        for unit in content["units"]
    ]
    rules = shipped.with_edition(ReferenceKind.ORGANISATIONS, "mingchuan", content).rules()
    return replace(rules, published={} if at is None else {"organisations/mingchuan": at})


def assigned(rules: Rules) -> Given:
    return Given(decider, rules).facts(fact(CaseAccepted), fact(CaseAssigned, assignment_id=f"{CASE}.1"))


def test_a_case_of_a_merged_unit_passes_to_its_successor_at_the_publication() -> None:
    rules = merged()
    case = assigned(rules)
    (command,) = decider.pending(CASE, case.state, rules)
    assert isinstance(command, PassOn)
    assert command.occurred_at == LATER
    case.when(PassOn, at=LATER, by=SYSTEM, assignment_id=f"{CASE}.1", from_org=UNIT)
    case.then(
        stated(AssignmentPassedOn, from_org=UNIT, org=HEIR, organisations=rules.organisations.version)
    )
    assert list(decider.pending(CASE, case.state, rules)) == []
    case.when(SignAssignment, at=LATER, by=CLERK.model_copy(update={"org": HEIR}))
    assert case.refusal is None


def test_a_case_that_was_assigned_after_the_publication_passes_on_at_its_assignment() -> None:
    rules = merged(at=None)
    (command,) = decider.pending(CASE, assigned(rules).state, rules)
    assert command.occurred_at == fact(CaseAssigned).occurred_at


def test_a_split_unit_gives_each_category_to_its_own_successor() -> None:
    rules = merged(first=[{"unit": "mc.shuiwu", "categories": ["01"]}])
    case = assigned(rules).when(
        PassOn, at=LATER, by=SYSTEM, assignment_id=f"{CASE}.1", from_org=UNIT
    )
    case.then(stated(AssignmentPassedOn, org="mc.shuiwu"))


def test_an_assisting_unit_passes_on_what_it_assists_with() -> None:
    rules = merged()
    lead = fact(CaseAssigned, assignment_id=f"{CASE}.1", org="mc.shuiwu")
    assist = fact(CaseAssigned, assignment_id=f"{CASE}.2", org=UNIT, role="assist")
    case = Given(decider, rules).facts(fact(CaseAccepted), lead, assist)
    (command,) = decider.pending(CASE, case.state, rules)
    assert isinstance(command, PassOn)
    assert (command.assignment_id, command.from_org) == (f"{CASE}.2", UNIT)
    case.when(PassOn, at=LATER, by=SYSTEM, assignment_id=f"{CASE}.2", from_org=UNIT)
    assert case.state.assists == {HEIR: f"{CASE}.2"}
    assert case.state.unit_id == "mc.shuiwu"


def test_what_is_closed_stays_with_whom_it_was() -> None:
    rules = merged()
    case = assigned(rules).facts(fact(CaseClosed))
    assert list(decider.pending(CASE, case.state, rules)) == []
    case.when(PassOn, at=LATER, by=SYSTEM, assignment_id=f"{CASE}.1", from_org=UNIT).then_nothing()
