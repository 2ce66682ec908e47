"""Builds a service's derived tables anew from the log, while the service goes on with the live ones.

It folds and projects, and never reacts: what the service did about a fact, it has done. Kept tables are
only read, but for a lost database: its own events are imported from the log first. Reading, folding and
swapping stand in one file, because the order of its locks must be seen whole.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.catalog import NewerVersion
from libs.events.envelope import Attributes, BadEnvelope, decode, read_attributes
from libs.host.schema import migrate
from libs.host.service import Service
from libs.host.settings import Settings
from libs.log.partition import partition_of
from libs.log.port import LogTruncated, Positions, Record
from libs.log.scan import Scan, open_scan
from libs.rules.bars import barred
from libs.rules.rules import Rules
from libs.sourcing.database import Database, PostgresDatabase, open_database
from libs.sourcing.store import Head, StateCodec, event_row, head_row, load_headers
from libs.sourcing.tables import (
    DERIVED,
    events,
    facts,
    heads,
    numbers,
    positions,
    quarantine,
)
from libs.sourcing.views import Row, Views, key_of
from libs.vault.keys import read_master_key
from libs.vault.receipts import Receipts

FRESH = "fresh"
CLOSE_ENOUGH = 2_000
"""So many records may be left to fold while the service is kept waiting."""


class Released(Exception):
    """A record that was skipped, for it lay in quarantine, has been taken in meanwhile."""


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
        self.write(table, [new for _, new in changed])

    def remove(self, table: sa.Table, keys: Iterable[Any]) -> None:
        """Delete rows by primary key."""
        for key in keys:
            self.tables.get(table, {}).pop(key, None)


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild did."""

    records: int = 0
    folded: int = 0
    imported: int = 0
    rows: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Lost:
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


class Rebuild:
    """One service of one realm. ``database`` is the live one."""

    def __init__(
        self,
        service: Service,
        scan: Scan,
        database_url: str,
        topic: str,
        partitions: int,
        rules: Rules,
        receipts: Receipts,
    ) -> None:
        self.service, self.scan, self.rules, self.receipts = service, scan, rules, receipts
        self.url, self.topic, self.partitions = database_url, topic, partitions
        self.database = open_database(database_url)
        self._begin()
        self._hears = {event.type() for event in service.takes_in}

    async def run(self, progress: Callable[[int, int], None] = lambda done, total: None) -> Rebuilt:
        """Fold up to where the service stands, then swap. Raises ``NewerVersion`` or a log's error."""
        migrate(self.database)
        try:
            await self._refuse_if_truncated()
            while True:
                try:
                    await self._look_for_lost()
                    await self._fold_and_swap(progress)
                    return self.done
                except Released:  # what was skipped is in the live views now: begin again
                    self._begin()
        finally:
            self.database.dispose()

    def _begin(self) -> None:
        self.views = MemoryViews(lambda case_id: partition_of(case_id, self.partitions))
        self.heads: dict[str, Head[Any]] = {}
        self.at: Positions = dict.fromkeys(range(self.partitions), 0)
        self.skipped: set[tuple[int, int]] = set()
        self.lost = _Lost()
        self.done = Rebuilt()

    async def _fold_and_swap(self, progress: Callable[[int, int], None]) -> None:
        while True:
            target = self._live_positions()
            left = sum(max(0, target[p] - self.at[p]) for p in self.at)

            def advance(done: int, left: int = left) -> None:
                progress(done, done + left)

            # What lies aside is read after the positions: so it holds all poison before them.
            await self._fold_to(target, self._aside(), advance)
            if left <= CLOSE_ENOUGH:
                break
        await self._import_lost()
        await self._swap()

    # ------------------------------------------------------------------------------ reading

    async def _read(
        self, start: Positions, end: Positions, take: Callable[[Sequence[Record]], None]
    ) -> None:
        """Every record from ``start`` up to ``end``, per partition in order."""
        if any(start.get(p, 0) < until for p, until in end.items()):
            async for records in self.scan.read(self.topic, start, end):
                take(records)

    def _live_positions(self, db: sa.Connection | None = None) -> Positions:
        query = sa.select(positions.c.partition, positions.c.next).where(
            positions.c.topic == self.topic
        )
        if db is None:
            with self.database.read() as reading:
                found = {row.partition: row.next for row in reading.execute(query)}
        else:
            found = {row.partition: row.next for row in db.execute(self.database.for_update(query))}
        return {p: found.get(p, 0) for p in range(self.partitions)}

    async def _refuse_if_truncated(self) -> None:
        ends = await self.scan.ends(self.topic)
        for partition, next_ in self._live_positions().items():
            if next_ > ends.get(partition, 0):
                raise LogTruncated(
                    f"{self.topic}/{partition} ends at {ends.get(partition, 0)}, but {self.service.name} has "
                    f"read up to {next_}: the log lost records"
                )

    def _aside(self) -> frozenset[tuple[int, int]]:
        """What lies in quarantine was not projected by the live service either."""
        query = sa.select(quarantine.c.partition, quarantine.c.offset).where(
            quarantine.c.topic == self.topic
        )
        with self.database.read() as db:
            return frozenset((row.partition, row.offset) for row in db.execute(query))

    # ------------------------------------------------------------------------------ folding

    async def _fold_to(
        self,
        target: Positions,
        aside: frozenset[tuple[int, int]],
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        def take(records: Sequence[Record]) -> None:
            self.skipped |= {(r.partition, r.offset) for r in records} & aside
            self._fold([r for r in records if (r.partition, r.offset) not in aside])
            self.done.records += len(records)
            progress(self.done.records)

        await self._read(self.at, target, take)
        self.at = {p: max(self.at[p], target.get(p, 0)) for p in self.at}

    def _fold(self, records: Sequence[Record]) -> None:
        heard: list[Recorded] = []
        evolve, own = self.service.decider.evolve, self.service.name
        for record in records:
            type_ = _type_of(record)
            if type_ is None or not (type_ in self._hears or type_.startswith(f"{own}.")):
                continue
            try:
                attributes = read_attributes(record.headers)
                head = self._head(attributes.case_id)
                if attributes.seq <= head.seen.get(attributes.owner, 0):
                    continue
                recorded = decode(attributes, record.value or b"")
            except NewerVersion:
                raise
            except (BadEnvelope, ValueError):
                continue  # the live service has set it aside, or will
            if attributes.owner == own:
                self.lost.look_at(record, attributes)
            head.state = evolve(head.state, recorded.event)
            head.bars = barred(head.bars, recorded.event)
            head.seen[attributes.owner] = attributes.seq
            if attributes.owner == own:
                head.seq = attributes.seq
            heard.append(recorded)
        if heard:
            self.service.project(heard, self.views)
            self.done.folded += len(heard)

    def _head(self, case_id: str) -> Head[Any]:
        head = self.heads.get(case_id)
        if head is None:
            partition = partition_of(case_id, self.partitions)
            head = self.heads[case_id] = Head(case_id, partition, self.service.decider.initial)
        return head

    # ------------------------------------------------------------------------ a lost database

    async def _look_for_lost(self) -> None:
        """Note what the database has of our own events, to see in the log what it lacks."""
        ends = await self.scan.ends(self.topic)  # before: what is stated from here on is not lost
        with self.database.read() as db:
            self.lost = _Lost(ends, _last_own(db))

    async def _import_lost(self) -> None:
        """Bring our own events back from the log if the database lacks them.

        The service then goes on from where its database stood, an empty one from the log's beginning: it
        hears the rest again, and its rules find everything done already.
        """
        aside = self._aside()
        begin = f"{self.service.name}."

        def take(records: Sequence[Record]) -> None:
            for record in records:
                type_ = _type_of(record)
                if type_ is None or not type_.startswith(begin):
                    continue
                try:
                    attributes = read_attributes(record.headers)
                    if self.lost.has(attributes):
                        continue
                    decode(attributes, record.value or b"")
                except NewerVersion:
                    raise
                except (BadEnvelope, ValueError):
                    continue  # in our name, but nothing we have stated: the service sets it aside
                if (record.partition, record.offset) not in aside:
                    self.lost.look_at(record, attributes)

        # What lies before was folded, and looked at on the way.
        await self._read(self.at, self.lost.ends, take)
        if not self.lost.rows:
            return
        with self.database.begin() as db:
            self.database.copy(db, events, list(self.lost.rows.values()))
            self._go_on_numbering(db, self.lost.rows.values())
        self.done.imported = len(self.lost.rows)

    def _go_on_numbering(self, db: sa.Connection, imported: Iterable[Row]) -> None:
        """Draw no receipt number a second time: go on after the highest one that was given."""
        fields = set(self.service.receipts.values())
        given = [
            self.receipts.sequence(value)
            for row in imported
            for name, value in json.loads(row["value"]).items()
            if name in fields
        ]
        if given:
            next_ = db.execute(sa.select(numbers.c.next).where(numbers.c.name == "receipt")).scalar()
            next_ = max(next_ or 1, max(given) + 1)
            self.database.write(db, numbers, [{"name": "receipt", "next": next_}])

    # ----------------------------------------------------------------------------- swapping

    async def _swap(self) -> None:
        """In one transaction that holds the positions: fold the rest, copy, put in place."""
        tables = [*DERIVED.sorted_tables, *self.service.tables.sorted_tables]
        try:
            with self.database.begin() as live:
                if self.database.locks:
                    live.execute(sa.text("LOCK TABLE positions IN ACCESS EXCLUSIVE MODE"))
                    for table in tables:
                        if sa.inspect(live).has_table(table.name):
                            live.execute(sa.text(f"LOCK TABLE {table.name} IN ACCESS EXCLUSIVE MODE"))
                aside = self._aside_within(live)
                if self.skipped - aside:
                    raise Released
                await self._fold_to(self._live_positions(live), aside)
                self._add_own_tail(live)
                self._finish_heads(live)
                if isinstance(self.database, PostgresDatabase):
                    self._make_fresh(tables)
                    self._rename(live, tables)
                else:  # another transaction could not write while this one does: in place, all or nothing
                    for metadata in (DERIVED, self.service.tables):
                        metadata.drop_all(live)
                        metadata.create_all(live)
                    self._copy(self.database, live, tables)
                # Its cases were looked at by the rules of when it began: whoever takes over looks again.
                live.execute(sa.delete(positions).where(positions.c.topic != self.topic))
                fingerprint = {"name": "fingerprint", "value": self.service.fingerprint()}
                self.database.write(live, facts, [fingerprint])
        finally:
            if isinstance(self.database, PostgresDatabase):
                with self.database.begin() as db:
                    db.execute(sa.text(f"DROP SCHEMA IF EXISTS {FRESH} CASCADE"))

    def _aside_within(self, db: sa.Connection) -> frozenset[tuple[int, int]]:
        query = sa.select(quarantine.c.partition, quarantine.c.offset)
        return frozenset((row.partition, row.offset) for row in db.execute(query))

    def _add_own_tail(self, db: sa.Connection) -> None:
        """Own events that stand in the stream but have not come back from the log yet."""
        last = _last_own(db)
        behind = [c for c, seq in last.items() if seq > (self.heads[c].seq if c in self.heads else 0)]
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

    def _finish_heads(self, db: sa.Connection) -> None:
        parked = set(
            db.execute(sa.select(quarantine.c.case_id).where(quarantine.c.case_id.is_not(None))).scalars()
        )
        for case_id in parked:  # one whose first record lies aside has a head too
            self._head(case_id)
        wake_at = self.service.decider.wake_at
        for case_id, head in self.heads.items():
            head.parked = case_id in parked
            head.wake_at = None if head.parked else wake_at(case_id, head.state, self.rules)

    def _copy(self, fresh: Database, db: sa.Connection, tables: Sequence[sa.Table]) -> None:
        codec: StateCodec[Any] = StateCodec(self.service.decider.initial, remembers=False)
        rows: dict[sa.Table, Sequence[Row]] = {
            table: list(found.values()) for table, found in self.views.tables.items()
        }
        rows[heads] = [head_row(head, codec) for head in self.heads.values()]
        for table in tables:
            fresh.copy(db, table, rows.get(table, []))
            self.done.rows[table.name] = len(rows.get(table, []))

    def _make_fresh(self, tables: Sequence[sa.Table]) -> None:
        """The tables anew, in a schema of their own."""
        with self.database.begin() as db:
            db.execute(sa.text(f"DROP SCHEMA IF EXISTS {FRESH} CASCADE"))
            db.execute(sa.text(f"CREATE SCHEMA {FRESH}"))
        fresh = PostgresDatabase(self.url, search_path=FRESH)  # not public: what is visible is not made
        try:
            with fresh.begin() as db:
                for metadata in (DERIVED, self.service.tables):
                    metadata.create_all(db)
                self._copy(fresh, db, tables)
        finally:
            fresh.dispose()

    def _rename(self, live: sa.Connection, tables: Sequence[sa.Table]) -> None:
        for table in tables:
            live.execute(sa.text(f"DROP TABLE IF EXISTS public.{table.name}"))
            live.execute(sa.text(f"ALTER TABLE {FRESH}.{table.name} SET SCHEMA public"))


async def rebuild(
    service: Service,
    settings: Settings,
    rules: Rules,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Rebuilt:
    """Rebuild a service of the settings' realm. Raises what ``Rebuild.run`` and ``open_scan`` raise."""
    topic, partitions = settings.topics().of(service.subject)
    receipts = Receipts(read_master_key(settings.server_key_file, False), settings.realm)
    scan = await open_scan(settings.log_url)
    try:
        work = Rebuild(
            service,
            scan,
            settings.database_of(service.name),
            topic,
            partitions,
            rules,
            receipts,
        )
        return await work.run(progress)
    finally:
        await scan.close()


def _last_own(db: sa.Connection) -> dict[str, int]:
    """The number of the last own event of each case."""
    query = sa.select(events.c.case_id, sa.func.max(events.c.seq)).group_by(events.c.case_id)
    return {case_id: seq for case_id, seq in db.execute(query)}


def _type_of(record: Record) -> str | None:
    for name, value in record.headers:
        if name == "ce_type":
            return None if value is None else value.decode("utf-8", "replace")
    return None
