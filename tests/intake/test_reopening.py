"""How a case that has ended is taken up anew, in a new round (transition 39)."""

import pytest

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned, CaseTerminated
from libs.events.evaluation import CaseClosed, ReviewDecided, ReviewRequested
from libs.events.feedback import ReplyDelivered
from libs.events.intake import (
    CaseAccepted,
    CaseClassified,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseWithdrawn,
    PersonalDataErased,
    ReopeningAsked,
    ReopeningDeclined,
    WithdrawalRequested,
)
from services.intake.commands import SupplementCase
from services.intake.decider import decider
from services.intake.ending_commands import (
    AskReopening,
    DeclineReopening,
    ReopenCase,
    RequestWithdrawal,
)
from tests.spec import ACCEPTOR, CITIZEN, Given, china, fact, sealed, stated

NEW = {"ground": "new_facts", "reason": sealed("又坏了")}
NOVEMBER = china("2026-11-02 09:00")
ENDS: dict[str, Event] = {
    "declined": fact(CaseDeclined),
    "referred": fact(CaseReferred),
    "withdrawn": fact(CaseWithdrawn),
    "terminated": fact(CaseTerminated),
    "closed": fact(CaseClosed),
}


def ended(*facts: Event) -> Given:
    """A case with its category, and how it ended."""
    return Given(decider).facts(fact(CaseRegistered), fact(CaseClassified), *facts)


def closed_petition(*facts: Event) -> Given:
    """A closed petition, and what was said about its review."""
    return ended(fact(CaseAccepted, track="xinfang"), fact(ReplyDelivered), fact(CaseClosed), *facts)


@pytest.mark.parametrize("end", ENDS)
def test_an_acceptor_takes_it_up_anew_in_a_new_round_and_the_citizens_clock_counts_from_now(
    end: str,
) -> None:
    case = ended(ENDS[end]).when(ReopenCase, at=NOVEMBER, by=ACCEPTOR, **NEW)
    case.then(stated(CaseReopened, round=1, from_state=end, category="0105", sla_class="G"))
    assert case.events is not None
    (event,) = case.events
    assert isinstance(event, CaseReopened)
    assert event.due.citizen == china("2026-11-10 00:00")
    assert event.due.dispatch == china("2026-11-02 11:00")
    case.when(ReopenCase, by=ACCEPTOR, **NEW).then_refused("has not ended")
    case.when(SupplementCase, by=CITIZEN, text=sealed("补充"))
    assert [event.round for event in case.events or ()] == [1]


def test_in_the_new_round_nothing_of_the_old_one_counts() -> None:
    case = ended(
        fact(CaseAccepted), fact(CaseAssigned), fact(WithdrawalRequested), fact(CaseWithdrawn)
    )
    case.when(ReopenCase, at=NOVEMBER, by=ACCEPTOR, **NEW)
    late = fact(CaseClosed)  # crossed the withdrawal, and comes when the case was reopened
    assert case.facts(late).due() == []
    case.when(RequestWithdrawal, at=NOVEMBER, by=CITIZEN).then(stated(WithdrawalRequested, round=1))
    again = case.facts(fact(CaseWithdrawn, round=1))
    again.when(ReopenCase, by=ACCEPTOR, **NEW).then(stated(CaseReopened, round=2))


def test_what_was_declined_unclassified_is_given_a_category_with_it() -> None:
    case = Given(decider).facts(fact(CaseRegistered), fact(CaseDeclined))
    case.when(ReopenCase, by=ACCEPTOR, **NEW).then_refused("category:")
    case.when(ReopenCase, by=ACCEPTOR, category="9999", **NEW).then_refused("no category 9999")
    case.when(ReopenCase, by=ACCEPTOR, category="0702", **NEW).then(
        stated(CaseReopened, category="0702")
    )


def test_a_running_case_has_nothing_to_be_taken_up() -> None:
    for facts in ((), (fact(CaseAccepted),), (fact(CaseAccepted), fact(ReplyDelivered))):
        ended(*facts).when(ReopenCase, by=ACCEPTOR, **NEW).then_refused("has not ended")
    Given(decider).when(ReopenCase, by=ACCEPTOR, **NEW).then_refused("no such case")


def test_a_merged_case_is_unmerged_instead() -> None:
    merged = ended(fact(CaseAccepted), fact(CaseLinkChanged, relation="merged_into"))
    merged.when(ReopenCase, by=ACCEPTOR, **NEW).then_refused("handled with another")


def test_without_words_there_is_nothing_to_take_up() -> None:
    erased = ended(fact(CaseClosed), fact(PersonalDataErased))
    erased.when(ReopenCase, by=ACCEPTOR, **NEW).then_refused("erased")
    erased.when(AskReopening, by=CITIZEN, reason=sealed("又坏了")).then_refused("erased")


def test_a_report_goes_on_at_the_discipline_organ() -> None:
    report = Given(decider).facts(
        fact(CaseRegistered, track="restricted", secrecy="restricted"), fact(CaseReferred)
    )
    report.when(ReopenCase, by=ACCEPTOR, category="0105", **NEW).then_refused("discipline organ")


def test_under_review_the_review_comes_first_and_after_the_last_there_is_nothing_left() -> None:
    first = fact(ReviewRequested)
    closed_petition(first).when(ReopenCase, by=ACCEPTOR, **NEW).then_refused("under review")
    upheld = closed_petition(first, fact(ReviewDecided))
    upheld.when(ReopenCase, by=ACCEPTOR, **NEW).then(stated(CaseReopened))
    last = fact(ReviewRequested, level=2), fact(ReviewDecided, level=2, final=True)
    finalised = closed_petition(first, fact(ReviewDecided), *last)
    finalised.when(ReopenCase, by=ACCEPTOR, **NEW).then_refused("三级终结")


# ------------------------------------------------------------------------------ when asked for


def test_the_citizen_asks_and_the_acceptor_decides() -> None:
    case = ended(fact(CaseClosed)).when(AskReopening, by=CITIZEN, reason=sealed("又坏了"))
    case.then(stated(ReopeningAsked, reason=sealed("又坏了")))
    case.when(AskReopening, by=CITIZEN, reason=sealed("又坏了")).then_nothing()
    case.when(ReopenCase, by=ACCEPTOR, **NEW).then(stated(CaseReopened))


def test_what_is_not_taken_up_is_answered_with_reason_and_remedy_and_may_be_asked_again() -> None:
    why = {"reason": sealed("没有新情况"), "remedy": sealed("可以申请复查")}
    case = ended(fact(CaseClosed))
    case.when(DeclineReopening, by=ACCEPTOR, **why).then_refused("Nobody has asked")
    case.when(AskReopening, by=CITIZEN, reason=sealed("又坏了"))
    case.when(DeclineReopening, by=ACCEPTOR, **why).then(stated(ReopeningDeclined, **why))
    case.when(AskReopening, by=CITIZEN, reason=sealed("还是坏的")).then(stated(ReopeningAsked))


def test_nobody_asks_that_a_running_case_be_taken_up() -> None:
    ended(fact(CaseAccepted)).when(AskReopening, reason=sealed("快")).then_refused("has not ended")
