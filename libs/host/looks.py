"""Who looked at a citizen's words: on record before they are shown, in one batch. No word stands here, and
what is kept for the citizen names no account."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from libs.log.port import Outgoing
from libs.rules.rights import Principal
from libs.rules.roles import Role
from libs.sourcing.database import Database
from libs.sourcing.store import dump_headers
from libs.sourcing.tables import looks, outbox
from libs.sourcing.views import Row, Views

Kind = Literal["PersonalDataRevealed", "AccessRefused"]
OTHER_CITIZEN = "citizen_of_the_same_matter"
"""In the stead of a role: who reads the answer of the case that the own one was merged into."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look, or one that was refused, at what was written in a case."""

    kind: Kind
    case_id: str
    principal: Principal
    service: str
    purpose: str
    at: datetime

    def for_audit(self, topic: str) -> Outgoing:
        """As the audit topic has it: with the account."""
        said = {
            "case_id": self.case_id,
            "by": self.principal.id,
            "role": self.principal.role.value,
            "unit": self.principal.unit_id,
            "service": self.service,
            "purpose": self.purpose,
            "at": self.at.isoformat(),
        }
        headers = (
            ("ce_specversion", b"1.0"),
            ("ce_id", str(uuid.uuid4()).encode()),
            ("ce_type", f"audit.{self.kind}".encode()),
            ("ce_source", f"/{self.service}".encode()),
            ("ce_subject", self.case_id.encode()),
            ("ce_time", self.at.isoformat().encode()),
        )
        return Outgoing(topic, self.case_id, headers, json.dumps(said).encode())

    def for_the_citizen(self) -> Row:
        """As the citizen may read it (PIPL Art. 44): role, unit, purpose and instant."""
        me = self.principal
        other = me.role is Role.CITIZEN and me.case_id != self.case_id
        return {
            "case_id": self.case_id,
            "at": self.at,
            "role": OTHER_CITIZEN if other else me.role.value,
            "unit_id": me.unit_id,
            "purpose": self.purpose,
            "refused": self.kind == "AccessRefused",
        }


@dataclass(slots=True)
class _Batch:
    """Looks that are written together, and when they are."""

    written: asyncio.Task[None]
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
    ) -> None:
        self._database, self._topic, self._run, self._ring, self._now = (
            database,
            topic,
            run,
            ring,
            now,
        )
        self._one_at_a_time = asyncio.Lock()
        self._next: _Batch | None = None

    async def record(self, look: Look) -> None:
        """Returns when it stands on the disk. Raises what kept it from it: then nothing may be shown."""
        if self._next is None:
            self._next = _Batch(asyncio.create_task(self._write_next()))
        self._next.looks.append(look)
        await asyncio.shield(self._next.written)  # who hangs up takes no other's look away

    async def _write_next(self) -> None:
        async with self._one_at_a_time:
            batch, self._next = self._next, None
            assert batch is not None, "made by whoever looks first, taken here alone"
            await self._run(self._write, batch.looks)
        self._ring(len(batch.looks))

    def _write(self, batch: Sequence[Look]) -> None:
        """For the audit and for the citizen in one transaction: neither without the other."""
        with self._database.begin() as db:
            now = self._now()
            records = [look.for_audit(self._topic) for look in batch]
            self._database.copy(db, outbox, [_row(record, now) for record in records])
            self._database.copy(db, looks, [look.for_the_citizen() for look in batch])
        self._database.secure()


def looks_of(views: Views, case_id: str, before: datetime | None, limit: int) -> list[Row]:
    """Who looked at a case here, the last first; those before an instant."""
    query = sa.select(looks).where(looks.c.case_id == case_id)
    if before is not None:
        query = query.where(looks.c.at < before)
    return views.rows(query.order_by(looks.c.at.desc(), looks.c.id.desc()).limit(limit))


def _row(record: Outgoing, now: datetime) -> Row:
    return {
        "topic": record.topic,
        "key": record.key,
        "headers": dump_headers(tuple(record.headers)),
        "value": record.value,
        "recorded_at": now,
    }
