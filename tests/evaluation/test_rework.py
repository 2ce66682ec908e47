"""When the unit must do it again, and that the last answer is the one that is called back and rated."""

from dataclasses import replace
from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import SYSTEM, Actor, Event
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ReviewRequested,
    ReworkOrdered,
)
from libs.events.feedback import CaseHeld, HoldLifted, ReplyDelivered
from libs.events.intake import CaseAccepted, CaseReferred
from libs.events.supervision import SupervisionIssued
from services.evaluation.commands import (
    CloseCase,
    OrderRework,
    RecordCallback,
    RequestReview,
    SubmitEvaluation,
)
from services.evaluation.decider import decider
from services.evaluation.policy import react
from tests.spec import (
    AGENT,
    CASE,
    CITIZEN,
    DUE,
    LATER,
    RULES,
    SUPERVISOR,
    UNIT,
    Given,
    china,
    fact,
    fold,
    sealed,
    shuffled,
    stated,
)

TUESDAY, WEDNESDAY = china("2026-03-03 15:00"), china("2026-03-04 15:00")
MISSED = fact(CallbackRecorded, reached=False)
UNSOLVED = fact(CallbackRecorded, at=LATER, resolved="no")
REWORK = {"reason": "dissatisfied_unresolved"}
ORDERED = fact(ReworkOrdered, at=TUESDAY)
SECOND = fact(
    ReplyDelivered,
    at=WEDNESDAY,
    reply_id=f"{CASE}.r2",
    evaluation_until=china("2026-04-04 00:00"),
)


def answered(*more: Event, track: str = "hotline", **delivered: object) -> Given:
    """A case whose citizen got the answer on Monday at nine."""
    facts = fact(CaseAccepted, track=track), fact(CaseAssigned), fact(ReplyDelivered, **delivered)
    return Given(decider).facts(*facts, *more)


@pytest.mark.parametrize("by", [AGENT, SUPERVISOR], ids=lambda by: by.role)
def test_a_dissatisfied_citizens_case_is_done_again_within_three_working_days(by: Actor) -> None:
    words = sealed("仍未清运")
    case = answered(UNSOLVED).when(OrderRework, at=TUESDAY, by=by, note=words, **REWORK)
    case.then(
        stated(
            ReworkOrdered,
            rework_id=f"{CASE}.w1",
            ordinal=1,
            assignment_id=f"{CASE}.1",
            org=UNIT,
            reply_id=f"{CASE}.r1",
            reason="dissatisfied_unresolved",
            note=words,
            due_rework=china("2026-03-07 00:00"),
        )
    )
    case.when(OrderRework, by=by, **REWORK).then_nothing()


@pytest.mark.parametrize(
    ("said", "again"),
    [
        (UNSOLVED, True),
        (fact(CallbackRecorded, resolved="partly"), True),
        (fact(CallbackRecorded, resolved="yes", level="dissatisfied"), True),
        (fact(EvaluationSubmitted, level="dissatisfied"), True),
        (fact(CallbackRecorded, resolved="yes", level="basically"), False),
        (fact(EvaluationSubmitted, target="intake", level="dissatisfied"), False),
        (MISSED, False),
    ],
)
def test_that_the_citizen_is_dissatisfied_only_the_citizen_says(said: Event, again: bool) -> None:
    case = answered(said).when(OrderRework, by=AGENT, **REWORK)
    if again:
        case.then(stated(ReworkOrdered))
    else:
        case.then_refused("The citizen has not said")


@pytest.mark.parametrize("reason", ["perfunctory", "false_reply"])
def test_a_perfunctory_or_false_answer_is_found_without_the_citizen(reason: str) -> None:
    answered().when(OrderRework, by=SUPERVISOR, reason=reason).then(
        stated(ReworkOrdered, reason=reason)
    )


def test_the_triggers_and_the_rounds_are_those_of_the_policy() -> None:
    pack = RULES.pack(RULES.default_pack)
    policy = pack.rework.model_copy(update={"triggers": ("false_reply",), "max_rounds": 1})
    strict = pack.model_copy(update={"rework": policy})
    case = Given(decider, replace(RULES, packs={**RULES.packs, strict.name: strict}))
    case.facts(fact(CaseAccepted), fact(CaseAssigned), fact(ReplyDelivered), UNSOLVED)
    case.when(OrderRework, by=AGENT, **REWORK).then_refused("one of: false_reply")
    case.when(OrderRework, by=AGENT, reason="false_reply").then(stated(ReworkOrdered))
    case.facts(SECOND).when(OrderRework, by=AGENT, reason="false_reply").then_refused("supervised")


def test_what_no_policy_allows_is_done_again_only_if_there_is_something_new() -> None:
    for said in (
        fact(CallbackRecorded, resolved="no", reason_code="policy_limit"),
        fact(EvaluationSubmitted, level="dissatisfied", reason_code="policy_limit"),
    ):
        answered(said).when(OrderRework, by=AGENT, **REWORK).then_refused("policy_limit")
        answered(said).when(OrderRework, by=AGENT, **REWORK, new_facts=True).then(
            stated(ReworkOrdered)
        )


@pytest.mark.parametrize(
    "by",
    [
        Actor(id="clerk-1", role="callback_agent"),
        Actor(id="clerk-7", role="supervisor", org=UNIT),
        Actor(id="clerk-8", role="supervisor", org="mc.shuiwu"),
    ],
    ids=lambda by: by.id,
)
def test_who_handled_the_case_or_is_of_a_unit_that_has_it_orders_no_rework(by: Actor) -> None:
    assist = fact(CaseAssigned, assignment_id=f"{CASE}.2", org="mc.shuiwu", role="assist")
    answered(assist, UNSOLVED).when(OrderRework, by=by, **REWORK).then_refused("may not order")


def test_after_two_rounds_a_case_is_supervised_and_not_reworked() -> None:
    third = fact(ReplyDelivered, at=WEDNESDAY, reply_id=f"{CASE}.r3")
    again = fact(ReworkOrdered, ordinal=2, reply_id=f"{CASE}.r2")
    case = answered(ORDERED, SECOND, again, third, UNSOLVED)
    case.when(OrderRework, by=AGENT, **REWORK).then_refused("must be supervised")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((fact(CaseClosed),), "The case is closed"),
        ((fact(CaseHeld),), "on hold"),
        ((fact(CaseHeld), fact(HoldLifted, at=LATER)), "the new answer is waited for"),
        ((fact(ReviewRequested),), "its decision comes first"),
    ],
)
def test_nothing_is_done_again_while_something_else_is_done_about_it(
    more: tuple[Event, ...], words: str
) -> None:
    answered(UNSOLVED, *more).when(OrderRework, by=AGENT, **REWORK).then_refused(words)


def test_before_the_answer_and_after_a_referral_there_is_nothing_to_rework() -> None:
    Given(decider).when(OrderRework, by=AGENT, **REWORK).then_refused("has not been answered")
    report = fact(CaseReferred, ground="D05", track="restricted", due=DUE)
    answer = fact(ReplyDelivered, evaluation_until=None)
    case = Given(decider).facts(report, fact(CaseAssigned), answer)
    case.when(OrderRework, by=AGENT, **REWORK).then_refused("A referred case")


# ------------------------------------------------------------- the last answer is the one that counts


@pytest.mark.parametrize(
    "undone", [(ORDERED,), (fact(CaseHeld), fact(HoldLifted, at=TUESDAY))], ids=["rework", "hold"]
)
def test_until_the_new_answer_nobody_calls_rates_or_closes(undone: tuple[Event, ...]) -> None:
    rated = [fact(EvaluationSubmitted, at=LATER, target=t) for t in ("intake", "handling")]
    case = answered(fact(CallbackRecorded, at=LATER, resolved="no"), *rated, *undone)
    assert case.due() == []
    case.when(RecordCallback, by=AGENT, reached=True).then_refused("the new answer is waited for")
    case.when(SubmitEvaluation, by=CITIZEN, target="handling", level="satisfied").then_refused(
        "the new answer is waited for"
    )
    case.facts(SECOND)
    assert case.due() == []  # it was not called back yet
    case.when(RecordCallback, at=WEDNESDAY, by=AGENT, reached=True, resolved="yes").then(
        stated(CallbackRecorded, attempt_no=1)
    )
    (close,) = case.due()
    assert close.occurred_at == china(
        "2026-04-04 00:00"
    )  # the new window: the unit is not rated yet
    case.when(
        SubmitEvaluation, at=WEDNESDAY, by=CITIZEN, target="handling", level="satisfied"
    ).then(stated(EvaluationSubmitted))
    (close,) = case.due()
    assert close.occurred_at == WEDNESDAY  # how intake was rated still stands
    case.when(CloseCase, at=WEDNESDAY, by=SYSTEM).then(stated(CaseClosed, outcome="resolved"))


def test_a_case_on_hold_does_not_close() -> None:
    rated = [fact(EvaluationSubmitted, at=LATER, target=t) for t in ("intake", "handling")]
    case = answered(UNSOLVED, *rated)
    assert len(case.due()) == 1
    case.facts(fact(CaseHeld, at=TUESDAY))
    assert case.due() == []


def test_attempts_to_call_are_counted_anew_for_the_second_answer() -> None:
    case = answered(MISSED, fact(CallbackRecorded, attempt_no=2, resolved="no"), ORDERED, SECOND)
    case.when(RecordCallback, at=WEDNESDAY, by=AGENT, reached=False).then(
        stated(CallbackRecorded, attempt_no=1)
    )
    case.when(RecordCallback, at=WEDNESDAY, by=AGENT, reached=True).then(
        stated(CallbackRecorded, attempt_no=2)
    )
    case.when(RecordCallback, by=AGENT, reached=True).then_refused("reached already")


def test_what_was_said_of_the_first_answer_is_no_ground_to_undo_the_second() -> None:
    answered(UNSOLVED, ORDERED, SECOND).when(OrderRework, by=AGENT, **REWORK).then_refused(
        "The citizen has not said"
    )


def test_a_petitioner_may_ask_for_review_while_the_unit_does_it_again() -> None:
    case = answered(UNSOLVED, ORDERED, track="xinfang")
    case.when(RequestReview, text=sealed("不服"), at=TUESDAY, by=CITIZEN)
    case.then(stated(ReviewRequested, in_time=True))


ANY_FACT = [
    fact(CaseAssigned),
    fact(CaseAssigned, org="mc.shuiwu", role="assist"),
    fact(ReplyDelivered),
    SECOND,
    fact(CaseHeld),
    fact(HoldLifted, at=LATER),
    MISSED,
    UNSOLVED,
    fact(CallbackRecorded, attempt_no=2, level="satisfied"),
    fact(EvaluationSubmitted, target="intake"),
    fact(EvaluationSubmitted, at=WEDNESDAY),
    ORDERED,
    fact(ReworkOrdered, ordinal=2, reply_id=f"{CASE}.r2"),
    fact(ReviewRequested),
    fact(CaseClosed),
]


@given(st.lists(st.sampled_from(ANY_FACT), max_size=12), st.randoms(use_true_random=False))
def test_it_does_not_matter_which_service_was_heard_first(history: list, random: Random) -> None:
    assert fold(decider, shuffled(history, random)) == fold(decider, history)


# ---------------------------------------------------------------------------- as supervised (33)


def supervised(ground: str, at: datetime = TUESDAY, by: Actor = SUPERVISOR, level: int = 2) -> Event:
    """A unit called to account."""
    return fact(SupervisionIssued, at=at, by=by, ground=ground, level=level)


def led_to(case: Given, issued: Event) -> Given:
    """What evaluation makes of a supervision that it hears of."""
    case.facts(issued)
    commands = react(issued, case.state, RULES)
    case.events = [one for c in commands for one in decider.decide(c, case.state, RULES)]
    return case.facts(*case.events)


@pytest.mark.parametrize("ground", ["false_reply", "perfunctory"])
def test_an_answer_that_a_supervisor_finds_false_or_perfunctory_is_done_again(ground: str) -> None:
    case = led_to(answered(), supervised(ground))
    case.then(stated(ReworkOrdered, reason=ground, reply_id=f"{CASE}.r1", ordinal=1, actor=SYSTEM))
    led_to(case, supervised(ground)).then_nothing()  # it is done again already


def test_what_the_most_reworks_have_not_made_good_is_done_again_once_it_is_supervised() -> None:
    most = ORDERED.model_copy(update={"ordinal": 2})
    second = (ORDERED, most, SECOND)
    led_to(answered(*second), supervised("rework_rounds", at=china("2026-03-05 09:00"))).then_nothing()
    unsolved = fact(CallbackRecorded, at=WEDNESDAY, resolved="no")
    case = led_to(answered(*second, unsolved), supervised("rework_rounds", at=china("2026-03-05 09:00")))
    case.then(stated(ReworkOrdered, reason="dissatisfied_unresolved", reply_id=f"{CASE}.r2"))


@pytest.mark.parametrize(
    ("issued", "more"),
    [
        (supervised("overdue"), ()),
        (supervised("false_reply", level=1), ()),
        (supervised("false_reply", by=SYSTEM), ()),
        (supervised("false_reply", by=Actor(id="clerk-1", role="supervisor")), ()),
        (supervised("false_reply"), (ORDERED, SECOND)),  # found before the second answer came
        (supervised("false_reply"), (fact(CaseHeld),)),
        (supervised("false_reply"), (fact(ReviewRequested),)),
    ],
    ids=["overdue", "urged", "by the clock", "by who handled it", "of another answer", "held", "review"],
)
def test_no_other_supervision_takes_the_case_back(issued: Event, more: tuple[Event, ...]) -> None:
    led_to(answered(*more), issued).then_nothing()
