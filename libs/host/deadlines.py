"""When the deadlines of one service may fire. It fires none, and states nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime

import sqlalchemy as sa

from libs.log.port import LogUnavailable, Positions
from libs.sourcing.tables import UtcTime, heads

AT_ONCE = datetime.min.replace(tzinfo=UTC)
"""Put for the earliest deadline if it is not known which one that is: look."""


class Deadlines:
    """What is due first, and whether the log was read far enough to say so.

    ``ends`` gives the log's ends; ``ready`` is called when there may be something to fire.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        ends: Callable[[], Awaitable[Positions]],
        ready: Callable[[], None],
    ) -> None:
        self._now, self._ends, self._ready = now, ends, ready
        self.next_wake: datetime | None = None
        self._sample: tuple[datetime, Positions] | None = None
        self._sampling: asyncio.Task[None] | None = None
        self._held = True
        self._gained = False
        self._kept_back = False

    def keep_back(self) -> None:
        """Fire nothing until ``let_fire``: others have yet to say what follows from what they hear."""
        self._kept_back = True

    def let_fire(self) -> None:
        """Fire what is due."""
        self._kept_back = False
        self._ready()

    def rest(self) -> bool:
        """Whether nothing is due now."""
        return self.next_wake is None or self.next_wake > self._now()

    def note(self, wake: datetime | None) -> None:
        """A turn has made something due at this instant."""
        if wake is not None and (self.next_wake is None or wake < self.next_wake):
            self.next_wake = wake

    def gain(self) -> None:
        """Partitions came: look at what they have due, whatever is found in those looked at before."""
        self.next_wake, self._gained = AT_ONCE, True

    def wait(self, most: float) -> float:
        """Seconds until something may fire, ``most`` at the most."""
        if self.next_wake is None:
            return most
        wait = min(most, max(0.0, (self.next_wake - self._now()).total_seconds()))
        return 0.05 if wait == 0.0 and self._held else wait

    def begin_turn(self) -> None:
        """A turn is put together: only partitions that come from now on are unknown to it."""
        self._gained = False

    def due_until(self, owned: Collection[int], stands: Positions) -> datetime | None:
        """The instant up to which deadlines may fire: when the log's end was sampled, once read up to it.

        So no breach is stated while the act that kept the promise waits in a slow pipe, or behind a
        record that stopped its partition.
        """
        self._held = True  # until shown otherwise: due or not, there is nothing to do at once
        if self._kept_back or self.rest() or not owned:
            return None
        if self._sample is None:
            if self._sampling is None or self._sampling.done():  # commands do not wait for a slow broker
                self._sampling = asyncio.create_task(self._take_sample())
            return None
        sampled_at, ends = self._sample
        self._held = any(stands.get(p, 0) < ends.get(p, 0) for p in owned)
        if self._held:
            return None
        self._sample = None
        return sampled_at

    async def _take_sample(self) -> None:
        now = self._now()
        try:
            ends = await self._ends()
        except LogUnavailable:
            await asyncio.sleep(0.5)
            return
        self._sample = (now, ends)
        self._ready()

    def fired(self, wake: datetime | None) -> None:
        """What was due has fired; ``wake`` is the earliest now in the partitions of that turn."""
        self.next_wake = AT_ONCE if self._gained else wake

    def lose_sight(self) -> None:
        """What is due first could not be looked up: look with the next turn."""
        self.next_wake = AT_ONCE

    def sampling(self) -> list[asyncio.Task[None]]:
        """A look at the log's ends that may still be under way, to be ended with the rest."""
        return [self._sampling] if self._sampling is not None else []


def first_wake(db: sa.Connection, partitions: Collection[int] | None = None) -> datetime | None:
    """What falls due first, in some partitions or in all."""
    if partitions is None:
        query = sa.select(heads.c.wake_at).where(heads.c.wake_at.is_not(None))
        wake: datetime | None = db.execute(query.order_by(heads.c.wake_at).limit(1)).scalar()
        return wake
    wake = db.execute(FIRST_OF[db.dialect.name], {"partitions": json.dumps(sorted(partitions))}).scalar()
    return wake


def _first_of(each: str) -> sa.TextualSelect:
    """The first of each partition, and of these the first. In one question for all, every deadline was read."""
    first = "SELECT wake_at FROM heads WHERE partition = p.number AND wake_at IS NOT NULL ORDER BY wake_at LIMIT 1"
    return sa.text(f"SELECT min(({first})) AS wake_at FROM {each}").columns(wake_at=UtcTime)


FIRST_OF = {
    "sqlite": _first_of("(SELECT value AS number FROM json_each(:partitions)) AS p"),
    "postgresql": _first_of(
        "(SELECT CAST(value AS integer) AS number FROM json_array_elements_text(CAST(:partitions AS json))) AS p"
    ),
}
