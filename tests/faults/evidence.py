"""What can be seen of a platform from outside: its whole log, and every row of every service's tables.

It only looks, but for the rebuild, which is done by the platform's own tool. No test stands here.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from rich.console import Console

from libs.events.base import Recorded
from libs.events.envelope import decode, read_attributes
from libs.host.settings import Settings
from libs.log.scan import open_scan
from libs.sourcing.database import open_database
from libs.sourcing.store import load_headers
from libs.sourcing.tables import DERIVED, events, heads, outbox, positions, quarantine
from services.list import NAMES, service_named
from tools.rebuild import show

Row = dict[str, Any]
Tables = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Lying:
    """A fact and where it lies in the log."""

    partition: int
    offset: int
    recorded: Recorded

    @property
    def place(self) -> tuple[str, str, int]:
        """Case, owner and number: one fact."""
        event = self.recorded.event
        return event.case_id, event.owner(), self.recorded.seq


@dataclass(slots=True)
class Evidence:
    """``log`` in order per partition; ``own`` each service's streams, ``views`` its derived tables,
    ``rebuilt`` the same after a rebuild."""

    log: Sequence[Lying]
    own: Mapping[str, Sequence[Recorded]]
    views: Mapping[str, Tables] = field(default_factory=dict)
    rebuilt: Mapping[str, Tables] = field(default_factory=dict)

    def taken(self) -> list[Lying]:
        """What a reader takes: what is numbered no higher than what it had of the same owner is dropped."""
        last: dict[tuple[str, str], int] = {}
        found = []
        for lying in self.log:
            case_id, owner, seq = lying.place
            if seq > last.get((case_id, owner), 0):
                last[case_id, owner] = seq
                found.append(lying)
        return found


async def read_log(settings: Settings) -> list[Lying]:
    """Every record of the topic of cases."""
    topic = settings.topics().case_events
    scan = await open_scan(settings.log_url)
    found = []
    try:
        async for records in scan.read(topic, {}, await scan.ends(topic)):
            for record in records:
                recorded = decode(read_attributes(record.headers), record.value or b"")
                assert record.key == recorded.event.case_id.encode()
                found.append(Lying(record.partition, record.offset, recorded))
    finally:
        await scan.close()
    return sorted(found, key=lambda lying: (lying.partition, lying.offset))


def rows_of(settings: Settings, service: str, table: sa.Table) -> list[Row]:
    """All rows of a table, by its primary key."""
    database = open_database(settings.database_of(service))
    try:
        with database.read() as db:
            query = sa.select(table).order_by(*table.primary_key)
            return [dict(row) for row in db.execute(query).mappings()]
    finally:
        database.dispose()


def derived(settings: Settings, service: str) -> Tables:
    """Every row of every derived table."""
    tables = [*DERIVED.sorted_tables, *service_named(service).tables.sorted_tables]
    return {table.name: rows_of(settings, service, table) for table in tables}


def own_stream(settings: Settings, service: str) -> list[Recorded]:
    """What a service has stated, by case and number."""
    return [
        decode(read_attributes(load_headers(row["headers"])), row["value"])
        for row in rows_of(settings, service, events)
    ]


def gather(settings: Settings) -> Evidence:
    """Look at everything, then rebuild each service's tables and look at these again."""
    log = asyncio.run(read_log(settings))
    own = {name: own_stream(settings, name) for name in NAMES}
    views = {name: derived(settings, name) for name in NAMES}
    quiet = Console(quiet=True)
    for name in NAMES:
        asyncio.run(show(name, settings, quiet))
    return Evidence(log, own, views, {name: derived(settings, name) for name in NAMES})


# -------------------------------------------------------------------------------- coming to rest


def unrest(settings: Settings, log: Sequence[Lying] | None = None) -> list[str]:
    """What is still to be done, a sentence each; with the log also what was not heard of it."""
    found = []
    now = datetime.now(UTC)
    for name in NAMES:
        service = service_named(name)
        unsent = len(rows_of(settings, name, outbox))
        if unsent:
            found.append(f"{name} has {unsent} rows unsent")
        aside = rows_of(settings, name, quarantine)
        if aside:
            found.append(
                f"{name} has put {len(aside)} records aside, the first for {aside[0]['reason']}"
            )
        due = sum(
            row["wake_at"] is not None and row["wake_at"] <= now
            for row in rows_of(settings, name, heads)
        )
        if due:
            found.append(f"{name} has {due} cases with something due")
        if log is not None:
            heard = {event.type() for event in service.hears}
            topic = settings.topics().case_events
            stands = {
                row["partition"]: row["next"]
                for row in rows_of(settings, name, positions)
                if row["topic"] == topic
            }
            behind = sum(
                lying.offset >= stands.get(lying.partition, 0)
                and (lying.recorded.event.type() in heard or lying.recorded.event.owner() == name)
                for lying in log
            )
            if behind:
                found.append(f"{name} has {behind} records to hear")
    return found


def until_rest(settings: Settings, seconds: float) -> list[str]:
    """Wait until nothing is to be done; what is still to be done when the time is over."""
    until = time.monotonic() + seconds
    while True:
        left = unrest(settings)
        if not left:
            left = unrest(settings, asyncio.run(read_log(settings)))
        if not left or time.monotonic() > until:
            return left
        time.sleep(1.0)
