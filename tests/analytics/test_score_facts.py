"""What reviews, appeals, panels and exclusions change in the figures, however the facts are heard."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import Event, Recorded
from libs.events.dispatch import AssignmentPassedOn, CaseAssigned
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ExclusionDecided,
    ReworkOrdered,
    ScoreAppealed,
    ThirdPartyAssessed,
)
from libs.events.feedback import ExtensionDecided, ReplyDelivered
from libs.events.intake import CaseAccepted, CaseClassified, CaseRegistered, CaseReopened
from libs.events.supervision import BreachRetracted, DeadlineBreached
from libs.sourcing.views import Row, blank
from services.analytics.projection import contribution
from services.analytics.tallies import fold, second, tallies
from tests.analytics.ledger import Ledger
from tests.spec import CASE, LATER, MONDAY, UNIT, china, fact, shuffled

FIRST, SECOND = f"HANDLE.{CASE}.1", f"HANDLE.{CASE}.2"
OTHER = "mc.shuiwu"
ANSWERED = (
    fact(CaseRegistered, mailbox="m-mc.gov", channel="mailbox_mayor"),
    fact(CaseClassified),
    fact(CaseAccepted),
    fact(CaseAssigned),
    fact(ReplyDelivered, at=china("2026-03-04 09:00")),
)


def row_after(*history: Event) -> Row:
    """The row of a case."""
    row: Row = blank(tallies, CASE)
    for seq, event in enumerate(history, 1):
        row = fold(row, Recorded(f"e{seq}", event, seq, MONDAY, "c", "c")) or row
    return row


def counted(*history: Event) -> set[str]:
    """What one case adds to the counts of all cases."""
    return {key[-1] for key in contribution(row_after(*history), "a part") if key[2] == "all"}


def assessed(question: str, fact_id: str = "", effect: str = "not_counted") -> Event:
    """What a panel has found."""
    found: dict[str, Any] = {"question": question, "fact_id": fact_id, "score_effect": effect}
    return fact(ThirdPartyAssessed, **found)


def test_a_rework_undoes_what_was_resolved_until_the_citizen_says_so_again() -> None:
    done = (*ANSWERED, fact(CallbackRecorded, resolved="yes"), fact(CaseClosed))
    assert {"resolved", "closed"} <= counted(*done)
    again = (*done, fact(ReworkOrdered, reason="review_revoked"))
    assert not {"resolved", "closed"} & counted(*again)
    assert "reworked" in counted(*again)
    silent = fact(CallbackRecorded, attempt_no=2, reached=False)
    assert "resolved" not in counted(*again, silent)
    assert "resolved" in counted(*again, fact(CallbackRecorded, resolved="yes"))


def test_a_panel_takes_a_rework_back_beside_it_and_the_old_score_stays_visible() -> None:
    contested = (*ANSWERED, fact(ReworkOrdered), fact(ScoreAppealed))
    assert {"reworked", "appealed"} <= counted(*contested)
    found = assessed("rework", f"{CASE}.w1")
    assert {"reworked", "appealed", "corrected"} <= counted(*contested, found)
    second = fact(ReworkOrdered, rework_id=f"{CASE}.w2", ordinal=2)
    assert "corrected" not in counted(*contested, found, second), "the other rework counts"


def test_what_a_panel_lets_stand_corrects_nothing() -> None:
    contested = (*ANSWERED, fact(ReworkOrdered), assessed("rework", f"{CASE}.w1", "stands"))
    assert "corrected" not in counted(*contested)


def test_a_breach_that_a_panel_found_not_to_count_is_told_from_one_that_was_taken_back() -> None:
    late = (*ANSWERED, fact(DeadlineBreached, timer=FIRST))
    found = (*late, assessed("breach", FIRST))
    assert {"breached", "corrected"} <= counted(*found)
    assert not {"breached", "corrected"} & counted(*found, fact(BreachRetracted, timer=FIRST))


def test_of_two_missed_clocks_one_that_is_taken_back_leaves_the_other() -> None:
    held = f"{FIRST}.h1"
    both = (*ANSWERED, fact(DeadlineBreached, timer=FIRST), fact(DeadlineBreached, timer=held))
    assert "breached" in counted(*both, fact(BreachRetracted, timer=FIRST))


def test_what_another_unit_missed_before_is_not_charged_to_the_one_that_has_the_case() -> None:
    missed = (*ANSWERED[:4], fact(DeadlineBreached, timer=FIRST))
    other = fact(CaseAssigned, assignment_id=f"{CASE}.2", org=OTHER)
    assert "breached" in counted(*missed)
    assert "breached" not in counted(*missed, other)
    assert "breached" in counted(*missed, other, fact(DeadlineBreached, timer=SECOND))


def test_a_case_is_left_out_of_the_score_of_the_unit_that_asked_and_of_no_other() -> None:
    left_out = {"outcome": "approved", "reason": "policy_limit"}
    own = (*ANSWERED, fact(ExclusionDecided, org=UNIT, **left_out))
    assert row_after(*own)["excluded"] == "policy_limit"
    assert "excluded" in counted(*own)
    assert row_after(*ANSWERED, fact(ExclusionDecided, org=OTHER, **left_out))["excluded"] is None
    refused = fact(ExclusionDecided, org=UNIT, outcome="rejected", reason="policy_limit")
    assert row_after(*ANSWERED, refused)["excluded"] is None


@pytest.mark.parametrize("crossing", [False, True])
def test_what_was_left_out_of_a_dissolved_units_score_is_left_out_of_its_successors(crossing: bool) -> None:
    left_out = fact(ExclusionDecided, at=LATER, org=UNIT, outcome="approved", reason="objective")
    passed_on = fact(AssignmentPassedOn, from_org=UNIT, org=OTHER)
    both = (passed_on, left_out) if crossing else (left_out, passed_on)
    row = row_after(*ANSWERED, *both)
    assert (row["unit_id"], row["excluded"], row["excluded_at"]) == (OTHER, "objective", second(LATER))
    elsewhere = fact(CaseAssigned, assignment_id=f"{CASE}.2", org="mc.yuanlin")
    assert row_after(*ANSWERED, *both, elsewhere)["excluded"] is None


def test_more_time_for_the_citizens_answer_moves_the_promise_and_never_forward() -> None:
    later, sooner = china("2026-04-01 00:00"), china("2026-01-01 00:00")
    granted = fact(ExtensionDecided, outcome="approved", due_citizen=later)
    assert row_after(*ANSWERED, granted)["due_at"] == second(later)
    early = fact(ExtensionDecided, outcome="approved", due_citizen=sooner)
    assert row_after(*ANSWERED, early)["due_at"] == row_after(*ANSWERED)["due_at"]


def test_a_case_taken_up_anew_keeps_its_mailbox_and_is_measured_from_that_day() -> None:
    again = fact(CaseReopened, at=china("2026-05-04 09:00"), round=1)
    answered = fact(ReplyDelivered, at=china("2026-05-05 09:00"), round=1)
    row = row_after(*ANSWERED, fact(ReworkOrdered), again, answered)
    assert (row["mailbox"], row["reply_seconds"]) == ("m-mc.gov", 24 * 3600)
    assert row["marks"] == ""
    assert row_after(*ANSWERED)["reply_seconds"] == 2 * 24 * 3600


SEVERAL_OWNERS = [
    *ANSWERED,
    fact(CaseAssigned, assignment_id=f"{CASE}.2", org=OTHER),
    fact(AssignmentPassedOn, assignment_id=f"{CASE}.2", from_org=OTHER, org="mc.yuanlin"),
    fact(ExtensionDecided, outcome="approved", due_citizen=china("2026-04-01 00:00")),
    fact(DeadlineBreached, timer=FIRST),
    fact(DeadlineBreached, timer=SECOND),
    fact(CallbackRecorded, resolved="yes"),
    fact(EvaluationSubmitted, level="dissatisfied"),
    fact(ReworkOrdered),
    assessed("breach", SECOND),
    assessed("each_own_word"),
    fact(ExclusionDecided, org=OTHER, outcome="approved", reason="objective"),
]


@given(st.randoms(use_true_random=False))
def test_the_row_of_a_case_is_the_same_however_its_owners_facts_lie(random: Random) -> None:
    def told(history: list[Event]) -> Row:
        return {name: v for name, v in row_after(*history).items() if name not in ("status", "stage")}

    assert told(shuffled(SEVERAL_OWNERS, random)) == told(SEVERAL_OWNERS)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_tables_are_the_same_however_the_log_is_cut(ledger: Ledger, size: int) -> None:
    said = ledger.recorded(*SEVERAL_OWNERS)
    ledger.take(said)
    whole = ledger.tables()
    assert whole["counters"], "a table that is empty shows nothing"
    ledger.forget()
    for start in range(0, len(said), size):
        ledger.take(said[start : start + size])
    assert ledger.tables() == whole
    row = row_after(*SEVERAL_OWNERS)
    assert (row["corrected"], row["excluded"]) == ("breach rating word", "objective")
