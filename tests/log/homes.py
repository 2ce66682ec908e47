"""The two homes of the log, as a test needs them: opened twice, written by a stranger, cut off."""

import asyncio
import json
import os
import resource
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaProducer

from libs.log.connect import open_log
from libs.log.kafka import KafkaLog
from libs.log.port import EventLog, LogTruncated, Outgoing, Positions, Reader, Record, Resume
from tools.cluster import children
from tools.cluster.broker import Broker

ROOT = Path(__file__).parents[2]
RawHeaders = Sequence[tuple[str, bytes | None]]


@dataclass
class SqliteHome:
    """A log in a file of the test's own."""

    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}?synchronous=OFF"

    def open(self) -> EventLog:
        return open_log(self.url)

    async def write_raw(
        self, topic: str, key: bytes | None, headers: RawHeaders, value: bytes | None
    ) -> None:
        """A record as another program may have left it, in partition 0."""
        db = sqlite3.connect(self.path)
        texts = json.dumps([(n, None if v is None else v.decode()) for n, v in headers])
        query = "SELECT count(*) FROM records WHERE topic = ? AND partition = 0"
        (offset,) = db.execute(query, (topic,)).fetchone()
        row = (topic, 0, offset, key, texts, value)
        db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", row)
        db.commit()
        db.close()

    @asynccontextmanager
    async def out_of_reach(self, topic: str) -> AsyncIterator[EventLog]:
        """The disk is full: no file of this process may grow past what the log's file has."""
        log = self.open()
        await log.prepare({topic: 1})
        with self.stumbling():
            yield log
        await log.close()

    @contextmanager
    def stumbling(self) -> Iterator[int]:
        """Appends fail while this lasts, with a value of so many bytes."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        wal = Path(f"{self.path}-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (wal + 4096, before[1]))
        try:
            yield 200_000
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


@dataclass
class KafkaHome:
    """Topics of the test's own on the broker that all tests share."""

    broker: Broker

    @property
    def url(self) -> str:
        return self.broker.url

    def open(self) -> EventLog:
        return KafkaLog([self.broker.bootstrap], session_timeout_ms=6_000)

    async def write_raw(
        self, topic: str, key: bytes | None, headers: RawHeaders, value: bytes | None
    ) -> None:
        """A record as another program may have left it, in partition 0."""
        async with AIOKafkaProducer(bootstrap_servers=self.broker.bootstrap) as producer:
            await producer.send_and_wait(topic, value, key, partition=0, headers=list(headers))

    @asynccontextmanager
    async def out_of_reach(self, topic: str) -> AsyncIterator[EventLog]:
        """Nobody listens at the address any more."""
        log = KafkaLog([self.broker.bootstrap])
        await log.prepare({topic: 1})
        log._servers = [f"127.0.0.1:{children.free_port()}"]
        yield log
        await log.close()

    @contextmanager
    def stumbling(self) -> Iterator[int]:
        """Appends fail while this lasts, with a value of so many bytes: more than Kafka takes."""
        yield 3_000_000


Home = SqliteHome | KafkaHome


def new_topic() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


def out(topic: str, key: str, value: str | bytes = b"{}") -> Outgoing:
    body = value.encode() if isinstance(value, str) else value
    return Outgoing(topic, key, (("ce_type", b"intake.CaseRegistered"),), body)


def standing_at(positions: Positions | None = None) -> Resume:
    """A database that stands at these positions, at 0 elsewhere."""

    async def resume(partitions: Sequence[int]) -> Positions:
        return {p: (positions or {}).get(p, 0) for p in partitions}

    return resume


async def take(reader: Reader, count: int, seconds: float = 20, limit: int = 500) -> list[Record]:
    """Read until so many records have come, or fail."""
    taken: list[Record] = []
    async with asyncio.timeout(seconds):
        while len(taken) < count:
            taken += await reader.read(limit, 0.5)
    return taken


async def until_assigned(*wanted: tuple[Reader, int], seconds: float = 25) -> list[Record]:
    """Read with every member until each has so many partitions; gives what was read meanwhile."""
    taken: list[Record] = []
    async with asyncio.timeout(seconds):
        while any(len(reader.assigned) != count for reader, count in wanted):
            for records in await asyncio.gather(*(r.read(500, 0.1) for r, _ in wanted)):
                taken += records
    return taken


async def refusal_to(log: EventLog, group: str, topic: str, resume: Resume) -> str:
    """In what words a log refuses to be read from there; nothing may come after them either."""
    reader = None
    try:
        reader = await log.open_reader(group, topic, resume)
        for _ in range(20):
            assert await reader.read(500, 0.5) == []
    except LogTruncated as refusal:
        if reader is not None:
            assert await reader.read(500, 1.5) == []
        return str(refusal)
    finally:
        if reader is not None:
            await reader.close()
    return "it was not refused"


def another_process(program: str, *words: str) -> subprocess.Popen[str]:
    """A second Python process on the same machine, ended with the test."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
