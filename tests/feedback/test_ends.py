"""What an end means to the unit's work: nothing is asked or due any more, whatever it was about to do."""

import pytest

from libs.events.base import Event
from libs.events.dispatch import AssignmentSigned, CaseAssigned, CaseTerminated, DispatchStopped
from libs.events.evaluation import CaseClosed
from libs.events.feedback import (
    CaseHeld,
    ClockAdjusted,
    ReplyApproved,
    ReplyDelivered,
    ReplySubmitted,
)
from libs.events.intake import (
    CaseAccepted,
    CaseLinkChanged,
    CaseRegistered,
    CaseReopened,
    CaseWithdrawn,
)
from services.feedback.commands import (
    AdjustClock,
    Answered,
    ApproveReply,
    ContactCitizen,
    DecideExtension,
    DeliverReply,
    FeedbackCommand,
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
    ReturnReply,
    SubmitReply,
)
from services.feedback.decider import decider
from tests.feedback.in_hand import HOLD
from tests.spec import CLERK, HEAD, OPERATOR, Given, china, fact, sealed, stated

ENDS: dict[str, Event] = {
    "withdrawn": fact(CaseWithdrawn),
    "handled with another": fact(CaseLinkChanged, relation="merged_into"),
    "terminated": fact(CaseTerminated),
    "closed": fact(CaseClosed),
}
ASKED: list[tuple[type[FeedbackCommand], dict[str, object]]] = [
    (ContactCitizen, {"mode": "phone", "reached": True}),
    (ReportProgress, {"text": sealed("进展")}),
    (RequestExtension, {"reason": sealed("复杂"), "new_due": china("2026-03-20 00:00")}),
    (DecideExtension, {"extension_id": "x1", "outcome": "rejected", "notice": sealed("不")}),
    (RequestSuspension, {"ground": "hearing", "law_ref": "信访工作条例 Art. 31(6)"}),
    (RequestResumption, {}),
    (AdjustClock, {"adjustment_id": "c1"}),
    (RefuseClockAdjustment, {"adjustment_id": "c1", "note": sealed("不")}),
    (RequestHold, HOLD),
    (HoldCase, {"hold_id": "h1"}),
    (RefuseHold, {"hold_id": "h1", "note": sealed("不")}),
    (LiftHold, {"reason_code": "leader"}),
    (
        SubmitReply,
        {
            "answers": (Answered(claim=1, outcome="supported"),),
            "text": sealed("已办"),
        },
    ),
    (ApproveReply, {}),
    (ReturnReply, {"reason": "perfunctory"}),
    (DeliverReply, {"mode": "phone"}),
]


def in_hand(*facts: Event) -> Given:
    """A case that its unit has signed for."""
    base = fact(CaseRegistered), fact(CaseAccepted), fact(CaseAssigned), fact(AssignmentSigned)
    return Given(decider).facts(*base, *facts)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("command", "fields"), ASKED, ids=[c.__name__ for c, _ in ASKED])
def test_nothing_is_done_about_a_case_that_is_over(
    end: str, command: type[FeedbackCommand], fields: dict[str, object]
) -> None:
    in_hand(ENDS[end]).when(command, by=CLERK, **fields).then_refused(end)


@pytest.mark.parametrize("end", ENDS)
def test_neither_a_hold_nor_a_pause_falls_due_after_the_end(end: str) -> None:
    until = china("2026-03-04 09:00")
    waits = in_hand(fact(ClockAdjusted, until=until))
    assert len(waits.due()) == 1
    assert waits.facts(ENDS[end]).due() == []
    waits.when(ResumeClock, at=until).then_nothing()  # it was due as the end was heard
    held = in_hand(fact(CaseHeld)).facts(ENDS[end])
    assert held.due() == []


@pytest.mark.parametrize("end", ENDS)
def test_an_answer_that_was_approved_as_the_case_ended_is_not_delivered(end: str) -> None:
    case = in_hand(fact(ReplySubmitted), fact(ReplyApproved), ENDS[end])
    case.when(DeliverReply).then_nothing()
    case.when(DeliverReply, by=OPERATOR, mode="phone").then_refused(end)


def test_an_unmerged_case_waits_for_its_unit_anew() -> None:
    case = in_hand(ENDS["handled with another"], fact(DispatchStopped))
    case.facts(fact(CaseLinkChanged, relation="unmerged"))
    case.when(ContactCitizen, by=CLERK, mode="phone", reached=True).then_refused("with no unit")


def test_an_answer_that_crossed_a_termination_stands() -> None:
    for facts in (
        (fact(ReplyDelivered), ENDS["terminated"]),
        (ENDS["terminated"], fact(ReplyDelivered)),
    ):
        case = in_hand(*facts)
        assert (case.state.over, case.state.answered) == (False, True)


def test_a_reopened_case_keeps_the_claims_and_counts_its_replies_anew() -> None:
    case = Given(decider).facts(
        fact(CaseRegistered, claims=(sealed("一"), sealed("二"))),
        fact(CaseAccepted),
        fact(CaseAssigned),
        fact(AssignmentSigned),
        fact(ReplySubmitted),
        fact(ReplyDelivered),
        fact(CaseClosed),
        fact(CaseReopened, round=1),
        fact(CaseAssigned, round=1),
        fact(AssignmentSigned, round=1),
    )
    one, two = (Answered(claim=n, outcome="supported") for n in (1, 2))
    asked = {"text": sealed("已办")}
    case.when(SubmitReply, by=HEAD, answers=(one,), **asked).then_refused("Answer each claim")
    case.when(SubmitReply, by=HEAD, answers=(one, two), **asked)
    case.then(stated(ReplySubmitted, round=1, reply_id=f"{case.state.reply_id}"))
    assert case.state.reply_id.endswith(".n1.r1")
    assert case.state.replies == 1
