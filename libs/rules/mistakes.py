"""What is wrong with a table, as a list: where, and why. It mends nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `row` counts a table's entries from 0, `id` names the entry; `line` is that of
    the file, where there is one; `of` the table, such as `organisations/mingchuan`."""

    reason: str
    column: str = ""
    row: int | None = None
    id: str = ""
    line: int | None = None
    of: str = ""

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line is not None else []
        if self.line is None and self.row is not None:
            where = [f"entry {self.row + 1}{f' ({self.id})' if self.id else ''}"]
        if self.column:
            where.append(f"column {self.column}")
        placed = f"{', '.join(where)}: {self.reason}" if where else self.reason
        return f"{self.of}: {placed}" if self.of else placed


class Mistakes(ValueError):
    """All mistakes of a table, one a line."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.all = tuple(mistakes)
        super().__init__("\n".join(map(str, self.all)))

    def under(self, of: str) -> "Mistakes":
        """The same, each with the table it is of."""
        return Mistakes(replace(mistake, of=mistake.of or of) for mistake in self.all)


def clip(value: object) -> str:
    """A value short enough to be shown in an error."""
    text = value if isinstance(value, str) else type(value).__name__
    return text if len(text) <= 40 else f"{text[:40]}…"
