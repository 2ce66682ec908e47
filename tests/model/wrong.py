"""Designs that look right and are not. Each is what the product does, changed in one place, for one run."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.envelope import Attributes
from libs.host.deadlines import Deadlines
from libs.host.relay import Relay
from libs.host.turn import _Turn
from libs.log.port import Outgoing, Positions, Record
from libs.sourcing.store import Store, load_headers
from libs.sourcing.tables import outbox, positions
from tests.model.world import World


@contextmanager
def publish_before_commit(world: World) -> Iterator[None]:
    """Events go to the log while the transaction that states them is still open, and to no outbox."""
    append = Store.append

    def publish(store: Any, db: sa.Connection, stated: Sequence[Recorded], topic: str) -> None:
        append(store, db, stated, topic)
        rows = db.execute(sa.select(outbox).order_by(outbox.c.id)).all()
        world.broker.store(
            [Outgoing(row.topic, row.key, load_headers(row.headers), row.value) for row in rows]
        )
        db.execute(sa.delete(outbox))

    with patch.object(Store, "append", publish):
        yield


@contextmanager
def take_for_sent_what_was_taken(world: World) -> Iterator[None]:
    """The relay deletes rows when it takes them, and not when the log has acknowledged them."""
    take = Relay._next

    def take_and_delete(relay: Any, sent: list[int]) -> list[Any] | None:
        rows = take(relay, [])
        if rows:
            with relay._database.begin() as db:
                db.execute(sa.delete(outbox).where(outbox.c.id.in_([row[0] for row in rows])))
        return rows

    with patch.object(Relay, "_next", take_and_delete):
        yield


@contextmanager
def hear_everything(world: World) -> Iterator[None]:
    """A reader does not look at the numbers: a repeat is heard as if it were new."""
    hear = _Turn._hear

    def hear_again(
        turn: Any, record: Record, attributes: Attributes | None, poison: dict[tuple[int, int], str]
    ) -> None:
        head = turn.heads.get(attributes.case_id) if attributes else None
        if head is None or attributes is None:
            return hear(turn, record, attributes, poison)
        owner, had = attributes.owner, head.seen.get(attributes.owner, 0)
        head.seen = head.seen | {owner: min(had, attributes.seq - 1)}
        hear(turn, record, attributes, poison)
        head.seen = head.seen | {owner: max(had, head.seen[owner])}

    with patch.object(_Turn, "_hear", hear_again):
        yield


@contextmanager
def trust_the_reader(world: World) -> Iterator[None]:
    """No fence: a process goes by what its reader gave it, and writes its position over whatever is there."""

    def fresh(turn: Any, records: Sequence[Record], stood: dict[int, int]) -> list[Record]:
        turn.done.positions |= {record.partition: record.offset + 1 for record in records}
        return list(records)

    def advance(
        store: Any, db: sa.Connection, topic: str, moved: dict[int, tuple[int, int]]
    ) -> bool:
        for partition, (_, reached) in moved.items():
            here = (positions.c.topic == topic) & (positions.c.partition == partition)
            db.execute(sa.update(positions).where(here).values(next=reached))
        return True

    with patch.object(_Turn, "_fresh", fresh), patch.object(Store, "advance", advance):
        yield


@contextmanager
def fire_at_once(world: World) -> Iterator[None]:
    """A deadline is stated when the clock says so, whether the log was read or not."""

    def due_until(deadlines: Any, owned: Collection[int], stands: Positions) -> datetime | None:
        now: datetime = deadlines._now()
        return now if owned and not deadlines.rest() else None

    with patch.object(Deadlines, "due_until", due_until):
        yield


WRONG = {
    "publish before commit": publish_before_commit,
    "delete before the acknowledgement": take_for_sent_what_was_taken,
    "no dedupe by number": hear_everything,
    "no fence on positions": trust_the_reader,
    "deadlines without reading to the end": fire_at_once,
}
