"""A real Kafka and a real PostgreSQL on this machine, without containers. Never for production.

`Broker` and `Postgres` are for tests and the benchmark; `python -m tools.cluster` (`make cluster`)
starts both and the services on them. Everything listens on 127.0.0.1 and dies with its starter.
"""

from tools.cluster.availability import missing_parts
from tools.cluster.broker import Broker
from tools.cluster.errors import NotReady, PartMissing
from tools.cluster.postgres import Postgres

__all__ = ["Broker", "NotReady", "PartMissing", "Postgres", "missing_parts"]
