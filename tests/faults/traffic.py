"""Citizens and staff who send each command until it is answered. What was answered is kept as evidence."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from libs.host.tokens import make_key, sign
from libs.rules.rights import Principal
from libs.rules.roles import Role
from tests.faults.platform import Platform

UNIT = "mc.chengguan"
CATEGORY = "0109"
"""Lamps and railings: class U, whose 24 hours run straight, so that a test can choose the due instant."""
HANDLE = timedelta(hours=24)
LONG_AGO = timedelta(days=20)
"""So long ago every limit of acceptance has passed, whatever holidays lie between."""
PATIENCE = 5.0
"""Seconds after which a caller gives a request up and sends it again."""


class Unacceptable(Exception):
    """An answer that no fault of the machines explains."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A fact that a caller was told of with a 2xx answer."""

    case_id: str
    type: str
    seq: int
    event_id: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What becomes of one case: ``registered``, ``accepted`` or ``whole``, and when it was spoken:
    ``now``, ``long_ago``, or ``nearly_due``, so that the promise to the citizen ends within the run."""

    number: int
    way: str
    spoken: str
    left: float


def wishes(dice: random.Random, count: int, accepted: int, whole: int) -> list[Wish]:
    """So many cases, of which some are accepted and some go the whole way, in any order."""
    ways = ["accepted"] * accepted + ["whole"] * whole
    ways += ["registered"] * (count - len(ways))
    dice.shuffle(ways)
    found = []
    for number, way in enumerate(ways):
        shares = (9, 1, 0) if way == "registered" else (2, 1, 2)
        (spoken,) = dice.choices(("now", "long_ago", "nearly_due"), shares)
        found.append(Wish(number, way, spoken, dice.uniform(8, 25)))
    return found


@dataclass
class Traffic:
    """Sends wishes at a rate, each command with one Idempotency-Key until a 2xx answers it."""

    platform: Platform
    seed: int
    wishes: Sequence[Wish]
    rate: float
    at_once: int = 16
    acknowledged: list[Acknowledged] = field(default_factory=list)
    registered: int = 0
    repeated: int = 0
    finished: int = 0
    last_due: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        keys: Path = self.platform.settings.token_jwks_file.parent
        self._staff = make_key(keys / "staff.jwk.json", "staff")
        self._citizen = make_key(self.platform.settings.citizen_key_file, "citizen")
        self._dice = random.Random(self.seed)
        self._places = asyncio.Semaphore(self.at_once)
        roles = (Role.CHANNEL, Role.ACCEPTOR, Role.DISPATCHER, Role.AUDITOR, Role.CALLBACK_AGENT)
        self._tokens: dict[str, str] = {role: self._sign(role) for role in roles}
        of_the_unit = (Role.UNIT_CLERK, Role.UNIT_HEAD)
        self._tokens |= {role: self._sign(role, unit_id=UNIT) for role in of_the_unit}

    def _sign(self, role: Role, **more: Any) -> str:
        citizen = role is Role.CITIZEN
        principal = Principal(id="citizen" if citizen else f"{role.value}-1", role=role, **more)
        return sign(self._citizen if citizen else self._staff, principal, timedelta(hours=1))

    async def run(self, on_registered: Callable[[], None]) -> None:
        """Send everything; returns when every command was answered."""
        limits = httpx.Limits(max_connections=self.at_once * 2)
        loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(timeout=PATIENCE, limits=limits, trust_env=False) as http:
            began = loop.time()
            async with asyncio.TaskGroup() as under_way:
                for wish in self.wishes:
                    await asyncio.sleep(max(0.0, began + wish.number / self.rate - loop.time()))
                    under_way.create_task(self._one(http, wish, on_registered))

    async def _one(
        self, http: httpx.AsyncClient, wish: Wish, on_registered: Callable[[], None]
    ) -> None:
        case_id = await self._register(http, wish)
        self.registered += 1
        if self.registered == len(self.wishes):
            on_registered()
        if wish.way != "registered":
            await self._further(http, wish, case_id)
        self.finished += 1

    async def _register(self, http: httpx.AsyncClient, wish: Wish) -> str:
        now = datetime.now(UTC)
        spoken_at = {
            "now": now,
            "long_ago": now - LONG_AGO,
            "nearly_due": now - HANDLE + timedelta(seconds=wish.left),
        }
        if wish.spoken == "nearly_due":
            self.last_due = max(self.last_due, spoken_at[wish.spoken] + HANDLE)
        body = {
            "channel": "web_portal",
            "privacy_notice": True,
            "kind": "K3",
            "title": f"路灯不亮 {wish.number}",
            "text": f"门口第{wish.number}盏路灯整夜不亮，请派人来修。",
            "occurred_at": spoken_at[wish.spoken].isoformat(),
        }
        answer = await self._post(http, wish, "intake", "/cases", Role.CHANNEL, body)
        return str(answer["case_id"])

    async def _further(self, http: httpx.AsyncClient, wish: Wish, case_id: str) -> None:
        case = f"/cases/{case_id}"

        async def post(service: str, path: str, who: str, body: dict[str, Any]) -> None:
            await self._post(http, wish, service, f"{case}/{path}", who, body)

        await post("intake", "acceptance", Role.ACCEPTOR, {"category": CATEGORY})
        if wish.way == "accepted":
            return
        await post(
            "dispatch", "assignment", Role.DISPATCHER, {"unit_id": UNIT, "note": "夜间巡查队"}
        )
        await post("dispatch", "signature", Role.UNIT_CLERK, {})
        await post("feedback", "contacts", Role.UNIT_CLERK, {"mode": "online", "reached": True})
        reply = {
            "answers": [{"claim": 1, "outcome": "supported"}],
            "text": "灯泡已换，线路已查。",
        }
        await post("feedback", "replies", Role.UNIT_HEAD, reply)
        await post("feedback", "approval", Role.AUDITOR, {})
        called = {"reached": True, "resolved": "yes"}
        await post("evaluation", "callbacks", Role.CALLBACK_AGENT, called)
        citizen = self._sign(Role.CITIZEN, case_id=case_id)
        for target in ("intake", "handling"):
            rating = {"target": target, "level": "satisfied"}
            await post("evaluation", "evaluations", citizen, rating)

    async def _post(
        self,
        http: httpx.AsyncClient,
        wish: Wish,
        service: str,
        path: str,
        who: str,
        body: dict[str, Any],
    ) -> dict[str, Any]:
        key = f"{wish.number}-{service}-{path.rpartition('/')[2]}-{body.get('target', '')}"
        headers = {
            "Authorization": f"Bearer {self._tokens.get(who, who)}",
            "Idempotency-Key": key,
        }
        bases = self.platform.bases(service)
        pause = 0.3
        while True:
            answered = await self._try(
                http, f"{self._dice.choice(bases)}/{service}{path}", body, headers
            )
            if answered is not None and answered.is_success:
                return self._note(answered.json())
            # 409: the service has not heard of the step before, or carries this very key out now.
            if answered is not None and answered.status_code not in (409, 500, 502, 503, 504):
                raise Unacceptable(f"{service}{path}: {answered.status_code} {answered.text[:300]}")
            self.repeated += 1
            await asyncio.sleep(pause * self._dice.uniform(0.7, 1.3))
            pause = min(pause * 1.8, 3.0)

    async def _try(
        self, http: httpx.AsyncClient, url: str, body: dict[str, Any], headers: dict[str, str]
    ) -> httpx.Response | None:
        async with self._places:
            try:
                return await http.post(url, json=body, headers=headers)
            except httpx.TransportError:
                return None  # nobody knows whether it was carried out: sent again with the same key

    def _note(self, answer: dict[str, Any]) -> dict[str, Any]:
        case_id = answer["case_id"]
        for told in answer["events"]:
            self.acknowledged.append(
                Acknowledged(case_id, told["type"], told["seq"], told["event_id"])
            )
        return answer
