"""What waits to be left out of a unit's score, and what is left out already. It leaves out nothing itself."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from libs.rules.figures import month_of
from libs.sourcing.views import Row, Views
from services.evaluation.projection import verdicts
from services.evaluation.score_projection import exclusions

Place = tuple[str, str]
"""A unit and a month, as 2026-11."""


def open_exclusions(views: Views, limit: int = 100) -> list[Row]:
    """Proposals that wait for a decision, the oldest first, each beside what is left out already."""
    query = sa.select(exclusions).where(exclusions.c.outcome.is_(None))
    return _beside(views, views.rows(query.order_by(exclusions.c.proposed_at).limit(limit)))


def exclusion_of(views: Views, exclusion_id: str) -> Row | None:
    """One proposal, beside what is left out already."""
    row = views.load(exclusions, [exclusion_id]).get(exclusion_id)
    return _beside(views, [row])[0] if row is not None else None


def exclusions_by_reason(views: Views, unit_id: str) -> list[Row]:
    """How often a unit proposed each reason, and what became of that: the footnote to its rates."""
    c = exclusions.c
    query = sa.select(c.reason, c.outcome, sa.func.count().label("count"))
    query = query.where(c.unit_id == unit_id).group_by(c.reason, c.outcome)
    return views.rows(query.order_by(c.reason, c.outcome))


def _beside(views: Views, rows: Sequence[Row]) -> list[Row]:
    """Proposals with the month in which the case was answered, or, if it was not, left out was asked for; how
    many cases the unit answered in it, and how many of these are left out."""
    answered = views.load(verdicts, [row["case_id"] for row in rows])
    months = {
        row["exclusion_id"]: _month(answered.get(row["case_id"], {}).get("delivered_at") or row["proposed_at"])
        for row in rows
    }
    places = {(row["unit_id"], months[row["exclusion_id"]]) for row in rows}
    found = _left_out(views, places)
    shown = []
    for row in rows:
        place = row["unit_id"], months[row["exclusion_id"]]
        cases, left_out = found.get(place, (0, 0))
        shown.append(row | {"month": place[1], "cases": cases, "left_out": left_out})
    return shown


def _left_out(views: Views, places: Collection[Place]) -> dict[Place, tuple[int, int]]:
    """How many cases a unit answered in a month, and how many of them are left out of its score."""
    if not places:
        return {}
    v, e = verdicts.c, exclusions.c
    periods = {month: month_of(datetime.fromisoformat(f"{month}-15T00:00+08:00")) for _, month in places}
    within = {
        month: sa.and_(v.delivered_at >= of.since, v.delivered_at < of.until)
        for month, of in periods.items()
    }
    approved = sa.exists().where(e.case_id == v.case_id, e.unit_id == v.unit_id, e.outcome == "approved")
    query = sa.select(
        v.unit_id,
        sa.case(*((so, month) for month, so in within.items())).label("month"),
        sa.func.count().label("cases"),
        sa.func.sum(sa.case((approved, 1), else_=0)).label("left_out"),
    ).where(v.unit_id.in_({unit for unit, _ in places}), sa.or_(*within.values()))
    rows = views.rows(query.group_by(v.unit_id, "month"))
    return {(row["unit_id"], row["month"]): (int(row["cases"]), int(row["left_out"])) for row in rows}


def _month(at: datetime) -> str:
    return f"{month_of(at).since:%Y-%m}"
