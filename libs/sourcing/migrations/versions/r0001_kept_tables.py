"""The kept tables as they began."""

import sqlalchemy as sa
from alembic import op

from libs.sourcing.tables import UtcTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "events",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("recorded_at", UtcTime, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", number, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("recorded_at", UtcTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "positions",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("from_seq", sa.Integer, nullable=False),
        sa.Column("to_seq", sa.Integer, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
    )
    op.create_index("answers_expiry", "answers", ["expires_at"])
    op.create_table(
        "numbers",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "quarantine",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("offset", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.Text),
        sa.Column("key", sa.LargeBinary),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("quarantined_at", UtcTime, nullable=False),
    )
    op.create_index("quarantine_case", "quarantine", ["case_id"])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
    )
    op.create_table(
        "service_facts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
