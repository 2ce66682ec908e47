"""Reference data as CSV and YAML files, both ways. It says whether a file can be read, no more.

CSV is for tables only (see `csv_table.py` for its form); calendars and policy packs are YAML. What
the words in a file name (a unit, a category) is looked up by `reference.py`, not here. Taken are:
UTF-8, with or without a byte order mark, 2 MB, 20,000 entries. GB18030 is refused by that name,
since a file's bytes do not prove it.
"""

import re
from collections.abc import Iterable, Iterator
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
from libs.rules.csv_table import decode, read_csv, write_csv
from libs.rules.mistakes import Mistake, Mistakes, by_line
from libs.rules.shape import wrong_entries, wrong_values
from libs.rules.yaml_tree import Node, Tree, read_yaml, write_yaml

MOST_BYTES = 2_000_000
NAMES = re.compile(r"[\w.@-]+")
"""What may be an id in a reason."""

Form = Literal["csv", "yaml"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds, and where, for those who find more mistakes in it.

    ``wrong`` is what is wrong with its form. The content is then what is right of it: the values of the
    edition and the entries without a mistake, to be read no further than for what is wrong with these, too;
    ``left_out`` are the ids of the others.
    """

    content: dict[str, Any]
    lines: tuple[int, ...] = ()
    tree: Tree | None = None
    wrong: tuple[Mistake, ...] = ()
    left_out: tuple[str, ...] = ()

    def placed(self, mistakes: Mistakes, of: str) -> list[Mistake]:
        """Mistakes found with the content, those of itself with the lines of the file. Of a content that is
        not whole only those count that cannot come from what was left out."""
        own = [replace(mistake, of="") for mistake in mistakes.all if mistake.of == of]
        others = [mistake for mistake in mistakes.all if mistake.of != of]
        if self.wrong:
            own, others = list(self._sure(own)), []
        if self.tree is not None:
            tree = self.tree
            own = [one if one.line else replace(one, line=tree.line_of(one.path)) for one in own]
        return [*_on_lines(own, self.lines), *others]

    def _sure(self, mistakes: Iterable[Mistake]) -> Iterator[Mistake]:
        unread, left_out = {mistake.path for mistake in self.wrong} - {()}, set(self.left_out)
        for mistake in mistakes:
            placed = mistake.row is not None or mistake.path or mistake.line is not None
            named = {word.strip(".") for word in NAMES.findall(mistake.reason)}
            if placed and mistake.path not in unread and not named & left_out:
                yield mistake


def parse(kind: ReferenceKind, data: bytes, form: Form) -> dict[str, Any]:
    """The content that a file holds.

    Raises `Mistakes`, which is a `ValueError`, with all that is wrong in its form, one a line:
    `line N, column NAME: reason`.
    """
    sheet = read_sheet(kind, data, form)
    if sheet.wrong:
        raise Mistakes(sheet.wrong)
    return sheet.content


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
    """As `parse`, with the lines. Raises `Mistakes` only for a file of which nothing can be read."""
    if len(data) > MOST_BYTES:
        raise Mistakes([Mistake(f"the file has {len(data)} bytes; {MOST_BYTES} are the most")])
    if kind not in TABLES:
        _must_be_yaml(kind, form)
        tree = read_yaml(decode(data))
        _must_be_mapping(tree)
        content = tree.typed()
        return Sheet(content, tree=tree, wrong=tuple(by_line(tree.mistakes)))
    table = TABLES[kind]
    if form == "csv":
        head, entries, lines, wrong = read_csv(table, data)
    else:
        tree = read_yaml(decode(data))
        _must_be_mapping(tree)
        head, entries, lines, wrong = _read_tree(table, tree.root)
        wrong += tree.mistakes
    wrong_head = list(wrong_values(table.head, head))
    wrong = [*wrong, *wrong_head, *_on_lines(wrong_entries(table, entries), lines)]
    if not wrong:
        return Sheet(normal(kind, built(kind, head, entries)), tuple(lines))
    for mistake in wrong_head:
        head.pop(mistake.column, None)
    return _what_is_right(table, head, entries, lines, by_line(wrong))


def _what_is_right(
    table: Table,
    head: dict[str, Any],
    entries: list[dict[str, Any]],
    lines: list[int],
    wrong: list[Mistake],
) -> Sheet:
    """A sheet of the entries without a mistake. Those of a taxonomy hang together: none are left of one."""
    of_taxonomy = table.kind is ReferenceKind.TAXONOMY
    unread = set(lines) if of_taxonomy else {mistake.line for mistake in wrong}
    right = [(e, line) for e, line in zip(entries, lines, strict=True) if line not in unread]
    ids = (table.id(e) for e, line in zip(entries, lines, strict=True) if line in unread)
    return Sheet(
        normal(table.kind, built(table.kind, head, [entry for entry, _ in right])),
        tuple(line for _, line in right),
        wrong=tuple(wrong),
        left_out=tuple(dict.fromkeys(id for id in ids if id)),
    )


def _must_be_yaml(kind: ReferenceKind, form: Form) -> None:
    if form != "yaml":
        raise Mistakes([Mistake(f"a {kind.value} is no table; it is read and written as YAML")])


def _must_be_mapping(tree: Tree) -> None:
    if not isinstance(tree.root.value, dict):
        raise Mistakes([*tree.mistakes, Mistake("must be a mapping", line=tree.root.line)])


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
