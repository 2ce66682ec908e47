"""`make cluster`: the platform's processes on a real Kafka and PostgreSQL. Never for production."""

import argparse
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from tools.cluster import jars
from tools.cluster.availability import missing_parts
from tools.cluster.broker import Broker
from tools.cluster.errors import NotReady, PartMissing
from tools.cluster.postgres import Postgres
from tools.cluster.processes import DATABASES, FIRST_PORT, PROCESSES, Process, env_of, moved
from tools.cluster.supervisor import Supervisor, say

CHECKOUT = Path(__file__).resolve().parents[2]


class Asked(BaseException):
    """Somebody asked the cluster to stop."""


class AlreadyRuns(Exception):
    """Another cluster holds the directory; the message says which process."""


def main(words: Sequence[str] | None = None, processes: Sequence[Process] = PROCESSES) -> int:
    """Run until asked to stop. 0: stopped as asked; 1: a part failed; 2: refused to start."""
    parser = argparse.ArgumentParser(prog="python -m tools.cluster", description=__doc__)
    parser.add_argument("--parts-only", action="store_true", help="only Kafka and PostgreSQL")
    parser.add_argument("--directory", type=Path, default=CHECKOUT / "var" / "cluster")
    parser.add_argument("--kafka-port", type=int, default=29092, help="0: a free one")
    parser.add_argument("--postgres-port", type=int, default=25432, help="0: a free one")
    parser.add_argument("--first-port", type=int, default=FIRST_PORT, help="of the processes' ports")
    options = parser.parse_args(words)
    if options.first_port != FIRST_PORT:
        processes = moved(processes, options.first_port)
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, _stop)
    try:
        with only_one(options.directory):
            _run(options, [] if options.parts_only else processes)
    except Asked:
        say("Stopped.")
        return 0
    except AlreadyRuns as refusal:
        say(str(refusal))
        return 2
    except PartMissing as refusal:
        say(f"The cluster cannot start: {refusal}")
        return 2
    except NotReady as problem:
        say(f"Stopped everything, for {problem}")
        return 1
    return 0


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Hold `directory` for this process. Raises AlreadyRuns while another holds it."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "lock"
    with path.open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # freed by the kernel, even on kill -9
        except BlockingIOError:
            other = path.read_text().strip()
            raise AlreadyRuns(
                f"A cluster already runs in {directory}, as process {other}. "
                f"Stop it first: Ctrl-C in its terminal, or kill {other}."
            ) from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


def _run(options: argparse.Namespace, processes: Sequence[Process]) -> None:
    if not jars.are_there():
        say("Fetching Kafka by Maven; only the first start on a machine needs this minute.")
    if missing := missing_parts():
        raise PartMissing(" ".join(missing))
    with ExitStack() as stopping:  # in reverse: processes, then PostgreSQL, then the broker
        stopping.callback(say, "Kafka stopped.")
        broker = stopping.enter_context(
            Broker.start(options.directory / "kafka", options.kafka_port)
        )
        stopping.callback(say, "PostgreSQL stopped.")
        postgres = stopping.enter_context(
            Postgres.start(options.directory / "postgres", options.postgres_port)
        )
        for database in DATABASES:
            postgres.create_database(database)
        vault = postgres.url_template
        urls = {"LOG_URL": broker.url, "DATABASE_URL": postgres.url_template, "VAULT_URL": vault}
        _print_table(urls | {"logs in": f"{options.directory}/kafka/node-1, .../postgres"})
        supervisor = Supervisor(CHECKOUT)
        stopping.callback(say, "Processes stopped.")
        stopping.callback(supervisor.stop)
        supervisor.start(
            processes,
            lambda process: env_of(
                process,
                log_url=broker.url,
                database_url=postgres.url_template,
                vault_url=vault,
            ),
        )
        supervisor.wait_until_ready()
        _print_table({process.name: process.address for process in processes})
        say("Ready. Ctrl-C stops everything.")
        while not (dead := supervisor.dead() or _dead_part(broker, postgres)):
            time.sleep(0.2)
        raise NotReady(dead)


def _dead_part(broker: Broker, postgres: Postgres) -> str:
    if not broker.running:
        return f"Kafka ended; see {broker.nodes[0].log}."
    return "" if postgres.running else f"PostgreSQL ended; see {postgres.log}."


def _print_table(rows: dict[str, str]) -> None:
    width = max((len(name) for name in rows), default=0)
    for name, value in rows.items():
        say(f"  {name.ljust(width)}  {value}")


def _stop(number: int, frame: FrameType | None) -> None:
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, signal.SIG_IGN)  # asking twice must not interrupt the stopping
    os.write(1, b"Stopping ...\n")  # print may be half-way through a line already
    raise Asked


if __name__ == "__main__":
    sys.exit(main())
