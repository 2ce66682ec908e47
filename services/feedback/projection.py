"""What feedback's tables answer: each unit's work, what waits for review, and the answer itself."""

from collections.abc import Sequence

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.feedback import (
    CitizenContacted,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted, CaseReferred, CaseRegistered, PersonalDataErased
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views

TABLES = sa.MetaData()

files = sa.Table(
    "files",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("receipt_no", sa.Text),
    sa.Column("channel", sa.Text),
    sa.Column("identity_mode", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("text", sa.Text),
    sa.Column("claims", sa.Integer, default=0),
    sa.Column("category", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("unit_id", sa.Text),
    sa.Column("due_handle", UtcTime),
    sa.Column("attempts", sa.Integer, default=0),
    sa.Column("reached_at", UtcTime),
    sa.Column("reply_id", sa.Text),
    sa.Column("reply_text", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("submitted_at", UtcTime),
    sa.Column("due_audit", UtcTime),
    sa.Column("return_reason", sa.Text),
    sa.Column("delivered_at", UtcTime),
    sa.Index("files_unit", "unit_id", "status", "due_handle"),
    sa.Index("files_audit", "status", "due_audit"),
)
"""One row per case. Title, text and reply are ciphertext."""


def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the table."""
    views.fold(files, heard, fold)


def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case CaseRegistered():
            return row | {
                "receipt_no": event.receipt_no,
                "channel": event.channel,
                "identity_mode": event.identity_mode,
                "title": event.title,
                "text": event.text,
                "claims": len(event.claims),
                "status": "registered",
            }
        case CaseAccepted() | CaseReferred():
            return row | {"category": event.category}
        case CaseAssigned() if event.role == "lead":
            return row | {
                "status": "assigned",
                "unit_id": event.org,
                "due_handle": event.due_handle,
            }
        case AssignmentSigned():
            return row | {"status": "handling"}
        case CitizenContacted():
            reached_at = row["reached_at"] or (event.occurred_at if event.reached else None)
            return row | {"attempts": row["attempts"] + 1, "reached_at": reached_at}
        case ReplySubmitted():
            return row | {
                "status": "submitted",
                "reply_id": event.reply_id,
                "reply_text": event.text,
                "submitted_at": event.occurred_at,
                "due_audit": event.due_audit,
                "return_reason": None,
            }
        case ReplyApproved():
            return row | {"status": "approved"}
        case ReplyReturned():
            return row | {"status": "returned", "return_reason": event.reason}
        case ReplyDelivered():
            return row | {
                "status": "delivered",
                "outcome": event.outcome,
                "delivered_at": event.occurred_at,
            }
        case PersonalDataErased():
            return row | {"title": None, "text": None, "reply_text": None}
        case _:
            return None


def work_of(views: Views, unit_id: str, limit: int = 100) -> list[Row]:
    """What a unit has to do, the most urgent first."""
    query = sa.select(files).where(
        files.c.unit_id == unit_id, files.c.status.in_(["assigned", "handling", "returned"])
    )
    return views.rows(query.order_by(files.c.due_handle).limit(limit))


def waiting_replies(views: Views, limit: int = 100) -> list[Row]:
    """Replies that wait for review, the most urgent first."""
    query = sa.select(files).where(files.c.status == "submitted")
    return views.rows(query.order_by(files.c.due_audit).limit(limit))


def file_of(views: Views, case_id: str) -> Row | None:
    """One case."""
    return views.load(files, [case_id]).get(case_id)
