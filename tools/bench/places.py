"""Where a measurement runs: one process on the embedded homes, or six on a real broker and PostgreSQL."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from libs.host.settings import Settings
from services.list import NAMES


@dataclass(frozen=True, slots=True)
class Place:
    """``process``: the one whose descendants do the work."""

    bases: dict[str, str]
    keys: Path
    process: int


def embedded_settings(root: Path) -> Settings:
    """The embedded default under a directory of its own, as durable as the real one."""
    return Settings(
        log_url=f"sqlite:///{root}/log.db",
        database_url=f"sqlite:///{root}/{{service}}.db",
        vault_url=f"sqlite:///{root}/{{service}}.db",
        master_key_file=root / "keys/master.key",
        server_key_file=root / "keys/server.key",
        token_jwks_file=root / "keys/tokens.jwks.json",
        citizen_key_file=root / "keys/citizen.jwk.json",
    )


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process is told them."""
    told = {
        name.upper(): str(value)
        for name, value in settings.model_dump().items()
        if value is not None
    }
    return {**os.environ, **told, "LOG_LEVEL": "WARNING"}


@contextmanager
def one_process(root: Path) -> Iterator[Place]:
    """``python -m services``: all six in one process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = embedded_settings(root).model_copy(update={"port": port})
    # Under a shell of its own, so that its CPU is that of a descendant.
    process = subprocess.Popen([sys.executable, "-m", "services"], env=environment(settings))
    try:
        base = f"http://127.0.0.1:{port}"
        _await_ready(base, process)
        yield Place(dict.fromkeys(NAMES, base), root / "keys", os.getpid())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@contextmanager
def six_processes(root: Path) -> Iterator[Place]:
    """``python -m tools.cluster``: a process per service, Kafka and PostgreSQL, on these same cores."""
    command = [sys.executable, "-m", "tools.cluster", "--directory", str(root)]
    process = subprocess.Popen(
        command, env={**os.environ, "LOG_LEVEL": "WARNING"}, stdout=subprocess.DEVNULL
    )
    try:
        bases = {name: f"http://127.0.0.1:{8101 + number}" for number, name in enumerate(NAMES)}
        for base in bases.values():
            _await_ready(base, process)
        yield Place(bases, Path("var/keys"), os.getpid())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(90)


def _await_ready(base: str, process: "subprocess.Popen[bytes]", seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"ended with {process.returncode} before it was ready")
        try:
            if httpx.get(f"{base}/readyz", timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise RuntimeError(f"{base} was not ready within {seconds:.0f} s")
