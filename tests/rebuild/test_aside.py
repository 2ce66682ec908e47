"""Records in quarantine stay aside while views are built anew, and what is released is not lost."""

import asyncio
import logging
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from libs.events.base import Recorded
from libs.host.service import Service
from libs.host.settings import Settings
from libs.log.port import Outgoing
from libs.log.scan import open_scan
from libs.sourcing.decider import Refused
from libs.sourcing.tables import heads, quarantine
from libs.sourcing.views import Views
from services.list import NAMES, all_services, service_named
from tests.conftest import embedded
from tests.rebuild.town import (
    START,
    Halfway,
    Town,
    at_once,
    derived,
    invent,
    rebuild_aside,
    rows_of,
    stated,
)
from tools.simulate.people import Case


@pytest.fixture(autouse=True)
def only_what_matters() -> Iterator[None]:
    """What goes wrong on purpose here need not be logged."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as found:
        yield found


@dataclass
class Faulty:
    """A projection with a fault that one case brings out, until it is mended."""

    service: Service
    case_ids: set[str] = field(default_factory=set)

    def whole(self) -> Service:
        return replace(self.service, project=self.project)

    def project(self, heard: Sequence[Recorded], views: Views) -> None:
        if any(recorded.event.case_id in self.case_ids for recorded in heard):
            raise ValueError("this case cannot be shown")
        self.service.project(heard, views)


async def start(settings: Settings, *changed: Service) -> Town:
    others = {service.name: service for service in changed}
    town = Town(settings, START, [others.get(s.name, s) for s in all_services()])
    await town.host.start()
    return town


def some_cases(town: Town, seed: int) -> list[Case]:
    """Cases that go at least as far as their unit."""
    found = invent(town.rules, 40, seed, START, "")
    return [at_once(case, town.clock.at) for case in found if len(case.steps) > 4][:6]


async def garble(town: Town, case_id: str) -> None:
    """A later fact of intake about a case, that nobody can read."""
    topic = town.running("intake").topic
    scan = await open_scan(town.settings.log_url)
    headers: list[tuple[str, bytes]] = []
    async for records in scan.read(topic, {}, await scan.ends(topic)):
        for record in records:
            found = dict(record.headers)
            if record.key == case_id.encode() and found["ce_type"] == b"intake.CaseAccepted":
                headers = [(name, value or b"") for name, value in record.headers]
    await scan.close()
    new = {"ce_seq": b"9", "ce_id": uuid.uuid4().hex.encode()}
    headers = [(name, new.get(name, value)) for name, value in headers]
    await town.host.log.append([Outgoing(topic, case_id, headers, b"{]")])


def aside(settings: Settings, name: str) -> list[tuple[object, ...]]:
    return rows_of(settings.database_of(name), quarantine)


def parked(settings: Settings, name: str) -> set[object]:
    ids, flags = (list(heads.c.keys()).index(n) for n in ("case_id", "parked"))
    return {row[ids] for row in rows_of(settings.database_of(name), heads) if row[flags]}


def test_what_lies_in_quarantine_stays_aside_and_its_case_parked(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    home = embedded(tmp_path)
    town = runner.run(start(home))
    cases = some_cases(town, 1)
    runner.run(town.play(cases[:5], START))
    runner.run(garble(town, cases[0].case_id))
    runner.run(town.play(cases[5:], START))
    runner.run(town.quiet())
    hearers = [name for name in NAMES if aside(home, name)]
    assert {"intake", "dispatch", "supervision"} <= set(hearers)
    for name in NAMES:
        live, laid = derived(home, service_named(name)), aside(home, name)
        runner.run(_rebuilt(name, home))
        assert derived(home, service_named(name)) == live, name
        assert aside(home, name) == laid
    for name in hearers:
        assert parked(home, name) == {cases[0].case_id}
        released = runner.run(town.running(name).release(cases[0].case_id))
        assert released == 0, "it still cannot be read"
        assert aside(home, name)
    runner.run(town.close())


async def _rebuilt(name: str, settings: Settings) -> None:
    await rebuild_aside(name, settings)


def test_a_case_released_while_its_views_are_built_anew_is_in_them(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    home = embedded(tmp_path)
    faulty = Faulty(service_named("dispatch"))
    town = runner.run(start(home, faulty.whole()))
    cases = some_cases(town, 2)
    sick = cases[0].case_id
    faulty.case_ids.add(sick)
    registration, acceptance, *rest = cases[0].steps
    runner.run(town.play([replace(cases[0], steps=(registration, acceptance))], START))
    runner.run(town.play(cases[1:], START))
    runner.run(town.quiet())
    assert parked(home, "dispatch") == {sick}

    async def story() -> None:
        halfway = Halfway(home, service_named("dispatch"))
        building = halfway.start()
        await asyncio.to_thread(halfway.reading.wait, 30)
        faulty.case_ids.clear()  # the fault is mended, and the case let go
        assert await town.running("dispatch").release(sick) > 0
        halfway.go_on.set()
        await building
        await town.quiet()
        await town.play([replace(cases[0], steps=tuple(rest))], START)
        await town.quiet()

    runner.run(story())
    assert parked(home, "dispatch") == set()
    assert aside(home, "dispatch") == []
    grown = derived(home, service_named("dispatch"))
    assert sick in {row[0] for row in grown["heads"]}
    assert [row for row in stated(home, "dispatch") if row[0] == sick], "it went on with the case"
    runner.run(_rebuilt("dispatch", home))
    assert derived(home, service_named("dispatch")) == grown
    runner.run(town.close())


def test_a_lost_database_comes_back_though_a_record_in_its_name_cannot_be_read(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    home = embedded(tmp_path)
    town = runner.run(start(home))
    cases = some_cases(town, 3)
    runner.run(town.play(cases[:3], START))
    runner.run(garble(town, cases[0].case_id))
    runner.run(town.quiet())
    runner.run(town.close())
    own, before = stated(home, "intake"), derived(home, service_named("intake"))
    for ending in ("", "-wal", "-shm"):
        Path(f"{tmp_path}/intake.db{ending}").unlink(missing_ok=True)

    runner.run(_rebuilt("intake", home))
    assert stated(home, "intake") == own
    town = runner.run(start(home))
    runner.run(town.quiet())
    assert derived(home, service_named("intake")) == before
    assert parked(home, "intake") == {cases[0].case_id}
    with pytest.raises(Refused, match="parked"):
        runner.run(_asked_again(town, cases[0]))
    runner.run(town.play(cases[3:], START))
    runner.run(town.quiet())
    runner.run(town.close())


def test_an_old_copy_with_a_quarantine_comes_back_with_no_more_aside_than_before(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    home = embedded(tmp_path)
    town = runner.run(start(home))
    cases = some_cases(town, 4)
    runner.run(town.play(cases[:3], START))
    runner.run(garble(town, cases[0].case_id))
    runner.run(town.quiet())
    runner.run(town.close())
    old = (tmp_path / "intake.db").read_bytes()
    town = runner.run(start(home))
    runner.run(town.play(cases[3:], START))
    runner.run(town.quiet())
    runner.run(town.close())
    before, laid = derived(home, service_named("intake")), aside(home, "intake")
    for ending in ("", "-wal", "-shm"):
        Path(f"{tmp_path}/intake.db{ending}").unlink(missing_ok=True)
    (tmp_path / "intake.db").write_bytes(old)

    runner.run(_rebuilt("intake", home))
    town = runner.run(start(home))
    runner.run(town.quiet())
    runner.run(town.close())
    assert derived(home, service_named("intake")) == before
    assert [row[:4] for row in aside(home, "intake")] == [row[:4] for row in laid]


async def _asked_again(town: Town, case: Case) -> None:
    ask = replace(case.steps[1].asks[0], idempotency=None)
    result = await town.running("intake").execute(ask)
    if isinstance(result, Exception):
        raise result
