"""Reads a file of messages, one JSON object a line, and says what is wrong with a line and where."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from libs.rules.calendar import SHANGHAI

FIELDS = ("id", "title", "registered_at", "text", "reply", "replied_at")


class BadMessage(Exception):
    """A line is not a message; the words name file, line and field."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a citizen wrote and what was answered, each at its own time. ``stage`` says how far the
    case is to go: all the way unless a demonstration wants it otherwise."""

    id: str
    title: str
    text: str
    registered_at: datetime
    reply: str
    replied_at: datetime
    stage: str = "closed"
    channel: str = "board_local"

    @property
    def days(self) -> float:
        """Calendar days from registration to reply."""
        return (self.replied_at - self.registered_at).total_seconds() / 86_400


def read_messages(path: Path, limit: int | None = None) -> list[Message]:
    """The messages of a file. Raises ``BadMessage``; ids must differ, a reply follows its question."""
    if not path.is_file():
        raise BadMessage(f"{path}: there is no such file")
    found: dict[str, Message] = {}
    for number, message in _lines(path):
        if message.id in found:
            raise BadMessage(f"{path}:{number}: id {message.id} stands twice")
        found[message.id] = message
        if limit is not None and len(found) == limit:
            break
    if not found:
        raise BadMessage(f"{path}: no message in it")
    return list(found.values())


def _lines(path: Path) -> Iterator[tuple[int, Message]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield number, _message(json.loads(line.decode()))
                except (ValueError, TypeError) as error:
                    raise BadMessage(f"{path}:{number}: {error}") from error


def _message(data: object) -> Message:
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")
    for name in FIELDS:
        if not isinstance(data.get(name), str) or not data[name].strip():
            raise ValueError(f"{name}: a text is missing")
    registered_at, replied_at = (_time(data, name) for name in ("registered_at", "replied_at"))
    if replied_at < registered_at:
        raise ValueError("replied_at: lies before registered_at")
    return Message(
        data["id"], data["title"], data["text"], registered_at, data["reply"], replied_at
    )


def _time(data: dict[str, str], name: str) -> datetime:
    try:
        at = datetime.fromisoformat(data[name])
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at
