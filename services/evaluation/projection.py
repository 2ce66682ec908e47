"""What evaluation's tables answer: who is to be called back, how it was rated, what is under review."""

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.dispatch import (
    AssignmentPassedOn,
    CaseAssigned,
    CoordinationOpened,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    HearingClosed,
    HearingOpened,
    ReviewAccepted,
    ReviewDecided,
    ReviewDecisionProposed,
    ReviewDecisionReturned,
    ReviewDeclined,
    ReviewRequested,
    ReworkOrdered,
    UnitCallbackRecorded,
)
from libs.events.feedback import CaseHeld, HoldLifted, ReplyDelivered
from libs.events.intake import AnswerContested, AnsweredAtDesk, PersonalDataErased, PraiseForwarded
from libs.events.supervision import DeadlineMoved
from libs.sourcing.followed import columns_of_a_case, followed
from libs.sourcing.tables import UtcTime, index_of_few
from libs.sourcing.views import Row, Views
from services.evaluation.review_state import ReviewFact

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
    sa.Column("review_told", UtcTime),
    sa.Column("attempts", sa.Integer, default=0),
    sa.Column("reached", sa.Boolean, default=False),
    sa.Column("resolved", sa.Text),
    sa.Column("rated_intake", sa.Text),
    sa.Column("rated_handling", sa.Text),
    sa.Column("rated_handling_at", UtcTime),
    sa.Column("unit_call", sa.Text),
    sa.Column("unit_attempts", sa.Integer, default=0),
    sa.Column("reworks", sa.Integer, default=0),
    sa.Column("due_rework", UtcTime),
    sa.Column("policy", sa.Text),
    sa.Column("track", sa.Text),
    sa.Column("sla_class", sa.Text),
    sa.Column("review_id", sa.Text),
    sa.Column("review_level", sa.Integer),
    sa.Column("review_state", sa.Text),
    sa.Column("review_in_time", sa.Boolean),
    sa.Column("review_org", sa.Text),
    sa.Column("review_due", UtcTime),
    sa.Column("review_text", sa.Text),
    sa.Column("proposal", sa.Text),
    sa.Column("opinions", sa.Text, default="[]"),
    sa.Column("final", sa.Boolean, default=False),
    sa.Column("outcome", sa.Text),
    sa.Column("closed_at", UtcTime),
    *columns_of_a_case(),
    index_of_few("verdicts_units", "unit_call", "delivered_at"),
    index_of_few("verdicts_ratings", "unit_id", "rated_handling_at", where="rated_handling_at"),
    sa.Index("verdicts_queue", "status", "due_callback"),
    index_of_few("verdicts_reviews", "review_id", "review_due"),
)
"""One row per assigned case. The words of a rating stay in the log; units never see who rated what.
``review_told``: until when the next review can be asked for, as was said. ``opinions``: what became of each
review; there, in ``review_text`` and in ``proposal`` words are ciphertext."""


def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the table."""
    views.fold(verdicts, heard, fold)


@followed(verdicts)
def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case CaseAssigned() if event.role == "lead":
            return row | {
                "unit_id": event.org,
                "status": row["status"] or "handling",
                **_kind_of(event),
            }
        case DeadlineMoved() if event.step == "CALLBACK" and row["due_callback"] is not None:
            return row | {"due_callback": event.due_at}
        case AssignmentPassedOn() if event.from_org == row["unit_id"]:
            return row | {"unit_id": event.org}
        case DisputeDecided() if event.outcome == "upheld" and event.org == row["unit_id"]:
            return row | _taken_away(row)
        case CoordinationOpened() | DispatchStopped():
            return row | _taken_away(row)
        case ReplyDelivered() if row["unit_id"] is not None:
            calls = event.due_callback is not None
            return row | {
                "status": "to_call" if calls else "answered",
                "reply_outcome": event.outcome,
                "delivered_at": event.occurred_at,
                "due_callback": event.due_callback,
                "evaluation_until": event.evaluation_until,
                "review_told": event.review_until,
                "due_rework": None,
                "attempts": 0,
                "reached": False,
                "resolved": None,
                "rated_handling": None,
                "rated_handling_at": None,
                "unit_call": "due" if calls else None,
                "unit_attempts": 0,
            }
        case AnsweredAtDesk():
            until = {"delivered_at": event.occurred_at, "evaluation_until": event.evaluation_until}
            return row | {"status": "short_way"} | _kind_of(event) | until
        case PraiseForwarded():
            return row | {"status": "short_way"}
        case AnswerContested():
            return row | {"status": None, "evaluation_until": None, "delivered_at": None}
        case CaseHeld():
            return row | {"status": "held"}
        case HoldLifted():
            return row | {"status": "handling"}
        case ReworkOrdered():
            again = {"status": "rework", "reworks": event.ordinal}
            return row | again | {"due_rework": event.due_rework}
        case CallbackRecorded():
            return row | {
                "status": "called" if event.done else row["status"],
                "attempts": event.attempt_no,
                "reached": event.reached or row["reached"],
                "resolved": event.resolved or row["resolved"],
            }
        case EvaluationSubmitted():
            rated: Row = {f"rated_{event.target}": event.level}
            if event.target == "handling":
                rated |= {"rated_handling_at": event.occurred_at}
            return row | rated
        case UnitCallbackRecorded():
            called = {"unit_call": "called"} if event.reached else {}
            return row | {"unit_attempts": event.attempt_no} | called
        case (
            ReviewRequested()
            | ReviewAccepted()
            | ReviewDeclined()
            | HearingOpened()
            | HearingClosed()
            | ReviewDecisionProposed()
            | ReviewDecisionReturned()
            | ReviewDecided()
        ):
            return row | _reviewed(row, event)
        case PersonalDataErased():
            blank = [one | {"doc": None, "opinion": None} for one in json.loads(row["opinions"])]
            return row | {"review_text": None, "proposal": None, "opinions": json.dumps(blank)}
        case CaseClosed():
            return row | {"outcome": event.outcome, "closed_at": event.occurred_at}
        case _:
            return None


def _kind_of(event: CaseAssigned | AnsweredAtDesk) -> Row:
    return {
        "policy": event.decided_with.policy,
        "track": event.track,
        "sla_class": event.sla_class,
    }


def _taken_away(row: Row) -> Row:
    """No unit has the case: an answer that was on its way counts no more."""
    return {"unit_id": None} | ({} if row["status"] == "closed" else {"status": None})


NO_REVIEW: Row = dict.fromkeys(
    (
        "review_id",
        "review_level",
        "review_state",
        "review_in_time",
        "review_org",
        "review_due",
        "review_text",
        "proposal",
    )
)


def _reviewed(row: Row, event: ReviewFact) -> Row:
    """How far the open review has come, and what became of those before."""
    match event:
        case ReviewRequested():
            return NO_REVIEW | {
                "review_id": event.review_id,
                "review_level": event.level,
                "review_state": "requested",
                "review_in_time": event.in_time,
                "review_due": event.due_decide,
                "review_text": event.text,
            }
        case ReviewAccepted():
            return {"review_state": "accepted", "review_org": event.org}
        case HearingOpened():
            return {"review_state": "hearing"}
        case HearingClosed():
            return {"review_state": "accepted", "review_due": event.due_decide}
        case ReviewDecisionProposed():
            said = {name: getattr(event, name) for name in PROPOSED}
            return {"review_state": "proposed", "proposal": json.dumps(said)}
        case ReviewDecisionReturned():
            return {"review_state": "accepted", "proposal": None}
        case ReviewDecided():
            opinion = _opinion(event, event.outcome, event.doc, event.opinion)
            opinion |= {"answer": event.answer, "hearing_days": event.hearing_days}
            final = row["final"] or event.final
            told = event.again_until or row["review_told"]
            return NO_REVIEW | {
                "opinions": _with(row, opinion),
                "final": final,
                "review_told": told,
            }
        case ReviewDeclined():
            return NO_REVIEW | {
                "opinions": _with(row, _opinion(event, "declined", event.remedy, event.reason))
            }


PROPOSED = ("proposal_id", "outcome", "answer", "doc", "opinion")


def _opinion(
    event: ReviewDecided | ReviewDeclined, outcome: str, doc: str, opinion: str | None
) -> Row:
    return {
        "review_id": event.review_id,
        "level": event.level,
        "org": event.org,
        "outcome": outcome,
        "doc": doc,
        "opinion": opinion,
        "decided_at": event.occurred_at.isoformat(),
    }


def _with(row: Row, opinion: Row) -> str:
    return json.dumps([*json.loads(row["opinions"]), opinion])


def cases_to_call(views: Views, limit: int = 100) -> list[Row]:
    """Cases that wait to be called back, the most urgent first."""
    query = sa.select(verdicts).where(verdicts.c.status == "to_call")
    return views.rows(query.order_by(verdicts.c.due_callback).limit(limit))


def units_to_call(views: Views, limit: int = 100) -> list[Row]:
    """Cases whose unit waits to be called back, the longest answered first."""
    query = sa.select(verdicts).where(verdicts.c.unit_call == "due")
    return views.rows(query.order_by(verdicts.c.delivered_at).limit(limit))


def ratings_of(views: Views, unit_id: str, since: datetime, until: datetime) -> dict[str, int]:
    """How often a unit's work was rated on each level between two instants. Never by case."""
    c = verdicts.c
    query = sa.select(c.rated_handling, sa.func.count().label("count")).where(
        c.unit_id == unit_id, c.rated_handling_at >= since, c.rated_handling_at < until
    )
    rows = views.rows(query.group_by(c.rated_handling))
    return {row["rated_handling"]: row["count"] for row in rows}


def open_reviews(views: Views, org: str | None, limit: int = 100) -> list[Row]:
    """Cases under review, the most urgent first: those that an organ has taken on or nobody yet."""
    query = sa.select(verdicts).where(verdicts.c.review_id.is_not(None))
    if org is not None:
        query = query.where(sa.or_(verdicts.c.review_org.is_(None), verdicts.c.review_org == org))
    return views.rows(query.order_by(verdicts.c.review_due).limit(limit))


def verdict_of(views: Views, case_id: str) -> Row | None:
    """One case."""
    return views.load(verdicts, [case_id]).get(case_id)
