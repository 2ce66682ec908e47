"""deploy/postgres/init.sh, run against a real PostgreSQL of this machine."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT, environment

PASSWORDS = {
    "LIANXIN_DB_PASSWORD": "one",
    "VAULT_DB_PASSWORD": "two",
    "RESTRICTED_DB_PASSWORD": "it's three",  # a quote must not end the statement
    "RESTRICTED_VAULT_DB_PASSWORD": "four",
}
STAGES = {"intake", "dispatch", "supervision", "feedback", "evaluation", "analytics"}


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A server that init.sh has run on; gives the environment that reaches it."""
    found = shutil.which("pg_config")
    asked = found and subprocess.run([found, "--bindir"], capture_output=True, text=True).stdout
    home = Path((asked or "").strip())
    if not (home / "initdb").exists() or not shutil.which("psql"):
        pytest.skip("SKIPPED: no PostgreSQL server is installed on this machine")
    # PostgreSQL refuses root; in a user namespace root is somebody else.
    other = ["unshare", "-U", "--map-user=1000", "--map-group=1000", "--"]
    prefix = other if os.geteuid() == 0 else []
    data = tmp_path_factory.mktemp("pg")
    sockets = Path("/tmp") / f"lianxin-pg-{os.getpid()}"  # a socket's path has 107 bytes at most
    sockets.mkdir()
    (sockets / "password").write_text("zero")
    options = ["-U", "postgres", "-E", "UTF8", "--no-sync", "--auth=scram-sha-256"]
    options += [f"--pwfile={sockets / 'password'}"]
    made = [*prefix, home / "initdb", "-D", data, *options]
    subprocess.run(made, check=True, capture_output=True)
    serve = [*prefix, home / "postgres", "-D", data, "-k", sockets, "-c", "listen_addresses="]
    env = environment(PGHOST=str(sockets), PGPASSWORD="zero", POSTGRES_USER="postgres", **PASSWORDS)
    with (sockets / "log").open("w") as log:
        running = subprocess.Popen(serve, stderr=log, stdout=log)
    try:
        ready = [home / "pg_isready", "-q"]
        deadline = time.monotonic() + 30
        while subprocess.run(ready, env=env).returncode and time.monotonic() < deadline:
            time.sleep(0.1)
        script = ["bash", ROOT / "deploy/postgres/init.sh"]
        done = subprocess.run(script, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        yield env
    finally:
        running.terminate()
        running.wait(timeout=20)
        shutil.rmtree(sockets)


def ask(env: dict[str, str], role: str, database: str, secret: str, question: str) -> str | None:
    """The answer, or None if the role can't get in or is refused."""
    command = ["psql", "--no-psqlrc", "-tA", "-U", role, "-d", database, "-c", question]
    done = subprocess.run(command, env=env | {"PGPASSWORD": secret}, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


OWNERS = {
    "lianxin": ("LIANXIN_DB_PASSWORD", STAGES | {"reference"}),
    "vault": ("VAULT_DB_PASSWORD", {"vault"}),
    "restricted": ("RESTRICTED_DB_PASSWORD", {f"restricted_{name}" for name in STAGES}),
    "restricted_vault": ("RESTRICTED_VAULT_DB_PASSWORD", {"restricted_vault"}),
}


def test_there_is_a_database_for_each_service_and_a_vault_in_both_realms(
    initialised: dict[str, str],
) -> None:
    listed = ask(initialised, "postgres", "postgres", "zero", "select datname from pg_database")
    expected = set().union(*(databases for _, databases in OWNERS.values()))
    assert set((listed or "").split()) - {"postgres", "template0", "template1"} == expected


def test_the_server_takes_the_connections_of_two_realms(initialised: dict[str, str]) -> None:
    question = "select setting from pg_file_settings where name = 'max_connections' order by seqno desc limit 1"
    assert ask(initialised, "postgres", "postgres", "zero", question) == "200"


@pytest.mark.parametrize("role", OWNERS)
def test_a_role_works_in_its_own_databases_and_gets_into_no_other(
    initialised: dict[str, str], role: str
) -> None:
    secret, own = PASSWORDS[OWNERS[role][0]], OWNERS[role][1]
    for _, databases in OWNERS.values():
        for database in databases:
            made = "create table t (n int); drop table t; select current_user"
            answer = ask(initialised, role, database, secret, made)
            assert (answer or "").endswith(role) == (database in own), (role, database, answer)
    assert ask(initialised, role, min(own), "wrong", "select 1") is None


def test_a_stopped_process_loses_its_locks_after_ten_seconds(initialised: dict[str, str]) -> None:
    asked = "show idle_in_transaction_session_timeout"
    assert ask(initialised, "lianxin", "dispatch", "one", asked) == "10s"
