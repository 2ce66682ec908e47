"""How fast this interpreter is at this hour: a fixed piece of Python. It measures nothing of the platform.

One machine's speed drifts by a third within a day, and a Python that was built without profile-guided
optimization (as version managers build it) needs a sixth more CPU for the same cases than the image's. So
two figures are compared by what each was of its yardstick.
"""

import json
import platform
import sys
from dataclasses import dataclass, replace

from tools.bench.cpu import spent
from tools.bench.figures import Run

ROUNDS = 200_000


@dataclass(frozen=True, slots=True)
class _State:
    seq: int = 0
    seen: tuple[str, ...] = ()


def run(rounds: int = ROUNDS) -> Run:
    """Rounds per CPU second."""
    with spent() as cpu:
        folded(rounds)
    python = f"{platform.python_implementation()} {platform.python_version()} of {sys.base_prefix}"
    return Run({"per_cpu_second": rounds / cpu.own}, cpu, python)


def folded(rounds: int) -> int:
    """What a turn does all day, made of the standard library alone: read JSON, fold, keep by name."""
    text = json.dumps({"type": "a.B", "claims": ["one", "two"], "at": "2026-11-22T00:00:00Z"})
    heads: dict[str, _State] = {}
    for number in range(rounds):
        event = json.loads(text)
        case_id = f"case-{number % 997}"
        state = heads.get(case_id) or _State()
        seen = (*state.seen[-3:], event["type"])
        heads[case_id] = replace(state, seq=state.seq + len(event["claims"]), seen=seen)
    return sum(state.seq for state in heads.values())

