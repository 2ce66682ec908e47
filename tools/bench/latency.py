"""How soon a fact is seen: from the instant a command states it until the last view that shows it has it."""

import asyncio
import time
from datetime import datetime

from libs.host.tokens import make_key, sign
from libs.rules.rights import Principal
from libs.rules.roles import Role
from tools.bench.cpu import spent
from tools.bench.driver import LASTS, STEPS, Driver, arrivals
from tools.bench.figures import Run, percentile
from tools.bench.places import Place
from tools.bench.wire import Wire

# An acceptance is heard by all six. Each of these reads waits until its service has it.
READS = {
    "intake": ("/cases/{case}", Role.SUPERVISOR),
    "dispatch": ("/cases?limit=1", Role.SUPERVISOR),
    "supervision": ("/cases/{case}/clocks", Role.SUPERVISOR),
    "feedback": ("/replies?limit=1", Role.AUDITOR),
    "evaluation": ("/callbacks?limit=1", Role.SUPERVISOR),
    "analytics": ("/totals", Role.SUPERVISOR),
}
WAITED = 1.9
"""A read that took so long has given up waiting: the view did not have it in two seconds."""


class Watcher:
    """Accepts cases and looks at the six services' views of each."""

    def __init__(self, place: Place) -> None:
        self.place, self.driver = place, Driver(place.bases, place.keys)
        key = make_key(place.keys / "staff.jwk.json", "staff")
        for role in (Role.SUPERVISOR, Role.AUDITOR):
            self.driver.tokens[role] = sign(
                key, Principal(id=f"bench.{role.value}", role=role), LASTS
            )
        self.seconds: list[float] = []
        self.late = 0

    async def watch(self, wire: Wire, arrived: float) -> None:
        """One case."""
        receipt = await self.driver.register(wire, arrived)
        service, path, who, body = STEPS[0]
        case = receipt["case_id"]
        told = await self.driver.post(
            wire, service, f"/cases/{case}/{path}", who, body, receipt["written"]
        )
        stated = datetime.fromisoformat(told["events"][-1]["occurred_at"]).timestamp()
        seen = await asyncio.gather(*(self._seen(name, case, told["written"]) for name in READS))
        self.seconds.append(max(at for at, _ in seen) - stated)
        self.late += any(waited > WAITED for _, waited in seen)

    async def _seen(self, service: str, case: str, written: str) -> tuple[float, float]:
        path, role = READS[service]
        headers = {
            "Authorization": f"Bearer {self.driver.tokens[role]}",
            "Lianxin-Read-After": written,
        }
        wire, began = Wire(), time.perf_counter()
        try:
            place = self.place.bases[service]
            answered = await wire.get(place, f"/{service}{path.format(case=case)}", headers)
        finally:
            await wire.close()
        if not answered.good:
            raise RuntimeError(f"{service}{path}: {answered.status} {answered.body[:300]!r}")
        return time.time(), time.perf_counter() - began


def views(place: Place, count: int, rate: float, warm: int) -> Run:
    """Acceptances at a fixed rate, each looked for in all six services."""
    watcher = Watcher(place)
    asyncio.run(arrivals(warm, rate, watcher.watch))
    watcher.seconds.clear()
    watcher.late = 0
    with spent(place.parts) as cpu:
        asyncio.run(arrivals(count, rate, watcher.watch))
    figures = {
        "p50_ms": percentile(watcher.seconds, 0.5) * 1000,
        "p99_ms": percentile(watcher.seconds, 0.99) * 1000,
        "late": float(watcher.late),
    }
    return Run(figures, cpu)
