"""Times at which a clock stands still. It knows no calendar and no limit."""

from collections.abc import Sequence
from datetime import datetime

Pause = tuple[datetime, datetime]
"""From when until when; both aware."""


def merged(begins: datetime, pauses: Sequence[Pause]) -> list[Pause]:
    """Pauses in order and apart, without the empty ones and what lies before the clock begins.

    Raises `ValueError` for one without a time zone and one that ends before it begins.
    """
    found: list[Pause] = []
    for since, until in pauses:
        if since.tzinfo is None or until.tzinfo is None:
            raise ValueError(f"a pause has no time zone: {since} to {until}")
        if until < since:
            raise ValueError(f"a pause ends before it begins: {since} to {until}")
    for since, until in sorted(pauses):
        since = max(since, begins)
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until)
        elif since < until:
            found.append((since, until))
    return found
