"""A case of which the very first record cannot be read is parked and released like any other."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from libs.host.folding import Whole
from libs.host.rebuild import Rebuild
from libs.host.settings import Settings
from libs.log.port import Outgoing, Record
from libs.log.scan import open_scan
from libs.rules.rules import shipped_rules
from libs.sourcing.decider import Refused
from libs.sourcing.store import dump_headers
from libs.sourcing.tables import heads, quarantine
from libs.vault.receipts import Receipts
from tests.host.desk import AT, PARTITIONS, TOPIC, Bench, ask, lay, outgoing, same_partition, told
from tests.host.house import House, at_work


def broken(case_id: str, header: str = "ce_seq", value: bytes = b"one") -> Outgoing:
    fact = outgoing(told(case_id, "first", 1))
    headers = [(name, value if name == header else text) for name, text in fact.headers]
    return replace(fact, headers=headers)


@pytest.mark.parametrize("header", ["ce_seq", "ce_type", "ce_dataschema", "ce_subject", "ce_id"])
def test_a_broken_first_record_parks_its_case_and_what_follows_waits(
    bench: Bench, header: str
) -> None:
    bad, good = same_partition(2)
    later = [outgoing(told(bad, "second", 2)), outgoing(told(good, "fine", 1))]
    bench.run(*lay(broken(bad, header, b"\xff"), *later))
    assert bench.stories() == {good: "fine"}
    assert [(r.offset, r.case_id) for r in bench.rows(quarantine)] == [(0, bad), (1, bad)]
    (refusal,) = bench.run(asks=[ask(bad, "x")]).results
    assert isinstance(refusal, Refused)
    assert bench.turns.release(bad, AT).heard == 0, "it cannot be read still"
    assert len(bench.rows(quarantine)) == 2


def test_once_it_can_be_read_it_is_released_by_its_case_and_in_order(bench: Bench) -> None:
    case = same_partition(1)[0]
    bench.run(*lay(broken(case), outgoing(told(case, "sign:x", 2))))
    whole = dump_headers(tuple(outgoing(told(case, "first", 1)).headers))
    with bench.database.begin() as db:  # as if this reader had learned to read it
        db.execute(sa.update(quarantine).where(quarantine.c.offset == 0).values(headers=whole))
    assert bench.turns.release(case, AT).heard == 2
    assert bench.stories() == {case: "first sign:x"}
    assert bench.rows(quarantine) == []
    assert bench.run(asks=[ask(case, "y")]).stated


@pytest.mark.parametrize("key", [None, b"", b"\xff\xfe", b"x" * 101, b"case\x00", b"elsewhere"])
def test_a_record_whose_key_names_no_case_of_its_partition_parks_nobody(
    bench: Bench, key: bytes | None
) -> None:
    good = same_partition(1)[0]
    first, second = lay(broken(good), outgoing(told(good, "fine", 1)))
    bench.run(Record(TOPIC, first.partition, first.offset, key, first.headers, first.value), second)
    assert bench.stories() == {good: "fine"}
    assert [(r.offset, r.case_id) for r in bench.rows(quarantine)] == [(0, None)]


def test_a_case_whose_first_record_lies_aside_is_parked_after_a_rebuild_too(
    settings: Settings,
) -> None:
    async def story() -> None:
        async with at_work(settings) as house:
            await house.say(
                broken("a"), outgoing(told("a", "second", 2)), outgoing(told("b", "x", 1))
            )
            await house.quiet()
            before = await everything(house)
            assert {row["case_id"]: row["parked"] for row in before["heads"]} == {
                "a": True,
                "b": False,
            }
            await rebuild(house)
            assert await everything(house) == before

    asyncio.run(story())


async def everything(house: House) -> dict[str, list[dict[str, Any]]]:
    found = {table.name: await house.rows(table) for table in (heads, house.story, quarantine)}
    return {name: sorted(rows, key=str) for name, rows in found.items()}


async def rebuild(house: House) -> None:
    settings = house.running.world.settings
    database = settings.database_of("dispatch")
    whole = Whole("dispatch", database, house.topic, PARTITIONS, shipped_rules())
    scan = await open_scan(settings.log_url)
    try:
        work = Rebuild(house.running.service, whole, scan, Receipts(b"secret"), lambda done, total: None)
        try:
            await work.run(settings.log_url)
        finally:
            await work.close()
    finally:
        await scan.close()
