"""The whole platform in one process, with a clock in hand, for journeys: HTTP in, events out."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from libs.host.run import BOTH_REALMS, Host
from libs.host.service import Service
from libs.host.settings import Settings
from libs.host.tokens import make_key, sign
from libs.rules.rights import Principal
from libs.rules.roles import Role
from services.list import all_services
from tools.quiet import until_quiet

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Nine in the morning of an ordinary Monday in China."""


class Clock:
    """A clock in hand. It only moves when it is told to."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Now."""
        return self.at


class Platform:
    """Six services in both realms in one process, reached over HTTP through the real application."""

    def __init__(self, host: Host, clock: Clock, http: httpx.AsyncClient) -> None:
        self.host, self.clock, self.http = host, clock, http
        self._staff = make_key(host.settings.token_jwks_file.parent / "staff.jwk.json", "staff")

    def token(self, role: Role | str, name: str | None = None, **more: Any) -> str:
        """A staff token. ``more``: unit_id, adcode, realm, contractor."""
        role = Role(role)
        return sign(self._staff, Principal(id=name or f"{role}-1", role=role, **more), timedelta(days=1))

    async def get(self, path: str, token: str, **headers: str) -> httpx.Response:
        """Read."""
        return await self.http.get(path, headers={"Authorization": f"Bearer {token}", **headers})

    async def post(
        self, path: str, token: str, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> httpx.Response:
        """Put a command, with a key of its own unless one is given."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or uuid.uuid4().hex}
        return await self.http.post(path, json=body or {}, headers=headers)

    async def settle(self) -> None:
        """Wait until every service has heard and done everything there is to hear and do now."""
        await until_quiet(self.host)

    async def wait(self, **time: float) -> None:
        """Let time pass, deadline by deadline: ``days=``, ``hours=`` ..."""
        until = self.clock.at + timedelta(**time)
        await self.settle()
        while True:
            wakes = [r.next_wake for r in self.host.running if r.next_wake is not None]
            due = min((at for at in wakes if at <= until), default=None)
            if due is None:
                break
            self.clock.at = max(self.clock.at, due)
            for running in self.host.running:
                running.tick()
            await self.settle()
        self.clock.at = until


@asynccontextmanager
async def platform(
    settings: Settings,
    clock: Clock | None = None,
    services: Sequence[Service] | None = None,
    **more: Any,
) -> AsyncIterator[Platform]:
    """The platform at work, stopped gracefully at the end."""
    clock = clock or Clock()
    host = Host(services or all_services(), settings, clock, realms=BOTH_REALMS, **more)
    await host.start()
    try:
        transport = httpx.ASGITransport(app=host.app(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://city") as http:
            yield Platform(host, clock, http)
    finally:
        await host.stop()


def run(coroutine: Any) -> Any:
    """Run an asynchronous test."""
    return asyncio.run(coroutine)
