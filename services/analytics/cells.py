"""What of analytics' counts is shown where they are told by unit, category and the like. It counts nothing.

What the offices did is their score and is shown as it is (G14), once there are enough cases. What became of
the citizens' own requests, and what they said, is shown only where it points at nobody (G06).
"""

from collections import Counter
from collections.abc import Collection, Mapping

from libs.rules.figures import Counted
from libs.rules.small_cells import FEWEST, fewest_of, hidden_in, parts_shown, shown, table_shown
from services.analytics.figures import Definition
from services.analytics.projection import MEASURES

OF_THE_OFFICES = frozenset(
    {
        "direct",
        "assigned",
        "delivered",
        "closed",
        "warned",
        "breached",
        "reworked",
        "appealed",
        "corrected",
        "excluded",
    }
)
"""Measures of what the offices did; all others are of what citizens asked for, got or said."""
OF_THE_OFFICES_TOO = frozenset({"K07", "K10", "K11", "K14", "K22"})
"""Figures of the same kind; all others are of what citizens said."""
Cells = dict[str, dict[str, int | None]]


def cells(found: Mapping[str, Mapping[str, int]], by_category: bool = False) -> Cells:
    """Counts by value and measure. A value of too few cases is not named; where it could be told from the
    whole, the next smallest is named without its counts."""
    least = {value: fewest_of(value) if by_category else FEWEST for value in found}
    registered = {value: counts["registered"] for value, counts in found.items()}
    rows = shown(registered, least=least)
    named = {value: count for value, count in rows.items() if registered[value] >= least[value]}
    seen: Cells = {value: dict.fromkeys(MEASURES) for value in named}
    bare = hidden_in(rows)
    for measure in MEASURES:
        counts = {value: of[measure] for value, of in found.items()}
        if measure in OF_THE_OFFICES:
            column: Mapping[str, int | None] = counts
        elif measure == "dissatisfied":
            rated = {value: of["rated"] for value, of in found.items()}
            column = parts_shown(rated, counts, hide=bare)
        else:
            column = shown(counts, least=least, hide=bare)
        for value in named:
            seen[value][measure] = None if value in bare else column[value]
    return seen


def figures_shown(definition: Definition, found: Mapping[str, Counted]) -> dict[str, Counted | None]:
    """A figure by unit, without those of which the cases, or those who said so, are too few."""
    wholes = {unit: _whole(counted, definition) for unit, counted in found.items()}
    hidden = hidden_in(shown(wholes))
    if definition.unit == "percent" and definition.id not in OF_THE_OFFICES_TOO:
        parts = {unit: counted.numerator for unit, counted in found.items()}
        hidden |= hidden_in(parts_shown(wholes, parts, hide=hidden))
    return {unit: None if unit in hidden else counted for unit, counted in found.items()}


def reasons_shown(
    found: Mapping[str, Counted], hide: Collection[str] = ()
) -> dict[str, dict[str, int]]:
    """The footnote to a figure by unit: why cases were left out of it, where that points at nobody (G06).

    How many were left out is the offices' doing and is shown as it is (G14); what they give as reason tells of
    citizens, so it is not to be told from that number, nor from what the figure says of the city. ``hide``: units
    whose figure is not shown.
    """
    table = {unit: counted.excluded for unit, counted in found.items()}
    city: Counter[str] = Counter()
    for reasons in table.values():
        city.update(reasons)
    few = hidden_in(shown(city))
    gone = {(unit, why) for unit, of in table.items() for why in of if unit in hide or why in few}
    return {unit: _named(of) for unit, of in table_shown(table, gone).items()}


def reasons_of_the_city(counted: Counted) -> dict[str, int]:
    """The same of the city's figure."""
    return _named(shown(counted.excluded))


def _named(counts: Mapping[str, int | None]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count is not None}


def _whole(counted: Counted, definition: Definition) -> int:
    return counted.numerator if definition.unit == "cases" else counted.denominator
