"""What analytics holds of each case, so that it can be counted. It knows no person and counts nothing itself."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.dispatch import AssignmentPassedOn, CaseAssigned
from libs.events.evaluation import (
    CallbackRecorded,
    EvaluationSubmitted,
    ExclusionDecided,
    ReworkOrdered,
    ScoreAppealed,
    ThirdPartyAssessed,
)
from libs.events.feedback import ExtensionDecided, ReplyDelivered
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseClassified,
    CaseDeclined,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    PraiseForwarded,
    WithdrawalRequested,
)
from libs.events.supervision import BreachRetracted, DeadlineBreached, DeadlineWarned
from libs.sourcing.followed import columns_of_a_case, followed
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row

TABLES = sa.MetaData()

tallies = sa.Table(
    "tallies",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text),
    sa.Column("mailbox", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("adcode", sa.Text),
    sa.Column("unit_id", sa.Text),
    sa.Column("assignment_id", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("registered_at", UtcTime),
    sa.Column("began_at", UtcTime),
    sa.Column("promised_at", UtcTime),
    sa.Column("extended_at", UtcTime),
    sa.Column("due_at", UtcTime),
    sa.Column("assigned_at", UtcTime),
    sa.Column("delivered_at", UtcTime),
    sa.Column("called_at", UtcTime),
    sa.Column("rated_at", UtcTime),
    sa.Column("reply_seconds", sa.BigInteger),
    sa.Column("direct", sa.Boolean, default=False),
    sa.Column("handle_warned", sa.Boolean, default=False),
    sa.Column("handle_breached", sa.Boolean, default=False),
    sa.Column("breaches", sa.Text, default=""),
    sa.Column("reached", sa.Boolean, default=False),
    sa.Column("resolved", sa.Text),
    sa.Column("undone", sa.Boolean, default=False),
    sa.Column("rated", sa.Text),
    sa.Column("reworks", sa.Text, default=""),
    sa.Column("passed_on", sa.Boolean, default=False),
    sa.Column("appealed", sa.Boolean, default=False),
    sa.Column("not_counted", sa.Text, default=""),
    sa.Column("corrected", sa.Text, default=""),
    sa.Column("exclusions", sa.Text, default=""),
    sa.Column("excluded", sa.Text),
    *columns_of_a_case(),
    sa.Index("tallies_registered", "registered_at"),
    sa.Index("tallies_assigned", "assigned_at"),
    sa.Index("tallies_delivered", "delivered_at"),
    sa.Index("tallies_called", "called_at"),
    sa.Index("tallies_rated", "rated_at"),
)
"""One row per case, so that what it adds to each counter can be taken back and added anew. ``passed_on``: a
unit said that the citizen wants to withdraw (G07: withdrawals per unit are published). ``undone``: a rework
was ordered, and the citizen has not said since that it is resolved. ``breaches``, ``reworks``: which ones, for
one may be taken back or found not to count; ``not_counted``: those that a panel found so; ``exclusions``:
units and for what reason the case is left out of their score. From these follow ``handle_breached``,
``corrected`` (what of the unit's score a panel took back), ``excluded``, ``due_at`` and ``reply_seconds``."""

STEPS = {
    "registered": 0,
    "accepted": 1,
    "assigned": 2,
    "delivered": 3,
    "declined": 9,
    "referred": 9,
}
KEPT = ("channel", "mailbox", "kind", "category", "adcode", "registered_at", "passed_on")
"""What stays when a case is taken up anew: it is closed, answered and resolved no more, and counts as reopened."""


@followed(tallies, KEPT)
def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case CaseRegistered():
            began = {"registered_at": event.occurred_at, "began_at": event.occurred_at}
            return _reckoned(
                row
                | began
                | {
                    "channel": event.channel,
                    "mailbox": event.mailbox,
                    "kind": event.kind,
                    "adcode": event.place.adcode,
                    "status": "registered",
                }
            )
        case CaseClassified():
            return row | {"category": event.category, "kind": event.kind}
        case CaseAccepted():
            promised = {"adcode": event.adcode, "promised_at": event.due.citizen}
            return _reckoned(row | _further(row, "accepted") | promised)
        case CaseDeclined():
            return row | {"status": "declined"}
        case CaseReferred():
            return row | {"status": "referred", "category": event.category}
        case AnsweredAtDesk():
            return row | {"category": event.category, "direct": True}
        case PraiseForwarded():
            return row | {"category": event.category}
        case AnswerContested():
            return row | {"direct": False}
        case CaseAssigned() if event.role == "lead":
            given = {"assignment_id": event.assignment_id, "assigned_at": event.occurred_at}
            return _reckoned(row | _further(row, "assigned") | given | {"unit_id": event.org})
        case AssignmentPassedOn() if event.from_org == row["unit_id"]:
            return _reckoned(row | {"unit_id": event.org})
        case ExtensionDecided() if event.due_citizen is not None:
            return _reckoned(row | {"extended_at": event.due_citizen})
        case ReplyDelivered():
            answered = {"delivered_at": event.occurred_at}
            return _reckoned(row | _further(row, "delivered") | answered)
        case WithdrawalRequested() if event.through_org is not None:
            return row | {"passed_on": True}
        case CaseReopened():
            again = {"began_at": event.occurred_at, "promised_at": event.due.citizen}
            place = {"category": event.category, "adcode": event.adcode}
            return _reckoned(row | {"status": "accepted"} | place | again)
        case DeadlineWarned() if event.timer.startswith("HANDLE"):
            return row | {"handle_warned": True}
        case DeadlineBreached() if event.timer.startswith("HANDLE"):
            return _reckoned(row | {"breaches": _with(row["breaches"], event.timer)})
        case BreachRetracted() if event.timer.startswith("HANDLE"):
            return _reckoned(row | {"breaches": _without(row["breaches"], event.timer)})
        case CallbackRecorded():
            return row | _called(row, event)
        case EvaluationSubmitted() if event.target == "handling":
            return row | {"rated": event.level, "rated_at": event.occurred_at}
        case ReworkOrdered():
            ordered = {"reworks": _with(row["reworks"], event.rework_id), "undone": True}
            return _reckoned(row | ordered)
        case ScoreAppealed():
            return row | {"appealed": True}
        case ThirdPartyAssessed() if event.score_effect == "not_counted":
            found = f"{event.question}/{event.fact_id}"
            return _reckoned(row | {"not_counted": _with(row["not_counted"], found)})
        case ExclusionDecided() if event.outcome == "approved":
            left_out = f"{event.org}={event.reason}"
            return _reckoned(row | {"exclusions": _with(row["exclusions"], left_out)})
        case _:
            return None


def _further(row: Row, status: str) -> Row:
    """A status only moves on; what was referred stays referred."""
    known = STEPS.get(row["status"] or "registered", 0)
    return {"status": status} if STEPS[status] > known else {}


def _called(row: Row, event: CallbackRecorded) -> Row:
    """Reached once is reached; the last word on whether it is resolved counts, and when it was said."""
    reached = {"reached": event.reached or row["reached"]}
    if event.resolved is None:
        return reached
    return reached | {"resolved": event.resolved, "called_at": event.occurred_at, "undone": False}


def _reckoned(row: Row) -> Row:
    """With what follows from the facts of several owners together, in whatever order they were heard.

    A limit counts against the unit whose clock ran, and that is the one that has the case (domain 2.5): what
    was missed before it came there was another's. An exclusion is from the score of the unit that asked.
    """
    dues = [at for at in (row["promised_at"], row["extended_at"]) if at is not None]
    missed = [timer for timer in row["breaches"].split() if _runs_for(timer, row["assignment_id"])]
    reasons = dict(pair.split("=") for pair in row["exclusions"].split())
    return row | {
        "due_at": max(dues, default=None),
        "reply_seconds": _seconds(row["began_at"], row["delivered_at"]),
        "handle_breached": bool(missed),
        "corrected": _corrected(row, missed),
        "excluded": reasons.get(row["unit_id"]),
    }


def _runs_for(timer: str, assignment_id: str | None) -> bool:
    """``HANDLE.<assignment>``, and ``.h1`` and so on after a hold."""
    own = f"HANDLE.{assignment_id}"
    return assignment_id is None or timer == own or timer.startswith(f"{own}.h")


def _corrected(row: Row, missed: list[str]) -> str:
    """What a panel took back: all breaches, all reworks, the rating, the citizen's word on it (各执一词)."""
    found = set(row["not_counted"].split())
    if not found:
        return ""
    reworks = row["reworks"].split()
    taken_back = {
        "breach": missed and all(f"breach/{timer}" in found for timer in missed),
        "rework": reworks and all(f"rework/{one}" in found for one in reworks),
        "rating": "rating/" in found or "each_own_word/" in found,
        "word": "each_own_word/" in found,
    }
    return " ".join(name for name, so in taken_back.items() if so)


def _seconds(began_at: datetime | None, delivered_at: datetime | None) -> int | None:
    if began_at is None or delivered_at is None:
        return None
    return int((delivered_at - began_at).total_seconds())


def _with(known: str, one: str) -> str:
    return " ".join(sorted({*known.split(), one}))


def _without(known: str, one: str) -> str:
    return " ".join(other for other in known.split() if other != one)


def is_dissatisfied(level: Any) -> bool:
    """Whether a rating of either scale says so."""
    return level in ("dissatisfied", "very_dissatisfied")
