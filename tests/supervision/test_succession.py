"""Who answers for what a unit owed that is no more: supervisions, instructions, recommendations."""

from typing import Any

import pytest

from libs.events.base import Actor, Event
from libs.events.dispatch import AssignmentPassedOn, CaseAssigned
from libs.events.intake import CaseAccepted, CaseRegistered
from libs.events.supervision import (
    DeadlineBreached,
    InstructionGiven,
    RecommendationAnswered,
    RecommendationMade,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.sourcing.decider import Command
from services.supervision.commands import (
    AnswerInstruction,
    AnswerRecommendation,
    AnswerSupervision,
    StateDeadline,
)
from services.supervision.decider import decider
from tests.dispatch.test_succession import HEIR, merged
from tests.spec import CASE, HEAD, LATER, UNIT, Given, fact, stated

OTHER = "mc.shuiwu"
OF_HEIR, OF_OTHER = (Actor(id="head-9", role="unit_head", org=org) for org in (HEIR, OTHER))
SUP = {"supervision_id": f"{CASE}.s1", "measures": "已整改"}
INSTRUCTED = {"instruction_id": f"{CASE}.i1", "text": "已整改"}
ADVISED = {"recommendation_id": f"{CASE}.m1", "outcome": "adopted", "reason": "照办"}


def owed(org: str, *facts: Event) -> Given:
    """A case with a unit, after urban management went to the parks bureau."""
    to = fact(CaseAssigned, org=org)
    return Given(decider, merged()).facts(fact(CaseRegistered), fact(CaseAccepted), to, *facts)


@pytest.mark.parametrize(
    ("event", "command", "words"),
    [
        (SupervisionIssued, AnswerSupervision, SUP),
        (InstructionGiven, AnswerInstruction, INSTRUCTED),
        (RecommendationMade, AnswerRecommendation, ADVISED),
    ],
)
def test_what_a_merged_unit_owed_is_answered_by_its_successor(
    event: type[Event], command: type[Command], words: dict[str, Any]
) -> None:
    passed = fact(AssignmentPassedOn, org=HEIR)
    owed(UNIT, fact(event), passed).when(command, by=HEAD, **words).then_refused(f"to {HEIR}")
    given = owed(UNIT, fact(event), passed).when(command, by=OF_HEIR, **words)
    assert given.refusal is None


def test_advice_to_a_merged_unit_without_the_case_is_its_successors_and_not_whose_the_case_is() -> None:
    advised = owed(OTHER, fact(RecommendationMade, addressee=UNIT))
    advised.when(AnswerRecommendation, by=OF_OTHER, **ADVISED).then_refused(f"to {HEIR}")
    advised.when(AnswerRecommendation, by=OF_HEIR, **ADVISED).then(
        stated(RecommendationAnswered, org=HEIR)
    )


def test_a_case_that_has_ended_passes_to_nobody_and_its_successor_answers_all_the_same() -> None:
    given = owed(UNIT, fact(SupervisionIssued), fact(RecommendationMade))
    given.when(AnswerSupervision, by=OF_HEIR, **SUP).then(stated(SupervisionAnswered))
    given.when(AnswerRecommendation, by=OF_HEIR, **ADVISED).then(stated(RecommendationAnswered))


def test_who_goes_on_is_said_to_be_late_and_not_who_is_no_more() -> None:
    given = owed(UNIT, fact(SupervisionIssued), fact(RecommendationMade))
    given.facts(fact(AssignmentPassedOn, at=LATER, org=HEIR))
    said: dict[str, str] = {}
    for wish in given.due():
        if isinstance(wish, StateDeadline) and wish.threshold == "breach":
            rest = wish.model_dump(exclude={"case_id", "occurred_at", "by"})
            for event in given.when(StateDeadline, at=wish.occurred_at, **rest).events or ():
                assert isinstance(event, DeadlineBreached)
                said[event.timer] = event.owner_org
    asked = (f"HANDLE.{CASE}.1", f"SUP.{CASE}.s1", f"RECOMMENDATION.{CASE}.m1")
    assert [said[name] for name in asked] == [HEIR] * 3
