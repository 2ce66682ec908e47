"""When lists and reports are made, and what they count. Each fires once; ``fire`` alone writes.

On a working day at half past eight: the daily list for leaders (new, due, overdue, to be answered) and each unit's
reminder of what is overdue. After a week, month, quarter, half-year and year, on the first working day at the same
time: how often each unit was warned, was late, was called to account and instructed.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from libs.rules.calendar import SHANGHAI, WorkingCalendar
from libs.rules.limit import Limit
from libs.rules.rules import Rules
from libs.sourcing.database import Database
from services.supervision.beyond import LEADERS
from services.supervision.daily import counted, day_of, figures, flags, overdue, with_a_unit
from services.supervision.kept import scheduled_notices, schedules_fired
from services.supervision.projection import unit_notices, watches
from services.supervision.wording import ZH_REPORT, NoticeKind

AT = time(8, 30)
DAILY = (NoticeKind.DAILY, NoticeKind.OVERDUE)
MONTHS = {
    NoticeKind.MONTH: 1,
    NoticeKind.QUARTER: 3,
    NoticeKind.HALF_YEAR: 6,
    NoticeKind.YEAR: 12,
}
REPORTS = (NoticeKind.WEEK, *MONTHS)
MADE_UP_FOR = timedelta(days=366)
"""How far back reports are made up for after a pause. Of daily lists only the latest is."""
BEGAN = "began"
LISTED, REMINDED = 200, 20_000
"""Cases that a daily list names, and that reminders look through."""
PRESSING = ("due_today", "overdue", "unsigned", "supervised")
"""For what a daily list names a case."""
NAMESPACE = uuid.UUID("0b5d7f0e-0f6b-5c53-8f5c-6d6e1f3b7a55")


@dataclass(frozen=True, slots=True)
class Firing:
    """A schedule that is due: what it covers, and when it fell due."""

    kind: NoticeKind
    start: datetime
    end: datetime
    at: datetime


# ------------------------------------------------------------------------------------- when


def firings(
    began: datetime, last: Mapping[str, datetime], now: datetime, calendar: WorkingCalendar
) -> list[Firing]:
    """What is due now: nothing that fell due before the first start, nothing before the last that was
    fired. Outside the calendar's years there is none. In the order in which they fell due."""
    since = max(began, now - MADE_UP_FOR)
    try:
        found = [f for kind in DAILY for f in _today(kind, now, calendar)]
        found += [f for kind in REPORTS for f in _ended(kind, since, now, calendar)]
    except ValueError:
        return []
    due = [f for f in found if f.at > since and f.start > last.get(f.kind, f.start - timedelta(days=1))]
    return sorted(due, key=lambda f: (f.at, REPORTS.index(f.kind) if f.kind in REPORTS else -1))


def _today(kind: NoticeKind, now: datetime, calendar: WorkingCalendar) -> Iterator[Firing]:
    """The latest working day whose half past eight has come."""
    local = now.astimezone(SHANGHAI)
    day = local.date() if local.time() >= AT else local.date() - timedelta(days=1)
    while not calendar.is_workday(day):
        day -= timedelta(days=1)
    yield Firing(kind, _midnight(day), _midnight(day + timedelta(days=1)), _half_past_eight(day))


def _ended(
    kind: NoticeKind, since: datetime, now: datetime, calendar: WorkingCalendar
) -> Iterator[Firing]:
    """The periods that have ended since, the latest first, if their day has come."""
    end = _start_of(kind, now.astimezone(SHANGHAI).date())
    while _midnight(end) > since - timedelta(days=31):
        start = _start_of(kind, end - timedelta(days=1))
        day = end
        while not calendar.is_workday(day):
            day += timedelta(days=1)
        if _half_past_eight(day) <= now:
            yield Firing(kind, _midnight(start), _midnight(end), _half_past_eight(day))
        end = start


def _start_of(kind: NoticeKind, day: date) -> date:
    """The first day of the period in which a day lies."""
    if kind is NoticeKind.WEEK:
        return day - timedelta(days=day.weekday())
    months = MONTHS[kind]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _half_past_eight(day: date) -> datetime:
    return datetime.combine(day, AT, SHANGHAI)


def reminds(every: Limit, due_at: datetime, day: date, calendar: WorkingCalendar) -> bool:
    """Whether a case that was due then is reminded of on this day (``warn.overdue_every``). Limits in
    hours remind every working day: that is when reminders are sent."""
    due_day = (due_at.astimezone(SHANGHAI) - timedelta(microseconds=1)).date()
    if day <= due_day:
        return False
    days = [due_day + timedelta(days=n) for n in range(1, (day - due_day).days + 1)]
    if every.wd is not None:
        return sum(calendar.is_workday(each) for each in days) % every.wd == 0
    if every.cd is not None:
        return len(days) % every.cd == 0
    return True


# ------------------------------------------------------------------------------------- what


def fire(database: Database, db: sa.Connection, now: datetime, rules: Rules, realm: str) -> int:
    """Make what is due, once, and say how many notices that were. ``Conflict`` if another replica did."""
    last = _last_fired(db)
    if BEGAN not in last:
        row = {"kind": BEGAN, "period_start": now, "fired_at": now}
        database.copy(db, schedules_fired, [row])
        return 0
    due = firings(last[BEGAN], last, now, rules.calendar(rules.default_pack))
    made = [row for firing in due for row in _made(firing, db, now, rules, realm)]
    fired = [{"kind": f.kind.value, "period_start": f.start, "fired_at": now} for f in due]
    database.copy(db, schedules_fired, fired)
    database.copy(db, scheduled_notices, made)
    return len(made)


def is_due(db: sa.Connection, now: datetime, rules: Rules) -> bool:
    """Whether ``fire`` has anything to do; asked without the lock of a writer."""
    last = _last_fired(db)
    return BEGAN not in last or bool(
        firings(last[BEGAN], last, now, rules.calendar(rules.default_pack))
    )


def _last_fired(db: sa.Connection) -> dict[str, datetime]:
    """The start of the latest period of each kind that was fired."""
    f = schedules_fired.c
    query = sa.select(f.kind, sa.func.max(f.period_start).label("start")).group_by(f.kind)
    return {kind: start for kind, start in db.execute(query)}


def _made(
    firing: Firing, db: sa.Connection, now: datetime, rules: Rules, realm: str
) -> list[dict[str, Any]]:
    match firing.kind:
        case NoticeKind.DAILY:
            contents = {LEADERS: daily_list(db, firing, now, rules.calendar(rules.default_pack))}
        case NoticeKind.OVERDUE:
            contents = reminders(db, firing, now, rules)
        case _:
            contents = {LEADERS: report(db, firing)}
    return [
        {
            "notice_id": _notice_id(realm, firing, audience),
            "kind": firing.kind.value,
            "audience": audience,
            "period_start": firing.start,
            "period_end": firing.end,
            "recorded_at": now,
            "content": json.dumps(content | {"period": _period(firing)}, ensure_ascii=False),
        }
        for audience, content in contents.items()
    ]


def _notice_id(realm: str, firing: Firing, audience: str) -> str:
    whose = f"{realm}|{firing.kind}|{firing.start.isoformat()}|{audience}"
    return str(uuid.uuid5(NAMESPACE, whose))


def _period(firing: Firing) -> str:
    last = firing.end - timedelta(days=1)
    if firing.kind in DAILY:
        return f"{firing.start:%Y-%m-%d}"
    return f"{firing.start:%Y-%m-%d}–{last:%Y-%m-%d}"


def daily_list(
    db: sa.Connection, firing: Firing, now: datetime, calendar: WorkingCalendar
) -> dict[str, Any]:
    """What leaders look at in the morning (每日清单): per unit the figures of ``daily``, and which cases are due
    today, overdue, signed by nobody or under supervision."""
    day = replace(day_of(firing.at, calendar), now=now)
    w = watches.c
    pressing = sa.and_(with_a_unit(), sa.or_(*(flags(day)[name] for name in PRESSING)))
    cases = sa.select(w.receipt_no, w.unit_id, w.due_handle).where(pressing)
    found = db.execute(cases.order_by(w.due_handle, w.case_id).limit(LISTED)).all()
    count = sa.select(sa.func.count()).select_from(watches).where(pressing)
    return {
        "units": counted(db.execute(figures(day)).mappings().all(), "unit_id"),
        "cases": [_case(*row) for row in found],
        "count": db.execute(count).scalar_one(),
    }


def reminders(
    db: sa.Connection, firing: Firing, now: datetime, rules: Rules
) -> dict[str, dict[str, Any]]:
    """For each unit the cases that are overdue with it, as often as their own pack says: one notice a
    unit and day, not one a case."""
    w = watches.c
    query = sa.select(w.receipt_no, w.unit_id, w.due_handle, w.policy).where(
        w.status == "open", w.unit_id.is_not(None), overdue(now)
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    day = firing.start.date()
    for receipt_no, unit_id, due_at, policy in db.execute(query.order_by(w.due_handle, w.case_id).limit(REMINDED)):
        pack = policy or rules.default_pack
        if reminds(rules.pack(pack).warn.overdue_every, due_at, day, rules.calendar(pack)):
            found[unit_id].append(_case(receipt_no, unit_id, due_at))
    return {
        f"unit/{unit_id}": {"cases": cases[:LISTED], "count": len(cases)}
        for unit_id, cases in found.items()
    }


def report(db: sa.Connection, firing: Firing) -> dict[str, Any]:
    """How often each unit was warned, was late, was wrongly held to be late, was called to account and instructed,
    in a period of Asia/Shanghai (domain 4.1). A breach that was taken back is no breach."""
    n = unit_notices.c
    query = (
        sa.select(n.unit_id, n.kind, n.retracted, sa.func.count().label("count"))
        .where(n.occurred_at >= firing.start, n.occurred_at < firing.end)
        .group_by(n.unit_id, n.kind, n.retracted)
    )
    units: dict[str, dict[str, Any]] = {}
    for unit_id, kind, retracted, count in db.execute(query):
        name = _counted_as(kind, retracted)
        if name is not None:
            units.setdefault(unit_id, {"unit_id": unit_id, **dict.fromkeys(ZH_REPORT, 0)})[name] += count
    return {"units": [units[unit_id] for unit_id in sorted(units)], "cases": [], "count": 0}


def _counted_as(kind: str, retracted: bool) -> str | None:
    match kind:
        case NoticeKind.AMBER | NoticeKind.RED:
            return "warned"
        case NoticeKind.BREACH:
            return "retracted" if retracted else "breached"
        case NoticeKind.URGED | NoticeKind.SUPERVISED | NoticeKind.LISTED:
            return "supervised"
        case NoticeKind.INSTRUCTED | NoticeKind.RECOMMENDED:
            return str(kind)
        case _:
            return None


def _case(receipt_no: str | None, unit_id: str, due_at: datetime | None) -> dict[str, Any]:
    return {
        "receipt_no": receipt_no,
        "unit_id": unit_id,
        "due_at": due_at.astimezone(SHANGHAI).isoformat() if due_at else None,
    }
