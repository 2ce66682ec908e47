"""Compares with django-helpdesk on the same PostgreSQL: create, assign, reply, close and read a ticket.

It is fetched from the package index into an environment of its own under the cache, when first measured.
"""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench.cases import REPLY, TEXT, TITLE
from tools.bench.cpu import spent
from tools.bench.driver import arrivals
from tools.bench.figures import Run, median
from tools.bench.places import Worker, await_ready, compiled
from tools.bench.wire import Answer, Wire
from tools.cluster import children, jars
from tools.cluster.postgres import USER, Postgres

WANTED = (
    "django-helpdesk==2.6.1",
    "Django==5.2.19",
    "djangorestframework==3.18.3",
    "gunicorn==27.0.1",
    "psycopg[binary]==3.3.9",
)
VERSION = WANTED[0]
CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE = "helpdesk"
CSRF = "b" * 32
SERVER = ("-m", "gunicorn", "-w", "2", "-k", "gthread", "--threads", "4", "--keep-alive", "75")


class NotFetched(Exception):
    """The package index did not give it; the words are pip's last."""


def environment_of_its_own() -> Path:
    """The Python that has it. Raises ``NotFetched``."""
    name = hashlib.sha256("\n".join(WANTED).encode()).hexdigest()[:12]
    place = jars.cache().parent / f"helpdesk-{name}"
    with jars.alone(place):
        if not (place / "whole").exists():
            shutil.rmtree(place, ignore_errors=True)
            made, said = children.run([sys.executable, "-m", "venv", place], limit_s=120)
            if made == 0:
                pip: list[str | Path] = [
                    place / "bin/python",
                    "-m",
                    "pip",
                    "install",
                    "-q",
                    *WANTED,
                ]
                made, said = children.run(pip, limit_s=600)
            if made != 0:
                raise NotFetched(f"{VERSION} could not be fetched: {said[-300:]}")
            (place / "whole").touch()
    return place / "bin/python"


@dataclass(frozen=True, slots=True)
class Site:
    """A prepared site. ``session`` and the ids are of the clerk and the queue that it has."""

    python: Path
    postgres: Postgres
    queue: int
    clerk: int
    session: str

    def command(self, *words: str) -> list[str]:
        """What starts a process of it."""
        return [str(self.python), *words]


def _environment(postgres: Postgres) -> dict[str, str]:
    return {
        **compiled(os.environ),
        "PYTHONPATH": str(CHECKOUT),
        "DJANGO_SETTINGS_MODULE": "tools.bench.helpdesk.settings",
        "HELPDESK_PORT": str(postgres.port),
        "HELPDESK_USER": USER,
        "HELPDESK_DATABASE": DATABASE,
    }


def new_site(postgres: Postgres) -> Site:
    """Its tables, a queue and a clerk, in a new database. Raises ``NotFetched``."""
    python = environment_of_its_own()
    postgres.create_database(DATABASE)
    told = subprocess.run(
        [python, "-m", "tools.bench.helpdesk.inside", "prepare"],
        env=_environment(postgres),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if told.returncode != 0:
        raise RuntimeError(f"{VERSION} could not be prepared: {told.stderr[-600:]}")
    return Site(python, postgres, **json.loads(told.stdout.splitlines()[-1]))


def over_http(site: Site, count: int, runs: int) -> Run:
    """Two workers of four threads, eight tickets under way, each on a connection of its own.

    Connections kept for longer stay with the worker that took them, and one may have them all: then half of
    its rate was measured.
    """
    address = f"127.0.0.1:{children.free_port()}"
    app = ("-b", address, "django.core.wsgi:get_wsgi_application()")
    with _process(site, *SERVER, *app) as process:
        base = f"http://{address}"
        await_ready(base, process, "/login/")
        parts = {"postgres": site.postgres.process_id, "helpdesk": process.pid}

        async def ticket(wire: Wire, arrived: float) -> None:
            await _ticket(site, base, wire)
            await wire.close()

        def once() -> Run:
            with spent(parts) as cpu:
                seconds = asyncio.run(arrivals(count, None, ticket, at_once=8))
            figures = {
                "cases_per_second": count / seconds,
                "cpu_ms_per_case": cpu.others / count * 1000,
            }
            return Run(figures, cpu)

        asyncio.run(arrivals(20, None, ticket, at_once=8))
        return median("cases_per_second", runs, once)


async def _ticket(site: Site, base: str, wire: Wire) -> None:
    """By its REST interface; but to assign and to read by its pages, the quickest way it offers: by
    REST each of these two loads every ticket there is first."""
    headers = {
        "Cookie": f"sessionid={site.session}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
        "Referer": base,
    }

    async def post(path: str, **body: Any) -> Answer:
        return _good(await wire.post(base, path, headers, json.dumps(body).encode()))

    made = await post("/api/tickets/", queue=site.queue, title=TITLE, description=TEXT, priority=3)
    number = made.json()["id"]
    _good(await wire.get(base, f"/tickets/{number}/?take", headers), 302)
    await post("/api/followups/", ticket=number, comment=REPLY, public=True)
    await post("/api/followups/", ticket=number, comment=REPLY, public=True, new_status=4)
    page = _good(await wire.get(base, f"/tickets/{number}/", headers))
    if REPLY[:20].encode() not in page.body:
        raise RuntimeError("the ticket's page does not show the reply")


def _good(answer: Answer, *more: int) -> Answer:
    if not (answer.good or answer.status in more):
        raise RuntimeError(f"{VERSION} answered {answer.status}: {answer.body[:300]!r}")
    return answer


def by_calls(site: Site, count: int, runs: int) -> Run:
    """Two processes that call its functions, a hundred tickets in a transaction: no HTTP at all."""
    with ExitStack() as stopping:
        workers, parts = [], {"postgres": site.postgres.process_id}
        for number in (1, 2):
            started = _process(site, "-m", "tools.bench.helpdesk.inside")
            process = stopping.enter_context(started)
            workers.append(Worker(process))
            parts[f"helpdesk {number}"] = process.pid

        def play(tickets: int) -> None:
            for worker in workers:
                worker.ask(count=tickets // len(workers), title=TITLE, text=TEXT, reply=REPLY)
            for worker in workers:
                worker.answer()

        def once() -> Run:
            with spent(parts) as cpu:
                play(count)
            figures = {
                "cases_per_second": count / cpu.seconds,
                "cpu_ms_per_case": cpu.others / count * 1000,
            }
            return Run(figures, cpu)

        play(20)
        return median("cases_per_second", runs, once)


@contextmanager
def _process(site: Site, *words: str) -> "Iterator[subprocess.Popen[bytes]]":
    pipes = subprocess.PIPE
    process = subprocess.Popen(
        site.command(*words),
        env=_environment(site.postgres),
        cwd=CHECKOUT,
        stdin=pipes,
        stdout=pipes,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        children.end(process, limit_s=20)
