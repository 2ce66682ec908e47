"""Says what is missing for a cluster on this machine. Never installs anything itself."""

import sys

from tools.cluster import children
from tools.cluster.broker import installed
from tools.cluster.errors import PartMissing
from tools.cluster.postgres import binaries, outside_root


def missing_parts() -> list[str]:
    """What keeps the cluster from starting, a plain sentence each; empty when all is there.

    The first call on a machine fetches the Kafka jars by Maven, which takes a minute.
    """
    return [*missing_for_broker(), *missing_for_postgres()]


def missing_for_broker() -> list[str]:
    """The broker's part of `missing_parts`: Java, the jars, or Maven and what it reaches."""
    if not sys.platform.startswith("linux"):
        return ["The Kafka broker is started on Linux only (it must die with its starter)."]
    try:
        installed()
    except PartMissing as reason:
        return [str(reason)]
    return []


def missing_for_postgres() -> list[str]:
    """PostgreSQL's part of `missing_parts`: its binaries, and for root a user namespace."""
    if not sys.platform.startswith("linux"):
        return ["PostgreSQL is started on Linux only (it must die with its starter)."]
    missing = []
    try:
        binaries()
    except PartMissing as reason:
        missing.append(str(reason))
    try:
        _try_namespace()
    except PartMissing as reason:
        missing.append(str(reason))
    return missing


def _try_namespace() -> None:
    words = outside_root()
    if words:
        code, said = children.run([*words, "true"], limit_s=30)
        if code != 0:
            raise PartMissing(
                f"Root cannot run PostgreSQL here, for unshare is not allowed a user namespace "
                f"({said}); run as another user."
            )
