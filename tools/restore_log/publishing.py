"""Gives the facts that the log lost in an order in which they can be heard, and sets services back."""

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import sqlalchemy as sa

from libs.events.envelope import Headers, read_attributes
from libs.host.service import Service
from libs.log.port import Positions
from libs.log.scan import Scan
from libs.sourcing.database import Database
from libs.sourcing.store import load_headers
from libs.sourcing.tables import events, facts, heads, positions, quarantine
from services.list import NAMES
from tools.restore_log.comparing import Findings, readable

CASES_AT_ONCE = 100
RESTORED = "the log was restored"
"""Stands for a service's fingerprint until its views are built anew: it does not start before."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A fact out of its owner's stream. ``cause``: the id of the fact upon which it was stated, if any."""

    case_id: str
    owner: str
    seq: int
    event_id: str
    cause: str
    recorded_at: datetime
    headers: Headers
    value: bytes


def in_order(lost: Iterable[Lost]) -> list[Lost]:
    """One case's facts: each owner's by number, none before its cause, else as they were recorded.

    States need no more (ADR 0006). But a view may show what was said last, and what a person did on
    what another service had shown names no cause: there the clocks decide, at one instant the stage.
    """
    queues: dict[str, deque[Lost]] = defaultdict(deque)
    for one in sorted(lost, key=lambda fact: (fact.owner, fact.seq)):
        queues[one.owner].append(one)
    waiting = {one.event_id for queue in queues.values() for one in queue}
    ordered: list[Lost] = []
    while waiting:
        first = [queue[0] for queue in queues.values() if queue]
        free = [one for one in first if one.cause not in waiting] or first
        chosen = min(free, key=lambda fact: (fact.recorded_at, NAMES.index(fact.owner)))
        queues[chosen.owner].popleft()
        waiting.discard(chosen.event_id)
        ordered.append(chosen)
    return ordered


def batches(findings: Findings, databases: Mapping[str, Database]) -> Iterator[list[Lost]]:
    """The missing facts, some cases at a time."""
    cases = iter(sorted(findings.missing.items()))
    while some := dict(islice(cases, CASES_AT_ONCE)):
        found: dict[str, list[Lost]] = defaultdict(list)
        for name, database in databases.items():
            mine = {case_id: owners[name] for case_id, owners in some.items() if name in owners}
            with database.read() as db:
                rows = database.fetch(db, events, "case_id", sorted(mine))
            for case_id, seq, event_id, _, _, recorded_at, text, value in rows:
                if seq in mine[case_id]:
                    headers = tuple(load_headers(text))
                    cause = read_attributes(headers).causation_id.partition("/")[0]
                    fact = Lost(
                        case_id, name, seq, event_id, cause, recorded_at, headers, bytes(value)
                    )
                    found[case_id].append(fact)
        yield [fact for case_id in some for fact in in_order(found[case_id])]


async def rewind(
    scan: Scan, topic: str, ends: Positions, service: Service, database: Database
) -> None:
    """Set a service back to the first record that it has not heard, and ask for a rebuild.

    After the log had lost its end others may have written, at offsets that this service takes for
    read. What it is given again it drops by its number, or its rules find it done.
    """
    with database.read() as db:
        stand = sa.select(positions.c.partition, positions.c.next).where(positions.c.topic == topic)
        stood = {partition: next_ for partition, next_ in db.execute(stand)}
        seen = {c: text for c, text in db.execute(sa.select(heads.c.case_id, heads.c.seen))}
    next_ = {partition: min(stood.get(partition, 0), end) for partition, end in ends.items()}
    hears = {event.type() for event in service.hears}
    async for attributes, record in readable(scan, topic, dict(next_)):
        if attributes.owner == service.name or attributes.type in hears:
            known = json.loads(seen.get(attributes.case_id, "{}"))
            if attributes.seq > known.get(attributes.owner, 0):
                next_[record.partition] = min(next_[record.partition], record.offset)
    with database.begin() as db:
        for partition, offset in next_.items():
            mine = (positions.c.topic == topic) & (positions.c.partition == partition)
            db.execute(sa.update(positions).where(mine).values(next=offset))
            aside = (quarantine.c.topic == topic) & (quarantine.c.partition == partition)
            db.execute(sa.delete(quarantine).where(aside, quarantine.c.offset >= offset))
        database.write(db, facts, [{"name": "fingerprint", "value": RESTORED}])
    database.secure()
