"""The questions at the end of a run, asked of log and tables from outside."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.envelope import decode, read_attributes
from libs.events.supervision import BreachRetracted, DeadlineBreached, DeadlineWarned
from libs.host.folding import MemoryViews
from libs.host.service import Service
from libs.log.partition import partition_of
from libs.log.port import Record
from libs.sourcing.store import StateCodec
from libs.sourcing.tables import heads
from libs.sourcing.views import key_of
from services.supervision.clocks import PLATFORM
from services.supervision.commands import StateDeadline
from services.supervision.decider import Watch
from services.supervision.decider import decider as supervision
from tests.model.people import Asked
from tests.model.world import World

TOPIC = "case-events"
AFTER = {
    "CaseClassified": "CaseRegistered",
    "CaseAccepted": "CaseClassified",
    "CaseDeclined": "CaseRegistered",
    "CaseAssigned": "CaseAccepted",
    "AssignmentSigned": "CaseAssigned",
    "CitizenContacted": "AssignmentSigned",
    "ReplySubmitted": "AssignmentSigned",
    "ReplyReturned": "ReplySubmitted",
    "ReplyApproved": "ReplySubmitted",
    "ReplyDelivered": "ReplyApproved",
    "CallbackRecorded": "ReplyDelivered",
    "EvaluationSubmitted": "ReplyDelivered",
    "CaseClosed": "CallbackRecorded",
    "SupervisionIssued": "CaseAssigned",
    "SupervisionAnswered": "SupervisionIssued",
    "BreachRetracted": "DeadlineBreached",
}
"""Which fact must lie in the log before another."""
TAKEN_UP = timedelta(seconds=5)
"""Within this what falls due is carried out: a play may end at the very instant of a deadline."""
ONCE = {
    "CaseRegistered", "CaseAccepted", "CaseDeclined", "CaseAssigned", "AssignmentSigned", "ReplyApproved",
    "ReplyDelivered", "CaseClosed", "SupervisionIssued",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact where it lay first in the log, and when it came there."""

    recorded: Recorded
    record: Record
    landed: datetime

    @property
    def name(self) -> str:
        return type(self.recorded.event).__name__


def check(world: World, asked: Asked) -> None:
    """Ask everything; what is wrong is told to the world."""
    cases = facts_of(world)
    _all_answered_is_there(world, asked, cases)
    for case_id, facts in cases.items():
        _is_a_valid_path(world, case_id, facts)
        _deadlines_are_true(world, case_id, facts)
    for service in world.homes.services:
        _tables_hold_what_the_log_says(world, service)
        _nothing_is_left(world, service, cases)


def facts_of(world: World) -> dict[str, list[Fact]]:
    """The log by case, each fact once; a repeat must be the same to the byte."""
    cases: dict[str, list[Fact]] = defaultdict(list)
    first: dict[tuple[str, str, int], Record] = {}
    last: dict[tuple[str, str], int] = defaultdict(int)
    ids: dict[str, tuple[str, str, int]] = {}
    for record in records(world):
        attributes = read_attributes(record.headers)
        place = (attributes.case_id, attributes.owner, attributes.seq)
        if place in first:
            if (first[place].headers, first[place].value) != (record.headers, record.value):
                world.fault(f"two facts have one number: {place}")
            continue
        first[place] = record
        if attributes.seq != last[place[:2]] + 1:
            world.fault(f"{place} came after number {last[place[:2]]}")
        last[place[:2]] = attributes.seq
        if ids.setdefault(attributes.event_id, place) != place:
            world.fault(f"two facts have one id: {place}, {ids[attributes.event_id]}")
        landed = world.broker.landed[record.topic, record.partition, record.offset]
        cases[attributes.case_id].append(
            Fact(decode(attributes, record.value or b""), record, landed)
        )
    return cases


def records(world: World) -> Iterator[Record]:
    """All that lies in the log, partition by partition."""
    for partition in world.broker.topics[TOPIC]:
        yield from partition


def _all_answered_is_there(world: World, asked: Asked, cases: dict[str, list[Fact]]) -> None:
    there = {fact.recorded.event_id for facts in cases.values() for fact in facts}
    for cause, ids in asked.answered.items():
        lost = [one for one in ids if one not in there]
        if lost:
            world.fault(f"{cause} was answered with events that are not in the log: {lost}")


def _is_a_valid_path(world: World, case_id: str, facts: list[Fact]) -> None:
    seen: set[str] = set()
    once: set[tuple[str, str]] = set()
    for fact in facts:
        recorded = fact.recorded
        this = fact.name, getattr(recorded.event, "supervision_id", "")
        if fact.name in ONCE and this in once:
            world.fault(f"{case_id}: {fact.name} twice")
        once.add(this)
        before = AFTER.get(fact.name, fact.name)
        if getattr(recorded.event, "addressee", None) == PLATFORM:
            before = "DeadlineBreached"  # the hotline's own offices are urged before any unit has the case
        if before not in seen | {fact.name}:
            world.fault(f"{case_id}: {fact.name} without {before}")
        seen.add(fact.name)
        if recorded.event.occurred_at > recorded.recorded_at:
            world.fault(f"{case_id}: {fact.name} was stated before it happened")
        cause = (recorded.cause_partition, recorded.cause_offset)
        if cause[1] is not None and cause >= (fact.record.partition, fact.record.offset):
            world.fault(f"{case_id}: {fact.name} lies before its cause")
    if {"CaseAccepted", "CaseDeclined"} <= seen:
        world.fault(f"{case_id} was accepted and declined")


# --------------------------------------------------------------------------------- deadlines


def _deadlines_are_true(world: World, case_id: str, facts: list[Fact]) -> None:
    stated: set[tuple[str, str]] = set()
    standing: set[str] = set()
    heard = [f for f in facts if f.recorded.event.owner() != "supervision"]
    own = [f for f in facts if f.name in ("SupervisionIssued", "SupervisionAnswered")]
    for fact in facts:
        event = fact.recorded.event
        if isinstance(event, BreachRetracted):
            standing.discard(event.timer)
        if not isinstance(event, DeadlineWarned | DeadlineBreached):
            continue
        threshold = event.threshold if isinstance(event, DeadlineWarned) else "breach"
        if (event.timer, threshold) in stated:
            world.fault(f"{case_id}: {event.timer}/{threshold} was stated twice")
        stated.add((event.timer, threshold))
        if threshold == "breach":
            standing.add(event.timer)
        # What lay in the log at its instant was heard before; what came since may have been.
        least = sum(f.landed <= event.occurred_at for f in heard)
        most = sum(f.landed <= fact.recorded.recorded_at for f in heard)
        this = (event.timer, threshold, event.occurred_at)
        known = [f for f in own if f.recorded.seq < fact.recorded.seq]
        if not any(this in _due(world, case_id, heard[:n] + known) for n in range(least, most + 1)):
            world.fault(
                f"{case_id}: {event.timer}/{threshold} was stated, and the log said otherwise"
            )
    due = {(c, t) for c, t, at in _due(world, case_id, heard + own) if at <= world.now()}
    if missing := due - stated:
        world.fault(f"{case_id}: never stated: {sorted(missing)}")
    broken = {clock for clock, threshold in due if threshold == "breach"}
    held = {c for c, t, at in _due(world, case_id, heard + own, held=False) if t == "breach"}
    if not broken <= standing <= broken | held:
        world.fault(f"{case_id}: breaches stand {sorted(standing)}, and are {sorted(broken)}")


def _due(
    world: World, case_id: str, facts: list[Fact], held: bool = True
) -> set[tuple[str, str, datetime]]:
    """Every threshold that these facts say passes, as (clock, threshold, instant).

    A reply under review holds some clocks: what was stated before stands, nothing more is stated.
    """
    case = Watch()
    for fact in facts:
        case = supervision.evolve(case, fact.recorded.event)
    if not held:
        case = replace(case, waiting=False)
    if not case.policy:  # its own words cannot be all that it knows of a case
        return set()
    due = supervision.pending(case_id, case, world.homes.rules)
    return {(d.clock, d.threshold, d.occurred_at) for d in due if isinstance(d, StateDeadline)}


# ------------------------------------------------------------------------------------ tables


def _tables_hold_what_the_log_says(world: World, service: Service) -> None:
    """Fold the log aside and compare, row for row."""
    count = len(world.broker.topics[TOPIC])
    views = MemoryViews(lambda case_id: partition_of(case_id, count))
    states: dict[str, Any] = {}
    seen: dict[str, dict[str, int]] = defaultdict(dict)
    for record in records(world):
        attributes = read_attributes(record.headers)
        case_id, owner = attributes.case_id, attributes.owner
        if not service_hears(service, attributes.type):
            continue
        if attributes.seq <= seen[case_id].get(owner, 0):
            continue
        seen[case_id][owner] = attributes.seq
        recorded = decode(attributes, record.value or b"")
        state = states.get(case_id, service.decider.initial)
        states[case_id] = service.decider.evolve(state, recorded.event)
        service.project([recorded], views)
    home = world.homes[service.name]
    with home.read() as db:
        for table in service.tables.sorted_tables:
            found = {
                row[key_of(table)]: dict(row) for row in db.execute(sa.select(table)).mappings()
            }
            wanted = views.tables.get(table, {})
            for key in sorted(found.keys() | wanted.keys()):
                if found.get(key) != wanted.get(key):
                    world.fault(
                        f"{service.name}.{table.name} {key}: {_differ(found.get(key), wanted.get(key))}"
                    )
        codec: StateCodec[Any] = StateCodec(service.decider.initial)
        rows = {row.case_id: row for row in db.execute(sa.select(heads))}
    for case_id, state in states.items():
        row = rows.get(case_id)
        pending = service.decider.pending(case_id, state, world.homes.rules)
        due = [command.occurred_at for command in pending]
        if row is None or row.state != codec.dump(state):
            world.fault(
                f"{service.name} knows {case_id} otherwise: {row and row.state} {codec.dump(state)}"
            )
        elif row.seq != seen[case_id].get(service.name, 0):
            world.fault(
                f"{service.name} has stated {row.seq} of {case_id}, the log has {seen[case_id]}"
            )
        elif row.wake_at is not None and row.wake_at <= world.now() - TAKEN_UP:
            world.fault(f"{service.name} has something due for {case_id} since {row.wake_at}, now {world.now()}")
        elif row.wake_at != min(due, default=None):
            world.fault(f"{service.name} wakes for {case_id} at {row.wake_at}")


def service_hears(service: Service, type_: str) -> bool:
    """Whether a service takes in events of a type: its own, and those it names."""
    return type_.startswith(f"{service.name}.") or type_ in {
        event.type() for event in service.hears
    }


def _differ(found: Any, wanted: Any) -> str:
    if found is None or wanted is None:
        return f"there is {found}, the log says {wanted}"
    return "; ".join(
        f"{n} is {found[n]}, the log says {wanted[n]}" for n in found if found[n] != wanted[n]
    )


def _nothing_is_left(world: World, service: Service, cases: dict[str, list[Fact]]) -> None:
    home = world.homes[service.name]
    for table in ("outbox", "quarantine"):
        if left := home.rows(f"SELECT count(*) FROM {table}")[0][0]:
            world.fault(f"{service.name}.{table} still holds {left}")
    positions = dict(home.rows("SELECT partition, next FROM positions"))
    for record in records(
        world
    ):  # what says nothing to a service need not be stepped over in the table
        type_ = read_attributes(record.headers).type
        if record.offset >= positions.get(record.partition, 0) and service_hears(service, type_):
            world.fault(f"{service.name} stands at {positions}, before {type_} at {record.offset}")
            break
    own = {(c, s): i for c, s, i in home.rows("SELECT case_id, seq, event_id FROM events")}
    there = {
        (case_id, f.recorded.seq): f.recorded.event_id
        for case_id, facts in cases.items()
        for f in facts
        if f.recorded.event.owner() == service.name
    }
    if own != there:
        world.fault(f"{service.name} has stated {len(own)} events, the log has {len(there)} others")
