"""Days off: read from a published year, computed for a year to come. It counts nothing."""

from collections.abc import Mapping
from datetime import date, timedelta


def year_of_facts(year: int, facts: Mapping[str, str]) -> tuple[frozenset[date], frozenset[date]]:
    """Days off and make-up workdays of a published year, as in `holidays: 01-01 02-15..02-23`.

    Raises `ValueError` for a key other than `holidays` and `makeup`.
    """
    unknown = sorted(str(key) for key in facts.keys() - {"holidays", "makeup"})
    if unknown:
        raise ValueError(f"calendar year {year}: no such key: {', '.join(unknown)}")
    return _days(year, facts["holidays"]), _days(year, facts.get("makeup", ""))


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


def _days(year: int, text: str) -> frozenset[date]:
    days: set[date] = set()
    for span in text.split():
        first, _, last = span.partition("..")
        day, end = _day(year, first), _day(year, last or first)
        while day <= end:
            days.add(day)
            day += timedelta(days=1)
    return frozenset(days)


def _day(year: int, text: str) -> date:
    month, day = text.split("-")
    return date(year, int(month), int(day))
