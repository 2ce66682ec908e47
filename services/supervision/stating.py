"""The rules of what is said of a clock: warned, overdue, taken back, moved. It neither waits, reads nor writes."""

from libs.events.base import Event
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineMoved,
    DeadlineWarned,
)
from libs.rules.rules import Rules
from services.supervision.clocks import (
    Started,
    Watch,
    disproved,
    due_of,
    owner_of,
    recounts,
    thresholds,
)
from services.supervision.commands import MoveDeadline, RetractBreach, StateDeadline
from services.supervision.duties import disproved_duty, unstated_duties
from services.supervision.leading import present_holder


def state_deadline(command: StateDeadline, case: Watch, rules: Rules) -> list[Event]:
    """State a passed threshold once, if it still stands (transition 44). Its time is the threshold's."""
    if command.clock in case.beyond.duties:
        return _state_duty(command, case, rules)
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
        "owner_org": _who_answers(clock, case, rules),
    }
    if breach:
        return [DeadlineBreached(**facts)]
    return [DeadlineWarned(**facts, threshold=command.threshold)]


def _state_duty(command: StateDeadline, case: Watch, rules: Rules) -> list[Event]:
    """The same for an instruction, a recommendation or a leader's case."""
    for name, duty, threshold, at in unstated_duties(case, rules):
        if (name, threshold, at) == (command.clock, command.threshold, command.occurred_at):
            facts = command.stamp(rules.versions_of(case.policy), case.round) | {
                "timer": name,
                "due_at": duty.due_at,
                "owner_org": present_holder(duty.owner_org, case, rules),
            }
            if threshold == "breach":
                return [DeadlineBreached(**facts)]
            return [DeadlineWarned(**facts, threshold=threshold)]
    return []


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


def retract_breach(command: RetractBreach, case: Watch, rules: Rules) -> list[Event]:
    """A breach stated in good faith is taken back when what was done in time is heard of."""
    duty = case.beyond.duties.get(command.clock)
    if duty is not None:
        if disproved_duty(duty, case) != command.done_at:
            return []
        facts = command.stamp(rules.versions_of(case.policy), case.round)
        missed = {"timer": command.clock, "due_at": duty.due_at, "owner_org": duty.owner_org}
        return [BreachRetracted(**facts, **missed, done_at=command.done_at)]
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


def _who_answers(clock: Started, case: Watch, rules: Rules) -> str:
    """A supervision is of no assignment: who goes on in the stead of its addressee answers for it."""
    return present_holder(clock.owner_org, case, rules) if clock.step == "SUP" else owner_of(clock, case)


def _key(command: StateDeadline) -> str:
    return f"{command.clock}/{command.threshold}"
