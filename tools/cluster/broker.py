"""A real Kafka on 127.0.0.1, to use, pause, kill and bring back. Never one others can reach."""

import base64
import shutil
import signal
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.cluster import children, jars
from tools.cluster.errors import NotReady
from tools.cluster.node import Node, Program, archive_name

_READY_LIMIT_S = 90.0


class Broker:
    """A started Kafka of one node, or of three. Ends with the process that started it.

    Nodes are counted from 1; where a method takes `node`, None means all of them.
    """

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    @classmethod
    def start(cls, directory: Path, port: int = 0, nodes: int = 1) -> "Broker":
        """Start on `directory`, new or kept from an earlier run; returns once it answers.

        `port` is the first node's (0: a free one); further nodes and the controllers take free
        ports, which may differ from one start to the next over the same data. With three nodes
        topics get three replicas of which two must be in sync.
        Raises PartMissing (jars, Java) or NotReady (port taken, did not start).
        """
        directory = directory.resolve()
        voters = {n: children.free_port() for n in range(1, nodes + 1)}
        ports = {n: children.free_port() for n in voters} | ({1: port} if port else {})
        program = installed()
        self = cls([Node(directory / f"node-{n}", n, ports[n], voters, program) for n in voters])
        cluster_id = _cluster_id()
        for node in self.nodes:
            node.format(cluster_id)
        self._start(self.nodes)
        return self

    @property
    def bootstrap(self) -> str:
        """Where clients begin: "127.0.0.1:port", with a comma between several nodes'."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    @property
    def url(self) -> str:
        """The same as a value for LOG_URL: "kafka://127.0.0.1:port"."""
        return f"kafka://{self.bootstrap}"

    @property
    def running(self) -> bool:
        """Whether every node's process lives, answering or not."""
        return all(node.running for node in self.nodes)

    def stop(self, node: int | None = None, limit_s: float = 20.0) -> None:
        """Shut down cleanly; by force after `limit_s` seconds a node. Asked twice, done once."""
        chosen = [n for n in self._chosen(node) if n.process is not None]
        for one in chosen:
            one.signal(signal.SIGTERM)  # all at once: a lone last voter cannot hand over
            one.signal(signal.SIGCONT)
        for one in chosen:
            if one.process is not None:
                children.end(one.process, limit_s=limit_s)

    def kill(self, node: int | None = None) -> None:
        """End it as a power cut would (SIGKILL). What was acknowledged is still on disk."""
        for one in self._chosen(node):
            one.kill()

    def pause(self, node: int | None = None) -> None:
        """Let it hang: connections stay open and nothing is answered."""
        for one in self._chosen(node):
            one.pause()

    def resume(self, node: int | None = None) -> None:
        """Let a paused one go on."""
        for one in self._chosen(node):
            one.signal(signal.SIGCONT)

    def restart(self, node: int | None = None) -> None:
        """Start again on the same ports and data, stopping first what still runs."""
        self.stop(node)
        self._start(self._chosen(node))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _chosen(self, node: int | None) -> list[Node]:
        return self.nodes if node is None else [self.nodes[node - 1]]

    def _start(self, chosen: list[Node]) -> None:
        try:
            for node in chosen:
                node.start()
            for node in chosen:
                self._wait_for(node)
        except BaseException:
            for node in chosen:
                node.kill()
            raise

    def _wait_for(self, node: Node) -> None:
        expected = {one.node_id for one in self.nodes if one.running}
        served = children.wait_until(
            lambda: not node.running or expected <= node.known_brokers(),
            limit_s=_READY_LIMIT_S,
        )
        if not served or not node.running:
            how = "ended while starting" if not node.running else "gave no answer in time"
            said = children.last_lines(node.log)
            raise NotReady(f"Kafka node {node.node_id} {how}. {node.log} ends:\n{said}")


def installed() -> Program:
    """Java, the jars and the class archive, brought here where missing. Raises PartMissing."""
    java = jars.java()
    folder = jars.bring()
    _, build = children.run([java, "-version"], limit_s=30)
    archive = folder.parent / archive_name(build)
    with jars.alone(folder.parent):
        if not archive.exists():
            _write_archive(java, folder, archive)
    usable = archive.stat().st_size > 0
    return Program(java, folder, (f"-XX:SharedArchiveFile={archive}",) if usable else ())


def _write_archive(java: Path, folder: Path, archive: Path) -> None:
    """Run a broker once and let Java keep the classes it loaded: later starts take half the time.

    A Java that cannot do this leaves an empty file, and is not asked again.
    """
    fresh = archive.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    scratch = archive.parent / "first-run"
    shutil.rmtree(scratch, ignore_errors=True)
    port, controller = children.free_port(), children.free_port()
    program = Program(java, folder, (f"-XX:ArchiveClassesAtExit={fresh}",))
    node = Node(scratch, 1, port, {1: controller}, program)
    try:
        node.format(_cluster_id())
        with Broker([node]) as once:
            once.restart()
    except NotReady:
        fresh.unlink(missing_ok=True)
    shutil.rmtree(scratch, ignore_errors=True)
    fresh.touch()
    fresh.rename(archive)


def _cluster_id() -> str:
    """As `StorageTool random-uuid` makes it."""
    while True:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not made.startswith("-"):  # Kafka's tools would take it for an option
            return made
