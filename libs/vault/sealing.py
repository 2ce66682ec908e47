"""AES-256-GCM over a citizen's words, bound to the case. Nothing here stores a key."""

import base64
import os
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel

from libs.events.base import Marker
from libs.vault.contact import contact_key

PREFIX = "lx1."
M = TypeVar("M", bound=BaseModel)


class Unreadable(Exception):
    """The words were sealed for another case or with another key, or were changed."""


def seal_text(text: str, case_id: str, key: bytes) -> str:
    """Ciphertext that only this case's key opens."""
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), case_id.encode())
    return PREFIX + base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()


def open_text(sealed: str, case_id: str, key: bytes) -> str:
    """The words again. Raises ``Unreadable``."""
    try:
        body = sealed.removeprefix(PREFIX)
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != body:
            raise ValueError("base64 with stray bits")  # one text, one ciphertext
        return AESGCM(key).decrypt(raw[:12], raw[12:], case_id.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Unreadable("sealed with another key or for another case") from error


@lru_cache(maxsize=256)
def personal_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a command that the vault must seal before a rule sees them."""
    return tuple(name for name, f in model.model_fields.items() if Marker.PERSONAL in f.metadata)


@lru_cache(maxsize=256)
def nested_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields that hold a tuple of models with personal fields of their own."""
    found = []
    for name, field in model.model_fields.items():
        if get_origin(field.annotation) is tuple:
            inner = [t for t in get_args(field.annotation) if isinstance(t, type)]
            if any(issubclass(t, BaseModel) and is_personal(t) for t in inner):
                found.append(name)
    return tuple(found)


def is_personal(model: type[BaseModel]) -> bool:
    """Whether anything in a command is to be sealed."""
    return bool(personal_fields(model) or nested_fields(model))


@lru_cache(maxsize=256)
def contact_fields(model: type[BaseModel]) -> frozenset[str]:
    """The personal fields that are sealed under the key of the contact data."""
    fields = model.model_fields.items()
    return frozenset(name for name, f in fields if Marker.CONTACT in f.metadata)


def brings_contact(command: BaseModel) -> bool:
    """Whether there is anything in a command that needs the key of the contact data."""
    return any(getattr(command, name) for name in contact_fields(type(command)))


def seal(command: M, case_id: str, key: bytes, contact: bytes | None = None) -> M:
    """A copy of a command with its personal fields sealed: a text, a tuple of texts, or of models.

    Contact data are sealed with the key ``contact``; if there is none, as all else.
    """
    changes: dict[str, Any] = {}
    for name in nested_fields(type(command)):
        changes[name] = tuple(seal(one, case_id, key, contact) for one in getattr(command, name))
    apart = contact_fields(type(command)) if contact is not None else frozenset()
    for name in personal_fields(type(command)):
        value = getattr(command, name)
        under = (contact_key(case_id), contact) if contact and name in apart else (case_id, key)
        if isinstance(value, str):
            changes[name] = seal_text(value, *under)
        elif isinstance(value, tuple):
            changes[name] = tuple(seal_text(one, *under) for one in value)
    return command.model_copy(update=changes) if changes else command
