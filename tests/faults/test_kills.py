"""Whatever is killed, hung or brought back while cases flow: nothing is lost, nothing is done twice.

Real processes on a real Kafka and PostgreSQL. Each run prints its seed and a schedule; ``LIANXIN_SEED``
plays the same choices again.
"""

import asyncio
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults import checks
from tests.faults.evidence import gather, until_rest
from tests.faults.platform import Member, Platform
from tests.faults.traffic import Traffic, Wish, wishes
from tools.cluster.fixtures import need_broker, need_postgres

HEAL_SECONDS = 120.0
AT_LEAST_SECONDS = 60.0
AT_MOST_SECONDS = 180.0
SESSION_SECONDS = 10.0
"""After which Kafka gives a silent consumer's partitions to another (``libs/log/kafka.py``)."""
Harm = Callable[[random.Random, threading.Event], None]


@pytest.fixture
def seed() -> int:
    """Taken from LIANXIN_SEED, else new; always printed."""
    chosen = int(os.environ.get("LIANXIN_SEED") or random.randrange(1_000_000))
    print(f"LIANXIN_SEED={chosen}")
    return chosen


@pytest.fixture
def parts() -> None:
    need_broker()
    need_postgres()


def shuffled_for_ever(dice: random.Random, choices: list[str]) -> Iterator[str]:
    """Each in turn, in an order that is new every round: so everyone's turn comes."""
    while True:
        yield from dice.sample(choices, len(choices))


def run(
    platform: Platform, seed: int, some: list[Wish], rate: float, harm: Harm
) -> Mapping[str, int]:
    """Let cases flow while harm is done, wait until all is healed, and check everything."""
    traffic = Traffic(platform, seed, some, rate)
    through = threading.Event()
    harming = threading.Thread(target=lambda: harm(random.Random(seed), through))
    harming.start()

    async def flow() -> None:
        await asyncio.wait_for(traffic.run(through.set), AT_MOST_SECONDS + HEAL_SECONDS)

    flowing = threading.Thread(target=lambda: asyncio.run(flow()))
    flowing.start()
    harming.join()
    healing = time.monotonic()
    platform.tell(
        f"harm is over; {traffic.registered} cases registered, {traffic.finished} through, "
        f"{traffic.repeated} requests repeated"
    )
    flowing.join()
    assert traffic.finished == len(some), "a writer gave up"
    while datetime.now(UTC) <= traffic.last_due:
        time.sleep(0.1)
    left = until_rest(platform.settings, HEAL_SECONDS - (time.monotonic() - healing))
    platform.tell(f"healed {time.monotonic() - healing:.1f} s after the harm")
    assert left == [], "not healed in time"
    platform.until_ready(30)
    rested_at = datetime.now(UTC)
    platform.stop()
    found = gather(platform.settings)
    figures = checks.summary(found)
    platform.tell(f"{len(traffic.acknowledged)} facts acknowledged; in the log: {dict(figures)}")
    wrong = checks.everything(found, traffic.acknowledged, len(some), rested_at)
    assert wrong == [], f"{len(wrong)} breaches, the first: {wrong[:20]}"
    assert platform.false_alarms() == []
    assert figures["DeadlineBreached"] > len(some) // 20, "there were deadlines to get wrong"
    return figures


@pytest.mark.timeout(560)
def test_no_case_is_lost_or_doubled_while_services_and_the_broker_are_killed(
    tmp_path: Path, seed: int, parts: None
) -> None:
    dice = random.Random(seed)
    with Platform(tmp_path, {"dispatch": 2}) as platform:
        killed: Counter[str] = Counter()
        healer = ThreadPoolExecutor(1)  # services are killed while the broker is down, too

        def kill(dice: random.Random, through: threading.Event) -> None:
            began = time.monotonic()
            names = ["broker", *(member.name for member in platform.members)]
            back = healer.submit(lambda: None)
            for name in shuffled_for_ever(dice, names):
                time.sleep(dice.uniform(2.5, 6.0))
                flowed = time.monotonic() - began
                enough = (
                    flowed > AT_LEAST_SECONDS and through.is_set() and len(killed) == len(names)
                )
                if enough or flowed > AT_MOST_SECONDS:
                    return back.result()
                killed[name] += 1
                down = dice.uniform(0.1, 2.0)
                if name == "broker":
                    back.result()
                    back = healer.submit(platform.kill_broker, down)
                else:
                    platform.kill(_named(platform, name), down)

        run(platform, seed, wishes(dice, 2_000, 200, 40), 36.0, kill)
        assert len(killed) == len(platform.members) + 1, "everyone was killed once at least"


@pytest.mark.timeout(500)
def test_who_hung_longer_than_its_session_does_nothing_twice_when_it_goes_on(
    tmp_path: Path, seed: int, parts: None
) -> None:
    dice = random.Random(seed)
    twice = ("dispatch", "supervision", "feedback")
    with Platform(tmp_path, dict.fromkeys(twice, 2)) as platform:
        hung: set[str] = set()

        def hang(dice: random.Random, through: threading.Event) -> None:
            for names in rounds_of_hanging(dice):
                chosen = [_named(platform, name) for name in names]
                hung.update(names)
                for member in chosen:
                    platform.hang(member)
                time.sleep(SESSION_SECONDS + dice.uniform(2.0, 4.0))
                for member in chosen:
                    platform.go_on(member)
                # Who hangs while its group still takes another one back is waited for, not thrown out: let
                # each have noticed, by its next heartbeat, and joined again first.
                time.sleep(dice.uniform(4.0, 6.0))
                platform.until_ready(30)

        run(platform, seed, wishes(dice, 300, 100, 30), 6.0, hang)
        thrown_out = {member.name for member in platform.members if platform.was_thrown_out(member)}
        assert thrown_out >= hung, "who hung had lost its partitions when it went on"


def rounds_of_hanging(dice: random.Random) -> list[list[str]]:
    """Each process hangs once, and never both of a service at a time."""
    first = dice.sample(["dispatch", "supervision", "feedback"], 3)
    alone = dice.sample(["intake", "evaluation", "analytics"], 3)
    second = [f"{name}-2" for name in (first[1], first[2], first[0])]
    return [list(names) for names in zip(first, second, alone, strict=True)]


@pytest.mark.timeout(500)
def test_no_case_is_lost_or_doubled_while_postgresql_is_killed(
    tmp_path: Path, seed: int, parts: None
) -> None:
    dice = random.Random(seed)
    with Platform(tmp_path, {"dispatch": 2}) as platform:

        def kill(dice: random.Random, through: threading.Event) -> None:
            for _ in range(5):
                time.sleep(dice.uniform(2.0, 6.0))
                platform.kill_postgres(dice.uniform(0.1, 3.0))

        run(platform, seed, wishes(dice, 300, 100, 30), 12.0, kill)
        gave_up = [line for line in platform.schedule if "by itself with 70" in line]
        assert gave_up == [], "a database that is away for a while is waited for"


def _named(platform: Platform, name: str) -> Member:
    (member,) = (m for m in platform.members if m.name == name)
    return member
