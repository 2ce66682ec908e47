"""Facts as they arrive in one service's views, and who waits for them. It brings none there itself."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from itertools import islice
from typing import Any

import sqlalchemy as sa

from libs.host.expected import Fact
from libs.sourcing.tables import heads
from libs.sourcing.views import Views

LOOK_AGAIN = 0.25
"""Seconds after which who waits for a fact looks again, if another replica hears of the case."""
LOOK_SELDOM = 1.0
"""The same if it is this one: only what moved here and back meanwhile would be missed."""
SEEN_LATELY = 4_000
"""Facts remembered as having reached the views, so that waiting for one needs no look at the database."""

Place = tuple[str, str]
"""A case and an owner of facts: their numbers count up there."""
Read = Callable[[Callable[[Views], Any]], Awaitable[Any]]
"""Asks the service's views something."""


class Arrivals:
    """What has lately arrived in the views of one service, and who waits for more.

    ``on_its_way``: so many seconds a fact takes at most if nothing is amiss, from being stated to being in
    the views. ``comes_here``: whether it is this process that hears of a case.
    """

    def __init__(self, read: Read, on_its_way: float, comes_here: Callable[[str], bool]) -> None:
        self._read, self._on_its_way, self._comes_here = read, on_its_way, comes_here
        self._awaited: dict[Place, list[asyncio.Future[None]]] = {}
        self._lately: dict[Place, int] = {}
        self._readers = 0
        self._closed = False
        self.on_wait: Callable[[], None] = lambda: None

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for a fact."""
        return bool(self._awaited)

    @property
    def watched(self) -> bool:
        """Whether a reader does."""
        return self._readers > 0

    def note(self, seen: Mapping[Place, int]) -> None:
        """Remember what this process has just brought into the views, and tell who waits for it."""
        self._lately |= seen
        if len(self._lately) > SEEN_LATELY:
            newest = islice(reversed(self._lately.items()), SEEN_LATELY // 2)
            self._lately = dict(reversed(list(newest)))
        for place in seen.keys() & self._awaited.keys():
            self._tell(place)

    def close(self) -> None:
        """Nothing more will arrive: let nobody wait any longer."""
        self._closed = True
        for place in list(self._awaited):
            self._tell(place)

    def _tell(self, place: Place) -> None:
        for future in self._awaited.pop(place):
            if not future.done():
                future.set_result(None)

    def forget(self) -> None:
        """Remember nothing: the database has forgotten a turn, and who knows what else with it."""
        self._lately = {}

    def has(self, fact: Fact) -> bool:
        """Whether this process has lately brought it there."""
        return self._lately.get((fact.case_id, fact.owner), 0) >= fact.seq

    async def await_read(self, fact: Fact, seconds: float) -> bool:
        """The same as ``await_seen`` for one who looks at a page."""
        self._readers += 1
        try:
            return await self.await_seen(fact, seconds)
        finally:
            self._readers -= 1

    async def await_seen(self, fact: Fact, seconds: float) -> bool:
        """Wait until a fact has reached this service's views, whichever replica brings it there.

        Most are asked for while they are on their way. For what comes to this very process it listens before
        it looks at the database, and looks seldom; for what comes to another it looks at once, and often.
        """
        place = (fact.case_id, fact.owner)
        begun = time.monotonic()
        until, look_at = begun + seconds, begun + self._on_its_way
        while not self.has(fact):
            if self._closed:
                return False
            news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            waiting = self._awaited.setdefault(place, [])
            waiting.append(news)  # before looking, so that nothing is missed in between
            self.on_wait()
            try:
                here, now = self._comes_here(fact.case_id), time.monotonic()
                if not here or now >= min(look_at, until):
                    if await self._read(lambda views: is_seen(fact, views)):
                        return True
                    now = time.monotonic()
                    look_at = now + LOOK_SELDOM
                if now >= until:
                    return False
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news, min(until - now, LOOK_AGAIN))
            finally:
                if news in waiting:
                    waiting.remove(news)
                if not waiting and self._awaited.get(place) is waiting:
                    del self._awaited[place]
        return True


def is_seen(fact: Fact, views: Views) -> bool:
    """Whether a fact has reached the views, by what the database says."""
    rows = views.rows(sa.select(heads.c.seen).where(heads.c.case_id == fact.case_id))
    seen: dict[str, int] = json.loads(rows[0]["seen"]) if rows else {}
    return seen.get(fact.owner, 0) >= fact.seq
