"""How Alembic reaches the database: through the connection that the host hands it."""

from alembic import context

from libs.notify.deliveries import KEPT
from services.supervision import kept

assert kept.recipients.metadata is KEPT  # imported so that its tables are known
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=KEPT,
    version_table="alembic_version_supervision",
)
with context.begin_transaction():
    context.run_migrations()
