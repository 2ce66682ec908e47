"""The figures of a period, each by its definition (domain 4.2), asked of the tallies. It changes nothing.

A case is where its facts have brought it by now: a reopened one is answered no more, one that was left out of
its unit's score is in no rate (up to the cap, domain 1.5), and what a panel found not to count is told beside the
value. Merged cases are volume, and their lead alone was handled; praise is volume (domain 4.1).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from libs.rules.figures import Counted, In, Period
from libs.rules.left_out import ExclusionCap
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
    views: Views, period: Period, as_of: datetime, cap: ExclusionCap | None, by_unit: bool = False
) -> dict[str, dict[str, Counted]]:
    """By definition, the city's figure under ``all``, or each unit's: one statement, one walk over the table.

    ``cap``: what a unit may leave out at most, without one all that was approved. There is no index on when: five
    would take a fifth of the speed with which facts are taken in.
    """
    wanted = definitions(as_of)
    rows = views.rows(_sums(wanted, period, by_unit))
    found = {one.id: _counted(one, rows, cap) for one in wanted}
    return found if by_unit else {name: _of_the_city(units) for name, units in found.items()}


def _sums(wanted: Sequence[Definition], period: Period, by_unit: bool) -> sa.Select[Any]:
    """What each definition counts, by unit; of what was left out of a score, by case."""
    columns: list[Any] = []
    for one in wanted:
        here, amount = _in(period, one.at), t.reply_seconds if one.unit == "days" else 1
        parts = {"numerator": (one.numerator, amount), "denominator": (one.of, 1)}
        parts |= {"taken_back": (one.taken_back, 1), "taken_out": (one.taken_out, 1)}
        for name, (flag, worth) in parts.items():
            so = sa.and_(*here, flag)
            columns.append(sa.func.sum(sa.case((so, worth), else_=0)).label(f"{one.id}_{name}"))
    cohorts = {one.at.name: one.at for one in wanted}.values()
    single = sa.case((t.excluded.is_not(None), t.case_id)).label("single")
    query = sa.select(t.unit_id, t.excluded, t.excluded_at, single, *columns)
    query = query.where(sa.or_(*(sa.and_(*_in(period, at)) for at in cohorts)))
    if by_unit:
        query = query.where(t.unit_id.is_not(None))
    return query.group_by(t.unit_id, t.excluded, t.excluded_at, "single")


def _in(period: Period, at: sa.Column[Any]) -> tuple[Flag, Flag]:
    return at >= second(period.since), at < second(period.until)


def _counted(
    one: Definition, rows: Sequence[Row], cap: ExclusionCap | None
) -> dict[str, Counted]:
    """Of one definition, by unit."""
    of_units: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row[f"{one.id}_denominator"]:
            of_units[row["unit_id"] or ""].append(row)
    return {unit: _of_a_unit(one, found, cap) for unit, found in of_units.items()}


def _of_a_unit(one: Definition, rows: Sequence[Row], cap: ExclusionCap | None) -> Counted:
    """Of what was approved to be left out, the earliest decided are, up to the cap of all that the rate is of;
    the rest counts. What is left out of a score still counts in a volume."""
    whole = sum(int(row[f"{one.id}_denominator"]) for row in rows)
    approved = [row for row in rows if row["excluded"] is not None and one.unit != "cases"]
    approved.sort(key=lambda row: (row["excluded_at"], row["single"]))
    left_out = approved if cap is None else approved[: cap.most(whole)]
    gone = {row["single"] for row in left_out}
    sums: Counter[str] = Counter()
    for row in rows:
        if row["single"] is None or row["single"] not in gone:
            for name in ("numerator", "denominator", "taken_back", "taken_out"):
                sums[name] += int(row[f"{one.id}_{name}"] or 0)
    return Counted(
        sums["numerator"],
        sums["denominator"],
        Counter(row["excluded"] for row in left_out),
        sums["taken_back"],
        sums["taken_out"],
        len(approved) - len(left_out),
    )


def _of_the_city(units: Mapping[str, Counted]) -> dict[str, Counted]:
    """What all units make together: each leaves out up to its own cap."""
    if not units:
        return {}
    excluded: Counter[str] = Counter()
    for of in units.values():
        excluded.update(of.excluded)
    return {
        ALL: Counted(
            sum(of.numerator for of in units.values()),
            sum(of.denominator for of in units.values()),
            excluded,
            sum(of.taken_back for of in units.values()),
            sum(of.taken_out for of in units.values()),
            sum(of.beyond_cap for of in units.values()),
        )
    }


def reply_times(
    views: Views, period: Period, cap: ExclusionCap | None
) -> Mapping[str, int] | None:
    """Median and 90th percentile of the reply times of K11, in seconds, by nearest rank; none of none."""
    counting = _counting(period, cap).subquery()
    (total,) = views.rows(sa.select(sa.func.count().label("count")).select_from(counting))
    count = int(total["count"])
    if not count:
        return None
    place = sa.func.row_number().over(order_by=counting.c.reply_seconds).label("place")
    ranked = sa.select(counting.c.reply_seconds, place).subquery()
    wanted = {"median": -(-count // 2), "p90": -(-count * 9 // 10)}
    query = sa.select(ranked).where(ranked.c.place.in_(set(wanted.values())))
    by_place = {int(row["place"]): int(row["reply_seconds"]) for row in views.rows(query)}
    return {name: by_place[place] for name, place in wanted.items()}


def _counting(period: Period, cap: ExclusionCap | None) -> sa.Select[Any]:
    """The reply times of the cases of K11 that are not left out, as ``_of_a_unit`` has it."""
    ours = sa.and_(*_in(period, t.delivered_at), HANDLED, t.reply_seconds.is_not(None))
    if cap is None:
        return sa.select(t.reply_seconds).where(ours, t.excluded.is_(None))
    whole = sa.func.count().over(partition_by=t.unit_id)
    of_each = [t.unit_id, t.excluded.is_(None)]
    place = sa.func.row_number().over(partition_by=of_each, order_by=[t.excluded_at, t.case_id])
    placed = sa.select(t.reply_seconds, t.excluded, place.label("place"), whole.label("whole"))
    all_ = placed.where(ours).subquery().c
    share = cap.share
    beyond = all_.place * share.denominator > all_.whole * share.numerator
    return sa.select(all_.reply_seconds).where(sa.or_(all_.excluded.is_(None), beyond))
