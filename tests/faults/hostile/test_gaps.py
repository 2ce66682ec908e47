"""Nothing is stepped over: neither what a database forgot, nor what the log has lost or swapped."""

import asyncio
import sqlite3
import time
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from libs.host import watch
from libs.host.settings import Settings
from libs.host.work import Gap, Work
from libs.sourcing.tables import events, heads, positions, quarantine
from tests.host.desk import AT, PARTITIONS, Bench, ask, garbled, lay, outgoing, same_partition, told
from tests.host.house import House, at_work, until
from tests.sourcing.empty import emptied

HOUR = timedelta(hours=1)


@pytest.fixture(params=["embedded", "kafka-postgresql"])
def home(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """A desk's home; on Kafka a realm, and so a topic, of its own."""
    if request.param == "embedded":
        return settings
    broker, postgres = request.getfixturevalue("broker"), request.getfixturevalue("postgres")
    where = {
        "log_url": broker.url,
        "realm": f"r{uuid.uuid4().hex[:8]}",
        "case_partitions": PARTITIONS,
        "database_url": emptied(postgres, "forgetful"),
    }
    return settings.model_copy(update=where)


def forget(house: House) -> None:
    """As after a power cut: the turns that only heard were committed and not yet on the disk."""
    with house.running.database.begin() as db:
        db.execute(sa.delete(heads))
        db.execute(sa.delete(house.story))
        db.execute(sa.update(positions).values(next=0))


# ------------------------------------------------------------------- what the database forgot


def test_a_turn_does_not_step_over_records_that_it_was_not_given(bench: Bench) -> None:
    case = same_partition(1)[0]
    bench.run(*lay(outgoing(told(case, "one", 1))))
    before = bench.everything()
    with pytest.raises(Gap, match="stands at 1, the next record is 2"):
        bench.run(*lay(outgoing(told(case, "three", 3)), start=2))
    with pytest.raises(Gap):
        bench.run(skipped={0: (2, 5)})
    assert bench.everything() == before
    bench.run(skipped={0: (1, 5)})
    assert bench.standing() == {0: 5}


def test_what_a_database_forgot_is_heard_again(home: Settings) -> None:
    async def story() -> None:
        async with at_work(home) as house:
            one, two = same_partition(2)
            await house.say(*(outgoing(told(one, f"w{n}", n), house.topic) for n in (1, 2, 3)))
            await house.quiet()
            forget(house)
            await house.say(outgoing(told(two, "after", 1), house.topic))
            await until_told(house, {one: "w1 w2 w3", two: "after"})
            assert house.running.failure is None
            assert await house.rows(quarantine) == []

    asyncio.run(story())


def test_what_was_forgotten_is_heard_again_though_nothing_more_is_said(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SAMPLE_SECONDS", 0.1)

    async def story() -> None:
        async with at_work(home) as house:
            await house.say(*(outgoing(told("a", f"w{n}", n), house.topic) for n in (1, 2, 3)))
            await house.quiet()
            forget(house)
            await until_told(house, {"a": "w1 w2 w3"})

    asyncio.run(story())


def test_no_deadline_fires_on_what_was_forgotten(bench: Bench) -> None:
    """That the promise was kept was heard and forgotten: it must be heard again before it is judged."""
    case = same_partition(1)[0]
    due = outgoing(told(case, f"due:{AT.isoformat()}", 1))
    bench.run(*lay(due))
    owned = frozenset(range(PARTITIONS))
    stood = dict.fromkeys(owned, 0) | {0: 2}  # as far as this process knows
    with pytest.raises(Gap):
        bench.turns.run(Work(due_until=AT + HOUR, partitions=owned, stood=stood), AT + HOUR)
    assert bench.rows(events) == []


def test_a_hole_in_the_log_stops_the_service_in_clear_words(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(outgoing(told("a", "w1", 1)))
            await house.quiet()
            path = settings.log_url.removeprefix("sqlite:///").partition("?")[0]
            partition = next(r["partition"] for r in await house.rows(positions) if r["next"])
            db = sqlite3.connect(path)
            row = ("case-events", partition, 3, b"a", "[]", b"")
            db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", row)
            db.commit()
            db.close()
            await until(lambda: house.running.failure is not None, 5)
            assert f"case-events/{partition} holds nothing from 1 to 2" in str(
                house.running.failure
            )
            assert await house.rows(quarantine) == []

    asyncio.run(story())


async def until_told(house: House, stories: dict[str, str]) -> None:
    end = time.monotonic() + 20
    while await house.stories() != stories:
        assert time.monotonic() < end, await house.stories()
        await asyncio.sleep(0.05)


# ------------------------------------------------------------------ what the log has swapped


def test_own_facts_that_lie_swapped_in_the_log_wait_and_are_released_in_their_order(
    bench: Bench,
) -> None:
    case = same_partition(1)[0]
    done = bench.run(asks=[ask(case, name) for name in ("one", "two", "three")])
    one, two, three = (outgoing(recorded) for recorded in done.stated)
    heard = bench.run(*lay(one, three, two, three))
    assert (heard.heard, heard.set_aside, heard.parked) == (1, 1, 2)
    assert bench.stories() == {case: "one"}
    assert "our own event 3 came before 2" in bench.rows(quarantine)[0].reason
    released = bench.turns.release(case, AT)
    assert (released.heard, released.repeats) == (2, 1)
    assert bench.stories() == {case: "one two three"}
    assert bench.rows(quarantine) == []


def test_what_was_parked_is_released_by_number_and_else_in_the_logs_order(bench: Bench) -> None:
    case = same_partition(1)[0]
    own = bench.run(asks=[ask(case, "mine")]).stated[0]
    swapped = [outgoing(told(case, w, n)) for w, n in (("two", 2), ("one", 1), ("three", 3))]
    records = lay(swapped[0], outgoing(own), *swapped[1:])
    bench.run(records[0], poison={(0, 0): "cannot be shown"})
    bench.run(*records[1:])
    assert bench.turns.release(case, AT).heard == 4
    assert bench.stories() == {case: "one mine two three"}


def test_the_late_old_records_of_a_process_thought_dead_change_nothing(bench: Bench) -> None:
    case = same_partition(1)[0]
    done = bench.run(asks=[ask(case, name) for name in ("one", "two", "three")])
    said = [outgoing(recorded) for recorded in done.stated]
    bench.run(*lay(*said))
    before = bench.everything()
    late = bench.run(*lay(*said[:2], *said[:1], start=3))
    after = bench.everything()
    assert (late.heard, late.repeats, bench.standing()) == (0, 3, {0: 6})
    assert {**after, "positions": []} == {**before, "positions": []}


def test_a_case_whose_facts_lie_swapped_holds_up_no_other(bench: Bench) -> None:
    bad, good = same_partition(2)
    done = bench.run(asks=[ask(bad, "one"), ask(bad, "two")])
    one, two = (outgoing(recorded) for recorded in done.stated)
    bench.run(*lay(two, outgoing(told(good, "fine", 1)), one, garbled(outgoing(told(bad, "x", 1)))))
    assert bench.stories() == {good: "fine"}
    assert {row.case_id for row in bench.rows(quarantine)} == {bad}
