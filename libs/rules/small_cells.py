"""Counts that may be shown without telling of single people. It counts nothing itself."""

from collections.abc import Mapping

FEWEST = 5
"""A count of fewer people is not shown (guardrail G06: k = 5)."""


def shown(counts: Mapping[str, int], fewest: int = FEWEST) -> dict[str, int | None]:
    """The counts with the small ones left out (``None``); none at all where the whole is small.

    Where one alone would be left out, the next smallest goes with it: else it could be told from the
    whole. A count of nobody is shown.
    """
    total = sum(counts.values())
    if total < fewest:
        return dict.fromkeys(counts)
    hidden = {name for name, count in counts.items() if 0 < count < fewest}
    if len(hidden) == 1:
        rest = [name for name, count in counts.items() if name not in hidden and count]
        hidden.add(min(rest, key=lambda name: (counts[name], name)))
    return {name: None if name in hidden else count for name, count in counts.items()}
