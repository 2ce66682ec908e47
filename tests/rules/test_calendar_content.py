"""A calendar as data: what is read, what is refused with its year, and how a year is added."""

import json
from datetime import date
from typing import Any

import pytest

from libs.rules.calendar import SHANGHAI
from libs.rules.calendar_content import read_calendar, with_year
from libs.rules.limit import Limit
from libs.rules.rules import shipped_rules
from libs.rules.shipped import read_shipped
from tests.rules.test_calendar import local

NATIONAL: dict[str, Any] = json.loads(
    json.dumps(read_shipped("calendar-cn-gov"))
)  # as an event holds it
SHIPPED = shipped_rules().calendars["CN-GOV"]


def changed(**changes: Any) -> dict[str, Any]:
    return NATIONAL | changes


def place(**years: Any) -> dict[str, Any]:
    """A local calendar; years as ``y2026={"holidays": "03-20"}``."""
    facts = {name.removeprefix("y"): {"makeup": "", **days} for name, days in years.items()}
    return {"id": "PLACE", "version": "3", "extends": "CN-GOV", "years": facts}


def read_place(content: dict[str, Any]) -> Any:
    return read_calendar(content, {"CN-GOV": NATIONAL})


def test_a_calendar_from_json_is_the_shipped_one_day_for_day() -> None:
    read = read_calendar(NATIONAL)
    assert (read.id, read.version, read.last_year) == ("CN-GOV", SHIPPED.version, 2026)
    every = [
        date.fromordinal(n)
        for n in range(date(2004, 1, 1).toordinal(), date(2046, 12, 31).toordinal())
    ]
    assert [read.is_workday(day) for day in every] == [SHIPPED.is_workday(day) for day in every]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "cn gov"}, "id: capitals"),
        ({"version": 1}, "version: a text"),
        ({"hours": []}, "hours: no such key in a calendar"),
        ({"business_hours": []}, "business_hours: one to six pairs"),
        ({"business_hours": [["09:00"]]}, r"business_hours\.0: a pair"),
        (
            {"business_hours": [["09:00", "12:00"], ["11:00", "17:00"]]},
            r"business_hours\.1: begins before",
        ),
        ({"business_hours": [["12:00", "09:00"]]}, r"business_hours\.0: .*ends before it begins"),
        ({"business_hours": [["9", "25:00"]]}, r"business_hours\.0: a pair"),
        ({"years": {}}, "years: days off and make-up days by year"),
        ({"years": [2026]}, "years: days off"),
        ({"years": {"26": {"holidays": ""}}}, r"years\.26: no year from 1949"),
        ({"years": {"٢٠٢٦": {"holidays": ""}}}, "no year from 1949"),
        ({"years": {"2026": "01-01"}}, r"years\.2026: holidays and makeup"),
        ({"years": {"2026": {"makeup": ""}}}, r"years\.2026\.holidays: is missing"),
        (
            {"years": {"2026": {"holidays": 101}}},
            r"years\.2026\.holidays: days are written as a text",
        ),
        ({"years": {"2026": {"holidays": "", "off": ""}}}, r"years\.2026\.off: no such key in a year"),
        ({"years": {"2026": {"holidays": "1-1"}}}, r"years\.2026\.holidays: 1-1 is no day"),
        ({"years": {"2026": {"holidays": "02-29"}}}, r"02-29 does not exist in 2026"),
        ({"years": {"2026": {"holidays": "01-03..01-01"}}}, "ends before it begins"),
        ({"years": {"2026": {"holidays": "01-01..03-01"}}}, "is longer than a month"),
        (
            {"years": {"2026": {"holidays": "2025-11-30"}}},
            "is not of 2026, nor of the December before",
        ),
        (
            {"years": {"2026": {"holidays": "", "makeup": "01-05"}}},
            "2026-01-05 is no Saturday or Sunday",
        ),
        (
            {"years": {"2026": {"holidays": "01-04", "makeup": "01-04"}}},
            "2026-01-04 is a day off as well",
        ),
        (
            {"years": {"2024": {"holidays": ""}, "2026": {"holidays": ""}}},
            r"years\.2025: is missing between",
        ),
        ({"years": {"2026": {"holidays": ""}, 2026: {"holidays": ""}}}, "a year stands twice"),
        ({"lunar": {"2027": "02-06"}}, r"lunar\.2027: three days such as"),
        ({"lunar": {"2027": "02-06 02-30 09-15"}}, r"lunar\.2027: 02-30 does not exist"),
    ],
)
def test_a_mistake_is_refused_with_its_year_and_key(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_calendar(changed(**changes))


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="2025") as refused:
        read_calendar(
            changed(
                version="",
                years={"2025": {"holidays": "13-01"}, "2026": {"holidays": "", "makeup": "01-05"}},
            )
        )
    assert len(str(refused.value).splitlines()) == 3


# ------------------------------------------------------------------------------------ a further year


def test_the_next_year_is_added_and_its_deadlines_are_official() -> None:
    whole = with_year(NATIONAL, 2027, "01-01..01-03 02-05..02-11", "02-20")
    calendar = read_calendar(whole)
    assert calendar.version == "2027.1"
    assert calendar.is_workday(date(2027, 2, 20))
    assert not calendar.is_workday(date(2027, 2, 11))
    assert SHIPPED.due(local("2026-12-30T10:00"), Limit(wd=3)).provisional
    assert not calendar.due(local("2026-12-30T10:00"), Limit(wd=3)).provisional
    assert json.loads(json.dumps(whole, sort_keys=True)) == whole


def test_a_published_year_can_be_corrected_and_has_another_version_then() -> None:
    whole = with_year(NATIONAL, 2026, "01-01..01-03", "01-04")
    assert whole["version"] == "2026.2"
    assert read_calendar(whole).is_workday(date(2026, 10, 1))
    assert with_year(whole, 2026, "01-01", "")["version"] == "2026.3"
    assert NATIONAL["version"] == "2026.1"


@pytest.mark.parametrize("year", [2028, 2003, 1900])
def test_a_year_that_leaves_a_gap_is_refused(year: int) -> None:
    with pytest.raises(ValueError, match=f"{year} does not follow 2026"):
        with_year(NATIONAL, year, "01-01", "")


def test_a_year_with_a_mistake_is_not_added() -> None:
    with pytest.raises(ValueError, match=r"years\.2027\.makeup: 2027-01-04 is no Saturday"):
        with_year(NATIONAL, 2027, "01-01", "01-04")


def test_a_notice_may_speak_of_the_december_before_and_the_january_after() -> None:
    whole = with_year(NATIONAL, 2027, "2026-12-31..2027-01-03 2028-01-01..2028-01-03", "2026-12-26")
    calendar = read_calendar(whole)
    assert not calendar.is_workday(date(2026, 12, 31))
    assert calendar.is_workday(date(2026, 12, 26))
    assert not calendar.is_workday(date(2028, 1, 3))
    assert calendar.status(date(2028, 1, 3)) == "provisional"


def test_a_notice_that_contradicts_the_year_before_is_refused() -> None:
    both = with_year(NATIONAL, 2026, "01-01", "12-26")
    with pytest.raises(ValueError, match="2026-12-26 is a day off and a make-up day"):
        with_year(both, 2027, "2026-12-26 01-01", "")


# ---------------------------------------------------------------------------------- a place's own days


def test_a_place_adds_its_festival_to_the_days_of_the_country() -> None:
    calendar = read_place(place(y2026={"holidays": "03-20..03-21", "makeup": "03-28"}))
    assert not calendar.is_workday(date(2026, 3, 20))
    assert calendar.is_workday(date(2026, 3, 28))
    assert not calendar.is_workday(date(2026, 10, 1))
    assert calendar.is_workday(date(2026, 10, 10))
    assert (calendar.id, calendar.version) == ("PLACE", "3+2026.1")
    due = calendar.due(local("2026-03-19T10:00"), Limit(wd=1)).at.astimezone(SHANGHAI)
    assert due == local("2026-03-24T00:00")


def test_a_storm_closes_a_make_up_day_too() -> None:
    assert SHIPPED.is_workday(date(2026, 9, 20))
    calendar = read_place(place(y2026={"holidays": "09-20..09-21"}))
    assert not calendar.is_workday(date(2026, 9, 20))


def test_a_place_takes_no_day_off_away_that_the_country_gives() -> None:
    with pytest.raises(
        ValueError, match=r"years\.2026\.makeup: 2026-10-03 is a day off of the calendar"
    ):
        read_place(place(y2026={"holidays": "", "makeup": "10-03"}))


def test_a_place_may_name_a_single_year_even_one_to_come() -> None:
    calendar = read_place(place(y2027={"holidays": "03-22"}))
    assert not calendar.is_workday(date(2027, 3, 22))
    assert calendar.status(date(2027, 3, 22)) == "provisional"
    later = with_year(place(), 2027, "03-22", "")
    assert not read_place(later).is_workday(date(2027, 3, 22))


def test_a_place_may_keep_other_hours() -> None:
    content = place() | {"business_hours": [["10:00", "14:00"]]}
    due = read_place(content).due(local("2026-03-02T10:00"), Limit(bh=5)).at
    assert due == local("2026-03-03T11:00")


def test_a_storm_in_a_place_of_a_place_counts_for_all_three() -> None:
    county = {
        "id": "COUNTY",
        "version": "1",
        "extends": "PLACE",
        "years": {"2026": {"holidays": "07-01"}},
    }
    others = {"CN-GOV": NATIONAL, "PLACE": place(y2026={"holidays": "03-20"})}
    calendar = read_calendar(county, others)
    assert not any(calendar.is_workday(date(2026, *day)) for day in ((7, 1), (3, 20), (10, 1)))
    assert calendar.version == "1+3+2026.1"


def test_a_calendar_that_is_not_there_or_extends_itself_is_refused() -> None:
    with pytest.raises(ValueError, match=r"extends: there is no calendar CN-GOV; there are: none"):
        read_calendar(place())
    ring = {"A": {"id": "A", "extends": "B"}, "B": {"id": "B", "extends": "A"}}
    with pytest.raises(ValueError, match="circle"):
        read_calendar(ring["A"], ring)


def test_a_mistake_in_the_calendar_below_is_told_under_its_own_name() -> None:
    below = changed(years={"2026": {"holidays": "99-99"}})
    with pytest.raises(ValueError, match=r"calendar/CN-GOV: years\.2026\.holidays: 99-99"):
        read_calendar(place(), {"CN-GOV": below})
