"""``python -m tools.whatif --pack OTHER``: what another policy pack would change in a log's cases.

Reads the log at LOG_URL and writes nothing to it. Every case's facts are replayed under the other
pack with supervision's own rules, as of the log's last time: which deadlines, warnings and breaches
would be other than stated. It cannot know what people would have done then.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from libs.events.catalog import NewerVersion
from libs.events.envelope import BadEnvelope, decode, read_attributes
from libs.host.reference import published_rules
from libs.host.settings import Settings
from libs.log.port import LogUnavailable, Record, WrongTopic
from libs.log.scan import Scan, open_scan
from libs.log.topics import RESTRICTED
from libs.rules.calendar import SHANGHAI
from libs.rules.rules import Rules
from tools.whatif.figures import CANNOT, Figures, figures
from tools.whatif.replay import Pair, Replay

UNREADABLE = "a record of it cannot be read here"


def main(words: Sequence[str] | None = None) -> int:
    """0: shown; 1: the log cannot be reached; 2: what was asked for cannot be."""
    given = _parser().parse_args(words)
    try:
        found = asyncio.run(_ask(given))
    except LogUnavailable as error:
        print(f"The log cannot be read: {error}", file=sys.stderr)
        return 1
    except (WrongTopic, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    show(found, Console())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.whatif",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pack", required=True, help="the other pack: id, or id/version")
    parser.add_argument("--since", help="only cases registered since then: 2026-03-02")
    parser.add_argument("--limit", type=int, help="only so many cases, as they come")
    parser.add_argument("--examples", type=int, default=10, help="cases to show (10)")
    parser.add_argument("--log", help="another log than LOG_URL: sqlite:/// or kafka://")
    parser.add_argument("--realm", choices=["", RESTRICTED], default=None, help="default: REALM")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser


async def _ask(given: argparse.Namespace) -> Figures:
    if (given.limit is not None and given.limit < 1) or given.examples < 0:
        raise ValueError("--limit counts from 1, --examples from 0.")
    settings = Settings()
    if given.log is not None:
        settings = settings.model_copy(update={"log_url": given.log})
    if given.realm is not None:
        settings = settings.in_realm(given.realm)
    rules = await published_rules(settings)
    pack = rules.pack(given.pack).name
    since = _day(given.since) if given.since else None
    scan = await open_scan(settings.log_url)
    try:
        replays, as_of = await replay_log(scan, settings.topics().case_events, pack, rules)
    finally:
        await scan.close()
    chosen = [r for r in replays if since is None or (r.registered_at or since) >= since]
    found = figures(chosen[: given.limit], pack, as_of, given.examples)
    if given.json is not None:
        given.json.write_text(json.dumps(found.as_dict(), ensure_ascii=False, indent=2) + "\n")
    return found


async def replay_log(
    scan: Scan, topic: str, pack: str, rules: Rules
) -> tuple[list[Replay], datetime]:
    """Every case of a topic under both packs, and the last time at which something was recorded."""
    ends = await scan.ends(topic)
    cases: dict[str, Replay] = {}
    last = datetime.min.replace(tzinfo=UTC)
    columns = TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=sum(ends.values()))
        async for batch in scan.read(topic, {}, ends):
            progress.advance(task, len(batch))
            for record in batch:
                last = max(last, _hear(record, cases, pack, rules))
        progress.update(task, completed=sum(ends.values()))
    return list(cases.values()), last


def _hear(record: Record, cases: dict[str, Replay], pack: str, rules: Rules) -> datetime:
    """Give a record to its case; when it was recorded. What was sent twice is heard once."""
    case_id = (record.key or b"").decode("utf-8", "replace")
    replay = cases.get(case_id)
    if replay is None:
        replay = cases[case_id] = Replay(case_id, pack, rules)
    try:
        attributes = read_attributes(record.headers)
        if attributes.seq > replay.last_seq.get(attributes.owner, 0):
            replay.last_seq[attributes.owner] = attributes.seq
            replay.take(decode(attributes, record.value or b"").event)
        return attributes.recorded_at
    except (BadEnvelope, NewerVersion, ValueError):
        replay.broken = UNREADABLE
        return datetime.min.replace(tzinfo=UTC)


def _day(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--since {text} is no time. Write 2026-03-02.") from None
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def show(found: Figures, console: Console) -> None:
    """The table of timers, examples, and what the figures cannot say."""
    as_of = _local(found.as_of)
    console.print(f"{found.cases:,} cases under {found.pack}, as of {as_of}", highlight=False)
    console.print(
        f"{found.agreeing:,} of them, replayed under their own pack, say exactly what the log says; "
        f"{found.kept:,} facts hold instants that were granted and are kept.",
        highlight=False,
        soft_wrap=True,
    )
    for reason, number in found.left_out.items():
        console.print(f"Left out: {number:,} cases, {reason}", highlight=False)
    console.print(_timers(found))
    if found.examples:
        console.print(_examples(found.examples))
    console.print("What cannot be replayed:")
    for words in CANNOT:
        console.print(f"- {words}", highlight=False, soft_wrap=True)


def _timers(found: Figures) -> Table:
    table = Table(title="Timers as stated, and under the other pack", box=SIMPLE)
    table.add_column("timer")
    table.add_column("pack")
    for name in ("clocks", "mean days", "amber", "red", "breaches", "late only here"):
        table.add_column(name, justify="right")
    for step, timer in found.timers.items():
        for pack, side, only in (
            ("stated", timer.stated, timer.late_only_stated),
            ("other", timer.other, timer.late_only_other),
        ):
            figures = (timer.clocks, side.amber, side.red, side.breaches, len(only))
            clocks, *counts = (f"{figure:,}" for figure in figures)
            mean = f"{side.days / timer.clocks:.2f}"
            table.add_row(step if pack == "stated" else "", pack, clocks, mean, *counts)
    return table


def _examples(pairs: Sequence[Pair]) -> Table:
    table = Table(title="Cases that are late under one pack only", box=None, pad_edge=False)
    for name in ("receipt", "timer", "begun", "due stated", "due other", "late"):
        table.add_column(name, no_wrap=True)
    for pair in pairs:
        late = "stated" if pair.stated.breached else "other"
        dues = (_local(due)[5:] for due in (pair.stated.due_at, pair.other.due_at))
        begun = _local(pair.stated.started_at)
        table.add_row(pair.receipt_no, f"{pair.step} {pair.sla_class}", begun, *dues, late)
    return table


def _local(at: datetime) -> str:
    """As a clock in China shows it; the 24:00 that ends a day is 00:00 of the next."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at.year > 1 else "no time"


if __name__ == "__main__":
    sys.exit(main())
