"""One Kafka node: its settings, its disk, its Java process. Never fetches or chooses a port."""

import hashlib
import os
import signal
import socket
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.cluster import children
from tools.cluster.errors import NotReady

_SETTINGS = """\
process.roles=broker,controller
node.id={node_id}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
controller.quorum.voters={voters}
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor={replicas}
min.insync.replicas={in_sync}
offsets.topic.num.partitions=4
offsets.topic.replication.factor={replicas}
transaction.state.log.num.partitions=2
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={in_sync}
log.cleaner.dedupe.buffer.size=8388608
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""
_LOGGING = """\
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1}: %m%n
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
"""
_JVM = ("-Xms256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")


@dataclass(frozen=True, slots=True)
class Program:
    """What a node is run with: java, the folder of jars, and further words for Java."""

    java: Path
    jars: Path
    options: tuple[str, ...]


@dataclass(slots=True)
class Node:
    """A node at rest until `start`. `voters` maps every node's id to its controller port."""

    directory: Path
    node_id: int
    port: int
    voters: Mapping[int, int]
    program: Program
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """What the node says."""
        return self.directory / "node.log"

    @property
    def running(self) -> bool:
        """Whether the Java process lives, answering or not."""
        return self.process is not None and self.process.poll() is None

    def format(self, cluster_id: str) -> None:
        """Make the disk ready, once. Raises NotReady in Kafka's words."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "scratch").mkdir(exist_ok=True)
        self._write_settings()
        if (self.directory / "data" / "meta.properties").exists():
            return
        words = ["format", "-t", cluster_id, "-c", str(self._settings)]
        code, said = children.run([*self._command("kafka.tools.StorageTool"), *words], limit_s=60)
        if code != 0:
            raise NotReady(f"Kafka could not prepare {self.directory}: {said[-600:]}")

    def start(self) -> None:
        """Start the process; `answers` says when it serves. Raises NotReady if a port is taken."""
        for port in (self.port, self.voters[self.node_id]):
            if not children.is_free(port):
                raise NotReady(f"Port {port} is taken by another program; give the broker another.")
        self._write_settings()
        with self.log.open("ab") as output:
            self.process = children.start(
                [*self._command("kafka.Kafka"), str(self._settings)],
                output=output,
                cwd=self.directory,
            )

    def signal(self, what: signal.Signals) -> None:
        """Send a signal to the process, if it lives."""
        if self.process is not None:
            self.process.send_signal(what)

    def pause(self) -> None:
        """Stop the process where it is; returns when each of its threads stands still.

        A signal is only sent by `signal`: a thread on another core still answered after it.
        """
        if self.process is not None and self.running:
            self.process.send_signal(signal.SIGSTOP)
            seen = os.WSTOPPED | os.WEXITED | os.WNOWAIT  # or it ended, which is `running`'s to tell
            os.waitid(os.P_PID, self.process.pid, seen)

    def kill(self) -> None:
        """End it as a power cut would, and wait until it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def known_brokers(self) -> set[int]:
        """Ids of the brokers this node says are serving; empty while it answers nothing."""
        request = struct.pack(">hhih5si", 3, 1, 0, 5, b"ready", -1)  # Metadata v1, every topic
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(struct.pack(">i", len(request)) + request)
                with connection.makefile("rb") as stream:
                    (size,) = struct.unpack(">i", stream.read(4))
                    return _broker_ids(stream.read(size))
        except (OSError, struct.error):
            return set()

    @property
    def _settings(self) -> Path:
        return self.directory / "server.properties"

    def _command(self, main: str) -> list[str]:
        """The words that start Kafka's class `main`."""
        java = [str(self.program.java), *_JVM, *self.program.options]
        java += ["-Xmx384m" if len(self.voters) == 1 else "-Xmx320m"]
        # Compression libraries unpack themselves there, and stay after a kill.
        java += [f"-Djava.io.tmpdir={self.directory / 'scratch'}"]
        java += [f"-Dlog4j2.configurationFile={self._logging}"]
        return [*java, "-cp", f"{self.program.jars}/*", main]

    @property
    def _logging(self) -> Path:
        return self.directory / "log4j2.properties"

    def _write_settings(self) -> None:
        replicas = min(3, len(self.voters))
        text = _SETTINGS.format(
            node_id=self.node_id,
            port=self.port,
            controller_port=self.voters[self.node_id],
            voters=",".join(f"{n}@127.0.0.1:{port}" for n, port in self.voters.items()),
            data=self.directory / "data",
            replicas=replicas,
            in_sync=max(1, replicas - 1),
        )
        self._settings.write_text(text)
        self._logging.write_text(_LOGGING)


def archive_name(java_says: str) -> str:
    """The class archive's file name: it is good for one build of Java only."""
    return f"classes-{hashlib.sha256(java_says.encode()).hexdigest()[:12]}.jsa"


def _broker_ids(answer: bytes) -> set[int]:
    """Metadata response v1: correlation id, then brokers (id, host, port, rack)."""
    (count,) = struct.unpack_from(">i", answer, 4)
    ids, at = set(), 8
    for _ in range(count):
        node_id, host = struct.unpack_from(">ih", answer, at)
        at += 6 + host + 4
        (rack,) = struct.unpack_from(">h", answer, at)
        at += 2 + max(0, rack)
        ids.add(node_id)
    return ids
