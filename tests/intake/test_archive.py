"""How a case is kept when all is over: put away, held for a court, closed, its contact data erased."""

from datetime import datetime, timedelta

import pytest

from libs.events.base import Actor, Event
from libs.events.dispatch import CaseTerminated
from libs.events.evaluation import CaseClosed, ReviewDecided, ReviewRequested
from libs.events.feedback import ReplyDelivered
from libs.events.intake import (
    CaseAccepted,
    CaseArchived,
    CaseClassified,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseWithdrawn,
    ContactDataErased,
    LegalHoldLifted,
    LegalHoldPut,
    PersonalDataErased,
    ProcessingRestricted,
    ReopeningAsked,
    RestrictionLifted,
)
from services.intake.archive import years_after
from services.intake.commands import ErasePersonalData, UnmergeCase
from services.intake.decider import decider
from services.intake.ending_commands import ReopenCase
from services.intake.public_commands import (
    ArchiveCase,
    ArchiveFollower,
    EraseContactData,
    LiftLegalHold,
    LiftRestriction,
    PutLegalHold,
)
from tests.spec import ACCEPTOR, CASE, LATER, MONDAY, Given, china, fact, sealed, stated

OFFICER = Actor(id="privacy-1", role="privacy_officer")
PUT_AWAY = china("2026-06-01 00:00")
"""Ninety days after Monday 2 March, by the pack's `archive.after`."""
HOLD = {"ground": "court", "reference": sealed("某法院调查令")}
BY_CITIZEN = {"ground": "citizen_request"}


def ended(*ends: Event, track: str = "hotline", **registered: object) -> Given:
    """A case of Monday that has come to such an end."""
    return Given(decider).facts(
        fact(CaseRegistered, track=track, **registered),
        fact(CaseClassified, track=track),
        *ends,
    )


def closed(*more: Event, track: str = "hotline", **registered: object) -> Given:
    return ended(
        fact(CaseAccepted, track=track), fact(CaseClosed), *more, track=track, **registered
    )


def archived(**registered: object) -> Given:
    return closed(fact(CaseArchived), **registered)


def put_away_at(case: Given) -> list[datetime]:
    return [due.occurred_at for due in case.due() if isinstance(due, ArchiveCase)]


ENDS = [CaseClosed, CaseDeclined, CaseReferred, CaseWithdrawn, CaseTerminated]


@pytest.mark.parametrize("end", ENDS)
def test_a_case_that_ended_is_put_away_by_itself_after_the_packs_time(end: type[Event]) -> None:
    case = ended(fact(end))
    assert put_away_at(case) == [PUT_AWAY]
    case.when(ArchiveCase, at=PUT_AWAY).then(
        stated(
            CaseArchived,
            retention_class="hotline",
            contact_until=china("2028-03-03 00:00"),
            retain_until=china("2036-03-03 00:00"),
        )
    )
    assert put_away_at(case) == []
    case.when(ArchiveCase, at=PUT_AWAY).then_nothing()


def test_nothing_is_put_away_before_its_time_or_while_it_goes_on() -> None:
    closed().when(ArchiveCase, at=PUT_AWAY - timedelta(hours=1)).then_nothing()
    going_on = ended(fact(CaseAccepted))
    assert put_away_at(going_on) == []
    going_on.when(ArchiveCase, at=PUT_AWAY).then_nothing()


def test_what_is_worth_knowing_of_another_case_keeps_nothing_from_the_archive() -> None:
    related = fact(CaseLinkChanged, at=LATER, relation="related", link_id="l1")
    assert put_away_at(closed(related)) == [PUT_AWAY]


MERGED = fact(CaseLinkChanged, relation="merged_into", link_id="l1")
CONCLUDED = fact(CaseLinkChanged, relation="concluded", link_id="l1")


@pytest.mark.parametrize("more", [(), (CONCLUDED,)])
def test_a_case_that_follows_another_is_not_put_away_for_itself(more: tuple[Event, ...]) -> None:
    assert put_away_at(ended(MERGED, *more)) == []


def test_who_ended_with_another_case_is_put_away_with_that_one_once() -> None:
    follower = ended(MERGED, CONCLUDED)
    follower.when(ArchiveFollower, at=PUT_AWAY + timedelta(days=30), link_id="l1").then(
        stated(
            CaseArchived,
            retention_class="hotline",
            contact_until=china("2028-03-03 00:00"),
            retain_until=china("2036-03-03 00:00"),
        )
    )
    follower.when(ArchiveFollower, at=PUT_AWAY + timedelta(days=30), link_id="l1").then_nothing()


@pytest.mark.parametrize(
    "case",
    [
        ended(MERGED),
        ended(MERGED, CONCLUDED, fact(CaseLinkChanged, relation="unmerged", link_id="l1")),
        ended(MERGED, CONCLUDED, fact(PersonalDataErased)),
        ended(MERGED, CONCLUDED, fact(CaseWithdrawn)),
        ended(
            fact(CaseLinkChanged, relation="merged_into", link_id="l2"),
            fact(CaseLinkChanged, relation="concluded", link_id="l2"),
        ),
    ],
)
def test_who_goes_on_alone_or_follows_another_is_not_put_away_with_it(case: Given) -> None:
    case.when(ArchiveFollower, at=PUT_AWAY, link_id="l1").then_nothing()


def test_who_is_put_away_is_not_unmerged_any_more() -> None:
    case = ended(MERGED, CONCLUDED, fact(CaseArchived)).when(UnmergeCase, by=ACCEPTOR, reason=sealed("另"))
    case.then_refused("archived")


def test_a_report_on_an_official_is_kept_by_the_discipline_organs_own_rule() -> None:
    report = ended(fact(CaseReferred, track="restricted"), track="restricted", secrecy="restricted")
    assert put_away_at(report) == []


def test_while_somebody_asks_to_take_it_up_anew_nothing_is_put_away() -> None:
    assert put_away_at(closed(fact(ReopeningAsked))) == []


def test_the_time_counts_from_the_last_end_in_whatever_order_the_ends_are_heard() -> None:
    delivered, done = fact(ReplyDelivered), fact(CaseClosed, at=LATER)
    for history in ((delivered, done), (done, delivered)):
        assert put_away_at(ended(*history)) == [PUT_AWAY + timedelta(days=1)]


def test_a_petition_under_review_is_not_put_away_until_the_last_word_on_it() -> None:
    petition = closed(fact(ReviewRequested), track="xinfang")
    assert put_away_at(petition) == []
    decided_at = china("2026-05-20 10:00")
    petition.facts(fact(ReviewDecided, at=decided_at))
    (at,) = put_away_at(petition)
    assert at > decided_at + timedelta(days=30)  # 复核 may be asked for, 条例 Art. 36
    (command,) = [due for due in petition.due() if isinstance(due, ArchiveCase)]
    petition.when(ArchiveCase, at=command.occurred_at).then(
        stated(CaseArchived, retention_class="xinfang", retain_until=china("2056-03-03 00:00"))
    )


@pytest.mark.parametrize(
    ("at", "years", "until"),
    [
        ("2026-03-02 09:00", 10, "2036-03-03 00:00"),
        ("2028-02-29 09:00", 1, "2029-03-02 00:00"),
        ("2026-12-31 23:59", 2, "2029-01-01 00:00"),
    ],
)
def test_years_are_counted_by_the_day_in_china(at: str, years: int, until: str) -> None:
    assert years_after(china(at), years) == china(until)


def test_what_is_archived_is_not_taken_up_anew() -> None:
    case = archived().when(ReopenCase, by=ACCEPTOR, ground="new_facts", reason=sealed("新情况"))
    case.then_refused("archived")


# ------------------------------------------------------------------------- held and closed


def test_a_legal_hold_lets_nothing_be_erased_and_is_stated_once() -> None:
    case = archived().when(PutLegalHold, by=OFFICER, **HOLD).then(stated(LegalHoldPut, ground="court"))
    case.when(PutLegalHold, by=OFFICER, **HOLD).then_nothing()
    case.when(ErasePersonalData, by=OFFICER, **BY_CITIZEN).then(
        stated(ProcessingRestricted, ground="legal_hold", until=None)
    )
    case.when(ErasePersonalData, by=OFFICER, **BY_CITIZEN).then_nothing()


def test_what_was_closed_for_a_hold_is_erased_when_it_is_asked_again_after_the_hold() -> None:
    case = archived().when(PutLegalHold, by=OFFICER, **HOLD)
    case.when(ErasePersonalData, by=OFFICER, **BY_CITIZEN)
    case.when(LiftLegalHold, by=OFFICER).then(stated(LegalHoldLifted))
    case.when(LiftLegalHold, by=OFFICER).then_nothing()
    case.when(ErasePersonalData, by=OFFICER, **BY_CITIZEN).then(stated(PersonalDataErased))


def test_closed_words_can_be_opened_again() -> None:
    case = archived().facts(fact(ProcessingRestricted))
    case.when(LiftRestriction, by=OFFICER).then(stated(RestrictionLifted))
    case.when(LiftRestriction, by=OFFICER).then_nothing()


def test_a_case_whose_words_are_closed_is_not_taken_up_anew() -> None:
    case = closed(fact(ProcessingRestricted))
    case.when(ReopenCase, by=ACCEPTOR, ground="new_facts", reason=sealed("新情况"))
    case.then_refused("closed; open them")


def test_while_the_laws_time_runs_a_petition_is_closed_instead_of_erased() -> None:
    case = closed(track="xinfang").when(ErasePersonalData, by=OFFICER, **BY_CITIZEN)
    until = china("2056-03-03 00:00")
    case.then(stated(ProcessingRestricted, ground="statutory_retention", until=until))
    case.when(ErasePersonalData, at=until, by=OFFICER, **BY_CITIZEN)
    case.then(stated(PersonalDataErased))


def test_the_platforms_own_time_does_not_stand_against_the_citizens_wish() -> None:
    closed().when(ErasePersonalData, by=OFFICER, **BY_CITIZEN).then(stated(PersonalDataErased))


def test_what_should_never_have_been_kept_has_no_time_to_be_kept() -> None:
    case = closed(track="xinfang")
    case.when(ErasePersonalData, by=OFFICER, ground="unlawful_processing")
    case.then(stated(PersonalDataErased))


def test_that_the_time_is_over_is_no_ground_before_it_is() -> None:
    over = {"ground": "retention_over"}
    closed().when(ErasePersonalData, by=OFFICER, **over).then_refused("ends on 2036-03-03")
    closed().when(ErasePersonalData, at=china("2036-03-03 00:00"), by=OFFICER, **over).then(
        stated(PersonalDataErased)
    )


def test_nothing_is_held_of_what_is_erased() -> None:
    gone = archived().facts(fact(PersonalDataErased))
    gone.when(PutLegalHold, by=OFFICER, **HOLD).then_refused("were erased")


# ------------------------------------------------------------------------------ contact data


def test_name_and_number_go_before_the_words() -> None:
    case = archived(contact_apart=True).when(EraseContactData, by=OFFICER, **BY_CITIZEN)
    case.then(stated(ContactDataErased, key_ids_destroyed=(f"{CASE}/contact",)))
    case.when(EraseContactData, by=OFFICER, **BY_CITIZEN).then_nothing()
    case.when(ErasePersonalData, by=OFFICER, **BY_CITIZEN).then(stated(PersonalDataErased))


NO_CONTACT = [
    (ended(fact(CaseAccepted), contact_apart=True), "must still be reached"),
    (archived(), "no key of their own"),
    (archived(contact_apart=True).facts(fact(LegalHoldPut)), "legal hold"),
]


@pytest.mark.parametrize(("case", "words"), NO_CONTACT, ids=[words for _, words in NO_CONTACT])
def test_contact_data_stay_where_they_are_needed(case: Given, words: str) -> None:
    case.when(EraseContactData, by=OFFICER, **BY_CITIZEN).then_refused(words)


def test_the_time_of_contact_data_is_the_packs() -> None:
    case, over = archived(contact_apart=True), {"ground": "retention_over"}
    case.when(EraseContactData, at=MONDAY, by=OFFICER, **over).then_refused("is not over")
    case.when(EraseContactData, at=china("2028-03-03 00:00"), by=OFFICER, **over)
    case.then(stated(ContactDataErased))


def test_a_hold_stands_when_a_case_is_taken_up_anew() -> None:
    case = closed(fact(LegalHoldPut), fact(CaseReopened, round=1))
    assert case.state.regions.held
