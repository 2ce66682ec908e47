"""An answer that the citizens of merged cases read too: whoever approves it is told, and it names no person."""

from typing import Any

import pytest

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned
from libs.events.feedback import ReplyApproved, ReplyDelivered, ReplyReturned, ReplySubmitted
from libs.events.intake import CaseAccepted, CaseLinkChanged, CaseRegistered
from services.feedback.commands import ApproveReply, DeliverReply, ReturnReply
from services.feedback.decider import decider
from tests.spec import AUDITOR, CASE, CLERK, HEAD, OPERATOR, Given, fact, stated

LEADS = fact(CaseLinkChanged, relation="leads")
SUBMITTED = [
    fact(CaseRegistered),
    fact(CaseAccepted),
    fact(CaseAssigned),
    fact(ReplySubmitted, by=CLERK),
]
APPROVED = fact(ReplyApproved, by=AUDITOR)


def given(*more: Event) -> Given:
    """A reply that waits for review, and what happened since."""
    return Given(decider).facts(*SUBMITTED, *more)


def test_who_approves_an_answer_that_others_read_must_say_that_it_names_no_person() -> None:
    case = given(LEADS).when(ApproveReply, by=AUDITOR)
    case.then_refused("read_by_others: 1 citizens of merged cases")
    case.when(ApproveReply, by=AUDITOR, read_by_others=True)
    case.then(stated(ReplyApproved, read_by_others=True))
    case.when(DeliverReply).then(stated(ReplyDelivered, read_by_others=True))


def test_an_answer_that_nobody_else_reads_is_approved_as_ever() -> None:
    case = given().when(ApproveReply, by=AUDITOR).then(stated(ReplyApproved, read_by_others=False))
    case.when(ApproveReply, by=AUDITOR).then_nothing()
    case.when(DeliverReply).then(stated(ReplyDelivered, read_by_others=False))


def test_what_was_approved_before_others_were_to_read_it_is_approved_or_returned_anew() -> None:
    case = given(APPROVED, LEADS)
    case.when(DeliverReply, by=OPERATOR).then_refused("approve it again")
    case.when(ApproveReply, by=AUDITOR).then_refused("read_by_others")
    case.when(ApproveReply, by=HEAD, read_by_others=True).then_refused("may not review")
    returned = given(APPROVED, LEADS).when(ReturnReply, by=AUDITOR, reason="contains_pii")
    returned.then(stated(ReplyReturned))
    case.when(ApproveReply, by=AUDITOR, read_by_others=True)
    case.then(stated(ReplyApproved, read_by_others=True))
    case.when(ApproveReply, by=AUDITOR).then_nothing()
    case.when(DeliverReply).then(stated(ReplyDelivered, read_by_others=True))


def test_an_approved_answer_that_nobody_else_reads_is_not_returned() -> None:
    given(APPROVED).when(ReturnReply, by=AUDITOR, reason="contains_pii").then_refused(
        "No reply waits"
    )


@pytest.mark.parametrize("relation", ["released", "concludes"])
def test_who_went_away_again_reads_no_answer(relation: str) -> None:
    gone = fact(CaseLinkChanged, relation=relation)
    given(LEADS, gone).when(ApproveReply, by=AUDITOR).then(stated(ReplyApproved))


def test_each_answer_is_approved_for_its_readers_by_itself() -> None:
    shared = fact(ReplyApproved, by=AUDITOR, read_by_others=True)
    again: dict[str, Any] = {"reply_id": f"{CASE}.r2"}
    case = given(LEADS, shared, fact(ReplyReturned, by=AUDITOR), fact(ReplySubmitted, **again))
    case.when(ApproveReply, by=AUDITOR).then_refused("read_by_others")
