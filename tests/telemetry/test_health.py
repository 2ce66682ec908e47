"""Red when the log or a database is gone, and green again when it is back."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.host.settings import Settings
from libs.log.port import LogTruncated
from services.list import service_named
from tests.http.city import MESSAGE
from tests.whole import Platform, platform, run
from tools.cluster.broker import Broker
from tools.cluster.fixtures import shared_broker, shared_postgres
from tools.cluster.postgres import Postgres


@pytest.fixture(autouse=True)
def only_what_matters() -> Iterator[None]:
    """What goes wrong on purpose here need not be logged."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


async def until_ready(whole: Platform, status: int, word: str = "") -> str:
    """Wait until /readyz answers so, naming what is lacking."""
    end = time.monotonic() + 40
    while True:
        answer = await whole.http.get("/readyz")
        if answer.status_code == status and word in answer.text:
            return answer.text
        assert time.monotonic() < end, f"{answer.status_code} {answer.text}"
        await asyncio.sleep(0.1)


async def register(whole: Platform) -> int:
    answer = await whole.post("/intake/cases", whole.token("channel"), MESSAGE)
    return answer.status_code


def test_a_platform_at_work_is_alive_and_ready(settings: Settings) -> None:
    async def story() -> None:
        async with platform(settings) as whole:
            assert '"ready"' in await until_ready(whole, 200)
            health = await whole.http.get("/healthz")
            assert (health.status_code, health.json()["status"]) == (200, "alive")

    run(story())


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that this test may kill."""
    yield from shared_broker(tmp_path / "kafka")


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[Postgres]:
    """A PostgreSQL that this test may kill."""
    for server in shared_postgres(tmp_path / "postgres"):
        for name in ("intake", "vault", "restricted_intake", "restricted_vault"):
            server.create_database(name)
        yield server


def test_without_its_broker_a_service_is_not_ready_and_with_it_again(
    settings: Settings, own_broker: Broker
) -> None:
    more = {"log_url": own_broker.url, "case_partitions": 2, "graceful_stop": 5.0}
    there = settings.model_copy(update=more)

    async def story() -> None:
        async with platform(there, services=[service_named("intake")]) as whole:
            await until_ready(whole, 200)
            await asyncio.to_thread(own_broker.kill)
            assert '"log"' in await until_ready(whole, 503, "log")
            assert await register(whole) == 201, "a citizen's message is taken all the same"
            await asyncio.to_thread(own_broker.restart)
            await until_ready(whole, 200)
            await asyncio.wait_for(whole.settle(), 60)
            assert (await whole.http.get("/healthz")).status_code == 200

    run(story())


def test_without_its_database_a_service_is_not_ready_and_with_it_again(
    settings: Settings, own_postgres: Postgres
) -> None:
    url = own_postgres.url_template
    there = settings.model_copy(update={"database_url": url, "vault_url": url})

    async def story() -> None:
        async with platform(there, services=[service_named("intake")]) as whole:
            await until_ready(whole, 200)
            assert await register(whole) == 201
            await asyncio.to_thread(own_postgres.kill)
            await until_ready(whole, 503, "intake database")
            await asyncio.to_thread(own_postgres.restart)
            await until_ready(whole, 200)
            assert await register(whole) == 201
            assert (await whole.http.get("/healthz")).status_code == 200

    run(story())


def test_a_lost_database_turns_health_red_and_says_what_to_do(
    settings: Settings, tmp_path: Path
) -> None:
    async def story() -> None:
        services = [service_named("intake"), service_named("analytics")]
        async with platform(settings, services=services) as whole:
            assert await register(whole) == 201
            await whole.settle()
        for ending in ("", "-wal", "-shm"):
            await asyncio.to_thread((tmp_path / f"intake.db{ending}").unlink, missing_ok=True)
        async with platform(settings, services=services) as whole:
            text = await until_ready(whole, 503, "tools.rebuild intake")
            assert "analytics" not in text, "the others go on"
            health = await whole.http.get("/healthz")
            assert health.status_code == 500
            assert "python -m tools.rebuild intake" in health.json()["why"]["intake"]
            assert await register(whole) == 503

    run(story())


def test_a_platform_does_not_start_on_a_log_that_lost_records(
    settings: Settings, tmp_path: Path
) -> None:
    async def work() -> None:
        async with platform(settings, services=[service_named("intake")]) as whole:
            assert await register(whole) == 201
            await whole.settle()

    run(work())
    with sqlite3.connect(tmp_path / "log.db") as db:
        db.execute("DELETE FROM records")
    db.close()
    settings.graceful_stop = 1.0
    with pytest.raises(LogTruncated, match="the log lost records"):
        run(work())
