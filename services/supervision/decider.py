"""The rules of supervision. Nothing here waits, reads or writes.

The clocks stand in ``clocks``, what each fact does to them in ``history``, what is said of them in ``stating``;
when the clock itself calls a unit to account in ``ladder``, the rules of that in ``accounts``; what leaders and
recommendations ask for in ``leading``, its limits in ``duties``.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import assert_never

from libs.events.base import SYSTEM, Event
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Decider
from services.supervision.accounts import (
    answer_supervision,
    call_to_account,
    dismiss_escalation,
    drop_supervision,
    issue_supervision,
    lift_supervision,
    propose_escalation,
)
from services.supervision.clocks import PLATFORM, Watch, due_of, recounts, unstated
from services.supervision.commands import (
    AnswerInstruction,
    AnswerRecommendation,
    AnswerSupervision,
    AssignLeader,
    CallToAccount,
    DelistOldCase,
    DismissEscalation,
    DropSupervision,
    GiveInstruction,
    HandOverCase,
    IssueSupervision,
    LiftSupervision,
    ListOldCase,
    MakeRecommendation,
    MoveDeadline,
    ProposeEscalation,
    ReleaseLeader,
    RetractBreach,
    StateDeadline,
    SupervisionCommand,
)
from services.supervision.duties import grows_old, unstated_duties
from services.supervision.history import evolve
from services.supervision.ladder import proposals, rungs
from services.supervision.leading import (
    answer_instruction,
    answer_recommendation,
    assign_leader,
    delist_old_case,
    give_instruction,
    hand_over_case,
    list_old_case,
    make_recommendation,
    release_leader,
)
from services.supervision.stating import move_deadline, retract_breach, state_deadline

__all__ = ["PLATFORM", "Watch", "decide", "decider", "evolve", "pending", "wakes"]


def decide(command: SupervisionCommand, case: Watch, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    match command:
        case StateDeadline():
            return state_deadline(command, case, rules)
        case MoveDeadline():
            return move_deadline(command, case, rules)
        case RetractBreach():
            return retract_breach(command, case, rules)
        case IssueSupervision():
            return issue_supervision(command, case, rules)
        case CallToAccount():
            return call_to_account(command, case, rules)
        case AnswerSupervision():
            return answer_supervision(command, case, rules)
        case LiftSupervision():
            return lift_supervision(command, case, rules)
        case DropSupervision():
            return drop_supervision(command, case, rules)
        case ProposeEscalation():
            return propose_escalation(command, case, rules)
        case DismissEscalation():
            return dismiss_escalation(command, case, rules)
        case DelistOldCase():
            return delist_old_case(command, case, rules)
        case ListOldCase():
            return list_old_case(command, case, rules)
        case AssignLeader():
            return assign_leader(command, case, rules)
        case HandOverCase():
            return hand_over_case(command, case, rules)
        case ReleaseLeader():
            return release_leader(command, case, rules)
        case GiveInstruction():
            return give_instruction(command, case, rules)
        case AnswerInstruction():
            return answer_instruction(command, case, rules)
        case MakeRecommendation():
            return make_recommendation(command, case, rules)
        case AnswerRecommendation():
            return answer_recommendation(command, case, rules)
        case _:
            assert_never(command)


def pending(case_id: str, case: Watch, rules: Rules) -> list[Command]:
    """What falls due: amber, red and the breach clock by clock, unless the act came before, and what
    a breach leads to as long as the act does not come."""
    by_clock: list[Command] = [
        StateDeadline(
            case_id=case_id,
            occurred_at=at,
            by=SYSTEM,
            clock=name,
            threshold=threshold,
            due_at=due_of(name, clock, case),
        )
        for name, clock, threshold, at in unstated(case, rules)
    ]
    by_calendar: list[Command] = [
        MoveDeadline(case_id=case_id, occurred_at=_published_at(rules), by=SYSTEM, clock=name)
        for name, _, _ in recounts(case, rules)
    ]
    return by_calendar + by_clock + _of_the_ladder(case_id, case, rules) + _of_duties(case_id, case, rules)


def _of_the_ladder(case_id: str, case: Watch, rules: Rules) -> list[Command]:
    """What a missed limit leads to: the clock calls to account, or asks a person to."""
    called: list[Command] = [
        CallToAccount(
            case_id=case_id,
            occurred_at=rung.at,
            by=SYSTEM,
            supervision_id=rung.supervision_id,
            level=rung.level,
            ground=rung.ground,
            addressee=rung.addressee,
        )
        for rung in rungs(case, rules)
    ]
    return called + [
        ProposeEscalation(
            case_id=case_id,
            occurred_at=one.at,
            by=SYSTEM,
            proposal_id=one.proposal_id,
            to=one.to,
            clock=one.clock,
            addressee=one.addressee,
        )
        for one in proposals(case, rules)
    ]


def _of_duties(case_id: str, case: Watch, rules: Rules) -> list[Command]:
    """The thresholds of what a person set, and that the case grows old."""
    found: list[Command] = [
        StateDeadline(
            case_id=case_id,
            occurred_at=at,
            by=SYSTEM,
            clock=name,
            threshold=threshold,
            due_at=duty.due_at,
        )
        for name, duty, threshold, at in unstated_duties(case, rules)
    ]
    old = grows_old(case, rules)
    return found if old is None else [*found, ListOldCase(case_id=case_id, occurred_at=old, by=SYSTEM)]


def wakes(case: Watch, rules: Rules) -> datetime | None:
    """The first instant of ``pending``, without making its commands: most wait for weeks."""
    if rules.published and any(True for _ in recounts(case, rules)):
        return _published_at(rules)  # it lies in the past, and what it moves may move the rest
    first = min((at for _, _, _, at in unstated(case, rules)), default=None)
    if case.breached:
        first = _earliest(first, (rung.at for rung in rungs(case, rules)))
        first = _earliest(first, (one.at for one in proposals(case, rules)))
    if case.beyond.duties:
        first = _earliest(first, (at for _, _, _, at in unstated_duties(case, rules)))
    old = grows_old(case, rules, before=first)
    return first if old is None else _earliest(first, (old,))


def _earliest(first: datetime | None, more: Iterable[datetime]) -> datetime | None:
    then = min(more, default=None)
    return first if then is None else then if first is None else min(first, then)


def _published_at(rules: Rules) -> datetime:
    assert rules.calendars_published_at is not None, "else nothing is counted again"
    return rules.calendars_published_at


decider = Decider(Watch(), decide, evolve, pending, wakes)
