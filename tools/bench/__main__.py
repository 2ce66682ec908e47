"""``make bench``: measures on this machine and writes ``bench/latest.json``, a flat object of numbers.

It says what each figure is and gives the CPU beside it; load and platform share the same cores.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from libs.log.port import Outgoing
from libs.log.sqlite import SqliteLog
from tools.bench.chain import grouped
from tools.bench.cpu import spent
from tools.bench.driver import Driver, percentile
from tools.bench.places import Place, embedded_settings, one_process, six_processes
from tools.cluster.availability import missing_parts

RESULT = Path("bench/latest.json")
Figures = dict[str, float]


def main() -> int:
    """0 when everything that can be measured here was."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the cases, to try the bench itself"
    )
    parser.add_argument("--only", default="", help="only measurements whose name begins so")
    words = parser.parse_args()
    scale = 0.1 if words.quick else 1.0
    console = Console(stderr=True)
    jobs = [(n, j) for n, j in JOBS if n.startswith(words.only)]
    found: Figures = {}
    skipped: list[str] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("measuring", total=len(jobs))
        for name, job in jobs:
            bar.update(task, description=name)
            why = missing_parts() if name.startswith("cluster") else []
            if why:
                skipped.append(f"SKIPPED {name}: {' '.join(why)}")
            else:
                root = Path(tempfile.mkdtemp(prefix="lianxin-bench-"))
                try:
                    found |= {f"{name}_{key}": value for key, value in job(root, scale).items()}
                finally:
                    shutil.rmtree(root, ignore_errors=True)
            bar.advance(task)
    table = Table("figure", "value")
    for name, value in found.items():
        table.add_row(name, f"{value:,.2f}")
    Console().print(table)
    for line in skipped:
        print(line)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({k: round(v, 3) for k, v in found.items()}, indent=1) + "\n")
    print(f"written to {RESULT}")
    return 0


def embedded_grouped(root: Path, scale: float) -> Figures:
    """Registered to closed, six services in one process, commands in groups."""
    return grouped(embedded_settings(root), int(4000 * scale))


def embedded_http(root: Path, scale: float) -> Figures:
    """The same with every command over HTTP, one process."""
    with one_process(root) as place:
        return _over_http(place, int(1500 * scale), None)


def embedded_register(root: Path, scale: float) -> Figures:
    """Registrations arriving at 52 a second, the whole country's average of closed cases."""
    with one_process(root) as place:
        driver = Driver(place.bases, place.keys)
        asyncio.run(driver.run(50, 52.0, whole=False))
        driver.latencies.clear()
        asyncio.run(driver.run(int(1500 * scale), 52.0, whole=False))
        return {
            "p50_ms": percentile(driver.latencies, 0.5) * 1000,
            "p99_ms": percentile(driver.latencies, 0.99) * 1000,
        }


def cluster_http(root: Path, scale: float) -> Figures:
    """Every command over HTTP, six processes, broker and PostgreSQL: as fast as it goes, then at 20 a second."""
    with six_processes(root) as place:
        fast = _over_http(place, int(800 * scale), None)
        slow = _over_http(place, int(600 * scale), 20.0)
    return fast | {f"at_20_{key}": value for key, value in slow.items()}


def log_sqlite(root: Path, scale: float) -> Figures:
    """Records of 600 bytes: appended in batches of 500, then read by one reader."""

    async def measure() -> Figures:
        log = SqliteLog(f"{root}/log.db")
        await log.prepare({"t": 6})
        count = int(100_000 * scale)
        headers = tuple((f"ce_{n}", b"x" * 20) for n in range(12))
        batch = [Outgoing("t", f"case-{n}", headers, b"v" * 600) for n in range(500)]
        started = time.perf_counter()
        for _ in range(count // 500):
            await log.append(batch)
        appended = time.perf_counter() - started

        async def start(partitions: object) -> dict[int, int]:
            return {}

        reader = await log.open_reader("bench", "t", start)
        started, had = time.perf_counter(), 0
        while had < count:
            had += len(await reader.read(500, 1.0))
        read = time.perf_counter() - started
        await reader.close()
        await log.close()
        return {"append_per_second": count / appended, "read_per_second": count / read}

    return asyncio.run(measure())


def _over_http(place: Place, count: int, rate: float | None) -> Figures:
    driver = Driver(place.bases, place.keys)
    asyncio.run(driver.run(20, None, whole=True))
    driver.latencies.clear()
    with spent(place.process) as cpu:
        seconds = asyncio.run(driver.run(count, rate, whole=True))
    return {
        "cases_per_second": count / seconds,
        "cpu_ms_per_case": cpu.others / count * 1000,
        "load_cpu_ms_per_case": cpu.own / count * 1000,
        "register_p50_ms": percentile(driver.latencies, 0.5) * 1000,
        "register_p99_ms": percentile(driver.latencies, 0.99) * 1000,
    }


JOBS: list[tuple[str, Callable[[Path, float], Figures]]] = [
    ("embedded_grouped", embedded_grouped),
    ("embedded_http", embedded_http),
    ("embedded_register", embedded_register),
    ("cluster_http", cluster_http),
    ("log_sqlite", log_sqlite),
]


if __name__ == "__main__":
    sys.exit(main())
