"""What the log is to everyone else. Nothing here knows where it lives."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Positions = dict[int, int]
"""Offset to be read next, by partition."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it lies in the log. Anything may be in it: nothing was checked yet."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    value: bytes | None
    made: list[Any] = field(default_factory=list, init=False, compare=False, repr=False)
    """What its first reader made of it, for the others of the same process."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be appended; the key decides its partition."""

    topic: str
    key: str
    headers: Sequence[tuple[str, bytes]]
    value: bytes


LARGEST_VALUE = 1_900_000
"""Bytes that a record's value may have in every home, so that headers and key still fit."""


class LogTruncated(Exception):
    """A position lies outside what the log holds: the log lost records, or is another log."""


class LogUnavailable(Exception):
    """The log cannot be reached now; the caller may try again."""


class WrongTopic(Exception):
    """A topic is missing or has another number of partitions than the manifest says."""


Resume = Callable[[Sequence[int]], Awaitable[Positions]]
"""Asked on assignment: where the database stands for these partitions."""


class Reader(Protocol):
    """One member of a group reading one topic."""

    @property
    def assigned(self) -> frozenset[int]:
        """The partitions that this member reads now."""

    async def read(self, limit: int, wait: float) -> Sequence[Record]:
        """Up to ``limit`` records, in offset order per partition; empty after ``wait`` seconds.

        Raises ``LogTruncated`` if the database is ahead of the log, ``LogUnavailable`` if the log
        cannot be reached.
        """

    async def ends(self) -> Positions:
        """The offset after the last record, for every partition of the topic, as of now."""

    async def rewind(self, partition: int, offset: int) -> None:
        """Read a partition again from an offset on. A batch that was on its way may still come."""

    async def close(self) -> None:
        """Leave the group."""


class EventLog(Protocol):
    """An append-only log of topics with numbered partitions."""

    async def prepare(self, topics: dict[str, int]) -> None:
        """Make the topics that are missing; raise ``WrongTopic`` if one has another count."""

    async def append(self, records: Sequence[Outgoing]) -> None:
        """Append and return once all are durable; per key in the order given.

        On any error some may have been appended: append the same again, readers drop repeats.
        """

    async def open_reader(self, group: str, topic: str, resume: Resume) -> Reader:
        """Join a group. Partitions are shared among its members."""

    async def check(self) -> None:
        """Raise ``LogUnavailable`` if the log cannot be reached."""

    async def close(self) -> None:
        """Let go of connections."""
