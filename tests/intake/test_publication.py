"""What of a case may become public, who looks at it, and how it goes again."""

from typing import Any

import pytest
from pydantic import ValidationError

from libs.events.base import Actor, Event
from libs.events.dispatch import AssignmentPassedOn, CaseAssigned
from libs.events.evaluation import CaseClosed
from libs.events.feedback import ReplyDelivered
from libs.events.intake import (
    CaseAccepted,
    CaseClassified,
    CasePublished,
    CaseRegistered,
    CaseReopened,
    CaseUnpublished,
    Consent,
    ConsentChanged,
    PersonalDataErased,
    ProcessingRestricted,
    RedactionProposed,
    RedactionReturned,
)
from services.intake.decider import decider
from services.intake.public_commands import (
    ApproveRedaction,
    GiveConsent,
    ProposeRedaction,
    ReturnRedaction,
    UnpublishCase,
    WithdrawConsent,
)
from tests.spec import AUDITOR, CASE, CITIZEN, UNIT, Given, fact, sealed, stated

SECOND = Actor(id="aud-2", role="auditor")
AGREED = Consent(publish=True)
TEXT = {"title": "路灯不亮", "question": "路灯何时修好？", "answer": "已于当日修好。"}
PROPOSAL = TEXT | {"concerns_minor": False}
APPROVAL = {"redaction_id": f"{CASE}.p1", "publication_id": "AAAA2222BBBB3333"}


def closed(*more: Event, category: str = "0105", **registered: Any) -> Given:
    """A case that a unit answered and that is closed; its citizen agreed to its publication."""
    return Given(decider).facts(
        fact(CaseRegistered, **{"consent": AGREED} | registered),
        fact(CaseClassified, category=category),
        fact(CaseAccepted, category=category),
        fact(CaseAssigned),
        fact(ReplyDelivered, handled_by=("clerk-1", "head-1")),
        fact(CaseClosed),
        *more,
    )


def proposed(**registered: Any) -> Given:
    return closed(**registered).when(ProposeRedaction, by=AUDITOR, **PROPOSAL)


def published() -> Given:
    return proposed().when(ApproveRedaction, by=SECOND, **APPROVAL)


def test_two_auditors_publish_what_a_citizen_agreed_to() -> None:
    case = proposed().then(stated(RedactionProposed, redaction_id=f"{CASE}.p1", **TEXT))
    case.when(ApproveRedaction, by=SECOND, **APPROVAL).then(
        stated(CasePublished, unit_id=UNIT, category="0105", reviewers=("aud-1", "aud-2"), **TEXT)
    )
    case.when(ApproveRedaction, by=SECOND, **APPROVAL).then_nothing()


def test_one_person_alone_publishes_nothing() -> None:
    proposed().when(ApproveRedaction, by=AUDITOR, **APPROVAL).then_refused("Another auditor")


INSIDERS = [
    Actor(id="aud-3", role="auditor", org=UNIT),
    Actor(id="aud-4", role="auditor", org="mc.shuiwu"),
    Actor(id="head-1", role="auditor"),
]


@pytest.mark.parametrize("insider", INSIDERS, ids=lambda actor: actor.id)
def test_who_handled_it_or_is_of_a_unit_that_had_it_does_not_publish_it(insider: Actor) -> None:
    passed_on = fact(AssignmentPassedOn, from_org=UNIT, org="mc.shuiwu")
    case = closed(passed_on).when(ProposeRedaction, by=insider, **PROPOSAL)
    case.then_refused("of its unit")
    case.when(ProposeRedaction, by=AUDITOR, **PROPOSAL)
    case.when(ApproveRedaction, by=insider, **APPROVAL).then_refused("of its unit")


def test_nothing_is_published_without_the_citizens_consent() -> None:
    without = closed(consent=Consent()).when(ProposeRedaction, by=AUDITOR, **PROPOSAL)
    without.then_refused("has not agreed")
    without.when(GiveConsent, by=CITIZEN).then(stated(ConsentChanged, publish=True))
    without.when(ProposeRedaction, by=AUDITOR, **PROPOSAL).then(stated(RedactionProposed))


def test_who_asked_for_secrecy_must_agree_by_the_own_code() -> None:
    case = closed(identity_mode="confidential")
    case.when(ProposeRedaction, by=AUDITOR, **PROPOSAL).then_refused("asked for secrecy")
    case.when(GiveConsent, by=CITIZEN)
    case.when(ProposeRedaction, by=AUDITOR, **PROPOSAL).then(stated(RedactionProposed))


NEVER = [
    (closed(category="0809"), "never published"),
    (closed(category="0904"), "never published"),
    (closed(secrecy="sealed"), "sealed or restricted"),
    (closed(track="restricted", category="1602"), "never published"),
    (closed(fact(ProcessingRestricted)), "erased or closed"),
    (closed(fact(PersonalDataErased)), "erased or closed"),
    (Given(decider).facts(fact(CaseRegistered, consent=AGREED)), "answered and closed"),
]


@pytest.mark.parametrize(("case", "words"), NEVER, ids=[words for _, words in NEVER])
def test_some_cases_are_never_published(case: Given, words: str) -> None:
    case.when(ProposeRedaction, by=AUDITOR, **PROPOSAL)
    assert case.refusal is not None
    assert words in case.refusal or "restricted" in case.refusal


def test_what_concerns_a_child_is_not_published_whatever_its_category() -> None:
    case = closed().when(ProposeRedaction, by=AUDITOR, **PROPOSAL | {"concerns_minor": True})
    case.then_refused("concerns_minor")


PERSONAL = {
    "a mobile number": "请拨 139 0000 1234 联系",
    "a person's name": "联系人：欧阳晓明",
    "a house": "住在幸福路12号3单元502室",
    "an identity card": "身份证110101199003070011",
}


@pytest.mark.parametrize("field", ["title", "question", "answer"])
@pytest.mark.parametrize("kind", PERSONAL)
def test_words_that_may_tell_who_it_was_are_refused_by_field_and_place_but_not_repeated(
    field: str, kind: str
) -> None:
    words = PERSONAL[kind]
    with pytest.raises(ValidationError) as refused:
        closed().when(ProposeRedaction, by=AUDITOR, **PROPOSAL | {field: words})
    (error,) = refused.value.errors()
    assert error["loc"] == (field,)
    assert "characters" in error["msg"]
    assert words not in error["msg"]


def test_a_returned_text_can_be_made_anew_under_another_number() -> None:
    case = proposed().when(
        ReturnRedaction, by=SECOND, redaction_id=f"{CASE}.p1", reason=sealed("能认出")
    )
    case.then(stated(RedactionReturned))
    case.when(ApproveRedaction, by=SECOND, **APPROVAL).then_refused("No such text")
    case.when(ProposeRedaction, by=AUDITOR, **PROPOSAL).then(
        stated(RedactionProposed, redaction_id=f"{CASE}.p2")
    )


def test_one_text_at_a_time_waits_or_is_public() -> None:
    proposed().when(ProposeRedaction, by=SECOND, **PROPOSAL).then_refused("waits for the second")
    published().when(ProposeRedaction, by=AUDITOR, **PROPOSAL).then_refused("is published")


def test_a_withdrawn_consent_takes_the_text_back_at_once() -> None:
    case = published().when(WithdrawConsent, by=CITIZEN)
    case.then(stated(ConsentChanged, publish=False), stated(CaseUnpublished, ground="consent_withdrawn"))
    case.when(WithdrawConsent, by=CITIZEN).then_nothing()


def test_a_withdrawn_consent_drops_the_text_that_waits() -> None:
    case = proposed().when(WithdrawConsent, by=CITIZEN).then(stated(ConsentChanged, publish=False))
    case.when(GiveConsent, by=CITIZEN)
    case.when(ApproveRedaction, by=SECOND, **APPROVAL).then_refused("No such text")


def test_one_person_is_enough_to_take_a_text_back() -> None:
    case = published().when(UnpublishCase, by=AUDITOR, ground="personal_data")
    case.then(stated(CaseUnpublished, publication_id="AAAA2222BBBB3333", ground="personal_data"))
    case.when(UnpublishCase, by=SECOND, ground="wrong").then_nothing()


def test_a_case_that_is_taken_up_anew_is_public_no_more_but_the_consent_stands() -> None:
    case = published().facts(fact(CaseReopened, round=1))
    assert (case.state.regions.published, case.state.regions.consent) == (None, True)
    case.when(ProposeRedaction, by=AUDITOR, **PROPOSAL).then_refused("answered and closed")


def test_a_consent_that_was_ticked_by_another_is_confirmed_by_the_citizen_once() -> None:
    case = closed().when(GiveConsent, by=CITIZEN).then(stated(ConsentChanged))
    case.when(GiveConsent, by=CITIZEN).then_nothing()
