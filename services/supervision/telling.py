"""The part of supervision that tells people: plans deliveries, fires schedules, runs a sender per channel.

It runs beside the turns and never within one: what it waits for holds up no fact. What goes wrong here is logged
and tried again; it does not stop supervision.
"""

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from libs.host.settings import Settings
from libs.notify.deliveries import forget
from libs.notify.gateway import Gateway
from libs.notify.sender import Sender
from libs.sourcing.database import TRANSIENT, Conflict
from services.supervision.notices import NoticeClerk, plan, unplanned, write_off
from services.supervision.schedules import fire, is_due

if TYPE_CHECKING:
    from libs.host.running import Running

logger = logging.getLogger(__name__)
PACE_SECONDS, IDLE_SECONDS = 0.5, 5.0
"""Least and most seconds between two looks for what is new."""
RECENT = timedelta(seconds=5)
SOMETIMES = (timedelta(minutes=10), timedelta(seconds=20)), (timedelta(minutes=1), timedelta(seconds=5))
"""How far back it is looked how often."""
LOOK_FAR_EVERY = timedelta(minutes=5)
"""Mostly only what was made just now is looked for: a look costs as much as there are notices in its time, at a
hundred a second soon a quarter of a core. What was heard late is found by the looks that go further back."""
WRITE_OFF_EVERY = timedelta(days=1)
FORGOTTEN_AT_ONCE = 1_000
"""Rows of the log that one statement strikes out: a sender waits no longer than that takes."""


def gateways(settings: Settings) -> list[Gateway]:
    """What operations has set up. Raises ``ValueError`` naming the setting that cannot be read."""
    return [
        Gateway(channel, template.get_secret_value(), settings.notify_seconds)
        for channel, template in settings.notify_templates().items()
    ]


class Telling:
    """One per process: what a running service starts, wakes and stops (``libs.host.service.Worker``)."""

    def __init__(self, running: "Running") -> None:
        world = running.world
        self._database, self._world, self._now = running.database, world, world.now
        self._realm = world.settings.realm
        self._horizon = timedelta(hours=world.settings.notify_horizon_hours)
        self._keeps = max(self._horizon, timedelta(days=world.settings.notify_keep_days))
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="telling")
        self._bell = asyncio.Event()
        self._stopping = False
        self._looked_at: dict[timedelta, datetime] = {}
        self._reached, self._after = self._horizon, tuple[Any, ...]()
        self._written_off_at: datetime | None = None
        clerk = NoticeClerk(world.vault, lambda: world.rules.organisations, self._horizon)
        open_ = gateways(world.settings)
        self._channels = [gateway.channel for gateway in open_]
        self.senders = [
            Sender(
                running.database,
                gateway,
                clerk,
                world.now,
                world.settings.notify_seconds,
                partial(self._count, gateway.channel),
            )
            for gateway in open_
        ]
        self._metrics, self._labels = world.metrics, running.labels

    def _count(self, channel: str, outcome: str) -> None:
        self._metrics.messages.labels(*self._labels, channel, outcome).inc()

    def wake(self) -> None:
        """The service has heard something, or the clock was moved."""
        self._bell.set()

    def idle(self) -> bool:
        """It states nothing."""
        return True

    async def work(self) -> None:
        """Until cancelled."""
        await asyncio.gather(self._plan(), *(sender.work() for sender in self.senders))

    async def stop(self) -> None:
        """Let what is on its way end, and note it; plan nothing more."""
        await asyncio.gather(*(sender.stop() for sender in self.senders))
        self._stopping = True
        self._pool.shutdown(wait=True)

    async def _plan(self) -> None:
        while not self._stopping:
            try:
                self._bell.clear()
                if await asyncio.get_running_loop().run_in_executor(self._pool, self.look):
                    for sender in self.senders:
                        sender.wake()
                    continue
                for sender in self.senders:  # a clock that was moved makes waiting ones due
                    sender.wake()
            except Conflict:
                pass  # another replica was faster: look what is left
            except Exception as error:  # whatever it is, it must not stop supervision
                expected = isinstance(error, TRANSIENT)
                level = logging.WARNING if expected else logging.ERROR
                words = str(error).splitlines()[0] if expected else ""
                logger.log(level, "telling: %s %s", type(error).__name__, words)
            await asyncio.sleep(PACE_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), IDLE_SECONDS)

    def look(self) -> int:
        """Fire schedules and plan what is new; how many notices that were. A writer's lock is taken only
        if there is something."""
        now = self._now()
        if self._written_off_at is None or now - self._written_off_at >= WRITE_OFF_EVERY:
            self._write_off(now)
            self._forget(now)
        if not self._after:
            self._reached = self._reach(now)
        since = now - self._reached
        with self._database.read() as db:
            due = is_due(db, now, self._world.rules)
            new = bool(due or unplanned(db, since, None, self._after, most=1))
        planned, after = 0, self._after
        self._after = ()  # if this fails, from the first again
        if new:
            with self._database.begin() as db:
                if due:
                    fire(self._database, db, now, self._world.rules, self._realm)
                planned, self._after = plan(self._database, db, now, since, self._channels, after)
        if not self._after:
            self._looked_at[self._reached] = now
        return planned

    def _reach(self, now: datetime) -> timedelta:
        """How far back to look now."""
        for far, every in ((self._horizon, LOOK_FAR_EVERY), *SOMETIMES):
            reach = min(far, self._horizon)
            looked_at = self._looked_at.get(reach)
            if looked_at is None or now - looked_at >= every:
                return reach
        return min(RECENT, self._horizon)

    def _forget(self, now: datetime) -> None:
        """Shorten the log, a part at a time, so that nobody waits long for the writer."""
        struck = FORGOTTEN_AT_ONCE
        while struck == FORGOTTEN_AT_ONCE and not self._stopping:
            with self._database.begin() as db:
                struck = forget(db, now - self._keeps, FORGOTTEN_AT_ONCE)

    def _write_off(self, now: datetime) -> None:
        after: tuple[Any, ...] = ()
        since = now - self._keeps
        while True:
            with self._database.read() as db:
                if not unplanned(db, since, now - self._horizon, after, most=1):
                    break
            with self._database.begin() as db:
                after = write_off(self._database, db, now, self._horizon, after, since)
            if not after:
                break
        self._written_off_at = now
