"""How Alembic reaches a database: through the connection that the host hands it."""

from alembic import context

from libs.sourcing.tables import KEPT

context.configure(connection=context.config.attributes["connection"], target_metadata=KEPT)
with context.begin_transaction():
    context.run_migrations()
