"""The draft of a reply that a unit's head has yet to sign, as columns of a case's row. It decides nothing.

Nobody but the unit reads it. ``draft_id`` is set as long as it waits for the signature; ``draft`` holds it as
JSON, in which the words are ciphertext, also after it was returned.
"""

import json
from typing import Any

import sqlalchemy as sa

from libs.events.feedback import DraftReturned, ReplyDrafted
from libs.sourcing.tables import time_text
from libs.sourcing.views import Row

NO_DRAFT: Row = {"draft_id": None, "draft": None}
SAID = {"draft_id", "answers", "text", "evidence", "commitments"}


def columns_of_a_draft() -> tuple[sa.Column[object], ...]:
    """What the unit's clerk has drafted, until it is signed."""
    return (sa.Column("draft_id", sa.Text), sa.Column("draft", sa.Text))


def drafted(row: Row, event: ReplyDrafted | DraftReturned) -> Row:
    """What the clerk has written, or why the head does not sign it."""
    match event:
        case ReplyDrafted():
            said = event.model_dump(mode="json", include=SAID)
            said |= {"drafted_at": time_text(event.occurred_at), "returned_at": None, "reason": None}
            return {"draft_id": event.draft_id, "draft": json.dumps(said)}
        case DraftReturned() if event.draft_id == row["draft_id"]:
            why = {"returned_at": time_text(event.occurred_at), "reason": event.reason}
            return {"draft_id": None, "draft": json.dumps({**json.loads(row["draft"]), **why})}
        case _:
            return {}


def since_when(row: Row) -> Row:
    """Since when the draft of a row waits for the signature."""
    return {"drafted_at": json.loads(row["draft"])["drafted_at"]}


def draft_in(row: Row) -> dict[str, Any] | None:
    """The draft of a row, with its words sealed."""
    found: dict[str, Any] | None = row["draft"] and json.loads(row["draft"])
    return found
