"""Sends what waits on one channel, and notes what became of it. It never decides what is sent to whom.

Every channel has a sender of its own, with its own thread for the database and its own few for sending, apart
from those of turns: a gateway that hangs holds up its own channel and nothing else.
"""

import asyncio
import contextlib
import logging
import random
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar, assert_never

import sqlalchemy as sa

from libs.notify.deliveries import GAVE_UP, SENT, WAITING, WITHDRAWN, Row, claim, next_try, note
from libs.notify.gateway import Gateway, Message, NotSent
from libs.sourcing.database import TRANSIENT, Conflict, Database

logger = logging.getLogger(__name__)
T = TypeVar("T")
AT_ONCE = 8
"""Messages on their way at the same time, per channel and process."""
STRAYS = 32
"""Threads that a gateway may hold past the limit, before nothing more is given to it."""
IDLE_SECONDS = 2.0
"""How often an idle sender looks for what another replica may have left."""
STOP_SECONDS = 4.0
"""How long a stop waits for what is on its way."""
TRIES = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""A minute, two, four ... an hour: a gateway may be away for some six hours before a message is given up."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that may go out now; ``sealed`` is the address under the key ``key_id``."""

    sealed: str
    key_id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not before then. It counts as no attempt."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Never:
    """Not to be sent any more."""

    state: str
    why: str


Verdict = Letter | Later | Never


class Clerk(Protocol):
    """Who knows what a delivery says and to whom. All rows at once, each question one statement."""

    def judge(self, db: sa.Connection, rows: Sequence[Row], now: datetime) -> Mapping[str, Verdict]:
        """What to do with each delivery, by its id."""

    def open(self, letters: Mapping[str, Letter]) -> Mapping[str, str]:
        """The addresses; one that cannot be read any more is left out. Outside any transaction."""


def pause_after(attempts: int, dice: Callable[[], float] = random.random) -> timedelta:
    """How long to wait after so many failed attempts: twice as long each time, and by chance up to half
    as long again, so that what failed together does not come together again."""
    doubled = FIRST_PAUSE * (1 << min(attempts - 1, 20))
    return min(doubled, LONGEST_PAUSE) * (1 + dice() / 2)


class Sender:
    """One channel in one process. Several processes may each have one: they take different deliveries."""

    def __init__(
        self,
        database: Database,
        gateway: Gateway,
        clerk: Clerk,
        now: Callable[[], datetime],
        seconds: float,
        count: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._database, self._gateway, self._clerk, self._now = database, gateway, clerk, now
        self._seconds, self._count = seconds, count
        self._me = uuid.uuid4().hex
        self._bell = asyncio.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=f"send-{gateway.channel}")
        self._going: dict[asyncio.Task[Row], str] = {}
        self._done: list[Row] = []
        self._strays = 0
        self._ended = asyncio.Event()
        self._ended.set()
        self._stopping = False
        self.sent = 0

    def wake(self) -> None:
        """There may be something to send."""
        self._bell.set()

    async def work(self) -> None:
        """Until stopped: note what was sent, take the next, send."""
        self._ended.clear()
        pause = 0.1
        while not self._stopping:
            wait = 0.0
            try:
                self._bell.clear()
                await self._turn()
                pause = 0.1
            except Exception as error:  # whatever it is, it must not stop supervision
                expected = isinstance(error, (*TRANSIENT, Conflict))
                level = logging.WARNING if expected else logging.ERROR
                words = str(error).splitlines()[0] if expected else ""
                logger.log(level, "%s: %s %s", self._gateway.channel, type(error).__name__, words)
                wait, pause = pause, min(pause * 2, 5.0)
            await self._wait(wait)
        try:
            await self._finish()
        finally:
            self._ended.set()

    async def stop(self) -> None:
        """Take nothing more, wait a little for what is on its way, and note it: else it would go out again."""
        self._stopping = True
        self._bell.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), STOP_SECONDS + 1)
        self._pool.shutdown(wait=True)

    async def _finish(self) -> None:
        if self._going:
            await asyncio.wait(self._going, timeout=STOP_SECONDS)
        self._collect()
        with contextlib.suppress(Conflict, *TRANSIENT):
            await self._run(self._note_and_claim, self._done, 0)
        for task in self._going:
            task.cancel()

    async def _turn(self) -> None:
        self._collect()
        done, free = self._done, AT_ONCE - len(self._going)
        if self._strays >= STRAYS:
            free = 0
        letters, addresses = await self._run(self._note_and_claim, done, free)
        self._done = self._done[len(done) :]
        for row, letter in letters:
            address = addresses.get(row["delivery_id"])
            task = asyncio.create_task(self._send(row, letter, address))
            self._going[task] = row["delivery_id"]

    async def _wait(self, pause: float) -> None:
        """Until one is sent, or there may be something new, or it is time to look again; after an error for
        a moment only. A stop ends it."""
        bell = asyncio.create_task(self._bell.wait())
        going = set() if pause else set(self._going)
        try:
            await asyncio.wait(
                {bell, *going}, timeout=pause or IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            bell.cancel()

    def _collect(self) -> None:
        for task in [task for task in self._going if task.done()]:
            del self._going[task]
            if not task.cancelled() and task.exception() is None:
                self._done.append(task.result())

    async def _run(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)

    # ------------------------------------------------------------------------- in the database

    def _note_and_claim(
        self, done: Sequence[Row], free: int
    ) -> tuple[list[tuple[Row, Letter]], Mapping[str, str]]:
        """One transaction: note results, take what is due, let the clerk judge it."""
        if not done and not (free and self._is_due()):
            return [], {}
        now, letters = self._now(), []
        with self._database.begin() as db:
            note(self._database, db, self._me, done)
            rows: list[Row] = []
            if free:
                held = self._seconds + 30  # a claim outlives the attempt and its note
                rows = claim(self._database, db, self._gateway.channel, self._me, now, free, held)
            verdicts = self._clerk.judge(db, rows, now) if rows else {}
            other = []
            for row in rows:
                match verdicts[row["delivery_id"]]:
                    case Letter() as letter:
                        letters.append((row, letter))
                    case Later(at):
                        other.append(row | {"next_try_at": at, "attempts": row["attempts"] - 1})
                    case Never(state, why):
                        other.append(row | {"state": state, "last_error": why})
                    case verdict:
                        assert_never(verdict)
            note(self._database, db, self._me, other)
        return letters, self._clerk.open({row["delivery_id"]: one for row, one in letters})

    def _is_due(self) -> bool:
        """Looked up without the lock of a writer: mostly nothing is."""
        with self._database.read() as db:
            at = next_try(db, self._gateway.channel)
        return at is not None and at <= self._now()

    # ----------------------------------------------------------------------------- on the way

    async def _send(self, row: Row, letter: Letter, address: str | None) -> Row:
        """One attempt. Gives the row as it is afterwards."""
        if address is None:
            return row | {"state": WITHDRAWN, "last_error": "the address is gone"}
        message = Message(address, letter.title, letter.body, row["key"])
        try:
            await asyncio.wait_for(self._in_thread(message), self._seconds)
        except TimeoutError:
            return self._failed(row, f"no end within {self._seconds:g} s")
        except NotSent as error:
            return self._failed(row, str(error))
        self.sent += 1
        self._count("sent")
        return row | {"state": SENT, "sent_at": self._now(), "last_error": None, "next_try_at": None}

    def _failed(self, row: Row, why: str) -> Row:
        if row["attempts"] >= TRIES:
            self._count("given_up")
            return row | {"state": GAVE_UP, "last_error": why, "next_try_at": None}
        self._count("failed")
        again = self._now() + pause_after(row["attempts"])
        return row | {"state": WAITING, "last_error": why, "next_try_at": again}

    def _in_thread(self, message: Message) -> "asyncio.Future[None]":
        """The blocking call, in a thread that may be left behind: no pool could be stopped then."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._strays += 1

        def tell(error: BaseException | None) -> None:
            self._strays -= 1
            if not future.done():
                future.set_exception(error) if error else future.set_result(None)

        def send() -> None:
            failed: BaseException | None = None
            try:
                self._gateway.send(message)
            except NotSent as error:
                failed = error
            except BaseException as error:
                failed = NotSent(type(error).__name__)
            with contextlib.suppress(RuntimeError):  # the loop has ended before the gateway did
                loop.call_soon_threadsafe(tell, failed)

        threading.Thread(target=send, name=f"send-{self._gateway.channel}", daemon=True).start()
        return future
