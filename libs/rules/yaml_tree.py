"""YAML from a stranger as a tree with line numbers. It makes no objects and follows no alias."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from libs.rules.mistakes import Mistake, Mistakes, clip

DEEPEST = 20
MOST_NODES = 400_000
LONGEST = 10_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Writer = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_typed = yaml.SafeLoader("")
_resolver: Any = _typed
_TYPES = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "timestamp")}


@dataclass(slots=True)
class Node:
    """A text, a list or a mapping, and the line it begins in. `plain` is a text without quotes,
    which YAML may read as a number."""

    line: int
    value: "str | list[Node] | dict[str, Node]"
    plain: bool = False
    key: str | None = field(default=None, repr=False)

    def typed(self) -> Any:
        """The value as YAML means it: 7 is a number, "7" a text, 2026-12-01 a day.

        Raises `Mistakes` with the line of a number or day that is none.
        """
        match self.value:
            case str() as text if not self.plain:
                return text
            case str() as text:
                return _scalar(text, self.line)
            case list() as items:
                return [item.typed() for item in items]
            case dict() as items:
                return {name: item.typed() for name, item in items.items()}

    def texts(self) -> Any:
        """The value with every scalar as it was written: 0101 stays 0101. Null is None."""
        match self.value:
            case str() as text:
                return None if self.plain and text in ("", "~", "null") else text
            case list() as items:
                return [item.texts() for item in items]
            case dict() as items:
                return {name: item.texts() for name, item in items.items()}


def read_yaml(text: str) -> Node:
    """The one document of a text.

    Raises `Mistakes` for what is no YAML, an alias, an anchor, a tag, a key that stands twice or
    is no text, and for more than a table can need.
    """
    wrong: list[Mistake] = []
    root: Node | None = None
    open_nodes: list[Node] = []
    nodes = 0
    for event in _events(text):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise Mistakes([Mistake("the file holds a second document", line=line)])
        if isinstance(event, yaml.AliasEvent):
            raise Mistakes([Mistake("aliases (*name) are not read", line=line)])
        if isinstance(event, yaml.CollectionEndEvent):
            open_nodes.pop()
        if not isinstance(event, yaml.NodeEvent):
            continue
        node = _node(event, line)
        nodes += 1
        if nodes > MOST_NODES or len(open_nodes) >= DEEPEST:
            raise Mistakes([Mistake("holds more, or deeper, than a table can need", line=line)])
        if root is None:
            root = node
        else:
            _add(open_nodes[-1], node, wrong)
        if not isinstance(node.value, str):
            open_nodes.append(node)
    if wrong:
        raise Mistakes(wrong)
    if root is None:
        raise Mistakes([Mistake("the file is empty")])
    return root


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise Mistakes(
            [Mistake(f"is no YAML: {error.problem or error.context}", line=line)]
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise Mistakes([Mistake(f"is no YAML: {clip(reason)}")]) from None


def _node(event: Any, line: int) -> Node:
    if event.anchor is not None:
        raise Mistakes([Mistake("anchors (&name) are not read", line=line)])
    if event.tag is not None:
        raise Mistakes([Mistake(f"tags ({clip(event.tag)}) are not read", line=line)])
    if isinstance(event, yaml.ScalarEvent):
        if len(event.value) > LONGEST:
            raise Mistakes([Mistake(f"is longer than {LONGEST} characters", line=line)])
        return Node(line, event.value, plain=event.implicit[0])
    return Node(line, {} if isinstance(event, yaml.MappingStartEvent) else [])


def _add(parent: Node, node: Node, wrong: list[Mistake]) -> None:
    """Puts a node into the mapping or list that is open; in a mapping, keys and values alternate."""
    if isinstance(parent.value, list):
        parent.value.append(node)
    elif isinstance(parent.value, dict) and parent.key is None:
        if not isinstance(node.value, str):
            raise Mistakes([Mistake("a key must be a text", line=node.line)])
        parent.key = node.value
    elif isinstance(parent.value, dict) and parent.key is not None:
        if parent.key in parent.value:
            wrong.append(Mistake("the key stands twice", clip(parent.key), line=node.line))
        parent.value[parent.key] = node
        parent.key = None


def _scalar(text: str, line: int) -> Any:
    tag: str = _resolver.resolve(yaml.ScalarNode, text, (True, False))
    if tag not in _TYPES:
        return text
    try:
        return yaml.SafeLoader.yaml_constructors[tag](_typed, yaml.ScalarNode(tag, text))
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        reason = str(error).splitlines()[0]
        raise Mistakes([Mistake(f"{clip(text)!r}: {clip(reason)}", line=line)]) from None


def write_yaml(content: Mapping[str, Any]) -> bytes:
    """The content as YAML that is read back to the same, lists of simple values on one line."""
    return yaml.dump(
        content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000
    ).encode()


class _Dumper(_Writer):  # type: ignore[misc,valid-type]
    """Writes no anchors, though the same list may stand in two places."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
