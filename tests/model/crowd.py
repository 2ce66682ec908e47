"""Plays many seeds on all cores, and one alone: ``python -m tests.model.crowd SEED`` prints its trace."""

import atexit
import os
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from tests.model.homes import Homes
from tests.model.play import Design, Played, as_designed, play

TOGETHER = 10
HAPPENED = {
    "killed": "is dead",
    "hit at a commit": "is hit",
    "stood still": "stands still",
    "stopped": "is stopped",
    "lost a commit": "cannot commit",
    "lost the answer of a commit": "gets no answer from its database",
    "lost an acknowledgement": ": ack lost",
    "sent twice": ": twice",
    "arrived late": ": late",
    "lost a send": ": lost",
    "could not read": "cannot read the log",
    "was answered": " answered [",
    "was refused": " Refused ",
    "retracted": "BreachRetracted",
    "closed": "CaseClosed",
}
"""What is counted in the traces, by words in them."""


@dataclass(slots=True)
class Crowd:
    """What became of many seeds."""

    played: int = 0
    failed: list[str] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)


def play_all(seeds: Iterable[int]) -> Crowd:
    """Many seeds, shared by as many processes as there are cores."""
    numbers = list(seeds)
    parts = [numbers[at : at + TOGETHER] for at in range(0, len(numbers), TOGETHER)]
    if len(parts) == 1:
        return play_some(numbers)
    whole = Crowd()
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for part in pool.map(play_some, parts):
            whole.played += part.played
            whole.failed += part.failed
            whole.happened += part.happened
    return whole


def play_some(seeds: Iterable[int], design: Design = as_designed) -> Crowd:
    """Some seeds, in this process."""
    some = Crowd()
    for seed in seeds:
        played = play(seed, homes(), design)
        some.played += 1
        some.happened.update(counted(played))
        if played.wrong:
            some.failed.append(str(played))
    return some


def counted(played: Played) -> Counter[str]:
    """What happened in a run."""
    found: Counter[str] = Counter()
    for line in played.trace:
        found.update(name for name, words in HAPPENED.items() if words in line)
    return found


@cache
def homes() -> Homes:
    """The tables of this process, made once."""
    root = mkdtemp(prefix="model-")
    atexit.register(rmtree, root, ignore_errors=True)
    return Homes(Path(root))


if __name__ == "__main__":
    one = play(int(sys.argv[1]), homes())
    print("\n".join(one.trace))
    print(one.hash)
    sys.exit(bool(one.wrong))
