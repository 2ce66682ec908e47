"""What is asked about oversight: leaders' and old cases, proposals, what is owed. It changes nothing."""

from collections.abc import Collection, Sequence
from typing import Any, cast

import sqlalchemy as sa

from libs.sourcing.views import Row, Views
from services.supervision.duty_views import duties, is_open
from services.supervision.old_views import old_listings
from services.supervision.projection import watches


def proposed_cases(views: Views, limit: int) -> list[Row]:
    """Open cases of which the clock asks something, the longest overdue first."""
    query = sa.select(watches).where(watches.c.proposed.is_(True), watches.c.status != "ended")
    return views.rows(query.order_by(watches.c.due_handle, watches.c.case_id).limit(limit))


def led_cases(views: Views, leader: str | None, limit: int) -> list[Row]:
    """Open cases that a leader answers for, by the leader's limit."""
    w = watches.c
    query = sa.select(watches).where(w.leader.is_not(None), w.status != "ended")
    if leader is not None:
        query = query.where(w.leader == leader)
    return views.rows(query.order_by(w.due_leader, w.case_id).limit(limit))


def led_totals(views: Views) -> list[Row]:
    """How many cases each leader was given, and how many are still open with the leader."""
    d, w = duties.c, watches.c
    open_ = sa.and_(d.ended_at.is_(None), w.status != "ended")
    query = (
        sa.select(
            d.level,
            d.leader,
            sa.func.count(sa.distinct(d.case_id)).label("cases"),
            sa.func.sum(sa.case((open_, 1), else_=0)).label("open"),
        )
        .join_from(duties, watches, w.case_id == d.case_id)
        .where(d.step == "LEADER")
        .group_by(d.level, d.leader)
        .order_by(d.level, d.leader)
    )
    return views.rows(query)


def led_by_level(views: Views) -> dict[str, int]:
    """How many cases the leaders of each rank took together; one handed over within the rank counts once."""
    d = duties.c
    query: sa.Select[Any] = sa.select(d.level, sa.func.count(sa.distinct(d.case_id)).label("cases"))
    rows = views.rows(query.where(d.step == "LEADER").group_by(d.level))
    return {row["level"]: int(row["cases"]) for row in rows}


def old_totals(views: Views, adcode: str | None) -> Row:
    """Listed, resolved, ended otherwise and open old cases (domain 4.2 K27), in one statement. One that is
    handled with another is not counted: of merged cases the lead alone is handled (domain 4.1)."""
    w = watches.c
    resolved = sa.and_(w.status == "ended", w.outcome == "resolved")
    query = sa.select(
        sa.func.count().label("listed"),
        sa.func.sum(sa.case((resolved, 1), else_=0)).label("resolved"),
        sa.func.sum(sa.case((w.status != "ended", 1), else_=0)).label("open"),
    ).where(w.old_since.is_not(None), w.lead.is_(None))
    if adcode is not None:
        query = query.where(w.adcode.startswith(adcode))
    (row,) = views.rows(cast(sa.Select[Any], query))
    return {name: int(value or 0) for name, value in row.items()}


def delisted_total(views: Views, adcode: str | None) -> int:
    """How many were taken off the list and so are in no rate: it is told beside the figure (domain 4.1)."""
    w = watches.c
    query = sa.select(sa.func.count().label("delisted")).join_from(
        old_listings, watches, w.case_id == old_listings.c.case_id
    )
    query = query.where(old_listings.c.delisted_at.is_not(None), w.lead.is_(None))
    if adcode is not None:
        query = query.where(w.adcode.startswith(adcode))
    (row,) = views.rows(query)
    return int(row["delisted"])


def old_cases(views: Views, adcode: str | None, limit: int) -> list[Row]:
    """Old cases that are open, the oldest first."""
    w = watches.c
    query = sa.select(watches).where(w.old_since.is_not(None), w.status != "ended")
    if adcode is not None:
        query = query.where(w.adcode.startswith(adcode))
    return views.rows(query.order_by(w.registered_at, w.case_id).limit(limit))


def duties_of_case(views: Views, case_id: str, units: Collection[str] | None) -> list[Row]:
    """What is and was owed about a case, in its order of time; of a unit and those it goes on for, what is
    their own."""
    query = sa.select(duties).where(duties.c.case_id == case_id)
    if units is not None:
        query = query.where(duties.c.unit_id.in_(sorted(units)))
    return views.rows(query.order_by(duties.c.given_at, duties.c.duty_id))


def owed_by(views: Views, units: Collection[str], limit: int) -> list[Row]:
    """What a unit owes an answer for, with what those owed that it goes on for, the most urgent first."""
    d = duties.c
    query = sa.select(duties).where(d.unit_id.in_(sorted(units)), is_open())
    return views.rows(query.order_by(d.due_at, d.duty_id).limit(limit))


def recommendations(views: Views, since: Any, until: Any, limit: int) -> list[Row]:
    """The recommendations of a period, for the annual report (信访工作条例 Art. 41)."""
    d = duties.c
    query = sa.select(duties).where(d.step == "RECOMMENDATION", d.given_at >= since, d.given_at < until)
    return views.rows(query.order_by(d.given_at, d.duty_id).limit(limit))


def recommendation_totals(views: Views, since: Any, until: Any) -> list[Row]:
    """How many were made, adopted, adopted in part, declined, not answered and late, by what they were about."""
    d = duties.c
    said = {name: d.outcome == name for name in ("adopted", "partly", "declined")}
    flags = said | {"open": is_open(), "late": d.late.is_(True)}
    sums = [sa.func.sum(sa.case((flag, 1), else_=0)).label(name) for name, flag in flags.items()]
    query = (
        sa.select(d.kind, sa.func.count().label("made"), *sums)
        .where(d.step == "RECOMMENDATION", d.given_at >= since, d.given_at < until)
        .group_by(d.kind)
        .order_by(d.kind)
    )
    return views.rows(query)


def instructions(views: Views, since: Any, until: Any, limit: int) -> list[Row]:
    """What leaders wrote in a period, with the searches for the like that came of it, the newest first."""
    d = duties.c
    query = sa.select(duties).where(d.step == "INSTRUCTION", d.given_at >= since, d.given_at < until)
    return views.rows(query.order_by(d.given_at.desc(), d.duty_id).limit(limit))


def instruction_totals(views: Views, since: Any, until: Any) -> list[Row]:
    """By unit: how many were given, answered and late; in how many searches for the like (举一反三) how much was
    found."""
    d = duties.c
    flags = {"answered": d.answered_at.is_not(None), "open": is_open()}
    flags |= {"late": d.late.is_(True), "similar": d.kind == "similar"}
    sums = [sa.func.sum(sa.case((flag, 1), else_=0)).label(name) for name, flag in flags.items()]
    found = sa.func.sum(sa.func.coalesce(d.found, 0)).label("found")
    query = (
        sa.select(d.unit_id, sa.func.count().label("given"), *sums, found)
        .where(d.step == "INSTRUCTION", d.given_at >= since, d.given_at < until)
        .group_by(d.unit_id)
        .order_by(d.unit_id)
    )
    return views.rows(query)


def shown_instructions(views: Views, case_id: str, lead: str | None) -> Sequence[Row]:
    """That a leader wrote on the case, or on the one it is handled with (``lead``), for its citizen: not what
    is asked of the unit beside it. ``words`` are there if this citizen may read them: what was written on
    the lead alone may name that one's citizen."""
    d = duties.c
    query = sa.select(duties).where(
        d.case_id.in_([case_id] if lead is None else [case_id, lead]),
        d.step == "INSTRUCTION",
        d.kind == "instruct",
    )
    rows = views.rows(query.order_by(d.given_at, d.duty_id))
    return [row if _may_read(row, case_id) else row | {"words": None} for row in rows]


def _may_read(row: Row, case_id: str) -> bool:
    return bool(row["shown"] and (row["case_id"] == case_id or row["cluster"]))
