"""YAML that a person wrote, read with the line of everything in it. It opens no file and makes no objects.

Only what JSON can hold comes out: mappings with text keys, lists, texts, plain numbers, true and
false. Aliases, tags and all else by which a small text grows or runs something are mistakes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import yaml
from yaml.resolver import Resolver

Path = tuple[str | int, ...]
"""Where something stands: keys of mappings and numbers of list items, from the outermost in."""

LARGEST_TEXT = 128 * 1024
DEEPEST = 16
PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_resolver = Resolver()


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, where; ``line`` counts from 1."""

    line: int
    path: Path
    reason: str

    def __str__(self) -> str:
        path = dotted(self.path)
        return (
            f"line {self.line}: {path}: {self.reason}"
            if path
            else f"line {self.line}: {self.reason}"
        )


@dataclass(slots=True)
class Marked:
    """What was read, the line of each key and item, and what could not be read."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of this path, or of the innermost thing around it that was written."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def wrong(self, line: int, path: Path, reason: str) -> None:
        """Remember a mistake."""
        self.mistakes.append(Mistake(line, path, reason))


def dotted(path: Path) -> str:
    """A path as a clerk reads it: ``sla_classes.G.handle``."""
    return ".".join(str(part) for part in path)


def read_marked(text: str) -> Marked:
    """What a YAML text says. It never raises: a text that is no YAML is a mistake with its line."""
    marked = Marked()
    if len(text) > LARGEST_TEXT:
        marked.wrong(1, (), f"longer than {LARGEST_TEXT:,} characters")
        return marked
    try:
        events = yaml.parse(text, Loader=_Loader)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                marked.data = _value(next(events), events, (), marked)
                break
        else:
            marked.wrong(1, (), "nothing is written here")
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                marked.wrong(_line(event), (), "a second document; write one")
                break
    except _Stop:
        marked.data = None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        marked.wrong(line, (), "a character that YAML does not allow")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        marked.wrong(line, (), f"no YAML: {error.problem or error.context}")
    return marked


class _Stop(Exception):
    """What was found makes the rest not worth reading."""


def _value(event: yaml.Event, events: Iterator[yaml.Event], path: Path, marked: Marked) -> Any:
    line = _line(event)
    marked.lines.setdefault(path, line)
    if len(path) > DEEPEST:
        marked.wrong(line, path[:2], f"more than {DEEPEST} levels deep")
        raise _Stop
    if getattr(event, "anchor", None) is not None:  # an alias has one, too
        marked.wrong(line, path, "aliases (& and *) are not allowed; write it out")
        raise _Stop
    tag = getattr(event, "tag", None)
    if tag is not None:
        marked.wrong(line, path, f"tags are not allowed: {tag[:60]}")
        raise _Stop
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Any] = []
        for item in events:
            if isinstance(item, yaml.SequenceEndEvent):
                return items
            items.append(_value(item, events, (*path, len(items)), marked))
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(events, path, marked)
    assert isinstance(event, yaml.ScalarEvent)
    return _scalar(event, path, marked)


def _mapping(events: Iterator[yaml.Event], path: Path, marked: Marked) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
            marked.wrong(line, path, "a key is a plain word")
            raise _Stop
        key = event.value
        inner = (*path, key)
        if key == "<<":
            marked.wrong(line, path, "<< is not allowed; write it out")
        if key in found:
            marked.wrong(line, inner, f"stands twice; first in line {marked.lines[inner]}")
            _value(next(events), events, inner, Marked())
            continue
        marked.lines[inner] = line
        found[key] = _value(next(events), events, inner, marked)
    return found


def _scalar(event: yaml.ScalarEvent, path: Path, marked: Marked) -> Any:
    value: str = event.value
    tag: str = _resolver.resolve(yaml.ScalarNode, value, event.implicit)  # type: ignore[no-untyped-call]
    match tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            if value in ("true", "false"):
                return value == "true"
            marked.wrong(_line(event), path, f"write true or false, or put {value} in quotes")
            return None
        case "int":
            if PLAIN_NUMBER.fullmatch(value):
                return int(value)
            marked.wrong(_line(event), path, f"no plain decimal number: {value[:40]}")
            return None
        case "float":
            try:
                number = float(value)
            except ValueError:
                number = float("nan")
            if isfinite(number) and len(value) <= 20:
                return number
            marked.wrong(_line(event), path, f"no plain decimal number: {value[:40]}")
            return None
        case _:  # a date stays the text it is, as in JSON
            return value


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
