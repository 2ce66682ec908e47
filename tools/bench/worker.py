"""``python -m tools.bench.worker SERVICE...`` serves some services as ``python -m services`` does.

Besides, it is told in lines of JSON to play waves of commands from inside, in groups, so that what HTTP
costs is left out; it answers each line with one. Only a measurement starts it.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

import uvloop

from libs.host.process import server, set_up
from libs.host.run import Host
from libs.host.running import Running
from libs.host.settings import Settings
from libs.host.telemetry import configure_logging
from services.list import service_named
from tools.bench.cases import WAVES, asks_of, invented_cases
from tools.bench.chain import asked
from tools.quiet import until_quiet
from tools.simulate.people import Case


class Player:
    """Plays its services' waves. Groups of cases are played beside one another."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.cases: list[Case] = []

    async def obey(self, words: dict[str, Any]) -> dict[str, Any]:
        """Do what a line says; what to answer."""
        if "run" in words:
            # Apart: it takes seconds, in which the broker would think that nobody lives here.
            self.cases = await asyncio.to_thread(invented_cases, words["count"], words["run"])
            return {}
        if "wave" in words:
            cases = self.cases[words["first"] : words["after"]]
            running = self.host.find(WAVES[words["wave"]])
            if words["wave"] == 0 or WAVES[words["wave"] - 1] != WAVES[words["wave"]]:
                await self._heard(running)
            asks = [ask for case in cases for ask in asks_of(case, words["wave"])]
            stated = await asked(running, asks)
            # Twice: what was stated comes back by the log, and may lead to more.
            for _ in range(2):
                await self._sent(running)
                await self._heard(running)
            return {"first": words["first"], "after": words["after"], "stated": stated}
        return {"ends": await self._level()}

    async def _level(self) -> list[int]:
        """Until each service has heard what lies in the log now: where that ends, by partition. What else a
        service looks at now and then (``Service.workers``) is not waited for: no case here needs it."""
        ends = await self.host.running[0].reader.ends()
        for running in self.host.running:
            running.pace.hurry()
            await self._until(running, lambda: running.has_done_its_turns() and running.level_with(ends))  # noqa: B023
        return [ends[partition] for partition in sorted(ends)]

    async def _sent(self, running: Running) -> None:
        """Until everything lies in the log that is stated now; not all that others state meanwhile."""
        relay = running.relay
        sent = relay.relayed + relay.depth
        await self._until(running, lambda: relay.depth == 0 or relay.relayed >= sent)

    async def _heard(self, running: Running) -> None:
        """Until everything is heard that lies in the log now."""
        ends = await running.reader.ends()
        await self._until(running, lambda: running.level_with(ends))

    async def _until(self, running: Running, done: Callable[[], bool]) -> None:
        while not done():
            if running.failure:
                raise RuntimeError(running.failure)
            await asyncio.sleep(0.01)


async def play(services: Sequence[str]) -> None:
    """Serve until there are no more lines."""
    settings = Settings()
    host = Host([service_named(name) for name in services], settings)
    http = server(host.app(), settings)
    serving = asyncio.create_task(http.serve())
    while not http.started and not serving.done():  # noqa: ASYNC110 - it has no bell to wait for
        await asyncio.sleep(0.02)
    player = Player(host)
    await until_quiet(host)
    _say({"services": services})
    under_way: set[asyncio.Task[None]] = set()
    while line := await asyncio.to_thread(sys.stdin.readline):
        task = asyncio.create_task(_obey(player, json.loads(line)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    http.should_exit = True
    await serving


async def _obey(player: Player, words: dict[str, Any]) -> None:
    try:
        _say(await player.obey(words))
    except Exception as error:
        _say({"failed": f"{type(error).__name__}: {error}"})


def _say(words: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    configure_logging("WARNING")
    set_up()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends when its input does
    uvloop.run(play(sys.argv[1:]))  # the loop that uvicorn takes
