"""The rules in force, kept level with what is published in the log. It publishes nothing itself.

Every process reads the whole of ``reference-events``, which is short, and in the same order; so all come
to the same rules, and a rebuild does too.
"""

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Sequence

import sqlalchemy as sa

from libs.events.base import Event
from libs.events.catalog import NewerVersion, UnknownType
from libs.events.edition import Edition
from libs.events.envelope import BadEnvelope, decode, read_attributes
from libs.host.settings import Settings
from libs.log.port import LogUnavailable, Record, WrongTopic
from libs.log.scan import Scan, open_scan
from libs.rules.knowledge import after
from libs.rules.reference import Reference, ReferenceKind
from libs.rules.rules import Rules
from libs.sourcing.database import Database
from libs.sourcing.tables import heads, positions

logger = logging.getLogger(__name__)
LOOK_EVERY = 1.0
"""Seconds between two looks for a new edition."""


class Book:
    """The editions published so far, and the rules that they make together."""

    def __init__(self, rules: Rules, log_url: str, topic: str) -> None:
        self.rules = rules
        self.read_to = 0
        self.news: dict[str, int] = {}
        """Per kind, the offset after its latest edition."""
        self._log_url, self._topic = log_url, topic
        self._seen: dict[str, int] = {}
        self._scan: Scan | None = None
        self._one = asyncio.Lock()
        self._readers: list[Callable[[], Awaitable[None]]] = []

    @classmethod
    def closed(cls, rules: Rules) -> "Book":
        """One that holds these rules for ever, whatever is published: for replaying another place or time."""
        return cls(rules, "", "")

    def tell(self, reader: Callable[[], Awaitable[None]]) -> None:
        """Call this whenever the rules have changed."""
        self._readers.append(reader)

    async def open(self) -> None:
        """Read what is there. Raises ``LogUnavailable``, and ``NewerVersion`` of what was not foreseen."""
        if not self._log_url:
            return
        self._scan = await open_scan(self._log_url)
        await self.look()

    async def close(self) -> None:
        """Let go of the log."""
        if self._scan is not None:
            await self._scan.close()

    async def look(self) -> None:
        """Take in what was published since."""
        async with self._one:
            before = self.rules
            await self._read()
            if self.rules is before:
                return
            for reader in self._readers:
                await reader()

    async def follow(self) -> None:
        """Look again and again. Raises ``NewerVersion``: then this process knows the rules no longer."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except LogUnavailable as error:
                logger.warning("no look for new reference data: %s", error)

    async def _read(self) -> None:
        if self._scan is None:
            return
        ends = await self._scan.ends(self._topic)
        start = {0: self.read_to}
        if ends.get(0, 0) <= self.read_to:
            return
        found: list[Record] = []
        async for records in self._scan.read(self._topic, start, ends):
            found += records
        reference = had = self.rules.reference
        assert reference is not None, "the book began with what ships"
        published, news = dict(self.rules.published), dict(self.news)
        seen = dict(self._seen)
        facts = [(record, fact) for record in found if (fact := _read_fact(record, seen))]
        for record, edition in facts:
            if not isinstance(edition, Edition):
                continue
            kind, _, name = edition.case_id.partition("/")
            try:
                grown = reference.with_edition(ReferenceKind(kind), name, edition.content)
                grown.rules()
            except ValueError as error:  # not what reference publishes: the edition before goes on
                logger.error("%s/%d holds no %s: %s", record.topic, record.offset, edition.case_id, error)
                continue
            reference, published[edition.case_id] = grown, edition.occurred_at
            news[kind] = record.offset + 1
        knowledge = after(self.rules.knowledge, (fact for _, fact in facts))
        if reference is not had:
            self.news = news
            rules = reference.rules()
            self.rules = dataclasses.replace(rules, published=published, knowledge=knowledge)
        elif knowledge is not self.rules.knowledge:
            self.rules = dataclasses.replace(self.rules, knowledge=knowledge)
        self._seen, self.read_to = seen, ends[0]


def _read_fact(record: Record, seen: dict[str, int]) -> Event | None:
    """What a record of reference states, if it is not a repeat; all else in the topic is nobody's."""
    try:
        attributes = read_attributes(record.headers)
        if attributes.owner != "reference" or (record.key or b"").decode() != attributes.case_id:
            raise BadEnvelope("it is not stated by reference under its own subject")
        if attributes.seq <= seen.get(attributes.case_id, 0):
            return None
        event = decode(attributes, record.value or b"").event
    except NewerVersion:
        raise
    except (BadEnvelope, UnknownType, ValueError) as error:
        logger.error("%s/%d is no reference data: %s", record.topic, record.offset, error)
        return None
    seen[attributes.case_id] = attributes.seq
    return event


async def published_rules(settings: Settings) -> Rules:
    """The rules in force by the log, for a tool; what ships where nothing was ever published.

    Raises ``LogUnavailable``.
    """
    topics = settings.topics()
    shipped = Reference.shipped(settings.policy, settings.city).rules()
    book = Book(shipped, settings.log_url, topics.reference_events)
    with contextlib.suppress(WrongTopic):  # a log from before there was this topic
        await book.open()
    await book.close()
    return book.rules


def not_looked_at(
    db: sa.Connection, topic: str, wanted: int, partitions: Sequence[int]
) -> list[int]:
    """The partitions whose cases were not looked at since an offset of the reference topic."""
    if not wanted or not partitions:
        return []
    mine = (positions.c.topic == topic) & positions.c.partition.in_(sorted(partitions))
    had = {p: n for p, n in db.execute(sa.select(positions.c.partition, positions.c.next).where(mine))}
    return sorted(p for p in partitions if had.get(p, 0) < wanted)


def wake_cases(
    db: sa.Connection,
    database: Database,
    topic: str,
    wanted: int,
    idle: bool,
    partitions: Sequence[int],
    at: object,
) -> bool:
    """See to it that the cases of these partitions are looked at again, unless they were since ``wanted``,
    an offset of the reference topic.

    The mark that this was done stands among the positions, under that topic. Gives whether any was woken.
    ``idle``: also those that wait for no instant. ``at`` is an instant that has passed.
    """
    behind = not_looked_at(db, topic, wanted, partitions)
    if not behind:
        return False
    stale = heads.c.partition.in_(behind) & heads.c.parked.is_(False)
    if not idle:
        stale &= heads.c.wake_at.is_not(None)
    db.execute(sa.update(heads).where(stale).values(wake_at=at))
    rows = [{"topic": topic, "partition": p, "next": wanted} for p in behind]
    database.write(db, positions, rows)
    return True
