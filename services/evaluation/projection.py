"""What evaluation's tables answer: who is to be called back, how it was rated, what is under review."""

from collections.abc import Sequence

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.dispatch import AssignmentPassedOn, CaseAssigned
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ReviewDecided,
    ReviewRequested,
    ReworkOrdered,
)
from libs.events.feedback import CaseHeld, HoldLifted, ReplyDelivered
from libs.events.supervision import DeadlineMoved
from libs.sourcing.followed import columns_of_a_case, followed
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views

TABLES = sa.MetaData()

verdicts = sa.Table(
    "verdicts",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("unit_id", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("reply_outcome", sa.Text),
    sa.Column("delivered_at", UtcTime),
    sa.Column("due_callback", UtcTime),
    sa.Column("evaluation_until", UtcTime),
    sa.Column("attempts", sa.Integer, default=0),
    sa.Column("reached", sa.Boolean, default=False),
    sa.Column("resolved", sa.Text),
    sa.Column("rated_intake", sa.Text),
    sa.Column("rated_handling", sa.Text),
    sa.Column("reworks", sa.Integer, default=0),
    sa.Column("due_rework", UtcTime),
    sa.Column("review_id", sa.Text),
    sa.Column("review_due", UtcTime),
    sa.Column("outcome", sa.Text),
    sa.Column("closed_at", UtcTime),
    *columns_of_a_case(),
    sa.Index("verdicts_queue", "status", "due_callback"),
    sa.Index("verdicts_reviews", "review_id", "review_due"),
)
"""One row per assigned case. The words of a rating stay in the log; units never see who rated what."""


def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the table."""
    views.fold(verdicts, heard, fold)


@followed(verdicts)
def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case CaseAssigned() if event.role == "lead":
            return row | {"unit_id": event.org, "status": row["status"] or "handling"}
        case DeadlineMoved() if event.step == "CALLBACK" and row["due_callback"] is not None:
            return row | {"due_callback": event.due_at}
        case AssignmentPassedOn() if event.from_org == row["unit_id"]:
            return row | {"unit_id": event.org}
        case ReplyDelivered():
            calls = event.due_callback is not None
            return row | {
                "status": "to_call" if calls else "answered",
                "reply_outcome": event.outcome,
                "delivered_at": event.occurred_at,
                "due_callback": event.due_callback,
                "evaluation_until": event.evaluation_until,
                "due_rework": None,
                "attempts": 0,
                "reached": False,
                "resolved": None,
                "rated_handling": None,
            }
        case CaseHeld():
            return row | {"status": "held"}
        case HoldLifted():
            return row | {"status": "handling"}
        case ReworkOrdered():
            again = {"status": "rework", "reworks": event.ordinal}
            return row | again | {"due_rework": event.due_rework}
        case CallbackRecorded():
            done = event.reached or event.attempt_no >= 3
            return row | {
                "status": "called" if done else row["status"],
                "attempts": event.attempt_no,
                "reached": event.reached or row["reached"],
                "resolved": event.resolved or row["resolved"],
            }
        case EvaluationSubmitted():
            return row | {f"rated_{event.target}": event.level}
        case ReviewRequested():
            return row | {"review_id": event.review_id, "review_due": event.due_decide}
        case ReviewDecided():
            return row | {"review_id": None, "review_due": None}
        case CaseClosed():
            return row | {"outcome": event.outcome, "closed_at": event.occurred_at}
        case _:
            return None


def cases_to_call(views: Views, limit: int = 100) -> list[Row]:
    """Cases that wait to be called back, the most urgent first."""
    query = sa.select(verdicts).where(verdicts.c.status == "to_call")
    return views.rows(query.order_by(verdicts.c.due_callback).limit(limit))


def open_reviews(views: Views, limit: int = 100) -> list[Row]:
    """Cases under review, the most urgent first."""
    query = sa.select(verdicts).where(verdicts.c.review_id.is_not(None))
    return views.rows(query.order_by(verdicts.c.review_due).limit(limit))


def verdict_of(views: Views, case_id: str) -> Row | None:
    """One case."""
    return views.load(verdicts, [case_id]).get(case_id)
