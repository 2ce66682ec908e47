"""When a service takes its next turn, and when it looks into the log before. It takes none itself.

A turn that hears two facts costs a fourth of one that hears thirty, so turns are kept apart and grow instead.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable

AHEAD = 0.2
"""The log is asked for what comes into a turn so long before it, in paces."""


class Pace:
    """``seconds``: the least time between two turns. ``leisure``: after how many of them a service hears again
    if nobody waits for a fact there, which ``awaited`` says."""

    def __init__(self, seconds: float, leisure: int, awaited: Callable[[], bool]) -> None:
        self._seconds, self._leisure, self._awaited = seconds, leisure, awaited
        self._turned_at = 0.0
        self._called = asyncio.Event()

    def hurry(self) -> None:
        """Somebody waits for a fact: hear it with the next turn."""
        self._called.set()

    async def turn(self, at_once: bool) -> None:
        """Wait until a turn may begin; one does. Who asks a service that did nothing just now is answered at once.

        ``at_once``: it is full as it is.
        """
        wait = self._turned_at + self._seconds - time.monotonic()
        if wait > 0 and not at_once:
            await asyncio.sleep(wait)
        self._turned_at = time.monotonic()

    async def rest(self) -> None:
        """After a turn that heard, until the log is to be asked for what the next one hears."""
        began = time.monotonic()
        if self._leisure > 1 and not self._awaited():
            self._called.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), (self._leisure - AHEAD) * self._seconds)
        next_turn = max(began, self._turned_at) + self._seconds
        await asyncio.sleep(max(0.0, next_turn - AHEAD * self._seconds - time.monotonic()))
