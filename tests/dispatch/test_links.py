"""What a merge means to dispatch: no unit works on the case, and when it is unmerged one is looked for again."""

from libs.events.base import SYSTEM, Event
from libs.events.dispatch import (
    AssignmentDisputed,
    CaseAssigned,
    CoordinationOpened,
    DispatchResumed,
    DispatchStopped,
)
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseLinkChanged
from services.dispatch.commands import AssignCase, ResumeDispatch, StopDispatch
from services.dispatch.decider import decider
from services.dispatch.policy import react
from tests.spec import CASE, DISPATCHER, LATER, RULES, UNIT, Given, china, fact, stated

MERGED = fact(CaseLinkChanged, LATER, relation="merged_into")
UNMERGED = fact(CaseLinkChanged, china("2026-03-05 09:00"), relation="unmerged")
LINK, NEXT = (f"0190c0de-0000-5000-8000-000000000002.l{number}" for number in (1, 2))


def heard(case: Given, event: CaseLinkChanged) -> Given:
    """The case when dispatch has heard a fact and done what follows from it."""
    case.facts(event)
    for command in react(event, case.state, RULES):
        case.when(type(command), at=command.occurred_at, by=SYSTEM, link_id=event.link_id)
    return case


def merged(*facts: Event) -> Given:
    """A case that was accepted, and merged on Tuesday."""
    return heard(Given(decider).facts(fact(CaseAccepted), *facts), MERGED)


def test_a_merged_case_leaves_its_unit() -> None:
    case = merged(fact(CaseAssigned))
    case.then(stated(DispatchStopped, link_id=LINK, assignment_id=f"{CASE}.1", org=UNIT))
    case.when(AssignCase, by=DISPATCHER).then_refused("handled with another")
    case.when(StopDispatch, link_id=NEXT).then_nothing()


def test_what_waited_for_a_unit_a_judge_or_a_meeting_waits_no_more() -> None:
    merged().then(stated(DispatchStopped, assignment_id=None, org=None))
    for waits in (fact(AssignmentDisputed), fact(CoordinationOpened)):
        case = merged(fact(CaseAssigned), waits)
        case.then(stated(DispatchStopped))
        assert (case.state.dispute, case.state.coordination, case.due()) == (None, None, [])


def test_an_unmerged_case_waits_for_a_unit_again_with_a_whole_limit() -> None:
    case = heard(merged(fact(CaseAssigned)), UNMERGED)
    case.then(stated(DispatchResumed, due_dispatch=china("2026-03-05 11:00")))
    case.when(ResumeDispatch, link_id=LINK).then_nothing()
    case.when(AssignCase, by=DISPATCHER).then(stated(CaseAssigned, assignment_id=f"{CASE}.2"))


def test_a_merging_that_is_heard_again_after_a_lost_database_is_not_answered_again() -> None:
    case = heard(heard(merged(fact(CaseAssigned)), UNMERGED), MERGED).then_nothing()
    again = heard(case, fact(CaseLinkChanged, LATER, relation="merged_into", link_id=NEXT))
    again.then(stated(DispatchStopped, link_id=NEXT))
    heard(again, MERGED).then_nothing()
    heard(again, UNMERGED).then_nothing()
    heard(again, fact(CaseLinkChanged, LATER, relation="unmerged", link_id=NEXT))
    again.then(stated(DispatchResumed))


def test_a_case_that_is_not_accepted_yet_is_nothing_to_dispatch() -> None:
    case = heard(Given(decider), MERGED).then_nothing()
    heard(case, UNMERGED).then_nothing()


def test_what_was_answered_while_it_was_merged_stays_answered() -> None:
    case = merged(fact(CaseAssigned), fact(ReplyDelivered)).then_nothing()
    heard(case, UNMERGED).then_nothing()
    assert case.state.unit_id == UNIT
