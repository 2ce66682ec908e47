"""Clocks that stand still, are moved, end on hold or begin anew. Every history in every order of owners."""

import pytest

from libs.events.base import Event
from libs.events.dispatch import AssignmentSigned
from libs.events.evaluation import CallbackRecorded, ReworkOrdered
from libs.events.feedback import (
    CaseHeld,
    ClockAdjusted,
    ExtensionDecided,
    ExtensionRequested,
    HoldLifted,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseDeclined, CaseSupplemented, InformationRequested
from libs.events.supervision import BreachRetracted, DeadlineBreached, DeadlineWarned
from services.supervision.commands import RetractBreach, StateDeadline
from services.supervision.policy import react
from tests.spec import CASE, LATER, RULES, UNIT, china, fact, stated
from tests.supervision.watching import CONTACT, HANDLE, case, clock, fire, owner, with_unit

SUPPLEMENT = "SUPPLEMENT.1"
DUE = china("2026-03-10 00:00")
NEW_DUE = china("2026-03-24 00:00")

# --------------------------------------------------------------- waiting for the citizen: ACCEPT

ASKED = fact(InformationRequested, at=LATER)
ADDED = fact(CaseSupplemented, at=china("2026-03-05 09:00"), due_accept=china("2026-03-06 00:00"))


def test_while_the_citizen_is_asked_for_what_is_missing_intake_is_not_late() -> None:
    given = case(ASKED)
    assert clock(given, "ACCEPT") == []
    assert fire(given, "2026-04-01 00:00") == []


def test_nobody_is_warned_or_late_when_the_citizen_does_not_answer() -> None:
    given = case(ASKED)
    assert owner(given, SUPPLEMENT) == "citizen"
    assert clock(given, SUPPLEMENT) == []
    declined = fact(CaseDeclined, at=china("2026-03-10 09:00"), ground="D16")
    assert case(ASKED, declined).due() == []


def test_after_the_answer_the_limit_goes_on_and_its_shares_leave_the_waiting_out() -> None:
    given = case(ASKED, ADDED)
    assert clock(given, "ACCEPT") == [
        ("amber", "03-05 18:00"),
        ("red", "03-05 21:36"),
        ("breach", "03-06 00:00"),
    ]
    assert clock(given, SUPPLEMENT) == []


def test_an_addition_that_nobody_asked_for_moves_nothing() -> None:
    assert clock(case(fact(CaseSupplemented)), "ACCEPT") == clock(case(), "ACCEPT")


def test_what_was_missed_before_the_question_stays_missed() -> None:
    late = fact(InformationRequested, at=china("2026-03-04 00:00"))
    assert clock(case(late), "ACCEPT")[-1] == ("breach", "03-04 00:00")


def test_a_second_question_is_a_second_clock() -> None:
    again = fact(InformationRequested, at=china("2026-03-05 10:00"))
    given = case(ASKED, ADDED, again)
    assert {"SUPPLEMENT.1", "SUPPLEMENT.2"} <= given.state.started.keys()
    assert clock(given, "ACCEPT") == []


def test_a_breach_stated_before_the_question_was_heard_of_is_taken_back() -> None:
    missed = china("2026-03-04 00:00")
    breach = fact(DeadlineBreached, at=missed, timer="ACCEPT", due_at=missed)
    for facts in ([ASKED], [ASKED, ADDED]):
        given = case(breach, *facts)
        (wish,) = react(facts[-1], given.state, RULES)
        assert isinstance(wish, RetractBreach)
        assert (wish.clock, wish.done_at) == ("ACCEPT", LATER)


# ------------------------------------------------------------------------------------- extension

REQUESTED = fact(ExtensionRequested, at=LATER)
GRANTED = fact(
    ExtensionDecided,
    at=china("2026-03-04 09:00"),
    outcome="approved",
    due_handle=NEW_DUE,
    due_citizen=NEW_DUE,
)


def test_an_extension_moves_the_units_clock_and_the_citizens_by_the_new_whole_limit() -> None:
    given = with_unit(REQUESTED, GRANTED)
    assert clock(given, HANDLE) == [  # three quarters and nine tenths of fifteen working days
        ("amber", "03-18 06:00"),
        ("red", "03-20 12:00"),
        ("breach", "03-24 00:00"),
    ]
    assert clock(given, "CITIZEN") == [("breach", "03-24 00:00")]
    assert clock(given, CONTACT) == clock(with_unit(), CONTACT)


def test_a_refused_extension_moves_nothing() -> None:
    given = with_unit(REQUESTED, fact(ExtensionDecided, at=LATER, outcome="rejected"))
    assert clock(given, HANDLE) == clock(with_unit(), HANDLE)


def test_a_warning_that_was_stated_before_the_extension_is_not_stated_again() -> None:
    amber = fact(DeadlineWarned, at=china("2026-03-06 18:00"), timer=HANDLE, due_at=DUE)
    late = GRANTED.model_copy(update={"occurred_at": china("2026-03-09 09:00")})
    assert clock(with_unit(amber, REQUESTED, late), HANDLE) == [
        ("red", "03-20 12:00"),
        ("breach", "03-24 00:00"),
    ]


def test_what_was_asked_for_in_time_and_granted_late_takes_the_breach_back_until_the_new_end() -> (
    None
):
    breach = fact(DeadlineBreached, at=DUE, timer=HANDLE, due_at=DUE)
    late = GRANTED.model_copy(update={"occurred_at": china("2026-03-10 10:00")})
    given = with_unit(REQUESTED, breach, late)
    (wish,) = react(late, given.state, RULES)
    assert isinstance(wish, RetractBreach)
    given.when(RetractBreach, at=late.occurred_at, clock=wish.clock, done_at=wish.done_at).then(
        stated(BreachRetracted, timer=HANDLE, due_at=DUE, done_at=LATER)
    )
    assert clock(given, HANDLE)[-1] == ("breach", "03-24 00:00")
    given.when(StateDeadline, at=NEW_DUE, clock=HANDLE, threshold="breach", due_at=NEW_DUE).then(
        stated(DeadlineBreached, timer=HANDLE, due_at=NEW_DUE)
    )
    assert react(late, given.state, RULES) == []


def test_a_breach_of_before_the_request_stands() -> None:
    breach = fact(DeadlineBreached, at=DUE, timer=HANDLE, due_at=DUE)
    asked_late = REQUESTED.model_copy(update={"occurred_at": DUE})
    given = with_unit(breach, asked_late, GRANTED)
    assert react(GRANTED, given.state, RULES) == []


# ------------------------------------------------------------------------------------ suspension

STOPPED = fact(ClockAdjusted, at=china("2026-03-04 09:00"), action="suspend")
RESUMED = fact(
    ClockAdjusted,
    at=china("2026-03-11 09:00"),
    action="resume",
    due_handle=china("2026-03-17 00:00"),
)


def test_a_suspended_clock_stands_still_and_the_citizens_does_not() -> None:
    given = with_unit(STOPPED)
    assert clock(given, HANDLE) == []
    assert clock(given, "CITIZEN") == [("breach", "03-10 00:00")]


def test_a_resumed_clock_goes_on_to_its_new_end_and_no_threshold_lies_in_the_pause() -> None:
    assert clock(with_unit(STOPPED, RESUMED), HANDLE) == [
        ("amber", "03-13 18:00"),
        ("red", "03-16 12:00"),
        ("breach", "03-17 00:00"),
    ]


def test_what_passed_before_the_suspension_has_passed() -> None:
    late = STOPPED.model_copy(update={"occurred_at": china("2026-03-09 13:00")})
    assert clock(with_unit(late), HANDLE) == [("amber", "03-06 18:00"), ("red", "03-09 12:00")]
    too_late = STOPPED.model_copy(update={"occurred_at": DUE})
    assert clock(with_unit(too_late), HANDLE)[-1] == ("breach", "03-10 00:00")


def test_an_answer_while_the_clock_stands_still_is_in_time() -> None:
    answered = fact(ReplyDelivered, at=china("2026-03-20 09:00"))
    assert clock(with_unit(STOPPED, answered), HANDLE) == []


def test_a_clock_may_stand_still_twice() -> None:
    again = STOPPED.model_copy(update={"occurred_at": china("2026-03-12 09:00")})
    assert clock(with_unit(STOPPED, RESUMED, again), HANDLE) == []


# ------------------------------------------------------------------------------------------ hold

HELD = fact(CaseHeld, at=china("2026-03-04 09:00"), next_check_at=china("2026-06-03 00:00"))
LIFTED = fact(HoldLifted, at=china("2026-06-03 00:00"), due_handle=china("2026-06-11 00:00"))
RECHECK, ANEW = f"RECHECK.{CASE}.1.h1", f"{HANDLE}.h1"


def test_a_held_case_is_not_late_and_the_platform_looks_again() -> None:
    given = with_unit(HELD)
    assert clock(given, HANDLE) == []
    assert [threshold for threshold, _ in clock(given, RECHECK)] == ["amber", "red"]
    assert owner(given, RECHECK) == "platform"


def test_what_was_late_when_it_was_put_on_hold_was_late() -> None:
    late = HELD.model_copy(update={"occurred_at": DUE})
    assert clock(with_unit(late), HANDLE)[-1] == ("breach", "03-10 00:00")


def test_after_a_hold_the_units_clock_starts_anew_under_a_name_of_its_own() -> None:
    given = with_unit(HELD, LIFTED)
    assert clock(given, HANDLE) == []
    assert clock(given, ANEW)[-1] == ("breach", "06-11 00:00")
    assert owner(given, ANEW) == UNIT
    answered = fact(ReplyDelivered, at=china("2026-06-04 09:00"))
    assert clock(with_unit(HELD, LIFTED, answered), ANEW) == []


def test_an_extension_after_a_hold_moves_the_clock_that_runs() -> None:
    asked = fact(ExtensionRequested, at=china("2026-06-04 09:00"))
    more = fact(
        ExtensionDecided,
        at=china("2026-06-05 09:00"),
        outcome="approved",
        due_handle=china("2026-06-25 00:00"),
    )
    given = with_unit(HELD, LIFTED, asked, more)
    assert clock(given, ANEW)[-1] == ("breach", "06-25 00:00")
    assert clock(given, HANDLE) == []
    assert clock(given, "CITIZEN") == [("breach", "03-10 00:00")]


def test_a_lift_before_its_day_ends_the_looking() -> None:
    early = LIFTED.model_copy(update={"occurred_at": china("2026-03-20 09:00")})
    assert clock(with_unit(HELD, early), RECHECK) == []


# ---------------------------------------------------------------------------------------- rework

DELIVERED = fact(ReplyDelivered, at=LATER)
CALLED = fact(CallbackRecorded, at=LATER)
ORDERED = fact(ReworkOrdered, at=LATER)
ANSWER_2 = fact(
    ReplyDelivered,
    at=china("2026-03-05 09:00"),
    reply_id=f"{CASE}.r2",
    due_callback=china("2026-03-11 00:00"),
)
REWORK = f"REWORK.{CASE}.w1"


def test_a_rework_is_the_units_until_the_next_answer() -> None:
    given = with_unit(DELIVERED, CALLED, ORDERED)
    assert clock(given, REWORK)[-1] == ("breach", "03-06 00:00")
    assert owner(given, REWORK) == UNIT
    assert clock(given, HANDLE) == clock(given, "CITIZEN") == []
    assert clock(with_unit(DELIVERED, CALLED, ORDERED, ANSWER_2), REWORK) == []


def test_a_rework_that_is_ordered_and_answered_in_one_moment_is_in_time() -> None:
    at_once = ANSWER_2.model_copy(update={"occurred_at": LATER})
    assert clock(with_unit(DELIVERED, CALLED, ORDERED, at_once), REWORK) == []


def test_a_late_second_answer_was_late() -> None:
    late = ANSWER_2.model_copy(update={"occurred_at": china("2026-03-06 00:00")})
    given = with_unit(DELIVERED, CALLED, ORDERED, late)
    assert clock(given, REWORK)[-1] == ("breach", "03-06 00:00")


@pytest.mark.parametrize(("returned", "runs"), [(False, False), (True, True)])
def test_while_the_second_reply_is_under_review_the_unit_is_not_late(
    returned: bool, runs: bool
) -> None:
    facts: list[Event] = [fact(ReplySubmitted, at=LATER, reply_id=f"{CASE}.r2")]
    facts += [fact(ReplyReturned, at=LATER, reply_id=f"{CASE}.r2")] * returned
    assert bool(clock(with_unit(DELIVERED, ORDERED, *facts), REWORK)) is runs


def test_the_second_answer_is_called_back_in_a_time_of_its_own() -> None:
    again = "CALLBACK.w1"
    given = with_unit(DELIVERED, CALLED, ORDERED, ANSWER_2)
    assert clock(given, "CALLBACK") == []
    assert clock(given, again)[-1] == ("breach", "03-11 00:00")
    at = china("2026-03-05 10:00")
    missed = [fact(CallbackRecorded, at=at, reached=False, attempt_no=n) for n in (1, 2, 3)]
    assert clock(with_unit(DELIVERED, CALLED, ORDERED, ANSWER_2, *missed[:1]), again)
    assert not clock(with_unit(DELIVERED, CALLED, ORDERED, ANSWER_2, *missed), again)


def test_a_rework_without_a_call_ends_the_call_back_to_the_first_answer() -> None:
    assert clock(with_unit(DELIVERED, ORDERED), "CALLBACK") == []


def test_a_hold_ends_a_rework() -> None:
    held = HELD.model_copy(update={"occurred_at": china("2026-03-04 09:00")})
    assert clock(with_unit(DELIVERED, ORDERED, held), REWORK) == []


def test_signing_changes_no_moved_clock() -> None:
    given = with_unit(REQUESTED, fact(AssignmentSigned, at=LATER), GRANTED)
    assert clock(given, HANDLE)[-1] == ("breach", "03-24 00:00")
