"""A moved clock turns amber and red by shares of its new whole limit, in the limit's own clock."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.rules.rules import shipped_rules
from libs.rules.shares import Pauses, moved_warnings
from tests.spec import MONDAY, china

RULES = shipped_rules()
HANDLE = (RULES.default_pack, "HANDLE")


def shares(sla: str, track: str, due: str, *pauses: tuple[str, str]) -> list[str]:
    """Amber and red of a HANDLE begun on Monday 2 March at nine, in China's time."""
    stood = tuple((china(a), china(b)) for a, b in pauses)
    found = moved_warnings(RULES, *HANDLE, sla, track, MONDAY, china(due), stood)
    return [f"{at.astimezone(MONDAY.tzinfo):%m-%d %H:%M}" for _, at in found]


@pytest.mark.parametrize(
    ("sla", "track", "due", "expected"),
    [
        ("G", "hotline", "2026-03-24 00:00", ["03-18 06:00", "03-20 12:00"]),
        ("G", "hotline", "2026-04-09 00:00", ["03-30 12:00", "04-03 09:36"]),  # over 清明
        ("U", "hotline", "2026-03-03 19:00", ["03-03 10:30", "03-03 15:36"]),
        ("X", "xinfang", "2026-06-01 00:00", ["05-09 12:00", "05-23 00:00"]),
    ],
)
def test_the_new_whole_limit_is_shared_by_its_own_clock(
    sla: str, track: str, due: str, expected: list[str]
) -> None:
    assert shares(sla, track, due) == expected


def test_what_lies_in_a_pause_does_not_count() -> None:
    pause = ("2026-03-04 09:00", "2026-03-11 09:00")
    assert shares("G", "hotline", "2026-03-17 00:00", pause) == ["03-13 18:00", "03-16 12:00"]
    hours = ("2026-03-02 12:00", "2026-03-02 14:00")
    assert shares("U", "hotline", "2026-03-03 11:00", hours) == ["03-03 05:00", "03-03 08:36"]


def test_a_pause_over_days_off_moves_nothing_in_a_limit_of_working_days() -> None:
    weekend = ("2026-03-07 00:00", "2026-03-09 00:00")
    without = shares("G", "hotline", "2026-03-10 00:00")
    assert shares("G", "hotline", "2026-03-10 00:00", weekend) == without


def test_where_no_time_is_left_nobody_is_warned() -> None:
    assert shares("G", "hotline", "2026-03-02 12:00") == []
    assert (
        shares("G", "hotline", "2026-03-05 00:00", ("2026-03-03 00:00", "2026-03-05 00:00")) == []
    )


@given(st.integers(1, 80), st.lists(st.integers(0, 60 * 24 * 20), min_size=2, max_size=6))
def test_no_threshold_lies_in_a_pause_and_amber_comes_before_red_before_the_end(
    days: int, minutes: list[int]
) -> None:
    edges = [MONDAY + timedelta(minutes=m) for m in sorted(minutes[: len(minutes) // 2 * 2])]
    pauses: Pauses = tuple(zip(edges[::2], edges[1::2], strict=True))
    due = MONDAY + timedelta(days=days)
    found = [at for _, at in moved_warnings(RULES, *HANDLE, "G", "hotline", MONDAY, due, pauses)]
    assert found == sorted(found)
    assert all(at <= due or any(b > due for _, b in pauses) for at in found)
    assert not any(a < at < b for at in found for a, b in pauses)
