"""``python -m tools.docs`` writes ``docs/events.md`` from the event classes, and nothing else."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from libs.events.base import Event
from libs.events.catalog import CATALOG, OWNERS
from services.list import all_services
from tools.schemas.released import SCHEMAS, schema_of
from tools.schemas.shape import Field, fields_of

PAGE = Path(__file__).parents[1] / "docs" / "events.md"
HEAD = """# Events

Written by `python -m tools.docs` from the classes in `libs/events`; change those, not this page.

An event is a fact of one case. Its type has one owner, the service that alone states it; others
hear it and turn it into commands of their own. A released event is added to, never changed: its
JSON Schemas stand in `{schemas}`, and `python -m tools.schemas check` holds the classes to them.
In the log each stands in the value of a record of `case-events`, with the CloudEvents attributes
in the headers (`libs/events/envelope.py`).

*sealed* is ciphertext under the key of the case. `?` may be left out or null; `=` is the default.
"""


def events_page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    heard = _who_hears()
    yield HEAD.format(schemas=SCHEMAS.as_posix())
    yield "| Event | Version | Stated by | Heard by | Meaning |"
    yield "|---|---|---|---|---|"
    for type_, event in CATALOG.items():
        name = f"[{event.__name__}](#{event.__name__.lower()})"
        who = ", ".join(heard[type_]) or "-"
        yield f"| {name} | {event.version} | {event.owner()} | {who} | {_meaning(event)} |"
    yield "\n## Every event has\n"
    yield from _table("Event", Event, frozenset())
    for owner in OWNERS:
        name = owner.__name__.rpartition(".")[2]
        yield f"\n## {name}\n\n{(owner.__doc__ or '').strip()}"
        for type_, event in CATALOG.items():
            if event.owner() == name:
                yield f"\n### {event.__name__}\n\n{_words(event)}\n"
                yield from _table(type_, event, frozenset(Event.model_fields))


def _who_hears() -> dict[str, list[str]]:
    """The services that take each event in, its owner left out: what it states comes back to it."""
    return {
        type_: [s.name for s in all_services() if event in s.hears and s.name != event.owner()]
        for type_, event in CATALOG.items()
    }


def _table(type_: str, event: type[Event], known: frozenset[str]) -> Iterator[str]:
    shapes = [
        field
        for path, field in fields_of(schema_of(type_, event)).items()
        if path and path.split(".")[0].removesuffix("[]") not in known
    ]
    if not shapes:
        yield "Nothing beyond what every event has."
        return
    yield "| Field | What |"
    yield "|---|---|"
    for field in shapes:
        yield f"| `{field.path}` | {_what(field)} |"


def _what(field: Field) -> str:
    kinds = field.types - {"null"}
    if field.values is not None:
        words = ", ".join(f"`{value.strip(chr(39))}`" for value in sorted(field.values))
    elif field.bounds.get("pattern", "").startswith(r"^lx1\."):
        words = "sealed"
    else:
        words = " or ".join(sorted(kinds))
    bounds = [f"{name} {value}" for name, value in field.bounds.items() if name != "pattern"]
    told = field.default not in (None, [], "") and not isinstance(field.default, dict)
    default = f" = `{json.dumps(field.default)}`" if told and not field.required else ""
    return ", ".join([words + ("" if field.required else "?"), *bounds]) + default


def _words(event: type[Event]) -> str:
    return "\n".join(line.strip() for line in (event.__doc__ or "").strip().splitlines())


def _meaning(event: type[Event]) -> str:
    return _words(event).splitlines()[0].replace("|", "\\|")


def main() -> int:
    """Write the page."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(events_page(), encoding="utf-8")
    print(f"{PAGE.relative_to(PAGE.parents[1])}: {len(CATALOG)} events")
    return 0


if __name__ == "__main__":
    sys.exit(main())
