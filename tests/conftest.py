"""What many tests stand on: a real broker, a real PostgreSQL, and the platform in one process."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from libs.host.settings import Settings
from tools.cluster.broker import Broker
from tools.cluster.fixtures import shared_broker, shared_postgres
from tools.cluster.postgres import Postgres

hypothesis.settings.register_profile("patient", hypothesis.settings(deadline=None))
hypothesis.settings.load_profile("patient")
"""Else an example may take a fifth of a second by the clock, and ten of them a second to be drawn: a busy
machine takes longer. All else stays as it is, the health checks and what Hypothesis does in CI too."""


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A Kafka broker for the whole run; every test takes topics of its own."""
    yield from shared_broker(tmp_path_factory.mktemp("kafka"))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL for the whole run; every test makes databases of its own."""
    yield from shared_postgres(tmp_path_factory.mktemp("postgres"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The embedded default, under a directory of the test's own, not waiting for the disk."""
    return embedded(tmp_path)


def embedded(root: Path) -> Settings:
    """Settings for the embedded default under a directory."""
    return Settings(
        log_url=f"sqlite:///{root}/log.db?synchronous=OFF",
        database_url=f"sqlite:///{root}/{{service}}.db?synchronous=OFF",
        vault_url=f"sqlite:///{root}/{{service}}.db?synchronous=OFF",
        master_key_file=root / "keys/master.key",
        server_key_file=root / "keys/server.key",
        token_jwks_file=root / "keys/tokens.jwks.json",
        citizen_key_file=root / "keys/citizen.jwk.json",
        pace=0.0,
    )
