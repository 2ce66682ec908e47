"""What is owed and was answered, one row per supervision, instruction, recommendation and leader's case."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.events.dispatch import AssignmentPassedOn
from libs.events.intake import PersonalDataErased
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    InstructionAnswered,
    InstructionGiven,
    LeaderAssigned,
    LeaderReleased,
    RecommendationAnswered,
    RecommendationMade,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views

TABLES = sa.MetaData()

duties = sa.Table(
    "duties",
    TABLES,
    sa.Column("duty_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("level", sa.Text),
    sa.Column("of_id", sa.Text),
    sa.Column("unit_id", sa.Text),
    sa.Column("leader", sa.Text),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("shown", sa.Boolean, nullable=False),
    sa.Column("cluster", sa.Boolean, nullable=False),
    sa.Column("by_role", sa.Text, nullable=False),
    sa.Column("given_at", UtcTime, nullable=False),
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("answered_at", UtcTime),
    sa.Column("ended_at", UtcTime),
    sa.Column("outcome", sa.Text),
    sa.Column("found", sa.Integer),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("words", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Column("closing", sa.Text),
    sa.Index("duties_case", "case_id", "given_at"),
    sa.Index("duties_unit", "unit_id", "answered_at", "due_at"),
    sa.Index("duties_step", "step", "given_at"),
)
"""``step`` is the timer's name; ``kind`` a ground or what is wanted; ``of_id`` what a task comes from. ``team``
and ``evidence`` are lists with a blank between. ``SEALED`` are ciphertext and are opened for a reader, on record.
Open is what has no ``answered_at`` and no ``ended_at``; what was let go unanswered with the words of its case has
the ``outcome`` erased."""


def is_open() -> sa.ColumnElement[bool]:
    """What is still owed."""
    return sa.and_(duties.c.answered_at.is_(None), duties.c.ended_at.is_(None))



SEALED = ("words", "answer", "closing")
WRITTEN = ("INSTRUCTION.", "RECOMMENDATION.", "LEADER.")
"""The timers of what people set."""
BLANK: Row = dict.fromkeys(SEALED)


CHANGED_BY: frozenset[type[Event]] = frozenset(
    {
        SupervisionIssued,
        SupervisionAnswered,
        InstructionGiven,
        InstructionAnswered,
        RecommendationMade,
        RecommendationAnswered,
        LeaderAssigned,
        LeaderReleased,
        DeadlineBreached,
        BreachRetracted,
        AssignmentPassedOn,
        PersonalDataErased,
    }
)
"""The facts that the table knows."""


def project_duties(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the table; what is owed is rare, so mostly nothing is read or written."""
    events = [recorded.event for recorded in heard if type(recorded.event) in CHANGED_BY]
    if not events:
        return
    keys = {key for key in map(_key, events) if key is not None}
    rows: dict[str, Row] = views.load(duties, keys)
    whole = {e.case_id for e in events if isinstance(e, PersonalDataErased | AssignmentPassedOn)}
    rows |= {row["duty_id"]: row for row in views.load_by(duties, "case_id", whole)}
    for event in events:  # in their order: a fact may come after the erasure of its case
        match event:
            case PersonalDataErased():
                mine = {k: row for k, row in rows.items() if row["case_id"] == event.case_id}
                rows |= {k: row | BLANK | _let_go(row, event) for k, row in mine.items()}
            case AssignmentPassedOn():
                rows |= {k: row | {"unit_id": event.org} for k, row in rows.items() if _passes(row, event)}
            case _:
                _fold(rows, event)
    views.write(duties, list(rows.values()))


def _let_go(row: Row, event: PersonalDataErased) -> Row:
    """What nobody can answer any more, for its words are gone, is owed no more."""
    owed = row["answered_at"] is None and row["ended_at"] is None
    return {"ended_at": event.occurred_at, "outcome": "erased"} if owed else {}


def _passes(row: Row, event: AssignmentPassedOn) -> bool:
    """Whether what a unit still owes about its case is owed by its successor now (信访工作条例 Art. 24)."""
    owes = row["unit_id"] == event.from_org and row["answered_at"] is None
    return bool(owes and row["case_id"] == event.case_id)


def _key(event: Event) -> str | None:
    """The row that a fact is about. A supervision is of its round, for the clock may name two alike; what
    is owed in writing is answered in a later round too."""
    match event:
        case SupervisionIssued() | SupervisionAnswered():
            return f"{event.case_id}/{event.round}/SUP.{event.supervision_id}"
        case InstructionGiven() | InstructionAnswered():
            return f"{event.case_id}/INSTRUCTION.{event.instruction_id}"
        case RecommendationMade() | RecommendationAnswered():
            return f"{event.case_id}/RECOMMENDATION.{event.recommendation_id}"
        case LeaderAssigned() | LeaderReleased():
            return f"{event.case_id}/LEADER.{event.leadership_id}"
        case DeadlineBreached() | BreachRetracted() if event.timer.startswith("SUP."):
            return f"{event.case_id}/{event.round}/{event.timer}"
        case DeadlineBreached() | BreachRetracted() if event.timer.startswith(WRITTEN):
            return f"{event.case_id}/{event.timer}"
        case _:
            return None


def _fold(rows: dict[str, Row], event: Event) -> None:
    key = _key(event)
    if key is None:
        return
    new = _begun(event)
    if new is not None:
        rows.setdefault(key, {"duty_id": key, **_defaults(event), **new})
    elif key in rows:
        rows[key] = rows[key] | _went_on(rows[key], event)


def _defaults(event: Event) -> Row:
    return {
        **{c.name: None for c in duties.columns if c.name not in ("duty_id", "id")},
        "case_id": event.case_id,
        "team": "",
        "shown": False,
        "cluster": False,
        "by_role": event.actor.role,
        "given_at": event.occurred_at,
        "late": False,
        "evidence": "",
    }


def _begun(event: Event) -> dict[str, Any] | None:
    """What a fact lays upon somebody."""
    match event:
        case SupervisionIssued():
            return {
                "id": event.supervision_id,
                "step": "SUP",
                "kind": event.ground,
                "level": str(event.level),
                "unit_id": event.addressee,
                "due_at": event.due_at,
                "words": event.note,
            }
        case InstructionGiven():
            return {
                "id": event.instruction_id,
                "step": "INSTRUCTION",
                "kind": event.kind,
                "of_id": event.of,
                "unit_id": event.addressee,
                "shown": event.shown,
                "cluster": event.cluster,
                "due_at": event.due_at,
                "words": event.text,
            }
        case RecommendationMade():
            return {
                "id": event.recommendation_id,
                "step": "RECOMMENDATION",
                "kind": event.kind,
                "unit_id": event.addressee,
                "due_at": event.due_at,
                "words": event.text,
            }
        case LeaderAssigned():
            return {
                "id": event.leadership_id,
                "step": "LEADER",
                "kind": "leader",
                "level": event.level,
                "leader": event.leader,
                "team": " ".join(event.team),
                "due_at": event.due_at,
                "words": event.note,
            }
        case _:
            return None


def _went_on(row: Row, event: Event) -> dict[str, Any]:
    """What a later fact says of it. The first answer counts."""
    at = event.occurred_at
    match event:
        case SupervisionAnswered() if event.lifted:
            first = row["answered_at"] or at
            return {"ended_at": row["ended_at"] or at, "answered_at": first, "closing": event.note}
        case SupervisionAnswered() if row["answered_at"] is None:
            evidence = " ".join(event.evidence)
            return {"answered_at": at, "answer": event.measures, "evidence": evidence}
        case InstructionAnswered() if row["answered_at"] is None:
            said = {"answer": event.text, "found": event.found}
            return said | {"answered_at": at, "ended_at": at, "evidence": " ".join(event.evidence)}
        case RecommendationAnswered() if row["answered_at"] is None:
            said = {"answer": event.reason, "outcome": event.outcome}
            return said | {"answered_at": at, "ended_at": at, "evidence": " ".join(event.evidence)}
        case LeaderReleased() if row["answered_at"] is None:
            ended = {"answered_at": at, "ended_at": at}
            return ended | {"outcome": event.ground, "closing": event.note}
        case DeadlineBreached() | BreachRetracted():
            return {"late": isinstance(event, DeadlineBreached)}
        case _:
            return {}
