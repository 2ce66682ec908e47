"""How cases are kept: put away, held, closed, erased, and what may be erased now. It decides nothing."""

from datetime import datetime

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.events.intake import (
    CaseArchived,
    CaseReopened,
    ContactDataErased,
    LegalHoldLifted,
    LegalHoldPut,
    PersonalDataErased,
    ProcessingRestricted,
    RestrictionLifted,
)
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views
from services.intake.groups import followings
from services.intake.projection import TABLES, cases

keepings = sa.Table(
    "keepings",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("archived_at", UtcTime),
    sa.Column("retention_class", sa.Text),
    sa.Column("contact_until", UtcTime),
    sa.Column("retain_until", UtcTime),
    sa.Column("hold", sa.Text),
    sa.Column("hold_reference", sa.Text),
    sa.Column("restricted", sa.Text),
    sa.Column("restricted_until", UtcTime),
    sa.Column("contact_erased_at", UtcTime),
    sa.Column("erased_at", UtcTime),
    sa.Column("next_at", UtcTime),
    sa.Index("keepings_next", "next_at", "case_id"),
)
"""One row per case of which there is something to say. ``hold_reference`` is ciphertext. ``next_at``: from when
on something may be erased that is not erased yet; none while a hold stands in the way."""


CHANGED_BY: frozenset[type[Event]] = frozenset(
    {
        CaseArchived,
        LegalHoldPut,
        LegalHoldLifted,
        ProcessingRestricted,
        RestrictionLifted,
        ContactDataErased,
        PersonalDataErased,
        CaseReopened,
    }
)
"""The facts that ``fold`` knows."""


def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    changed = _changed(row, recorded)
    return None if changed is None else changed | {"next_at": _next_at(changed)}


def _changed(row: Row, recorded: Recorded) -> Row | None:
    event = recorded.event
    match event:
        case CaseArchived():
            return row | {
                "archived_at": event.occurred_at,
                "retention_class": event.retention_class,
                "contact_until": event.contact_until,
                "retain_until": event.retain_until,
            }
        case LegalHoldPut():
            return row | {"hold": event.ground, "hold_reference": event.reference}
        case LegalHoldLifted():
            return row | {"hold": None, "hold_reference": None}
        case ProcessingRestricted():
            return row | {"restricted": event.ground, "restricted_until": event.until}
        case RestrictionLifted():
            return row | {"restricted": None, "restricted_until": None}
        case ContactDataErased():
            return row | {"contact_erased_at": event.occurred_at}
        case PersonalDataErased():
            return row | {"erased_at": event.occurred_at, "hold_reference": None}
        case CaseReopened() if row["archived_at"] is not None:
            gone = ("archived_at", "retention_class", "contact_until", "retain_until")
            return row | dict.fromkeys(gone)
        case _:
            return None


def _next_at(row: Row) -> datetime | None:
    if row["hold"] is not None or row["erased_at"] is not None:
        return None
    contact: datetime | None = None if row["contact_erased_at"] else row["contact_until"]
    words: datetime | None = row["restricted_until"] or row["retain_until"]
    return min((at for at in (contact, words) if at is not None), default=None)


def to_erase(views: Views, until: datetime, limit: int) -> list[Row]:
    """Cases of which something may be erased now, the longest kept first."""
    query = sa.select(keepings).where(keepings.c.next_at <= until)
    return views.rows(query.order_by(keepings.c.next_at, keepings.c.case_id).limit(limit))


def left_by_their_lead(views: Views, limit: int = 500) -> list[Row]:
    """Who ended with a case that was put away, or whose words are gone, and is not put away itself."""
    f, lead = followings.c, cases.c
    away = sa.func.coalesce(lead.archived_at, lead.erased_at, type_=UtcTime)
    query = (
        sa.select(f.link_id, f.case_id.label("follower"), away.label("away_at"))
        .join_from(followings, cases, lead.case_id == f.other_case)
        .where(f.relation == "concluded", away.is_not(None))
    )
    return views.rows(query.order_by(away, f.link_id).limit(limit))


def keeping_of(views: Views, case_id: str) -> Row | None:
    """How a case is kept; nothing if there is no such case."""
    if case_id not in views.load(cases, [case_id]):
        return None
    row = views.load(keepings, [case_id]).get(case_id)
    return row or dict.fromkeys(column.name for column in keepings.columns) | {"case_id": case_id}
