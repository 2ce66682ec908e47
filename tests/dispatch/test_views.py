"""What dispatch shows: queues of who must decide, each unit's list, and the trace of a case."""

import json
from typing import Any

from libs.events.base import Event, Recorded
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
    CoordinationResolved,
    DisputeDecided,
)
from libs.events.intake import CaseAccepted, PersonalDataErased
from libs.sourcing.tables import read_time
from libs.sourcing.views import Row, blank
from services.dispatch.projection import assignments, fold
from tests.spec import CASE, CLERK, LATER, MONDAY, UNIT, china, fact, sealed

DUE_DECIDE = china("2026-03-03 10:00")


def row_after(*facts: Event) -> Row:
    """The row of a case after a history."""
    row = blank(assignments, CASE)
    for number, event in enumerate(facts):
        row = fold(row, Recorded("e", event, number + 1, MONDAY, "c", "c")) or row
    return row


def shown(*facts: Event) -> tuple[Any, Any, Any]:
    """Where a case stands, with whom, and until when it waits at dispatch."""
    row = row_after(fact(CaseAccepted), *facts)
    return row["status"], row["unit_id"], row["due_step"]


DISPUTED = [fact(CaseAssigned), fact(AssignmentDisputed, by=CLERK, due_decide=DUE_DECIDE)]
UPHELD = fact(DisputeDecided, outcome="upheld", due_dispatch=LATER)


def test_a_case_shows_whom_it_waits_for_and_until_when() -> None:
    opened = fact(CoordinationOpened)
    assert shown() == ("waiting", None, china("2026-03-02 11:00"))
    assert shown(fact(CaseAssigned)) == ("assigned", UNIT, None)
    assert shown(*DISPUTED) == ("disputed", UNIT, DUE_DECIDE)
    assert shown(*DISPUTED, fact(DisputeDecided)) == ("assigned", UNIT, None)
    assert shown(*DISPUTED, UPHELD) == ("waiting", None, LATER)
    assert shown(fact(CaseAssigned), opened) == ("coordinating", None, china("2026-03-06 00:00"))
    named = fact(CoordinationResolved, lead="mc.yunxi", due_dispatch=LATER)
    assert shown(opened, named) == ("waiting", None, LATER)


def test_a_denied_unit_that_had_signed_has_signed() -> None:
    signed = [fact(CaseAssigned), fact(AssignmentSigned), fact(AssignmentDisputed)]
    assert shown(*signed, fact(DisputeDecided)) == ("signed", UNIT, None)


def test_a_dispute_of_who_assists_changes_nothing_for_the_lead_and_ends_the_help_if_upheld() -> None:
    assist = {"org": "mc.shuiwu", "assignment_id": f"{CASE}.2"}
    helped = [fact(CaseAssigned), fact(CaseAssigned, role="assist", **assist)]
    disputed_ = fact(AssignmentDisputed, due_decide=DUE_DECIDE, **assist)
    denied, upheld = (fact(DisputeDecided, outcome=o, **assist) for o in ("denied", "upheld"))
    rows = {
        name: row_after(fact(CaseAccepted), *helped, disputed_, *more)
        for name, more in (("open", []), ("denied", [denied]), ("upheld", [upheld]))
    }
    assert {row["status"] for row in rows.values()} == {"assigned"}
    assists = {name: json.loads(row["assists"]) for name, row in rows.items()}
    assert read_time(assists["open"][f"{CASE}.2"]["due_step"]) == DUE_DECIDE
    assert assists["denied"][f"{CASE}.2"]["due_step"] is None
    assert assists["upheld"] == {}


def test_an_assisting_unit_changes_nothing_for_the_lead() -> None:
    assist = {"org": "mc.shuiwu", "assignment_id": f"{CASE}.2"}
    helped = [fact(CaseAssigned), fact(CaseAssigned, role="assist", **assist)]
    assert shown(*helped, fact(AssignmentSigned, **assist)) == ("assigned", UNIT, None)


def test_the_trace_keeps_every_refusal_and_its_words_end_with_their_key() -> None:
    history = [fact(CaseAccepted), *DISPUTED, UPHELD, fact(CoordinationOpened)]
    kept = row_after(*history)["trace"]
    assert kept.count('"reason_code": "not_our_duty"') == kept.count('"outcome": "upheld"') == 1
    assert sealed("三定规定") in kept
    bare = row_after(*history, fact(PersonalDataErased))["trace"]
    assert "lx1." not in bare
    assert '"not_our_duty"' in bare


def test_an_erasure_of_a_case_that_dispatch_never_had_leaves_no_row() -> None:
    row = blank(assignments, CASE)
    assert fold(row, Recorded("e", fact(PersonalDataErased), 1, MONDAY, "c", "c")) is None
