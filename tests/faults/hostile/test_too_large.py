"""What no log would take is refused to who asks for it; else it would stand in the outbox for ever."""

import asyncio
import uuid

import pytest

from libs.events.dispatch import AssignmentSigned
from libs.host.settings import Settings
from libs.host.work import Outcome
from libs.log.port import LARGEST_VALUE
from libs.sourcing.decider import Refused
from libs.sourcing.tables import events, outbox
from tests.host.desk import VERSIONS, Bench, ask, lay, outgoing, sign, told
from tests.host.house import at_work
from tools.cluster.broker import Broker


def name_of(size: int, letter: str = "x") -> str:
    """A name with which the event that signs it has exactly so many bytes."""
    stamped = sign("a", "").stamp(VERSIONS)
    empty = AssignmentSigned(**stamped, assignment_id="", org="unit-0").model_dump_json()
    return letter * ((size - len(empty.encode())) // len(letter.encode()))


def test_an_event_too_long_for_the_log_is_refused_with_its_field_and_size(bench: Bench) -> None:
    wishes = [
        ask("a", "fine", "1"),
        ask("a", name_of(LARGEST_VALUE + 1), "2"),
        ask("a", "too", "3"),
    ]
    first, second, third = bench.run(asks=wishes).results
    assert isinstance(second, Refused)
    assert "AssignmentSigned would have 1900001 bytes and may have 1900000" in str(second)
    assert "assignment_id" in str(second)
    assert len(str(second)) < 200, "it does not repeat the words"
    assert isinstance(first, Outcome)
    assert isinstance(third, Outcome)
    assert [(row.seq, len(row.value) < 1000) for row in bench.rows(events)] == [
        (1, True),
        (2, True),
    ]
    assert len(bench.rows(outbox)) == 2


@pytest.mark.parametrize("letter", ["字", "\x01", '"'])
def test_bytes_are_counted_and_not_characters(bench: Bench, letter: str) -> None:
    (refusal,) = bench.run(asks=[ask("a", letter * 1_000_000)]).results
    assert isinstance(refusal, Refused)
    assert bench.rows(events) == []


def test_a_reaction_too_long_for_the_log_is_counted_and_leaves_the_rest(bench: Bench) -> None:
    words = f"sign:{name_of(LARGEST_VALUE + 1)}"
    done = bench.run(*lay(outgoing(told("a", words, 1)), outgoing(told("a", "sign:fine", 2))))
    assert [said.partition(":")[0] for said in done.refused] == ["Sign"]
    assert [row.seq for row in bench.rows(events)] == [1]


def test_the_longest_that_is_not_refused_passes_through_kafka(
    settings: Settings, broker: Broker
) -> None:
    realm = f"r{uuid.uuid4().hex[:8]}"
    here = settings.model_copy(update={"log_url": broker.url, "realm": realm, "case_partitions": 4})

    async def story() -> None:
        async with at_work(here) as house:
            name = name_of(LARGEST_VALUE)
            wishes = [ask("a", name, "1"), ask("a", "after", "2")]
            for result in await house.running.execute_many(wishes):
                assert isinstance(result, Outcome)
            await house.quiet(30)
            assert await house.stories() == {"a": f"{name} after"}
            assert await house.rows(outbox) == []

    asyncio.run(story())
