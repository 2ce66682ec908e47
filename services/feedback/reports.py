"""By when a unit says how far it is (办理进展). Only a date for those who look: nobody is late by it."""

from datetime import datetime

from libs.rules.rules import Rules
from libs.sourcing.views import Row

IN_HAND = ("handling", "returned", "rework")


def report_due(row: Row, rules: Rules) -> datetime | None:
    """Counted from the unit's last word, or from its signature, by the pack that the case keeps; ``None`` while
    the unit has nothing to report or its clock stands still (domain 1.6, 2.4 row 21)."""
    if row["status"] not in IN_HAND or row["signed_at"] is None or row["category"] is None:
        return None
    if row["suspended_for"] is not None:
        return None
    since = max(filter(None, (row["signed_at"], row["progress_at"])))
    return rules.report_due(row["policy"], rules.leaf(row["category"]).sla.value, since)
