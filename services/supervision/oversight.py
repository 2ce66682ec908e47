"""The oversight region of a case's row (domain 2.1): who presses for it, what is proposed. It decides nothing."""

import json

from libs.events.base import Event
from libs.events.supervision import (
    EscalationDismissed,
    EscalationProposed,
    LeaderAssigned,
    LeaderReleased,
    OldCaseDelisted,
    OldCaseListed,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.sourcing.views import Row
from services.supervision.beyond import LISTED

REGIONS = ("none", "urged", "supervised", "listed")
"""By the level of the highest supervision that is open; ``leader`` stands above them."""
OF_ANY_ROUND = (LeaderAssigned, LeaderReleased, OldCaseListed, OldCaseDelisted)
"""Facts that count though the case was taken up anew since."""
OUTLIVE_A_ROUND = ("leader", "leader_level", "due_leader", "old_since")
"""What they say, in a case's row."""
NO_LEADER: Row = {"leader": None, "leader_level": None, "due_leader": None}


def fold_oversight(row: Row, event: Event) -> Row | None:
    """The row of a case after a fact that few cases have."""
    match event:
        case SupervisionIssued():
            levels = {**json.loads(row["supervisions"]), event.supervision_id: event.level}
            settled = _without(row, "listed") if event.level == LISTED else {}
            return with_region(row | _open(levels) | settled)
        case SupervisionAnswered() if event.lifted:
            levels = json.loads(row["supervisions"])
            rest = {k: v for k, v in levels.items() if k != event.supervision_id}
            return with_region(row | _open(rest) | of_a_breach(row, f"SUP.{event.supervision_id}"))
        case SupervisionAnswered():
            return row | of_a_breach(row, f"SUP.{event.supervision_id}")
        case LeaderAssigned():
            led = {"leader": event.leader, "leader_level": event.level, "due_leader": event.due_at}
            return with_region(row | led | _without(row, "listed", "leader"))
        case LeaderReleased():
            return with_region(row | NO_LEADER)
        case OldCaseListed():
            return row | {"old_since": row["old_since"] or event.occurred_at}
        case OldCaseDelisted():
            return row | {"old_since": None}
        case EscalationProposed():
            open_ = {**json.loads(row["proposals"]), event.proposal_id: event.to}
            return row | _proposed(open_)
        case EscalationDismissed():
            open_ = json.loads(row["proposals"])
            open_.pop(event.proposal_id, None)
            return row | _proposed(open_)
        case _:
            return None


def of_the_clock(row: Row) -> Row:
    """What hung on the lateness of who had the case is settled, with the answer or since another has it: nobody
    need be pressed for it any more."""
    if row["proposals"] == "{}":
        return {}
    open_ = json.loads(row["proposals"])
    return _proposed({id_: to for id_, to in open_.items() if id_.startswith("SUP.")})


def of_a_breach(row: Row, timer: str) -> Row:
    """What hung on a missed limit that was none, or was met late, is asked of nobody any more."""
    if row["proposals"] == "{}":
        return {}
    came_of_it = (f"{timer}.s3", f"{timer}.b", f"{timer}.up")
    open_ = json.loads(row["proposals"])
    return _proposed({id_: to for id_, to in open_.items() if not id_.startswith(came_of_it)})


def _open(levels: dict[str, int]) -> Row:
    return {
        "supervisions": json.dumps(levels),
        "supervision_level": max(levels.values(), default=0),
    }


def with_region(row: Row) -> Row:
    """A row with its region anew."""
    region = "leader" if row["leader"] is not None else REGIONS[row["supervision_level"]]
    return row | {"oversight": region}


def _without(row: Row, *done: str) -> Row:
    open_ = json.loads(row["proposals"])
    return _proposed({id_: to for id_, to in open_.items() if to not in done})


def _proposed(open_: dict[str, str]) -> Row:
    return {"proposals": json.dumps(open_), "proposed": bool(open_)}
