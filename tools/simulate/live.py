"""Makes sure that no other host works on the same databases. It takes a lock and lets go of it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from libs.host.settings import Settings
from libs.sourcing.database import TRANSIENT, open_database
from libs.sourcing.tables import leases
from services.list import NAMES


class AnotherHost(Exception):
    """Services are at work on these databases: a virtual clock would fire their deadlines."""


@contextmanager
def sole_host(settings: Settings) -> Iterator[None]:
    """Hold the place of the only host; raises ``AnotherHost`` if another one is live."""
    for name in NAMES:
        _refuse_if_live(settings.database_of(name), name)
    place = Path("var/simulation.lock")
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherHost("Another simulation is at work here; wait for it.") from error
        yield


def _refuse_if_live(url: str, name: str) -> None:
    """A live host renews its relay's lease every second or so."""
    parsed = sa.make_url(url)
    if url.startswith("sqlite") and not Path(parsed.database or "").exists():
        return
    database = open_database(url)
    try:
        with database.read() as db:
            if not sa.inspect(db).has_table(leases.name):
                return
            query = sa.select(leases.c.expires_at).where(leases.c.name == "relay")
            until = db.execute(query).scalar()
    except TRANSIENT as error:
        raise AnotherHost(f"The database of {name} cannot be read: {error.orig}") from error
    finally:
        database.dispose()
    if until is not None and until > datetime.now(UTC):
        raise AnotherHost(
            f"{name} is at work on this database (or was stopped a few seconds ago): stop it first."
        )
