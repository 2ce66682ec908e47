"""Finds a district, street or town of one city in a text. It never guesses across cities."""

import re
from collections.abc import Iterator
from functools import lru_cache

from libs.rules.organisations import DISTRICTS, Organisation, Organisations


def find_place(text: str, organisations: Organisations) -> str | None:
    """The adcode of the most exact place that the text names, or None.

    A street or town wins over a district; a street of a district that is named too wins over
    another; then the longer name, then the earlier. Districts are known without their last
    character as well (云溪 for 云溪区) if that leaves two; streets only by their full name, since
    清河 may be a river.
    """
    pattern, names = _gazetteer(organisations)
    found: dict[str, tuple[int, int]] = {}
    for match in pattern.finditer(text):
        name = match.group()
        found.setdefault(names[name], (len(name), -match.start()))
    if not found:
        return None
    return max(found, key=lambda adcode: (len(adcode), adcode[:6] in found, found[adcode]))


@lru_cache(maxsize=32)
def _gazetteer(organisations: Organisations) -> tuple[re.Pattern[str], dict[str, str]]:
    # The name of a place that was dissolved is still used, until a living one has it.
    places = sorted(organisations.territories(), key=lambda unit: not unit.dissolved)
    names = {name: unit.adcode for unit in places for name in _names_of(unit)}
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)"), names


def _names_of(unit: Organisation) -> Iterator[str]:
    yield unit.zh
    yield from unit.aliases
    if unit.type in DISTRICTS and len(unit.zh) == 3:
        yield unit.zh[:-1]
