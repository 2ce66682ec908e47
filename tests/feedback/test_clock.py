"""A unit's time: progress and extension. The citizen's clock is none of its business."""

from datetime import datetime

import pytest

from libs.events.base import Actor, Event
from libs.events.dispatch import AssignmentDisputed, AssignmentSigned, CaseAssigned
from libs.events.evaluation import (
    CaseClosed,
    ReworkOrdered,
)
from libs.events.feedback import (
    ExtensionDecided,
    ExtensionRequested,
    ProgressReported,
    ReplyDelivered,
    ReplySubmitted,
)
from libs.events.intake import Due
from services.feedback.commands import (
    DecideExtension,
    ReportProgress,
    RequestExtension,
    RequestSuspension,
    SubmitReply,
)
from tests.feedback.in_hand import (
    AFTER,
    APPRAISAL,
    ASKED,
    DECISION,
    DUE_AT,
    HELD,
    MORE,
    REPLY,
    STRANGER,
    SUSPENDED,
    TEN_MORE,
    in_hand,
    petition,
)
from tests.spec import (
    CASE,
    CLERK,
    DISPATCHER,
    DUE,
    HEAD,
    LATER,
    MONDAY,
    UNIT,
    china,
    fact,
    sealed,
    stated,
)

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
    case.when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted))


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
