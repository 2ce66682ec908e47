"""A process that imports the platform once and forks for each order: a Python start costs seconds here.

``python -m tests.faults.crash.process`` takes a JSON line per order and answers with the exit status.
"""

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from libs.host.settings import Settings
from tests.conftest import embedded
from tests.faults.crash import checks, play
from tests.faults.crash.points import POINTS

ROOT = Path(__file__).parents[3]
DEADLINE = 90
"""Seconds after which a child is ended whatever it does."""


class Forks:
    """The forking process, from outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.crash.process"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def do(self, what: str, settings: Settings, folder: Path, **more: Any) -> int:
        """Let a new process do it; gives its exit code, negative for a signal."""
        order = {"what": what, "settings": settings.model_dump(mode="json"), "folder": str(folder)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order | more) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()


def serve() -> None:
    """Play everything once, so that nothing is done for the first time in a child; then fork for each."""
    with TemporaryDirectory() as folder:
        settings = embedded(Path(folder)).model_dump(mode="json")
        for what in ("cases", "check"):
            asyncio.run(
                _work({"what": what, "settings": settings, "folder": folder, "name": "warm"})
            )
    gc.freeze()
    assert threading.active_count() == 1, "a fork would leave other threads behind"
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.alarm(DEADLINE)
            _fulfil(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _fulfil(order: dict[str, Any]) -> None:
    code = 1
    try:
        with (Path(order["folder"]) / "said.log").open("a") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        asyncio.run(_work(order))
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


async def _work(order: dict[str, Any]) -> None:
    settings = Settings(**order["settings"])
    place = play.Place(settings, Path(order["folder"]))
    point = next((p for p in POINTS if p.name == order.get("point")), None)
    reaper = play.begin(place, point, order.get("variant", ""))
    match order["what"]:
        case "cases":
            await play.act(place, reaper, order["name"])
        case "rebuild":
            await play.build_anew(settings, "supervision")
        case "check":
            found = await checks.findings(settings, place.told)
            (place.folder / "found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    serve()
