"""What a turn is given and what it did, as values. Nothing here acts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from libs.events.base import Recorded
from libs.host.tracing import Span
from libs.log.port import Record
from libs.sourcing.decider import Command

BREAKER_LIMIT = 20
"""So many records may be set aside in a minute; then hearing stops: the deploy is bad, not the records."""


class OwnStreamBehind(Exception):
    """The log holds events of ours that our database does not: it was lost or is an old copy."""


class Gap(Exception):
    """The database stands at ``start``, but what was handed over begins later, at ``found``."""

    def __init__(self, partition: int, start: int, found: int) -> None:
        super().__init__(f"partition {partition} stands at {start}, the next record is {found}")
        self.partition, self.start, self.found = partition, start, found


class Unsure(Exception):
    """A record could not be taken, and there may be newer rules than those that it was tried with."""


class KeyReused(Exception):
    """The Idempotency-Key came before with another body."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """``id`` identifies principal, method, path and key; ``body_hash`` the body."""

    id: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A command and where it comes from. ``cause`` makes the ids of its events repeatable."""

    command: Command
    cause: str
    correlation_id: str
    traceparent: str | None = None
    idempotency: Idempotency | None = None
    heard: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command led to: the events stated now, or those stated when it was first asked."""

    case_id: str
    seq: int
    events: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of the answers' table."""

    id: str
    body_hash: str
    case_id: str
    from_seq: int
    to_seq: int
    expires_at: datetime


Result = Outcome | Exception


@dataclass(slots=True)
class Work:
    """What one turn is given. ``skipped``: from where to where the log was stepped over, before
    these records. ``stood``: where the owner of these partitions stands, if anything may fall due.
    ``poison``: why single records are to be set aside. ``sure``: newer rules were looked for since the
    records came, so what still cannot be taken is to be set aside."""

    records: Sequence[Record] = ()
    asks: Sequence[Ask] = ()
    due_until: datetime | None = None
    partitions: frozenset[int] = frozenset()
    skipped: dict[int, tuple[int, int]] = field(default_factory=dict)
    stood: dict[int, int] = field(default_factory=dict)
    poison: dict[tuple[int, int], str] = field(default_factory=dict)
    sure: bool = True


@dataclass(slots=True)
class Done:
    """What one turn did."""

    results: list[Result] = field(default_factory=list)
    positions: dict[int, int] = field(default_factory=dict)
    heard: int = 0
    seen: dict[tuple[str, str], int] = field(default_factory=dict)
    stated: list[Recorded] = field(default_factory=list)
    repeats: int = 0
    set_aside: int = 0
    parked: int = 0
    refused: list[str] = field(default_factory=list)
    next_wake: datetime | None = None
    fired: int = 0
    lateness: float = 0.0
    stopped: dict[int, str] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
