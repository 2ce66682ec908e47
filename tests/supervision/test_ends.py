"""What an end means to the clocks: all of them end with it, the citizen's too, and what was urged is let go."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned, CaseTerminated, DispatchResumed, DispatchStopped
from libs.events.evaluation import CaseClosed
from libs.events.feedback import ReplyDelivered
from libs.events.intake import (
    CaseAccepted,
    CaseLinkChanged,
    CaseRegistered,
    CaseReopened,
    CaseWithdrawn,
    Due,
)
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    SupervisionAnswered,
    SupervisionIssued,
)
from services.supervision.commands import IssueSupervision, StateDeadline
from services.supervision.decider import decider
from services.supervision.policy import react
from tests.spec import (
    CASE,
    RULES,
    SUPERVISOR,
    Given,
    any_history,
    china,
    fact,
    fold,
    shuffled,
)

THURSDAY = china("2026-03-05 09:00")
FRIDAY = china("2026-03-06 09:00")
HISTORY = (fact(CaseRegistered), fact(CaseAccepted), fact(CaseAssigned))
ENDS: dict[str, Event] = {
    "withdrawn": fact(CaseWithdrawn, THURSDAY),
    "merged": fact(CaseLinkChanged, THURSDAY, relation="merged_into"),
    "terminated": fact(CaseTerminated, THURSDAY),
    "closed": fact(CaseClosed, THURSDAY),
}


def with_a_unit(*facts: Event) -> Given:
    """A case with its unit since Monday at nine; all its limits run."""
    return Given(decider).facts(*HISTORY, *facts)


def breaches(case: Given) -> set[str]:
    """Which clocks will be stated as missed if nothing more happens."""
    return {
        d.clock for d in case.due() if isinstance(d, StateDeadline) and d.threshold == "breach"
    }


def heard(case: Given, event: Event) -> list[Event]:
    """What supervision states when it hears a fact."""
    case.facts(event)
    found: list[Event] = []
    for command in react(event, case.state, RULES):
        events = decider.decide(command, case.state, RULES)
        case.facts(*events)
        found += events
    return found


@pytest.mark.parametrize("end", ENDS)
def test_with_the_end_no_clock_runs_out_any_more(end: str) -> None:
    case = with_a_unit()
    assert breaches(case) >= {"CITIZEN", f"HANDLE.{CASE}.1"}
    case.facts(ENDS[end])
    late = {d.occurred_at for d in case.due() if d.occurred_at >= THURSDAY}
    assert late == set()


@pytest.mark.parametrize("end", ENDS)
def test_what_was_missed_before_the_end_is_still_stated(end: str) -> None:
    missed = breaches(with_a_unit(ENDS[end]))
    assert {f"SIGN.{CASE}.1", f"CONTACT.{CASE}.1"} <= missed
    assert not {"CITIZEN", f"HANDLE.{CASE}.1"} & missed


@pytest.mark.parametrize("end", ENDS)
def test_open_supervisions_are_dropped_with_the_end(end: str) -> None:
    case = with_a_unit(fact(SupervisionIssued), fact(SupervisionIssued, supervision_id=f"{CASE}.s2"))
    dropped = heard(case, ENDS[end])
    assert [type(event) for event in dropped] == [SupervisionAnswered, SupervisionAnswered]
    assert all(isinstance(event, SupervisionAnswered) and event.lifted for event in dropped)
    asked = {"by": SUPERVISOR, "level": 2, "ground": "overdue"}
    case.when(IssueSupervision, **asked).then_refused("The case")


def test_a_breach_stated_before_the_withdrawal_was_heard_of_is_taken_back() -> None:
    due = china("2026-03-10 00:00")
    case = with_a_unit(fact(DeadlineBreached, due, timer="CITIZEN", due_at=due))
    (taken_back,) = heard(case, ENDS["withdrawn"])
    assert isinstance(taken_back, BreachRetracted)
    assert (taken_back.timer, taken_back.done_at) == ("CITIZEN", THURSDAY)


def test_a_termination_that_crossed_a_reply_ends_no_clock() -> None:
    case = with_a_unit(ENDS["terminated"], fact(ReplyDelivered, FRIDAY))
    assert "CALLBACK" in breaches(case)
    other_way = with_a_unit(fact(ReplyDelivered, FRIDAY), ENDS["terminated"])
    assert case.state == other_way.state


# ------------------------------------------------------------------------------------- merged


def test_an_unmerged_cases_citizen_has_the_clock_as_if_it_had_never_stopped() -> None:
    stopped = fact(DispatchStopped, THURSDAY, assignment_id=f"{CASE}.1", org="mc.chengguan")
    case = with_a_unit(ENDS["merged"], stopped)
    assert "CITIZEN" not in breaches(case)
    resumed = fact(DispatchResumed, FRIDAY, due_dispatch=china("2026-03-06 11:00"))
    case.facts(fact(CaseLinkChanged, FRIDAY, relation="unmerged"), resumed)
    by_clock = {d.clock: d.due_at for d in case.due() if isinstance(d, StateDeadline)}
    assert by_clock["CITIZEN"] == china("2026-03-10 00:00")
    assert by_clock["DISPATCH.u1"] == china("2026-03-06 11:00")
    assert f"HANDLE.{CASE}.1" not in breaches(case)  # the unit has it no more
    case.facts(fact(CaseAssigned, FRIDAY, assignment_id=f"{CASE}.2"))
    assert "DISPATCH.u1" not in breaches(case)
    assert f"HANDLE.{CASE}.2" in breaches(case)


# ----------------------------------------------------------------------------------- reopened


def test_a_reopened_case_has_new_clocks_and_none_of_the_old_ones() -> None:
    due = Due(dispatch=china("2026-11-02 11:00"), citizen=china("2026-11-10 00:00"))
    reopened = fact(CaseReopened, china("2026-11-02 09:00"), round=1, due=due)
    case = with_a_unit(ENDS["closed"], reopened)
    assert {d.clock: d.due_at for d in case.due() if isinstance(d, StateDeadline)} == {
        "CITIZEN": due.citizen,
        "DISPATCH": due.dispatch,
    }
    late = fact(CaseClosed, china("2026-11-02 09:00"))  # of the old round
    assert case.facts(late).state.closed_at is None


@given(any_history, st.randoms(use_true_random=False))
def test_facts_of_several_owners_may_come_in_any_order(
    history: list[Event], random: Random
) -> None:
    ends = [*HISTORY, *ENDS.values(), *history]
    assert fold(decider, shuffled(ends, random)) == fold(decider, ends)
