"""The log in one SQLite file: durable, partitioned, with groups. For one machine; no server."""

import asyncio
import contextlib
import sqlite3
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from libs.log.headers import TextHeaders
from libs.log.partition import partition_of
from libs.log.port import (
    LogTruncated,
    LogUnavailable,
    Outgoing,
    Positions,
    Record,
    Resume,
    WrongTopic,
)

TAIL = 1000
"""Newest records of a partition that are kept in memory."""
MEMBER_LEASE = 6.0
"""Seconds after which a member that was not heard of has left its group."""
LOOK_ABROAD = 0.05
"""Seconds between looks for what another process appended; this process's own is told at once."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS topics(topic TEXT PRIMARY KEY, partitions INT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records(
  topic TEXT, partition INT, "offset" INT, key BLOB, headers TEXT, value BLOB,
  PRIMARY KEY (topic, partition, "offset"));
CREATE TABLE IF NOT EXISTS members(
  grp TEXT, topic TEXT, member TEXT, until REAL, PRIMARY KEY (grp, topic, member)) WITHOUT ROWID;
"""

LOAD = (
    'SELECT "offset", key, headers, value FROM records '
    'WHERE topic = ? AND partition = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?'
)


class SqliteLog:
    """``path`` may carry ``?synchronous=OFF`` for a log that need not survive a power cut."""

    def __init__(self, path: str) -> None:
        path, _, query = path.partition("?")
        synchronous = query.removeprefix("synchronous=").upper() or "FULL"
        if synchronous not in {"FULL", "NORMAL", "OFF", "EXTRA"}:
            raise ValueError(f"synchronous={synchronous} is not one of FULL, NORMAL, OFF, EXTRA")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"PRAGMA synchronous={synchronous}")
        self._db.executescript(SCHEMA)
        # One thread: SQLite has one writer anyway, and a read must see what was just appended.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log")
        self._topics: dict[str, int] = {}
        self._tail: dict[tuple[str, int], deque[Record]] = {}
        self._known_ends: dict[tuple[str, int], int] = {}
        self._known_version = -1
        self._abroad: asyncio.Task[None] | None = None
        self._bells: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.closed = False

    async def prepare(self, topics: dict[str, int]) -> None:
        await self._run(self._prepare, topics)

    def _prepare(self, topics: dict[str, int]) -> None:
        for topic, partitions in topics.items():
            self._db.execute("INSERT OR IGNORE INTO topics VALUES (?, ?)", (topic, partitions))
        self._topics = dict(self._db.execute("SELECT topic, partitions FROM topics"))
        for topic, partitions in topics.items():
            if self._topics[topic] != partitions:
                raise WrongTopic(
                    f"{topic} has {self._topics[topic]} partitions, the manifest says {partitions}"
                )

    async def append(self, records: Sequence[Outgoing]) -> None:
        if records:
            await self._run(self._append, records)
            for topic in {record.topic for record in records}:
                for bell in self._bells[topic]:
                    bell.set()

    def _append(self, records: Sequence[Outgoing]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._look_abroad()
            ends: dict[tuple[str, int], int] = {}
            rows = []
            for record in records:
                partition = partition_of(record.key, self._partitions(record.topic))
                place = (record.topic, partition)
                if place not in ends:
                    ends[place] = self._end(*place)
                headers = orjson.dumps([(n, text.decode()) for n, text in record.headers]).decode()
                rows.append((*place, ends[place], record.key.encode(), headers, record.value))
                ends[place] += 1
            self._db.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")
            self._known_ends |= ends
            self._remember(records, rows)
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _remember(self, records: Sequence[Outgoing], rows: Sequence[tuple[Any, ...]]) -> None:
        """Keep the newest records as they are: six services in one process read each of them."""
        for record, (topic, partition, offset, key, _, value) in zip(records, rows, strict=True):
            tail = self._tail_of(topic, partition)
            if tail and tail[-1].offset != offset - 1:  # another process has appended in between
                lacks = offset - 1 - tail[-1].offset
                if lacks <= TAIL:
                    self._load(topic, partition, tail[-1].offset + 1, lacks)
                if tail[-1].offset != offset - 1:
                    tail.clear()
            tail.append(Record(topic, partition, offset, key, tuple(record.headers), value))

    def _tail_of(self, topic: str, partition: int) -> deque[Record]:
        return self._tail.setdefault((topic, partition), deque(maxlen=TAIL))

    def _load(self, topic: str, partition: int, start: int, limit: int) -> list[Record]:
        """Records out of the file, which are kept too if they are the newest or follow what is kept."""
        rows = self._db.execute(LOAD, (topic, partition, start, limit))
        found = [
            Record(topic, partition, offset, key, TextHeaders(headers), value)
            for offset, key, headers, value in rows
        ]
        if found:
            tail = self._tail_of(topic, partition)
            if not tail or found[0].offset != tail[-1].offset + 1:
                if found[-1].offset + 1 != self._end(topic, partition):
                    return found
                tail.clear()
            tail.extend(found)
        return found

    def _recent(self, topic: str, partition: int, start: int, limit: int) -> list[Record] | None:
        """Records from an offset on, if they are remembered."""
        tail = self._tail.get((topic, partition))
        if not tail or not tail[0].offset <= start <= tail[-1].offset:
            return None
        first = start - tail[0].offset
        return list(islice(tail, first, first + limit))

    def _partitions(self, topic: str) -> int:
        if topic not in self._topics:
            raise WrongTopic(f"{topic} is not in the manifest")
        return self._topics[topic]

    def _end(self, topic: str, partition: int) -> int:
        """The end of a partition, looked up anew only after ``_look_abroad`` found that it may have moved."""
        place = (topic, partition)
        if place not in self._known_ends:
            self._known_ends[place] = self._look_up_end(topic, partition)
        return self._known_ends[place]

    def _look_abroad(self) -> int:
        """Forget ends that were known if another process has written since. Gives what its next write changes."""
        version: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        if version != self._known_version:
            self._known_version = version
            self._known_ends.clear()
        return version

    async def _watch_abroad(self) -> None:
        """Ring every reader when another process has appended: one look for all of them.

        By a memory of its own: whoever reads sees a change first, and the others sleep.
        """
        rung_at = -1
        while not self.closed:
            await asyncio.sleep(LOOK_ABROAD)
            with contextlib.suppress(LogUnavailable):
                version = await self._run(self._look_abroad)
                if version != rung_at:
                    rung_at = version
                    for bell in (bell for bells in self._bells.values() for bell in bells):
                        bell.set()

    def _look_up_end(self, topic: str, partition: int) -> int:
        query = 'SELECT ifnull(max("offset"), -1) + 1 FROM records WHERE topic = ? AND partition = ?'
        return int(self._db.execute(query, (topic, partition)).fetchone()[0])

    async def open_reader(self, group: str, topic: str, resume: Resume) -> "SqliteReader":
        self._partitions(topic)
        reader = SqliteReader(self, group, topic, resume)
        if self._abroad is None:
            self._abroad = asyncio.create_task(self._watch_abroad())
        await reader.share()
        return reader

    async def check(self) -> None:
        if self.closed:
            raise LogUnavailable("the log is closed")
        await self._run(lambda: self._db.execute("SELECT 1 FROM topics LIMIT 1").fetchall())

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            if self._abroad is not None:
                self._abroad.cancel()
            for bell in (bell for bells in self._bells.values() for bell in bells):
                bell.set()
            self._thread.shutdown(wait=True)
            self._db.close()

    async def _run(self, work: Any, *arguments: Any) -> Any:
        if self.closed:
            raise LogUnavailable("the log is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        except sqlite3.OperationalError as error:
            raise LogUnavailable(str(error)) from error


class SqliteReader:
    """Members share the partitions by their order in the group; a position in the database fences."""

    def __init__(self, log: SqliteLog, group: str, topic: str, resume: Resume) -> None:
        self._log, self._group, self._topic, self._resume = log, group, topic, resume
        self._member = uuid.uuid4().hex
        self._next: Positions = {}
        self._shared_at = 0.0
        self._bell = asyncio.Event()
        log._bells[topic].add(self._bell)

    @property
    def assigned(self) -> frozenset[int]:
        return frozenset(self._next)

    async def share(self) -> None:
        """Renew the membership and take up the partitions that are this member's."""
        mine = await self._log._run(self._take_share)
        self._shared_at = time.monotonic()
        gained = sorted(mine - self._next.keys())
        self._next = {p: n for p, n in self._next.items() if p in mine}
        if gained:
            resumed = await self._resume(gained)
            ends = await self.ends()
            for partition in gained:
                start = resumed.get(partition, 0)
                if start > ends[partition]:
                    raise LogTruncated(
                        f"{self._topic}/{partition} ends at {ends[partition]}, but {self._group} has "
                        f"read up to {start}: the log lost records or is another log"
                    )
                self._next[partition] = start

    def _take_share(self) -> set[int]:
        db, now = self._log._db, time.time()
        db.execute("BEGIN IMMEDIATE")
        try:
            db.execute("DELETE FROM members WHERE until < ?", (now,))
            db.execute(
                "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)",
                (self._group, self._topic, self._member, now + MEMBER_LEASE),
            )
            query = "SELECT member FROM members WHERE grp = ? AND topic = ? ORDER BY member"
            members = [row[0] for row in db.execute(query, (self._group, self._topic))]
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # else SQLite has rolled back by itself, as when the disk is full
                db.execute("ROLLBACK")
            raise
        rank = members.index(self._member)
        return {
            p for p in range(self._log._partitions(self._topic)) if p % len(members) == rank
        }

    async def read(self, limit: int, wait: float) -> Sequence[Record]:
        until = time.monotonic() + wait
        while True:
            if time.monotonic() - self._shared_at > MEMBER_LEASE / 3:
                await self.share()
            self._bell.clear()  # before looking: what is appended from here on rings again
            records: Sequence[Record] = await self._log._run(self._fetch, limit)
            if records:
                for record in records:
                    self._next[record.partition] = record.offset + 1
                return records
            left = until - time.monotonic()
            if left <= 0 or self._log.closed:
                return []
            try:
                await asyncio.wait_for(self._bell.wait(), left)
            except TimeoutError:
                continue

    def _fetch(self, limit: int) -> list[Record]:
        found: list[Record] = []
        self._log._look_abroad()
        for partition, start in self._next.items():
            if start >= self._log._end(self._topic, partition):
                continue
            left = limit - len(found)
            recent = self._log._recent(self._topic, partition, start, left)
            found += recent or self._log._load(self._topic, partition, start, left)
            if len(found) >= limit:
                break
        return found

    async def ends(self) -> Positions:
        def look() -> Positions:
            partitions = self._log._partitions(self._topic)
            self._log._look_abroad()
            return {p: self._log._end(self._topic, p) for p in range(partitions)}

        ends: Positions = await self._log._run(look)
        return ends

    async def rewind(self, partition: int, offset: int) -> None:
        if partition in self._next:
            self._next[partition] = offset
            self._bell.set()

    async def close(self) -> None:
        self._log._bells[self._topic].discard(self._bell)
        if self._log.closed:
            return
        await self._log._run(
            lambda: self._log._db.execute("DELETE FROM members WHERE member = ?", (self._member,))
        )
