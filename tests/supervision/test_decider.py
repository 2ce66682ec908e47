"""The rules of supervision: clocks warn, breach and are corrected; units are called to account."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import SYSTEM
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.evaluation import CallbackRecorded, CaseClosed, ReviewDecided, ReviewRequested
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    HoldLifted,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted, CaseDeclined, CaseReferred, CaseRegistered
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineWarned,
    SupervisionAnswered,
    SupervisionIssued,
)
from services.supervision.commands import (
    RetractBreach,
    StateDeadline,
)
from services.supervision.decider import decider
from services.supervision.policy import react
from tests.spec import (
    CASE,
    DUE,
    LATER,
    RULES,
    UNIT,
    Given,
    any_history,
    china,
    fact,
    fold,
    shuffled,
    stated,
)
from tests.supervision.watching import CONTACT, HANDLE, SIGN, case, clock, fire, owner, with_unit

AUDIT, REVIEW, SUP = f"AUDIT.{CASE}.r1", f"REVIEW.{CASE}.v1", f"SUP.{CASE}.s1"
AMBER, RED, BREACH = (china(f"2026-03-{t}") for t in ("06 18:00", "09 12:00", "10 00:00"))
"""When the five working days of HANDLE, begun on Monday 2 March, are so far gone."""


# ------------------------------------------------------------- clocks: what starts, what stops


@pytest.mark.parametrize(
    ("given_", "name", "amber", "red", "breach"),
    [
        (case(), "ACCEPT", "03-03 18:00", "03-03 21:36", "03-04 00:00"),
        (case(fact(CaseAccepted)), "DISPATCH", "03-02 10:30", "03-02 10:48", "03-02 11:00"),
        (with_unit(), SIGN, "03-02 16:00", "03-03 09:12", "03-03 10:00"),
        (with_unit(), CONTACT, "03-02 16:00", "03-03 09:12", "03-03 10:00"),
        (with_unit(), HANDLE, "03-06 18:00", "03-09 12:00", "03-10 00:00"),
        (with_unit(fact(ReplySubmitted)), AUDIT, "03-02 12:00", "03-02 13:36", "03-02 14:00"),
        (with_unit(fact(ReplyDelivered)), "CALLBACK", "03-05 06:00", "03-05 16:48", "03-06 00:00"),
        (with_unit(fact(ReviewRequested)), REVIEW, "03-25 12:00", "03-30 00:00", "04-02 00:00"),
        (with_unit(fact(SupervisionIssued)), SUP, "03-06 18:00", "03-09 12:00", "03-10 00:00"),
    ],
    ids=["ACCEPT", "DISPATCH", "SIGN", "CONTACT", "HANDLE", "AUDIT", "CALLBACK", "REVIEW", "SUP"],
)
def test_a_clock_turns_amber_red_and_breaches(
    given_: Given, name: str, amber: str, red: str, breach: str
) -> None:
    assert clock(given_, name) == [("amber", amber), ("red", red), ("breach", breach)]


def test_the_citizens_clock_warns_nobody_and_counts_from_registration() -> None:
    assert clock(case(fact(CaseAccepted, at=LATER)), "CITIZEN") == [("breach", "03-10 00:00")]


CONTACTED = fact(CitizenContacted, at=LATER)
DELIVERED = fact(ReplyDelivered, at=LATER)


@pytest.mark.parametrize(
    ("given_", "stopped"),
    [
        (case(fact(CaseAccepted)), "ACCEPT"),
        (case(fact(CaseDeclined)), "ACCEPT"),
        (case(fact(CaseReferred)), "ACCEPT"),
        (with_unit(), "DISPATCH"),
        (with_unit(fact(AssignmentSigned)), SIGN),
        (with_unit(fact(CitizenContacted)), CONTACT),
        (with_unit(fact(ReplySubmitted), fact(ReplyApproved)), AUDIT),
        (with_unit(fact(ReplySubmitted), fact(ReplyReturned)), AUDIT),
        (with_unit(DELIVERED), HANDLE),
        (with_unit(fact(ReplyDelivered)), CONTACT),
        (with_unit(DELIVERED), "CITIZEN"),
        (with_unit(DELIVERED, fact(CallbackRecorded, at=LATER)), "CALLBACK"),
        (with_unit(fact(ReviewRequested), fact(ReviewDecided, at=LATER)), REVIEW),
        (
            with_unit(fact(ReviewRequested, level=2), fact(ReviewDecided, level=2, at=LATER)),
            f"RE{REVIEW}",
        ),
        (with_unit(fact(SupervisionIssued), fact(SupervisionAnswered, at=LATER)), SUP),
        (with_unit(fact(SupervisionIssued), fact(CaseClosed, at=LATER)), SUP),
    ],
)
def test_an_act_in_time_stops_its_clock(given_: Given, stopped: str) -> None:
    assert clock(given_, stopped) == []


def test_an_attempt_that_did_not_reach_the_citizen_stops_no_clock() -> None:
    assert clock(with_unit(fact(CitizenContacted, reached=False)), CONTACT)
    missed = [fact(CallbackRecorded, at=LATER, reached=False, attempt_no=n) for n in (1, 2, 3)]
    assert clock(with_unit(DELIVERED, *missed[:2]), "CALLBACK")
    assert not clock(with_unit(DELIVERED, *missed), "CALLBACK")


def test_it_is_called_back_as_often_as_the_policy_says() -> None:
    """Transition 34: callback.attempts of the pack, which the agent's record says."""
    missed = fact(CallbackRecorded, at=LATER, reached=False, attempt_no=3, answer=1, last=False)
    assert clock(with_unit(DELIVERED, missed), "CALLBACK")
    last = fact(CallbackRecorded, at=LATER, reached=False, attempt_no=1, answer=1, last=True)
    assert not clock(with_unit(DELIVERED, last), "CALLBACK")


def test_signing_late_does_not_make_the_limits_begin_later() -> None:
    assert clock(with_unit(fact(AssignmentSigned, at=LATER)), HANDLE)[-1] == (
        "breach",
        "03-10 00:00",
    )


def test_warnings_are_by_the_time_the_clock_was_started_with() -> None:
    suggested = fact(CaseRegistered, track="xinfang", due_accept=china("2026-03-18 00:00"))
    fourth_day = china("2026-03-05 10:00")
    petition = Given(decider).facts(suggested, fact(CaseAccepted, at=fourth_day, track="hotline"))
    assert clock(petition, "ACCEPT") == []  # in time for fifteen days; nobody was late


# -------------------------------------------------------------- stated once, and when it stands


def test_each_threshold_of_a_clock_is_stated_once() -> None:
    given_ = with_unit(fact(AssignmentSigned), fact(CitizenContacted))
    said = fire(given_, "2026-04-01 00:00")
    assert [pair for pair in said if not pair[0].startswith("SUP.")] == [
        (HANDLE, "amber"),
        (HANDLE, "red"),
        ("CITIZEN", "breach"),
        (HANDLE, "breach"),
    ]
    assert fire(given_, "2027-04-01 00:00") == []


@pytest.mark.parametrize(
    ("threshold", "at", "kind"),
    [("amber", AMBER, DeadlineWarned), ("red", RED, DeadlineWarned), ("breach", BREACH, None)],
)
def test_a_stated_deadline_names_clock_unit_and_due_instant(
    threshold: str, at: object, kind: type | None
) -> None:
    wish = {"clock": HANDLE, "threshold": threshold, "due_at": BREACH}
    facts = {"timer": HANDLE, "assignment_id": f"{CASE}.1", "due_at": BREACH, "owner_org": UNIT}
    if kind is not None:
        facts["threshold"] = threshold
    given_ = with_unit().when(StateDeadline, at=at, **wish)
    given_.then(stated(kind or DeadlineBreached, **facts))
    given_.when(StateDeadline, at=at, **wish).then_nothing()


def test_a_due_command_that_is_no_longer_current_states_nothing() -> None:
    wish = {"clock": HANDLE, "threshold": "breach", "due_at": BREACH}
    moved = wish | {"due_at": china("2026-03-11 00:00")}
    with_unit().when(StateDeadline, at=BREACH, **moved).then_nothing()
    case().when(StateDeadline, at=BREACH, **wish).then_nothing()
    with_unit(DELIVERED).when(StateDeadline, at=BREACH, **wish).then_nothing()


def test_the_platform_answers_for_its_own_steps() -> None:
    given_ = case()
    assert fire(given_, "2026-03-04 00:00")[-1] == ("ACCEPT", "breach")
    assert owner(given_, "ACCEPT") == "platform"
    assert owner(given_, "SUP.ACCEPT.s1") == "platform", "it is urged at once"


def test_an_act_that_came_too_late_is_a_breach_even_if_the_clock_was_not_looked_at() -> None:
    late = china("2026-03-10 00:00")  # 24:00 of the last day is the first instant too late
    given_ = with_unit(fact(AssignmentSigned), fact(ReplyDelivered, at=late))
    assert (HANDLE, "breach") in fire(given_, "2026-03-10 00:00")
    in_time = with_unit(fact(AssignmentSigned), fact(ReplyDelivered, at=china("2026-03-09 23:59")))
    said = fire(in_time, "2026-03-10 00:00")
    assert [pair for pair in said if pair[0] == HANDLE] == [(HANDLE, "amber"), (HANDLE, "red")]


def test_while_a_reply_is_under_review_the_unit_is_not_late() -> None:
    given_ = with_unit(fact(ReplySubmitted))
    assert clock(given_, HANDLE) == clock(given_, CONTACT) == clock(given_, "CITIZEN") == []


def test_an_approved_reply_that_nobody_brings_to_the_citizen_is_late() -> None:
    given_ = with_unit(fact(ReplySubmitted), fact(ReplyApproved, at=LATER))
    assert clock(given_, HANDLE) == clock(with_unit(), HANDLE)
    assert (("CITIZEN", "breach")) in fire(given_, "2026-03-10 00:00")
    assert clock(given_.facts(DELIVERED), HANDLE) == []


def test_what_was_late_already_stays_late_while_a_reply_is_under_review() -> None:
    late = fact(CitizenContacted, at=china("2026-03-03 11:00"))
    assert clock(with_unit(late, fact(ReplySubmitted, at=china("2026-03-03 12:00"))), CONTACT)


def test_the_first_act_counts() -> None:
    again = fact(CitizenContacted, at=china("2026-03-05 09:00"))
    assert clock(with_unit(fact(CitizenContacted), again), CONTACT) == []


def test_after_a_return_the_clock_goes_on_as_if_it_had_never_stopped() -> None:
    returned = fact(ReplyReturned, at=china("2026-03-10 09:00"))
    given_ = with_unit(fact(AssignmentSigned), CONTACTED, fact(ReplySubmitted), returned)
    assert clock(given_, HANDLE) == clock(with_unit(), HANDLE)
    assert (HANDLE, "breach") in fire(given_, "2026-03-10 09:00")


def test_of_a_closed_case_nothing_falls_due_any_more() -> None:
    given_ = with_unit(
        fact(AssignmentSigned), DELIVERED, fact(SupervisionIssued), fact(CaseClosed, at=LATER)
    )
    assert fire(given_, "2027-01-01 00:00") == [(CONTACT, "amber")]  # of Monday, and it stands


def test_nobody_is_urged_about_a_closed_case_by_a_clock_that_crossed_the_closing() -> None:
    lifted = fact(HoldLifted, at=china("2026-03-05 09:00"), due_handle=china("2026-03-12 00:00"))
    given_ = with_unit(DELIVERED, fact(CaseHeld, at=LATER), lifted, fact(CaseClosed, at=LATER))
    breach = fact(DeadlineBreached, timer=f"{HANDLE}.h1", due_at=china("2026-03-12 00:00"))
    assert not [due for due in given_.facts(breach).due() if "h1" in str(due)]


def test_a_referred_report_has_clocks_of_its_own_and_a_referred_case_has_none() -> None:
    report = case(fact(CaseReferred, ground="D05", track="restricted", due=DUE))
    assert {w.clock for w in report.due() if isinstance(w, StateDeadline)} == {
        "CITIZEN",
        "DISPATCH",
    }
    answered = report.facts(fact(CaseAssigned), fact(ReplyDelivered, due_callback=None))
    assert clock(answered, "CALLBACK") == []
    assert case(fact(CaseReferred, due=None)).due() == []
    assert case(fact(CaseDeclined)).due() == []


# --------------------------------------------------------------------------------- retraction

BREACHED = fact(DeadlineBreached, at=BREACH, timer=HANDLE, due_at=BREACH)


def test_a_breach_is_taken_back_when_the_act_is_heard_of_that_was_in_time() -> None:
    in_time = fact(ReplyDelivered, at=china("2026-03-09 17:00"))
    given_ = with_unit(BREACHED, in_time)
    (wish,) = react(in_time, given_.state, RULES)
    assert isinstance(wish, RetractBreach)
    assert (wish.clock, wish.done_at, wish.by) == (HANDLE, in_time.occurred_at, SYSTEM)
    retraction = {"clock": wish.clock, "done_at": wish.done_at}
    given_.when(RetractBreach, at=wish.occurred_at, **retraction).then(
        stated(BreachRetracted, timer=HANDLE, owner_org=UNIT, due_at=BREACH, done_at=wish.done_at)
    )
    given_.when(RetractBreach, **retraction).then_nothing()
    assert react(in_time, given_.state, RULES) == []


def test_a_breach_stands_when_the_act_was_late() -> None:
    late = fact(ReplyDelivered, at=BREACH)
    given_ = with_unit(BREACHED, late)
    assert react(late, given_.state, RULES) == []
    given_.when(RetractBreach, clock=HANDLE, done_at=BREACH).then_nothing()


def test_what_was_never_stated_is_not_taken_back() -> None:
    with_unit(DELIVERED).when(RetractBreach, clock=HANDLE, done_at=LATER).then_nothing()
    case().when(RetractBreach, clock=HANDLE, done_at=LATER).then_nothing()


@given(any_history, st.randoms(use_true_random=False))
def test_facts_of_several_owners_may_come_in_any_order(history: list, random: Random) -> None:
    assert fold(decider, shuffled(history, random)) == fold(decider, history)
