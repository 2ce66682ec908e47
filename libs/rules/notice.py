"""Reads the State Council's yearly notice of holidays (节假日安排) and proposes a year. It publishes nothing.

A person compares the proposal with the notice. What cannot be read, or contradicts itself or the
calendar, is said and never guessed away.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from libs.rules.holidays import missing_statutory_days

LONGEST_NOTICE = 20_000
FESTIVALS = ("元旦", "春节", "清明", "劳动节", "端午", "中秋", "国庆")
WEEKDAYS = "一二三四五六日"
NUMERALS = "零一二三四五六七八九十"

_DAY = r"(?:([0-9]{4})年)?(?:([0-9]{1,2})月)?([0-9]{1,2})[日号](\([^()]{0,40}\)|(?:周|星期)[一二三四五六日天])?"
_DAY_AT = re.compile(_DAY)
_BETWEEN = re.compile(r"至|到|[-–—―~]{1,2}")
_AND = re.compile(r"[、,和及与]|以及")
_VERB = re.compile(r"放假|补休|上班|补班")
_COUNT = re.compile(r"(?:共|放假)([0-9]{1,2}|[一二三四五六七八九十]{1,2})天")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_SIGNATURE = re.compile(r"(?:[^0-9]{0,20})?[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日(?:\([^()]{0,20}\))?")
_SUSPICIOUS = re.compile(r"[0-9一二三四五六七八九十][月日]|初[一二三四五六七八九十]|除夕")
_SUBJECT = re.compile(r"([0-9]{4})年(?:部分)?(?:法定)?节假日")


@dataclass(frozen=True, slots=True)
class ProposedYear:
    """Days off and make-up days as a calendar's content has them, and what to look at in the notice."""

    holidays: str
    makeup: str
    unread: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    year: int
    festival: str = ""
    off: set[date] = field(default_factory=set)
    work: set[date] = field(default_factory=set)
    counts: list[tuple[frozenset[date], int, bool, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_notice(text: str, year: int) -> ProposedYear:
    """What the notice for a year says, as far as it can be read.

    Understood are days and spans with or without weekday, `放假`, `补休`, `上班`, `共N天`, `与周末连休`,
    full-width digits and signs, and days of the neighbouring December or January. Raises `ValueError` for
    a text that is too long to be a notice.
    """
    if len(text) > LONGEST_NOTICE:
        raise ValueError(f"notice: longer than {LONGEST_NOTICE:,} characters")
    reading = _Reading(year)
    plain = _plain(text)
    for sentence in re.split(r"[。;!?\n]", plain):
        _read_sentence(sentence, reading)
    _compare_counts(reading)
    reading.unread += _contradictions(plain, reading)
    publishable = {day for day in reading.work - reading.off if day.weekday() >= 5}
    return ProposedYear(
        holidays=spans(year, reading.off),
        makeup=spans(year, publishable),
        unread=tuple(dict.fromkeys(reading.unread)),
    )


def spans(year: int, days: Iterable[date]) -> str:
    """Days as a calendar's content has them: ``01-01..01-03 02-15``; of another year with their year."""
    ordered = sorted(days)
    ends = [day for day, after in pairwise(ordered) if after - day > timedelta(days=1)]
    begins = [after for day, after in pairwise(ordered) if after - day > timedelta(days=1)]
    found = []
    for first, last in zip(ordered[:1] + begins, ends + ordered[-1:], strict=True):
        form = "%m-%d" if first.year == last.year == year else "%Y-%m-%d"
        text = first.strftime(form)
        found.append(text if first == last else f"{text}..{last.strftime(form)}")
    return " ".join(found)


def _plain(text: str) -> str:
    """Half-width, without blanks, and with a sentence in one line where a line ends amid it."""
    plain = unicodedata.normalize("NFKC", text).replace("\r", "\n")
    plain = re.sub(r"[^\S\n]+|[\u200b-\u200f\ufeff]", "", plain)
    return re.sub(r"(?<=[至到,、(])\n+|\n+(?=[至到,、)]|放假|上班|补休|补班)", "", plain)


def _read_sentence(sentence: str, reading: _Reading) -> None:
    """Days stand before the verb that says what they are; counts stand after it."""
    named = [name for name in FESTIVALS if name in sentence]
    reading.festival = named[0] if len(named) == 1 else reading.festival
    if _SIGNATURE.fullmatch(sentence):
        return
    at, understood, pending = 0, False, list[tuple[date, date]]()
    while at < len(sentence):
        if (days := _days_at(sentence, at, reading)) is not None:
            found, at = days
            pending += found
            understood = understood or not found  # a day that does not exist has been told
            continue
        verb = _VERB.match(sentence, at)
        if verb is None:
            at += 1
            continue
        denied = sentence[max(0, at - 2) : at].endswith(("不", "不再", "无需"))
        if pending and not denied:
            _take(pending, verb[0], sentence[at:], sentence, reading)
            understood = True
        elif denied and pending:
            reading.unread.append(f"not taken, for it denies: {_quoted(sentence)}")
            understood = True
        pending = []
        at = verb.end()
    if pending or (not understood and _VERB.search(sentence) and _SUSPICIOUS.search(sentence)):
        reading.unread.append(f"not understood: {_quoted(sentence)}")


def _take(
    pending: list[tuple[date, date]], verb: str, rest: str, sentence: str, reading: _Reading
) -> None:
    """Days are off or worked; what follows until the next days may say how many there are."""
    days = {day for first, last in pending for day in _each(first, last)}
    if verb in ("上班", "补班"):
        reading.work |= days
        return
    reading.off |= days
    until = _DAY_AT.search(rest)
    said = rest[: until.start()] if until else rest
    if "除外" in said:
        reading.unread.append(f"an exception was not understood: {_quoted(sentence)}")
    count = _COUNT.search(said)
    if count:
        with_weekend = "周末连休" in said
        reading.counts.append((frozenset(days), _number(count[1]), with_weekend, _quoted(sentence)))


def _days_at(
    sentence: str, at: int, reading: _Reading
) -> tuple[list[tuple[date, date]], int] | None:
    """A list of days and spans that begins here, and where it ends. Later ones may lack year and month."""
    found: list[tuple[date, date]] = []
    year, month = None, None
    while True:
        first = _DAY_AT.match(sentence, at)
        if first is None or (first[2] is None and month is None):
            break
        last, end, between = first, first.end(), _BETWEEN.match(sentence, first.end())
        if between and (after := _DAY_AT.match(sentence, between.end())):
            last, end = after, after.end()
        month = int(first[2] or month or 0)
        year = int(first[1]) if first[1] else year
        last_month = int(last[2] or month)
        years = _years(year, month, last[1], last_month, reading)
        span = _span(sentence, reading, (first, years[0], month), (last, years[1], last_month))
        if span is not None:
            found.append(span)
        month, at = last_month, end
        joined = _AND.match(sentence, at)
        follows = _DAY_AT.match(sentence, joined.end()) if joined else None
        if joined is None or follows is None:
            break
        at = joined.end()
    return (found, at) if month is not None else None


def _years(
    said: int | None, month: int, said_last: str | None, last_month: int, reading: _Reading
) -> tuple[int, int]:
    """The years of a span. Unsaid, a December under 元旦 is that before; 12月 to 1月 crosses the year."""
    year = reading.year
    if said is None and month == 12 and reading.festival == "元旦":
        year -= 1
    first = said or year
    if said_last is not None:
        return first, int(said_last)
    return first, first + 1 if last_month < month else first


def _span(
    sentence: str, reading: _Reading, *ends: tuple[re.Match[str], int, int]
) -> tuple[date, date] | None:
    """First and last day, if they exist, lie near the year, and are in order."""
    days = []
    for match, year, month in ends:
        try:
            day = date(year, month, int(match[3]))
        except ValueError:
            reading.unread.append(f"there is no such day: {match[0]} in {_quoted(sentence)}")
            return None
        weekday = _WEEKDAY.search(match[4] or "")
        if weekday and WEEKDAYS.index(weekday[1].replace("天", "日")) != day.weekday():
            real = WEEKDAYS[day.weekday()]
            reading.unread.append(f"{day} is a 周{real}, and the notice says {weekday[0]}")
        days.append(day)
    first, last = days
    if last < first or last - first > timedelta(days=30):
        reading.unread.append(f"no span of days: {first} to {last} in {_quoted(sentence)}")
        return None
    for day in days:
        if day.year != reading.year and (day.year, day.month) not in (
            (reading.year - 1, 12),
            (reading.year + 1, 1),
        ):
            reading.unread.append(f"{day} is not of {reading.year}: {_quoted(sentence)}")
            return None
    return first, last


def _compare_counts(reading: _Reading) -> None:
    """`共N天` is how many days were named, or with the weekend how long nobody works."""
    for days, said, with_weekend, sentence in reading.counts:
        counted = len(_rest_around(days, reading)) if with_weekend else len(days)
        if said not in (counted, len(days)):
            reading.unread.append(f"{counted} days, and the notice says {said}: {sentence}")


def _rest_around(days: frozenset[date], reading: _Reading) -> set[date]:
    """The days and the weekend they join."""
    found = set(days)
    for first, step in ((min(days), -1), (max(days), 1)):
        day = first + timedelta(days=step)
        while day not in reading.work and (day.weekday() >= 5 or day in reading.off):
            found.add(day)
            day += timedelta(days=step)
    return found


def _contradictions(plain: str, reading: _Reading) -> Iterator[str]:
    """What a year of holidays must have, and what cannot be at once."""
    if not reading.off:
        yield "no day off was found"
        return
    for subject in dict.fromkeys(_SUBJECT.findall(plain)):
        if int(subject) != reading.year:
            yield f"the notice is for {subject}, and {reading.year} was asked for"
    for name in FESTIVALS:
        if name not in plain:
            yield f"nothing is said of {name}"
    for day in sorted(reading.work):
        if day in reading.off:
            yield f"{day} is a day off and a make-up day; it is proposed as a day off"
        elif day.weekday() < 5:
            yield f"{day} is a make-up day and no Saturday or Sunday; it is not proposed"
    for day in missing_statutory_days(reading.year, reading.off):
        yield f"{day} is a statutory day off and is not among the days off"


def _each(first: date, last: date) -> Iterator[date]:
    for days in range((last - first).days + 1):
        yield first + timedelta(days=days)


def _number(text: str) -> int:
    """3, 三, 十 or 十一."""
    if text.isdecimal():
        return int(text)
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return NUMERALS.index(text[-1])
    return 10 * (NUMERALS.index(tens) if tens else 1) + (NUMERALS.index(ones) if ones else 0)


def _quoted(sentence: str) -> str:
    return f"「{sentence[:60]}{'…' if len(sentence) > 60 else ''}」"
