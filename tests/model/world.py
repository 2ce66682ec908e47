"""One run's world: its dice, its clock, its trace, and processes that hosts live and die in."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from contextvars import copy_context
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy.exc import OperationalError

from libs.host.run import Host
from libs.host.running import Running
from libs.log.port import LogUnavailable
from libs.sourcing.database import TRANSIENT, Conflict
from tests.model.broker import Broker, MemoryLog
from tests.model.homes import SINCE, Homes
from tests.model.loop import PROCESS, Killed, SimHandle, SimLoop, SimTimer

SESSION = 2.0
"""Seconds after which who is not heard of is taken to have left its group."""


class World:
    """Everything a run shares. ``calm`` ends all mischief, so that what was begun can end."""

    def __init__(self, seed: int, homes: Homes) -> None:
        self.dice = random.Random(seed)
        self.loop = SimLoop(self.dice)
        self.homes = homes
        self.outside = copy_context()
        self.broker = Broker(self)
        self.calm = False
        self.slots: list[Slot] = []
        self.trace: list[str] = []
        self.wrong: list[str] = []
        self._digest = blake2b(digest_size=12)
        self._jumped = timedelta()
        self._positions: dict[str, dict[int, int]] = {}

    def now(self) -> datetime:
        """The time of offices and deadlines: that of the loop, and what was jumped over."""
        return SINCE + timedelta(microseconds=round(self.loop.now * 1e6)) + self._jumped

    def jump(self, by: timedelta) -> None:
        """Let time pass for offices and deadlines, while machines stand where they are."""
        self._jumped += by
        self.note(f"it is {self.now():%m-%d %H:%M:%S}")
        for running in self.running():
            running.tick()

    def note(self, what: str) -> None:
        """Write into the trace."""
        line = f"{self.loop.now:.4f} {what}"
        self.trace.append(line)
        self._digest.update(line.encode())

    def fault(self, what: str) -> None:
        """Something that must never be."""
        self.note(f"WRONG: {what}")
        self.wrong.append(what)

    @property
    def hash(self) -> str:
        """The same for the same run."""
        return self._digest.hexdigest()

    async def take(self, least: float, most: float) -> None:
        """Let something take its time."""
        await asyncio.sleep(self.dice.uniform(least, most))

    def later(
        self,
        seconds: float,
        do: Callable[..., Any],
        *arguments: Any,
        process: "Process | None" = None,
    ) -> None:
        """Something that happens by itself; in a process, only if that is alive."""
        context = process.context if process else self.outside
        self.loop.call_later(seconds, do, *arguments, context=context)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Someone outside all processes."""
        return self.loop.create_task(work, context=self.outside.copy())

    def processes(self, service: str = "") -> "list[Process]":
        """Those that are up, or those of them that host a service."""
        up = [s.process for s in self.slots if s.process and s.process.ready]
        return [p for p in up if not p.dead and (not service or service in p.names)]

    def running(self) -> list[Running]:
        """Every service at work."""
        return [running for process in self.processes() for running in process.host.running]

    def look_at_positions(self) -> None:
        """After every transaction: a service's place in the log never moves back."""
        for name, home in self.homes.homes.items():
            if not home.touched or name == "vault":
                continue
            home.touched = False
            found = dict(home.rows("SELECT partition, next FROM positions ORDER BY partition"))
            before = self._positions.get(name, {})
            back = {p: (n, found.get(p)) for p, n in before.items() if found.get(p, -1) < n}
            if back:
                self.fault(f"{name} went back in the log: {back}")
            if found != before:
                self._positions[name] = found
                self.note(f"{name} stands at {found}")


class Process:
    """One life of a host with some services. Dead, it does nothing more; standing still, nothing for now."""

    def __init__(self, world: World, name: str, names: Sequence[str]) -> None:
        self.world, self.name, self.names = world, name, names
        self.dead = self.still = self.ready = False
        self.backlog: list[SimHandle | SimTimer] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.held_until: dict[int, float] = {}
        self.died: asyncio.Future[None] = world.loop.create_future()
        self.fuse: tuple[int, bool] | None = None
        self.context = copy_context()
        self.context.run(PROCESS.set, self)
        self.log = MemoryLog(world.broker, self)
        services = [s for s in world.homes.services if s.name in names]
        rules = world.homes.rules
        self.host = Host(services, world.homes.settings, world.now, [""], self.log, rules)
        world.note(f"{name} starts")
        self.do(self._start())

    def do(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Have something done in this process."""
        return self.world.loop.create_task(work, context=self.context.copy())

    async def _start(self) -> None:
        try:
            await self.host.start()
        except (LogUnavailable, Conflict, *TRANSIENT) as error:
            self.world.note(f"{self.name} cannot start: {type(error).__name__}")
            self.world.later(0, self.kill)
        except Exception as error:
            if not self.dead:  # else it is only being closed
                self.world.fault(f"{self.name} cannot start: {type(error).__name__}: {error}")
                self.world.later(0, self.kill)
        else:
            self.ready = True

    async def stop(self) -> None:
        """A graceful stop."""
        self.ready = False
        self.world.note(f"{self.name} is stopped")
        await self.host.stop()
        self.world.later(0, self.kill)

    def kill(self) -> None:
        """As SIGKILL does: no one cleans up, what is under way stays as it is."""
        if self.dead:
            return
        self.dead, self.ready = True, False
        self.world.note(f"{self.name} is dead")
        self.log.cut_off()
        for (
            task
        ) in self.tasks:  # it grows: who is closed may try to tidy up, and must not come to it
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                self.context.copy().run(_close, task)
        self.died.set_result(None)

    def stand_still(self, seconds: float) -> None:
        """Stopped and continued: its group and its lease may be another's when it goes on."""
        if self.still or self.dead:
            return
        self.still = True
        self.world.note(f"{self.name} stands still for {seconds:.2f}")
        self.world.later(SESSION, self._miss)
        self.world.later(seconds, self._go_on)

    def _miss(self) -> None:
        if self.still and not self.dead:
            for reader in self.log.readers:
                self.world.broker.drop(reader)

    def _go_on(self) -> None:
        if self.dead:
            return
        self.still = False
        self.world.note(f"{self.name} goes on")
        self.world.loop.go_on(self.backlog)
        for reader in self.log.readers:
            self.world.later(self.world.dice.uniform(0, 1.5), self._join_again, reader)

    def _join_again(self, reader: Any) -> None:
        members = self.world.broker.groups[reader.group]
        if not (self.dead or reader.closed) and reader not in members:
            members.append(reader)
            self.world.broker.share_out(reader.group)

    # ------------------------------------------------------------------- where a hit may fall

    def work(self, do: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Blocking work: the database may be away before it, or its answer be lost after it."""
        if self._unlucky(0.004):
            raise OperationalError("nothing", None, Exception("the connection is broken"))
        try:
            result = do(*arguments)
        finally:
            self.world.look_at_positions()
        if self.fuse == (0, True):
            self.kill()
            raise Killed
        if self._unlucky(0.006):
            self.world.note(f"{self.name} gets no answer from its database")
            raise OperationalError("COMMIT", None, Exception("the answer was lost"))
        return result

    def at_commit(self, home: str) -> None:
        """A transaction is about to be committed."""
        if self.fuse is not None:
            left, after = self.fuse
            self.fuse = (left - 1, after)
            if left == 0 or (left == 1 and not after):
                self.world.note(f"{self.name} is hit before a commit to {home}")
                self.kill()
                raise Killed
        if self._unlucky(0.004):
            self.world.note(f"{self.name} cannot commit to {home}")
            raise OperationalError("COMMIT", None, Exception("the connection is broken"))

    def _unlucky(self, share: float) -> bool:
        return not self.world.calm and self.ready and self.world.dice.random() < share


def _close(task: "asyncio.Task[Any]") -> None:
    for _ in range(20):
        try:
            task.get_coro().close()
        except RuntimeError:  # it waits for something again
            continue
        except ValueError:  # it is at work just now, and will not come back
            pass
        return


class Slot:
    """A place where a process is kept up, whatever becomes of it."""

    def __init__(self, world: World, name: str, names: Sequence[str]) -> None:
        self.world, self.name, self.names = world, name, tuple(names)
        self.process: Process | None = None
        self.lives = 0

    async def keep(self) -> None:
        """Start it again and again."""
        while True:
            self.lives += 1
            self.process = Process(self.world, f"{self.name}.{self.lives}", self.names)
            while not self.process.dead:
                await asyncio.wait({self.process.died}, timeout=0.5)
                for running in self.process.host.running:
                    if running.failure and not self.process.dead:
                        self.world.fault(
                            f"{self.process.name} {running.service.name}: {running.failure}"
                        )
                        self.process.kill()
            await self.world.take(0.02, 1.0)
