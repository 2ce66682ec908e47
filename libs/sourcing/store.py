"""One service's streams and heads inside one transaction. Nothing here decides or commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter

from libs.events.base import Recorded
from libs.events.envelope import Attributes, Headers, decode, read_attributes, to_headers
from libs.sourcing.database import Database
from libs.sourcing.tables import (
    UtcTime,
    events,
    heads,
    numbers,
    outbox,
    positions,
    quarantine,
)

S = TypeVar("S")
RawHeaders = Sequence[tuple[str, bytes | None]]
"""Headers as a record has them."""


@dataclass(slots=True)
class Head(Generic[S]):
    """A case as one service knows it now.

    ``seq``: how many events of its own stand. ``seen``: the last number seen of each owner.
    ``parked``: an earlier record of the case is in quarantine. ``bars``: who may not act on it or see it.
    ``as_read``: the state that was read, as what text, and the ``wake_at``.
    """

    case_id: str
    partition: int
    state: S
    seq: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    wake_at: datetime | None = None
    parked: bool = False
    bars: tuple[str, ...] = ()
    stored: bool = False
    changed: bool = False
    as_read: tuple[S, str, datetime | None] | None = None


REMEMBERED = 2048
"""States of which the text is remembered, twice over: what was just written is soon read again."""


class StateCodec(Generic[S]):
    """The state of a case as JSON, by its dataclass.

    It remembers what it wrote lately, by the text itself: reading costs ten times as much. Text and
    state are both immutable, so nothing can go stale, whoever wrote the row in between.
    """

    def __init__(self, initial: S, remembers: bool = True) -> None:
        self.initial, self._remembers = initial, remembers
        self._adapter: TypeAdapter[S] = TypeAdapter(type(initial))
        self._young: dict[str, S] = {}
        self._old: dict[str, S] = {}

    def dump(self, state: S) -> str:
        """Compact JSON."""
        text = self._adapter.dump_json(state).decode()
        self._remember(text, state)
        return text

    def load(self, text: str) -> S:
        """The state again."""
        state = self._young.get(text)
        if state is None:
            state = self._old.get(text)
            if state is None:
                state = self._adapter.validate_json(text)
            self._remember(text, state)
        return state

    def _remember(self, text: str, state: S) -> None:
        if not self._remembers:
            return
        if len(self._young) >= REMEMBERED:
            self._young, self._old = {}, self._young
        self._young[text] = state


def dump_headers(headers: Headers) -> str:
    """Headers as they are kept in a column."""
    return orjson.dumps([(name, text.decode()) for name, text in headers]).decode()


def load_headers(text: str) -> Headers:
    """Headers out of a column."""
    return tuple([(name, value.encode()) for name, value in orjson.loads(text)])


@lru_cache(maxsize=16384)
def dump_seen(seen: tuple[tuple[str, int], ...]) -> str:
    """The last number seen of each owner, as JSON. Few of them differ from case to case."""
    return orjson.dumps(dict(seen)).decode()


@lru_cache(maxsize=16384)
def load_seen(text: str) -> dict[str, int]:
    """The last number seen of each owner; not to be changed in place."""
    found: dict[str, int] = orjson.loads(text)
    return found


CHANGING = ("seq", "seen", "state", "parked", "bars")
"""The columns of a head that any fact may change; ``wake_at`` has an index and mostly stays."""


def head_row(head: Head[S], codec: StateCodec[S]) -> dict[str, Any]:
    """A head as its table keeps it."""
    return {
        "case_id": head.case_id,
        "partition": head.partition,
        "seq": head.seq,
        "seen": dump_seen(tuple(sorted(head.seen.items()))),
        "state": _state_text(head, codec),
        "wake_at": head.wake_at,
        "parked": head.parked,
        "bars": " ".join(head.bars),
    }


def _state_text(head: Head[S], codec: StateCodec[S]) -> str:
    """The state as JSON; as it was read, if nothing that was heard has changed it."""
    if head.as_read is not None and head.as_read[0] is head.state:
        return head.as_read[1]
    return codec.dump(head.state)


def event_row(attributes: Attributes, headers: RawHeaders, value: bytes) -> dict[str, Any]:
    """An event as its service's own stream keeps it, from its record."""
    return {
        "case_id": attributes.case_id,
        "seq": attributes.seq,
        "event_id": attributes.event_id,
        "type": attributes.type,
        "version": attributes.version,
        "recorded_at": attributes.recorded_at,
        "headers": dump_headers(tuple((name, text or b"") for name, text in headers)),
        "value": value,
    }


class Store(Generic[S]):
    """Reads and writes heads, own events, outbox, positions, numbers, each in one statement a batch.

    The statements are built once: building one costs as much as running it.
    """

    def __init__(self, database: Database, codec: StateCodec[S]) -> None:
        self._database, self._codec = database, codec
        self._due_heads = database.for_update(
            sa.select(heads)
            .where(
                heads.c.partition.in_(sa.bindparam("partitions", expanding=True)),
                heads.c.wake_at <= sa.bindparam("until", type_=UtcTime),
                heads.c.parked.is_(False),
            )
            .order_by(heads.c.wake_at, heads.c.case_id)
            .limit(sa.bindparam("most"))
        )

    def load(self, db: sa.Connection, case_ids: Iterable[str]) -> dict[str, Head[S]]:
        """Lock and read heads, in sorted order so that two batches cannot wait for each other."""
        wanted = sorted(set(case_ids))
        if not wanted:
            return {}
        found = self._database.fetch(db, heads, "case_id", wanted, lock=True)
        return {row[0]: self._head(row) for row in found}

    def due(
        self, db: sa.Connection, partitions: Iterable[int], until: datetime, limit: int
    ) -> dict[str, Head[S]]:
        """Lock and read the heads that have something due, the longest overdue first."""
        asked = {"partitions": sorted(partitions), "until": until, "most": limit}
        return {row[0]: self._head(row) for row in db.execute(self._due_heads, asked)}

    def _head(self, row: Any) -> Head[S]:
        case_id, partition, seq, seen, state, wake_at, parked, bars = row
        loaded = self._codec.load(state)
        barred, seen_of = tuple(bars.split()) if bars else (), load_seen(seen)
        as_read = (loaded, state, wake_at)
        return Head(
            case_id, partition, loaded, seq, seen_of, wake_at, parked, barred, True, as_read=as_read
        )

    def save(self, db: sa.Connection, changed: Sequence[Head[S]]) -> None:
        """Write heads. One that is new to us but not to the database raises ``Conflict``."""
        rows = [head_row(head, self._codec) for head in changed]
        old = [row for row, head in zip(rows, changed, strict=True) if head.stored]
        new = [row for row, head in zip(rows, changed, strict=True) if not head.stored]
        moved = any(head.as_read is None or head.wake_at != head.as_read[2] for head in changed if head.stored)
        self._database.change(db, heads, old, [*CHANGING, "wake_at"] if moved else CHANGING)
        self._database.copy(db, heads, new)

    def append(self, db: sa.Connection, stated: Sequence[Recorded], topic: str) -> None:
        """Add events to the service's own streams and to the outbox."""
        own, out = [], []
        for recorded in stated:
            event = recorded.event
            headers = dump_headers(to_headers(recorded))
            value = event.model_dump_json().encode()
            own.append(
                {
                    "case_id": event.case_id,
                    "seq": recorded.seq,
                    "event_id": recorded.event_id,
                    "type": event.type(),
                    "version": event.version,
                    "recorded_at": recorded.recorded_at,
                    "headers": headers,
                    "value": value,
                }
            )
            out.append(
                {
                    "topic": topic,
                    "key": event.case_id,
                    "headers": headers,
                    "value": value,
                    "recorded_at": recorded.recorded_at,
                }
            )
        self._database.copy(db, events, own)
        self._database.copy(db, outbox, out)

    def own_events(
        self, db: sa.Connection, case_id: str, from_seq: int, to_seq: int
    ) -> list[Recorded]:
        """A part of a case's own stream."""
        query = (
            sa.select(events.c.headers, events.c.value)
            .where(events.c.case_id == case_id, events.c.seq.between(from_seq, to_seq))
            .order_by(events.c.seq)
        )
        return [
            decode(read_attributes(load_headers(headers)), value)
            for headers, value in db.execute(query)
        ]

    def draw(self, db: sa.Connection, name: str, count: int) -> range:
        """The next ``count`` numbers of a sequence, from 1. They are lost if the transaction is not."""
        query = (
            sa.update(numbers)
            .where(numbers.c.name == name)
            .values(next=numbers.c.next + count)
            .returning(numbers.c.next)
        )
        end = db.execute(query).scalar()
        if end is None:
            self._database.copy(db, numbers, [{"name": name, "next": count + 1}])
            end = count + 1
        return range(end - count, end)

    def positions(
        self, db: sa.Connection, topic: str, partitions: Iterable[int]
    ) -> dict[int, int]:
        """Lock and read where the service stands. A partition never read has no row yet."""
        wanted = sorted(set(partitions))
        rows = self._database.fetch(db, positions, "partition", wanted, lock=True)
        return {partition: next_ for of_topic, partition, next_ in rows if of_topic == topic}

    def advance(
        self, db: sa.Connection, topic: str, moved: dict[int, tuple[int, int]]
    ) -> bool:
        """Move positions from where they were read to where they are now; false if one moved meanwhile.

        This is the fence: a process that was thought dead finds its ``old`` gone.
        """
        if not moved:
            return True
        rows = [(topic, partition, old, new) for partition, (old, new) in moved.items()]
        return self._database.exchange(db, positions, "next", rows) == len(rows)

    def set_aside(self, db: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Put records into quarantine."""
        self._database.write(db, quarantine, rows)
