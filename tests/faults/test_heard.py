"""A database that is killed under a service that lives on has forgotten nothing that it was told."""

import asyncio
import logging
from pathlib import Path

import psycopg
import pytest

from libs.host.settings import Settings
from tests.host.desk import outgoing, told
from tests.host.house import at_work
from tools.cluster.fixtures import need_postgres
from tools.cluster.postgres import Postgres


def lazy(server: Postgres) -> None:
    """What a commit does not wait for reaches the disk ten seconds later, as on a busy server."""
    with psycopg.connect(server.url("postgres").replace("+psycopg", ""), autocommit=True) as db:
        db.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        db.execute("SELECT pg_reload_conf()")


def test_what_was_heard_just_before_the_database_was_killed_is_in_the_view(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    need_postgres()
    caplog.set_level(logging.CRITICAL)  # that the database is gone is said often, and known here

    async def story(server: Postgres) -> None:
        server.create_database("dispatch")
        lazy(server)
        here = settings.model_copy(update={"database_url": server.url("dispatch")})
        async with at_work(here) as house:
            await house.say(outgoing(told("a", "before", 1)))
            await house.quiet()
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.restart)
            await house.say(outgoing(told("a", "after", 2)), outgoing(told("b", "another", 1)))
            await house.quiet()
            assert await house.stories() == {"a": "before after", "b": "another"}

    with Postgres.start(tmp_path / "postgres") as server:
        asyncio.run(story(server))
