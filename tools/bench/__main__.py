"""``make bench``: measures on this machine and writes ``bench/latest.json``, a flat object of numbers.

It says what each figure is, the CPU beside it and what bounds it; load and platform share the same cores.
"""

import argparse
import json
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tools.bench.figures import GATES, Found
from tools.bench.jobs import CLUSTER, JOBS, Bench, Job, long
from tools.cluster.availability import missing_parts

RESULT = Path("bench/latest.json")


def main(words: Sequence[str] | None = None) -> int:
    """0, or with ``--gate`` 1 when a gate is not met or could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="as little as shows that it works")
    parser.add_argument("--only", default="", help="only jobs whose name begins so, comma between")
    parser.add_argument("--long", action="store_true", help="also ten minutes of load, for memory")
    parser.add_argument("--gate", action="store_true", help="end with 1 if a gate is not met")
    parser.add_argument("--to", type=Path, default=RESULT, help="where the figures are written")
    told = parser.parse_args(words)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a job that fails raises
    jobs = [*JOBS, *([("memory", long)] if told.long else [])]
    begins = ("yardstick", *told.only.split(","))
    found = measure([job for job in jobs if job[0].startswith(begins)], told.quick)
    # A file has no width of its own, and a narrow table breaks every line.
    Console(width=max(Console().width, 160)).print(table(found))
    met = [gate.figure in found.figures and gate.met(found.figures[gate.figure]) for gate in GATES]
    told.to.parent.mkdir(parents=True, exist_ok=True)
    numbers = {name: round(value, 3) for name, value in sorted(found.figures.items())}
    told.to.write_text(json.dumps(numbers, indent=1) + "\n")
    print(f"{sum(met)} of {len(met)} gates are met. Written to {told.to}")
    return int(told.gate and not all(met))


def measure(jobs: Sequence[tuple[str, Job]], quick: bool) -> Found:
    """Do the jobs one after another; a line for each when it is done."""
    console = Console(stderr=True)
    root = Path(tempfile.mkdtemp(prefix="lianxin-bench-"))
    why = missing_parts() if any(name in CLUSTER for name, _ in jobs) else []
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("measuring", total=len(jobs))
        bench = Bench(root, quick, lambda line: console.print(f"  {line}", highlight=False))
        bench.found.tell = bench.say
        try:
            with bench.open:
                for name, job in jobs:
                    bar.update(task, description=name)
                    began = time.monotonic()
                    if name in CLUSTER and why:
                        bench.say(f"SKIPPED {name}: {' '.join(why)}")
                    else:
                        job(bench)
                        bench.say(f"{name}: {time.monotonic() - began:.0f} s")
                    bar.advance(task)
        finally:
            shutil.rmtree(root, ignore_errors=True)
    return bench.found


def table(found: Found) -> Table:
    """Every figure with its gate, its CPU, and what bounds it (once for figures of one measurement)."""
    shown = Table("figure", "value", "gate", "CPU s", "what bounds it", box=SIMPLE)
    shown.columns[0].no_wrap = True
    gates, said = {gate.figure: gate for gate in GATES}, ""
    for name, value in found.figures.items():
        if name.endswith("_cpu_s"):
            continue
        gate = gates.get(name)
        bar = "" if gate is None else f"{gate.words} {'met' if gate.met(value) else 'UNMET'}"
        cost = f"{found.costs[name]:,.1f}" if name in found.costs else ""
        words = found.bounds.get(name, "")
        shown.add_row(name, f"{value:,.2f}", bar, cost, words if words != said else "")
        said = words
    return shown


if __name__ == "__main__":
    sys.exit(main())
