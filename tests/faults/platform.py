"""A process per service on a broker and a PostgreSQL of its own, to be killed, hung and brought back.

What dies is started again after a while, as a container's restart policy does. Who acts on it keeps a
schedule that is printed line by line. No test stands here.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from libs.host.run import prepare_keys
from libs.host.settings import Settings
from libs.vault.keys import read_master_key
from services.list import EVERY, NAMES
from tools.cluster import children
from tools.cluster.broker import Broker
from tools.cluster.postgres import Postgres

CHECKOUT = Path(__file__).resolve().parents[2]
BACKOFF_SECONDS = 1.0
"""After so long a process that ended by itself is started again."""
GAVE_UP = ("the log lost records", "finds its own event", "were set aside", "is stored as version")
"""What a service says when it stops for a loss. Here nothing is lost, so it would be a false alarm."""

THROWN_OUT = ("Heartbeat session expired", "member_id was not recognized")


@dataclass(slots=True)
class Member:
    """One process. ``back_at``: when to start it again, by the monotonic clock."""

    name: str
    service: str
    port: int
    said: Path
    child: subprocess.Popen[bytes] | None = None
    back_at: float = 0.0

    @property
    def base(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Platform:
    """``replicas`` says how many processes a service has, if not one."""

    root: Path
    replicas: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.schedule: list[str] = []
        self.members: list[Member] = []
        self._began = time.monotonic()
        self._ending = threading.Event()
        self._lock = threading.RLock()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Self:
        self.broker = Broker.start(self.root / "kafka")
        self.postgres = Postgres.start(self.root / "postgres")
        for name in (*EVERY, "vault"):
            self.postgres.create_database(name)
        keys = self.root / "keys"
        self.settings = Settings(
            log_url=self.broker.url,
            database_url=self.postgres.url_template,
            vault_url=self.postgres.url_template,
            master_key_file=keys / "master.key",
            server_key_file=keys / "server.key",
            token_jwks_file=keys / "tokens.jwks.json",
            citizen_key_file=keys / "citizen.jwk.json",
            case_partitions=6,
        )
        prepare_keys(self.settings)  # once, before many processes would each make their own
        for file in (self.settings.master_key_file, self.settings.server_key_file):
            read_master_key(file, True)
        for service in NAMES:
            for number in range(self.replicas.get(service, 1)):
                name = service if number == 0 else f"{service}-{number + 1}"
                self.members.append(
                    Member(name, service, children.free_port(), self.root / f"{name}.said")
                )
        self._keeper.start()
        self.until_ready(90)
        self._began = time.monotonic()
        return self

    def __exit__(self, *ended: object) -> None:
        self.stop()
        self.postgres.stop()
        self.broker.stop()

    def stop(self) -> None:
        """End the services in order, and leave the parts."""
        self._ending.set()
        self._keeper.join(10)
        living = [m.child for m in self.members if m.child is not None]
        for child in living:
            child.send_signal(signal.SIGTERM)
            child.send_signal(signal.SIGCONT)
        for child in living:
            children.end(child, limit_s=25)

    def bases(self, service: str) -> list[str]:
        """Where a service's processes answer."""
        return [m.base for m in self.members if m.service == service]

    def until_ready(self, seconds: float) -> None:
        """Until every process answers that it is ready."""
        until = time.monotonic() + seconds
        with httpx.Client(timeout=5, trust_env=False) as client:
            for member in self.members:
                while not _is_ready(client, member):
                    said = children.last_lines(member.said)
                    assert time.monotonic() < until, f"{member.name} is not ready; it said:\n{said}"
                    time.sleep(0.2)

    # ---------------------------------------------------------------------------- doing harm

    def tell(self, what: str) -> None:
        """One more line of the schedule."""
        line = f"{time.monotonic() - self._began:6.1f} s  {what}"
        self.schedule.append(line)
        print(line, flush=True)

    def kill(self, member: Member, down: float) -> None:
        """``kill -9``; it is started again after ``down`` seconds."""
        with self._lock:
            if member.child is None or member.child.poll() is not None:
                self.tell(f"{member.name} is down already")
                return
            self.tell(f"kill -9 {member.name}, back after {down:.1f} s")
            member.child.kill()
            member.child.wait()
            member.child, member.back_at = None, time.monotonic() + down

    def hang(self, member: Member) -> None:
        """SIGSTOP: it keeps its connections and locks, and does nothing."""
        self.tell(f"SIGSTOP {member.name}")
        self._signal(member, signal.SIGSTOP)

    def go_on(self, member: Member) -> None:
        """SIGCONT: it does not know that it was away."""
        self.tell(f"SIGCONT {member.name}")
        self._signal(member, signal.SIGCONT)

    def _signal(self, member: Member, what: signal.Signals) -> None:
        with self._lock:
            if member.child is not None:
                member.child.send_signal(what)

    def kill_broker(self, down: float) -> None:
        """``kill -9`` for Kafka, and its start on the same disk; returns when it serves."""
        self.tell(f"kill -9 the broker, back after {down:.1f} s")
        self.broker.kill()
        time.sleep(down)
        self.broker.restart()
        self.tell("the broker serves again")

    def kill_postgres(self, down: float) -> None:
        """``kill -9`` for PostgreSQL and all its processes, and its start on the same disk."""
        self.tell(f"kill -9 PostgreSQL, back after {down:.1f} s")
        self.postgres.kill()
        time.sleep(down)
        self.postgres.restart()
        self.tell("PostgreSQL serves again")

    # ------------------------------------------------------------------------- bringing back

    def _keep(self) -> None:
        """Start what is down and due. An end that nobody asked for goes on the schedule."""
        while not self._ending.wait(0.05):
            with self._lock:
                for member in self.members:
                    if member.child is not None and member.child.poll() is not None:
                        self.tell(f"{member.name} ended by itself with {member.child.returncode}")
                        member.child, member.back_at = None, time.monotonic() + BACKOFF_SECONDS
                    if member.child is None and time.monotonic() >= member.back_at:
                        self._start(member)

    def _start(self, member: Member) -> None:
        settings = self.settings.model_copy(update={"port": member.port, "log_level": "INFO"})
        told = {n.upper(): str(v) for n, v in settings.model_dump().items() if v is not None}
        with member.said.open("ab") as output:
            member.child = children.start(
                [sys.executable, "-m", "services", member.service],
                output=output,
                env={**os.environ, **told},
                cwd=CHECKOUT,
            )

    def was_thrown_out(self, member: Member) -> bool:
        """Whether Kafka had given its partitions away when it went on, as it says itself."""
        said = member.said.read_text(errors="replace")
        return any(words in said for words in THROWN_OUT)

    def false_alarms(self) -> list[str]:
        """Lines in which a service gave up for a loss that there was not."""
        return [
            f"{member.name}: {line[:300]}"
            for member in self.members
            for line in member.said.read_text(errors="replace").splitlines()
            if any(words in line for words in GAVE_UP)
        ]


def _is_ready(client: httpx.Client, member: Member) -> bool:
    try:
        return client.get(f"{member.base}/readyz").status_code == 200
    except httpx.HTTPError:
        return False
