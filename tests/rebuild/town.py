"""A platform with cases in it, in both homes, to be rebuilt while it works. No test stands here."""

import asyncio
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console

from libs.events.base import Actor
from libs.host.apart import Helpers
from libs.host.rebuild import Rebuilt, rebuild
from libs.host.run import Host
from libs.host.running import Running
from libs.host.service import Service
from libs.host.settings import Settings
from libs.host.work import Ask, Outcome
from libs.rules.rules import Rules, shipped_rules
from libs.sourcing.database import open_database
from libs.sourcing.decider import Command
from libs.sourcing.tables import DERIVED, events
from services.dispatch.commands import AssignCase
from services.evaluation.commands import ConvenePanel, ProposeExclusion
from services.evaluation.projection import verdicts
from services.feedback.commands import Promised, SubmitReply
from services.intake.commands import MergeCase, RegisterCase, RelateCases, UnmergeCase
from services.intake.projection import cases
from services.intake.public_commands import ClaimRecusal, PutLegalHold, RecuseSelf
from services.list import NAMES, all_services, service_named
from services.supervision.commands import DelistOldCase, ListOldCase
from tests.conftest import embedded
from tests.spec import DISPATCHER, SUPERVISOR
from tests.whole import MONDAY
from tools.cluster.broker import Broker
from tools.cluster.postgres import Postgres
from tools.quiet import until_quiet
from tools.rebuild import show
from tools.simulate.generate import generate
from tools.simulate.people import Case, People
from tools.simulate.play import Clock, Played, Stage

Snapshot = dict[str, list[tuple[Any, ...]]]
START = MONDAY
SPEAKERS = tuple(name for name in NAMES if name != "analytics")
"""The services that state events; analytics only listens."""


def invent(rules: Rules, count: int, seed: int, until: datetime, realm: str) -> list[Case]:
    """Cases of every stage; reports on officials, which belong in a realm of their own, are left out."""
    people = People(rules)
    found = (people.case(m) for m in generate(rules, count, until, seed))
    prefix = f"{seed}-"
    named = (
        people.case(replace(c.message, id=prefix + c.message.id)) for c in found if not c.realm
    )
    return [_helped(replace(case, realm=realm)) for case in named]


def _helped(case: Case) -> Case:
    """The same case with a unit that assists its lead, people who must keep out of it, and a citizen who
    agrees that it be published, and with a promise in its reply, so that there is something in every table."""
    steps = []
    for step in case.steps:
        asks = []
        for ask in step.asks:
            command = ask.command
            if isinstance(command, AssignCase):
                command = command.model_copy(update={"assists": ("mc.zhengfuban",)})
            if isinstance(command, SubmitReply):
                command = command.model_copy(update={"commitments": (_promised(),)})
            asks.append(replace(ask, command=command))
            if isinstance(command, RegisterCase):
                agreed = command.model_copy(update={"consent_publish": True})
                asks[-1] = replace(ask, command=agreed)
                asks += _besides(command)
        steps.append(replace(step, asks=tuple(asks)))
    return replace(case, steps=tuple(steps))


def _promised() -> Promised:
    """That it is looked at again in a year: ahead of the answer whenever that is played."""
    return Promised(claim=1, text="一年后再巡查一次", due_at=START + timedelta(days=365))


def _besides(registered: RegisterCase) -> list[Ask]:
    """The citizen wants somebody to keep out; somebody else says so of the own accord. A court needs the case."""
    common = {"case_id": registered.case_id, "occurred_at": registered.occurred_at}
    claim = ClaimRecusal(
        **common, by=Actor(id="citizen", role="citizen"), reason="与物业经理是亲属"
    )
    own = RecuseSelf(
        **common, by=Actor(id="keeps-out", role="acceptor"), ground="interest_in_matter"
    )
    hold = PutLegalHold(
        **common,
        by=Actor(id="privacy-1", role="privacy_officer"),
        ground="court",
        reference="某法院调查令",
    )
    wishes = (claim, own, hold)
    return [Ask(one, f"{type(one).__name__}/{one.case_id}", one.case_id) for one in wishes]


class Town(Stage):
    """A stage of one realm: on a shared broker a realm has topics of its own."""

    def __init__(
        self, settings: Settings, start: datetime, services: Sequence[Service] | None = None
    ) -> None:
        self.settings, self.rules = settings, shipped_rules(settings.policy, settings.city)
        self.clock = Clock(start)
        self.host = Host(
            services or all_services(),
            settings,
            self.clock,
            realms=[settings.realm],
            rules=self.rules,
        )

    def running(self, name: str) -> Running:
        return self.host.find(name, self.settings.realm)

    async def populate(self, count: int) -> None:
        """Cases of every stage, some of one matter, and the deadlines of some days."""
        await self.more(0, count)
        await self.join()
        await self.contest()
        await self.play((), self.clock.at + timedelta(days=4))

    async def more(self, seed: int, count: int = 6) -> Played:
        """Some more cases, all their steps asked for now."""
        cases = invent(self.rules, count, seed, START, self.settings.realm)
        return await self.play([at_once(case, self.clock.at) for case in cases], self.clock.at)

    async def join(self) -> None:
        """The oldest open case leads two others, one of which is another matter after all; two are related.
        It was on the list of old cases for a while."""
        intake = self.running("intake")
        rows = await intake.read(lambda views: views.rows(sa.select(cases)))
        free = [r for r in rows if r["status"] in ("registered", "accepted", "assigned", "handling")]
        lead, one, other = [r["case_id"] for r in sorted(free, key=itemgetter("registered_at"))][:3]
        merge = {"into": lead, "reason": "同一路段"}
        await self.ask(MergeCase, one, **merge)
        await self.ask(MergeCase, other, **merge)
        await self.ask(UnmergeCase, other, reason="另一处")
        await self.ask(RelateCases, other, other_case=lead)
        old = {"service": "supervision", "by": SUPERVISOR}
        await self.ask(ListOldCase, lead, **old, note="久拖未决")
        await self.ask(DelistOldCase, lead, **old, reason="已在办理期限内")

    async def contest(self) -> None:
        """Of one answered case a panel is asked, of it and another it is proposed to leave them out."""
        evaluation = self.running("evaluation")
        rows = await evaluation.read(lambda views: views.rows(sa.select(verdicts)))
        answered = [r for r in rows if r["status"] in ("to_call", "called", "closed")]
        for row in sorted(answered, key=itemgetter("delivered_at", "case_id"))[:2]:
            head = Actor(id="head-9", role="unit_head", org=row["unit_id"])
            wish = {"reason": "objective", "evidence": ("e1",), "note": "待管线迁改"}
            await self.ask(ProposeExclusion, row["case_id"], "evaluation", head, **wish)
        seats = [
            {"account": f"tp-{n}", "kind": kind}
            for n, kind in enumerate(("lawyer", "npc_deputy", "netizen"))
        ]
        asked = {"members": seats, "brief": "双方说法不一"}
        await self.ask(ConvenePanel, row["case_id"], "evaluation", SUPERVISOR, **asked)

    async def ask(
        self,
        command: type[Command],
        case_id: str,
        service: str = "intake",
        by: Actor = DISPATCHER,
        **fields: Any,
    ) -> None:
        """What somebody asks of a service, usually a dispatcher of intake; then all have heard it."""
        told = {"case_id": case_id, "occurred_at": self.clock.at, "by": by}
        wish = Ask(command(**told, **fields), f"town/{case_id}/{command.__name__}", "town")
        result = await self.running(service).execute(wish)
        assert isinstance(result, Outcome), result
        await self.quiet()

    async def quiet(self) -> None:
        await asyncio.wait_for(until_quiet(self.host), 60)

    async def close(self) -> None:
        await self.host.stop()


def at_once(case: Case, at: datetime) -> Case:
    steps = []
    for step in case.steps:
        asks = (
            replace(a, command=a.command.model_copy(update={"occurred_at": at})) for a in step.asks
        )
        steps.append(replace(step, at=at, asks=tuple(asks)))
    return replace(case, steps=tuple(steps))


# ------------------------------------------------------------------------------------- looking


def rows_of(url: str, table: sa.Table) -> list[tuple[Any, ...]]:
    database = open_database(url)
    try:
        with database.read() as db:
            return [tuple(row) for row in db.execute(sa.select(table).order_by(*table.primary_key))]
    finally:
        database.dispose()


def derived(settings: Settings, service: Service) -> Snapshot:
    """Every row of every derived table."""
    tables = [*DERIVED.sorted_tables, *service.tables.sorted_tables]
    return {t.name: rows_of(settings.database_of(service.name), t) for t in tables}


def stated(settings: Settings, name: str) -> list[tuple[Any, ...]]:
    """A service's own streams."""
    return rows_of(settings.database_of(name), events)


# ---------------------------------------------------------------------------------- rebuilding


def rebuild_aside(name: str, settings: Settings, processes: int = 1) -> "asyncio.Future[Rebuilt]":
    """``tools.rebuild`` on a thread and a loop of its own, as another process would do it."""
    quiet = Console(quiet=True)

    def work() -> Rebuilt:
        with Helpers(processes - 1, service_named) as helpers:
            return asyncio.run(show(name, settings, quiet, helpers))

    return asyncio.ensure_future(asyncio.to_thread(work))


class Halfway:
    """A rebuild that stops after its first records until it is told to go on."""

    def __init__(self, settings: Settings, service: Service, processes: int = 1) -> None:
        self.settings, self.service, self.processes = settings, service, processes
        self.reading, self.go_on = threading.Event(), threading.Event()

    def start(self) -> "asyncio.Future[Rebuilt]":
        return asyncio.ensure_future(asyncio.to_thread(lambda: asyncio.run(self._run())))

    async def _run(self) -> Rebuilt:
        def wait(done: int, total: int) -> None:
            self.reading.set()
            assert self.go_on.wait(60)

        rules = shipped_rules(self.settings.policy, self.settings.city)
        with Helpers(self.processes - 1, service_named) as helpers:
            return await rebuild(self.service, self.settings, rules, wait, helpers)


def begin_again(
    settings: Settings, name: str, hears: tuple[Any, ...] | None = None
) -> list[Service]:
    """All services, one of which may hear something else."""
    changed = service_named(name)
    if hears is not None:
        changed = replace(changed, hears=hears)
    return [changed if s.name == name else s for s in all_services()]


# --------------------------------------------------------------------------------------- homes


def on_real_parts(root: Path, broker: Broker, postgres: Postgres) -> Settings:
    """Settings for a realm of its own on Kafka and PostgreSQL."""
    realm = f"r{uuid.uuid4().hex[:8]}"
    for name in (*NAMES, "vault"):
        postgres.create_database(f"{realm}_{name}")
    return embedded(root).model_copy(
        update={
            "realm": realm,
            "log_url": broker.url,
            "case_partitions": 6,
            "database_url": postgres.url_template,
            "vault_url": postgres.url_template,
        }
    )


@contextmanager
def opened(settings: Settings, count: int) -> Iterator[tuple[asyncio.Runner, Town]]:
    """A town with cases, at work while it is being looked at."""
    with asyncio.Runner() as runner:
        town = Town(settings, START)
        runner.run(town.host.start())
        try:
            runner.run(town.populate(count))
            yield runner, town
        finally:
            runner.run(town.close())
