"""``python -m tools.rebuild SERVICE`` builds a service's views anew from the log, while it goes on working.

It changes no fact. A lost database gets its own events back first; start the service afterwards.
"""

import argparse
import asyncio
import logging
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from libs.events.catalog import NewerVersion
from libs.host.agreement import restore_command
from libs.host.apart import Helpers
from libs.host.process import set_up
from libs.host.rebuild import Rebuilt, cores, rebuild
from libs.host.reference import published_rules
from libs.host.settings import Settings
from libs.log.port import LogTruncated, LogUnavailable, WrongTopic
from libs.sourcing.database import TRANSIENT, Conflict
from services.list import EVERY, service_named


def main() -> int:
    """0 when rebuilt, 1 when the log or the database does not allow it."""
    parser = argparse.ArgumentParser(prog="python -m tools.rebuild", description=__doc__)
    parser.add_argument("service", choices=EVERY, nargs="+")
    parser.add_argument("--realm", default="", choices=["", "restricted"])
    parser.add_argument(
        "--processes",
        type=at_least_one,
        default=cores(),
        help="so many fold a long log side by side; as many as there are cores, if not told",
    )
    words = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    set_up()
    settings, console = Settings().in_realm(words.realm), Console(stderr=True)
    try:
        with Helpers(words.processes - 1, service_named) as helpers:  # before any thread is started
            for name in words.service:
                tell(name, asyncio.run(show(name, settings, console, helpers)))
    except LogTruncated as error:
        said = f"[red]Not rebuilt: {error}. {restore_command(words.realm)}"
        console.print(said, highlight=False, soft_wrap=True)
        return 1
    except Conflict as error:
        said = "a case's facts lie in two partitions, which one process alone can fold: --processes 1"
        console.print(f"[red]Not rebuilt: {error}; {said}", highlight=False)
        return 1
    except (NewerVersion, LogUnavailable, WrongTopic, OSError, ValueError, *TRANSIENT) as error:
        console.print(f"[red]Not rebuilt: {error}", highlight=False)
        return 1
    return 0


def at_least_one(word: str) -> int:
    """A number of processes. Raises ``ArgumentTypeError``, which argparse tells with the option's name."""
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word} is not a number of at least 1")
    return int(word)


def tell(name: str, done: Rebuilt) -> None:
    """What was done, in words."""
    if done.imported:
        print(f"{name}: {done.imported} events of its own brought back; start it now.")
    rows = ", ".join(f"{table} {count}" for table, count in done.rows.items())
    print(f"{name}: {done.records} records read, {done.folded} folded; rows: {rows}", flush=True)


async def show(
    name: str, settings: Settings, console: Console, helpers: Helpers | None = None
) -> Rebuilt:
    """Rebuild one service of the settings' realm, with a progress bar."""
    rules = await published_rules(settings)
    columns = (TextColumn(f"rebuilding {name}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("")

        def tell_progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return await rebuild(service_named(name), settings, rules, tell_progress, helpers)


if __name__ == "__main__":
    sys.exit(main())
