"""The two homes of a service's tables, SQLite and PostgreSQL, behind one port. No rule lives here.

Port and homes stand in one file, so that what one of them does otherwise is seen beside the other.
"""

import json
import os
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql as pgsql
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from libs.sourcing.arrays import Array
from libs.sourcing.tables import UtcTime, read_time, time_text

Row = Mapping[str, Any]
TRANSIENT = (OperationalError, InterfaceError)
"""What may pass by itself: a broken connection, a deadlock, a lock not had in time."""


WORTH_A_COPY = 64
"""From so many rows on COPY is faster than an INSERT of arrays."""


COURTESY_SECONDS = 0.5
"""How long a turn may work before the others of its process no longer wait for it."""


PAGES_KIB = 8192
"""What a connection to SQLite keeps of its file. By SQLite's own 2 MiB each turn reads its indexes anew."""
CHECKPOINT_PAGES = 4000
"""Pages of 4 KiB in SQLite's WAL before they go into the file: turns write the same ones again and again,
and by SQLite's own 1,000 nearly each of them copied them."""


class Courtesy:
    """Lets the threads of a process work one after another, as long as none takes too long."""

    def __init__(self) -> None:
        self._lock, self._began_at = threading.Lock(), 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for who is at work, but not longer than until its time is over."""
        left = self._began_at + COURTESY_SECONDS - time.monotonic()
        mine = self._lock.acquire(blocking=False) or (left > 0 and self._lock.acquire(timeout=left))
        if mine:
            self._began_at = time.monotonic()
        try:
            yield
        finally:
            if mine:
                self._lock.release()


COURTESY = Courtesy()
"""Among all services of this process."""


class Conflict(Exception):
    """Someone else wrote first: load again and decide again."""


class Database(ABC):
    """One service's database. All writing is in bulk, in a transaction opened here alone."""

    engine: sa.Engine
    driver: Any
    """The module that talks to the database."""
    mark: str
    """What stands for a value in the driver's statements."""
    locks = False
    """Whether rows are locked one by one (else the whole database is)."""

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """The one place where a transaction that writes is opened and committed."""
        try:
            with self.engine.begin() as db:
                yield db
        except IntegrityError as error:
            if _is_clash(error.orig):
                raise Conflict(str(error.orig)) from error
            raise  # another rule of a table was broken: doing it again would not help

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Reads alone; it waits for no writer."""
        with self.engine.connect() as db:
            # Here, not by the first statement: ``drive`` goes past what would begin it.
            db.execution_options(lianxin_reads=True).begin()
            yield db

    def secure(self) -> None:  # noqa: B027 - a home that waits at commit has nothing to add
        """Make what was committed survive a power cut, before anyone is told of it.

        A turn that only heard need not wait for the disk: the log would tell it again.
        """

    def relax(self, db: sa.Connection) -> None:  # noqa: B027 - nor one that never waits
        """Let this transaction's commit not wait for the disk: losing it would lose nothing."""

    def wipe(self) -> None:  # noqa: B027 - a server lets go of old rows by itself, in its own time
        """Let nothing that was overwritten stay in the home's files: for keys that are destroyed."""

    def drop(self, db: sa.Connection, tables: sa.MetaData) -> None:
        """Drop tables that can be made anew."""
        tables.drop_all(db)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Held while a turn works, after its transaction has begun. A courtesy among services, no lock."""
        yield

    def for_update(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Lock the rows that a query finds until the end of the transaction."""
        return query.with_for_update() if self.locks else query

    @abstractmethod
    def write(self, db: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
        """Insert or replace rows by primary key, in one statement. All rows have the same columns.

        Raises ``ValueError`` if two of them have one key: which should stay?
        """

    def change(
        self, db: sa.Connection, table: sa.Table, rows: Sequence[Row], columns: Sequence[str]
    ) -> None:
        """Write rows that are there already and differ in these columns alone. They are whole."""
        self.write(db, table, rows)

    @abstractmethod
    def exchange(
        self, db: sa.Connection, table: sa.Table, column: str, rows: Sequence[tuple[Any, ...]]
    ) -> int:
        """Put a new value into a column where the old one still stands, and tell in how many rows it did.

        ``rows``: the primary key's values, in the table's order, then the old value and the new one.
        """

    @abstractmethod
    def copy(self, db: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
        """Insert new rows by the home's fastest way. An existing key raises ``Conflict`` at the end."""

    @staticmethod
    def _must_differ(table: sa.Table, rows: Sequence[Row]) -> None:
        names = tuple(column.name for column in table.primary_key)
        if len(names) == 1:
            (name,) = names
            differ = len({row[name] for row in rows}) == len(rows)
        else:
            differ = len({tuple(row[name] for name in names) for row in rows}) == len(rows)
        if not differ:
            raise ValueError(f"two rows for {table.name} have the same {', '.join(names)}")

    def fetch(
        self, db: sa.Connection, table: sa.Table, column: str, values: Sequence[Any], lock: bool = False
    ) -> list[tuple[Any, ...]]:
        """Whole rows, in the table's order of columns, in which a column is one of these values.

        ``lock`` holds them until the end of the transaction, taken in sorted order so that two
        batches cannot wait for each other.
        """
        if not values:
            return []
        statement, times = self._fetching(table, column, lock and self.locks)
        found: list[tuple[Any, ...]] = self.drive(db, statement, self._listed(table.c[column], values)).fetchall()
        if not times:
            return found
        return [self._timed(list(row), times) for row in found]

    def remove(self, db: sa.Connection, table: sa.Table, column: str, values: Sequence[Any]) -> None:
        """Delete the rows in which a column is one of these values."""
        if values:
            among = self._fetching(table, column, False)[0].partition(" WHERE ")[2]
            self.drive(db, f'DELETE FROM "{table.name}" WHERE {among}', self._listed(table.c[column], values))

    def drive(
        self, db: sa.Connection, statement: str, values: Sequence[Any] = (), many: bool = False
    ) -> Any:
        """The driver's own cursor after a statement in the home's own words; ``many``: one for each of the values.

        Past SQLAlchemy, which takes 60 to 80 us for a statement that SQLite does in 20: a quarter of the CPU
        of registrations that come singly. Raises what SQLAlchemy would. That a connection is broken
        SQLAlchemy sees when it rolls back, and then uses none of its age again.
        """
        raw: Any = db.connection.driver_connection
        try:
            # Not the connection's own short forms: SQLite's makes a cursor too, psycopg's has no many.
            cursor = self._cursor(raw)
            return (cursor.executemany if many else cursor.execute)(statement, values) or cursor
        except self.driver.Error as error:
            raise DBAPIError.instance(
                statement, None, error, self.driver.Error, hide_parameters=True, dialect=db.dialect
            ) from error

    @staticmethod
    def _cursor(raw: Any) -> Any:
        """A cursor of the driver's connection."""
        return raw.cursor()

    @abstractmethod
    def _fetching(self, table: sa.Table, column: str, lock: bool) -> tuple[str, tuple[int, ...]]:
        """The statement of ``fetch``, and which columns are times that the driver does not know."""

    @abstractmethod
    def _listed(self, column: sa.Column[Any], values: Sequence[Any]) -> tuple[Any, ...]:
        """The one parameter of ``fetch``."""

    @staticmethod
    def _timed(row: list[Any], times: tuple[int, ...]) -> tuple[Any, ...]:
        for place in times:
            if row[place] is not None:
                row[place] = read_time(row[place])
        return tuple(row)

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class SqliteDatabase(Database):
    """A file. WAL lets readers read while one writer writes; ``BEGIN IMMEDIATE`` takes the lock at once.

    ``synchronous`` in the URL's query is SQLite's: FULL survives a power cut, OFF only a crash.
    """

    driver, mark = sqlite3, "?"

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        synchronous = str(parsed.query.get("synchronous", "FULL")).upper()
        if synchronous not in {"FULL", "NORMAL", "OFF", "EXTRA"}:
            raise ValueError(f"synchronous={synchronous} is not one of FULL, NORMAL, OFF, EXTRA")
        parsed = parsed.set(query={})
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self._wal = Path(f"{parsed.database}-wal") if synchronous == "FULL" else None
        level = "NORMAL" if synchronous == "FULL" else synchronous  # see secure()
        self.engine = sa.create_engine(
            parsed,
            hide_parameters=True,  # an error says which statement, never whose words
            connect_args={"timeout": 30, "check_same_thread": False},
        )

        @event.listens_for(self.engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            connection.isolation_level = None  # the driver's own BEGIN is deferred and too late
            connection.execute("PRAGMA busy_timeout=30000")
            connection.execute("PRAGMA secure_delete=ON")  # overwritten, however this SQLite was compiled
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={level}")
            connection.execute(f"PRAGMA cache_size=-{PAGES_KIB}")
            connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")

        @event.listens_for(self.engine, "begin")
        def take_lock(connection: sa.Connection) -> None:
            reads = connection.get_execution_options().get("lianxin_reads")
            self.drive(connection, "BEGIN" if reads else "BEGIN IMMEDIATE")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A turn here computes and hardly waits, and threads that compute at the same time fight for the
        interpreter: half as much CPU again, and a quarter fewer cases. One that hangs is not waited for."""
        with COURTESY.turn():
            yield

    def secure(self) -> None:
        """What FULL does after every commit, done after those alone that matter: sync the WAL."""
        if self._wal is not None:
            with suppress(FileNotFoundError):  # all of it is in the database file, synced, already
                file = os.open(self._wal, os.O_RDWR)
                try:
                    os.fsync(file)
                finally:
                    os.close(file)

    def wipe(self) -> None:
        """The WAL keeps old pages until they are written over, which in a store of keys may take a year."""
        with self.engine.connect() as db:
            self.drive(db, "PRAGMA wal_checkpoint(TRUNCATE)")

    def drop(self, db: sa.Connection, tables: sa.MetaData) -> None:
        """Without overwriting each page: that took half as long as writing the new tables."""
        self.drive(db, "PRAGMA secure_delete=FAST")
        try:
            tables.drop_all(db)
        finally:
            self.drive(db, "PRAGMA secure_delete=ON")

    def write(self, db: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
        self._must_differ(table, rows)
        self._put(db, table, rows, replace=True)

    def copy(self, db: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
        self._put(db, table, rows, replace=False)

    def change(
        self, db: sa.Connection, table: sa.Table, rows: Sequence[Row], columns: Sequence[str]
    ) -> None:
        """SQLite makes the entry anew in each index of which a column is written, though it be the same: a
        row of intake's cases took five times as long as what mostly changes of it. PostgreSQL compares."""
        self._must_differ(table, rows)
        if rows:
            self._run(db, *_sqlite_change(table, tuple(columns)), rows)

    def exchange(
        self, db: sa.Connection, table: sa.Table, column: str, rows: Sequence[tuple[Any, ...]]
    ) -> int:
        changed: int = self.drive(
            db, _sqlite_exchange(table, column), [(row[-1], *row[:-1]) for row in rows], many=True
        ).rowcount
        return changed

    def _put(self, db: sa.Connection, table: sa.Table, rows: Sequence[Row], replace: bool) -> None:
        if rows:
            self._run(db, *_sqlite_put(table, tuple(rows[0]), replace), rows)

    def _run(
        self,
        db: sa.Connection,
        statement: str,
        columns: tuple[str, ...],
        times: Sequence[int],
        rows: Sequence[Row],
    ) -> None:
        pick = _picker(columns)
        if not times:
            self.drive(db, statement, [pick(row) for row in rows], many=True)
            return
        values = []
        for row in rows:
            value = list(pick(row))
            for place in times:
                if value[place] is not None:
                    value[place] = time_text(value[place])
            values.append(tuple(value))
        self.drive(db, statement, values, many=True)

    def _fetching(self, table: sa.Table, column: str, lock: bool) -> tuple[str, tuple[int, ...]]:
        return _sqlite_fetch(table, column)

    def _listed(self, column: sa.Column[Any], values: Sequence[Any]) -> tuple[Any, ...]:
        return (json.dumps(list(values)),)


class PostgresDatabase(Database):
    """A PostgreSQL database of the service's own. Bulk rows travel as one array per column.

    In binary (``%b``): psycopg escapes each element of an array of texts by a regular expression, which
    took thirty times as long (63 ms for 400 heads) and a quarter of a process's time.
    """

    driver, mark = psycopg, "%s"
    locks = True

    def __init__(self, url: str, search_path: str = "public") -> None:
        # A turn reads by keys. Its plans are kept, and what was made for a table of ten rows read all of it when
        # it had thousands: up to 20 ms a statement, until the server looked at the table by itself.
        self.engine = _postgres_engine(url, search_path, "-c enable_seqscan=off -c jit=off", pool_size=3)
        self._reading = _postgres_engine(url, search_path, "", pool_size=5, isolation_level="AUTOCOMMIT")
        # Where one finds that the server has gone, the other's connections are of no use either.
        for one, other in ((self.engine, self._reading), (self._reading, self.engine)):
            event.listen(one, "invalidate", lambda *_, other=other: other.dispose())
        self._changing: dict[sa.Table, frozenset[str]] = {}

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Each statement by itself: in a transaction here it would see what was committed meanwhile too.

        So BEGIN and ROLLBACK do not travel, half of what a short look costs. After a rollback psycopg moreover
        throws away all that it has prepared on the connection: most statements of turns were planned each time.
        """
        with self._reading.connect() as db:
            db.begin()  # so that a broken one is seen at its end
            yield db

    def dispose(self) -> None:
        super().dispose()
        self._reading.dispose()

    def write(self, db: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
        self._must_differ(table, rows)
        self._put(db, table, rows, replace=True)

    def _put(self, db: sa.Connection, table: sa.Table, rows: Sequence[Row], replace: bool) -> None:
        if rows:
            columns = tuple(rows[0])
            self.drive(db, _postgres_put(table, columns, replace), _arrays(table, columns, rows))

    def change(
        self, db: sa.Connection, table: sa.Table, rows: Sequence[Row], columns: Sequence[str]
    ) -> None:
        """All columns that this process ever changed, so that it is soon the same statement, whose plan is
        kept; those that never change, such as a case's words, do not travel."""
        self._must_differ(table, rows)
        if rows:
            ever = self._changing[table] = self._changing.get(table, frozenset()) | frozenset(columns)
            taken = tuple(c.name for c in table.columns if c.primary_key or c.name in ever)
            self.drive(db, _postgres_change(table, taken), _arrays(table, taken, rows))

    def exchange(
        self, db: sa.Connection, table: sa.Table, column: str, rows: Sequence[tuple[Any, ...]]
    ) -> int:
        kinds = [_kind(c) for c in (*table.primary_key, table.c[column], table.c[column])]
        arrays = tuple(map(Array, kinds, map(list, zip(*rows, strict=True))))
        changed: int = self.drive(db, _postgres_exchange(table, column), arrays).rowcount
        return changed

    @staticmethod
    def _cursor(raw: Any) -> Any:
        """Rows come in binary: bytes and times as text took both sides twice as long."""
        return raw.cursor(binary=True)

    def relax(self, db: sa.Connection) -> None:
        self.drive(db, "SET LOCAL synchronous_commit TO off")

    def _fetching(self, table: sa.Table, column: str, lock: bool) -> tuple[str, tuple[int, ...]]:
        return _postgres_fetch(table, column, lock)

    def _listed(self, column: sa.Column[Any], values: Sequence[Any]) -> tuple[Any, ...]:
        return (Array(_kind(column), list(values)),)

    def copy(self, db: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
        if len(rows) < WORTH_A_COPY:
            self._put(db, table, rows, replace=False)
            return
        columns = tuple(rows[0])
        raw: Any = db.connection.driver_connection
        statement, types = _postgres_copy(table, columns)
        pick = _picker(columns)
        try:
            with raw.cursor() as cursor, cursor.copy(statement) as copying:
                copying.set_types(types)
                for row in rows:
                    copying.write_row(pick(row))
        except psycopg.IntegrityError as error:  # SQLAlchemy does not see what COPY raises
            raise IntegrityError("COPY", None, error) from error
        except psycopg.OperationalError as error:
            raise OperationalError("COPY", None, error) from error


def _postgres_engine(url: str, search_path: str, settings: str, **more: Any) -> sa.Engine:
    return sa.create_engine(
        url,
        pool_use_lifo=True,  # the one that worked last: its server process has tables and plans at hand
        pool_pre_ping=False,
        hide_parameters=True,
        connect_args={
            # A stopped process keeps its locks: let the server end its transaction.
            "options": "-c idle_in_transaction_session_timeout=10s -c timezone=UTC "
            f"-c search_path={search_path} {settings}",
            "connect_timeout": 5,
            "prepare_threshold": 2,
        },
        **more,
    )


@lru_cache(maxsize=256)
def _picker(columns: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    """A row's values in the order of the columns."""
    if len(columns) == 1:
        (only,) = columns
        return lambda row: (row[only],)
    return itemgetter(*columns)


def _arrays(table: sa.Table, columns: tuple[str, ...], rows: Sequence[Row]) -> tuple[Array, ...]:
    """The rows' values, an array for each column."""
    pick = _picker(columns)
    values = zip(*[pick(row) for row in rows], strict=True)
    return tuple(Array(kind, list(of)) for kind, of in zip(_kinds(table, columns), values, strict=True))


@lru_cache(maxsize=1024)
def _kinds(table: sa.Table, columns: tuple[str, ...]) -> list[str]:
    """The columns' types, by which psycopg knows them."""
    return [_kind(table.c[c]) for c in columns]


def _kind(column: sa.Column[Any]) -> str:
    return _postgres_type(column).lower()


def _is_clash(error: BaseException | None) -> bool:
    """Whether a key was there already."""
    if isinstance(error, sqlite3.IntegrityError):
        return error.sqlite_errorname in {"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"}
    return isinstance(error, psycopg.errors.UniqueViolation)


@lru_cache(maxsize=256)
def _sqlite_put(
    table: sa.Table, columns: tuple[str, ...], replace: bool
) -> tuple[str, tuple[str, ...], list[int]]:
    """The statement, the columns it takes, and which of them are times."""
    names = ", ".join(f'"{c}"' for c in columns)
    marks = ", ".join("?" for _ in columns)
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'
    if replace:
        keys = [c.name for c in table.primary_key]
        rest = ", ".join(f'"{c}" = excluded."{c}"' for c in columns if c not in keys)
        action = f"UPDATE SET {rest}" if rest else "NOTHING"
        quoted = ", ".join(f'"{key}"' for key in keys)  # offset is a reserved word of PostgreSQL
        statement += f" ON CONFLICT ({quoted}) DO {action}"
    return statement, columns, _times(table, columns)


@lru_cache(maxsize=1024)
def _sqlite_change(
    table: sa.Table, columns: tuple[str, ...]
) -> tuple[str, tuple[str, ...], list[int]]:
    """The same of a statement that writes these columns of rows by their primary key."""
    keys = tuple(c.name for c in table.primary_key)
    changes = ", ".join(f'"{c}" = ?' for c in columns)
    among = " AND ".join(f'"{key}" = ?' for key in keys)
    taken = columns + keys
    return f'UPDATE "{table.name}" SET {changes} WHERE {among}', taken, _times(table, taken)


@lru_cache(maxsize=16)
def _sqlite_exchange(table: sa.Table, column: str) -> str:
    among = " AND ".join(f'"{c.name}" = ?' for c in table.primary_key)
    return f'UPDATE "{table.name}" SET "{column}" = ? WHERE {among} AND "{column}" = ?'


def _times(table: sa.Table, columns: tuple[str, ...]) -> list[int]:
    return [n for n, c in enumerate(columns) if isinstance(table.c[c].type, UtcTime)]


@lru_cache(maxsize=256)
def _sqlite_fetch(table: sa.Table, column: str) -> tuple[str, tuple[int, ...]]:
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    statement = f'SELECT {names} FROM "{table.name}" WHERE "{column}" IN (SELECT value FROM json_each(?))'
    return statement, tuple(n for n, c in enumerate(table.columns) if isinstance(c.type, UtcTime))


@lru_cache(maxsize=256)
def _postgres_fetch(table: sa.Table, column: str, lock: bool) -> tuple[str, tuple[int, ...]]:
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    kind = _postgres_type(table.c[column])
    statement = f'SELECT {names} FROM "{table.name}" WHERE "{column}" = ANY(%b::{kind}[])'
    return statement + (f' ORDER BY "{column}" FOR UPDATE' if lock else ""), ()


@lru_cache(maxsize=256)
def _postgres_put(table: sa.Table, columns: tuple[str, ...], replace: bool) -> str:
    names = ", ".join(f'"{c}"' for c in columns)
    arrays = ", ".join(f"%b::{_postgres_type(table.c[c])}[]" for c in columns)
    statement = f'INSERT INTO "{table.name}" ({names}) SELECT * FROM unnest({arrays})'
    if replace:
        keys = [c.name for c in table.primary_key]
        rest = ", ".join(f'"{c}" = excluded."{c}"' for c in columns if c not in keys)
        action = f"UPDATE SET {rest}" if rest else "NOTHING"
        quoted = ", ".join(f'"{key}"' for key in keys)  # offset is a reserved word of PostgreSQL
        statement += f" ON CONFLICT ({quoted}) DO {action}"
    return statement


@lru_cache(maxsize=256)
def _postgres_copy(table: sa.Table, columns: tuple[str, ...]) -> tuple[pgsql.Composed, list[str]]:
    """The statement and the types of its columns: in binary nothing is guessed."""
    statement = pgsql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        pgsql.Identifier(*([table.schema] if table.schema else []), table.name),
        pgsql.SQL(", ").join(pgsql.Identifier(c) for c in columns),
    )
    return statement, _kinds(table, columns)


@lru_cache(maxsize=1024)
def _postgres_change(table: sa.Table, columns: tuple[str, ...]) -> str:
    """Rows by their primary key, which is among the columns."""
    keys = [c.name for c in table.primary_key]
    rest = ", ".join(f'"{c}" = n."{c}"' for c in columns if c not in keys)
    return _postgres_update(table, rest, {c: table.c[c] for c in columns}, keys)


@lru_cache(maxsize=16)
def _postgres_exchange(table: sa.Table, column: str) -> str:
    keys = [c.name for c in table.primary_key]
    taken = {key: table.c[key] for key in keys} | {"old": table.c[column], "new": table.c[column]}
    return _postgres_update(table, f'"{column}" = n."new"', taken, keys) + f' AND t."{column}" = n."old"'


def _postgres_update(table: sa.Table, changes: str, taken: Mapping[str, sa.Column[Any]], keys: list[str]) -> str:
    arrays = ", ".join(f"%b::{_postgres_type(column)}[]" for column in taken.values())
    names = ", ".join(f'"{name}"' for name in taken)
    among = " AND ".join(f't."{key}" = n."{key}"' for key in keys)
    return f'UPDATE "{table.name}" AS t SET {changes} FROM unnest({arrays}) AS n({names}) WHERE {among}'


@lru_cache(maxsize=1024)
def _postgres_type(column: sa.Column[Any]) -> str:
    return str(column.type.compile(postgresql.dialect()))  # type: ignore[no-untyped-call]


def open_database(url: str) -> Database:
    """The home that a URL names. Raises ``ValueError`` for one that there is not."""
    if url.startswith("sqlite"):
        return SqliteDatabase(url)
    if url.startswith("postgresql"):
        return PostgresDatabase(url)
    raise ValueError(f"no database home for {url.split(':', 1)[0]}: use sqlite:/// or postgresql+psycopg://")
