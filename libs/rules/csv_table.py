"""A reference table as CSV, for a spreadsheet. It knows the form of a cell, not what it means.

The file is UTF-8, with or without a byte order mark, its columns parted by commas. First come the
values of the whole edition, a row each: `#city` and the value. Then the header row with the names
of all columns, in any order, and a row per entry. Entries of a list are joined by ；or ; . A cell
that a spreadsheet would take for a formula, since it begins with = + - @ (or their wide forms), has a ' before it.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from libs.rules.columns import MOST_ROWS, Column, Content, Table
from libs.rules.mistakes import Mistake, Mistakes, clip

FORMULA = re.compile(r"'*[=+\-@＝＋－＠]")
QUOTED = re.compile(r"'+[=+\-@＝＋－＠]")
PARTS = re.compile(r"[;；]")
YES = {"true": True, "是": True, "false": False, "否": False}
JOINED = "；"

Row = tuple[int, list[str]]


def decode(data: bytes) -> str:
    """The text of a file; `Mistakes` says what it is if it is not UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Mistakes([Mistake("the file is UTF-16; save it as UTF-8")])
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise Mistakes([Mistake("holds a NUL, so it is no text", line=line)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        reason = "is not UTF-8; if a spreadsheet wrote GB18030 (GBK), save it as CSV UTF-8"
        raise Mistakes([Mistake(reason, line=line)]) from None


def read_csv(
    table: Table, data: bytes
) -> tuple[dict[str, Any], list[dict[str, Any]], list[int], list[Mistake]]:
    """The values of the edition, the entries, each entry's line, and what is wrong with cells.

    Raises `Mistakes` for a file of which no entries can be read.
    """
    found = list(_rows(decode(data)))
    head, wrong, first = _head(table, found)
    if first == len(found):
        raise Mistakes([*wrong, Mistake("there is no header row with the columns' names")])
    line, names = found[first]
    names = [name.strip() for name in names]
    while names and not names[-1]:  # a spreadsheet pads rows to the longest
        names.pop()
    if unfit := list(_wrong_header(table, names, line)):
        raise Mistakes([*wrong, *unfit])
    columns = {column.name: column for column in table.columns}
    entries, lines = [], []
    for line, cells in found[first + 1 :]:
        if any(cells[len(names) :]) or len(cells) < len(names):
            reason = f"has {len(cells)} cells, and the header {len(names)}"
            wrong.append(Mistake(reason, line=line))
        entry: dict[str, Any] = {}
        for name, cell in zip(names, cells, strict=False):
            _put(columns[name], cell, line, entry, wrong)
        entries.append(entry)
        lines.append(line)
    return head, entries, lines, wrong


def write_csv(table: Table, head: Content, entries: Sequence[Content]) -> bytes:
    """The table as a file that `read_csv` reads back to the same entries."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    for column in table.head:
        if column.name in head:
            writer.writerow([f"#{column.name}", _shown(column, head[column.name])])
    writer.writerow([column.name for column in table.columns])
    for entry in entries:
        writer.writerow([_shown(c, entry.get(c.name)) for c in table.columns])
    return file.getvalue().encode("utf-8-sig")


def _rows(text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for _ in range(MOST_ROWS + 50):
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Mistakes([Mistake(f"cannot be read: {error}", line=line)]) from None
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1
    raise Mistakes([Mistake(f"the file has more than {MOST_ROWS} rows", line=line)])


def _head(table: Table, rows: list[Row]) -> tuple[dict[str, Any], list[Mistake], int]:
    columns = {column.name: column for column in table.head}
    head: dict[str, Any] = {}
    wrong: list[Mistake] = []
    for number, (line, cells) in enumerate(rows):
        name = cells[0].strip()
        if not name.startswith("#"):
            return head, wrong, number
        column = columns.get(name[1:])
        if column is None:
            there = ", ".join(f"#{each}" for each in columns) or "none"
            wrong.append(Mistake(f"there is no {clip(name)}; there are: {there}", line=line))
        elif column.name in head:
            wrong.append(Mistake("stands twice", name, line=line))
        elif len(cells) < 2 or any(cells[2:]):
            wrong.append(Mistake("must have one value in the cell beside it", name, line=line))
        else:
            _put(column, cells[1], line, head, wrong)
    return head, wrong, len(rows)


def _wrong_header(table: Table, names: list[str], line: int) -> Iterator[Mistake]:
    known = [column.name for column in table.columns]
    for name in dict.fromkeys(names):
        if name not in known:
            yield Mistake("there is no such column", clip(name) or "(empty)", line=line)
        elif names.count(name) > 1:
            yield Mistake("stands twice in the header", name, line=line)
    for name in known:
        if name not in names:
            yield Mistake("is missing in the header", name, line=line)


def _put(column: Column, cell: str, line: int, entry: dict[str, Any], wrong: list[Mistake]) -> None:
    """The cell's value, if it has one."""
    text = cell.strip()
    if QUOTED.match(text):
        text = text[1:]
    if not text:
        return
    match column.form:
        case "text" | "date":
            entry[column.name] = text
        case "list":
            entry[column.name] = [part.strip() for part in PARTS.split(text) if part.strip()]
        case "flag":
            if text.lower() in YES:
                entry[column.name] = YES[text.lower()]
            else:
                wrong.append(
                    Mistake(f"{clip(text)!r} is neither true nor empty", column.name, line=line)
                )
        case "successors":
            parts = [part for part in PARTS.split(text) if part.strip()]
            try:
                entry[column.name] = [successor(part) for part in parts]
            except ValueError as error:
                wrong.append(Mistake(str(error), column.name, line=line))


def successor(text: str) -> dict[str, Any]:
    """One successor as a cell has it, e.g. `mc.a category=0101,0102 adcode=990102`."""
    unit, *filters = text.split()
    found: dict[str, Any] = {"unit": unit}
    names = {"category": "categories", "adcode": "adcodes"}
    for each in filters:
        name, equals, codes = each.partition("=")
        if name not in names or not equals or names[name] in found:
            raise ValueError(f"{clip(each)!r} is not category= or adcode= with codes after it")
        found[names[name]] = [code for code in re.split("[,，]", codes) if code]
    return found


def shown_successor(successor: Content) -> str:
    """The same the other way."""
    parts = [str(successor["unit"])]
    for name, key in (("category", "categories"), ("adcode", "adcodes")):
        if successor.get(key):
            parts.append(f"{name}={','.join(successor[key])}")
    return " ".join(parts)


def _shown(column: Column, value: Any) -> str:
    match column.form:
        case "text" | "date":
            text = str(value or "")
        case "list":
            text = JOINED.join(value or ())
        case "flag":
            text = "true" if value else ""
        case "successors":
            text = JOINED.join(map(shown_successor, value or ()))
    return f"'{text}" if FORMULA.match(text) else text
