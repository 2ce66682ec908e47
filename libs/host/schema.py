"""Brings a service's tables to today's shape at start, or says what must be done first."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from libs.host.service import Service
from libs.sourcing import migrations
from libs.sourcing.database import Database
from libs.sourcing.tables import DERIVED, facts


class RebuildNeeded(Exception):
    """The derived tables were built for another version of the service."""


def ensure_schema(database: Database, service: Service, realm: str = "") -> None:
    """Migrate kept tables; make derived tables if there are none.

    Raises ``RebuildNeeded`` if the derived ones were made for another ``hears`` or other columns.
    """
    migrate(database)
    if service.migrations is not None:
        migrate_own(database, service.migrations)
    fingerprint = service.fingerprint()
    with database.begin() as db:
        if database.locks:  # two replicas may start at the same moment
            db.execute(sa.text("SELECT pg_advisory_xact_lock(7412345)"))
        known = db.execute(sa.select(facts.c.value).where(facts.c.name == "fingerprint")).scalar()
        if known is None:
            DERIVED.create_all(db)
            service.tables.create_all(db)
            database.write(db, facts, [{"name": "fingerprint", "value": fingerprint}])
        elif known != fingerprint:
            raise RebuildNeeded(
                f"What {service.name} hears or keeps has changed since its views were built, or the log "
                f"was restored. "
                f"Run: {rebuild_command(service.name, realm)}"
            )


def rebuild_command(service: str, realm: str) -> str:
    """What to run when the derived tables, or a database, must be built from the log."""
    return f"python -m tools.rebuild {service}" + (f" --realm {realm}" if realm else "")


def migrate(database: Database) -> None:
    """Bring the kept tables that every service has to the newest revision."""
    migrate_own(database, Path(migrations.__file__).parent)


def migrate_own(database: Database, history: Path) -> None:
    """Bring kept tables to the newest revision of a history."""
    config = Config()
    config.set_main_option("script_location", str(history))
    with database.begin() as db:
        if database.locks:
            db.execute(sa.text("SELECT pg_advisory_xact_lock(7412346)"))
        config.attributes["connection"] = db
        command.upgrade(config, "head")
