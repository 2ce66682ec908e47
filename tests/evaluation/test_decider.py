"""The rules of evaluation: called back, rated, reviewed; and the case closes by itself."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import Actor, Event
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ReworkOrdered,
)
from libs.events.feedback import CaseHeld, HoldLifted, ReplyDelivered
from libs.events.intake import CaseAccepted, CaseReferred
from libs.events.supervision import SupervisionIssued
from libs.rules.scale import LEVELS
from services.evaluation.commands import (
    OrderRework,
    RecordCallback,
    RequestReview,
    SubmitEvaluation,
)
from services.evaluation.decider import decider
from tests.spec import (
    AGENT,
    CITIZEN,
    DUE,
    LATER,
    RULES,
    UNIT,
    Given,
    any_history,
    china,
    fact,
    fold,
    sealed,
    shuffled,
    stated,
)

WINDOW_OVER = china("2026-04-02 00:00")
TUESDAY, WEDNESDAY = china("2026-03-03 15:00"), china("2026-03-04 15:00")
CALLED = fact(CallbackRecorded, at=LATER, resolved="yes")
RATED = (
    fact(EvaluationSubmitted, at=LATER, target="intake"),
    fact(EvaluationSubmitted, at=TUESDAY, target="handling"),
)
URGED = fact(SupervisionIssued, at=LATER)


def open_case(**accepted: object) -> Given:
    """A case that is with a unit."""
    return Given(decider).facts(fact(CaseAccepted, **accepted), fact(CaseAssigned))


def answered(*more: Event, track: str = "hotline", **delivered: object) -> Given:
    """A case whose citizen got the answer on Monday at nine; the window ends after 1 April."""
    return open_case(track=track).facts(fact(ReplyDelivered, **delivered), *more)


def petition(*more: Event) -> Given:
    """A petition whose citizen got the answer."""
    return answered(*more, track="xinfang")


# ---------------------------------------------------------------------------------- call-back


def test_call_backs_are_numbered_until_the_citizen_is_reached() -> None:
    case = answered().when(
        RecordCallback, by=AGENT, reached=False, resolved="no", level="satisfied"
    )
    case.then(stated(CallbackRecorded, attempt_no=1, reached=False, resolved=None, level=None))
    case.when(RecordCallback, by=AGENT, reached=True, resolved="partly", contacted_by_unit=True)
    case.then(stated(CallbackRecorded, attempt_no=2, resolved="partly", contacted_by_unit=True))
    case.when(RecordCallback, by=AGENT, reached=True).then_refused("reached already")


def test_a_call_back_says_about_which_answer_it_is_and_whether_it_is_the_last_that_is_owed() -> None:
    missed = {"by": AGENT, "reached": False}
    case = answered()
    for last in (False, False, True):
        case.when(RecordCallback, **missed).then(stated(CallbackRecorded, answer=1, last=last))
    again = answered(fact(CaseHeld), fact(HoldLifted), fact(ReplyDelivered, at=LATER))
    again.when(RecordCallback, at=TUESDAY, **missed).then(stated(CallbackRecorded, answer=2, attempt_no=1))
    again.when(OrderRework, at=TUESDAY, by=AGENT, reason="perfunctory").then(stated(ReworkOrdered, answer=2))


def test_a_place_that_calls_five_times_closes_after_five_and_not_after_three() -> None:
    pack = RULES.pack(RULES.default_pack)
    patient = pack.model_copy(update={"callback": pack.callback.model_copy(update={"attempts": 5})})
    case = Given(decider, replace(RULES, packs={**RULES.packs, pack.name: patient}))
    case.facts(fact(CaseAccepted), fact(CaseAssigned), fact(ReplyDelivered))
    for last in (False, False, False, False, True):
        assert case.due() == []
        case.when(RecordCallback, by=AGENT, reached=False).then(stated(CallbackRecorded, last=last))
    assert case.due()


@pytest.mark.parametrize(
    "by",
    [
        Actor(id="clerk-1", role="callback_agent"),
        Actor(id="head-1", role="callback_agent"),
        Actor(id="clerk-7", role="callback_agent", org=UNIT),
    ],
    ids=lambda by: by.id,
)
def test_who_handled_the_case_or_is_of_its_unit_does_not_call_back(by: Actor) -> None:
    answered().when(RecordCallback, by=by, reached=True).then_refused("may not call back")


def test_after_its_close_a_case_is_not_called_back_any_more() -> None:
    case = answered(fact(CallbackRecorded, reached=False), fact(CaseClosed))
    case.when(RecordCallback, by=AGENT, reached=True).then_refused("The case is closed")


def test_an_agent_of_another_body_may_call_back() -> None:
    by = Actor(id="call-2", role="callback_agent", org="mc.rexian")
    answered().when(RecordCallback, by=by, reached=True).then(stated(CallbackRecorded))


def test_before_the_answer_there_is_nothing_to_ask_the_citizen() -> None:
    rating = {"target": "handling", "level": "satisfied"}
    for command, fields in (
        (RecordCallback, {"reached": True}),
        (SubmitEvaluation, rating),
        (RequestReview, {"text": sealed("不服")}),
    ):
        open_case().when(command, **fields).then_refused("has not been answered yet")


def test_a_report_on_an_official_is_neither_called_back_nor_rated_nor_closed() -> None:
    report = fact(CaseReferred, ground="D05", track="restricted", due=DUE)
    case = Given(decider).facts(report, fact(CaseAssigned, org="mc.jiwei"))
    case.facts(fact(ReplyDelivered, due_callback=None, evaluation_until=None))
    case.when(RecordCallback, by=AGENT, reached=True).then_refused("not called back")
    case.when(SubmitEvaluation, by=CITIZEN, target="intake", level="satisfied").then_refused(
        "time for rating is over"
    )
    assert case.due() == []


# ------------------------------------------------------------------------------------- rating


def test_a_citizen_rates_intake_and_handling_each_once() -> None:
    case = answered()
    for target in ("intake", "handling"):
        words = sealed("很快")
        rating = {"target": target, "level": "satisfied", "text": words, "via": "link"}
        case.when(SubmitEvaluation, by=CITIZEN, **rating).then(
            stated(EvaluationSubmitted, target=target, level="satisfied", text=words, via="link")
        )
        case.when(SubmitEvaluation, by=CITIZEN, **rating).then_nothing()
        case.when(SubmitEvaluation, by=CITIZEN, target=target, level="dissatisfied").then_refused(
            "rated already"
        )


def test_the_levels_are_those_of_the_policy() -> None:
    for level in ("very_satisfied", "very_dissatisfied"):
        answered().when(SubmitEvaluation, by=CITIZEN, target="intake", level=level).then_refused(
            "level: rate with one of: satisfied, basically, dissatisfied."
        )


def test_by_telephone_the_citizen_is_asked_in_the_same_levels() -> None:
    """Transition 30: what is counted with the ratings is said in their levels."""
    called = {"by": AGENT, "reached": True, "resolved": "yes"}
    for level in ("very_satisfied", "very_dissatisfied"):
        case = answered().when(RecordCallback, **called, level=level)
        case.then_refused("level: rate with one of: satisfied, basically, dissatisfied.")
    case.when(RecordCallback, **called, level="basically").then(
        stated(CallbackRecorded, level="basically")
    )


def test_a_place_with_the_five_levels_of_好差评_takes_those_and_its_extremes_count() -> None:
    pack = RULES.pack(RULES.default_pack)
    five = {"scale": "gnb5", "levels": LEVELS["gnb5"]}
    wide = pack.model_copy(update={"evaluation": pack.evaluation.model_copy(update=five)})
    case = Given(decider, replace(RULES, packs={**RULES.packs, pack.name: wide}))
    case.facts(fact(CaseAccepted), fact(CaseAssigned), fact(ReplyDelivered))
    rating = {"target": "handling", "level": "very_dissatisfied"}
    case.when(SubmitEvaluation, by=CITIZEN, **rating).then(
        stated(EvaluationSubmitted, level="very_dissatisfied")
    )
    case.when(OrderRework, by=AGENT, reason="dissatisfied_unresolved").then(stated(ReworkOrdered))


@pytest.mark.parametrize(
    ("at", "in_time"),
    [("2026-04-01 23:59", True), ("2026-04-02 00:00", False), ("2026-05-01 09:00", False)],
)
def test_the_window_for_rating_ends_at_midnight(at: str, in_time: bool) -> None:
    case = answered().when(
        SubmitEvaluation, at=china(at), by=CITIZEN, target="handling", level="dissatisfied"
    )
    if in_time:
        case.then(stated(EvaluationSubmitted))
    else:
        case.then_refused("time for rating is over")


@given(any_history, st.randoms(use_true_random=False))
def test_facts_of_several_owners_may_come_in_any_order(history: list, random: Random) -> None:
    assert fold(decider, shuffled(history, random)) == fold(decider, history)
