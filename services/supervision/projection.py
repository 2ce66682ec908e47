"""What supervision's tables answer: what is overdue, with whom, and what was stated about a case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from libs.events.base import SYSTEM, Recorded
from libs.events.dispatch import (
    AssignmentPassedOn,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.evaluation import CaseClosed
from libs.events.feedback import (
    CaseHeld,
    ClockAdjusted,
    ExtensionDecided,
    HoldLifted,
    ReplyDelivered,
)
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    PraiseForwarded,
)
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineMoved,
    DeadlineWarned,
)
from libs.rules.ends import PREVAILS
from libs.sourcing.followed import columns_of_a_case, followed
from libs.sourcing.tables import UtcTime, index_of_few
from libs.sourcing.views import Row, Views
from services.supervision.duty_views import TABLES, project_duties
from services.supervision.old_views import project_old_cases
from services.supervision.oversight import (
    OF_ANY_ROUND,
    OUTLIVE_A_ROUND,
    fold_oversight,
    of_a_breach,
    of_the_clock,
    with_region,
)
from services.supervision.told import project_unit_notices, unit_notices

__all__ = ["TABLES", "fold", "project", "unit_notices", "watches"]

watches = sa.Table(
    "watches",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("receipt_no", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("unit_id", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("registered_at", UtcTime),
    sa.Column("due_citizen", UtcTime),
    sa.Column("due_handle", UtcTime),
    sa.Column("delivered_at", UtcTime),
    sa.Column("warnings", sa.Integer, default=0),
    sa.Column("breaches", sa.Integer, default=0),
    sa.Column("handle_warned", sa.Boolean, default=False),
    sa.Column("handle_breached", sa.Boolean, default=False),
    sa.Column("overdue", sa.Boolean, default=False),
    sa.Column("supervision_level", sa.Integer, default=0),
    sa.Column("supervisions", sa.Text, default="{}"),
    sa.Column("policy", sa.Text),
    sa.Column("sla_class", sa.Text),
    sa.Column("handler", sa.Text),
    sa.Column("adcode", sa.Text),
    sa.Column("assigned_at", UtcTime),
    sa.Column("oversight", sa.Text, default="none"),
    sa.Column("leader", sa.Text),
    sa.Column("leader_level", sa.Text),
    sa.Column("due_leader", UtcTime),
    sa.Column("proposals", sa.Text, default="{}"),
    sa.Column("proposed", sa.Boolean, default=False),
    sa.Column("old_since", UtcTime),
    sa.Column("outcome", sa.Text),
    sa.Column("lead", sa.Text),
    *columns_of_a_case(),
    sa.Index("watches_overdue", "overdue", "status", "due_handle"),
    sa.Index("watches_unit", "unit_id", "status", "due_handle"),
    sa.Index("watches_proposed", "proposed", "status"),
    index_of_few("watches_leader", "leader", "status"),
    index_of_few("watches_old", "old_since"),
)
"""One row per case. ``supervisions``: the open ones' levels by id, the highest in ``supervision_level``.
``handler``: the account that signed for the unit; nobody has picked the case up while there is none.
``handle_breached``: whether any HANDLE limit was missed; ``overdue``: whether the one that runs is.
``oversight``: the region of domain 2.1, by the highest supervision or the leader who has the case. ``proposals``:
what the clock asks a person for, to what by id; ``proposed``: whether any is open. ``lead``: the case that it is
handled with."""

notices = sa.Table(
    "notices",
    TABLES,
    sa.Column("notice_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("timer", sa.Text, nullable=False),
    sa.Column("threshold", sa.Text, nullable=False),
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("stated_for", UtcTime, nullable=False),
    sa.Column("owner_org", sa.Text, nullable=False),
    sa.Column("retracted", sa.Boolean, nullable=False),
    sa.Index("notices_case", "case_id"),
)
"""One row per warning and breach that was stated, whether it was taken back or not."""

def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the tables."""
    views.fold(watches, heard, fold)
    stated = {}
    for recorded in heard:
        match recorded.event:
            case DeadlineWarned() | DeadlineBreached() | BreachRetracted():
                row = notice(recorded.event)
                stated[row["notice_id"]] = row
    views.write(notices, list(stated.values()))
    project_unit_notices(heard, views)
    project_duties(heard, views)
    project_old_cases(heard, views)


def notice(event: DeadlineWarned | DeadlineBreached | BreachRetracted) -> Row:
    """The row of a stated deadline; a retraction is the breach's row, marked."""
    threshold = event.threshold if isinstance(event, DeadlineWarned) else "breach"
    return {
        "notice_id": f"{event.case_id}/{event.timer}/{event.round}/{threshold}",
        "case_id": event.case_id,
        "timer": event.timer,
        "threshold": threshold,
        "due_at": event.due_at,
        "stated_for": event.due_at if threshold == "breach" else event.occurred_at,
        "owner_org": event.owner_org,
        "retracted": isinstance(event, BreachRetracted),
    }


KEPT = ("receipt_no", "registered_at", "policy", "adcode", *OUTLIVE_A_ROUND)


def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event. Who leads it, and that it is old, is so in a later round too."""
    event = recorded.event
    if event.round < row["round"] and isinstance(event, OF_ANY_ROUND):
        return fold_oversight(row, event)
    return _fold(row, recorded)


@followed(watches, KEPT, dict.fromkeys(PREVAILS, "ended"))
def _fold(row: Row, recorded: Recorded) -> Row | None:
    event = recorded.event
    match event:
        case CaseRegistered():
            return row | {
                "receipt_no": event.receipt_no,
                "registered_at": event.occurred_at,
                "status": "open",
                "policy": event.decided_with.policy,
            }
        case CaseAccepted():
            accepted = {"category": event.category, "due_citizen": event.due.citizen}
            known = {"sla_class": event.sla_class, "adcode": event.adcode}
            return row | accepted | known | of_the_clock(row)
        case CaseReferred() if event.due is not None:
            referred = {"category": event.category, "due_citizen": event.due.citizen}
            return row | referred | {"sla_class": event.sla_class}
        case CaseReopened():
            anew = {"status": "open", "category": event.category, "sla_class": event.sla_class}
            return with_region(row | anew | {"due_citizen": event.due.citizen})
        case CaseLinkChanged() if event.relation == "merged_into":
            return row | {"lead": event.other_case}
        case CaseLinkChanged() if event.relation == "unmerged":
            return row | {"lead": None}
        case CaseClosed():
            return row | {"outcome": event.outcome}
        case CaseDeclined() | CaseReferred():
            return row | {"status": "ended"}
        case AnsweredAtDesk() | PraiseForwarded():
            answered = {"status": "answered", "delivered_at": event.occurred_at}
            what = {"category": event.category, "sla_class": event.sla_class}
            return row | answered | what | of_the_clock(row)
        case AnswerContested():
            return row | {"status": "open", "delivered_at": None}
        case CaseAssigned() if event.role == "lead":
            assigned = {"unit_id": event.org, "due_handle": event.due_handle, "handler": None}
            since = {"assigned_at": event.occurred_at, "overdue": False}
            return row | assigned | since | {"sla_class": event.sla_class} | of_the_clock(row)
        case AssignmentSigned() if event.org == row["unit_id"] and event.actor != SYSTEM:
            return row | {"handler": event.actor.id}
        case AssignmentPassedOn() if event.from_org == row["unit_id"]:
            return row | {"unit_id": event.org, "handler": None}
        case CoordinationOpened() | DispatchStopped():
            return row | NOBODY | of_the_clock(row)
        case DisputeDecided() if event.outcome == "upheld" and event.org == row["unit_id"]:
            return row | NOBODY | of_the_clock(row)
        case ExtensionDecided() if event.outcome == "approved":
            due_citizen = event.due_citizen or row["due_citizen"]
            return row | _moved(row, event.due_handle) | {"due_citizen": due_citizen}
        case ClockAdjusted() if event.action == "resume":
            return row | _moved(row, event.due_handle)
        case DeadlineMoved() if event.step == "CITIZEN":
            return row | {"due_citizen": event.due_at}
        case DeadlineMoved() if event.step == "HANDLE":
            return row | _moved(row, event.due_at)
        case CaseHeld():
            return row | {"overdue": False}
        case HoldLifted():
            return row | _moved(row, event.due_handle) | {"overdue": False}
        case ReplyDelivered():
            answered = {"status": "answered", "delivered_at": event.occurred_at}
            return row | answered | of_the_clock(row)
        case DeadlineWarned():
            handle = row["handle_warned"] or event.timer.startswith("HANDLE")
            return row | {"warnings": row["warnings"] + 1, "handle_warned": handle}
        case DeadlineBreached():
            late = event.timer.startswith("HANDLE")
            breached = {"breaches": row["breaches"] + 1, "overdue": row["overdue"] or late}
            return row | breached | {"handle_breached": row["handle_breached"] or late}
        case BreachRetracted():
            other = not event.timer.startswith("HANDLE")
            retracted = {"breaches": row["breaches"] - 1, "overdue": row["overdue"] and other}
            stands = {"handle_breached": row["handle_breached"] and other}
            return row | retracted | stands | of_a_breach(row, event.timer)
        case _:
            return fold_oversight(row, event)


NOBODY: Row = {"unit_id": None, "due_handle": None, "overdue": False}
"""No unit has the case, and none is late."""


def _moved(row: Row, due_handle: datetime | None) -> Row:
    return {"due_handle": due_handle or row["due_handle"]}


def overdue_cases(views: Views, unit_id: str | None, limit: int = 100) -> list[Row]:
    """Cases past their handling limit and not answered, the longest overdue first."""
    query = sa.select(watches).where(watches.c.overdue.is_(True), watches.c.status == "open")
    if unit_id is not None:
        query = query.where(watches.c.unit_id == unit_id)
    return views.rows(query.order_by(watches.c.due_handle).limit(limit))


def watch_of(views: Views, case_id: str) -> Row | None:
    """One case."""
    return views.load(watches, [case_id]).get(case_id)


def notices_of(views: Views, case_id: str) -> list[Row]:
    """What was stated about a case, in its own order of time."""
    query = sa.select(notices).where(notices.c.case_id == case_id)
    return views.rows(query.order_by(notices.c.stated_for, notices.c.notice_id))


def reached(views: Views) -> dict[str, int]:
    """How many cases were warned, and how many breached, on their handling limit."""
    query = sa.select(
        sa.func.sum(sa.cast(watches.c.handle_warned, sa.Integer)).label("warned"),
        sa.func.sum(sa.cast(watches.c.handle_breached, sa.Integer)).label("breached"),
    )
    (row,) = views.rows(cast(sa.Select[Any], query))
    return {name: int(value or 0) for name, value in row.items()}
