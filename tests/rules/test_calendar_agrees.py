"""Our working days and those of an independent package, day by day and limit by limit."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.rules.calendar import SHANGHAI
from libs.rules.limit import Limit
from libs.rules.rules import shipped_rules
from tests.rules.test_calendar import VECTORS, local

CALENDAR = shipped_rules().calendars["CN-GOV"]
FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)
days_of_limits = st.dates(FIRST, date(2026, 6, 1))
"""Starts from which 120 working days end in a year that both know."""
often = settings(deadline=None, max_examples=1_000)


def test_all_the_published_vectors_are_here() -> None:
    assert len(VECTORS) == 102


def test_every_single_day_of_the_published_years_agrees() -> None:
    every = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    assert len(every) == 8_401
    assert [CALENDAR.is_workday(d) for d in every] == [
        chinese_calendar.is_workday(d) for d in every
    ]
    assert all(CALENDAR.status(day) == "official" for day in every)


@given(days_of_limits, st.integers(1, 120))
@often
def test_the_nth_working_day_agrees(start: date, n: int) -> None:
    assert CALENDAR.add_working_days(start, n) == theirs(start, n)


@given(days_of_limits, st.integers(1, 120))
@often
def test_a_limit_of_working_days_ends_with_the_day_that_the_other_package_finds(
    start: date, n: int
) -> None:
    due = CALENDAR.due(local(f"{start}T12:00"), Limit(wd=n))
    assert due.at.astimezone(SHANGHAI).date() == theirs(start, n) + timedelta(days=1)
    assert not due.provisional


def theirs(start: date, n: int) -> date:
    """The nth working day after a start by the other package, which counts the first one from a day off as 0."""
    found: date = chinese_calendar.find_workday(n - (not chinese_calendar.is_workday(start)), start)
    return found


def test_where_the_other_package_knows_nothing_we_say_that_it_is_provisional() -> None:
    day = date(2027, 1, 4)
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(day)
    assert CALENDAR.status(day) == "provisional"
    assert CALENDAR.due(local("2026-12-30T10:00"), Limit(wd=3)).provisional
