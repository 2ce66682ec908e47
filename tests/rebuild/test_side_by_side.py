"""Several processes fold a log side by side, and what comes of it is what one would make."""

import asyncio
import os
import signal
import subprocess
import sys
from multiprocessing import active_children
from pathlib import Path

import pytest
from rich.console import Console

from libs.events.catalog import NewerVersion
from libs.host import rebuild
from libs.host.apart import Apart, Errand, Helpers
from libs.host.folding import Whole
from libs.host.service import Service
from libs.host.settings import Settings
from libs.log.partition import partition_of
from libs.rules.rules import shipped_rules
from libs.sourcing.database import open_database
from libs.sourcing.tables import events
from services.list import NAMES, service_named
from tests.rebuild.town import Halfway, Town, derived, rebuild_aside, stated
from tools.cluster.children import wait_until
from tools.rebuild import main, show

Living = tuple[asyncio.Runner, Town]
SEVERAL = 2


@pytest.fixture(autouse=True)
def short_logs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are started for a log as short as a town's."""
    monkeypatch.setattr(rebuild, "WORTH_A_PROCESS", 1)


@pytest.mark.parametrize("name", NAMES)
def test_what_several_processes_build_equals_the_live_tables_row_for_row(
    town: Living, name: str
) -> None:
    runner, city = town
    live = derived(city.settings, service_named(name))

    async def story() -> None:
        done = await rebuild_aside(name, city.settings, SEVERAL)
        assert done.processes == SEVERAL
        assert done.imported == 0
        assert done.rows == {table: len(rows) for table, rows in live.items()}

    runner.run(story())
    assert derived(city.settings, service_named(name)) == live


def test_a_service_works_on_while_several_processes_build_its_tables(
    town: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, city = town
    monkeypatch.setattr(rebuild, "CLOSE_ENOUGH", 3)  # so that more than one pass is needed
    service = service_named("supervision")

    async def story() -> None:
        work = Halfway(city.settings, service, SEVERAL)
        building = work.start()
        await asyncio.to_thread(work.reading.wait, 60)
        await city.more(200)
        work.go_on.set()
        await city.more(201)
        await building
        await city.more(202, 2)
        await city.quiet()

    runner.run(story())
    grown = derived(city.settings, service)
    runner.run(_rebuilt("supervision", city, 1))
    assert derived(city.settings, service) == grown


def test_a_service_gets_back_its_own_facts_from_all_processes(town: Living) -> None:
    runner, city = town
    own = stated(city.settings, "dispatch")
    lost = {str(row[0]) for row in own}
    assert len({partition_of(case_id, 6) for case_id in lost}) > SEVERAL
    database = open_database(city.settings.database_of("dispatch"))
    with database.begin() as db:
        db.execute(events.delete())
    database.dispose()
    done = runner.run(_rebuilt("dispatch", city, SEVERAL))
    assert done.imported == len(own)
    assert stated(city.settings, "dispatch") == own


async def _rebuilt(name: str, city: Town, processes: int) -> rebuild.Rebuilt:
    return await rebuild_aside(name, city.settings, processes)


# --------------------------------------------------------------------------- what goes wrong


def test_a_process_that_is_killed_is_told_of_and_the_live_tables_stay(
    town: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, city = town
    live = derived(city.settings, service_named("dispatch"))

    class Doomed(Apart):
        async def begin(self, ends: dict[int, int]) -> None:
            await super().begin(ends)
            os.kill(self._helper.process.pid, signal.SIGKILL)

    monkeypatch.setattr(rebuild, "Apart", Doomed)

    with pytest.raises(ChildProcessError, match="--processes 1 needs less"):
        runner.run(_rebuilt("dispatch", city, 2))
    assert derived(city.settings, service_named("dispatch")) == live


def test_what_fails_in_another_process_is_raised_here_as_it_was(town: Living) -> None:
    runner, city = town

    async def story() -> None:
        with Helpers(1, refuse) as helpers:
            part = Apart(helpers.helpers[0], errand(city.settings), lambda records: None)
            with pytest.raises(NewerVersion, match="of tomorrow"):
                await part.begin({})
            await part.close()

    runner.run(story())


def errand(settings: Settings) -> Errand:
    """To fold one partition for dispatch."""
    topic, partitions = settings.topics().of("case")
    database = settings.database_of("dispatch")
    return Errand(Whole("dispatch", database, topic, partitions, shipped_rules()), settings.log_url, [0])


@pytest.mark.parametrize("word", ["0", "-1", "two"])
def test_a_number_of_processes_that_is_none_is_refused_by_its_name(
    word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tools.rebuild", "intake", f"--processes={word}"])
    with pytest.raises(SystemExit):
        main()
    assert f"argument --processes: {word} is not a number of at least 1" in capsys.readouterr().err


def refuse(name: str) -> Service:
    """Finds no service."""
    raise NewerVersion(f"{name} is of tomorrow")


@pytest.mark.parametrize(("partitions", "many"), [(1, 1), (2, 2), (3, 2), (8, 2), (8, 3), (24, 8), (8, 8)])
@pytest.mark.parametrize("total", [0, 1, 100_000, 3_000_000, 10**9])
def test_each_partition_is_folded_by_one_process_and_most_here(
    total: int, many: int, partitions: int
) -> None:
    sizes = dict.fromkeys(range(partitions), total // partitions)
    here, *away = rebuild.shares(sizes, many, rebuild.START_COSTS)
    assert sorted(p for mine in (here, *away) for p in mine) == list(range(partitions))
    assert len(away) == many - 1
    assert all(mine and len(mine) <= len(here) for mine in away)


@pytest.mark.parametrize("total", [200_000, 560_000, 1_400_000])
@pytest.mark.parametrize("many", [2, 3])
@pytest.mark.parametrize("start", [0, rebuild.START_COSTS])
def test_no_process_could_give_a_partition_to_one_that_is_ready_before(
    total: int, many: int, start: int
) -> None:
    sizes = {p: total * weight // 40 for p, weight in enumerate((1, 2, 4, 8, 10, 15))}
    taken = rebuild.shares(sizes, many, start)
    starts = [0] + [start] * (many - 1)
    ready_at = [start + sum(sizes[p] for p in mine) for start, mine in zip(starts, taken, strict=True)]
    last = ready_at.index(max(ready_at))
    if len(taken[last]) > 1:
        smallest = min(sizes[p] for p in taken[last])
        assert min(ready_at) + smallest >= max(ready_at)


@pytest.mark.parametrize("begun", [False, True])
def test_a_rebuild_that_is_given_up_while_a_process_starts_leaves_none(begun: bool, town: Living) -> None:
    runner, city = town

    async def story() -> None:
        with Helpers(1, service_named) as helpers:
            part = Apart(helpers.helpers[0], errand(city.settings), lambda n: None)
            process = helpers.helpers[0].process
            if begun:
                beginning = asyncio.create_task(part.begin({}))
                await asyncio.sleep(0.01)
                beginning.cancel()
                await asyncio.gather(beginning, return_exceptions=True)
            await part.close()
        assert process not in active_children()

    runner.run(story())


COMMAND = """
import os, signal, sys, time
from libs.host.apart import Helpers
from services.list import service_named
from tools.rebuild import main  # with all that it imports
with Helpers(2, service_named) as helpers:
    print(helpers.ready, *(helper.process.pid for helper in helpers.helpers), flush=True)
    time.sleep(60)
"""


def test_the_command_has_one_thread_when_it_forks_and_leaves_no_process_when_it_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", COMMAND], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        ready, *beside = command.stdout.readline().split()
        command.kill()
    assert ready == "True"
    assert len(beside) == 2
    assert wait_until(lambda: not any(is_running(pid) for pid in beside), limit_s=10)


def is_running(pid: str) -> bool:
    """Whether it lives; one that ended and that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_several_services_are_rebuilt_one_after_another_by_the_same_processes(town: Living) -> None:
    runner, city = town
    names = ("dispatch", "feedback")
    live = [derived(city.settings, service_named(name)) for name in names]

    def work() -> list[int]:
        with Helpers(SEVERAL - 1, service_named) as helpers:
            quiet = Console(quiet=True)
            return [asyncio.run(show(n, city.settings, quiet, helpers)).processes for n in names]

    async def aside() -> list[int]:
        return await asyncio.to_thread(work)

    assert runner.run(aside()) == [SEVERAL] * len(names)
    assert [derived(city.settings, service_named(name)) for name in names] == live
