"""Knows when nothing more can happen without new input or the clock moving. It changes nothing."""

import asyncio
import contextlib
from collections.abc import Iterable

from libs.host.level import are_level
from libs.host.run import Host
from libs.host.running import Running


class Stuck(Exception):
    """A service gave up or a record is in quarantine: waiting longer would not help."""


async def until_quiet(host: Host, services: Iterable[str] = ()) -> None:
    """Return when outboxes are empty, every position is at an end read after the last
    acknowledgement, and nothing is in flight or due. ``services`` narrows it to some, which is enough
    to go on with a case that only they must have heard of. Raises ``Stuck``."""
    names = frozenset(services)
    chosen = [r for r in host.running if not names or r.service.name in names]
    stirred = asyncio.Event()
    for running in host.running:
        running.stirred = stirred.set
    while True:
        stirred.clear()
        broken = [f"{r.service.name}: {r.failure}" for r in host.running if r.failure]
        if broken:
            raise Stuck("; ".join(broken))
        if all(map(Running.idle, chosen)):
            for book in {running.world.book for running in chosen}:
                await book.look()
            if await are_level(chosen, Running.idle):
                return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stirred.wait(), 0.2)
