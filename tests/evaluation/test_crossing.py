"""An answer that was on its way when the case was taken from its unit counts no more."""

from itertools import permutations

import pytest

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned, CoordinationOpened, DisputeDecided
from libs.events.evaluation import CallbackRecorded
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted
from services.evaluation.commands import RecordCallback
from services.evaluation.decider import decider
from tests.spec import AGENT, CASE, LATER, Given, fact, stated

ACCEPTED, ASSIGNED, ANSWERED = fact(CaseAccepted), fact(CaseAssigned), fact(ReplyDelivered)
TAKEN = {
    "a meeting": fact(CoordinationOpened),
    "an upheld dispute": fact(DisputeDecided, outcome="upheld"),
}
AGAIN = fact(CaseAssigned, at=LATER, assignment_id=f"{CASE}.2", org="mc.shuiwu")


@pytest.mark.parametrize("taken", TAKEN.values(), ids=TAKEN)
@pytest.mark.parametrize("rest", [(), (AGAIN,)], ids=["nobody has it", "another unit has it"])
def test_nobody_calls_back_or_closes_on_the_answer_of_a_unit_that_no_longer_has_the_case(
    taken: Event, rest: tuple[Event, ...]
) -> None:
    for crossed in permutations((taken, ANSWERED)):
        case = Given(decider).facts(ACCEPTED, ASSIGNED, *crossed, *rest)
        case.when(RecordCallback, by=AGENT, reached=True).then_refused("waited for")
        assert case.due() == []


def test_the_answer_of_the_unit_that_has_it_now_counts() -> None:
    case = Given(decider).facts(ACCEPTED, ASSIGNED, TAKEN["a meeting"], ANSWERED, AGAIN)
    case.facts(fact(ReplyDelivered, assignment_id=f"{CASE}.2", reply_id=f"{CASE}.r2", at=LATER))
    case.when(RecordCallback, at=LATER, by=AGENT, reached=True).then(
        stated(CallbackRecorded, attempt_no=1)
    )
