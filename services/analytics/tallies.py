"""What analytics holds of each case, so that it can be counted. It knows no person and counts nothing itself."""

from datetime import datetime
from typing import Any, Literal

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
    sa.Column("registered_at", sa.BigInteger),
    sa.Column("began_at", sa.BigInteger),
    sa.Column("due_at", sa.BigInteger),
    sa.Column("assigned_at", sa.BigInteger),
    sa.Column("delivered_at", sa.BigInteger),
    sa.Column("called_at", sa.BigInteger),
    sa.Column("rated_at", sa.BigInteger),
    sa.Column("reply_seconds", sa.BigInteger),
    sa.Column("direct", sa.Boolean, default=False),
    sa.Column("handle_warned", sa.Boolean, default=False),
    sa.Column("handle_breached", sa.Boolean, default=False),
    sa.Column("reached", sa.Boolean, default=False),
    sa.Column("resolved", sa.Text),
    sa.Column("rated", sa.Text),
    sa.Column("passed_on", sa.Boolean, default=False),
    sa.Column("marks", sa.Text, default=""),
    sa.Column("corrected", sa.Text, default=""),
    sa.Column("excluded", sa.Text),
    sa.Column("excluded_at", sa.BigInteger),
    *columns_of_a_case(),
)
"""One row per case, so that what it adds to each counter can be taken back and added anew. Times are whole
seconds since 1970: here they are only compared and counted. ``passed_on``: a unit said that the citizen wants
to withdraw (G07: withdrawals per unit are published). ``marks``: what befell few cases, each by its own name,
for one may be taken back or found not to count (see ``_mark``). From these follow ``handle_breached``,
``corrected`` (what of the unit's score a panel took back), ``excluded`` (why it is left out of the unit's score,
as was decided at ``excluded_at``) and ``reply_seconds``."""

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


Mark = Literal["breach", "rework", "cleared", "out", "was", "appealed", "undone"]
"""``breach/HANDLE.x.1``, ``rework/x.w1``; ``cleared/`` before either, or ``cleared/rating/``: a panel found it
not to count; ``out/<unit>=<reason>=<second>``: left out of that unit's score, as was decided then;
``was/<unit>=<assignment>``: a unit that was dissolved had the assignment; ``undone``: a rework was ordered, and
the citizen has not said since that it is resolved."""


@followed(tallies, KEPT)
def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case CaseRegistered():
            at = second(event.occurred_at)
            what = {
                "channel": event.channel,
                "mailbox": event.mailbox,
                "kind": event.kind,
                "adcode": event.place.adcode,
                "status": "registered",
            }
            return _timed(row | what | {"registered_at": at, "began_at": at})
        case CaseClassified():
            return row | {"category": event.category, "kind": event.kind}
        case CaseAccepted():
            due_at = _later(row["due_at"], event.due.citizen)
            return row | _further(row, "accepted") | {"adcode": event.adcode, "due_at": due_at}
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
            at = second(event.occurred_at)
            given = {"assignment_id": event.assignment_id, "assigned_at": at, "unit_id": event.org}
            return _weighed(row | _further(row, "assigned") | given)
        case AssignmentPassedOn() if event.from_org == row["unit_id"]:
            had = f"{event.from_org}={event.assignment_id}"
            return _mark(row | {"unit_id": event.org}, "was", had)
        case ExtensionDecided() if event.due_citizen is not None:
            return row | {"due_at": _later(row["due_at"], event.due_citizen)}
        case ReplyDelivered():
            answered = {"delivered_at": second(event.occurred_at)}
            return _timed(row | _further(row, "delivered") | answered)
        case WithdrawalRequested() if event.through_org is not None:
            return row | {"passed_on": True}
        case CaseReopened():
            due_at, began_at = _later(row["due_at"], event.due.citizen), second(event.occurred_at)
            again = {"status": "accepted", "due_at": due_at, "began_at": began_at}
            place = {"category": event.category, "adcode": event.adcode}
            return _timed(row | again | place)
        case DeadlineWarned() if event.timer.startswith("HANDLE"):
            return row | {"handle_warned": True}
        case DeadlineBreached() if event.timer.startswith("HANDLE"):
            return _mark(row, "breach", event.timer)
        case BreachRetracted() if event.timer.startswith("HANDLE"):
            return _weighed(row | {"marks": _without(row["marks"], f"breach/{event.timer}")})
        case CallbackRecorded():
            return row | _called(row, event)
        case EvaluationSubmitted() if event.target == "handling":
            return row | {"rated": event.level, "rated_at": second(event.occurred_at)}
        case ReworkOrdered():
            return _mark(_mark(row, "undone"), "rework", event.rework_id)
        case ScoreAppealed():
            return _mark(row, "appealed")
        case ThirdPartyAssessed() if event.score_effect == "not_counted":
            return _mark(row, "cleared", f"{event.question}/{event.fact_id}")
        case ExclusionDecided() if event.outcome == "approved":
            return _mark(row, "out", f"{event.org}={event.reason}={second(event.occurred_at)}")
        case _:
            return None


def second(at: datetime) -> int:
    """The whole second of an instant."""
    return int(at.timestamp())


def _later(known: int | None, at: datetime) -> int:
    """The citizen's promise moves later only, whoever's fact is heard first."""
    return second(at) if known is None else max(known, second(at))


def _further(row: Row, status: str) -> Row:
    """A status only moves on; what was referred stays referred."""
    known = STEPS.get(row["status"] or "registered", 0)
    return {"status": status} if STEPS[status] > known else {}


def _called(row: Row, event: CallbackRecorded) -> Row:
    """Reached once is reached; the last word on whether it is resolved counts, and when it was said."""
    reached = {"reached": event.reached or row["reached"]}
    if event.resolved is None:
        return reached
    said = {"resolved": event.resolved, "called_at": second(event.occurred_at)}
    return reached | said | {"marks": _without(row["marks"], "undone")}


def _timed(row: Row) -> Row:
    """With the time from registration, or from being taken up anew, to the answer that stands."""
    known = row["began_at"] is not None and row["delivered_at"] is not None
    return row | {"reply_seconds": row["delivered_at"] - row["began_at"] if known else None}


def _mark(row: Row, mark: Mark, name: str = "") -> Row:
    """With one more mark."""
    one = f"{mark}/{name}" if name else mark
    return _weighed(row | {"marks": " ".join(sorted({*row["marks"].split(), one}))})


def _without(marks: str, one: str) -> str:
    return " ".join(other for other in marks.split() if other != one) if marks else marks


def _weighed(row: Row) -> Row:
    """With what follows from the marks and from who has the case, in whatever order they were heard.

    A limit counts against the unit whose clock ran, and that is the one that has the case (domain 2.5): what
    was missed before it came there was another's. An exclusion is from the score of the unit that asked, and
    goes with the case to its successor.
    """
    if not (row["marks"] or row["handle_breached"]):
        return row
    marks = row["marks"].split()
    missed = [one for one in marks if _runs_for(one, row["assignment_id"])]
    reason, at = _left_out(marks, row)
    return row | {
        "handle_breached": bool(missed),
        "corrected": _corrected(marks, missed),
        "excluded": reason,
        "excluded_at": at,
    }


def _left_out(marks: list[str], row: Row) -> tuple[str | None, int | None]:
    """Why the case is left out of the score of the unit that has it, and since when; the first decision holds."""
    ours = {row["unit_id"]}
    for unit, assignment_id in _named(marks, "was"):
        if assignment_id == row["assignment_id"]:
            ours.add(unit)
    out = [(int(at), reason) for unit, reason, at in _named(marks, "out") if unit in ours]
    if not out:
        return None, None
    at, reason = min(out)
    return reason, at


def _named(marks: list[str], mark: Mark) -> list[list[str]]:
    head = f"{mark}/"
    return [one.removeprefix(head).split("=") for one in marks if one.startswith(head)]


def _runs_for(mark: str, assignment_id: str | None) -> bool:
    """``breach/HANDLE.<assignment>``, and ``.h1`` and so on after a hold."""
    if not mark.startswith("breach/"):
        return False
    own = f"breach/HANDLE.{assignment_id}"
    return assignment_id is None or mark == own or mark.startswith(f"{own}.h")


def _corrected(marks: list[str], missed: list[str]) -> str:
    """What a panel took back: all breaches, all reworks, the rating, the citizen's word on it (各执一词)."""
    reworks = [one for one in marks if one.startswith("rework/")]
    word = "cleared/each_own_word/" in marks
    taken_back = {
        "breach": missed and all(f"cleared/{one}" in marks for one in missed),
        "rework": reworks and all(f"cleared/{one}" in marks for one in reworks),
        "rating": word or "cleared/rating/" in marks,
        "word": word,
    }
    return " ".join(name for name, so in taken_back.items() if so)


def marked(row: Row, mark: Mark) -> bool:
    """Whether a case bears a mark of a kind."""
    return any(one.startswith(mark) for one in row["marks"].split())


def is_dissatisfied(level: Any) -> bool:
    """Whether a rating of either scale says so."""
    return level in ("dissatisfied", "very_dissatisfied")
