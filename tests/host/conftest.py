"""Databases of both homes: for the desk, and with the kept tables alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.host.schema import migrate
from libs.sourcing.database import Database, open_database
from tests.host.desk import Bench
from tests.sourcing.empty import emptied
from tools.cluster.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """A desk on an empty database of the test's own."""
    url = f"sqlite:///{tmp_path}/dispatch.db?synchronous=OFF"
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = emptied(server, "bench")
    made = Bench(url, tmp_path)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def replicas(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """One database with the kept tables, as two replicas of a service have it open."""
    url = f"sqlite:///{tmp_path}/service.db?synchronous=OFF"
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = emptied(server, "looks")
    one, other = open_database(url), open_database(url)
    migrate(one)
    yield one, other
    one.dispose()
    other.dispose()


@pytest.fixture
def database(replicas: tuple[Database, Database]) -> Database:
    """A database with the kept tables."""
    return replicas[0]
