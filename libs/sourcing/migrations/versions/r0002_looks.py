"""Who looked at a case's words, for its citizen."""

import sqlalchemy as sa
from alembic import op

from libs.sourcing.tables import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table; what was looked at before stands on the audit topic alone."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "looks",
        sa.Column("id", number, primary_key=True, autoincrement=True),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("unit_id", sa.Text),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("refused", sa.Boolean, nullable=False),
    )
    op.create_index("looks_case", "looks", ["case_id", "at"])
