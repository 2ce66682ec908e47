"""Puts every command of a case over HTTP, at a fixed arrival rate or as fast as it goes."""

import asyncio
import time
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from libs.host.tokens import make_key, sign
from libs.rules.rights import Principal
from libs.rules.roles import Role
from tools.bench.chain import REPLY, TEXT, TITLE

UNIT = "mc.chengguan"
PATIENCE = 60.0


class Unanswered(Exception):
    """A command was not carried out in time."""


@dataclass(slots=True)
class Driver:
    """``bases``: where each service answers. ``latencies``: seconds of each registration."""

    bases: dict[str, str]
    keys: Path
    latencies: list[float] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        key = make_key(self.keys / "staff.jwk.json", "staff")
        for role in (Role.CHANNEL, Role.ACCEPTOR, Role.DISPATCHER, Role.AUDITOR, Role.CALLBACK_AGENT):
            principal = Principal(id=f"bench.{role.value}", role=role)
            self.tokens[role] = sign(key, principal, timedelta(hours=3))
        clerk = Principal(id="bench.clerk", role=Role.UNIT_CLERK, unit_id=UNIT)
        self.tokens[Role.UNIT_CLERK] = sign(key, clerk, timedelta(hours=3))

    async def register(self, http: httpx.AsyncClient) -> dict[str, Any]:
        """A citizen's message; its latency is kept."""
        body = {"channel": "web_portal", "kind": "K3", "title": TITLE, "text": TEXT}
        started = time.perf_counter()
        answered = await self._post(http, "intake", "/cases", Role.CHANNEL, body)
        self.latencies.append(time.perf_counter() - started)
        return answered

    async def whole_case(self, http: httpx.AsyncClient) -> None:
        """From message to close; each service is asked until it has heard of the step before."""
        receipt = await self.register(http)
        case = f"/cases/{receipt['case_id']}"
        written = receipt["written"]

        async def post(
            http: httpx.AsyncClient, service: str, path: str, who: str, body: dict[str, Any]
        ) -> None:
            nonlocal written
            written = (await self._post(http, service, path, who, body, written))["written"]

        await post(http, "intake", f"{case}/acceptance", Role.ACCEPTOR, {"category": "0101"})
        await post(http, "dispatch", f"{case}/assignment", Role.DISPATCHER, {})
        await post(http, "dispatch", f"{case}/signature", Role.UNIT_CLERK, {})
        contact = {"mode": "online", "reached": True}
        await post(http, "feedback", f"{case}/contacts", Role.UNIT_CLERK, contact)
        reply = {
            "answers": [{"claim": 1, "outcome": "supported"}],
            "text": REPLY,
            "signer": f"{UNIT}.head",
        }
        await post(http, "feedback", f"{case}/replies", Role.UNIT_CLERK, reply)
        await post(http, "feedback", f"{case}/approval", Role.AUDITOR, {})
        called = {"reached": True, "resolved": "yes"}
        await post(http, "evaluation", f"{case}/callbacks", Role.CALLBACK_AGENT, called)
        shown = {name: receipt[name] for name in ("receipt_no", "query_code")}
        opened = await self._raw(http, "intake", "/citizen-tokens", shown)
        if not opened.is_success:
            raise Unanswered(f"citizen-tokens: {opened.status_code} {opened.text[:300]}")
        token = opened.json()["token"]
        for target in ("intake", "handling"):
            rating = {"target": target, "level": "satisfied"}
            await post(http, "evaluation", f"{case}/evaluations", token, rating)

    async def _post(
        self,
        http: httpx.AsyncClient,
        service: str,
        path: str,
        who: str,
        body: dict[str, Any],
        after: str = "",
    ) -> dict[str, Any]:
        token = self.tokens.get(who, who)
        until, pause = time.monotonic() + PATIENCE, 0.05
        while True:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
            if after:
                headers["Lianxin-Read-After"] = after
            answered = await self._raw(http, service, path, body, headers)
            if answered.is_success:
                found: dict[str, Any] = answered.json()
                return found
            # 409: the service has not heard of the step before yet.
            if answered.status_code not in (409, 503) or time.monotonic() > until:
                raise Unanswered(f"{service}{path}: {answered.status_code} {answered.text[:300]}")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.4)

    async def _raw(
        self,
        http: httpx.AsyncClient,
        service: str,
        path: str,
        body: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        return await http.post(f"{self.bases[service]}/{service}{path}", json=body, headers=headers)

    async def run(self, count: int, rate: float | None, whole: bool, at_once: int = 64) -> float:
        """So many cases or registrations, arriving at a rate or always ``at_once`` under way; seconds."""
        # A client each: one pool of many connections is searched through for every request.
        places: asyncio.Queue[httpx.AsyncClient] = asyncio.Queue()
        context = httpx.create_ssl_context()
        async with AsyncExitStack() as stack:
            for _ in range(at_once):
                client = httpx.AsyncClient(timeout=PATIENCE, verify=context)
                places.put_nowait(await stack.enter_async_context(client))

            async def one() -> None:
                http = await places.get()
                await (self.whole_case(http) if whole else self.register(http))
                places.put_nowait(http)

            started = time.perf_counter()
            under_way = []
            for number in range(count):
                under_way.append(asyncio.create_task(one()))
                if rate is not None:
                    ahead = started + (number + 1) / rate - time.perf_counter()
                    await asyncio.sleep(max(0.0, ahead))
            await asyncio.gather(*under_way)
            return time.perf_counter() - started


def percentile(values: list[float], share: float) -> float:
    """By nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]
