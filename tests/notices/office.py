"""Supervision's own database in either home, with facts projected into it and a clock in hand."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.host.schema import ensure_schema
from libs.notify.deliveries import deliveries
from libs.notify.gateway import Gateway
from libs.notify.sender import Sender
from libs.rules.rules import shipped_rules
from libs.sourcing.database import open_database
from libs.sourcing.views import Views
from libs.vault.keys import Vault
from services.supervision.notices import NoticeClerk, plan
from services.supervision.projection import project, unit_notices
from services.supervision.recipients import Owner, Preferences, store
from services.supervision.schedules import fire
from services.supervision.service import service
from tests.spec import MONDAY

HORIZON = timedelta(hours=48)
RULES = shipped_rules()


class Office:
    """``now`` moves only when told to."""

    def __init__(self, url: str, root: Path) -> None:
        self.now: datetime = MONDAY
        self.database = open_database(url)
        ensure_schema(self.database, service)
        self.vault = Vault(
            open_database(f"sqlite:///{root}/vault.db?synchronous=OFF"), b"\x07" * 32
        )
        self.vault.prepare()
        self.clerk = NoticeClerk(self.vault, lambda: RULES.organisations, HORIZON)
        self._seq = 0

    def close(self) -> None:
        self.database.dispose()
        self.vault.close()

    # ------------------------------------------------------------------------------ what is known

    def recorded(self, event: Event, at: datetime | None = None) -> Recorded:
        """An event in its envelope, recorded now unless said otherwise."""
        self._seq += 1
        id_ = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{event.case_id}/{event.type()}/{self._seq}"))
        return Recorded(id_, event, self._seq, at or self.now, id_, id_)

    def hear(self, *events: Event, at: datetime | None = None) -> list[Recorded]:
        """Project facts."""
        heard = [self.recorded(event, at) for event in events]
        self.project(heard)
        return heard

    def project(self, heard: Sequence[Recorded]) -> None:
        with self.database.begin() as db:
            project(heard, Views(self.database, db))

    def forget_views(self) -> None:
        """What a rebuild does to derived tables before it fills them."""
        with self.database.begin() as db:
            for table in service.tables.sorted_tables:
                db.execute(sa.delete(table))

    def prefers(self, owner: Owner, **wanted: Any) -> None:
        """Set someone's preferences."""
        store(self.database, self.vault, owner, Preferences(**wanted), self.now)

    # ---------------------------------------------------------------------------- what is done

    def plan(self, *channels: str) -> int:
        with self.database.begin() as db:
            return plan(self.database, db, self.now, self.now - HORIZON, channels)[0]

    def fire(self) -> int:
        with self.database.begin() as db:
            return fire(self.database, db, self.now, RULES, "")

    def sender(self, channel: str, template: str, seconds: float = 5.0) -> Sender:
        gateway = Gateway(channel, template, seconds)
        return Sender(self.database, gateway, self.clerk, lambda: self.now, seconds)

    # --------------------------------------------------------------------------- what came of it

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with self.database.read() as db:
            query = sa.select(table).order_by(*table.primary_key)
            return [dict(row) for row in db.execute(query).mappings()]

    def sent_out(self) -> list[dict[str, Any]]:
        """Deliveries other than those of the list in the platform."""
        return [row for row in self.rows(deliveries) if row["channel"] != "inapp"]

    def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.sent_out():
            found[row["state"]] = found.get(row["state"], 0) + 1
        return found

    def lapse(self) -> None:
        """Let every claim run out, as it does by itself after some time."""
        with self.database.begin() as db:
            long_ago = MONDAY - timedelta(days=4000)
            db.execute(sa.update(deliveries).values(claimed_until=long_ago))

    def notices(self) -> list[dict[str, Any]]:
        return self.rows(unit_notices)


@asynccontextmanager
async def at_work(*senders: Sender) -> AsyncIterator[None]:
    """Senders at work, stopped gracefully at the end."""
    tasks = [asyncio.create_task(sender.work()) for sender in senders]
    try:
        yield
    finally:
        for sender in senders:
            await sender.stop()
        await asyncio.gather(*tasks)


async def until(true: Callable[[], Any], seconds: float = 15.0) -> None:
    """Wait for something that is to come by itself."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.02)
