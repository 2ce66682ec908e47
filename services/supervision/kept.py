"""What supervision keeps beside its facts: whom to tell and how, and what its schedules have made.

No fact says these, so a rebuild cannot bring them back: they are migrated and backed up. Addresses are sealed.
"""

import sqlalchemy as sa

from libs.notify.deliveries import KEPT
from libs.sourcing.tables import UtcTime

recipients = sa.Table(
    "recipients",
    KEPT,
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
    sa.Index("recipients_unit", "unit_id"),
    sa.Index("recipients_role", "role"),
)
"""``unit/<id>`` or ``person/<account>``. ``kinds``: channel -> kinds of notice, as JSON. ``addresses``: channel
-> sealed address, as JSON, under the key ``key_id``, which is destroyed with the next change."""

scheduled_notices = sa.Table(
    "scheduled_notices",
    KEPT,
    sa.Column("notice_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("period_start", UtcTime, nullable=False),
    sa.Column("period_end", UtcTime, nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Index("scheduled_notices_newest", "recorded_at", "notice_id"),
    sa.Index("scheduled_notices_audience", "audience", "recorded_at"),
)
"""What a schedule made, for ``leaders`` or for ``unit/<id>``: counts and receipt numbers, as JSON."""

schedules_fired = sa.Table(
    "schedules_fired",
    KEPT,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("period_start", UtcTime, primary_key=True),
    sa.Column("fired_at", UtcTime, nullable=False),
)
"""A schedule's period is fired once: with this row, in the transaction of the notices it makes. The kind
``began`` marks the first start: what lies before it is not fired."""
