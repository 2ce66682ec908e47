"""Due instants that move: a clock stood still, or more time begins where a limit ends. It has no clock."""

from datetime import date, datetime, timedelta

from libs.rules.calendar import SHANGHAI, Due, WorkingCalendar
from libs.rules.limit import Limit

MOMENT = timedelta(microseconds=1)


def runs_on(
    calendar: WorkingCalendar,
    due_at: datetime,
    limit: Limit,
    stopped_at: datetime,
    resumed_at: datetime,
) -> Due:
    """When a limit ends that was to end at ``due_at`` and whose clock stood still between the two:
    what was left of it when it stopped runs on from ``resumed_at``, in the limit's own unit."""
    if limit.h is not None:
        return Due(due_at + (resumed_at - stopped_at), False)
    if limit.bh is not None:
        left = Limit(bh=_business_hours(calendar, stopped_at, due_at))
        return calendar.due(resumed_at, left)
    stopped, last = stopped_at.astimezone(SHANGHAI).date(), _last_day(due_at)
    if limit.wd is not None:
        left = limit.model_copy(update={"wd": working_days(calendar, stopped, last)})
    else:
        left = limit.model_copy(update={"cd": (last - stopped).days})
    if left.wd or left.cd:
        return calendar.due(resumed_at, left)
    yesterday = resumed_at - timedelta(days=1)  # nothing was left but the rest of a day
    return calendar.due(
        yesterday, limit.model_copy(update={"wd": limit.wd and 1, "cd": limit.cd and 1})
    )


def due_after(calendar: WorkingCalendar, due_at: datetime, limit: Limit) -> Due:
    """When a further limit ends that begins where another ended: the day after its last day is the
    first of the further one (信访工作条例 Art. 34: 60 days and no more than 30 after them)."""
    by_the_day = limit.wd is not None or limit.cd is not None
    return calendar.due(due_at - MOMENT if by_the_day else due_at, limit)


def is_provisional(calendar: WorkingCalendar, due_at: datetime) -> bool:
    """Whether an instant that somebody named lies in a year whose working days are not published."""
    return calendar.status(_last_day(due_at)) == "provisional"


def working_days(calendar: WorkingCalendar, since: date, until: date) -> int:
    """How many working days lie after ``since``, up to and with ``until``."""
    days = (since + timedelta(days=n) for n in range(1, (until - since).days + 1))
    return sum(calendar.is_workday(day) for day in days)


def _last_day(due_at: datetime) -> date:
    """A limit of days ends at 24:00 of its last day."""
    return (due_at - MOMENT).astimezone(SHANGHAI).date()


def _business_hours(calendar: WorkingCalendar, since: datetime, until: datetime) -> float:
    """Business hours between two instants, to the second."""
    low, high = 1, max(2, int((until - since).total_seconds()))
    while low < high:
        middle = (low + high) // 2
        if calendar.add_business_minutes(since, middle / 60) < until:
            low = middle + 1
        else:
            high = middle
    return low / 3600
