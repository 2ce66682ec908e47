"""When a clock turns amber and red whose end was moved or that stood still. It moves no clock itself."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache

from libs.rules.calendar import DAY, SHANGHAI, WorkingCalendar
from libs.rules.limit import Limit
from libs.rules.rules import Rules

Pauses = tuple[tuple[datetime, datetime], ...]
"""When a clock stood still: from, until, one after another."""
MICROSECOND = timedelta(microseconds=1)


def moved_warnings(
    rules: Rules,
    policy_id: str,
    step: str,
    sla_class: str,
    track: str,
    started_at: datetime,
    due_at: datetime,
    pauses: Pauses,
) -> tuple[tuple[str, datetime], ...]:
    """When a clock that now ends at ``due_at`` turns amber and red.

    The shares are of the new whole limit, from the start to the new end less the pauses, in the
    limit's own clock (domain 6.2): a limit of working days counts 24 hours in each working day from
    24:00 of the start day, so that an extension over a holiday does not bring amber forward. All other
    limits count straight. So no threshold lies in a pause. Nothing where no time is left to share.
    """
    pack = rules.pack(policy_id)
    limit, calendar = pack.limit(step, sla_class, track), rules.calendar(policy_id)
    shares = (("amber", pack.warn.amber_at), ("red", pack.warn.red_at))
    found = [
        (name, _share_of(calendar, limit, started_at, due_at, pauses, share))
        for name, share in shares
    ]
    return tuple((name, at) for name, at in found if at is not None)


@lru_cache(maxsize=4096)  # a case's clocks are looked at again with each of its events
def _share_of(
    calendar: WorkingCalendar,
    limit: Limit,
    started_at: datetime,
    due_at: datetime,
    pauses: Pauses,
    share: float,
) -> datetime | None:
    """The instant at which a share of the time between start and end, less the pauses, has passed."""
    spans = [
        (_passed(calendar, limit, started_at, since), _passed(calendar, limit, started_at, until))
        for since, until in pauses
    ]
    whole = _passed(calendar, limit, started_at, due_at) - sum(b - a for a, b in spans)
    if whole <= 0:
        return None
    target = max(1, int(whole * Fraction(str(share))))
    for since, until in spans:
        if target <= since:
            break
        target += until - since
    if limit.wd is None:
        return _begin(limit, started_at) + timedelta(microseconds=target)
    days = -(-target // DAY)
    return calendar.part(started_at, Limit(wd=days), Fraction(target, days * DAY))


def _passed(calendar: WorkingCalendar, limit: Limit, started_at: datetime, at: datetime) -> int:
    """Microseconds of the limit's own clock from its start to an instant."""
    begin = _begin(limit, started_at)
    if at <= begin:
        return 0
    if limit.wd is None:
        return (at - begin) // MICROSECOND
    local = at.astimezone(SHANGHAI)
    first, last = begin.date(), local.date()
    days: Sequence[int] = range((last - first).days)
    whole = sum(calendar.is_workday(first + timedelta(days=n)) for n in days)
    midnight = datetime.combine(last, time(), SHANGHAI)
    rest = (local - midnight) // MICROSECOND if calendar.is_workday(last) else 0
    return whole * DAY + rest


def _begin(limit: Limit, started_at: datetime) -> datetime:
    """Days are counted from 24:00 of the start day, hours from the moment itself (民法典 Art. 201)."""
    if limit.wd is None and limit.cd is None:
        return started_at
    next_day = started_at.astimezone(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(next_day, time(), SHANGHAI)
