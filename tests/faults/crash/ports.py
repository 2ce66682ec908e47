"""Wrappers round the two ports, log and database, that kill this process at a chosen point.

The product has no hooks for this: its databases are watched through their engines' events, its log
through a log of the same shape around it.
"""

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from libs.host import rebuild, run, running
from libs.log.port import EventLog, Outgoing, Reader, Record, Resume
from libs.sourcing.database import Database, Row, open_database
from libs.sourcing.store import load_headers
from tests.faults.crash.points import Point

ACT = re.compile(
    r"\s*(INSERT INTO|UPDATE|DELETE FROM|SELECT\b.*?\bFROM|CREATE TABLE|(DROP TABLE)(?: IF EXISTS)?)"
    r'\s+(?:\w+\.)?"?(\w+)"?',
    re.DOTALL,
)


TOO_EARLY, NOT_AT_ALL = "published before the commit", "acknowledged and not published"
"""Two wrong ways, to see that they are found."""


class Reaper:
    """Kills this process at one point, once, the way ``kill -9`` does, and leaves a note of it."""

    def __init__(self, point: Point | None, note: Path, variant: str = "") -> None:
        self.point, self._note, self._left = point, note, point.nth if point else 0
        self.variant = variant
        self.publish: Callable[[Sequence[Outgoing]], None] = lambda rows: None

    def comes(self, place: str, when: str, act: str, within: Collection[str] = ()) -> bool:
        """Whether this is the moment."""
        p = self.point
        if p is None or (p.place, p.when, p.act) != (place, when, act):
            return False
        if p.within and p.within not in within:
            return False
        self._left -= 1
        return self._left == 0

    def pass_by(self, place: str, when: str, act: str, within: Collection[str] = ()) -> None:
        """Die here, if this is the moment."""
        if self.comes(place, when, act, within):
            self.strike()

    def strike(self) -> None:
        """Die, without any farewell."""
        self._note.write_text(self.point.name if self.point else "")
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)


def act_of(statement: str) -> str:
    """What a statement does to which table, as ``insert outbox``; dropping is the same for all."""
    found = ACT.match(statement)
    if found is None:
        return ""
    return "drop table" if found[2] else f"{found[1].split()[0].lower()} {found[3]}"


def written(act: str) -> str:
    """What is written by whatever statement, as ``write outbox``: one home inserts where another updates."""
    what, _, table = act.partition(" ")
    return f"write {table}" if what in ("insert", "update") else ""


def watch_databases(places: dict[str, str], reaper: Reaper) -> None:
    """Every database that the product opens from now on is watched; ``places`` by address."""

    def opening(url: str) -> Database:
        database = open_database(url)
        return watched(database, places[url], reaper) if url in places else database

    for module in (run, running, rebuild):
        setattr(module, "open_database", opening)  # noqa: B010 - a port is wrapped where it is opened


def watched(database: Database, place: str, reaper: Reaper) -> Database:
    """The same database; the reaper is told of each statement and commit."""
    engine = database.engine

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.info["seen"] = []

    @event.listens_for(engine, "before_cursor_execute")
    def before(connection: sa.Connection, cursor: Any, statement: str, *_: Any) -> None:
        reaper.pass_by(place, "before", act_of(statement), connection.info.get("seen", ()))

    @event.listens_for(engine, "after_cursor_execute")
    def after(connection: sa.Connection, cursor: Any, statement: str, *_: Any) -> None:
        seen = connection.info.setdefault("seen", [])
        act = act_of(statement)
        seen.extend((act, written(act)))
        reaper.pass_by(place, "after", act, seen)

    @event.listens_for(engine, "commit")
    def commit(connection: sa.Connection) -> None:
        if reaper.variant == TOO_EARLY and "insert outbox" in connection.info["seen"]:
            rows = connection.exec_driver_sql("SELECT topic, key, headers, value FROM outbox").all()
            reaper.publish([Outgoing(t, key, load_headers(h), bytes(v)) for t, key, h, v in rows])
        reaper.pass_by(place, "before", "commit", connection.info["seen"])
        connection.info["committed"] = True

    @event.listens_for(engine, "checkin")
    def given_back(connection: Any, record: Any) -> None:
        if record.info.pop("committed", False):
            reaper.pass_by(place, "after", "commit", record.info["seen"])

    secure, copy, drive = database.secure, database.copy, database.drive

    def watched_drive(db: sa.Connection, statement: str, *values: Any, **more: Any) -> Any:
        before(db, None, statement)
        cursor = drive(db, statement, *values, **more)
        after(db, None, statement)
        return cursor

    def watched_copy(db: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
        copy(db, table, rows)  # many rows go to PostgreSQL by COPY, which no event tells of
        db.info.setdefault("seen", []).extend((f"insert {table.name}", f"write {table.name}"))

    def watched_secure() -> None:
        reaper.pass_by(place, "before", "secure")
        secure()
        reaper.pass_by(place, "after", "secure")

    setattr(database, "drive", watched_drive)  # noqa: B010 - most statements go past SQLAlchemy
    setattr(database, "secure", watched_secure)  # noqa: B010
    setattr(database, "copy", watched_copy)  # noqa: B010
    return database


class WatchedLog:
    """The same log; the reaper is told of each append and of each batch read."""

    def __init__(self, log: EventLog, reaper: Reaper) -> None:
        self._log, self._reaper = log, reaper

    async def prepare(self, topics: dict[str, int]) -> None:
        await self._log.prepare(topics)

    async def append(self, records: Sequence[Outgoing]) -> None:
        place = dict(records[0].headers)["ce_source"].decode().strip("/")
        self._reaper.pass_by(place, "before", "append")
        if len(records) > 1 and self._reaper.comes(place, "halfway", "append"):
            await self._log.append(records[: len(records) // 2])
            self._reaper.strike()
        if self._reaper.comes(place, "during", "append"):
            sending = asyncio.ensure_future(self._log.append(records))
            await asyncio.wait([sending], timeout=0.001)
            self._reaper.strike()
        if self._reaper.variant != NOT_AT_ALL:
            await self._log.append(records)
        self._reaper.pass_by(place, "after", "append")

    async def open_reader(self, group: str, topic: str, resume: Resume) -> Reader:
        reader = await self._log.open_reader(group, topic, resume)
        read: Callable[[int, float], Any] = reader.read
        place = group.rpartition("-")[2]

        async def watched_read(limit: int, wait: float) -> Sequence[Record]:
            records: Sequence[Record] = await read(limit, wait)
            if records:
                self._reaper.pass_by(place, "after", "read")
            return records

        setattr(reader, "read", watched_read)  # noqa: B010
        return reader

    async def check(self) -> None:
        await self._log.check()

    async def close(self) -> None:
        await self._log.close()
