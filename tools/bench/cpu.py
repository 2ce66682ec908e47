"""CPU seconds of processes and of their children, from the operating system. Linux only."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Spent:
    """CPU seconds between two looks."""

    own: float = 0.0
    others: float = 0.0


def of_descendants(root: int) -> float:
    """User and system seconds of all processes below one, so far. One that has ended counts no more."""
    parents: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            seconds = (int(fields[11]) + int(fields[12])) / TICKS
            parents[int(entry.name)] = (int(fields[1]), seconds)
    total, wanted = 0.0, {root}
    grown = True
    while grown:
        grown = False
        for pid, (parent, _) in parents.items():
            if parent in wanted and pid not in wanted:
                wanted.add(pid)
                grown = True
    for pid in wanted - {root}:
        total += parents[pid][1]
    return total


@contextmanager
def spent(root: int | None = None) -> Iterator[Spent]:
    """What this process, and the descendants of another, spend inside the block."""
    found = Spent()
    before = resource.getrusage(resource.RUSAGE_SELF)
    others = of_descendants(root) if root is not None else 0.0
    yield found
    after = resource.getrusage(resource.RUSAGE_SELF)
    found.own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if root is not None:
        found.others = of_descendants(root) - others
