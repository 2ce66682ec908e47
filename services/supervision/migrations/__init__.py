"""The history of supervision's own kept tables, for Alembic. A released revision is never edited."""
