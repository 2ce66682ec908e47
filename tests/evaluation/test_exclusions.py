"""What is left out of a unit's score, by two persons; and that the unit is called back too."""

from dataclasses import replace

import pytest

from libs.events.base import Actor, Event
from libs.events.dispatch import AssignmentPassedOn, CaseAssigned
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ExclusionDecided,
    ExclusionProposed,
    ReworkOrdered,
    UnitCallbackRecorded,
)
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseLinkChanged, CaseWithdrawn
from libs.rules.policy import UnitCallback
from services.evaluation.commands import DecideExclusion, ProposeExclusion, RecordUnitCallback
from services.evaluation.decider import decider
from tests.evaluation.split import after_the_split, head_of
from tests.spec import (
    AGENT,
    AUDITOR,
    CASE,
    CLERK,
    HEAD,
    LATER,
    RULES,
    SUPERVISOR,
    UNIT,
    Given,
    china,
    fact,
    sealed,
    stated,
)

TUESDAY, WEDNESDAY = china("2026-03-03 15:00"), china("2026-03-04 15:00")
WISH = {"reason": "objective", "evidence": ("e1",), "note": sealed("待管线迁改")}
YES = {"exclusion_id": f"{CASE}.e1", "outcome": "approved", "note": sealed("属实")}


def answered(*more: Event) -> Given:
    """A case whose citizen got the answer on Monday at nine."""
    return Given(decider).facts(fact(CaseAccepted), fact(CaseAssigned), fact(ReplyDelivered), *more)


def test_the_unit_proposes_and_another_who_is_not_of_it_decides() -> None:
    case = answered().when(ProposeExclusion, by=HEAD, **WISH)
    case.then(stated(ExclusionProposed, exclusion_id=f"{CASE}.e1", org=UNIT, **WISH))
    case.when(ProposeExclusion, by=CLERK, **WISH).then_nothing()
    case.when(DecideExclusion, by=SUPERVISOR, **YES).then(
        stated(
            ExclusionDecided,
            exclusion_id=f"{CASE}.e1",
            org=UNIT,
            reason="objective",
            outcome="approved",
            proposed_by="head-1",
        )
    )
    case.when(DecideExclusion, by=AUDITOR, **YES).then_nothing()
    case.when(DecideExclusion, by=AUDITOR, **YES | {"outcome": "rejected"}).then_refused("already")
    case.when(ProposeExclusion, by=HEAD, **WISH).then_refused(
        "left out of your unit's score already"
    )


@pytest.mark.parametrize(
    "by",
    [
        Actor(id="head-1", role="auditor"),
        Actor(id="aud-9", role="auditor", org=UNIT),
        Actor(id="clerk-1", role="supervisor"),
    ],
    ids=["proposer", "of the unit", "handled it"],
)
def test_who_proposed_it_or_is_of_the_unit_does_not_decide(by: Actor) -> None:
    case = answered(fact(ExclusionProposed, by=Actor(id="head-1", role="unit_head", org=UNIT)))
    case.when(DecideExclusion, by=by, **YES).then_refused("not decide")


def test_evidence_is_not_missing() -> None:
    with pytest.raises(ValueError, match="evidence"):
        answered().when(ProposeExclusion, by=HEAD, **WISH | {"evidence": ()})


def test_no_unit_leaves_out_what_is_not_its_own() -> None:
    other = Actor(id="head-2", role="unit_head", org="mc.shuiwu")
    answered().when(ProposeExclusion, by=other, **WISH).then_refused("not in your unit's score")


def test_what_was_rejected_is_proposed_again_only_for_another_reason() -> None:
    rejected = fact(ExclusionDecided, outcome="rejected")
    case = answered(fact(ExclusionProposed), rejected)
    case.when(ProposeExclusion, by=HEAD, **WISH).then_refused("was proposed and rejected")
    other = WISH | {"reason": "policy_limit"}
    case.when(ProposeExclusion, by=HEAD, **other).then(
        stated(ExclusionProposed, exclusion_id=f"{CASE}.e2")
    )
    third = WISH | {"reason": "false_content"}
    case.when(ProposeExclusion, by=HEAD, **third).then_refused("waits for its decision")


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (fact(CaseWithdrawn, at=LATER), "citizen_withdrew"),
        (fact(CaseLinkChanged, at=LATER, relation="merged_into"), "duplicate_merged"),
    ],
)
def test_a_case_that_ended_so_is_left_out_for_that_and_nothing_else(
    end: Event, reason: str
) -> None:
    ended = WISH | {"reason": reason}
    answered().when(ProposeExclusion, by=HEAD, **ended).then_refused("has not ended so")
    answered(end).when(ProposeExclusion, by=HEAD, **WISH).then_refused("ended otherwise")
    case = answered(end).when(ProposeExclusion, by=HEAD, **ended)
    case.then(stated(ExclusionProposed, reason=reason))
    case.when(DecideExclusion, by=SUPERVISOR, **YES).then(stated(ExclusionDecided))


CLOSED = fact(CaseClosed, at=LATER)
PASSED_ON = fact(AssignmentPassedOn, at=LATER, from_org=UNIT, org="mc.shuiwu")


@pytest.mark.parametrize(("end", "score"), [(CLOSED, UNIT), (PASSED_ON, "mc.shuiwu")])
def test_the_successor_leaves_out_what_it_took_over_and_the_former_unit_no_more(
    end: Event, score: str
) -> None:
    for org in (UNIT, "mc.yuanlin"):
        case = after_the_split("0107", end).when(ProposeExclusion, by=head_of(org), **WISH)
        case.then_refused("not in your unit's score")
    case = after_the_split("0107", end).when(ProposeExclusion, by=head_of("mc.shuiwu"), **WISH)
    case.then(stated(ExclusionProposed, org=score))
    case.when(ProposeExclusion, by=head_of("mc.shuiwu"), **WISH).then_nothing()
    for org in ("mc.shuiwu", "mc.yuanlin"):
        near = Actor(id="aud-9", role="auditor", org=org)
        case.when(DecideExclusion, by=near, **YES).then_refused("not decide")
    case.when(DecideExclusion, by=SUPERVISOR, **YES).then(stated(ExclusionDecided, org=score))


def test_what_the_former_unit_had_left_out_its_successor_does_not_ask_for_again() -> None:
    proposed, decided = fact(ExclusionProposed), fact(ExclusionDecided, outcome="approved")
    case = after_the_split("0107", proposed, decided, PASSED_ON)
    case.when(ProposeExclusion, by=head_of("mc.shuiwu"), **WISH).then_refused("left out of")


def test_a_closed_case_may_be_left_out() -> None:
    answered(fact(CaseClosed, at=LATER)).when(ProposeExclusion, by=HEAD, **WISH).then(
        stated(ExclusionProposed)
    )


# ------------------------------------------------------------------------- the unit is called back


def test_an_agent_who_is_not_of_it_calls_the_unit_back() -> None:
    case = answered().when(RecordUnitCallback, at=LATER, by=AGENT, reached=False)
    case.then(stated(UnitCallbackRecorded, org=UNIT, attempt_no=1, reached=False))
    said = {"reached": True, "assigned_rightly": True, "difficulty": "policy_limit"}
    case.when(RecordUnitCallback, at=LATER, by=AGENT, **said).then(
        stated(UnitCallbackRecorded, attempt_no=2, reply_id=f"{CASE}.r1", **said)
    )
    case.when(RecordUnitCallback, by=AGENT, reached=True).then_refused("reached already")


def test_each_answer_is_asked_about_anew_and_a_closing_ends_nothing() -> None:
    called = fact(UnitCallbackRecorded, at=LATER)
    second = fact(ReplyDelivered, at=WEDNESDAY, reply_id=f"{CASE}.r2")
    case = answered(called, fact(ReworkOrdered, at=TUESDAY), second, fact(CaseClosed, at=WEDNESDAY))
    case.when(RecordUnitCallback, at=WEDNESDAY, by=AGENT, reached=True).then(
        stated(UnitCallbackRecorded, attempt_no=1, reply_id=f"{CASE}.r2")
    )


def test_nobody_of_the_unit_calls_it_back_and_nothing_is_asked_before_it_answered() -> None:
    near = Actor(id="call-9", role="callback_agent", org=UNIT)
    answered().when(RecordUnitCallback, by=near, reached=True).then_refused("may not call back")
    Given(decider).facts(fact(CaseAccepted)).when(
        RecordUnitCallback, by=AGENT, reached=True
    ).then_refused("has not been answered")


RATED = [fact(EvaluationSubmitted, at=LATER, target=t) for t in ("intake", "handling")]


def test_a_case_waits_for_the_call_to_its_unit_only_if_the_pack_says_so() -> None:
    facts = fact(CaseAccepted), fact(CaseAssigned), fact(ReplyDelivered)
    done = fact(CallbackRecorded, at=LATER), *RATED
    assert [w.occurred_at for w in answered(*done).due()] == [LATER]
    pack = RULES.pack(RULES.default_pack)
    assert pack.callback.units is not None
    units = UnitCallback(within=pack.callback.units.within, holds_closing=True)
    callback = pack.callback.model_copy(update={"units": units})
    strict = pack.model_copy(update={"callback": callback})
    case = Given(decider, replace(RULES, packs={**RULES.packs, pack.name: strict}))
    case.facts(*facts, *done)
    assert case.due() == []
    case.facts(fact(UnitCallbackRecorded, at=WEDNESDAY))
    assert [w.occurred_at for w in case.due()] == [WEDNESDAY]
