"""The services' real SQLite tables in memory, made once and put back to empty for every run; and the
product's clock, dice and databases taken from the run instead of the machine."""

import gc
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import TypeAdapter
from sqlalchemy import event
from sqlalchemy.engine import Connection

import libs.host.run
import libs.host.running
import libs.host.schema
import libs.sourcing.store
from libs.host.run import prepare_keys
from libs.host.schema import ensure_schema
from libs.host.service import Service
from libs.host.settings import Settings
from libs.rules.rules import Rules, shipped_rules
from libs.sourcing.database import Database, SqliteDatabase
from libs.vault.keys import Vault, read_master_key
from services.list import NAMES, service_named
from tests.model.loop import PROCESS

PARTITIONS = 3
SINCE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Home(SqliteDatabase):
    """One database. It outlives the processes that use it, and is reached in one transaction at a time."""

    def __init__(self, name: str) -> None:
        super().__init__("sqlite://?synchronous=OFF")
        self.name, self.touched = name, False
        self.raw: sqlite3.Connection
        self.clock: Callable[[], float] = lambda: 0.0
        self._empty = sqlite3.connect(":memory:", check_same_thread=False)
        event.listen(self.engine, "connect", self._connected)
        event.listen(self.engine, "commit", self._committing)

    def _connected(self, connection: sqlite3.Connection, _: Any) -> None:
        self.raw = connection
        connection.create_function("strftime", -1, self._database_clock)

    def _database_clock(self, form: str, *words: str) -> str:
        seconds = sum(float(word.split()[0]) for word in words[1:])
        at = SINCE + timedelta(seconds=self.clock() + seconds)
        return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}"

    def _committing(self, connection: Connection) -> None:
        being: Any = PROCESS.get()
        self.touched = True
        if being is not None:
            being.at_commit(self.name)

    def dispose(self) -> None:
        """A process that ends takes its connection with it, not the tables."""

    def close(self) -> None:
        """The end of all runs."""
        self._empty.close()
        super().dispose()

    def keep_as_empty(self) -> None:
        """What is there now is how every run begins."""
        self.raw.backup(self._empty)

    def empty(self) -> None:
        """As it was at first."""
        self._empty.backup(self.raw)
        self.touched = False

    def rows(self, query: str) -> list[Any]:
        """A look from outside."""
        return self.raw.execute(query).fetchall()


class Homes:
    """All databases, keys and rules; made once for many runs."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(
            log_url="sqlite:///nowhere",
            database_url="sqlite:///{service}",
            vault_url="sqlite:///{service}",
            master_key_file=root / "master.key",
            server_key_file=root / "server.key",
            token_jwks_file=root / "tokens.jwks.json",
            citizen_key_file=root / "citizen.jwk.json",
            case_partitions=PARTITIONS,
            trace_share=0.0,
        )
        prepare_keys(self.settings)
        self.rules: Rules = shipped_rules(self.settings.policy, self.settings.city)
        self.services: list[Service] = [service_named(name) for name in NAMES]
        self.homes = {name: Home(name) for name in (*NAMES, "vault")}
        for service in self.services:
            ensure_schema(self.homes[service.name], service)
        Vault(self.homes["vault"], read_master_key(self.settings.master_key_file, True)).prepare()
        for home in self.homes.values():
            home.keep_as_empty()
        gc.freeze()  # what was made for all runs need not be looked through in every one

    def __getitem__(self, name: str) -> Home:
        return self.homes[name]

    def open(self, url: str) -> Database:
        """In the place of ``open_database``."""
        return self.homes[url.rpartition("/")[2]]

    @contextmanager
    def lent(self, clock: Callable[[], float], dice: random.Random) -> Iterator[None]:
        """Empty tables; until the end the product's time and chance are the run's."""
        for home in self.homes.values():
            home.empty()
            home.clock = clock
        ours = [m for name, m in sorted(sys.modules.items()) if name.startswith("libs.")]
        patches: list[Any] = [
            patch.object(m, "time", _Time(clock)) for m in ours if vars(m).get("time") is time
        ]
        patches += [
            patch.object(m, "random", dice) for m in ours if vars(m).get("random") is random
        ]
        patches += [
            patch.object(m, "open_database", self.open) for m in (libs.host.run, libs.host.running)
        ]
        # The tables are at their newest already; asking Alembic costs ten times a whole start.
        patches.append(patch.object(libs.host.schema, "migrate", lambda database: None))
        patches.append(
            patch.object(libs.sourcing.store, "TypeAdapter", _adapter)
        )  # the same each time
        for one in patches:
            one.start()
        try:
            yield
        finally:
            for one in reversed(patches):
                one.stop()

    def close(self) -> None:
        """The end of all runs."""
        for home in self.homes.values():
            home.close()


_adapter = lru_cache(TypeAdapter)


class _Time:
    """What the product uses of ``time``, told by the run's clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.monotonic = self.perf_counter = self.time = lambda: 1000.0 + clock()
