"""A consultation answered at the desk, praise that is forwarded, and what the citizen says to that."""

from dataclasses import replace
from typing import Any

import pytest

from libs.events.base import Actor
from libs.events.evaluation import CaseClosed
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseClassified,
    CaseLinkChanged,
    CaseRegistered,
    CaseSupplemented,
    InformationRequested,
    PersonalDataErased,
    PraiseForwarded,
)
from libs.rules.knowledge import Known
from services.intake.commands import (
    AcceptCase,
    AnswerAtDesk,
    ClassifyCase,
    ContestAnswer,
    ErasePersonalData,
    ForwardPraise,
    RequestInformation,
    SupplementCase,
)
from services.intake.decider import decider
from tests.spec import (
    ACCEPTOR,
    CITIZEN,
    LATER,
    MONDAY,
    OPERATOR,
    RULES,
    UNIT,
    Given,
    china,
    fact,
    stated,
)

KNOWING = replace(RULES, knowledge={"street-lamps": Known(2, "0105", china("2026-12-31 00:00"))})
ANSWER: dict[str, Any] = {
    "entries": ({"entry": "street-lamps", "edition": 2},),
    "text": "由城管部门二十四小时内维修。",
    "mode": "phone",
}
PRAISE: dict[str, Any] = {"unit": UNIT, "text": "感谢您的肯定，已转告该单位。"}
UNTIL = china("2026-04-02 00:00")
OTHER = Actor(id="acc-2", role="acceptor")


def registered(kind: str = "K1", category: str | None = "0105", **more: Any) -> Given:
    case = Given(decider, KNOWING).facts(fact(CaseRegistered, kind=kind, **more))
    if category is not None:
        case.facts(fact(CaseClassified, kind=kind, category=category, source="rule"))
    return case


def answered() -> Given:
    return registered().facts(fact(AnsweredAtDesk, by=OPERATOR, kind="K1"))


# ------------------------------------------------------------------------------- at the desk


def test_a_consultation_is_answered_at_once_from_an_entry_that_holds() -> None:
    case = registered().when(AnswerAtDesk, by=OPERATOR, **ANSWER)
    case.then(
        stated(
            AnsweredAtDesk,
            category="0105",
            kind="K1",
            sla_class="G",
            text=ANSWER["text"],
            evaluation_until=UNTIL,
        )
    )
    case.when(AnswerAtDesk, by=OPERATOR, **ANSWER).then_nothing()


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (
            [{"entry": "water-price", "edition": 1}],
            "entries: number 1: there is no entry water-price",
        ),
        ([{"entry": "street-lamps", "edition": 1}], "edition 2 of entry street-lamps holds, not 1"),
    ],
)
def test_nobody_is_answered_by_what_does_not_hold(entries: list[Any], words: str) -> None:
    case = registered()
    case.when(AnswerAtDesk, by=OPERATOR, **ANSWER | {"entries": entries}).then_refused(words)


def test_nobody_is_answered_by_an_entry_that_is_out_of_date() -> None:
    case = registered()
    late = china("2026-12-31 00:00")
    case.when(AnswerAtDesk, at=late, by=OPERATOR, **ANSWER).then_refused("valid until")


@pytest.mark.parametrize("kind", ["K2", "K3", "K4", "K4a", "K5", "K6", "K7"])
def test_only_a_consultation_is_answered_at_the_desk(kind: str) -> None:
    registered(kind).when(AnswerAtDesk, by=OPERATOR, **ANSWER).then_refused("for consultation")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"category": "0204"}, "petition"),
        ({"category": "1602"}, "about somebody"),
        ({"category": None}, "give the case a category"),
        ({"secrecy": "sealed"}, "sealed"),
        ({"track": "restricted"}, "restricted"),
    ],
)
def test_petitions_reports_and_sealed_cases_go_their_whole_way(
    more: dict[str, Any], words: str
) -> None:
    case = registered(**more)
    if more.get("track"):
        case = Given(decider, KNOWING).facts(fact(CaseRegistered, kind="K1", **more))
    case.when(AnswerAtDesk, by=OPERATOR, **ANSWER).then_refused(words)


def test_a_category_given_with_the_answer_must_be_one_of_the_taxonomy() -> None:
    case = registered(category=None)
    case.when(AnswerAtDesk, by=OPERATOR, **ANSWER | {"category": "0000"}).then_refused("no 0000")
    case.when(AnswerAtDesk, by=OPERATOR, **ANSWER | {"category": "0105"}).then(
        stated(AnsweredAtDesk, category="0105")
    )


def test_nobody_makes_a_complaint_a_consultation_and_answers_it_too() -> None:
    case = registered("K3")
    case.when(ClassifyCase, by=OPERATOR, category="0105", kind="K1")
    case.when(AnswerAtDesk, by=OPERATOR, **ANSWER).then_refused("another person")
    case.when(AnswerAtDesk, by=ACCEPTOR, **ANSWER).then(stated(AnsweredAtDesk))


def test_a_case_that_waits_for_its_citizen_or_is_accepted_is_not_answered_at_the_desk() -> None:
    waiting = registered().facts(fact(InformationRequested))
    waiting.when(AnswerAtDesk, by=OPERATOR, **ANSWER).then_refused("waited for")
    accepted = registered().facts(fact(CaseAccepted))
    accepted.when(AnswerAtDesk, by=OPERATOR, **ANSWER).then_refused("accepted already")


def test_what_was_answered_at_the_desk_is_neither_accepted_nor_asked_nor_added_to() -> None:
    answered().when(AcceptCase, by=ACCEPTOR).then_refused("answered at the desk")
    question = {"missing": ("place",), "question": "在哪里？"}
    answered().when(RequestInformation, by=ACCEPTOR, **question).then_refused("at the desk")
    answered().when(SupplementCase, by=CITIZEN, text="还有").then_refused("Contest that")


def test_a_case_into_which_others_are_merged_goes_its_whole_way() -> None:
    case = registered().facts(fact(CaseLinkChanged, relation="leads"))
    case.when(AnswerAtDesk, by=OPERATOR, **ANSWER).then_refused("Other cases are merged")


# ------------------------------------------------------------------------------- contested


def test_a_citizen_who_was_not_answered_goes_on_to_acceptance_with_the_citizens_clock_running() -> (
    None
):
    case = answered().when(ContestAnswer, at=LATER, by=CITIZEN, text="没有回答我的问题")
    case.then(stated(AnswerContested, due_accept=china("2026-03-05 00:00")))
    case.when(ContestAnswer, at=LATER, by=CITIZEN).then_nothing()
    case.when(AcceptCase, at=LATER, by=ACCEPTOR)
    accepted = case.events[-1]  # type: ignore[index]
    assert isinstance(accepted, CaseAccepted)
    assert accepted.due.citizen == china("2026-03-10 00:00")  # as if accepted on Monday


def test_what_was_contested_is_not_answered_at_the_desk_again() -> None:
    case = answered().when(ContestAnswer, at=LATER, by=CITIZEN)
    case.when(AnswerAtDesk, at=LATER, by=OPERATOR, **ANSWER).then_refused("must be accepted")


def test_an_answer_is_contested_in_time_and_before_the_case_is_closed() -> None:
    answered().when(ContestAnswer, at=UNTIL, by=CITIZEN).then_refused("reopened")
    closed = answered().facts(fact(CaseClosed))
    closed.when(ContestAnswer, at=LATER, by=CITIZEN).then_refused("closed")


def test_a_published_calendar_gives_more_time_to_contest_than_was_told() -> None:
    told, late = china("2026-03-20 00:00"), china("2026-04-01 23:59")
    case = registered().facts(
        fact(AnsweredAtDesk, by=OPERATOR, kind="K1", evaluation_until=told)
    )
    case.when(ContestAnswer, at=late, by=CITIZEN).then_refused("reopened")
    case.rules = replace(KNOWING, published={"calendar/CN-GOV": LATER})
    case.when(ContestAnswer, at=late, by=CITIZEN).then(stated(AnswerContested))


def test_what_went_no_short_way_is_not_contested() -> None:
    registered().when(ContestAnswer, by=CITIZEN).then_refused("neither")
    Given(decider, KNOWING).when(ContestAnswer, by=CITIZEN).then_refused("neither")


def test_a_question_after_the_contest_leaves_its_own_waiting_out_of_the_limit() -> None:
    case = answered().facts(fact(AnswerContested, at=LATER))
    case.when(RequestInformation, at=LATER, by=ACCEPTOR, missing=("place",), question="在哪里？")
    case.when(SupplementCase, at=china("2026-03-05 09:00"), by=CITIZEN, text="人民路")
    case.then(stated(CaseSupplemented, due_accept=china("2026-03-07 00:00")))


def test_the_words_are_erased_when_it_is_closed_and_not_before() -> None:
    ground = {"ground": "citizen_request"}
    answered().when(ErasePersonalData, **ground).then_refused("has not ended")
    answered().facts(fact(CaseClosed)).when(ErasePersonalData, **ground).then(
        stated(PersonalDataErased)
    )


# ------------------------------------------------------------------------------- praise


def test_praise_is_forwarded_to_the_unit_that_it_is_for() -> None:
    case = registered("K6").when(ForwardPraise, by=ACCEPTOR, **PRAISE)
    case.then(stated(PraiseForwarded, org=UNIT, text=PRAISE["text"], object_until=UNTIL))
    case.when(ForwardPraise, by=ACCEPTOR, **PRAISE).then_nothing()


def test_a_complaint_is_not_forwarded_as_praise() -> None:
    registered("K3").when(ForwardPraise, by=ACCEPTOR, **PRAISE).then_refused("for praise")


def test_that_it_is_praise_is_said_by_two() -> None:
    case = registered("K3").when(ClassifyCase, by=ACCEPTOR, category="0105", kind="K6")
    case.when(ForwardPraise, by=ACCEPTOR, **PRAISE).then_refused("another person")
    case.when(ForwardPraise, by=OTHER, **PRAISE).then(stated(PraiseForwarded))


def test_praise_goes_to_a_unit_that_there_is() -> None:
    wrong = PRAISE | {"unit": "mc.nowhere"}
    registered("K6").when(ForwardPraise, by=ACCEPTOR, **wrong).then_refused(
        "unit: there is no unit"
    )


def test_a_citizen_who_did_not_praise_goes_on_to_acceptance() -> None:
    case = registered("K6").facts(fact(PraiseForwarded, by=ACCEPTOR))
    case.when(ContestAnswer, at=LATER, by=CITIZEN, text="这是投诉").then(stated(AnswerContested))
    case.when(ForwardPraise, at=LATER, by=OTHER, **PRAISE).then_refused("must be accepted")
    assert MONDAY < LATER
