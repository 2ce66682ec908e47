"""A service at work: one loop that groups what was heard, asked and is due into turns.

It holds no rule and writes no table but through ``Turns``. It is long because the loop, what waits for
it and how it starts and stops share one state; what could be parted is in ``turn``, ``relay``, ``watch``,
``arrivals`` and ``deadlines``.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.host.agreement import check_agreement
from libs.host.answered import Answered
from libs.host.arrivals import Arrivals
from libs.host.deadlines import Deadlines, first_wake
from libs.host.expected import Expected, Fact
from libs.host.looks import Looks
from libs.host.pace import Pace
from libs.host.problems import NOT_YOURS, Denied
from libs.host.reference import Book, not_looked_at, wake_cases
from libs.host.relay import Relay
from libs.host.schema import ensure_schema
from libs.host.service import Service, Worker
from libs.host.settings import Settings
from libs.host.telemetry import Metrics
from libs.host.tracing import Tracing
from libs.host.turn import Turns, reason_of
from libs.host.watch import watch
from libs.host.work import BREAKER_LIMIT, Ask, Done, Gap, OwnStreamBehind, Result, Work
from libs.log.partition import partition_of
from libs.log.port import (
    EventLog,
    LogTruncated,
    LogUnavailable,
    Positions,
    Reader,
    Record,
)
from libs.rules.rules import Rules
from libs.sourcing.bars import bars_of, hidden_from
from libs.sourcing.database import TRANSIENT, Conflict, open_database
from libs.sourcing.tables import outbox, positions
from libs.sourcing.views import Views
from libs.vault.keys import Vault
from libs.vault.receipts import Receipts

logger = logging.getLogger(__name__)
LIMIT = 500
CONFLICTS = 40
"""So often work is decided again, within half a minute, before the one wish at fault is looked for."""
GAP_LIMIT = 20
"""So often the same records may be missing before they are held to be lost."""
BREAKER_WINDOW = 60.0


Asked = tuple[Ask, Answered, int]
"""A command, and the place of its result."""


@dataclass(frozen=True, slots=True)
class World:
    """What the services of one process and realm share."""

    settings: Settings
    log: EventLog
    vault: Vault
    receipts: Receipts
    book: Book
    metrics: Metrics
    tracing: Tracing
    now: Callable[[], datetime]

    @property
    def rules(self) -> Rules:
        """The rules in force now."""
        return self.book.rules


class Running:
    """One service of one realm in this process."""

    def __init__(self, service: Service, world: World) -> None:
        self.service, self.world = service, world
        settings = world.settings
        self.topic, partitions = settings.topics().of(service.subject)
        self.database = open_database(settings.database_of(service.name))
        self.turns = Turns(
            service,
            self.database,
            world.vault,
            world.receipts,
            world.rules,
            self.topic,
            partitions,
            world.tracing,
            settings.realm,
        )
        # One thread writes: SQLite has one writer, and on PostgreSQL our own turns would only wait.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=f"{service.name}-turns")
        self._readers = ThreadPoolExecutor(4, thread_name_prefix=f"{service.name}-reads")
        self.relay = Relay(self.database, world.log, self.in_writer, settings.pace)
        audit = settings.topics().audit_events
        telling = audit, self.in_writer, self.relay.ring, world.now
        self.looks = Looks(self.database, *telling, settings.looks_per_hour)
        self._asked: deque[Asked] = deque()
        self._expected: Expected[Asked] = Expected()
        self._inbox: list[Record] = []
        self._bell = asyncio.Event()
        self._taken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._workers: list[Worker] = []
        self._relaying: asyncio.Task[None] | None = None
        self._reader: Reader | None = None
        self._positions: Positions = {}
        self._committed: Positions = {}
        self._skipped: dict[int, tuple[int, int]] = {}
        self._gaps: dict[tuple[int, int, int], int] = {}
        self.deadlines = Deadlines(world.now, lambda: self.reader.ends(), self._bell.set)
        on_its_way = settings.pace + settings.longest_pace + 0.01  # its owner's relay's look and our turn
        self.arrivals = Arrivals(self.read, on_its_way, lambda case_id: self._hears_of(case_id, partitions))
        self.pace = Pace(settings.pace, settings.longest_pace, service.leisure, self.arrivals)
        self.arrivals.on_wait = self.pace.hurry
        self._breaker: deque[float] = deque()
        self._busy = False
        self._stopping = False
        self.in_flight: set[str] = set()
        self.stopped: dict[int, str] = {}
        self.failure: str | None = None
        self.stirred: Callable[[], None] = lambda: None
        self.labels = (settings.realm or "main", service.name)
        world.book.tell(self.take_rules)

    # --------------------------------------------------------------------------- life cycle

    async def start(self) -> None:
        """Migrate, check that the tables fit the service, join the log, go to work."""
        await self.in_writer(ensure_schema, self.database, self.service, self.world.settings.realm)
        depth, wake = await self.in_writer(self._look_at_tables)
        self._reader = await self.world.log.open_reader(
            self._group(), self.topic, self._resume
        )
        try:  # before anything is taken or sent: what is stated on an old stream cannot be taken back
            await check_agreement(
                self.service.name, self.world.settings, self.database, self.topic, self._reader.ends
            )
        except OwnStreamBehind as error:
            self.fail(str(error))  # the other services of this process go on
            return
        self.relay.ring(depth)
        self.deadlines.note(wake)  # what came with the partitions is looked at in any case
        self.relay.on_level = self._stir
        self.relay.on_relayed = self.world.metrics.relayed.labels(*self.labels).inc
        self._relaying = self._spawn(self.relay.work())
        self._spawn(self._pump(self._reader))
        self._spawn(self._work())
        self._spawn(watch(self))
        self._workers = [make(self) for make in self.service.workers]
        for worker in self._workers:
            self._spawn(worker.work())

    def _group(self) -> str:
        realm = self.world.settings.realm
        return f"{realm}-{self.service.name}" if realm else self.service.name

    def _look_at_tables(self) -> tuple[int, datetime | None]:
        """How much is unsent, and what is due first."""
        with self.database.read() as db:
            depth = db.execute(sa.select(sa.func.count()).select_from(outbox)).scalar_one()
            return depth, first_wake(db)

    async def take_rules(self) -> None:
        """The rules have changed: go on by them, and look again at the cases that they may move."""
        self.turns.rules = self.world.rules
        if self._reader is not None and self.failure is None:
            await self.reconsider()

    async def reconsider(self) -> None:
        """Look again at cases whose rules changed since somebody did; in a turn like any deadline."""
        owned, topic = sorted(self.reader.assigned), self.world.settings.topics().reference_events
        if not owned or not self._news():
            return

        def look() -> bool:  # not on the writer's thread: who watches must not wait for a slow turn
            with self.database.read() as db:
                return bool(not_looked_at(db, topic, self._news(), owned))

        def mark() -> bool:
            with self.database.begin() as db:
                return self._wake_cases(db, owned)

        try:
            if await self.in_reader(look) and await self.in_writer(mark):
                self.deadlines.lose_sight()
                self._bell.set()
        except (Conflict, *TRANSIENT) as error:  # the watch does it in a moment
            logger.warning("%s: %s", self.service.name, str(error).splitlines()[0])

    def _news(self) -> int:
        """After which offset of the reference topic the cases must have been looked at."""
        return max((self.world.book.news.get(kind, 0) for kind in self.service.heeds), default=0)

    def _wake_cases(self, db: sa.Connection, partitions: Sequence[int]) -> bool:
        topic, idle = self.world.settings.topics().reference_events, self.service.heeds_idle
        return wake_cases(db, self.database, topic, self._news(), idle, partitions, self.world.now())

    async def _resume(self, partitions: Sequence[int]) -> Positions:
        await self.world.book.look()  # who had these partitions may have had newer rules
        def look() -> Positions:
            with self.database.begin() as db:
                have = self.turns.store.positions(db, self.topic, partitions)
                new = [p for p in partitions if p not in have]
                rows = [{"topic": self.topic, "partition": p, "next": 0} for p in new]
                self.database.copy(db, positions, rows)
                self._wake_cases(db, partitions)
            return {p: have.get(p, 0) for p in partitions}

        for _ in range(20):
            try:
                resumed: Positions = await self.in_writer(look)
                break
            except (Conflict, *TRANSIENT):
                await asyncio.sleep(0.1)
        else:
            raise LogUnavailable("the positions could not be read")
        self._positions |= resumed
        self._committed |= resumed
        for partition in resumed:
            self.stopped.pop(partition, None)
            self._skipped.pop(partition, None)
        self._inbox = [r for r in self._inbox if r.partition not in resumed]
        self.deadlines.gain()
        self._bell.set()
        return resumed

    async def stop(self) -> None:
        """Take nothing more, finish what was taken, empty the outbox, leave the group."""
        self._stopping = True
        self._bell.set()
        self.arrivals.close()
        limit = time.monotonic() + self.world.settings.graceful_stop
        while (self._busy or self._asked) and time.monotonic() < limit and self.failure is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if self._relaying is not None and self.failure is None:
            await self.relay.drain(max(0.1, limit - time.monotonic()))
        for worker in self._workers:
            await worker.stop()
        going = set(self._tasks + self.deadlines.sampling())
        while going:  # again: wait_for of Python 3.11 swallows a cancellation that comes with its result
            for task in going:
                task.cancel()
            _, going = await asyncio.wait(going, timeout=0.5)
        skipped = {p: n for p, n in self._skipped.items() if p not in self.stopped}
        if skipped and self.failure is None:
            with contextlib.suppress(Conflict, *TRANSIENT):
                await self.in_writer(self.turns.run, Work(skipped=skipped), self.world.now())
        await self.relay.let_go()
        if self._reader is not None:
            await self._reader.close()
        for _, answered, place in self._asked:
            answered.put(place, LogUnavailable("the service is stopping"))
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self.database.dispose()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        self._tasks.append(task)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A loop that ends by an exception must not end in silence."""
        if not task.cancelled() and task.exception() is not None:
            self.fail(f"{type(task.exception()).__name__}: {task.exception()}")

    async def in_reader(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run blocking work that only reads on a thread for that."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work, *arguments)

    async def in_writer(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run blocking work on the one thread that writes."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, work, *arguments)

    async def read(
        self, question: Callable[[Views], Any], account: str | None = None, case_id: str | None = None
    ) -> Any:
        """Ask the service's views something, on a thread that only reads.

        For an account there is nothing of the cases that it was recused from. ``case_id``: the one that is
        asked for. Raises ``Denied``.
        """

        def ask() -> Any:
            with self.database.read() as db:
                hidden = frozenset() if account is None else hidden_from(db, account)
                if case_id in hidden:
                    raise Denied(NOT_YOURS)
                return question(Views(self.database, db, hidden=hidden))

        return await self.in_reader(ask)

    async def bars(self, case_id: str) -> tuple[str, ...]:
        """Who may not see a case, and whether its words are closed."""

        def look() -> tuple[str, ...]:
            with self.database.read() as db:
                return bars_of(db, case_id)

        found: tuple[str, ...] = await self.in_reader(look)
        return found

    async def own_events(self, case_id: str, from_seq: int, to_seq: int) -> list[Recorded]:
        """A part of a case's own stream: known as soon as it is stated, before any view has it."""

        def look() -> list[Recorded]:
            with self.database.read() as db:
                return self.turns.store.own_events(db, case_id, from_seq, to_seq)

        found: list[Recorded] = await self.in_reader(look)
        return found

    def _hears_of(self, case_id: str, partitions: int) -> bool:
        """Whether this process reads the log for a case, not another replica."""
        return self.joined and partition_of(case_id, partitions) in self.reader.assigned

    # ------------------------------------------------------------------------------- asking

    async def execute(self, ask: Ask, after: Fact | None = None, seconds: float = 0.0) -> Result:
        """Carry out one command in the next turn; a refusal or failure comes back as the result.

        ``after``: what it must know of. A fact of our own it knows in any case, for states have them as
        soon as they are stated; with another's it goes into the turn that hears it, or is carried out as
        things stand after so many seconds.
        """
        if after is None or after.owner == self.service.name or self.arrivals.has(after):
            return (await self.execute_many([ask]))[0]
        answered = Answered(1)
        asked = ask, answered, 0
        self._expected.add(after, asked)
        try:
            await self.arrivals.await_seen(after, seconds)
        finally:
            waits = self._expected.withdraw(after, asked)
        return (await self.execute_many([ask]))[0] if waits else (await answered.whole)[0]

    async def execute_many(self, asks: Sequence[Ask]) -> list[Result]:
        """Carry out commands, grouped into as few turns as they fit."""
        if self._stopping or self.failure:
            raise LogUnavailable(self.failure or "the service is stopping")
        if not asks:
            return []
        answered = Answered(len(asks))
        self._asked.extend((ask, answered, place) for place, ask in enumerate(asks))
        self._bell.set()
        return await answered.whole

    def tick(self) -> None:
        """The clock was moved: look at what is due."""
        self._bell.set()
        for worker in self._workers:
            worker.wake()

    # ------------------------------------------------------------------------------ the loop

    async def _pump(self, reader: Reader) -> None:
        """Keeps one batch of records ready, after an idle time at once, else shortly before the next turn."""
        while not self._stopping and self.failure is None:
            try:
                records = await reader.read(LIMIT, 1.0)
            except LogTruncated as error:
                self.fail(str(error))
                return
            except LogUnavailable as error:
                logger.warning("%s cannot read the log: %s", self.service.name, error)
                await asyncio.sleep(0.5)
                continue
            except Exception as error:
                self.fail(f"the log cannot be read: {type(error).__name__}: {error}")
                return
            if records and not self._skip(records):
                self._taken.clear()
                self._inbox = [r for r in records if r.partition not in self.stopped]
                self._bell.set()
                await self._taken.wait()
            if 0 < len(records) < LIMIT:
                await self.pace.rest()

    def _skip(self, records: Sequence[Record]) -> bool:
        """Step over a batch in which nothing is for this service, without a transaction.

        Where it stands then is written with the next turn; after a crash it is stepped over again.
        """
        if any(self.turns.concerns(record) for record in records):
            return False
        for record in records:
            if record.partition not in self.stopped:
                left, _ = self._skipped.get(record.partition, (record.offset, 0))
                self._skipped[record.partition] = left, record.offset + 1
        self._reach({p: reached for p, (_, reached) in self._skipped.items()})
        self._bell.set()
        self._stir()
        return True

    def _reach(self, positions: Positions) -> None:
        """Note how far we stand. A turn may end after later records were stepped over already."""
        for partition, reached in positions.items():
            self._positions[partition] = max(reached, self._positions.get(partition, 0))

    async def _work(self) -> None:
        while True:
            await self._wait_for_work()
            full = max(len(self._asked), len(self._inbox)) >= LIMIT
            await self.pace.turn(at_once=full or self._stopping)
            work, asked = await self._take()
            self.pace.took_in(len(work.records) + len(work.asks))
            if not work.records and not work.asks and work.due_until is None:
                self._busy = False
                self._stir()
                if self._stopping:
                    await asyncio.sleep(0.01)
                continue
            try:
                done = await self._do(work)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self.fail(f"{type(error).__name__}: {error}")
                for answered, place in asked:
                    answered.put(place, error)
                return
            for (answered, place), result in zip(asked, done.results, strict=True):
                answered.put(place, result)
            self._busy = False
            self._stir()

    async def _wait_for_work(self) -> None:
        if self._inbox or self._asked:
            self._busy = True
            return
        self._bell.clear()
        wait = self.deadlines.wait(1.0)
        if wait > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), wait)
        self._busy = True

    async def _take(self) -> tuple[Work, list[tuple[Answered, int]]]:
        # Read ahead of the turn that stopped a partition, or that tripped the breaker: not to be taken.
        hears = self.failure is None
        records = [r for r in self._inbox if hears and r.partition not in self.stopped]
        self._inbox = []
        self._taken.set()
        asked = [self._asked.popleft() for _ in range(min(LIMIT, len(self._asked)))]
        asked += self._expected.take(records)
        due_until, owned = None, frozenset[int]()
        self.deadlines.begin_turn()
        if self._reader is not None and not self._stopping:
            owned = self._reader.assigned - self.stopped.keys()
            due_until = self.deadlines.due_until(owned, self._positions)
        skipped = {}
        if records or asked or due_until is not None:
            skipped = {p: n for p, n in self._skipped.items() if p not in self.stopped}
            self._skipped = {}
        stood = {p: self._positions.get(p, 0) for p in owned} if due_until is not None else {}
        work = Work(records, [ask for ask, _, _ in asked], due_until, owned, skipped, stood, sure=False)
        return work, [(answered, place) for _, answered, place in asked]

    async def _do(self, work: Work) -> Done:
        """Do the work whatever it takes: again after a conflict, in halves after a poison record."""
        pause, conflicts = 0.02, 0
        while True:
            started = time.perf_counter()
            try:
                done: Done = await self.in_writer(self.turns.run, work, self.world.now())
            except Conflict as error:
                logger.info("%s decides again: %s", self.service.name, str(error).splitlines()[0])
                conflicts += 1
                if conflicts >= CONFLICTS:
                    return await self._do_apart(work, error)
                await asyncio.sleep(pause * random.random())
                pause = min(pause * 2, 1.0)
                with contextlib.suppress(*TRANSIENT):
                    self._positions |= await self._stored_positions()
                continue
            except TRANSIENT as error:
                logger.warning("%s: %s", self.service.name, str(error).splitlines()[0])
                await asyncio.sleep(pause * (1 + random.random()))
                pause = min(pause * 2, 5.0)
                continue
            except Gap as gap:
                work = await self._go_back(work, gap)
                continue
            except OwnStreamBehind:
                raise
            except Exception as error:
                if not work.sure:  # who stated it may have had newer rules
                    await self._be_sure()
                    work = replace(work, sure=True)
                    continue
                if not work.records:
                    raise
                return await self._do_in_halves(work, error)
            self._settle(work, done, time.perf_counter() - started)
            await self._look_at_wake(work)
            return done

    async def _be_sure(self) -> None:
        """Have the newest rules. What a fact was stated by was published before it, so one look is enough."""
        while True:
            try:
                await self.world.book.look()
                break
            except LogUnavailable as error:
                logger.warning("%s waits for its rules: %s", self.service.name, error)
                await asyncio.sleep(0.5)

    async def _do_apart(self, work: Work, error: Conflict) -> Done:
        """A conflict that does not pass: what was heard and is due alone, then each wish alone.

        A wish that still meets it is not carried out; what was heard and still meets it stops the service.
        """
        if not work.asks:
            raise error
        if len(work.asks) == 1 and not work.records and work.due_until is None:
            logger.error("%s gives up a command: %s", self.service.name, str(error).splitlines()[0])
            return Done(results=[LogUnavailable("the command met a conflict again and again")])
        if work.records or work.due_until is not None:
            await self._do(replace(work, asks=()))
        alone = [await self._do(Work((), [ask])) for ask in work.asks]
        return Done(results=[result for done in alone for result in done.results])

    async def _go_back(self, work: Work, gap: Gap) -> Work:
        """The database lost what it had committed (a power cut, a kill): what it lacks is read again.

        Gives the work without that partition; its deadlines wait until it has been read up to.
        """
        logger.warning("%s reads again: %s", self.service.name, gap)
        key = gap.partition, gap.start, gap.found
        self._gaps[key] = self._gaps.get(key, 0) + 1
        if self._gaps[key] > GAP_LIMIT:
            self.fail(
                f"{self.topic}/{gap.partition} holds nothing from {gap.start} to {gap.found - 1}: "
                "the log lost records"
            )
        self._positions[gap.partition] = self._committed[gap.partition] = gap.start
        self._skipped.pop(gap.partition, None)
        self._inbox = [r for r in self._inbox if r.partition != gap.partition]
        self.arrivals.forget()
        await self.reader.rewind(gap.partition, gap.start)
        return replace(
            work,
            records=[r for r in work.records if r.partition != gap.partition],
            skipped={p: n for p, n in work.skipped.items() if p != gap.partition},
            due_until=None,
            stood={},
        )

    async def look_back(self) -> None:
        """See whether the database still stands where this process has brought it; else read again."""
        had = {p: n for p, n in self._committed.items() if p in self.reader.assigned}
        has = await self._stored_positions()
        for partition, stood in had.items():
            if has.get(partition, 0) < stood:
                await self._go_back(Work(), Gap(partition, has.get(partition, 0), stood))

    async def _stored_positions(self) -> Positions:
        """Where the database says that this service stands."""

        def look() -> Positions:
            with self.database.read() as db:
                rows = db.execute(sa.select(positions).where(positions.c.topic == self.topic))
                return {row.partition: row.next for row in rows}

        found: Positions = await self.in_reader(look)
        return found

    async def _do_in_halves(self, work: Work, error: Exception) -> Done:
        """A projection raised: find the one record, put it aside, do the rest."""
        if len(work.records) == 1 and not work.asks and work.due_until is None:
            (record,) = work.records
            reason = reason_of(error)
            if (record.partition, record.offset) in work.poison:
                raise error
            return await self._do(replace(work, poison={(record.partition, record.offset): reason}))
        middle = len(work.records) // 2
        for part in (work.records[:middle], work.records[middle:]):
            half = [r for r in part if r.partition not in self.stopped]
            if self.failure is not None:
                raise error  # the breaker: what is not done stays in the log
            if half:
                await self._do(Work(half, partitions=work.partitions, skipped=work.skipped))
        return await self._do(Work((), work.asks, work.due_until, work.partitions, work.skipped))

    def _settle(self, work: Work, done: Done, seconds: float) -> None:
        """After a turn: note where we stand and tell the relay, the workers, the metrics and the breaker."""
        for worker in self._workers:
            worker.wake()
        self._reach(done.positions)
        self._committed |= done.positions
        self._gaps = {k: n for k, n in self._gaps.items() if k[0] not in done.positions}
        for partition, why in done.stopped.items():
            if partition not in self.stopped:
                logger.error("%s stops reading: %s", self.service.name, why)
            self.stopped[partition] = why
        if done.stated:
            self.relay.ring(len(done.stated))
        self.deadlines.note(done.next_wake)
        for span in done.spans:
            span.end()
        self.arrivals.note(done.seen)
        for words in done.refused:
            logger.info("%s refused a reaction: %s", self.service.name, words)
        if done.set_aside:
            self._trip_breaker(done.set_aside)
        self._count(work, done, seconds)

    def _count(self, work: Work, done: Done, seconds: float) -> None:
        metrics, labels = self.world.metrics, self.labels
        metrics.turns.labels(*labels).observe(seconds)
        metrics.batch.labels(*labels).observe(len(work.records) + len(work.asks))
        metrics.heard.labels(*labels).inc(done.heard)
        metrics.repeats.labels(*labels).inc(done.repeats)
        metrics.refused.labels(*labels).inc(len(done.refused))
        refused = sum(isinstance(result, Exception) for result in done.results)
        metrics.commands.labels(*labels, "refused").inc(refused)
        metrics.commands.labels(*labels, "done").inc(len(done.results) - refused)
        for event, count in Counter(type(recorded.event) for recorded in done.stated).items():
            metrics.stated.labels(*labels, event.type()).inc(count)
        if done.fired:
            metrics.lateness.labels(*labels).observe(done.lateness)

    async def _look_at_wake(self, work: Work) -> None:
        if work.due_until is None:
            return

        def look() -> datetime | None:
            with self.database.read() as db:
                return first_wake(db, work.partitions)

        try:
            self.deadlines.fired(await self.in_writer(look))
        except TRANSIENT:  # the turn itself is done
            self.deadlines.lose_sight()

    def _trip_breaker(self, count: int) -> None:
        now = time.monotonic()
        self._breaker.extend([now] * count)
        while self._breaker and self._breaker[0] < now - BREAKER_WINDOW:
            self._breaker.popleft()
        logger.error("%s set %d record(s) aside", self.service.name, count)
        if len(self._breaker) > BREAKER_LIMIT:
            self.fail(
                f"{len(self._breaker)} records were set aside within {BREAKER_WINDOW:.0f} s: the fault is "
                "rather in this deploy than in the records. Hearing stops; the records are safe in the log."
            )

    def fail(self, why: str) -> None:
        """Give up: /healthz turns red, and after a while the process ends, to be started anew."""
        logger.error("%s stops: %s", self.service.name, why)
        self.failure = self.failure or why
        if self._relaying is not None:  # on a log that lost records, what is sent now could bury what is lost
            self._relaying.cancel()
        self.arrivals.close()
        while self._asked:  # nobody is left to take them
            _, answered, place = self._asked.popleft()
            answered.put(place, LogUnavailable(why))
        self._stir()

    # ------------------------------------------------------------------------- being watched

    def idle(self) -> bool:
        """Whether there is nothing to do that this process knows of."""
        return self.deadlines.rest() and self.idle_but_for_deadlines()

    def idle_but_for_deadlines(self) -> bool:
        """Whether there is nothing to do, unless something is due."""
        return self.has_done_its_turns() and all(worker.idle() for worker in self._workers)

    def has_done_its_turns(self) -> bool:
        """Whether no turn is under way, none has to come, and what was stated lies in the log."""
        return not (self._busy or self._asked or self._inbox or self.relay.depth)

    @property
    def positions(self) -> Positions:
        """Where the service stands, by partition, as far as this process knows."""
        return self._positions

    def level_with(self, ends: Positions) -> bool:
        """Whether everything up to these ends was processed."""
        return all(self._positions.get(p, 0) >= end for p, end in ends.items())

    @property
    def next_wake(self) -> datetime | None:
        """When the earliest deadline of this service falls due."""
        return self.deadlines.next_wake

    @property
    def reader(self) -> Reader:
        """The member of the log's group that reads for this service."""
        assert self._reader is not None, "not started"
        return self._reader

    @property
    def joined(self) -> bool:
        """Whether the log has given this member its partitions."""
        return self._reader is not None and bool(self._reader.assigned)

    async def ping(self) -> None:
        """Raise a database error if the database does not answer."""
        await self.read(lambda views: views.rows(sa.select(sa.literal(1).label("one"))))

    def _stir(self) -> None:
        self.stirred()

    # ---------------------------------------------------------------------------- quarantine

    async def release(self, case_id: str) -> int:
        """Take a case's records out of quarantine, in the log's order. Gives how many were taken in.

        The case stays parked if one of them cannot be read still; none is lost.
        """
        for attempt in range(CONFLICTS):
            try:
                await self._be_sure()
                done: Done = await self.in_writer(self.turns.release, case_id, self.world.now())
                break
            except Conflict:  # another replica wrote first, as with a turn
                if attempt == CONFLICTS - 1:
                    raise
                await asyncio.sleep(0.02 * random.random() * (attempt + 1))
        self._settle(Work(), done, 0.0)
        return done.heard
