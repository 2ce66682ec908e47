"""Whose time it is (domain 2.5): a unit's, from its own dispatch on, or the platform's; the citizen's
clock runs through all of it. Every history is played in every order of its owners."""

from datetime import datetime

import pytest

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
    CoordinationResolved,
    DisputeDecided,
)
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    ClockAdjusted,
    ProgressReported,
    ReplyDelivered,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted
from libs.events.supervision import BreachRetracted, DeadlineBreached
from services.supervision.commands import RetractBreach
from services.supervision.policy import react
from tests.spec import CASE, LATER, RULES, UNIT, Given, china, fact, sealed, stated
from tests.supervision.watching import CONTACT, HANDLE, SIGN, case, clock, fire, owner, with_unit

OTHER = "mc.shuiwu"
FIRST_DISPUTE = f"DISPUTE.{CASE}.d1"
RAISED, DECIDED = china("2026-03-03 09:00"), china("2026-03-04 15:00")
DISPUTED = fact(AssignmentDisputed, at=RAISED, due_decide=china("2026-03-04 10:00"))
UPHELD = fact(DisputeDecided, at=DECIDED, outcome="upheld", due_dispatch=china("2026-03-04 17:00"))
DENIED = fact(DisputeDecided, at=DECIDED, outcome="denied")
AGAIN = fact(
    CaseAssigned,
    at=china("2026-03-05 09:00"),
    assignment_id=f"{CASE}.2",
    org=OTHER,
    due_sign=china("2026-03-06 10:00"),
    due_contact=china("2026-03-06 10:00"),
    due_handle=china("2026-03-13 00:00"),
)
HANDLE_2 = f"HANDLE.{CASE}.2"
OPENED = fact(CoordinationOpened, at=LATER)
NOBODY = fact(CoordinationResolved, at=china("2026-03-04 09:00"))
OPENED_2 = fact(
    CoordinationOpened,
    at=china("2026-03-04 09:00"),
    coordination_id=f"{CASE}.k2",
    level="establishment_office",
    due_resolve=china("2026-03-10 00:00"),
)
NAMED = fact(
    CoordinationResolved,
    at=china("2026-03-09 09:00"),
    coordination_id=f"{CASE}.k2",
    lead=OTHER,
    due_dispatch=china("2026-03-09 11:00"),
)


def breached(name: str, at: str) -> Event:
    """A breach that was stated."""
    return fact(DeadlineBreached, at=china(at), timer=name, due_at=china(at))


# ---------------------------------------------------------------------------- the citizen's clock


@pytest.mark.parametrize(
    "facts",
    [
        [DISPUTED, UPHELD, AGAIN],
        [DISPUTED, DENIED],
        [OPENED, NOBODY, OPENED_2, NAMED],
        [fact(ClockAdjusted, at=LATER)],
        [fact(CaseHeld, at=LATER)],
    ],
    ids=["upheld", "denied", "coordinated", "suspended", "held"],
)
def test_nothing_but_an_answer_ends_or_moves_the_citizens_clock(facts: list[Event]) -> None:
    given = with_unit(*facts)
    assert clock(given, "CITIZEN") == [("breach", "03-10 00:00")]
    assert clock(given.facts(fact(ReplyDelivered, at=LATER)), "CITIZEN") == []


# --------------------------------------------------------------------------------------- disputes


def test_while_a_dispute_is_open_the_units_clocks_run_and_the_judges_is_the_platforms() -> None:
    given = with_unit(DISPUTED)
    assert clock(given, HANDLE) == clock(with_unit(), HANDLE)
    assert clock(given, FIRST_DISPUTE) == [
        ("amber", "03-03 16:00"),
        ("red", "03-04 09:12"),
        ("breach", "03-04 10:00"),
    ]
    assert owner(given, FIRST_DISPUTE) == "platform"


def test_an_upheld_dispute_ends_the_clocks_of_that_assignment_when_it_was_raised() -> None:
    given = with_unit(DISPUTED, UPHELD)
    before = [pair for pair in clock(with_unit(), SIGN) if pair[0] == "amber"]
    assert clock(given, SIGN) == clock(given, CONTACT) == before  # of Monday, and it stands
    assert clock(given, HANDLE) == []
    assert given.state.unit_id is None


HELPED = fact(CaseAssigned, role="assist", org=OTHER, assignment_id=f"{CASE}.2")
SIGN_2, ASSIST_2 = f"SIGN.{CASE}.2", f"ASSIST.{CASE}.2"
NO_HELP = fact(
    AssignmentDisputed,
    at=RAISED,
    org=OTHER,
    assignment_id=f"{CASE}.2",
    due_decide=china("2026-03-04 10:00"),
)


def of_assist(outcome: str, at: datetime = DECIDED) -> Event:
    """A judge decides about who assists."""
    return fact(DisputeDecided, at=at, outcome=outcome, org=OTHER, assignment_id=f"{CASE}.2")


def test_who_need_not_assist_owes_nothing_since_the_dispute_and_the_leads_clocks_run_on() -> None:
    given = with_unit(HELPED, NO_HELP, of_assist("upheld"))
    assert clock(given, ASSIST_2) == []
    assert clock(given, SIGN_2) == [("amber", "03-02 16:00")]
    assert clock(given, HANDLE) == clock(with_unit(), HANDLE)
    assert clock(given, SIGN) == clock(with_unit(), SIGN)
    assert given.state.unit_id == UNIT
    assert clock(given, FIRST_DISPUTE)[-1] == ("breach", "03-04 10:00"), "the judge was late"


def test_who_must_assist_after_all_was_late_all_along() -> None:
    given = with_unit(HELPED, NO_HELP, of_assist("denied"))
    assert clock(given, ASSIST_2) == clock(with_unit(HELPED), ASSIST_2)


def test_two_disputes_at_the_same_time_have_a_judges_clock_each() -> None:
    soon = china("2026-03-03 10:00")
    given = with_unit(HELPED, NO_HELP, DISPUTED, of_assist("denied", soon))
    assert clock(given, FIRST_DISPUTE) == []
    assert clock(given, f"DISPUTE.{CASE}.d2")[-1] == ("breach", "03-04 10:00")
    gone = UPHELD.model_copy(update={"occurred_at": soon})
    given = with_unit(HELPED, NO_HELP, DISPUTED, gone)
    assert clock(given, FIRST_DISPUTE) == [], "with no unit left there is nothing to judge"


def test_what_the_system_assigned_wrongly_is_no_debt_of_the_unit_it_is_taken_from() -> None:
    taken = fact(CaseAssigned, at=LATER, assignment_id=f"{CASE}.2", org=OTHER, prev_assignment=f"{CASE}.1")
    given = with_unit(taken)
    assert clock(given, HANDLE) == []
    assert [at for _, at in clock(given, SIGN)] <= ["03-03 09:00"]
    assert clock(given, HANDLE_2)[-1] == ("breach", "03-10 00:00")
    assert given.state.unit_id == OTHER


def test_a_judge_who_decided_late_is_late_and_the_next_dispatch_has_a_limit_of_its_own() -> None:
    given = with_unit(DISPUTED, UPHELD)
    assert clock(given, FIRST_DISPUTE)[-1] == ("breach", "03-04 10:00")
    again = f"DISPATCH.{CASE}.1"
    assert clock(given, again)[-1] == ("breach", "03-04 17:00")
    assert owner(given, again) == "platform"
    assert clock(with_unit(DISPUTED, UPHELD, AGAIN), again)[-1] == ("breach", "03-04 17:00")
    at_once = AGAIN.model_copy(update={"occurred_at": china("2026-03-04 15:30")})
    assert clock(with_unit(DISPUTED, UPHELD, at_once), again) == []


def test_the_next_unit_has_its_whole_time_from_its_own_dispatch_on() -> None:
    given = with_unit(DISPUTED, UPHELD, AGAIN)
    assert clock(given, HANDLE_2) == [
        ("amber", "03-11 18:00"),
        ("red", "03-12 12:00"),
        ("breach", "03-13 00:00"),
    ]
    assert (owner(given, HANDLE_2), owner(given, HANDLE)) == (OTHER, UNIT)
    assert given.state.unit_id == OTHER


def test_after_a_denied_dispute_the_clocks_were_the_units_all_along() -> None:
    given = with_unit(DISPUTED, DENIED)
    for name in (SIGN, CONTACT, HANDLE):
        assert clock(given, name) == clock(with_unit(), name)
    assert clock(given, FIRST_DISPUTE)[-1] == ("breach", "03-04 10:00")


def test_a_breach_stated_while_the_judge_thought_is_taken_back_if_the_unit_was_right() -> None:
    stated_meanwhile = breached(SIGN, "2026-03-03 10:00")
    given = with_unit(DISPUTED, stated_meanwhile, UPHELD)
    (wish,) = react(UPHELD, given.state, RULES)
    assert isinstance(wish, RetractBreach)
    assert (wish.clock, wish.done_at) == (SIGN, RAISED)
    given.when(RetractBreach, at=DECIDED, clock=SIGN, done_at=RAISED).then(
        stated(BreachRetracted, timer=SIGN, owner_org=UNIT, done_at=RAISED)
    )
    assert react(UPHELD, given.state, RULES) == []
    assert (SIGN, "breach") not in fire(given, "2026-04-01 00:00")


def test_a_breach_stands_if_the_unit_was_wrong_or_was_late_before_it_said_so() -> None:
    meanwhile = breached(SIGN, "2026-03-03 10:00")
    assert react(DENIED, with_unit(DISPUTED, meanwhile, DENIED).state, RULES) == []
    raised_late = DISPUTED.model_copy(update={"occurred_at": china("2026-03-03 10:00")})
    given = with_unit(meanwhile, raised_late, UPHELD)
    assert react(UPHELD, given.state, RULES) == []
    given.when(RetractBreach, at=DECIDED, clock=SIGN, done_at=RAISED).then_nothing()


def test_a_second_dispute_has_a_clock_of_its_own() -> None:
    second = fact(
        AssignmentDisputed, at=china("2026-03-05 10:00"), assignment_id=f"{CASE}.2", org=OTHER
    )
    given = with_unit(DISPUTED, UPHELD, AGAIN, second)
    assert clock(given, f"DISPUTE.{CASE}.d2")
    decided = fact(
        DisputeDecided, at=china("2026-03-05 11:00"), assignment_id=f"{CASE}.2", outcome="denied"
    )
    over = with_unit(DISPUTED, UPHELD, AGAIN, second, decided)
    assert clock(over, f"DISPUTE.{CASE}.d2") == []


# ------------------------------------------------------------------------------------ coordination


def test_time_in_coordination_is_the_platforms_and_ends_the_clocks_of_who_had_the_case() -> None:
    given = with_unit(fact(AssignmentSigned), OPENED)
    assert clock(given, HANDLE) == []
    assert clock(given, f"COORD.{CASE}.k1")[-1] == ("breach", "03-06 00:00")
    assert owner(given, f"COORD.{CASE}.k1") == "platform"
    assert given.state.unit_id is None


def test_a_case_that_goes_to_a_meeting_before_any_unit_had_it_waits_for_no_dispatcher() -> None:
    given = case(fact(CaseAccepted), fact(CoordinationOpened, at=china("2026-03-02 09:30")))
    assert clock(given, "DISPATCH") == []


def test_each_level_has_a_limit_of_its_own_and_a_named_lead_waits_for_dispatch() -> None:
    given = with_unit(OPENED, NOBODY, OPENED_2, NAMED)
    assert clock(given, f"COORD.{CASE}.k1") == []
    second = clock(given, f"COORD.{CASE}.k2")
    assert ("breach", "03-10 00:00") not in second
    assert clock(given, f"DISPATCH.{CASE}.k2")[-1] == ("breach", "03-09 11:00")
    dispatched = AGAIN.model_copy(update={"occurred_at": china("2026-03-09 09:30")})
    over = with_unit(OPENED, NOBODY, OPENED_2, NAMED, dispatched)
    assert clock(over, f"DISPATCH.{CASE}.k2") == []


def test_a_meeting_that_its_limit_took_to_the_level_above_was_late() -> None:
    escalated = OPENED_2.model_copy(update={"occurred_at": china("2026-03-06 00:00")})
    given = with_unit(OPENED, escalated)
    assert clock(given, f"COORD.{CASE}.k1")[-1] == ("breach", "03-06 00:00")
    assert clock(with_unit(OPENED, OPENED_2), f"COORD.{CASE}.k1") == []


# ------------------------------------------------------------------------------- who helps the lead

ASSIST = fact(CaseAssigned, at=LATER, role="assist", assignment_id=f"{CASE}.2", org=OTHER)
HELP, SIGN_2 = f"ASSIST.{CASE}.2", f"SIGN.{CASE}.2"


def test_an_assisting_unit_signs_and_contributes_in_time_and_the_lead_is_not_late_for_it() -> None:
    given = with_unit(ASSIST)
    assert clock(given, SIGN_2)
    assert clock(given, HELP)[-1] == ("breach", "03-10 00:00")
    assert owner(given, HELP) == OTHER
    assert given.state.unit_id == UNIT
    assert f"CONTACT.{CASE}.2" not in given.state.started
    report = {"assignment_id": f"{CASE}.2", "text": sealed("已派员")}
    done = with_unit(ASSIST, fact(ProgressReported, at=LATER, **report))
    signed = fact(AssignmentSigned, at=LATER, assignment_id=f"{CASE}.2", org=OTHER)
    assert clock(done, HELP) == clock(with_unit(ASSIST, signed), SIGN_2) == []
    assert clock(done, HANDLE) == clock(with_unit(), HANDLE)


def test_a_leads_own_report_does_not_end_its_clock() -> None:
    reported = fact(ProgressReported, at=LATER, text=sealed("正在办理"))
    assert clock(with_unit(reported), HANDLE) == clock(with_unit(), HANDLE)


def test_the_answer_a_meeting_or_a_hold_ends_an_assisting_units_clock() -> None:
    late = china("2026-03-04 09:00")
    for end in (
        fact(ReplyDelivered, at=late),
        fact(CoordinationOpened, at=late),
        fact(CaseHeld, at=late),
    ):
        given = with_unit(ASSIST, end)
        ended = clock(given, HELP)
        assert ended == [], type(end).__name__


def test_a_contact_and_a_reply_of_the_lead_leave_the_assisting_unit_its_clock() -> None:
    given = with_unit(ASSIST, fact(CitizenContacted, at=LATER))
    assert clock(given, HELP)
    under_review: Given = with_unit(ASSIST, fact(ReplySubmitted, at=LATER))
    assert clock(under_review, HELP) == []
