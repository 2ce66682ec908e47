"""How a case ends without an answer (终止办理): on a ground of the list, by two persons' word (transition 38)."""

import pytest

from libs.events.base import Actor, Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentSigned,
    CaseAssigned,
    CaseTerminated,
    CoordinationOpened,
    DisputeDecided,
    TerminationProposed,
    TerminationRejected,
)
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    HoldLifted,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted, CaseReferred
from libs.rules.states import TERMINATES, DeclineGround, TerminationGround
from services.dispatch.commands import (
    ApproveTermination,
    AssignCase,
    ProposeDispute,
    ProposeTermination,
    RejectTermination,
    SignAssignment,
)
from services.dispatch.decider import decider
from tests.spec import AUDITOR, CLERK, DISPATCHER, UNIT, Given, fact, sealed, stated

WHY = {
    "reason": sealed("已就同一事项提起诉讼"),
    "alternative_channel": sealed("人民法院"),
    "remedy": sealed("可以申请复议"),
}
MISSED = fact(CitizenContacted, reached=False)


def in_hand(*facts: Event) -> Given:
    """A case that its unit has signed for."""
    return Given(decider).facts(
        fact(CaseAccepted), fact(CaseAssigned), fact(AssignmentSigned), *facts
    )


def proposed(*facts: Event) -> Given:
    """A case whose termination a dispatcher has proposed."""
    case = in_hand().when(ProposeTermination, by=DISPATCHER, ground="D02", **WHY)
    return case.then(stated(TerminationProposed, ground="D02", **WHY)).facts(*facts)


def test_a_dispatcher_proposes_and_an_auditor_ends_the_case() -> None:
    case = proposed().when(ApproveTermination, by=AUDITOR)
    case.then(stated(CaseTerminated, ground="D02", proposed_by=DISPATCHER.id, **WHY))
    case.when(SignAssignment, by=CLERK).then_refused("terminated")
    assert case.due() == []


def test_before_the_unit_has_signed_it_is_the_same() -> None:
    case = Given(decider).facts(fact(CaseAccepted), fact(CaseAssigned))
    case.when(ProposeTermination, by=DISPATCHER, ground="D08", **WHY)
    case.when(ApproveTermination, by=AUDITOR).then(stated(CaseTerminated))


@pytest.mark.parametrize("ground", [*DeclineGround, *TerminationGround])
def test_it_takes_a_ground_that_can_be_found_after_acceptance(ground: DeclineGround) -> None:
    case = in_hand(*[MISSED] * 3).when(ProposeTermination, by=DISPATCHER, ground=ground, **WHY)
    if ground in TERMINATES:
        case.then(stated(TerminationProposed, ground=ground.value))
    else:
        case.then_refused("none for terminating")
    assert (ground in TERMINATES) == (ground.value not in ("D01", "D05", "D16", "D17"))


def test_whom_nobody_has_tried_to_reach_is_not_unreachable() -> None:
    unreachable = {"ground": "citizen_unreachable", **WHY}
    reached = [MISSED, MISSED, fact(CitizenContacted), MISSED, MISSED]
    in_hand(*reached).when(ProposeTermination, by=DISPATCHER, **unreachable).then_refused(
        "2 times in vain; it takes 3"
    )
    in_hand(*reached, MISSED).when(ProposeTermination, by=DISPATCHER, **unreachable).then(
        stated(TerminationProposed)
    )


def test_who_proposed_it_or_is_of_the_unit_does_not_decide_it() -> None:
    same = Actor(id=DISPATCHER.id, role="auditor")
    of_the_unit = Actor(id="aud-2", role="auditor", org=UNIT)
    for command in (ApproveTermination, RejectTermination):
        proposed().when(command, by=same).then_refused("Who proposed")
        proposed().when(command, by=of_the_unit).then_refused("not of the unit")


def test_an_auditor_who_does_not_agree_lets_the_case_go_on() -> None:
    case = proposed().when(RejectTermination, by=AUDITOR, note=sealed("不是同一事项"))
    case.then(stated(TerminationRejected, note=sealed("不是同一事项")))
    case.when(ApproveTermination, by=AUDITOR).then_refused("No termination waits")
    case.when(RejectTermination, by=AUDITOR).then_refused("No termination waits")
    case.when(ProposeTermination, by=DISPATCHER, ground="D03", **WHY)
    case.then(stated(TerminationProposed))


def test_proposed_twice_is_once_and_on_another_ground_it_waits() -> None:
    case = proposed()
    case.when(ProposeTermination, by=DISPATCHER, ground="D02", **WHY).then_nothing()
    case.when(ProposeTermination, by=DISPATCHER, ground="D03", **WHY).then_refused("decided first")


BARS: dict[str, tuple[tuple[Event, ...], str]] = {
    "answered": ((fact(ReplySubmitted), fact(ReplyDelivered)), "has been answered"),
    "answered once and reworked": (
        (fact(ReplySubmitted), fact(ReplyDelivered), fact(ReplySubmitted), fact(ReplyReturned)),
        "has been answered",
    ),
    "under audit": ((fact(ReplySubmitted),), "waits for review"),
    "disputed": ((fact(AssignmentDisputed),), "dispute is decided first"),
    "on hold": ((fact(CaseHeld),), "on hold"),
}


@pytest.mark.parametrize("bar", BARS)
def test_what_is_answered_audited_disputed_or_held_is_not_terminated(bar: str) -> None:
    facts, words = BARS[bar]
    asked = {"by": DISPATCHER, "ground": "D02", **WHY}
    in_hand(*facts).when(ProposeTermination, **asked).then_refused(words)
    proposed(*facts).when(ApproveTermination, by=AUDITOR).then_refused(words)


def test_what_is_with_no_unit_is_not_terminated_and_a_new_unit_makes_a_proposal_void() -> None:
    waiting = Given(decider).facts(fact(CaseAccepted))
    waiting.when(ProposeTermination, by=DISPATCHER, ground="D02", **WHY).then_refused("no unit")
    for gone in (
        (fact(AssignmentDisputed), fact(DisputeDecided, outcome="upheld")),
        (fact(CoordinationOpened),),
    ):
        case = proposed(*gone)
        case.when(ApproveTermination, by=AUDITOR).then_refused("No termination waits")


def test_a_hold_that_was_lifted_bars_nothing() -> None:
    proposed(fact(CaseHeld), fact(HoldLifted)).when(ApproveTermination, by=AUDITOR).then(
        stated(CaseTerminated)
    )


def test_a_report_on_an_official_is_not_terminated() -> None:
    report = Given(decider).facts(
        fact(CaseReferred, ground="D05", track="restricted", due=fact(CaseAccepted).due),
        fact(CaseAssigned, org="mc.jiwei", track="restricted"),
    )
    report.when(ProposeTermination, by=DISPATCHER, ground="D02", **WHY).then_refused("report")


def test_a_termination_that_crossed_an_answer_is_void_and_the_case_goes_on() -> None:
    case = proposed().when(ApproveTermination, by=AUDITOR).facts(fact(ReplyDelivered))
    assert case.state.ends.terminated
    assert not case.state.over
    asked = {"by": DISPATCHER, "ground": "D02", **WHY}
    case.when(ProposeTermination, **asked).then_refused("has been answered")


def test_what_is_over_is_neither_assigned_nor_disputed() -> None:
    case = proposed().when(ApproveTermination, by=AUDITOR)
    case.when(AssignCase, by=DISPATCHER).then_refused("terminated")
    dispute = {"reason_code": "not_our_duty", "law_basis": sealed("法")}
    case.when(ProposeDispute, by=CLERK, **dispute).then_refused("terminated")
