"""A limit whose clock stands still for a while: what a pause gives, and what it does not."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.rules.calendar import SHANGHAI
from libs.rules.limit import Limit
from libs.rules.rules import shipped_rules

RULES = shipped_rules()
CALENDAR = RULES.calendars["CN-GOV"]
START = "2026-09-14T10:00"  # a Monday; 20 September is a working Sunday, 25 to 27 are off

instants = st.datetimes(datetime(2005, 1, 2), datetime(2033, 12, 31)).map(
    lambda at: at.replace(tzinfo=SHANGHAI)
)
limits = st.one_of(
    st.builds(Limit, wd=st.integers(1, 60)),
    st.builds(Limit, cd=st.integers(1, 120), roll=st.booleans()),
    st.builds(Limit, bh=st.integers(1, 80).map(lambda quarters: quarters / 4)),
    st.builds(Limit, h=st.integers(1, 400).map(lambda quarters: quarters / 4)),
)
often = settings(deadline=None, max_examples=300)


@st.composite
def pauses_after(draw: st.DrawFn, start: datetime) -> list[tuple[datetime, datetime]]:
    """Up to four pauses from some days before a start to some weeks after it, in any order."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        since = start + timedelta(minutes=draw(st.integers(-5_000, 60_000)))
        found.append((since, since + timedelta(minutes=draw(st.integers(0, 30_000)))))
    return found


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(limit: Limit, *pauses: tuple[str, str], start: str = START) -> datetime:
    """When a limit ends with such pauses, as a clerk in China reads it."""
    given = [(local(since), local(until)) for since, until in pauses]
    return CALENDAR.due_with_pauses(local(start), limit, given).at.astimezone(SHANGHAI)


def test_two_days_of_pause_give_two_working_days() -> None:
    assert due(Limit(wd=5)) == local("2026-09-21T00:00")  # 15 to 18, and Sunday the 20th
    assert due(Limit(wd=5), ("2026-09-15T10:00", "2026-09-17T10:00")) == local("2026-09-23T00:00")


def test_a_few_hours_of_pause_are_rounded_up_to_the_day_and_all_pauses_together_only_once() -> None:
    hours = ("2026-09-15T10:00", "2026-09-15T12:00"), ("2026-09-16T10:00", "2026-09-16T12:00")
    assert due(Limit(wd=5), *hours) == local("2026-09-22T00:00")


def test_a_pause_over_a_holiday_gives_only_the_working_days_in_it() -> None:
    holiday = ("2026-09-25T00:00", "2026-09-28T00:00")  # three days off
    assert due(Limit(wd=15), holiday) == due(Limit(wd=15))
    longer = ("2026-09-24T00:00", "2026-09-28T00:00")
    assert due(Limit(wd=5), longer, start="2026-09-21T09:00") == local("2026-10-01T00:00")
    assert due(Limit(wd=5), start="2026-09-21T09:00") == local("2026-09-30T00:00")


def test_a_pause_over_a_holiday_gives_all_its_days_to_a_limit_in_calendar_days() -> None:
    assert due(Limit(cd=15)) == local("2026-09-30T00:00")
    holiday = ("2026-09-25T00:00", "2026-09-28T00:00")
    # three days more end on 2 October, which is off, and roll to the 8th
    assert due(Limit(cd=15), holiday) == local("2026-10-09T00:00")
    assert due(Limit(cd=15, roll=False), holiday) == local("2026-10-03T00:00")


def test_a_make_up_sunday_within_a_pause_counts_as_the_working_day_it_is() -> None:
    sunday = ("2026-09-20T00:00", "2026-09-21T00:00")
    assert due(Limit(wd=5), sunday, start="2026-09-16T09:00") == local("2026-09-24T00:00")
    assert due(Limit(wd=5), start="2026-09-16T09:00") == local("2026-09-23T00:00")


def test_business_hours_lose_only_the_business_time_of_a_pause() -> None:
    assert due(Limit(bh=4)) == local("2026-09-14T15:00")
    over_noon = ("2026-09-14T11:30", "2026-09-14T13:30")  # an hour of it is worked
    assert due(Limit(bh=4), over_noon) == local("2026-09-14T16:00")
    night = ("2026-09-14T17:00", "2026-09-15T09:00")
    assert due(Limit(bh=8), night) == due(Limit(bh=8)) == local("2026-09-15T11:00")


def test_hours_by_the_clock_lose_all_of_a_pause() -> None:
    assert due(Limit(h=24)) == local("2026-09-15T10:00")
    assert due(Limit(h=24), ("2026-09-14T20:00", "2026-09-14T23:30")) == local("2026-09-15T13:30")


def test_a_last_calendar_day_does_not_end_within_a_pause() -> None:
    # 1 October + 5 days off roll to the 8th, but the 8th and 9th lie in a pause; the 10th is worked
    start, pause = "2026-09-26T10:00", ("2026-10-02T00:00", "2026-10-10T00:00")
    assert due(Limit(cd=5), start=start) == local("2026-10-09T00:00")
    assert due(Limit(cd=5), pause, start=start) == local("2026-10-11T00:00")


def test_a_pause_on_the_start_day_gives_nothing_to_a_limit_of_days() -> None:
    for limit in (Limit(wd=5), Limit(cd=5)):
        assert due(limit, ("2026-09-14T11:00", "2026-09-15T00:00")) == due(limit)


def test_a_pause_after_the_end_gives_nothing() -> None:
    for limit in (Limit(wd=5), Limit(cd=5), Limit(bh=4), Limit(h=24)):
        assert due(limit, ("2026-09-22T00:00", "2026-10-22T00:00")) == due(limit)


def test_a_pause_that_begins_at_the_very_end_gives_nothing() -> None:
    for limit in (Limit(wd=5), Limit(bh=4), Limit(h=24)):
        end = due(limit)
        after = [(end, end + timedelta(days=30))]
        assert CALENDAR.due_with_pauses(local(START), limit, after).at == end


def test_a_pause_lets_a_later_pause_fall_within_the_limit() -> None:
    first, second = (
        ("2026-09-15T00:00", "2026-09-16T00:00"),
        ("2026-09-21T00:00", "2026-09-22T00:00"),
    )
    assert due(Limit(wd=5), second) == due(Limit(wd=5)) == local("2026-09-21T00:00")
    assert due(Limit(wd=5), first, second) == local("2026-09-23T00:00")


def test_a_pause_into_an_unpublished_year_makes_the_end_provisional() -> None:
    pause = (local("2026-12-20T00:00"), local("2026-12-31T00:00"))
    for limit in (Limit(wd=5), Limit(cd=20), Limit(bh=30)):
        start = local("2026-12-18T10:00")
        assert CALENDAR.due_with_pauses(start, limit, [pause]).provisional
        early = CALENDAR.due_with_pauses(local("2026-11-02T10:00"), limit, [pause])
        assert not early.provisional


def test_a_pause_that_cannot_be_is_refused() -> None:
    naive = [(datetime(2026, 9, 15), datetime(2026, 9, 16))]
    for limit in (Limit(wd=5), Limit(h=24)):
        with pytest.raises(ValueError, match="ends before it begins"):
            due(limit, ("2026-09-16T00:00", "2026-09-15T00:00"))
        with pytest.raises(ValueError, match="no time zone"):
            CALENDAR.due_with_pauses(local(START), limit, naive)
        with pytest.raises(ValueError, match="9999"):
            due(limit, ("2026-09-15T00:00", "9999-12-30T00:00"))


def test_a_place_counts_pauses_by_its_own_pack() -> None:
    pause = [(local("2026-09-15T10:00"), local("2026-09-17T10:00"))]
    asked = ("HANDLE", "G", "hotline", local(START), pause)
    assert RULES.due_with_pauses("cn-generic-2026", *asked).at == local("2026-09-23T00:00")
    assert RULES.due_with_pauses("wuhan-7wd", *asked).at == local("2026-09-25T00:00")


@given(st.data(), instants, limits)
@often
def test_no_pause_makes_a_limit_end_earlier_or_elsewhere_than_at_midnight(
    data: st.DataObject, start: datetime, limit: Limit
) -> None:
    pauses = data.draw(pauses_after(start))
    plain = CALENDAR.due(start, limit)
    found = CALENDAR.due_with_pauses(start, limit, pauses)
    assert found.at.tzinfo is UTC
    assert found.at >= plain.at
    assert found.provisional or not plain.provisional
    if limit.wd is not None or limit.cd is not None:
        assert found.at.astimezone(SHANGHAI).time() == datetime.min.time()


@given(instants, limits)
@often
def test_without_pauses_or_with_empty_ones_it_is_the_plain_limit(
    start: datetime, limit: Limit
) -> None:
    empty = [(start + timedelta(days=1), start + timedelta(days=1))]
    for pauses in ([], empty):
        assert CALENDAR.due_with_pauses(start, limit, pauses) == CALENDAR.due(start, limit)


@given(st.data(), instants, limits)
@often
def test_neither_order_nor_overlap_of_pauses_matters(
    data: st.DataObject, start: datetime, limit: Limit
) -> None:
    pauses = data.draw(pauses_after(start))
    halves = [
        half
        for since, until in pauses
        for half in ((since, since + (until - since) / 2), (since, until))
    ]
    found = CALENDAR.due_with_pauses(start, limit, pauses)
    assert CALENDAR.due_with_pauses(start, limit, halves[::-1]) == found


@given(st.data(), instants, limits)
@often
def test_a_further_pause_never_makes_the_end_earlier(
    data: st.DataObject, start: datetime, limit: Limit
) -> None:
    pauses = data.draw(pauses_after(start))
    more = data.draw(pauses_after(start))
    less = CALENDAR.due_with_pauses(start, limit, pauses).at
    assert CALENDAR.due_with_pauses(start, limit, pauses + more).at >= less


@given(st.data(), instants, st.integers(1, 60))
@often
def test_the_unpaused_working_time_until_the_end_is_the_limit_and_less_than_a_day_more(
    data: st.DataObject, start: datetime, n: int
) -> None:
    """Counted day by day, by no formula."""
    pauses = data.draw(pauses_after(start))
    end = CALENDAR.due_with_pauses(start, Limit(wd=n), pauses).at
    day = (start.astimezone(SHANGHAI) + timedelta(days=1)).date()
    counted = timedelta()
    while (midnight := datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)) < end:
        if CALENDAR.is_workday(day):
            counted += timedelta(days=1) - _paused(midnight, midnight + timedelta(days=1), pauses)
        day += timedelta(days=1)
    assert timedelta(days=n) <= counted < timedelta(days=n + 1)


def _paused(since: datetime, until: datetime, pauses: list[tuple[datetime, datetime]]) -> timedelta:
    """How much of a day lies in any pause, by sweeping over all edges within it."""
    edges = sorted({since, until, *(at for pause in pauses for at in pause if since < at < until)})
    return sum(
        (
            b - a
            for a, b in pairwise(edges)
            if any(begins <= a and b <= ends for begins, ends in pauses)
        ),
        timedelta(),
    )
