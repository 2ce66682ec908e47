"""Which unit goes on when one is merged, split or dissolved. It moves no case itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Successor:
    """Who goes on with what: categories (0106, or a field 01) and places, by their first digits.
    Without either it has the rest."""

    unit: str
    categories: tuple[str, ...] = ()
    adcodes: tuple[str, ...] = ()

    @property
    def has_the_rest(self) -> bool:
        return not (self.categories or self.adcodes)

    def takes(self, category: str | None, adcode: str | None) -> bool:
        """Whether a matter passes to this one. A matter without a category or place passes to
        one that asks for it only as the rest."""
        return _among(category, self.categories) and _among(adcode, self.adcodes)


Successions = Mapping[str, tuple[Successor, ...]]
"""The successors of every dissolved unit."""


def heir(unit_id: str, category: str | None, adcode: str | None, successions: Successions) -> str:
    """The unit that has a matter of this one now, through any chain of successions
    (信访工作条例 Art. 24). The unit itself if it was not dissolved."""
    while unit_id in successions:
        unit_id = next(s.unit for s in successions[unit_id] if s.takes(category, adcode))
    return unit_id


def heirs(unit_id: str, successions: Successions) -> frozenset[str]:
    """Every unit to which anything of this one may have passed, at any remove."""
    found: set[str] = set()
    waiting = [unit_id]
    while waiting:
        for successor in successions.get(waiting.pop(), ()):
            if successor.unit not in found:
                found.add(successor.unit)
                waiting.append(successor.unit)
    return frozenset(found)


def wrong_succession(
    unit_id: str, successors: tuple[Successor, ...], dissolved: bool, successions: Successions
) -> Iterator[str]:
    """What is wrong with one unit's succession, in words."""
    if not dissolved:
        if successors:
            yield f"{unit_id} has successors but is not dissolved"
        return
    if not successors:
        yield f"{unit_id} is dissolved and names no successor (信访工作条例 Art. 24)"
        return
    if not successors[-1].has_the_rest:
        yield f"the last successor of {unit_id} must have the rest: no categories, no adcodes"
    for successor in successors[:-1]:
        if successor.has_the_rest:
            yield f"{successor.unit} has all of {unit_id}, so those after it have nothing"
    if unit_id in heirs(unit_id, successions):
        yield f"{unit_id} succeeds itself"


def _among(code: str | None, codes: tuple[str, ...]) -> bool:
    return not codes or (code is not None and code.startswith(codes))
