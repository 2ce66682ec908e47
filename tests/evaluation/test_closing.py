"""When a case closes: the guard of transition 34 in full. Nobody closes it; it closes by itself."""

from dataclasses import replace

import pytest

from libs.events.base import SYSTEM, Actor, Event
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ReviewDecided,
    ReviewRequested,
)
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted
from libs.events.supervision import SupervisionAnswered, SupervisionIssued
from services.evaluation.commands import (
    CloseCase,
    SubmitEvaluation,
)
from services.evaluation.decider import decider
from tests.spec import (
    AGENT,
    CASE,
    CITIZEN,
    HEAD,
    LATER,
    MONDAY,
    REVIEWER,
    RULES,
    Given,
    china,
    fact,
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


def test_a_calendar_that_gives_more_time_to_rate_is_heeded_and_one_that_gives_less_is_not() -> None:
    told = china("2026-03-20 00:00")
    case = answered(CALLED, evaluation_until=told)
    assert closes_at(case) == [told]
    case.rules = replace(RULES, published={"calendar/CN-GOV": LATER})
    assert closes_at(case) == [WINDOW_OVER]
    rating = {"target": "handling", "level": "satisfied", "by": CITIZEN}
    case.when(SubmitEvaluation, at=china("2026-03-31 09:00"), **rating).then(
        stated(EvaluationSubmitted)
    )
    longer = answered(CALLED, evaluation_until=china("2026-04-20 00:00"))
    longer.rules = case.rules
    assert closes_at(longer) == [china("2026-04-20 00:00")]


# ------------------------------------------------------- closing: the guard of transition 34


def closes_at(case: Given) -> object:
    """When the case closes by itself as things stand."""
    wishes = case.due()
    assert all((type(w), w.by) == (CloseCase, SYSTEM) for w in wishes)
    return [w.occurred_at for w in wishes]


@pytest.mark.parametrize(
    ("case", "at"),
    [
        (answered(CALLED, *RATED), TUESDAY),
        (answered(CALLED), WINDOW_OVER),
        (answered(CALLED, RATED[0]), WINDOW_OVER),
        (answered(CALLED, RATED[1]), WINDOW_OVER),
        (answered(*RATED, fact(CallbackRecorded, at=WEDNESDAY)), WEDNESDAY),
        (answered(CALLED, *RATED, URGED, fact(SupervisionAnswered, at=WEDNESDAY, lifted=True)),
         WEDNESDAY),
        (petition(CALLED, *RATED, fact(ReviewRequested), fact(ReviewDecided, at=WEDNESDAY)),
         WEDNESDAY),
        (answered(*(fact(CallbackRecorded, at=at, attempt_no=n, reached=False)
                    for n, at in enumerate((MONDAY, TUESDAY, WEDNESDAY), 1)), *RATED), WEDNESDAY),
    ],
    ids=[
        "called back and rated twice: with the last rating",
        "silent: when the window is over",
        "only intake rated: when the window is over",
        "only handling rated: when the window is over",
        "called back after the ratings: with the call",
        "a supervision lifted: then",
        "a review decided: then",
        "not reached in three attempts, but rated: with the third",
    ],
)  # fmt: skip
def test_a_case_closes_by_itself_from_the_instant_that_its_guard_holds(
    case: Given, at: object
) -> None:
    assert closes_at(case) == [at]
    (close,) = case.due()
    case.when(CloseCase, at=close.occurred_at, by=close.by).then(stated(CaseClosed))
    case.when(CloseCase, at=close.occurred_at, by=close.by).then_nothing()
    assert case.due() == []


MISSED = fact(CallbackRecorded, reached=False)


@pytest.mark.parametrize(
    "case",
    [
        open_case(),
        open_case().facts(CALLED, *RATED),
        answered(*RATED),
        answered(MISSED, *RATED),
        answered(MISSED, fact(CallbackRecorded, attempt_no=2, reached=False), *RATED),
        answered(CALLED, *RATED, URGED),
        answered(CALLED, *RATED, URGED, fact(SupervisionAnswered)),
        answered(CALLED, *RATED, URGED, fact(SupervisionIssued, supervision_id=f"{CASE}.s2"),
                 fact(SupervisionAnswered, lifted=True)),
        petition(CALLED, *RATED, fact(ReviewRequested)),
        petition(CALLED, *RATED, fact(ReviewRequested), fact(ReviewDecided),
                 fact(ReviewRequested, level=2, review_id=f"{CASE}.v2")),
    ],
    ids=[
        "nothing but assigned",
        "not answered",
        "not called back",
        "one attempt is not enough",
        "two attempts are not enough",
        "a supervision is open",
        "a supervision is answered, but not lifted",
        "one supervision of two is lifted",
        "a review is open",
        "a second review is open",
    ],
)  # fmt: skip
def test_a_case_stays_open_while_a_part_of_its_guard_is_missing(case: Given) -> None:
    assert case.due() == []
    for at in (MONDAY, TUESDAY, WEDNESDAY, WINDOW_OVER):
        case.when(CloseCase, at=at, by=SYSTEM).then_nothing()


def test_a_closing_that_is_out_of_date_closes_nothing() -> None:
    case = answered(CALLED)
    (early,) = case.due()
    case.facts(*RATED)
    case.when(CloseCase, at=early.occurred_at, by=SYSTEM).then_nothing()


@pytest.mark.parametrize("by", [HEAD, AGENT, CITIZEN, REVIEWER], ids=lambda by: by.role)
def test_nobody_closes_a_case(by: Actor) -> None:
    answered(CALLED, *RATED).when(CloseCase, at=TUESDAY, by=by).then_refused("nobody closes it")


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (answered(CALLED, outcome="not_supported"), "resolved"),
        (answered(fact(CallbackRecorded, resolved="no")), "explained"),
        (answered(fact(CallbackRecorded, resolved="no"), outcome="not_supported"), "not_supported"),
        (answered(fact(CallbackRecorded)), "resolved"),
        (answered(fact(CallbackRecorded), outcome="partly"), "explained"),
        (answered(*(fact(CallbackRecorded, attempt_no=n, reached=False) for n in (1, 2, 3))),
         "unreachable"),
    ],
)  # fmt: skip
def test_what_the_citizen_said_counts_before_what_the_reply_says(case: Given, outcome: str) -> None:
    (close,) = case.due()
    case.when(CloseCase, at=close.occurred_at, by=SYSTEM).then(stated(CaseClosed, outcome=outcome))
