"""Brings what a service has stated from its outbox to the log. It never decides what to send."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa

from libs.log.port import EventLog, Outgoing
from libs.sourcing.database import TRANSIENT, Conflict, Database
from libs.sourcing.store import load_headers
from libs.sourcing.tables import leases, outbox

logger = logging.getLogger(__name__)
LIMIT = 500
LEASE_SECONDS = 6
IDLE_SECONDS = 1.0
"""How often an idle relay looks for what another replica may have left."""

TAKE = f"SELECT id, topic, key, headers, value FROM outbox ORDER BY id LIMIT {LIMIT}"
SQLITE_NOW = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'"

Run = Callable[..., Awaitable[Any]]


class Relay:
    """One per process; one at a time per service has the lease, by the database's clock.

    A row leaves only after the log's acknowledgement. A crash between the two sends it again, and
    readers drop it by its number. Rows are never paged by an id watermark: identity order is not
    commit order.
    """

    def __init__(self, database: Database, log: EventLog, run: Run, pace: float) -> None:
        self._database, self._log, self._run, self._pace = database, log, run, pace
        self._leased_until = 0.0
        self._refused_since: float | None = None
        self._waits = False
        self._owner = uuid.uuid4().hex
        self._bell = asyncio.Event()
        self._level = asyncio.Event()
        self._stopping = False
        self.relayed = 0
        self.depth = 0
        self.on_relayed: Callable[[int], None] = lambda count: None
        self.on_level: Callable[[], None] = lambda: None

    def ring(self, added: int) -> None:
        """Something was stated."""
        self.depth += added
        self._level.clear()
        self._bell.set()

    async def work(self) -> None:
        """Until cancelled: take, send, delete."""
        sent: list[int] = []
        pause = 0.1
        while True:
            try:
                looked_at = time.monotonic()
                self._bell.clear()
                rows = await self._run(self._next, sent)
                if rows is None:
                    self._refused_since = self._refused_since or looked_at
                    if self._waits and looked_at - self._refused_since < LEASE_SECONDS:
                        await asyncio.sleep(LEASE_SECONDS / 10)  # who has the lease may be dead:
                        continue  # what waits here is then ours to send, and a stop must not leave it
                else:
                    self._refused_since = None
                    self.relayed += len(sent)
                    self.on_relayed(len(sent))
                    self.depth = max(0, self.depth - len(sent))
                sent = []
                if not rows:
                    self.depth = 0 if not self._bell.is_set() else self.depth
                    if self.depth == 0:
                        self._level.set()
                        self.on_level()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._bell.wait(), IDLE_SECONDS)
                    continue
                await self._log.append(
                    [Outgoing(t, key, load_headers(h), bytes(v)) for _, t, key, h, v in rows]
                )
                sent = [row[0] for row in rows]
                pause = 0.1
                if len(rows) < LIMIT:  # what is stated meanwhile goes with the deletion of these
                    await asyncio.sleep(max(0.0, looked_at + self._pace - time.monotonic()))
            except Exception as error:
                expected = isinstance(error, (*TRANSIENT, Conflict))
                logger.log(
                    logging.WARNING if expected else logging.ERROR,
                    "relay: %s: %s",
                    type(error).__name__,
                    error,
                )
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    def _next(self, sent: list[int]) -> list[Any] | None:
        """Delete what was acknowledged and take what is next; ``None`` if another has the lease."""
        with self._database.begin() as db:
            if not self._hold_lease(db):
                waits = self._database.drive(db, "SELECT 1 FROM outbox LIMIT 1")
                self._waits = waits.fetchone() is not None
                return None
            self._database.relax(db)  # a row that comes back is sent twice, and dropped by its number
            if sent:
                self._database.remove(db, outbox, "id", sent)
            rows: list[Any] = self._database.drive(db, TAKE).fetchall()
            return rows

    def _hold_lease(self, db: sa.Connection) -> bool:
        """Whether this process may send. It takes or renews the lease now and then, checks it always."""
        postgres = self._database.locks
        now = "clock_timestamp()" if postgres else SQLITE_NOW
        me, mark = (self._owner,), self._database.mark
        if time.monotonic() < self._leased_until - LEASE_SECONDS / 2:
            mine = f"SELECT 1 FROM leases WHERE name = 'relay' AND owner = {mark} AND expires_at > {now}"
            if self._database.drive(db, mine, me).fetchone() is not None:
                return True
        until = (
            f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'"
            if postgres
            else SQLITE_NOW.replace("'now'", f"'now', '+{LEASE_SECONDS} seconds'")
        )
        take = (
            f"INSERT INTO leases (name, owner, expires_at) VALUES ('relay', {mark}, {until}) "
            "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at "
            f"WHERE leases.owner = excluded.owner OR leases.expires_at < {now}"
        )
        taken: int = self._database.drive(db, take, me).rowcount
        self._leased_until = time.monotonic() + LEASE_SECONDS
        return taken == 1

    async def let_go(self) -> None:
        """Give the lease back, so that the next process need not wait for it to run out."""

        def delete() -> None:
            with self._database.begin() as db:
                mine = (leases.c.name == "relay") & (leases.c.owner == self._owner)
                db.execute(sa.delete(leases).where(mine))

        with contextlib.suppress(*TRANSIENT):
            await self._run(delete)

    async def drain(self, seconds: float) -> bool:
        """Wait until the outbox is empty, as far as this process knows."""
        self._bell.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._level.wait(), seconds)
        return self._level.is_set()
