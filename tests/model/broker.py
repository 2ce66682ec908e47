"""The log in memory, as bad as a real one may be: lost acks, repeats, late arrivals, slow and stale readers.

Order per key holds within what one ``append`` was given, as the port promises; nothing else does.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from libs.events.envelope import BadEnvelope, read_attributes
from libs.log.partition import partition_of
from libs.log.port import (
    LogTruncated,
    LogUnavailable,
    Outgoing,
    Positions,
    Record,
    Resume,
    WrongTopic,
)

if TYPE_CHECKING:
    from datetime import datetime

    from tests.model.world import Process, World


class Broker:
    """What all processes see: partitions, and who reads them in which group."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.topics: dict[str, list[list[Record]]] = {}
        self.landed: dict[tuple[str, int, int], datetime] = {}
        self.groups: dict[str, list[MemoryReader]] = {}
        self.under_way = 0
        """Sends whose sender was told that they failed, or has died, and that will still arrive."""

    def store(self, records: Sequence[Outgoing]) -> None:
        """Append for good."""
        for record in records:
            partitions = self.topics[record.topic]
            number = partition_of(record.key, len(partitions))
            place = partitions[number]
            offset, key = len(place), record.key.encode()
            place.append(
                Record(record.topic, number, offset, key, tuple(record.headers), record.value)
            )
            self.landed[record.topic, number, offset] = self.world.now()
            self.world.note(f"log {number}/{offset} {name_of(record.headers)}")
        for reader in [r for group in self.groups.values() for r in group]:
            reader.bell.set()

    def store_late(self, records: Sequence[Outgoing]) -> None:
        """Append after a while, whatever became of the sender."""
        if records:
            self.under_way += 1
            self.world.later(self.world.dice.uniform(0.05, 3), self._arrive, records)

    def _arrive(self, records: Sequence[Outgoing]) -> None:
        self.under_way -= 1
        self.store(records)

    def share_out(self, group: str) -> None:
        """Give each member its partitions; who is slow goes on with its old ones for a while."""
        members = self.groups[group]
        if not members:
            return
        dice, world = self.world.dice, self.world
        numbers = list(range(len(self.topics[members[0].topic])))
        dice.shuffle(numbers)
        for rank, member in enumerate(members):
            member.share = frozenset(numbers[rank :: len(members)])
            delay = 0.0 if world.calm or dice.random() < 0.5 else dice.uniform(0, 2)
            world.later(delay, member.told, process=member.process)
        world.note(
            f"group {group}: " + "; ".join(f"{m.process.name} {sorted(m.share)}" for m in members)
        )

    async def open_scan(self, url: str) -> "MemoryScan":
        """In the place of what opens a log by its address, to look at it from outside."""
        return MemoryScan(self)

    def drop(self, reader: "MemoryReader") -> None:
        """A member has left, or was not heard of for too long."""
        members = self.groups[reader.group]
        if reader in members:
            members.remove(reader)
            self.share_out(reader.group)


class MemoryLog:
    """The log as one process reaches it."""

    def __init__(self, broker: Broker, process: "Process") -> None:
        self.broker, self.process, self.world = broker, process, broker.world
        self.readers: list[MemoryReader] = []
        self._sending: list[list[list[Outgoing]]] = []

    async def prepare(self, topics: dict[str, int]) -> None:
        """Make what is missing."""
        for topic, count in topics.items():
            self.broker.topics.setdefault(topic, [[] for _ in range(count)])

    async def append(self, records: Sequence[Outgoing]) -> None:
        """Each partition's share arrives by itself; then all is well, or the sender is told otherwise."""
        world, dice = self.world, self.world.dice
        by_partition: dict[tuple[str, int], list[Outgoing]] = {}
        for record in records:
            if record.topic not in self.broker.topics:
                raise WrongTopic(record.topic)
            number = partition_of(record.key, len(self.broker.topics[record.topic]))
            by_partition.setdefault((record.topic, number), []).append(record)
        rest = list(by_partition.values())
        dice.shuffle(rest)
        fate = "arrives"
        if not world.calm:
            fates = ("arrives", "twice", "ack lost", "late", "lost")
            (fate,) = dice.choices(fates, (80, 6, 7, 4, 3))
        self._sending.append(rest)
        try:
            await world.take(0.001, 0.02)
            if fate != "arrives":
                world.note(f"{self.process.name} sends {len(records)}: {fate}")
            cut = dice.randrange(len(records)) if fate in ("late", "lost") else len(records)
            while rest and cut > 0:
                now, rest[0] = rest[0][:cut], rest[0][cut:]
                cut -= len(now)
                self.broker.store(now)
                if fate == "twice":
                    self.broker.store(now)
                if not rest[0]:
                    del rest[0]
                await world.take(0.0, 0.01)
            if fate == "late":
                self._let_arrive(rest)
            await world.take(0.0, 0.3 if fate == "ack lost" else 0.01)
            if fate in ("ack lost", "late", "lost"):
                raise LogUnavailable(f"no answer in time ({fate})")
        finally:
            self._sending.remove(rest)

    def _let_arrive(self, rest: list[list[Outgoing]]) -> None:
        for part in rest:
            self.broker.store_late(list(part))

    def cut_off(self) -> None:
        """The process is dead: what it was sending may still arrive, its readers are missed after a while."""
        for rest in self._sending:
            if self.world.dice.random() < 0.5:
                self._let_arrive(rest)
        for reader in self.readers:
            self.world.later(self.world.dice.uniform(0.1, 2), self.broker.drop, reader)

    async def open_reader(self, group: str, topic: str, resume: Resume) -> "MemoryReader":
        """Join, and wait for the first share."""
        reader = MemoryReader(self, group, topic, resume)
        self.readers.append(reader)
        self.broker.groups.setdefault(group, []).append(reader)
        self.broker.share_out(group)
        await reader.has_share.wait()
        return reader

    async def check(self) -> None:
        """It is there."""

    async def close(self) -> None:
        """Let go."""


class MemoryScan:
    """The log as it is looked at from outside."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def read(
        self, topic: str, start: Positions, until: Positions
    ) -> AsyncIterator[Sequence[Record]]:
        """What lies between, partition by partition."""
        for partition, end in sorted(until.items()):
            await self._broker.world.take(0.0, 0.01)
            yield self._broker.topics[topic][partition][start.get(partition, 0) : end]

    async def close(self) -> None:
        """Let go."""


class MemoryReader:
    """One member of a group. What it was told last may be out of date: then it is a zombie."""

    def __init__(self, log: MemoryLog, group: str, topic: str, resume: Resume) -> None:
        self._log, self.group, self.topic, self._resume = log, group, topic, resume
        self.process, self._broker, self._world = log.process, log.broker, log.world
        self.share: frozenset[int] = frozenset()
        self._next: Positions = {}
        self._taking_up: asyncio.Task[None] | None = None
        self._out_of_date = False
        self._failure: Exception | None = None
        self.has_share = asyncio.Event()
        self.closed = False
        self.bell = asyncio.Event()

    @property
    def assigned(self) -> frozenset[int]:
        """What it believes to be its own."""
        return frozenset(self._next)

    def told(self) -> None:
        """The group has news."""
        if self.closed:
            return
        self._out_of_date = True
        if self._taking_up is None or self._taking_up.done():
            self._taking_up = asyncio.get_running_loop().create_task(self._take_up())

    async def _take_up(self) -> None:
        """Let go of what is another's, ask where to begin with what is new; or with all, as Kafka does."""
        while self._out_of_date and not self.closed:
            self._out_of_date, share = False, self.share
            eager = self._world.dice.random() < 0.5
            self._next = {} if eager else {p: n for p, n in self._next.items() if p in share}
            gained = sorted(share - self._next.keys())
            if gained:
                try:
                    resumed = await self._resume(gained)
                except LogUnavailable:
                    self._out_of_date = True
                    await asyncio.sleep(0.5)
                    continue
                for partition in gained:
                    start = resumed.get(partition, 0)
                    if start > len(self._broker.topics[self.topic][partition]):
                        self._failure = LogTruncated(f"{self.group} is past the end of {partition}")
                    self._next[partition] = start
            self.has_share.set()
            self.bell.set()

    async def read(self, limit: int, wait: float) -> Sequence[Record]:
        """Some of what there is; sometimes late, sometimes not at all."""
        world, dice = self._world, self._world.dice
        until = asyncio.get_running_loop().time() + wait
        while True:
            self.bell.clear()
            slow = not world.calm and dice.random() < 0.03
            await world.take(0.0005, 1.5 if slow else 0.01)
            if self._failure is not None:
                raise self._failure
            if not world.calm and dice.random() < 0.01:
                raise LogUnavailable("no answer in time")
            found = self._fetch(limit)
            left = until - asyncio.get_running_loop().time()
            if found or left <= 0:
                return found
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), left)

    def _fetch(self, limit: int) -> list[Record]:
        found: list[Record] = []
        dice = self._world.dice
        for partition in dice.sample(sorted(self._next), len(self._next)):
            most = min(limit - len(found), dice.choice((1, 2, 5, 50)))
            start = self._next[partition]
            records = self._broker.topics[self.topic][partition][start : start + most]
            if records:
                self._next[partition] = start + len(records)
                found += records
        return found

    async def ends(self) -> Positions:
        """As of some instant between asking and answering."""
        await self._world.take(0.0, 0.02)
        if not self._world.calm and self._world.dice.random() < 0.02:
            raise LogUnavailable("no answer in time")
        ends = {p: len(records) for p, records in enumerate(self._broker.topics[self.topic])}
        await self._world.take(0.0, 0.02)
        return ends

    async def rewind(self, partition: int, offset: int) -> None:
        """Read again from there, if it is still its own."""
        if partition in self._next:
            self._next[partition] = offset
            self.bell.set()

    async def close(self) -> None:
        """Leave the group."""
        self.closed = True
        self._broker.drop(self)


def name_of(headers: Sequence[tuple[str, bytes | None]]) -> str:
    """Which fact it is, in a few letters."""
    try:
        it = read_attributes(headers)
    except BadEnvelope:
        return "?"
    return f"{it.type} {it.case_id[:4]} {it.seq} {it.event_id[:8]}"
