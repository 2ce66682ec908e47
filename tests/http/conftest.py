"""One platform for a whole module of tests over HTTP."""

from collections.abc import Iterator

import pytest

from tests.http.city import City, open_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The platform, started once for all tests of a module."""
    with open_city(tmp_path_factory.mktemp("city")) as opened:
        yield opened


@pytest.fixture(scope="module")
def case(city: City) -> str:
    """A case whose citizen has the answer, with mc.chengguan."""
    found: str = city.delivered()["case_id"]
    return found
