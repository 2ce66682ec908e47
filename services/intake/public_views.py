"""What of cases is public, and what waits to become so. Everything in words is ciphertext. It decides nothing."""

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.events.intake import (
    CasePublished,
    CaseRegistered,
    CaseReopened,
    CaseUnpublished,
    ConsentChanged,
    PersonalDataErased,
    ProcessingRestricted,
    RedactionProposed,
    RedactionReturned,
)
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views
from services.intake.projection import TABLES, cases

publications = sa.Table(
    "publications",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("consent", sa.Boolean, default=False),
    sa.Column("publicity", sa.Text),
    sa.Column("redaction_id", sa.Text),
    sa.Column("proposed_by", sa.Text),
    sa.Column("proposed_at", UtcTime),
    sa.Column("draft_title", sa.Text),
    sa.Column("draft_question", sa.Text),
    sa.Column("draft_answer", sa.Text),
    sa.Column("return_reason", sa.Text),
    sa.Column("publication_id", sa.Text),
    sa.Column("published_at", UtcTime),
    sa.Column("category", sa.Text),
    sa.Column("unit_id", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("question", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Index("publications_id", "publication_id", unique=True),
    sa.Index("publications_newest", "published_at", "publication_id"),
    sa.Index("publications_waiting", "publicity", "proposed_at"),
)
"""One row per case whose citizen ever agreed. ``publicity``: private, consented, redaction_review or published
(domain 2.1). What was taken back leaves nothing of its text."""
NO_DRAFT: Row = dict.fromkeys(
    ("redaction_id", "proposed_by", "proposed_at", "draft_title", "draft_question", "draft_answer")
)
NOT_PUBLIC: Row = dict.fromkeys(
    ("publication_id", "published_at", "category", "unit_id", "title", "question", "answer")
)


CHANGED_BY: frozenset[type[Event]] = frozenset(
    {
        CaseRegistered,
        ConsentChanged,
        RedactionProposed,
        RedactionReturned,
        CasePublished,
        CaseUnpublished,
        CaseReopened,
        PersonalDataErased,
        ProcessingRestricted,
    }
)
"""The facts that ``fold`` knows."""


def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case CaseRegistered() if event.consent.publish:
            return row | {"consent": True, "publicity": "consented"}
        case ConsentChanged() if event.publish:
            return row | {"consent": True, "publicity": _moved_on(row) or "consented"}
        case ConsentChanged():
            return row | NO_DRAFT | {"consent": False, "publicity": _published(row) or "private"}
        case RedactionProposed():
            return row | {
                "publicity": "redaction_review",
                "redaction_id": event.redaction_id,
                "proposed_by": event.actor.id,
                "proposed_at": event.occurred_at,
                "draft_title": event.title,
                "draft_question": event.question,
                "draft_answer": event.answer,
                "return_reason": None,
            }
        case RedactionReturned():
            return row | NO_DRAFT | {"publicity": "consented", "return_reason": event.reason}
        case CasePublished():
            return row | NO_DRAFT | {
                "publicity": "published",
                "publication_id": event.publication_id,
                "published_at": event.occurred_at,
                "category": event.category,
                "unit_id": event.unit_id,
                "title": event.title,
                "question": event.question,
                "answer": event.answer,
            }
        case CaseUnpublished():
            return row | NOT_PUBLIC | {"publicity": "consented" if row["consent"] else "private"}
        case CaseReopened() if row["publicity"] is not None:
            consented = "consented" if row["consent"] else "private"
            return row | NO_DRAFT | NOT_PUBLIC | {"publicity": consented}
        case PersonalDataErased() | ProcessingRestricted() if row["publicity"] is not None:
            gone = NO_DRAFT | NOT_PUBLIC | {"publicity": "private", "return_reason": None}
            return row | gone
        case _:
            return None


def _moved_on(row: Row) -> str | None:
    return row["publicity"] if row["publicity"] in ("redaction_review", "published") else None


def _published(row: Row) -> str | None:
    """Until it is said that the text was taken back, which is said with the consent's end."""
    return row["publicity"] if row["publicity"] == "published" else None


def published(
    views: Views, category: str | None, unit_id: str | None, page: int, size: int
) -> list[Row]:
    """A page of what is public, the newest first. ``category``: a code or how codes begin."""
    query = sa.select(publications).where(publications.c.published_at.is_not(None))
    if category is not None:
        query = query.where(publications.c.category.startswith(category, autoescape=True))
    if unit_id is not None:
        query = query.where(publications.c.unit_id == unit_id)
    newest = query.order_by(publications.c.published_at.desc(), publications.c.publication_id)
    return views.rows(newest.limit(size).offset((page - 1) * size))


def published_text(views: Views, publication_id: str) -> Row | None:
    """One text that is public."""
    query = sa.select(publications).where(publications.c.publication_id == publication_id)
    return next(iter(views.rows(query.limit(1))), None)


def to_publish(
    views: Views, publicity: str, publication_id: str | None, limit: int
) -> list[Row]:
    """Cases in a state of publicity; of those agreed to, the closed ones alone. The oldest first."""
    status, of_case = cases.c.status.label("status"), cases.c.category.label("case_category")
    query = (
        sa.select(publications, status, of_case, cases.c.unit_id.label("case_unit"))
        .join(cases, cases.c.case_id == publications.c.case_id)
        .where(publications.c.publicity == publicity)
    )
    if publicity == "consented":
        query = query.where(cases.c.status == "closed")
    if publication_id is not None:
        query = query.where(publications.c.publication_id == publication_id)
    oldest = (publications.c.proposed_at, cases.c.ended_at, publications.c.case_id)
    return views.rows(query.order_by(*oldest).limit(limit))


def publication_of(views: Views, case_id: str) -> Row | None:
    """How public a case is; nothing if there is no such case."""
    if case_id not in views.load(cases, [case_id]):
        return None
    row = views.load(publications, [case_id]).get(case_id)
    empty: Row = dict.fromkeys(column.name for column in publications.columns)
    return row or empty | {"case_id": case_id, "consent": False, "publicity": "private"}
