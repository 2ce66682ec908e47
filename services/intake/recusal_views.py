"""Who was asked to keep out of a case, who must, and what waits for a supervisor. It decides nothing."""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.events.intake import (
    PersonalDataErased,
    RecusalClaimed,
    RecusalDecided,
    RecusalLifted,
    RecusalRecorded,
)
from libs.sourcing.tables import UtcTime, read_time
from libs.sourcing.views import Row, Views
from services.intake.projection import TABLES

recusals = sa.Table(
    "recusals",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("claims", sa.Text, default="[]"),
    sa.Column("accounts", sa.Text, default="{}"),
    sa.Column("open_since", UtcTime),
    sa.Index("recusals_open", "open_since"),
)
"""One row per case in which a recusal was ever spoken of. ``claims``: a list as JSON, the words in it sealed;
``accounts``: who must keep out, with the ground. ``open_since``: the oldest claim that nobody has decided."""


CHANGED_BY: frozenset[type[Event]] = frozenset(
    {
        RecusalClaimed,
        RecusalDecided,
        RecusalRecorded,
        RecusalLifted,
        PersonalDataErased,
    }
)
"""The facts that ``fold`` knows."""


def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case RecusalClaimed():
            claim = {"claim_id": event.claim_id, "account": event.account, "reason": event.reason}
            claim |= {"claimed_at": event.occurred_at.isoformat(), "outcome": None, "answer": None}
            return _with_claims(row, [*json.loads(row["claims"]), claim])
        case RecusalDecided():
            decided = {"outcome": event.outcome, "answer": event.reason}
            return _changed(row, lambda one: decided if one["claim_id"] == event.claim_id else {})
        case RecusalRecorded():
            accounts = json.loads(row["accounts"]) | {event.account: event.ground}
            return row | {"accounts": json.dumps(accounts, sort_keys=True)}
        case RecusalLifted():
            accounts = json.loads(row["accounts"])
            accounts.pop(event.account, None)
            return row | {"accounts": json.dumps(accounts, sort_keys=True)}
        case PersonalDataErased() if row["claims"] != "[]":
            return _changed(row, lambda one: {"reason": None, "answer": None})
        case _:
            return None


def _changed(row: Row, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Row:
    return _with_claims(row, [one | change(one) for one in json.loads(row["claims"])])


def _with_claims(row: Row, claims: list[dict[str, Any]]) -> Row:
    waiting = [one["claimed_at"] for one in claims if one["outcome"] is None]
    since = read_time(min(waiting)) if waiting else None
    return row | {"claims": json.dumps(claims), "open_since": since}


def claims_waiting(views: Views, limit: int = 100) -> list[Row]:
    """Cases in which a claim waits for its decision, the longest waiting first."""
    query = sa.select(recusals).where(recusals.c.open_since.is_not(None))
    return views.rows(query.order_by(recusals.c.open_since, recusals.c.case_id).limit(limit))


def recusals_of(views: Views, case_id: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The claims of a case and who must keep out of it."""
    row = views.load(recusals, [case_id]).get(case_id)
    if row is None:
        return [], {}
    return json.loads(row["claims"]), json.loads(row["accounts"])
