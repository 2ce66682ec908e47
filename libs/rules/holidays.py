"""Days off: read from a published year, computed for a year to come. It counts nothing."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

LONGEST_SPAN = timedelta(days=30)
_DAY = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})")


def year_of_facts(year: int, facts: Mapping[str, str]) -> tuple[frozenset[date], frozenset[date]]:
    """Days off and make-up workdays of a published year, as in `holidays: 01-01 02-15..02-23`.

    A notice may speak of the neighbouring December or January, then with the year: `2022-12-31..2023-01-02`.
    Raises `ValueError` with every mistake: a key other than `holidays` and `makeup`, a day that does not
    exist or is of another year, a make-up day that is no Saturday or Sunday, a day that is both.
    """
    off, work, mistakes = check_year(year, facts)
    if mistakes:
        wrong = (f"calendar year {year}: {key}: {reason}" for key, reason in mistakes)
        raise ValueError("\n".join(wrong))
    return off, work


def check_year(
    year: int, facts: Mapping[str, Any]
) -> tuple[frozenset[date], frozenset[date], list[tuple[str, str]]]:
    """Days off, make-up workdays, and what is wrong with them, each with its key."""
    unknown = sorted(str(key) for key in facts.keys() - {"holidays", "makeup"})
    mistakes = [(key, "no such key in a year") for key in unknown]
    if "holidays" not in facts:
        mistakes.append(("holidays", "is missing"))
    off, wrong_off = _days(year, facts.get("holidays", ""))
    work, wrong_work = _days(year, facts.get("makeup", ""))
    mistakes += [("holidays", wrong) for wrong in wrong_off]
    mistakes += [("makeup", wrong) for wrong in wrong_work]
    for day in sorted(work):
        if day.weekday() < 5:
            mistakes.append(("makeup", f"{day} is no Saturday or Sunday"))
        if day in off:
            mistakes.append(("makeup", f"{day} is a day off as well"))
    return off, work, mistakes


def missing_statutory_days(year: int, off: frozenset[date] | set[date]) -> list[date]:
    """The statutory days that need no lunar calendar and are not among a year's days off
    (《全国年节及纪念日放假办法》 Art. 2; 2 May since 2025)."""
    fixed = [(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)] + [(5, 2)] * (year >= 2025)
    days = [date(year, month, day) for month, day in sorted(fixed)]
    return [day for day in days if day not in off]


def off_days(year: int, lunar: str | None) -> frozenset[date]:
    """Statutory days of a year without a published notice, with days in lieu.

    《全国年节及纪念日放假办法》(2024-11-10) Art. 2: 1 January; New Year's Eve and the first three
    days of the lunar year; 清明; 1-2 May; 端午; 中秋; 1-3 October. Art. 6: a day that falls on a
    weekend is made up on a workday, here the next one. `lunar` gives 春节 端午 中秋 as MM-DD;
    without it (a year past the table) the lunar festivals are absent.
    """
    days = {date(year, 1, 1), date(year, 4, _qingming(year))}
    days |= {date(year, 5, d) for d in (1, 2)} | {date(year, 10, d) for d in (1, 2, 3)}
    if lunar:
        spring, dragon_boat, mid_autumn = (_day(year, d) for d in lunar.split())
        days |= {spring + timedelta(days=d) for d in (-1, 0, 1, 2)} | {dragon_boat, mid_autumn}
    for day in sorted(days):
        if day.weekday() >= 5:
            made_up = day + timedelta(days=1)
            while made_up.weekday() >= 5 or made_up in days:
                made_up += timedelta(days=1)
            days.add(made_up)
    return frozenset(days)


def _qingming(year: int) -> int:
    """The day of April of 清明; the usual formula, true for 2000 to 2099."""
    y = year % 100
    return int(y * 0.2422 + 4.81) - y // 4


def _days(year: int, text: Any) -> tuple[frozenset[date], list[str]]:
    """The days of a text and what cannot be read in it."""
    if not isinstance(text, str):
        return frozenset(), ["days are written as a text, such as 01-01 02-15..02-23"]
    days: set[date] = set()
    mistakes = []
    for span in text.split():
        first, _, last = span.partition("..")
        try:
            day, end = _near(year, first), _near(year, last or first)
            if end < day:
                raise ValueError("ends before it begins; write a day of another year with its year")
            if end - day > LONGEST_SPAN:
                raise ValueError("is longer than a month")
        except ValueError as error:
            mistakes.append(f"{span[:40]} {error}")
            continue
        while day <= end:
            days.add(day)
            day += timedelta(days=1)
    return frozenset(days), mistakes


def _near(year: int, text: str) -> date:
    """A day of this year, or with its own year one of the December before or the January after."""
    parts = _DAY.fullmatch(text)
    if parts is None:
        raise ValueError("is no day: write MM-DD, or YYYY-MM-DD")
    day = _real(int(parts[1] or year), int(parts[2]), int(parts[3]))
    if day.year != year and (day.year, day.month) not in ((year - 1, 12), (year + 1, 1)):
        raise ValueError(f"is not of {year}, nor of the December before or the January after")
    return day


def _day(year: int, text: str) -> date:
    month, day = text.split("-")
    return _real(year, int(month), int(day))


def _real(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"does not exist in {year}") from None
