"""Compares two shapes of an event, field by field. It judges no meaning, only what can be read.

Backward: today's reader must read what was stored under the old shape. Forward: a reader of the old
shape ignores a field that it does not know, and must find every field that it knows. A widened list
of values is let through under a new version, for a reader that meets a newer version stops there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

JsonSchema = Mapping[str, Any]
WORDS_ONLY = frozenset({"title", "description", "examples"})
UNORDERED = frozenset({"type", "enum", "const", "anyOf", "oneOf", "default"})
STRUCTURE = frozenset(
    {"properties", "required", "items", "prefixItems", "$ref", "$defs", "$schema", "$id"}
)
LOOSER_IF_LESS = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems"})
LOOSER_IF_MORE = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems"})


class Verdict(Enum):
    """What a change asks for."""

    NEW_VERSION = "new version"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, in words that name the field."""

    field: str
    words: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"field {self.field} {self.words}"


@dataclass(slots=True)
class Field:
    """What may stand in one place of the value. ``path`` is ``place.adcode`` or ``claims[]``;
    of a pair ``reviewers[0]`` and ``reviewers[1]``."""

    path: str
    required: bool
    types: set[str] = field(default_factory=set)
    values: set[str] | None = None
    default: Any = None
    bounds: dict[str, Any] = field(default_factory=dict)


def fields_of(schema: JsonSchema) -> dict[str, Field]:
    """Every field of an event's JSON Schema, nested ones too, by path."""
    return {found.path: found for found in _walk(schema, schema, "", True)}


def _walk(schema: JsonSchema, root: JsonSchema, path: str, required: bool) -> Iterator[Field]:
    here = Field(path, required)
    below: list[Field] = []
    if "default" in schema:
        here.default = schema["default"]
    for branch in _branches(schema, root):
        kind = branch.get("type", "anything")
        here.types.add(f"{kind} ({branch['format']})" if "format" in branch else str(kind))
        closed = branch.get("enum", [branch["const"]] if "const" in branch else None)
        if closed is not None:
            here.values = (here.values or set()) | {repr(value) for value in closed}
        skip = WORDS_ONLY | UNORDERED | STRUCTURE | {"format"}
        here.bounds |= {name: value for name, value in branch.items() if name not in skip}
        must = branch.get("required", ())
        for name, inner in branch.get("properties", {}).items():
            below += _walk(inner, root, f"{path}.{name}" if path else name, name in must)
        if isinstance(branch.get("items"), Mapping):
            below += _walk(branch["items"], root, f"{path}[]", True)
        for number, inner in enumerate(branch.get("prefixItems", ())):
            below += _walk(inner, root, f"{path}[{number}]", True)
    yield here
    yield from below


def _branches(schema: JsonSchema, root: JsonSchema) -> Iterator[JsonSchema]:
    """The alternatives of a field, each with its reference followed."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    either = schema.get("anyOf", schema.get("oneOf"))
    if either is None:
        yield schema
    else:
        for branch in either:
            yield from _branches(branch, root)


def changes(old: JsonSchema, new: JsonSchema) -> list[Change]:
    """Every difference between a released shape and another one; none if they are the same."""
    before, after = fields_of(old), fields_of(new)
    found: list[Change] = []
    for path, was in before.items():
        if path in after:
            found += _compare(was, after[path])
        elif _parent(path) in after:
            found.append(Change(path, "was removed", Verdict.NEVER))
    for path, now in after.items():
        if path not in before and _parent(path) in before:
            verdict = Verdict.NEVER if now.required else Verdict.NEW_VERSION
            how = "without a default" if now.required else "with a default"
            found.append(Change(path, f"was added {how}", verdict))
    return found


def _parent(path: str) -> str:
    return path.rpartition("[" if path.endswith("]") else ".")[0]


def _compare(was: Field, now: Field) -> Iterator[Change]:
    path = was.path or "(the event itself)"
    if was.types != now.types:
        change = f"was {_list(was.types)} and is now {_list(now.types)}"
        yield Change(path, change, Verdict.NEVER)
    elif was.values != now.values:
        gone = _gone(was.values, now.values)
        come = _gone(now.values, was.values)
        if gone:
            yield Change(path, f"no longer takes {gone}", Verdict.NEVER)
        if come:
            yield Change(path, f"now takes {come} too", Verdict.NEW_VERSION)
    if was.required != now.required:
        change = "must now be given" if now.required else "may now be missing"
        yield Change(path, change, Verdict.NEVER)
    elif was.default != now.default:
        change = (
            f"had the default {was.default}, with which older events are read; now {now.default}"
        )
        yield Change(path, change, Verdict.NEVER)
    for name in sorted(was.bounds.keys() | now.bounds.keys()):
        a, b = was.bounds.get(name), now.bounds.get(name)
        if a != b:
            change = f"had {name} {a} and has now {b}"
            verdict = Verdict.NEW_VERSION if _looser(name, a, b) else Verdict.NEVER
            yield Change(path, change, verdict)


def _same_default(was: Any, now: Any) -> bool:
    if isinstance(was, dict) and isinstance(now, dict):  # it grows with what a nested value gains
        return all(name in now and _same_default(was[name], now[name]) for name in was)
    return bool(was == now)


def _gone(values: set[str] | None, others: set[str] | None) -> str:
    """The values that the others lack; ``None`` is every value."""
    if others is None:
        return ""
    return "just any value" if values is None else _list(values - others)


def _looser(name: str, was: Any, now: Any) -> bool:
    if name not in LOOSER_IF_LESS | LOOSER_IF_MORE:
        return False
    if was is None or now is None:
        return now is None
    return bool(now < was if name in LOOSER_IF_LESS else now > was)


def _list(words: set[str]) -> str:
    return " or ".join(sorted(words))
