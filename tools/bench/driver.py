"""Puts every command of a case over HTTP, at a fixed arrival rate or as fast as it goes."""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from libs.host.tokens import make_key, sign
from libs.rules.rights import Principal
from libs.rules.roles import Role
from tools.bench.cases import REPLY, TEXT, TITLE
from tools.bench.wire import Wire

UNIT = "mc.chengguan"
PATIENCE = 60.0
STAFF = (Role.CHANNEL, Role.ACCEPTOR, Role.DISPATCHER, Role.AUDITOR, Role.CALLBACK_AGENT)
LASTS = timedelta(hours=3)


def _body(**fields: Any) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


# Every case says the same, so a body is written once: the load shall not cost what it measures.
REGISTRATION = _body(channel="web_portal", privacy_notice=True, kind="K3", title=TITLE, text=TEXT)
STEPS: tuple[tuple[str, str, Role, bytes], ...] = (
    ("intake", "acceptance", Role.ACCEPTOR, _body(category="0101")),
    ("dispatch", "assignment", Role.DISPATCHER, _body()),
    ("dispatch", "signature", Role.UNIT_CLERK, _body()),
    ("feedback", "contacts", Role.UNIT_CLERK, _body(mode="online", reached=True)),
    (
        "feedback",
        "replies",
        Role.UNIT_HEAD,
        _body(answers=[{"claim": 1, "outcome": "supported"}], text=REPLY),
    ),
    ("feedback", "approval", Role.AUDITOR, _body()),
    ("evaluation", "callbacks", Role.CALLBACK_AGENT, _body(reached=True, resolved="yes")),
)
RATINGS = [_body(target=target, level="satisfied") for target in ("intake", "handling")]


class Unanswered(Exception):
    """A command was not carried out in time."""


@dataclass(slots=True)
class Driver:
    """``bases``: where each service answers. ``latencies``: seconds from a registration's arrival to
    its answer, so a server that stalls is charged with those who waited for it."""

    bases: dict[str, str]
    keys: Path
    latencies: list[float] = field(default_factory=list)
    requests: int = 0
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        key = make_key(self.keys / "staff.jwk.json", "staff")
        for role in STAFF:
            self.tokens[role] = sign(key, Principal(id=f"bench.{role.value}", role=role), LASTS)
        for role in (Role.UNIT_CLERK, Role.UNIT_HEAD):
            who = Principal(id=f"bench.{role.value}", role=role, unit_id=UNIT)
            self.tokens[role] = sign(key, who, LASTS)

    async def register(self, wire: Wire, arrived: float) -> dict[str, Any]:
        """A citizen's message; its latency is kept."""
        answered = await self.post(wire, "intake", "/cases", Role.CHANNEL, REGISTRATION)
        self.latencies.append(time.perf_counter() - arrived)
        return answered

    async def whole_case(self, wire: Wire, arrived: float) -> None:
        """From message to close; each command waits until its service has heard of the one before."""
        receipt = await self.register(wire, arrived)
        case, written = f"/cases/{receipt['case_id']}", receipt["written"]
        for service, path, who, body in STEPS:
            told = await self.post(wire, service, f"{case}/{path}", who, body, written)
            written = told["written"]
        shown = {name: receipt[name] for name in ("receipt_no", "query_code")}
        opened = await self.post(wire, "intake", "/citizen-tokens", "", json.dumps(shown).encode())
        for body in RATINGS:
            token, path = opened["token"], f"{case}/evaluations"
            written = (await self.post(wire, "evaluation", path, token, body, written))["written"]

    async def post(
        self, wire: Wire, service: str, path: str, who: str, body: bytes, after: str = ""
    ) -> dict[str, Any]:
        """One command, until it is carried out. Raises ``Unanswered``."""
        until, pause = time.monotonic() + PATIENCE, 0.05
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if who:
            headers["Authorization"] = f"Bearer {self.tokens.get(who, who)}"
        if after:
            headers["Lianxin-Read-After"] = after
        while True:
            self.requests += 1
            answered = await wire.post(self.bases[service], f"/{service}{path}", headers, body)
            if answered.good:
                found: dict[str, Any] = answered.json()
                return found
            # 409: the service has not heard of the step before yet.
            if answered.status not in (409, 503) or time.monotonic() > until:
                words = answered.body[:300].decode(errors="replace")
                raise Unanswered(f"{service}{path}: {answered.status} {words}")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.4)

    async def run(self, count: int, rate: float | None, whole: bool, at_once: int = 64) -> float:
        """So many cases or registrations, arriving at a rate or always ``at_once`` under way; seconds."""
        return await arrivals(count, rate, self.whole_case if whole else self.register, at_once)


async def arrivals(
    count: int,
    rate: float | None,
    job: Callable[[Wire, float], Awaitable[Any]],
    at_once: int = 64,
) -> float:
    """Run a job so many times; seconds. With a rate each has its instant, however long others take.

    The job is told its instant: what it waited for a free connection counts too.
    """
    places: asyncio.Queue[Wire] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        for _ in range(at_once):
            wire = Wire()
            stack.push_async_callback(wire.close)
            places.put_nowait(wire)

        async def one(arrived: float | None) -> None:
            wire = await places.get()
            await job(wire, time.perf_counter() if arrived is None else arrived)
            places.put_nowait(wire)

        started = time.perf_counter()
        async with asyncio.TaskGroup() as under_way:
            for number in range(count):
                if rate is None:
                    under_way.create_task(one(None))
                    continue
                due = started + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                under_way.create_task(one(due))
        return time.perf_counter() - started
