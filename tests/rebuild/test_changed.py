"""A service that hears something else, or keeps something else, asks for a rebuild and works after it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from libs.events.dispatch import AssignmentSigned
from libs.host.rebuild import Rebuilt
from libs.host.schema import RebuildNeeded
from libs.host.service import Service
from libs.host.settings import Settings
from services.intake.projection import cases
from services.list import all_services, service_named
from tests.conftest import embedded as home_under
from tests.rebuild.town import START, Halfway, Town, derived, rows_of

SIGNED = list(cases.c.keys()).index("signed_at")


def embedded(root: Path) -> Settings:
    """A start that is refused waits that long for what never began."""
    return home_under(root).model_copy(update={"graceful_stop": 1.0})


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as found:
        yield found


def deaf() -> Service:
    """Intake as of tomorrow: it does not hear of signatures any more."""
    intake = service_named("intake")
    return replace(intake, hears=tuple(e for e in intake.hears if e is not AssignmentSigned))


def with_intake(intake: Service) -> list[Service]:
    return [intake if s.name == "intake" else s for s in all_services()]


async def start(settings: Settings, intake: Service) -> Town:
    town = Town(settings, START, with_intake(intake))
    await town.host.start()
    return town


async def build(settings: Settings, service: Service) -> Rebuilt:
    whole = Halfway(settings, service)
    whole.go_on.set()
    return await whole.start()


def test_a_service_that_hears_something_else_names_the_command_that_helps(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    home = embedded(tmp_path)
    town = runner.run(start(home, service_named("intake")))
    runner.run(town.more(1, 9))
    runner.run(town.close())
    assert any(row[SIGNED] is not None for row in rows_of(home.database_of("intake"), cases))

    with pytest.raises(RebuildNeeded, match=r"Run: python -m tools\.rebuild intake$"):
        runner.run(start(home, deaf()))

    runner.run(build(home, deaf()))
    assert all(row[SIGNED] is None for row in rows_of(home.database_of("intake"), cases))
    town = runner.run(start(home, deaf()))
    runner.run(town.more(2, 9))
    runner.run(town.quiet())
    runner.run(town.close())
    found = rows_of(home.database_of("intake"), cases)
    assert len(found) > 12
    assert all(row[SIGNED] is None for row in found)

    with pytest.raises(RebuildNeeded):
        runner.run(start(home, service_named("intake")))
    runner.run(build(home, service_named("intake")))
    assert any(row[SIGNED] is not None for row in rows_of(home.database_of("intake"), cases))


def test_a_raised_revision_asks_for_a_rebuild_too(tmp_path: Path, runner: asyncio.Runner) -> None:
    home = embedded(tmp_path)
    town = runner.run(start(home, service_named("intake")))
    runner.run(town.close())
    with pytest.raises(RebuildNeeded):
        runner.run(start(home, replace(service_named("intake"), revision=9)))


def test_what_a_changed_service_keeps_is_what_it_would_have_kept_from_the_first_day(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    home = embedded(tmp_path)
    town = runner.run(start(home, service_named("intake")))
    runner.run(town.more(1, 9))
    runner.run(town.close())
    before = derived(home, service_named("intake"))
    runner.run(build(home, deaf()))
    assert derived(home, service_named("intake")) != before
    runner.run(build(home, service_named("intake")))
    assert derived(home, service_named("intake")) == before
