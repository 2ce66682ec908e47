"""The real PostgreSQL does what the other tests rely on. Nothing here tests the platform."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tools.cluster import NotReady, Postgres, children
from tools.cluster.fixtures import need_postgres, shared_postgres


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    yield from shared_postgres(tmp_path_factory.mktemp("postgres"))


def ask(postgres: Postgres, database: str, *statements: str) -> list[object]:
    """The first column of the last statement's rows, after all were committed."""
    engine = create_engine(postgres.url(database), poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
        return [row[0] for row in result] if result.returns_rows else []


def test_a_database_is_made_once_however_often_it_is_asked_for(postgres: Postgres) -> None:
    postgres.create_database("made")
    ask(postgres, "made", "CREATE TABLE word (said text)", "INSERT INTO word VALUES ('信访')")
    postgres.create_database("made")
    assert ask(postgres, "made", "SELECT said FROM word") == ["信访"]


def test_the_template_becomes_a_service_s_url(postgres: Postgres) -> None:
    assert postgres.url_template.format(service="dispatch") == postgres.url("dispatch")


def test_commits_are_durable_and_forgotten_transactions_end(postgres: Postgres) -> None:
    for setting, value in {
        "fsync": "on",
        "synchronous_commit": "on",
        "max_connections": "200",
        "idle_in_transaction_session_timeout": "10s",
        "listen_addresses": "127.0.0.1",
    }.items():
        assert ask(postgres, "postgres", f"SHOW {setting}") == [value]


def test_what_was_committed_is_there_after_a_kill(postgres: Postgres) -> None:
    postgres.create_database("kept")
    ask(postgres, "kept", "CREATE TABLE word (said text)", "INSERT INTO word VALUES ('one')")
    url = postgres.url("kept")
    postgres.kill()
    assert not postgres.running
    postgres.restart()
    assert postgres.url("kept") == url
    assert ask(postgres, "kept", "SELECT said FROM word") == ["one"]


def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    need_postgres()
    with Postgres.start(tmp_path), pytest.raises(NotReady, match="already runs"):
        Postgres.start(tmp_path)


def test_a_file_left_by_a_kill_does_not_keep_the_server_from_starting(tmp_path: Path) -> None:
    need_postgres()
    postgres = Postgres.start(tmp_path)
    postgres.kill()
    left = tmp_path / "data" / "postmaster.pid"
    left.write_text(left.read_text().replace(str(postgres.process_id), "2", 1))
    with Postgres.start(tmp_path) as again:
        assert ask(again, "postgres", "SELECT 1") == [1]
    assert children.living_in(tmp_path / "data") == []


def test_data_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    need_postgres()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(NotReady, match="made by PostgreSQL 9, this is postgres"):
        Postgres.start(tmp_path)
