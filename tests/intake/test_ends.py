"""How a case ends at intake: declined or referred on a ground of the list, then erased."""

import pytest

from libs.events.base import Actor
from libs.events.evaluation import CaseClosed
from libs.events.feedback import ReplyDelivered
from libs.events.intake import (
    CaseAccepted,
    CaseClassified,
    CaseDeclined,
    CaseReferred,
    CaseRegistered,
    DeclineProposed,
    DeclineRejected,
    InformationRequested,
    PersonalDataErased,
)
from libs.rules.states import DeclineGround
from services.intake.commands import (
    AcceptCase,
    ApproveDecline,
    ClassifyCase,
    DeclineCase,
    ErasePersonalData,
    ProposeDecline,
    ReferCase,
    RejectDecline,
)
from services.intake.decider import decider
from tests.spec import (
    ACCEPTOR,
    CASE,
    DUE,
    LATER,
    OPERATOR,
    Given,
    china,
    fact,
    sealed,
    stated,
)

SECOND = Actor(id="acc-2", role="acceptor")
OFFICER = Actor(id="jiwei-1", role="discipline_officer", org="mc.jiwei")
REFERRAL = {
    "organ": sealed("人民法院"),
    "channel": sealed("诉讼服务大厅"),
    "remedy": sealed("可以提起诉讼"),
}
DECLINING = {
    "reason": sealed("属于民事纠纷"),
    "alternative_channel": sealed("人民法院"),
    "remedy": sealed("可以起诉"),
    "evidence": ("e-1",),
}


def a_case(**fields: object) -> Given:
    """A case that was registered on Monday at nine."""
    return Given(decider).facts(fact(CaseRegistered, **fields))


def a_report() -> Given:
    """A report on an official, in the restricted realm."""
    return a_case(track="restricted", secrecy="restricted", kind="K4b")


# ---------------------------------------------------------------------- declined and referred


@pytest.mark.parametrize(
    "ground", [g for g in DeclineGround if g.declines and not g.needs_two]
)
def test_a_case_is_declined_on_a_ground_of_the_list_alone(ground: DeclineGround) -> None:
    case = a_case().when(DeclineCase, by=ACCEPTOR, ground=ground, **DECLINING)
    if ground is DeclineGround.D16:  # only when a citizen was asked for more and did not answer
        case.then_refused("no ground for declining")
        return
    case.then(
        stated(
            CaseDeclined,
            ground=ground.value,
            remedy=sealed("可以起诉"),
            alternative_channel=sealed("人民法院"),
            approver2=None,
        )
    )


@pytest.mark.parametrize("ground", [g for g in DeclineGround if g.declines and g != "D16"])
def test_a_ground_for_declining_is_shown_by_something(ground: DeclineGround) -> None:
    """Domain 2.4, row 9: ground and evidence."""
    command = ProposeDecline if ground.needs_two else DeclineCase
    event = DeclineProposed if ground.needs_two else CaseDeclined
    case = a_case().when(command, by=ACCEPTOR, ground=ground, **DECLINING | {"evidence": ()})
    case.then_refused(f"evidence: say what shows {ground}")
    case.when(command, by=ACCEPTOR, ground=ground, **DECLINING)
    case.then(stated(event, ground=ground.value, evidence=("e-1",)))


def test_what_was_proposed_is_declined_by_the_same_evidence() -> None:
    case = a_case().when(ProposeDecline, by=ACCEPTOR, ground="D08", **DECLINING)
    case.when(ApproveDecline, by=SECOND).then(stated(CaseDeclined, evidence=("e-1",)))


@pytest.mark.parametrize("ground", ["D01", "D02", "D03", "D04", "D05", "D06", "D17"])
def test_a_ground_for_referring_is_none_for_declining(ground: str) -> None:
    a_case().when(DeclineCase, ground=ground, **DECLINING).then_refused("no ground for declining")


@pytest.mark.parametrize("ground", ["D13", "D14"])
def test_what_another_place_or_system_must_do_is_told_or_handed_over(ground: str) -> None:
    a_case().when(DeclineCase, by=ACCEPTOR, ground=ground, **DECLINING).then(
        stated(CaseDeclined, ground=ground)
    )
    a_case().when(ReferCase, by=ACCEPTOR, ground=ground, **REFERRAL).then(
        stated(CaseReferred, ground=ground)
    )


@pytest.mark.parametrize("ground", ["D08", "D09"])
def test_that_nothing_is_new_must_be_found_by_two_persons(ground: str) -> None:
    case = a_case().when(DeclineCase, by=ACCEPTOR, ground=ground, **DECLINING)
    case.then_refused("second person")
    case.when(ProposeDecline, by=ACCEPTOR, ground=ground, **DECLINING).then(
        stated(DeclineProposed, ground=ground, reason=sealed("属于民事纠纷"))
    )
    case.when(ProposeDecline, by=ACCEPTOR, ground=ground, **DECLINING).then_nothing()
    case.when(ApproveDecline, by=ACCEPTOR).then_refused("a second person decides")
    case.when(ApproveDecline, by=SECOND).then(
        stated(
            CaseDeclined,
            ground=ground,
            reason=sealed("属于民事纠纷"),
            alternative_channel=sealed("人民法院"),
            remedy=sealed("可以起诉"),
            approver2=SECOND.id,
            proposed_by=ACCEPTOR.id,
        )
    )
    case.when(ApproveDecline, by=SECOND).then_nothing()


def test_who_does_not_agree_leaves_the_case_waiting_as_before() -> None:
    case = a_case().when(ProposeDecline, by=ACCEPTOR, ground="D08", **DECLINING)
    case.when(RejectDecline, by=SECOND, note=sealed("有新证据")).then(
        stated(DeclineRejected, ground="D08", note=sealed("有新证据"))
    )
    case.when(ApproveDecline, by=SECOND).then_refused("Nobody has proposed")
    case.when(RejectDecline, by=SECOND).then_refused("Nobody has proposed")
    case.when(AcceptCase, by=SECOND, category="0105").then(
        stated(CaseClassified), stated(CaseAccepted)
    )


def test_one_proposal_is_decided_before_another_is_made() -> None:
    case = a_case().when(ProposeDecline, by=ACCEPTOR, ground="D08", **DECLINING)
    case.when(ProposeDecline, by=SECOND, ground="D09", **DECLINING).then_refused("proposed already")
    case.when(ProposeDecline, by=SECOND, ground="D08", **DECLINING).then_refused("proposed already")


@pytest.mark.parametrize("ground", ["D15", "D02"])
def test_what_one_person_may_decide_is_not_proposed(ground: str) -> None:
    a_case().when(ProposeDecline, by=ACCEPTOR, ground=ground, **DECLINING).then_refused("D")


@pytest.mark.parametrize("meanwhile", [InformationRequested, CaseAccepted, CaseReferred])
def test_what_was_decided_meanwhile_undoes_the_proposal(meanwhile: type) -> None:
    case = a_case().when(ProposeDecline, by=ACCEPTOR, ground="D08", **DECLINING)
    case.facts(fact(meanwhile))
    assert case.state.proposal is None
    case.when(ApproveDecline, by=SECOND)
    assert case.refusal is not None


def test_declining_without_a_remedy_is_no_command_at_all() -> None:
    for missing in ("remedy", "alternative_channel", "reason"):
        rest = {name: words for name, words in DECLINING.items() if name != missing}
        with pytest.raises(ValueError, match=missing):
            a_case().when(DeclineCase, ground="D15", **rest)


def test_a_case_is_referred_to_the_organ_that_must_act() -> None:
    case = a_case().facts(fact(CaseClassified, category="0702"))
    case.when(ReferCase, by=ACCEPTOR, ground="D03", **REFERRAL).then(
        stated(CaseReferred, ground="D03", organ=sealed("人民法院"), category="0702", due=None)
    )


def test_a_referred_case_of_no_category_is_one_of_other_matters() -> None:
    a_case().when(ReferCase, ground="D02", **REFERRAL).then(stated(CaseReferred, category="9901"))


def test_an_emergency_is_put_through_before_it_is_referred_and_that_is_recorded() -> None:
    a_case().when(ReferCase, by=OPERATOR, ground="D01", **REFERRAL).then_refused("live_transfer: ")
    a_case().when(ReferCase, by=OPERATOR, ground="D01", **REFERRAL, live_transfer="119").then(
        stated(CaseReferred, ground="D01", live_transfer="119")
    )
    case = a_case().when(ReferCase, by=ACCEPTOR, ground="D02", **REFERRAL, live_transfer="110")
    case.then_refused("live_transfer: only an emergency")


def test_an_operator_refers_emergencies_and_nothing_else() -> None:
    a_case().when(ReferCase, by=OPERATOR, ground="D02", **REFERRAL).then_refused("an acceptor")


def test_a_ground_for_declining_is_none_for_referring() -> None:
    a_case().when(ReferCase, ground="D12", **REFERRAL).then_refused("no ground for referring")


def test_d05_is_for_reports_on_officials_and_they_are_referred_on_no_other_ground() -> None:
    a_case().when(ReferCase, ground="D05", **REFERRAL).then_refused("Accept one that was not recognised")
    a_report().when(ReferCase, ground="D02", **REFERRAL).then_refused("D05 is for reports")
    a_report().when(ReferCase, by=OFFICER, ground="D05", **REFERRAL).then(
        stated(CaseReferred, category="1602", track="restricted", secrecy="restricted")
    )


def test_a_referred_report_goes_on_under_limits() -> None:
    case = a_report().when(ReferCase, at=LATER, ground="D05", **REFERRAL)
    case.then(stated(CaseReferred))
    assert case.events is not None
    (referred,) = case.events
    assert isinstance(referred, CaseReferred)
    assert referred.due is not None
    assert referred.due.dispatch == china("2026-03-03 11:00")


def test_declined_or_referred_twice_is_once() -> None:
    declined = a_case().facts(fact(CaseDeclined))
    declined.when(DeclineCase, ground="D15", **DECLINING).then_nothing()
    referred = a_case().facts(fact(CaseReferred))
    referred.when(ReferCase, ground="D02", **REFERRAL).then_nothing()


@pytest.mark.parametrize(
    ("end", "words"),
    [(CaseAccepted, "accepted"), (CaseDeclined, "declined"), (CaseReferred, "referred")],
)
def test_what_was_decided_is_not_decided_otherwise(end: type, words: str) -> None:
    wishes = {
        AcceptCase: {},
        DeclineCase: {"ground": "D15", **DECLINING},
        ReferCase: {"ground": "D02", **REFERRAL},
        ClassifyCase: {"category": "0105"},
    }
    same = {CaseAccepted: AcceptCase, CaseDeclined: DeclineCase, CaseReferred: ReferCase}[end]
    for command, fields in wishes.items():
        if command is not same:
            a_case().facts(fact(end)).when(command, **fields).then_refused(f"is {words} already")


def test_there_is_nothing_to_decide_about_a_case_that_is_not_there() -> None:
    for command, fields in (
        (AcceptCase, {"category": "0105"}),
        (ClassifyCase, {"category": "0105"}),
        (DeclineCase, {"ground": "D15", **DECLINING}),
        (ReferCase, {"ground": "D02", **REFERRAL}),
        (ErasePersonalData, {"ground": "citizen_request"}),
    ):
        Given(decider).when(command, **fields).then_refused("There is no such case.")


def test_a_case_keeps_the_policy_that_it_started_with() -> None:
    old = fact(CaseRegistered).decided_with.model_copy(update={"policy": "flat-7wd/1"})
    a_case(decided_with=old).when(AcceptCase, category="0105").then(
        stated(CaseClassified, decided_with=old), stated(CaseAccepted, decided_with=old)
    )


# ------------------------------------------------------------------------------------ erasure


@pytest.mark.parametrize("end", [CaseDeclined, CaseReferred, CaseClosed])
def test_the_words_of_a_case_that_has_ended_are_erased_once(end: type) -> None:
    case = a_case().facts(fact(CaseAccepted), fact(end)) if end is CaseClosed else a_case()
    case.facts(fact(end)).when(ErasePersonalData, ground="citizen_request").then(
        stated(PersonalDataErased, key_ids_destroyed=(CASE,), ground="citizen_request")
    )
    case.when(ErasePersonalData, ground="citizen_request").then_nothing()


def test_the_words_of_a_running_case_are_still_needed() -> None:
    for case in (a_case(), a_case().facts(fact(CaseAccepted))):
        case.when(ErasePersonalData, ground="citizen_request").then_refused("has not ended")


def test_the_words_of_a_report_are_kept_until_the_discipline_organ_has_answered() -> None:
    case = a_case(track="restricted", secrecy="restricted")
    case.facts(fact(CaseReferred, ground="D05", track="restricted", due=DUE))
    case.when(ErasePersonalData, ground="citizen_request").then_refused("discipline organ")
    case.facts(fact(ReplyDelivered)).when(ErasePersonalData, ground="citizen_request")
    case.then(stated(PersonalDataErased))
