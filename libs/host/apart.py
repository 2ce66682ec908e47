"""Folds partitions of a rebuild in a process of its own, which ends with the one that started it.

One interpreter uses one core. The process is spawned, not forked: the one that starts it has threads.
"""

import asyncio
import pickle
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from libs.host.folding import Aside, Folded, Folding, Part, Whole
from libs.host.process import set_up
from libs.host.service import Service
from libs.log.port import Positions
from libs.log.scan import open_scan
from libs.sourcing.views import Row

Find = Callable[[str], Service]
"""A function of a module, so that another process finds the service by its name too."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What the process is told when it starts."""

    find: Find
    whole: Whole
    log_url: str
    mine: Sequence[int]


class Apart(Part):
    """The partitions of an errand, in another process. What fails there is raised here."""

    def __init__(self, errand: Errand, tell: Callable[[int], None]) -> None:
        self.records, self._tell = 0, tell
        spawning = get_context("spawn")
        self._line, far = spawning.Pipe()
        self._process = spawning.Process(target=serve, args=(far, errand), daemon=True)
        self._far = far
        self._starting: asyncio.Task[None] | None = None

    def _start(self) -> None:
        self._process.start()
        self._far.close()

    async def begin(self, ends: Positions) -> None:
        if self._starting is None:  # in a thread: what it is told does not fit into a pipe before it reads
            self._starting = asyncio.create_task(asyncio.to_thread(self._start))
        await asyncio.shield(self._starting)
        self.records = 0
        await self._ask("begin", ends)

    async def fold_to(self, target: Positions, aside: Aside) -> Folded:
        folded: Folded = await self._ask("fold_to", target, aside)
        return folded

    async def find_lost(self, aside: Aside) -> int:
        many: int = await self._ask("find_lost", aside)
        return many

    async def lost(self, first: int, most: int) -> list[Row]:
        rows: list[Row] = await self._ask("lost", first, most)
        return rows

    async def finish(self) -> dict[str, int]:
        made: dict[str, int] = await self._ask("finish")
        return made

    async def rows(self, table: str, first: int, most: int) -> list[Row]:
        rows: list[Row] = await self._ask("rows", table, first, most)
        return rows

    async def fill(self, schema: str) -> None:
        await self._ask("fill", schema)

    async def close(self) -> None:
        if self._starting is None:
            self._far.close()
        else:
            with suppress(Exception):  # one that is being started can be ended only then
                await self._starting
        if self._process.pid is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.join)
        self._process.close()
        self._line.close()

    async def _ask(self, verb: str, *words: Any) -> Any:
        try:
            self._line.send((verb, words))
            while True:
                kind, said = await asyncio.to_thread(self._line.recv)
                match kind:
                    case "told":
                        self.records = said
                        self._tell(said)
                    case "done":
                        return said
                    case _:
                        raise said
        except (EOFError, ConnectionError) as error:
            raise ChildProcessError(
                "a process that folds a part of the log was ended from outside, perhaps for want of "
                "memory: --processes 1 needs less"
            ) from error


def serve(line: Connection, errand: Errand) -> None:
    """Do what is asked on the line, until nobody is left to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that was interrupted ends this one
    set_up()
    asyncio.run(_serve(line, errand))


async def _serve(line: Connection, errand: Errand) -> None:
    part: Folding | None = None
    while True:
        try:
            verb, words = line.recv()
        except (EOFError, ConnectionError):
            return
        try:
            if part is None:
                scan = await open_scan(errand.log_url)
                service = errand.find(errand.whole.service)
                part = Folding(
                    service, errand.whole, scan, errand.mine, lambda n: line.send(("told", n))
                )
            line.send(("done", await getattr(part, verb)(*words)))
        except ConnectionError:
            return
        except Exception as error:
            line.send(("failed", _sendable(error)))


def _sendable(error: Exception) -> Exception:
    """The error itself, or its words if it cannot travel."""
    try:
        same: Exception = pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return same
