"""What the log's readers do: hearing a backlog, rebuilding views, working on large tables."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from libs.host.apart import Helpers
from libs.host.process import set_up
from libs.host.rebuild import Rebuilt, cores, rebuild
from libs.host.run import Host
from libs.host.settings import Settings
from libs.rules.rules import shipped_rules
from services.list import NAMES, service_named
from tools.bench.chain import grouped, set_up_as_served
from tools.bench.cpu import Spent, spent
from tools.bench.figures import Run
from tools.bench.history import History, Pattern, write_history
from tools.quiet import until_quiet

LISTENERS = ("supervision", "analytics")
"""Those who hear most. In a log without them, they can hear it all from its beginning."""
Say = Callable[[str], None]


def history(patterns: Sequence[Pattern], settings: Settings, count: int) -> History:
    """A log with so many cases."""
    return asyncio.run(write_history(patterns, settings, count))


def rebuilt(
    settings: Settings, written: History, parts: Mapping[str, int]
) -> tuple[dict[str, Run], Run]:
    """Each service's views made from the log: a run by name, and one for the slowest and all together."""
    runs, seconds, whole = {}, 0.0, Spent(parts=dict.fromkeys(parts, 0.0))
    for name in NAMES:
        with _processes(1) as pool:
            done, cpu = pool.submit(_rebuild_timed, name, settings, parts).result()
        _check(name, done, written)
        figures = {
            "processes": done.processes,
            "per_cpu_second": done.records / (cpu.own + cpu.others),
            "per_second": done.records / cpu.seconds,
            "folded_per_second": done.folded / cpu.seconds,
        }
        runs[name] = Run(figures, cpu, "rebuild")
        seconds += cpu.seconds
        whole.own += cpu.own
        whole.foreign += cpu.foreign
        for part, used in cpu.parts.items():
            whole.parts[part] += used
    whole.seconds = seconds
    slowest = min(run.figures["per_second"] for run in runs.values())
    figures = {
        "slowest_per_second": slowest,
        "all_per_second": len(NAMES) * written.records / seconds,
    }
    return runs, Run(figures, whole, "rebuild")


def _check(name: str, done: Rebuilt, written: History) -> None:
    if done.records != written.records or done.rows.get("heads") != written.cases:
        raise RuntimeError(f"{name} was not rebuilt whole: {done}, of {written}")


def heard(settings: Settings, written: History, parts: Mapping[str, int]) -> dict[str, Run]:
    """A backlog heard by services that begin with empty tables: turns, not a rebuild."""

    async def hear(name: str) -> Run:
        url = settings.database_url.replace("{service}", f"{{service}}{SUFFIX}")
        host = Host([service_named(name)], settings.model_copy(update={"database_url": url}))
        try:
            with spent(parts) as cpu:
                await host.start()
                # Joining a group is not hearing.
                while not any(host.running[0].positions.values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
                began, had = time.perf_counter(), sum(host.running[0].positions.values())
                await until_quiet(host)
                seconds = time.perf_counter() - began
        finally:
            await host.stop()
        return Run({"per_second": (written.records - had) / seconds}, cpu, "hearing")

    return {name: asyncio.run(hear(name)) for name in LISTENERS}


SUFFIX = "_heard"
FEW = 5_000
"""So many cases are rebuilt in this process."""


def _processes(count: int) -> ProcessPoolExecutor:
    """Each does one thing, and its memory goes with it. It has one thread, as ``tools.rebuild`` has."""
    return ProcessPoolExecutor(count, get_context("spawn"), max_tasks_per_child=1)


def _rebuild_timed(name: str, settings: Settings, parts: Mapping[str, int]) -> tuple[Rebuilt, Spent]:
    """By as many processes as there are cores; from when they are asked for to when they have ended."""
    set_up()
    with spent(parts) as cpu, Helpers(cores() - 1, service_named) as helpers:
        if not helpers.ready:
            raise RuntimeError("this process has threads: its helpers begin later than those of tools.rebuild")
        done = _rebuild(name, settings, helpers)
    return done, cpu


def _rebuild(name: str, settings: Settings, helpers: Helpers | None = None) -> Rebuilt:
    """What ``tools.rebuild`` does, but its bar."""
    rules = shipped_rules(settings.policy, settings.city)
    with set_up_as_served():
        return asyncio.run(rebuild(service_named(name), settings, rules, helpers=helpers))


def on_tables(
    settings: Settings, patterns: Sequence[Pattern], cases: int, count: int, runs: int, say: Say
) -> Run:
    """The grouped chain in one process, with so many closed cases in its tables."""
    written = history(patterns, settings, cases)
    say(f"{written.records:,} records of {cases:,} cases are in the log")
    if cases <= FEW:
        for name in NAMES:
            _check(name, _rebuild(name, settings), written)
    else:
        with _processes(2) as pool:
            going = {name: pool.submit(_rebuild, name, settings) for name in NAMES}
            for name, future in going.items():
                _check(name, future.result(), written)
                say(f"{name} is rebuilt")
    return grouped(settings, count, runs)
