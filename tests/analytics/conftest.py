"""Analytics' tables in both homes of a database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.analytics.ledger import Ledger
from tests.sourcing.empty import emptied


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Analytics' tables, empty."""
    if request.param == "postgresql":
        url = emptied(request.getfixturevalue("postgres"), "analytics_figures")
    else:
        url = f"sqlite:///{tmp_path}/analytics.db?synchronous=OFF"
    made = Ledger(url)
    yield made
    made.close()
