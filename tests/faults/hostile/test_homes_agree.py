"""Where the two homes of a port once parted: what one refuses the other must refuse, and recover from."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.log.port import LogUnavailable
from libs.log.sqlite import SqliteLog
from libs.sourcing.tables import positions, quarantine
from tests.host.desk import AT, Bench
from tests.log.homes import out, standing_at


def test_two_rows_with_one_key_are_refused_and_nothing_is_written(bench: Bench) -> None:
    first = {"topic": "t", "partition": 0, "next": 1}
    before = bench.everything()
    with (
        pytest.raises(ValueError, match="two rows for positions have the same topic, partition"),
        bench.database.begin() as db,
    ):
        bench.database.write(db, positions, [first, first | {"partition": 1}, first | {"next": 2}])
    assert bench.everything() == before


def test_two_rows_of_a_view_with_one_key_are_refused(bench: Bench) -> None:
    rows = [{"case_id": "a", "words": "one"}, {"case_id": "a", "words": "two"}]
    with pytest.raises(ValueError, match="case_id"), bench.database.begin() as db:
        bench.database.write(db, bench.story, rows)
    with bench.database.begin() as db:
        bench.database.write(db, bench.story, rows[:1])
    with bench.database.begin() as db:
        bench.database.write(db, bench.story, rows[1:])
    assert bench.stories() == {"a": "two"}


def test_a_record_set_aside_twice_in_one_batch_is_refused(bench: Bench) -> None:
    row = {
        "topic": "t", "partition": 0, "offset": 1, "case_id": None, "key": None, "headers": "[]",
        "value": None, "reason": "?", "quarantined_at": AT,
    }  # fmt: skip
    with pytest.raises(ValueError, match="quarantine"), bench.database.begin() as db:
        bench.turns.store.set_aside(db, [row, row])
    with bench.database.read() as db:
        assert db.execute(sa.select(quarantine)).all() == []


def test_a_membership_that_failed_does_not_keep_the_log_from_being_written(tmp_path: Path) -> None:
    """The transaction that it had begun stayed open, and no other could begin on that connection."""

    async def story() -> None:
        path = tmp_path / "log.db"
        log = SqliteLog(f"{path}?synchronous=OFF")
        await log.prepare({"t": 1})
        reader = await log.open_reader("g", "t", standing_at())
        with sqlite3.connect(path) as other:
            other.execute("ALTER TABLE members RENAME TO elsewhere")
        with pytest.raises(LogUnavailable, match="no such table: members"):
            await reader.share()
        with sqlite3.connect(path) as other:
            other.execute("ALTER TABLE elsewhere RENAME TO members")
        await log.append([out("t", "a", "after")])
        await reader.share()
        assert [r.value for r in await reader.read(10, 5)] == [b"after"]
        await log.close()

    asyncio.run(story())
