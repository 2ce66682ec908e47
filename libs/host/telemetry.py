"""What operations sees: metrics per service, and logs as JSON with ids and no personal data."""

import logging
import sys

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from pythonjsonlogger.json import JsonFormatter

LATENESS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)


class Metrics:
    """All metrics of one process. Each has the labels ``realm`` and ``service``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, words: str, *labels: str) -> Counter:
            return Counter(f"lianxin_{name}", words, ("realm", "service", *labels), registry=self.registry)

        def gauge(name: str, words: str) -> Gauge:
            return Gauge(f"lianxin_{name}", words, ("realm", "service"), registry=self.registry)

        def histogram(name: str, words: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(
                f"lianxin_{name}", words, ("realm", "service"), buckets=buckets, registry=self.registry
            )

        self.commands = counter("commands", "Commands carried out, refused or failed.", "outcome")
        self.heard = counter("events_heard", "Events taken in from the log.")
        self.stated = counter("events_stated", "Events stated.", "type")
        self.repeats = counter("events_repeated", "Records dropped because they were had before.")
        self.relayed = counter("events_relayed", "Events acknowledged by the log.")
        self.messages = counter(
            "messages", "Notices handed to a gateway, that failed, or were given up.", "channel", "outcome"
        )
        self.refused = counter("reactions_refused", "Reactions and due commands that a rule refused.")
        self.turns = histogram("turn_seconds", "How long a turn's transaction took.", SECONDS)
        self.batch = histogram("turn_size", "Records and commands in a turn.", SIZES)
        self.lag = gauge("lag_events", "Records in the log not yet processed by this member.")
        self.lag_seconds = gauge("lag_seconds", "How long this member has not been level with the log.")
        self.outbox = gauge("outbox_depth", "Events stated and not yet acknowledged by the log.")
        self.outbox_age = gauge("outbox_age_seconds", "Age of the oldest of them.")
        self.quarantine = gauge("quarantine_records", "Records set aside, parked ones included.")
        self.lateness = histogram(
            "deadline_lateness_seconds", "How late due commands were carried out.", LATENESS
        )


def configure_logging(level: str = "INFO") -> None:
    """JSON lines on standard error. No message of ours carries a citizen's words, name or number."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            json_ensure_ascii=False,
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
