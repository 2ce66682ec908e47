"""How many cases were registered in a period by channel, kind and field, as a report tells it (分析报告).

It decides nothing, and a table that does not add up is said to be wrong before anybody publishes it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from libs.rules.figures import Period, rate
from libs.rules.published import Table, faults
from libs.rules.rules import Rules
from libs.rules.small_cells import FEWEST, fewest_of, shown
from libs.rules.states import Channel, Kind
from libs.sourcing.views import Views
from services.analytics.tallies import second, tallies

BY = ("channel", "kind", "field")
NO_FIELD = "none"
TOP = 3
"""The fields that are told together, as 诉求内容 of a month."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the whole; without its count where that could point at somebody (G06)."""

    code: str
    zh: str
    count: int | None
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Volume:
    """All cases registered in the period by one property. ``top``: the largest together, by their sum."""

    by: str
    total: int
    parts: tuple[Part, ...]
    top: tuple[str, ...]
    top_count: int
    top_share: Decimal | None
    faults: tuple[str, ...]


def volumes(views: Views, period: Period) -> dict[str, dict[str, int]]:
    """By property and code: one statement for all. Merged cases and praise are volume too (domain 4.1)."""
    t = tallies.c
    field = sa.func.substr(t.category, 1, 2).label("field")
    query = (
        sa.select(t.channel, t.kind, field, sa.func.count().label("count"))
        .where(t.registered_at >= second(period.since), t.registered_at < second(period.until))
        .group_by(t.channel, t.kind, "field")
    )
    found: dict[str, Counter[str]] = {by: Counter() for by in BY}
    for row in views.rows(query):
        for by in BY:
            found[by][row[by] or NO_FIELD] += int(row["count"])
    return {by: dict(counts) for by, counts in found.items()}


def volume(by: str, counts: Mapping[str, int], rules: Rules) -> Volume:
    """The table of one property, the largest part first, with what is wrong with it, if anything is."""
    total = sum(counts.values())
    least = {code: fewest_of(code) if by == "field" else FEWEST for code in counts}
    seen = shown(counts, least=least)
    order: Sequence[str] = sorted(counts, key=lambda code: (-(seen[code] or 0), code))
    parts = []
    for code in order:
        count = seen[code]
        share = None if count is None else rate(count, total)
        parts.append(Part(code, _zh(by, code, rules), count, share))
    named = [part for part in parts if part.count and part.code != NO_FIELD]
    top = named[:TOP] if by == "field" else []
    together = sum(part.count or 0 for part in top)
    share = rate(together, total) if top else None
    codes = tuple(part.code for part in top)
    shares = {part.code: part.share for part in parts if part.share is not None}
    table = Table(by, total, counts, shares, {codes: share} if share is not None else {})
    return Volume(by, total, tuple(parts), codes, together, share, tuple(faults(table)))


def _zh(by: str, code: str, rules: Rules) -> str:
    match by:
        case "channel":
            return Channel(code).zh
        case "kind":
            return Kind(code).zh
        case _:
            return "未分类" if code == NO_FIELD else rules.taxonomy.field(code).zh
