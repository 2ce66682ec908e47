"""Which entries of the knowledge base hold, and until when, as every service knows it. It holds no words.

An entry has editions of its own, for there may be thousands of them and each is somebody's answer for itself:
a whole edition of all would be too long for one record, and one slip would hold up every other entry. The words
stand in reference's tables, where they are searched; a rule elsewhere needs to know only that an entry holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from libs.events.base import Event
from libs.events.reference import KnowledgePublished, KnowledgeWithdrawn

SUBJECT = "knowledge"
"""What an entry's subject begins with: ``knowledge/water-price``."""


@dataclass(frozen=True, slots=True)
class Known:
    """That an entry holds: its newest edition, for which category, and until when."""

    edition: int
    category: str
    valid_until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it can be answered by at an instant."""
        return at < self.valid_until


def after(knowledge: Mapping[str, Known], facts: Iterable[Event]) -> Mapping[str, Known]:
    """What holds after these facts; the same mapping if none of them is about the knowledge base."""
    grown: dict[str, Known] | None = None
    for fact in facts:
        name = fact.case_id.partition("/")[2]
        match fact:
            case KnowledgePublished(edition=edition, entry=entry):
                grown = dict(knowledge) if grown is None else grown
                grown[name] = Known(edition, entry.category, entry.valid_until)
            case KnowledgeWithdrawn():
                grown = dict(knowledge) if grown is None else grown
                grown.pop(name, None)
            case _:
                continue
    return knowledge if grown is None else grown


def why_not(knowledge: Mapping[str, Known], entry: str, edition: int, at: datetime) -> str | None:
    """Why nobody can be answered by this edition of an entry now, in words; nothing if it can."""
    known = knowledge.get(entry)
    if known is None:
        return f"there is no entry {entry} in the knowledge base, or it was withdrawn"
    if known.edition != edition:
        return f"edition {known.edition} of entry {entry} holds, not {edition}: read it again"
    if not known.holds(at):
        return f"entry {entry} was valid until {known.valid_until:%Y-%m-%d}; its unit must look at it anew"
    return None


def answered_categories(knowledge: Mapping[str, Known], at: datetime) -> frozenset[str]:
    """The categories of which at least one entry holds."""
    return frozenset(known.category for known in knowledge.values() if known.holds(at))
