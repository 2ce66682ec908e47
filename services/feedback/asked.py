"""What a unit has asked and nobody has decided yet, and what it was refused, as columns of a case's row. It
decides nothing.
"""

import json
from typing import Any

import sqlalchemy as sa

from libs.events.feedback import (
    ClockAdjustmentRefused,
    ClockAdjustmentRequested,
    ExtensionDecided,
    HoldRefused,
    HoldRequested,
)
from libs.sourcing.tables import UtcTime, time_text
from libs.sourcing.views import Row

NO_HOLD_ASKED: Row = {"hold_id": None, "hold_reason_code": None, "hold_reason": None}
NO_ADJUSTMENT: Row = {
    "adjustment_id": None,
    "adjustment": None,
    "adjustment_ground": None,
    "adjustment_law_ref": None,
    "adjustment_until": None,
}
NOTHING_ASKED: Row = NO_HOLD_ASKED | NO_ADJUSTMENT
NOTHING_REFUSED: Row = {"refusals": None}
Refusing = ExtensionDecided | ClockAdjustmentRefused | HoldRefused


def columns_of_what_is_asked() -> tuple[sa.Column[object], ...]:
    """A hold, and that the unit's clock stand still or go on. ``hold_reason`` is ciphertext: the
    reason, another channel and the remedy, with a blank between. ``refusals``: what was refused last of each
    kind, as JSON; the reasons in it are ciphertext."""
    return (
        sa.Column("hold_id", sa.Text),
        sa.Column("hold_reason_code", sa.Text),
        sa.Column("hold_reason", sa.Text),
        sa.Column("adjustment_id", sa.Text),
        sa.Column("adjustment", sa.Text),
        sa.Column("adjustment_ground", sa.Text),
        sa.Column("adjustment_law_ref", sa.Text),
        sa.Column("adjustment_until", UtcTime),
        sa.Column("refusals", sa.Text),
    )


def asked(
    event: ClockAdjustmentRequested | ClockAdjustmentRefused | HoldRequested | HoldRefused,
) -> Row:
    """What is asked after the fact; what was granted is seen by the fact that grants it."""
    match event:
        case HoldRequested():
            return {
                "hold_id": event.hold_id,
                "hold_reason_code": event.reason_code,
                "hold_reason": " ".join(filter(None, (event.reason, event.alternative_channel, event.remedy))),
            }
        case HoldRefused():
            return NO_HOLD_ASKED
        case ClockAdjustmentRequested():
            return {
                "adjustment_id": event.adjustment_id,
                "adjustment": event.action,
                "adjustment_ground": event.ground,
                "adjustment_law_ref": event.law_ref,
                "adjustment_until": event.until,
            }
        case ClockAdjustmentRefused():
            return NO_ADJUSTMENT


def with_refusal(row: Row, event: Refusing) -> Row:
    """What the unit was refused, with the reason that was given for it; of each kind the last."""
    what, number, reason = _refused(event)
    one = {"what": what, "id": number, "refused_at": time_text(event.occurred_at), "reason": reason}
    rest = [known for known in refusals_of(row) if known["what"] != what]
    return {"refusals": json.dumps([*rest, one])}


def _refused(event: Refusing) -> tuple[str, str, str]:
    match event:
        case HoldRefused():
            return "hold", event.hold_id, event.note
        case ClockAdjustmentRefused():
            return "clock", event.adjustment_id, event.note
        case ExtensionDecided():
            return "extension", event.extension_id, event.notice


def without_reasons(row: Row) -> Row:
    """The row of an erased case."""
    bare = [one | {"reason": None} for one in refusals_of(row)]
    return {"refusals": json.dumps(bare)} if bare else NOTHING_REFUSED


def refusals_of(row: Row) -> list[dict[str, Any]]:
    """What the unit was refused, the latest last; the reasons are ciphertext."""
    found: list[dict[str, Any]] = json.loads(row["refusals"] or "[]")
    return found
