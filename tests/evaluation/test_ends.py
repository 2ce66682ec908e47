"""What an end means to evaluation: nobody is called back about a case that is over, and it closes but once."""

import pytest

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned, CaseTerminated
from libs.events.evaluation import CallbackRecorded, CaseClosed, EvaluationSubmitted
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseLinkChanged, CaseReopened, CaseWithdrawn
from services.evaluation.commands import (
    CloseCase,
    EvaluationCommand,
    OrderRework,
    RecordCallback,
    RequestReview,
    SubmitEvaluation,
)
from services.evaluation.decider import decider
from tests.spec import AGENT, CITIZEN, LATER, SUPERVISOR, Given, china, fact, sealed, stated

ASK = {"text": sealed("补偿过低")}
ENDS: dict[str, Event] = {
    "withdrawn": fact(CaseWithdrawn, LATER),
    "handled with another": fact(CaseLinkChanged, LATER, relation="merged_into"),
}
ASKED: list[tuple[type[EvaluationCommand], dict[str, object]]] = [
    (RecordCallback, {"by": AGENT, "reached": True}),
    (SubmitEvaluation, {"by": CITIZEN, "target": "handling", "level": "satisfied"}),
    (OrderRework, {"by": SUPERVISOR, "reason": "perfunctory"}),
    (RequestReview, {"by": CITIZEN, **ASK}),
]


def answered(*facts: Event, track: str = "hotline") -> Given:
    """A case whose citizen has the answer."""
    base = fact(CaseAccepted, track=track), fact(CaseAssigned), fact(ReplyDelivered)
    return Given(decider).facts(*base, *facts)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("command", "fields"), ASKED, ids=[c.__name__ for c, _ in ASKED])
def test_nothing_is_done_about_a_case_that_is_over(
    end: str, command: type[EvaluationCommand], fields: dict[str, object]
) -> None:
    answered(ENDS[end], track="xinfang").when(command, **fields).then_refused(end)


def test_a_withdrawn_case_does_not_close() -> None:
    rated = fact(CallbackRecorded), fact(EvaluationSubmitted, target="intake")
    case = answered(*rated, fact(EvaluationSubmitted))
    (due,) = case.due()
    assert case.facts(ENDS["withdrawn"]).due() == []
    case.when(CloseCase, at=due.occurred_at).then_nothing()


def test_a_termination_that_crossed_the_answer_keeps_nobody_from_calling_back() -> None:
    case = answered(fact(CaseTerminated))
    case.when(RecordCallback, by=AGENT, reached=True).then(stated(CallbackRecorded))


def test_a_closed_petition_can_still_be_reviewed() -> None:
    closed = answered(fact(CaseClosed), track="xinfang")
    closed.when(RecordCallback, by=AGENT, reached=True).then_refused("closed")
    closed.when(RequestReview, **ASK, by=CITIZEN)
    assert closed.events


def test_in_a_new_round_the_old_answer_call_and_closing_count_no_more() -> None:
    case = answered(fact(CallbackRecorded), fact(EvaluationSubmitted), fact(CaseClosed))
    reopened = case.facts(fact(CaseReopened, china("2026-11-02 09:00"), round=1))
    assert reopened.due() == []
    again = {"by": CITIZEN, "target": "handling", "level": "satisfied"}
    reopened.when(SubmitEvaluation, **again).then_refused("not been answered yet")
