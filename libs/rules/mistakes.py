"""What is wrong with reference data, as a list: where, and why. It mends nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

Path = tuple[str | int, ...]
"""Where something stands: keys of mappings and numbers of list items, from the outermost in."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `row` counts a table's entries from 0, `id` names the entry; `path` says where in what
    is no table; `line` is that of the file, where there is one; `of` the list, such as
    `organisations/mingchuan`."""

    reason: str
    column: str = ""
    row: int | None = None
    id: str = ""
    line: int | None = None
    of: str = ""
    path: Path = ()

    def __str__(self) -> str:
        parts = [self.of, ", ".join(self._where()), dotted(self.path), self.reason]
        return ": ".join(part for part in parts if part)

    @property
    def place(self) -> str:
        """Where it stands, without the reason."""
        return ", ".join(part for part in (self.of, *self._where(), dotted(self.path)) if part)

    def _where(self) -> list[str]:
        where = [f"line {self.line}"] if self.line is not None else []
        if self.line is None and self.row is not None:
            where = [f"entry {self.row + 1}{f' ({self.id})' if self.id else ''}"]
        return [*where, f"column {self.column}"] if self.column else where


class Mistakes(ValueError):
    """All mistakes of a list, one a line."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.all = tuple(mistakes)
        super().__init__("\n".join(map(str, self.all)))

    def under(self, of: str) -> "Mistakes":
        """The same, each with the list it is of."""
        return Mistakes(replace(mistake, of=mistake.of or of) for mistake in self.all)


def by_line(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """The mistakes of a file, each once, in the order of its lines."""
    once = {str(mistake): mistake for mistake in mistakes}
    return sorted(once.values(), key=lambda mistake: mistake.line or 0)


def dotted(path: Path) -> str:
    """A path as a clerk reads it: ``sla_classes.G.handle``."""
    return ".".join(str(part) for part in path)


def clip(value: object) -> str:
    """A value short enough to be shown in an error."""
    text = value if isinstance(value, str) else type(value).__name__
    return text if len(text) <= 40 else f"{text[:40]}…"
