"""Commands that wait for a fact of another service, so that the turn that hears it carries them out too.

It decides nothing and asks no table: what is not found in a turn's records in time goes on without.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from libs.host.records import BROKEN, attributes_of
from libs.log.port import Record

Wish = TypeVar("Wish")


@dataclass(frozen=True, slots=True)
class Fact:
    """The ``seq``-th fact of a case that ``owner``, a service, has stated."""

    case_id: str
    owner: str
    seq: int


class Expected(Generic[Wish]):
    """Wishes, each with the fact that it waits for."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, list[tuple[Fact, Wish]]] = {}

    def add(self, fact: Fact, wish: Wish) -> None:
        """Let a wish wait."""
        self._waiting.setdefault(fact.case_id.encode(), []).append((fact, wish))

    def withdraw(self, fact: Fact, wish: Wish) -> bool:
        """Let it wait no longer; whether it still did."""
        key = fact.case_id.encode()
        have = self._waiting.get(key, [])
        left = [(other, waiting) for other, waiting in have if waiting is not wish]
        if left:
            self._waiting[key] = left
        else:
            self._waiting.pop(key, None)
        return len(left) < len(have)

    def take(self, records: Iterable[Record]) -> list[Wish]:
        """Those whose fact is among the records; they wait no longer."""
        if not self._waiting:
            return []
        taken: list[Wish] = []
        for record in records:
            if record.key not in self._waiting:
                continue
            try:
                told = attributes_of(record)
            except BROKEN:  # the turn sets it aside
                continue
            for fact, wish in list(self._waiting[record.key]):
                if fact.owner == told.owner and fact.seq <= told.seq:
                    self.withdraw(fact, wish)
                    taken.append(wish)
        return taken
