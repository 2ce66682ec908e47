"""``make bench`` measures all it names, on every home, and says what bounds it; quick, so figures mean little."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.bench.__main__ import main as bench_of
from tools.bench.cpu import Spent, of_tree, spent
from tools.bench.driver import arrivals
from tools.bench.figures import GATES, Found, Gate, Run, median, percentile
from tools.bench.wire import BadAnswer, Wire
from tools.cluster.fixtures import need_broker, need_postgres

CHECKOUT = Path(__file__).resolve().parents[2]
SERVICES = ("intake", "dispatch", "supervision", "feedback", "evaluation", "analytics")
HOMES = ("sqlite", "kafka_postgres")
CHAINS = (
    *(f"{place}_{way}" for place in ("embedded", "single", "cluster") for way in ("grouped", "http")),
    "cluster_at_20",
)
NAMES = {
    *(f"{chain}_{figure}" for chain in CHAINS for figure in ("cases_per_second", "cpu_s")),
    *(
        f"{place}_register_{figure}"
        for place in ("embedded", "single")
        for figure in ("p50_ms", "p99_ms", "cpu_s")
    ),
    *(
        f"{home}_views_{figure}"
        for home in ("embedded", "single", "cluster")
        for figure in ("p50_ms", "p99_ms")
    ),
    *(f"log_{log}_{act}_per_second" for log in ("sqlite", "kafka") for act in ("append", "read")),
    *(f"hear_{home}_{name}_per_second" for home in HOMES for name in ("supervision", "analytics")),
    *(f"rebuild_{home}_{name}_per_second" for home in HOMES for name in (*SERVICES, "slowest")),
    *(
        f"{size}_{figure}"
        for size in ("small", "large")
        for figure in ("cases_per_second", "cpu_s")
    ),
    "yardstick_per_cpu_second",
    "large_share_of_small",
    "cluster_at_20_to_saturation_cpu",
}
LONG = {"memory_growth_share"}
COMPARED = {"helpdesk_times", "helpdesk_times_over_http", "helpdesk_times_grouped"}
"""Needs the package index; a machine without it measures all else."""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], str]:
    """What a quick run of everything writes and what it prints."""
    need_broker()
    need_postgres()
    to = tmp_path_factory.mktemp("bench") / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench", "--quick", "--long", "--to", str(to)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=540,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(to.read_text()), done.stdout + done.stderr


def test_the_figures_are_a_flat_object_of_numbers_and_none_is_missing(
    measured: tuple[dict[str, object], str],
) -> None:
    figures, said = measured
    assert all(type(value) in (int, float) for value in figures.values())
    assert figures.keys() >= NAMES | LONG
    assert figures.keys() >= COMPARED or "SKIPPED helpdesk" in said
    rates = [name for name in figures if name.endswith("per_second")]
    assert all(float(str(figures[name])) > 0 for name in rates)


def test_the_table_shows_every_figure_with_its_cpu_and_what_bounds_it(
    measured: tuple[dict[str, object], str],
) -> None:
    figures, shown = measured
    for name in (name for name in figures if not name.endswith("_cpu_s")):
        assert re.search(rf"^ *{name} +[-\d,.]+ ", shown, re.MULTILINE), name
    assert re.search(r"cluster_http_cases_per_second .*>= 20 +(met|UNMET) +\d+\.\d +\w+", shown)
    assert re.search(r"\d+ of 13 gates are met", shown)


def test_every_gate_names_a_figure_that_is_measured() -> None:
    assert {gate.figure for gate in GATES} <= NAMES | LONG | COMPARED
    assert Gate("x", least=10).met(10)
    assert not Gate("x", least=10).met(9.9)
    assert not Gate("x", most=10).met(10)


def test_an_unmet_gate_is_an_error_only_when_asked(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tools.bench", "--only", "nothing", "--to", str(tmp_path / "f")]
    codes = [subprocess.run([*words, *more], cwd=CHECKOUT).returncode for more in ([], ["--gate"])]
    assert codes == [0, 1]


def test_whatever_is_measured_stands_beside_the_yardstick_of_its_hour(tmp_path: Path) -> None:
    to = tmp_path / "figures.json"
    assert bench_of(["--quick", "--only", "nothing", "--to", str(to)]) == 0
    assert json.loads(to.read_text()).keys() == {"yardstick_per_cpu_second", "yardstick_cpu_s"}


def test_the_middle_one_of_three_runs_counts() -> None:
    rates = iter((5.0, 900.0, 7.0))
    run = median("rate", 3, lambda: Run({"rate": next(rates)}, Spent(seconds=1)))
    assert run.figures == {"rate": 7.0}
    found = Found()
    found.add("it", run)
    assert found.figures == {"it_rate": 7.0, "it_cpu_s": 0}


def test_what_is_busy_is_said_to_bound_it() -> None:
    cores = len(os.sched_getaffinity(0))
    assert (
        Spent(10, 0.1, 0, {"services": 9.5})
        .bound()
        .startswith("services fills one core" if cores > 1 else "All 1 cores are busy")
    )
    assert Spent(10, 0.1, 0, {"a": 5 * cores, "b": 4.5 * cores}).bound().startswith(f"All {cores}")
    assert Spent(10, 0.1, 0, {"a": 0.5}).bound().startswith("It waits: 0.05 of")
    assert Spent(10, 0.1, 9, {"a": 0.5}).bound().startswith("Noise: other programs took 0.9 of")


def test_the_cpu_of_a_child_s_child_counts_also_after_its_end() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    both = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); input()"
    process = subprocess.Popen([sys.executable, "-c", both], stdin=subprocess.PIPE)
    try:
        with spent({"it": process.pid}) as cpu:
            until = time.monotonic() + 60
            while of_tree(process.pid) < 0.3 and time.monotonic() < until:
                time.sleep(0.05)
        assert 0.2 < cpu.parts["it"] < 2
    finally:
        process.communicate(b"\n", timeout=20)


def test_a_stall_is_charged_to_all_who_arrived_in_it() -> None:
    waited: list[float] = []
    stall = asyncio.Event()

    async def ask(wire: Wire, arrived: float) -> None:
        if not waited:
            asyncio.get_running_loop().call_later(0.3, stall.set)
        await stall.wait()
        waited.append(time.perf_counter() - arrived)

    asyncio.run(arrivals(20, 100.0, ask, at_once=1))
    assert percentile(waited, 0.5) > 0.1, "half of them came while the first one hung"


def test_a_connection_is_kept_and_made_anew_when_the_server_has_let_it_go() -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for _ in range(2):  # then it hangs up
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    async def ask() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        wire = Wire()
        for _ in range(4):
            assert (await wire.get(base, "/", {})).json() == {}
            await asyncio.sleep(0.01)
        await wire.close()
        server.close()
        await server.wait_closed()

    asyncio.run(ask())
    assert connections == 2


def test_an_answer_without_a_length_is_refused_and_not_waited_for() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        await reader.read()
        writer.close()

    async def ask() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        wire = Wire()
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            with pytest.raises(BadAnswer):
                await wire.get(base, "/", {})
        finally:
            await wire.close()
            server.close()

    asyncio.run(ask())
