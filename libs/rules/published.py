"""A table before it is published: whether its parts make its total and its shares are what they say.

It publishes nothing and puts nothing right: a wrong table is named and goes back (guardrail G14).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of parts of a whole; shares in per cent as printed, of one part or of several together."""

    name: str
    total: int
    parts: Mapping[str, int]
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    together: Mapping[tuple[str, ...], Decimal] = field(default_factory=dict)


def faults(table: Table) -> list[str]:
    """What is wrong with a table, in words; nothing if it may be published.

    A share of several is that of their sum: neither what their rounded shares make nor another's.
    """
    found = []
    whole = sum(table.parts.values())
    if whole != table.total:
        word = f"{table.total - whole:,} are in none" if whole < table.total else "some count twice"
        found.append(f"{table.name}: the parts sum to {whole:,}, the total is {table.total:,}; {word}")
    said = {(name,): share for name, share in table.shares.items()} | dict(table.together)
    for names, printed in said.items():
        unknown = [name for name in names if name not in table.parts]
        if unknown:
            found.append(f"{table.name}: a share is of {', '.join(unknown)}, which has no count")
            continue
        count = sum(table.parts[name] for name in names)
        right = _as_printed(count, table.total, printed)
        if right != printed:
            of = "、".join(names)
            found.append(f"{table.name}: {of} is {count:,}/{table.total:,} = {right} %, not {printed} %")
    return found


def _as_printed(count: int, total: int, printed: Decimal) -> Decimal | str:
    """The share to as many places as are printed; a dash of nothing."""
    if total == 0:
        return "—"
    places = Decimal(1).scaleb(min(0, int(printed.as_tuple().exponent)))
    return (Decimal(100) * count / total).quantize(places, ROUND_HALF_UP)
