"""An empty PostgreSQL database for each test, without the cost of making one."""

import psycopg

from tools.cluster.postgres import Postgres


def emptied(server: Postgres, name: str) -> str:
    """The URL of a database with nothing in it; whatever an earlier test left is dropped."""
    server.create_database(name)
    url = server.url(name)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute("DROP SCHEMA public CASCADE")
        db.execute("CREATE SCHEMA public")
    return url
