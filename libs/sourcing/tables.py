"""The tables every service has beside its views. Kept tables are backed up and migrated; ``heads``
is derived from the log and can be thrown away."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    event,
    text,
)


class UtcTime(TypeDecorator[datetime]):
    """An aware instant. Text of one width on SQLite, so that text order is time order."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(Text() if sqlite else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return time_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return read_time(value)
        at: datetime = value
        return at.astimezone(UTC)


@lru_cache(maxsize=16384)
def time_text(at: datetime | None) -> str | None:
    """An instant as SQLite keeps it."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


@lru_cache(maxsize=16384)
def read_time(text: str) -> datetime:
    """The instant again."""
    return datetime.fromisoformat(text).astimezone(UTC)


def index_of_few(name: str, first: str, *others: str, where: str = "") -> Index:
    """An index of those rows alone in which a column has a value, the first one if it is not said which.

    For what few rows have at a time: PostgreSQL makes an entry in each index when any column that has one
    changes, and SQLite when one of its own does.
    """
    condition = text(f"{where or first} IS NOT NULL")
    return Index(name, first, *others, sqlite_where=condition, postgresql_where=condition)


KEPT = MetaData()

events = Table(
    "events",
    KEPT,
    Column("case_id", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("headers", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
)
"""The service's own streams: what it has stated, per case, numbered from 1."""

# AUTOINCREMENT: without it SQLite reuses a deleted rowid, and a delete by id then takes an unsent row.
outbox = Table(
    "outbox",
    KEPT,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)
"""What is stated but not yet acknowledged by the log."""

positions = Table(
    "positions",
    KEPT,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next", BigInteger, nullable=False),
)
"""The offset to be read next, per partition. This, and not the broker's, is the authority."""

answers = Table(
    "answers",
    KEPT,
    Column("id", Text, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("from_seq", Integer, nullable=False),
    Column("to_seq", Integer, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index("answers_expiry", "expires_at"),
)
"""What an Idempotency-Key was answered with: the events of a case from one number to another.
``id`` is a hash of the principal, the method and path, and the key."""

numbers = Table(
    "numbers",
    KEPT,
    Column("name", Text, primary_key=True),
    Column("next", BigInteger, nullable=False),
)
"""Sequences drawn inside a transaction, such as that behind the receipt number."""

quarantine = Table(
    "quarantine",
    KEPT,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", Text),
    Column("key", LargeBinary),
    Column("headers", Text, nullable=False),
    Column("value", LargeBinary),
    Column("reason", Text, nullable=False),
    Column("quarantined_at", UtcTime, nullable=False),
    Index("quarantine_case", "case_id"),
)
"""Records that could not be processed, and the later ones of their cases, until released."""

looks = Table(
    "looks",
    KEPT,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("case_id", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("role", Text, nullable=False),
    Column("unit_id", Text),
    Column("purpose", Text, nullable=False),
    Column("refused", Boolean, nullable=False),
    Index("looks_case", "case_id", "at"),
)
"""Who looked at a case's words here, for its citizen: no account stands in it, and no word. No fact says it, so
a rebuild leaves it as it is; it stays when the words are erased. The audit topic has the same with the account."""

open_looks = Table(
    "open_looks",
    KEPT,
    Column("id", Text, primary_key=True),
    Column("audit_id", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
)
"""Looks that last, and the audit's record that stands for each. ``id`` is a hash of the caller, the case and the
purpose; a row goes when the look is over, so nobody's reading can be put together from it."""

look_hours = Table(
    "look_hours",
    KEPT,
    Column("account", Text, primary_key=True),
    Column("hour", UtcTime, primary_key=True),
    Column("role", Text, nullable=False),
    Column("unit_id", Text),
    Column("looks", Integer, nullable=False),
    Column("met_at", UtcTime),
)
"""How many looks a member of staff has begun or asked for in an hour of the clock. A row goes when its hour is
past: it is no measure of anybody's work. One that met the limit, at ``met_at``, stays for thirty days."""

leases = Table(
    "leases",
    KEPT,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)
"""Who may do what only one process at a time may do, by the database's clock."""

facts = Table(
    "service_facts",
    KEPT,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""What the derived tables were built with: the fingerprint of the service."""

DERIVED = MetaData()

heads = Table(
    "heads",
    DERIVED,
    Column("case_id", Text, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("seen", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("wake_at", UtcTime),
    Column("parked", Boolean, nullable=False),
    Column("bars", Text, nullable=False, server_default=""),
    index_of_few("heads_wake", "partition", "wake_at", where="wake_at"),
    Index("heads_bars", "bars", sqlite_where=text("bars <> ''"), postgresql_where=text("bars <> ''")),
)
"""One row per case: the state, how many own events stand, which of each owner's were seen. ``bars``: who may
not see it, with a blank between; empty as a rule."""

# Room for what changes: PostgreSQL leaves a row in its page then, and makes no entry in any index.
event.listen(
    heads,
    "after_create",
    DDL("ALTER TABLE %(fullname)s SET (fillfactor = 60)").execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
)
