"""Watches one running service: gauges for operations, and a watchdog. It carries out no command."""

import asyncio
import logging
import time
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from libs.log.port import LogUnavailable
from libs.sourcing.database import TRANSIENT, Conflict
from libs.sourcing.tables import outbox, quarantine

if TYPE_CHECKING:
    from libs.host.running import Running

logger = logging.getLogger(__name__)
SAMPLE_SECONDS = 5.0
WATCHDOG_SECONDS = 15.0
"""So long may records wait and none be taken, before the service gives up and is started anew."""


async def watch(running: "Running") -> None:
    """Sample lag and outbox, and notice a reader that is stuck (aiokafka #1037, #847)."""
    stood_at, stood_since = dict(running.positions), time.monotonic()
    level_since = time.monotonic()
    while True:
        slept_at = time.monotonic()
        await asyncio.sleep(SAMPLE_SECONDS)
        # A process that was stopped itself (SIGSTOP, a frozen machine) had nobody to read: not counted.
        stood_since += time.monotonic() - slept_at - SAMPLE_SECONDS
        try:
            await running.look_back()
            await running.reconsider()
            lag = await _lag(running)
            level_since = time.monotonic() if lag == 0 else level_since
            await _set_gauges(running, lag, time.monotonic() - level_since)
        except (LogUnavailable, Conflict, *TRANSIENT) as error:
            words = str(error).splitlines()[0]
            logger.warning("%s cannot be measured: %s", running.service.name, words)
            stood_since = time.monotonic()  # what is away is not the reader's fault
            continue
        here = {p: running.positions.get(p, 0) for p in running.reader.assigned}
        if here != stood_at or lag == 0:
            stood_at, stood_since = here, time.monotonic()
        elif time.monotonic() - stood_since > WATCHDOG_SECONDS and not running.stopped:
            running.fail(f"{lag} records wait and none was taken for {WATCHDOG_SECONDS:.0f} s")


async def _lag(running: "Running") -> int:
    """Records not yet taken; a log that ends before where we stand has lost some."""
    stood = dict(running.positions)  # before the ends: these may be passed while they are looked up
    ends = await running.reader.ends()
    owned = running.reader.assigned
    for partition, end in ends.items():
        if stood.get(partition, 0) > end and partition in owned:
            running.fail(
                f"{running.topic}/{partition} ends at {end}, but it was read up to "
                f"{stood[partition]}: the log lost records"
            )
    return sum(max(0, ends.get(p, 0) - running.positions.get(p, 0)) for p in owned)


async def _set_gauges(running: "Running", lag: int, behind: float) -> None:
    def look() -> tuple[int, datetime | None, int]:
        with running.database.read() as db:
            query = sa.select(sa.func.count(), sa.func.min(outbox.c.recorded_at))
            depth, oldest = db.execute(query).one()
            aside = db.execute(sa.select(sa.func.count()).select_from(quarantine)).scalar_one()
            return depth, oldest, aside

    depth, oldest, aside = await running.in_reader(look)
    metrics, labels = running.world.metrics, running.labels
    metrics.lag.labels(*labels).set(lag)
    metrics.lag_seconds.labels(*labels).set(behind if lag else 0)
    metrics.outbox.labels(*labels).set(depth)
    age = max(0.0, (running.world.now() - oldest).total_seconds()) if oldest else 0.0
    metrics.outbox_age.labels(*labels).set(age)
    metrics.quarantine.labels(*labels).set(aside)
