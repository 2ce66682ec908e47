"""Columns of values as arrays of PostgreSQL, each of its column's type whatever the values are.

Of a list psycopg looks for the smallest type: of integers by the greatest, and nothing but nulls become texts. So
one statement came with ever other types of parameters, and each time was prepared anew.
"""

from struct import Struct
from types import NoneType
from typing import Any, NamedTuple

import psycopg
from psycopg.abc import AdaptContext, DumperKey
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format

_HEAD = Struct("!iiIii")
"""One dimension; whether there are nulls; the elements' type; how many, counted from 1."""
_LENGTH = Struct("!i")


class Array(NamedTuple):
    """``values``, each of PostgreSQL's type ``kind`` or ``None``."""

    kind: str
    values: list[Any]


class ArrayDumper(Dumper):
    """Writes an ``Array`` as PostgreSQL's ``array_recv`` reads it, its elements as psycopg does."""

    format = Format.BINARY

    def __init__(self, cls: type, context: AdaptContext | None = None, kind: str | None = None) -> None:
        super().__init__(cls, context)
        if kind is not None:
            adapters = psycopg.adapters if context is None else context.adapters
            info = adapters.types[kind]
            self.oid, self._of = info.array_oid, info.oid
            element = adapters.get_dumper_by_oid(info.oid, Format.BINARY)(NoneType, context)
            self._dump: Any = str.encode if kind == "text" else element.dump

    def get_key(self, obj: Array, format: PyFormat) -> DumperKey:
        return self.cls, obj.kind  # type: ignore[return-value]

    def upgrade(self, obj: Array, format: PyFormat) -> Dumper:
        return ArrayDumper(self.cls, self.connection, obj.kind)

    def dump(self, obj: Array) -> bytes:
        values, dump = obj.values, self._dump
        if nulls := None in values:
            said = [b"" if value is None else dump(value) for value in values]
            lengths = [-1 if value is None else len(of) for value, of in zip(values, said, strict=True)]
        else:
            said = list(map(dump, values))
            lengths = list(map(len, said))
        parts = [b""] * (2 * len(said))
        parts[::2], parts[1::2] = map(_LENGTH.pack, lengths), said
        return _HEAD.pack(1, nulls, self._of, len(said), 1) + b"".join(parts)


psycopg.adapters.register_dumper(Array, ArrayDumper)
