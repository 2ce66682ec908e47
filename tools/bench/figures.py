"""What was measured: numbers by name, the CPU beside them, and a sentence on what bounds each."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tools.bench.cpu import Spent


@dataclass(frozen=True, slots=True)
class Run:
    """One run of something: its figures, and what it cost. ``own``: what this process was in it."""

    figures: dict[str, float]
    cost: Spent
    own: str = "load"


@dataclass(slots=True)
class Found:
    """All that was measured so far. ``costs`` and ``bounds`` are by the name of a figure."""

    figures: dict[str, float] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    bounds: dict[str, str] = field(default_factory=dict)
    tell: Callable[[str], None] = lambda line: None

    def add(self, name: str, run: Run) -> None:
        """Take in a run; its figures get the name in front, and one more tells its CPU seconds."""
        total = run.cost.own + run.cost.others
        for key, value in run.figures.items():
            self.figures[f"{name}_{key}"] = value
            self.costs[f"{name}_{key}"] = total
            self.bounds[f"{name}_{key}"] = run.cost.bound(run.own)
        self.figures[f"{name}_cpu_s"] = total
        told = ", ".join(f"{key} {value:,.1f}" for key, value in run.figures.items())
        self.tell(f"{name}: {told}")

    def derive(self, name: str, value: float, words: str) -> None:
        """A figure that follows from others."""
        self.figures[name] = value
        self.bounds[name] = words


def median(of: str, runs: int, once: Callable[[], Run]) -> Run:
    """The run in the middle by one of its figures: one that noise has struck is left out."""
    return middle(of, [once() for _ in range(runs)])


def middle(of: str, done: Sequence[Run]) -> Run:
    """Of these runs the one in the middle by one of its figures."""
    value = statistics.median_low(run.figures[of] for run in done)
    return next(run for run in done if run.figures[of] == value)


def percentile(values: list[float], share: float) -> float:
    """By nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure and what it must at least be, or at most."""

    figure: str
    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        """Whether a value is good enough."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value < self.most
        )

    @property
    def words(self) -> str:
        """The bar, as the table shows it."""
        return f">= {self.least:,g}" if self.least is not None else f"< {self.most:,g}"


GATES = (
    Gate("embedded_grouped_cases_per_second", least=200),
    Gate("embedded_http_cases_per_second", least=60),
    Gate("embedded_register_p99_ms", most=100),
    Gate("cluster_grouped_cases_per_second", least=80),
    Gate("cluster_http_cases_per_second", least=20),
    Gate("cluster_at_20_to_saturation_cpu", most=2),
    Gate("rebuild_sqlite_slowest_per_second", least=40_000),
    Gate("rebuild_kafka_postgres_slowest_per_second", least=40_000),
    Gate("helpdesk_times", least=10),
    Gate("helpdesk_times_over_http", least=10),
    Gate("helpdesk_times_grouped", least=10),
    Gate("large_share_of_small", least=0.8),
    Gate("memory_growth_share", most=0.05),
)
