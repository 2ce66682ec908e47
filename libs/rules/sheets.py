"""Reference data as CSV and YAML files, both ways. It says whether a file can be read, no more.

CSV is for tables only (see `csv_table.py` for its form); calendars and policy packs are YAML. What
the words in a file name (a unit, a category) is looked up by `reference.py`, not here. Taken are:
UTF-8, with or without a byte order mark, 2 MB, 20,000 entries. GB18030 is refused by that name,
since a file's bytes do not prove it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from libs.rules.columns import (
    TABLES,
    Column,
    Content,
    ReferenceKind,
    Table,
    built,
    normal,
    rows,
)
from libs.rules.contents import plain
from libs.rules.csv_table import decode, read_csv, write_csv
from libs.rules.mistakes import Mistake, Mistakes
from libs.rules.shape import wrong_entries, wrong_values
from libs.rules.yaml_tree import Node, read_yaml, write_yaml

MOST_BYTES = 2_000_000

Form = Literal["csv", "yaml"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds, and the line of each entry, for those who find more mistakes in it."""

    content: dict[str, Any]
    lines: tuple[int, ...] = ()

    def placed(self, mistakes: Mistakes, of: str) -> Mistakes:
        """Mistakes found with the content, those of itself with the lines of the file."""
        own = [replace(mistake, of="") for mistake in mistakes.all if mistake.of == of]
        others = [mistake for mistake in mistakes.all if mistake.of != of]
        return Mistakes([*_on_lines(own, self.lines), *others])


def parse(kind: ReferenceKind, data: bytes, form: Form) -> dict[str, Any]:
    """The content that a file holds.

    Raises `Mistakes`, which is a `ValueError`, with all that is wrong in its form, one a line:
    `line N, column NAME: reason`.
    """
    return read_sheet(kind, data, form).content


def render(kind: ReferenceKind, content: Content, form: Form) -> bytes:
    """A content as a file; `parse` reads the same back."""
    if kind not in TABLES:
        _must_be_yaml(kind, form)
        return write_yaml(content)
    whole = normal(kind, content)
    if form == "yaml":
        return write_yaml(whole)
    return write_csv(TABLES[kind], whole, rows(kind, whole))


def read_sheet(kind: ReferenceKind, data: bytes, form: Form) -> Sheet:
    """As `parse`, with the lines."""
    if len(data) > MOST_BYTES:
        raise Mistakes([Mistake(f"the file has {len(data)} bytes; {MOST_BYTES} are the most")])
    if kind not in TABLES:
        _must_be_yaml(kind, form)
        return Sheet(_plain(_mapping(read_yaml(decode(data))).typed()))
    table = TABLES[kind]
    if form == "csv":
        head, entries, lines, wrong = read_csv(table, data)
    else:
        head, entries, lines, wrong = _read_tree(table, _mapping(read_yaml(decode(data))))
    wrong = [*wrong, *wrong_values(table.head, head)]
    wrong += _on_lines(wrong_entries(table, entries), lines)
    if wrong:
        raise Mistakes(sorted(_once(wrong), key=lambda mistake: mistake.line or 0))
    return Sheet(normal(kind, built(kind, head, entries)), tuple(lines))


def _must_be_yaml(kind: ReferenceKind, form: Form) -> None:
    if form != "yaml":
        raise Mistakes([Mistake(f"a {kind.value} is no table; it is read and written as YAML")])


def _plain(content: Content) -> dict[str, Any]:
    try:
        return plain(content)
    except ValueError as error:
        raise Mistakes([Mistake(str(error))]) from None


def _mapping(node: Node) -> Node:
    if not isinstance(node.value, dict):
        raise Mistakes([Mistake("must be a mapping", line=node.line)])
    return node


def _read_tree(
    table: Table, root: Node
) -> tuple[dict[str, Any], list[dict[str, Any]], list[int], list[Mistake]]:
    """The values of the edition, the entries, each entry's line, and what has the wrong form."""
    assert isinstance(root.value, dict)
    head: dict[str, Any] = {}
    wrong: list[Mistake] = []
    columns = {column.name: column for column in table.head}
    for name, node in root.value.items():
        if name in columns:
            head[name] = _cell(columns[name], node)
        elif name != table.key:
            wrong.append(Mistake("there is no such key", name[:40], line=node.line))
    listed = root.value.get(table.key)
    if listed is None or not isinstance(listed.value, list):
        line = listed.line if listed else None
        raise Mistakes([*wrong, Mistake("must be a list of entries", table.key, line=line)])
    entries, lines = [], []
    for node in _flat(table, listed.value, wrong):
        columns = {column.name: column for column in table.columns}
        entry = {}
        if not isinstance(node.value, dict):
            wrong.append(Mistake("must be a mapping", line=node.line))
            continue
        for name, value in node.value.items():
            entry[name] = _cell(columns[name], value) if name in columns else None
        entries.append(entry)
        lines.append(node.line)
    return head, entries, lines, wrong


def _flat(table: Table, nodes: list[Node], wrong: list[Mistake]) -> Iterator[Node]:
    """The nodes of all entries; in a taxonomy each field, and then its leaves."""
    for node in nodes:
        if table.kind is not ReferenceKind.TAXONOMY or not isinstance(node.value, dict):
            yield node
            continue
        leaves = node.value.get("leaves")
        own = {name: value for name, value in node.value.items() if name != "leaves"}
        yield replace(node, value=own)
        if leaves is not None and isinstance(leaves.value, list):
            yield from leaves.value
        elif leaves is not None:
            wrong.append(Mistake("must be a list", "leaves", line=leaves.line))


def _cell(column: Column, node: Node) -> Any:
    """A value as its column means it: codes keep their zeros without quotes, too."""
    value = node.texts()
    if column.form == "flag" and node.plain and value in ("true", "false"):
        return value == "true"
    return value


def _on_lines(mistakes: Any, lines: Any) -> Iterator[Mistake]:
    for mistake in mistakes:
        on = mistake.row is not None and mistake.row < len(lines)
        yield replace(mistake, line=lines[mistake.row]) if on else mistake


def _once(mistakes: list[Mistake]) -> list[Mistake]:
    return list({str(mistake): mistake for mistake in mistakes}.values())
