"""A lost database: the service refuses to go on, gets its own facts back from the log, and goes on."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from libs.host.settings import Settings
from libs.host.work import Ask, Outcome
from libs.sourcing.database import open_database
from services.intake.projection import cases as intake_cases
from services.list import service_named
from tests.conftest import embedded
from tests.host.house import until
from tests.rebuild.town import (
    SPEAKERS,
    START,
    Town,
    at_once,
    derived,
    invent,
    on_real_parts,
    rebuild_aside,
    rows_of,
    stated,
)
from tools.quiet import Stuck

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["embedded", "kafka-postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Where log and tables live; lost in this test alone."""
    if request.param == "embedded":
        return embedded(tmp_path)
    broker, postgres = request.getfixturevalue("broker"), request.getfixturevalue("postgres")
    return on_real_parts(tmp_path, broker, postgres)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as found:
        yield found


async def opened(settings: Settings) -> Town:
    town = Town(settings, START)
    await town.host.start()
    return town


def lose(settings: Settings, name: str) -> None:
    """The database is gone; an empty one stands in its place."""
    url = sa.make_url(settings.database_of(name))
    assert url.database is not None
    if url.drivername == "sqlite":
        for ending in ("", "-wal", "-shm"):
            Path(f"{url.database}{ending}").unlink(missing_ok=True)
        return
    where = f"host={url.host} port={url.port} user={url.username} dbname=postgres"
    with psycopg.connect(where, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{url.database}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{url.database}" TEMPLATE template0')


def receipts(settings: Settings) -> list[str]:
    rows = rows_of(settings.database_of("intake"), intake_cases)
    place = list(intake_cases.c.keys()).index("receipt_no")
    return [row[place] for row in rows]


def command_line(settings: Settings, name: str) -> subprocess.CompletedProcess[str]:
    """``python -m tools.rebuild NAME``, as an operator types it."""
    names = ("log_url", "database_url", "vault_url", "server_key_file", "master_key_file")
    env = {n.upper(): str(getattr(settings, n)) for n in names}
    return subprocess.run(
        [sys.executable, "-m", "tools.rebuild", name],
        cwd=CHECKOUT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def first_ask(town: Town, seed: int) -> Ask:
    """A citizen registers."""
    (case, *_) = invent(town.rules, 3, seed, START, town.settings.realm)
    return at_once(case, town.clock.at).steps[0].asks[0]


def test_every_service_that_lost_its_database_comes_back_by_a_rebuild(
    home: Settings, runner: asyncio.Runner
) -> None:
    town = runner.run(opened(home))
    runner.run(town.populate(24))
    before = {name: derived(home, service_named(name)) for name in SPEAKERS}
    streams = {name: stated(home, name) for name in SPEAKERS}
    now = town.clock.at
    runner.run(town.close())
    assert all(streams.values()), "each had stated something"

    for name in SPEAKERS:
        lose(home, name)
    town = runner.run(opened(home))
    town.clock.at = now
    with pytest.raises(Stuck):
        runner.run(town.quiet())

    runner.run(until(lambda: all(town.running(name).failure for name in SPEAKERS), 30))
    for name in SPEAKERS:
        assert f"python -m tools.rebuild {name}" in str(town.running(name).failure)
        assert stated(home, name) == [], "nothing was stated on an empty stream"
    runner.run(town.close())

    for name in SPEAKERS:
        done = runner.run(_rebuilt(name, home))
        assert done == len(streams[name])
    town = runner.run(opened(home))
    town.clock.at = now
    runner.run(town.quiet())
    try:
        for name in SPEAKERS:
            assert stated(home, name) == streams[name], f"{name} has its own facts, and no new ones"
            assert derived(home, service_named(name)) == before[name], f"{name} is as it was"
        given = receipts(home)
        runner.run(town.more(7, 4))
        runner.run(town.quiet())
        new = receipts(home)
        assert len(new) >= len(given) + 3
        assert len(set(new)) == len(new), "no receipt number was given twice"
    finally:
        runner.run(town.close())


async def _rebuilt(name: str, settings: Settings) -> int:
    return (await rebuild_aside(name, settings)).imported


def test_a_service_on_an_empty_database_takes_no_command_before_it_has_read_the_log(
    home: Settings, runner: asyncio.Runner
) -> None:
    """Else it would number from one again, and the log would hold two events of one number."""
    town = runner.run(opened(home))
    runner.run(town.more(1, 12))
    given = receipts(home)
    runner.run(town.close())
    lose(home, "intake")

    async def at_the_door() -> object:
        hasty = Town(home, START, [service_named("intake")])
        await hasty.host.start()
        try:
            return await hasty.running("intake").execute(first_ask(hasty, 55))
        except Exception as refusal:
            return refusal
        finally:
            await hasty.close()

    answered = runner.run(at_the_door())
    assert given
    assert not isinstance(answered, Outcome), "a receipt number was given out a second time"


def test_an_operator_reads_what_was_brought_back_and_what_to_do_next(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    home = embedded(tmp_path)
    town = runner.run(opened(home))
    runner.run(town.more(1, 6))
    count = len(stated(home, "intake"))
    runner.run(town.close())
    lose(home, "intake")

    done = command_line(home, "intake")
    assert done.returncode == 0, done.stderr
    assert f"intake: {count} events of its own brought back; start it now." in done.stdout
    again = command_line(home, "dispatch")
    assert again.returncode == 0, again.stderr
    assert "brought back" not in again.stdout
    assert "dispatch: " in again.stdout
    assert "records read" in again.stdout
    assert not (tmp_path / "intake.db.fresh").exists(), "it leaves nothing lying about"


def test_without_a_log_nothing_is_rebuilt_and_the_words_say_why(tmp_path: Path) -> None:
    home = embedded(tmp_path)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/server.key").write_text(bytes(32).hex())
    done = command_line(home, "intake")
    assert done.returncode == 1
    assert "Not rebuilt: there is no log at" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_old_copy_of_a_database_gets_what_it_lacks(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    home = embedded(tmp_path)
    town = runner.run(opened(home))
    runner.run(town.more(1, 6))
    runner.run(town.close())
    old = (tmp_path / "intake.db").read_bytes()
    town = runner.run(opened(home))
    runner.run(town.more(2, 6))
    runner.run(town.close())
    today, streams = derived(home, service_named("intake")), stated(home, "intake")
    lose(home, "intake")
    (tmp_path / "intake.db").write_bytes(old)

    assert len(stated(home, "intake")) < len(streams)
    done = command_line(home, "intake")
    assert done.returncode == 0, done.stderr
    town = runner.run(opened(home))
    runner.run(town.quiet())
    assert stated(home, "intake") == streams
    assert derived(home, service_named("intake")) == today
    assert len(set(receipts(home))) == len(streams_of_registered(streams))
    runner.run(town.more(3, 3))
    runner.run(town.quiet())
    assert len(set(receipts(home))) == len(receipts(home)) > len(streams_of_registered(streams))
    runner.run(town.close())


def streams_of_registered(streams: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [row for row in streams if "intake.CaseRegistered" in row]


def test_a_database_is_open_to_others_after_a_rebuild(tmp_path: Path, runner: asyncio.Runner) -> None:
    home = embedded(tmp_path)
    town = runner.run(opened(home))
    runner.run(town.more(1, 3))
    runner.run(town.close())
    assert command_line(home, "intake").returncode == 0
    database = open_database(home.database_of("intake"))
    with database.begin() as db:
        db.execute(sa.text("UPDATE numbers SET next = next"))
    database.dispose()
