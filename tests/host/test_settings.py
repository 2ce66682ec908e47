"""What follows from another setting when it is not set itself."""

import pytest

from libs.host.settings import Settings


@pytest.fixture(autouse=True)
def no_pace_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PACE", "LONGEST_PACE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("log_url", "pace", "longest"),
    [("sqlite:///var/log.db", 0.05, 0.05), ("kafka://broker:9092", 0.15, 0.3)],
)
def test_the_pace_is_that_of_the_home(
    monkeypatch: pytest.MonkeyPatch, log_url: str, pace: float, longest: float
) -> None:
    monkeypatch.setenv("LOG_URL", log_url)
    assert (Settings().pace, Settings().longest_pace) == (pace, longest)


def test_a_pace_that_is_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_URL", "kafka://broker:9092")
    monkeypatch.setenv("PACE", "0.02")
    assert (Settings().pace, Settings().longest_pace) == (0.02, 0.04)
    monkeypatch.setenv("LONGEST_PACE", "0.5")
    assert Settings().longest_pace == 0.5
