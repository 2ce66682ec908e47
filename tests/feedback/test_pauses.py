"""A unit's clock stands still, on a ground of the closed list, once an auditor has agreed."""


import pytest

from libs.events.base import SYSTEM, Actor, Event
from libs.events.dispatch import AssignmentDisputed, CaseAssigned
from libs.events.evaluation import (
    CaseClosed,
)
from libs.events.feedback import (
    ClockAdjusted,
    ClockAdjustmentRefused,
    ClockAdjustmentRequested,
    ExtensionDecided,
    ReplyApproved,
    ReplyDelivered,
    ReplySubmitted,
)
from services.feedback.commands import (
    AdjustClock,
    ApproveReply,
    RefuseClockAdjustment,
    RequestExtension,
    RequestResumption,
    RequestSuspension,
    ResumeClock,
    SubmitReply,
)
from tests.feedback.in_hand import (
    AFTER,
    AGREED,
    APPRAISAL,
    ASKED,
    DUE_AT,
    HELD,
    MORE,
    REPLY,
    STOP_ASKED,
    STRANGER,
    SUSPENDED,
    in_hand,
)
from tests.spec import (
    AUDITOR,
    CASE,
    CLERK,
    HEAD,
    LATER,
    UNIT,
    china,
    fact,
    sealed,
    stated,
)


def test_a_clock_stands_still_on_a_ground_of_the_list_once_an_auditor_has_agreed() -> None:
    case = in_hand()
    case.when(RequestSuspension, by=HEAD, **APPRAISAL, until=china("2026-03-20 09:00")).then(
        stated(
            ClockAdjustmentRequested,
            adjustment_id=f"{CASE}.c1",
            action="suspend",
            ground="appraisal",
            law_ref="行政许可法第四十五条",
            until=china("2026-03-20 09:00"),
        )
    )
    assert case.state.suspension is None  # what is asked stops no clock
    case.when(RequestSuspension, by=HEAD, **APPRAISAL).then_refused("asked for already")
    case.when(AdjustClock, at=LATER, by=AUDITOR, **AGREED).then(
        stated(
            ClockAdjusted,
            action="suspend",
            ground="appraisal",
            law_ref="行政许可法第四十五条",
            approver2=AUDITOR.id,
            until=china("2026-03-20 09:00"),
            due_handle=None,
        )
    )
    assert case.state.suspension.since == LATER
    case.when(AdjustClock, by=AUDITOR, **AGREED).then_refused("No such change")
    case.when(RequestSuspension, by=HEAD, **APPRAISAL).then_nothing()
    case.when(RequestSuspension, by=STRANGER, **APPRAISAL).then_refused(f"The case is with {UNIT}")


@pytest.mark.parametrize("who", [HEAD.id, CLERK.id])
def test_the_auditor_is_neither_who_asked_nor_who_handles_the_case(who: str) -> None:
    same = Actor(id=who, role="auditor")
    in_hand(STOP_ASKED).when(AdjustClock, by=same, **AGREED).then_refused("Who handled the case")
    refusal = AGREED | {"note": sealed()}
    in_hand(STOP_ASKED).when(RefuseClockAdjustment, by=same, **refusal).then_refused("Who handled")
    colleague = Actor(id="aud-2", role="auditor", org=UNIT)
    in_hand(STOP_ASKED).when(AdjustClock, by=colleague, **AGREED).then_refused("Who is of the unit")


def test_an_auditor_who_let_the_clock_stand_still_may_review_the_reply() -> None:
    case = in_hand(STOP_ASKED).when(AdjustClock, by=AUDITOR, **AGREED)
    case.when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted))
    case.when(ApproveReply, by=AUDITOR).then(stated(ReplyApproved))
    same = Actor(id=HEAD.id, role="auditor")
    in_hand(STOP_ASKED, fact(ReplySubmitted)).when(ApproveReply, by=same).then_refused("Who handled")


def test_an_auditor_who_does_not_agree_leaves_the_clock_as_it_was() -> None:
    refusal = AGREED | {"note": sealed("依据不足")}
    case = in_hand(STOP_ASKED).when(RefuseClockAdjustment, by=AUDITOR, **refusal)
    case.then(stated(ClockAdjustmentRefused, **refusal))
    assert (case.state.suspension, case.state.due_handle) == (None, DUE_AT)
    case.when(RefuseClockAdjustment, by=AUDITOR, **refusal).then_refused("No such change")
    case.when(RequestSuspension, by=HEAD, **APPRAISAL).then(
        stated(ClockAdjustmentRequested, adjustment_id=f"{CASE}.c2")
    )
    case.when(AdjustClock, by=AUDITOR, **AGREED).then_refused("No such change")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((fact(ReplySubmitted),), "A reply waits for review"),
        ((fact(ReplySubmitted), fact(ReplyDelivered)), "No such change"),
        ((HELD,), "No such change"),
        ((fact(AssignmentDisputed),), "must be decided first"),
        ((fact(CaseAssigned, assignment_id=f"{CASE}.2", org="mc.shuiwu"),), "No such change"),
        ((ASKED,), "An extension is asked for"),
        ((fact(CaseClosed),), "closed"),
    ],
)
def test_what_was_asked_for_a_clock_falls_with_it(more: tuple[Event, ...], words: str) -> None:
    in_hand(STOP_ASKED, *more).when(AdjustClock, by=AUDITOR, **AGREED).then_refused(words)


def test_no_auditor_stops_a_clock_after_its_limit_or_past_its_own_day() -> None:
    in_hand(STOP_ASKED).when(AdjustClock, at=DUE_AT, by=AUDITOR, **AGREED).then_refused("limit is over")
    until = fact(ClockAdjustmentRequested, by=HEAD, until=LATER)
    in_hand(until).when(AdjustClock, at=LATER, by=AUDITOR, **AGREED).then_refused("until must lie ahead")


@pytest.mark.parametrize("law_ref", ["张某反映的情况", "", "条例", "13800000000", "法 Art. 3 张三"])
def test_the_law_is_named_by_its_article_and_by_nothing_else(law_ref: str) -> None:
    with pytest.raises(ValueError, match="law_ref"):
        in_hand().when(RequestSuspension, by=HEAD, **APPRAISAL | {"law_ref": law_ref})
    with pytest.raises(ValueError, match="ground"):
        in_hand().when(RequestSuspension, by=HEAD, **APPRAISAL | {"ground": "holiday"})


@pytest.mark.parametrize(
    "law_ref",
    [
        "信访工作条例 Art. 31(6)",
        "《行政许可法》第四十五条",
        "民法典第180条第二款",
        "刑法第一百二十条之一",
    ],
)
def test_an_article_may_be_written_as_clerks_write_it(law_ref: str) -> None:
    in_hand().when(RequestSuspension, by=HEAD, **APPRAISAL | {"law_ref": law_ref}).then(
        stated(ClockAdjustmentRequested, law_ref=law_ref)
    )


def test_the_clock_goes_on_with_what_was_left_of_it() -> None:
    case = in_hand(SUSPENDED)  # on Wednesday: Thursday, Friday and Monday were left
    case.when(RequestResumption, at=LATER, by=HEAD).then(
        stated(ClockAdjustmentRequested, action="resume", law_ref=SUSPENDED.law_ref, until=None)
    )
    case.when(AdjustClock, at=china("2026-03-16 10:00"), by=AUDITOR, **AGREED).then(
        stated(
            ClockAdjusted,
            action="resume",
            ground="appraisal",
            law_ref=SUSPENDED.law_ref,
            approver2=AUDITOR.id,
            due_handle=china("2026-03-20 00:00"),
        )
    )
    case.when(RequestResumption, by=HEAD).then_nothing()


def test_no_other_unit_lets_the_clock_go_on() -> None:
    case = in_hand(SUSPENDED).when(RequestResumption, by=STRANGER)
    case.then_refused(f"The case is with {UNIT}")


def test_a_pause_comes_on_top_of_an_extension() -> None:
    extended = fact(ExtensionDecided, outcome="approved", due_handle=china("2026-03-12 00:00"))
    case = in_hand(ASKED, extended, SUSPENDED, fact(ClockAdjustmentRequested, action="resume"))
    case.when(AdjustClock, at=china("2026-03-16 10:00"), by=AUDITOR, **AGREED).then(
        stated(ClockAdjusted, due_handle=china("2026-03-24 00:00"))
    )
    late = {"at": china("2026-03-23 10:00"), "by": CLERK}
    case.when(
        RequestExtension, **late, **MORE | {"new_due": china("2026-03-24 00:00")}
    ).then_refused("new_due must be after")


def test_a_clock_with_a_day_named_goes_on_by_itself() -> None:
    until = china("2026-03-16 10:00")
    case = in_hand(fact(ClockAdjustmentRequested, by=HEAD, until=until))
    case.when(AdjustClock, at=china("2026-03-04 10:00"), by=AUDITOR, **AGREED)
    (resume,) = case.due()
    assert (type(resume), resume.occurred_at, resume.by) == (ResumeClock, until, SYSTEM)
    case.when(ResumeClock, at=LATER, by=SYSTEM).then_nothing()
    case.when(RequestResumption, at=LATER, by=HEAD).then(stated(ClockAdjustmentRequested))
    case.when(ResumeClock, at=until, by=SYSTEM).then(
        stated(ClockAdjusted, action="resume", due_handle=china("2026-03-20 00:00"), approver2=None)
    )
    assert case.due() == []
    case.when(AdjustClock, by=AUDITOR, adjustment_id=f"{CASE}.c1").then_refused("No such change")


def test_a_clock_that_stands_still_keeps_nobody_from_answering() -> None:
    case = in_hand(fact(ClockAdjusted, by=HEAD, until=AFTER))
    case.when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted))
    case.facts(fact(ReplyApproved), fact(ReplyDelivered))
    assert case.due() == []  # with the answer there is no clock to go on


def test_while_an_extension_is_asked_for_no_clock_is_stopped() -> None:
    in_hand(ASKED).when(RequestSuspension, by=HEAD, **APPRAISAL).then_refused("must be decided first")


@pytest.mark.parametrize("until", ["2026-03-02 09:00", "2025-01-01 09:00", "9999-12-31 23:59"])
def test_the_day_on_which_a_clock_goes_on_lies_ahead(until: str) -> None:
    case = in_hand().when(RequestSuspension, by=HEAD, until=china(until), **APPRAISAL)
    case.then_refused("until must lie ahead")
