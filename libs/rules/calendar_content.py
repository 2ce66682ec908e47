"""A calendar's content, as data: read whole, and given a further year. It counts nothing.

The shape is that of `data/calendar-cn-gov.yaml`; keys of years may be numbers or, as in JSON, texts. A local
calendar (少数民族节日, 办法 Art. 4; extreme weather) `extends` another and has its own days off and
make-up days alone.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any

from libs.rules.calendar import WorkingCalendar
from libs.rules.holidays import check_year
from libs.rules.mistakes import Mistake, Mistakes, Path

KEYS = frozenset({"id", "version", "business_hours", "years", "lunar", "extends"})
YEARS = range(1949, 2200)
_ID = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,39}")
_LUNAR = re.compile(r"[0-9]{2}-[0-9]{2}( [0-9]{2}-[0-9]{2}){2}")


def read_calendar(
    content: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]] | None = None
) -> WorkingCalendar:
    """The working calendar of a content; ``others`` are those that it may extend, by id.

    The version of a local one names those below it too: ``1+2026.1``. Raises `Mistakes`, each with the
    path of the key, so the year, and the reason.
    """
    chain = _chain(content, others or {})
    _must_be_right(*chain)
    root = chain[-1]
    hours = next(one["business_hours"] for one in chain if "business_hours" in one)
    try:
        return WorkingCalendar(
            id=content["id"],
            version="+".join(one["version"] for one in chain),
            years=_years(root),
            business_hours=hours,
            lunar={int(year): days for year, days in root.get("lunar", {}).items()},
            local=[_years(one) for one in reversed(chain[:-1])],
        )
    except Mistakes as error:
        raise error.under(_name(content)) from None


def with_year(content: Mapping[str, Any], year: int, holidays: str, makeup: str) -> dict[str, Any]:
    """The content with a year added or corrected, and a version of its own, as JSON can hold it.

    A published year follows the last without a gap; a local calendar may have any. Raises
    `Mistakes` naming year and reason.
    """
    years = {int(key): dict(facts) for key, facts in content.get("years", {}).items()}
    local = "extends" in content
    if not local and years and not min(years) <= year <= max(years) + 1:
        reason = (
            f"{year} does not follow {max(years)}, the last published year, "
            f"and is none of {min(years)} to {max(years)}"
        )
        raise Mistakes([Mistake(reason, of=_name(content))])
    years[year] = {"holidays": holidays, "makeup": makeup}
    whole = dict(content) | {
        "version": _next_version(str(content.get("version", "")), max(years)),
        "years": {str(key): facts for key, facts in sorted(years.items())},
    }
    if "lunar" in content:
        whole["lunar"] = {str(key): days for key, days in content["lunar"].items()}
    _must_be_right(whole)
    if not local:
        read_calendar(whole)  # what contradicts a neighbouring year
    return whole


def _next_version(version: str, last_year: int) -> str:
    """``2026.1`` becomes ``2026.2`` when a year is corrected and ``2027.1`` when 2027 is added."""
    year, _, number = version.partition(".")
    counted = year == str(last_year) and number.isascii() and number.isdecimal() and len(number) < 6
    return f"{last_year}.{int(number) + 1 if counted else 1}"


def _chain(
    content: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """A content and those that it extends, the whole one last."""
    chain = [content]
    while "extends" in chain[-1]:
        name = chain[-1]["extends"]
        reason = ""
        if name in [one.get("id") for one in chain]:
            reason = f"{name} goes in a circle"
        elif not isinstance(name, str) or name not in others:
            reason = f"there is no calendar {name}; there are: {', '.join(sorted(others)) or 'none'}"
        if reason:
            raise Mistakes([Mistake(reason, path=("extends",), of=_name(content))])
        chain.append(others[name])
    return chain


def _name(content: Mapping[str, Any]) -> str:
    return f"calendar/{content.get('id')}"


def _must_be_right(*contents: Mapping[str, Any]) -> None:
    mistakes = [
        Mistake(reason, path=path, of=_name(content))
        for content in contents
        for path, reason in _mistakes(content)
    ]
    if mistakes:
        raise Mistakes(mistakes)


def _years(content: Mapping[str, Any]) -> dict[int, Mapping[str, str]]:
    return {int(year): facts for year, facts in content.get("years", {}).items()}


def _mistakes(content: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """All that is wrong with a content by itself: where, and why."""
    local = "extends" in content
    for key in sorted(str(key) for key in content.keys() - KEYS):
        yield (key,), "no such key in a calendar"
    if not isinstance(content.get("id"), str) or not _ID.fullmatch(content["id"]):
        yield ("id",), "capitals, digits, dots and dashes, 40 at most"
    version = content.get("version")
    if not isinstance(version, str) or not 0 < len(version) <= 40:
        yield ("version",), "a text such as '2026.1', in quotes"
    if not local or "business_hours" in content:
        yield from _wrong_hours(content.get("business_hours"))
    yield from _wrong_years(content.get("years"), local)
    yield from _wrong_lunar(content.get("lunar", {}), local)


def _wrong_hours(hours: Any) -> Iterator[tuple[Path, str]]:
    if not isinstance(hours, list | tuple) or not 0 < len(hours) <= 6:
        yield ("business_hours",), "one to six pairs, such as ['09:00', '12:00']"
        return
    before = time.min
    for number, pair in enumerate(hours):
        path = "business_hours", number
        try:
            begins, ends = (time.fromisoformat(text) for text in pair)
        except (TypeError, ValueError):
            yield path, "a pair such as ['09:00', '12:00']"
            return
        if begins.tzinfo or ends.tzinfo or not before <= begins < ends:
            yield path, "begins before what is above ends, or ends before it begins"
        before = ends


def _wrong_years(years: Any, local: bool) -> Iterator[tuple[Path, str]]:
    if not isinstance(years, Mapping) or (not years and not local):
        yield ("years",), "days off and make-up days by year"
        return
    known = []
    for key, facts in years.items():
        path = "years", str(key)[:20]
        if not _is_year(key):
            yield path, f"no year from {YEARS[0]} to {YEARS[-1]}"
        elif not isinstance(facts, Mapping):
            yield path, "holidays and makeup, each a text of days"
        else:
            known.append(int(key))
            yield from (((*path, name), why) for name, why in check_year(int(key), facts)[2])
    if len(known) != len(set(known)):
        yield ("years",), "a year stands twice"
    for year in range(min(known, default=0), 0 if local else max(known, default=0)):
        if year not in known:
            yield ("years", str(year)), "is missing between the first year and the last"


def _wrong_lunar(lunar: Any, local: bool) -> Iterator[tuple[Path, str]]:
    if not isinstance(lunar, Mapping) or (local and lunar):
        yield ("lunar",), "春节 端午 中秋 by year, in a calendar that extends none"
        return
    for key, days in lunar.items():
        path = "lunar", str(key)[:20]
        if not _is_year(key) or not isinstance(days, str) or not _LUNAR.fullmatch(days):
            yield path, "three days such as 02-06 06-09 09-15, by year"
        else:
            yield from ((path, why) for _, why in check_year(int(key), {"holidays": days})[2])


def _is_year(key: Any) -> bool:
    text = str(key)
    return text.isascii() and text.isdecimal() and len(text) == 4 and int(text) in YEARS
