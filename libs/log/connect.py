"""Chooses the log's home by its address."""

from libs.log.kafka import KafkaLog
from libs.log.port import EventLog
from libs.log.sqlite import SqliteLog


def open_log(url: str) -> EventLog:
    """``sqlite:///path`` or ``kafka://host:port[,host:port]``. Raises ``ValueError`` for others."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        return SqliteLog(rest.removeprefix("/"))
    if scheme == "kafka":
        return KafkaLog(rest.split(","))
    raise ValueError(f"no log home for {scheme}: use sqlite:/// or kafka://")
