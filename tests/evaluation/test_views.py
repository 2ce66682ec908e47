"""What evaluation shows of reviews, appeals and calls to units, and what is left of it after an erasure."""

import json
from typing import Any

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import (
    AppealDismissed,
    EvaluationSubmitted,
    HearingClosed,
    HearingOpened,
    PanelConvened,
    PanelFindingFiled,
    PanelMemberRecused,
    ReviewAccepted,
    ReviewDecided,
    ReviewDecisionProposed,
    ReviewDecisionReturned,
    ReviewDeclined,
    ReviewRequested,
    ScoreAppealed,
    ThirdPartyAssessed,
    UnitCallbackRecorded,
)
from libs.events.feedback import ReplyDelivered
from libs.events.intake import PersonalDataErased
from libs.sourcing.views import Fold, Row, blank
from services.evaluation import projection, score_projection
from services.evaluation.projection import verdicts
from services.evaluation.score_projection import appeals, sits
from tests.spec import CASE, LATER, MONDAY, UNIT, Actor, china, fact, sealed

ANSWERED = fact(CaseAssigned), fact(ReplyDelivered)
ASKED = fact(ReviewRequested, text=sealed("不服"))
ACCEPTED = fact(ReviewAccepted)
PROPOSED = fact(ReviewDecisionProposed, opinion=sealed("拟维持"))
ERASED = fact(PersonalDataErased, at=LATER)


def row_after(*facts: Event, table: sa.Table = verdicts, fold: Fold = projection.fold) -> Row:
    """The row of a case after a history."""
    row = blank(table, CASE)
    for number, event in enumerate(facts):
        row = fold(row, Recorded("e", event, number + 1, MONDAY, "c", "c")) or row
    return row


def contested(*facts: Event) -> Row:
    """What is contested of a case."""
    return row_after(*facts, table=appeals, fold=score_projection.fold)


def reviewed(*facts: Event) -> Any:
    """How far the open review of an answered case has come."""
    return row_after(*ANSWERED, *facts)["review_state"]


def test_a_review_shows_how_far_it_has_come() -> None:
    assert reviewed(ASKED) == "requested"
    assert reviewed(ASKED, ACCEPTED) == "accepted"
    assert reviewed(ASKED, ACCEPTED, fact(HearingOpened)) == "hearing"
    closed = fact(HearingClosed, due_decide=china("2026-04-13 00:00"))
    assert reviewed(ASKED, ACCEPTED, fact(HearingOpened), closed) == "accepted"
    assert reviewed(ASKED, ACCEPTED, PROPOSED) == "proposed"
    assert reviewed(ASKED, ACCEPTED, PROPOSED, fact(ReviewDecisionReturned)) == "accepted"
    assert reviewed(ASKED, ACCEPTED, fact(ReviewDecided)) is None


def test_what_became_of_each_review_stays() -> None:
    second = {"review_id": f"{CASE}.v2", "level": 2}
    declined = fact(ReviewDeclined, ground="out_of_time", **second)
    row = row_after(
        *ANSWERED, ASKED, fact(ReviewDecided), fact(ReviewRequested, **second), declined
    )
    outcomes = [(one["level"], one["outcome"]) for one in json.loads(row["opinions"])]
    assert outcomes == [(1, "uphold"), (2, "declined")]
    assert not row["final"]
    final = fact(ReviewDecided, **second, final=True)
    assert row_after(*ANSWERED, ASKED, fact(ReviewDecided), final)["final"]


def test_after_an_erasure_no_word_of_a_review_or_an_appeal_is_left() -> None:
    row = row_after(*ANSWERED, ASKED, ACCEPTED, fact(ReviewDecided, opinion=sealed()), ERASED)
    asked = row_after(*ANSWERED, ASKED, PROPOSED, ERASED)
    appeal = contested(fact(ScoreAppealed), fact(PanelConvened), ERASED)
    for left in (row, asked, appeal):
        assert "lx1." not in json.dumps(left, default=str)
    assert json.loads(row["opinions"])[0]["outcome"] == "uphold"
    assert contested(ERASED)["status"] is None


def test_an_appeal_shows_where_it_stands_and_not_who_found_what() -> None:
    member = Actor(id="tp-1", role="third_party")
    facts = fact(ScoreAppealed), fact(PanelConvened), fact(PanelFindingFiled, by=member)
    assert [contested(*facts[:n])["status"] for n in (1, 2)] == ["appealed", "before_a_panel"]
    row = contested(*facts)
    assert (row["found"], row["finding"]) == ("tp-1", None)
    assert sits(row, "tp-1")
    assert not sits(contested(*facts, fact(PanelMemberRecused)), "tp-1")
    settled = contested(*facts, fact(ThirdPartyAssessed))
    assert (settled["status"], settled["score_effect"]) == ("settled", "not_counted")
    dismissed = contested(facts[0], fact(AppealDismissed))
    assert (dismissed["status"], dismissed["score_effect"]) == ("settled", "stands")


def test_a_unit_is_called_back_about_each_answer_anew() -> None:
    row = row_after(*ANSWERED)
    assert (row["unit_id"], row["unit_call"]) == (UNIT, "due")
    missed = fact(UnitCallbackRecorded, reached=False)
    assert row_after(*ANSWERED, missed)["unit_call"] == "due"
    called = [*ANSWERED, fact(UnitCallbackRecorded)]
    assert row_after(*called)["unit_call"] == "called"
    assert row_after(*called, fact(ReplyDelivered, reply_id=f"{CASE}.r2"))["unit_call"] == "due"


def test_a_rating_is_dated_and_goes_with_the_answer_it_was_of() -> None:
    rated = fact(EvaluationSubmitted, at=LATER, level="dissatisfied")
    assert row_after(*ANSWERED, rated)["rated_handling_at"] == LATER
    assert row_after(*ANSWERED, rated, fact(ReplyDelivered))["rated_handling_at"] is None
