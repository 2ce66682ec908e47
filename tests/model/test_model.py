"""The core under a seeded scheduler: real hosts, deciders and tables, a log and a machine at their worst."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest

from libs.events.base import SYSTEM, Recorded, Versions
from libs.events.envelope import to_headers
from libs.events.evaluation import CaseClosed
from libs.host.tracing import Tracing
from libs.host.turn import Turns
from libs.host.work import Work
from libs.log.port import LogUnavailable, Record
from libs.vault.keys import Vault
from libs.vault.receipts import Receipts
from tests.model.broker import MemoryReader
from tests.model.crowd import HAPPENED, homes, play_all, play_some
from tests.model.homes import SINCE
from tests.model.play import play
from tests.model.world import World
from tests.model.wrong import WRONG

ENOUGH = 60
"""Seeds within which a wrong design must be found out."""


@pytest.mark.timeout(900)
def test_whatever_fails_when_no_fact_is_lost_doubled_or_false(seeds: range) -> None:
    began = time.monotonic()
    crowd = play_all(seeds)
    seconds = time.monotonic() - began
    print(f"\n{crowd.played} seeds in {seconds:.0f} s; {dict(sorted(crowd.happened.items()))}")
    assert not crowd.failed, f"{len(crowd.failed)} of {crowd.played}\n" + "\n\n".join(
        crowd.failed[:3]
    )
    if len(seeds) > 20:  # a model in which nothing goes wrong shows nothing
        rare = {name for name in HAPPENED if crowd.happened[name] < len(seeds) / 5}
        assert not rare


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_design_is_found_out(name: str) -> None:
    for seed in range(ENOUGH):
        found = play(seed, homes(), WRONG[name]).wrong
        if found:
            print(f"\n{name}: found out by seed {seed}, number {seed + 1}: {found[0]}")
            return
    pytest.fail(f"{name} went unnoticed in {ENOUGH} seeds")


def test_a_seed_is_one_run_in_whatever_process() -> None:
    """Also where sets of text have another order."""
    here = [play(3, homes()).hash for _ in range(2)]
    there = subprocess.run(
        [sys.executable, "-m", "tests.model.crowd", "3"],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {*here, there.stdout.split()[-1]} == {here[0]}
    assert play(4, homes()).hash != here[0]


# --------------------------------------------------------------- what the model found, by name


def test_looks_that_find_no_log_lose_nothing() -> None:
    """Of what was read no record comes again: a look that fails must not lose what another one had found."""

    @contextmanager
    def every_third_look_fails(world: World) -> Iterator[None]:
        read, looks = MemoryReader.read, count(1)

        async def fail(reader: MemoryReader, limit: int, wait: float) -> Sequence[Record]:
            if next(looks) % 3 == 0 and not world.calm:
                raise LogUnavailable("no answer in time")
            return await read(reader, limit, wait)

        with patch.object(MemoryReader, "read", fail):
            yield

    crowd = play_some(range(5), every_third_look_fails)
    assert not crowd.failed, crowd.failed[0]


def test_who_was_overtaken_learns_where_the_service_stands() -> None:
    """Else it counts as behind for ever, and the watchdog ends it."""
    here = homes()
    analytics = next(service for service in here.services if service.name == "analytics")
    versions = Versions(policy="p/1", calendar="c/1", taxonomy="t/1", organisations="o/1")
    event = CaseClosed(
        case_id="c1", occurred_at=SINCE, actor=SYSTEM, decided_with=versions, outcome="resolved"
    )
    headers = to_headers(Recorded("e1", event, 1, SINCE, "e0", "e0"))
    record = Record("case-events", 2, 0, b"c1", headers, event.model_dump_json().encode())
    key = b"k" * 32
    with here.lent(lambda: 0.0, random.Random(0)):
        here["analytics"].raw.execute("INSERT INTO positions VALUES ('case-events', 2, 0)")
        first, second = (
            Turns(
                analytics, here["analytics"], Vault(here["vault"], key), Receipts(key), here.rules,
                "case-events", 3, Tracing(0.0),
            ).run(Work([record]), SINCE)
            for _ in range(2)
        )  # fmt: skip
    assert (first.heard, first.positions) == (1, {2: 1})
    assert (second.heard, second.positions) == (0, {2: 1})
