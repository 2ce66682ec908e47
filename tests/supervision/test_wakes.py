"""Supervision is woken when the first of its clocks falls due: no instant too late, and none in vain."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned
from libs.events.intake import CaseAccepted, CaseRegistered
from services.supervision.decider import Watch, decider, pending, wakes
from tests.spec import CASE, RULES, Given, any_history, fact

BEGINNINGS = ((CaseRegistered,), (CaseRegistered, CaseAccepted, CaseAssigned))
"""Every case begins with its registration, which names the policy that its clocks go by."""


def first_pending(case: Watch) -> datetime | None:
    return min((wish.occurred_at for wish in pending(CASE, case, RULES)), default=None)


@given(st.sampled_from(BEGINNINGS), any_history)
def test_after_any_history_it_wakes_for_the_earliest_of_what_is_pending(
    beginning: tuple[type[Event], ...], history: list[Event]
) -> None:
    case = Given(decider).facts(*map(fact, beginning))
    assert wakes(case.state, RULES) == first_pending(case.state)
    for event in history:
        case.facts(event)
        assert wakes(case.state, RULES) == first_pending(case.state)


def test_each_threshold_wakes_it_once_and_then_the_next_one_does() -> None:
    case = Given(decider).facts(fact(CaseRegistered), fact(CaseAccepted), fact(CaseAssigned))
    woken = []
    while (at := wakes(case.state, RULES)) is not None:
        assert at == first_pending(case.state)
        wish = case.due()[0]
        for event in decider.decide(wish, case.state, RULES):
            case.facts(event)
        woken.append(at)
        assert len(woken) < 100
    assert woken == sorted(woken)
    assert len(set(woken)) > 5, "amber, red and breach of several clocks"
