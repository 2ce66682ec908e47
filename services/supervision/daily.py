"""The daily list (每日清单): per unit or district, what is new, due, late, to be answered. It changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from libs.rules.calendar import SHANGHAI, WorkingCalendar
from services.supervision.duty_views import duties, is_open
from services.supervision.projection import watches

By = Literal["unit_id", "adcode"]
SOON = timedelta(days=3)
"""How far ahead the list looks. It is a view and no limit."""
OF_CASES = ("new", "due_today", "due_soon", "overdue", "unsigned", "supervised")
OF_DUTIES = ("to_answer", "instructions", "recommendations")
FIGURES = (*OF_CASES, *OF_DUTIES)


@dataclass(frozen=True, slots=True)
class Day:
    """The day of a list: since when a case is new, from and until when it lasts, and the instant it is made."""

    new_since: datetime
    start: datetime
    end: datetime
    now: datetime


def day_of(now: datetime, calendar: WorkingCalendar) -> Day:
    """The day at an instant in Asia/Shanghai; new is what came since the working day before began."""
    today = now.astimezone(SHANGHAI).date()
    before = today - timedelta(days=1)
    while not calendar.is_workday(before):
        before -= timedelta(days=1)
    start = datetime.combine(today, time(), SHANGHAI)
    return Day(datetime.combine(before, time(), SHANGHAI), start, start + timedelta(days=1), now)


def flags(day: Day) -> dict[str, sa.ColumnElement[bool]]:
    """What may be said of a case that a unit has and has not answered."""
    w = watches.c
    return {
        "new": w.assigned_at >= day.new_since,
        "due_today": sa.and_(w.due_handle > day.start, w.due_handle <= day.end, w.due_handle > day.now),
        "due_soon": sa.and_(w.due_handle > day.end, w.due_handle <= day.end + SOON),
        "overdue": overdue(day.now),
        "unsigned": w.handler.is_(None),
        "supervised": w.supervision_level > 0,
    }


def overdue(now: datetime) -> sa.ColumnElement[bool]:
    """Stated as late and, if another unit has the case since, past that unit's limit too."""
    return sa.and_(watches.c.handle_breached.is_(True), watches.c.due_handle <= now)


def with_a_unit() -> sa.ColumnElement[bool]:
    """Cases that a unit has and has not answered."""
    return sa.and_(watches.c.status == "open", watches.c.unit_id.is_not(None))


def figures(
    day: Day, by: By = "unit_id", unit_id: str | None = None, leader: str | None = None
) -> sa.Select[Any]:
    """All figures in one statement: of the cases, and of what is owed beside them, by unit or district.

    What is owed is counted with whom it is addressed to, and lasts after the case's answer.
    """
    w, d = watches.c, duties.c
    nought = sa.literal(0)
    cases = sa.select(
        w[by].label("key"),
        *(sa.case((flag, 1), else_=0).label(name) for name, flag in flags(day).items()),
        *(nought.label(name) for name in OF_DUTIES),
    ).where(with_a_unit())
    steps = {"to_answer": "SUP", "instructions": "INSTRUCTION", "recommendations": "RECOMMENDATION"}
    owed = (
        sa.select(
            (d.unit_id if by == "unit_id" else w.adcode).label("key"),
            *(nought.label(name) for name in OF_CASES),
            *(sa.case((d.step == step, 1), else_=0).label(name) for name, step in steps.items()),
        )
        .join_from(duties, watches, w.case_id == d.case_id)
        .where(is_open(), d.unit_id.is_not(None))
    )
    if unit_id is not None:
        cases, owed = cases.where(w.unit_id == unit_id), owed.where(d.unit_id == unit_id)
    if leader is not None:
        cases, owed = cases.where(w.leader == leader), owed.where(w.leader == leader)
    both = sa.union_all(cases, owed).subquery()
    sums = [sa.func.sum(both.c[name]).label(name) for name in FIGURES]
    return (
        sa.select(both.c.key, *sums)
        .group_by(both.c.key)
        .having(sa.or_(*(sa.func.sum(both.c[name]) > 0 for name in FIGURES)))
        .order_by(both.c.key)
    )


def counted(rows: Sequence[Any], name: str) -> list[dict[str, Any]]:
    """The figures as plain numbers, under the name of what they are counted by."""
    return [
        {name: row["key"], **{figure: int(row[figure]) for figure in FIGURES}} for row in rows
    ]
