"""Puts what was found on the screen: tables for people, a line of JSON for programs. It reads none."""

import json
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from libs.events.base import Recorded
from libs.log.port import Positions
from tools.log import chinese, english
from tools.log.names import Lang, Names
from tools.log.reading import Found, masked

WIDE = 250
"""Columns where nobody watches: a line in a file or a pipe is not cut."""
HEADS: dict[Lang, tuple[str, ...]] = {
    "zh": ("时间", "分区:位移", "事件", "工单", "序号", "何人"),
    "en": ("Time", "Place", "Event", "Case", "Seq", "Who"),
}


def screen() -> Console:
    """Where it is shown; made anew each time, for a test may have put another in its place."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDE
    return console


def as_json(found: Found) -> str:
    """A record in a line, its sealed words as a sign."""
    record = found.record
    shown = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": (record.key or b"").decode("utf-8", "replace"),
        "headers": {n: (v or b"").decode("utf-8", "replace") for n, v in record.headers},
        "value": masked(found.value),
    }
    return json.dumps(shown, ensure_ascii=False)


def as_cells(found: Found, names: Names) -> tuple[str, ...]:
    """A record as the cells of a table."""
    actor = found.value.get("actor")
    who = actor if isinstance(actor, dict) else found.value  # an audit record is flat
    role, unit = str(who.get("role") or ""), who.get("org") or who.get("unit")
    return (
        names.at(found.at),
        found.place,
        found.type or "?",
        found.case_id,
        found.seq,
        names.desk(role, str(unit) if unit else None),
    )


def show_list(shown: Sequence[Found], names: Names) -> None:
    """A table, the oldest first."""
    table = Table(box=None, pad_edge=False)
    for head in HEADS[names.lang]:
        table.add_column(head, overflow="fold", no_wrap=head in (HEADS[names.lang][0],))
    for found in shown:
        table.add_row(*as_cells(found, names))
    screen().print(table)


def show_line(found: Found, names: Names) -> None:
    """One record, as it comes."""
    screen().print("  ".join(as_cells(found, names)), soft_wrap=True)


def show_history(topic: str, told: Sequence[Found | Recorded], names: Names) -> None:
    """A case in words, a line per event in log order."""
    say = chinese.tell if names.lang == "zh" else english.tell
    console = screen()
    for one in told:
        if isinstance(one, Recorded):
            event = one.event
            line = f"{names.at(event.occurred_at)}  {names.who(event.actor)}  {say(event, names)}"
        else:
            what = "无法读懂的记录" if names.lang == "zh" else "a record that cannot be read"
            line = f"{names.at(one.at)}  ?  {what}: {one.type or '?'}, {topic}/{one.place}"
        console.print(line, soft_wrap=True)


def show_stats(topic: str, counted: Counter[tuple[str, int]], ends: Positions, lang: Lang) -> None:
    """How many records of each type, and how many in each partition, with its end."""
    chinese_ = lang == "zh"
    total = counted.total()
    by_type = Table(box=None, pad_edge=False, title=topic, title_justify="left")
    by_type.add_column("事件" if chinese_ else "Event")
    by_type.add_column("数量" if chinese_ else "Count", justify="right")
    for partition in ends:
        by_type.add_column(str(partition), justify="right")
    types: Counter[str] = Counter()
    for (type_, _), count in counted.items():
        types[type_] += count
    for type_, count in types.most_common():
        cells = [str(counted[type_, partition] or "") for partition in ends]
        by_type.add_row(type_ or "?", str(count), *cells)
    by_type.add_row("合计" if chinese_ else "All", str(total), *_sums(counted, ends))
    by_type.add_row("末端" if chinese_ else "End", "", *(str(end) for end in ends.values()))
    screen().print(by_type)


def _sums(counted: Counter[tuple[str, int]], ends: Positions) -> list[str]:
    return [str(sum(n for (_, p), n in counted.items() if p == partition)) for partition in ends]
