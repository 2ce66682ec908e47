"""CPU seconds of processes and of their children, from the operating system. Linux only."""

import os
import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
FULL = 0.85
"""A core, or all cores, that is busy for so much of the time is what bounds the rest."""

NOISE = 0.2
"""So much of a core taken by other programs makes a figure doubtful."""


@dataclass(slots=True)
class Spent:
    """CPU seconds between two looks: of this process and of children that it started and saw end as ``own``,
    of each named part in ``parts``, of whatever else ran on the machine as ``foreign``."""

    seconds: float = 0.0
    own: float = 0.0
    foreign: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def others(self) -> float:
        """What the measured processes spent, without this one."""
        return sum(self.parts.values())

    def bound(self, own: str = "load") -> str:
        """What bounded the work, in a sentence made of what was measured; ``own``: our name for us."""
        cores = len(os.sched_getaffinity(0))
        shares = {own: self.own / self.seconds} if self.own / self.seconds >= 0.05 else {}
        shares |= {name: used / self.seconds for name, used in self.parts.items()}
        busy = sum(shares.values())
        told = sorted(shares.items(), key=lambda share: -share[1])
        most = ", ".join(f"{name} {share:.2f}" for name, share in told[:4])
        foreign = self.foreign / self.seconds
        if foreign >= NOISE:
            return f"Noise: other programs took {foreign:.1f} of {cores} cores. Of ours: {most}."
        if busy >= FULL * cores:
            return f"All {cores} cores are busy: {most}."
        if told and told[0][1] >= FULL:
            return f"{told[0][0]} fills one core, as Python does: {most}."
        return f"It waits: {busy:.2f} of {cores} cores are busy: {most}."


def of_tree(root: int) -> float:
    """User and system seconds of a process and all below it, so far; also of those that have ended
    and were waited for."""
    parents: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            seconds = sum(int(used) for used in fields[11:15]) / TICKS
            parents[int(entry.name)] = (int(fields[1]), seconds)
    wanted, grown = {root}, True
    while grown:
        found = {pid for pid, (parent, _) in parents.items() if parent in wanted} - wanted
        wanted |= found
        grown = bool(found)
    return sum(parents[pid][1] for pid in wanted if pid in parents)


@contextmanager
def spent(parts: Mapping[str, int] | None = None) -> Iterator[Spent]:
    """What this process, and the process trees of others, spend inside the block."""
    found, roots = Spent(), parts or {}
    before = _of_this()
    others = {name: of_tree(root) for name, root in roots.items()}
    everything, started = _of_machine(), time.perf_counter()
    yield found
    found.seconds = time.perf_counter() - started
    everything = _of_machine() - everything
    found.own = _of_this() - before
    found.parts = {name: max(0.0, of_tree(root) - others[name]) for name, root in roots.items()}
    found.foreign = max(0.0, everything - found.own - found.others)


def _of_this() -> float:
    """Of this process, and of its children that have ended and were waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _of_machine() -> float:
    """Seconds that all cores were busy, so far; also what a host took from a guest."""
    words = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    user, nice, system, _, _, hard, soft, stolen = (int(word) for word in words)
    return (user + nice + system + hard + soft + stolen) / TICKS


def memory_mb(root: int) -> float:
    """Megabytes of memory that a process holds by itself (resident set)."""
    pages = int(Path(f"/proc/{root}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
