"""``python -m tools.log``: what lies in the log, at LOG_URL. It decrypts nothing and changes nothing.

list      records, the newest last
follow    the same, and goes on as they come
history   one case in words, by its id or its receipt number
stats     how many of which type, where
"""

import argparse
import asyncio
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from libs.events.catalog import CATALOG
from libs.host.reference import published_rules
from libs.host.settings import Settings
from libs.log.port import LogUnavailable, Positions, WrongTopic
from libs.log.scan import Scan, open_scan
from libs.log.topics import RESTRICTED
from libs.rules.calendar import SHANGHAI
from tools.log import reading, showing
from tools.log.names import Names
from tools.log.reading import BadInput, Found, Wanted

LOOK_EVERY = 0.3
AGO = re.compile(r"(\d+)([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
OWNERS = sorted({event.owner() for event in CATALOG.values()})


def main(words: Sequence[str] | None = None) -> int:
    """0: shown; 1: the log cannot be reached; 2: what was asked for cannot be."""
    given = _parser().parse_args(words)
    try:
        asyncio.run(_show(given))
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except LogUnavailable as error:
        print(f"The log cannot be read: {error}", file=sys.stderr)
        return 1
    except (BadInput, WrongTopic, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--realm", choices=["", RESTRICTED], default=None, help="default: REALM")
    common.add_argument("--topic", help="default: the realm's case-events")
    common.add_argument("--lang", choices=["zh", "en"], default="zh")
    chosen = argparse.ArgumentParser(add_help=False)
    chosen.add_argument("--case", metavar="ID", help="a case id or a receipt number")
    chosen.add_argument("--type", metavar="T", help="CaseAssigned, or dispatch.CaseAssigned")
    chosen.add_argument("--owner", metavar="SERVICE", help=", ".join(OWNERS))
    chosen.add_argument("--since", metavar="T", help="2026-03-02, '2026-03-02 09:00', 30m, 2h, 3d")
    chosen.add_argument(
        "--limit", type=int, help="list: the newest so many (50); follow: then stop"
    )
    chosen.add_argument("--json", action="store_true", help="a line of JSON per record")
    parser = argparse.ArgumentParser(
        prog="python -m tools.log",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    kinds.add_parser("list", parents=[common, chosen], help="records, the newest last")
    kinds.add_parser("follow", parents=[common, chosen], help="go on as they come, until Ctrl-C")
    kinds.add_parser("stats", parents=[common], help="how many of which type, where")
    history = kinds.add_parser("history", parents=[common], help="one case in words")
    history.add_argument("case", metavar="CASE_ID|RECEIPT_NO")
    return parser


async def _show(given: argparse.Namespace) -> None:
    settings = Settings()
    if given.realm is not None:
        settings = settings.in_realm(given.realm)
    topic = given.topic or settings.topics().case_events
    names = Names(await published_rules(settings), given.lang)
    scan = await open_scan(settings.log_url)
    try:
        match given.what:
            case "list":
                await _list(scan, topic, await _wanted(scan, topic, given), given, names)
            case "follow":
                await _follow(scan, topic, await _wanted(scan, topic, given), given, names)
            case "history":
                case_id = await reading.case_of(scan, topic, given.case)
                told = await reading.history_of(scan, topic, case_id)
                showing.show_history(topic, told, names)
            case "stats":
                await _stats(scan, topic, names)
    finally:
        await scan.close()


async def _wanted(scan: Scan, topic: str, given: argparse.Namespace) -> Wanted:
    audit = topic.endswith("audit-events")
    known = {name for type_ in CATALOG for name in (type_, type_.partition(".")[2])}
    if given.type is not None and given.type not in known and not audit:
        near = sorted(name for name in known if given.type.lower() in name.lower())
        there = ", ".join(near or sorted(CATALOG))
        raise BadInput(f"No event is called {given.type}. There are: {there}.")
    if given.owner is not None and given.owner not in OWNERS and not audit:
        raise BadInput(f"{given.owner} states no events. Who does: {', '.join(OWNERS)}.")
    if given.limit is not None and given.limit < 1:
        raise BadInput("--limit counts from 1.")
    case_id = await reading.case_of(scan, topic, given.case) if given.case else None
    since = _instant(given.since) if given.since else None
    return Wanted(case_id, given.type, given.owner, since)


def _instant(text: str) -> datetime:
    ago = AGO.fullmatch(text)
    if ago:
        return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"--since {text} is no time. Write 2026-03-02, '2026-03-02 09:00', 30m, 2h or 3d."
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


async def _list(
    scan: Scan, topic: str, wanted: Wanted, given: argparse.Namespace, names: Names
) -> None:
    newest: list[Found] = []
    limit = given.limit or 50
    async for found in reading.search(scan, topic, wanted, {}, await scan.ends(topic)):
        newest.append(found)
        if len(newest) > 10_000 + limit:
            newest = _newest(newest, limit)
    newest = _newest(newest, limit)
    if given.json:
        for found in newest:
            print(showing.as_json(found))
    else:
        showing.show_list(newest, names)


def _newest(found: list[Found], limit: int) -> list[Found]:
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda f: (f.at or never, f.record.partition, f.record.offset))[
        -limit:
    ]


async def _follow(
    scan: Scan, topic: str, wanted: Wanted, given: argparse.Namespace, names: Names
) -> None:
    ends = await scan.ends(topic)
    start: Positions = {} if wanted.since else ends
    left = given.limit
    while True:
        async for found in reading.search(scan, topic, wanted, start, ends):
            if given.json:
                print(showing.as_json(found), flush=True)
            else:
                showing.show_line(found, names)
            if left is not None:
                left -= 1
                if left == 0:
                    return
        await asyncio.sleep(LOOK_EVERY)
        start, ends = ends, await scan.ends(topic)


async def _stats(scan: Scan, topic: str, names: Names) -> None:
    counted: Counter[tuple[str, int]] = Counter()
    ends = await scan.ends(topic)
    async for found in reading.search(scan, topic, Wanted(), {}, ends):
        counted[found.type, found.record.partition] += 1
    showing.show_stats(topic, counted, ends, names.lang)


if __name__ == "__main__":
    sys.exit(main())
