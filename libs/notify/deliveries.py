"""What was to be sent to whom by which channel, and what became of it. It sends nothing.

A kept table: it says which notices were told already, so that tables built anew tell nothing twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from libs.sourcing.database import Database
from libs.sourcing.tables import UtcTime

Row = dict[str, Any]
WAITING, SENT, GAVE_UP, WITHDRAWN, TOO_OLD = "waiting", "sent", "gave_up", "withdrawn", "too_old"

KEPT = sa.MetaData()

deliveries = sa.Table(
    "deliveries",
    KEPT,
    sa.Column("delivery_id", sa.Text, primary_key=True),
    sa.Column("notice_id", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("case_id", sa.Text),
    sa.Column("recipient_id", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_try_at", UtcTime),
    sa.Column("claimed_by", sa.Text),
    sa.Column("claimed_until", UtcTime),
    sa.Column("last_error", sa.Text),
    sa.Column("noticed_at", UtcTime, nullable=False),
    sa.Column("sent_at", UtcTime),
    sa.Index("deliveries_notice", "notice_id"),
    sa.Index("deliveries_waiting", "channel", "state", "next_try_at"),
    sa.Index("deliveries_newest", "noticed_at"),
)
"""``key`` goes out with the message. ``claimed_until`` is of the database's clock, all else of ours.
``noticed_at``: when the notice came to be."""


def claim(
    database: Database, db: sa.Connection, channel: str, me: str, now: datetime, most: int, seconds: float
) -> list[Row]:
    """Take what is due on a channel for a while, in one statement; another replica takes the next ones.

    An attempt is counted before it is made: one that kills its process is not made for ever.
    """
    d = deliveries.c
    due = (
        sa.select(d.delivery_id)
        .where(d.channel == channel, d.state == WAITING, d.next_try_at <= now)
        .where(sa.or_(d.claimed_until.is_(None), d.claimed_until < _clock(database)))
        .order_by(d.next_try_at)
        .limit(most)
    )
    if database.locks:
        due = due.with_for_update(skip_locked=True)
    found = due.cte("due")  # as a subquery PostgreSQL may look again, and take more than asked for
    claimed = (
        sa.update(deliveries)
        .where(d.delivery_id.in_(sa.select(found.c.delivery_id)))
        .values(claimed_by=me, claimed_until=_clock(database, seconds), attempts=d.attempts + 1)
        .returning(*deliveries.c)
    )
    return [dict(row) for row in db.execute(claimed).mappings()]


def note(database: Database, db: sa.Connection, me: str, rows: Sequence[Row]) -> None:
    """Write what became of claimed deliveries, in one statement. A claim that ran out meanwhile may be
    another's: then only a message that was sent is news."""
    if not rows:
        return
    place = list(deliveries.c.keys()).index("claimed_by")
    ids = [row["delivery_id"] for row in rows]
    found = database.fetch(db, deliveries, "delivery_id", ids, lock=True)
    mine = {row[0] for row in found if row[place] == me}
    there = {row[0] for row in found}
    database.write(
        db,
        deliveries,
        [
            row | {"claimed_by": None, "claimed_until": None}
            for row in rows
            if row["delivery_id"] in (there if row["state"] == SENT else mine)
        ],
    )


def forget(db: sa.Connection, before: datetime, most: int) -> int:
    """Strike what is about notices older than that out of the log, at most so many in one statement; says
    how many."""
    d = deliveries.c
    old = sa.select(d.delivery_id).where(d.noticed_at < before).order_by(d.noticed_at).limit(most)
    return db.execute(sa.delete(deliveries).where(d.delivery_id.in_(old))).rowcount


def next_try(db: sa.Connection, channel: str) -> datetime | None:
    """When the first waiting delivery of a channel falls due."""
    d = deliveries.c
    query = sa.select(d.next_try_at).where(d.channel == channel, d.state == WAITING)
    return db.execute(query.order_by(d.next_try_at).limit(1)).scalar()


def _clock(database: Database, ahead: float = 0.0) -> sa.ColumnElement[Any]:
    """The database's own clock, so many seconds ahead."""
    if database.locks:
        return sa.literal_column(f"clock_timestamp() + interval '{ahead} seconds'")
    moved = f", '+{ahead} seconds'" if ahead else ""
    return sa.literal_column(f"strftime('%Y-%m-%dT%H:%M:%f', 'now'{moved}) || '000+00:00'")
