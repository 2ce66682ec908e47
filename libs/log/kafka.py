"""The log on Kafka. The one file that knows FastStream and aiokafka; it trusts no default of either.

FastStream carries the consumption, aiokafka the production. What their defaults would do is in
``docs/adr/0003-kafka-behind-a-port.md``; each is reproduced in ``tests/log/test_kafka_traps.py``.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER

from libs.log.port import (
    LARGEST_VALUE,
    LogTruncated,
    LogUnavailable,
    Outgoing,
    Positions,
    Record,
    Resume,
    WrongTopic,
)

logger = logging.getLogger(__name__)
BUFFER = 1000
"""Records held ready; FastStream fetches on while there are fewer."""
MOST = 500
"""Records of one batch."""
FEW = 100
"""A batch of fewer is all there was. With more, the next is fetched ahead."""
IDLE_MS = 1_000
"""So long it is waited for a batch before it is looked whether the reader was closed."""
HELD_SECONDS = 60.0
"""So long at most nothing is polled: after five minutes the group would give the partitions away."""
SESSION_TIMEOUT_MS = 10_000
LARGEST_BYTES = LARGEST_VALUE + 100_000
TOPIC_SETTINGS = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "max.message.bytes": str(LARGEST_BYTES),  # the broker's own 1 MiB is less than a request's body
}


class KafkaLog:
    """``servers`` is a list of ``host:port``."""

    def __init__(self, servers: Sequence[str], session_timeout_ms: int = SESSION_TIMEOUT_MS) -> None:
        self._servers = list(servers)  # as one string FastStream would split it by letter
        self._session_timeout_ms = session_timeout_ms
        self._topics: dict[str, int] = {}
        self._producer: AIOKafkaProducer | None = None
        self._producing = asyncio.Lock()
        self._asker: AIOKafkaConsumer | None = None
        self._asking = asyncio.Lock()
        self._closed = False

    async def prepare(self, topics: dict[str, int]) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        try:
            await admin.start()
            have = set(await admin.list_topics())
            new = [
                # No assignments, said aloud: else aiokafka refuses -1, the broker's own replication.
                NewTopic(name, count, -1, replica_assignments={}, topic_configs=TOPIC_SETTINGS)
                for name, count in topics.items()
                if name not in have
            ]
            if new:
                made = await admin.create_topics(new)
                for name, code, *_ in made.topic_errors:
                    if code and for_code(code) is not TopicAlreadyExistsError:
                        raise WrongTopic(f"{name} could not be made: {for_code(code).__name__}")
            for name, count in topics.items():
                self._topics[name] = await self._await_topic(admin, name, count)
        except (KafkaError, OSError) as error:
            raise LogUnavailable(f"{type(error).__name__}: {error}") from error
        finally:
            await admin.close()

    async def _await_topic(self, admin: AIOKafkaAdminClient, name: str, count: int) -> int:
        for _ in range(100):
            (found,) = await admin.describe_topics([name])
            have = len(found["partitions"])
            if have == count and all(p["leader"] >= 0 for p in found["partitions"]):
                return have
            if have and have != count:
                raise WrongTopic(f"{name} has {have} partitions, the manifest says {count}")
            await asyncio.sleep(0.1)  # a new topic has no leader at once
        raise LogUnavailable(f"{name} has no leader")

    async def append(self, records: Sequence[Outgoing]) -> None:
        for topic in {record.topic for record in records}:
            self._partitions(topic)
        async with self._producing:
            producer = await self._ready_producer()
            try:
                # Not publish_batch: it would ignore the key when it chooses the partition.
                sent = [
                    await producer.send(r.topic, r.value, r.key.encode(), headers=list(r.headers))
                    for r in records
                ]
                await asyncio.gather(*sent)
            except BaseException as error:
                # A producer that lost its sequence never recovers (aiokafka #1017): make a new one.
                self._producer = None
                # What it holds is the caller's to send again: it must not come later, or out of order.
                await _drop(producer)
                if isinstance(error, KafkaError | OSError):
                    raise LogUnavailable(f"{type(error).__name__}: {error}") from error
                raise

    def _partitions(self, topic: str) -> int:
        if topic not in self._topics:
            raise WrongTopic(f"{topic} is not in the manifest")
        return self._topics[topic]

    async def _ready_producer(self) -> AIOKafkaProducer:
        if self._closed:
            raise LogUnavailable("the log is closed")
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._servers,
                acks="all",
                enable_idempotence=True,
                linger_ms=2,
                request_timeout_ms=10_000,
                max_request_size=LARGEST_BYTES,
            )
            try:
                await producer.start()
            except (KafkaError, OSError) as error:
                await producer.stop()
                raise LogUnavailable(f"{type(error).__name__}: {error}") from error
            self._producer = producer
        return self._producer

    async def open_reader(self, group: str, topic: str, resume: Resume) -> "KafkaReader":
        reader = KafkaReader(
            self._servers,
            group,
            topic,
            self._partitions(topic),
            resume,
            self._session_timeout_ms,
            self._ends,
        )
        await reader.start()
        return reader

    async def _ends(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Asked on a connection of its own: on a reader's, the question waits behind a fetch that waits for
        records, 30 ms at a fetch of 50."""
        try:
            async with self._asking:
                if self._closed:
                    raise LogUnavailable("the log is closed")
                if self._asker is None:
                    asker = AIOKafkaConsumer(bootstrap_servers=self._servers, request_timeout_ms=10_000)
                    try:
                        await asker.start()
                    except BaseException:
                        await asker.stop()
                        raise
                    self._asker = asker
            found: dict[TopicPartition, int] = await self._asker.end_offsets(places)
        except (KafkaError, OSError) as error:
            raise LogUnavailable(f"{type(error).__name__}: {error}") from error
        return found

    async def check(self) -> None:
        async with self._producing:
            producer = await self._ready_producer()
        try:
            await asyncio.wait_for(producer.client.fetch_all_metadata(), 3)
        except (KafkaError, OSError, TimeoutError) as error:
            raise LogUnavailable(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        self._closed = True
        if self._producer is not None:
            try:
                await asyncio.wait_for(self._producer.stop(), 10)
            except (KafkaError, OSError, TimeoutError):
                await _drop(self._producer)
            self._producer = None
        if self._asker is not None:
            with contextlib.suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(self._asker.stop(), 5)


async def _drop(producer: AIOKafkaProducer) -> None:
    """Close a producer without sending what it holds. A hanging broker would keep its ``stop`` waiting."""
    producer._sender.sender_task.cancel()
    with contextlib.suppress(Exception):
        await asyncio.wait_for(producer.client.close(), 3)
        await asyncio.wait_for(producer.stop(), 3)


class KafkaReader(ConsumerRebalanceListener):  # type: ignore[misc]
    """A FastStream batch subscriber whose offsets come from the caller's database, never the broker."""

    def __init__(
        self,
        servers: Sequence[str],
        group: str,
        topic: str,
        partitions: int,
        resume: Resume,
        session_timeout_ms: int,
        ask_ends: Callable[[Sequence[TopicPartition]], Awaitable[dict[TopicPartition, int]]],
    ) -> None:
        self._topic, self._group, self._resume, self._ask_ends = topic, group, resume, ask_ends
        self._all = [TopicPartition(topic, p) for p in range(partitions)]
        self._assigned: frozenset[int] = frozenset()
        self._buffer: deque[Record] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._wanted = asyncio.Event()
        self._failure: Exception | None = None
        self._closed = False
        self._broker = KafkaBroker(
            list(servers),
            logger=None,
            allow_auto_create_topics=False,
            graceful_timeout=5,
            apply_types=False,  # a batch as it is: else each goes through a thread to be told what it is
        )
        self._subscriber = self._broker.subscriber(
            topic,
            group_id=group,
            batch=True,
            auto_offset_reset="none",
            ack_policy=AckPolicy.MANUAL,
            listener=self,
            parser=self._unparsed,
            decoder=self._undecoded,
            session_timeout_ms=session_timeout_ms,
            heartbeat_interval_ms=session_timeout_ms // 5,
            include_in_schema=False,
        )
        self._subscriber(self._take)
        # FastStream's own, when none came in time, sleeps as long again: a quiet service heard half a second late.
        self._subscriber.get_msg = self._next_batch  # type: ignore[method-assign]

    async def start(self) -> None:
        """Join the group; returns when the broker has given this member its share, or after 30 s."""
        try:
            await self._broker.start()
        except BaseException as error:
            await self._broker.stop()
            if isinstance(error, KafkaError | OSError):
                raise LogUnavailable(f"{type(error).__name__}: {error}") from error
            raise

    async def _next_batch(self, consumer: AIOKafkaConsumer) -> tuple[Any, ...]:
        batches = await consumer.getmany(timeout_ms=IDLE_MS, max_records=MOST)
        return tuple(chain.from_iterable(batches.values()))

    async def _unparsed(self, records: tuple[Any, ...]) -> KafkaMessage:
        """FastStream's own parser drops a whole batch for one null or non-UTF-8 header (#2458)."""
        return KafkaMessage(body=b"", raw_message=records, headers={}, consumer=FAKE_CONSUMER)

    async def _undecoded(self, message: KafkaMessage) -> tuple[Any, ...]:
        records: tuple[Any, ...] = message.raw_message
        return records

    async def _take(self, records: tuple[Any, ...]) -> None:
        """Must never raise: FastStream would swallow it and move on."""
        for raw in records:
            self._buffer.append(
                Record(raw.topic, raw.partition, raw.offset, raw.key, raw.headers, raw.value)
            )
        self._wanted.clear()
        self._arrived.set()
        if len(records) < FEW and not self._closed:
            await self._hold()
        while len(self._buffer) >= BUFFER:
            self._room.clear()
            await self._room.wait()

    async def _hold(self) -> None:
        """Fetch nothing until more is wanted; then one fetch brings what has come meanwhile.

        aiokafka sends the next fetch as soon as a batch is taken, and the broker answers at the first record:
        each service fetched 38 times a second, two records at a time, for ten turns. With 24 partitions a
        fetch costs it 2 ms of CPU. Paused before it can be sent, for nothing here has been awaited since.
        """
        consumer: Any = self._subscriber.consumer
        if consumer is None:  # it was closed
            return
        consumer.pause(*self._ours(consumer))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), HELD_SECONDS)
        consumer.resume(*self._ours(consumer))

    def _ours(self, consumer: Any) -> list[TopicPartition]:
        """During a rebalance nothing; and what could not be taken up stays paused."""
        return [place for place in consumer.assignment() if place.partition in self._assigned]

    async def on_partitions_revoked(self, revoked: Any) -> None:
        self._assigned = frozenset()
        self._buffer.clear()  # the positions decide: whoever owns them next reads these again
        self._room.set()
        self._wanted.set()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        consumer: Any = self._subscriber.consumer
        places = sorted(assigned)
        # At once, before anything is awaited: a fetch without a position fails here (auto_offset_reset
        # is none), and FastStream then sleeps for 5 s. Paused, nothing is fetched from the wrong place.
        consumer.pause(*places)
        for place in places:
            consumer.seek(place, 0)
        try:
            starts = await self._starts(places)
        except Exception as error:
            self._failure = error  # and the partitions stay paused
        else:
            self._buffer.clear()
            for place in places:
                consumer.seek(place, starts[place])
            consumer.resume(*places)
            self._assigned = frozenset(place.partition for place in places)
        self._arrived.set()

    async def _starts(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Where the database stands; asked again until database and broker answer."""
        consumer: Any = self._subscriber.consumer
        while places:
            try:
                resumed = await self._resume([place.partition for place in places])
                starts = {place: resumed.get(place.partition, 0) for place in places}
                ends = await consumer.end_offsets(places)
                begins = await consumer.beginning_offsets(places)
            except (LogUnavailable, KafkaError, OSError) as error:
                if self._closed:
                    raise
                logger.warning("%s cannot take up its partitions: %s", self._group, error)
                await asyncio.sleep(0.5)
                continue
            for place, start in starts.items():
                if not begins[place] <= start <= ends[place]:
                    raise LogTruncated(
                        f"{self._topic}/{place.partition} holds {begins[place]} to {ends[place]}, but "
                        f"{self._group} has read up to {start}: the log lost records or is another log"
                    )
            return starts
        return {}

    @property
    def assigned(self) -> frozenset[int]:
        return self._assigned

    async def read(self, limit: int, wait: float) -> Sequence[Record]:
        if not self._buffer:
            self._arrived.clear()
            self._wanted.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), wait)
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        taken = [self._buffer.popleft() for _ in range(min(limit, len(self._buffer)))]
        self._room.set()
        return taken

    async def ends(self) -> Positions:
        if self._closed:
            raise LogUnavailable("the reader is closed")
        ends = await self._ask_ends(self._all)
        return {place.partition: end for place, end in ends.items()}

    async def rewind(self, partition: int, offset: int) -> None:
        consumer = self._subscriber.consumer
        if consumer is not None and partition in self._assigned:
            self._buffer = deque(r for r in self._buffer if r.partition != partition)
            consumer.seek(TopicPartition(self._topic, partition), offset)
            self._room.set()

    async def close(self) -> None:
        self._closed = True
        self._buffer.clear()
        self._room.set()
        self._wanted.set()
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            await asyncio.wait_for(self._broker.stop(), 15)
