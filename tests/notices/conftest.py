"""Offices in both homes of a database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notices.gateways import Webhook, webhook
from tests.notices.office import Office
from tests.sourcing.empty import emptied
from tools.cluster.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the test's own."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return emptied(server, "notices")
    return f"sqlite:///{tmp_path}/supervision.db?synchronous=OFF"


@pytest.fixture
def office(url: str, tmp_path: Path) -> Iterator[Office]:
    """Supervision's tables, empty."""
    made = Office(url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def gateway() -> Iterator[Webhook]:
    """A real gateway that takes everything."""
    with webhook() as opened:
        yield opened
