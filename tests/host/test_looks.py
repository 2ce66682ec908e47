"""Looks are put on record together, before anybody is shown anything; in both homes of the tables."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from libs.host.look import Look
from libs.host.looks import Looks, looks_of
from libs.rules.rights import Principal
from libs.rules.roles import Role
from libs.sourcing.database import Database
from libs.sourcing.tables import looks, outbox
from libs.sourcing.views import Views

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CASE = "0190c0de-0000-5000-8000-000000000001"
PER_HOUR = 240
CLERK = Principal("wang-5", Role.UNIT_CLERK, unit_id="mc.shuiwu")


class Writer:
    """Writes on another thread, as a service does, and counts; ``breaks`` so many times before it does."""

    def __init__(self, breaks: int = 0) -> None:
        self.batches: list[int] = []
        self.breaks = breaks

    async def __call__(self, work: Callable[..., Any], batch: list[Look]) -> Any:
        self.batches.append(len(batch))
        await asyncio.sleep(0.01)
        if self.breaks:
            self.breaks -= 1
            raise ConnectionError("the database is gone")
        return await asyncio.to_thread(work, batch)


def look(number: int = 0, by: Principal = CLERK) -> Look:
    """A look with a number in its purpose."""
    return Look("PersonalDataRevealed", CASE, by, "feedback", f"look_{number}", AT)


def book(database: Database, writer: Writer) -> tuple[Looks, list[int]]:
    """The book of a service, and how many records its relay was told of."""
    rung: list[int] = []
    return Looks(database, "audit-events", writer, rung.append, lambda: AT, PER_HOUR), rung


def kept(database: Database) -> tuple[list[str], list[str]]:
    """The purposes that stand for the citizen, and those that go to the audit topic."""
    with database.read() as db:
        shown = [row["purpose"] for row in looks_of(Views(database, db), CASE, None, 500)]
        values = db.execute(sa.select(outbox.c.value)).scalars()
        return sorted(shown), sorted(json.loads(value)["purpose"] for value in values)


def test_many_looks_at_once_are_two_transactions_and_each_is_there_once_for_both(
    database: Database,
) -> None:
    writer = Writer()

    async def story() -> list[int]:
        opened, rung = book(database, writer)
        first = asyncio.create_task(opened.reveal(look()))
        await asyncio.sleep(0.005)  # it is being written
        await asyncio.gather(first, *(opened.reveal(look(n)) for n in range(1, 200)))
        return rung

    rung = asyncio.run(story())
    assert writer.batches == rung == [1, 199]
    expected = sorted(f"look_{n}" for n in range(200))
    assert kept(database) == (expected, expected)


def test_who_hangs_up_takes_no_others_look_away(database: Database) -> None:
    async def story() -> None:
        opened, _ = book(database, Writer())
        gone, stays = (asyncio.create_task(opened.reveal(look(n))) for n in (1, 2))
        await asyncio.sleep(0.005)
        gone.cancel()
        await stays

    asyncio.run(story())
    assert kept(database) == (["look_1", "look_2"], ["look_1", "look_2"])


def test_nobody_is_told_that_a_look_stands_which_could_not_be_written(database: Database) -> None:
    async def story() -> list[object]:
        opened, rung = book(database, Writer(breaks=1))
        told: list[object] = await asyncio.gather(
            *(opened.reveal(look(n)) for n in range(3)), return_exceptions=True
        )
        await opened.reveal(look(9))
        assert rung == [1]
        return told

    told = asyncio.run(story())
    assert [type(one) for one in told] == [ConnectionError] * 3
    assert kept(database) == (["look_9"], ["look_9"])


def test_what_is_kept_for_the_citizen_names_no_account(database: Database) -> None:
    async def story() -> None:
        opened, _ = book(database, Writer())
        citizen = Principal("citizen", Role.CITIZEN, case_id=CASE)
        other = Principal("citizen", Role.CITIZEN, case_id=CASE.replace("1", "2"))
        for by in (CLERK, citizen, other):
            await opened.reveal(look(by=by))

    asyncio.run(story())
    with database.read() as db:
        rows = db.execute(sa.select(looks).order_by(looks.c.id)).all()
        audited = [json.loads(v)["by"] for v in db.execute(sa.select(outbox.c.value)).scalars()]
    assert [row.role for row in rows] == ["unit_clerk", "citizen", "citizen_of_the_same_matter"]
    assert "wang-5" not in str(rows)
    assert "wang-5" in audited
