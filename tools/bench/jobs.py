"""What is measured, each under a name. A job is given a place of its own and says what it found."""

import asyncio
import statistics
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tools.bench import chain, groups, helpdesk_site, latency, logs, memory, replay, yardstick
from tools.bench.cpu import spent
from tools.bench.driver import Driver
from tools.bench.figures import Found, Run, median, middle, percentile
from tools.bench.history import Pattern, make_patterns
from tools.bench.places import (
    Ground,
    Place,
    embedded_settings,
    new_ground,
    one_process,
    six_processes,
    two_processes,
)
from tools.cluster.postgres import Postgres

SATURATING = 256
"""So many cases under way over HTTP keep both cores busy."""
RIVALS = ("helpdesk_ours_over_http", "helpdesk_ours_grouped", "helpdesk_over_http", "helpdesk_grouped")
COMPARISONS = (
    ("helpdesk_times", RIVALS[1], RIVALS[2], "Ours in groups over its HTTP, the one way it offers."),
    ("helpdesk_times_over_http", RIVALS[0], RIVALS[2], "Both over HTTP."),
    ("helpdesk_times_grouped", RIVALS[1], RIVALS[3], "Both from inside, in groups."),
)
"""A name, whose rate, over whose, in words; the median of what was measured in turn."""


@dataclass
class Bench:
    """What the jobs share: how much is measured, what was found, and one PostgreSQL for all."""

    root: Path
    quick: bool
    say: Callable[[str], None]
    found: Found = field(default_factory=Found)
    open: ExitStack = field(default_factory=ExitStack)
    _postgres: Postgres | None = None
    _patterns: list[Pattern] | None = None

    def many(self, full: int, quick: int) -> int:
        """How many, in full or to try the bench itself."""
        return quick if self.quick else full

    @property
    def runs(self) -> int:
        """How often a short run is done; the middle one counts."""
        return 1 if self.quick else 3

    @property
    def warm(self) -> int:
        """How many cases go before those that are measured."""
        return self.many(20, 3)

    def place(self, name: str) -> Path:
        """A new directory."""
        path = self.root / name
        path.mkdir(parents=True)
        return path

    @property
    def postgres(self) -> Postgres:
        """Started when first asked for."""
        if self._postgres is None:
            self._postgres = self.open.enter_context(Postgres.start(self.root / "postgres"))
        return self._postgres

    @property
    def patterns(self) -> list[Pattern]:
        """The cases that histories are made of."""
        if self._patterns is None:
            self._patterns = asyncio.run(make_patterns(self.place("patterns")))
        return self._patterns


def measure_yardstick(bench: Bench) -> None:
    """How fast this interpreter is now."""
    bench.found.add("yardstick", yardstick.run(bench.many(yardstick.ROUNDS, 20_000)))


def embedded(bench: Bench) -> None:
    """The embedded homes, a process for each of two cores: in groups, over HTTP, registrations, views."""
    with two_processes(bench.place("embedded")) as place:
        run = groups.grouped_over(place, bench.many(5000, 100), bench.runs, bench.warm)
        bench.found.add("embedded_grouped", run)
        run = _over_http(bench, place, bench.many(1000, 30), at_once=128)
        bench.found.add("embedded_http", run)
        bench.found.add("embedded_register", _registrations(bench, place, bench.many(1300, 60)))
        bench.found.add("embedded_views", _views(bench, place))


def single_grouped(bench: Bench) -> None:
    """Registered to closed, six services in one process, commands in groups."""
    settings = embedded_settings(bench.place("single"))
    bench.found.add("single_grouped", chain.grouped(settings, bench.many(2000, 100), bench.runs))


def single_http(bench: Bench) -> None:
    """The same over HTTP, registrations at 52 a second, and how soon views show a fact."""
    with one_process(bench.place("single-http")) as place:
        bench.found.add("single_http", _over_http(bench, place, bench.many(600, 30)))
        bench.found.add("single_register", _registrations(bench, place, bench.many(1300, 60)))
        bench.found.add("single_views", _views(bench, place))


def cluster(bench: Bench) -> None:
    """A process per service on broker and PostgreSQL: over HTTP, at 20 a second, views, in groups."""
    with (
        new_ground(bench.place("cluster"), bench.postgres, "c") as ground,
        six_processes(ground) as place,
    ):
        ratio = _over_http_and_at_20(bench, place, ground)
        bench.found.add("cluster_views", _views(bench, place))
        run = groups.grouped_over(place, bench.many(3000, 100), bench.runs, bench.warm)
        bench.found.add("cluster_grouped", run)
    late = bench.found.figures["cluster_at_20_behind_s"]
    words = f"CPU per case at 20 a second ({late:.1f} s behind at its end) over that of cluster_http."
    bench.found.derive("cluster_at_20_to_saturation_cpu", ratio, words)


def _over_http_and_at_20(bench: Bench, place: Place, ground: Ground) -> float:
    """As many as go and 20 a second, in turn, for the machine drifts; how the CPU per case compares."""
    driver, cpu = _warm_driver(bench, place), "cpu_ms_per_case"
    most, few = bench.many(900, 20), bench.many(300, 20)
    pairs = []
    for _ in range(bench.runs):
        ground.tidy()
        full = _as_many_as_go(driver, place, most, SATURATING)
        ground.tidy()
        pairs.append((full, _at_rate(place, few, 20.0)))
    bench.found.add("cluster_http", middle(cpu, [full for full, _ in pairs]))
    bench.found.add("cluster_at_20", middle(cpu, [slow for _, slow in pairs]))
    return statistics.median(slow.figures[cpu] / full.figures[cpu] for full, slow in pairs)


def readers(bench: Bench) -> None:
    """Log and hearing on the embedded homes, then on broker and PostgreSQL."""
    cases = bench.many(3000, 60)
    settings = embedded_settings(bench.place("readers"))
    appended = logs.appended(settings.log_url, bench.many(60_000, 2_000), {})
    bench.found.add("log_sqlite_append", appended)
    written = replay.history(bench.patterns, settings, cases)
    bench.found.add("log_sqlite_read", logs.read(settings, written.records, {}))
    _replay(bench, "sqlite", lambda: replay.heard(settings, written, {}))

    with new_ground(bench.place("readers-cluster"), bench.postgres, "r") as ground:
        parts = ground.parts
        appended = logs.appended(ground.settings.log_url, bench.many(40_000, 2_000), parts)
        bench.found.add("log_kafka_append", appended)
        written = replay.history(bench.patterns, ground.settings, cases)
        bench.found.add("log_kafka_read", logs.read(ground.settings, written.records, parts))
        for name in replay.LISTENERS:
            bench.postgres.create_database(f"r_{name}{replay.SUFFIX}")
        _replay(bench, "kafka_postgres", lambda: replay.heard(ground.settings, written, parts))


def rebuilding(bench: Bench) -> None:
    """Views made from a log long enough for several processes, on both homes."""
    cases = bench.many(40_000, 60)
    settings = embedded_settings(bench.place("rebuilding"))
    written = replay.history(bench.patterns, settings, cases)
    _rebuilt(bench, "sqlite", *replay.rebuilt(settings, written, {}))
    with new_ground(bench.place("rebuilding-cluster"), bench.postgres, "b") as ground:
        written = replay.history(bench.patterns, ground.settings, cases)
        _rebuilt(bench, "kafka_postgres", *replay.rebuilt(ground.settings, written, ground.parts))


def _replay(bench: Bench, home: str, hear: Callable[[], dict[str, Run]]) -> None:
    for name, run in hear().items():
        bench.found.add(f"hear_{home}_{name}", run)


def _rebuilt(bench: Bench, home: str, runs: dict[str, Run], whole: Run) -> None:
    for name, run in runs.items():
        bench.found.add(f"rebuild_{home}_{name}", run)
    bench.found.add(f"rebuild_{home}", whole)


def helpdesk(bench: Bench) -> None:
    """django-helpdesk and ours in turn, for the machine drifts; on the same PostgreSQL, one at a time."""
    try:
        site = helpdesk_site.new_site(bench.postgres)
    except helpdesk_site.NotFetched as reason:
        bench.say(f"SKIPPED helpdesk: {reason}")
        return
    bench.say(f"compared with {helpdesk_site.VERSION}")
    found: dict[str, list[Run]] = {}
    with new_ground(bench.place("helpdesk"), bench.postgres, "h") as ground:
        for _ in range(bench.runs):
            with six_processes(ground) as place:
                driver = _warm_driver(bench, place)
                ours = _as_many_as_go(driver, place, bench.many(900, 20), SATURATING)
                grouped = groups.grouped_over(place, bench.many(3000, 100), 1, bench.many(200, 3))
            theirs = helpdesk_site.over_http(site, bench.many(200, 10), 1)
            calls = helpdesk_site.by_calls(site, bench.many(400, 40), 1)
            for name, run in zip(RIVALS, (ours, grouped, theirs, calls), strict=True):
                found.setdefault(name, []).append(run)
    rate = "cases_per_second"
    for name, runs in found.items():
        bench.found.add(name, middle(rate, runs))
    for name, mine, other, words in COMPARISONS:
        pairs = zip(found[mine], found[other], strict=True)
        times = statistics.median(m.figures[rate] / o.figures[rate] for m, o in pairs)
        bench.found.derive(name, times, words)


def large(bench: Bench) -> None:
    """The grouped chain with 200,000 closed cases in the tables, beside that with 2,000."""
    found = bench.found
    sizes = {"small": bench.many(2_000, 20), "large": bench.many(200_000, 80)}
    for name, cases in sizes.items():
        settings, count = embedded_settings(bench.place(name)), bench.many(1500, 50)
        run = replay.on_tables(settings, bench.patterns, cases, count, bench.runs, bench.say)
        found.add(name, run)
    share = found.figures["large_cases_per_second"] / found.figures["small_cases_per_second"]
    words = f"With {sizes['large']:,} cases in the tables over {sizes['small']:,}."
    found.derive("large_share_of_small", share, words)


def long(bench: Bench) -> None:
    """Memory over ten minutes of ten cases a second."""
    with one_process(bench.place("long")) as place:
        bench.found.add("memory", memory.flat(place, bench.many(600, 4)))


def _views(bench: Bench, place: Place) -> Run:
    return latency.views(place, bench.many(300, 10), 10.0, bench.warm)


def _over_http(bench: Bench, place: Place, count: int, at_once: int = 64) -> Run:
    driver = _warm_driver(bench, place)
    return median(
        "cases_per_second", bench.runs, lambda: _as_many_as_go(driver, place, count, at_once)
    )


def _warm_driver(bench: Bench, place: Place) -> Driver:
    driver = Driver(place.bases, place.keys)
    asyncio.run(driver.run(bench.warm, None, whole=True))
    return driver


def _as_many_as_go(driver: Driver, place: Place, count: int, at_once: int) -> Run:
    driver.latencies.clear()
    with spent(place.parts) as cpu:
        seconds = asyncio.run(driver.run(count, None, whole=True, at_once=at_once))
    return Run(_figures(count, seconds, driver, cpu.others, cpu.own), cpu)


def _at_rate(place: Place, count: int, rate: float) -> Run:
    driver = Driver(place.bases, place.keys)
    with spent(place.parts) as cpu:
        seconds = asyncio.run(driver.run(count, rate, whole=True, at_once=SATURATING))
    figures = _figures(count, seconds, driver, cpu.others, cpu.own)
    return Run(figures | {"behind_s": seconds - (count - 1) / rate}, cpu)


def _figures(
    count: int, seconds: float, driver: Driver, others: float, own: float
) -> dict[str, float]:
    return {
        "cases_per_second": count / seconds,
        "cpu_ms_per_case": others / count * 1000,
        "load_cpu_ms_per_case": own / count * 1000,
        "register_p50_ms": percentile(driver.latencies, 0.5) * 1000,
        "register_p99_ms": percentile(driver.latencies, 0.99) * 1000,
    }


def _registrations(bench: Bench, place: Place, count: int) -> Run:
    """52 a second: the whole country's average of closed cases."""
    driver = Driver(place.bases, place.keys)
    asyncio.run(driver.run(bench.warm * 3, 52.0, whole=False))
    driver.latencies.clear()
    with spent(place.parts) as cpu:
        asyncio.run(driver.run(count, 52.0, whole=False))
    figures = {
        "p50_ms": percentile(driver.latencies, 0.5) * 1000,
        "p99_ms": percentile(driver.latencies, 0.99) * 1000,
        "cpu_ms_each": cpu.others / count * 1000,
    }
    return Run(figures, cpu)


Job = Callable[[Bench], None]
JOBS: tuple[tuple[str, Job], ...] = (
    ("yardstick", measure_yardstick),
    ("embedded", embedded),
    ("single_grouped", single_grouped),
    ("single_http", single_http),
    ("cluster", cluster),
    ("helpdesk", helpdesk),
    ("readers", readers),
    ("rebuilding", rebuilding),
    ("large", large),
)
CLUSTER = frozenset({"cluster", "helpdesk", "readers", "rebuilding"})
"""Those that need a broker or PostgreSQL."""
