"""A unit's time: progress, extension, suspension and hold. The citizen's clock is none of its business."""

from datetime import datetime

import pytest

from libs.events.base import SYSTEM, Actor, Event
from libs.events.dispatch import AssignmentDisputed, AssignmentSigned, CaseAssigned
from libs.events.evaluation import (
    CaseClosed,
    ReviewDecided,
    ReviewDeclined,
    ReviewRequested,
    ReworkOrdered,
)
from libs.events.feedback import (
    CaseHeld,
    ClockAdjusted,
    ClockAdjustmentRefused,
    ClockAdjustmentRequested,
    ExtensionDecided,
    ExtensionRequested,
    HoldLifted,
    HoldRefused,
    HoldRequested,
    ProgressReported,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted, CaseReferred, CaseRegistered, Due
from services.feedback.commands import (
    AdjustClock,
    ApproveReply,
    DecideExtension,
    HoldCase,
    LiftHold,
    RefuseClockAdjustment,
    RefuseHold,
    ReportProgress,
    RequestExtension,
    RequestHold,
    RequestResumption,
    RequestSuspension,
    ResumeClock,
    SubmitReply,
)
from services.feedback.decider import decider
from tests.spec import (
    AUDITOR,
    CASE,
    CLERK,
    DISPATCHER,
    DUE,
    HEAD,
    LATER,
    MONDAY,
    UNIT,
    Given,
    china,
    fact,
    sealed,
    stated,
)

COORDINATOR = Actor(id="coo-1", role="coordinator")
LEADER = Actor(id="lea-1", role="leader")
STRANGER = Actor(id="head-2", role="unit_head", org="mc.shuiwu")
DUE_AT = china("2026-03-10 00:00")  # 24:00 of Monday the 9th, five working days
AFTER = china("2026-03-10 09:00")
TEN_MORE = china("2026-03-24 00:00")
REPLY = {"answers": ({"claim": 1, "outcome": "explained"},), "text": sealed(), "signer": HEAD.id}
MORE = {"reason": sealed("等待配件"), "new_due": TEN_MORE}
DECISION = {"extension_id": f"{CASE}.x1", "outcome": "approved", "notice": sealed("因情况复杂")}
APPRAISAL = {"ground": "appraisal", "law_ref": "行政许可法第四十五条"}
AGREED = {"adjustment_id": f"{CASE}.c1"}
HOLD = {"reason_code": "objective", "reason": sealed("等待管网改造")}
HOLDS = {"hold_id": f"{CASE}.h1"}
HOLD_ASKED = fact(HoldRequested, by=HEAD, reason=sealed("等待管网改造"))
STOP_ASKED = fact(ClockAdjustmentRequested, by=HEAD, ground="appraisal")
ASKED = fact(ExtensionRequested, by=CLERK, new_due=TEN_MORE)
HELD = fact(CaseHeld, by=COORDINATOR)
SUSPENDED = fact(ClockAdjusted, at=china("2026-03-04 10:00"), by=HEAD, ground="appraisal")


def in_hand(*more: Event, **accepted: object) -> Given:
    """A case that a unit has signed for on Monday at nine, and must answer by the end of the 9th."""
    facts = fact(CaseRegistered), fact(CaseAccepted, **accepted), fact(CaseAssigned)
    return Given(decider).facts(*facts, fact(AssignmentSigned, by=CLERK), *more)


def petition(*more: Event) -> Given:
    """A petition that a unit has signed for."""
    facts = fact(CaseRegistered), fact(CaseAccepted, track="xinfang", sla_class="X")
    due = china("2026-05-07 00:00")
    facts = *facts, fact(CaseAssigned, due_handle=due), fact(AssignmentSigned, by=CLERK)
    return Given(decider).facts(*facts, *more)


# -------------------------------------------------------------------------------------- progress


def test_a_unit_says_how_far_it_is_as_often_as_it_likes() -> None:
    case = in_hand()
    for words in ("已现场查看", "配件已到"):
        case.when(ReportProgress, by=CLERK, text=sealed(words), expected_at=LATER).then(
            stated(
                ProgressReported, text=sealed(words), assignment_id=f"{CASE}.1", expected_at=LATER
            )
        )


def test_a_unit_that_assists_reports_under_its_own_assignment_and_never_answers() -> None:
    helper = Actor(id="clerk-8", role="unit_clerk", org="mc.shuiwu")
    assist = fact(CaseAssigned, assignment_id=f"{CASE}.2", org="mc.shuiwu", role="assist")
    case = in_hand(assist)
    case.when(ReportProgress, by=helper, text=sealed()).then_refused("Sign the assignment first")
    case.facts(fact(AssignmentSigned, assignment_id=f"{CASE}.2", org="mc.shuiwu", by=helper))
    case.when(ReportProgress, by=helper, text=sealed()).then(
        stated(ProgressReported, assignment_id=f"{CASE}.2")
    )
    case.when(SubmitReply, by=helper, **REPLY).then_refused(f"The case is with {UNIT}")
    case.when(RequestExtension, by=helper, **MORE).then_refused(f"The case is with {UNIT}")
    case.when(ReportProgress, by=CLERK, text=sealed()).then(
        stated(ProgressReported, assignment_id=f"{CASE}.1")
    )
    case.when(SubmitReply, by=CLERK, **REPLY).then(stated(ReplySubmitted))


@pytest.mark.parametrize("days", [0, -1, 400])
def test_what_a_unit_expects_lies_ahead_and_not_beyond_a_year(days: int) -> None:
    at = datetime.fromtimestamp(MONDAY.timestamp() + days * 86400, MONDAY.tzinfo)
    in_hand().when(ReportProgress, by=CLERK, text=sealed(), expected_at=at).then_refused(
        "expected_at"
    )


# ------------------------------------------------------------------------------------- extension


def test_more_time_is_asked_for_with_a_reason_and_within_what_the_policy_allows() -> None:
    in_hand().when(RequestExtension, by=CLERK, **MORE).then(
        stated(ExtensionRequested, extension_id=f"{CASE}.x1", new_due=TEN_MORE, org=UNIT)
    )


@pytest.mark.parametrize(
    ("new_due", "in_bounds"),
    [
        ("2026-03-09 18:00", False),
        ("2026-03-10 00:00", False),
        ("2026-03-10 00:01", True),
        ("2026-03-24 00:00", True),  # 24:00 of the tenth working day after the 9th
        ("2026-03-24 00:01", False),
        ("9999-12-31 23:59", False),
    ],
)
def test_an_extension_ends_after_the_limit_and_within_ten_working_days_of_it(
    new_due: str, in_bounds: bool
) -> None:
    case = in_hand().when(RequestExtension, by=CLERK, **MORE | {"new_due": china(new_due)})
    assert (case.refusal is None) == in_bounds
    if not in_bounds:
        case.then_refused("new_due must be after")


@pytest.mark.parametrize(
    ("at", "in_time"), [("2026-03-09 23:59", True), ("2026-03-10 00:00", False)]
)
def test_more_time_is_asked_for_before_the_limit_is_over(at: str, in_time: bool) -> None:
    case = in_hand().when(RequestExtension, at=china(at), by=CLERK, **MORE)
    assert (case.refusal is None) == in_time
    if not in_time:
        case.then_refused("The limit is over")


def test_only_the_unit_that_has_signed_asks_for_more_time_and_one_request_is_open() -> None:
    in_hand().when(RequestExtension, by=STRANGER, **MORE).then_refused(f"The case is with {UNIT}")
    in_hand(ASKED).when(RequestExtension, by=CLERK, **MORE).then_refused("asked for already")
    market = in_hand(track="market", sla_class="M")
    market.when(RequestExtension, by=CLERK, **MORE).then_refused("has no extension")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((fact(ReplySubmitted),), "A reply waits for review"),
        ((fact(ReplySubmitted), fact(ReplyDelivered)), "answered already"),
        ((fact(ReplyDelivered), fact(ReworkOrdered)), "limit of its own"),
        ((SUSPENDED,), "stands still"),
        ((HELD,), "on hold"),
        ((fact(AssignmentDisputed),), "must be decided first"),
        ((fact(CaseClosed),), "closed"),
    ],
)
def test_where_no_handling_clock_runs_there_is_nothing_to_extend_or_to_suspend(
    more: tuple[Event, ...], words: str
) -> None:
    in_hand(*more).when(RequestExtension, by=CLERK, **MORE).then_refused(words)
    other = APPRAISAL | {"ground": "hearing"}
    in_hand(*more).when(RequestSuspension, by=HEAD, **other).then_refused(words)


def test_the_hotline_body_decides_and_the_citizen_is_promised_the_new_instant() -> None:
    case = in_hand(ASKED)
    case.when(DecideExtension, by=HEAD, **DECISION).then_refused("dispatcher")
    case.when(DecideExtension, at=LATER, by=DISPATCHER, **DECISION).then(
        stated(
            ExtensionDecided,
            outcome="approved",
            due_handle=TEN_MORE,
            due_citizen=TEN_MORE,
            notice=sealed("因情况复杂"),
            provisional=False,
        )
    )
    case.when(DecideExtension, by=DISPATCHER, **DECISION).then_refused("No such extension")


def test_the_citizen_is_never_promised_an_earlier_instant_than_before() -> None:
    later = Due(dispatch=DUE.dispatch, citizen=china("2026-04-01 00:00"))
    in_hand(ASKED, due=later).when(DecideExtension, by=DISPATCHER, **DECISION).then(
        stated(ExtensionDecided, due_handle=TEN_MORE, due_citizen=later.citizen)
    )


def test_an_extension_into_a_year_that_is_not_published_is_provisional() -> None:
    december = fact(CaseAssigned, due_handle=china("2026-12-30 00:00"))
    case = in_hand(december, fact(AssignmentSigned, by=CLERK))
    new_due = china("2027-01-06 00:00")
    case.when(RequestExtension, by=CLERK, **MORE | {"new_due": new_due}).then(
        stated(ExtensionRequested)
    )
    case.when(DecideExtension, by=DISPATCHER, **DECISION).then(
        stated(ExtensionDecided, due_handle=new_due, provisional=True)
    )


def test_a_rejected_extension_moves_nothing_and_another_may_be_asked_for() -> None:
    case = petition(fact(ExtensionRequested, by=CLERK, new_due=china("2026-06-01 00:00")))
    case.when(DecideExtension, by=HEAD, **DECISION | {"outcome": "rejected"})
    case.then(stated(ExtensionDecided, outcome="rejected", due_handle=None, due_citizen=None))
    case.when(RequestExtension, by=CLERK, **MORE | {"new_due": china("2026-06-01 00:00")}).then(
        stated(ExtensionRequested, extension_id=f"{CASE}.x2")
    )
    case = in_hand(ASKED).when(DecideExtension, by=DISPATCHER, **DECISION | {"outcome": "rejected"})
    case.when(RequestExtension, by=CLERK, **MORE).then(
        stated(ExtensionRequested, extension_id=f"{CASE}.x2")
    )


def test_nobody_decides_about_the_own_wish_and_nothing_is_granted_after_the_limit() -> None:
    same = Actor(id=CLERK.id, role="dispatcher")
    in_hand(ASKED).when(DecideExtension, by=same, **DECISION).then_refused("Who asked")
    late = in_hand(ASKED)
    late.when(DecideExtension, at=DUE_AT, by=DISPATCHER, **DECISION).then_refused(
        "only be rejected"
    )
    rejected = DECISION | {"outcome": "rejected"}
    late.when(DecideExtension, at=DUE_AT, by=DISPATCHER, **rejected).then(stated(ExtensionDecided))


def test_a_petition_is_extended_by_the_head_of_its_unit_by_thirty_days_at_most_and_once() -> None:
    case, most = petition(), china("2026-06-06 00:00")
    beyond = MORE | {"new_due": china("2026-06-07 00:00")}
    case.when(RequestExtension, by=CLERK, **beyond).then_refused("not after 2026-06-05")
    case.when(RequestExtension, by=CLERK, **MORE | {"new_due": most}).then(
        stated(ExtensionRequested)
    )
    for wrong in (DISPATCHER, STRANGER):
        case.when(DecideExtension, by=wrong, **DECISION).then_refused(f"The head of {UNIT}")
    case.when(DecideExtension, by=HEAD, **DECISION).then(stated(ExtensionDecided, due_handle=most))
    again = {"reason": sealed(), "new_due": china("2026-06-08 00:00")}
    case.when(RequestExtension, by=CLERK, **again).then_refused("extended once")


def test_extensions_of_a_hotline_case_are_together_no_longer_than_the_policy_allows() -> None:
    week = china("2026-03-17 00:00")
    case = in_hand(ASKED, fact(ExtensionDecided, outcome="approved", due_handle=week))
    beyond = MORE | {"new_due": china("2026-03-25 00:00")}
    case.when(RequestExtension, at=AFTER, by=CLERK, **beyond).then_refused("not after 2026-03-23")
    case.when(RequestExtension, at=AFTER, by=CLERK, **MORE).then(stated(ExtensionRequested))


def test_what_one_unit_asked_for_is_nothing_to_the_next() -> None:
    second = fact(CaseAssigned, assignment_id=f"{CASE}.2", org="mc.shuiwu")
    in_hand(ASKED, second).when(DecideExtension, by=DISPATCHER, **DECISION).then_refused("No such")


# ------------------------------------------------------------------------------------ suspension


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
    case.when(SubmitReply, by=CLERK, **REPLY).then(stated(ReplySubmitted))
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
    case.when(SubmitReply, by=CLERK, **REPLY).then(stated(ReplySubmitted))
    case.facts(fact(ReplyApproved), fact(ReplyDelivered))
    assert case.due() == []  # with the answer there is no clock to go on


def test_while_an_extension_is_asked_for_no_clock_is_stopped() -> None:
    in_hand(ASKED).when(RequestSuspension, by=HEAD, **APPRAISAL).then_refused("must be decided first")


@pytest.mark.parametrize("until", ["2026-03-02 09:00", "2025-01-01 09:00", "9999-12-31 23:59"])
def test_the_day_on_which_a_clock_goes_on_lies_ahead(until: str) -> None:
    case = in_hand().when(RequestSuspension, by=HEAD, until=china(until), **APPRAISAL)
    case.then_refused("until must lie ahead")


# ------------------------------------------------------------------------------------------ hold


def test_a_unit_asks_for_a_hold_a_coordinator_grants_it_and_it_is_looked_at_in_ninety_days() -> None:
    case = in_hand().when(RequestHold, by=HEAD, **HOLD)
    case.then(stated(HoldRequested, hold_id=f"{CASE}.h1", **HOLD))
    assert (case.state.hold, case.state.due_handle) == (None, DUE_AT)  # what is asked stops no clock
    case.when(RequestHold, by=HEAD, **HOLD).then_refused("asked for already")
    case.when(HoldCase, by=COORDINATOR, **HOLDS).then(
        stated(
            CaseHeld,
            asked_by=HEAD.id,
            reason_code="objective",
            reason=sealed("等待管网改造"),
            next_check_at=china("2026-06-02 00:00"),  # 31 May is a Sunday
        )
    )
    case.when(HoldCase, by=COORDINATOR, **HOLDS).then_nothing()
    case.when(RequestHold, by=HEAD, **HOLD).then_nothing()
    case.when(SubmitReply, by=CLERK, **REPLY).then_refused("on hold")
    case.when(ReportProgress, by=CLERK, text=sealed()).then_refused("on hold")


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
    case.when(SubmitReply, by=CLERK, **REPLY).then(stated(ReplySubmitted))


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
    case.when(SubmitReply, at=at, by=CLERK, **REPLY).then(stated(ReplySubmitted))


@pytest.mark.parametrize("reason", ["policy_change", "leader"])
def test_a_leader_ends_a_hold_before_its_day(reason: str) -> None:
    case = in_hand(HELD)
    case.when(LiftHold, by=LEADER, reason_code="recheck").then_refused("the clock's")
    case.when(LiftHold, at=LATER, by=LEADER, reason_code=reason).then(
        stated(HoldLifted, reason_code=reason, due_handle=china("2026-03-11 00:00"))
    )
    case.when(LiftHold, by=LEADER, reason_code=reason).then_nothing()


def test_an_answered_case_may_be_held_and_is_answered_anew_afterwards() -> None:
    case = in_hand().when(SubmitReply, by=CLERK, **REPLY)
    case.facts(fact(ReplyApproved), fact(ReplyDelivered))
    case.when(RequestHold, by=HEAD, **HOLD).then(stated(HoldRequested))
    case.when(HoldCase, by=COORDINATOR, **HOLDS).then(stated(CaseHeld))
    case.when(LiftHold, at=LATER, by=LEADER, reason_code="leader").then(stated(HoldLifted))
    case.when(SubmitReply, at=LATER, by=CLERK, **REPLY).then(
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
