"""Which notice goes to whom: makes deliveries out of notices, and says what each message holds when it leaves.

It sends nothing and states no fact. Every notice has one delivery ``inapp``, for the list in the platform; that
it is there says that the notice was told, so tables built anew tell nothing twice.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from libs.notify.deliveries import GAVE_UP, SENT, TOO_OLD, WAITING, WITHDRAWN, Row, deliveries
from libs.notify.sender import Later, Letter, Never, Verdict
from libs.rules.organisations import Organisations
from libs.rules.roles import Role
from libs.sourcing.database import Database
from libs.sourcing.tables import UtcTime
from libs.vault.keys import Vault
from libs.vault.sealing import Unreadable, open_text
from services.supervision.beyond import LEADERS
from services.supervision.kept import recipients, scheduled_notices
from services.supervision.projection import unit_notices, watches
from services.supervision.recipients import quiet_until, wants
from services.supervision.wording import Notice, NoticeKind, say

INAPP = "inapp"
LIMIT = 500
TOLD_AS_LEADERS = (Role.LEADER.value, Role.SUPERVISOR.value)
NAMESPACE = uuid.UUID("3f1b8c52-8f64-5c0b-8a77-51f1d4d0f6c3")
MOVES_ON = ("SIGN", "CONTACT", "HANDLE")
"""Steps of which nobody need be warned once the citizen has the answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice of either source, as planning sees it."""

    notice_id: str
    key: str
    kind: str
    noticed_at: datetime
    unit_id: str | None = None
    case_id: str | None = None
    handler: str | None = None
    retracted: bool = False
    audience: str | None = None


# ----------------------------------------------------------------------------------- planning


def unplanned(
    db: sa.Connection,
    since: datetime | None,
    until: datetime | None,
    after: tuple[Any, ...] = (),
    most: int = LIMIT,
) -> list[Told]:
    """Notices that have no delivery yet, the oldest first, made since, before ``until``, ``after`` another."""
    n, w = unit_notices.c, watches.c
    handler = sa.case((w.unit_id == n.unit_id, w.handler), else_=None).label("handler")
    query = sa.select(
        n.notice_id, n.event_id, n.kind, n.recorded_at, n.unit_id, n.case_id, handler, n.retracted
    ).outerjoin_from(unit_notices, watches, w.case_id == n.case_id)
    found = [Told(*row) for row in db.execute(_window(query, unit_notices, since, until, after, most))]
    s = scheduled_notices.c
    listed = sa.select(s.notice_id, s.kind, s.recorded_at, s.audience)
    window = _window(listed, scheduled_notices, since, until, after, most)
    for id_, kind, at, audience in db.execute(window):
        found.append(Told(id_, id_, kind, at, audience=audience))
    return sorted(found, key=lambda told: (told.noticed_at, told.notice_id))[:most]


def _window(
    query: sa.Select[Any],
    table: sa.Table,
    since: datetime | None,
    until: datetime | None,
    after: tuple[Any, ...],
    most: int,
) -> sa.Select[Any]:
    at, id_ = table.c.recorded_at, table.c.notice_id
    told = sa.select(sa.literal(1)).where(deliveries.c.notice_id == id_)
    query = query.where(~sa.exists(told))
    if since is not None:
        query = query.where(at >= since)
    if until is not None:
        query = query.where(at < until)
    if after:  # as one pair, so that the index leads there
        last = sa.tuple_(sa.literal(after[0], UtcTime), sa.literal(after[1]))
        query = query.where(sa.tuple_(at, id_) > last)
    return query.order_by(at, id_).limit(most)


def plan(
    database: Database,
    db: sa.Connection,
    now: datetime,
    since: datetime,
    channels: Sequence[str],
    after: tuple[Any, ...] = (),
) -> tuple[int, tuple[Any, ...]]:
    """Make the deliveries of what is new since and ``after`` another: for how many notices, and where to go
    on, nothing at the end. ``Conflict`` if another replica did."""
    found = unplanned(db, since, None, after)
    people = _concerned(db, found) if channels else []
    rows = [row for told in found for row in _deliveries(told, people, channels, now)]
    database.copy(db, deliveries, rows)
    return len(found), _place_of_the_last(found)


def _place_of_the_last(found: Sequence[Told]) -> tuple[Any, ...]:
    """Where to go on after a part; nothing if it was the last."""
    return (found[-1].noticed_at, found[-1].notice_id) if len(found) == LIMIT else ()


def write_off(
    database: Database,
    db: sa.Connection,
    now: datetime,
    horizon: timedelta,
    after: tuple[Any, ...],
    kept_since: datetime | None = None,
) -> tuple[Any, ...]:
    """Log what is too old to be told, a part at a time; gives where to go on, nothing at the end.

    After a database was lost, or when notices are sent for the first time, last year's are not sent now.
    What the log no longer holds is not logged again: it keeps only what was made since ``kept_since``.
    """
    found = unplanned(db, kept_since, now - horizon, after)
    rows = [_delivery(told, _home(told), INAPP, TOO_OLD, now) for told in found]
    database.copy(db, deliveries, rows)
    return _place_of_the_last(found)


def _concerned(db: sa.Connection, found: Sequence[Told]) -> list[Row]:
    """The recipients whom any of these notices may be for, in one statement."""
    r = recipients.c
    ids = {_home(told) for told in found} | {f"person/{t.handler}" for t in found if t.handler}
    units = {told.unit_id for told in found if told.unit_id} | {
        told.audience.removeprefix("unit/") for told in found if told.audience
    }
    asked = [r.recipient_id.in_(sorted(ids)), r.unit_id.in_(sorted(units))]
    if any(_is_for_leaders(_home(told)) for told in found):
        asked.append(r.role.in_(TOLD_AS_LEADERS))
    return [dict(row) for row in db.execute(sa.select(recipients).where(sa.or_(*asked))).mappings()]


def _home(told: Told) -> str:
    """In whose list a notice stands."""
    return told.audience or f"unit/{told.unit_id}"


def _is_for_leaders(home: str) -> bool:
    """A list for them, or a fact that concerns them."""
    return home in (LEADERS, f"unit/{LEADERS}")


def _is_for(told: Told, recipient: Mapping[str, Any]) -> bool:
    """A unit's notice is for the unit, for who has the case in hand there, and for who wants all of the unit."""
    home = _home(told)
    if _is_for_leaders(home):
        return recipient["role"] in TOLD_AS_LEADERS
    if recipient["recipient_id"] in (home, f"person/{told.handler}"):
        return True
    return recipient["scope"] == "unit" and home == f"unit/{recipient['unit_id']}"


def _deliveries(
    told: Told, people: Sequence[Row], channels: Sequence[str], now: datetime
) -> list[Row]:
    rows = [_delivery(told, _home(told), INAPP, WITHDRAWN if told.retracted else SENT, now)]
    if told.retracted:
        return rows
    for recipient in people:
        if _is_for(told, recipient):
            for channel in channels:
                if wants(recipient, channel, told.kind):
                    rows.append(_delivery(told, recipient["recipient_id"], channel, WAITING, now))
    return rows


def _delivery(told: Told, recipient_id: str, channel: str, state: str, now: datetime) -> Row:
    """``key`` begins with the event's id and differs by recipient and channel: one gateway may have
    several messages about one event, and drops none of them."""
    whose = f"{recipient_id}|{channel}"
    return {
        "delivery_id": str(uuid.uuid5(NAMESPACE, f"{told.notice_id}|{whose}")),
        "notice_id": told.notice_id,
        "key": f"{told.key}.{hashlib.sha256(whose.encode()).hexdigest()[:12]}",
        "kind": told.kind,
        "case_id": told.case_id,
        "recipient_id": recipient_id,
        "channel": channel,
        "state": state,
        "attempts": 0,
        "next_try_at": now if state == WAITING else None,
        "claimed_by": None,
        "claimed_until": None,
        "last_error": None,
        "noticed_at": told.noticed_at,
        "sent_at": now if state == SENT else None,
    }


# ------------------------------------------------------------------------------------ sending


@dataclass(frozen=True, slots=True)
class NoticeClerk:
    """Says at the moment of sending what a delivery holds, or why it is not sent; the sender's ``Clerk``."""

    vault: Vault
    units: Callable[[], Organisations]
    horizon: timedelta

    def judge(self, db: sa.Connection, rows: Sequence[Row], now: datetime) -> dict[str, Verdict]:
        """Three statements for all rows: the recipients, and the notices of either source."""
        people = _rows_by(db, recipients, "recipient_id", {row["recipient_id"] for row in rows})
        ids = {row["notice_id"] for row in rows}
        told, listed = _facts(db, ids), _rows_by(db, scheduled_notices, "notice_id", ids)
        return {
            row["delivery_id"]: self._judge_one(
                row,
                people.get(row["recipient_id"]),
                told.get(row["notice_id"]) or listed.get(row["notice_id"]),
                now,
            )
            for row in rows
        }

    def _judge_one(
        self, row: Row, recipient: Row | None, notice: Row | None, now: datetime
    ) -> Verdict:
        """One that cannot be judged, such as of a kind that only a newer release knows, holds up no other."""
        try:
            return self._judge(row, recipient, notice, now)
        except (ValueError, KeyError) as error:
            return Never(GAVE_UP, f"cannot be written: {type(error).__name__}")

    def _judge(self, row: Row, recipient: Row | None, notice: Row | None, now: datetime) -> Verdict:
        if now - row["noticed_at"] > self.horizon:
            hours = self.horizon.total_seconds() / 3600
            return Never(TOO_OLD, f"older than {hours:g} h")
        if recipient is None or not wants(recipient, row["channel"], row["kind"]):
            return Never(WITHDRAWN, "no longer wanted")
        if notice is None:
            return Never(WITHDRAWN, "the notice is gone")
        if notice.get("retracted"):
            return Never(WITHDRAWN, "the breach was taken back")
        if _is_past(notice):
            return Never(WITHDRAWN, "the case has moved on")
        end = quiet_until(recipient, now)
        if end is not None and notice.get("sla_class") != "E":
            return Later(end)
        title, body = say(as_notice(notice), recipient["language"], self.units())
        sealed = json.loads(recipient["addresses"])[row["channel"]]
        return Letter(sealed, recipient["key_id"], title, body)

    def open(self, letters: Mapping[str, Letter]) -> dict[str, str]:
        """The addresses, opened at the last moment and kept nowhere."""
        keys = self.vault.read({letter.key_id for letter in letters.values()})
        found = {}
        for delivery_id, letter in letters.items():
            key = keys.get(letter.key_id)
            if key is not None:
                try:
                    found[delivery_id] = open_text(letter.sealed, letter.key_id, key)
                except Unreadable:
                    continue
        return found


def as_notice(row: Mapping[str, Any]) -> Notice:
    """A row of either source as what there is to say."""
    content = row.get("content")
    return Notice(
        kind=NoticeKind(row["kind"]),
        unit_id=row.get("unit_id"),
        receipt_no=row.get("receipt_no"),
        timer=row.get("timer"),
        due_at=row.get("due_at"),
        content=json.loads(content) if content else None,
    )


def _is_past(notice: Mapping[str, Any]) -> bool:
    """A warning that waited for a gateway while the case was answered would only disturb."""
    warns = notice["kind"] in (NoticeKind.AMBER, NoticeKind.RED, NoticeKind.ASSIGNED)
    step = (notice.get("timer") or "").partition(".")[0]
    return warns and step in MOVES_ON and notice.get("status") in ("answered", "ended")


def _facts(db: sa.Connection, ids: set[str]) -> dict[str, Row]:
    query = facts_query().where(unit_notices.c.notice_id.in_(sorted(ids)))
    return {row["notice_id"]: dict(row) for row in db.execute(query).mappings()}


def facts_query() -> sa.Select[Any]:
    """Units' notices with what their cases show now."""
    w = watches.c
    return sa.select(
        *unit_notices.c, w.receipt_no, w.sla_class, w.status, w.handler
    ).outerjoin_from(unit_notices, watches, w.case_id == unit_notices.c.case_id)


def _rows_by(db: sa.Connection, table: sa.Table, column: str, values: set[str]) -> dict[str, Row]:
    query = sa.select(table).where(table.c[column].in_(sorted(values)))
    return {row[column]: dict(row) for row in db.execute(query).mappings()}
