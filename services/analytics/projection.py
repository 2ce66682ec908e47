"""What analytics' counters answer: how many cases stand where, by category, unit, channel, mailbox, district."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.rules.ends import PREVAILS
from libs.rules.states import Kind
from libs.sourcing.views import Row, Views
from services.analytics.tallies import STEPS, TABLES, fold, is_dissatisfied, marked, tallies

CHINA = timezone(timedelta(hours=8))

counters = sa.Table(
    "counters",
    TABLES,
    sa.Column("counter_id", sa.Text, primary_key=True),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("dimension", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Index("counters_question", "dimension", "measure", "month"),
)
"""Counts, kept per partition of the log, so that two replicas never write one row; summed when read."""

MEASURES = (
    "registered",
    "accepted",
    "declined",
    "referred",
    "direct",
    "assigned",
    "delivered",
    "closed",
    "withdrawn",
    "withdrawal_passed_on",
    "merged",
    "terminated",
    "reopened",
    "warned",
    "breached",
    "reached",
    "resolved",
    "rated",
    "dissatisfied",
    "reworked",
    "appealed",
    "corrected",
    "excluded",
)
ENDS = frozenset({"declined", "referred", *PREVAILS})


def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the tables: a counter moves by what a case adds now less what it added before."""
    moved: Counter[tuple[str, str, str, str, str]] = Counter()
    for before, after in views.fold(tallies, heard, fold):
        part = views.part_of(after["case_id"])
        had = contribution(before, part) if before is not None else frozenset()
        has = contribution(after, part)
        for key in had - has:
            moved[key] -= 1
        for key in has - had:
            moved[key] += 1
    moved = Counter({key: by for key, by in moved.items() if by})
    ids = {"|".join(key): key for key in moved}
    known = views.load(counters, ids)
    counts = {
        counter_id: (known[counter_id]["count"] if counter_id in known else 0) + moved[key]
        for counter_id, key in ids.items()
    }
    views.remove(counters, [counter_id for counter_id, count in counts.items() if count == 0])
    names = ("part", "month", "dimension", "value", "measure")
    views.write(
        counters,
        [
            {"counter_id": counter_id, **dict(zip(names, ids[counter_id], strict=True)), "count": count}
            for counter_id, count in sorted(counts.items())
            if count
        ],
    )


def contribution(row: Row, part: str) -> frozenset[tuple[str, str, str, str, str]]:
    """The counters to which one case adds one: (part, month of registration, dimension, value, measure)."""
    if row["registered_at"] is None:
        return frozenset()
    status, reached = row["status"], row["stage"] or row["status"]
    measures = {"registered"}
    if row["kind"] == Kind.PRAISE:  # it counts in volume alone (domain 4.1)
        return _placed(row, part, row["unit_id"] or "none", frozenset(measures))
    if 1 <= STEPS[reached] <= 3:
        measures.add("accepted")
    if status in ENDS:
        measures.add(status)
    if row["passed_on"]:
        measures.add("withdrawal_passed_on")
    if row["round"]:
        measures.add("reopened")
    if status == "merged":  # domain 4.1: all are volume, and the lead alone was handled
        return _placed(row, part, "none", frozenset(measures))
    if row["direct"]:
        measures.add("direct")
    if row["unit_id"] is not None:
        measures.add("assigned")
    if row["delivered_at"] is not None:
        measures.add("delivered")
    if row["handle_warned"]:
        measures.add("warned")
    if row["handle_breached"]:
        measures.add("breached")
    if row["reached"]:
        measures.add("reached")
    if row["resolved"] == "yes" and not marked(row, "undone"):
        measures.add("resolved")
    if row["rated"] is not None:
        measures.add("rated")
        if is_dissatisfied(row["rated"]):
            measures.add("dissatisfied")
    if row["marks"]:
        measures |= _of_score(row)
    return _placed(row, part, row["unit_id"] or "none", frozenset(measures))


def _of_score(row: Row) -> set[str]:
    """What bears on the unit's score, beside the facts that it is about."""
    bears = {
        "reworked": marked(row, "rework"),
        "appealed": marked(row, "appealed"),
        "corrected": bool(row["corrected"]),
        "excluded": row["excluded"] is not None,
    }
    return {measure for measure, so in bears.items() if so}


def _placed(
    row: Row, part: str, unit: str, measures: frozenset[str]
) -> frozenset[tuple[str, str, str, str, str]]:
    return _counted(
        part,
        _month(row["registered_at"]),
        row["category"] or "none",
        unit,
        row["channel"] or "none",
        row["mailbox"],
        (row["adcode"] or "none")[:6],
        _week(row["registered_at"]),
        measures,
    )


@lru_cache(maxsize=16384)
def _month(at: int) -> str:
    return f"{datetime.fromtimestamp(at, CHINA):%Y-%m}"


@lru_cache(maxsize=16384)
def _week(at: int) -> str:
    return week_of(datetime.fromtimestamp(at, CHINA))


def week_of(at: datetime) -> str:
    """The week of an instant in China, by ISO 8601: ``2026-W10``."""
    return f"{at.astimezone(CHINA):%G-W%V}"


@lru_cache(maxsize=16384)  # alike cases add alike
def _counted(
    part: str,
    month: str,
    category: str,
    unit: str,
    channel: str,
    mailbox: str | None,
    district: str,
    week: str,
    measures: frozenset[str],
) -> frozenset[tuple[str, str, str, str, str]]:
    dimensions = {
        "all": "all",
        "category": category,
        "unit": unit,
        "channel": channel,
        "district": district,
    }
    if mailbox is not None:
        dimensions["mailbox"] = mailbox
    topic = (part, month, TOPIC, f"{week}/{category}", "registered")
    return frozenset(
        (part, month, dimension, value, measure)
        for dimension, value in dimensions.items()
        for measure in measures
    ) | {topic}


TOPIC = "week_category"
"""The dimension by which frequent matters are found: how many asked about a category in a week."""

def totals(views: Views, dimension: str, month: str | None = None) -> dict[str, dict[str, int]]:
    """Every measure by the values of a dimension, over all months or one (``2026-11``)."""
    query = (
        sa.select(counters.c.value, counters.c.measure, sa.func.sum(counters.c.count).label("count"))
        .where(counters.c.dimension == dimension)
        .group_by(counters.c.value, counters.c.measure)
    )
    if month is not None:
        query = query.where(counters.c.month == month)
    found: dict[str, dict[str, int]] = {}
    for row in views.rows(query):
        of_value = found.setdefault(row["value"], dict.fromkeys(MEASURES, 0))
        of_value[row["measure"]] = int(row["count"])
    return found


def topics(views: Views, weeks: Sequence[str]) -> list[tuple[str, str, int]]:
    """How many asked about which category in which of these weeks: (week, category, count), most first."""
    total = sa.func.sum(counters.c.count).label("count")
    heads = [counters.c.value.startswith(f"{week}/") for week in weeks]
    query = sa.select(counters.c.value, total).where(counters.c.dimension == TOPIC, sa.or_(*heads))
    found = []
    for row in views.rows(query.group_by(counters.c.value)):
        week, _, category = row["value"].partition("/")
        found.append((week, category, int(row["count"])))
    return sorted(found, key=lambda one: (-one[2], one))
