"""``python -m tools.restore_log`` says what the log has lost, and with ``--write`` puts it back.

Every service keeps what it has stated, so a lost end of the log can be published again from there.
Without ``--write`` nothing is changed. Stop every process first; rebuild every service afterwards.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from itertools import islice

import sqlalchemy as sa
from rich.console import Console
from rich.progress import track

from libs.events.catalog import NewerVersion
from libs.host.schema import rebuild_command
from libs.host.settings import Settings
from libs.log.connect import open_log
from libs.log.port import LogUnavailable, Outgoing, WrongTopic
from libs.log.scan import open_scan
from libs.log.topics import RESTRICTED
from libs.sourcing.database import TRANSIENT, Database, open_database
from libs.sourcing.tables import events
from services.list import NAMES, service_named
from tools.restore_log.comparing import Findings, Seqs, compare
from tools.restore_log.publishing import CASES_AT_ONCE, batches, rewind
from tools.simulate.live import AnotherHost, sole_host

SHOWN = 20
"""So many cases are named one by one."""


class NotRestored(Exception):
    """What keeps the log from being restored; the words say what to do first."""


def main(words: Sequence[str] | None = None) -> int:
    """0: what is missing was shown, or put back; 1: it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m tools.restore_log", description=__doc__)
    parser.add_argument("--realm", default="", choices=["", RESTRICTED])
    parser.add_argument("--write", action="store_true", help="put back what is missing")
    given = parser.parse_args(words)
    settings = Settings().in_realm(given.realm)
    try:
        with sole_host(settings):
            asyncio.run(restore(settings, given.write))
    except (
        AnotherHost,
        NotRestored,
        NewerVersion,
        LogUnavailable,
        WrongTopic,
        *TRANSIENT,
    ) as error:
        print(f"Not restored: {error}", file=sys.stderr)
        return 1
    return 0


async def restore(settings: Settings, write: bool) -> None:
    """Compare the streams of all services with the log, tell, and with ``write`` put right."""
    topics = settings.topics()
    databases = {name: _streams(settings, name) for name in NAMES}
    log = open_log(settings.log_url)
    await log.prepare(topics.partitions())  # a topic that is gone altogether is made, and filled
    scan = await open_scan(settings.log_url)
    try:
        ends = await scan.ends(topics.case_events)
        findings = await compare(scan, topics.case_events, ends, databases)
        tell(findings)
        if not write:
            print("Nothing was written." + (" --write puts it back." if findings.missing else ""))
            return
        _refuse(findings, topics.case_events, settings.realm)
        for name, database in databases.items():  # first: from here on no service starts
            await rewind(scan, topics.case_events, ends, service_named(name), database)
        total = -(-len(findings.missing) // CASES_AT_ONCE)
        bar = Console(stderr=True)
        for batch in track(batches(findings, databases), "publishing", total, console=bar):
            await log.append(
                [Outgoing(topics.case_events, r.case_id, r.headers, r.value) for r in batch]
            )
        print(f"{count(findings.missing)} facts were put back. Now, before any service starts:")
        for name in NAMES:
            print(f"  {rebuild_command(name, settings.realm)}")
    finally:
        await scan.close()
        await log.close()
        for database in databases.values():
            database.dispose()


def _streams(settings: Settings, name: str) -> Database:
    database = open_database(settings.database_of(name))
    if not sa.inspect(database.engine).has_table(events.name):
        command = rebuild_command(name, settings.realm)
        raise NotRestored(f"{name} has no streams here; bring them back first: {command}")
    return database


def _refuse(findings: Findings, topic: str, realm: str) -> None:
    if findings.ahead:
        commands = "; ".join(rebuild_command(name, realm) for name in findings.ahead)
        raise NotRestored(
            f"the log holds facts that databases lack; bring them back first: {commands}"
        )
    if findings.buried:
        raise NotRestored(
            f"on {len(findings.buried)} case(s) facts were stated after others had been lost, and "
            f"readers would drop the lost ones. Remove all records of {topic} and run this again: the "
            "streams hold every one of them"
        )


def tell(findings: Findings) -> None:
    """What is missing: case by case, then by owner."""
    if not findings.missing and not findings.buried:
        print("The log holds every fact that the services have stated.")
    for word, found in (("missing", findings.missing), ("buried", findings.buried)):
        for case_id, owners in islice(sorted(found.items()), SHOWN):
            print(f"{word}  {case_id}  " + ", ".join(f"{o} {_span(s)}" for o, s in owners.items()))
        if len(found) > SHOWN:
            print(f"{word}  and {len(found) - SHOWN} more cases")
        for name in NAMES:
            those = {case_id: owners for case_id, owners in found.items() if name in owners}
            if those:
                print(f"{word}  {name}: {count(those, name)} facts of {len(those)} cases")


def count(found: Mapping[str, Mapping[str, Seqs]], owner: str = "") -> int:
    """How many facts, of one owner or of all."""
    return sum(len(s) for one in found.values() for name, s in one.items() if owner in ("", name))


def _span(seqs: Seqs) -> str:
    whole = len(seqs) > 1 and seqs[-1] - seqs[0] == len(seqs) - 1
    return f"{seqs[0]}-{seqs[-1]}" if whole else " ".join(map(str, seqs))


if __name__ == "__main__":
    sys.exit(main())
