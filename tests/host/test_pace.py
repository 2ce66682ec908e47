"""Turns are kept apart so that they grow; who waits for a fact does not wait for a service at leisure."""

import asyncio
import time
from collections.abc import Awaitable

from libs.host.pace import Pace

SECONDS = 0.5


async def took(work: Awaitable[None]) -> float:
    begun = time.monotonic()
    await work
    return time.monotonic() - begun


def test_the_first_turn_is_at_once_and_the_next_one_waits_unless_it_is_full() -> None:
    async def story() -> None:
        pace = Pace(SECONDS, 1, lambda: False)
        assert await took(pace.turn(at_once=False)) < SECONDS / 2
        assert await took(pace.turn(at_once=False)) >= SECONDS * 0.9
        assert await took(pace.turn(at_once=True)) < SECONDS / 2

    asyncio.run(story())


def test_the_log_is_asked_shortly_before_the_next_turn() -> None:
    async def story() -> None:
        pace = Pace(SECONDS, 1, lambda: False)
        await pace.turn(at_once=False)
        rested = await took(pace.rest())
        assert rested >= SECONDS * 0.7
        assert rested + await took(pace.turn(at_once=False)) >= SECONDS * 0.9

    asyncio.run(story())


def test_at_leisure_it_is_asked_later_but_not_while_somebody_waits() -> None:
    async def story() -> None:
        waits = False
        pace = Pace(SECONDS, 4, lambda: waits)
        await pace.turn(at_once=False)
        assert await took(pace.rest()) >= SECONDS * 3.7
        waits = True
        assert await took(pace.rest()) < SECONDS * 2.5
        waits = False
        asyncio.get_running_loop().call_later(SECONDS / 5, pace.hurry)
        assert await took(pace.rest()) < SECONDS * 2.5

    asyncio.run(story())
