"""Whether a content has the shape of its kind: keys, types, codes. It looks nothing up."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from libs.rules.columns import (
    MOST_ROWS,
    SUCCESSOR,
    TABLES,
    Column,
    Content,
    ReferenceKind,
    Table,
    is_field,
    parts,
)
from libs.rules.mistakes import Mistake, clip

LONGEST = 2000  # characters in one text


def wrong(kind: ReferenceKind, content: object) -> Iterator[Mistake]:
    """What is wrong with the form of a content: keys, types, codes, entries that stand twice.

    Whether what it names exists is not asked here; nothing but mistakes comes of any input.
    """
    if not isinstance(content, Mapping):
        yield Mistake("must be a mapping")
        return
    table = TABLES[kind]
    top = {column.name for column in table.head} | {table.key}
    yield from (Mistake("there is no such key", column=clip(k)) for k in content if k not in top)
    yield from wrong_values(table.head, content)
    entries = content.get(table.key)
    if not isinstance(entries, list | tuple):
        yield Mistake("must be a list of entries", column=table.key)
        return
    if table.kind is ReferenceKind.TAXONOMY:
        yield from _wrong_nesting(entries)
        entries = [part for entry in entries for part in parts(entry)]
    yield from wrong_entries(table, entries)


def wrong_entries(table: Table, entries: Sequence[Any]) -> Iterator[Mistake]:
    """What is wrong with the rows of a table, each by its number."""
    if len(entries) > MOST_ROWS:
        yield Mistake(f"has {len(entries)} entries; {MOST_ROWS} are the most", column=table.key)
        return
    names = {column.name for column in table.columns}
    seen: dict[str, int] = {}
    field = ""
    for row, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            yield Mistake("must be a mapping", row=row)
            continue
        found = [
            Mistake("there is no such column", clip(name)) for name in entry if name not in names
        ]
        found += wrong_values(table.columns, entry)
        if table.kind is ReferenceKind.TAXONOMY:
            field = clip(entry.get("code")) if is_field(entry) else field
            found += _wrong_leaf(entry, field)
        id = clip(table.id(entry))
        if id and (before := seen.setdefault(id, row)) != row:
            twice = f"{id} stands twice; first as entry {before + 1}"
            found.append(Mistake(twice, table.ids[0]))
        yield from (replace(mistake, row=row, id=id) for mistake in found)


def _wrong_nesting(fields: Sequence[Any]) -> Iterator[Mistake]:
    for field in fields:
        if not isinstance(field, Mapping):
            continue
        leaves = field.get("leaves", ())
        if not is_field(field):
            yield Mistake(f"{clip(field.get('code'))} stands among the fields", "code")
        if not isinstance(leaves, list | tuple):
            yield Mistake("must be a list", "leaves")
        elif any(isinstance(leaf, Mapping) and is_field(leaf) for leaf in leaves):
            yield Mistake(f"a field stands among the leaves of {clip(field.get('code'))}", "leaves")


def _wrong_leaf(entry: Content, field: str) -> Iterator[Mistake]:
    for name in ("sla", "lead"):
        if is_field(entry) and entry.get(name):
            yield Mistake("a field has none, only its leaves", name)
        if not is_field(entry) and not entry.get(name):
            yield Mistake("is missing", name)
    if not is_field(entry) and not (field and str(entry.get("code")).startswith(field)):
        yield Mistake(f"{clip(entry.get('code'))} stands under no field of its own digits", "code")


def wrong_values(columns: tuple[Column, ...], values: Content) -> Iterator[Mistake]:
    """What is wrong with the values of one entry, column by column."""
    for column in columns:
        value = values.get(column.name)
        if value is None or value == "" or value == []:
            if column.required:
                yield Mistake("is missing", column.name)
            continue
        for reason in _wrong_value(column, value):
            yield Mistake(reason, column.name)


def _wrong_value(column: Column, value: object) -> Iterator[str]:
    match column.form:
        case "text":
            yield from _wrong_text(column, value)
        case "date":
            yield from _wrong_text(column, value)
            if not _is_date(value):
                yield f"{clip(value)!r} is not {column.says}"
        case "flag":
            if not isinstance(value, bool):
                yield f"{clip(value)!r} is neither true nor empty"
        case "list":
            if not isinstance(value, list | tuple):
                yield "must be a list"
                return
            for item in value:
                yield from _wrong_item(column, item)
            if len(set(map(str, value))) != len(value):
                yield "names something twice"
        case "successors":
            yield from _wrong_successors(value)


def _wrong_item(column: Column, item: object) -> Iterator[str]:
    yield from _wrong_text(column, item)
    if isinstance(item, str) and (";" in item or "；" in item or not item):
        yield f"{clip(item)!r} is empty or holds a ; which parts the entries of a list"


def _wrong_text(column: Column, value: object) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"must be a text, not {type(value).__name__}"
        return
    if len(value) > LONGEST:
        yield f"is longer than {LONGEST} characters"
        return
    if value != value.strip():
        yield f"{clip(value)!r} begins or ends with a space"
    if not value.isprintable() and (unseen := next(filter(_is_unseen, value), None)):
        yield f"holds a character that nobody sees (U+{ord(unseen):04X})"
    elif not column.pattern.fullmatch(value):
        yield f"{clip(value)!r} is not {column.says}"


def _wrong_successors(value: object) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield "must be a list"
        return
    for item in value:
        if not isinstance(item, Mapping) or not set(item) <= {"unit", "categories", "adcodes"}:
            yield "each must name a unit, and may name categories and adcodes"
            continue
        for part in wrong_values(SUCCESSOR, item):
            yield f"{part.column} {part.reason}"


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_unseen(character: str) -> bool:
    """Control characters, half characters, and those that turn the direction of writing."""
    return unicodedata.category(character) in ("Cc", "Cs", "Cf", "Zl", "Zp")
