"""A process dies at every point between a wish and what follows from it, and nothing is lost or doubled."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest

from libs.host.settings import Settings
from services.list import service_named
from tests.conftest import embedded
from tests.faults.crash.checks import empty_views, forget
from tests.faults.crash.play import SERVICES
from tests.faults.crash.points import POINTS, Point
from tests.faults.crash.ports import NOT_AT_ALL, TOO_EARLY
from tests.faults.crash.process import Forks
from tests.rebuild.town import Snapshot, derived, on_real_parts

KILLED = -9


@dataclass
class Scene:
    """One home, and the processes that follow one another in it."""

    forks: Forks
    settings: Settings
    folder: Path
    name: str

    def do(self, what: str, **more: str) -> int:
        return self.forks.do(what, self.settings, self.folder, name=self.name, **more)

    def dies(self, point: Point, what: str, **more: str) -> None:
        """A process of which nothing is left but what it wrote."""
        code = self.do(what, point=point.name, **more)
        assert code == KILLED, f"{point.name} was not reached, it ended with {code}: {self.said()}"
        note = self.folder / "died"
        assert note.read_text() == point.name
        note.unlink()

    def succeeds(self, what: str) -> None:
        code = self.do(what)
        assert code == 0, f"{code}: {self.said()}"

    def found(self) -> list[str]:
        self.succeeds("check")
        found: list[str] = json.loads((self.folder / "found.json").read_text())
        return found

    def said(self) -> str:
        said = self.folder / "said.log"
        return said.read_text()[-3000:] if said.exists() else "it said nothing"

    def views(self) -> Snapshot:
        return derived(self.settings, service_named("supervision"))


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as made:
        yield made


@pytest.fixture(scope="module")
def lived_in(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded home with cases in it, to be copied."""
    folder = tmp_path_factory.mktemp("lived-in")
    Scene(forks, embedded(folder), folder, "before").succeeds("cases")
    return folder


@pytest.fixture(scope="module")
def town(
    request: pytest.FixtureRequest, forks: Forks, tmp_path_factory: pytest.TempPathFactory
) -> Scene:
    """A home with cases in it on Kafka and PostgreSQL, for one point after another."""
    folder = tmp_path_factory.mktemp("town")
    broker, postgres = request.getfixturevalue("broker"), request.getfixturevalue("postgres")
    scene = Scene(forks, on_real_parts(folder, broker, postgres), folder, "before")
    scene.succeeds("cases")
    return scene


HOMES = [pytest.param(p, "embedded", id=f"{p.name}-embedded") for p in POINTS] + [
    pytest.param(p, "real parts", id=f"{p.name}-kafka-postgresql") for p in POINTS if p.real_parts
]


@pytest.fixture
def scene(request: pytest.FixtureRequest, forks: Forks, tmp_path: Path) -> Scene:
    """Where the point of this test is played."""
    point, home = request.node.callspec.params["point"], request.node.callspec.params["home"]
    if home == "embedded":
        if point.play != "first":
            shutil.copytree(request.getfixturevalue("lived_in"), tmp_path, dirs_exist_ok=True)
        return Scene(forks, embedded(tmp_path), tmp_path, point.name)
    if point.play == "first":
        broker, postgres = request.getfixturevalue("broker"), request.getfixturevalue("postgres")
        return Scene(forks, on_real_parts(tmp_path, broker, postgres), tmp_path, point.name)
    town: Scene = request.getfixturevalue("town")
    return Scene(forks, town.settings, town.folder, point.name)


@pytest.mark.parametrize(("point", "home"), HOMES)
def test_a_process_that_dies_leaves_nothing_lost_doubled_or_half_done(
    scene: Scene, point: Point, home: str
) -> None:
    match point.play:
        case "first" | "cases":
            scene.dies(point, "cases")
        case "rebuild":
            before = scene.views()
            empty_views(scene.settings)
            scene.dies(point, "rebuild")
            views = scene.views()
            assert views == before or not any(views.values()), "all is swapped, or nothing"
        case "lost":
            forget(scene.settings)
            scene.dies(point, "rebuild")
            scene.succeeds("rebuild")
    if scene.settings.log_url.startswith("kafka"):
        asyncio.run(bury(scene.settings))
    if point.play == "rebuild":
        scene.succeeds("rebuild")
    scene.succeeds("cases")
    assert scene.found() == []


async def bury(settings: Settings) -> None:
    """Tell the broker that the members of the groups are dead: it would find out after ten seconds."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.log_url.removeprefix("kafka://"))
    await admin.start()
    try:
        for name in SERVICES:
            group = f"{settings.realm}-{name}"
            coordinator = await admin.find_coordinator(group)
            (said,) = await admin.describe_consumer_groups([group], coordinator)
            for _, _, _, _, _, members in said.groups:
                for member in members:
                    await admin._send_request_to_node(
                        coordinator, LeaveGroupRequest(group, member[0])
                    )
    finally:
        await admin.close()


# ------------------------------------------------------------------------- the matrix sees


def test_a_service_that_publishes_before_it_commits_is_found_out(
    forks: Forks, lived_in: Path, tmp_path: Path
) -> None:
    shutil.copytree(lived_in, tmp_path, dirs_exist_ok=True)
    scene = Scene(forks, embedded(tmp_path), tmp_path, "too-early")
    point = next(p for p in POINTS if p.name == "command-before-commit")
    scene.dies(point, "cases", variant=TOO_EARLY)
    assert scene.do("cases") == 1
    assert "finds its own event" in scene.said()
    assert any("intake: own stream and log differ" in words for words in scene.found())


def test_a_log_that_acknowledges_what_it_does_not_have_is_found_out(
    forks: Forks, lived_in: Path, tmp_path: Path
) -> None:
    shutil.copytree(lived_in, tmp_path, dirs_exist_ok=True)
    scene = Scene(forks, embedded(tmp_path), tmp_path, "not-at-all")
    point = next(p for p in POINTS if p.name == "outbox-gone")
    scene.dies(point, "cases", variant=NOT_AT_ALL)
    scene.do("cases")
    found = "\n".join(scene.found())
    assert "acknowledged and not in the log: intake.CaseRegistered" in found
    assert "intake: own stream and log differ" in found
