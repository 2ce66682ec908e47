"""A platform of the main realm in either home, that an operator can break and mend."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from libs.host.run import Host
from libs.host.settings import Settings
from services.list import EVERY, all_services, service_named
from tests.conftest import embedded
from tests.http.city import City
from tests.runbook.book import Operator
from tests.whole import Clock, Platform
from tools.cluster.broker import Broker
from tools.cluster.fixtures import shared_broker
from tools.cluster.postgres import Postgres


class Ticking(Clock):
    """A clock that goes on by itself, a millisecond at each look, so that there is a before and after."""

    def __call__(self) -> datetime:
        """Now."""
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class Home:
    """Settings, an operator at a shell, and a clock that goes on between two starts."""

    settings: Settings
    operator: Operator
    clock: Clock
    broker: Broker | None = None

    @contextmanager
    def open(self, *names: str) -> Iterator[City]:
        """Services at work, all or some, stopped gracefully at the end."""
        services = [service_named(name) for name in names] or all_services()
        with asyncio.Runner() as runner:
            host = Host(services, self.settings, self.clock, realms=[""])
            runner.run(host.start())
            transport = httpx.ASGITransport(app=host.app(), raise_app_exceptions=False)
            http = httpx.AsyncClient(transport=transport, base_url="http://city")
            try:
                yield City(runner, Platform(host, self.clock, http))
            finally:
                runner.run(http.aclose())
                runner.run(host.stop())


def embedded_home(root: Path) -> Home:
    """The default: files under ``var``."""
    (root / "var").mkdir()
    settings = embedded(root / "var").model_copy(update={"graceful_stop": 2.0})
    return Home(settings, Operator(root, settings), Ticking())


def real_home(root: Path, broker: Broker, postgres: Postgres, prefix: str) -> Home:
    """Kafka and PostgreSQL. The main realm's topics: the broker must be this test's own."""
    for name in (*EVERY, "vault"):
        postgres.create_database(f"{prefix}{name}")
    url = postgres.url(f"{prefix}{{service}}")
    more = {"log_url": broker.url, "case_partitions": 2, "database_url": url, "vault_url": url}
    settings = embedded(root / "var").model_copy(update={**more, "graceful_stop": 5.0})
    return Home(settings, Operator(root, settings), Ticking(), broker)


@pytest.fixture(params=["embedded", "kafka-postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """A home that this test may break."""
    if request.param == "embedded":
        yield embedded_home(tmp_path)
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    for broker in shared_broker(tmp_path / "kafka"):
        yield real_home(tmp_path, broker, postgres, f"d{uuid.uuid4().hex[:8]}_")
