"""Fills a log with the facts of many cases, cheaply: real cases' records again, under new ids.

Sealed words are shared, so nobody can open them; all else is as the services would have stated it.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from libs.events.envelope import read_attributes
from libs.host.run import Host
from libs.host.schema import migrate
from libs.host.settings import Settings
from libs.log.connect import open_log
from libs.log.port import Outgoing, Record
from libs.log.scan import open_scan
from libs.sourcing.database import Database, open_database
from libs.sourcing.store import event_row
from libs.sourcing.tables import events, numbers, positions
from libs.vault.keys import read_master_key
from libs.vault.receipts import Receipts
from services.list import NAMES, all_services
from tools.bench.cases import invented_cases
from tools.bench.chain import play
from tools.bench.places import embedded_settings
from tools.quiet import until_quiet

BATCH = 200
"""Cases that are appended at once."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The records of one case, and the ids in them that another case must have of its own."""

    records: tuple[Record, ...]
    ids: tuple[str, ...]
    receipt_no: str


def _pattern(records: Sequence[Record]) -> Pattern:
    read = [read_attributes(record.headers) for record in records]
    causes = {a.causation_id for a in read} | {a.correlation_id for a in read}
    ids = {a.event_id for a in read} | {read[0].case_id} | causes
    value = next(r.value or b"" for r in records if b'"receipt_no"' in (r.value or b""))
    receipt_no = value.split(b'"receipt_no":"')[1].split(b'"')[0].decode()
    return Pattern(tuple(records), tuple(sorted(i for i in ids if len(i) == 36)), receipt_no)


async def make_patterns(root: Path, count: int = 8) -> list[Pattern]:
    """Play some cases, and keep what was stated of them."""
    settings = embedded_settings(root)
    host = Host(all_services(), settings)
    await host.start()
    try:
        cases = invented_cases(count)
        await play(host, cases)
        await until_quiet(host)
    finally:
        await host.stop()
    scan, found = await open_scan(settings.log_url), defaultdict(list)
    topic = settings.topics().case_events
    async for records in scan.read(topic, {}, await scan.ends(topic)):
        for record in records:
            found[record.key].append(record)
    await scan.close()
    return [_pattern(records) for records in found.values()]


def _again(pattern: Pattern, receipt_no: str) -> Iterator[Record]:
    """The same facts of a new case."""
    # One new id for all, told apart by their last digits: made faster than each for itself.
    fresh = uuid.uuid4().hex
    begin = f"{fresh[:8]}-{fresh[8:12]}-4{fresh[13:16]}-8{fresh[17:20]}-{fresh[20:28]}"
    pairs = [(old.encode(), f"{begin}{n:04x}".encode()) for n, old in enumerate(pattern.ids)]
    pairs.append((pattern.receipt_no.encode(), receipt_no.encode()))
    known = dict(pairs)
    for record in pattern.records:
        value = record.value or b""
        for old, new in pairs:
            if old in value:
                value = value.replace(old, new)
        headers = [(name, known.get(text or b"", text)) for name, text in record.headers]
        yield replace(record, key=known[record.key or b""], headers=headers, value=value)


@dataclass(frozen=True, slots=True)
class History:
    """How much was written."""

    cases: int
    records: int


async def write_history(patterns: Sequence[Pattern], settings: Settings, count: int) -> History:
    """Write so many closed cases into an empty log, and to each service its own events and its
    position at the log's end, as a backup that is brought back has them. The views are not made."""
    topics = settings.topics()
    log = open_log(settings.log_url)
    await log.prepare(topics.partitions())
    databases = {name: open_database(settings.database_of(name)) for name in NAMES}
    for database in databases.values():
        migrate(database)
    receipts = Receipts(read_master_key(settings.server_key_file, settings.make_keys))
    written = 0
    for start in range(0, count, BATCH):
        batch: list[Record] = []
        for number in range(start, min(count, start + BATCH)):
            receipt_no = receipts.number(number + 1)
            batch.extend(_again(patterns[number % len(patterns)], receipt_no))
        await log.append([_outgoing(topics.case_events, record) for record in batch])
        await asyncio.to_thread(_keep, databases, batch)
        written += len(batch)
    await log.close()
    scan = await open_scan(settings.log_url)
    ends = await scan.ends(topics.case_events)
    await scan.close()
    at = [{"topic": topics.case_events, "partition": p, "next": n} for p, n in ends.items()]
    for name, database in databases.items():
        with database.begin() as db:
            database.copy(db, positions, at)
            if name == "intake":
                database.write(db, numbers, [{"name": "receipt", "next": count + 1}])
        database.dispose()
    return History(count, written)


def _outgoing(topic: str, record: Record) -> Outgoing:
    headers = [(name, text or b"") for name, text in record.headers]
    return Outgoing(topic, (record.key or b"").decode(), headers, record.value or b"")


def _keep(databases: dict[str, Database], batch: Sequence[Record]) -> None:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in batch:
        attributes = read_attributes(record.headers)
        rows[attributes.owner].append(event_row(attributes, record.headers, record.value or b""))
    for name, found in rows.items():
        with databases[name].begin() as db:
            databases[name].copy(db, events, found)
