"""A file of messages is played to the end, and what is counted is what the file says."""

import asyncio
import json
import signal
import sqlite3
import statistics
import time
from datetime import datetime
from math import ceil
from pathlib import Path

import pytest

from tests.board import is_breached, write
from tests.conftest import embedded
from tests.simulate.plays import KEYS, REPORT, Play, invent
from tests.whole import platform

MESSAGES = invent(40)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("messages") / "messages.jsonl", MESSAGES)


@pytest.fixture(scope="module")
def played(file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Play, dict[str, float]]:
    """Played once, undisturbed."""
    play = Play(tmp_path_factory.mktemp("undisturbed"), file, {})
    return play, play.figures()


def test_every_case_comes_to_its_end(played: tuple[Play, dict[str, float]]) -> None:
    _, found = played
    assert tuple(found) == KEYS
    reports = sum(m["title"] == REPORT[0] for m in MESSAGES)
    assert reports == 2
    assert found["cases"] == len(MESSAGES)
    assert found["referred"] == reports
    assert found["closed"] == len(MESSAGES) - reports


def test_the_days_are_those_of_the_file(played: tuple[Play, dict[str, float]]) -> None:
    _, found = played
    days = sorted(
        (
            datetime.fromisoformat(m["replied_at"]) - datetime.fromisoformat(m["registered_at"])
        ).total_seconds()
        / 86_400
        for m in MESSAGES
    )
    assert found["days_mean"] == round(statistics.fmean(days), 2)
    assert found["days_median"] == round(statistics.median(days), 2)
    assert found["days_p90"] == round(days[ceil(0.9 * len(days)) - 1], 2)


def test_the_breaches_are_those_of_a_plain_count_of_working_days(
    played: tuple[Play, dict[str, float]],
) -> None:
    _, found = played
    late = sum(is_breached(m) for m in MESSAGES)
    assert 5 < late < len(MESSAGES) - 5, "some are late, and some are not"
    assert late != sum(is_breached(m, 8) for m in MESSAGES), "a day more would be seen"
    assert late != sum(is_breached(m, 6) for m in MESSAGES), "a day less would be seen"
    assert found["breached"] == late
    assert found["warned"] >= late


def test_the_events_are_those_in_the_log(played: tuple[Play, dict[str, float]]) -> None:
    play, found = played
    with sqlite3.connect(play.place / "var/simulation/log.db") as db:
        query = "SELECT count(*) FROM records WHERE topic LIKE '%case-events'"
        (count,) = db.execute(query).fetchone()
    db.close()
    assert found["events"] == count


def test_played_a_second_time_nothing_changes(played: tuple[Play, dict[str, float]]) -> None:
    play, found = played
    records = play.records()
    assert play.figures() == found
    assert play.records() == records > 0


def test_the_table_names_the_same_figures_in_the_same_order(
    played: tuple[Play, dict[str, float]],
) -> None:
    play, found = played
    done = play.run()
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    shown = {row[1]: row[3] for row in rows if len(row) > 3 and row[1] in KEYS}
    assert tuple(shown) == KEYS
    assert {name: float(value.replace(",", "")) for name, value in shown.items()} == found


def test_a_play_killed_in_the_middle_comes_to_the_same_figures_when_it_is_run_again(
    played: tuple[Play, dict[str, float]], tmp_path: Path
) -> None:
    whole, found = played
    play = Play(tmp_path / "killed", whole.file, {})
    process = play.start("--json")
    enough = found["events"] // 3
    until = time.monotonic() + 120
    while not _records(play) > enough:
        assert process.poll() is None, "it was through before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert play.records() < whole.records()
    time.sleep(6.5)  # the lease of a killed relay runs out; until then it may be alive
    assert play.figures() == found
    assert play.records() >= whole.records()


def _records(play: Play) -> int:
    try:
        return play.records()
    except sqlite3.OperationalError:  # not made yet
        return 0


def test_two_plays_at_once_in_one_place_are_refused(
    played: tuple[Play, dict[str, float]], tmp_path: Path
) -> None:
    whole, _ = played
    play = Play(tmp_path / "once", whole.file, {})
    first = play.start("--json")
    try:
        until = time.monotonic() + 60
        while not _records(play):
            assert first.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        first.send_signal(signal.SIGSTOP)
        second = play.run("--json")
        assert second.returncode == 2
        assert any(w in " ".join(second.stderr.split()) for w in ("stop it first", "wait for it"))
        assert "Traceback" not in second.stderr
    finally:
        first.kill()
        first.communicate()


def test_a_play_is_refused_where_services_are_at_work(
    played: tuple[Play, dict[str, float]], tmp_path: Path
) -> None:
    """A virtual clock would fire the deadlines of real cases."""
    whole, _ = played
    settings = embedded(tmp_path)
    names = ("log_url", "database_url", "vault_url", "server_key_file", "master_key_file")
    env = {name.upper(): str(getattr(settings, name)) for name in names}
    play = Play(tmp_path / "here", whole.file, env)

    async def beside() -> None:
        async with platform(settings):
            done = await asyncio.to_thread(play.run, "--json")
            assert done.returncode == 2
            assert "intake is at work on this database" in " ".join(done.stderr.split())
        with sqlite3.connect(tmp_path / "log.db") as db:
            assert db.execute("SELECT count(*) FROM records").fetchone() == (0,)
        db.close()
        after = await asyncio.to_thread(play.run, "--json", "--limit", "2")
        assert after.returncode == 0, "a host that was stopped cleanly leaves the place at once"

    asyncio.run(beside())


def test_words_without_json_are_not_mixed_with_the_figures(played: tuple[Play, dict[str, float]]) -> None:
    play, found = played
    done = play.run("--json", "--limit", "3")
    assert len(done.stdout.splitlines()) == 1
    few = json.loads(done.stdout)
    assert few["cases"] == 3, "figures are those of the messages asked for"
    assert few["events"] < found["events"]
