"""A town in either home, filled once for all tests of a module."""

import asyncio
from collections.abc import Iterator

import pytest

from libs.host.settings import Settings
from tests.conftest import embedded
from tests.rebuild.town import Town, on_real_parts, opened


@pytest.fixture(scope="module", params=["embedded", "kafka-postgresql"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Where log and tables live."""
    root = tmp_path_factory.mktemp("town")
    if request.param == "embedded":
        return embedded(root)
    broker, postgres = request.getfixturevalue("broker"), request.getfixturevalue("postgres")
    return on_real_parts(root, broker, postgres)


@pytest.fixture(scope="module")
def town(home: Settings) -> Iterator[tuple[asyncio.Runner, Town]]:
    """The town, and the loop it lives in."""
    with opened(home, 40) as found:
        yield found
