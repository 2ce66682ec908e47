"""A record's headers as text: many are looked at for their type alone, so they are read when asked for."""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import orjson

Pair = tuple[str, bytes | None]


class TextHeaders(Sequence[Pair]):
    """Headers that are kept as a JSON array of pairs, as ``SqliteLog`` writes them."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def texts(self) -> dict[str, str | None]:
        """Each header's text by its name; the last of several of one name."""
        return dict(orjson.loads(self.text))

    def first(self, name: str) -> bytes | None:
        """What the first header of a name says; empty for one that says nothing, ``None`` without one."""
        # In a text of JSON each quotation mark has a backslash, so only a name can look like this.
        before = f'["{name}",'
        start = self.text.find(before) + len(before)
        if start >= len(before) and self.text[start] == '"':
            said = self.text[start + 1 : self.text.index('"', start + 1)]
            if "\\" not in said:
                return said.encode()
        return _first(self._pairs(), name)

    def _pairs(self) -> tuple[Pair, ...]:
        pairs = orjson.loads(self.text)
        return tuple([(name, None if said is None else said.encode()) for name, said in pairs])

    @overload
    def __getitem__(self, place: int) -> Pair: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Pair]: ...
    def __getitem__(self, place: int | slice) -> Pair | Sequence[Pair]:
        return self._pairs()[place]

    def __iter__(self) -> Iterator[Pair]:
        return iter(self._pairs())

    def __len__(self) -> int:
        return len(self._pairs())

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Sequence) and self._pairs() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._pairs())

    def __repr__(self) -> str:
        return repr(self._pairs())


def first(headers: Sequence[Pair], name: str) -> bytes | None:
    """What the first header of a name says; empty for one that says nothing, ``None`` without one."""
    return headers.first(name) if isinstance(headers, TextHeaders) else _first(headers, name)


def _first(headers: Sequence[Pair], name: str) -> bytes | None:
    for each, said in headers:
        if each == name:
            return said or b""
    return None
