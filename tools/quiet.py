"""Knows when nothing more can happen without new input or the clock moving. It changes nothing."""

import asyncio
import contextlib

from libs.host.run import Host


class Stuck(Exception):
    """A service gave up or a record is in quarantine: waiting longer would not help."""


async def until_quiet(host: Host) -> None:
    """Return when outboxes are empty, every position is at an end read after the last
    acknowledgement, and nothing is in flight or due. Raises ``Stuck``."""
    stirred = asyncio.Event()
    for running in host.running:
        running.stirred = stirred.set
    while True:
        stirred.clear()
        broken = [f"{r.service.name}: {r.failure}" for r in host.running if r.failure]
        if broken:
            raise Stuck("; ".join(broken))
        if all(running.idle() for running in host.running) and await _level(host):
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stirred.wait(), 0.2)


async def _level(host: Host) -> bool:
    for world in host.worlds.values():
        here = [running for running in host.running if running.world is world]
        reader = here[0].reader
        ends = await reader.ends()
        if not all(running.idle() and running.level_with(ends) for running in here):
            return False
    return all(running.idle() for running in host.running)
