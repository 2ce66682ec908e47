"""What the log in a file keeps in memory, when another process writes to the file too; and its headers."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from libs.log import sqlite
from libs.log.headers import TextHeaders, first
from libs.log.port import EventLog, Reader, Record
from libs.log.sqlite import SqliteLog
from tests.log.homes import new_topic, out, standing_at, take

PAIRS: list[list[tuple[str, bytes | None]]] = [
    [],
    [("ce_type", b"intake.CaseRegistered"), ("ce_id", b"1")],
    [("ce_id", b"1"), ("ce_type", None), ("ce_type", b"second")],
    [("ce_id", b'["ce_type","planted"'), ("ce_type", b"own")],
    [('["ce_type","planted"', b"x")],
    [("ce_type", b'with "quotes" and \\ and \n')],
    [("ce_type", "受理".encode()), ("名", None)],
    [("ce_type", b"")],
]


@pytest.mark.parametrize("pairs", PAIRS)
def test_headers_kept_as_text_say_what_the_pairs_say(pairs: list[tuple[str, bytes | None]]) -> None:
    texts = [(name, None if said is None else said.decode()) for name, said in pairs]
    for text in (json.dumps(texts, ensure_ascii=False, separators=(",", ":")), json.dumps(texts)):
        headers = TextHeaders(text)
        assert headers == tuple(pairs)
        assert list(headers) == pairs
        assert len(headers) == len(pairs)
        assert headers.texts() == dict(texts)
        for name in ("ce_type", "ce_id", "not there"):
            assert first(headers, name) == first(pairs, name)


async def _open(log: EventLog, topic: str, many: int) -> list[Reader]:
    await log.prepare({topic: 1})
    return [await log.open_reader(f"{id(log)}-{n}", topic, standing_at()) for n in range(many)]


@pytest.mark.parametrize("tail", [3, 1000])
def test_two_processes_that_write_in_turn_read_all_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tail: int
) -> None:
    monkeypatch.setattr(sqlite, "TAIL", tail)
    topic, url = new_topic(), f"{tmp_path}/log.db?synchronous=OFF"

    async def scenario() -> None:
        one, other = SqliteLog(url), SqliteLog(url)  # what two processes have: nothing in common
        readers = {id(log): await _open(log, topic, 2) for log in (one, other)}
        told: list[str] = []
        seen: dict[int, list[list[Record]]] = {key: [[], []] for key in readers}
        for turn, (log, many) in enumerate([(one, 1), (other, 2), (one, 2), (other, 7), (one, 1), (one, 9)]):
            words = [f"{turn}.{n}" for n in range(many)]
            await log.append([out(topic, "case", word) for word in words])
            told += words
            for key, pair in readers.items():
                if turn % 2 or key == id(log):  # the other one falls behind now and then
                    for reader, had in zip(pair, seen[key], strict=True):
                        had += await take(reader, len(told) - len(had))
        for key, pair in readers.items():
            for reader, had in zip(pair, seen[key], strict=True):
                had += await take(reader, len(told) - len(had))
                assert [(r.value or b"").decode() for r in had] == told
                assert [r.offset for r in had] == list(range(len(told)))
                assert {tuple(r.headers) for r in had} == {(("ce_type", b"intake.CaseRegistered"),)}
        for log in (one, other):
            await log.close()

    asyncio.run(scenario())


def test_what_another_process_wrote_is_read_once_for_all_readers_of_this_one(tmp_path: Path) -> None:
    topic, url = new_topic(), f"{tmp_path}/log.db?synchronous=OFF"

    async def scenario() -> None:
        one, other = SqliteLog(url), SqliteLog(url)
        await other.prepare({topic: 1})
        readers = await _open(one, topic, 3)
        await other.append([out(topic, "case", str(n)) for n in range(5)])
        first_had, *rest = [await take(reader, 5) for reader in readers]
        for had in rest:
            assert all(a is b for a, b in zip(first_had, had, strict=True))
        for log in (one, other):
            await log.close()

    asyncio.run(scenario())


def test_who_sleeps_is_rung_though_another_reader_has_seen_first_what_was_written_elsewhere(
    tmp_path: Path,
) -> None:
    topic, url = new_topic(), f"{tmp_path}/log.db?synchronous=OFF"

    async def scenario() -> None:
        one, other = SqliteLog(url), SqliteLog(url)
        await other.prepare({topic: 1})
        sleeper, waker = await _open(one, topic, 2)
        for n in range(5):
            sleeping = asyncio.create_task(sleeper.read(10, 30))
            await asyncio.sleep(2 * sqlite.LOOK_ABROAD)
            await other.append([out(topic, "case", str(n))])
            assert await waker.ends() == {0: n + 1}
            (found,) = await asyncio.wait_for(sleeping, 5)
            assert found.offset == n
        for log in (one, other):
            await log.close()

    asyncio.run(scenario())


def test_a_record_that_was_changed_has_nothing_of_what_was_made_of_the_old_one() -> None:
    record = Record("t", 0, 1, b"case", (("ce_type", b"a.B"),), b"{}")
    record.made.append("read")
    other = replace(record, offset=2)
    assert (other.offset, other.made, record.made) == (2, [], ["read"])
