"""What dispatch's tables answer: what waits for a unit, and what each unit has."""

from collections.abc import Sequence

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.intake import CaseAccepted, CaseReferred
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views

TABLES = sa.MetaData()

assignments = sa.Table(
    "assignments",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("category", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("track", sa.Text),
    sa.Column("sla_class", sa.Text),
    sa.Column("adcode", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("due_dispatch", UtcTime),
    sa.Column("assignment_id", sa.Text),
    sa.Column("unit_id", sa.Text),
    sa.Column("basis", sa.Text),
    sa.Column("automatic", sa.Boolean, default=False),
    sa.Column("accepted_at", UtcTime),
    sa.Column("assigned_at", UtcTime),
    sa.Column("signed_at", UtcTime),
    sa.Column("due_sign", UtcTime),
    sa.Column("due_contact", UtcTime),
    sa.Column("due_handle", UtcTime),
    sa.Index("assignments_queue", "status", "due_dispatch"),
    sa.Index("assignments_unit", "unit_id", "due_handle"),
)
"""One row per accepted case."""


def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the table."""
    views.fold(assignments, heard, fold)


def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case CaseAccepted():
            return row | {
                "category": event.category,
                "kind": event.kind,
                "track": event.track,
                "sla_class": event.sla_class,
                "adcode": event.adcode,
                "status": "waiting",
                "due_dispatch": event.due.dispatch,
                "accepted_at": event.occurred_at,
            }
        case CaseReferred() if event.due is not None:
            return row | {
                "category": event.category,
                "track": event.track,
                "sla_class": event.sla_class,
                "status": "waiting",
                "due_dispatch": event.due.dispatch,
                "accepted_at": event.occurred_at,
            }
        case CaseAssigned():
            return row | {
                "status": "assigned",
                "assignment_id": event.assignment_id,
                "unit_id": event.org,
                "basis": event.basis,
                "automatic": event.automatic,
                "assigned_at": event.occurred_at,
                "signed_at": None,
                "due_sign": event.due_sign,
                "due_contact": event.due_contact,
                "due_handle": event.due_handle,
            }
        case AssignmentSigned():
            return row | {"status": "signed", "signed_at": event.occurred_at}
        case _:
            return None


def waiting_cases(views: Views, adcode: str | None = None, limit: int = 100) -> list[Row]:
    """Cases that wait for a unit, the most urgent first."""
    query = sa.select(assignments).where(assignments.c.status == "waiting")
    if adcode is not None:
        query = query.where(
            sa.or_(assignments.c.adcode.startswith(adcode), assignments.c.adcode.is_(None))
        )
    return views.rows(query.order_by(assignments.c.due_dispatch).limit(limit))


def assignments_of(views: Views, unit_id: str, limit: int = 100) -> list[Row]:
    """What a unit has, by due date."""
    query = sa.select(assignments).where(assignments.c.unit_id == unit_id)
    return views.rows(query.order_by(assignments.c.due_handle).limit(limit))
