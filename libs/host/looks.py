"""Who looked at a citizen's words: on record before they are shown, in one batch. No word stands here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from libs.host.look import Look
from libs.host.open_looks import OpenLooks
from libs.host.problems import TooManyLooks
from libs.log.port import Outgoing
from libs.rules.looking import next_hour
from libs.sourcing.database import Database
from libs.sourcing.store import dump_headers
from libs.sourcing.tables import look_hours, looks, outbox
from libs.sourcing.views import Row, Views


@dataclass(slots=True)
class _Batch:
    """Looks that are written together, and until when each of them lasts once they are."""

    written: asyncio.Task[Mapping[str, datetime]]
    looks: list[Look] = field(default_factory=list)


class Looks:
    """Puts looks on record: one transaction at a time, and what comes meanwhile goes into the next."""

    def __init__(
        self,
        database: Database,
        topic: str,
        run: Callable[..., Awaitable[Any]],
        ring: Callable[[int], None],
        now: Callable[[], datetime],
        per_hour: int,
    ) -> None:
        self._database, self._topic, self._run, self._ring, self._now = (
            database,
            topic,
            run,
            ring,
            now,
        )
        self._open = OpenLooks(database, per_hour)
        self._one_at_a_time = asyncio.Lock()
        self._next: _Batch | None = None

    async def reveal(self, look: Look) -> datetime:
        """Until when the words may be read on as this look, or as the one that lasts already.

        Returns when it stands on the disk. Raises ``TooManyLooks``, or what kept it from being written: then
        nothing may be shown.
        """
        until = (await self._written(look)).get(look.key)
        if until is None:
            raise TooManyLooks(self._open.per_hour, next_hour(look.at) - look.at)
        return until

    async def refuse(self, look: Look) -> None:
        """Put on record what was asked for and refused, each time."""
        await self._written(look)

    async def _written(self, look: Look) -> Mapping[str, datetime]:
        if self._next is None:
            self._next = _Batch(asyncio.create_task(self._write_next()))
        batch = self._next
        batch.looks.append(look)
        return await asyncio.shield(batch.written)  # who hangs up takes no other's look away

    async def _write_next(self) -> Mapping[str, datetime]:
        async with self._one_at_a_time:
            batch, self._next = self._next, None
            assert batch is not None, "made by whoever looks first, taken here alone"
            until, records = await self._run(self._write, batch.looks)
        if records:
            self._ring(records)
        found: Mapping[str, datetime] = until
        return found

    def _write(self, batch: Sequence[Look]) -> tuple[Mapping[str, datetime], int]:
        """For the audit and for the citizen in one transaction: neither without the other."""
        now = self._now()
        self._open.forget(now)
        refused = [look for look in batch if look.kind == "AccessRefused"]
        with self._database.begin() as db:
            admitted = self._open.admit(db, [look for look in batch if look.kind != "AccessRefused"])
            new = [*admitted.begun, *refused]
            records = [look.for_audit(self._topic) for look in new]
            records += [met.for_audit(self._topic) for met in admitted.met]
            self._database.copy(db, outbox, [_row(record, now) for record in records])
            self._database.copy(db, looks, [look.for_the_citizen() for look in new])
        self._database.secure()
        return admitted.until, len(records)


def looks_of(views: Views, case_id: str, before: datetime | None, limit: int) -> list[Row]:
    """Who looked at a case here, the last first; those before an instant."""
    query = sa.select(looks).where(looks.c.case_id == case_id)
    if before is not None:
        query = query.where(looks.c.at < before)
    return views.rows(query.order_by(looks.c.at.desc(), looks.c.id.desc()).limit(limit))


def limits_met(views: Views, limit: int) -> list[Row]:
    """The accounts that met the hour's limit here, the last first."""
    met_at = look_hours.c.met_at
    query = sa.select(look_hours).where(met_at.is_not(None))
    return views.rows(query.order_by(met_at.desc(), look_hours.c.account).limit(limit))


def _row(record: Outgoing, now: datetime) -> Row:
    return {
        "topic": record.topic,
        "key": record.key,
        "headers": dump_headers(tuple(record.headers)),
        "value": record.value,
        "recorded_at": now,
    }
