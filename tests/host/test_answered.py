"""Results of commands that were asked for together."""

import asyncio

from libs.host.answered import Answered
from libs.sourcing.decider import Refused


def test_all_results_come_in_the_order_of_the_commands_whoever_is_first() -> None:
    async def story() -> None:
        answered, no = Answered(3), Refused("no")
        answered.put(2, no)
        answered.put(0, refused := Refused("first"))
        assert not answered.whole.done(), "one is still out"
        answered.put(0, no)  # a process that gives up answers what it had answered already
        assert not answered.whole.done()
        answered.put(1, no)
        assert await answered.whole == [refused, no, no]

    asyncio.run(story())


def test_who_no_longer_waits_breaks_nothing_for_others() -> None:
    async def story() -> None:
        answered = Answered(1)
        answered.whole.cancel()
        answered.put(0, Refused("nobody hears it"))

    asyncio.run(story())
