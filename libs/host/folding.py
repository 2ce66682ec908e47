"""Folds partitions of the log into a service's heads and views, in memory. It never reacts.

What the service did about a fact, it has done. Partitions are folded apart from one another: a case lies
in one of them, and a row that is not of one case is kept by partition (``Views.part_of``), for live too
each is written by the one process that has the partition. So two parts never have a row of one key; if
they had, the copy would refuse it. Port and fold stand in one file: one is the other's explanation.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.catalog import NewerVersion
from libs.events.envelope import (
    Attributes,
    BadEnvelope,
    decode,
    read_attributes,
)
from libs.host.records import attributes_of
from libs.host.service import Service
from libs.log.headers import first
from libs.log.partition import partition_of
from libs.log.port import Positions, Record
from libs.log.scan import Scan
from libs.rules.bars import barred
from libs.rules.rules import Rules
from libs.sourcing.database import PostgresDatabase, open_database
from libs.sourcing.store import Head, StateCodec, event_row, head_row, load_headers
from libs.sourcing.tables import DERIVED, events, heads, quarantine
from libs.sourcing.views import Row, Views, key_of

Aside = frozenset[tuple[int, int]]
"""Partition and offset of the records that lie in quarantine."""


@dataclass(frozen=True, slots=True)
class Folded:
    """How far a part has come: records read, those of them it hears, and those it skipped, for they lie aside."""

    records: int
    folded: int
    skipped: Aside


class Part(Protocol):
    """Some partitions of a rebuild, in this process or another. ``records``: how many it has read."""

    records: int

    async def begin(self, ends: Positions) -> None:
        """Nothing is folded yet. What the log holds before ``ends`` and the database lacks was lost."""

    async def fold_to(self, target: Positions, aside: Aside) -> Folded:
        """Fold on up to these positions. Raises ``NewerVersion`` or a log's error."""

    async def find_lost(self, aside: Aside) -> int:
        """Look for lost events beyond what was folded too; how many there are in all."""

    async def lost(self, first: int, most: int) -> list[Row]:
        """Lost events, as rows, from one on."""

    async def finish(self) -> dict[str, int]:
        """Fold what of its own the service has not heard again, and make rows; how many, by table."""

    async def rows(self, table: str, first: int, most: int) -> list[Row]:
        """Rows of a table from one on, when finished."""

    async def fill(self, schema: str) -> None:
        """Write all rows into the empty tables of a schema, when finished. PostgreSQL alone has any."""

    async def close(self) -> None:
        """Let go of what it holds."""


class MemoryViews(Views):
    """Derived tables in memory: a projection writes to them as to a database, all is copied at the end."""

    def __init__(self, partition: Callable[[str], int]) -> None:
        self._partition = partition
        self.tables: dict[sa.Table, dict[Any, Row]] = {}
        self._keys_by: dict[tuple[sa.Table, str], dict[Any, dict[Any, None]]] = {}

    def rows(self, query: sa.Select[Any]) -> list[Row]:
        """Not to be had from memory. Raises ``TypeError``: a projection asks by key or by one column."""
        raise TypeError("a projection loads by key or by one column alone")

    def load(self, table: sa.Table, keys: Iterable[Any]) -> dict[Any, Row]:
        """Rows by their primary key."""
        have = self.tables.get(table, {})
        return {key: have[key] for key in keys if key in have}

    def load_by(self, table: sa.Table, column: str, values: Iterable[Any]) -> list[Row]:
        """Rows by a column; its index is made when it is first asked for, which most never are."""
        have = self.tables.get(table, {})
        if (table, column) not in self._keys_by:
            self._keys_by[table, column] = {}
            self._index(table, list(have.values()))
        keys = self._keys_by[table, column]
        return [have[key] for value in sorted(set(values)) for key in keys.get(value, ()) if key in have]

    def _index(self, table: sa.Table, rows: Sequence[Row]) -> None:
        name = key_of(table)
        for (indexed, column), keys in self._keys_by.items():
            if indexed is table:
                for row in rows:
                    keys.setdefault(row[column], {})[row[name]] = None

    def write(self, table: sa.Table, rows: Sequence[Row]) -> None:
        """Insert or replace whole rows by primary key."""
        have = self.tables.setdefault(table, {})
        name = key_of(table)
        for row in rows:
            have[row[name]] = row
        self._index(table, rows)

    def change(self, table: sa.Table, changed: Sequence[tuple[Row, Row]]) -> None:
        """Put new rows in place of the old ones."""
        self.write(table, [new for _, new in changed])

    def remove(self, table: sa.Table, keys: Iterable[Any]) -> None:
        """Delete rows by primary key."""
        for key in keys:
            self.tables.get(table, {}).pop(key, None)


@dataclass(slots=True)
class Lost:
    """Own events that the log holds before ``ends`` and the database lacks. ``known``: its last of each case."""

    ends: Positions = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    rows: dict[tuple[str, int], Row] = field(default_factory=dict)

    def has(self, attributes: Attributes) -> bool:
        """Whether the database has this event."""
        return attributes.seq <= self.known.get(attributes.case_id, 0)

    def look_at(self, record: Record, attributes: Attributes) -> None:
        """Keep an event that can be read, if the database lacks it."""
        if self.has(attributes) or record.offset >= self.ends.get(record.partition, 0):
            return
        self.rows[attributes.case_id, attributes.seq] = event_row(
            attributes, record.headers, record.value or b""
        )


@dataclass(frozen=True, slots=True)
class Whole:
    """What is rebuilt: a service in its live database, and its topic with so many partitions."""

    service: str
    database_url: str
    topic: str
    partitions: int
    rules: Rules


class Folding(Part):
    """The partitions ``mine``, folded in this process. ``tell`` is told ``records`` when it has grown."""

    def __init__(
        self, service: Service, whole: Whole, scan: Scan, mine: Sequence[int], tell: Callable[[int], None]
    ) -> None:
        self.service, self.whole, self.scan, self._tell = service, whole, scan, tell
        self.database = open_database(whole.database_url)
        self.mine = frozenset(mine)
        self._hears = frozenset(event.type().encode() for event in service.takes_in)
        self._own = f"{service.name}.".encode()
        self._forget()

    def _forget(self) -> None:
        self.views = MemoryViews(lambda case_id: partition_of(case_id, self.whole.partitions))
        self.heads: dict[str, Head[Any]] = {}
        self.at: Positions = dict.fromkeys(self.mine, 0)
        self.lost_events = Lost()
        self.records, self._folded = 0, 0
        self._skipped: set[tuple[int, int]] = set()
        self._rows: dict[str, list[Row]] = {}
        self._lost_rows: list[Row] = []

    async def begin(self, ends: Positions) -> None:
        self._forget()
        with self.database.read() as db:
            self.lost_events = Lost(ends, last_own(db))

    async def close(self) -> None:
        self.database.dispose()

    # ------------------------------------------------------------------------------ reading

    async def fold_to(self, target: Positions, aside: Aside) -> Folded:
        def take(records: Sequence[Record]) -> None:
            here = {(r.partition, r.offset) for r in records} & aside if aside else ()
            self._skipped.update(here)
            self._fold([r for r in records if (r.partition, r.offset) not in here] if here else records)
            self.records += len(records)
            self._tell(self.records)

        await self._read(target, take)
        self.at = {p: max(at, target.get(p, 0)) for p, at in self.at.items()}
        return Folded(self.records, self._folded, frozenset(self._skipped))

    async def _read(self, until: Positions, take: Callable[[Sequence[Record]], None]) -> None:
        """Every record of mine from where I am up to there, per partition in order."""
        ends = {p: until[p] for p, at in self.at.items() if at < until.get(p, 0)}
        if ends:
            async for records in self.scan.read(self.whole.topic, self.at, ends):
                take(records)

    # ------------------------------------------------------------------------------ folding

    def _fold(self, records: Sequence[Record]) -> None:
        heard: list[Recorded] = []
        evolve, own = self.service.decider.evolve, self.service.name
        for record in records:
            type_ = first(record.headers, "ce_type") or b""
            if type_ not in self._hears and not type_.startswith(self._own):
                continue
            try:
                attributes = attributes_of(record)
                head = self._head(attributes.case_id)
                if attributes.seq <= head.seen.get(attributes.owner, 0):
                    continue
                recorded = decode(attributes, record.value or b"")
            except NewerVersion:
                raise
            except (BadEnvelope, ValueError):
                continue  # the live service has set it aside, or will
            if attributes.owner == own:
                self.lost_events.look_at(record, attributes)
            head.state = evolve(head.state, recorded.event)
            head.bars = barred(head.bars, recorded.event)
            head.seen[attributes.owner] = attributes.seq
            if attributes.owner == own:
                head.seq = attributes.seq
            heard.append(recorded)
        if heard:
            self.service.project(heard, self.views)
            self._folded += len(heard)

    def _head(self, case_id: str) -> Head[Any]:
        head = self.heads.get(case_id)
        if head is None:
            partition = partition_of(case_id, self.whole.partitions)
            head = self.heads[case_id] = Head(case_id, partition, self.service.decider.initial)
        return head

    # ------------------------------------------------------------------------ a lost database

    async def find_lost(self, aside: Aside) -> int:
        def take(records: Sequence[Record]) -> None:
            for record in records:
                if not (first(record.headers, "ce_type") or b"").startswith(self._own):
                    continue
                try:
                    attributes = attributes_of(record)
                    if self.lost_events.has(attributes):
                        continue
                    decode(attributes, record.value or b"")
                except NewerVersion:
                    raise
                except (BadEnvelope, ValueError):
                    continue  # in our name, but nothing we have stated: the service sets it aside
                if (record.partition, record.offset) not in aside:
                    self.lost_events.look_at(record, attributes)

        # What lies before was folded, and looked at on the way.
        await self._read(self.lost_events.ends, take)
        self._lost_rows = list(self.lost_events.rows.values())
        return len(self._lost_rows)

    async def lost(self, first: int, most: int) -> list[Row]:
        return self._lost_rows[first : first + most]

    # ---------------------------------------------------------------------------- finishing

    async def finish(self) -> dict[str, int]:
        with self.database.read() as db:
            self._add_own_tail(db)
            parked = self._parked(db)
        self._finish_heads(parked)
        codec: StateCodec[Any] = StateCodec(self.service.decider.initial, remembers=False)
        self._rows = {t.name: list(found.values()) for t, found in self.views.tables.items()}
        self._rows[heads.name] = [head_row(head, codec) for head in self.heads.values()]
        return {name: len(rows) for name, rows in self._rows.items()}

    def _is_mine(self, case_id: str) -> bool:
        return partition_of(case_id, self.whole.partitions) in self.mine

    def _add_own_tail(self, db: sa.Connection) -> None:
        """Own events that stand in the stream but have not come back from the log yet."""
        behind = []
        for case_id, seq in last_own(db).items():
            head = self.heads.get(case_id)
            if seq > head.seq if head is not None else self._is_mine(case_id):
                behind.append(case_id)
        for start in range(0, len(behind), 500):
            query = sa.select(events).where(events.c.case_id.in_(behind[start : start + 500]))
            for row in db.execute(query.order_by(events.c.case_id, events.c.seq)):
                head = self._head(row.case_id)
                if row.seq > head.seq:
                    attributes = read_attributes(load_headers(row.headers))
                    event = decode(attributes, row.value).event
                    head.state = self.service.decider.evolve(head.state, event)
                    head.bars = barred(head.bars, event)
                    head.seq = row.seq

    def _parked(self, db: sa.Connection) -> set[str]:
        query = sa.select(quarantine.c.case_id).where(quarantine.c.case_id.is_not(None))
        return {case_id for case_id in db.execute(query).scalars() if self._is_mine(case_id)}

    def _finish_heads(self, parked: set[str]) -> None:
        for case_id in parked:  # one whose first record lies aside has a head too
            self._head(case_id)
        wake_at = self.service.decider.wake_at
        for case_id, head in self.heads.items():
            head.parked = case_id in parked
            head.wake_at = None if head.parked else wake_at(case_id, head.state, self.whole.rules)

    async def rows(self, table: str, first: int, most: int) -> list[Row]:
        return self._rows.get(table, [])[first : first + most]

    async def fill(self, schema: str) -> None:
        fresh = PostgresDatabase(self.whole.database_url, search_path=schema)
        try:
            with fresh.begin() as db:
                for table in (*DERIVED.sorted_tables, *self.service.tables.sorted_tables):
                    fresh.copy(db, table, self._rows.get(table.name, []))
        finally:
            fresh.dispose()


def last_own(db: sa.Connection) -> dict[str, int]:
    """The number of the last own event of each case."""
    query = sa.select(events.c.case_id, sa.func.max(events.c.seq)).group_by(events.c.case_id)
    return {case_id: seq for case_id, seq in db.execute(query)}

