"""What a service's database promises, in one body for SQLite and PostgreSQL.

One long file, because it is the port's contract: each promise stands once and is held by both homes.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError

from libs.events.base import SYSTEM, Recorded, Versions
from libs.events.dispatch import AssignmentSigned
from libs.host.deadlines import first_wake
from libs.host.folding import MemoryViews
from libs.host.schema import migrate
from libs.sourcing.database import TRANSIENT, Conflict, Database, SqliteDatabase, open_database
from libs.sourcing.store import Head, StateCodec, Store
from libs.sourcing.tables import (
    DERIVED,
    KEPT,
    UtcTime,
    events,
    heads,
    numbers,
    outbox,
    positions,
    quarantine,
)
from libs.sourcing.views import Views
from tests.sourcing.empty import emptied
from tools.cluster.postgres import Postgres

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OTHERS = sa.MetaData()
notes = sa.Table(
    "notes",
    OTHERS,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("words", sa.Text),
    sa.Column("count", sa.Integer),
    sa.Column("open", sa.Boolean),
    sa.Column("blob", sa.LargeBinary),
    sa.Column("at", UtcTime),
)
marks = sa.Table(
    "marks",
    OTHERS,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the test's own."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/service.db?synchronous=OFF"
    server: Postgres = request.getfixturevalue("postgres")
    return emptied(server, "contract")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """The same, with the tables of a service and two more."""
    opened = open_database(url)
    migrate(opened)
    with opened.begin() as db:
        DERIVED.create_all(db)
        OTHERS.create_all(db)
    yield opened
    opened.dispose()


@pytest.fixture
def store(database: Database) -> Store[dict[str, str]]:
    """Heads whose state is a few words."""
    return Store(database, StateCodec(dict[str, str]()))


def row(name: str, **more: object) -> dict[str, object]:
    blank = {"id": name, "words": None, "count": 0, "open": False, "blob": None, "at": None}
    return blank | more


def all_notes(database: Database) -> dict[str, dict[str, object]]:
    with database.read() as db:
        return {r["id"]: dict(r) for r in db.execute(sa.select(notes)).mappings()}


def head(case_id: str, **more: object) -> Head[dict[str, str]]:
    words = {"case_id": case_id, "partition": 0, "state": {}} | more
    return Head(**words)  # type: ignore[arg-type]


# ----------------------------------------------------------------------------------- writing


def test_rows_are_put_in_or_replaced_by_their_key(database: Database) -> None:
    with database.begin() as db:
        database.write(db, notes, [row("a", count=1), row("b", count=2)])
    with database.begin() as db:
        database.write(db, notes, [row("b", count=3, words="new"), row("c", count=4)])
    found = all_notes(database)
    assert {name: r["count"] for name, r in found.items()} == {"a": 1, "b": 3, "c": 4}
    assert found["b"]["words"] == "new"


def test_columns_that_are_not_named_stay_as_they_were(database: Database) -> None:
    with database.begin() as db:
        database.write(db, notes, [row("a", words="kept", count=1)])
        database.write(db, notes, [{"id": "a", "count": 2}])
    assert all_notes(database)["a"]["words"] == "kept"
    assert all_notes(database)["a"]["count"] == 2


def test_of_rows_that_are_there_what_changed_is_written_and_all_else_stays(database: Database) -> None:
    with database.begin() as db:
        database.write(db, notes, [row("a", words="kept", at=AT), row("b", count=2), row("c", count=3)])
        later = AT + timedelta(microseconds=1)
        changed = [row("a", words="kept", at=later), row("b", count=2, open=True)]
        database.change(db, notes, changed, ["open", "at"])
    found = all_notes(database)
    assert found == {r["id"]: r for r in [*changed, row("c", count=3)]}


def test_two_changes_of_one_row_at_once_are_refused(database: Database) -> None:
    with database.begin() as db, pytest.raises(ValueError, match="same id"):
        database.change(db, notes, [row("a", count=1), row("a", count=2)], ["count"])


def test_a_view_that_changes_rows_leaves_what_is_the_same_in_all_as_it_was(database: Database) -> None:
    with database.begin() as db:
        views = Views(database, db)
        views.write(notes, [row("a", words="x"), row("b", words="y", at=AT), row("c")])
        old = views.load(notes, ["a", "b", "c"])
        new = {"a": {"count": 1}, "b": {"at": None}, "c": {}}
        views.change(notes, [(old[name], old[name] | change) for name, change in new.items()])
        assert views.load(notes, new) == {name: old[name] | change for name, change in new.items()}


def test_what_never_changed_does_not_travel_and_stays(postgres: Postgres) -> None:
    """A row of a case carries its words, and most of what it hears changes none of them."""
    database = open_database(emptied(postgres, "contract"))
    try:
        with database.begin() as db:
            OTHERS.create_all(db)
            database.write(db, notes, [row("a", words="kept"), row("b", words="kept")])
            database.change(db, notes, [row("a", words="unsent", count=1)], ["count"])
            database.change(db, notes, [row("b", words="unsent", count=2, at=AT)], ["at", "count"])
        assert all_notes(database) == {
            r["id"]: r for r in (row("a", words="kept", count=1), row("b", words="kept", count=2, at=AT))
        }
    finally:
        database.dispose()


@pytest.mark.parametrize("way", [lambda d: d.begin(), lambda d: d.read()], ids=["begin", "read"])
def test_statements_stay_prepared_whoever_uses_the_connection_in_between(
    postgres: Postgres, way: Callable[[Database], AbstractContextManager[sa.Connection]]
) -> None:
    # After a rollback psycopg throws all of a connection's away, and a turn's were planned anew each time.
    database = open_database(emptied(postgres, "contract"))
    try:
        with database.begin() as db:
            KEPT.create_all(db)
        for _ in range(4):
            with database.begin() as db:
                database.fetch(db, numbers, "name", ["receipt"])
        with way(database) as db:
            database.fetch(db, numbers, "name", ["receipt"])
        with database.begin() as db:
            kept = database.drive(db, "SELECT statement FROM pg_prepared_statements").fetchall()
        assert any('FROM "numbers"' in statement for (statement,) in kept)
    finally:
        database.dispose()


def test_a_statement_is_the_same_whatever_its_values_are(postgres: Postgres) -> None:
    # psycopg gives a list the smallest type that holds it, and each other type had a plan of its own.
    database = open_database(emptied(postgres, "contract"))
    more = [{"count": 1}, {"count": 70_000}, {"count": 2**31 - 1}, {"words": "w", "at": AT, "blob": b"\0"}]
    try:
        with database.begin() as db:
            OTHERS.create_all(db)
        for values in more * 4:
            with database.begin() as db:
                database.write(db, notes, [row("a"), row("b", **values)])
        with database.begin() as db:
            kept = database.drive(db, "SELECT statement FROM pg_prepared_statements").fetchall()
        assert sum('INTO "notes"' in statement for (statement,) in kept) == 1
        assert all_notes(database) == {"a": row("a"), "b": row("b", **more[-1])}
    finally:
        database.dispose()


def test_what_was_planned_while_a_table_was_small_does_not_read_all_of_it_later(postgres: Postgres) -> None:
    """PostgreSQL keeps a plan until it looks at the table again by itself, up to a minute later."""
    database = open_database(emptied(postgres, "contract"))

    def work() -> None:
        with database.begin() as db:
            some = [row(str(n), count=7) for n in range(15)]
            database.change(db, notes, some, ["count"])
            database.fetch(db, notes, "id", [one["id"] for one in some])

    try:
        with database.begin() as db:
            OTHERS.create_all(db)
            database.copy(db, notes, [row(str(n)) for n in range(20)])
            db.execute(sa.text("ANALYZE notes"))
        for _ in range(9):  # prepared with the third, planned for all values with the eighth
            work()
        with database.begin() as db:
            database.copy(db, notes, [row(str(n)) for n in range(20, 5_000)])
        with database.begin() as db:
            kept = "SELECT name, generic_plans FROM pg_prepared_statements WHERE statement LIKE %s"
            for words, values in (("SELECT%notes%", "ARRAY['4']"), ('UPDATE "notes"%', "ARRAY['4'], ARRAY[1]")):
                name, generic = database.drive(db, kept, (words,)).fetchone()
                plan = database.drive(db, f'EXPLAIN EXECUTE "{name}" ({values})').fetchall()
                assert generic > 0
                assert "Index" in str(plan)
                assert "Seq Scan" not in str(plan)
    finally:
        database.dispose()


def test_a_head_that_changes_stays_in_its_page(postgres: Postgres) -> None:
    """Else each change makes an entry in every index, and leaves one to be cleaned away."""
    database = open_database(emptied(postgres, "contract"))
    store = Store(database, StateCodec(dict[str, str]()))
    where = "SELECT case_id, split_part(trim('()' FROM ctid::text), ',', 1) FROM heads"
    try:
        with database.begin() as db:
            DERIVED.create_all(db)
            store.save(db, [head(f"C{n}") for n in range(300)])
        with database.begin() as db:
            stood = dict(database.drive(db, where).fetchall())
            some = store.load(db, [f"C{n}" for n in range(0, 300, 3)])
            for one in some.values():
                one.seq, one.changed = one.seq + 1, True
            store.save(db, list(some.values()))
        with database.begin() as db:
            stands = dict(database.drive(db, where).fetchall())
        assert len(set(stood.values())) > 1
        assert stands == stood
    finally:
        database.dispose()


def test_what_falls_due_first_is_the_first_of_these_partitions(
    database: Database, store: Store[dict[str, str]]
) -> None:
    chance = random.Random(20261123)
    made = [
        head(
            f"C{n}",
            partition=chance.randrange(6),
            wake_at=chance.choice([None, AT + timedelta(seconds=chance.randrange(10_000))]),
        )
        for n in range(300)
    ]
    with database.begin() as db:
        store.save(db, made)
    for asked in (range(6), [0], [5, 2], [1, 9], [9], []):
        wakes = [one.wake_at for one in made if one.wake_at is not None and one.partition in asked]
        with database.read() as db:
            assert first_wake(db, asked) == min(wakes, default=None)
    with database.read() as db:
        assert first_wake(db) == min(one.wake_at for one in made if one.wake_at is not None)


def test_a_table_that_is_all_key_takes_the_same_row_twice(database: Database) -> None:
    with database.begin() as db:
        database.write(db, marks, [{"case_id": "c", "kind": "late"}])
        database.write(db, marks, [{"case_id": "c", "kind": k} for k in ("late", "urged")])
    with database.read() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(marks)).scalar() == 2


def test_rows_are_found_by_a_column_as_they_are_in_memory(database: Database) -> None:
    memory, rows = MemoryViews(lambda case_id: 0), [row("1", words="b"), row("2", words="a")]
    with database.begin() as db:
        views = Views(database, db)
        for ours in (views, memory):
            ours.write(notes, rows)
            assert ours.load_by(notes, "words", ["nowhere"]) == ours.load_by(notes, "words", []) == []
            ours.write(notes, [row("3", words="a")])
            ours.remove(notes, ["1"])
        of_a, of_both = memory.load_by(notes, "words", "a"), memory.load_by(notes, "words", "ba")
        assert [one["id"] for one in of_a] == [one["id"] for one in of_both] == ["2", "3"]
        assert sorted(views.load_by(notes, "words", "ba"), key=str) == sorted(of_both, key=str)


def test_writing_or_copying_nothing_does_nothing(database: Database) -> None:
    with database.begin() as db:
        database.write(db, notes, [])
        database.copy(db, notes, [])
    assert all_notes(database) == {}


def test_a_batch_as_long_as_a_turn_is_written_at_once(database: Database) -> None:
    rows = [row(f"n{n:04}", count=n, words="字" * 50, at=AT) for n in range(1500)]
    with database.begin() as db:
        database.write(db, notes, rows)
        database.copy(db, notes, [row(f"m{n:04}", count=n) for n in range(1500)])
    assert len(all_notes(database)) == 3000


def test_new_rows_are_copied_in(database: Database) -> None:
    with database.begin() as db:
        database.copy(db, notes, [row("a", blob=b"\x00\xff", open=True, at=AT), row("b")])
    found = all_notes(database)
    assert (found["a"]["blob"], found["a"]["open"], found["a"]["at"]) == (b"\x00\xff", True, AT)
    assert (found["b"]["blob"], found["b"]["open"], found["b"]["at"]) == (None, False, None)


def test_copying_a_row_that_is_there_is_a_conflict_and_nothing_is_left_of_it(
    database: Database,
) -> None:
    with database.begin() as db:
        database.copy(db, notes, [row("a", count=1)])

    def copy_again() -> None:
        with database.begin() as db:
            database.copy(db, notes, [row("b")])
            database.copy(db, notes, [row("c"), row("a", count=2)])

    with pytest.raises(Conflict, match=r"(?i)unique|duplicate"):
        copy_again()
    assert {name: r["count"] for name, r in all_notes(database).items()} == {"a": 1}
    with database.begin() as db:
        database.copy(db, notes, [row("d")])
    assert set(all_notes(database)) == {"a", "d"}


@pytest.mark.parametrize("way", ["write", "copy"])
def test_a_row_that_lacks_what_it_must_have_is_no_conflict(database: Database, way: str) -> None:
    """A conflict is tried again until it is none; this never would be."""
    lacking = {"name": "receipt", "next": None}

    def put() -> None:
        with database.begin() as db:
            getattr(database, way)(db, numbers, [lacking])

    with pytest.raises(IntegrityError, match=r"(?i)not.null"):
        put()


def test_what_the_driver_refuses_is_raised_as_sqlalchemy_would_and_without_the_words(database: Database) -> None:
    mark = database.mark
    insert = f"INSERT INTO notes (id, words) VALUES ({mark}, {mark})"
    with database.begin() as db:
        assert database.drive(db, insert, [("a", "one"), ("b", "two")], many=True).rowcount == 2
        found = database.drive(db, f"SELECT words FROM notes WHERE id = {mark}", ("b",)).fetchall()
        assert found == [("two",)]
    with pytest.raises(Conflict), database.begin() as db:
        database.drive(db, insert, ("a", "a citizen's words"))
    for statement, values in ((insert, (None, "a citizen's words")), ("SELECT nothing FROM nowhere", ())):
        with database.begin() as db, pytest.raises(sa.exc.DBAPIError) as refused:
            database.drive(db, statement, values)
        assert isinstance(refused.value.orig, database.driver.Error)
        assert "citizen" not in str(refused.value).splitlines()[0]  # what a log shows of it
    assert set(all_notes(database)) == {"a", "b"}


@pytest.mark.parametrize("way", [lambda d: d.begin(), lambda d: d.read()], ids=["begin", "read"])
def test_after_a_broken_connection_the_next_transaction_has_a_whole_one(
    postgres: Postgres, way: Callable[[Database], AbstractContextManager[sa.Connection]]
) -> None:
    """Also where several wait in the pool: all went to the server that is gone."""
    database = open_database(emptied(postgres, "contract"))
    try:
        with database.begin() as first, database.begin() as second, database.begin() as third:
            mine = [database.drive(db, "SELECT pg_backend_pid()").fetchone()[0] for db in (first, second)]
            database.drive(third, "SELECT pg_backend_pid()")
        with database.begin() as db:
            here = database.drive(db, "SELECT pg_backend_pid()").fetchone()[0]
            ends = [pid for pid in mine if pid != here]
            database.drive(db, "SELECT pg_terminate_backend(x) FROM unnest(%b::int[]) AS x", (ends,))
        with pytest.raises(TRANSIENT), way(database) as db:
            database.drive(db, "SELECT pg_terminate_backend(pg_backend_pid())")
        for _ in range(3):
            with way(database) as one, way(database) as other:
                for db in (one, other):
                    assert database.drive(db, "SELECT 1").fetchone() == (1,)
    finally:
        database.dispose()


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.begin() as db:
            database.write(db, notes, [row("a")])
            database.copy(db, notes, [row("b")])
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert all_notes(database) == {}


@pytest.mark.parametrize(
    "words",
    ["路灯坏了 🙂👨‍👩‍👧", '{"a": "\\u0000", "b": [1]}', "O'Neill; DROP TABLE\t\n\\N\\.", "", "𠮷é"],
    ids=["emoji", "json with an escaped nul", "quotes", "empty", "rare"],
)
def test_words_come_back_as_they_were_whichever_way_they_went_in(
    database: Database, words: str
) -> None:
    with database.begin() as db:
        database.write(db, notes, [row("written", words=words, blob=words.encode())])
        database.copy(db, notes, [row("copied", words=words, blob=words.encode())])
    for found in all_notes(database).values():
        assert (found["words"], found["blob"]) == (words, words.encode())


def test_a_reader_waits_for_no_writer_and_sees_nothing_half_done(database: Database) -> None:
    with database.begin() as db:
        database.write(db, notes, [row("a", count=1)])
    with database.begin() as db:
        database.write(db, notes, [row("a", count=2)])
        begun = time.monotonic()
        assert all_notes(database)["a"]["count"] == 1
        assert time.monotonic() - begun < 2
    assert all_notes(database)["a"]["count"] == 2


def test_on_sqlite_all_that_a_reader_asks_in_one_transaction_is_of_one_instant(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/service.db?synchronous=OFF")
    with database.begin() as db:
        OTHERS.create_all(db)
    with database.read() as db:
        assert database.fetch(db, notes, "id", ["a"]) == []
        with database.begin() as other:
            database.write(other, notes, [row("a", count=1)])
        assert database.fetch(db, notes, "id", ["a"]) == []
    assert all_notes(database)["a"]["count"] == 1
    database.dispose()


def test_two_who_count_the_same_row_up_lose_no_count(database: Database) -> None:
    with database.begin() as db:
        database.write(db, notes, [row("a"), row("b")])
    query = database.for_update(sa.select(notes).where(notes.c.id == "a"))

    def count_up() -> None:
        for _ in range(15):
            with database.begin() as db:
                count = db.execute(query).one().count
                time.sleep(0.002)
                database.write(db, notes, [row("a", count=count + 1)])

    threads = [threading.Thread(target=count_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all_notes(database)["a"]["count"] == 45


# -------------------------------------------------------------------------------------- time


def test_an_instant_comes_back_to_the_microsecond_and_in_utc(database: Database) -> None:
    beijing = timezone(timedelta(hours=8))
    instants = {
        "plain": AT,
        "micro": AT + timedelta(microseconds=1),
        "east": datetime(2026, 3, 2, 9, 0, tzinfo=beijing),
        "none": None,
    }
    with database.begin() as db:
        database.write(db, notes, [row(name, at=at) for name, at in instants.items()])
        database.copy(db, notes, [row(f"{name}-copied", at=at) for name, at in instants.items()])
    found = all_notes(database)
    for name, at in instants.items():
        for kind in ("", "-copied"):
            got = found[f"{name}{kind}"]["at"]
            assert got == at
            assert got is None or got.tzinfo is UTC  # type: ignore[attr-defined]


def test_instants_sort_and_compare_as_time_does(database: Database) -> None:
    instants = [
        AT + timedelta(microseconds=n) for n in (0, 1, 10, 500_000, 999_999, 1_000_000, 86_400_000_000)
    ]
    with database.begin() as db:
        database.copy(db, notes, [row(str(n), at=at) for n, at in enumerate(reversed(instants))])
    with database.read() as db:
        ordered = db.execute(sa.select(notes.c.at).order_by(notes.c.at)).scalars().all()
        until = db.execute(sa.select(sa.func.count()).where(notes.c.at <= instants[3])).scalar()
    assert list(ordered) == instants
    assert until == 4


# ----------------------------------------------------------------------------------- the fence


def stand(database: Database, **at: int) -> None:
    with database.begin() as db:
        rows = [{"topic": "t", "partition": int(p[1:]), "next": n} for p, n in at.items()]
        database.write(db, positions, rows)


def standing(database: Database) -> dict[int, int]:
    with database.read() as db:
        return {r.partition: r.next for r in db.execute(sa.select(positions))}


def test_positions_move_on_from_where_they_were_read(
    database: Database, store: Store[dict[str, str]]
) -> None:
    stand(database, p0=5, p1=7)
    with database.begin() as db:
        assert store.positions(db, "t", [0, 1, 2]) == {0: 5, 1: 7}
        assert store.advance(db, "t", {0: (5, 9), 1: (7, 8)})
        assert store.advance(db, "t", {})
    assert standing(database) == {0: 9, 1: 8}


@pytest.mark.parametrize(
    "moved",
    [{0: (4, 9)}, {0: (5, 9), 1: (6, 8)}, {2: (0, 3)}],
    ids=["gone on", "one of two gone on", "never had"],
)
def test_a_process_that_was_thought_dead_finds_its_position_gone(
    database: Database, store: Store[dict[str, str]], moved: dict[int, tuple[int, int]]
) -> None:
    stand(database, p0=5, p1=7)
    with database.begin() as db:
        assert not store.advance(db, "t", moved)


def test_of_two_owners_of_a_partition_one_moves_it(
    database: Database, store: Store[dict[str, str]]
) -> None:
    stand(database, p0=5)
    won: list[bool] = []

    def move(to: int) -> None:
        with database.begin() as db:
            moved = store.advance(db, "t", {0: (5, to)})
            time.sleep(0.05)
            won.append(moved)

    threads = [threading.Thread(target=move, args=(n,)) for n in (8, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, True]
    assert standing(database)[0] in (8, 9)


# -------------------------------------------------------------------------- numbers and outbox


def test_numbers_are_drawn_from_one_and_never_twice(
    database: Database, store: Store[dict[str, str]]
) -> None:
    with database.begin() as db:
        assert list(store.draw(db, "receipt", 3)) == [1, 2, 3]
        assert list(store.draw(db, "receipt", 1)) == [4]
        assert list(store.draw(db, "other", 1)) == [1]
    with database.begin() as db:
        assert list(store.draw(db, "receipt", 2)) == [5, 6]


def test_a_number_drawn_in_vain_is_drawn_again(
    database: Database, store: Store[dict[str, str]]
) -> None:
    def fail() -> None:
        with database.begin() as db:
            store.draw(db, "receipt", 3)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.begin() as db:
        assert list(store.draw(db, "receipt", 1)) == [1]


@pytest.mark.parametrize("begun", [True, False], ids=["going on", "the very first"])
def test_two_who_draw_at_once_get_different_numbers(
    database: Database, store: Store[dict[str, str]], begun: bool
) -> None:
    if begun:
        with database.begin() as db:
            database.write(db, numbers, [{"name": "receipt", "next": 1}])
    drawn: list[int] = []
    both = threading.Barrier(2)

    def draw() -> None:
        both.wait()
        left = 10
        while left:
            try:
                with database.begin() as db:
                    got = store.draw(db, "receipt", 1)
                    time.sleep(0.005)
            except Conflict:  # only the very first can clash; the turn is done again
                continue
            drawn.append(got[0])
            left -= 1

    threads = [threading.Thread(target=draw) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(drawn) == list(range(1, 21))


def test_the_number_of_a_sent_row_is_never_given_to_an_unsent_one(database: Database) -> None:
    def put(words: str) -> int:
        unsent = {"topic": "t", "key": words, "headers": "[]", "value": b"", "recorded_at": AT}
        with database.begin() as db:
            database.copy(db, outbox, [unsent])
            return int(db.execute(sa.select(sa.func.max(outbox.c.id))).scalar_one())

    first = put("sent")
    with database.begin() as db:
        db.execute(sa.delete(outbox).where(outbox.c.id == first))
    second = put("unsent")
    assert second > first
    with database.begin() as db:  # the relay deletes a second time what it sent
        db.execute(sa.delete(outbox).where(outbox.c.id.in_([first])))
    with database.read() as db:
        assert db.execute(sa.select(outbox.c.key)).scalars().all() == ["unsent"]


# --------------------------------------------------------------------------------------- heads


def test_a_head_comes_back_as_it_was_saved(
    database: Database, store: Store[dict[str, str]]
) -> None:
    saved = head(
        "case-1", partition=3, state={"标题": "路灯 🙂\x00"}, seq=2,
        seen={"intake": 4, "dispatch": 1}, wake_at=AT, parked=True,
    )  # fmt: skip
    with database.begin() as db:
        store.save(db, [saved, head("case-2")])
    with database.begin() as db:
        found = store.load(db, ["case-2", "case-1", "case-1", "not-there"])
    assert list(found) == ["case-1", "case-2"], "in sorted order, so that nobody waits in a ring"
    one = found["case-1"]
    assert (one.state, one.seq, one.seen) == (saved.state, 2, {"intake": 4, "dispatch": 1})
    assert (one.partition, one.wake_at, one.parked, one.stored) == (3, AT, True, True)
    with database.begin() as db:
        assert store.load(db, []) == {}


def test_a_head_that_is_there_is_replaced_and_one_thought_new_is_a_conflict(
    database: Database, store: Store[dict[str, str]]
) -> None:
    with database.begin() as db:
        store.save(db, [head("case-1")])
    with database.begin() as db:
        known = store.load(db, ["case-1"])["case-1"]
        known.seq = 5
        store.save(db, [known, head("case-2")])

    def save_as_new() -> None:
        with database.begin() as db:
            store.save(db, [head("case-1", seq=1)])

    with pytest.raises(Conflict):
        save_as_new()
    with database.begin() as db:
        assert store.load(db, ["case-1"])["case-1"].seq == 5


@pytest.mark.parametrize("moved", ["", "a", "b"], ids=["none", "one", "the other"])
def test_when_a_head_wakes_stays_or_moves_by_itself_whatever_else_of_it_changes(
    database: Database, store: Store[dict[str, str]], moved: str
) -> None:
    later = AT + timedelta(hours=1)
    with database.begin() as db:
        store.save(db, [head("a", wake_at=AT), head("b", wake_at=AT)])
    with database.begin() as db:
        known = store.load(db, ["a", "b"])
        known["a"].state = {"word": "new"}
        known["b"].parked, known["b"].seen = True, {"intake": 2}
        if moved:
            known[moved].wake_at = later
        store.save(db, list(known.values()))
    with database.begin() as db:
        found = store.load(db, ["a", "b"])
    assert {name: one.wake_at for name, one in found.items()} == {
        name: later if name == moved else AT for name in ("a", "b")
    }
    assert (found["a"].state, found["b"].state) == ({"word": "new"}, {})
    assert (found["b"].parked, found["b"].seen) == (True, {"intake": 2})


def test_due_are_those_whose_time_has_come_in_our_partitions_longest_overdue_first(
    database: Database, store: Store[dict[str, str]]
) -> None:
    hour = timedelta(hours=1)
    with database.begin() as db:
        store.save(
            db,
            [
                head("late", wake_at=AT - hour),
                head("later", wake_at=AT - 2 * hour),
                head("now", wake_at=AT),
                head("soon", wake_at=AT + timedelta(microseconds=1)),
                head("never"),
                head("parked", wake_at=AT - hour, parked=True),
                head("elsewhere", wake_at=AT - hour, partition=9),
                head("ours-too", wake_at=AT - 3 * hour, partition=1),
            ],
        )
    with database.begin() as db:
        assert list(store.due(db, [0, 1], AT, 10)) == ["ours-too", "later", "late", "now"]
        assert list(store.due(db, [0, 1], AT, 2)) == ["ours-too", "later"]
        assert store.due(db, [], AT, 10) == {}


def test_two_turns_on_one_case_at_once_lose_nothing(
    database: Database, store: Store[dict[str, str]]
) -> None:
    """Each counts its own events up from what it finds; on a clash it loads and does it again."""
    clashes = 0
    both = threading.Barrier(2)

    def work(name: str) -> None:
        nonlocal clashes
        both.wait()
        left = 10
        while left:
            try:
                with database.begin() as db:
                    found = store.load(db, ["case"])
                    one = found.get("case") or head("case")
                    time.sleep(0.003)
                    one.seq += 1
                    one.state = one.state | {f"{name}{left}": "done"}
                    store.save(db, [one])
            except Conflict:
                clashes += 1
                continue
            left -= 1

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.begin() as db:
        one = store.load(db, ["case"])["case"]
    assert (one.seq, len(one.state)) == (20, 20)
    assert clashes <= 1, "only the first, when there is no row to wait for yet"


def test_two_batches_that_name_the_same_cases_in_another_order_both_end(
    database: Database, store: Store[dict[str, str]]
) -> None:
    cases = [f"case-{n}" for n in range(20)]
    with database.begin() as db:
        store.save(db, [head(case) for case in cases])
    failures: list[Exception] = []

    def work(order: list[str]) -> None:
        try:
            for _ in range(10):
                with database.begin() as db:
                    found = store.load(db, order)
                    for one in found.values():
                        one.seq += 1
                    store.save(db, list(found.values()))
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(o,)) for o in (cases, cases[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    with database.begin() as db:
        assert {h.seq for h in store.load(db, cases).values()} == {20}


def test_what_is_stated_stands_in_the_stream_and_in_the_outbox(
    database: Database, store: Store[dict[str, str]]
) -> None:
    versions = Versions(policy="p/1", calendar="c/1", taxonomy="t/1", organisations="o/1")
    stated = [
        Recorded(
            event_id=f"id-{seq}",
            event=AssignmentSigned(
                case_id="case", occurred_at=AT, actor=SYSTEM, decided_with=versions,
                assignment_id=f"a{seq}", org="水务局\u0000",
            ),
            seq=seq, recorded_at=AT, correlation_id="c", causation_id="d",
            cause_partition=1, cause_offset=22, traceparent=None,
        )
        for seq in (1, 2, 3)
    ]  # fmt: skip
    with database.begin() as db:
        store.append(db, stated, "case-events")
    with database.begin() as db:
        assert store.own_events(db, "case", 1, 3) == stated
        assert [r.seq for r in store.own_events(db, "case", 2, 2)] == [2]
        waiting = db.execute(sa.select(outbox.c.topic, outbox.c.key).order_by(outbox.c.id)).all()
    assert [tuple(r) for r in waiting] == [("case-events", "case")] * 3

    def again() -> None:
        with database.begin() as db:
            store.append(db, stated[2:], "case-events")

    with pytest.raises(Conflict):
        again()
    with database.read() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(events)).scalar() == 3
        assert db.execute(sa.select(sa.func.count()).select_from(outbox)).scalar() == 3


# ---------------------------------------------------------------------------------- the schema


def test_the_migrations_make_the_tables_that_the_code_knows(url: str) -> None:
    opened = open_database(url)
    migrate(opened)
    with opened.engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        differences = [
            d for d in compare_metadata(context, KEPT) if "alembic_version" not in str(d)
        ]
        made = sa.inspect(db)
        for table in KEPT.sorted_tables:
            columns = {c["name"]: c["nullable"] for c in made.get_columns(table.name)}
            assert columns == {c.name: bool(c.nullable) for c in table.columns}
            key = made.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [c.name for c in table.primary_key]
            indexes = {i["name"]: i["column_names"] for i in made.get_indexes(table.name)}
            assert indexes == {i.name: [c.name for c in i.columns] for i in table.indexes}
    opened.dispose()
    assert differences == []


def test_migrating_twice_and_from_two_processes_changes_nothing(url: str) -> None:
    one, two = open_database(url), open_database(url)
    failures: list[Exception] = []

    def run(database: Database) -> None:
        try:
            migrate(database)
        except Exception as failure:
            failures.append(failure)

    if isinstance(one, SqliteDatabase):  # Alembic's context is one per process
        run(one)
    threads = [threading.Thread(target=run, args=(one,))]
    for thread in threads:
        thread.start()
        thread.join()
    stand(one, p0=5)
    run(two)
    assert failures == []
    assert standing(two) == {0: 5}
    one.dispose()
    two.dispose()


def test_a_record_set_aside_twice_stands_there_once(
    database: Database, store: Store[dict[str, str]]
) -> None:
    aside = {
        "topic": "t", "partition": 0, "offset": 3, "case_id": None, "key": b"\xff\x00",
        "headers": "[]", "value": None, "reason": "envelope", "quarantined_at": AT,
    }  # fmt: skip
    for _ in range(2):
        with database.begin() as db:
            store.set_aside(db, [aside])
    with database.read() as db:
        (found,) = db.execute(sa.select(quarantine)).all()
    assert (found.key, found.value, found.quarantined_at) == (b"\xff\x00", None, AT)


def test_derived_tables_are_none_of_the_migrations(url: str) -> None:
    opened = open_database(url)
    migrate(opened)
    with opened.engine.connect() as db:
        assert heads.name not in sa.inspect(db).get_table_names()
    opened.dispose()


@pytest.mark.parametrize("address", ["mysql://x/y", "file.db"])
def test_a_home_that_there_is_not_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no database home"):
        open_database(address)


def test_tables_that_are_dropped_are_made_anew_empty_and_what_is_deleted_is_overwritten(
    database: Database,
) -> None:
    with database.begin() as db:
        database.copy(db, notes, [row("a"), row("b")])
    with database.begin() as db:
        database.drop(db, OTHERS)
        OTHERS.create_all(db)
        if isinstance(database, SqliteDatabase):
            assert database.drive(db, "PRAGMA secure_delete").fetchone() == (1,)
    with database.read() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(notes)).scalar_one() == 0
    database.wipe()
