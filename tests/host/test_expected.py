"""A command that must know of another's fact goes into the turn that hears it; of our own it knows at once."""

import asyncio
import time

import pytest

from libs.host.expected import Expected, Fact
from libs.host.settings import Settings
from libs.host.work import Outcome
from libs.log.port import LogUnavailable, Outgoing, Record
from libs.sourcing.tables import heads
from tests.host.desk import ask, outgoing, told
from tests.host.house import House, at_work


def turns(house: House) -> float:
    """How many turns the desk has done."""
    taken = house.running.world.metrics.turns.labels(*house.running.labels).collect()
    return next(s.value for metric in taken for s in metric.samples if s.name.endswith("_count"))


def as_read(fact: Outgoing) -> Record:
    return Record(fact.topic, 0, 0, fact.key.encode(), list(fact.headers), fact.value)


def test_a_command_goes_into_the_turn_that_hears_what_it_waits_for(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            fact = Fact("a", "intake", 2)
            waiting = asyncio.create_task(house.running.execute(ask("a", "now", "cause"), fact, 20))
            await house.say(outgoing(told("a", "one", 1)))
            await house.quiet()
            assert not waiting.done()
            before = turns(house)
            await house.say(outgoing(told("a", "two", 2)))
            assert isinstance(await waiting, Outcome)
            assert turns(house) == before + 1
            (head,) = [row for row in await house.rows(heads) if row["case_id"] == "a"]
            assert "two" in head["state"]
            assert "now" in head["state"]

    asyncio.run(story())


def test_a_fact_of_its_own_a_service_knows_before_the_log_has_brought_it_back(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            begun = time.monotonic()
            fact = Fact("a", house.running.service.name, 99)
            assert isinstance(await house.running.execute(ask("a", "one", "cause"), fact, 60), Outcome)
            assert time.monotonic() - begun < 30

    asyncio.run(story())


def test_what_waits_in_vain_is_carried_out_as_things_stand(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            begun = time.monotonic()
            outcome = await house.running.execute(ask("a", "one", "cause"), Fact("a", "intake", 1), 0.2)
            assert time.monotonic() - begun >= 0.2
            assert isinstance(outcome, Outcome)

    asyncio.run(story())


def test_who_waits_when_the_service_stops_is_told_so(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            begun, fact = time.monotonic(), Fact("a", "intake", 1)
            command = asyncio.create_task(house.running.execute(ask("a", "one", "cause"), fact, 60))
            reading = asyncio.create_task(house.running.arrivals.await_seen(fact, 60))
            await asyncio.sleep(0.05)
        with pytest.raises(LogUnavailable, match="is stopping"):
            await command
        assert not await reading
        assert time.monotonic() - begun < 30

    asyncio.run(story())


def test_each_wish_is_taken_once_and_with_its_own_fact_alone() -> None:
    expected: Expected[str] = Expected()
    expected.add(Fact("a", "intake", 2), "second")
    expected.add(Fact("a", "intake", 1), "first")
    expected.add(Fact("a", "feedback", 1), "another's")
    expected.add(Fact("b", "intake", 1), "another case's")
    first, second = (as_read(outgoing(told("a", word, n))) for n, word in ((1, "one"), (2, "two")))
    broken = Record(first.topic, 0, 1, b"a", [("ce_type", None), ("ce_seq", b"\xff")], b"")
    assert expected.take([broken, first]) == ["first"]
    assert expected.take([first, second]) == ["second"]
    assert expected.take([first, second]) == []
    assert expected.withdraw(Fact("a", "feedback", 1), "another's")
    assert not expected.withdraw(Fact("a", "feedback", 1), "another's")
    assert not expected.withdraw(Fact("a", "intake", 1), "first")
    assert expected.take([as_read(outgoing(told("b", "one", 1)))]) == ["another case's"]
