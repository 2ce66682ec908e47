"""A platform of its own for each journey."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http.city import City, open_city


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A platform on Monday 2 March 2026, nine in the morning."""
    with open_city(tmp_path) as opened:
        yield opened
