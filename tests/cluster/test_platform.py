"""The platform as eight processes on a real Kafka and PostgreSQL: one case goes all the way."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.telemetry.journey import Walker
from tools.cluster import children
from tools.cluster.fixtures import need_broker, need_postgres
from tools.cluster.processes import FIRST_PORT, PROCESSES

CHECKOUT = Path(__file__).resolve().parents[2]
KEYS = {
    "MASTER_KEY_FILE": "master.key",
    "SERVER_KEY_FILE": "server.key",
    "TOKEN_JWKS_FILE": "tokens.jwks.json",
    "CITIZEN_KEY_FILE": "citizen.jwk.json",
}


class Cluster:
    """``python -m tools.cluster`` with parts, ports and keys of its own."""

    def __init__(self, place: Path) -> None:
        self.place, self.keys = place, place / "keys"
        self.first = free_ports(len(PROCESSES))
        self.output = place / f"said-{time.monotonic_ns()}"
        keys = {name: str(self.keys / file) for name, file in KEYS.items()}
        words = [
            "--directory", str(place / "cluster"), "--kafka-port", "0", "--postgres-port", "0",
            "--first-port", str(self.first),
        ]  # fmt: skip
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tools.cluster", *words],
                cwd=CHECKOUT,
                env={**os.environ, **keys},
                stdout=output,
                stderr=output,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def until_ready(self) -> None:
        ended = self.process.poll
        children.wait_until(lambda: "Ready." in self.said or ended() is not None, limit_s=150)
        assert "Ready." in self.said, self.said[-3000:]

    def base(self, name: str) -> str:
        """Where a process serves."""
        (port,) = (p.port for p in PROCESSES if p.name == name)
        return f"http://127.0.0.1:{port - FIRST_PORT + self.first}"

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)

    def left_behind(self) -> list[str]:
        """Command lines of living processes that were told of this cluster's place."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                except OSError:  # ended meanwhile
                    continue
                if str(self.place).encode() in told:
                    found.append((entry / "cmdline").read_text())
        return found


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    for _ in range(100):
        first = random.randrange(20_000, 31_000)
        if all(children.is_free(port) for port in range(first, first + count)):
            return first
    raise AssertionError("no ports are free")


@pytest.fixture
def clusters() -> Iterator[list[Cluster]]:
    """Ended with the test, whatever became of it."""
    need_broker()
    need_postgres()
    started: list[Cluster] = []
    yield started
    for cluster in started:
        cluster.process.kill()
        cluster.process.wait()


@pytest.mark.timeout(500)
def test_a_case_goes_from_message_to_closed_across_eight_processes_and_is_there_after_a_restart(
    tmp_path: Path, clusters: list[Cluster]
) -> None:
    first = Cluster(tmp_path)
    clusters.append(first)
    first.until_ready()
    for process in PROCESSES:
        answer = httpx.get(f"{first.base(process.name)}/readyz", trust_env=False)
        assert answer.status_code == 200, process.name
    with Walker(first.base, first.keys) as walker:
        case = walker.walk()
        walker.until_counted(1)
        report = walker.http.post(
            f"{first.base('intake')}/intake/cases",
            json={
                "channel": "web_portal",
                "kind": "K3",
                "title": "举报某科长受贿",
                "text": "该科长受贿。",
                "privacy_notice": True,
            },
            headers={"Authorization": f"Bearer {walker.token('channel')}", "Idempotency-Key": "a" * 8},
        )
        assert report.status_code == 307, "a report on an official belongs to the other realm"
        assert report.headers["location"] == f"{first.base('restricted')}/restricted/intake/cases"
    assert first.stop() == 0
    assert children.wait_until(lambda: first.left_behind() == [], limit_s=5), first.left_behind()
    assert "Traceback" not in first.said, first.said[-3000:]
    assert "was killed" not in first.said, "every process ended by itself"

    second = Cluster(tmp_path)
    clusters.append(second)
    second.until_ready()
    with Walker(second.base, second.keys) as walker:
        assert walker.see(f"/intake/cases/{case}", walker.token("acceptor"))["status"] == "closed"
        walker.until_counted(1)
        again = walker.register()
        assert again["receipt_no"]
        assert again["case_id"] != case
    assert second.stop() == 0
    assert children.wait_until(lambda: second.left_behind() == [], limit_s=5)
