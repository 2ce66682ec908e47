"""When a case came on the list of old cases (积案) and why it was taken off again. It decides nothing."""

from collections.abc import Sequence

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.events.intake import PersonalDataErased
from libs.events.supervision import OldCaseDelisted, OldCaseListed
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views
from services.supervision.duty_views import TABLES

old_listings = sa.Table(
    "old_listings",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("listed_at", UtcTime),
    sa.Column("ground", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("delisted_at", UtcTime),
    sa.Column("reason", sa.Text),
)
"""One row per case that was ever listed, of the last time. ``WORDS`` are ciphertext and are opened for a reader,
on record."""
WORDS = ("note", "reason")
CHANGED_BY: frozenset[type[Event]] = frozenset({OldCaseListed, OldCaseDelisted, PersonalDataErased})
"""The facts that ``fold`` knows."""


def project_old_cases(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the table; few cases grow old, so mostly nothing is read or written."""
    views.fold(old_listings, heard, fold, CHANGED_BY)


def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event. It is the same in a later round: a case does not grow young."""
    event = recorded.event
    match event:
        case OldCaseListed():
            listed = {"listed_at": event.occurred_at, "ground": event.ground, "note": event.note}
            return row | listed | {"delisted_at": None, "reason": None}
        case OldCaseDelisted():
            return row | {"delisted_at": event.occurred_at, "reason": event.reason}
        case PersonalDataErased() if row["listed_at"] is not None:
            return row | dict.fromkeys(WORDS)
        case _:
            return None


def old_listing(views: Views, case_id: str) -> Row | None:
    """How a case came on the list and off it; nothing if it never was there."""
    return views.load(old_listings, [case_id]).get(case_id)
