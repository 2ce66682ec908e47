"""Deliveries, recipients and schedules as they began."""

import sqlalchemy as sa
from alembic import op

from libs.sourcing.tables import UtcTime

revision = "s0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Text, primary_key=True),
        sa.Column("notice_id", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text),
        sa.Column("recipient_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", UtcTime),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_until", UtcTime),
        sa.Column("last_error", sa.Text),
        sa.Column("noticed_at", UtcTime, nullable=False),
        sa.Column("sent_at", UtcTime),
    )
    op.create_index("deliveries_notice", "deliveries", ["notice_id"])
    op.create_index("deliveries_waiting", "deliveries", ["channel", "state", "next_try_at"])
    op.create_index("deliveries_newest", "deliveries", ["noticed_at"])
    op.create_table(
        "recipients",
        sa.Column("recipient_id", sa.Text, primary_key=True),
        sa.Column("unit_id", sa.Text),
        sa.Column("role", sa.Text),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("quiet_from", sa.Text),
        sa.Column("quiet_to", sa.Text),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("addresses", sa.Text, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
    )
    op.create_index("recipients_unit", "recipients", ["unit_id"])
    op.create_index("recipients_role", "recipients", ["role"])
    op.create_table(
        "scheduled_notices",
        sa.Column("notice_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("period_start", UtcTime, nullable=False),
        sa.Column("period_end", UtcTime, nullable=False),
        sa.Column("recorded_at", UtcTime, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_index(
        "scheduled_notices_newest", "scheduled_notices", ["recorded_at", "notice_id"]
    )
    op.create_index(
        "scheduled_notices_audience", "scheduled_notices", ["audience", "recorded_at"]
    )
    op.create_table(
        "schedules_fired",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("period_start", UtcTime, primary_key=True),
        sa.Column("fired_at", UtcTime, nullable=False),
    )
