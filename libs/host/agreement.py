"""Looks, before a service goes to work, whether its database and the log belong together. It changes neither.

A database can be an old copy: then the log holds facts of ours that it lacks. A log can have lost its
end: then the database holds facts that were sent and are gone, or it has read further than the log goes.
Either way a fact stated now would take a number that was given before, or leave one out for ever.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence

import sqlalchemy as sa

from libs.events.catalog import NewerVersion
from libs.events.envelope import Attributes, BadEnvelope, decode, read_attributes
from libs.host.schema import rebuild_command
from libs.host.settings import Settings
from libs.host.work import OwnStreamBehind
from libs.log.port import LogTruncated, Positions, Record
from libs.log.scan import open_scan
from libs.sourcing.database import Database
from libs.sourcing.tables import events, heads, outbox, positions


async def check_agreement(
    name: str,
    settings: Settings,
    database: Database,
    topic: str,
    ends: Callable[[], Awaitable[Positions]],
) -> None:
    """Compare a service's database with what it has not read of the log yet.

    Raises ``OwnStreamBehind`` if the database lacks facts of the service, ``LogTruncated`` if the log does.
    """
    # In this order, for a replica may be at work: what was stated but neither came back by the first look
    # nor waits in the outbox at the second lies in the log at the third, behind the position.
    def look() -> tuple[Positions, dict[str, int], set[str]]:
        with database.read() as db:
            return _positions(db, topic), _not_come_back(db, name), _unsent(db, topic)

    at, away, unsent = await asyncio.to_thread(look)
    until = await ends()
    for partition, end in until.items():
        if at.get(partition, 0) > end:
            raise LogTruncated(
                f"{topic}/{partition} ends at {end}, but {name} has read up to {at[partition]}: "
                f"the log lost records or is another log. {restore_command(settings.realm)}"
            )
    found = await _read_own(name, settings, database, topic, at, until)
    gone = {
        case_id: seq
        for case_id, seq in away.items()
        if case_id not in unsent and found.get(case_id, 0) < seq
    }
    if gone:
        case_id, seq = min(gone.items())
        raise LogTruncated(
            f"{name} has sent facts on {len(gone)} case(s) that are not in the log, such as its event "
            f"{seq} of {case_id}: the log lost records or is another log. {restore_command(settings.realm)}"
        )


def behind(name: str, realm: str, seq: int, had: int) -> OwnStreamBehind:
    """What a service says that finds more of its own words in the log than in its database."""
    return OwnStreamBehind(
        f"{name} finds its own event {seq} of a case in the log, its database ends at {had}: "
        f"it was lost or is an old copy. Run {rebuild_command(name, realm)}"
    )


def restore_command(realm: str) -> str:
    """What shows how much a log has lost."""
    return "See: python -m tools.restore_log" + (f" --realm {realm}" if realm else "")


def _positions(db: sa.Connection, topic: str) -> Positions:
    query = sa.select(positions.c.partition, positions.c.next).where(positions.c.topic == topic)
    return {partition: next_ for partition, next_ in db.execute(query)}


def _unsent(db: sa.Connection, topic: str) -> set[str]:
    query = sa.select(outbox.c.key).where(outbox.c.topic == topic).distinct()
    return set(db.execute(query).scalars())


def _not_come_back(db: sa.Connection, name: str) -> dict[str, int]:
    """The last own event of each case whose own words have not all come back through the log.

    What was seen is JSON; compared as text it costs one pass in the database and no row leaves it.
    """
    seen, seq = heads.c.seen, sa.cast(heads.c.seq, sa.Text)
    mark = sa.literal(f"%{json.dumps(name)}:") + seq
    query = sa.select(heads.c.case_id, heads.c.seq).where(
        heads.c.seq > 0,
        heads.c.parked.is_(False),  # what comes back to a parked case is set aside
        seen.not_like(mark + sa.literal(",%")),
        seen.not_like(mark + sa.literal("}%")),
    )
    return {case_id: last for case_id, last in db.execute(query)}


async def _read_own(
    name: str,
    settings: Settings,
    database: Database,
    topic: str,
    at: Positions,
    until: Positions,
) -> dict[str, int]:
    """The last own event of each case among the records not read yet; each must be in the database."""
    found: dict[str, int] = {}
    if all(at.get(partition, 0) >= end for partition, end in until.items()):
        return found
    scan = await open_scan(settings.log_url)
    try:
        async for records in scan.read(topic, at, until):
            own = list(_own(name, records))
            if not own:
                continue
            known = await asyncio.to_thread(_last_own, database, {a.case_id for a, _ in own})
            for attributes, record in own:
                case_id, seq = attributes.case_id, attributes.seq
                had = known.get(case_id, 0)
                if seq <= had:
                    found[case_id] = max(seq, found.get(case_id, 0))
                elif _is_ours(attributes, record):
                    raise behind(name, settings.realm, seq, had)
    finally:
        await scan.close()
    return found


def _own(name: str, records: Sequence[Record]) -> Iterable[tuple[Attributes, Record]]:
    begin = f"{name}.".encode()
    for record in records:
        if any(n == "ce_type" and (v or b"").startswith(begin) for n, v in record.headers):
            try:
                yield read_attributes(record.headers), record
            except (BadEnvelope, UnicodeDecodeError):
                continue  # in our name, but nothing we have stated: it will be set aside


def _is_ours(attributes: Attributes, record: Record) -> bool:
    try:
        decode(attributes, record.value or b"")
    except (NewerVersion, ValueError):
        return False  # it stops its partition, or is set aside
    return True


def _last_own(database: Database, case_ids: Iterable[str]) -> dict[str, int]:
    query = (
        sa.select(events.c.case_id, sa.func.max(events.c.seq))
        .where(events.c.case_id.in_(sorted(case_ids)))
        .group_by(events.c.case_id)
    )
    with database.read() as db:
        return {case_id: seq for case_id, seq in db.execute(query)}
