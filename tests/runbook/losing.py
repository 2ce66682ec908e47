"""What can be lost: a log's tail, a copy of a database put back. No test stands here."""

import asyncio
import json
import shutil
import sqlite3
import struct
from collections import defaultdict
from pathlib import Path
from typing import Any

from libs.events.envelope import Attributes, read_attributes
from libs.log.port import Positions
from libs.log.scan import open_scan
from libs.sourcing.database import open_database
from libs.sourcing.tables import events, outbox
from tests.runbook.book import Chapter
from tests.runbook.conftest import Home

TOPIC = "case-events"
History = dict[str, list[Attributes]]


def in_the_log(home: Home) -> History:
    """Every fact of each case, in the log's order."""

    async def read() -> History:
        scan = await open_scan(home.settings.log_url)
        found: History = defaultdict(list)
        async for records in scan.read(TOPIC, {}, await scan.ends(TOPIC)):
            for record in records:
                attributes = read_attributes(record.headers)
                found[attributes.case_id].append(attributes)
        await scan.close()
        return found

    return asyncio.run(read())


def ends(home: Home) -> Positions:
    """Where each partition ends."""

    async def look() -> Positions:
        scan = await open_scan(home.settings.log_url)
        found = await scan.ends(TOPIC)
        await scan.close()
        return found

    return asyncio.run(look())


def lose_tail(home: Home) -> None:
    """Each partition loses the later half of what lies in it."""
    if home.broker is None:
        for partition, end in ends(home).items():
            _sql(
                home,
                f'DELETE FROM records WHERE partition = {partition} AND "offset" >= {end // 2}',
            )
        return
    home.broker.kill()  # an unclean end: at the start it looks through what is there
    data = home.broker.nodes[0].directory / "data"
    for segment in data.glob(f"{TOPIC}-*/00000000000000000000.log"):
        _cut(segment)
    home.broker.restart()


def lose_one(home: Home, case_id: str, owner: str, seq: int) -> None:
    """A single fact is gone from a log in a file, and what lay behind it has moved up."""
    found = _sql(
        home, 'SELECT partition, "offset", headers FROM records WHERE key = ?', case_id.encode()
    )
    ((partition, offset),) = [
        (row[0], row[1])
        for row in found
        if {("ce_source", f"/{owner}"), ("ce_seq", str(seq))}
        <= {(n, v) for n, v in json.loads(row[2])}
    ]
    end = ends(home)[partition]
    where = f"WHERE topic = '{TOPIC}' AND partition = {partition} AND \"offset\" ="
    _sql(home, f"DELETE FROM records {where} {offset}")
    for moved in range(offset + 1, end):
        _sql(home, f'UPDATE records SET "offset" = {moved - 1} {where} {moved}')


def _sql(home: Home, statement: str, *values: bytes) -> list[tuple[Any, ...]]:
    path = home.settings.log_url.removeprefix("sqlite:///").partition("?")[0]
    with sqlite3.connect(path) as db:
        found = db.execute(statement, values).fetchall()
    db.close()
    return found


def _cut(segment: Path) -> None:
    """Keep the first half of a segment's batches: each begins with its offset and its length."""
    content, at, batches = segment.read_bytes(), 0, []
    while at + 12 <= len(content):
        (length,) = struct.unpack(">i", content[at + 8 : at + 12])
        if length <= 0:
            break
        batches.append(at)
        at += 12 + length
    if len(batches) > 1:
        segment.write_bytes(content[: batches[len(batches) // 2]])


def unsent_again(home: Home, name: str) -> None:
    """As a backup finds it that was taken when facts were sent and the outbox not yet cleared."""
    database = open_database(home.settings.database_of(name))
    with database.begin() as db:
        rows = [
            {"topic": TOPIC, "key": r.case_id, "headers": r.headers, "value": r.value,
             "recorded_at": r.recorded_at}
            for r in db.execute(events.select())
        ]  # fmt: skip
        database.copy(db, outbox, rows)
    database.dispose()


def back_up(home: Home, chapter: Chapter, name: str) -> None:
    """A copy of a service's database, in the way that the runbook expects to find it."""
    if home.broker is None:
        shutil.copy(home.operator.place / f"var/{name}.db", home.operator.place / f"{name}.copy")
        return
    chapter.says("the backup is a `pg_dump --format=custom`")
    home.operator.must(
        f'pg_dump --format=custom --file={name}.dump "$DATABASE"', DATABASE=address(home, name)
    )


def put_back(home: Home, chapter: Chapter, name: str) -> None:
    """The runbook's own command, in either home."""
    begin = "rm -f var/SERVICE.db-wal" if home.broker is None else "pg_restore"
    home.operator.must(chapter.command(begin, SERVICE=name), DATABASE=address(home, name))


def address(home: Home, name: str) -> str:
    """``$DATABASE``, as the runbook tells it."""
    return home.settings.database_of(name).replace("+psycopg", "")
