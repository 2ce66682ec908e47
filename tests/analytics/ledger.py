"""A service's own database in either home, with facts projected into it. No test stands here."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.host.schema import ensure_schema
from libs.host.service import Service
from libs.sourcing.database import open_database
from libs.sourcing.views import Views
from services.analytics.service import service as analytics
from tests.spec import MONDAY

T = TypeVar("T")


class Ledger:
    """What a service holds: analytics, if no other is named."""

    def __init__(self, url: str, service: Service = analytics) -> None:
        self.service = service
        self.database = open_database(url)
        ensure_schema(self.database, service)
        self._seq = 0

    def close(self) -> None:
        self.database.dispose()

    def recorded(self, *events: Event) -> list[Recorded]:
        """Events in their envelopes."""
        return [self._recorded(event) for event in events]

    def _recorded(self, event: Event) -> Recorded:
        self._seq += 1
        id_ = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{event.case_id}/{self._seq}"))
        return Recorded(id_, event, self._seq, MONDAY, id_, id_)

    def take(self, heard: Sequence[Recorded]) -> None:
        """Project a batch."""
        with self.database.begin() as db:
            self.service.project(heard, Views(self.database, db))

    def hear(self, *events: Event) -> None:
        """Project facts, as many at a time as a turn takes."""
        heard = self.recorded(*events)
        for start in range(0, len(heard), 500):
            self.take(heard[start : start + 500])

    def asked(self, question: Callable[..., T], *more: Any, **named: Any) -> T:
        """What a question to the tables answers."""
        with self.database.read() as db:
            return question(Views(self.database, db), *more, **named)

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.database.read() as db:
            return {
                t.name: [tuple(r) for r in db.execute(sa.select(t).order_by(*t.primary_key))]
                for t in self.service.tables.sorted_tables
            }

    def forget(self) -> None:
        """What a rebuild does to derived tables before it fills them."""
        with self.database.begin() as db:
            for table in self.service.tables.sorted_tables:
                db.execute(sa.delete(table))
