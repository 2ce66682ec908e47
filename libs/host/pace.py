"""When a service takes its next turn, and when it looks into the log before. It takes none itself.

A turn that hears two facts costs a fourth of one that hears thirty, so turns are kept apart and grow instead:
the less comes, the further, unless somebody looks.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

AHEAD = 0.2
"""The log is asked for what comes into a turn so long before it, in paces."""
WORTH_A_TURN = 64
"""With so many facts and commands another one adds little to what each of them costs."""


class Waits(Protocol):
    """Who waits for facts."""

    @property
    def awaited(self) -> bool:
        """Whether anybody does, a command too."""

    @property
    def watched(self) -> bool:
        """Whether a reader does, before whom nothing moves."""


class Pace:
    """``seconds``: the least time between two turns, ``longest`` what it grows to where a turn is not worth it
    yet and no reader waits. ``leisure``: after how many of the former a service hears again if nobody waits."""

    def __init__(self, seconds: float, longest: float, leisure: int, waits: Waits) -> None:
        self._seconds, self._longest, self._leisure, self._waits = seconds, longest, leisure, waits
        self._turned_at = self._before = 0.0
        self._worth = seconds
        self._hurried = False
        self._called = asyncio.Event()

    def hurry(self) -> None:
        """Somebody waits for a fact, or comes to: hear it with the next turn."""
        self._hurried = True
        self._called.set()

    async def turn(self, at_once: bool) -> None:
        """Wait until a turn may begin; one does. Who asks a service that did nothing just now is answered at once.

        ``at_once``: it is full as it is.
        """
        if not at_once:
            await self._until(lambda: self._turned_at + self._apart())
        self._before, self._turned_at = self._turned_at, time.monotonic()

    def took_in(self, pieces: int) -> None:
        """So many facts and commands came into this turn; as many are expected until the next one."""
        self._worth = (self._turned_at - self._before) * WORTH_A_TURN / max(1, pieces)

    async def rest(self) -> None:
        """After a turn that heard, until the log is to be asked for what the next one hears."""
        began, self._hurried = max(time.monotonic(), self._turned_at), False
        at_leisure = began + (self._leisure - 1) * self._seconds

        def look_at() -> float:
            idle = self._leisure > 1 and not self._hurried and not self._waits.awaited
            # Turns go on meanwhile, for commands and deadlines: they must not put it off for ever.
            turned_at = at_leisure if idle else min(max(began, self._turned_at), at_leisure)
            return turned_at + (self._seconds if idle else self._apart()) - AHEAD * self._seconds

        await self._until(look_at)

    def _apart(self) -> float:
        """Seconds from one turn to the next, as things stand."""
        if self._waits.watched:
            return self._seconds
        return max(self._seconds, min(self._longest, self._worth))

    async def _until(self, instant: Callable[[], float]) -> None:
        """Wait for an instant, which who hurries may move."""
        while True:
            self._called.clear()
            wait = instant() - time.monotonic()
            if wait <= 0:
                return
            try:
                await asyncio.wait_for(self._called.wait(), wait)
            except TimeoutError:
                return  # not reckoned anew: what rounding leaves of the wait may be too short to pass
