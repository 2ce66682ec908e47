"""What the unit's head has asked and nobody has decided yet, as columns of a case's row. It decides nothing."""

import sqlalchemy as sa

from libs.events.feedback import (
    ClockAdjustmentRefused,
    ClockAdjustmentRequested,
    HoldRefused,
    HoldRequested,
)
from libs.sourcing.tables import UtcTime
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


def columns_of_what_is_asked() -> tuple[sa.Column[object], ...]:
    """A hold, and that the unit's clock stand still or go on. ``hold_reason`` is ciphertext: the
    reason, another channel and the remedy, with a blank between."""
    return (
        sa.Column("hold_id", sa.Text),
        sa.Column("hold_reason_code", sa.Text),
        sa.Column("hold_reason", sa.Text),
        sa.Column("adjustment_id", sa.Text),
        sa.Column("adjustment", sa.Text),
        sa.Column("adjustment_ground", sa.Text),
        sa.Column("adjustment_law_ref", sa.Text),
        sa.Column("adjustment_until", UtcTime),
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
