"""``make run`` from the first start to the last: it loads, serves, walks, stops, and goes on."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tools.cluster.children import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
CASES = 300


class Demo:
    """``python -m tools.demo`` in a directory of its own, as in a fresh checkout."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(exist_ok=True)
        if not (place / ".venv").exists():  # the walk calls it by its place in a checkout
            (place / ".venv").symlink_to(Path(sys.prefix))
        self.output = place / f"said-{time.monotonic_ns()}"
        self.port = free_port()
        names = {"LOG_URL", "DATABASE_URL", "VAULT_URL", "REALM", "POLICY"}
        env = {name: value for name, value in os.environ.items() if name not in names}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tools.demo"],
                cwd=place,
                env={**env, "PYTHONPATH": str(CHECKOUT), "PORT": str(self.port)},
                stdout=output,
                stderr=output,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def ready(self) -> bool:
        try:
            base = f"http://127.0.0.1:{self.port}"
            return httpx.get(f"{base}/readyz", trust_env=False, timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def until_ready(self, seconds: float) -> float:
        """Wait; how long it took."""
        begun = time.monotonic()
        while not self.ready():
            assert self.process.poll() is None, self.said
            assert time.monotonic() - begun < seconds, self.said
            time.sleep(0.1)
        return time.monotonic() - begun

    def cases(self) -> int:
        """Registered cases, in both realms."""
        found = 0
        for name in ("intake", "restricted_intake"):
            path = self.place / f"var/{name}.db"
            if path.exists():
                with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as db:
                    try:
                        found += db.execute("SELECT count(*) FROM cases").fetchone()[0]
                    except sqlite3.OperationalError:  # not made yet
                        continue
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    """Ended with the test, whatever became of it."""
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.kill()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The first start."""
    demo = Demo(tmp_path_factory.mktemp("demo"))
    try:
        demo.until_ready(240)
        yield demo
    finally:
        demo.kill()


def walked(demo: Demo) -> str:
    return subprocess.run(
        ["bash", "var/walk.sh"], cwd=demo.place, capture_output=True, text=True, timeout=120, check=True
    ).stdout


@pytest.mark.timeout(400)
def test_the_first_start_loads_a_city_and_prints_one_case_s_walk(loaded: Demo) -> None:
    assert loaded.cases() == CASES
    assert f"is ready at http://127.0.0.1:{loaded.port}" in loaded.said
    assert "bash var/walk.sh" in loaded.said
    assert "/acceptance $ACCEPTOR" in loaded.said
    assert "eyJ" not in loaded.said, "no token stands on the screen"
    assert (loaded.place / "var/walk.sh").stat().st_mode & 0o777 == 0o600


def test_the_walk_goes_from_message_to_closed(loaded: Demo) -> None:
    said = walked(loaded)
    assert '"status":"closed"' in said
    assert "DraftReturned" in said, "the head sent the first draft back"
    assert "已劝离占道摊贩" in said.rpartition('"status":"closed"')[2], "the citizen reads the answer"
    assert '"status":4' not in said, said
    assert '"status":5' not in said, said
    assert re.search(r'"closed":\d+', said), "and the city's totals count it"


def test_a_second_instance_in_the_same_place_is_refused(loaded: Demo, demos: list[Demo]) -> None:
    second = Demo(loaded.place)
    demos.append(second)
    assert second.process.wait(30) == 2
    assert "A platform runs here already" in second.said
    assert loaded.ready()


def test_it_stops_when_asked_and_the_next_start_loads_nothing_anew(
    loaded: Demo, demos: list[Demo]
) -> None:
    before = loaded.cases()
    assert loaded.stop() == 0
    assert "Traceback" not in loaded.said
    again = Demo(loaded.place)
    demos.append(again)
    assert again.until_ready(60) < 20
    assert "loading" not in again.said
    assert again.cases() == before
    assert '"status":"closed"' in walked(again), "the walk can be walked a second time"
    assert again.stop() == 0


@pytest.mark.timeout(400)
def test_a_start_after_a_kill_in_the_middle_of_loading_comes_to_the_same_city(
    tmp_path: Path, demos: list[Demo]
) -> None:
    first = Demo(tmp_path / "demo")
    demos.append(first)
    until = time.monotonic() + 120
    while first.cases() <= CASES // 6:
        assert first.process.poll() is None, first.said
        assert time.monotonic() < until
        time.sleep(0.05)
    first.kill()
    assert first.cases() < CASES
    second = Demo(tmp_path / "demo")
    demos.append(second)
    second.until_ready(240)
    assert second.cases() == CASES
