"""Analytics decides nothing and knows no person; it counts what others state."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import Event, Recorded
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import CallbackRecorded, CaseClosed, EvaluationSubmitted
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseLinkChanged, CaseReferred, CaseRegistered
from libs.events.supervision import BreachRetracted, DeadlineBreached, DeadlineWarned
from libs.sourcing.views import Row, blank
from services.analytics.decider import decider
from services.analytics.projection import contribution
from services.analytics.tallies import TABLES, tallies
from services.analytics.tallies import fold as fold_row
from tests.spec import CASE, DUE, MONDAY, any_history, fact, fold, shuffled


def counted(*history: Event) -> dict[str, int]:
    """What one case adds to the counts of all cases."""
    row: Row = blank(tallies, CASE)
    for seq, event in enumerate(history, 1):
        recorded = Recorded(f"e{seq}", event, seq, MONDAY, "c", "c")
        row = fold_row(row, recorded) or row
    return {key[-1]: 1 for key in contribution(row, "a part") if key[2] == "all"}


@given(any_history, st.randoms(use_true_random=False))
def test_facts_of_several_owners_may_come_in_any_order(history: list, random: Random) -> None:
    assert fold(decider, shuffled(history, random)) == fold(decider, history) == decider.initial


def test_a_case_that_went_well_counts_once_in_each_step() -> None:
    history = (
        fact(CaseRegistered),
        fact(CaseAccepted),
        fact(CaseAssigned),
        fact(ReplyDelivered),
        fact(CallbackRecorded, reached=True, resolved="yes"),
        fact(EvaluationSubmitted, level="dissatisfied"),
        fact(CaseClosed),
    )
    steps = "registered accepted assigned delivered reached resolved rated dissatisfied closed"
    assert counted(*history) == dict.fromkeys(steps.split(), 1)


def test_a_case_of_which_only_others_were_heard_counts_nothing_yet() -> None:
    assert counted(fact(CaseAssigned), fact(ReplyDelivered)) == {}


def test_a_breach_that_was_taken_back_counts_no_more() -> None:
    timer = f"HANDLE.{CASE}.1"
    breached = (fact(CaseRegistered), fact(DeadlineWarned, timer=timer))
    breached += (fact(DeadlineBreached, timer=timer),)
    assert counted(*breached) == {"registered": 1, "warned": 1, "breached": 1}
    assert counted(*breached, fact(BreachRetracted, timer=timer)) == {"registered": 1, "warned": 1}


def test_a_late_signature_is_no_late_answer() -> None:
    assert "breached" not in counted(fact(CaseRegistered), fact(DeadlineBreached, timer="SIGN.1"))


def test_a_rating_of_the_intake_office_says_nothing_of_the_unit() -> None:
    rating = fact(EvaluationSubmitted, target="intake", level="dissatisfied")
    assert "rated" not in counted(fact(CaseRegistered), rating)


def test_a_referred_case_stays_referred_while_the_organ_works_on_it() -> None:
    referred = fact(CaseReferred, ground="D05", due=DUE)
    after = counted(fact(CaseRegistered), referred, fact(CaseAssigned), fact(ReplyDelivered))
    assert Counter(after) == Counter(["registered", "referred", "assigned", "delivered"])


def test_a_merged_case_is_volume_and_what_was_done_for_it_before_is_nobodys_handling() -> None:
    timer = f"HANDLE.{CASE}.1"
    before = (fact(CaseRegistered), fact(CaseAccepted), fact(CaseAssigned))
    before += (fact(DeadlineBreached, timer=timer),)
    merged = fact(CaseLinkChanged, relation="merged_into")
    assert counted(*before, merged) == dict.fromkeys(("registered", "accepted", "merged"), 1)
    unmerged = fact(CaseLinkChanged, relation="unmerged")
    assert counted(*before, merged, unmerged) == counted(*before)


def test_a_case_that_others_are_merged_into_counts_once() -> None:
    lead = (fact(CaseRegistered), fact(CaseAccepted), fact(CaseAssigned))
    assert counted(*lead, fact(CaseLinkChanged, relation="leads")) == counted(*lead)


def test_letters_are_counted_by_whose_mailbox_they_were_put_in() -> None:
    letters = {
        "mailbox_secretary": ("m-mc.party-1", 1_338),
        "mailbox_mayor": ("m-mc.gov", 4_773),
        "mailbox_county": ("m-mc.yunxi", 659),
        "mailbox_town": ("m-mc.yunxi.zhongyuan", 26),
    }
    counts: Counter[tuple[str, str]] = Counter()
    for channel, (mailbox, number) in letters.items():
        row = fold_row(
            blank(tallies, CASE),
            Recorded("e1", fact(CaseRegistered, channel=channel, mailbox=mailbox), 1, MONDAY, "c", "c"),
        )
        assert row is not None
        for _, _, dimension, value, _ in contribution(row, "a part"):
            counts[dimension, value] += number
    for channel, (mailbox, number) in letters.items():
        assert counts["channel", channel] == counts["mailbox", mailbox] == number
    assert counts["all", "all"] == 6_796


def test_what_was_put_in_no_mailbox_is_counted_under_none() -> None:
    row = fold_row(blank(tallies, CASE), Recorded("e1", fact(CaseRegistered), 1, MONDAY, "c", "c"))
    assert row is not None
    assert "mailbox" not in {key[2] for key in contribution(row, "a part")}


def test_no_table_of_analytics_knows_a_person() -> None:
    columns = {column.name for table in TABLES.sorted_tables for column in table.columns}
    forbidden = {"name", "phone", "title", "text", "receipt_no", "by", "actor", "person"}
    assert not columns & forbidden
