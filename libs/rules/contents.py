"""The contents of editions as JSON: a plain copy, the canonical bytes, the digest. It judges none."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

DEEPEST = 20
LARGEST = 2**53  # beyond it, readers of JSON differ


def canonical(content: Mapping[str, Any]) -> bytes:
    """A content as JSON that is the same for equal contents: sorted keys, no spaces, UTF-8.

    Raises `ValueError` for what JSON cannot hold.
    """
    text = json.dumps(plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical JSON, in hexadecimal."""
    return sha256(canonical(content)).hexdigest()


def plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy as JSON gives it back: keys are texts, lists are lists, days are texts.

    Raises `ValueError` for anything else, and for what is nested too deep.
    """
    if not isinstance(content, Mapping):
        raise ValueError("a content must be a mapping")
    copied: dict[str, Any] = _plain(content, 0)
    return copied


def _plain(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError(f"is nested more than {DEEPEST} deep")
    match value:
        case str():
            if not value.isascii():
                value.encode()  # half a character cannot be stored: UnicodeEncodeError says where
            return value
        case None | bool():
            return value
        case int() | float():
            if not abs(value) < LARGEST:  # nor is NaN
                raise ValueError("holds a number that is none, or is too large")
            return value
        case date():
            return value.isoformat()
        case Mapping():
            return {str(_plain(k, depth)): _plain(v, depth + 1) for k, v in value.items()}
        case list() | tuple():
            return [_plain(item, depth + 1) for item in value]
        case _:
            raise ValueError(f"a {type(value).__name__} has no place in a content")
