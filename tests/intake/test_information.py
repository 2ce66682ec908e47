"""What the citizen is asked for and adds later: intake's time stands still, the citizen's does not."""

import pytest

from libs.events.base import Event
from libs.events.evaluation import CaseClosed
from libs.events.intake import (
    CaseAccepted,
    CaseClassified,
    CaseDeclined,
    CaseReferred,
    CaseRegistered,
    CaseSupplemented,
    InformationRequested,
    PersonalDataErased,
)
from services.intake.commands import (
    AcceptCase,
    ClassifyCase,
    DeclineCase,
    ErasePersonalData,
    ReferCase,
    RequestInformation,
    SupplementCase,
)
from services.intake.decider import decider
from tests.spec import (
    ACCEPTOR,
    CITIZEN,
    MONDAY,
    OPERATOR,
    RULES,
    Given,
    china,
    fact,
    sealed,
    stated,
)

ASKED_AT, ANSWERED_AT = china("2026-03-02 10:00"), china("2026-03-04 10:00")
ASKED = fact(InformationRequested, at=ASKED_AT)
QUESTION = {"missing": ("place", "time"), "question": sealed("在哪一条路？什么时候？")}
DECLINING = {
    "reason": sealed("信息不足"),
    "alternative_channel": sealed("可重新提交"),
    "remedy": sealed("补充后可再次受理"),
}


def a_case(*more: Event, **fields: object) -> Given:
    """A case that was registered on Monday at nine."""
    return Given(decider).facts(fact(CaseRegistered, **fields), *more)


# ---------------------------------------------------------------------------------- the question


def test_a_citizen_is_asked_for_what_is_missing_and_has_five_working_days() -> None:
    case = a_case().when(RequestInformation, by=ACCEPTOR, **QUESTION)
    case.then(
        stated(
            InformationRequested,
            missing=("place", "time"),
            question=sealed("在哪一条路？什么时候？"),
            due_supplement=china("2026-03-10 00:00"),
        )
    )
    same = QUESTION | {"missing": ("time", "place", "time")}
    case.when(RequestInformation, by=ACCEPTOR, **same).then_nothing()
    other = QUESTION | {"missing": ("contact",)}
    case.when(RequestInformation, by=ACCEPTOR, **other).then_refused("the answer is waited for")


def test_a_citizen_is_asked_as_often_as_the_policy_allows_and_then_it_is_decided() -> None:
    asked_three_times = [ASKED, fact(CaseSupplemented, at=ANSWERED_AT, by=CITIZEN)] * 3
    case = a_case(*asked_three_times)
    case.when(RequestInformation, by=ACCEPTOR, **QUESTION).then_refused("has been asked 3 times")
    a_case(*asked_three_times[:4]).when(RequestInformation, by=ACCEPTOR, **QUESTION).then(
        stated(InformationRequested)
    )


def test_what_the_citizen_adds_unasked_is_no_question() -> None:
    added = [fact(CaseSupplemented, by=CITIZEN)] * 5
    a_case(*added).when(RequestInformation, by=ACCEPTOR, **QUESTION).then(
        stated(InformationRequested)
    )


@pytest.mark.parametrize(
    ("end", "words"),
    [(CaseAccepted, "accepted"), (CaseDeclined, "declined"), (CaseReferred, "referred")],
)
def test_nobody_is_asked_about_what_is_decided(end: type, words: str) -> None:
    a_case(fact(end)).when(RequestInformation, **QUESTION).then_refused(f"is {words} already")
    Given(decider).when(RequestInformation, **QUESTION).then_refused("There is no such case.")


def test_a_question_names_by_code_what_is_missing() -> None:
    for wrong in ((), ("weather",)):
        with pytest.raises(ValueError, match="missing"):
            a_case().when(RequestInformation, **QUESTION | {"missing": wrong})


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (AcceptCase, {"category": "0105"}),
        (ClassifyCase, {"category": "0105"}),
        (DeclineCase, {"ground": "D15", **DECLINING}),
        (ReferCase, {"ground": "D02", "organ": sealed(), "channel": sealed(), "remedy": sealed()}),
    ],
)
def test_nothing_is_decided_while_the_citizens_answer_is_waited_for(
    command: type, fields: dict[str, object]
) -> None:
    a_case(ASKED).when(command, **fields).then_refused("the answer is waited for")


# ------------------------------------------------------------------------------------ the answer


@pytest.mark.parametrize("by", [CITIZEN, OPERATOR], ids=lambda by: by.role)
def test_after_the_answer_the_acceptance_limit_goes_on_without_the_time_of_waiting(
    by: object,
) -> None:
    case = a_case(ASKED).when(SupplementCase, at=ANSWERED_AT, by=by, text=sealed("在人民路"))
    case.then(
        stated(CaseSupplemented, text=sealed("在人民路"), due_accept=china("2026-03-06 00:00"))
    )
    case.when(AcceptCase, category="0105").then(stated(CaseClassified), stated(CaseAccepted))


def test_a_second_question_adds_a_second_pause() -> None:
    case = a_case(ASKED, fact(CaseSupplemented, at=ANSWERED_AT))
    case.when(RequestInformation, at=ANSWERED_AT, **QUESTION).then(stated(InformationRequested))
    case.when(SupplementCase, at=china("2026-03-05 10:00"), by=CITIZEN, text=sealed("昨天")).then(
        stated(CaseSupplemented, due_accept=china("2026-03-07 00:00"))
    )


def test_the_limit_that_goes_on_is_that_of_registration_whatever_the_category_became() -> None:
    case = a_case(fact(CaseClassified, category="0204", track="xinfang", sla_class="X"), ASKED)
    case.when(SupplementCase, at=ANSWERED_AT, by=CITIZEN, text=sealed("在人民路")).then(
        stated(CaseSupplemented, due_accept=china("2026-03-06 00:00"))
    )


def test_an_answer_that_comes_late_is_an_answer_as_well() -> None:
    late = china("2026-03-12 10:00")
    case = a_case(ASKED).when(SupplementCase, at=late, by=CITIZEN, text=sealed("在人民路"))
    case.then(stated(CaseSupplemented))
    case.when(DeclineCase, at=late, ground="D16", **DECLINING).then_refused(
        "before the citizen was asked"
    )


# ------------------------------------------------------------------ what is added unasked


@pytest.mark.parametrize("stage", [(), (fact(CaseAccepted),)], ids=["registered", "accepted"])
def test_a_citizen_adds_to_a_case_that_has_not_ended_and_no_clock_moves(stage: tuple) -> None:
    case = a_case(*stage)
    for words in ("又漏了", "更严重了"):
        case.when(SupplementCase, by=CITIZEN, text=sealed(words)).then(
            stated(CaseSupplemented, text=sealed(words), due_accept=None)
        )


@pytest.mark.parametrize(
    "end",
    [
        (CaseDeclined,),
        (CaseReferred,),
        (CaseAccepted, CaseClosed),
        (CaseDeclined, PersonalDataErased),
    ],
    ids=lambda kinds: kinds[-1].__name__,
)
def test_nothing_is_added_to_a_case_that_has_ended(end: tuple[type, ...]) -> None:
    case = a_case(*(fact(kind) for kind in end))
    case.when(SupplementCase, by=CITIZEN, text=sealed()).then_refused("The case has ended")
    Given(decider).when(SupplementCase, text=sealed()).then_refused("There is no such case.")


def test_a_case_has_at_most_twenty_claims_with_what_is_added() -> None:
    case = a_case(claims=tuple(sealed(str(n)) for n in range(18)))
    two = (sealed("修"), sealed("赔"))
    case.when(SupplementCase, text=sealed(), claims=two).then(stated(CaseSupplemented, claims=two))
    case.when(SupplementCase, text=sealed(), claims=two[:1]).then_refused("at most 20 claims")
    alone = a_case().when(SupplementCase, text=sealed(), claims=tuple(map(str, range(20))))
    alone.then_refused("at most 20 claims")  # the message itself is the first claim


# ------------------------------------------------------------------------------------------- D16


@pytest.mark.parametrize(
    ("at", "over"),
    [("2026-03-09 23:59", False), ("2026-03-10 00:00", True), ("2026-04-01 09:00", True)],
)
def test_for_want_of_information_a_case_is_declined_only_after_the_citizens_time(
    at: str, over: bool
) -> None:
    case = a_case(ASKED).when(DeclineCase, at=china(at), by=ACCEPTOR, ground="D16", **DECLINING)
    if over:
        case.then(stated(CaseDeclined, ground="D16"))
        case.when(DeclineCase, at=china(at), by=ACCEPTOR, ground="D16", **DECLINING).then_nothing()
        case.when(RequestInformation, missing=("place",), question=sealed()).then_refused(
            "declined already"
        )
    else:
        case.then_refused("while the citizen's time to answer runs")


def test_who_was_never_asked_is_not_declined_for_want_of_information() -> None:
    for case in (a_case(), a_case(ASKED, fact(CaseSupplemented, at=ANSWERED_AT))):
        case.when(
            DeclineCase, at=china("2026-06-01 09:00"), ground="D16", **DECLINING
        ).then_refused("no ground for declining")


def test_a_case_whose_citizen_was_asked_has_not_ended() -> None:
    a_case(ASKED).when(ErasePersonalData, ground="citizen_request").then_refused("has not ended")


def test_the_time_to_answer_is_that_of_the_pack_which_the_case_keeps() -> None:
    assert RULES.pack("cn-generic-2026").limit("SUPPLEMENT", "G", "hotline").wd == 5
    old = fact(CaseRegistered).decided_with.model_copy(update={"policy": "flat-7wd/1"})
    a_case(decided_with=old).when(RequestInformation, at=MONDAY, **QUESTION).then(
        stated(InformationRequested, decided_with=old)
    )
