"""``make run``: the whole platform in one process on the embedded log, with a city's cases to look at.

The first start plays a few hundred invented cases of the last eight weeks on a virtual clock; a kill in
the middle is made good by the next start, and a start with everything there plays nothing.
"""

import asyncio
import fcntl
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from libs.host.process import serve, set_up
from libs.host.run import BOTH_REALMS, Host, utc_now
from libs.host.settings import Settings
from libs.host.telemetry import configure_logging
from libs.host.tokens import make_key, sign
from libs.rules.calendar import SHANGHAI
from libs.rules.rights import Principal
from libs.rules.roles import Role
from libs.rules.rules import shipped_rules
from services.list import all_services
from tools.simulate.generate import generate
from tools.simulate.people import People
from tools.simulate.play import Stage, horizon
from tools.walk import walk

CASES = 300
MARK = Path("var/demo.json")
LOCK = Path("var/demo.lock")


def main() -> int:
    """0 when stopped as asked, 2 if a platform runs here already."""
    console = Console(stderr=True)
    settings = Settings()
    configure_logging("WARNING")
    with _alone() as alone:
        if not alone:
            console.print("A platform runs here already (var/demo.lock). Stop it first.")
            return 2
        asyncio.run(load_city(settings, console))
        configure_logging(settings.log_level)
        logging.getLogger("uvicorn.error").setLevel("WARNING")
        words = walk(f"http://{settings.bind}:{settings.port}", _tokens(settings))
        set_up()
        host = Host(all_services(), settings, realms=BOTH_REALMS, ready=lambda: print(words, flush=True))
        serve(host.app(), settings)
    return 0


async def load_city(settings: Settings, console: Console) -> None:
    """Play the demonstration's cases up to the instant of the first start, unless that was done."""
    mark = _mark()
    if mark["done"]:
        return
    rules = shipped_rules(settings.policy, settings.city)
    until = datetime.fromisoformat(str(mark["until"]))
    people = People(rules)
    cases = [people.case(message) for message in generate(rules, CASES, until)]
    stage = Stage(_in_haste(settings), rules, horizon(cases))
    await stage.host.start()
    try:
        columns = (TextColumn("loading a city's cases"), BarColumn(), TextColumn("{task.fields[now]}"))
        with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
            total = sum(len({step.at for step in case.steps}) for case in cases)
            task = bar.add_task("", total=total, now="")

            def advance(done: int) -> None:
                bar.update(task, advance=done, now=f"{stage.clock.at:%Y-%m-%d}")

            await stage.play(cases, until, advance)
    finally:
        await stage.host.stop()
    _write_mark(mark | {"done": True})


def _mark() -> dict[str, str | bool]:
    """The instant of the first start, kept so that a second try plays the very same."""
    MARK.parent.mkdir(parents=True, exist_ok=True)
    if not MARK.exists():
        now = utc_now().astimezone(SHANGHAI).replace(microsecond=0)
        _write_mark({"until": now.isoformat(), "done": False})
    mark: dict[str, str | bool] = json.loads(MARK.read_text())
    return mark


def _write_mark(mark: dict[str, str | bool]) -> None:
    draft = MARK.with_suffix(".draft")
    draft.write_text(json.dumps(mark))
    draft.replace(MARK)  # whole or not at all, whenever it is killed


def _in_haste(settings: Settings) -> Settings:
    """The same files without waiting for the disk: what is invented can be invented again."""

    def haste(url: str) -> str:
        return f"{url}?synchronous=OFF" if url.startswith("sqlite") and "?" not in url else url

    return settings.model_copy(
        update={
            "log_url": haste(settings.log_url),
            "database_url": haste(settings.database_url),
            "vault_url": haste(settings.vault_url),
            "pace": 0.0,
            "trace_share": 0.0,
        }
    )


def _tokens(settings: Settings) -> dict[str, str]:
    """A day's token for each part in the walk. The key that signs them lies in var/keys."""
    key = make_key(settings.token_jwks_file.parent / "staff.jwk.json", "staff")

    def token(role: Role, unit_id: str | None = None) -> str:
        principal = Principal(id=f"demo.{role.value}", role=role, unit_id=unit_id)
        return sign(key, principal, timedelta(days=1))

    return {
        "CHANNEL": token(Role.CHANNEL),
        "ACCEPTOR": token(Role.ACCEPTOR),
        "DISPATCHER": token(Role.DISPATCHER),
        "CLERK": token(Role.UNIT_CLERK, "mc.chengguan"),
        "HEAD": token(Role.UNIT_HEAD, "mc.chengguan"),
        "AUDITOR": token(Role.AUDITOR),
        "AGENT": token(Role.CALLBACK_AGENT),
        "SUPERVISOR": token(Role.SUPERVISOR),
        "ANALYST": token(Role.ANALYST),
    }


@contextmanager
def _alone() -> Iterator[bool]:
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


if __name__ == "__main__":
    sys.exit(main())
