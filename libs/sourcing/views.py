"""Bulk reading and writing of derived tables, in a transaction that someone else has opened."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.sourcing.database import Database

Row = dict[str, Any]
Fold = Callable[[Row, Recorded], Row | None]
"""A case's row and one event: the row as it is afterwards, or ``None`` if it says nothing of it."""
ANY: frozenset[type[Event]] = frozenset()


class Views:
    """What a projection may do: load rows, fold them in memory, write them back, each in one statement.

    ``hidden``: cases that whoever asks may not see (libs.rules.bars); their rows are left out.
    """

    def __init__(
        self,
        database: Database,
        db: sa.Connection,
        partition: Callable[[str], int] = lambda case_id: 0,
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        self._database, self._db, self._partition = database, db, partition
        self._hidden = hidden

    def part_of(self, case_id: str) -> str:
        """The partition of a case: what is kept by it is written by one process at a time."""
        return str(self._partition(case_id))

    def rows(self, query: sa.Select[Any]) -> list[Row]:
        """The rows that a query finds, as dictionaries."""
        found = self._db.execute(query)
        names = tuple(found.keys())
        return self._shown([dict(zip(names, row, strict=True)) for row in found])

    def load(self, table: sa.Table, keys: Iterable[Any]) -> dict[Any, Row]:
        """Rows by their primary key, a single column."""
        name = key_of(table)
        return {row[name]: row for row in self.load_by(table, name, keys)}

    def load_by(self, table: sa.Table, column: str, values: Iterable[Any]) -> list[Row]:
        """Rows by a column that has an index and never changes: those of a case in a table that has
        several of it. A projection asks so and by key alone; ``rows`` is for who reads."""
        wanted = sorted(set(values))
        if not wanted:
            return []
        names = tuple(c.name for c in table.columns)
        found = self._database.fetch(self._db, table, column, wanted)
        return self._shown([dict(zip(names, row, strict=True)) for row in found])

    def _shown(self, rows: list[Row]) -> list[Row]:
        """Without what is of a case that the reader may not see."""
        return [r for r in rows if r.get("case_id") not in self._hidden] if self._hidden else rows

    def write(self, table: sa.Table, rows: Sequence[Row]) -> None:
        """Insert or replace whole rows by primary key."""
        self._database.write(self._db, table, rows)

    def change(self, table: sa.Table, changed: Sequence[tuple[Row, Row]]) -> None:
        """Rows as they were loaded, and as they are now; what is the same in all of them is not written."""
        differ = {name for old, new in changed for name in _differing(old, new)}
        if differ:
            columns = [column.name for column in table.columns if column.name in differ]
            self._database.change(self._db, table, [new for _, new in changed], columns)

    def remove(self, table: sa.Table, keys: Iterable[Any]) -> None:
        """Delete rows by primary key."""
        self._database.remove(self._db, table, key_of(table), sorted(set(keys)))

    def fold(
        self,
        table: sa.Table,
        heard: Sequence[Recorded],
        fold: Fold,
        of: frozenset[type[Event]] = ANY,
    ) -> list[tuple[Row | None, Row]]:
        """One row per case: bulk read, pure fold, bulk upsert. Gives (before, after) of changed rows.

        ``of``: the facts that can change a row, for a table of what befalls few cases: mostly nothing is
        asked of the database then.
        """
        if of:
            heard = [recorded for recorded in heard if type(recorded.event) in of]
            if not heard:
                return []
        before = self.load(table, (r.event.case_id for r in heard))
        after: dict[str, Row] = {}
        for recorded in heard:
            case_id = recorded.event.case_id
            row = after.get(case_id) or before.get(case_id) or blank(table, case_id)
            changed = fold(row, recorded)
            if changed is not None:
                after[case_id] = changed
        self.write(table, [row for case_id, row in after.items() if case_id not in before])
        self.change(table, [(before[case_id], row) for case_id, row in after.items() if case_id in before])
        return [(before.get(case_id), row) for case_id, row in after.items()]


def _differing(old: Row, new: Row) -> list[str]:
    return [name for name, value in new.items() if value is not old[name] and value != old[name]]


@lru_cache(maxsize=256)
def key_of(table: sa.Table) -> str:
    """The name of a table's primary key, a single column."""
    (column,) = table.primary_key.columns
    return column.name


def blank(table: sa.Table, case_id: str) -> Row:
    """The row of a case of which nothing is known yet: defaults, or nothing."""
    return _defaults(table) | {"case_id": case_id}


@lru_cache(maxsize=256)
def _defaults(table: sa.Table) -> Row:
    return {c.name: c.default.arg if c.default is not None else None for c in table.columns}  # type: ignore[attr-defined]
