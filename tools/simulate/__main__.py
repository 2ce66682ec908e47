"""``python -m tools.simulate FILE`` plays a file of messages and prints what became of them.

It hosts all services itself, on a virtual clock, and refuses to if another host is live on the same
databases. Without LOG_URL and DATABASE_URL it works under ``var/simulation``.
"""

import argparse
import asyncio
import json
import logging
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from libs.host.settings import Settings
from libs.log.port import LogTruncated, LogUnavailable, WrongTopic
from libs.rules.rules import shipped_rules
from tools.simulate.figures import Figures, figures
from tools.simulate.live import AnotherHost, sole_host
from tools.simulate.messages import BadMessage, Message, read_messages
from tools.simulate.people import People
from tools.simulate.play import Failed, Stage, horizon

PACK = "flat-7wd"


def main() -> int:
    """0 if every case came to its end, 1 if not, 2 if the input or the surroundings do not allow it."""
    parser = argparse.ArgumentParser(prog="python -m tools.simulate", description=__doc__)
    parser.add_argument("file", type=Path, help="one JSON object a line: id, title, text, ...")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--limit", type=int, help="only the first so many messages")
    parser.add_argument("--pack", default=PACK, help=f"policy pack (default {PACK})")
    words = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    console = Console(stderr=True)
    try:
        messages = read_messages(words.file, words.limit)
        found = asyncio.run(simulate(messages, settings_for(words.pack), console))
    except (BadMessage, AnotherHost, LogTruncated, LogUnavailable, WrongTopic, ValueError) as error:
        console.print(f"[red]{error}", highlight=False)
        return 2
    except Failed as error:
        console.print(f"[red]A command was not carried out: {error}", highlight=False)
        return 1
    if words.json:
        print(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        Console().print(table_of(found))
    return 0 if found.cases == found.closed + found.referred else 1


def settings_for(pack: str) -> Settings:
    """The surroundings' settings, or ``var/simulation`` where they say nothing."""
    root = "var/simulation"
    settings = Settings(policy=pack, pace=0.0, trace_share=0.0)
    if "LOG_URL" not in os.environ:
        # What can be played again need not survive a power cut.
        settings.log_url = f"sqlite:///{root}/log.db?synchronous=OFF"
    if "DATABASE_URL" not in os.environ:
        settings.database_url = f"sqlite:///{root}/{{service}}.db?synchronous=OFF"
        settings.vault_url = f"sqlite:///{root}/{{service}}.db?synchronous=OFF"
    for name in ("master_key_file", "server_key_file", "token_jwks_file", "citizen_key_file"):
        if name.upper() not in os.environ:
            setattr(settings, name, Path(root) / "keys" / getattr(settings, name).name)
    return settings


async def simulate(messages: list[Message], settings: Settings, console: Console) -> Figures:
    """Play messages and count what became of them."""
    rules = shipped_rules(settings.policy, settings.city)
    people = People(rules)
    cases = [people.case(message) for message in messages]
    stage = Stage(settings, rules, horizon(cases))
    with sole_host(settings):
        await stage.host.start()
        try:
            with Progress(
                TextColumn("playing"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[now]}"),
                TimeRemainingColumn(),
                console=console,
            ) as bar:
                total = sum(len({step.at for step in case.steps}) for case in cases)
                task = bar.add_task("", total=total, now="")
                await stage.play(
                    cases,
                    progress=lambda done: bar.update(task, advance=done, now=f"{stage.clock.at:%Y-%m-%d}"),
                )
            return await figures(stage.host, cases)
        finally:
            await stage.host.stop()


def table_of(found: Figures) -> Table:
    """The figures, with what each counts."""
    table = Table(title="Simulation", show_header=True)
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("what it counts")
    for name, value in found.as_dict().items():
        table.add_row(name, f"{value:,}", Figures.MEANING[name])
    return table


if __name__ == "__main__":
    sys.exit(main())
