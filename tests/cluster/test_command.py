"""`make cluster` starts, watches and ends all its parts. Small servers play the services."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.cluster.children import free_port, wait_until
from tools.cluster.fixtures import need_broker, need_postgres

CHECKOUT = Path(__file__).resolve().parents[2]
SERVER = """
import http.server, os, sys, threading
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        if self.path == "/end": threading.Thread(target=os._exit, args=(3,)).start()
    def log_message(self, *words): pass
print("log is", os.environ["LOG_URL"], "and", os.environ["DATABASE_URL"], os.environ["EXTRA"])
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""
WITH_SERVERS = """
import sys
from tools.cluster.__main__ import main
from tools.cluster.processes import Process
server, one, two, *words = sys.argv[1:]
sys.exit(main(words, [
    Process("one", ("-c", server), int(one), {"EXTRA": "of one"}),
    Process("two", ("-c", server), int(two), {"EXTRA": "of two"}),
]))
"""


class Run:
    """A running command whose whole output is kept."""

    def __init__(self, directory: Path, *words: str) -> None:
        self.directory = directory
        self.output = directory.with_suffix(f".{time.monotonic_ns()}.output")
        ports = ["--kafka-port", "0", "--postgres-port", "0", "--directory", str(directory)]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *words, *ports],
                cwd=CHECKOUT,
                stdout=output,
                stderr=output,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str) -> None:
        ended = self.process.poll
        assert wait_until(lambda: words in self.said or ended() is not None, limit_s=120)
        assert words in self.said

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)

    def left_behind(self) -> list[str]:
        """Command lines of living processes that name or stand in the directory."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) not in (os.getpid(), self.process.pid):
                try:
                    words = (entry / "cmdline").read_bytes().decode(errors="replace")
                    where = str((entry / "cwd").readlink())
                except OSError:  # ended meanwhile, or ended and not yet collected by its parent
                    continue
                if str(self.directory) in words + where:
                    found.append(words)
        return found


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[list[Run]]:
    """Commands to be ended after the test, whatever became of it."""
    need_broker()
    need_postgres()
    started: list[Run] = []
    yield started
    for run in started:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()


PARTS_ONLY = ("-m", "tools.cluster", "--parts-only")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_parts_start_and_stop_cleanly_and_leave_no_process(
    tmp_path: Path, runs: list[Run], how: signal.Signals
) -> None:
    run = Run(tmp_path / "cluster", *PARTS_ONLY)
    runs.append(run)
    run.wait_for("Ready.")
    assert "kafka://127.0.0.1:" in run.said
    assert "/{service}" in run.said
    assert len(run.left_behind()) > 1
    assert run.end(how) == 0
    assert run.left_behind() == []
    assert "Traceback" not in run.said


def test_a_second_start_is_refused_with_the_first_one_s_process_id(
    tmp_path: Path, runs: list[Run]
) -> None:
    first = Run(tmp_path / "cluster", *PARTS_ONLY)
    runs.append(first)
    first.wait_for("Ready.")
    second = Run(tmp_path / "cluster", *PARTS_ONLY)
    runs.append(second)
    assert second.process.wait(60) == 2
    assert f"as process {first.process.pid}. Stop it first" in second.said
    assert first.process.poll() is None


def test_everything_dies_with_a_killed_starter_and_the_next_start_succeeds(
    tmp_path: Path, runs: list[Run]
) -> None:
    run = Run(tmp_path / "cluster", "-c", WITH_SERVERS, SERVER, *(str(free_port()) for _ in "12"))
    runs.append(run)
    run.wait_for("Ready.")
    run.end(signal.SIGKILL)
    assert wait_until(lambda: run.left_behind() == [], limit_s=10), run.left_behind()
    again = Run(tmp_path / "cluster", *PARTS_ONLY)
    runs.append(again)
    again.wait_for("Ready.")
    assert again.end(signal.SIGTERM) == 0


def test_processes_are_told_where_the_parts_are_and_stop_before_them(
    tmp_path: Path, runs: list[Run]
) -> None:
    ports = [str(free_port()) for _ in "12"]
    run = Run(tmp_path / "cluster", "-c", WITH_SERVERS, SERVER, *ports)
    runs.append(run)
    run.wait_for("Ready.")
    assert "one | log is kafka://127.0.0.1:" in run.said
    assert "/{service} of two" in run.said
    assert f"two  http://127.0.0.1:{ports[1]}" in run.said
    assert run.end(signal.SIGINT) == 0
    words = ("Processes stopped.", "PostgreSQL stopped.", "Kafka stopped.")
    assert [line for line in run.said.splitlines() if line in words] == list(words)
    assert run.left_behind() == []


def test_a_process_that_dies_is_named_and_ends_everything(tmp_path: Path, runs: list[Run]) -> None:
    ports = [str(free_port()) for _ in "12"]
    run = Run(tmp_path / "cluster", "-c", WITH_SERVERS, SERVER, *ports)
    runs.append(run)
    run.wait_for("Ready.")
    subprocess.run(
        [sys.executable, "-c", f"import httpx; httpx.get('http://127.0.0.1:{ports[1]}/end')"],
        check=False,
        stderr=subprocess.DEVNULL,
    )
    assert run.process.wait(60) == 1
    assert "Stopped everything, for two ended with code 3." in run.said
    assert run.left_behind() == []


def test_a_process_that_never_gets_up_is_named(tmp_path: Path, runs: list[Run]) -> None:
    broken = "import sys; sys.exit('no such table')"
    run = Run(tmp_path / "cluster", "-c", WITH_SERVERS, broken, "1", "2")
    runs.append(run)
    assert run.process.wait(120) == 1
    assert "one | no such table" in run.said
    assert "ended with code 1." in run.said
