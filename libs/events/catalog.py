"""Every event by its stored name, and how an old shape becomes today's. It never drops a field."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

from libs.events import dispatch, evaluation, feedback, intake, reference, supervision
from libs.events.base import Event

OWNERS: tuple[ModuleType, ...] = (intake, dispatch, feedback, evaluation, supervision, reference)

Upcast = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTS: dict[tuple[str, int], Upcast] = {
    ("evaluation.ReviewDecided", 1): lambda old: old
    | {"final": old["level"] == 2 and old["outcome"] != "revoke"},
}
"""``(type, version) -> body of that version turned into the next``. One per step, applied in a row.
A field with a default needs none."""


class UnknownType(ValueError):
    """No event of this name is known: not ours, or a typing error."""


class NewerVersion(Exception):
    """The log speaks a newer version than this reader: stop the partition, upgrade the reader."""


def _stated_in(module: ModuleType) -> list[type[Event]]:
    return [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Event)
        and thing.__module__ == module.__name__
    ]


CATALOG: dict[str, type[Event]] = {
    event.type(): event for module in OWNERS for event in _stated_in(module)
}


def load(type_: str, version: int, body: bytes) -> Event:
    """Today's event from a stored one of any version up to today's.

    Raises ``UnknownType``, ``NewerVersion``, or pydantic's ``ValidationError``.
    """
    event = CATALOG.get(type_)
    if event is None:
        raise UnknownType(f"no event is called {type_}")
    if version == event.version:
        return event.model_validate_json(body)
    if version > event.version:
        raise NewerVersion(f"{type_} is stored as version {version}, this reader knows {event.version}")
    data = json.loads(body)
    for step in range(version, event.version):
        upcast = UPCASTS.get((type_, step))
        data = data if upcast is None else upcast(data)
    return event.model_validate(data)
