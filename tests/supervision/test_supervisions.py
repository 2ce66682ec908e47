"""Units are called to account: urged, supervised, listed; they answer, and it is lifted."""

import pytest
from pydantic import ValidationError

from libs.events.base import Actor, Event, Recorded
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import CaseClosed
from libs.events.intake import CaseAccepted, CaseRegistered
from libs.events.supervision import (
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.sourcing.views import Row, blank
from services.supervision.commands import (
    AnswerSupervision,
    IssueSupervision,
    LiftSupervision,
)
from services.supervision.decider import decider
from services.supervision.projection import fold as fold_row
from services.supervision.projection import watches
from tests.spec import (
    CASE,
    HEAD,
    MONDAY,
    SUPERVISOR,
    UNIT,
    Given,
    china,
    fact,
    sealed,
    stated,
)


def case(*facts: Event) -> Given:
    """A registered case and what came after."""
    return Given(decider).facts(fact(CaseRegistered), *facts)


def with_unit(*facts: Event) -> Given:
    """A case that was assigned on Monday at nine."""
    return case(fact(CaseAccepted), fact(CaseAssigned), *facts)


ISSUE = {"level": 1, "ground": "overdue"}
FIRST = {"supervision_id": f"{CASE}.s1"}


def test_a_unit_is_called_to_account_and_must_answer_within_five_working_days() -> None:
    with_unit().when(IssueSupervision, by=SUPERVISOR, **ISSUE).then(
        stated(
            SupervisionIssued,
            supervision_id=f"{CASE}.s1",
            level=1,
            addressee=UNIT,
            ground="overdue",
            due_at=china("2026-03-10 00:00"),
        )
    )


def test_one_supervision_of_a_level_is_open_at_a_time() -> None:
    given_ = with_unit().when(IssueSupervision, by=SUPERVISOR, **ISSUE)
    given_.when(IssueSupervision, by=SUPERVISOR, **ISSUE).then_refused("level 1 is open already")
    given_.when(IssueSupervision, by=SUPERVISOR, **ISSUE | {"level": 2}).then(
        stated(SupervisionIssued, supervision_id=f"{CASE}.s2", level=2)
    )


def test_nobody_is_called_to_account_without_a_unit_or_after_the_end() -> None:
    case().when(IssueSupervision, by=SUPERVISOR, **ISSUE).then_refused("with no unit")
    with_unit(fact(CaseClosed)).when(IssueSupervision, by=SUPERVISOR, **ISSUE).then_refused(
        "closed"
    )


def test_the_unit_answers_once_and_a_supervisor_lifts_it_once() -> None:
    given_ = with_unit(fact(SupervisionIssued))
    given_.when(LiftSupervision, by=SUPERVISOR, **FIRST).then_refused("has not answered yet")
    words = sealed("已约谈")
    given_.when(AnswerSupervision, by=HEAD, measures=words, **FIRST).then(
        stated(SupervisionAnswered, measures=words, lifted=False)
    )
    given_.when(AnswerSupervision, by=HEAD, **FIRST).then_nothing()
    given_.when(LiftSupervision, by=SUPERVISOR, **FIRST).then(
        stated(SupervisionAnswered, lifted=True)
    )
    given_.when(LiftSupervision, by=SUPERVISOR, **FIRST).then_nothing()
    given_.when(IssueSupervision, by=SUPERVISOR, **ISSUE).then(
        stated(SupervisionIssued, supervision_id=f"{CASE}.s2")
    )


def test_an_answer_says_what_was_done() -> None:
    given_ = with_unit(fact(SupervisionIssued))
    given_.when(AnswerSupervision, by=HEAD, **FIRST).then_refused("measures")
    given_.when(AnswerSupervision, by=HEAD, evidence=("att-1",), **FIRST).then_refused("measures")
    with pytest.raises(ValidationError, match="measures"):
        given_.when(AnswerSupervision, by=HEAD, measures=" \u3000\n", **FIRST)
    given_.when(LiftSupervision, by=SUPERVISOR, **FIRST).then_refused("has not answered yet")


def test_only_the_addressee_answers_and_only_what_is_open() -> None:
    stranger = Actor(id="head-2", role="unit_head", org="mc.shuiwu")
    given_ = with_unit(fact(SupervisionIssued))
    given_.when(AnswerSupervision, by=stranger, **FIRST).then_refused(f"addressed to {UNIT}")
    with_unit().when(AnswerSupervision, by=HEAD, **FIRST).then_refused("No such supervision")
    with_unit().when(LiftSupervision, by=SUPERVISOR, **FIRST).then_refused("No such supervision")


def test_what_is_shown_is_the_highest_supervision_that_is_still_open() -> None:
    row: Row = blank(watches, CASE)
    shown = []
    for event in (
        fact(SupervisionIssued, supervision_id="s1", level=1),
        fact(SupervisionIssued, supervision_id="s2", level=2),
        fact(SupervisionAnswered, supervision_id="s1", lifted=False),
        fact(SupervisionAnswered, supervision_id="s1", lifted=True),
        fact(SupervisionAnswered, supervision_id="s2", lifted=True),
    ):
        row = fold_row(row, Recorded("e", event, 1, MONDAY, "c", "c")) or row
        shown.append(row["supervision_level"])
    assert shown == [1, 2, 2, 2, 0]
