"""What must hold after every crash, whatever it interrupted. Each check gives its findings in words."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.envelope import decode, read_attributes
from libs.events.intake import CaseRegistered, PersonalDataErased
from libs.events.supervision import DeadlineBreached, DeadlineWarned
from libs.host.settings import Settings
from libs.log.port import Record
from libs.log.scan import open_scan
from libs.sourcing.database import open_database
from libs.sourcing.tables import events, outbox, quarantine
from libs.vault.keys import Vault, read_master_key
from libs.vault.sealing import Unreadable, open_text
from services.list import service_named
from tests.faults.crash.play import SERVICES, TITLE, build_anew
from tests.rebuild.town import Snapshot, derived, rows_of

Place = tuple[str, str, int]
"""Case, owner and number: where a fact stands."""


async def findings(settings: Settings, told: Path) -> list[str]:
    """Everything that is not as it must be; empty if all is well."""
    records = await everything_in(settings)
    log = dict(_first_of_each(records))
    facts = [fact for fact, _ in log.values()]
    found = [*resent_alike(records), *without_gaps(log), *kept_as_told(settings, log)]
    found += [*acknowledged(told, log), *stated_once(facts), *readable(settings, facts)]
    for name in SERVICES:
        found += await equal_to_a_rebuild(settings, name)
    return found


async def everything_in(settings: Settings) -> list[Record]:
    """The log, partition by partition."""
    topic = settings.topics().case_events
    scan = await open_scan(settings.log_url)
    try:
        ends = await scan.ends(topic)
        return [record async for part in scan.read(topic, {}, ends) for record in part]
    finally:
        await scan.close()


def _place(record: Record) -> Place:
    attributes = read_attributes(record.headers)
    return attributes.case_id, attributes.owner, attributes.seq


def _first_of_each(records: Sequence[Record]) -> Iterator[tuple[Place, tuple[Recorded, Record]]]:
    for record in reversed(records):  # the first one wins
        fact = decode(read_attributes(record.headers), record.value or b"")
        yield _place(record), (fact, record)


def resent_alike(records: Sequence[Record]) -> Iterator[str]:
    """A fact may lie in the log twice, if both are the very same; one id names one fact."""
    by_place: dict[Place, Record] = {}
    by_id: dict[str, Place] = {}
    for record in records:
        place, event_id = _place(record), read_attributes(record.headers).event_id
        first = by_place.setdefault(place, record)
        if (first.value, list(first.headers)) != (record.value, list(record.headers)):
            yield f"two different facts in the log stand at {place}"
        if by_id.setdefault(event_id, place) != place:
            yield f"the id of {place} names {by_id[event_id]} too"


def without_gaps(log: dict[Place, tuple[Recorded, Record]]) -> Iterator[str]:
    """Each owner's facts of a case are numbered from 1 on, and were said in that order."""
    streams: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for (case, owner, seq), (_, record) in log.items():
        streams.setdefault((case, owner), []).append((record.offset, seq))
    for stream, said in streams.items():
        numbers = [seq for _, seq in sorted(said)]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{stream} is told as {numbers}"


def kept_as_told(settings: Settings, log: dict[Place, tuple[Recorded, Record]]) -> Iterator[str]:
    """What the services keep of their own is what the log has; nothing waits, nothing lies aside."""
    for name in SERVICES:
        url = settings.database_of(name)
        own = {(r[0], r[1]): (r[2], r[7]) for r in rows_of(url, events)}
        said = {(c, n): (f.event_id, r.value) for (c, o, n), (f, r) in log.items() if o == name}
        if own != said:
            there = {place for place in own | said if own.get(place) != said.get(place)}
            yield f"{name}: own stream and log differ at {sorted(there)}"
        for table in (outbox, quarantine):
            if rows := rows_of(url, table):
                yield f"{name}: {len(rows)} rows in {table.name}"


def acknowledged(told: Path, log: dict[Place, tuple[Recorded, Record]]) -> Iterator[str]:
    """What a caller was told is in the log, and who asked twice was told the same."""
    answers: dict[str, dict[str, Any]] = {}
    for line in told.read_text().splitlines():
        answer = json.loads(line)
        if answers.setdefault(answer["asked"], answer) != answer:
            yield f"asked twice, answered {answers[answer['asked']]} and {answer}"
        for seq, event_id, type_ in answer["events"]:
            place = (answer["case_id"], type_.partition(".")[0], seq)
            if place not in log or log[place][0].event_id != event_id:
                yield f"acknowledged and not in the log: {type_} at {place}"


def stated_once(facts: Sequence[Recorded]) -> Iterator[str]:
    """A deadline is stated once, a case is registered once, a receipt number given once."""
    named = [fact.event for fact in facts]
    deadlines = Counter(
        (e.case_id, e.timer, e.threshold if isinstance(e, DeadlineWarned) else "breach")
        for e in named
        if isinstance(e, DeadlineWarned | DeadlineBreached)
    )
    registered = [e for e in named if isinstance(e, CaseRegistered)]
    once = (
        deadlines,
        Counter(e.case_id for e in registered),
        Counter(e.receipt_no for e in registered),
    )
    for counter in once:
        yield from (f"{what} came {n} times" for what, n in counter.items() if n > 1)
    for fact in facts:
        if isinstance(fact.event, DeadlineWarned | DeadlineBreached) and (
            fact.recorded_at < fact.event.occurred_at
        ):
            yield f"{fact.event.timer} of {fact.event.case_id} was stated before it was due"
    if not deadlines or not registered:
        yield "the play was not played to its end"


def readable(settings: Settings, facts: Sequence[Recorded]) -> Iterator[str]:
    """The words of every case can be read, but of those that were erased."""
    erased = {f.event.case_id for f in facts if isinstance(f.event, PersonalDataErased)}
    database = open_database(settings.vault_address())
    vault = Vault(
        database, read_master_key(settings.master_key_file, False), settings.realm or "normal"
    )
    titles = {f.event.case_id: f.event.title for f in facts if isinstance(f.event, CaseRegistered)}
    keys = vault.read(titles)
    vault.close()
    for case_id, title in titles.items():
        if (case_id in keys) == (case_id in erased):
            yield f"{case_id} has {'a' if case_id in keys else 'no'} key"
        elif case_id in keys:
            try:
                if open_text(title, case_id, keys[case_id]) != TITLE:
                    yield f"{case_id} has other words than were written"
            except Unreadable:
                yield f"{case_id} cannot be read"


async def equal_to_a_rebuild(settings: Settings, name: str) -> list[str]:
    """Every row of every view is what the log alone would make of it."""
    service = service_named(name)
    live = derived(settings, service)
    await build_anew(settings, name)
    return differences(name, live, derived(settings, service))


def differences(name: str, live: Snapshot, anew: Snapshot) -> list[str]:
    """Which rows are not the same."""
    return [
        f"{name}.{table}: live {sorted(set(rows) - set(anew[table]))}, "
        f"anew {sorted(set(anew[table]) - set(rows))}"
        for table, rows in live.items()
        if rows != anew[table]
    ]


def empty_views(settings: Settings) -> None:
    """Take all rows out of supervision's derived tables, so that a swap can be seen."""
    database = open_database(settings.database_of("supervision"))
    with database.begin() as db:
        for table in derived(settings, service_named("supervision")):
            db.execute(sa.text(f"DELETE FROM {table}"))
    database.dispose()


def forget(settings: Settings) -> None:
    """Supervision's database is lost: not one table is left."""
    database = open_database(settings.database_of("supervision"))
    with database.begin() as db:
        for table in sa.inspect(db).get_table_names():
            if table != "sqlite_sequence":
                db.execute(sa.text(f"DROP TABLE {table}"))
    database.dispose()
