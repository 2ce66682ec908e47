"""Looks at the log from outside, in either home. It joins no group, moves no position, writes nothing.

For people and their tools; a service hears through ``libs.log.port``.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from libs.log.headers import TextHeaders
from libs.log.port import LogUnavailable, Positions, Record, WrongTopic

BATCH = 2_000
"""Records handed over at a time."""
PATIENCE_SECONDS = 30.0
"""A broker that gives nothing for so long, while there is something, is not available."""


class Scan(Protocol):
    """Whatever lies in the log now, read as often as one likes."""

    async def topics(self) -> dict[str, int]:
        """Every topic there is, with its partition count."""

    async def ends(self, topic: str) -> Positions:
        """The offset after the last record of each partition. Raises ``WrongTopic``."""

    def read(
        self, topic: str, start: Positions, until: Positions
    ) -> AsyncIterator[Sequence[Record]]:
        """The records of the partitions in ``until``, from ``start`` (or 0) up to it, in batches.

        In offset order per partition. Raises ``LogUnavailable``.
        """

    async def close(self) -> None:
        """Let go of the log."""


async def open_scan(url: str) -> Scan:
    """``sqlite:///path`` or ``kafka://host:port[,host:port]``. Raises ``ValueError`` for others.

    Raises ``LogUnavailable`` if there is no log at that address; it makes none.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        return SqliteScan(Path(rest.removeprefix("/").partition("?")[0]))
    if scheme == "kafka":
        scan = KafkaScan(rest.split(","))
        await scan.start()
        return scan
    raise ValueError(f"no log home for {scheme}: use sqlite:/// or kafka://")


class SqliteScan:
    """The file is opened for reading alone."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise LogUnavailable(f"there is no log at {path}")
        address = f"file:{quote(str(path))}?mode=ro"
        self._db = sqlite3.connect(address, uri=True, timeout=30, check_same_thread=False)

    async def topics(self) -> dict[str, int]:
        return dict(await self._ask("SELECT topic, partitions FROM topics ORDER BY topic"))

    async def ends(self, topic: str) -> Positions:
        count = _known(await self.topics(), topic)
        query = (
            'SELECT partition, max("offset") + 1 FROM records '
            "WHERE topic = ? AND partition = ? GROUP BY partition"
        )
        found = [row for p in range(count) for row in await self._ask(query, topic, p)]
        return dict.fromkeys(range(count), 0) | dict(found)

    async def read(
        self, topic: str, start: Positions, until: Positions
    ) -> AsyncIterator[Sequence[Record]]:
        query = (
            'SELECT "offset", key, headers, value FROM records WHERE topic = ? AND partition = ? '
            'AND "offset" >= ? AND "offset" < ? ORDER BY "offset" LIMIT ?'
        )
        for partition, end in sorted(until.items()):
            at = start.get(partition, 0)
            while at < end:
                rows = await self._ask(query, topic, partition, at, end, BATCH)
                if not rows:
                    break
                yield [
                    Record(topic, partition, offset, key, TextHeaders(headers), value)
                    for offset, key, headers, value in rows
                ]
                at = rows[-1][0] + 1

    async def close(self) -> None:
        self._db.close()

    async def _ask(self, query: str, *values: Any) -> list[Any]:
        try:
            return await asyncio.to_thread(lambda: self._db.execute(query, values).fetchall())
        except sqlite3.Error as error:
            raise LogUnavailable(f"this is not a log of ours: {error}") from error


def _known(topics: dict[str, int], topic: str) -> int:
    if topic not in topics:
        there = ", ".join(sorted(topics)) or "none"
        raise WrongTopic(f"the log has no topic {topic}; there are: {there}")
    return topics[topic]


class KafkaScan:
    """A consumer without a group: the broker never learns what it has read."""

    def __init__(self, servers: Sequence[str]) -> None:
        self._servers = list(servers)
        self._topics: dict[str, int] = {}
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_poll_records=BATCH,
        )

    async def start(self) -> None:
        """Connect. Raises ``LogUnavailable``."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        try:
            await admin.start()
            self._topics = {
                topic["topic"]: len(topic["partitions"])
                for topic in await admin.describe_topics()
                if not topic["is_internal"]
            }
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            await self._consumer.stop()
            raise LogUnavailable(f"{type(error).__name__}: {error}") from error
        finally:
            await admin.close()

    async def topics(self) -> dict[str, int]:
        return dict(sorted(self._topics.items()))  # as of the start; their counts never change

    async def ends(self, topic: str) -> Positions:
        count = _known(self._topics, topic)
        try:
            ends = await self._consumer.end_offsets(
                [TopicPartition(topic, p) for p in range(count)]
            )
        except (KafkaError, OSError) as error:
            raise LogUnavailable(f"{type(error).__name__}: {error}") from error
        return {place.partition: end for place, end in ends.items()}

    async def read(
        self, topic: str, start: Positions, until: Positions
    ) -> AsyncIterator[Sequence[Record]]:
        left = {TopicPartition(topic, p): end for p, end in until.items() if start.get(p, 0) < end}
        if not left:
            return
        consumer = self._consumer
        try:
            consumer.assign(list(left))
            begins = await consumer.beginning_offsets(list(left))
            for place, begin in begins.items():
                consumer.seek(place, max(start.get(place.partition, 0), begin))
                if begin >= left[place]:
                    del left[place]
            while left:
                batch = await consumer.getmany(*left, timeout_ms=int(PATIENCE_SECONDS * 1000))
                if not batch:
                    raise LogUnavailable(f"the broker gave nothing for {PATIENCE_SECONDS:.0f} s")
                for place, found in batch.items():
                    end = left[place]
                    records = [
                        Record(topic, r.partition, r.offset, r.key, r.headers, r.value)
                        for r in found
                        if r.offset < end
                    ]
                    if found[-1].offset + 1 >= end:
                        del left[place]
                    if records:
                        yield records
        except (KafkaError, OSError) as error:
            raise LogUnavailable(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            await asyncio.wait_for(self._consumer.stop(), 10)
