"""A service at work: it hears, answers, keeps its deadlines, and says so when it cannot go on.

It is long as the loop is: each story is one service's life from start to stop, told in one piece.
"""

import asyncio
import json
import logging
import sqlite3
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from libs.host import relay, running, watch
from libs.host.settings import Settings
from libs.host.work import Outcome
from libs.log import sqlite
from libs.log.kafka import KafkaReader
from libs.log.port import LogUnavailable
from libs.sourcing.decider import Refused
from libs.sourcing.tables import events, outbox, positions, quarantine
from tests.host.desk import (
    AT,
    Faults,
    ask,
    garbled,
    newer,
    outgoing,
    same_partition,
    told,
)
from tests.host.house import House, at_work, until
from tests.sourcing.empty import emptied
from tools.cluster.broker import Broker
from tools.cluster.fixtures import shared_broker
from tools.cluster.postgres import Postgres

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def only_what_matters() -> Iterator[None]:
    """What goes wrong on purpose here need not be logged."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def deadline(case_id: str, seq: int = 1, after: timedelta = HOUR) -> Any:
    return outgoing(told(case_id, f"due:{(AT + after).isoformat()}", seq))


def on_kafka(settings: Settings, broker: Broker) -> Settings:
    """The same on a real broker, under a realm of its own and so a topic of its own."""
    realm = f"r{uuid.uuid4().hex[:8]}"
    return settings.model_copy(
        update={"log_url": broker.url, "realm": realm, "case_partitions": 4}
    )


def on_postgres(settings: Settings, postgres: Postgres) -> Settings:
    return settings.model_copy(update={"database_url": emptied(postgres, "replicas")})


def all_sent(house: House) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return not await house.rows(outbox)

    return look


def all_shown(house: House, count: int) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return len(await house.stories()) == count and not await house.rows(outbox)

    return look


async def until_true(look: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not await look():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.05)


# -------------------------------------------------------------------------------- day by day


def test_what_is_signed_reaches_the_log_and_comes_back_into_the_view(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(outgoing(told("a", "sign:x", 1)))
            outcome = await house.sign("b", "y")
            assert isinstance(outcome, Outcome)
            assert outcome.seq == 1
            await house.quiet()
            assert await house.stories() == {"a": "sign:x x", "b": "y"}
            assert [(a.case_id, a.owner) for a in sorted(await house.in_the_log(), key=str)]
            assert await house.rows(outbox) == []

    asyncio.run(story())


def test_a_refusal_comes_back_to_the_one_who_asked(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            results = await house.running.execute_many(
                [ask("a", "x", "1"), ask("a", "refused", "2"), ask("a", "x", "3")]
            )
            assert isinstance(results[0], Outcome)
            assert isinstance(results[1], Refused)
            assert isinstance(results[2], Outcome)
            assert results[2].events == (), "asked twice, done once"

    asyncio.run(story())


def test_a_stop_answers_who_waits_and_leaves_nothing_unsent(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            asked = [
                asyncio.create_task(house.sign(f"case-{n}", "x")) for n in range(300)
            ]
            await asyncio.sleep(0)
        results = await asyncio.gather(*asked, return_exceptions=True)
        done = [r for r in results if isinstance(r, Outcome)]
        assert all(isinstance(r, Outcome | LogUnavailable) for r in results)
        assert len(done) > 0
        with pytest.raises(LogUnavailable, match="stopping"):
            await house.sign("late", "x")
        async with at_work(settings) as again:
            assert await again.rows(outbox) == []
            assert len(await again.rows(events)) == len(done)
            await again.quiet()
            assert len(await again.stories()) == len(done)

    asyncio.run(story())


def test_a_stop_ends_at_whatever_moment_it_comes(settings: Settings) -> None:
    """``wait_for`` of Python 3.11 may swallow the one cancellation that a loop is given."""

    async def story() -> None:
        for round_ in range(12):
            house = House(settings)
            await house.host.start()
            asked = [asyncio.create_task(house.sign(f"{round_}-{n}", "x")) for n in range(100)]
            await asyncio.sleep(0)
            await asyncio.wait_for(house.host.stop(), 10)
            await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 5)

    asyncio.run(story())


def test_the_next_process_need_not_wait_for_the_lease_of_the_last(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as first:
            await first.sign("a", "x")
            await first.quiet()
        async with at_work(settings) as second:
            begun = time.monotonic()
            await second.sign("b", "y")
            while len(await second.stories()) < 2:
                await asyncio.sleep(0.02)
                assert time.monotonic() - begun < relay.LEASE_SECONDS / 2
            await second.quiet()

    asyncio.run(story())


# ---------------------------------------------------------------------------------- deadlines


def test_a_deadline_fires_when_its_time_has_come(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(deadline("a"))
            await house.quiet()
            assert house.running.next_wake == AT + HOUR
            await house.pass_time(minutes=59)
            await house.quiet()
            assert await house.rows(events) == []
            await house.pass_time(minutes=1)
            await house.quiet()
            assert [e["type"] for e in await house.rows(events)] == ["dispatch.AssignmentSigned"]
            assert house.running.next_wake is None

    asyncio.run(story())


def test_no_promise_is_called_broken_while_the_proof_waits_in_a_slow_pipe(
    settings: Settings,
) -> None:
    async def story() -> None:
        faults = Faults(waits_at="slow")
        async with at_work(settings, faults) as house:
            late, kept, slow = same_partition(3)
            await house.say(deadline(late), deadline(kept))
            await house.quiet()
            await house.say(outgoing(told(slow, "slow", 1)))
            await asyncio.to_thread(faults.waiting.wait, 10)
            await house.say(outgoing(told(kept, "done", 2)))
            await house.pass_time(hours=2)
            await asyncio.sleep(0.3)
            faults.go_on.set()
            await house.quiet()
            assert {e["case_id"] for e in await house.rows(events)} == {late}

    asyncio.run(story())


def test_a_due_command_that_changes_nothing_does_not_spin(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(outgoing(told("a", "idle", 1)), deadline("a", 2))
            await house.quiet()
            await house.pass_time(hours=2)
            await asyncio.sleep(0.3)
            turns = house.running.world.metrics.turns.labels("main", "dispatch")
            before = turns._sum.get()
            await asyncio.sleep(0.7)
            assert turns._sum.get() == before, "no further turn was taken"
            assert house.running.next_wake == AT + 2 * HOUR + timedelta(minutes=5)

    asyncio.run(story())


def test_a_partition_that_stopped_fires_no_deadline(settings: Settings) -> None:
    """What kept the promise may lie behind the fact that could not be read."""

    async def story() -> None:
        async with at_work(settings) as house:
            waits, future = same_partition(2)
            await house.say(deadline(waits), deadline("case-elsewhere-1"))
            await house.quiet()
            await house.say(newer(outgoing(told(future, "tomorrow", 1))))
            await house.say(outgoing(told(waits, "done", 2)))
            await until(lambda: bool(house.running.stopped))
            await house.pass_time(hours=2)
            for _ in range(100):
                if await house.rows(events):
                    break
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.5)
            stated = {e["case_id"] for e in await house.rows(events)}
            assert stated == {"case-elsewhere-1"}, "the others go on"

    asyncio.run(story())


@pytest.mark.timeout(60)
def test_a_replica_without_a_partition_still_answers_while_a_deadline_is_overdue(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "MEMBER_LEASE", 1.0)
    lone = settings.model_copy(update={"case_partitions": 1})

    async def story() -> None:
        async with at_work(lone) as one, at_work(lone) as two:
            await until(lambda: len(one.running.reader.assigned | two.running.reader.assigned) == 1)
            await until(lambda: min(len(h.running.reader.assigned) for h in (one, two)) == 0)
            has = one if one.running.reader.assigned else two
            idle = two if has is one else one
            idle.running.deadlines.next_wake = AT - HOUR
            idle.running.tick()
            begun = time.monotonic()
            for n in range(5):
                assert isinstance(await idle.sign(f"case-{n}", "x"), Outcome)
                await asyncio.sleep(0.05)
            assert time.monotonic() - begun < 5

    asyncio.run(story())


# -------------------------------------------------------------------------------- bad records


def test_a_word_that_cannot_be_shown_is_found_among_many_and_waits_for_its_release(
    settings: Settings,
) -> None:
    async def story() -> None:
        faults = Faults(words={"bad"})
        async with at_work(settings, faults) as house:
            facts = [outgoing(told(f"case-{n}", f"sign:x{n}", 1)) for n in range(40)]
            facts += [outgoing(told("case-7", w, s)) for s, w in ((2, "bad"), (3, "after"))]
            facts += [outgoing(told(f"case-{n}", "more", 2)) for n in range(40) if n != 7]
            await house.say(*facts)
            await house.quiet()
            shown = await house.stories()
            assert shown.pop("case-7") == "sign:x7"
            assert all("more" in words for words in shown.values())
            assert len(shown) == 39
            aside = await house.rows(quarantine)
            assert {row["case_id"] for row in aside} == {"case-7"}
            assert any("this word cannot be shown" in row["reason"] for row in aside)
            refusal = await house.sign("case-7", "y")
            assert isinstance(refusal, Refused)
            faults.words.clear()  # the service was mended
            assert await house.running.release("case-7") == len(aside)
            await house.quiet()
            words = (await house.stories())["case-7"].split()
            assert [w for w in words if w != "x7"] == ["sign:x7", "bad", "after"]
            assert await house.rows(quarantine) == []
            assert isinstance(await house.sign("case-7", "y"), Outcome)

    asyncio.run(story())


def test_a_bad_deploy_stops_hearing_before_it_has_set_the_world_aside(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings, Faults(everything=True)) as house:
            facts = [outgoing(told(f"case-{n}", "hello", 1)) for n in range(120)]
            await house.say(*facts)
            await until(lambda: house.running.failure is not None)
            await house.say(*(outgoing(told(f"more-{n}", "hello", 1)) for n in range(50)))
            await asyncio.sleep(1)
            aside = await house.rows(quarantine)
            assert running.BREAKER_LIMIT < len(aside) <= running.BREAKER_LIMIT + 5
            code, why = await house.health()
            assert code == 500
            assert "the fault is rather in this deploy" in why
            with pytest.raises(LogUnavailable, match="this deploy"):
                await house.sign("a", "x")
        async with at_work(settings) as mended:
            await mended.quiet()
            left = {row["case_id"] for row in await mended.rows(quarantine)}
            shown = await mended.stories()
            assert len(shown) + len(left) == 170
            for case in left:
                await mended.running.release(case)
            assert len(await mended.stories()) == 170

    asyncio.run(story())


def test_a_fact_of_tomorrow_waits_for_the_upgrade_with_all_that_follows_it(
    settings: Settings,
) -> None:
    async def story() -> None:
        faults = Faults(waits_at="slow")
        async with at_work(settings, faults) as house:
            one, two = same_partition(2)
            elsewhere = "case-elsewhere-1"
            await house.say(
                outgoing(told(one, "slow", 1)), newer(outgoing(told(two, "tomorrow", 1)))
            )
            await asyncio.to_thread(faults.waiting.wait, 10)
            # Read ahead while the turn that will stop is still at work:
            await house.say(outgoing(told(one, "behind", 2)), outgoing(told(two, "behind", 2)))
            await asyncio.sleep(0.4)
            faults.go_on.set()
            await until(lambda: bool(house.running.stopped))
            await house.say(outgoing(told(one, "behind too", 3)))
            await house.say(outgoing(told(elsewhere, "fine", 1)))
            await asyncio.sleep(0.6)
            assert await house.stories() == {one: "slow", elsewhere: "fine"}
            assert {r["partition"]: r["next"] for r in await house.rows(positions)}[0] == 1
            assert await house.rows(quarantine) == []
            assert (await house.health())[0] == 200, "starting it anew would not help"
            code, why = await house.ready()
            assert (code, "knows 1" in why) == (503, True)

    asyncio.run(story())


def test_what_is_stepped_over_does_not_carry_a_stopped_partition_along(settings: Settings) -> None:
    async def story() -> None:
        faults = Faults(waits_at="slow")
        async with at_work(settings, faults) as house:
            one, two = same_partition(2)
            await house.say(
                outgoing(told(one, "slow", 1)), newer(outgoing(told(two, "tomorrow", 1)))
            )
            await asyncio.to_thread(faults.waiting.wait, 10)
            strange = outgoing(told(one, "not for us", 2))
            headers = [(n, b"intake.Other" if n == "ce_type" else v) for n, v in strange.headers]
            await house.say(type(strange)(strange.topic, one, headers, strange.value))
            await asyncio.sleep(0.4)
            faults.go_on.set()
            await until(lambda: bool(house.running.stopped))
            await house.sign("case-elsewhere-1", "x")
            await asyncio.sleep(0.3)
            assert {r["partition"]: r["next"] for r in await house.rows(positions)}[0] == 1

    asyncio.run(story())


def test_in_halves_too_nothing_behind_a_fact_of_tomorrow_is_taken(settings: Settings) -> None:
    async def story() -> None:
        faults = Faults(words={"bad"})
        async with at_work(settings, faults) as house:
            one, two, three = same_partition(3)
            await house.say(
                newer(outgoing(told(one, "tomorrow", 1))),
                outgoing(told(two, "behind", 1)),
                outgoing(told("case-elsewhere-1", "bad", 1)),
                outgoing(told(three, "behind", 1)),
            )
            await until(lambda: bool(house.running.stopped))
            await asyncio.sleep(0.5)
            assert await house.stories() == {}
            assert {r["partition"]: r["next"] for r in await house.rows(positions)}[0] == 0

    asyncio.run(story())


def test_a_record_parked_while_its_case_is_released_is_not_lost(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(garbled(outgoing(told("a", "bad", 1))))
            await house.quiet()
            await asyncio.gather(
                house.running.release("a"),
                house.say(*(outgoing(told("a", f"w{n}", n)) for n in range(2, 30))),
                house.running.release("a"),
            )
            await house.quiet()
            assert len(await house.rows(quarantine)) == 29

    asyncio.run(story())


def test_a_turn_in_the_midst_of_a_release_does_not_break_it_off(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(garbled(outgoing(told("a", "bad", 1))))
            await house.quiet()
            sure = house.running._be_sure

            async def sure_and_then_a_turn() -> None:
                await sure()
                monkeypatch.undo()
                await house.say(outgoing(told("b", "hello", 1)))
                await house.quiet()

            monkeypatch.setattr(house.running, "_be_sure", sure_and_then_a_turn)
            assert await house.running.release("a") == 0, "it cannot be read still"
            assert len(await house.rows(quarantine)) == 1

    asyncio.run(story())


# ------------------------------------------------------------------------- who cannot go on


def test_a_service_that_takes_nothing_while_records_wait_turns_red(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SAMPLE_SECONDS", 0.1)
    monkeypatch.setattr(watch, "WATCHDOG_SECONDS", 0.5)

    async def story() -> None:
        faults = Faults(waits_at="slow")
        async with at_work(settings, faults) as house:
            await house.say(outgoing(told("a", "hello", 1)))
            await house.quiet()
            await asyncio.sleep(1)
            assert (await house.health())[0] == 200, "who has nothing to do is well"
            await house.say(outgoing(told("a", "slow", 2)))
            await until(lambda: house.running.failure is not None, 5)
            code, why = await house.health()
            assert code == 500
            assert "1 records wait and none was taken" in json.loads(why)["why"]["dispatch"]
            faults.go_on.set()

    asyncio.run(story())


def test_a_process_that_was_stopped_itself_does_not_blame_its_reader(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SAMPLE_SECONDS", 0.1)
    monkeypatch.setattr(watch, "WATCHDOG_SECONDS", 1.5)

    async def story() -> None:
        faults = Faults(waits_at="slow")
        async with at_work(settings, faults) as house:
            await house.say(outgoing(told("a", "slow", 1)))
            await until(faults.waiting.is_set)
            time.sleep(2)  # noqa: ASYNC251 - nothing in this process moves, as under SIGSTOP
            await asyncio.sleep(0.5)
            assert house.running.failure is None
            faults.go_on.set()
            await house.quiet()
            assert (await house.health())[0] == 200

    asyncio.run(story())


def test_a_stuck_consumer_turns_red(
    settings: Settings, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SAMPLE_SECONDS", 0.1)
    monkeypatch.setattr(watch, "WATCHDOG_SECONDS", 0.5)

    async def story() -> None:
        async with at_work(on_kafka(settings, broker)) as house:
            await until(lambda: house.running.joined)
            reader = house.running.reader
            assert isinstance(reader, KafkaReader)
            consumer = reader._subscriber.consumer
            assert consumer is not None
            await house.say(outgoing(told("a", "hello", 1), house.topic))
            await house.quiet()
            consumer.pause(*consumer.assignment())  # as after a rejoin gone wrong (aiokafka #1037)
            await asyncio.sleep(1)
            assert (await house.health())[0] == 200
            await house.say(*(outgoing(told("a", "more", n), house.topic) for n in range(2, 6)))
            await until(lambda: house.running.failure is not None, 8)
            code, why = await house.health()
            assert (code, "records wait" in why) == (500, True)

    asyncio.run(story())


def test_a_log_that_lost_records_stops_the_service_in_clear_words(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(*(outgoing(told("a", f"w{n}", n)) for n in range(1, 6)))
            await house.quiet()
        path = settings.log_url.removeprefix("sqlite:///").partition("?")[0]
        db = sqlite3.connect(path)
        db.execute('DELETE FROM records WHERE "offset" >= 3')
        db.commit()
        db.close()
        house = House(settings)
        with pytest.raises(Exception, match="has read up to 5: the log lost records"):
            await house.host.start()

    asyncio.run(story())


def test_a_log_that_cannot_be_understood_turns_red(settings: Settings) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.quiet()
            path = settings.log_url.removeprefix("sqlite:///").partition("?")[0]
            db = sqlite3.connect(path)
            row = ("case-events", 0, 0, b"a", "no json", b"")
            db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", row)
            db.commit()
            db.close()
            await until(lambda: house.running.failure is not None, 5)
            assert (await house.health())[0] == 500

    asyncio.run(story())


@pytest.fixture(scope="module")
def frail_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker of this file's own, to be paused."""
    yield from shared_broker(tmp_path_factory.mktemp("frail"))


def test_commands_are_answered_while_the_broker_hangs_even_if_a_deadline_is_due(
    settings: Settings, frail_broker: Broker
) -> None:
    async def story() -> None:
        async with at_work(on_kafka(settings, frail_broker)) as house:
            await until(lambda: house.running.joined)
            late = outgoing(told("a", f"due:{(AT + HOUR).isoformat()}", 1), house.topic)
            await house.say(late)
            await house.quiet()
            frail_broker.pause()
            try:
                await house.pass_time(hours=2)
                await asyncio.sleep(0.3)
                for n in range(3):
                    answer = await asyncio.wait_for(house.sign(f"case-{n}", "x"), 3)
                    assert isinstance(answer, Outcome)
                assert not any(e["case_id"] == "a" for e in await house.rows(events))
            finally:
                frail_broker.resume()
            await house.quiet(30)
            assert sorted(e["case_id"] for e in await house.rows(events)) == [
                "a", "case-0", "case-1", "case-2",
            ]  # fmt: skip
            assert await house.rows(outbox) == []

    asyncio.run(story())


# ------------------------------------------------------------------------------- two replicas


def test_of_two_replicas_one_relays(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "MEMBER_LEASE", 1.0)

    async def story() -> None:
        async with at_work(settings) as one, at_work(settings) as two:
            await until(lambda: bool(two.running.reader.assigned))
            for n in range(20):
                await one.sign(f"one-{n}", "x")
                await two.sign(f"two-{n}", "x")
            await until_true(all_shown(one, 40))
            relayed = sorted(h.running.relay.relayed for h in (one, two))
            assert relayed == [0, 40]
            assert len(await one.in_the_log()) == 40

    asyncio.run(story())


def test_when_the_relaying_replica_dies_the_other_takes_over(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "MEMBER_LEASE", 1.0)
    monkeypatch.setattr(relay, "LEASE_SECONDS", 1)
    monkeypatch.setattr(relay, "IDLE_SECONDS", 0.2)

    async def story() -> None:
        async with at_work(settings) as one:
            await one.sign("a", "x")
            await one.quiet()
            async with at_work(settings) as two:
                for task in one.running._tasks:  # as if the process had been killed
                    task.cancel()
                await two.sign("b", "y")
                await until_true(all_sent(two))
                assert two.running.relay.relayed == 1

    asyncio.run(story())


def test_two_replicas_on_kafka_and_postgresql_share_the_work_and_double_nothing(
    settings: Settings, broker: Broker, postgres: Postgres
) -> None:
    shared = on_postgres(on_kafka(settings, broker), postgres)

    async def story() -> None:
        async with at_work(shared) as one, at_work(shared) as two:
            houses = (one, two)
            await until(lambda: all(len(h.running.reader.assigned) == 2 for h in houses), 20)
            assert not one.running.reader.assigned & two.running.reader.assigned
            cases = [f"case-{n}" for n in range(30)]
            hearing = [outgoing(told(c, "sign:heard", 1), one.topic) for c in cases]
            asking = [h.sign(c, f"by-{n}") for c in cases for n, h in enumerate(houses)]
            results = await asyncio.gather(one.say(*hearing), *asking)
            assert all(isinstance(r, Outcome) for r in results[1:])
            async with asyncio.timeout(30):
                while True:
                    shown = await one.stories()
                    if len(shown) == 30 and all(len(w.split()) == 4 for w in shown.values()):
                        break
                    await asyncio.sleep(0.1)
            assert {frozenset(w.split()) for w in shown.values()} == {
                frozenset({"sign:heard", "heard", "by-0", "by-1"})
            }
            own = await one.rows(events)
            for case in cases:
                assert sorted(e["seq"] for e in own if e["case_id"] == case) == [1, 2, 3]
            assert len({e["event_id"] for e in own}) == 90
            await until_true(all_sent(one))
            said = await one.in_the_log()
            assert len({a.event_id for a in said if a.owner == "dispatch"}) == 90
            for case in cases:  # told in order, whoever said it
                seqs = [a.seq for a in said if a.case_id == case and a.owner == "dispatch"]
                assert list(dict.fromkeys(seqs)) == [1, 2, 3]

    asyncio.run(story())


def test_two_replicas_at_one_case_decide_again_instead_of_failing(
    settings: Settings, broker: Broker, postgres: Postgres
) -> None:
    shared = on_postgres(on_kafka(settings, broker), postgres)

    async def story() -> None:
        async with at_work(shared) as one, at_work(shared) as two:
            asking = [h.sign("a", f"{n}") for n in range(15) for h in (one, two)]
            results = await asyncio.gather(*asking)
            assert all(isinstance(r, Outcome) for r in results)
            own = await one.rows(events)
            assert sorted(e["seq"] for e in own) == list(range(1, 16)), "asked twice, done once"
            assert one.running.failure is two.running.failure is None

    asyncio.run(story())
