"""Kafka and PostgreSQL for tests, skipped with the reason where a part is missing. Never a fake.

In a conftest:

    @pytest.fixture(scope="session")
    def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
        yield from shared_broker(tmp_path_factory.mktemp("kafka"))
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tools.cluster.availability import missing_for_broker, missing_for_postgres
from tools.cluster.broker import Broker
from tools.cluster.postgres import Postgres


@cache
def why_no_broker() -> str:
    """What keeps the broker from starting here, looked up once; empty if nothing does."""
    return " ".join(missing_for_broker())


@cache
def why_no_postgres() -> str:
    """What keeps PostgreSQL from starting here, looked up once; empty if nothing does."""
    return " ".join(missing_for_postgres())


def need_broker() -> None:
    """Skip the test that calls this where the broker cannot be started."""
    _skip(why_no_broker())


def need_postgres() -> None:
    """Skip the test that calls this where PostgreSQL cannot be started."""
    _skip(why_no_postgres())


def shared_broker(root: Path, nodes: int = 1) -> Iterator[Broker]:
    """A broker under `root` for as long as the fixture lives."""
    need_broker()
    with Broker.start(root, nodes=nodes) as broker:
        yield broker


def shared_postgres(root: Path) -> Iterator[Postgres]:
    """A PostgreSQL under `root` for as long as the fixture lives."""
    need_postgres()
    with Postgres.start(root) as postgres:
        yield postgres


def _skip(reason: str) -> None:
    if reason:
        pytest.skip(f"SKIPPED: {reason}")
