"""What goes wrong again and again has an end: conflicts, and records that cannot be read."""

import asyncio
import threading

import pytest
import sqlalchemy as sa

from libs.host import running
from libs.host.settings import Settings
from libs.host.work import BREAKER_LIMIT, Outcome
from libs.log.port import LogUnavailable
from libs.sourcing.tables import events, heads, positions, quarantine
from tests.faults.hostile.test_first_record import broken
from tests.host.desk import AT, Bench, ask, garbled, lay, outgoing, same_partition, told
from tests.host.house import House, at_work, until


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A conflict is held to be one that does not pass after five times."""
    monkeypatch.setattr(running, "CONFLICTS", 5)


def lose_heads(house: House, *cases: str) -> None:
    """As after a start between a killed import and its end: own events stand, their heads do not."""
    with house.running.database.begin() as db:
        db.execute(sa.delete(heads).where(heads.c.case_id.in_(cases)))


@pytest.mark.usefixtures("few")
def test_a_wish_that_meets_a_conflict_for_ever_holds_up_nobody_else(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.sign("lost", "x")
            await house.quiet()
            lose_heads(house, "lost")
            wishes = [ask("one", "y", "1"), ask("lost", "y", "2"), ask("two", "y", "3")]
            first, second, third = await asyncio.wait_for(house.running.execute_many(wishes), 10)
            assert isinstance(second, LogUnavailable)
            assert isinstance(first, Outcome)
            assert isinstance(third, Outcome)
            assert house.running.failure is None
            assert isinstance(await house.sign("three", "y"), Outcome)

    asyncio.run(story())


@pytest.mark.usefixtures("few")
def test_a_reaction_that_meets_a_conflict_for_ever_stops_the_service(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.sign("lost", "x")
            await house.quiet()
            lose_heads(house, "lost")
            await house.say(outgoing(told("lost", "sign:y", 1)))
            await until(lambda: house.running.failure is not None, 10)
            assert "Conflict" in str(house.running.failure)
            assert [row["seq"] for row in await house.rows(events)] == [1]

    asyncio.run(story())


def test_a_release_that_meets_a_conflict_is_done_again(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(
                garbled(outgoing(told("a", "bad", 1))), outgoing(told("a", "sign:x", 2))
            )
            await house.quiet()
            value = outgoing(told("a", "good", 1)).value
            with house.running.database.begin() as db:
                mended = sa.update(quarantine).where(quarantine.c.reason.not_like("parked%"))
                db.execute(mended.values(value=value))
            other = (await standing_in_the_way(house)).start
            release = asyncio.create_task(house.running.release("a"))
            await asyncio.sleep(0.2)
            assert not release.done()
            other()
            assert await asyncio.wait_for(release, 10) == 2
            await house.quiet()
            assert await house.stories() == {"a": "good sign:x x"}

    asyncio.run(story())


async def standing_in_the_way(house: House) -> threading.Thread:
    """Another's event with the number that the release will want; the thread takes it away."""
    row = {
        "case_id": "a", "seq": 1, "event_id": "e", "type": "t", "version": 1,
        "recorded_at": AT, "headers": "[]", "value": b"{}",
    }  # fmt: skip
    with house.running.database.begin() as db:
        db.execute(sa.insert(events).values(row))

    def take_away() -> None:
        with house.running.database.begin() as db:
            db.execute(sa.delete(events).where(events.c.event_id == "e"))

    return threading.Thread(target=take_away)


# ----------------------------------------------------------------------------- the breaker


def test_one_batch_of_bad_records_sets_aside_no_more_than_trips_the_breaker(bench: Bench) -> None:
    cases = [f"case-{n}" for n in range(200)]
    records = lay(*(garbled(outgoing(told(case, "bad", 1))) for case in cases))
    done = bench.run(*records)
    assert done.set_aside == len(bench.rows(quarantine)) == BREAKER_LIMIT + 1
    assert sum(bench.standing().values()) == BREAKER_LIMIT + 1
    left = [r for r in records if r.offset >= bench.standing().get(r.partition, 0)]
    assert len(left) == 200 - (BREAKER_LIMIT + 1)
    assert bench.run(*left).set_aside == BREAKER_LIMIT + 1, "what was left is taken next time"


def test_a_batch_of_bad_records_trips_the_breaker_and_the_rest_stays_in_the_log(
    settings: Settings,
) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(*(garbled(outgoing(told(f"case-{n}", "bad", 1))) for n in range(400)))
            await until(lambda: house.running.failure is not None)
            assert "records were set aside" in str(house.running.failure)
            aside = await house.rows(quarantine)
            stood = sum(row["next"] for row in await house.rows(positions))
            assert len(aside) == stood == BREAKER_LIMIT + 1

    asyncio.run(story())


def test_a_release_of_many_broken_records_of_one_case_loses_none(bench: Bench) -> None:
    case = same_partition(1)[0]
    for start in range(0, 30, 10):
        bench.run(*lay(*(broken(case) for _ in range(10)), start=start))
    before = bench.everything()
    assert len(before["quarantine"]) == 30
    assert bench.turns.release(case, AT).heard == 0
    assert bench.everything() == before
