"""A service's views can be built anew from the log at any time, while it goes on working."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from libs.host import rebuild
from services.list import NAMES, service_named
from tests.rebuild.town import SPEAKERS, Halfway, Town, derived, rebuild_aside, stated

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


def test_all_services_work_on_while_they_are_built_anew_side_by_side(
    town: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, city = town
    monkeypatch.setattr(rebuild, "CLOSE_ENOUGH", 3)  # so that more than one pass is needed

    async def story() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(12))
        works = [Halfway(city.settings, service_named(name)) for name in NAMES]
        before = {name: len(stated(city.settings, name)) for name in SPEAKERS}
        building = []
        for work in works:  # one after another: Alembic keeps its state in the process
            building.append(work.start())
            await asyncio.to_thread(work.reading.wait, 30)
            assert work.reading.is_set()
        await city.more(100)
        after = {name: len(stated(city.settings, name)) for name in SPEAKERS}
        silent = [n for n in SPEAKERS if after[n] == before[n] and n != "supervision"]
        assert not silent, "every service worked while its tables were being built"
        for work in works:
            work.go_on.set()
        await city.more(101)  # and on, while the rest is folded and the tables change places
        await asyncio.gather(*building)
        await city.more(102, 2)
        await city.quiet()

    runner.run(story())
    for name in NAMES:
        grown = derived(city.settings, service_named(name))
        runner.run(_rebuilt(name, city))
        again = derived(city.settings, service_named(name))
        assert again == grown, f"{name}: nothing was lost and nothing came twice"


async def _rebuilt(name: str, city: Town) -> None:
    await rebuild_aside(name, city.settings)
