"""The desk at work in this process: its loop, its relay, its reader, over a real log."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa

from libs.events.envelope import Attributes, read_attributes
from libs.host.run import Host
from libs.host.running import Running
from libs.host.settings import Settings
from libs.host.work import Result
from libs.log.connect import open_log
from libs.log.port import EventLog, Outgoing, Positions
from tests.host.desk import AT, Faults, ask, make_desk
from tools.quiet import until_quiet


class House:
    """One process with a desk in it."""

    def __init__(self, settings: Settings, faults: Faults | None = None) -> None:
        self.now: datetime = AT
        self.faults = faults or Faults()
        service, self.story = make_desk(self.faults)
        realms = [settings.realm]
        self.host = Host([service], settings, lambda: self.now, realms)

    @property
    def running(self) -> Running:
        return self.host.running[0]

    @property
    def topic(self) -> str:
        return self.running.topic

    @property
    def log(self) -> EventLog:
        return self.host.log

    async def sign(self, case_id: str, name: str, cause: str = "http") -> Result:
        return await self.running.execute(ask(case_id, name, f"{cause}/{case_id}/{name}"))

    async def say(self, *facts: Outgoing) -> None:
        """Put facts into the log, as another service would."""
        await self.log.append(facts)

    async def stories(self) -> dict[str, str]:
        rows = await self.running.read(lambda views: views.rows(sa.select(self.story)))
        return {row["case_id"]: row["words"] for row in rows}

    async def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.running.read(lambda v: v.rows(sa.select(table)))
        return found

    async def quiet(self, seconds: float = 20) -> None:
        await asyncio.wait_for(until_quiet(self.host), seconds)

    async def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.running.tick()

    async def health(self) -> tuple[int, str]:
        return await self._ask("/healthz")

    async def ready(self) -> tuple[int, str]:
        return await self._ask("/readyz")

    async def _ask(self, path: str) -> tuple[int, str]:
        transport = httpx.ASGITransport(app=self.host.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://city") as http:
            answer = await http.get(path)
        return answer.status_code, answer.text

    async def in_the_log(self) -> list[Attributes]:
        """Every fact in the log, by its headers, partition by partition."""
        log = open_log(self.host.settings.log_url)
        await log.prepare(self.running.world.settings.topics().partitions())

        async def from_the_start(partitions: object) -> Positions:
            return {}

        reader = await log.open_reader(f"look-{time.monotonic_ns()}", self.topic, from_the_start)
        ends = await reader.ends()
        found: list[Attributes] = []
        async with asyncio.timeout(20):
            while len(found) < sum(ends.values()):
                found += [read_attributes(r.headers) for r in await reader.read(500, 0.5)]
        await reader.close()
        await log.close()
        return found


@asynccontextmanager
async def at_work(settings: Settings, faults: Faults | None = None) -> AsyncIterator[House]:
    """A house from its start to its graceful stop."""
    house = House(settings, faults)
    await house.host.start()
    try:
        yield house
    finally:
        house.faults.go_on.set()
        await house.host.stop()


async def until(true: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for something to come to pass, or fail."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.02)
