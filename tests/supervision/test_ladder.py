"""The clock calls a unit to account: urged, then supervised; what it led to ends with what it stood on."""

from typing import Any

import pytest

from libs.events.base import SYSTEM, Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
    DisputeDecided,
)
from libs.events.evaluation import CaseClosed, ReworkOrdered
from libs.events.feedback import (
    CaseHeld,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.sourcing.decider import Command
from services.supervision.commands import (
    CallToAccount,
    DropSupervision,
    IssueSupervision,
    LiftSupervision,
)
from services.supervision.decider import decider, wakes
from services.supervision.policy import react
from tests.spec import CASE, LATER, RULES, SUPERVISOR, UNIT, Given, china, fact, stated
from tests.supervision.watching import HANDLE, SIGN, fire, shown, with_unit

DUE, SIGN_DUE = china("2026-03-10 00:00"), china("2026-03-03 10:00")
SIGNED = fact(AssignmentSigned)
LATE = fact(DeadlineBreached, at=DUE, timer=HANDLE, due_at=DUE)
UNSIGNED = fact(DeadlineBreached, at=SIGN_DUE, timer=SIGN, due_at=SIGN_DUE)
URGED = fact(
    SupervisionIssued, at=china("2026-03-11 00:00"), supervision_id=f"{HANDLE}.s1", level=1
)
SUPERVISED = fact(
    SupervisionIssued, at=china("2026-03-13 00:00"), supervision_id=f"{HANDLE}.s2", level=2
)


def steps(given: Given) -> list[tuple[int, str, str]]:
    """The steps of the ladder that are to come: level, ground, when."""
    return [
        (wish.level, wish.ground, shown(wish.occurred_at))
        for wish in given.due()
        if isinstance(wish, CallToAccount)
    ]


def dropped(event: Event, given: Given) -> list[str]:
    """What is let go upon an event."""
    wishes = react(event, given.state, RULES)
    return [wish.supervision_id for wish in wishes if isinstance(wish, DropSupervision)]


def test_a_unit_is_urged_a_working_day_and_supervised_three_after_its_limit() -> None:
    given = with_unit(SIGNED, LATE)
    assert steps(given) == [(1, "overdue", "03-11 00:00"), (2, "overdue", "03-13 00:00")]
    assert wakes(given.state, RULES) is not None
    fire(given, "2026-03-31 00:00")
    levels = {name: level for name, level in given.state.supervisions.items()}
    assert levels == {f"{HANDLE}.s1": 1, f"{HANDLE}.s2": 2}
    assert steps(given) == []  # listing is a person's word


def test_a_unit_whose_answer_is_on_its_way_is_not_urged_for_being_late() -> None:
    for reply in ([ReplySubmitted], [ReplySubmitted, ReplyApproved]):
        assert steps(with_unit(SIGNED, LATE, *map(fact, reply))) == []
    back = with_unit(SIGNED, LATE, fact(ReplySubmitted), fact(ReplyReturned))
    assert [ground for _, ground, _ in steps(back)] == ["overdue", "overdue"]


def test_a_step_is_stated_once_at_its_instant_with_the_units_time_to_answer() -> None:
    given = with_unit(SIGNED, LATE)
    wish: dict[str, Any] = {
        "supervision_id": f"{HANDLE}.s1",
        "level": 1,
        "ground": "overdue",
        "addressee": UNIT,
    }
    given.when(CallToAccount, at=china("2026-03-11 00:00"), **wish).then(
        stated(
            SupervisionIssued,
            level=1,
            ground="overdue",
            addressee=UNIT,
            actor=SYSTEM,
            due_at=china("2026-03-19 00:00"),
        )
    )
    given.when(CallToAccount, at=china("2026-03-11 00:00"), **wish).then_nothing()


def test_who_has_not_even_signed_is_urged_when_signing_is_overdue() -> None:
    assert steps(with_unit(UNSIGNED)) == [(1, "nobody_acts", "03-03 10:00")]
    late = fact(AssignmentSigned, at=china("2026-03-03 11:00"))
    assert steps(with_unit(UNSIGNED, late)) == []


def test_a_missed_rework_is_urged_and_supervised() -> None:
    name, due = f"REWORK.{CASE}.w1", china("2026-03-06 00:00")
    breach = fact(DeadlineBreached, at=due, timer=name, due_at=due)
    given = with_unit(fact(ReplyDelivered, at=LATER), fact(ReworkOrdered, at=LATER), breach)
    assert steps(given) == [(1, "overdue", "03-07 00:00"), (2, "overdue", "03-11 00:00")]


def test_nobody_is_called_to_account_for_what_is_done_on_hold_or_under_review() -> None:
    after = china("2026-03-10 09:00")
    for event in (
        fact(ReplyDelivered, at=after),
        fact(ReplySubmitted, at=after),
        fact(CaseHeld, at=after),
        fact(CoordinationOpened, at=after),
        fact(CaseClosed, at=after),
        fact(BreachRetracted, at=after, timer=HANDLE, due_at=DUE),
    ):
        given = with_unit(SIGNED, LATE, event)
        assert steps(given) == [], type(event).__name__
        wish = {
            "supervision_id": f"{HANDLE}.s1",
            "level": 1,
            "ground": "overdue",
            "addressee": UNIT,
        }
        given.when(CallToAccount, at=china("2026-03-11 00:00"), **wish).then_nothing()


def test_a_step_of_the_ladder_neither_needs_nor_takes_the_place_of_a_persons_supervision() -> None:
    given = with_unit(SIGNED, LATE)
    given.when(IssueSupervision, at=DUE, by=SUPERVISOR, level=1, ground="overdue")
    assert [level for level, _, _ in steps(given)] == [1, 2]
    urged = with_unit(SIGNED, LATE, URGED)
    urged.when(IssueSupervision, at=DUE, by=SUPERVISOR, level=1, ground="perfunctory").then(
        stated(SupervisionIssued, supervision_id=f"{CASE}.s1")
    )


# -------------------------------------------------------------------- from unit to unit, again


def issued_upon(event: Event, given: Given) -> list[Command]:
    """What calls to account at once."""
    return [w for w in react(event, given.state, RULES) if isinstance(w, CallToAccount)]


def test_a_case_that_reaches_its_third_unit_is_supervised() -> None:
    upheld = fact(DisputeDecided, at=LATER, outcome="upheld")
    raised = fact(AssignmentDisputed)
    second = fact(CaseAssigned, at=LATER, assignment_id=f"{CASE}.2")
    third = fact(CaseAssigned, at=LATER, assignment_id=f"{CASE}.3", org="mc.shuiwu")
    assist = fact(CaseAssigned, at=LATER, assignment_id=f"{CASE}.4", role="assist")
    given = with_unit(raised, upheld, second)
    assert issued_upon(second, given) == []
    assert issued_upon(assist, given.facts(assist)) == []
    (wish,) = issued_upon(third, given.facts(third))
    assert isinstance(wish, CallToAccount)
    assert (wish.level, wish.ground, wish.addressee) == (2, "transfers", "mc.shuiwu")
    rest = wish.model_dump(exclude={"case_id", "occurred_at", "by"})
    given.when(CallToAccount, at=LATER, **rest).then(
        stated(SupervisionIssued, level=2, ground="transfers", addressee="mc.shuiwu")
    )
    given.when(CallToAccount, at=LATER, **rest).then_nothing()


def test_a_second_rework_is_supervised() -> None:
    first = fact(ReworkOrdered, at=LATER)
    again = fact(ReworkOrdered, at=LATER, rework_id=f"{CASE}.w2", ordinal=2)
    assert issued_upon(first, with_unit(first)) == []
    (wish,) = issued_upon(again, with_unit(first, again))
    assert isinstance(wish, CallToAccount)
    assert (wish.level, wish.ground, wish.addressee) == (2, "rework_rounds", UNIT)


# ------------------------------------------------------------------------- what it stood on ends


def test_an_urge_ends_with_the_act_and_a_supervision_needs_a_supervisor() -> None:
    done = fact(ReplyDelivered, at=china("2026-03-16 09:00"))
    given = with_unit(SIGNED, LATE, URGED, SUPERVISED, done)
    assert dropped(done, given) == [f"{HANDLE}.s1"]
    given.when(DropSupervision, supervision_id=f"{HANDLE}.s1").then(
        stated(SupervisionAnswered, supervision_id=f"{HANDLE}.s1", lifted=True)
    )
    given.when(DropSupervision, supervision_id=f"{HANDLE}.s1").then_nothing()
    given.when(DropSupervision, supervision_id=f"{HANDLE}.s2").then_nothing()
    given.when(LiftSupervision, by=SUPERVISOR, supervision_id=f"{HANDLE}.s2").then_refused(
        "has not answered"
    )


def test_an_urge_to_sign_ends_with_the_signature() -> None:
    urged = fact(SupervisionIssued, at=SIGN_DUE, supervision_id=f"{SIGN}.s1", level=1)
    signed = fact(AssignmentSigned, at=china("2026-03-03 11:00"))
    assert dropped(signed, with_unit(UNSIGNED, urged, signed)) == [f"{SIGN}.s1"]
    assert dropped(urged, with_unit(UNSIGNED, urged)) == []


def test_what_came_of_a_breach_that_was_none_ends_and_so_does_what_was_anothers() -> None:
    both = [f"{HANDLE}.s1", f"{HANDLE}.s2"]
    retracted = fact(BreachRetracted, at=china("2026-03-16 09:00"), timer=HANDLE, due_at=DUE)
    given = with_unit(SIGNED, LATE, URGED, SUPERVISED, retracted)
    assert dropped(retracted, given) == both
    whistled = fact(CoordinationOpened, at=china("2026-03-16 09:00"))
    given = with_unit(SIGNED, LATE, URGED, SUPERVISED, whistled)
    assert dropped(whistled, given) == both


@pytest.mark.parametrize(
    ("came_of", "supervision_id", "level"),
    [
        (fact(AssignmentSigned), f"{CASE}.1.transfers", 2),
        (fact(ReworkOrdered), f"{CASE}.w1.rounds", 2),
        (fact(ReworkOrdered), f"{CASE}.w1.false_reply", 2),
        (fact(ReplySubmitted), f"{CASE}.r1.false_reply", 2),
        (fact(ReplySubmitted), f"{CASE}.r1.perfunctory", 1),
    ],
)
def test_what_a_unit_was_called_to_account_for_goes_when_the_case_is_anothers(
    came_of: Event, supervision_id: str, level: int
) -> None:
    issued = fact(SupervisionIssued, at=LATER, supervision_id=supervision_id, level=level)
    assert dropped(issued, with_unit(SIGNED, came_of, issued)) == []
    whistled = fact(CoordinationOpened, at=china("2026-03-16 09:00"))
    given = with_unit(SIGNED, came_of, issued, whistled)
    assert dropped(whistled, given) == [supervision_id]
    given.when(DropSupervision, supervision_id=supervision_id).then(
        stated(SupervisionAnswered, supervision_id=supervision_id, lifted=True)
    )


def test_the_fourth_unit_is_supervised_and_the_third_let_go() -> None:
    """提级督办: 转办三个单位. The one that has the case answers, and no other."""
    facts: list[Event] = [fact(AssignmentSigned)]
    for number in (1, 2, 3):
        if number > 1:
            facts.append(fact(CaseAssigned, at=LATER, assignment_id=f"{CASE}.{number}"))
        facts.append(fact(AssignmentDisputed, at=LATER, assignment_id=f"{CASE}.{number}"))
        upheld = {"assignment_id": f"{CASE}.{number}", "outcome": "upheld"}
        facts.append(fact(DisputeDecided, at=LATER, **upheld))
    third = fact(SupervisionIssued, at=LATER, supervision_id=f"{CASE}.3.transfers", level=2)
    fourth = fact(CaseAssigned, at=LATER, assignment_id=f"{CASE}.4", org="mc.shuiwu")
    given = with_unit(*facts, third, fourth)
    assert dropped(fourth, given) == [f"{CASE}.3.transfers"]
    (wish,) = issued_upon(fourth, given)
    assert isinstance(wish, CallToAccount)
    assert (wish.supervision_id, wish.addressee) == (f"{CASE}.4.transfers", "mc.shuiwu")


def test_a_persons_supervision_is_never_dropped_by_the_clock() -> None:
    done = fact(ReplyDelivered, at=LATER)
    given = with_unit(SIGNED, fact(SupervisionIssued), done)
    assert dropped(done, given) == []
    given.when(DropSupervision, supervision_id=f"{CASE}.s1").then_nothing()


def test_of_a_case_known_by_supervisions_own_words_alone_nothing_falls_due() -> None:
    given = Given(decider).facts(fact(SupervisionIssued), LATE, URGED)
    assert given.due() == []
    assert wakes(given.state, RULES) is None
    assert react(fact(CaseAssigned), given.facts(fact(CaseAssigned)).state, RULES) == []
