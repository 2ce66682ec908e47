"""Where a measurement runs: one process on the embedded homes, or many on a real broker and PostgreSQL."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

from libs.host.run import prepare_keys
from libs.host.settings import Settings
from services.list import EVERY, NAMES
from tools.cluster import children, jars
from tools.cluster.broker import Broker
from tools.cluster.postgres import Postgres


class Worker:
    """A process that is told what to do line by line."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def ask(self, **words: Any) -> None:
        """Ask for something; the answer comes by ``answer``."""
        self._pipe(self.process.stdin).write(json.dumps(words).encode() + b"\n")
        self._pipe(self.process.stdin).flush()

    def answer(self) -> Any:
        """The next answer. Raises ``RuntimeError`` if it has ended instead."""
        line = self._pipe(self.process.stdout).readline()
        if not line:
            raise RuntimeError(f"a worker ended with {self.process.wait(10)}")
        return json.loads(line)

    def _pipe(self, pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


@dataclass(frozen=True, slots=True)
class Place:
    """``parts``: the processes at work there, by what they are; ``workers``: who takes groups."""

    bases: dict[str, str]
    keys: Path
    parts: dict[str, int]
    workers: dict[str, Worker] = field(default_factory=dict)


def embedded_settings(root: Path) -> Settings:
    """The embedded default under a directory of its own, as durable as the real one."""
    return Settings(
        log_url=f"sqlite:///{root}/log.db",
        database_url=f"sqlite:///{root}/{{service}}.db",
        vault_url=f"sqlite:///{root}/{{service}}.db",
        **_keys(root),
    )


def _keys(root: Path) -> dict[str, Any]:
    return {
        "master_key_file": root / "keys/master.key",
        "server_key_file": root / "keys/server.key",
        "token_jwks_file": root / "keys/tokens.jwks.json",
        "citizen_key_file": root / "keys/citizen.jwk.json",
    }


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process is told them."""
    told = {
        n.upper(): str(value) for n, value in settings.model_dump().items() if value is not None
    }
    return {**compiled(os.environ), **told, "LOG_LEVEL": "WARNING"}


def compiled(given: Mapping[str, str]) -> dict[str, str]:
    """An environment in which Python keeps what it has compiled, beside all checkouts.

    Where nothing is kept, compiling is two thirds of each start: 3.4 s of CPU a process.
    """
    kept = {n: value for n, value in given.items() if n != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(jars.cache().parent / "bytecode")}


@contextmanager
def one_process(root: Path) -> Iterator[Place]:
    """``python -m services``: all six in one process."""
    settings = embedded_settings(root).model_copy(update={"port": children.free_port()})
    base = f"http://127.0.0.1:{settings.port}"
    with _process(root, "services", [], settings) as process:
        await_ready(base, process)
        yield Place(dict.fromkeys(NAMES, base), root / "keys", {"services": process.pid})


@dataclass(frozen=True, slots=True)
class Ground:
    """A broker and databases of the PostgreSQL, and the settings of services that stand on them."""

    root: Path
    postgres: Postgres
    databases: Sequence[str]
    broker: Broker
    settings: Settings

    @property
    def parts(self) -> dict[str, int]:
        """Their processes."""
        broker = self.broker.nodes[0].process
        assert broker is not None, "the broker was not started"
        return {"broker": broker.pid, "postgres": self.postgres.process_id}

    def tidy(self) -> None:
        """Leave autovacuum nothing to do, which else falls to whatever is measured up to a minute later."""
        for database in self.databases:
            self.postgres.tidy(database)


@contextmanager
def new_ground(root: Path, postgres: Postgres, name: str) -> Iterator[Ground]:
    """An empty log on a broker of its own, and empty databases on the PostgreSQL that all share."""
    databases = [f"{name}_{part}" for part in (*EVERY, "vault")]
    for database in databases:
        postgres.create_database(database)
    url = postgres.url_template.replace("{service}", f"{name}_{{service}}")
    with Broker.start(root / "kafka") as broker:
        told = {"log_url": broker.url, "database_url": url, "vault_url": url, **_keys(root)}
        settings = Settings(**told)
        prepare_keys(settings)
        yield Ground(root, postgres, databases, broker, settings)


SHARES = (("intake", "feedback", "analytics"), ("dispatch", "evaluation", "supervision"))
"""Which services stand in one process where there are two: about the same work each."""


@contextmanager
def two_processes(root: Path) -> Iterator[Place]:
    """The embedded homes, a process for each of two cores; each takes commands in groups too."""
    settings = embedded_settings(root)
    prepare_keys(settings)
    with _workers(root, settings, SHARES) as (bases, parts, workers):
        yield Place(bases, root / "keys", parts, workers)


@contextmanager
def six_processes(ground: Ground) -> Iterator[Place]:
    """A process per service, as in production, on these same cores; each takes commands in groups too."""
    with _workers(ground.root, ground.settings, [(name,) for name in NAMES]) as (bases, parts, workers):
        yield Place(bases, ground.root / "keys", ground.parts | parts, workers)


@contextmanager
def _workers(
    root: Path, settings: Settings, shares: Sequence[Sequence[str]]
) -> Iterator[tuple[dict[str, str], dict[str, int], dict[str, Worker]]]:
    """A worker for each share of services: where each service answers, the processes, the workers."""
    bases: dict[str, str] = {}
    parts: dict[str, int] = {}
    workers: dict[str, Worker] = {}
    with ExitStack() as stopping:
        for share in shares:
            own = settings.model_copy(update={"port": children.free_port()})
            started = _process(root, "tools.bench.worker", list(share), own, piped=True)
            process = stopping.enter_context(started)
            parts["+".join(share)] = process.pid
            bases |= dict.fromkeys(share, f"http://127.0.0.1:{own.port}")
            workers |= dict.fromkeys(share, Worker(process))
        for share in shares:
            worker = workers[share[0]]
            worker.answer()
            await_ready(bases[share[0]], worker.process)
        yield bases, parts, workers


@contextmanager
def _process(
    root: Path,
    module: str,
    words: list[str],
    settings: Settings,
    piped: bool = False,
) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", module, *words]
    with (root / "said.txt").open("ab") as said:
        process = subprocess.Popen(
            command,
            env=environment(settings),
            stdin=subprocess.PIPE if piped else None,
            stdout=subprocess.PIPE if piped else said,
            stderr=said,
        )
    try:
        yield process
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.send_signal(signal.SIGTERM)
        children.end(process, limit_s=30)


def await_ready(base: str, process: "subprocess.Popen[bytes]", path: str = "/readyz") -> None:
    """Until it answers 200. Raises ``RuntimeError`` when it ends or takes more than 90 s."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"ended with {process.returncode} before it was ready")
        try:
            if httpx.get(f"{base}{path}", timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"{base} was not ready in time")
