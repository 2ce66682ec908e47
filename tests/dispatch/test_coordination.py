"""Units meet about a case that is several units' or nobody's: level by level, until a lead is named."""

from typing import Any

import pytest

from libs.events.base import SYSTEM, Actor, Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
    CoordinationResolved,
)
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseReferred
from services.dispatch.commands import (
    AssignCase,
    EscalateCoordination,
    OpenCoordination,
    ProposeDispute,
    ResolveCoordination,
    SignAssignment,
)
from services.dispatch.decider import decider
from tests.spec import (
    CASE,
    CLERK,
    DISPATCHER,
    DUE,
    HEAD,
    LATER,
    UNIT,
    Given,
    china,
    fact,
    sealed,
    stated,
)

COORDINATOR = Actor(id="coo-1", role="coordinator")
MINUTES = sealed("会商纪要")
FIRST, SECOND = f"{CASE}.k1", f"{CASE}.k2"
DUE_RESOLVE = china("2026-03-06 00:00")


def accepted(*facts: Event) -> Given:
    """A case that waits for a unit, and what came after."""
    return Given(decider).facts(fact(CaseAccepted), *facts)


def meeting(level: str = "consultation", **more: Any) -> Given:
    """A case about which units meet."""
    return accepted(fact(CoordinationOpened, level=level, **more))


def result(of: str = FIRST, **more: Any) -> dict[str, Any]:
    """What a meeting came to."""
    return {"coordination_id": of, "minutes": MINUTES} | more


# ------------------------------------------------------------------------------------ opening


def test_a_dispatcher_calls_units_together_about_a_case_that_waits() -> None:
    given = accepted().when(OpenCoordination, by=DISPATCHER, parties=("mc.yunxi", "mc.shuiwu"))
    given.then(
        stated(
            CoordinationOpened,
            coordination_id=FIRST,
            level="consultation",
            parties=("mc.yunxi", "mc.shuiwu"),
            due_resolve=china("2026-03-06 00:00"),
        )
    )
    given.when(OpenCoordination, by=DISPATCHER).then_refused("k1 is open already")
    given.when(AssignCase, by=DISPATCHER).then_refused("the meeting names the lead")


def test_the_head_of_the_unit_that_has_the_case_whistles() -> None:
    given = accepted(fact(CaseAssigned), fact(AssignmentSigned))
    given.when(OpenCoordination, by=DISPATCHER).then_refused("its head can call")
    given.when(OpenCoordination, by=HEAD, parties=("mc.shuiwu", UNIT)).then(
        stated(CoordinationOpened, level="whistle", parties=(UNIT, "mc.shuiwu"))
    )
    given.when(SignAssignment, by=CLERK).then_refused("with no unit yet")


@pytest.mark.parametrize("parties", [(), ("mc.shuiwu",), ("mc.shuiwu", "mc.shuiwu")])
def test_a_dispatcher_calls_two_units_at_least(parties: tuple[str, ...]) -> None:
    given = accepted().when(OpenCoordination, by=DISPATCHER, parties=parties)
    given.then_refused("parties: name two units or more")


@pytest.mark.parametrize("parties", [(), (UNIT,)])
def test_who_whistles_calls_another_unit(parties: tuple[str, ...]) -> None:
    given = accepted(fact(CaseAssigned)).when(OpenCoordination, by=HEAD, parties=parties)
    given.then_refused("parties: name another unit")


def test_nobody_whistles_about_a_case_that_is_not_the_units() -> None:
    other = Actor(id="head-2", role="unit_head", org="mc.shuiwu")
    accepted(fact(CaseAssigned)).when(OpenCoordination, by=other).then_refused("only its head")
    accepted().when(OpenCoordination, by=HEAD).then_refused("with no unit")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([], "not accepted"),
        ([fact(CaseReferred, track="restricted", due=DUE)], "with no other unit"),
        ([fact(CaseAccepted), fact(CaseAssigned), fact(ReplyDelivered)], "answered already"),
        (
            [fact(CaseAccepted), fact(CaseAssigned), fact(AssignmentDisputed)],
            "dispute is decided first",
        ),
    ],
)
def test_what_cannot_be_coordinated(facts: list[Event], words: str) -> None:
    Given(decider).facts(*facts).when(OpenCoordination, by=DISPATCHER).then_refused(words)


def test_parties_exist() -> None:
    accepted().when(OpenCoordination, by=DISPATCHER, parties=("mc.no",)).then_refused("parties: ")


# ---------------------------------------------------------------------------------- resolving


def test_the_named_lead_and_assists_are_given_the_case_with_limits_of_their_own() -> None:
    given = meeting().when(
        ResolveCoordination,
        by=COORDINATOR,
        **result(lead="mc.yunxi", assists=("mc.shuiwu", UNIT, UNIT)),
    )
    given.then(
        stated(
            CoordinationResolved,
            coordination_id=FIRST,
            lead="mc.yunxi",
            assists=("mc.shuiwu", UNIT),
            minutes=MINUTES,
            due_dispatch=china("2026-03-02 11:00"),
        )
    )
    again = result(lead="mc.yunxi")
    given.when(ResolveCoordination, by=COORDINATOR, **again).then_nothing()
    limits = {"due_sign": china("2026-03-04 10:00"), "due_handle": china("2026-03-11 00:00")}
    given.when(AssignCase, at=LATER, by=DISPATCHER).then(
        stated(CaseAssigned, org="mc.yunxi", role="lead", basis="designated", **limits),
        stated(CaseAssigned, org="mc.shuiwu", role="assist", assignment_id=f"{CASE}.2", **limits),
        stated(CaseAssigned, org=UNIT, role="assist", assignment_id=f"{CASE}.3", **limits),
    )
    given.when(AssignCase, at=LATER, by=DISPATCHER).then_refused("it must return it first")


def test_there_is_one_lead_and_each_unit_signs_its_own_assignment() -> None:
    given = meeting().facts(
        fact(CoordinationResolved, lead="mc.yunxi"),
        fact(CaseAssigned, org="mc.yunxi"),
        fact(CaseAssigned, org=UNIT, role="assist", assignment_id=f"{CASE}.2"),
    )
    given.when(SignAssignment, by=CLERK).then(
        stated(AssignmentSigned, assignment_id=f"{CASE}.2", org=UNIT)
    )
    given.when(SignAssignment, by=CLERK).then_nothing()
    lead = Actor(id="c", role="unit_clerk", org="mc.yunxi")
    given.when(SignAssignment, by=lead).then(stated(AssignmentSigned, assignment_id=f"{CASE}.1"))
    third = Actor(id="c", role="unit_clerk", org="mc.shuiwu")
    given.when(ProposeDispute, by=third, reason_code="other_lead", law_basis=MINUTES)
    given.then_refused("The case is with mc.yunxi")


def test_a_dispatcher_adds_assisting_units_to_a_lead() -> None:
    given = accepted(fact(CaseAssigned))
    given.when(AssignCase, by=DISPATCHER, assists=("mc.shuiwu",)).then(
        stated(CaseAssigned, role="assist", org="mc.shuiwu", assignment_id=f"{CASE}.2")
    )
    given.when(AssignCase, by=DISPATCHER, assists=("mc.shuiwu",)).then_nothing()
    given.when(AssignCase, by=DISPATCHER, assists=(UNIT,)).then_refused("does not assist itself")
    given.when(AssignCase, by=DISPATCHER, assists=("mc.no",)).then_refused("no unit mc.no")


def test_a_report_on_an_official_is_shown_to_no_assisting_unit() -> None:
    report = {"track": "restricted", "category": "1602", "sla_class": "R", "due": DUE}
    given = Given(decider).facts(fact(CaseReferred, ground="D05", **report))
    given.when(AssignCase, by=DISPATCHER, assists=(UNIT,)).then_refused("shown to no other unit")


def test_whom_a_meeting_named_neither_returns_the_case_nor_whistles() -> None:
    given = meeting().facts(fact(CoordinationResolved, lead=UNIT), fact(CaseAssigned))
    given.when(ProposeDispute, by=CLERK, reason_code="no_facts", law_basis=MINUTES)
    given.then_refused("designated to this unit")
    given.when(OpenCoordination, by=HEAD).then_refused("designated to this unit")


@pytest.mark.parametrize(
    ("level", "above"),
    [
        ("whistle", "consultation"),
        ("consultation", "establishment_office"),
        ("establishment_office", "government"),
    ],
)
def test_a_meeting_that_names_nobody_asks_the_level_above(level: str, above: str) -> None:
    given = meeting(level, parties=(UNIT,))
    given.when(ResolveCoordination, at=LATER, by=COORDINATOR, **result()).then(
        stated(CoordinationResolved, lead=None, due_dispatch=None, minutes=MINUTES),
        stated(
            CoordinationOpened,
            coordination_id=SECOND,
            level=above,
            parties=(UNIT,),
            due_resolve=china("2026-03-07 00:00"),
        ),
    )
    given.when(ResolveCoordination, by=COORDINATOR, **result(lead=UNIT)).then_refused("No such")
    given.when(ResolveCoordination, by=COORDINATOR, **result(SECOND, lead=UNIT)).then(
        stated(CoordinationResolved, coordination_id=SECOND, lead=UNIT)
    )


def test_at_the_government_somebody_is_named() -> None:
    meeting("government").when(ResolveCoordination, by=COORDINATOR, **result()).then_refused(
        "somebody must be named"
    )


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (result(lead="mc.no"), "lead: there is no unit"),
        (result(lead=UNIT, assists=("mc.no",)), "assists: there is no unit"),
        (result(lead=UNIT, assists=(UNIT,)), "does not assist itself"),
        (result(assists=(UNIT,)), "nobody assists where nobody leads"),
        (result("k9", lead=UNIT), "No such coordination"),
    ],
)
def test_a_meetings_result_makes_sense(wish: dict[str, Any], words: str) -> None:
    meeting().when(ResolveCoordination, by=COORDINATOR, **wish).then_refused(words)


# ------------------------------------------------------------------------------ its limit ends


def test_a_meeting_that_lets_its_limit_pass_is_taken_to_the_level_above_by_itself() -> None:
    given = meeting("whistle", parties=(UNIT,))
    levels = []
    while due := given.due():
        (wish,) = due
        assert isinstance(wish, EscalateCoordination)
        assert wish.by == SYSTEM
        rest = wish.model_dump(include={"coordination_id", "due_resolve"})
        given.when(EscalateCoordination, at=wish.occurred_at, **rest)
        assert given.events is not None
        (opened,) = given.events
        assert isinstance(opened, CoordinationOpened)
        levels.append((opened.level, opened.parties, opened.due_resolve))
        given.when(EscalateCoordination, at=wish.occurred_at, **rest).then_nothing()
    assert levels == [
        ("consultation", (UNIT,), china("2026-03-12 00:00")),
        ("establishment_office", (UNIT,), china("2026-03-18 00:00")),
        ("government", (UNIT,), china("2026-03-24 00:00")),
    ]


def test_a_limit_that_no_longer_stands_escalates_nothing() -> None:
    wish = {"coordination_id": FIRST, "due_resolve": DUE_RESOLVE}
    given = meeting().facts(fact(CoordinationResolved, lead=UNIT))
    assert given.due() == []
    given.when(EscalateCoordination, at=DUE_RESOLVE, **wish).then_nothing()
    meeting("government").when(EscalateCoordination, at=DUE_RESOLVE, **wish).then_nothing()
    moved = wish | {"due_resolve": LATER}
    meeting().when(EscalateCoordination, at=DUE_RESOLVE, **moved).then_nothing()
