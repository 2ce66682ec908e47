"""How a citizen withdraws a case: freely, with time to think again, and never by a unit's word (G07)."""

from datetime import timedelta

import pytest

from libs.events.base import Actor, Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentPassedOn,
    CaseAssigned,
    CaseTerminated,
    DisputeDecided,
)
from libs.events.evaluation import CaseClosed, ReviewDecided, ReviewRequested, ReworkOrdered
from libs.events.feedback import CaseHeld, ReplyDelivered
from libs.events.intake import (
    CaseAccepted,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseWithdrawn,
    InformationRequested,
    WithdrawalCancelled,
    WithdrawalConfirmed,
    WithdrawalRequested,
)
from libs.sourcing.decider import Command
from services.intake.commands import AcceptCase, ErasePersonalData, SupplementCase
from services.intake.decider import decider
from services.intake.ending_commands import (
    CancelWithdrawal,
    CompleteWithdrawal,
    ConfirmWithdrawal,
    PassOnWithdrawal,
    RequestWithdrawal,
)
from tests.spec import (
    AGENT,
    CASE,
    CITIZEN,
    CLERK,
    HEAD,
    LATER,
    MONDAY,
    OPERATOR,
    UNIT,
    Given,
    china,
    fact,
    sealed,
    stated,
)

COOLED = MONDAY + timedelta(hours=24)
OF_THE_UNIT = Actor(id="call-2", role="callback_agent", org=UNIT)
STAGES: dict[str, tuple[Event, ...]] = {
    "registered": (),
    "asked for more": (fact(InformationRequested),),
    "accepted": (fact(CaseAccepted),),
    "with a unit": (fact(CaseAccepted), fact(CaseAssigned)),
    "answered": (fact(CaseAccepted), fact(CaseAssigned), fact(ReplyDelivered)),
    "in rework": (fact(CaseAccepted), fact(CaseAssigned), fact(ReplyDelivered), fact(ReworkOrdered)),
    "on hold": (fact(CaseAccepted), fact(CaseAssigned), fact(CaseHeld)),
    "handled with another": (fact(CaseAccepted), fact(CaseLinkChanged, relation="merged_into")),
}


def withdrawing(case: Given) -> list[Command]:
    """What falls due of a withdrawal; the archive comes much later."""
    return [due for due in case.due() if isinstance(due, CompleteWithdrawal)]


def a_case(*facts: Event) -> Given:
    """A case that was registered on Monday at nine."""
    return Given(decider).facts(fact(CaseRegistered), *facts)


def with_a_unit() -> Given:
    """A case that its unit has."""
    return a_case(*STAGES["with a unit"])


# ------------------------------------------------------------------------------- by the citizen


@pytest.mark.parametrize("stage", STAGES)
def test_a_citizen_withdraws_at_any_time_before_the_end_and_gives_no_reason(stage: str) -> None:
    case = a_case(*STAGES[stage]).when(RequestWithdrawal, by=CITIZEN)
    case.then(stated(WithdrawalRequested, via="code", through_org=None, cooling_end=COOLED))
    (due,) = case.due()
    assert (type(due), due.occurred_at) == (CompleteWithdrawal, COOLED)
    case.when(CompleteWithdrawal, at=COOLED).then(stated(CaseWithdrawn, confirmed_by=None))
    assert withdrawing(case) == []


def test_by_telephone_an_operator_takes_it_down() -> None:
    case = with_a_unit().when(RequestWithdrawal, by=OPERATOR, via="phone")
    case.then(stated(WithdrawalRequested, via="phone"))
    for who, via in ((OPERATOR, "code"), (CITIZEN, "phone")):
        with_a_unit().when(RequestWithdrawal, by=who, via=via).then_refused("via:")


def test_an_operator_of_the_unit_that_has_the_case_is_no_independent_ear() -> None:
    """G07: withdrawal asked for by a unit must be confirmed by an independent call."""
    desk = Actor(id="op-9", role="operator", org=UNIT)
    with_a_unit().when(RequestWithdrawal, by=desk, via="phone").then_refused("you are of it")
    asked = with_a_unit().when(RequestWithdrawal, by=CITIZEN)
    asked.when(CancelWithdrawal, by=desk).then_refused("you are of it")
    elsewhere = Actor(id="op-8", role="operator", org="mc.shuiwu")
    with_a_unit().when(RequestWithdrawal, by=elsewhere, via="phone").then(stated(WithdrawalRequested))


def test_asked_twice_the_cooling_off_is_that_of_the_first_time() -> None:
    case = with_a_unit().when(RequestWithdrawal, by=CITIZEN)
    case.when(RequestWithdrawal, at=MONDAY + timedelta(hours=5), by=CITIZEN).then_nothing()
    assert [due.occurred_at for due in case.due()] == [COOLED]


def test_within_the_cooling_off_it_is_taken_back_and_the_case_goes_on() -> None:
    case = with_a_unit().when(RequestWithdrawal, by=CITIZEN)
    case.when(CancelWithdrawal, at=MONDAY + timedelta(hours=23), by=CITIZEN)
    case.then(stated(WithdrawalCancelled))
    assert withdrawing(case) == []
    case.when(CompleteWithdrawal, at=COOLED).then_nothing()
    case.when(CancelWithdrawal, at=LATER, by=CITIZEN).then_nothing()


def test_until_it_takes_effect_nothing_changes() -> None:
    case = a_case().when(RequestWithdrawal, by=CITIZEN)
    case.when(SupplementCase, by=CITIZEN, text=sealed("补充")).when(AcceptCase, category="0105")
    assert case.refusal is None
    case.when(CompleteWithdrawal, at=COOLED - timedelta(seconds=1)).then_nothing()


def test_what_is_withdrawn_is_neither_supplemented_nor_accepted_and_may_be_erased() -> None:
    case = a_case(fact(CaseWithdrawn))
    case.when(SupplementCase, text=sealed("补充")).then_refused("has ended")
    case.when(AcceptCase, category="0105").then_refused("withdrawn")
    case.when(RequestWithdrawal, by=CITIZEN).then_refused("has ended")
    case.when(ErasePersonalData, ground="citizen_request")
    assert case.events


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (CaseDeclined, "declined"),
        (CaseReferred, "referred"),
        (CaseClosed, "has ended"),
        (CaseTerminated, "has ended"),
    ],
)
def test_what_has_ended_is_not_withdrawn(end: type[Event], words: str) -> None:
    a_case(fact(end)).when(RequestWithdrawal, by=CITIZEN).then_refused(words)
    asked = a_case().when(RequestWithdrawal, by=CITIZEN).facts(fact(end))
    assert withdrawing(asked) == []
    asked.when(CompleteWithdrawal, at=COOLED).then_nothing()


def test_there_is_nothing_to_withdraw_where_there_is_no_case() -> None:
    Given(decider).when(RequestWithdrawal, by=CITIZEN).then_refused("There is no such case.")


# --------------------------------------------------------------------- while others are deciding


def test_while_a_dispute_is_judged_it_waits() -> None:
    disputed = with_a_unit().facts(fact(AssignmentDisputed))
    disputed.when(RequestWithdrawal, by=CITIZEN).then_refused("being decided")
    asked = with_a_unit().when(RequestWithdrawal, by=CITIZEN).facts(fact(AssignmentDisputed))
    assert withdrawing(asked) == []
    decided_at = china("2026-03-04 15:00")
    asked.facts(fact(DisputeDecided, decided_at))
    assert [due.occurred_at for due in asked.due()] == [decided_at]
    asked.when(CompleteWithdrawal, at=decided_at).then(stated(CaseWithdrawn))


def test_a_dispute_that_was_decided_before_the_cooling_off_is_over_changes_nothing() -> None:
    asked = with_a_unit().facts(fact(AssignmentDisputed), fact(DisputeDecided))
    asked.when(RequestWithdrawal, by=CITIZEN)
    assert [due.occurred_at for due in asked.due()] == [COOLED]


def test_while_a_petition_is_reviewed_it_waits() -> None:
    answered = a_case(*STAGES["answered"], fact(ReviewRequested))
    answered.when(RequestWithdrawal, by=CITIZEN).then_refused("under review")
    decided = answered.facts(fact(ReviewDecided))
    decided.when(RequestWithdrawal, by=CITIZEN).then(stated(WithdrawalRequested))


# ------------------------------------------------------------------------------- through a unit


def passed_on() -> Given:
    """A case whose unit says that the citizen wants to withdraw."""
    case = with_a_unit().when(PassOnWithdrawal, by=CLERK)
    return case.then(stated(WithdrawalRequested, via="unit", through_org=UNIT))


def test_what_a_unit_says_of_the_citizens_wish_never_takes_effect_by_itself() -> None:
    case = passed_on()
    assert withdrawing(case) == []
    for hours in (24, 240):
        case.when(CompleteWithdrawal, at=MONDAY + timedelta(hours=hours)).then_nothing()
    case.when(PassOnWithdrawal, by=HEAD).then_nothing()


def test_a_unit_passes_on_only_what_is_its_own() -> None:
    other = Actor(id="clerk-9", role="unit_clerk", org="mc.shuiwu")
    with_a_unit().when(PassOnWithdrawal, by=other).then_refused("not with your unit")
    heir = with_a_unit().facts(fact(AssignmentPassedOn, org="mc.shuiwu"))
    heir.when(PassOnWithdrawal, by=other).then(stated(WithdrawalRequested))
    heir.when(PassOnWithdrawal, by=CLERK).then_refused("not with your unit")


def test_confirmed_by_an_independent_call_it_cools_off_from_then() -> None:
    called_at = china("2026-03-05 10:00")
    case = passed_on().when(ConfirmWithdrawal, at=called_at, by=AGENT)
    over = called_at + timedelta(hours=24)
    case.then(stated(WithdrawalConfirmed, cooling_end=over))
    case.when(ConfirmWithdrawal, at=LATER, by=AGENT).then_nothing()
    assert [due.occurred_at for due in case.due()] == [over]
    case.when(CompleteWithdrawal, at=over).then(stated(CaseWithdrawn, confirmed_by=AGENT.id))


def test_nobody_of_the_unit_confirms_or_cancels_what_the_unit_passed_on() -> None:
    for command in (ConfirmWithdrawal, CancelWithdrawal):
        passed_on().when(command, by=OF_THE_UNIT).then_refused("not of the unit")
        same = Actor(id=CLERK.id, role="callback_agent")
        passed_on().when(command, by=same).then_refused("Who passed the withdrawal on")


def test_a_clerk_who_also_answers_the_telephone_confirms_nothing_by_that() -> None:
    same = Actor(id=CLERK.id, role="operator")
    for command, more in ((RequestWithdrawal, {"via": "phone"}), (CancelWithdrawal, {})):
        passed_on().when(command, by=same, **more).then_refused("Who passed the withdrawal on")


def test_an_agent_who_hears_that_it_was_not_the_citizens_wish_cancels_it() -> None:
    case = passed_on().when(CancelWithdrawal, by=AGENT).then(stated(WithdrawalCancelled))
    case.when(ConfirmWithdrawal, by=AGENT).then_refused("Nobody has asked")


def test_what_the_citizen_asks_needs_no_confirmation_even_after_the_unit_said_so() -> None:
    own = with_a_unit().when(RequestWithdrawal, by=CITIZEN)
    own.when(ConfirmWithdrawal, by=AGENT).then_refused("needs no confirmation")
    own.when(PassOnWithdrawal, by=CLERK).then_nothing()
    case = passed_on().when(RequestWithdrawal, at=LATER, by=CITIZEN)
    case.then(stated(WithdrawalRequested, via="code", through_org=None))
    assert [due.occurred_at for due in case.due()] == [LATER + timedelta(hours=24)]


def test_a_dispute_of_who_only_assists_holds_up_no_withdrawal_and_frees_none() -> None:
    helped = with_a_unit().facts(
        fact(CaseAssigned, role="assist", assignment_id=f"{CASE}.2", org="mc.shuiwu")
    )
    of_assist = {"assignment_id": f"{CASE}.2", "org": "mc.shuiwu"}
    disputed = helped.facts(fact(AssignmentDisputed), fact(AssignmentDisputed, **of_assist))
    disputed.facts(fact(DisputeDecided, outcome="denied", **of_assist))
    disputed.when(RequestWithdrawal, by=CITIZEN).then_refused("being decided")
