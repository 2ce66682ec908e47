"""Turns are kept apart so that they grow, the further the less comes; who waits for a fact is not kept waiting."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass

from libs.host.pace import WORTH_A_TURN, Pace

SECONDS = 0.5


@dataclass
class Waiting:
    awaited: bool = False
    watched: bool = False


async def took(work: Awaitable[None]) -> float:
    begun = time.monotonic()
    await work
    return time.monotonic() - begun


def test_the_first_turn_is_at_once_and_the_next_one_waits_unless_it_is_full() -> None:
    async def story() -> None:
        pace = Pace(SECONDS, SECONDS, 1, Waiting())
        assert await took(pace.turn(at_once=False)) < SECONDS / 2
        assert await took(pace.turn(at_once=False)) >= SECONDS * 0.9
        assert await took(pace.turn(at_once=True)) < SECONDS / 2

    asyncio.run(story())


def test_the_log_is_asked_shortly_before_the_next_turn() -> None:
    async def story() -> None:
        pace = Pace(SECONDS, SECONDS, 1, Waiting())
        await pace.turn(at_once=False)
        rested = await took(pace.rest())
        assert rested >= SECONDS * 0.7
        assert rested + await took(pace.turn(at_once=False)) >= SECONDS * 0.9

    asyncio.run(story())


def test_at_leisure_it_is_asked_later_but_not_while_somebody_waits() -> None:
    async def story() -> None:
        waits = Waiting()
        pace = Pace(SECONDS, SECONDS, 4, waits)
        await pace.turn(at_once=False)
        assert await took(pace.rest()) >= SECONDS * 3.7
        waits.awaited = True
        assert await took(pace.rest()) < SECONDS * 2.5
        waits.awaited = False

        def come() -> None:
            waits.awaited = True
            pace.hurry()

        asyncio.get_running_loop().call_later(SECONDS / 5, come)
        assert await took(pace.rest()) < SECONDS * 2.5

    asyncio.run(story())


def test_turns_that_go_on_do_not_put_off_hearing() -> None:
    async def story() -> None:
        pace = Pace(SECONDS / 5, SECONDS / 5, 4, Waiting())
        await pace.turn(at_once=False)
        resting = asyncio.create_task(took(pace.rest()))
        for _ in range(20):
            await pace.turn(at_once=False)
            pace.hurry()
            pace.took_in(1)
        assert resting.done()
        pace = Pace(SECONDS / 5, SECONDS / 5, 4, Waiting())
        resting = asyncio.create_task(took(pace.rest()))
        for _ in range(20):
            await pace.turn(at_once=False)
        assert resting.done()
        assert await resting < SECONDS

    asyncio.run(story())


def test_turns_move_apart_while_little_comes_and_together_when_much_does() -> None:
    async def story() -> None:
        pace = Pace(SECONDS, 2 * SECONDS, 1, Waiting())
        await pace.turn(at_once=False)
        await pace.turn(at_once=False)
        pace.took_in(WORTH_A_TURN // 8)
        rested = await took(pace.rest())
        assert rested + await took(pace.turn(at_once=False)) >= SECONDS * 1.9
        pace.took_in(WORTH_A_TURN * 8)
        assert SECONDS * 0.9 <= await took(pace.turn(at_once=False)) < SECONDS * 1.7

    asyncio.run(story())


def test_turns_do_not_stay_apart_while_a_reader_waits() -> None:
    async def story() -> None:
        waits = Waiting()
        pace = Pace(SECONDS, 9 * SECONDS, 1, waits)
        await pace.turn(at_once=False)
        await pace.turn(at_once=False)
        pace.took_in(1)

        def come() -> None:
            waits.awaited = waits.watched = True
            pace.hurry()

        asyncio.get_running_loop().call_later(SECONDS / 5, come)
        rested = await took(pace.rest())  # one who comes meanwhile ends what has begun
        assert rested + await took(pace.turn(at_once=False)) < SECONDS * 3
        pace.took_in(1)
        assert await took(pace.turn(at_once=False)) < SECONDS * 3

    asyncio.run(story())
