"""The key store: one key per case whoever asks first, and none ever again once it is destroyed."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.sourcing.database import open_database
from libs.vault.keys import Vault, WrongMasterKey, keys, read_master_key

MASTER = bytes(range(32))
NOW = datetime(2026, 3, 2, tzinfo=UTC)
Open = Callable[..., Vault]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens vaults on one store."""
    vaults = []

    def open_one(master: bytes = MASTER, secrecy: str = "normal") -> Vault:
        url = f"sqlite:///{tmp_path}/vault.db?synchronous=OFF"
        vaults.append(Vault(open_database(url), master, secrecy))
        vaults[-1].prepare()
        return vaults[-1]

    yield open_one
    for vault in vaults:
        vault.close()


def test_a_case_has_one_key_for_ever(opened: Open) -> None:
    vault = opened()
    first = vault.obtain(["a", "b"])
    assert len(set(first.values())) == 2
    assert {len(key) for key in first.values()} == {32}
    assert vault.obtain(["b", "a", "c"]).items() >= first.items()
    assert opened().obtain(["a", "b"]) == first == opened().read(["a", "b"])


def test_to_read_makes_no_key(opened: Open) -> None:
    vault = opened()
    assert vault.read(["a"]) == {}
    assert vault.obtain([]) == {}
    vault.obtain(["a"])
    assert vault.read(["a", "b"]).keys() == {"a"}


def test_a_destroyed_key_is_gone_for_ever_and_made_no_more(opened: Open) -> None:
    vault = opened()
    vault.obtain(["a", "b"])
    vault.destroy(["a"], NOW)
    for other in (vault, opened()):
        assert other.read(["a", "b"]).keys() == {"b"}
        assert other.obtain(["a", "b"]).keys() == {"b"}
    vault.destroy(["a"], NOW)  # asked twice, done once
    assert opened().read(["a"]) == {}


def test_no_piece_of_a_destroyed_key_stays_in_a_file_of_a_store_at_work(opened: Open, tmp_path: Path) -> None:
    vault = opened()
    vault.obtain([f"case-{n}" for n in range(40)])
    database = open_database(f"sqlite:///{tmp_path}/vault.db")
    with database.read() as db:
        wrapped = {row.case_id: row.wrapped for row in db.execute(sa.select(keys.c.case_id, keys.c.wrapped))}
    database.dispose()
    pieces = [wrapped["case-7"][start : start + 8] for start in range(len(wrapped["case-7"]) - 7)]
    assert all(piece in _in_files(tmp_path) for piece in pieces)
    vault.destroy(["case-7"], NOW)
    assert not [piece for piece in pieces if piece in _in_files(tmp_path)]
    assert all(key in _in_files(tmp_path) for case_id, key in wrapped.items() if case_id != "case-7")


def _in_files(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())


def test_a_case_is_erased_even_if_it_never_had_a_key(opened: Open) -> None:
    vault = opened()
    vault.destroy(["a"], NOW)
    assert vault.obtain(["a"]) == {}


def test_another_process_forgets_a_destroyed_key_in_time(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = opened(), opened()
    one.obtain(["a"])
    other.read(["a"])
    one.destroy(["a"], NOW)
    clock = __import__("time").monotonic() + 31
    monkeypatch.setattr("libs.vault.keys.time.monotonic", lambda: clock)
    assert other.read(["a"]) == {}


def test_the_store_holds_no_key_in_clear(opened: Open, tmp_path: Path) -> None:
    key = opened().obtain(["a"])["a"]
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert key not in content
    assert MASTER not in content
    assert b"case_keys" in content


@pytest.mark.parametrize(
    ("master", "secrecy"), [(bytes(32), "normal"), (MASTER, "restricted")], ids=["key", "class"]
)
def test_a_wrong_master_key_or_another_class_opens_nothing(
    opened: Open, master: bytes, secrecy: str
) -> None:
    vault = opened()
    vault.obtain(["a"])
    wrong = None
    if secrecy == "normal":  # it is noticed at start
        with pytest.raises(WrongMasterKey):
            opened(master, secrecy)
        return
    wrong = opened(master, secrecy)
    with pytest.raises(WrongMasterKey):
        wrong.read(["a"])


def test_a_stored_key_that_was_changed_is_refused(opened: Open) -> None:
    vault = opened()
    vault.obtain(["a"])
    with vault._database.begin() as db:
        db.execute(sa.update(keys).values(wrapped=b"x" * 40))
    with pytest.raises(WrongMasterKey):
        opened()


def test_services_that_meet_a_case_at_the_same_moment_get_the_same_key(opened: Open) -> None:
    vaults = [opened() for _ in range(4)]
    cases = [f"case-{number}" for number in range(60)]
    start = threading.Barrier(len(vaults))
    got: list[dict[str, bytes]] = [{} for _ in vaults]
    errors: list[BaseException] = []

    def ask(number: int) -> None:
        try:
            start.wait()
            mine = cases if number % 2 else cases[::-1]
            for first in range(0, len(cases), 7):
                got[number] |= vaults[number].obtain(mine[first : first + 7])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(vaults))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert got[0].keys() == set(cases)
    assert all(mine == got[0] for mine in got)
    assert opened().read(cases) == got[0]


def test_a_master_key_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    made = read_master_key(path, create=True)
    assert read_master_key(path, create=True) == made == read_master_key(path, create=False)
    assert path.stat().st_mode & 0o077 == 0


def test_a_missing_or_short_master_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_master_key(tmp_path / "none", create=False)
    (tmp_path / "short").write_text("00" * 16)
    with pytest.raises(WrongMasterKey, match="32 bytes"):
        read_master_key(tmp_path / "short", create=False)
