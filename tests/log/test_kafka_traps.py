"""What FastStream and aiokafka really do, seen on a real broker, and how our log does not.

Each trap of ADR 0003: first the library alone falls into it, then the log's Kafka home does not. All stand
in one file, so that a new version of either library is judged by one run of it.
"""

import ast
import asyncio
import gc
import logging
import time
import uuid
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.errors import KafkaError, OutOfOrderSequenceNumber
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.response import KafkaPublishMessage

from libs.log import kafka
from libs.log.connect import open_log
from libs.log.kafka import BUFFER, KafkaLog
from libs.log.partition import partition_of
from libs.log.port import LogUnavailable, Positions, Record, WrongTopic
from tests.log.homes import new_topic, out, refusal_to, standing_at, take, until_assigned
from tools.cluster import children
from tools.cluster.broker import Broker
from tools.cluster.fixtures import shared_broker

ROOT = Path(__file__).parents[2]
Handler = Callable[..., Awaitable[None]]


@pytest.fixture(autouse=True)
def only_errors() -> Iterator[None]:
    """The libraries say much while they fail as expected."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def frail_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker of this file's own, to be paused and killed."""
    yield from shared_broker(tmp_path_factory.mktemp("frail"))


@asynccontextmanager
async def admin_of(broker: Broker) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def opened(broker: Broker, topic: str, partitions: int = 1) -> AsyncIterator[KafkaLog]:
    log = KafkaLog([broker.bootstrap])
    await log.prepare({topic: partitions})
    try:
        yield log
    finally:
        await log.close()


@asynccontextmanager
async def subscribed(broker: Broker, topic: str, handler: Handler, **how: Any) -> AsyncIterator[str]:
    """FastStream by itself, with its defaults but for what is given. Gives the group's name."""
    group = f"g-{uuid.uuid4().hex[:8]}"
    faststream = KafkaBroker([broker.bootstrap], logger=None)
    how = {"auto_offset_reset": "earliest", **how}
    faststream.subscriber(topic, group_id=group, **how)(handler)
    await faststream.start()
    try:
        yield group
    finally:
        await faststream.stop()


async def committed(broker: Broker, group: str) -> dict[int, int]:
    async with admin_of(broker) as admin:
        offsets = await admin.list_consumer_group_offsets(group)
    return {place.partition: at.offset for place, at in offsets.items() if at.offset >= 0}


async def read_all(log: KafkaLog, topic: str, count: int) -> list[Record]:
    reader = await log.open_reader(f"g-{uuid.uuid4().hex[:8]}", topic, standing_at())
    try:
        return await take(reader, count)
    finally:
        await reader.close()


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.02)


async def until_well(log: KafkaLog, seconds: float = 10) -> None:
    limit = time.monotonic() + seconds
    while True:
        try:
            return await log.check()
        except LogUnavailable:
            assert time.monotonic() < limit
            await asyncio.sleep(0.1)


# ------------------------------------------------------------------------------ the producer


def test_a_default_producer_waits_for_one_replica_alone_and_ours_for_all(broker: Broker) -> None:
    async def story() -> None:
        topic = new_topic()
        async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
            assert producer._sender._acks == 1
            assert producer._txn_manager is None, "what is sent again may lie there twice"
        async with opened(broker, topic) as log:
            await log.append([out(topic, "case")])
            assert log._producer is not None
            assert log._producer._sender._acks == -1
            place = TopicPartition(topic, 0)
            assert log._producer._txn_manager.sequence_number(place) == 1

    asyncio.run(story())


def test_a_producer_that_lost_count_never_recovers_but_ours_is_replaced(broker: Broker) -> None:
    def lose_count(producer: AIOKafkaProducer, place: TopicPartition) -> None:
        producer._txn_manager.increment_sequence_number(place, 7)

    async def story() -> None:
        topic = new_topic()
        place = TopicPartition(topic, 0)
        async with opened(broker, topic) as log:
            async with AIOKafkaProducer(
                bootstrap_servers=broker.bootstrap, enable_idempotence=True
            ) as producer:
                await producer.send_and_wait(topic, b"raw", b"case")
                lose_count(producer, place)
                for _ in range(3):
                    with pytest.raises(OutOfOrderSequenceNumber):
                        await asyncio.wait_for(producer.send_and_wait(topic, b"x", b"case"), 5)

            await log.append([out(topic, "case", "first")])
            lose_count(log._producer, place)
            with pytest.raises(LogUnavailable, match="OutOfOrderSequence"):
                await log.append([out(topic, "case", "lost")])
            await log.append([out(topic, "case", "again")])
            found = await read_all(log, topic, 3)
        assert [r.value for r in found] == [b"raw", b"first", b"again"]

    asyncio.run(story())


@pytest.mark.parametrize("hangs", [False, True], ids=["killed", "hanging"])
def test_an_append_outlives_the_broker(frail_broker: Broker, hangs: bool) -> None:
    async def story() -> None:
        topic = new_topic()
        async with opened(frail_broker, topic) as log:
            await log.append([out(topic, "case", "0")])
            (frail_broker.pause if hangs else frail_broker.kill)()
            midway = asyncio.create_task(append_until_taken(log, topic, "1"))
            await asyncio.sleep(1)
            assert not midway.done()
            await asyncio.to_thread(frail_broker.resume if hangs else frail_broker.restart)
            await asyncio.wait_for(midway, 30)
            await log.append([out(topic, "case", "2")])
            found = await read_all(log, topic, 3)
        told = list(dict.fromkeys((r.value or b"").decode() for r in found))
        assert told == ["0", "1", "2"]

    async def append_until_taken(log: KafkaLog, topic: str, value: str) -> None:
        while True:  # as the relay does
            try:
                return await log.append([out(topic, "case", value)])
            except LogUnavailable:
                await asyncio.sleep(0.1)

    asyncio.run(story())


def test_an_append_given_up_while_the_broker_hangs_does_not_hold_the_next(
    frail_broker: Broker,
) -> None:
    async def story() -> None:
        topic = new_topic()
        async with opened(frail_broker, topic) as log:
            await log.append([out(topic, "case", "0")])
            frail_broker.pause()
            try:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(log.append([out(topic, "case", "1")]), 0.5)
                assert log._producer is None
            finally:
                frail_broker.resume()
            await asyncio.wait_for(log.append([out(topic, "case", "2")]), 15)
            assert (await read_all(log, topic, 2))[-1].value == b"2"

    asyncio.run(story())


def test_a_hanging_broker_is_noticed_by_the_check(frail_broker: Broker) -> None:
    async def story() -> None:
        async with opened(frail_broker, new_topic()) as log:
            await log.check()
            frail_broker.pause()
            try:
                begun = time.monotonic()
                with pytest.raises(LogUnavailable):
                    await log.check()
                assert time.monotonic() - begun < 6
            finally:
                frail_broker.resume()
            # Away for its session's 3 s it is fenced, and for a moment names no broker, itself included.
            await until_well(log)

    asyncio.run(story())


def test_publish_batch_scatters_a_case_over_partitions_but_append_does_not(broker: Broker) -> None:
    async def story() -> None:
        scattered, kept = new_topic(), new_topic()
        async with opened(broker, scattered, 4) as log:
            faststream = KafkaBroker([broker.bootstrap], logger=None)
            await faststream.start()
            for _ in range(20):
                one = KafkaPublishMessage(b"x", key=b"case")
                await faststream.publish_batch(one, topic=scattered)
            await faststream.stop()
            assert len({r.partition for r in await read_all(log, scattered, 20)}) > 1
        async with opened(broker, kept, 4) as log:
            for _ in range(20):
                await log.append([out(kept, "case")])
            partitions = {r.partition for r in await read_all(log, kept, 20)}
            assert partitions == {partition_of("case", 4)}

    asyncio.run(story())


def test_a_client_on_librdkafka_must_be_told_to_partition_as_we_do() -> None:
    """Its default is CRC32: it would put most cases elsewhere, and their order would be gone."""
    cases = [str(uuid.UUID(int=n)) for n in range(240)]
    elsewhere = [c for c in cases if zlib.crc32(c.encode()) % 24 != partition_of(c, 24)]
    assert len(elsewhere) > 200


# ------------------------------------------------------------------------------ the consumer


@pytest.mark.filterwarnings("ignore:AckPolicy.REJECT_ON_ERROR has the same effect")
@pytest.mark.parametrize(
    "policy", [AckPolicy.ACK_FIRST, AckPolicy.ACK, AckPolicy.REJECT_ON_ERROR], ids=lambda p: p.name
)
def test_faststream_ticks_off_what_its_handler_could_not_do(
    broker: Broker, policy: AckPolicy
) -> None:
    async def story() -> None:
        topic, calls = new_topic(), 0

        async def handler(batch: list[bytes]) -> None:
            nonlocal calls
            calls += 1
            raise RuntimeError("the database is away")

        async with opened(broker, topic) as log:
            await log.append([out(topic, "case", "fact") for _ in range(5)])
            async with subscribed(
                broker, topic, handler, batch=True, ack_policy=policy, batch_timeout_ms=50
            ) as group:
                await until(lambda: calls > 0)
            assert await committed(broker, group) == {0: 5}, "five records are lost to the group"

    asyncio.run(story())


def test_nack_on_error_runs_hot_on_one_record_for_ever(broker: Broker) -> None:
    async def story() -> None:
        topic, calls = new_topic(), 0

        async def handler(batch: list[bytes]) -> None:
            nonlocal calls
            calls += 1
            raise ValueError("poison")

        async with opened(broker, topic) as log:
            await log.append([out(topic, "case", "poison"), out(topic, "case", "good")])
            async with subscribed(
                broker, topic, handler, batch=True, ack_policy=AckPolicy.NACK_ON_ERROR,
                batch_timeout_ms=10,
            ):  # fmt: skip
                await until(lambda: calls > 20)

    asyncio.run(story())


def test_what_was_read_but_not_done_is_read_again(broker: Broker) -> None:
    async def story() -> None:
        topic, stood = new_topic(), Positions()
        async with opened(broker, topic) as log:
            await log.append([out(topic, "case", str(n)) for n in range(5)])
            for done in (0, 2, 5):  # the transaction after the read failed; was half; was whole
                stood[0] = done
                reader = await log.open_reader("dispatch", topic, standing_at(stood))
                if done < 5:
                    assert (await take(reader, 5 - done))[0].offset == done
                else:
                    assert await reader.read(500, 1) == []
                await reader.close()
            assert await committed(broker, "dispatch") == {}, "the broker is never told"

    asyncio.run(story())


def test_an_ack_ticks_off_all_partitions_but_our_positions_stand_by_themselves(
    broker: Broker,
) -> None:
    async def story() -> None:
        topic, done = new_topic(), asyncio.Event()
        cases = [f"case-{n}" for n in range(8)]

        async def handler(batch: list[bytes], message: KafkaMessage) -> None:
            if len(batch) == len(cases):  # one partition's worth would be done, and then:
                await message.ack()
                done.set()

        async with opened(broker, topic, 2) as log:
            await log.append([out(topic, case, "fact") for case in cases])
            async with subscribed(
                broker, topic, handler, batch=True, ack_policy=AckPolicy.MANUAL, batch_timeout_ms=500
            ) as group:
                await asyncio.wait_for(done.wait(), 10)
            ends = {p: sum(partition_of(c, 2) == p for c in cases) for p in (0, 1)}
            assert await committed(broker, group) == ends
            # The same group, read by us: the broker says all is done, the database says it is not.
            reader = await log.open_reader(group, topic, standing_at({0: ends[0]}))
            found = await take(reader, ends[1])
            assert {r.partition for r in found} == {1}
            await reader.close()

    asyncio.run(story())


HEADERS = {"good": b"1", "null": None, "not UTF-8": b"\xff\xfe"}


@pytest.mark.parametrize("kind", HEADERS)
def test_one_bad_header_costs_faststream_the_whole_batch_and_us_nothing(
    broker: Broker, kind: str
) -> None:
    async def story() -> None:
        topic, had, header = new_topic(), list[bytes](), HEADERS[kind]
        told = [f"fact {n}".encode() for n in range(6)]

        async def handler(batch: list[bytes]) -> None:
            had.extend(batch)

        async with opened(broker, topic) as log:
            async with AIOKafkaProducer(
                bootstrap_servers=broker.bootstrap, linger_ms=50
            ) as producer:
                sent = [
                    await producer.send(topic, fact, headers=[("ce_id", header)] if n == 3 else [])
                    for n, fact in enumerate(told)
                ]
                await asyncio.gather(*sent)
            async with subscribed(
                broker, topic, handler, batch=True, ack_policy=AckPolicy.ACK, batch_timeout_ms=50
            ) as group:
                await asyncio.sleep(1)
                await log.append([out(topic, "case", "later")])
                await until(lambda: b"later" in had)
            assert had == ([*told, b"later"] if kind == "good" else [b"later"])
            assert await committed(broker, group) == {0: 7}, "nobody will ask for them again"
            found = await read_all(log, topic, 7)
        assert [r.value for r in found] == [*told, b"later"]
        assert list(found[3].headers) == [("ce_id", header)]

    asyncio.run(story())


def test_faststream_makes_a_topic_of_one_partition_that_the_manifest_then_refuses(
    broker: Broker,
) -> None:
    async def story() -> None:
        topic = new_topic()

        async def handler(batch: list[bytes]) -> None:
            return None

        async with subscribed(broker, topic, handler, batch=True):
            async with admin_of(broker) as admin:
                (made,) = await admin.describe_topics([topic])
            assert len(made["partitions"]) == 1
        log = KafkaLog([broker.bootstrap])
        with pytest.raises(WrongTopic, match="1 partitions, the manifest says 24"):
            await log.prepare({topic: 24})
        await log.close()

    asyncio.run(story())


def test_our_reader_makes_no_topic(broker: Broker) -> None:
    async def story() -> None:
        topic, other = new_topic(), new_topic()
        async with opened(broker, other) as log:
            log._topics[topic] = 24  # the manifest has it, but somebody deleted it since
            opening = asyncio.create_task(log.open_reader("g", topic, standing_at()))
            await asyncio.sleep(1.5)
            async with admin_of(broker) as admin:
                assert topic not in await admin.list_topics()
            opening.cancel()
            reader = (await asyncio.gather(opening, return_exceptions=True))[0]
            if not isinstance(reader, BaseException):
                await reader.close()

    asyncio.run(story())


@pytest.mark.filterwarnings("ignore:Unclosed AIOKafkaProducer")  # left behind by FastStream
def test_servers_in_one_text_are_one_server_to_faststream_and_two_to_us(broker: Broker) -> None:
    async def story() -> None:
        dead = f"127.0.0.1:{children.free_port()}"
        servers = f"{dead},{broker.bootstrap}"
        faststream = KafkaBroker(servers, logger=None)
        with pytest.raises((KafkaError, OSError, ValueError)) as refusal:
            await faststream.start()
        await faststream.stop()
        del faststream, refusal
        gc.collect()
        log = open_log(f"kafka://{servers}")
        await log.prepare({new_topic(): 1})
        await log.check()
        await log.close()

    asyncio.run(story())


def test_a_new_group_skips_what_was_said_before_it_came_but_ours_reads_it(broker: Broker) -> None:
    async def story() -> None:
        topic, had = new_topic(), list[bytes]()

        async def handler(batch: list[bytes]) -> None:
            had.extend(batch)

        async with opened(broker, topic) as log:
            await log.append([out(topic, "case", str(n)) for n in range(5)])
            async with subscribed(
                broker, topic, handler, batch=True, auto_offset_reset="latest", batch_timeout_ms=50
            ):
                await asyncio.sleep(1)
                await log.append([out(topic, "case", "new")])
                await until(lambda: bool(had))
            assert had == [b"new"]
            assert len(await read_all(log, topic, 6)) == 6

    asyncio.run(story())


def test_a_log_cut_off_at_the_front_is_noticed_not_stepped_over(broker: Broker) -> None:
    async def story() -> None:
        topic = new_topic()
        place = TopicPartition(topic, 0)
        async with opened(broker, topic) as log:
            await log.append([out(topic, "case", str(n)) for n in range(5)])
            async with AIOKafkaConsumer(
                bootstrap_servers=broker.bootstrap, group_id="raw", enable_auto_commit=False
            ) as consumer:
                consumer.assign([place])
                await consumer.commit({place: 1})
            async with admin_of(broker) as admin:
                await admin.delete_records({place: RecordsToDelete(3)})
            async with AIOKafkaConsumer(
                topic, bootstrap_servers=broker.bootstrap, group_id="raw",
                auto_offset_reset="earliest",
            ) as consumer:  # fmt: skip
                first = await asyncio.wait_for(consumer.getone(), 10)
            assert first.offset == 3, "1 and 2 were stepped over without a word"
            said = await refusal_to(log, "g", topic, standing_at({0: 1}))
            assert f"{topic}/0 holds 3 to 5, but g has read up to 1" in said

    asyncio.run(story())


def test_a_reader_that_is_not_asked_does_not_fill_the_memory(broker: Broker) -> None:
    async def story() -> None:
        topic = new_topic()
        async with opened(broker, topic) as log:
            for start in range(0, 4000, 500):
                await log.append([out(topic, "case", str(start + n)) for n in range(500)])
            reader = await log.open_reader("g", topic, standing_at())
            await until(lambda: len(reader._buffer) >= BUFFER)
            await asyncio.sleep(0.5)
            assert len(reader._buffer) < BUFFER + 500
            found = await take(reader, 4000)
            assert [int(r.value or b"") for r in found] == list(range(4000))
            await reader.close()

    asyncio.run(story())


def test_a_subscriber_fetches_for_every_few_records_and_our_reader_once_when_it_is_asked(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = Counter[str]()
    proceed = Fetcher._proc_fetch_request

    async def counted(fetcher: Any, *words: Any) -> Any:
        fetched["times"] += 1
        return await proceed(fetcher, *words)

    monkeypatch.setattr(Fetcher, "_proc_fetch_request", counted)
    count, partitions = 200, 6

    async def trickle(log: KafkaLog, topic: str) -> None:
        for n in range(count):
            await log.append([out(topic, f"case-{n % 20}", str(n))])
            await asyncio.sleep(0.01)

    async def story() -> None:
        topic = new_topic()
        async with opened(broker, topic, partitions) as log:
            heard: list[Any] = []

            async def hear(messages: list[Any]) -> None:
                heard.extend(messages)

            async with subscribed(broker, topic, hear, batch=True):
                await trickle(log, topic)
                await until(lambda: len(heard) == count)
            assert fetched["times"] > 60, "libraries alone"

        topic = new_topic()
        async with opened(broker, topic, partitions) as log:
            reader = await log.open_reader(f"g-{uuid.uuid4().hex[:8]}", topic, standing_at())
            await asyncio.sleep(1)
            fetched.clear()
            reads, found = 0, list[Record]()
            writing = asyncio.create_task(trickle(log, topic))
            while len(found) < count:
                await asyncio.sleep(0.1)
                found += await reader.read(500, 1.0)
                reads += 1
                assert reads < 60
            await writing
            await reader.close()
        assert fetched["times"] <= reads + 3
        assert Counter(r.value for r in found) == Counter(str(n).encode() for n in range(count))
        for partition in range(partitions):
            offsets = [r.offset for r in found if r.partition == partition]
            assert offsets == sorted(offsets)

    asyncio.run(story())


def test_a_reader_that_is_not_asked_for_long_polls_all_the_same(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its group would give its partitions away."""
    monkeypatch.setattr(kafka, "HELD_SECONDS", 0.2)

    async def story() -> None:
        topic = new_topic()
        async with opened(broker, topic) as log:
            reader: Any = await log.open_reader(f"g-{uuid.uuid4().hex[:8]}", topic, standing_at())
            await log.append([out(topic, "case", "0")])
            found = await take(reader, 1)
            for n in range(1, 4):
                await log.append([out(topic, "case", str(n))])
                await until(lambda n=n: len(reader._buffer) == n, 5)  # type: ignore[misc]
            found += await take(reader, 3)
            await reader.close()
        assert [r.value for r in found] == [b"0", b"1", b"2", b"3"]

    asyncio.run(story())


def test_a_reader_that_heard_nothing_for_a_while_hears_the_next_record_soon(broker: Broker) -> None:
    """FastStream by itself sleeps as long as it has waited in vain."""

    async def story() -> None:
        topic = new_topic()
        async with opened(broker, topic) as log:
            reader = await log.open_reader(f"g-{uuid.uuid4().hex[:8]}", topic, standing_at())
            took = []
            for n in range(12):
                coming = asyncio.create_task(take(reader, 1))
                await asyncio.sleep(0.6 + 0.083 * n)
                await log.append([out(topic, "case", str(n))])
                began = time.monotonic()
                await coming
                took.append(time.monotonic() - began)
            await reader.close()
        assert sorted(took)[-2] < 0.25, took  # one may be the machine's

    asyncio.run(story())


def test_what_was_fetched_before_the_shares_changed_is_not_given_out_after(broker: Broker) -> None:
    async def story() -> None:
        topic = new_topic()
        async with opened(broker, topic, 2) as log:
            for start in range(0, 3000, 500):
                await log.append([out(topic, f"case-{start + n}") for n in range(500)])
            stays = await log.open_reader("g", topic, standing_at())
            await until(lambda: len(stays._buffer) >= BUFFER)
            comes = await log.open_reader("g", topic, standing_at())
            await until(lambda: len(stays.assigned) == len(comes.assigned) == 1, 20)
            for reader in (stays, comes):
                ends = await reader.ends()
                (mine,) = reader.assigned
                found = await take(reader, ends[mine])
                assert [(r.partition, r.offset) for r in found] == [
                    (mine, offset) for offset in range(ends[mine])
                ]
            await stays.close()
            await comes.close()

    asyncio.run(story())


def test_a_reader_goes_on_after_its_broker_was_killed(frail_broker: Broker) -> None:
    async def story() -> None:
        topic = new_topic()
        async with opened(frail_broker, topic, 2) as log:
            reader = await log.open_reader("g", topic, standing_at())
            await until_assigned((reader, 2))
            frail_broker.kill()
            await asyncio.sleep(0.5)
            await asyncio.to_thread(frail_broker.restart)
            sending = [out(topic, f"case-{n}") for n in range(10)]
            await asyncio.wait_for(log.append(sending), 30)
            found = await take(reader, 10, seconds=30)
            assert {(r.key or b"").decode() for r in found} == {f"case-{n}" for n in range(10)}
            assert sum((await reader.ends()).values()) == 10
            await reader.close()

    asyncio.run(story())


def test_a_consumer_tells_the_ends_when_its_fetch_is_over_and_our_reader_at_once(broker: Broker) -> None:
    async def longest(asked: Callable[[], Awaitable[Any]]) -> float:
        took = []
        for _ in range(8):
            begun = time.monotonic()
            await asked()
            took.append(time.monotonic() - begun)
        return sorted(took)[-2]  # a pause of the machine is no trap

    async def story() -> None:
        topic = new_topic()
        async with opened(broker, topic) as log:
            reader = await log.open_reader("g", topic, standing_at())
            await until_assigned((reader, 1))
            await reader.ends()
            alone = AIOKafkaConsumer(topic, bootstrap_servers=broker.bootstrap, fetch_max_wait_ms=1_000)
            await alone.start()
            await asyncio.sleep(0.5)
            assert await longest(lambda: alone.end_offsets([TopicPartition(topic, 0)])) > 0.5
            assert await longest(reader.ends) < 0.3
            await alone.stop()
            await reader.close()

    asyncio.run(story())


# ---------------------------------------------------------------------------- what we import


def imports(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_the_deprecated_router_of_faststream_is_imported_nowhere() -> None:
    deprecated = "faststream.kafka.fastapi"
    assert deprecated in imports("from faststream.kafka import fastapi")
    assert deprecated in imports("from faststream.kafka.fastapi import KafkaRouter")
    files = [p for top in ("libs", "services", "tools") for p in (ROOT / top).rglob("*.py")]
    assert len(files) > 50
    users = [p for p in files if deprecated in imports(p.read_text(encoding="utf-8"))]
    assert users == []
