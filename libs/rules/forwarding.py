"""Until when a petition is with the organ that must act. It assigns nothing and has no clock."""

from collections.abc import Sequence
from datetime import datetime

from libs.rules.calendar import Due
from libs.rules.pauses import Pause
from libs.rules.rules import Rules

FORWARDED = frozenset({"xinfang", "restricted"})
"""Tracks whose limit from receipt covers sorting and forwarding together (信访工作条例 Art. 22(1)(2))."""


def dispatch_due(
    rules: Rules,
    policy: str,
    sla_class: str,
    track: str,
    registered_at: datetime,
    accepted_at: datetime,
    pauses: Sequence[Pause] = (),
) -> Due:
    """When a case must be dispatched that is taken on then: by the limit of dispatch, but a petition no
    later than its days from receipt are over, the waiting for its citizen left out. One that is taken on
    after these has the limit of dispatch: that it was late is said of the acceptance."""
    plain = rules.due(policy, "DISPATCH", sla_class, track, accepted_at)
    if track not in FORWARDED:
        return plain
    last = rules.due_with_pauses(policy, "ACCEPT", sla_class, track, registered_at, pauses)
    return last if accepted_at < last.at < plain.at else plain
