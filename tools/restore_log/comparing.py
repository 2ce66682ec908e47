"""Finds which of the facts that services have stated readers do not find in the log. It changes nothing."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from libs.events.catalog import NewerVersion
from libs.events.envelope import Attributes, BadEnvelope, decode, read_attributes
from libs.log.port import Positions, Record
from libs.log.scan import Scan
from libs.sourcing.database import Database
from libs.sourcing.tables import events

Seqs = Sequence[int]
ByCase = dict[str, dict[str, Seqs]]
"""Numbers of facts, in order, by case and owner."""


@dataclass(slots=True)
class Findings:
    """``missing``: what the log lacks and can be appended. ``buried``: what it lacks although a later
    fact of the same case and owner stands in it, so that readers would drop it. ``ahead``: the services
    of whose facts the log holds more than their database."""

    missing: ByCase = field(default_factory=lambda: defaultdict(dict))
    buried: ByCase = field(default_factory=lambda: defaultdict(dict))
    ahead: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Read:
    """What a reader finds of one owner in a case: all up to ``last`` but ``gaps``."""

    last: int = 0
    gaps: list[int] = field(default_factory=list)

    def take(self, seq: int) -> None:
        """The next one in the log; like a reader, drop what does not follow."""
        if seq > self.last:
            self.gaps += range(self.last + 1, seq)
            self.last = seq


NOTHING = Read()


async def compare(
    scan: Scan, topic: str, ends: Positions, databases: Mapping[str, Database]
) -> Findings:
    """Read the whole log once and hold each service's streams to it."""
    read: dict[str, dict[str, Read]] = defaultdict(dict)
    async for attributes, _ in readable(scan, topic, ends):
        read[attributes.case_id].setdefault(attributes.owner, Read()).take(attributes.seq)
    findings = Findings()
    for name, database in databases.items():
        stated = _stated(database)
        for case_id, last in stated.items():
            found = read.get(case_id, {}).get(name, NOTHING)
            if last > found.last:
                findings.missing[case_id][name] = range(found.last + 1, last + 1)
            if found.gaps:
                findings.buried[case_id][name] = found.gaps
        if any(o[name].last > stated.get(c, 0) for c, o in read.items() if name in o):
            findings.ahead.append(name)
    return findings


async def readable(
    scan: Scan, topic: str, until: Positions
) -> AsyncIterator[tuple[Attributes, Record]]:
    """Every record that a service does not set aside. Raises ``NewerVersion``."""
    async for records in scan.read(topic, {}, until):
        for record in records:
            try:
                attributes = read_attributes(record.headers)
                decode(attributes, record.value or b"")
            except NewerVersion:
                raise
            except (BadEnvelope, ValueError):
                continue
            yield attributes, record


def _stated(database: Database) -> dict[str, int]:
    query = sa.select(events.c.case_id, sa.func.max(events.c.seq)).group_by(events.c.case_id)
    with database.read() as db:
        return {case_id: last for case_id, last in db.execute(query)}
