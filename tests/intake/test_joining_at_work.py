"""The two sides of a link on a real log and real tables, in both homes: restarts, replicas, a rebuild."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from libs.events.base import Actor
from libs.events.intake import CaseLinkChanged
from libs.host.run import Host
from libs.host.running import Running
from libs.host.service import Service
from libs.host.settings import Settings
from libs.host.work import Ask, Outcome, Result
from libs.sourcing.decider import Command, Refused
from services.intake.commands import (
    DeclineCase,
    LeadCase,
    MergeCase,
    RegisterCase,
    UnmergeCase,
)
from services.intake.groups import followers_of, unpaired
from services.intake.joining import counterpart
from services.intake.keeping_views import left_by_their_lead
from services.intake.service import service
from tests.conftest import embedded
from tests.rebuild.town import derived, on_real_parts, rebuild_aside
from tests.spec import ACCEPTOR, CITIZEN, DISPATCHER, OPERATOR
from tests.whole import MONDAY
from tools.quiet import until_quiet

ALONE = replace(service, workers=())
"""Intake whose process for links was killed, or has not come to it yet."""
MESSAGE = {"channel": "phone_12345", "kind": "K3", "title": "垃圾无人清运", "text": "请清运"}
WHY = {"reason": "同一小区"}
DECLINED = {"ground": "D15", "reason": "民事", "alternative_channel": "法院", "remedy": "起诉"}
DECLINED |= {"evidence": ("e-1",)}


@pytest.fixture(params=["embedded", "kafka-postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Where log and tables live."""
    if request.param == "embedded":
        return embedded(tmp_path)
    broker, postgres = request.getfixturevalue("broker"), request.getfixturevalue("postgres")
    return on_real_parts(tmp_path, broker, postgres)


class Office:
    """Intake at work, in one process or several."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        self.hosts = hosts

    @property
    def running(self) -> Running:
        return self.hosts[0].running[0]

    async def ask(
        self, wanted: type[Command], case_id: str, by: Actor = DISPATCHER, **fields: Any
    ) -> Result:
        """Put a command."""
        wish = wanted(case_id=case_id, occurred_at=MONDAY, by=by, **fields)
        cause = uuid.uuid4().hex
        return await self.running.execute(Ask(wish, cause, cause))

    async def done(self, wanted: type[Command], case_id: str, **more: Any) -> None:
        """Put a command that is not refused."""
        result = await self.ask(wanted, case_id, **more)
        assert isinstance(result, Outcome), result

    async def cases(self, count: int) -> list[str]:
        """New cases."""
        ids = [str(uuid.uuid4()) for _ in range(count)]
        for case_id in ids:
            await self.done(RegisterCase, case_id, by=OPERATOR, **MESSAGE)
        return ids

    async def quiet(self) -> None:
        """Until nothing more happens by itself."""
        for host in self.hosts:
            await asyncio.wait_for(until_quiet(host), 60)

    async def said(self, case_id: str) -> list[str]:
        """What a case has said of its links."""
        facts = [r.event for r in await self.running.own_events(case_id, 1, 99)]
        return [fact.relation for fact in facts if isinstance(fact, CaseLinkChanged)]

    async def led(self, case_id: str) -> list[str]:
        """Which cases the tables say are merged into a case."""
        rows = await self.running.read(lambda views: followers_of(views, case_id))
        return [row["other_case"] for row in rows]

    async def waiting(self) -> list[Any]:
        """Links of which one side has not spoken."""
        found: list[Any] = await self.running.read(lambda views: unpaired(views, None))
        return found

    async def left(self) -> list[Any]:
        """Who ended with a case that is put away, and is not put away itself."""
        found: list[Any] = await self.running.read(left_by_their_lead)
        return found

    async def until_it_leads(self, case_id: str, many: int) -> None:
        """Wait until the tables show it and nothing waits; replicas hear each their own part."""
        async with asyncio.timeout(60):
            while len(await self.led(case_id)) != many or await self.waiting():  # noqa: ASYNC110
                await asyncio.sleep(0.1)


@asynccontextmanager
async def at_work(
    home: Settings, of: Service = service, processes: int = 1
) -> AsyncIterator[Office]:
    """Intake from its start to its stop."""
    hosts = [Host([of], home, lambda: MONDAY, realms=[home.realm]) for _ in range(processes)]
    for host in hosts:
        await host.start()
    try:
        yield Office(hosts)
    finally:
        for host in hosts:
            await host.stop()


def test_what_a_killed_process_left_half_done_its_successor_ends(home: Settings) -> None:
    async def story() -> None:
        async with at_work(home, ALONE) as office:
            lead, *others = await office.cases(4)
            for case in others:
                await office.done(MergeCase, case, into=lead, **WHY)
            await office.quiet()
            assert len(await office.waiting()) == 3
            link = (await office.waiting())[0]  # it had come as far as this
            await office.done(LeadCase, lead, **lead_of(link))
            await office.done(UnmergeCase, link["follower"], by=CITIZEN, reason="另一处")
        async with at_work(home) as office:
            await office.quiet()
            assert await office.waiting() == []
            rest = {case for case in others if case != link["follower"]}
            assert set(await office.led(lead)) == rest
            assert await office.said(link["follower"]) == ["merged_into", "unmerged"]
            assert sorted(await office.said(lead)) == ["leads"] * 3 + ["released"]

    asyncio.run(story())


def lead_of(link: dict[str, Any]) -> dict[str, Any]:
    """What the lead is asked about a link."""
    command = counterpart(link)
    assert isinstance(command, LeadCase)
    return command.model_dump(include={"link_id", "follower", "due_citizen"})


def test_a_refusal_that_died_with_its_process_is_told_by_its_successor(home: Settings) -> None:
    async def story() -> None:
        async with at_work(home, ALONE) as office:
            lead, case = await office.cases(2)
            await office.done(MergeCase, case, into=lead, **WHY)
            await office.done(DeclineCase, lead, by=ACCEPTOR, **DECLINED)
            await office.quiet()
            (link,) = await office.waiting()
            assert isinstance(await office.ask(LeadCase, lead, **lead_of(link)), Refused)
        async with at_work(home) as office:
            await office.quiet()
            assert await office.said(case) == ["merged_into", "unmerged"]
            assert await office.said(lead) == []

    asyncio.run(story())


def test_two_mergers_that_cross_leave_no_chain_and_no_half_link(home: Settings) -> None:
    async def story() -> None:
        async with at_work(home) as office:
            pairs = [await office.cases(2) for _ in range(5)]
            asked = [(a, b) for pair in pairs for a, b in (pair, pair[::-1])]
            await asyncio.gather(*(office.done(MergeCase, a, into=b, **WHY) for a, b in asked))
            await office.quiet()
            assert await office.waiting() == []
            for a, b in pairs:
                assert len(await office.led(a)) + len(await office.led(b)) <= 1

    asyncio.run(story())


def test_replicas_at_work_together_say_each_side_once(home: Settings) -> None:
    """In the embedded home there is one process; on the broker three share the partitions."""
    processes = 1 if home.log_url.startswith("sqlite") else 3

    async def story() -> None:
        async with at_work(home, processes=processes) as office:
            lead, *others = await office.cases(9)
            wishes = (office.done(MergeCase, case, into=lead, **WHY) for case in others)
            await asyncio.gather(*wishes)
            await office.until_it_leads(lead, len(others))
            assert await office.said(lead) == ["leads"] * len(others)
            assert set(await office.led(lead)) == set(others)
            await office.done(DeclineCase, lead, by=ACCEPTOR, **DECLINED)
            await office.until_it_leads(lead, 0)
            for case in others:
                assert await office.said(case) == ["merged_into", "unmerged"]

    asyncio.run(story())


def test_intake_built_anew_has_the_same_groups(home: Settings) -> None:
    async def story() -> None:
        async with at_work(home) as office:
            lead, case, other, third = await office.cases(4)
            for one in (case, other):
                await office.done(MergeCase, one, into=lead, **WHY)
            await office.done(UnmergeCase, other, reason="另一处")
            await office.done(MergeCase, other, into=third, **WHY)
            await office.quiet()
            live = derived(home, service)
            assert live["followings"]
            assert live["leadings"]
            await rebuild_aside("intake", home)
            assert derived(home, service) == live
            await office.quiet()
            assert await office.waiting() == []
            assert await office.left() == []
            assert await office.led(lead) == [case]

    asyncio.run(story())
