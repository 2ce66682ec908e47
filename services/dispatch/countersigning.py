"""Disputes that a unit's head has yet to countersign, as a column of a case's row. It decides nothing.

The column holds them by assignment, as JSON; ``law_basis`` in it is ciphertext. Of one that the head did not
countersign the trace alone knows.
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from libs.events.dispatch import (
    AssignmentDisputed,
    DisputeDecided,
    DisputeProposed,
    DisputeWithheld,
)
from libs.rules.calendar import is_late
from libs.sourcing.tables import read_time, time_text
from libs.sourcing.views import Row


def with_proposal(row: Row, event: DisputeProposed) -> Row:
    """The row with what the unit's clerk proposes."""
    one = {
        "unit_id": event.org,
        "proposed_at": time_text(event.occurred_at),
        "reason_code": event.reason_code,
        "suggested_unit": event.suggested_org,
        "law_basis": event.law_basis,
        "countersign_until": time_text(event.countersign_until),
    }
    return {"proposed": json.dumps(_all(row) | {event.assignment_id: one})}


def settled(row: Row, event: AssignmentDisputed | DisputeDecided | DisputeWithheld) -> Row:
    """The row without what was proposed of the assignment that the fact is about."""
    return without(row, event.assignment_id)


def without(row: Row, assignment_id: str | None) -> Row:
    """The row without what was proposed of an assignment."""
    rest = {of: one for of, one in _all(row).items() if of != assignment_id}
    return {"proposed": json.dumps(rest)}


def without_words(row: Row) -> Row:
    """The row of an erased case."""
    bare = {of: one | {"law_basis": None} for of, one in _all(row).items()}
    return {"proposed": json.dumps(bare)}


def proposals_of(row: Row, unit_id: str) -> list[Row]:
    """What one unit's clerk has proposed."""
    return [
        {"assignment_id": of, "case_id": row["case_id"], "category": row["category"], **one}
        for of, one in _all(row).items()
        if one["unit_id"] == unit_id
    ]


def withheld_of(row: Row, assignment_ids: Collection[str]) -> Row | None:
    """What a unit's clerk proposed last of its assignment, if the head did not countersign it, and why not."""
    proposed: dict[str, Any] | None = None
    found: Row | None = None
    for entry in json.loads(row["trace"]):
        if entry.get("assignment_id") not in assignment_ids:
            continue
        match entry["fact"]:
            case DisputeProposed.__name__:
                proposed, found = entry, None
            case DisputeWithheld.__name__ if proposed is not None:
                found = _withheld(row, proposed, entry)
    return found


def lapsed(one: Row, now: datetime) -> bool:
    """Whether what was proposed can be countersigned no more. Of old facts that is not known."""
    until = one.get("countersign_until")
    return until is not None and is_late(now, read_time(until))


def _withheld(row: Row, proposed: dict[str, Any], withheld: dict[str, Any]) -> Row:
    return {
        "assignment_id": withheld["assignment_id"],
        "case_id": row["case_id"],
        "category": row["category"],
        "unit_id": proposed["unit_id"],
        "proposed_at": proposed["at"],
        "reason_code": proposed["reason_code"],
        "suggested_unit": proposed.get("suggested_org"),
        "law_basis": proposed["law_basis"],
        "withheld_at": withheld["at"],
        "withheld_for": withheld["note"],
    }


def _all(row: Row) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(row["proposed"])
    return found
