"""The rules of intake: registered at once, then accepted, declined or referred by a person."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import Actor
from libs.events.intake import (
    CaseAccepted,
    CaseClassified,
    CaseRegistered,
    Consent,
    Place,
)
from services.intake.commands import (
    AcceptCase,
    ClassifyCase,
    RegisterCase,
    Suggested,
)
from services.intake.decider import decider
from tests.spec import (
    ACCEPTOR,
    LATER,
    OPERATOR,
    Given,
    any_history,
    china,
    fact,
    fold,
    sealed,
    shuffled,
    stated,
)

OFFICER = Actor(id="jiwei-1", role="discipline_officer", org="mc.jiwei")
MESSAGE = {
    "receipt_no": "LX00000000010",
    "channel": "web_portal",
    "privacy_notice": True,
    "kind": "K3",
    "title": sealed("路灯不亮"),
    "text": sealed("人民路路灯不亮"),
}


def a_case(**fields: object) -> Given:
    """A case that was registered on Monday at nine."""
    return Given(decider).facts(fact(CaseRegistered, **fields))


def a_report() -> Given:
    """A report on an official, in the restricted realm."""
    return a_case(track="restricted", secrecy="restricted", kind="K4b")


# ------------------------------------------------------------------------------- registration


def test_every_request_is_registered_at_once_and_its_acceptance_is_due_in_a_working_day() -> None:
    Given(decider).when(
        RegisterCase,
        by=OPERATOR,
        **MESSAGE,
        claims=(sealed("修"), sealed("赔")),
        adcode="990102",
        place=sealed("人民路"),
        consent_publish=True,
        identity_mode="confidential",
    ).then(
        stated(
            CaseRegistered,
            receipt_no="LX00000000010",
            channel="web_portal",
            track="hotline",
            secrecy="normal",
            identity_mode="confidential",
            title=sealed("路灯不亮"),
            claims=(sealed("修"), sealed("赔")),
            place=Place(adcode="990102", text=sealed("人民路")),
            consent=Consent(publish=True),
            due_accept=china("2026-03-04 00:00"),
        )
    )


def test_a_suggested_category_is_stated_as_a_rules_not_as_a_persons() -> None:
    suggested = Suggested(category="0109", confidence=0.8, words=("路灯",))
    Given(decider).when(RegisterCase, **MESSAGE, suggested=suggested).then(
        stated(CaseRegistered, track="hotline"),
        stated(CaseClassified, category="0109", source="rule", confidence=0.8, words=("路灯",)),
    )


@pytest.mark.parametrize(
    ("category", "track", "due"),
    [
        ("1402", "xinfang", "2026-03-18 00:00"),
        ("0601", "market", "2026-03-12 00:00"),
        ("1803", "proposal", "2026-03-04 00:00"),
    ],
)
def test_the_time_to_accept_is_that_of_the_track(category: str, track: str, due: str) -> None:
    suggested = Suggested(category=category, confidence=0.9)
    Given(decider).when(RegisterCase, **MESSAGE, suggested=suggested).then(
        stated(CaseRegistered, track=track, due_accept=china(due)),
        stated(CaseClassified, track=track),
    )


def test_a_suggested_category_that_is_in_no_taxonomy_is_left_out() -> None:
    suggested = Suggested(category="7777", confidence=0.9)
    Given(decider).when(RegisterCase, **MESSAGE, suggested=suggested).then(stated(CaseRegistered))


def test_a_report_on_an_official_is_restricted_from_its_first_fact_on() -> None:
    suggested = Suggested(category="1602", confidence=0.5)
    Given(decider).when(
        RegisterCase, **MESSAGE | {"kind": "K4b"}, realm="restricted", suggested=suggested
    ).then(
        stated(
            CaseRegistered,
            track="restricted",
            secrecy="restricted",
            due_accept=china("2026-03-18 00:00"),
        ),
        stated(CaseClassified, track="restricted"),
    )


def test_a_request_registered_twice_is_one_case() -> None:
    a_case().when(RegisterCase, **MESSAGE).then_nothing()


def test_a_request_of_a_time_before_the_calendar_is_refused_in_words() -> None:
    Given(decider).when(RegisterCase, at=china("1990-01-01 09:00"), **MESSAGE).then_refused("2004")


# ----------------------------------------------------------------------------- classification


def test_a_person_classifies_and_it_is_known_whether_the_suggestion_was_right() -> None:
    case = a_case().facts(fact(CaseClassified, category="0109", source="rule"))
    case.when(ClassifyCase, by=OPERATOR, category="0105").then(
        stated(
            CaseClassified, category="0105", source="human", accepted_suggestion=False, kind="K3"
        )
    )
    again = a_case().facts(fact(CaseClassified, category="0109", source="rule"))
    again.when(ClassifyCase, by=OPERATOR, category="0109", kind="K2").then(
        stated(CaseClassified, category="0109", accepted_suggestion=True, kind="K2", sla_class="U")
    )
    unsuggested = a_case().when(ClassifyCase, by=OPERATOR, category="1402")
    unsuggested.then(
        stated(CaseClassified, track="xinfang", sla_class="X", accepted_suggestion=None)
    )


def test_the_same_classification_twice_is_stated_once() -> None:
    case = a_case().when(ClassifyCase, by=OPERATOR, category="0105").then(stated(CaseClassified))
    case.when(ClassifyCase, by=ACCEPTOR, category="0105").then_nothing()


def test_whatever_its_category_a_report_on_an_official_stays_restricted() -> None:
    a_report().when(ClassifyCase, category="1402").then(
        stated(CaseClassified, track="restricted", category="1402")
    )


def test_a_category_must_be_one_of_the_taxonomy() -> None:
    a_case().when(ClassifyCase, category="7777").then_refused("There is no category 7777")
    a_case().when(AcceptCase, category="7777").then_refused("There is no category 7777")


# --------------------------------------------------------------------------------- acceptance


@pytest.mark.parametrize(
    ("category", "track", "sla", "citizen"),
    [
        ("0105", "hotline", "G", "2026-03-10 00:00"),
        ("0111", "hotline", "C", "2026-03-24 00:00"),
        ("1204", "hotline", "Q", "2026-03-04 00:00"),
        ("1103", "hotline", "E", "2026-03-02 11:00"),
        ("0109", "hotline", "U", "2026-03-03 09:00"),
        ("1402", "xinfang", "X", "2026-05-07 00:00"),  # 1 May and the days after are holidays
        ("0601", "market", "M", "2026-05-09 00:00"),  # 45 working days
        ("1803", "proposal", "P", "2026-03-24 00:00"),
    ],
)
def test_the_citizens_time_counts_from_registration_by_the_class(
    category: str, track: str, sla: str, citizen: str
) -> None:
    case = a_case().facts(fact(CaseClassified, category=category, kind="K3", source="human"))
    case.when(AcceptCase, at=LATER, by=ACCEPTOR).then(
        stated(CaseAccepted, category=category, track=track, sla_class=sla)
    )
    assert case.events is not None
    (accepted,) = case.events
    assert isinstance(accepted, CaseAccepted)
    assert accepted.due.citizen == china(citizen)
    dispatch = "2026-03-03 11:00"
    assert accepted.due.dispatch == china(dispatch)


def test_accepting_confirms_the_suggested_category_by_a_named_person() -> None:
    case = a_case(place=Place(adcode="990102")).facts(
        fact(CaseClassified, category="0109", source="rule")
    )
    case.when(AcceptCase, by=ACCEPTOR).then(
        stated(CaseClassified, source="human", accepted_suggestion=True, actor=ACCEPTOR),
        stated(CaseAccepted, category="0109", adcode="990102"),
    )


def test_accepting_may_correct_category_kind_and_place() -> None:
    case = a_case(place=Place(adcode="990102")).facts(
        fact(CaseClassified, category="0109", source="rule")
    )
    case.when(AcceptCase, by=ACCEPTOR, category="0105", kind="K2", adcode="990103").then(
        stated(CaseClassified, category="0105", accepted_suggestion=False),
        stated(CaseAccepted, category="0105", kind="K2", adcode="990103"),
    )


def test_what_lies_in_another_city_is_not_accepted_but_told_or_handed_over() -> None:
    """Transition 12: jurisdiction found; ground D13."""
    case = a_case(place=Place(adcode="110101")).facts(fact(CaseClassified, category="0109"))
    case.when(AcceptCase, by=ACCEPTOR).then_refused("adcode: 110101 is not of this city (990100)")
    case.when(AcceptCase, by=ACCEPTOR, adcode="990203").then_refused("decline or refer it on D13")
    case.when(AcceptCase, by=ACCEPTOR, adcode="990199").then(
        stated(CaseAccepted, adcode="990199")  # a place of the city that no list knows
    )


def test_a_case_without_a_category_is_not_accepted() -> None:
    a_case().when(AcceptCase, by=ACCEPTOR).then_refused("Give the case a category first.")


def test_a_case_accepted_twice_is_accepted_once() -> None:
    a_case().facts(fact(CaseAccepted)).when(AcceptCase, by=ACCEPTOR).then_nothing()


def test_a_report_on_an_official_is_not_accepted_but_referred() -> None:
    a_report().when(AcceptCase, category="1602", by=OFFICER).then_refused("discipline organ")


# ------------------------------------------------------------------------------- any history


@given(any_history, st.randoms(use_true_random=False))
def test_facts_of_several_owners_may_come_in_any_order(history: list, random: Random) -> None:
    assert fold(decider, shuffled(history, random)) == fold(decider, history)
