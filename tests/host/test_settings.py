"""What follows from another setting when it is not set itself."""

import pytest

from libs.host.settings import Settings


@pytest.mark.parametrize(
    ("log_url", "pace"), [("sqlite:///var/log.db", 0.05), ("kafka://broker:9092", 0.15)]
)
def test_the_pace_is_that_of_the_home(monkeypatch: pytest.MonkeyPatch, log_url: str, pace: float) -> None:
    monkeypatch.delenv("PACE", raising=False)
    monkeypatch.setenv("LOG_URL", log_url)
    assert Settings().pace == pace


def test_a_pace_that_is_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_URL", "kafka://broker:9092")
    monkeypatch.setenv("PACE", "0.02")
    assert Settings().pace == 0.02
