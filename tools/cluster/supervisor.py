"""Runs the platform's processes side by side and shows what they say. Never restarts one."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx

from tools.cluster import children
from tools.cluster.errors import NotReady
from tools.cluster.processes import Process


class Supervisor:
    """The processes started so far. `stop` ends them all, whatever happened before."""

    def __init__(self, directory: Path) -> None:
        """`directory` is the checkout, which the processes work in."""
        self._directory = directory
        self._started: list[tuple[Process, subprocess.Popen[bytes]]] = []
        self._readers: list[threading.Thread] = []

    def start(
        self, processes: Sequence[Process], env: Callable[[Process], Mapping[str, str]]
    ) -> None:
        """Start each with its `env` added to this process's own."""
        width = max((len(process.name) for process in processes), default=0)
        for process in processes:
            child = children.start(
                [sys.executable, *process.args],
                output=subprocess.PIPE,
                env={**os.environ, **env(process)},
                cwd=self._directory,
            )
            self._started.append((process, child))
            reader = threading.Thread(
                target=_show, args=(process.name.ljust(width), child), daemon=True
            )
            reader.start()
            self._readers.append(reader)

    def wait_until_ready(self, limit_s: float = 60.0) -> None:
        """Until each answers 200 at /readyz.

        Raises NotReady, naming the process, when one ends or does not get ready in time.
        """
        deadline = time.monotonic() + limit_s
        with httpx.Client(timeout=2.0, trust_env=False) as client:
            for process, _ in self._started:
                while not _is_ready(client, process):
                    if dead := self.dead():
                        raise NotReady(dead)
                    if time.monotonic() > deadline:
                        raise NotReady(
                            f"{process.name} is not ready after {limit_s:.0f} s: "
                            f"{process.address}/readyz does not answer 200."
                        )
                    time.sleep(0.1)

    def dead(self) -> str:
        """A sentence naming the first process that ended by itself; empty while all live."""
        for process, child in self._started:
            if child.poll() is not None:
                return f"{process.name} ended with code {child.returncode}."
        return ""

    def stop(self, limit_s: float = 20.0) -> None:
        """Ask all at once to end; force those that have not after `limit_s` seconds."""
        for _, child in self._started:
            child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + limit_s
        for process, child in self._started:
            left = max(0.0, deadline - time.monotonic())
            if children.end(child, limit_s=left) == -signal.SIGKILL:
                say(f"{process.name} did not end within {limit_s:.0f} s and was killed.")
        for reader in self._readers:
            reader.join(timeout=5)
        for _, child in self._started:
            if child.stdout is not None:
                child.stdout.close()
        self._started.clear()
        self._readers.clear()


def say(line: str) -> None:
    """One whole line on standard output, now."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _show(name: str, child: subprocess.Popen[bytes]) -> None:
    if child.stdout is not None:
        for line in child.stdout:
            say(f"{name} | {line.decode(errors='replace').rstrip()}")


def _is_ready(client: httpx.Client, process: Process) -> bool:
    try:
        return client.get(f"{process.address}/readyz").status_code == 200
    except httpx.HTTPError:
        return False
