"""The key store: one data key per case, wrapped by a key-encryption key of its secrecy class.

It has a database of its own. Destroying a key makes every sealed word of the case unreadable in
every log, table and backup at once; backups of this store are kept apart and for 30 days only.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from libs.sourcing.database import Conflict, Database
from libs.sourcing.tables import UtcTime

META = sa.MetaData()
keys = sa.Table(
    "case_keys",
    META,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("wrapped_by", sa.Text, nullable=False),
    sa.Column("wrapped", sa.LargeBinary),
    sa.Column("destroyed_at", UtcTime),
)
REMEMBER_SECONDS = 30.0
REMEMBER_KEYS = 4_000


class WrongMasterKey(Exception):
    """The master key does not open the keys that are stored."""


def read_master_key(path: Path, create: bool) -> bytes:
    """32 bytes as hexadecimal digits. ``create`` makes one for a first local run, readable by us alone."""
    if create:
        write_once(path, lambda: AESGCM.generate_key(256).hex() + "\n")
    key = bytes.fromhex(path.read_text().strip())
    if len(key) != 32:
        raise WrongMasterKey(f"{path.name} must hold 32 bytes as 64 hexadecimal digits")
    return key


def write_once(path: Path, content: Callable[[], str]) -> None:
    """Make a file that only we can read, unless it is there. Of two processes at once, one wins."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.") as draft:
        draft.write(content())  # made with mode 0600
        draft.flush()
        with suppress(FileExistsError):
            os.link(draft.name, path)


class Vault:
    """Gives the keys of cases in batches: one statement per batch, and a short memory.

    ``secrecy`` names the class whose key-encryption key wraps what is made here.
    """

    def __init__(self, database: Database, master: bytes, secrecy: str = "normal") -> None:
        self._database = database
        self._secrecy = secrecy
        self._kek = HKDF(SHA256(), 32, None, f"lianxin kek {secrecy}".encode()).derive(master)
        self._memory: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._guard = threading.Lock()

    def prepare(self) -> None:
        """Make the table if it is not there, and check that the master key fits."""
        with self._database.begin() as db:
            if self._database.locks:  # several services may start at the same moment
                db.execute(sa.text("SELECT pg_advisory_xact_lock(7412347)"))
            META.create_all(db)
        with self._database.read() as db:
            one = db.execute(
                sa.select(keys.c.wrapped).where(
                    keys.c.wrapped.is_not(None), keys.c.wrapped_by == self._secrecy
                ).limit(1)
            ).scalar()
        if one is not None:
            self._unwrap(one)

    def obtain(self, case_ids: Iterable[str]) -> dict[str, bytes]:
        """The keys of these cases, made where there were none. An erased case has none."""
        wanted = set(case_ids)
        found = self._look_up(wanted)
        missing = sorted(wanted - found.keys())
        if missing:
            made = {case_id: AESGCM.generate_key(256) for case_id in missing}
            rows = [
                {
                    "case_id": case_id,
                    "wrapped_by": self._secrecy,
                    "wrapped": aes_key_wrap_with_padding(self._kek, key),
                    "destroyed_at": None,
                }
                for case_id, key in made.items()
            ]
            try:
                with self._database.begin() as db:
                    self._database.copy(db, keys, rows)
                self._remember(made)
                found |= made
            except Conflict:  # another service met one of these cases at the same moment
                for case_id in missing:
                    found |= self._look_up({case_id}) or self._make_one(case_id, made[case_id])
        return {case_id: key for case_id, key in found.items() if key}

    def _make_one(self, case_id: str, key: bytes) -> dict[str, bytes]:
        row = {
            "case_id": case_id,
            "wrapped_by": self._secrecy,
            "wrapped": aes_key_wrap_with_padding(self._kek, key),
            "destroyed_at": None,
        }
        try:
            with self._database.begin() as db:
                self._database.copy(db, keys, [row])
            return {case_id: key}
        except Conflict:
            return self._look_up({case_id})

    def read(self, case_ids: Iterable[str]) -> dict[str, bytes]:
        """The keys of these cases that exist and were not destroyed."""
        return {case_id: key for case_id, key in self._look_up(set(case_ids)).items() if key}

    def destroy(self, case_ids: Sequence[str], at: datetime) -> None:
        """Destroy keys for ever. Another process forgets them within ``REMEMBER_SECONDS``."""
        rows = [
            {"case_id": c, "wrapped_by": self._secrecy, "wrapped": None, "destroyed_at": at}
            for c in case_ids
        ]
        with self._database.begin() as db:
            self._database.write(db, keys, rows)
        self._database.wipe()
        with self._guard:
            for case_id in case_ids:
                self._memory.pop(case_id, None)

    def close(self) -> None:
        """Close the store's connections and forget all keys."""
        self._memory.clear()
        self._database.dispose()

    def _look_up(self, wanted: set[str]) -> dict[str, bytes]:
        """Known keys; ``b""`` for a destroyed one."""
        now, found = time.monotonic(), {}
        with self._guard:
            for case_id in wanted:
                remembered = self._memory.get(case_id)
                if remembered and remembered[0] > now:
                    found[case_id] = remembered[1]
        ask = sorted(wanted - found.keys())
        if ask:
            with self._database.read() as db:
                rows = self._database.fetch(db, keys, "case_id", ask)
            fresh = {c: self._unwrap(w) if w is not None else b"" for c, _, w, _ in rows}
            self._remember({c: key for c, key in fresh.items() if key})
            found |= fresh
        return found

    def _unwrap(self, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap_with_padding(self._kek, wrapped)
        except InvalidUnwrap as error:
            raise WrongMasterKey("the master key does not open the stored keys") from error

    def _remember(self, fresh: dict[str, bytes]) -> None:
        until = time.monotonic() + REMEMBER_SECONDS
        with self._guard:
            for case_id, key in fresh.items():
                self._memory[case_id] = (until, key)
            while len(self._memory) > REMEMBER_KEYS:
                self._memory.popitem(last=False)
