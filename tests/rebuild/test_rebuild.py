"""A service's views can be built anew from the log at any time, while it goes on working."""

import asyncio

import pytest

from libs.host import rebuild
from services.list import NAMES, service_named
from tests.rebuild.town import Halfway, Town, derived, rebuild_aside, stated

Living = tuple[asyncio.Runner, Town]


@pytest.mark.parametrize("name", NAMES)
def test_a_service_built_anew_equals_the_live_one_row_for_row(town: Living, name: str) -> None:
    runner, city = town
    service = service_named(name)
    live = derived(city.settings, service)
    assert all(live.values()), f"a table is empty: {[t for t, rows in live.items() if not rows]}"

    async def story() -> None:
        done = await rebuild_aside(name, city.settings)
        assert done.folded > 0
        assert done.imported == 0
        assert done.rows == {table: len(rows) for table, rows in live.items()}

    runner.run(story())
    assert derived(city.settings, service) == live


@pytest.mark.parametrize("name", NAMES)
def test_a_service_takes_commands_and_hears_while_it_is_built_anew(
    town: Living, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, city = town
    service = service_named(name)
    monkeypatch.setattr(rebuild, "CLOSE_ENOUGH", 3)
    seed = 100 + 10 * NAMES.index(name)

    async def story() -> None:
        halfway = Halfway(city.settings, service)
        before = len(stated(city.settings, "intake"))
        building = halfway.start()
        await asyncio.to_thread(halfway.reading.wait, 30)
        await city.more(seed)
        assert len(stated(city.settings, "intake")) > before, "work went on while it was built"
        halfway.go_on.set()
        rounds = 1
        while not building.done():  # and on, while the rest is folded and the tables change places
            await city.more(seed + rounds, 2)
            rounds += 1
        await building
        await city.more(seed + rounds, 2)
        await city.quiet()

    runner.run(story())
    grown = derived(city.settings, service)
    runner.run(_rebuilt(name, city))
    assert derived(city.settings, service) == grown, "nothing was lost and nothing came twice"


async def _rebuilt(name: str, city: Town) -> None:
    await rebuild_aside(name, city.settings)
