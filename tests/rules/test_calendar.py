"""Working time, against published vectors and against what must hold for every day."""

import json
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.rules.calendar import SHANGHAI, WorkingCalendar, is_late
from libs.rules.limit import Limit
from libs.rules.rules import shipped_rules
from tests.board import invent_board, is_breached, messages_of, real_board

CALENDAR = shipped_rules().calendars["CN-GOV"]
VECTORS = json.loads((Path(__file__).parent / "workday_vectors.json").read_text("utf-8"))

days = st.dates(date(2004, 1, 1), date(2035, 12, 31))
instants = st.datetimes(datetime(2004, 1, 2), datetime(2035, 12, 31)).map(
    lambda at: at.replace(tzinfo=SHANGHAI)
)
limits = st.one_of(
    st.builds(Limit, wd=st.integers(1, 60)),
    st.builds(Limit, cd=st.integers(1, 120), roll=st.booleans()),
    st.builds(Limit, bh=st.integers(1, 80).map(lambda quarters: quarters / 4)),
    st.builds(Limit, h=st.integers(1, 400).map(lambda quarters: quarters / 4)),
)
often = settings(deadline=None, max_examples=300)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def calendar_of(years: dict[int, dict[str, str]]) -> WorkingCalendar:
    hours = [["09:00", "12:00"], ["13:00", "17:00"]]
    return WorkingCalendar(id="T", version="1", years=years, business_hours=hours)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['start']}+{v['add']}{v['unit']}")
def test_the_published_vectors_hold(vector: dict[str, object]) -> None:
    start, add = date.fromisoformat(str(vector["start"])), int(str(vector["add"]))
    if vector["unit"] == "wd":
        found = CALENDAR.add_working_days(start, add)
    else:
        found = CALENDAR.add_calendar_days(start, add)
    if str(vector["due"]).startswith("ERROR"):
        assert CALENDAR.status(found) == "provisional"
    else:
        assert found == date.fromisoformat(str(vector["due"]))
        assert CALENDAR.status(found) == "official"
    if "due_no_roll" in vector:
        unrolled = CALENDAR.add_calendar_days(start, add, roll=False)
        assert unrolled == date.fromisoformat(str(vector["due_no_roll"]))


@pytest.mark.parametrize(
    ("start", "steps"),
    [
        ("2026-09-18", {1: "09-20", 2: "09-21", 3: "09-22", 5: "09-24", 7: "09-29"}),
        ("2026-02-13", {1: "02-14", 2: "02-24", 5: "02-27"}),
        ("2026-09-30", {1: "10-08", 3: "10-10", 5: "10-13"}),
        ("2026-04-30", {1: "05-06", 3: "05-08", 4: "05-09", 5: "05-11"}),
        ("2026-01-01", {1: "01-04"}),
        ("2025-09-26", {1: "09-28", 3: "09-30", 5: "10-10"}),
        ("2017-01-23", {5: "02-04", 7: "02-07"}),
    ],
)
def test_make_up_weekends_count_as_working_days(start: str, steps: dict[int, str]) -> None:
    for n, end in steps.items():
        found = CALENDAR.add_working_days(date.fromisoformat(start), n)
        assert found == date.fromisoformat(f"{start[:4]}-{end}")


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-09-18", 15, "2026-10-08"),
        ("2026-08-03", 60, "2026-10-08"),
        ("2026-04-02", 60, "2026-06-01"),
        ("2026-04-02", 90, "2026-07-01"),
        ("2026-02-13", 60, "2026-04-14"),
        ("2026-02-13", 90, "2026-05-14"),
    ],
)
def test_a_last_day_off_work_rolls_to_the_next_working_day(start: str, n: int, end: str) -> None:
    found = CALENDAR.add_calendar_days(date.fromisoformat(start), n)
    assert found == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-09-18T16:30", 120, "2026-09-20T10:30"),
        ("2026-09-19T10:00", 120, "2026-09-20T11:00"),
        ("2026-02-14T16:00", 120, "2026-02-24T10:00"),
        ("2026-09-30T16:59", 60, "2026-10-08T09:59"),
        ("2026-11-20T17:00", 1, "2026-11-23T09:01"),
        ("2026-11-20T16:00", 60, "2026-11-20T17:00"),
        ("2026-11-20T11:30", 60, "2026-11-20T13:30"),
        ("2026-11-20T12:30", 1, "2026-11-20T13:01"),
    ],
)
def test_business_hours_pause_at_noon_at_night_and_on_days_off(
    start: str, minutes: int, end: str
) -> None:
    assert CALENDAR.add_business_minutes(local(start), minutes) == local(end)


@pytest.mark.parametrize(
    ("start", "limit"),
    [
        ("2026-12-28", Limit(wd=5)),
        ("2026-11-21", Limit(cd=60)),
        ("2026-12-31T16:00", Limit(bh=2)),
    ],
)
def test_a_deadline_in_an_unpublished_year_is_provisional(start: str, limit: Limit) -> None:
    assert CALENDAR.due(local(start), limit).provisional


def test_a_deadline_at_the_very_end_of_the_last_published_year_is_official() -> None:
    due = CALENDAR.due(local("2026-12-30T10:00"), Limit(wd=1))
    assert due.at == local("2027-01-01T00:00")
    assert not due.provisional


def test_a_limit_in_hours_needs_no_published_year() -> None:
    due = CALENDAR.due(local("2026-12-31T23:00"), Limit(h=2))
    assert due.at == local("2027-01-01T01:00")
    assert not due.provisional


def test_a_limit_in_unrolled_calendar_days_needs_no_published_year() -> None:
    due = CALENDAR.due(local("2026-12-31T23:00"), Limit(cd=2, roll=False))
    assert due.at == local("2027-01-03T00:00")
    assert not due.provisional


def test_a_limit_of_working_days_ends_at_midnight_in_shanghai_and_is_told_in_utc() -> None:
    due = CALENDAR.due(local("2026-09-18T10:00"), Limit(wd=5)).at
    assert due == local("2026-09-25T00:00")
    assert due.tzinfo is UTC


def test_a_reply_is_on_time_until_the_last_day_is_over() -> None:
    due = CALENDAR.due(local("2026-09-18T10:00"), Limit(wd=5)).at
    assert not is_late(local("2026-09-24T23:59:59.999999"), due)
    assert is_late(local("2026-09-25T00:00"), due)


def test_the_day_of_a_message_is_its_day_in_shanghai() -> None:
    late_evening_in_utc = datetime(2026, 9, 17, 17, tzinfo=UTC)  # 01:00 on the 18th in Shanghai
    assert CALENDAR.due(late_evening_in_utc, Limit(wd=1)).at == local("2026-09-21T00:00")


def test_amber_of_five_working_days_falls_on_the_evening_of_the_fourth() -> None:
    start = local("2026-09-18T10:00")
    assert CALENDAR.part(start, Limit(wd=5), 0.75) == local("2026-09-23T18:00")
    assert CALENDAR.part(start, Limit(wd=5), 0.9) == local("2026-09-24T12:00")


def test_a_share_of_whole_working_days_ends_with_its_day_and_not_after_the_weekend() -> None:
    start = local("2026-11-16T10:00")  # a Monday; the fourth working day is Friday
    assert CALENDAR.part(start, Limit(wd=8), Fraction(1, 2)) == local("2026-11-21T00:00")


@given(instants, limits)
@often
def test_amber_comes_before_red_and_red_before_due(start: datetime, limit: Limit) -> None:
    due = CALENDAR.due(start, limit).at
    amber, red = (CALENDAR.part(start, limit, share) for share in (0.75, 0.9))
    assert start < amber < red < due
    assert CALENDAR.part(start, limit, 1.0) == due


@given(instants, limits, st.fractions(Fraction(1, 100), 1), st.fractions(Fraction(1, 100), 1))
@often
def test_a_larger_share_of_a_limit_never_ends_earlier(
    start: datetime, limit: Limit, one: Fraction, other: Fraction
) -> None:
    less, more = sorted((one, other))
    assert CALENDAR.part(start, limit, less) <= CALENDAR.part(start, limit, more)


@given(instants, instants, limits)
@often
def test_what_starts_later_is_never_due_earlier(a: datetime, b: datetime, limit: Limit) -> None:
    first, second = sorted((a, b))
    assert CALENDAR.due(first, limit).at <= CALENDAR.due(second, limit).at


@given(days, st.integers(1, 120))
@often
def test_counting_working_days_always_ends_on_a_working_day(start: date, n: int) -> None:
    end = CALENDAR.add_working_days(start, n)
    assert CALENDAR.is_workday(end)
    between = (start + timedelta(days=d) for d in range(1, (end - start).days + 1))
    assert sum(map(CALENDAR.is_workday, between)) == n


@given(days, st.integers(1, 120))
@often
def test_a_rolled_calendar_day_is_the_first_working_day_from_there(start: date, n: int) -> None:
    end = CALENDAR.add_calendar_days(start, n)
    assert CALENDAR.is_workday(end)
    skipped = (end - start).days - n
    assert not any(CALENDAR.is_workday(start + timedelta(days=n + d)) for d in range(skipped))


@given(instants, st.integers(1, 3000))
@often
def test_business_time_ends_within_business_hours_of_a_working_day(
    start: datetime, minutes: int
) -> None:
    end = CALENDAR.add_business_minutes(start, minutes).astimezone(SHANGHAI)
    assert CALENDAR.is_workday(end.date())
    moment = end.hour * 60 + end.minute + (end.second + end.microsecond / 1e6) / 60
    assert 540 < moment <= 720 or 780 < moment <= 1020


@given(instants, st.integers(1, 900), st.integers(1, 900))
@often
def test_business_time_adds_up(start: datetime, one: int, other: int) -> None:
    step = CALENDAR.add_business_minutes(CALENDAR.add_business_minutes(start, one), other)
    assert step == CALENDAR.add_business_minutes(start, one + other)


def test_a_year_to_come_has_its_statutory_days_off_with_days_in_lieu() -> None:
    off = ["2027-01-01", "2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-04-05"]
    off += ["2027-05-03", "2027-06-09", "2027-09-15", "2027-10-01", "2027-10-04", "2027-10-05"]
    for day in off:
        assert not CALENDAR.is_workday(date.fromisoformat(day)), day
    assert CALENDAR.is_workday(date(2027, 2, 11))
    assert CALENDAR.status(date(2027, 2, 11)) == "provisional"


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2047, 1, 1)])
def test_a_year_that_is_not_covered_is_named(day: date) -> None:
    with pytest.raises(ValueError, match=str(day.year)):
        CALENDAR.is_workday(day)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match=str(day.year)):
        CALENDAR.due(at, Limit(wd=1))


def test_counting_past_the_last_year_is_refused_and_not_cut_short() -> None:
    for limit in (Limit(wd=5), Limit(cd=9), Limit(bh=40)):
        with pytest.raises(ValueError, match="2047"):
            CALENDAR.due(local("2046-12-29T12:00"), limit)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        CALENDAR.due(datetime(2026, 9, 18), Limit(wd=1))


def test_a_share_outside_the_limit_is_refused() -> None:
    for share in (0, -0.5, 1.5):
        with pytest.raises(ValueError, match="share"):
            CALENDAR.part(local("2026-09-18T10:00"), Limit(wd=1), share)


def test_counting_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.add_working_days(date(2026, 9, 18), 0)
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.add_calendar_days(date(2026, 9, 18), 0)
    with pytest.raises(ValueError, match="forward"):
        CALENDAR.add_business_minutes(local("2026-09-18T10:00"), 0)


def test_a_calendar_with_a_missing_year_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        calendar_of({2020: {"holidays": ""}, 2022: {"holidays": ""}})


def test_a_misspelt_key_in_a_year_is_refused() -> None:
    with pytest.raises(ValueError, match="holiday"):
        calendar_of({2020: {"holidays": "", "holiday": "01-01"}})


def test_who_is_late_at_seven_working_days_is_what_a_plain_count_of_days_says() -> None:
    real = real_board()
    messages = messages_of(real) if real else invent_board()
    late = []
    for message in messages:
        due = CALENDAR.due(local(message["registered_at"]), Limit(wd=7)).at
        late.append(is_late(local(message["replied_at"]), due))
    assert late == [is_breached(message) for message in messages]
    assert any(late)
    assert not all(late)
    if real:
        assert sum(late) == 735
