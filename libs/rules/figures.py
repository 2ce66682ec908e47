"""The arithmetic of figures: rates, shares, means and what changed. It asks no table and keeps nothing.

Decimal arithmetic, half up, two places; nothing of nothing (domain 4.1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from libs.rules.calendar import SHANGHAI

TWO_PLACES = Decimal("0.01")
SECONDS_OF_A_DAY = 86_400
In = Literal["cases", "percent", "days"]


def rate(numerator: int, denominator: int) -> Decimal | None:
    """A share in per cent; none of nothing."""
    if denominator == 0:
        return None
    return rounded(Decimal(100) * numerator / denominator)


def days(seconds: int, count: int = 1) -> Decimal | None:
    """A mean in calendar days; none of nothing."""
    return rounded(Decimal(seconds) / count / SECONDS_OF_A_DAY) if count else None


def rounded(value: Decimal, places: Decimal = TWO_PLACES) -> Decimal:
    """Half up, for a float would round 17.665 down."""
    return value.quantize(places, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant until before another. ``month`` where it is one of the calendar."""

    since: datetime
    until: datetime
    month: bool = False

    def __post_init__(self) -> None:
        if self.since >= self.until:
            raise ValueError("until: a period ends after it begins")

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    def before(self) -> "Period":
        """The adjacent one (环比): the month before, or as long a time."""
        if self.month:
            return month_of(self.since - timedelta(days=1))
        return Period(self.since - self.length, self.since)

    def year_before(self) -> "Period":
        """The same of last year (同比)."""
        return Period(_year_before(self.since), _year_before(self.until), self.month)


def month_of(at: datetime) -> Period:
    """The calendar month, in China, in which an instant lies."""
    first = at.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = (first.year, first.month + 1) if first.month < 12 else (first.year + 1, 1)
    return Period(first, first.replace(year=year, month=month), month=True)


def _year_before(at: datetime) -> datetime:
    local = at.astimezone(SHANGHAI)
    leap_day = (local.month, local.day) == (2, 29)
    return local.replace(year=local.year - 1, day=28 if leap_day else local.day)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a figure is made of: a share of a whole, or, in ``days``, a sum of seconds over a count.

    ``excluded``: how many cases were left out of it, by reason; ``beyond_cap``: how many more were to be, and
    count nevertheless; ``taken_back`` and ``taken_out``: what a panel's findings take from numerator and
    denominator, told on a line of its own.
    """

    numerator: int
    denominator: int
    excluded: Mapping[str, int] = field(default_factory=dict)
    taken_back: int = 0
    taken_out: int = 0
    beyond_cap: int = 0


def value_of(counted: Counted, unit: In) -> Decimal | None:
    """A figure's value in its unit."""
    match unit:
        case "cases":
            return Decimal(counted.numerator)
        case "percent":
            return rate(counted.numerator, counted.denominator)
        case "days":
            return days(counted.numerator, counted.denominator)


def corrected(counted: Counted) -> Counted:
    """The same without what a panel found not to count."""
    return Counted(
        counted.numerator - counted.taken_back,
        counted.denominator - counted.taken_out,
        counted.excluded,
        beyond_cap=counted.beyond_cap,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What changed against another period: percentage points of a rate, days of a duration, per cent of a
    volume. None, with a note, where there was nothing to compare with."""

    unit: Literal["points", "days", "percent"]
    value: Decimal | None
    note: str = ""


NOTHING_BEFORE = "上期为零"


def change(
    now: Decimal | None, then: Decimal | None, unit: In, lengths: Sequence[timedelta]
) -> Change:
    """Against a period of another length volumes are compared by the day (domain 4.4)."""
    if unit != "cases":
        of: Literal["points", "days"] = "points" if unit == "percent" else "days"
        if now is None or then is None:
            return Change(of, None, NOTHING_BEFORE if then is None else "")
        return Change(of, now - then)
    if now is None or not then:
        return Change("percent", None, NOTHING_BEFORE)
    length, length_then = (Decimal(round(one.total_seconds())) for one in lengths)
    by_the_day = "" if length == length_then else "按日均计算"
    per_day, per_day_then = now / length, then / length_then
    return Change("percent", rounded(100 * (per_day / per_day_then - 1)), by_the_day)
