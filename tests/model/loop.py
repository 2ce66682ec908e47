"""An event loop with a seeded order, a clock of its own and processes that can be killed or stand still.

No thread runs in it and nothing outside it is waited for: the same seed gives the same run.
"""

import asyncio
import heapq
import random
import selectors
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar, copy_context
from typing import Any, Protocol


class Killed(BaseException):
    """The process in which this is raised ends here: nothing it would still have done is done."""


class Being(Protocol):
    """What the loop must know of a process."""

    dead: bool
    still: bool
    backlog: "list[SimHandle | SimTimer]"
    tasks: list[asyncio.Task[Any]]
    held_until: dict[int, float]

    def work(self, do: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Carry out blocking work where a process may be hit. Raises ``Killed``."""


PROCESS: ContextVar[Being | None] = ContextVar("process", default=None)
"""The process to which what runs now belongs; ``None`` is the world outside."""


class Deadlock(Exception):
    """Nothing is ready and no timer is set."""


class _NoFiles(selectors.BaseSelector):
    """Where a loop would wait for files, the clock jumps to the next timer."""

    def __init__(self) -> None:
        self.loop: SimLoop | None = None
        self._map: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Remember a file that will never be ready."""
        self._map[fileobj] = key = selectors.SelectorKey(fileobj, 0, events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Forget it."""
        return self._map.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[Any]:
        """Nothing is ready, but time has passed."""
        if timeout is None:
            raise Deadlock
        assert self.loop is not None
        self.loop.now += max(0.0, timeout)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """All of them."""
        return self._map


class SimHandle(asyncio.Handle):
    """A step of a process: not done if it is dead, later if it stands still."""

    __slots__ = ("being",)

    def _run(self) -> None:
        being = self._context.get(PROCESS)  # type: ignore[attr-defined]
        if being is None or not (being.dead or being.still):
            asyncio.Handle._run(self)
        elif not being.dead:
            being.backlog.append(self)


class SimTimer(asyncio.TimerHandle):
    """The same for a step at an instant."""

    __slots__ = ()

    _run = SimHandle._run


class SimTask(asyncio.Task[Any]):
    """A task that stands in sets by the order of its making, not by its place in memory."""

    def __init__(self, work: Coroutine[Any, Any, Any], number: int, **more: Any) -> None:
        self.number = number  # first: it is put into a set of all tasks at once
        super().__init__(work, **more)

    def __hash__(self) -> int:
        return self.number


class SimLoop(asyncio.SelectorEventLoop):
    """``dice`` decides who goes next and how long things take."""

    def __init__(self, dice: random.Random) -> None:
        self.now, self.dice, self.steps, self._made = 0.0, dice, 0, 0
        self._salt = dice.getrandbits(
            60
        )  # tasks of earlier runs may still be about, in the same sets
        selector = _NoFiles()
        selector.loop = self
        super().__init__(selector)
        self._clock_resolution = 1e-9
        self.set_task_factory(self._make_task)  # type: ignore[arg-type]
        self.set_exception_handler(lambda loop, what: None)

    def time(self) -> float:
        """Seconds since the run began."""
        return self.now

    def _make_task(
        self,
        loop: asyncio.AbstractEventLoop,
        work: Coroutine[Any, Any, Any],
        context: Context | None = None,
    ) -> SimTask:
        context = context or copy_context()
        self._made += 1
        task = SimTask(work, self._salt + self._made, loop=loop, context=context)
        being = context.get(PROCESS)
        if being is not None:
            being.tasks.append(task)
        return task

    def _call_soon(
        self, callback: Callable[..., Any], args: Any, context: Context | None
    ) -> SimHandle:
        handle = SimHandle(callback, args, self, context)
        self._ready.append(handle)  # type: ignore[attr-defined]
        return handle

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> SimTimer:
        """As every loop does, with a timer that knows its process."""
        timer = SimTimer(when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    def _run_once(self) -> None:
        ready = self._ready  # type: ignore[attr-defined]
        if len(ready) > 1:
            order = list(ready)
            self.dice.shuffle(order)
            ready.clear()
            ready.extend(order)
        self.steps += 1
        super()._run_once()  # type: ignore[misc]

    def go_on(self, backlog: "list[SimHandle | SimTimer]") -> None:
        """Do what a process that stood still would have done meanwhile."""
        self._ready.extend(backlog)  # type: ignore[attr-defined]
        backlog.clear()

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Blocking work is done at an instant of its own, whole; its result comes back later."""
        future: asyncio.Future[Any] = self.create_future()
        being = PROCESS.get()

        def do() -> None:
            if future.cancelled():
                return
            try:
                result = func(*args) if being is None else being.work(func, args)
            except Killed:
                return
            except Exception as error:
                self.call_later(self.dice.uniform(0, 0.005), give, None, error)
            else:
                self.call_later(self.dice.uniform(0, 0.005), give, result, None)

        def give(result: Any, error: Exception | None) -> None:
            if not future.done():
                future.set_exception(error) if error else future.set_result(result)

        at = self.now + self.dice.uniform(0.0005, 0.01)
        if (
            being is not None
            and isinstance(executor, ThreadPoolExecutor)
            and executor._max_workers == 1
        ):
            # One thread: one after another, in the order given.
            before = being.held_until.get(id(executor), 0.0)
            at = being.held_until[id(executor)] = max(at, before + 1e-6)
        self.call_at(at, do)
        return future
