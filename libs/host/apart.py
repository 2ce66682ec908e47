"""Folds partitions of a rebuild in processes beside this one, which end with it. One interpreter uses one core."""

import asyncio
import os
import pickle
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Self

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
    """What a process is to fold."""

    whole: Whole
    log_url: str
    mine: Sequence[int]


class Helper:
    """One process and the line to it. It has one errand at a time."""

    def __init__(self, line: Connection, process: Any) -> None:
        self.line, self.process = line, process

    def end(self) -> None:
        """End it, whatever it does. Once is enough."""
        if not self.line.closed:
            self.process.terminate()
            self.process.join()
            self.process.close()
            self.line.close()


class Helpers:
    """So many processes, for one rebuild after another. ``ready``: they can begin at once.

    Forked while this process has one thread: they have its modules, and cost 10 ms. A fork of a process with more
    would keep for ever what another thread had locked; its helpers are spawned, and begin after 2 s of imports.
    """

    def __init__(self, count: int, find: Find) -> None:
        self.ready = _has_one_thread()
        context: Any = get_context("fork" if self.ready else "spawn")
        lines = [context.Pipe() for _ in range(count)]
        self.helpers: list[Helper] = []
        for near, far in lines:
            # A line that is open elsewhere too would not break when this process ends.
            inherited = [end for pair in lines for end in pair if end is not far] if self.ready else []
            process = context.Process(target=serve, args=(far, find, inherited), daemon=True)
            process.start()
            self.helpers.append(Helper(near, process))
        for _, far in lines:
            far.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        for helper in self.helpers:
            helper.end()


def _has_one_thread() -> bool:
    """Also of none that Python does not know of. False where that cannot be told."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


class Apart(Part):
    """The partitions of an errand, in another process. What fails there is raised here."""

    def __init__(self, helper: Helper, errand: Errand, tell: Callable[[int], None]) -> None:
        self.records, self._tell = 0, tell
        self._helper, self._errand = helper, errand
        self._told = self._asking = False

    async def begin(self, ends: Positions) -> None:
        if not self._told:
            await self._ask("take", self._errand)
            self._told = True
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
        if self._asking:  # it was given up: what it answers would be taken for another answer
            await asyncio.to_thread(self._helper.end)
        elif self._told:
            with suppress(Exception):  # whoever was ended from outside holds nothing
                await self._ask("close")

    async def _ask(self, verb: str, *words: Any) -> Any:
        line = self._helper.line
        self._asking = True
        try:
            # In a thread: an errand does not fit into the pipe of one that does not read yet.
            await asyncio.to_thread(line.send, (verb, words))
            while True:
                kind, said = await asyncio.to_thread(line.recv)
                match kind:
                    case "told":
                        self.records = said
                        self._tell(said)
                    case "done":
                        self._asking = False
                        return said
                    case _:
                        self._asking = False
                        raise said
        except (EOFError, ConnectionError) as error:
            raise ChildProcessError(
                "a process that folds a part of the log was ended from outside, perhaps for want of "
                "memory: --processes 1 needs less"
            ) from error


def serve(line: Connection, find: Find, inherited: Sequence[Connection]) -> None:
    """Do what is asked on the line, until nobody is left to ask."""
    for end in inherited:
        end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that was interrupted ends this one
    set_up()
    asyncio.run(_serve(line, find))


async def _serve(line: Connection, find: Find) -> None:
    part: Folding | None = None
    while True:
        try:
            verb, words = line.recv()
        except (EOFError, ConnectionError):
            return
        try:
            match verb:
                case "take":
                    part, done = await _take(line, find, *words), None
                case "close" if part is not None:
                    await part.close()
                    await part.scan.close()
                    part = done = None
                case _:
                    done = await getattr(part, verb)(*words)
            line.send(("done", done))
        except ConnectionError:
            return
        except Exception as error:
            line.send(("failed", _sendable(error)))


async def _take(line: Connection, find: Find, errand: Errand) -> Folding:
    service, scan = find(errand.whole.service), await open_scan(errand.log_url)
    return Folding(service, errand.whole, scan, errand.mine, lambda n: line.send(("told", n)))


def _sendable(error: Exception) -> Exception:
    """The error itself, or its words if it cannot travel."""
    try:
        same: Exception = pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return same
