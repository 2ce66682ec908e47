"""A small service, put together as a value, and what a test needs to hand it facts.

The desk signs what it is told to sign. What it is told stands in the scope of an event of intake:
``sign:NAME``, ``due:INSTANT`` (sign then, unless told ``done``), or any other word.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter

from libs.events.base import SYSTEM, Event, Recorded, Versions
from libs.events.dispatch import AssignmentSigned
from libs.events.envelope import to_headers
from libs.events.intake import PersonalDataErased
from libs.host.schema import ensure_schema
from libs.host.service import Service
from libs.host.tracing import Tracing
from libs.host.turn import Turns
from libs.host.work import Ask, Done, Work
from libs.log.partition import partition_of
from libs.log.port import Outgoing, Record
from libs.rules.rules import Rules, shipped_rules
from libs.sourcing.database import Database, open_database
from libs.sourcing.decider import Command, Decider, Refused
from libs.sourcing.tables import events, heads, outbox, positions, quarantine
from libs.sourcing.views import Views
from libs.vault.keys import Vault
from libs.vault.receipts import Receipts

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TOPIC = "case-events"
PARTITIONS = 6
VERSIONS = Versions(policy="p/1", calendar="c/1", taxonomy="t/1", organisations="o/1")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the desk knows of a case."""

    told: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    due: datetime | None = None


class Sign(Command):
    """Sign something."""

    name: str


def decide(command: Sign, state: Desk, rules: Rules) -> Sequence[Event]:
    if command.name == "refused":
        raise Refused("This desk does not sign that.")
    if command.name in state.signed or command.name == "nothing":
        return []
    return [
        AssignmentSigned(**command.stamp(VERSIONS), assignment_id=command.name, org=f"unit-{n}")
        for n in range(2 if command.name == "twice" else 1)
    ]


def evolve(state: Desk, event: Event) -> Desk:
    match event:
        case AssignmentSigned(assignment_id=name):
            due = None if name == "overdue" else state.due
            return replace(state, signed=(*state.signed, name), due=due)
        case PersonalDataErased(scope=(word,)):
            due = state.due
            if word.startswith("due:"):
                due = datetime.fromisoformat(word.removeprefix("due:"))
            elif word == "done":
                due = None
            return replace(state, told=(*state.told, word), due=due)
    return state


def react(event: Event, state: Desk, rules: Rules) -> Sequence[Command]:
    if isinstance(event, PersonalDataErased) and word_of(event).startswith("sign:"):
        return [sign(event.case_id, word_of(event).removeprefix("sign:"), event.occurred_at)]
    return ()


def pending(case_id: str, state: Desk, rules: Rules) -> Sequence[Command]:
    if state.due is None:
        return ()
    name = "nothing" if "idle" in state.told else "overdue"
    return [sign(case_id, name, state.due)]


def sign(case_id: str, name: str, at: datetime = AT) -> Sign:
    return Sign(case_id=case_id, name=name, occurred_at=at, by=SYSTEM)


@dataclass
class Faults:
    """Which words make the projection fail or wait."""

    words: set[str] = field(default_factory=set)
    everything: bool = False
    waits_at: str = ""
    waiting: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)


def make_desk(faults: Faults | None = None) -> tuple[Service, sa.Table]:
    """The service and its one view: what happened to each case, in order."""
    faults = faults or Faults()
    tables = sa.MetaData()
    story = sa.Table(
        "story",
        tables,
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("words", sa.Text, nullable=False, default=""),
    )

    def fold(row: dict[str, Any], recorded: Recorded) -> dict[str, Any]:
        return row | {"words": f"{row['words']} {word_of(recorded.event)}".strip()}

    def project(heard: Sequence[Recorded], views: Views) -> None:
        words = {word_of(recorded.event) for recorded in heard}
        if faults.waits_at in words:
            faults.waiting.set()
            assert faults.go_on.wait(30)
        views.fold(story, heard, fold)
        if faults.everything or faults.words & words:
            raise ValueError("this word cannot be shown")

    service = Service(
        name="dispatch",
        commands=(Sign,),
        decider=Decider(Desk(), decide, evolve, pending),
        hears=(PersonalDataErased,),
        react=react,
        project=project,
        tables=tables,
        router=APIRouter(),
    )
    return service, story


def word_of(event: Event) -> str:
    if isinstance(event, PersonalDataErased):
        return event.scope[0]
    assert isinstance(event, AssignmentSigned)
    return event.assignment_id


# ------------------------------------------------------------------------- facts and records


def told(case_id: str, word: str, seq: int, at: datetime = AT) -> Recorded:
    """A fact of intake."""
    event = PersonalDataErased(
        case_id=case_id, occurred_at=at, actor=SYSTEM, decided_with=VERSIONS,
        scope=(word,), key_ids_destroyed=(), ground="citizen_request",
    )  # fmt: skip
    return Recorded(f"{case_id}/{seq}", event, seq, at, f"story-of-{case_id}", f"cause-{seq}")


def outgoing(recorded: Recorded, topic: str = TOPIC) -> Outgoing:
    """The same on its way to the log."""
    value = recorded.event.model_dump_json().encode()
    return Outgoing(topic, recorded.event.case_id, to_headers(recorded), value)


def newer(record: Outgoing) -> Outgoing:
    """The same from a service of tomorrow."""
    headers = [
        (n, v.rpartition(b":")[0] + b":99" if n == "ce_dataschema" else v)
        for n, v in record.headers
    ]
    return replace(record, headers=headers)


def garbled(record: Outgoing) -> Outgoing:
    """The same with a value that is no JSON."""
    return replace(record, value=b"{]")


def lay(*outgoing: Outgoing, start: int = 0, partition: int | None = None) -> list[Record]:
    """As they would lie in the log, from an offset on, in the partition of their case or this one."""
    ends: dict[int, int] = {}
    laid = []
    for o in outgoing:
        p = partition_of(o.key, PARTITIONS) if partition is None else partition
        offset = ends.get(p, start)
        ends[p] = offset + 1
        laid.append(Record(o.topic, p, offset, o.key.encode(), list(o.headers), o.value))
    return laid


def ask(case_id: str, name: str, cause: str = "http") -> Ask:
    return Ask(sign(case_id, name), cause, correlation_id="c")


def same_partition(count: int, partitions: int = PARTITIONS) -> list[str]:
    """Cases that lie in one partition, the first."""
    names = (f"case-{n}" for n in range(10_000))
    return [n for n in names if partition_of(n, partitions) == 0][:count]


class Bench:
    """The turns of a desk on a database, run by hand."""

    def __init__(self, url: str, root: Path) -> None:
        self.faults = Faults()
        self.service, self.story = make_desk(self.faults)
        self.database: Database = open_database(url)
        self._vault_database = open_database(f"sqlite:///{root}/vault.db")
        self._tracing = Tracing(0.0)
        vault = Vault(self._vault_database, bytes(32))
        vault.prepare()
        self.turns = Turns(
            self.service, self.database, vault, Receipts(b"secret"), shipped_rules(), TOPIC,
            PARTITIONS, self._tracing,
        )  # fmt: skip
        ensure_schema(self.database, self.service)
        with self.database.begin() as db:
            rows = [{"topic": TOPIC, "partition": p, "next": 0} for p in range(PARTITIONS)]
            self.database.write(db, positions, rows)

    def run(self, *records: Record, asks: Sequence[Ask] = (), **more: Any) -> Done:
        return self.turns.run(Work(list(records), asks, **more), AT)

    def stories(self) -> dict[str, str]:
        with self.database.read() as db:
            return {r.case_id: r.words for r in db.execute(sa.select(self.story))}

    def rows(self, table: sa.Table) -> list[Any]:
        with self.database.read() as db:
            return list(db.execute(sa.select(table).order_by(*table.primary_key)))

    def everything(self) -> dict[str, list[Any]]:
        """All that the service has written."""
        tables = (heads, events, outbox, positions, quarantine, self.story)
        return {table.name: [tuple(row) for row in self.rows(table)] for table in tables}

    def standing(self) -> dict[int, int]:
        return {r.partition: r.next for r in self.rows(positions) if r.next}

    def close(self) -> None:
        self.database.dispose()
        self._vault_database.dispose()
        self._tracing.close()
