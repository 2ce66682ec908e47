"""What reference's tables answer: which editions there are, and which years wait for a person."""

from collections.abc import Sequence

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.edition import Edition
from libs.events.reference import CalendarPublished, CalendarYearProposed, CalendarYearRejected
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views

TABLES = sa.MetaData()

editions = sa.Table(
    "editions",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("published_at", UtcTime, nullable=False),
    sa.Column("published_by", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("added", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("removed", sa.Integer, nullable=False),
    sa.Index("editions_subject", "case_id", "edition"),
)
"""One row per edition."""

proposals = sa.Table(
    "proposals",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("holidays", sa.Text, nullable=False),
    sa.Column("makeup", sa.Text, nullable=False),
    sa.Column("unread", sa.Text, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Index("proposals_waiting", "status", "case_id"),
)
"""One row per proposed year: ``waiting``, ``published`` or ``rejected``."""


def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the tables."""
    views.write(editions, [_edition(r) for r in heard if isinstance(r.event, Edition)])
    rows = {r.event.proposal_id: _proposal(r) for r in heard if isinstance(r.event, CalendarYearProposed)}
    ends = {r.event.proposal_id: "rejected" for r in heard if isinstance(r.event, CalendarYearRejected)}
    for recorded in heard:
        if isinstance(recorded.event, CalendarPublished):
            ends |= dict.fromkeys(recorded.event.settles, "published")
    rows = views.load(proposals, ends.keys() - rows.keys()) | rows
    for proposal_id, status in ends.items():
        rows[proposal_id]["status"] = status
    views.write(proposals, list(rows.values()))


def _edition(recorded: Recorded) -> Row:
    event = recorded.event
    assert isinstance(event, Edition)
    return {
        "id": f"{event.case_id}@{event.edition}",
        "case_id": event.case_id,
        "edition": event.edition,
        "published_at": event.occurred_at,
        "published_by": event.actor.id,
        "source": event.source,
        "digest": event.digest,
        "added": event.changes.added,
        "changed": event.changes.changed,
        "removed": event.changes.removed,
    }


def _proposal(recorded: Recorded) -> Row:
    event = recorded.event
    assert isinstance(event, CalendarYearProposed)
    return {
        "id": event.proposal_id,
        "case_id": event.case_id,
        "year": event.year,
        "holidays": event.holidays,
        "makeup": event.makeup,
        "unread": "\n".join(event.unread),
        "proposed_at": event.occurred_at,
        "proposed_by": event.actor.id,
        "status": "waiting",
    }


def editions_of(views: Views, subject: str | None, limit: int = 100) -> list[Row]:
    """What was published, the latest first."""
    query = sa.select(editions)
    if subject is not None:
        query = query.where(editions.c.case_id == subject)
    order = editions.c.published_at.desc(), editions.c.edition.desc()
    return views.rows(query.order_by(*order).limit(limit))


def waiting_proposals(views: Views, limit: int = 100) -> list[Row]:
    """Years that were read out of a notice and that nobody has confirmed yet."""
    query = sa.select(proposals).where(proposals.c.status == "waiting")
    return views.rows(query.order_by(proposals.c.proposed_at).limit(limit))
