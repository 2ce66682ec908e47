"""Both homes of the log, for one body of tests."""

from pathlib import Path

import pytest

from tests.log.homes import Home, KafkaHome, SqliteHome


@pytest.fixture(params=["sqlite", "kafka"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """Where the log lives."""
    if request.param == "sqlite":
        return SqliteHome(tmp_path / "log.db")
    return KafkaHome(request.getfixturevalue("broker"))
