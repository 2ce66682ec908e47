"""What cannot be done for now: the unit's head asks for a hold, a coordinator grants it, its day ends it."""


import pytest
from pydantic import ValidationError

from libs.events.base import SYSTEM, Actor, Event
from libs.events.dispatch import AssignmentDisputed, CaseAssigned
from libs.events.evaluation import (
    CaseClosed,
    ReviewDecided,
    ReviewDeclined,
    ReviewRequested,
)
from libs.events.feedback import (
    CaseHeld,
    ClockAdjusted,
    ExtensionRequested,
    HoldLifted,
    HoldRefused,
    HoldRequested,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseReferred
from services.feedback.commands import (
    DecideExtension,
    HoldCase,
    LiftHold,
    RefuseHold,
    ReportProgress,
    RequestExtension,
    RequestHold,
    SubmitReply,
)
from tests.feedback.in_hand import (
    AFTER,
    ASKED,
    COORDINATOR,
    DECISION,
    DUE_AT,
    HELD,
    HOLD,
    HOLD_ASKED,
    HOLDS,
    LEADER,
    MORE,
    REPLY,
    STRANGER,
    in_hand,
)
from tests.spec import (
    CASE,
    CLERK,
    DISPATCHER,
    DUE,
    HEAD,
    LATER,
    UNIT,
    china,
    fact,
    sealed,
    stated,
)


def test_a_unit_asks_for_a_hold_a_coordinator_grants_it_and_it_is_looked_at_in_ninety_days() -> None:
    case = in_hand().when(RequestHold, by=HEAD, **HOLD)
    case.then(stated(HoldRequested, hold_id=f"{CASE}.h1", **HOLD))
    assert (case.state.hold, case.state.due_handle) == (None, DUE_AT)  # what is asked stops no clock
    case.when(RequestHold, by=HEAD, **HOLD).then_refused("asked for already")
    case.when(HoldCase, by=COORDINATOR, **HOLDS).then(
        stated(
            CaseHeld,
            asked_by=HEAD.id,
            **HOLD,
            next_check_at=china("2026-06-02 00:00"),  # 31 May is a Sunday
        )
    )
    case.when(HoldCase, by=COORDINATOR, **HOLDS).then_nothing()
    case.when(RequestHold, by=HEAD, **HOLD).then_nothing()
    case.when(SubmitReply, by=HEAD, **REPLY).then_refused("on hold")
    case.when(ReportProgress, by=CLERK, text=sealed()).then_refused("on hold")


@pytest.mark.parametrize("missing", ["reason", "alternative_channel", "remedy"])
def test_no_hold_is_asked_for_without_what_the_citizen_is_told(missing: str) -> None:
    """G08: missing remedy, command rejected."""
    bare = {name: value for name, value in HOLD.items() if name != missing}
    with pytest.raises(ValidationError, match=missing):
        in_hand().when(RequestHold, by=HEAD, **bare)


def test_a_hold_is_decided_by_someone_who_neither_asked_for_it_nor_is_of_the_unit() -> None:
    in_hand().when(HoldCase, by=COORDINATOR, **HOLDS).then_refused("No such hold")
    in_hand().when(RequestHold, by=STRANGER, **HOLD).then_refused(f"The case is with {UNIT}")
    for who in (HEAD.id, CLERK.id):
        same = Actor(id=who, role="coordinator")
        in_hand(HOLD_ASKED).when(HoldCase, by=same, **HOLDS).then_refused("Who handled the case")
        refusal = HOLDS | {"note": sealed()}
        in_hand(HOLD_ASKED).when(RefuseHold, by=same, **refusal).then_refused("Who handled the case")
    colleague = Actor(id="coo-2", role="coordinator", org=UNIT)
    in_hand(HOLD_ASKED).when(HoldCase, by=colleague, **HOLDS).then_refused("Who is of the unit")


def test_a_refused_hold_leaves_the_unit_its_case_and_may_be_asked_for_anew() -> None:
    refusal = HOLDS | {"note": sealed("可以先行抢修")}
    case = in_hand(HOLD_ASKED).when(RefuseHold, by=COORDINATOR, **refusal)
    case.then(stated(HoldRefused, **refusal))
    case.when(HoldCase, by=COORDINATOR, **HOLDS).then_refused("No such hold")
    case.when(RequestHold, by=HEAD, **HOLD).then(stated(HoldRequested, hold_id=f"{CASE}.h2"))
    case.when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted))


@pytest.mark.parametrize(
    ("more", "words", "granting"),
    [
        ((fact(ReplySubmitted),), "A reply waits for review", ""),
        ((fact(ReplySubmitted), fact(ReplyApproved)), "A reply waits for review", ""),
        ((fact(ReplyDelivered), fact(CaseClosed)), "The case is closed", ""),
        ((fact(AssignmentDisputed),), "must be decided first", ""),
        (
            (fact(CaseAssigned, assignment_id=f"{CASE}.2", org="mc.shuiwu"),),
            "the hands of no unit",
            "No such hold",
        ),
    ],
)
def test_only_what_a_unit_has_in_hand_is_held(
    more: tuple[Event, ...], words: str, granting: str
) -> None:
    in_hand(*more).when(RequestHold, by=HEAD, **HOLD).then_refused(words)
    late = in_hand(HOLD_ASKED, *more).when(HoldCase, by=COORDINATOR, **HOLDS)
    late.then_refused(granting or words)


def test_what_the_level_above_looks_at_is_not_held_before_its_decision() -> None:
    answered = fact(ReplySubmitted), fact(ReplyDelivered)
    case = in_hand(*answered, HOLD_ASKED, fact(ReviewRequested))
    case.when(HoldCase, by=COORDINATOR, **HOLDS).then_refused("The level above")
    in_hand(*answered, fact(ReviewRequested)).when(RequestHold, by=HEAD, **HOLD).then_refused("The level")
    for over in (fact(ReviewDeclined), fact(ReviewDecided)):
        case = in_hand(*answered, HOLD_ASKED, fact(ReviewRequested), over)
        case.when(HoldCase, by=COORDINATOR, **HOLDS).then(stated(CaseHeld))


def test_a_hold_that_was_asked_for_falls_with_the_answer() -> None:
    case = in_hand(HOLD_ASKED, fact(ReplySubmitted), fact(ReplyDelivered))
    case.when(HoldCase, by=COORDINATOR, **HOLDS).then_refused("No such hold")


def test_a_referred_case_is_not_held() -> None:
    referred = fact(CaseReferred, ground="D05", track="restricted", sla_class="R", due=DUE)
    in_hand(referred).when(RequestHold, by=HEAD, **HOLD).then_refused("A referred case")


def test_at_its_day_a_hold_ends_by_itself_and_the_unit_has_a_whole_limit_again() -> None:
    case = in_hand(HOLD_ASKED).when(HoldCase, by=COORDINATOR, **HOLDS)
    (lift,) = case.due()
    at = china("2026-06-02 00:00")
    assert (type(lift), lift.occurred_at, lift.by) == (LiftHold, at, SYSTEM)
    case.when(LiftHold, at=LATER, by=SYSTEM, reason_code="recheck").then_nothing()
    case.when(LiftHold, at=at, by=SYSTEM, reason_code="recheck").then(
        stated(HoldLifted, reason_code="recheck", due_handle=china("2026-06-10 00:00"))
    )
    assert case.due() == []
    case.when(LiftHold, at=at, by=SYSTEM, reason_code="recheck").then_nothing()
    extension = MORE | {"new_due": china("2026-06-12 00:00")}
    case.when(RequestExtension, at=at, by=CLERK, **extension).then(stated(ExtensionRequested))
    case.when(SubmitReply, at=at, by=HEAD, **REPLY).then(stated(ReplySubmitted))


@pytest.mark.parametrize("reason", ["policy_change", "leader"])
def test_a_leader_ends_a_hold_before_its_day(reason: str) -> None:
    case = in_hand(HELD)
    case.when(LiftHold, by=LEADER, reason_code="recheck").then_refused("the clock's")
    case.when(LiftHold, at=LATER, by=LEADER, reason_code=reason).then(
        stated(HoldLifted, reason_code=reason, due_handle=china("2026-03-11 00:00"))
    )
    case.when(LiftHold, by=LEADER, reason_code=reason).then_nothing()


def test_an_answered_case_may_be_held_and_is_answered_anew_afterwards() -> None:
    case = in_hand().when(SubmitReply, by=HEAD, **REPLY)
    case.facts(fact(ReplyApproved), fact(ReplyDelivered))
    case.when(RequestHold, by=HEAD, **HOLD).then(stated(HoldRequested))
    case.when(HoldCase, by=COORDINATOR, **HOLDS).then(stated(CaseHeld))
    case.when(LiftHold, at=LATER, by=LEADER, reason_code="leader").then(stated(HoldLifted))
    case.when(SubmitReply, at=LATER, by=HEAD, **REPLY).then(
        stated(ReplySubmitted, reply_id=f"{CASE}.r2")
    )


def test_a_hold_of_a_closed_case_ends_no_more() -> None:
    case = in_hand(HELD, fact(CaseClosed))
    assert case.due() == []
    case.when(LiftHold, by=LEADER, reason_code="leader").then_refused("closed")


def test_what_was_asked_for_and_stopped_ends_with_a_hold() -> None:
    in_hand(ASKED, HELD).when(DecideExtension, by=DISPATCHER, **DECISION).then_refused("No such")
    suspended = fact(ClockAdjusted, by=HEAD, until=AFTER)
    assert [type(wish) for wish in in_hand(suspended, HELD).due()] == [LiftHold]


def test_a_returned_reply_leaves_the_unit_its_clock() -> None:
    case = in_hand(fact(ReplySubmitted), fact(ReplyReturned))
    case.when(RequestExtension, by=CLERK, **MORE).then(stated(ExtensionRequested))
