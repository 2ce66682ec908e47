"""What units and leaders are to be told, one row per fact. It tells nobody and knows no channel."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.events.dispatch import AssignmentPassedOn, CaseAssigned
from libs.events.feedback import CommitmentFellDue
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineWarned,
    EscalationProposed,
    InstructionGiven,
    LeaderAssigned,
    RecommendationMade,
    SupervisionIssued,
)
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views
from services.supervision.beyond import LEADERS
from services.supervision.duty_views import TABLES

unit_notices = sa.Table(
    "unit_notices",
    TABLES,
    sa.Column("notice_id", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("unit_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("timer", sa.Text),
    sa.Column("due_at", UtcTime),
    sa.Column("occurred_at", UtcTime, nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
    sa.Column("retracted", sa.Boolean, nullable=False),
    sa.Index("unit_notices_newest", "recorded_at", "notice_id"),
    sa.Index("unit_notices_unit", "unit_id", "recorded_at"),
)
"""What a unit is to be told, one row per fact: which case, which timer, by when; no words of anybody.
``recorded_at`` is when it became known: a breach stated after a standstill is old but new to the unit."""

UNIT_NOTICES = uuid.UUID("7a1f6f54-5c0e-5d0a-9b7e-2f7f0c2f9a11")
LEVELS = {1: "urged", 2: "supervised", 3: "listed"}


def project_unit_notices(heard: Sequence[Recorded], views: Views) -> None:
    """What units are to be told. A breach that was taken back keeps its row, marked."""
    taken_back = [breach_notice_id(r.event) for r in heard if isinstance(r.event, BreachRetracted)]
    rows: dict[str, Row] = views.load(unit_notices, taken_back)
    for recorded in heard:
        if isinstance(recorded.event, BreachRetracted):
            breach = rows.get(breach_notice_id(recorded.event))
            if breach is not None:
                rows[breach["notice_id"]] = breach | {"retracted": True}
        row = unit_notice(recorded)
        if row is not None:
            rows[row["notice_id"]] = row
    views.write(unit_notices, list(rows.values()))


def breach_notice_id(event: DeadlineBreached | BreachRetracted) -> str:
    """The same for a breach and for what takes it back."""
    return str(uuid.uuid5(UNIT_NOTICES, f"{event.case_id}/{event.timer}/{event.round}/breach"))


def unit_notice(recorded: Recorded) -> Row | None:
    """What a fact tells a unit, if anything."""
    event = recorded.event
    about = _about(event)
    if about is None:
        return None
    unit_id, kind, timer, due_at = about
    breach = breach_notice_id(event) if isinstance(event, DeadlineBreached) else None
    return {
        "notice_id": breach or str(uuid.uuid5(UNIT_NOTICES, f"{recorded.event_id}/unit")),
        "event_id": recorded.event_id,
        "case_id": event.case_id,
        "unit_id": unit_id,
        "kind": kind,
        "timer": timer,
        "due_at": due_at,
        "occurred_at": event.occurred_at,
        "recorded_at": recorded.recorded_at,
        "retracted": False,
    }


def _about(event: Event) -> tuple[str, str, str | None, datetime | None] | None:
    """Whom a fact concerns, what it is, which timer and until when."""
    match event:
        case DeadlineWarned():
            return event.owner_org, event.threshold, event.timer, event.due_at
        case DeadlineBreached():
            return event.owner_org, "breach", event.timer, event.due_at
        case BreachRetracted():
            return event.owner_org, "retracted", event.timer, event.due_at
        case SupervisionIssued():
            return event.addressee, LEVELS[event.level], "SUP", event.due_at
        case CaseAssigned():
            return event.org, "assigned", "HANDLE", event.due_handle
        case AssignmentPassedOn():
            return event.org, "passed_on", None, None
        case CommitmentFellDue():
            return event.org, "promised", None, event.due_at
        case InstructionGiven():
            return event.addressee, "instructed", "INSTRUCTION", event.due_at
        case RecommendationMade():
            return event.addressee, "recommended", "RECOMMENDATION", event.due_at
        case LeaderAssigned():
            return LEADERS, "led", "LEADER", event.due_at
        case EscalationProposed():
            return LEADERS, "proposed", event.timer, None
        case _:
            return None
