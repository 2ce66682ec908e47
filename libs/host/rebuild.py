"""Builds a service's derived tables anew from the log, while the service goes on with the live ones.

Kept tables are only read, but for a lost database: its own events are imported from the log first. Folding
is done by parts of the partitions, here and in processes beside this one; swapping stands in one file,
because the order of its locks must be seen whole.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from libs.host.apart import Apart, Errand, Helpers
from libs.host.folding import Aside, Folded, Folding, Part, Whole
from libs.host.schema import migrate
from libs.host.service import Service
from libs.host.settings import Settings
from libs.log.port import LogTruncated, Positions
from libs.log.scan import Scan, open_scan
from libs.rules.rules import Rules
from libs.sourcing.database import PostgresDatabase, open_database
from libs.sourcing.tables import DERIVED, events, facts, numbers, positions, quarantine
from libs.sourcing.views import Row
from libs.vault.keys import read_master_key
from libs.vault.receipts import Receipts

T = TypeVar("T")
FRESH = "fresh"
CLOSE_ENOUGH = 2_000
"""So many records may be left to fold while the service is kept waiting."""
WORTH_A_PROCESS = 50_000
"""From so many records on each, one more process is worth the second of CPU that its part's rows take to copy."""
START_COSTS = 60_000
"""So many records are folded here before a process that was not forked begins."""
AT_ONCE = 5_000
"""Rows that a part hands over at a time."""


class Released(Exception):
    """A record that was skipped, for it lay in quarantine, has been taken in meanwhile."""


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild did, in so many processes."""

    records: int = 0
    folded: int = 0
    imported: int = 0
    processes: int = 1
    rows: dict[str, int] = field(default_factory=dict)


class Rebuild:
    """One service of one realm. ``database`` is the live one. The caller lets go of it by ``close``."""

    def __init__(
        self,
        service: Service,
        whole: Whole,
        scan: Scan,
        receipts: Receipts,
        progress: Callable[[int, int], None],
    ) -> None:
        self.service, self.whole, self.scan, self.receipts = service, whole, scan, receipts
        self.topic, self._progress, self._total = whole.topic, progress, 0
        self.database = open_database(whole.database_url)
        self.at: Positions = dict.fromkeys(range(whole.partitions), 0)
        self.skipped: Aside = frozenset()
        self.parts: list[Part] = []
        self.ends: Positions = {}
        self._begun: set[Part] = set()
        self.done = Rebuilt()

    async def run(self, log_url: str, helpers: Helpers | None = None) -> Rebuilt:
        """Fold up to where the service stands, then swap. Raises ``NewerVersion`` or a log's error.

        As many of the helpers fold too as are worth it.
        """
        migrate(self.database)
        await self._refuse_if_truncated()
        sizes = self._live_positions()
        beside = helpers.helpers if helpers else []
        worth = min(sum(sizes.values()) // WORTH_A_PROCESS, self.whole.partitions)
        many = max(1, min(1 + len(beside), worth))
        here, *away = shares(sizes, many, 0 if helpers and helpers.ready else START_COSTS)
        for helper, mine in zip(beside, away, strict=False):
            self.parts.append(Apart(helper, Errand(self.whole, log_url, mine), self._tell))
        self.parts.append(Folding(self.service, self.whole, self.scan, here, self._tell))
        self.done.processes = many
        while True:
            try:
                await self._begin()
                await self._fold_and_swap()
                return self.done
            except Released:  # what was skipped is in the live views now: begin again
                self.done = Rebuilt(processes=many)

    async def close(self) -> None:
        """Let go of the parts and the database."""
        for part in self.parts:
            await part.close()
        self.database.dispose()

    async def _begin(self) -> None:
        self.at = dict.fromkeys(self.at, 0)
        self.skipped = frozenset()
        self.ends = await self.scan.ends(self.topic)  # first: what is stated from here on is not lost
        self._begun = set()

    async def _all(self, works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
        """What all parts answer, working at the same time; if one fails, the others are left."""
        tasks = [asyncio.create_task(work) for work in works]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _tell(self, _: int) -> None:
        self._progress(sum(part.records for part in self.parts), self._total)

    async def _fold_and_swap(self) -> None:
        while True:
            target = self._live_positions()
            left = sum(max(0, target[p] - self.at[p]) for p in self.at)
            self._total = self.done.records + left
            # What lies aside is read after the positions: so it holds all poison before them.
            await self._fold_to(target, self._aside())
            if left <= CLOSE_ENOUGH:
                break
        await self._import_lost()
        await self._swap()

    async def _fold_to(self, target: Positions, aside: Aside) -> None:
        async def fold(part: Part) -> Folded:
            if part not in self._begun:
                await part.begin(self.ends)
                self._begun.add(part)
            return await part.fold_to(target, aside)

        found = await self._all(fold(part) for part in self.parts)
        self.done.records = sum(part.records for part in found)
        self.done.folded = sum(part.folded for part in found)
        self.skipped = frozenset().union(*(part.skipped for part in found))
        self.at = {p: max(self.at[p], target.get(p, 0)) for p in self.at}

    def _live_positions(self, db: sa.Connection | None = None) -> Positions:
        query = sa.select(positions.c.partition, positions.c.next).where(
            positions.c.topic == self.topic
        )
        if db is None:
            with self.database.read() as reading:
                found = {row.partition: row.next for row in reading.execute(query)}
        else:
            found = {row.partition: row.next for row in db.execute(self.database.for_update(query))}
        return {p: found.get(p, 0) for p in self.at}

    async def _refuse_if_truncated(self) -> None:
        ends = await self.scan.ends(self.topic)
        for partition, next_ in self._live_positions().items():
            if next_ > ends.get(partition, 0):
                raise LogTruncated(
                    f"{self.topic}/{partition} ends at {ends.get(partition, 0)}, but {self.service.name} has "
                    f"read up to {next_}: the log lost records"
                )

    def _aside(self) -> Aside:
        """What lies in quarantine was not projected by the live service either."""
        query = sa.select(quarantine.c.partition, quarantine.c.offset).where(
            quarantine.c.topic == self.topic
        )
        with self.database.read() as db:
            return frozenset((row.partition, row.offset) for row in db.execute(query))

    async def _import_lost(self) -> None:
        """Bring our own events back from the log if the database lacks them.

        The service then goes on from where its database stood, an empty one from the log's beginning: it
        hears the rest again, and its rules find everything done already.
        """
        aside = self._aside()
        self.done.imported = sum(await self._all(part.find_lost(aside) for part in self.parts))
        if not self.done.imported:
            return
        with self.database.begin() as db:
            self._rest_as_long_as_need_be(db)
            given = 0
            for part in self.parts:
                async for rows in _handed_over(part.lost):
                    self.database.copy(db, events, rows)
                    given = max(given, self._last_receipt(rows))
            if given:  # draw no number a second time: go on after the highest one
                query = sa.select(numbers.c.next).where(numbers.c.name == "receipt")
                next_ = max(db.execute(query).scalar() or 1, given + 1)
                self.database.write(db, numbers, [{"name": "receipt", "next": next_}])

    def _last_receipt(self, imported: Iterable[Row]) -> int:
        """The highest receipt number that these events give, 0 if none does."""
        fields = set(self.service.receipts.values())
        given = (
            self.receipts.sequence(value)
            for row in imported
            for name, value in json.loads(row["value"]).items()
            if name in fields
        )
        return max(given, default=0)

    def _rest_as_long_as_need_be(self, db: sa.Connection) -> None:
        """This transaction waits for the parts: longer than the server lets one wait that does nothing."""
        if isinstance(self.database, PostgresDatabase):
            db.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout TO 0"))

    # ----------------------------------------------------------------------------- swapping

    async def _swap(self) -> None:
        """In one transaction that holds the positions: fold the rest, copy, put in place."""
        tables = [*DERIVED.sorted_tables, *self.service.tables.sorted_tables]
        try:
            with self.database.begin() as live:
                self._rest_as_long_as_need_be(live)
                if self.database.locks:
                    live.execute(sa.text("LOCK TABLE positions IN ACCESS EXCLUSIVE MODE"))
                    for table in tables:
                        if sa.inspect(live).has_table(table.name):
                            live.execute(sa.text(f"LOCK TABLE {table.name} IN ACCESS EXCLUSIVE MODE"))
                aside = self._aside_within(live)
                if self.skipped - aside:
                    raise Released
                await self._fold_to(self._live_positions(live), aside)
                made = await self._all(part.finish() for part in self.parts)
                self.done.rows = {t.name: sum(m.get(t.name, 0) for m in made) for t in tables}
                if isinstance(self.database, PostgresDatabase):
                    await self._make_fresh()
                    self._rename(live, tables)
                else:  # another transaction could not write while this one does: in place, all or nothing
                    for metadata in (DERIVED, self.service.tables):
                        self.database.drop(live, metadata)
                        metadata.create_all(live)
                    await self._copy(live, tables)
                # Its cases were looked at by the rules of when it began: whoever takes over looks again.
                live.execute(sa.delete(positions).where(positions.c.topic != self.topic))
                fingerprint = {"name": "fingerprint", "value": self.service.fingerprint()}
                self.database.write(live, facts, [fingerprint])
        finally:
            if isinstance(self.database, PostgresDatabase):
                with self.database.begin() as db:
                    db.execute(sa.text(f"DROP SCHEMA IF EXISTS {FRESH} CASCADE"))

    def _aside_within(self, db: sa.Connection) -> Aside:
        query = sa.select(quarantine.c.partition, quarantine.c.offset)
        return frozenset((row.partition, row.offset) for row in db.execute(query))

    async def _copy(self, db: sa.Connection, tables: Sequence[sa.Table]) -> None:
        for part in self.parts:
            for table in tables:
                async for rows in _handed_over(part.rows, table.name):
                    self.database.copy(db, table, rows)

    async def _make_fresh(self) -> None:
        """The tables anew, in a schema of their own; each part writes its own rows."""
        with self.database.begin() as db:
            db.execute(sa.text(f"DROP SCHEMA IF EXISTS {FRESH} CASCADE"))
            db.execute(sa.text(f"CREATE SCHEMA {FRESH}"))
        # Not public: what is visible is not made.
        fresh = PostgresDatabase(self.whole.database_url, search_path=FRESH)
        try:
            with fresh.begin() as db:
                for metadata in (DERIVED, self.service.tables):
                    metadata.create_all(db)
        finally:
            fresh.dispose()
        await self._all(part.fill(FRESH) for part in self.parts)

    def _rename(self, live: sa.Connection, tables: Sequence[sa.Table]) -> None:
        for table in tables:
            live.execute(sa.text(f"DROP TABLE IF EXISTS public.{table.name}"))
            live.execute(sa.text(f"ALTER TABLE {FRESH}.{table.name} SET SCHEMA public"))


async def _handed_over(
    ask: Callable[..., Coroutine[Any, Any, list[Row]]], *words: str
) -> AsyncIterator[list[Row]]:
    """All rows that a part has of something; the next ones come while these are written."""
    rows = await ask(*words, 0, AT_ONCE)
    first = 0
    while rows:
        first += len(rows)
        coming = asyncio.create_task(ask(*words, first, AT_ONCE))
        await asyncio.sleep(0)  # so that it is asked for
        yield rows
        rows = await coming


def shares(sizes: Positions, many: int, start: int) -> list[list[int]]:
    """Which partitions, of so many records, each process folds, to be ready about when the others are.

    The first is this one: it folds ``start`` records before the others begin. Each has at least one partition.
    """
    taken: list[list[int]] = [[] for _ in range(many)]
    ready_at = [0] + [start] * (many - 1)
    for nth, (partition, size) in enumerate(sorted(sizes.items(), key=lambda part: -part[1])):
        who = nth if nth < many else min(range(many), key=lambda n: ready_at[n] + size)
        taken[who].append(partition)
        ready_at[who] += size
    return taken


def cores() -> int:
    """How many processes this machine lets us run at the same time."""
    return len(os.sched_getaffinity(0))


async def rebuild(
    service: Service,
    settings: Settings,
    rules: Rules,
    progress: Callable[[int, int], None] = lambda done, total: None,
    helpers: Helpers | None = None,
) -> Rebuilt:
    """Rebuild a service of the settings' realm. Raises what ``Rebuild.run`` and ``open_scan`` raise."""
    topic, partitions = settings.topics().of(service.subject)
    receipts = Receipts(read_master_key(settings.server_key_file, False), settings.realm)
    whole = Whole(service.name, settings.database_of(service.name), topic, partitions, rules)
    scan = await open_scan(settings.log_url)
    try:
        work = Rebuild(service, whole, scan, receipts, progress)
        try:
            return await work.run(settings.log_url, helpers)
        finally:
            await work.close()
    finally:
        await scan.close()
