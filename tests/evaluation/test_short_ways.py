"""What no unit handled closes by itself: after a rating, or when the time to contest it is over."""

from dataclasses import replace

from libs.events.evaluation import CaseClosed, EvaluationSubmitted
from libs.events.intake import AnswerContested, AnsweredAtDesk, CaseAccepted, PraiseForwarded
from services.evaluation.commands import CloseCase, RecordCallback, SubmitEvaluation
from services.evaluation.decider import decider
from tests.spec import AGENT, CITIZEN, LATER, OPERATOR, RULES, Given, china, fact, stated

UNTIL = china("2026-04-02 00:00")


def answered() -> Given:
    return Given(decider).facts(fact(AnsweredAtDesk, by=OPERATOR))


def praised() -> Given:
    return Given(decider).facts(fact(PraiseForwarded))


def rate(case: Given, level: str = "satisfied", target: str = "intake") -> Given:
    return case.when(SubmitEvaluation, at=LATER, by=CITIZEN, target=target, level=level)


def closes(case: Given) -> Given:
    (due,) = case.due()
    assert isinstance(due, CloseCase)
    return case.when(CloseCase, at=due.occurred_at)


def test_an_answer_at_the_desk_closes_when_it_was_rated_and_is_explained() -> None:
    case = rate(answered()).then(stated(EvaluationSubmitted, target="intake"))
    assert case.due()[0].occurred_at == LATER
    closes(case).then(stated(CaseClosed, outcome="explained"))
    assert case.due() == []


def test_without_a_rating_it_closes_when_the_time_is_over() -> None:
    case = answered()
    assert case.due()[0].occurred_at == UNTIL
    case.when(CloseCase, at=UNTIL, by=OPERATOR).then_refused("nobody closes it")
    closes(case).then(stated(CaseClosed, outcome="explained"))


def test_who_is_dissatisfied_keeps_the_time_to_contest() -> None:
    case = rate(answered(), "dissatisfied")
    assert case.due()[0].occurred_at == UNTIL


def test_a_published_calendar_gives_more_time_to_contest_and_takes_none_away() -> None:
    told = china("2026-03-20 00:00")
    case = Given(decider).facts(fact(AnsweredAtDesk, by=OPERATOR, evaluation_until=told))
    assert case.due()[0].occurred_at == told
    case.rules = replace(RULES, published={"calendar/CN-GOV": LATER})
    assert case.due()[0].occurred_at == UNTIL
    rating = {"target": "intake", "level": "satisfied", "by": CITIZEN}
    case.when(SubmitEvaluation, at=china("2026-04-01 09:00"), **rating).then(stated(EvaluationSubmitted))
    longer = Given(decider, case.rules).facts(
        fact(PraiseForwarded, object_until=china("2026-04-20 00:00"))
    )
    assert longer.due()[0].occurred_at == china("2026-04-20 00:00")


def test_no_unit_is_rated_for_what_none_has_handled() -> None:
    rate(answered(), target="handling").then_refused("no unit has handled it")


def test_nobody_calls_back_about_an_answer_at_the_desk() -> None:
    answered().when(RecordCallback, by=AGENT, reached=True).then_refused("not been answered")


def test_the_time_to_rate_ends() -> None:
    case = answered()
    late = case.when(SubmitEvaluation, at=UNTIL, by=CITIZEN, target="intake", level="satisfied")
    late.then_refused("The time for rating is over")


def test_praise_is_never_rated_and_closes_when_the_time_to_contest_is_over() -> None:
    rate(praised()).then_refused("Praise is not rated")
    case = praised()
    assert case.due()[0].occurred_at == UNTIL
    closes(case).then(stated(CaseClosed, outcome="explained"))


def test_what_was_contested_closes_only_as_every_other_case_does() -> None:
    for case in (answered(), praised()):
        case.facts(fact(AnswerContested), fact(CaseAccepted))
        assert case.due() == []
        rate(case).then_refused("not been answered")
