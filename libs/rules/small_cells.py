"""Counts that may be shown without telling of single people. It counts nothing itself."""

from collections.abc import Collection, Mapping

FEWEST = 5
"""A count of fewer people is not shown (guardrail G06: k = 5)."""
FEWEST_OF_SENSITIVE = 10
SENSITIVE = frozenset({"09", "10", "12", "16"})
"""Children, health, courts and police, conduct of officials: fields of which ten are the fewest (G06)."""
AS_USUAL: Mapping[str, int] = {}


def fewest_of(category: str) -> int:
    """The fewest cases of a category, or of its field, that are shown."""
    return FEWEST_OF_SENSITIVE if category[:2] in SENSITIVE else FEWEST


def shown(
    counts: Mapping[str, int],
    fewest: int = FEWEST,
    least: Mapping[str, int] = AS_USUAL,
    hide: Collection[str] = (),
) -> dict[str, int | None]:
    """The counts with the small ones left out (``None``); none at all where the whole is small.

    What is left out must not be told from the whole either: the next smallest go with it until there are
    two at least, which make a count together that could be shown. A count of nobody is shown. ``least``:
    names of which more are the fewest; ``hide``: what is left out anyhow.
    """
    total = sum(counts.values())
    if total < fewest:
        return dict.fromkeys(counts)
    small = {name for name, count in counts.items() if 0 < count < least.get(name, fewest)}
    hidden = small | {name for name in hide if counts.get(name)}
    rest = sorted((count, name) for name, count in counts.items() if count and name not in hidden)
    enough = max((least.get(name, fewest) for name in hidden), default=0)
    together = sum(counts[name] for name in hidden)
    while hidden and rest and (len(hidden) < 2 or together < enough):
        count, name = rest.pop(0)
        hidden.add(name)
        together += count
    gone = hidden | set(hide)
    return {name: None if name in gone else count for name, count in counts.items()}


def hidden_in(counts: Mapping[str, object | None]) -> frozenset[str]:
    """What is left out."""
    return frozenset(name for name, count in counts.items() if count is None)


def parts_shown(
    wholes: Mapping[str, int], parts: Mapping[str, int], hide: Collection[str] = ()
) -> dict[str, int | None]:
    """The parts of wholes that are shown beside them: neither a small part nor one that leaves a small rest,
    for that can be told from the two."""
    rests = {name: whole - parts.get(name, 0) for name, whole in wholes.items()}
    of_all = {name: parts.get(name, 0) for name in wholes}
    return shown(of_all, hide=hidden_in(shown(rests, hide=hide)) if sum(rests.values()) else hide)


def table_shown(
    rows: Mapping[str, Mapping[str, int]], hide: Collection[tuple[str, str]] = ()
) -> dict[str, dict[str, int | None]]:
    """A table without its small counts, of which the sums of rows and columns are known. What is hidden in a row
    takes another with it there and in its column, until no more can be told. ``hide``: what is left out anyhow, by
    row and column."""
    columns: dict[str, dict[str, int]] = {}
    for row, of in rows.items():
        for column, count in of.items():
            columns.setdefault(column, {})[row] = count
    hidden, before = set(hide), -1
    while len(hidden) > before:
        before = len(hidden)
        for row, of in rows.items():
            gone = hidden_in(shown(of, hide={c for c in of if (row, c) in hidden}))
            hidden |= {(row, column) for column in gone}
        for column, down in columns.items():
            gone = hidden_in(shown(down, hide={r for r in down if (r, column) in hidden}))
            hidden |= {(row, column) for row in gone}
    return {
        row: {column: None if (row, column) in hidden else count for column, count in of.items()}
        for row, of in rows.items()
    }
