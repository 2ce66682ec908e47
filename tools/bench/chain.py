"""The main job, registered to closed through all six services in one process, with grouped commands."""

import asyncio
import gc
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import uvloop

from libs.host.process import set_up
from libs.host.run import Host
from libs.host.running import Running
from libs.host.settings import Settings
from libs.host.work import Ask, Outcome
from libs.sourcing.decider import Refused
from services.list import all_services
from services.supervision.notices import unplanned
from tools.bench.cases import GROUP, WAVES, asks_of, invented_cases
from tools.bench.cpu import spent
from tools.bench.figures import Run, median
from tools.quiet import until_quiet
from tools.simulate.people import Case

PATIENCE = 30.0
"""Seconds until a command that is refused is held to be refused for good."""
HEARERS = ("intake", "dispatch", "feedback", "evaluation")


async def asked(running: Running, asks: Sequence[Ask]) -> int:
    """Carry out commands in groups; how many events they led to. Raises what they failed with.

    One that is refused is asked again: the service may not have heard yet of the step before.
    """
    stated, until = 0, time.monotonic() + PATIENCE
    while True:
        again: list[Ask] = []
        for ask, result in zip(asks, await running.execute_many(asks), strict=True):
            if isinstance(result, Outcome):
                stated += len(result.events)
            elif isinstance(result, Refused) and time.monotonic() < until:
                again.append(ask)
            else:
                raise result
        if not again:
            return stated
        asks = again
        await asyncio.sleep(0.05)


async def play(host: Host, cases: list[Case]) -> int:
    """Bring cases from registration to their close, wave by wave; how many events were stated."""
    stated = 0
    for wave, service in enumerate(WAVES):
        asks = [ask for case in cases for ask in asks_of(case, wave)]
        stated += await asked(host.find(service), asks)
        await until_quiet(host, HEARERS)
    return stated


async def _once(host: Host, count: int) -> Run:
    cases = invented_cases(count)
    with spent() as cpu:
        groups = [cases[n : n + GROUP] for n in range(0, count, GROUP)]
        # Two groups at a time: while one waits for the others to hear, the other one is asked.
        for pair in range(0, len(groups), 2):
            stated = await asyncio.gather(*(play(host, group) for group in groups[pair : pair + 2]))
            if min(stated) == 0:
                raise RuntimeError("a group of cases led to no event")
        await until_quiet(host)
    figures = {
        "cases_per_second": count / cpu.seconds,
        "cpu_ms_per_case": cpu.own / count * 1000,
    }
    return Run(figures, cpu, "one process")


async def _grouped(settings: Settings, count: int, runs: int) -> list[Run]:
    host = Host(all_services(), settings)
    await host.start()
    try:
        await until_quiet(host)
        await _until_told(host)
        await play(host, invented_cases(50))
        return [await _once(host, count) for _ in range(runs)]
    finally:
        await host.stop()


async def _until_told(host: Host) -> None:
    """Until the notices of what was loaded are planned: that is done once, beside the turns."""
    supervision, since = host.find("supervision"), datetime.now(UTC) - timedelta(days=30)

    def is_behind() -> bool:
        with supervision.database.read() as db:
            return bool(unplanned(db, since, None, most=1))

    while await supervision.in_reader(is_behind):  # noqa: ASYNC110 - it rings no bell
        await asyncio.sleep(0.2)


@contextmanager
def set_up_as_served() -> Iterator[None]:
    """This process as those that serve and rebuild are, and afterwards as it was."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    set_up()
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def grouped(settings: Settings, count: int, runs: int = 3) -> Run:
    """Cases per second and CPU milliseconds per case of this process alone: the middle one of some runs."""
    with set_up_as_served():
        done = iter(uvloop.run(_grouped(settings, count, runs)))  # the loop that uvicorn takes
    return median("cases_per_second", runs, lambda: next(done))
