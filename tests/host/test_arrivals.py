"""Who waits for a fact is told when it is in the views, and not before."""

import asyncio
import time

import pytest
import sqlalchemy as sa

from libs.host import arrivals
from libs.host.arrivals import Arrivals
from libs.host.expected import Fact
from libs.host.settings import Settings
from libs.sourcing.tables import heads, positions
from tests.host.desk import outgoing, told
from tests.host.house import House, at_work, until


def forget_all_turns(house: House) -> None:
    """The tables as they were before anything was heard, under a service that lives on."""
    with house.running.database.begin() as db:
        db.execute(sa.update(positions).values(next=0))
        db.execute(sa.delete(heads))
        db.execute(sa.delete(house.story))


async def seen(house: House, case_id: str, seq: int, seconds: float) -> bool:
    return await house.running.arrivals.await_seen(Fact(case_id, "intake", seq), seconds)


def test_who_waits_is_told_as_soon_as_the_fact_is_in_the_view(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            waiting = asyncio.create_task(seen(house, "a", 2, 10))
            await house.say(outgoing(told("a", "one", 1)))
            await house.quiet()
            assert not waiting.done()
            await house.say(outgoing(told("a", "two", 2)))
            assert await waiting
            assert await house.stories() == {"a": "one two"}

    asyncio.run(story())


def test_who_waits_in_vain_is_told_so_in_time(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            begun = time.monotonic()
            assert not await seen(house, "a", 1, 0.1)
            assert 0.1 <= time.monotonic() - begun < 5

    asyncio.run(story())


def test_what_another_replica_brought_is_found_in_the_database(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(outgoing(told("a", "one", 1)))
            await house.quiet()
            house.running.arrivals.forget()
            assert await seen(house, "a", 1, 10)

    asyncio.run(story())


@pytest.mark.parametrize(("comes_here", "least", "most"), [(True, 0.5, 5.0), (False, 0.0, 0.4)])
def test_what_comes_here_is_listened_for_and_what_comes_elsewhere_looked_up(
    settings: Settings, comes_here: bool, least: float, most: float
) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(outgoing(told("a", "one", 1)))
            await house.quiet()
            waiting = Arrivals(house.running.read, on_its_way=0.5, comes_here=lambda case_id: comes_here)
            begun = time.monotonic()
            assert await waiting.await_seen(Fact("a", "intake", 1), 10)
            assert least <= time.monotonic() - begun < most

    asyncio.run(story())


def test_a_reader_is_told_apart_from_a_command(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            here, fact = house.running.arrivals, Fact("a", "intake", 1)
            command = asyncio.create_task(here.await_seen(fact, 10))
            await until(lambda: here.awaited)
            assert not here.watched
            reader = asyncio.create_task(here.await_read(fact, 10))
            await until(lambda: here.watched)
            await house.say(outgoing(told("a", "one", 1)))
            assert await command
            assert await reader
            assert not here.watched
            assert not here.awaited

    asyncio.run(story())


def test_a_turn_that_the_database_forgot_is_no_longer_seen(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(outgoing(told("a", "one", 1)))
            await house.quiet()
            assert await seen(house, "a", 1, 0)
            house.faults.waits_at = "one"  # when it is heard again, it stays on its way for a while
            await house.running.in_writer(forget_all_turns, house)
            await house.running.look_back()
            await until(house.faults.waiting.is_set)
            assert not await seen(house, "a", 1, 0.1)
            house.faults.go_on.set()
            assert await seen(house, "a", 1, 10)
            assert await house.stories() == {"a": "one"}

    asyncio.run(story())


def test_only_the_latest_arrivals_are_remembered(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            here = house.running.arrivals
            here.note({(f"case-{n}", "intake"): 1 for n in range(arrivals.SEEN_LATELY + 1)})
            assert await seen(house, f"case-{arrivals.SEEN_LATELY}", 1, 0)
            assert not await seen(house, "case-0", 1, 0)

    asyncio.run(story())
