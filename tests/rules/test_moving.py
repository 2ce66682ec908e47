"""Limits whose clock stood still for a while, and limits that begin where another ends."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.rules.calendar import SHANGHAI
from libs.rules.limit import Limit
from libs.rules.moving import due_after, due_with_pauses, is_provisional, runs_on
from tests.spec import MONDAY, RULES, TIMES, china

CALENDAR = RULES.calendar(RULES.default_pack)
LIMITS = [Limit(wd=1), Limit(wd=5), Limit(cd=15), Limit(bh=4), Limit(h=2)]


def ends(limit: Limit, *pauses: tuple[str, str], start: datetime = MONDAY) -> str:
    """When the limit ends, as a clerk in China says it."""
    spans = [(china(a), china(b)) for a, b in pauses]
    due = due_with_pauses(CALENDAR, start, limit, spans)
    return f"{due.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("limit", "without", "with_two_days"),
    [
        (Limit(wd=1), "2026-03-04 00:00", "2026-03-06 00:00"),
        (Limit(wd=4), "2026-03-07 00:00", "2026-03-11 00:00"),  # over a weekend
        (Limit(cd=15), "2026-03-18 00:00", "2026-03-20 00:00"),
        (Limit(bh=4), "2026-03-02 14:00", "2026-03-04 14:00"),
        (Limit(h=4), "2026-03-02 13:00", "2026-03-04 13:00"),
    ],
    ids=lambda x: getattr(x, "words", x),
)
def test_a_pause_of_two_days_moves_the_end_by_two_days_of_the_limits_own_kind(
    limit: Limit, without: str, with_two_days: str
) -> None:
    assert ends(limit) == without
    assert ends(limit, ("2026-03-02 10:00", "2026-03-04 10:00")) == with_two_days


def test_pauses_that_overlap_count_once() -> None:
    one = ends(Limit(wd=5), ("2026-03-03 09:00", "2026-03-05 09:00"))
    both = ("2026-03-03 09:00", "2026-03-04 12:00"), ("2026-03-04 09:00", "2026-03-05 09:00")
    assert ends(Limit(wd=5), *both) == one == "2026-03-12 00:00"


def test_a_pause_before_the_start_or_after_the_end_counts_for_nothing() -> None:
    early, late = ("2026-02-24 09:00", "2026-02-26 09:00"), ("2026-03-04 00:00", "2026-03-09 09:00")
    assert ends(Limit(wd=1), early, late) == ends(Limit(wd=1))


def test_a_weekend_within_a_pause_was_no_working_time_anyway() -> None:
    assert ends(Limit(wd=5), ("2026-03-06 20:00", "2026-03-08 20:00")) == ends(Limit(wd=5))


def test_the_last_day_of_calendar_days_rolls_once_at_the_end() -> None:
    start = china("2026-09-18 09:00")
    assert ends(Limit(cd=15), start=start) == "2026-10-09 00:00"  # 3 October rolls to the 8th
    assert ends(Limit(cd=15), ("2026-09-21 09:00", "2026-09-24 09:00"), start=start) == (
        "2026-10-09 00:00"  # and so does the 6th
    )


@given(
    st.sampled_from(LIMITS),
    st.lists(st.tuples(st.sampled_from(TIMES), st.sampled_from(TIMES)), max_size=3),
)
def test_a_pause_never_makes_a_limit_shorter(
    limit: Limit, pauses: list[tuple[datetime, datetime]]
) -> None:
    plain = CALENDAR.due(MONDAY, limit)
    assert due_with_pauses(CALENDAR, MONDAY, limit, pauses).at >= plain.at
    assert due_with_pauses(CALENDAR, MONDAY, limit, []) == plain


def test_what_was_left_on_the_last_day_is_the_day_on_which_it_goes_on() -> None:
    due = china("2026-03-10 00:00")  # 24:00 of the 9th
    stopped = china("2026-03-09 15:00")
    for limit in (Limit(wd=5), Limit(cd=5)):
        on = runs_on(CALENDAR, due, limit, stopped, china("2026-03-11 10:00"))
        assert on.at == china("2026-03-12 00:00")
        over_weekend = runs_on(CALENDAR, due, limit, stopped, china("2026-03-14 10:00"))
        assert over_weekend.at == china("2026-03-17 00:00")  # a Saturday: the next working day


def test_thirty_days_after_sixty_are_ninety() -> None:
    start = china("2026-04-02 09:00")
    due = CALENDAR.due(start, Limit(cd=60)).at
    assert due == china("2026-06-02 00:00")
    assert due_after(CALENDAR, due, Limit(cd=30)).at == CALENDAR.due(start, Limit(cd=90)).at
    assert due_after(CALENDAR, due, Limit(h=24)).at == china("2026-06-03 00:00")


def test_an_instant_in_a_year_that_is_not_published_is_provisional() -> None:
    assert not is_provisional(CALENDAR, china("2027-01-01 00:00"))  # 24:00 of 31 December
    assert is_provisional(CALENDAR, china("2027-01-04 00:00"))
