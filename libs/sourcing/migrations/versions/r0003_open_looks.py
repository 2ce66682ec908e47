"""Looks that last, and how many an account began in an hour."""

import sqlalchemy as sa
from alembic import op

from libs.sourcing.tables import UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables; whoever reads on when they are made begins a new look."""
    op.create_table(
        "open_looks",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("audit_id", sa.Text, nullable=False),
        sa.Column("opened_at", UtcTime, nullable=False),
        sa.Column("until", UtcTime, nullable=False),
    )
    op.create_table(
        "look_hours",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("hour", UtcTime, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("unit_id", sa.Text),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("met_at", UtcTime),
    )
