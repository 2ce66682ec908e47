"""Another program writes into the log of cases: it harms the cases that it names, and no other."""

import asyncio
import os
import random
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from libs.host.settings import Settings
from libs.host.work import Outcome
from libs.log.port import LARGEST_VALUE
from libs.sourcing.decider import Refused
from libs.sourcing.tables import positions, quarantine
from tests.host.desk import Faults, newer, outgoing, same_partition, told
from tests.host.house import House, at_work, until
from tests.log.homes import Home, KafkaHome, RawHeaders, SqliteHome

SEED = int(os.environ.get("LIANXIN_SEED", "20260302"))


@dataclass
class Stranger:
    """Who writes what it likes into partition 0 of a home's log."""

    home: Home
    settings: Settings

    async def write(self, house: House, case: str | None, **other: object) -> None:
        """A first fact of a case, but for what is said: ``key``, ``value``, or a header by its name."""
        fact = outgoing(told(case or "nobody", "forged", 1))
        given = dict(other)
        key = given.pop("key", case.encode() if case else None)
        value = given.pop("value", fact.value)
        headers = [(n, given.get(n, text)) for n, text in fact.headers]
        raw: RawHeaders = given.get("headers", headers)  # type: ignore[assignment]
        if isinstance(self.home, SqliteHome):
            await self.home.write_raw(house.topic, key, raw, value)  # type: ignore[arg-type]
            return
        where = {"bootstrap_servers": self.home.broker.bootstrap, "max_request_size": 2_000_000}
        async with AIOKafkaProducer(**where) as producer:
            await producer.send_and_wait(house.topic, value, key, partition=0, headers=list(raw))


@pytest.fixture(params=["sqlite", "kafka"])
def stranger(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Stranger:
    if request.param == "sqlite":
        return Stranger(SqliteHome(tmp_path / "log.db"), settings)
    broker = request.getfixturevalue("broker")
    realm = f"r{uuid.uuid4().hex[:8]}"
    where = {"log_url": broker.url, "realm": realm, "case_partitions": 6}
    return Stranger(KafkaHome(broker), settings.model_copy(update=where))


def test_whatever_is_written_into_the_log_harms_only_the_case_it_names(stranger: Stranger) -> None:
    chance = random.Random(SEED)
    print(f"LIANXIN_SEED={SEED}")
    noise = chance.randbytes(300)
    lies: dict[str, dict[str, object]] = {
        "noise for a value": {"value": noise},
        "no value": {"value": None},
        "a list for a value": {"value": b"[[[[[[[[]]]]]]]]"},
        "a very deep value": {"value": b"[" * 5000},
        "a value as long as can be": {"value": b"x" * LARGEST_VALUE},
        "another case's value": {"value": outgoing(told("elsewhere", "forged", 1)).value},
        "no headers": {"headers": []},
        "a null header": {"ce_type": None},
        "a null number": {"ce_seq": None},
        "a number below one": {"ce_seq": b"0"},
        "a number that is none": {"ce_seq": "१".encode()},
        "a number as long as can be": {"ce_seq": b"9" * 5000},
        "a version that is none": {
            "ce_dataschema": b"urn:lianxin:event:intake.PersonalDataErased:x"
        },
        "a version before the first": {
            "ce_dataschema": b"urn:lianxin:event:intake.PersonalDataErased:0"
        },
        "a number that no column holds": {"ce_seq": b"2147483648"},
        "a time that is none": {"ce_recordedtime": b"yesterday"},
    }
    if isinstance(stranger.home, KafkaHome):  # in a file, headers are text
        lies["noise for a header"] = {"ce_id": noise}
        lies["noise for a type"] = {"ce_type": b"\xff" + noise}

    async def story() -> None:
        named = same_partition(len(lies) + 1)
        good, bad = named[0], dict(zip(named[1:], lies, strict=True))
        async with at_work(stranger.settings) as house:
            await until(lambda: house.running.joined)
            await house.say(outgoing(told(good, "before", 1), house.topic))
            for case, lie in bad.items():
                await stranger.write(house, case, **lies[lie])
            await stranger.write(house, None)
            after = [outgoing(told(case, "after", 2), house.topic) for case in (good, *bad)]
            await house.say(*after)
            await house.quiet(30)
            aside = await house.rows(quarantine)
            left = {c for c in bad if sum(row["case_id"] == c for row in aside) != 2}
            assert not left, f"not parked, or let on: {sorted(bad[case] for case in left)}"
            assert sum(row["case_id"] is None for row in aside) == 1
            assert await house.stories() == {good: "before after"}
            assert house.running.failure is None
            assert not house.running.stopped
            assert isinstance(await house.sign(good, "x"), Outcome)
            for case in bad:
                assert isinstance(await house.sign(case, "x"), Refused)

    asyncio.run(story())


def test_what_comes_twice_or_late_is_dropped_and_what_was_parked_is_released_in_order(
    stranger: Stranger,
) -> None:
    async def story() -> None:
        faults = Faults(words={"bad"})
        async with at_work(stranger.settings, faults) as house:
            await until(lambda: house.running.joined)
            one, two = same_partition(2)
            signed = await house.sign(one, "mine")
            assert isinstance(signed, Outcome)
            await house.quiet()
            words = [
                outgoing(told(one, w, n), house.topic) for n, w in enumerate(("a", "b", "c"), 1)
            ]
            await house.say(*words, *words, words[0])
            await house.quiet()
            zombie = outgoing(signed.events[0], house.topic)
            bad = [(1, "fine"), (2, "bad"), (3, "sign:y"), (4, "last"), (3, "sign:y"), (2, "bad")]
            await house.say(
                zombie, *(outgoing(told(two, w, n), house.topic) for n, w in bad), zombie
            )
            await house.quiet()
            assert await house.stories() == {one: "mine a b c", two: "fine"}
            assert [row["reason"][:6] for row in await house.rows(quarantine)].count("parked") == 4
            faults.words.clear()
            assert await house.running.release(two) == 3
            await house.quiet()
            assert await house.stories() == {one: "mine a b c", two: "fine bad sign:y last y"}
            assert await house.rows(quarantine) == []

    asyncio.run(story())


def test_a_newer_version_stops_its_partition_in_clear_words_and_no_other(
    stranger: Stranger,
) -> None:
    async def story() -> None:
        async with at_work(stranger.settings) as house:
            await until(lambda: house.running.joined)
            here, other = same_partition(2)
            facts = [outgoing(told(here, "before", 1), house.topic)]
            facts += [newer(outgoing(told(other, "tomorrow", 1), house.topic))]
            facts += [outgoing(told(here, "behind", 2), house.topic)]
            await house.say(*facts, outgoing(told("case-elsewhere-1", "fine", 1), house.topic))
            await until(lambda: bool(house.running.stopped))
            await asyncio.sleep(0.3)
            assert await house.stories() == {here: "before", "case-elsewhere-1": "fine"}
            assert {r["next"] for r in await house.rows(positions) if r["partition"] == 0} == {1}
            assert await house.rows(quarantine) == []
            code, why = await house.ready()
            assert code == 503
            words = "intake.PersonalDataErased is stored as version 99, this reader knows 1"
            assert f"{house.topic}/0: {words}" in why
            assert (await house.health())[0] == 200

    asyncio.run(story())
