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
"""Seconds after which who waits for a fact looks again: another replica may have heard it."""
SEEN_LATELY = 4_000
"""Facts remembered as having reached the views, so that waiting for one needs no look at the database."""

Place = tuple[str, str]
"""A case and an owner of facts: their numbers count up there."""
Read = Callable[[Callable[[Views], Any]], Awaitable[Any]]
"""Asks the service's views something."""


class Arrivals:
    """What has lately arrived in the views of one service, and who waits for more.

    ``pace`` is that of the relay and of the service itself, in seconds.
    """

    def __init__(self, read: Read, pace: float) -> None:
        self._read = read
        self._on_its_way = 2 * pace + 0.01  # the relay's and our own
        self._awaited: dict[Place, list[asyncio.Future[None]]] = {}
        self._lately: dict[Place, int] = {}
        self._closed = False
        self.on_wait: Callable[[], None] = lambda: None

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for a fact."""
        return bool(self._awaited)

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

    async def await_seen(self, fact: Fact, seconds: float) -> bool:
        """Wait until a fact has reached this service's views, whichever replica brings it there.

        Most are asked for while they are on their way to this very process: so it listens for a moment
        before it looks at the database.
        """
        place = (fact.case_id, fact.owner)
        until, looks = time.monotonic() + seconds, False
        while not self.has(fact):
            if self._closed:
                return False
            news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            waiting = self._awaited.setdefault(place, [])
            waiting.append(news)  # before looking, so that nothing is missed in between
            self.on_wait()
            try:
                if looks and await self._read(lambda views: is_seen(fact, views)):
                    return True
                left = until - time.monotonic()
                if left <= 0:
                    return False
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news, min(left, LOOK_AGAIN if looks else self._on_its_way))
                looks = True
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
