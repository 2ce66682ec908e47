"""What was promised to citizens, as a table: until when, and whether it was kept. It decides nothing."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.feedback import CommitmentFellDue, CommitmentMade, CommitmentReported
from libs.events.intake import PersonalDataErased
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views

TABLES = sa.MetaData()

pledges = sa.Table(
    "pledges",
    TABLES,
    sa.Column("commitment_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("org", sa.Text, nullable=False),
    sa.Column("claim", sa.Integer, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("every", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("times_kept", sa.Integer, nullable=False),
    sa.Column("times_not_kept", sa.Integer, nullable=False),
    sa.Column("report", sa.Text),
    sa.Column("reported_at", UtcTime),
    sa.Index("pledges_case", "case_id"),
    sa.Index("pledges_unit", "org", "status", "due_at"),
)
"""One row per promise: ``open``, ``due`` or what was said of it last. ``text`` and ``report`` are ciphertext."""
BLANK: Row = {"text": None, "report": None}
"""What is left of the words of an erased case."""


def project_pledges(heard: Sequence[Recorded], views: Views) -> None:
    """Take what was promised, and what became of it, into the table."""
    events = [recorded.event for recorded in heard]
    said = {e.commitment_id for e in events if isinstance(e, CommitmentFellDue | CommitmentReported)}
    erased = {e.case_id for e in events if isinstance(e, PersonalDataErased)}
    rows: dict[str, Row] = views.load(pledges, said)
    rows |= {row["commitment_id"]: row for row in views.load_by(pledges, "case_id", erased)}
    for event in events:  # in their order: a fact may come after the erasure of its case
        match event:
            case CommitmentMade():
                rows[event.commitment_id] = _made(event)
            case CommitmentFellDue() | CommitmentReported() if event.commitment_id in rows:
                rows[event.commitment_id] = _after(rows[event.commitment_id], event)
            case PersonalDataErased():
                rows |= {k: r | BLANK for k, r in rows.items() if r["case_id"] == event.case_id}
            case _:
                continue
    views.write(pledges, list(rows.values()))


def _made(event: CommitmentMade) -> Row:
    return {
        "commitment_id": event.commitment_id,
        "case_id": event.case_id,
        "org": event.org,
        "claim": event.claim,
        "text": event.text,
        "due_at": event.due_at,
        "every": event.every,
        "status": "open",
        "times_kept": 0,
        "times_not_kept": 0,
        "report": None,
        "reported_at": None,
    }


def _after(row: Row, event: CommitmentFellDue | CommitmentReported) -> Row:
    match event:
        case CommitmentFellDue():
            return row | {"status": "due"}
        case CommitmentReported():
            counted = f"times_{event.outcome}"
            goes_on = event.next_due_at is not None
            return row | {
                "org": event.org,
                "status": "open" if goes_on else event.outcome,
                counted: row[counted] + 1,
                "due_at": event.next_due_at or row["due_at"],
                "report": event.text,
                "reported_at": event.occurred_at,
            }


def pledges_of(views: Views, unit_id: str, limit: int = 100) -> list[Row]:
    """What a unit has promised and not reported yet, the most urgent first."""
    open_ = pledges.c.status.in_(["open", "due"])
    query = sa.select(pledges).where(pledges.c.org == unit_id, open_)
    return views.rows(query.order_by(pledges.c.due_at, pledges.c.commitment_id).limit(limit))


def pledges_in(views: Views, case_id: str) -> list[Row]:
    """What a citizen was promised."""
    query = sa.select(pledges).where(pledges.c.case_id == case_id)
    return views.rows(query.order_by(pledges.c.commitment_id))


def overdue_pledges(views: Views, now: datetime, limit: int = 100) -> list[Row]:
    """Promises whose day has passed and of which no unit has spoken, the oldest first."""
    query = sa.select(pledges).where(pledges.c.status == "due", pledges.c.due_at <= now)
    return views.rows(query.order_by(pledges.c.due_at, pledges.c.commitment_id).limit(limit))
