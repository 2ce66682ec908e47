"""Which cases are handled together: each side of a link in a table of its own, and what they answer.

A row is written from the facts of one case only, so by one process at a time; who joins the two tables sees
which side is still missing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.intake import CaseArchived, CaseLinkChanged, PersonalDataErased
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views

TABLES = sa.MetaData()


def _side(name: str) -> sa.Table:
    return sa.Table(
        name,
        TABLES,
        sa.Column("link_id", sa.Text, primary_key=True),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("other_case", sa.Text, nullable=False),
        sa.Column("relation", sa.Text, nullable=False),
        sa.Column("due_citizen", UtcTime),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.Column("recorded_at", UtcTime, nullable=False),
        sa.Index(f"{name}_case", "case_id"),
        sa.Index(f"{name}_relation", "relation"),
        sa.Index(f"{name}_newest", "recorded_at"),
    )


followings = _side("followings")
"""What the merged case says of a link: ``merged_into``, ``unmerged`` or ``concluded``; ``archived`` once the case
is put away, or its words are gone."""
leadings = _side("leadings")
"""What the case that leads says of it: ``leads``, ``released`` or ``concludes``."""
relations = _side("relations")
"""Cases that are worth knowing for one another: ``related``, as one of them says."""
SIDES = {
    "merged_into": followings,
    "unmerged": followings,
    "concluded": followings,
    "leads": leadings,
    "released": leadings,
    "concludes": leadings,
    "related": relations,
}


def project_groups(heard: Sequence[Recorded], views: Views) -> None:
    """Take what changed of links into the tables."""
    changed: dict[str, dict[str, Row]] = {}
    for recorded in heard:
        event = recorded.event
        if isinstance(event, CaseLinkChanged):
            side = SIDES[event.relation]
            changed.setdefault(side.name, {})[event.link_id] = {
                "link_id": event.link_id,
                "case_id": event.case_id,
                "other_case": event.other_case,
                "relation": event.relation,
                "due_citizen": event.due_citizen,
                "changed_at": event.occurred_at,
                "recorded_at": recorded.recorded_at,
            }
    _archive(heard, changed, views)
    for name, rows in changed.items():
        views.write(TABLES.tables[name], list(rows.values()))


def _archive(heard: Sequence[Recorded], changed: dict[str, dict[str, Row]], views: Views) -> None:
    """Nothing more is asked of who ended with another case and is put away."""
    gone = {r.event.case_id for r in heard if isinstance(r.event, CaseArchived | PersonalDataErased)}
    if not gone:
        return
    before = {row["link_id"]: row for row in views.load_by(followings, "case_id", gone)}
    now = before | {k: v for k, v in changed.get("followings", {}).items() if v["case_id"] in gone}
    done = {k: row | {"relation": "archived"} for k, row in now.items() if row["relation"] == "concluded"}
    if done:
        changed.setdefault("followings", {}).update(done)


def unpaired(views: Views, since: datetime | None, limit: int = 500) -> list[Row]:
    """Links whose two sides do not say the same yet, as ``following`` and ``leading``: those that changed
    since, or all."""
    f, l = followings.c, leadings.c  # noqa: E741 - the two sides
    query = sa.select(
        f.link_id,
        f.case_id.label("follower"),
        f.other_case.label("lead"),
        f.due_citizen,
        f.relation.label("following"),
        f.changed_at.label("following_at"),
        l.relation.label("leading"),
        l.changed_at.label("leading_at"),
    ).outerjoin_from(followings, leadings, f.link_id == l.link_id)
    waits = sa.and_(
        f.relation == "merged_into", sa.or_(l.relation.is_(None), l.relation != "leads")
    )
    query = query.where(sa.or_(waits, sa.and_(f.relation == "unmerged", l.relation == "leads")))
    if since is None:
        return views.rows(query.order_by(f.recorded_at, f.link_id).limit(limit))
    lately = [query.where(side.recorded_at >= since).limit(limit) for side in (f, l)]
    found = {row["link_id"]: row for one in lately for row in views.rows(one)}
    return [found[link_id] for link_id in sorted(found)]


def followers_of(views: Views, case_id: str) -> list[Row]:
    """The cases that are handled with this one, or were until it was closed, the oldest first."""
    query = sa.select(leadings).where(
        leadings.c.case_id == case_id, leadings.c.relation != "released"
    )
    return views.rows(query.order_by(leadings.c.changed_at, leadings.c.link_id))


def follower_count(views: Views, case_id: str) -> int:
    """How many cases are handled with this one."""
    query: sa.Select[Any] = sa.select(sa.func.count().label("many")).where(
        leadings.c.case_id == case_id, leadings.c.relation != "released"
    )
    return int(views.rows(query)[0]["many"])


def related_to(views: Views, case_id: str) -> list[str]:
    """The cases that are worth knowing to who handles this one, whichever of the two said so."""
    r = relations.c
    query = sa.select(r.case_id, r.other_case).where(
        sa.or_(r.case_id == case_id, r.other_case == case_id)
    )
    found = {name for row in views.rows(query) for name in (row["case_id"], row["other_case"])}
    return sorted(found - {case_id})
