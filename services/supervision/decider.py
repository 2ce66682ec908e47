"""The rules of supervision. Nothing here waits, reads or writes.

The clocks stand in ``clocks``, what each fact does to them in ``history``, when the clock itself calls a
unit to account in ``ladder``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from libs.events.base import SYSTEM, Event, in_round
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineMoved,
    DeadlineWarned,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Decider, Refused
from services.supervision.clocks import (
    PLATFORM,
    Started,
    Watch,
    disproved,
    due_of,
    over_at,
    owner_of,
    recounts,
    thresholds,
    unstated,
)
from services.supervision.commands import (
    AnswerSupervision,
    CallToAccount,
    DropSupervision,
    IssueSupervision,
    LiftSupervision,
    MoveDeadline,
    RetractBreach,
    StateDeadline,
    SupervisionCommand,
)
from services.supervision.history import evolve
from services.supervision.ladder import outlived, rungs

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
    return (
        by_calendar
        + by_clock
        + [
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
    )


def wakes(case: Watch, rules: Rules) -> datetime | None:
    """The first instant of ``pending``, without making its commands: most wait for weeks."""
    if rules.published and any(True for _ in recounts(case, rules)):
        return _published_at(rules)  # it lies in the past, and what it moves may move the rest
    first = min((at for _, _, _, at in unstated(case, rules)), default=None)
    if not case.breached:
        return first
    step = min((rung.at for rung in rungs(case, rules)), default=None)
    return first if step is None else step if first is None else min(first, step)


def state_deadline(command: StateDeadline, case: Watch, rules: Rules) -> list[Event]:
    """State a passed threshold once, if it still stands (transition 44). Its time is the threshold's."""
    clock = case.started.get(command.clock)
    if clock is None or due_of(command.clock, clock, case) != command.due_at:
        return []
    breach = command.threshold == "breach"
    if command.clock in case.breached if breach else _key(command) in case.stated:
        return []
    if command.threshold not in {t for t, _ in thresholds(command.clock, clock, case, rules)}:
        return []
    facts = command.stamp(rules.versions_of(case.policy), case.round) | {
        "timer": command.clock,
        "assignment_id": clock.assignment_id,
        "due_at": command.due_at,
        "owner_org": owner_of(clock, case),
    }
    if breach:
        return [DeadlineBreached(**facts)]
    return [DeadlineWarned(**facts, threshold=command.threshold)]


def move_deadline(command: MoveDeadline, case: Watch, rules: Rules) -> list[Event]:
    """A limit ends by the calendar that was published, but never before what the citizen and the unit
    were told; staff are warned by the earlier of the two (domain 6.2)."""
    for name, clock, due in recounts(case, rules):
        if name == command.clock:
            stands = due_of(name, clock, case)
            return [
                DeadlineMoved(
                    **command.stamp(rules.versions_of(case.policy), case.round),
                    timer=name,
                    step=clock.step,
                    assignment_id=clock.assignment_id,
                    was_due_at=stands,
                    due_at=max(stands, due.at),
                    warn_due_at=due.at,
                    provisional=due.provisional,
                    owner_org=owner_of(clock, case),
                )
            ]
    return []


def _published_at(rules: Rules) -> datetime:
    assert rules.calendars_published_at is not None, "else nothing is counted again"
    return rules.calendars_published_at


def retract_breach(command: RetractBreach, case: Watch, rules: Rules) -> list[Event]:
    """A breach stated in good faith is taken back when what was done in time is heard of."""
    clock, done_at = case.started.get(command.clock), disproved(command.clock, case)
    if clock is None or done_at is None or done_at != command.done_at:
        return []
    return [
        BreachRetracted(
            **command.stamp(rules.versions_of(case.policy), case.round),
            timer=command.clock,
            assignment_id=clock.assignment_id,
            due_at=case.breached[command.clock],
            owner_org=owner_of(clock, case),
            done_at=done_at,
        )
    ]


def issue_supervision(command: IssueSupervision, case: Watch, rules: Rules) -> list[Event]:
    """Call the unit to account (transition 45, 条例 Art. 40)."""
    if over_at(case) is not None:
        raise Refused("The case is closed." if case.closed_at else "The case has ended.")
    if case.unit_id is None:
        raise Refused("The case is with no unit that could be called to account.")
    # a person's: those of the ladder are named after what they come from
    ours = f"{in_round(command.case_id, case.round)}.s"
    open_ = [level for name, level in case.supervisions.items() if name.startswith(ours)]
    if command.level in open_:
        raise Refused(f"A supervision of level {command.level} is open already.")
    issued = sum(1 for name in case.started if name.startswith(f"SUP.{ours}"))
    return [
        SupervisionIssued(
            **command.stamp(rules.versions_of(case.policy), case.round),
            supervision_id=f"{ours}{issued + 1}",
            level=command.level,
            ground=command.ground,
            note=command.note,
            addressee=case.unit_id,
            due_at=_due_answer(command, case, rules),
        )
    ]


def call_to_account(command: CallToAccount, case: Watch, rules: Rules) -> list[Event]:
    """A step of the ladder, once, and only while what it comes from still stands (transition 45)."""
    if f"SUP.{command.supervision_id}" in case.started or over_at(case) is not None:
        return []
    by_clock = command.ground in ("overdue", "nobody_acts")
    if by_clock and command.supervision_id not in {r.supervision_id for r in rungs(case, rules)}:
        return []
    return [
        SupervisionIssued(
            **command.stamp(rules.versions_of(case.policy), case.round),
            supervision_id=command.supervision_id,
            level=command.level,
            ground=command.ground,
            addressee=command.addressee,
            due_at=_due_answer(command, case, rules),
        )
    ]


def answer_supervision(command: AnswerSupervision, case: Watch, rules: Rules) -> list[Event]:
    """The head of the unit answers (transition 46); a supervisor decides whether it is lifted."""
    clock = _open_supervision(command.supervision_id, case)
    addressee = _addressee(clock, case, rules)
    if command.by.org != addressee:
        raise Refused(f"The supervision is addressed to {addressee}.")
    if f"SUP.{command.supervision_id}" in case.stopped:
        return []
    return [
        SupervisionAnswered(
            **command.stamp(rules.versions_of(case.policy), case.round),
            supervision_id=command.supervision_id,
            measures=command.measures,
            lifted=False,
        )
    ]


def lift_supervision(command: LiftSupervision, case: Watch, rules: Rules) -> list[Event]:
    """A supervisor lifts what was answered."""
    name = f"SUP.{command.supervision_id}"
    if name in case.started and command.supervision_id not in case.supervisions:
        return []
    _open_supervision(command.supervision_id, case)
    if name not in case.stopped:
        raise Refused("The unit has not answered yet.")
    return [
        SupervisionAnswered(
            **command.stamp(rules.versions_of(case.policy), case.round),
            supervision_id=command.supervision_id,
            lifted=True,
        )
    ]


def drop_supervision(command: DropSupervision, case: Watch, rules: Rules) -> list[Event]:
    """What the ladder led to ends by itself when it has nothing to stand on any more."""
    if command.supervision_id not in set(outlived(case)):
        return []
    return [
        SupervisionAnswered(
            **command.stamp(rules.versions_of(case.policy), case.round),
            supervision_id=command.supervision_id,
            lifted=True,
        )
    ]


def _key(command: StateDeadline) -> str:
    return f"{command.clock}/{command.threshold}"


def _due_answer(command: Command, case: Watch, rules: Rules) -> datetime:
    return rules.due(case.policy, "SUP", case.sla_class, case.track, command.occurred_at).at


def _addressee(clock: Started, case: Watch, rules: Rules) -> str:
    """Who must answer: for a unit that is no more, who has its case now (信访工作条例 Art. 24)."""
    units = rules.organisations
    gone = clock.owner_org in units and units.unit(clock.owner_org).dissolved
    return case.unit_id or clock.owner_org if gone else clock.owner_org


def _open_supervision(supervision_id: str, case: Watch) -> Started:
    if supervision_id not in case.supervisions:
        raise Refused("No such supervision is open.")
    return case.started[f"SUP.{supervision_id}"]


decider = Decider(Watch(), decide, evolve, pending, wakes)
