"""What waits goes out at least once, under one key, and a gateway that fails delays nothing else."""

import asyncio
import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from libs.events.supervision import DeadlineBreached
from libs.notify import sender as sending
from libs.notify.deliveries import GAVE_UP, SENT, WAITING, claim, note
from libs.notify.sender import LONGEST_PAUSE, TRIES, pause_after
from services.supervision.recipients import unit
from tests.notices.gateways import Webhook, webhook
from tests.notices.office import Office, at_work, until
from tests.spec import UNIT, fact
from tests.whole import run

SMS = {"sms": {"address": "13900000001"}}


def case_id(number: int) -> str:
    return f"0190c0de-0000-5000-8000-{number:012d}"


def breaches(office: Office, count: int, *channels: str) -> list[str]:
    """So many breaches of a unit that wants to be told of them; gives the ids of the facts."""
    wished = {channel: {"address": "13900000001"} for channel in channels or ("sms",)}
    office.prefers(unit(UNIT), channels=wished)
    facts = [fact(DeadlineBreached, case_id=case_id(n), timer="HANDLE.1") for n in range(count)]
    heard = office.hear(*facts)
    assert office.plan(*wished) == count
    return [recorded.event_id for recorded in heard]


def test_each_message_goes_out_once_under_a_key_that_begins_with_the_events_id(
    office: Office, gateway: Webhook
) -> None:
    ids = breaches(office, 30)

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: office.states() == {SENT: 30})

    run(story())
    assert sorted(key.partition(".")[0] for key in gateway.keys) == sorted(ids)
    assert {row["key"] for row in office.sent_out()} == set(gateway.keys)
    assert all(row["sent_at"] == office.now and row["attempts"] == 1 for row in office.sent_out())
    assert {path for path, _, _ in gateway.got} == {"/to/13900000001"}


def test_what_failed_is_tried_again_later_under_the_same_key(
    office: Office, gateway: Webhook
) -> None:
    breaches(office, 1)
    gateway.answers = [500, 503]

    async def story() -> None:
        sender = office.sender("sms", gateway.url)
        async with at_work(sender):
            for attempt, why in enumerate(("answered 500", "answered 503"), 1):
                await until(lambda why=why: office.sent_out()[0]["last_error"] == why)
                (row,) = office.sent_out()
                assert (row["state"], row["attempts"]) == (WAITING, attempt)
                pause = row["next_try_at"] - office.now
                assert timedelta(minutes=2 ** (attempt - 1)) <= pause
                office.now += pause - timedelta(seconds=1)
                sender.wake()
                await asyncio.sleep(0.1)
                assert len(gateway.got) == attempt, "it came too early"
                office.now += timedelta(seconds=1)
                sender.wake()
            await until(lambda: office.states() == {SENT: 1})

    run(story())
    assert len(gateway.keys) == 3
    assert len(set(gateway.keys)) == 1
    assert office.sent_out()[0]["last_error"] is None


def test_a_message_is_given_up_in_the_end_and_says_why(office: Office, gateway: Webhook) -> None:
    breaches(office, 1)
    gateway.answers = [500] * 50

    async def story() -> None:
        sender = office.sender("sms", gateway.url)
        async with at_work(sender):
            for attempt in range(1, TRIES + 1):
                await until(lambda n=attempt: office.sent_out()[0]["attempts"] == n)
                await until(lambda: office.sent_out()[0]["claimed_by"] is None)
                office.now += 2 * LONGEST_PAUSE
                sender.wake()
            await asyncio.sleep(0.2)

    run(story())
    (row,) = office.sent_out()
    assert (row["state"], row["attempts"], row["last_error"]) == (GAVE_UP, TRIES, "answered 500")
    assert len(gateway.got) == TRIES


def test_pauses_double_up_to_an_hour_and_differ_by_chance() -> None:
    least = [pause_after(n, lambda: 0.0) for n in range(1, 12)]
    minutes = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    assert least == [timedelta(minutes=m) for m in minutes]
    dice = random.Random(1)
    assert len({pause_after(3, dice.random) for _ in range(20)}) == 20
    assert pause_after(3, lambda: 1.0) == timedelta(minutes=6)
    assert timedelta(hours=5) < sum(least, timedelta()) < timedelta(hours=9)


@pytest.mark.parametrize("fault", ["hangs", "drips"])
def test_a_gateway_that_hangs_delays_no_other_channel_and_is_left_at_last(
    office: Office, gateway: Webhook, fault: str
) -> None:
    breaches(office, 60, "sms", "webhook")
    with webhook() as bad:
        bad.hangs.set() if fault == "hangs" else setattr(bad, "drips", True)

        async def story() -> float:
            slow, quick = office.sender("sms", bad.url, 1.0), office.sender("webhook", gateway.url)
            async with at_work(slow, quick):
                began = time.monotonic()
                await until(lambda: len(gateway.got) == 60)
                took = time.monotonic() - began
                await until(lambda: any(r["last_error"] for r in office.sent_out()))
            return took

        assert run(story()) < 5
    failed = [row for row in office.sent_out() if row["last_error"]]
    assert {row["channel"] for row in failed} == {"sms"}
    assert {row["last_error"] for row in failed} <= {
        "no end within 1 s",
        "no connection, or no answer in time",
    }
    assert Counter(r["state"] for r in office.sent_out() if r["channel"] == "webhook") == {SENT: 60}


def test_a_gateway_gets_no_more_at_once_than_it_was_promised(
    office: Office, gateway: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaches(office, 12)
    gateway.hangs.set()
    monkeypatch.setattr(sending, "AT_ONCE", 3)

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: len(gateway.got) == 3)
            await asyncio.sleep(0.3)
            assert len(gateway.got) == 3
            gateway.hangs.clear()
            await until(lambda: office.states() == {SENT: 12})

    run(story())


def test_who_dies_between_sending_and_noting_leaves_it_to_another_under_the_same_key(
    office: Office, gateway: Webhook
) -> None:
    breaches(office, 1)

    async def dies() -> None:
        work = asyncio.create_task(office.sender("sms", gateway.url).work())
        gateway.delay = 0.2
        await until(lambda: len(gateway.got) == 1)
        work.cancel()  # as a kill would: nothing is noted, the claim stays

    async def goes_on() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await asyncio.sleep(0.3)
            assert len(gateway.got) == 1, "what is claimed is another's"
            office.lapse()
            await until(lambda: office.states() == {SENT: 1})

    run(dies())
    (row,) = office.sent_out()
    assert (row["state"], row["attempts"]) == (WAITING, 1)
    run(goes_on())
    assert len(gateway.keys) == 2
    assert len(set(gateway.keys)) == 1


def test_of_a_claim_that_ran_out_only_a_message_that_was_sent_is_news(office: Office) -> None:
    breaches(office, 1)
    database = office.database

    def take(who: str) -> dict[str, Any]:
        with database.begin() as db:
            (row,) = claim(database, db, "sms", who, office.now, 10, 60)
        return row

    def write(who: str, row: dict[str, Any], **result: Any) -> dict[str, Any]:
        with database.begin() as db:
            note(database, db, who, [row | result])
        return office.sent_out()[0]

    slow = take("slow")
    office.lapse()
    quick = take("quick")
    after = write("slow", slow, last_error="no end", next_try_at=office.now + LONGEST_PAUSE)
    assert (after["claimed_by"], after["last_error"]) == ("quick", None)
    after = write("slow", slow, state=SENT, next_try_at=None)
    assert after["state"] == SENT
    after = write("quick", quick, last_error="answered 500")
    assert (after["state"], after["last_error"]) == (SENT, None), "what was sent stays so"


def test_a_stop_notes_what_was_on_its_way_so_that_it_does_not_go_out_again(
    office: Office, gateway: Webhook
) -> None:
    breaches(office, 8)
    gateway.delay = 0.5

    async def stops() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: len(gateway.got) == 8)

    async def starts_anew() -> None:
        office.lapse()
        async with at_work(office.sender("sms", gateway.url)):
            await asyncio.sleep(0.3)

    run(stops())
    assert office.states() == {SENT: 8}
    run(starts_anew())
    assert len(gateway.got) == 8


def test_two_replicas_share_the_work_and_send_nothing_twice(
    url: str, office: Office, gateway: Webhook, tmp_path: Path
) -> None:
    breaches(office, 150)
    gateway.delay = 0.02
    replica = Office(url, tmp_path)

    async def story() -> None:
        one, two = office.sender("sms", gateway.url), replica.sender("sms", gateway.url)
        async with at_work(one, two):
            await until(lambda: office.states() == {SENT: 150})
        assert one.sent > 10
        assert two.sent > 10
        assert one.sent + two.sent == 150

    run(story())
    replica.close()
    assert Counter(gateway.keys).most_common(1)[0][1] == 1


def test_a_database_that_is_away_for_a_moment_stops_no_sender(
    office: Office, gateway: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaches(office, 3)
    begin, failures = office.database.begin, iter([True, True])

    def flaky() -> object:
        if next(failures, False):
            raise sending.TRANSIENT[0]("no connection", None, Exception("gone"))
        return begin()

    monkeypatch.setattr(office.database, "begin", flaky)

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: office.states() == {SENT: 3})

    run(story())
    assert len(gateway.got) == 3
