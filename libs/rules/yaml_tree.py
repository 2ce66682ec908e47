"""YAML from a stranger as a tree with line numbers. It makes no objects and follows no alias.

Only what JSON can hold comes out: mappings with text keys, lists, texts, plain numbers, true and false.
Aliases, tags and all else by which a small text grows or runs something are mistakes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import yaml
from yaml.resolver import Resolver

from libs.rules.mistakes import Mistake, Mistakes, Path, clip

DEEPEST = 20
MOST_NODES = 400_000
LONGEST = 10_000
PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})")

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Writer = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_resolver: Any = Resolver()


@dataclass(slots=True)
class Node:
    """A text, a list or a mapping, and the line it begins in. `plain` is a text without quotes,
    which YAML may read as a number; `at` the line of the key before it, or its own."""

    line: int
    value: "str | list[Node] | dict[str, Node]"
    plain: bool = False
    at: int = 0
    key: tuple[str, int] | None = field(default=None, repr=False)

    def texts(self) -> Any:
        """The value with every scalar as it was written: 0101 stays 0101. Null is None."""
        match self.value:
            case str() as text:
                return None if self.plain and text in ("", "~", "null") else text
            case list() as items:
                return [item.texts() for item in items]
            case dict() as items:
                return {name: item.texts() for name, item in items.items()}

    def within(self, part: str | int) -> "Node | None":
        """What stands under a key, or as the nth item."""
        if isinstance(self.value, dict):
            return self.value.get(str(part))
        if isinstance(self.value, list) and isinstance(part, int):
            return self.value[part] if part < len(self.value) else None
        return None


@dataclass(frozen=True, slots=True)
class Tree:
    """The document of a text, and what is wrong with it though it can be read."""

    root: Node
    mistakes: list[Mistake]

    def typed(self) -> Any:
        """The values as YAML means them: 7 is a number, "7" a text; a day stays the text it is, as in
        JSON. A value that cannot be read is None, and told in `mistakes`."""
        return _typed(self.root, (), self.mistakes)

    def line_of(self, path: Path) -> int:
        """The line of this path, or of the innermost thing around it that was written."""
        node, line = self.root, self.root.line
        for part in path:
            inner = node.within(part)
            if inner is None:
                break
            node, line = inner, inner.at
        return line


def read_yaml(text: str) -> Tree:
    """The one document of a text.

    Raises `Mistakes` for what is no YAML, an alias, an anchor, a tag, a key that is no text, and for
    more than a table can need. A key that stands twice is told with what else is wrong.
    """
    wrong: list[Mistake] = []
    root: Node | None = None
    open_nodes: list[Node] = []
    path: list[str | int] = []
    nodes = 0
    try:
        for event in _events(text):
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise _stop(line, (), "a second document; write one")
            if isinstance(event, yaml.CollectionEndEvent):
                open_nodes.pop()
                if path:
                    path.pop()
            if not isinstance(event, yaml.NodeEvent):
                continue
            here = (*path, *(_next(open_nodes[-1]) if open_nodes else ()))
            node = _node(event, line, here)
            nodes += 1
            if nodes > MOST_NODES or len(open_nodes) >= DEEPEST:
                raise _stop(line, here[:2], "holds more, or deeper, than a table can need")
            if root is None:
                root = node
            else:
                _add(open_nodes[-1], node, here, wrong)
            if not isinstance(node.value, str):
                open_nodes.append(node)
                path = list(here)
    except Mistakes as error:
        raise Mistakes([*wrong, *error.all]) from None
    if root is None:
        raise Mistakes([*wrong, Mistake("nothing is written here", line=1)])
    return Tree(root, wrong)


def _next(parent: Node) -> Path:
    """Where in its parent the next node stands: no path for a key."""
    if isinstance(parent.value, list):
        return (len(parent.value),)
    return () if parent.key is None else (parent.key[0],)


def _stop(line: int | None, path: Path, reason: str) -> Mistakes:
    return Mistakes([Mistake(reason, line=line, path=path)])


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _stop(line, (), "is no YAML: a character that YAML does not allow") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise _stop(line, (), f"is no YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise _stop(1, (), f"is no YAML: {clip(reason)}") from None


def _node(event: Any, line: int, path: Path) -> Node:
    if event.anchor is not None:  # an alias has one, too
        raise _stop(line, path, "aliases (& and *) are not read; write it out")
    if event.tag is not None:
        raise _stop(line, path, f"tags ({clip(event.tag)}) are not read")
    if isinstance(event, yaml.ScalarEvent):
        if len(event.value) > LONGEST:
            raise _stop(line, path, f"is longer than {LONGEST} characters")
        return Node(line, event.value, event.implicit[0], line)
    return Node(line, {} if isinstance(event, yaml.MappingStartEvent) else [], at=line)


def _add(parent: Node, node: Node, path: Path, wrong: list[Mistake]) -> None:
    """Puts a node into the mapping or list that is open; in a mapping, keys and values alternate."""
    if isinstance(parent.value, list):
        parent.value.append(node)
    elif isinstance(parent.value, dict) and parent.key is None:
        if not isinstance(node.value, str):
            raise _stop(node.line, path, "a key is a plain word")
        parent.key = node.value, node.line
        if (first := parent.value.get(node.value)) is not None:
            reason = f"stands twice; first in line {first.at}"
            wrong.append(Mistake(reason, line=node.line, path=(*path, clip(node.value))))
    elif isinstance(parent.value, dict) and parent.key is not None:
        name, node.at = parent.key
        parent.key = None
        parent.value.setdefault(name, node)


def _typed(node: Node, path: Path, wrong: list[Mistake]) -> Any:
    match node.value:
        case str() as text:
            return _scalar(text, node, path, wrong) if node.plain else text
        case list() as items:
            return [_typed(item, (*path, number), wrong) for number, item in enumerate(items)]
        case dict() as items:
            if "<<" in items:
                reason = "<< is not allowed; write it out"
                wrong.append(Mistake(reason, line=items["<<"].at, path=path))
            return {name: _typed(item, (*path, name), wrong) for name, item in items.items()}


def _scalar(text: str, node: Node, path: Path, wrong: list[Mistake]) -> Any:
    tag: str = _resolver.resolve(yaml.ScalarNode, text, (True, False))
    match tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool" if text in ("true", "false"):
            return text == "true"
        case "bool":
            reason = f"write true or false, or put {text} in quotes"
        case "int" if PLAIN_NUMBER.fullmatch(text):
            return int(text)
        case "float" if (number := _decimal(text)) is not None:
            return number
        case "int" | "float":
            reason = f"no plain decimal number: {clip(text)}"
        case _:
            return text
    wrong.append(Mistake(reason, line=node.line, path=path))
    return None


def _decimal(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and len(text) <= 20 else None


def write_yaml(content: Mapping[str, Any]) -> bytes:
    """The content as YAML that is read back to the same, lists of simple values on one line."""
    return yaml.dump(
        content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000
    ).encode()


class _Dumper(_Writer):  # type: ignore[misc,valid-type]
    """Writes no anchors, though the same list may stand in two places."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
