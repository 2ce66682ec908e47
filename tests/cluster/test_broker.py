"""The real broker does what the other tests rely on. Nothing here tests the platform."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tools.cluster import Broker, NotReady
from tools.cluster.fixtures import need_broker, shared_broker


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    yield from shared_broker(tmp_path_factory.mktemp("kafka"))


async def make_topic(broker: Broker, topic: str, replicas: int = 1) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, replicas)])
    finally:
        await admin.close()


async def topics(broker: Broker) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        return list(await admin.list_topics())
    finally:
        await admin.close()


async def write(broker: Broker, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def read(broker: Broker, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        return [(await asyncio.wait_for(consumer.getone(), 30)).value for _ in range(count)]
    finally:
        await consumer.stop()


def test_a_started_broker_answers_and_makes_no_topic_unasked(broker: Broker) -> None:
    async def story() -> None:
        await make_topic(broker, "asked")
        async with AIOKafkaProducer(
            bootstrap_servers=broker.bootstrap, request_timeout_ms=1000
        ) as producer:
            with pytest.raises(Exception, match=r"(?i)unknown|timeout|topic"):
                await producer.send_and_wait("unasked", b"x")
        found = await topics(broker)
        assert "asked" in found
        assert "unasked" not in found

    asyncio.run(story())
    assert broker.url == f"kafka://{broker.bootstrap}"


def test_what_the_broker_acknowledged_is_there_after_a_kill(broker: Broker) -> None:
    asyncio.run(make_topic(broker, "kept"))
    asyncio.run(write(broker, "kept", b"one", b"two"))
    before = broker.bootstrap
    broker.kill()
    assert not broker.running
    broker.restart()
    assert broker.bootstrap == before
    asyncio.run(write(broker, "kept", b"three"))
    assert asyncio.run(read(broker, "kept", 3)) == [b"one", b"two", b"three"]


def test_a_paused_broker_hangs_and_a_resumed_one_goes_on(broker: Broker) -> None:
    asyncio.run(make_topic(broker, "paused"))
    broker.pause()
    try:
        assert broker.running
        assert broker.nodes[0].known_brokers() == set()
    finally:
        broker.resume()
    asyncio.run(write(broker, "paused", b"after"))
    assert asyncio.run(read(broker, "paused", 1)) == [b"after"]


def test_a_broker_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    need_broker()
    started: list[Broker] = []
    thread = threading.Thread(target=lambda: started.append(Broker.start(tmp_path)))
    thread.start()
    thread.join()
    with started[0] as broker:
        asyncio.run(make_topic(broker, "topic"))
        assert broker.running


def test_data_is_kept_when_the_next_start_takes_other_ports(tmp_path: Path) -> None:
    need_broker()
    with Broker.start(tmp_path) as first:
        asyncio.run(make_topic(first, "kept"))
        asyncio.run(write(first, "kept", b"one"))
    with Broker.start(tmp_path) as second:
        assert second.bootstrap != first.bootstrap
        assert asyncio.run(read(second, "kept", 1)) == [b"one"]


def test_a_stopped_broker_leaves_no_process_even_when_it_was_paused(tmp_path: Path) -> None:
    need_broker()
    broker = Broker.start(tmp_path)
    process = broker.nodes[0].process
    assert process is not None
    broker.pause()
    broker.stop()
    broker.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_a_port_in_use_is_refused_in_words_that_name_it(tmp_path: Path) -> None:
    need_broker()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(NotReady, match=f"Port {port} is taken"):
            Broker.start(tmp_path, port=port)


def test_three_nodes_go_on_while_one_is_dead(tmp_path: Path) -> None:
    need_broker()
    with Broker.start(tmp_path, nodes=3) as broker:
        asyncio.run(make_topic(broker, "kept", replicas=3))
        asyncio.run(write(broker, "kept", b"one"))
        broker.kill(2)
        asyncio.run(write(broker, "kept", b"two"))
        broker.restart(2)
        assert broker.nodes[1].known_brokers() == {1, 2, 3}
        assert asyncio.run(read(broker, "kept", 2)) == [b"one", b"two"]
