"""The history of the kept tables, for Alembic. A released revision is never edited."""
