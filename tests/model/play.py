"""Plays one seed: services at work, people who ask, mischief, then calm, and the questions at the end."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from unittest.mock import patch

import libs.host.agreement
from services.list import NAMES
from tests.model.checks import check
from tests.model.homes import Homes
from tests.model.people import Asked, Person
from tests.model.world import Slot, World

MISCHIEF_LASTS = 15.0
REST = 120.0
"""Seconds after which everything begun must have ended."""
HORIZON = timedelta(days=120)
"""Longer than any limit: what can fall due has fallen due."""
Design = Callable[[World], AbstractContextManager[None]]


def as_designed(world: World) -> AbstractContextManager[None]:
    """The product as it is."""
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a seed."""

    seed: int
    wrong: Sequence[str]
    hash: str
    trace: Sequence[str]
    seconds: float

    def __str__(self) -> str:
        tail = "\n".join(f"  {line}" for line in self.trace[-60:])
        words = "\n".join(self.wrong)
        return f"seed {self.seed} (alone: pytest tests/model --seed {self.seed})\n{words}\n{tail}"


def play(seed: int, homes: Homes, design: Design = as_designed) -> Played:
    """One run. ``design`` may change how the services are built: the wrong ones must be found out."""
    world = World(seed, homes)
    loop = world.loop
    asyncio.set_event_loop(loop)
    try:
        scan = patch.object(libs.host.agreement, "open_scan", world.broker.open_scan)
        with homes.lent(lambda: loop.now, world.dice), scan, design(world), _noted(world):
            loop.run_until_complete(world.spawn(_run(world)))
            return Played(seed, tuple(world.wrong), world.hash, tuple(world.trace), loop.now)
    finally:
        for slot in world.slots:
            if slot.process is not None:
                slot.process.kill()
        asyncio.set_event_loop(None)
        loop.close()


async def _run(world: World) -> None:
    asked = Asked()
    world.slots += [Slot(world, name, names) for name, names in _layout(world)]
    keepers = [world.spawn(slot.keep()) for slot in world.slots]
    people = [Person(world, number, asked) for number in range(world.dice.randint(2, 4))]
    asked.open = len(people)
    others = [world.spawn(person.go()) for person in people]
    others += [world.spawn(_mischief(world)), world.spawn(_let_time_pass(world, asked))]
    until = world.loop.now + MISCHIEF_LASTS
    while asked.open and world.loop.now < until and not world.wrong:  # noqa: ASYNC110
        await asyncio.sleep(0.25)
    world.calm = True
    world.note("calm")
    for slot in world.slots:
        if slot.process is not None:
            slot.process.fuse = None
    if await _rest(world, asked):
        world.jump(HORIZON)
        await _rest(world, asked)
    for task in (*keepers, *others):
        task.cancel()
        if task.done() and not task.cancelled() and task.exception() is not None:
            raise AssertionError(
                f"the model itself failed in seed: {task.exception()!r}"
            ) from task.exception()
    for process in world.processes():
        if not process.dead:  # it may have died while another one was stopped
            process.do(process.stop())
        await process.died
    if not world.wrong:
        try:
            check(world, asked)
        except Exception as error:
            world.fault(f"the log cannot be judged: {error!r}")


def _layout(world: World) -> Iterator[tuple[str, Sequence[str]]]:
    """All services in one process or in two, each once or some of them twice."""
    dice, names = world.dice, list(NAMES)
    dice.shuffle(names)
    cut = dice.choice((0, 3))
    yield "a", names[cut:]
    if cut:
        yield "b", names[:cut]
    if dice.random() < 0.7:
        yield "c", dice.sample(NAMES, dice.randint(1, 3))


async def _mischief(world: World) -> None:
    dice = world.dice
    while True:
        await world.take(0.1, 1.2)
        up = [s.process for s in world.slots if s.process and not s.process.dead]
        if world.calm:
            return
        if not up:
            continue
        process = dice.choice(up)
        match dice.choices(("kill", "fuse", "still", "stop", "share"), (3, 3, 3, 1, 2))[0]:
            case "kill":
                process.kill()
            case "fuse":
                process.fuse = (dice.randint(1, 6), dice.random() < 0.5)
            case "still":
                process.stand_still(dice.uniform(0.3, 7))
            case "stop" if process.ready:
                process.do(process.stop())
            case _ if world.broker.groups:
                world.broker.share_out(dice.choice(sorted(world.broker.groups)))
            case _:
                pass


async def _let_time_pass(world: World, asked: Asked) -> None:
    """Minutes, days, or to the very instant of a deadline; without waiting for anyone to be ready."""
    dice = world.dice
    while asked.open:
        await world.take(0.1, 1.2)
        wakes = [r.next_wake - world.now() for r in world.running() if r.next_wake is not None]
        to_wake = min((w for w in wakes if w > timedelta()), default=timedelta())
        choices = (
            timedelta(minutes=dice.uniform(1, 90)),
            timedelta(hours=dice.uniform(2, 30)),
            timedelta(days=dice.uniform(1, 12)),
            to_wake,
            to_wake - timedelta(seconds=1),
        )
        by = min(dice.choices(choices, (3, 3, 1, 4, 2))[0], asked.may_wait(world.now()))
        world.jump(max(timedelta(), by))


async def _rest(world: World, asked: Asked) -> bool:
    """Wait until nothing more can happen; whether it came to that."""
    until = world.loop.now + REST
    while not world.wrong:
        await asyncio.sleep(0.3)
        why = _restless(world, asked)
        if not why:
            world.note("rest")
            return True
        if world.loop.now > until:
            world.fault(f"it does not come to rest: {why}")
    return False


def _restless(world: World, asked: Asked) -> str:
    if asked.open or world.broker.under_way:
        return "people wait, or records are under way"
    if len(world.processes()) < len(world.slots) or any(p.still for p in world.processes()):
        return "a process is not up"
    for running in world.running():
        if not running.idle():
            return f"{running.service.name} is busy"
        ends = world.broker.topics[running.topic]
        if any(running.positions.get(p, 0) < len(ends[p]) for p in running.reader.assigned):
            return f"{running.service.name} is behind"
    for name, members in world.broker.groups.items():
        if frozenset().union(*(m.assigned for m in members)) != frozenset(range(len(ends))):
            return f"{name} has partitions that nobody reads"
    for name in NAMES:
        if world.homes[name].rows("SELECT 1 FROM outbox LIMIT 1"):
            return f"{name} has something to send"
    return ""


@contextmanager
def _noted(world: World) -> Iterator[None]:
    """What the product logs stands in the trace."""

    class Into(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            world.note(f"{record.name}: {record.getMessage()}")

    logger = logging.getLogger("libs")
    into, before = Into(logging.WARNING), (logger.propagate, logger.level)
    logger.addHandler(into)
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.removeHandler(into)
        logger.propagate, logger.level = before
