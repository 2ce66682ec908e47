"""What the log promises, in one body for both of its homes.

One long file, because it is the port's contract: who writes a third home reads it once, from top to bottom.
"""

import asyncio
import time

import pytest

from libs.log import sqlite
from libs.log.partition import partition_of
from libs.log.port import LogUnavailable, Positions, WrongTopic
from tests.log.homes import (
    Home,
    another_process,
    new_topic,
    out,
    refusal_to,
    standing_at,
    take,
    until_assigned,
)

# The vectors of Kafka's own test (UtilsTest.testMurmur2), as signed numbers of 32 bits.
MURMUR2 = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}
APPENDER = """
import asyncio, sys
from libs.log.connect import open_log
from libs.log.port import Outgoing
async def main(url, topic):
    log = open_log(url)
    await log.prepare({topic: 2})
    await log.append([Outgoing(topic, f"case-{n}", (), b"from afar") for n in range(10)])
    await log.close()
asyncio.run(main(*sys.argv[1:]))
"""
MEMBER = """
import asyncio, sys
from libs.log import sqlite
from libs.log.connect import open_log
from libs.log.kafka import KafkaLog
sqlite.MEMBER_LEASE = 1.5
async def main(url, topic):
    log = open_log(url)
    if isinstance(log, KafkaLog):
        log._session_timeout_ms = 6000
    await log.prepare({topic: 4})
    async def resume(partitions):
        return {}
    reader = await log.open_reader("g", topic, resume)
    while True:
        await reader.read(500, 0.1)
        if reader.assigned:
            print(len(reader.assigned), flush=True)
asyncio.run(main(*sys.argv[1:]))
"""


def test_the_topics_of_the_manifest_are_made_once(home: Home) -> None:
    async def story() -> None:
        topic, other = new_topic(), new_topic()
        log = home.open()
        await log.prepare({topic: 3, other: 1})
        await log.prepare({topic: 3, other: 1})
        reader = await log.open_reader("g", topic, standing_at())
        assert await reader.ends() == {0: 0, 1: 0, 2: 0}
        await reader.close()
        await log.close()

    asyncio.run(story())


@pytest.mark.parametrize("count", [1, 5])
def test_a_topic_with_another_number_of_partitions_is_refused(home: Home, count: int) -> None:
    async def story() -> None:
        topic, first, second = new_topic(), home.open(), home.open()
        await first.prepare({topic: 3})
        words = rf"{topic} has 3 partitions, the manifest says {count}"
        with pytest.raises(WrongTopic, match=words):
            await second.prepare({topic: count})
        await first.close()
        await second.close()

    asyncio.run(story())


def test_a_topic_outside_the_manifest_is_neither_written_nor_read(home: Home) -> None:
    async def story() -> None:
        log = home.open()
        await log.prepare({new_topic(): 1})
        with pytest.raises(WrongTopic, match="not-there is not in the manifest"):
            await log.append([out("not-there", "case-1")])
        with pytest.raises(WrongTopic, match="not-there is not in the manifest"):
            await log.open_reader("g", "not-there", standing_at())
        await log.close()

    asyncio.run(story())


def test_the_story_of_a_case_is_read_in_the_order_it_was_told(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 4})
        told = [out(topic, f"case-{n % 7}", str(n)) for n in range(300)]
        for start in range(0, 300, 60):
            await log.append(told[start : start + 60])
        reader = await log.open_reader("g", topic, standing_at())
        found = await take(reader, 300)
        for case in range(7):
            key = f"case-{case}".encode()
            assert [r.value for r in found if r.key == key] == [
                t.value for t in told if t.key.encode() == key
            ]
        for partition in range(4):
            offsets = [r.offset for r in found if r.partition == partition]
            assert offsets == list(range(len(offsets)))
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_two_writers_at_once_lose_nothing_and_keep_each_case_in_order(home: Home) -> None:
    async def story() -> None:
        topic, one, two = new_topic(), home.open(), home.open()
        await one.prepare({topic: 2})
        await two.prepare({topic: 2})
        batches = [
            log.append([out(topic, name, str(n)) for n in range(start, start + 20)])
            for start in range(0, 200, 20)
            for log, name in ((one, "case-one"), (two, "case-two"))
        ]
        await asyncio.gather(*batches)
        reader = await one.open_reader("g", topic, standing_at())
        found = await take(reader, 400)
        for key in (b"case-one", b"case-two"):
            assert [int(r.value or b"") for r in found if r.key == key] == list(range(200))
        await reader.close()
        await one.close()
        await two.close()

    asyncio.run(story())


def test_a_case_lies_in_the_partition_that_kafkas_own_producers_would_choose(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 24})
        await log.append([out(topic, key) for key in MURMUR2])
        reader = await log.open_reader("g", topic, standing_at())
        found = await take(reader, len(MURMUR2))
        where = {(r.key or b"").decode(): r.partition for r in found}
        assert where == {key: (h & 0x7FFFFFFF) % 24 for key, h in MURMUR2.items()}
        assert where == {key: partition_of(key, 24) for key in MURMUR2}
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_a_reader_goes_on_exactly_where_the_database_stands(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 1})
        await log.append([out(topic, "case", str(n)) for n in range(10)])
        first = await log.open_reader("g", topic, standing_at())
        assert len(await take(first, 10)) == 10
        await first.close()
        # What was read is nobody's business; only what the database has of it counts.
        for position in (7, 0, 10):
            reader = await log.open_reader("g", topic, standing_at({0: position}))
            await log.append([out(topic, "case", "next")])
            found = await take(reader, 1)
            assert found[0].offset == position
            await reader.close()
        await log.close()

    asyncio.run(story())


def test_each_partition_goes_on_where_it_stood(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 3})
        await log.append([out(topic, f"case-{n}", str(n)) for n in range(90)])
        stood = {0: 5, 1: 0, 2: 11}
        reader = await log.open_reader("g", topic, standing_at(stood))
        ends = await reader.ends()
        found = await take(reader, 90 - sum(stood.values()))
        for partition in range(3):
            offsets = [r.offset for r in found if r.partition == partition]
            assert offsets == list(range(stood[partition], ends[partition]))
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_the_end_of_every_partition_is_known_whoever_reads_it(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 4})
        reader = await log.open_reader("g", topic, standing_at())
        other = await log.open_reader("g", topic, standing_at())
        await until_assigned((reader, 2), (other, 2))
        await log.append([out(topic, f"case-{n}") for n in range(50)])
        expected = dict.fromkeys(range(4), 0)
        for n in range(50):
            expected[partition_of(f"case-{n}", 4)] += 1
        assert await reader.ends() == expected
        assert await other.ends() == expected
        await reader.close()
        await other.close()
        await log.close()

    asyncio.run(story())


def test_two_members_share_the_partitions_and_one_takes_over_when_the_other_leaves(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "MEMBER_LEASE", 1.5)

    async def story() -> None:
        topic, one, two = new_topic(), home.open(), home.open()
        await one.prepare({topic: 4})
        await two.prepare({topic: 4})
        stood: Positions = {}
        stays = await one.open_reader("g", topic, standing_at(stood))
        leaves = await two.open_reader("g", topic, standing_at(stood))
        await until_assigned((stays, 2), (leaves, 2))
        assert not stays.assigned & leaves.assigned
        assert stays.assigned | leaves.assigned == {0, 1, 2, 3}
        await one.append([out(topic, f"case-{n}") for n in range(40)])
        mine = {p: end for p, end in (await stays.ends()).items() if p in stays.assigned}
        got = await take(stays, sum(mine.values()))
        assert {r.partition for r in got} <= stays.assigned
        stood |= mine  # these are done; what the other read is not
        await leaves.close()
        await two.close()
        rest = await until_assigned((stays, 4))
        rest += await take(stays, 40 - sum(mine.values()) - len(rest))
        assert sorted(r.key or b"" for r in got + rest) == sorted(
            f"case-{n}".encode() for n in range(40)
        )
        await stays.close()
        await one.close()

    asyncio.run(story())


def test_a_member_that_was_killed_is_replaced(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "MEMBER_LEASE", 1.5)

    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 4})
        other = another_process(MEMBER, home.url, topic)
        try:
            assert other.stdout is not None
            assert (await asyncio.to_thread(other.stdout.readline)).strip() == "4"
            reader = await log.open_reader("g", topic, standing_at())
            await until_assigned((reader, 2))
            other.kill()
            await log.append([out(topic, f"case-{n}") for n in range(40)])
            found = await until_assigned((reader, 4))  # it began again where the database stands: 0
            async with asyncio.timeout(20):
                while len({r.key for r in found}) < 40:
                    found += await reader.read(500, 0.5)
        finally:
            other.kill()
            other.communicate()
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_a_position_past_the_end_of_the_log_is_refused_in_clear_words(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 1})
        await log.append([out(topic, "case") for _ in range(3)])
        said = await refusal_to(log, "dispatch", topic, standing_at({0: 4}))
        assert said.startswith(f"{topic}/0 ")
        assert "3, but dispatch has read up to 4: the log lost records or is another log" in said
        await log.close()

    asyncio.run(story())


def test_a_reader_whose_log_was_lost_is_given_nothing_afterwards(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 2})
        cases = [f"case-{n}" for n in range(8)]
        await log.append([out(topic, case) for case in cases])
        ends = {p: sum(partition_of(c, 2) == p for c in cases) for p in range(2)}
        stood = {0: 0, 1: ends[1] + 1}  # partition 0 alone would be in order
        assert f"{topic}/1" in await refusal_to(log, "g", topic, standing_at(stood))
        await log.close()

    asyncio.run(story())


def test_a_database_that_does_not_answer_on_assignment_is_asked_again(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 1})
        await log.append([out(topic, "case") for _ in range(5)])
        asked = 0

        async def resume(partitions: object) -> Positions:
            nonlocal asked
            asked += 1
            if asked == 2:
                raise LogUnavailable("the positions could not be read")
            return {0: 2}

        first = await log.open_reader("other", topic, resume)
        await take(first, 3)
        await first.close()
        begun, reader = time.monotonic(), None
        found = []
        while len(found) < 3 and time.monotonic() - begun < 15:
            try:
                reader = reader or await log.open_reader("g", topic, resume)
                found += await reader.read(500, 0.5)
            except LogUnavailable:
                await asyncio.sleep(0.1)
        assert [r.offset for r in found] == [2, 3, 4]
        assert reader is not None
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_a_slow_database_does_not_make_the_first_records_late(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 2})
        await log.append([out(topic, f"case-{n}") for n in range(20)])

        async def resume(partitions: object) -> Positions:
            await asyncio.sleep(0.7)
            return {}

        reader = await log.open_reader("g", topic, resume)
        # FastStream sleeps for 5 s after a fetch that had no position yet.
        assert len(await take(reader, 20, seconds=4)) == 20
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_an_append_to_a_log_out_of_reach_says_so(home: Home) -> None:
    async def story() -> None:
        topic = new_topic()
        async with home.out_of_reach(topic) as log:
            with pytest.raises(LogUnavailable, match=r"\w+"):
                await log.append([out(topic, "case", bytes(200_000))])

    asyncio.run(story())


def test_a_log_takes_records_again_after_it_could_not(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 1})
        await log.append([out(topic, "case", "before")])
        with home.stumbling() as size, pytest.raises(LogUnavailable):
            await log.append([out(topic, "case", bytes(size))])
        await log.append([out(topic, "case", "after")])
        reader = await log.open_reader("g", topic, standing_at())
        assert [r.value for r in await take(reader, 2)] == [b"before", b"after"]
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_a_closed_log_takes_and_answers_nothing(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 1})
        await log.append([out(topic, "case")])
        await log.check()
        await log.close()
        await log.close()
        with pytest.raises(LogUnavailable, match="closed"):
            await log.append([out(topic, "case")])
        with pytest.raises(LogUnavailable, match="closed"):
            await log.check()

    asyncio.run(story())


def test_whatever_another_program_wrote_arrives_as_it_lies_there(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 1})
        await log.append([out(topic, "case", "ours")])
        await home.write_raw(topic, b"case", [], None)
        await home.write_raw(topic, None, [], b"no key")
        await home.write_raw(topic, b"\xff\xfe", [("ce_id", None), ("名", "值 🙂".encode())], b"")
        reader = await log.open_reader("g", topic, standing_at())
        ours, nothing, keyless, strange = await take(reader, 4)
        assert (ours.key, ours.value) == (b"case", b"ours")
        assert list(ours.headers) == [("ce_type", b"intake.CaseRegistered")]
        assert (nothing.key, nothing.value, list(nothing.headers)) == (b"case", None, [])
        assert (keyless.key, keyless.value, list(keyless.headers)) == (None, b"no key", [])
        assert (strange.key, strange.value) == (b"\xff\xfe", b"")
        assert list(strange.headers) == [("ce_id", None), ("名", "值 🙂".encode())]
        await reader.close()
        await log.close()

    asyncio.run(story())


@pytest.mark.parametrize("size", [1_000_000, 1_400_000])
def test_a_long_letter_passes_whole(home: Home, size: int) -> None:
    """A body of a million bytes, the longest that HTTP takes, is a third longer when sealed."""

    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 1})
        letter = bytes(n % 251 for n in range(size))
        await log.append([out(topic, "case", letter), out(topic, "case", "next")])
        reader = await log.open_reader("g", topic, standing_at())
        first, second = await take(reader, 2)
        assert first.value == letter
        assert second.value == b"next"
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_an_empty_batch_changes_nothing(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 2})
        await log.append([])
        reader = await log.open_reader("g", topic, standing_at())
        assert await reader.ends() == {0: 0, 1: 0}
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_a_reader_waits_as_long_as_it_was_told_and_is_woken_by_what_comes(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 2})
        reader = await log.open_reader("g", topic, standing_at())
        await until_assigned((reader, 2))
        begun = time.monotonic()
        assert await reader.read(500, 0.4) == []
        assert 0.3 < time.monotonic() - begun < 2
        waiting = asyncio.create_task(take(reader, 1))
        await asyncio.sleep(0.2)
        begun = time.monotonic()
        await log.append([out(topic, "case")])
        await waiting
        assert time.monotonic() - begun < 1
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_no_more_records_come_at_once_than_were_asked_for(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 3})
        await log.append([out(topic, f"case-{n}") for n in range(50)])
        reader = await log.open_reader("g", topic, standing_at())
        found, longest = [], 0
        async with asyncio.timeout(20):
            while len(found) < 50:
                records = await reader.read(7, 0.5)
                longest = max(longest, len(records))
                found += records
        assert longest == 7
        assert len({(r.partition, r.offset) for r in found}) == 50
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_two_groups_each_read_everything(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 2})
        await log.append([out(topic, f"case-{n}") for n in range(20)])
        one = await log.open_reader("dispatch", topic, standing_at())
        two = await log.open_reader("feedback", topic, standing_at())
        assert len(await take(one, 20)) == len(await take(two, 20)) == 20
        await one.close()
        await two.close()
        await log.close()

    asyncio.run(story())


def test_another_process_is_heard(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 2})
        reader = await log.open_reader("g", topic, standing_at())
        await until_assigned((reader, 2))
        other = another_process(APPENDER, home.url, topic)
        found = await take(reader, 10)
        assert {r.value for r in found} == {b"from afar"}
        assert await asyncio.to_thread(other.wait, 20) == 0
        other.communicate()
        await reader.close()
        await log.close()

    asyncio.run(story())


def test_what_was_appended_is_there_after_the_log_was_closed_and_opened(home: Home) -> None:
    async def story() -> None:
        topic, log = new_topic(), home.open()
        await log.prepare({topic: 2})
        await log.append([out(topic, f"case-{n}", str(n)) for n in range(30)])
        await log.close()
        again = home.open()
        await again.prepare({topic: 2})
        reader = await again.open_reader("g", topic, standing_at())
        found = await take(reader, 30)
        assert sorted(int(r.value or b"") for r in found) == list(range(30))
        await reader.close()
        await again.close()

    asyncio.run(story())
