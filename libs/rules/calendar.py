"""Working time as the state keeps it: which days count, and when a limit ends. It has no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from libs.rules.holidays import off_days, year_of_facts
from libs.rules.limit import Limit
from libs.rules.mistakes import Mistake, Mistakes
from libs.rules.pauses import Pause, merged

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Beijing time. A fixed offset, because China has had no summer time since 1991."""

DAY = 86_400_000_000  # in microseconds, like every length of time in this file
HOUR = 3_600_000_000
YEARS_AHEAD = 20


@dataclass(frozen=True, slots=True)
class Due:
    """The instant at which a limit ends, in UTC. `provisional` is shown as 暂定: a year is not
    published yet whose make-up workdays may move it."""

    at: datetime
    provisional: bool


def is_late(done_at: datetime, due_at: datetime) -> bool:
    """Whether what was done at `done_at` missed `due_at`. On time is strictly before it: a day
    ends at 24:00 (民法典 Art. 203), and 24:00 is the first instant of the next day."""
    return done_at >= due_at


class WorkingCalendar:
    """The official working days of some years, and provisional ones for twenty years after.

    Built once, never changed. Days are kept as numbers since 1 January of the first year.
    Raises `ValueError`, naming the year, for any date before the first year or past the last.
    """

    def __init__(
        self,
        *,
        id: str,
        version: str,
        years: Mapping[int, Mapping[str, str]],
        business_hours: Sequence[Sequence[str]],
        lunar: Mapping[int, str] | None = None,
        local: Sequence[Mapping[int, Mapping[str, str]]] = (),
    ) -> None:
        """``local``: days off and make-up days of a place, laid over those of the country."""
        self.id = id
        self.version = version
        self.first_year = min(years)
        self.last_year = max(years)
        if set(years) != set(range(self.first_year, self.last_year + 1)):
            raise ValueError(f"calendar {id}: a year is missing between its first and its last")
        self.horizon = self.last_year + YEARS_AHEAD
        self._hours = tuple((_minute(a), _minute(b)) for a, b in business_hours)
        self._per_day = sum(b - a for a, b in self._hours)
        self._base = date(self.first_year, 1, 1).toordinal()
        self._midnight = datetime(self.first_year, 1, 1, tzinfo=SHANGHAI)
        self._midnight_utc = self._midnight.astimezone(UTC)
        off: set[date] = set()
        work: set[date] = set()
        for year, facts in years.items():
            days_off, days_on = year_of_facts(year, facts)
            off |= days_off
            work |= days_on
            if both := sorted(off & work):
                reason = f"{both[0]} is a day off and a make-up day"
                raise Mistakes([Mistake(reason, path=("years", str(year)))])
        for year in range(self.last_year + 1, self.horizon + 1):
            off |= off_days(year, (lunar or {}).get(year))
        for years_there in local:
            for year, facts in years_there.items():
                days_off, days_on = year_of_facts(year, facts)
                taken = sorted(days_on & off)
                if taken:
                    reason = f"{taken[0]} is a day off of the calendar that it extends"
                    path = ("years", str(year), "makeup")
                    raise Mistakes([Mistake(f"{reason}, and a local one takes none away", path=path)])
                off |= days_off
                work = (work - days_off) | days_on
        size = date(self.horizon + 1, 1, 1).toordinal() - self._base
        self._first_provisional = date(self.last_year + 1, 1, 1).toordinal() - self._base
        self._workdays: list[int] = []  # the nth working day -> its day number
        self._passed: list[int] = []  # a day number -> working days up to and including it
        for day in range(size):
            on = date.fromordinal(self._base + day)
            if on in work or (on.weekday() < 5 and on not in off):
                self._workdays.append(day)
            self._passed.append(len(self._workdays))

    def is_workday(self, on: date) -> bool:
        """Whether the state works on this date; make-up Saturdays and Sundays are workdays."""
        day = self._day(on)
        return self._works(day)

    def status(self, on: date) -> Literal["official", "provisional"]:
        """`provisional` in the years past the published ones: weekends and the statutory days of
        《全国年节及纪念日放假办法》 Art. 2 and 6, without the yearly swaps."""
        return "official" if self._day(on) < self._first_provisional else "provisional"

    def add_working_days(self, start: date, n: int) -> date:
        """The nth working day after `start`; the start day is not counted (民法典 Art. 201)."""
        return self._date(self._nth_workday(self._day(start), n))

    def add_calendar_days(self, start: date, n: int, roll: bool = True) -> date:
        """`start` + n days; with `roll` moved to the next working day (民法典 Art. 203)."""
        return self._date(self._nth_day(self._day(start), n, roll))

    def add_business_minutes(self, at: datetime, minutes: float) -> datetime:
        """The instant (UTC) at which so many minutes of business hours have passed since `at`."""
        return self._after_business(at, int(Fraction(minutes) * 60_000_000))

    def due(self, started_at: datetime, limit: Limit) -> Due:
        """When `limit` ends if it starts at `started_at` (aware). Working and calendar days end at
        24:00 Asia/Shanghai of their last day, hours at the instant itself (domain 6.2)."""
        if limit.h is not None:
            return Due(self.part(started_at, limit, 1.0), False)
        if limit.bh is not None:
            at = self.part(started_at, limit, 1.0)
            return Due(at, self._split(at)[0] >= self._first_provisional)
        start, _ = self._split(started_at)
        if limit.wd is not None:
            last, by_calendar = self._nth_workday(start, limit.wd), True
        else:
            last, by_calendar = self._nth_day(start, limit.cd or 0, limit.roll), limit.roll
        return Due(self._instant(last + 1), by_calendar and last >= self._first_provisional)

    def due_with_pauses(self, started_at: datetime, limit: Limit, pauses: Sequence[Pause]) -> Due:
        """When `limit` ends if its clock stands still in each of `pauses` (from, until; aware).

        What lies in a pause does not count, in the limit's own clock: hours for hours, business hours for
        business hours; of working days the time on working days, so that a pause over a holiday
        gives nothing; of calendar days all time. Working and calendar days are counted from 24:00 of the
        start day, and all pauses together are rounded up to whole days, so that the limit ends at 24:00
        of a day as ever. A last calendar day off work, or within a pause, rolls on. Pauses may
        overlap, be empty, or lie outside the limit; the end is never before that without pauses.
        Raises `ValueError` for a pause that ends before it begins, and as `due`.
        """
        start, _ = self._split(started_at)
        by_days = limit.h is None and limit.bh is None
        begins = self._instant(start + 1) if by_days else started_at.astimezone(UTC)
        breaks = merged(begins, pauses)
        if not breaks:
            return self.due(started_at, limit)
        target = self._counted(begins, limit) + _length(limit)
        for since, until in breaks:
            if self._counted(since, limit) >= target:
                break
            target += self._counted(until, limit) - self._counted(since, limit)
        if limit.h is not None:
            return Due(self._midnight_utc + timedelta(microseconds=target), False)
        if limit.bh is not None:
            at = self._at_business(target)
            return Due(at, self._split(at)[0] >= self._first_provisional)
        if limit.wd is not None:
            last = self._workday_number(-(-target // DAY) - 1)
            return Due(self._instant(last + 1), last >= self._first_provisional)
        nth = -(-target // DAY) - 1
        last = self._rolled(nth, breaks) if limit.roll else nth
        return Due(self._instant(last + 1), limit.roll and last >= self._first_provisional)

    def part(self, started_at: datetime, limit: Limit, share: Fraction | float) -> datetime:
        """The instant (UTC) at which `share` (0 < share <= 1) of the limit has passed in the
        limit's own clock; `share` 1 is the due instant, and a larger share is never earlier.

        Hours and business hours run straight. A limit of working days counts from 24:00 of the
        start day, 24 hours in each working day and none between: 0.75 of 5 working days is 18:00
        of the fourth. Calendar days run straight from 24:00 of the start day to the due instant,
        rolled days included, so that amber, red and due keep their order.
        """
        if limit.h is not None:
            return started_at.astimezone(UTC) + timedelta(microseconds=_share(HOUR, limit.h, share))
        if limit.bh is not None:
            return self._after_business(started_at, _share(HOUR, limit.bh, share))
        start, _ = self._split(started_at)
        if limit.wd is not None:
            whole, rest = divmod(_share(DAY, limit.wd, share), DAY)
            if not rest:  # 24:00 of that working day, not 0:00 of the next, a weekend later
                return self._instant(self._nth_workday(start, whole) + 1)
            return self._instant(self._nth_workday(start, whole + 1), rest)
        end = self._nth_day(start, limit.cd or 0, limit.roll) + 1
        return self._instant(start + 1, _share(DAY, end - start - 1, share))

    def _works(self, day: int) -> bool:
        return self._passed[day] > (self._passed[day - 1] if day else 0)

    def _nth_workday(self, start: int, n: int) -> int:
        if n < 1:
            raise ValueError(f"count at least one working day, not {n}")
        return self._workday_number(self._passed[start] + n - 1)

    def _workday_number(self, index: int) -> int:
        if index >= len(self._workdays):
            raise ValueError(self._beyond(self.horizon + 1))
        return self._workdays[index]

    def _nth_day(self, start: int, n: int, roll: bool) -> int:
        if n < 1:
            raise ValueError(f"count at least one day, not {n}")
        day = start + n
        if day >= len(self._passed):
            raise ValueError(self._beyond((self._midnight + timedelta(days=day)).year))
        if roll and not self._works(day):
            return self._nth_workday(day, 1)
        return day

    def _after_business(self, at: datetime, length: int) -> datetime:
        if length <= 0:
            raise ValueError("business time is counted forward, by more than nothing")
        return self._at_business(self._business(at) + length)

    def _business(self, at: datetime) -> int:
        """The business time that has passed until an instant since the calendar's beginning."""
        day, moment = self._split(at)
        before = (self._passed[day - 1] if day else 0) * self._per_day
        if self._works(day):
            before += sum(max(0, min(moment, b) - a) for a, b in self._hours)
        return before

    def _at_business(self, passed: int) -> datetime:
        """The first instant at which so much business time has passed."""
        nth, rest = divmod(passed, self._per_day)
        if not rest:  # exactly the end of a day's business hours, not the start of the next
            nth, rest = nth - 1, self._per_day
        day = self._workday_number(nth)
        for a, b in self._hours:
            if rest <= b - a:
                return self._instant(day, a + rest)
            rest -= b - a
        raise AssertionError("business hours are shorter than themselves")

    def _counted(self, at: datetime, limit: Limit) -> int:
        """How far a limit's own clock has come at an instant, since the calendar's beginning."""
        if limit.bh is not None:
            return self._business(at)
        day, moment = self._split(at)
        if limit.wd is None:
            return day * DAY + moment
        return (self._passed[day - 1] if day else 0) * DAY + moment * self._works(day)

    def _rolled(self, day: int, breaks: Sequence[Pause]) -> int:
        """The day, or the next one on which the state works and that no pause covers whole."""
        while day < len(self._passed):
            whole = self._instant(day), self._instant(day + 1)
            if self._works(day) and not any(a <= whole[0] and whole[1] <= b for a, b in breaks):
                return day
            day += 1
        return day

    def _split(self, at: datetime) -> tuple[int, int]:
        if at.tzinfo is None:
            raise ValueError(f"{at} has no time zone")
        since = at - self._midnight
        if since.days < 0 or since.days >= len(self._passed):
            raise ValueError(self._beyond(at.astimezone(SHANGHAI).year))
        return since.days, since.seconds * 1_000_000 + since.microseconds

    def _day(self, on: date) -> int:
        day = on.toordinal() - self._base
        if day < 0 or day >= len(self._passed):
            raise ValueError(self._beyond(on.year))
        return day

    def _date(self, day: int) -> date:
        return date.fromordinal(self._base + day)

    def _instant(self, day: int, microseconds: int = 0) -> datetime:
        return self._midnight_utc + timedelta(days=day, microseconds=microseconds)

    def _beyond(self, year: int) -> str:
        return f"calendar {self.id} covers {self.first_year} to {self.horizon}, not {year}"


def _length(limit: Limit) -> int:
    """A limit in its own clock."""
    if limit.h is not None or limit.bh is not None:
        return _share(HOUR, limit.h if limit.h is not None else limit.bh or 0, 1.0)
    return DAY * (limit.wd or limit.cd or 0)


def _minute(text: str) -> int:
    at = time.fromisoformat(text)
    return (at.hour * 60 + at.minute) * 60_000_000


@lru_cache(maxsize=4096)
def _share(unit: int, amount: float, share: Fraction | float) -> int:
    """That share of so many units, in whole microseconds and at least one."""
    exact = share if isinstance(share, Fraction) else Fraction(str(share))
    if not 0 < exact <= 1:
        raise ValueError(f"a share of a limit lies above 0 and at most at 1, not {share}")
    return max(1, int(unit * Fraction(amount) * exact))
