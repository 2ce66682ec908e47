"""Databases of both homes for the desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
