"""What the citizen of a merged case was promised is kept by the case that leads, and by nobody twice."""

import pytest

from libs.events.base import Event
from libs.events.dispatch import CaseTerminated
from libs.events.feedback import ExtensionDecided, ReplyDelivered, ReplySubmitted
from libs.events.intake import CaseAccepted, CaseLinkChanged
from tests.spec import LATER, MONDAY, china, fact
from tests.supervision.watching import case, clock, fire, with_unit

LINK = "0190c0de-0000-5000-8000-000000000002.l1"
NAME = f"CITIZEN.{LINK}"
SOONER, MUCH_LATER = china("2026-03-06 00:00"), china("2026-03-24 00:00")


def leads(due: object = SOONER, relation: str = "leads", at: object = MONDAY) -> Event:
    """Another case is merged into this one, with what its citizen was promised."""
    return fact(CaseLinkChanged, at, relation=relation, due_citizen=due)  # type: ignore[arg-type]


@pytest.mark.parametrize("due", [SOONER, MUCH_LATER])
def test_the_own_due_date_of_who_follows_is_missed_at_its_own_instant(due: object) -> None:
    given = with_unit(leads(due))
    assert clock(given, NAME) == [("breach", f"{due:%m-%d %H:%M}")]
    assert clock(given, "CITIZEN") == [("breach", "03-10 00:00")]


def test_one_answer_in_time_keeps_the_promise_to_all() -> None:
    given = with_unit(leads(), fact(ReplyDelivered, LATER))
    assert (clock(given, NAME), clock(given, "CITIZEN")) == ([], [])


def test_an_answer_between_the_two_due_dates_misses_the_earlier_one_only() -> None:
    given = with_unit(leads(), fact(ReplyDelivered, china("2026-03-09 10:00")))
    assert fire(given, "2026-03-30 00:00")[-1:] != []
    assert NAME in given.state.breached
    assert "CITIZEN" not in given.state.breached


@pytest.mark.parametrize("relation", ["released", "concludes"])
def test_it_ends_there_with_the_link(relation: str) -> None:
    assert clock(with_unit(leads(), leads(None, relation, LATER)), NAME) == []


def test_more_time_that_the_leads_citizen_was_told_of_is_not_more_time_for_others() -> None:
    more = {"outcome": "approved", "due_handle": MUCH_LATER, "due_citizen": MUCH_LATER}
    given = with_unit(leads(), fact(ExtensionDecided, **more))
    assert clock(given, NAME) == [("breach", "03-06 00:00")]
    assert clock(given, "CITIZEN") == [("breach", "03-24 00:00")]


def test_nothing_is_stated_of_it_while_a_reply_is_under_review() -> None:
    assert clock(with_unit(leads(), fact(ReplySubmitted)), NAME) == []


def test_what_had_been_missed_before_it_was_merged_is_not_missed_again() -> None:
    late = leads(MONDAY, at=LATER)
    assert NAME not in with_unit(late).state.started


def test_it_ends_with_the_case_that_leads() -> None:
    given = with_unit(leads(), fact(CaseTerminated, LATER))
    assert (clock(given, NAME), clock(given, "CITIZEN")) == ([], [])


def test_the_clock_of_a_merged_case_stands_and_goes_on_as_if_it_never_had() -> None:
    merged, unmerged = (
        fact(CaseLinkChanged, at, relation=relation)
        for at, relation in ((MONDAY, "merged_into"), (LATER, "unmerged"))
    )
    accepted = fact(CaseAccepted)
    assert clock(case(accepted, merged), "CITIZEN") == []
    assert clock(case(accepted, merged, unmerged), "CITIZEN") == [("breach", "03-10 00:00")]


def test_who_goes_alone_after_the_own_date_has_missed_it_and_the_lead_has_not_kept_it() -> None:
    """The clock of the citizen never stops (domain 2.5, row 11: T= CITIZEN), and no act was in time."""
    after_it = china("2026-03-11 09:00")
    lead = with_unit(leads(), leads(None, "released", after_it))
    assert clock(lead, NAME) == [("breach", "03-06 00:00")]
    merged, unmerged = (
        fact(CaseLinkChanged, at, relation=relation)
        for at, relation in ((MONDAY, "merged_into"), (after_it, "unmerged"))
    )
    alone = case(fact(CaseAccepted), merged, unmerged)
    assert clock(alone, "CITIZEN") == [("breach", "03-10 00:00")]


def test_an_answer_from_before_it_followed_does_not_keep_the_promise() -> None:
    given = with_unit(fact(ReplyDelivered, MONDAY), leads(at=LATER))
    assert clock(given, NAME) == [("breach", "03-06 00:00")]
