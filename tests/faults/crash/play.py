"""What a process does until it dies, and what the next one does in its place. No test stands here."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from libs.events.base import Actor
from libs.host import relay
from libs.host.rebuild import rebuild
from libs.host.run import Host
from libs.host.settings import Settings
from libs.host.work import Ask, Idempotency, Outcome
from libs.log import sqlite
from libs.log.connect import open_log
from libs.log.port import Outgoing
from libs.rules.rules import Rules, shipped_rules
from libs.rules.states import Channel, DeclineGround, Kind
from libs.sourcing.decider import Command
from libs.vault.receipts import case_id_of
from services.intake.commands import AcceptCase, DeclineCase, ErasePersonalData, RegisterCase
from services.list import service_named
from tests.faults.crash.points import Point
from tests.faults.crash.ports import Reaper, WatchedLog, watch_databases
from tests.whole import MONDAY, Clock
from tools.quiet import until_quiet

SERVICES = ("intake", "dispatch", "supervision")
TITLE, TEXT = "路灯不亮", "路口的路灯三天没有亮。"
LATER = MONDAY + timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a play is played: its settings, and a folder for what outlives the process."""

    settings: Settings
    folder: Path

    @property
    def told(self) -> Path:
        """What callers were told, a line per answer."""
        return self.folder / "told.jsonl"

    @property
    def note(self) -> Path:
        """Where the reaper wrote at which point it struck."""
        return self.folder / "died"


def the_rules(settings: Settings) -> Rules:
    """The shipped rules, but the catalogue may assign a case by itself: so dispatch reacts."""
    rules = shipped_rules(settings.policy, settings.city)
    pack = rules.packs[rules.default_pack]
    alone = pack.auto_dispatch.model_copy(update={"enabled": True})
    changed = pack.model_copy(update={"auto_dispatch": alone})
    return replace(rules, packs={**rules.packs, rules.default_pack: changed})


def case_ids(name: str) -> list[str]:
    """The four cases of a play: two are accepted, two declined, the last is erased."""
    return [case_id_of("crash", f"{name}-{n}") for n in range(4)]


def ask(wish: type[Command], case_id: str, **fields: Any) -> Ask:
    """A command of the play; asked again it is the same."""
    key = hashlib.sha256(f"{wish.__name__}/{case_id}".encode()).hexdigest()
    by = Actor(id="clerk-1", role="operator")
    command = wish(case_id=case_id, occurred_at=MONDAY, by=by, **fields)
    return Ask(command, key, key[:32], idempotency=Idempotency(key, key))


def wishes(name: str) -> list[list[Ask]]:
    """The play's commands, in the order in which one can follow the other."""
    one, two, three, four = case_ids(name)
    words = {"channel": Channel.WEB_PORTAL, "kind": Kind.HELP, "title": TITLE, "text": TEXT}
    words |= {"privacy_notice": True}
    no = {
        "ground": DeclineGround.D15,
        "reason": "不在受理范围",
        "alternative_channel": "人民法院",
        "remedy": "可依法起诉",
        "evidence": ("e-1",),
    }
    return [
        [ask(RegisterCase, case, **words) for case in (one, two, three, four)],
        [ask(AcceptCase, case, category="0107") for case in (one, two)]
        + [ask(DeclineCase, case, **no) for case in (three, four)],
        [ask(ErasePersonalData, four, ground="citizen_request")],
    ]


def still_to_ask(place: Place, name: str) -> list[list[Ask]]:
    """Everything, told or not, but what was told of the case that is erased: who asks twice for words
    to be kept that were erased meanwhile is refused."""
    lines = place.told.read_text().splitlines() if place.told.exists() else []
    told, erased = {json.loads(line)["asked"] for line in lines}, case_ids(name)[-1]
    return [
        [a for a in asks if a.cause not in told or a.command.case_id != erased]
        for asks in wishes(name)
    ]


async def act(place: Place, reaper: Reaper, name: str) -> None:
    """Ask everything, write down each answer as it comes, let two days pass."""
    reaper.publish = lambda rows: asyncio.run(publish(place.settings, rows))
    relay.LEASE_SECONDS, relay.IDLE_SECONDS, sqlite.MEMBER_LEASE = 1, 0.1, 1.0
    clock = Clock(LATER if reaper.point is None and place.told.exists() else MONDAY)
    host = Host(
        [service_named(service) for service in SERVICES],
        place.settings,
        clock,
        realms=[place.settings.realm],
        log=WatchedLog(open_log(place.settings.log_url), reaper),
        rules=the_rules(place.settings),
    )
    await host.start()
    try:
        intake = host.find("intake", place.settings.realm)
        for asks in still_to_ask(place, name):
            results = await intake.execute_many(asks)
            tell(place.told, asks, results)
            await asyncio.wait_for(until_quiet(host), 30)
        clock.at = LATER
        for running in host.running:
            running.tick()
        await asyncio.wait_for(until_quiet(host), 30)
        if reaper.point is not None:  # what an idle relay does now and then
            await asyncio.sleep(1.5)
    finally:
        await host.stop()


def tell(told: Path, asks: Sequence[Ask], results: Sequence[Outcome | Exception]) -> None:
    """Write down what the caller was told: from here on it must not be lost."""
    with told.open("a") as file:
        for one, result in zip(asks, results, strict=True):
            assert isinstance(result, Outcome), f"{type(one.command).__name__}: {result!r}"
            events = [[r.seq, r.event_id, r.event.type()] for r in result.events]
            answer = {"asked": one.cause, "case_id": result.case_id, "events": events}
            file.write(json.dumps(answer) + "\n")
            file.flush()


async def publish(settings: Settings, rows: Sequence[Outgoing]) -> None:
    """Append as another process would: what a wrong relay does."""
    log = open_log(settings.log_url)
    await log.prepare(settings.topics().partitions())
    await log.append(rows)
    await log.close()


async def build_anew(settings: Settings, name: str) -> None:
    """What ``tools.rebuild`` does."""
    await rebuild(service_named(name), settings, the_rules(settings))


def begin(place: Place, point: Point | None, variant: str = "") -> Reaper:
    """Wrap the ports of this process."""
    reaper = Reaper(point, place.note, variant)
    places = {place.settings.database_of(name): name for name in SERVICES}
    watch_databases(places | {place.settings.vault_address(): "vault"}, reaper)
    return reaper
