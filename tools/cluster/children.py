"""Starts and ends child processes that die with this one. Never knows what they are."""

import ctypes
import os
import queue
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from tools.cluster.errors import NotReady

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class _Starter:
    """One thread that lives as long as the process and starts every child.

    Linux sends the parent-death signal when the starting *thread* ends, so a child started from a
    short-lived thread would die with that thread.
    """

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._process_id = 0

    def _work(self) -> None:
        while True:
            self._asked.get()()

    def run(self, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._process_id != os.getpid():  # first use, or the first after a fork
                self._process_id = os.getpid()
                self._asked = queue.SimpleQueue()
                threading.Thread(target=self._work, name="child-starter", daemon=True).start()
        answer: queue.SimpleQueue[subprocess.Popen[bytes] | BaseException] = queue.SimpleQueue()

        def attempt() -> None:
            try:
                answer.put(start())
            except BaseException as problem:
                answer.put(problem)

        self._asked.put(attempt)
        result = answer.get()
        if isinstance(result, BaseException):
            raise result
        return result


_starter = _Starter()


def start(
    command: Sequence[str | Path],
    *,
    output: int | IO[Any],
    at_parents_death: signal.Signals = signal.SIGKILL,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, both outputs to `output`, no input.

    The kernel sends it `at_parents_death` when this process ends in any way, `kill -9` included.
    The setting survives exec and `unshare -U` (the kernel clears it only when a process gains
    rights or changes its user outside the namespace, and this does neither).
    """
    parent = os.getpid()

    def die_with_parent() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(at_parents_death), 0, 0, 0)
        if os.getppid() != parent:  # the parent ended before the line above
            os._exit(1)

    return _starter.run(
        lambda: subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,  # Ctrl-C at a terminal reaches only the parent
            preexec_fn=die_with_parent,
        )
    )


def run(command: Sequence[str | Path], *, limit_s: float) -> tuple[int, str]:
    """Run `command` to its end: its exit code and what it said. Ended after `limit_s` seconds."""
    process = start(command, output=subprocess.PIPE)
    try:
        said, _ = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        said += f"\n(ended after {limit_s:.0f} s)".encode()
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return process.returncode, said.decode(errors="replace").strip()


def end(
    process: subprocess.Popen[bytes],
    *,
    politely: signal.Signals = signal.SIGTERM,
    limit_s: float = 20.0,
) -> int:
    """Ask the child to end, force it after `limit_s` seconds; its exit code."""
    if process.poll() is None:
        process.send_signal(politely)
        process.send_signal(signal.SIGCONT)  # a paused process hears nothing else
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def living_in(directory: Path) -> list[int]:
    """Process ids of those whose working directory is `directory`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == directory:
                    found.append(int(entry.name))
            except OSError:  # ended meanwhile, a zombie, or another user's
                continue
    return found


def wait_until(done: Callable[[], bool], *, limit_s: float, every_s: float = 0.02) -> bool:
    """Whether `done` came true within `limit_s` seconds."""
    deadline = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_given: set[int] = set()
"""Ports that were given out here. Who got one may not listen on it yet."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, and that was not given out by this process before.

    Below the range the kernel hands to outgoing connections: there, a client that keeps trying a
    server that is down for a moment can connect to itself and hold the server's port.
    """
    for _ in range(200):
        port = random.randrange(20_000, 32_000)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise NotReady("No free port found between 20000 and 32000 on 127.0.0.1.")


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log, for an error's message; a plain word if there is none."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    return "\n".join(lines[-count:]) or "(it said nothing)"
