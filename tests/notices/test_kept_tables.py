"""Supervision's own kept tables: what the migrations make is what the code knows, and only there."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from libs.host.schema import ensure_schema
from libs.notify.deliveries import KEPT
from libs.sourcing.database import open_database
from services.list import NAMES, service_named
from services.supervision.kept import recipients
from services.supervision.service import service


def test_the_migrations_make_the_tables_that_the_code_knows(url: str) -> None:
    opened = open_database(url)
    ensure_schema(opened, service)
    ensure_schema(opened, service)
    with opened.engine.connect() as db:
        only = {"compare_type": True, "include_name": _is_ours}
        context = MigrationContext.configure(db, opts=only)
        differences = compare_metadata(context, KEPT)
        made = sa.inspect(db)
        for table in KEPT.sorted_tables:
            columns = {c["name"]: c["nullable"] for c in made.get_columns(table.name)}
            assert columns == {c.name: bool(c.nullable) for c in table.columns}
            key = made.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [c.name for c in table.primary_key]
            indexes = {i["name"]: i["column_names"] for i in made.get_indexes(table.name)}
            assert indexes == {i.name: [c.name for c in i.columns] for i in table.indexes}
    opened.dispose()
    assert differences == []
    assert recipients.metadata is KEPT


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    """The other tables of the database have a history of their own."""
    return kind != "table" or name in KEPT.tables


def test_no_other_service_has_them() -> None:
    own = [name for name in NAMES if service_named(name).migrations is not None]
    assert own == ["supervision"]
    assert not KEPT.tables.keys() & service.tables.tables.keys(), "a rebuild would throw them away"
