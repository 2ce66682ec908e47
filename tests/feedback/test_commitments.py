"""Proposals are adopted or explained, and what a reply promises is followed up."""

from typing import Any

import pytest

from libs.events.base import Actor, Event
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.evaluation import CaseClosed
from libs.events.feedback import (
    ClaimAnswer,
    CommitmentFellDue,
    CommitmentMade,
    CommitmentReported,
    ReplyDelivered,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted, CaseReopened
from services.feedback.commands import (
    ApproveReply,
    DeliverReply,
    RemindOfCommitment,
    ReportCommitment,
    SubmitReply,
)
from services.feedback.commitments import following
from services.feedback.decider import decider
from tests.spec import (
    AUDITOR,
    CASE,
    CLERK,
    HEAD,
    LATER,
    MONDAY,
    OPERATOR,
    Given,
    china,
    fact,
    stated,
)

JUNE = china("2026-06-01 00:00")
OF_ANOTHER = Actor(id="clerk-9", role="unit_clerk", org="mc.shuiwu")
REPLY: dict[str, Any] = {"text": "感谢建议。"}
PROMISE = {"claim": 1, "text": "六月前增设座椅", "due_at": JUNE}
REPORT = {"commitment_id": f"{CASE}.m1", "outcome": "kept", "text": "座椅已安装"}


def signed(**accepted: Any) -> Given:
    return Given(decider).facts(
        fact(CaseAccepted, **accepted), fact(CaseAssigned), fact(AssignmentSigned, by=CLERK)
    )


def proposal() -> Given:
    return signed(track="proposal", sla_class="P", kind="K5", category="1803")


def reply(case: Given, *answers: dict[str, Any], promises: tuple[Any, ...] = ()) -> Given:
    return case.when(SubmitReply, by=HEAD, answers=answers, commitments=promises, **REPLY)


def delivered(every: str | None = None) -> Given:
    """A case whose delivered reply has promised something."""
    case = reply(
        signed(), {"claim": 1, "outcome": "supported"}, promises=(PROMISE | {"every": every},)
    )
    case.when(ApproveReply, by=AUDITOR)
    return case.when(DeliverReply, at=LATER, by=OPERATOR)


# ----------------------------------------------------------------------------------- proposals


@pytest.mark.parametrize(
    ("became", "counts_as"),
    [("adopted", "supported"), ("partly_adopted", "partly"), ("explained", "explained")],
)
def test_a_proposal_is_adopted_partly_adopted_or_explained(became: str, counts_as: str) -> None:
    promises = () if became == "explained" else (PROMISE,)
    case = reply(proposal(), {"claim": 1, "proposal": became}, promises=promises)
    case.then(stated(ReplySubmitted))
    (submitted,) = case.events or ()
    assert isinstance(submitted, ReplySubmitted)
    assert submitted.answers == (ClaimAnswer(claim=1, outcome=counts_as, proposal=became),)  # type: ignore[arg-type]


def test_a_suggestion_of_any_category_is_a_proposal() -> None:
    case = signed(kind="K5")
    reply(case, {"claim": 1, "outcome": "supported"}).then_refused("what became of it")
    reply(case, {"claim": 1, "proposal": "explained"}).then(stated(ReplySubmitted))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"outcome": "supported"}, "answers: claim 1: a proposal"),
        ({"proposal": "adopted", "outcome": "not_supported"}, "adopted counts as supported"),
        ({"proposal": "adopted"}, "commitments: say until when"),
        ({"proposal": "partly_adopted"}, "commitments: say until when"),
    ],
)
def test_a_proposal_answered_otherwise_is_refused(answer: dict[str, Any], words: str) -> None:
    reply(proposal(), {"claim": 1} | answer).then_refused(words)


def test_a_complaint_is_not_answered_as_a_proposal_nor_without_an_outcome() -> None:
    reply(signed(), {"claim": 1, "proposal": "adopted"}).then_refused("this is no proposal")
    reply(signed(), {"claim": 1}).then_refused("an outcome is missing")


# ----------------------------------------------------------------------------------- promises


@pytest.mark.parametrize(
    ("promise", "words"),
    [
        ({"claim": 2}, "number 1: there is no claim 2"),
        ({"due_at": MONDAY}, "number 1: due_at must lie ahead"),
        ({"due_at": china("2036-01-01 00:00")}, "number 1: due_at must lie ahead"),
    ],
)
def test_a_promise_about_nothing_or_for_no_day_ahead_is_refused(
    promise: dict[str, Any], words: str
) -> None:
    wrong = (PROMISE | promise,)
    reply(signed(), {"claim": 1, "outcome": "supported"}, promises=wrong).then_refused(words)


def test_what_a_delivered_reply_promises_is_a_fact_of_its_own() -> None:
    case = delivered()
    case.then(
        stated(ReplyDelivered),
        stated(CommitmentMade, commitment_id=f"{CASE}.m1", text="六月前增设座椅", due_at=JUNE),
    )


def test_the_unit_is_reminded_once_on_the_day_though_the_case_is_closed() -> None:
    case = delivered().facts(fact(CaseClosed))
    (due,) = case.due()
    assert isinstance(due, RemindOfCommitment)
    assert due.occurred_at == JUNE
    wish = {"commitment_id": due.commitment_id}
    case.when(RemindOfCommitment, at=JUNE, by=OPERATOR, **wish).then_refused("nobody reminds")
    case.when(RemindOfCommitment, at=JUNE, **wish).then(stated(CommitmentFellDue, due_at=JUNE))
    assert case.due() == []
    case.when(RemindOfCommitment, at=JUNE, **wish).then_nothing()


def test_a_promise_that_was_kept_before_its_day_reminds_nobody() -> None:
    case = delivered().facts(fact(CaseClosed)).when(ReportCommitment, at=LATER, by=HEAD, **REPORT)
    case.then(stated(CommitmentReported, outcome="kept", next_due_at=None))
    assert case.due() == []
    case.when(ReportCommitment, at=LATER, by=HEAD, **REPORT).then_refused("no such promise is open")


def test_why_a_promise_was_not_kept_is_a_fact_too() -> None:
    said = REPORT | {"outcome": "not_kept", "text": "预算未批复"}
    delivered().when(ReportCommitment, at=JUNE, by=CLERK, **said).then(
        stated(CommitmentReported, outcome="not_kept", text="预算未批复")
    )


def test_only_the_unit_that_promised_speaks_of_it() -> None:
    delivered().when(ReportCommitment, at=LATER, by=OF_ANOTHER, **REPORT).then_refused(
        "has promised it"
    )


def test_what_is_promised_each_month_is_due_again_whether_it_was_kept_or_not() -> None:
    case = delivered("month").when(
        ReportCommitment, at=china("2026-05-31 10:00"), by=HEAD, **REPORT
    )
    case.then(stated(CommitmentReported, due_at=JUNE, next_due_at=china("2026-07-01 00:00")))
    case.when(ReportCommitment, at=china("2026-05-31 10:01"), by=HEAD, **REPORT)
    case.then_refused("reported already")
    (due,) = case.due()
    assert due.occurred_at == china("2026-07-01 00:00")
    missed = REPORT | {"outcome": "not_kept"}
    case.when(ReportCommitment, at=china("2026-07-02 10:00"), by=HEAD, **missed)
    case.then(stated(CommitmentReported, next_due_at=china("2026-08-01 00:00")))


def test_a_promise_outlives_the_round_in_which_it_was_made() -> None:
    case = delivered().facts(fact(CaseClosed), fact(CaseReopened, round=1))
    case.when(ReportCommitment, at=LATER, by=HEAD, **REPORT).then(stated(CommitmentReported))


@pytest.mark.parametrize(
    ("since", "every", "until"),
    [
        ("2026-01-31 10:00", "month", "2026-02-28 10:00"),
        ("2026-11-30 10:00", "quarter", "2027-02-28 10:00"),
        ("2028-02-29 10:00", "year", "2029-02-28 10:00"),
    ],
)
def test_the_next_day_is_the_same_of_the_month_or_the_last_of_a_shorter_one(
    since: str, every: Any, until: str
) -> None:
    assert following(china(since), every) == china(until)


def test_a_reply_of_before_there_were_promises_promises_nothing() -> None:
    history: list[Event] = [fact(ReplySubmitted), fact(ReplyDelivered)]
    assert Given(decider).facts(fact(CaseAccepted), *history).due() == []
