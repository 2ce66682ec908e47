"""The figures of a period, each by its definition (domain 4.2), asked of the tallies. It changes nothing.

A case is where its facts have brought it by now: a reopened one is answered no more, one that was left out of
its unit's score is in no rate, and what a panel found not to count is told beside the value. Merged cases are
volume, and their lead alone was handled; praise is volume (domain 4.1).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from libs.rules.figures import Counted, In, Period
from libs.rules.scale import IN_THREE
from libs.rules.states import Kind
from libs.sourcing.views import Row, Views
from services.analytics.tallies import second, tallies

Cohort = Literal["registered_in", "assigned_in", "delivered_in", "evaluated_in"]
Flag = sa.ColumnElement[Any]
t = tallies.c
ANY: Flag = sa.true()
NONE: Flag = sa.false()
ALL = "all"


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure: of which cases (``at``: when they come into the period), and what share of them."""

    id: str
    zh: str
    means: str
    cohort: Cohort
    at: sa.Column[Any]
    unit: In
    of: Flag
    numerator: Flag
    taken_back: Flag = NONE
    taken_out: Flag = NONE


HANDLED = sa.and_(t.status != "merged", t.kind != Kind.PRAISE.value)
CONTENT = tuple(level for level, three in IN_THREE.items() if three != "dissatisfied")


def _found(name: str) -> Flag:
    return t.corrected.contains(name, autoescape=True)


def _marked(mark: str) -> Flag:
    return sa.and_(t.marks != "", t.marks.contains(mark, autoescape=True))


def definitions(as_of: datetime) -> tuple[Definition, ...]:
    """All figures, as things stand at an instant."""
    due = sa.and_(HANDLED, t.due_at <= second(as_of))
    called = sa.and_(HANDLED, t.resolved.is_not(None))
    resolved = sa.and_(called, t.resolved == "yes", sa.not_(_marked("undone")))
    unresolved = sa.and_(called, sa.not_(resolved))
    rated = sa.and_(HANDLED, t.rated.is_not(None))
    content = sa.and_(rated, t.rated.in_(CONTENT))
    discontent = sa.and_(rated, t.rated.not_in(CONTENT))
    assigned = sa.and_(HANDLED, t.assignment_id.is_not(None))
    late = sa.and_(assigned, t.handle_breached.is_(True))
    timed = sa.and_(HANDLED, t.reply_seconds.is_not(None))
    redone = sa.and_(HANDLED, _marked("rework/"))
    return (
        Definition("K01", "受理量", "registered", "registered_in", t.registered_at, "cases", ANY, ANY),
        Definition(
            "K07",
            "回复办理率",
            "answered, of the accepted whose citizen was promised an answer by now",
            "registered_in",
            t.registered_at,
            "percent",
            due,
            sa.and_(due, t.delivered_at.is_not(None)),
        ),
        Definition(
            "K08",
            "诉求解决率",
            "resolved, of the calls back that reached the citizen and learnt whether it is",
            "evaluated_in",
            t.called_at,
            "percent",
            called,
            resolved,
            taken_out=sa.and_(unresolved, _found("word")),
        ),
        Definition(
            "K09a",
            "群众满意率",
            "satisfied or basically so, of the ratings of the handling; silence is no rating",
            "evaluated_in",
            t.rated_at,
            "percent",
            rated,
            content,
            taken_out=sa.and_(discontent, _found("rating")),
        ),
        Definition(
            "K10",
            "超期率",
            "overdue, of the cases dispatched to the unit that has them",
            "assigned_in",
            t.assigned_at,
            "percent",
            assigned,
            late,
            taken_back=sa.and_(late, _found("breach")),
        ),
        Definition(
            "K11",
            "平均回复周期",
            "calendar days from registration, or from being taken up anew, to the answer that stands",
            "delivered_in",
            t.delivered_at,
            "days",
            timed,
            timed,
        ),
        Definition(
            "K14",
            "重办率",
            "done again at least once, of the answered",
            "delivered_in",
            t.delivered_at,
            "percent",
            HANDLED,
            redone,
            taken_back=sa.and_(redone, _found("rework")),
        ),
        Definition(
            "K22",
            "直接答复率",
            "answered at the desk without a unit, of all registered",
            "registered_in",
            t.registered_at,
            "percent",
            ANY,
            t.direct.is_(True),
        ),
        Definition(
            "K25",
            "评价参与率",
            "rated by the citizen, of the answered",
            "delivered_in",
            t.delivered_at,
            "percent",
            HANDLED,
            rated,
        ),
    )


def figures(
    views: Views, period: Period, as_of: datetime, by_unit: bool = False
) -> dict[str, dict[str, Counted]]:
    """By definition, the city's figure under ``all``, or each unit's: one statement, one walk over the table.

    There is no index on when: five would take a fifth of the speed with which facts are taken in.
    """
    wanted = definitions(as_of)
    rows = views.rows(_sums(wanted, period, by_unit))
    return {one.id: _counted(one, rows) for one in wanted}


def _sums(wanted: Sequence[Definition], period: Period, by_unit: bool) -> sa.Select[Any]:
    unit = t.unit_id if by_unit else sa.literal(ALL)
    columns: list[Any] = []
    for one in wanted:
        here, amount = _in(period, one.at), t.reply_seconds if one.unit == "days" else 1
        parts = {"numerator": (one.numerator, amount), "denominator": (one.of, 1)}
        parts |= {"taken_back": (one.taken_back, 1), "taken_out": (one.taken_out, 1)}
        for name, (flag, worth) in parts.items():
            so = sa.and_(*here, flag)
            columns.append(sa.func.sum(sa.case((so, worth), else_=0)).label(f"{one.id}_{name}"))
    cohorts = {one.at.name: one.at for one in wanted}.values()
    query = sa.select(unit.label("unit"), t.excluded, *columns)
    query = query.where(sa.or_(*(sa.and_(*_in(period, at)) for at in cohorts)))
    if by_unit:
        query = query.where(t.unit_id.is_not(None))
    return query.group_by("unit", t.excluded)


def _in(period: Period, at: sa.Column[Any]) -> tuple[Flag, Flag]:
    return at >= second(period.since), at < second(period.until)


def _counted(one: Definition, rows: Sequence[Row]) -> dict[str, Counted]:
    """Of one definition, by unit. What is left out of a score still counts in a volume."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    left_out: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        denominator = int(row[f"{one.id}_denominator"] or 0)
        if not denominator:
            continue
        if row["excluded"] is not None and one.unit != "cases":
            left_out[row["unit"]][row["excluded"]] = denominator
            sums[row["unit"]]["numerator"] += 0
            continue
        for name in ("numerator", "denominator", "taken_back", "taken_out"):
            sums[row["unit"]][name] += int(row[f"{one.id}_{name}"] or 0)
    return {
        unit: Counted(
            of["numerator"], of["denominator"], left_out[unit], of["taken_back"], of["taken_out"]
        )
        for unit, of in sums.items()
    }


def reply_times(views: Views, period: Period) -> Mapping[str, int] | None:
    """Median and 90th percentile of the reply times of K11, in seconds, by nearest rank; none of none."""
    at = _in(period, t.delivered_at)
    ours = sa.and_(*at, HANDLED, t.excluded.is_(None), t.reply_seconds.is_not(None))
    (total,) = views.rows(sa.select(sa.func.count().label("count")).select_from(tallies).where(ours))
    count = int(total["count"])
    if not count:
        return None
    place = sa.func.row_number().over(order_by=t.reply_seconds).label("place")
    ranked = sa.select(t.reply_seconds, place).where(ours).subquery()
    wanted = {"median": -(-count // 2), "p90": -(-count * 9 // 10)}
    query = sa.select(ranked).where(ranked.c.place.in_(set(wanted.values())))
    by_place = {int(row["place"]): int(row["reply_seconds"]) for row in views.rows(query)}
    return {name: by_place[place] for name, place in wanted.items()}
