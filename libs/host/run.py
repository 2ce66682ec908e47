"""Hosts a list of services as one web application. One service or six: the same code."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp

from libs.host.level import are_level
from libs.host.looks_api import looks_routes
from libs.host.operations import operations_routes
from libs.host.problems import explain
from libs.host.reference import Book
from libs.host.rooms import LimitBody, Rooms
from libs.host.running import Running, World
from libs.host.service import Service
from libs.host.settings import Settings
from libs.host.telemetry import Metrics
from libs.host.tokens import CITIZEN_KID, Tokens, make_key, write_jwks
from libs.host.tracing import Tracing
from libs.log.connect import open_log
from libs.log.port import EventLog, LogUnavailable
from libs.log.topics import RESTRICTED
from libs.rules.reference import Reference
from libs.rules.rules import Rules
from libs.sourcing.database import TRANSIENT, open_database
from libs.vault.keys import Vault, read_master_key
from libs.vault.receipts import Receipts

logger = logging.getLogger(__name__)

HEAR_OUT_SECONDS = 5.0
"""So long at most do deadlines wait after a start for the services of this process to be level: with
traffic there may never be such an instant."""


def utc_now() -> datetime:
    """The time of the machine."""
    return datetime.now(UTC)


class Host:
    """Services of one realm or more, with what they share. ``now`` is handed in: time is an input."""

    def __init__(
        self,
        services: Sequence[Service],
        settings: Settings,
        now: Callable[[], datetime] = utc_now,
        realms: Sequence[str] | None = None,
        log: EventLog | None = None,
        rules: Rules | None = None,
        tracing: Tracing | None = None,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        self.settings, self._tell_ready = settings, ready
        self.log = log or open_log(settings.log_url)
        self.metrics = Metrics()
        self.tracing = tracing or Tracing(settings.trace_share)
        if rules is None:
            shipped = Reference.shipped(settings.policy, settings.city).rules()
            self.book = Book(shipped, settings.log_url, settings.topics().reference_events)
        else:
            self.book = Book.closed(rules)
        self._following: list[asyncio.Task[None]] = []
        self.tokens_key = prepare_keys(settings)
        self.tokens = Tokens(settings.token_jwks_file)
        server_key = read_master_key(settings.server_key_file, settings.make_keys)
        master_key = read_master_key(settings.master_key_file, settings.make_keys)
        self.worlds: dict[str, World] = {}
        self.running: list[Running] = []
        for realm in realms if realms is not None else [settings.realm]:
            here = settings.in_realm(realm)
            vault = Vault(open_database(here.vault_address()), master_key, realm or "normal")
            receipts = Receipts(server_key, realm)
            world = self.worlds[realm] = World(
                here, self.log, vault, receipts, self.book, self.metrics, self.tracing, now
            )
            # Reference data are the same in both realms, and published in one.
            here_hosted = [s for s in services if s.subject == "case" or not realm]
            self.running += [Running(service, world) for service in here_hosted]

    async def start(self) -> None:
        """Topics, key stores, then every service; raises what keeps one from starting."""
        for world in self.worlds.values():
            await asyncio.to_thread(world.vault.prepare)
            await self.log.prepare(world.settings.topics().partitions())
        try:
            await self.book.open()
            for running in self.running:
                running.deadlines.keep_back()
            for running in self.running:
                await running.start()
            self._following = [asyncio.create_task(t) for t in (self._follow(), self._let_deadlines_fire())]
        except BaseException:
            await self.stop()
            raise

    async def _follow(self) -> None:
        """Keep the rules level with the log; without them no service can go on."""
        try:
            await self.book.follow()
        except Exception as error:
            for running in self.running:
                running.fail(f"the reference data cannot be read: {type(error).__name__}: {error}")

    async def _let_deadlines_fire(self) -> None:
        """Let them, once the services here have heard each other out.

        What was stated before a stop may wait for another service, and what that one states then may have
        been in time. A breach would be taken back, but the unit would have been told.
        """
        now = asyncio.get_running_loop().time
        limit = now() + HEAR_OUT_SECONDS
        while now() < limit:
            here = [running for running in self.running if running.failure is None]
            with contextlib.suppress(LogUnavailable):
                if all(r.joined for r in here) and await are_level(here, Running.idle_but_for_deadlines):
                    break
            await asyncio.sleep(0.02)
        for running in self.running:
            running.deadlines.let_fire()

    async def stop(self) -> None:
        """Stop services, then what they share."""
        for task in self._following:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await asyncio.gather(*(running.stop() for running in self.running))
        await self.book.close()
        await self.log.close()
        for world in self.worlds.values():
            world.vault.close()
        self.tracing.close()

    def find(self, service: str, realm: str = "") -> Running:
        """One service at work."""
        for running in self.running:
            if running.service.name == service and running.world.settings.realm == realm:
                return running
        raise KeyError(f"{realm or 'main'}/{service} is not hosted here")

    def app(self) -> ASGIApp:
        """The web application: each service under its name, the restricted realm under its own."""

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            await self.start()
            self._tell_ready()
            guard = asyncio.create_task(self._exit_when_stuck())
            yield
            guard.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await guard
            await self.stop()

        app = FastAPI(title="Lianxin", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
        explain(app)
        app.get("/healthz")(self._health)
        app.get("/readyz")(self._ready)
        app.get("/metrics")(self._metrics)
        rooms = {self._address(running): self._room(running) for running in self.running}
        return Rooms(app, rooms)

    @staticmethod
    def _address(running: Running) -> str:
        realm = running.world.settings.realm
        return f"/{realm}/{running.service.name}" if realm else f"/{running.service.name}"

    def _room(self, running: Running) -> ASGIApp:
        room = FastAPI(
            title=f"Lianxin {running.service.name}",
            version="1",
            docs_url=None,  # its page would load scripts from elsewhere
            redoc_url=None,
        )
        room.state.running = running
        room.state.tokens = self.tokens
        room.state.citizen_key = self.tokens_key
        explain(room)
        # Not include_router: it looks for the route twice, a tenth of a request's cost.
        room.router.routes.extend(running.service.router.routes)
        room.router.routes.extend(operations_routes().routes)
        if running.service.subject == "case":
            room.router.routes.extend(looks_routes().routes)
        return LimitBody(room, running.service.body_limit)

    async def _health(self) -> Response:
        """Alive, and no service has given up. One whose partition waits for an upgrade has not."""
        broken = self._broken(stopped=False)
        return JSONResponse({"status": "stopped" if broken else "alive", "why": broken}, 500 if broken else 200)

    def _broken(self, stopped: bool = True) -> dict[str, str]:
        found = {}
        for running in self.running:
            why = running.failure or ("; ".join(running.stopped.values()) if stopped else "")
            if why:
                realm = running.world.settings.realm
                found[f"{realm}/{running.service.name}" if realm else running.service.name] = why
        return found

    async def _ready(self) -> Response:
        """Whether database and log answer and partitions are assigned, per service."""
        lacks: dict[str, str] = dict(self._broken())
        try:
            await asyncio.wait_for(self.log.check(), 3)
        except (LogUnavailable, TimeoutError) as error:
            lacks["log"] = str(error) or "no answer within 3 s"
        for running in self.running:
            try:
                await asyncio.wait_for(running.ping(), 3)
            except (*TRANSIENT, TimeoutError) as error:
                lacks[f"{running.service.name} database"] = type(error).__name__
            if not running.joined:
                lacks[f"{running.service.name} partitions"] = "none assigned yet"
        return JSONResponse({"status": "not ready" if lacks else "ready", "lacks": lacks}, 503 if lacks else 200)

    async def _metrics(self) -> Response:
        return Response(generate_latest(self.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def _exit_when_stuck(self) -> None:
        """A service that gave up turns /healthz red; after a while the process ends, to be started anew."""
        since: float | None = None
        while True:
            await asyncio.sleep(1)
            failed = [running.failure for running in self.running if running.failure]
            since = (since or time.monotonic()) if failed else None
            if since is not None and time.monotonic() - since > 10:
                logger.critical("exit: %s", "; ".join(failed))
                os._exit(70)


def prepare_keys(settings: Settings) -> Any:
    """The key that signs citizens' tokens, if this process may have it; makes a first run's keys."""
    path = settings.citizen_key_file
    if settings.make_keys and not settings.token_jwks_file.exists():
        staff = make_key(settings.token_jwks_file.parent / "staff.jwk.json", "staff")
        write_jwks(settings.token_jwks_file, staff, make_key(path, CITIZEN_KID))
    return make_key(path, CITIZEN_KID) if path.exists() else None


def host(services: Sequence[Service], settings: Settings, **more: Any) -> ASGIApp:
    """The application for a list of services."""
    return Host(services, settings, **more).app()


BOTH_REALMS = ("", RESTRICTED)
"""The realms that one process serves in the embedded default; in production each has its own."""


def request_realm(request: Request) -> str:
    """The realm that a request came to."""
    running: Running = request.app.state.running
    return running.world.settings.realm
