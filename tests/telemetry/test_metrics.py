"""What operations sees of every service: how far behind it is, what waits, what lies aside, what is late."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from libs.events.base import Recorded
from libs.host import watch
from libs.host.service import Service
from libs.host.settings import Settings
from libs.log.port import LogUnavailable, Outgoing
from libs.log.sqlite import SqliteLog
from libs.sourcing.views import Views
from services.list import NAMES, all_services, service_named
from tests.http.city import MESSAGE
from tests.whole import Platform, platform, run

GAUGES = ("lag_events", "lag_seconds", "outbox_depth", "outbox_age_seconds", "quarantine_records")
Samples = dict[tuple[str, str, str], float]


@pytest.fixture(autouse=True)
def watched_often(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Gauges are sampled every few seconds; a test looks more often. Faults on purpose need no log."""
    monkeypatch.setattr(watch, "SAMPLE_SECONDS", 0.1)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


async def metrics(whole: Platform) -> Samples:
    """Every sample of /metrics by name, realm and service."""
    answer = await whole.http.get("/metrics")
    assert answer.status_code == 200
    found: Samples = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            key = (sample.name, sample.labels.get("realm", ""), sample.labels.get("service", ""))
            found[key] = found.get(key, 0) + sample.value
    return found


async def until_shown(whole: Platform, name: str, service: str, least: float) -> float:
    """Wait until a metric of a service has come to a value."""
    end = time.monotonic() + 15
    while True:
        value = (await metrics(whole)).get((f"lianxin_{name}", "main", service), -1.0)
        if value >= least:
            return value
        assert time.monotonic() < end, f"{name} of {service} is {value}, not {least}"
        await asyncio.sleep(0.05)


async def register(whole: Platform) -> str:
    answer = await whole.post("/intake/cases", whole.token("channel"), MESSAGE)
    assert answer.status_code == 201, answer.text
    case_id: str = answer.json()["case_id"]
    return case_id


def test_every_service_of_both_realms_shows_what_waits_from_the_start(settings: Settings) -> None:
    async def story() -> None:
        async with platform(settings) as whole:
            await register(whole)
            await whole.settle()
            wanted = {
                (f"lianxin_{gauge}", realm, name): 0.0
                for gauge in GAUGES
                for realm in ("main", "restricted")
                for name in NAMES
            }
            end = time.monotonic() + 10
            while not wanted.items() <= (await metrics(whole)).items():
                assert time.monotonic() < end, wanted.keys() - (await metrics(whole)).keys()
                await asyncio.sleep(0.05)

    run(story())


def test_counters_move_with_the_work_of_the_service_that_did_it(settings: Settings) -> None:
    async def story() -> None:
        async with platform(settings) as whole:
            before = await metrics(whole)
            case_id = await register(whole)
            denied = await whole.post(
                f"/intake/cases/{case_id}/decline", whole.token("acceptor"),
                {"ground": "D15", "reason": "r", "alternative_channel": "a", "remedy": "r", "evidence": ["e"]},
            )  # fmt: skip
            await whole.settle()
            after = await metrics(whole)
            assert denied.status_code in (200, 409, 422)

            def moved(name: str, service: str) -> float:
                key = (f"lianxin_{name}", "main", service)
                return after.get(key, 0.0) - before.get(key, 0.0)

            assert moved("commands_total", "intake") >= 1
            assert moved("events_stated_total", "intake") >= 1
            for name in ("intake", "supervision", "analytics"):
                assert moved("events_heard_total", name) >= 1
                assert moved("turn_seconds_count", name) >= 1
            assert moved("commands_total", "dispatch") == 0
            assert moved("events_stated_total", "dispatch") == 0
            assert ("lianxin_events_heard_total", "restricted", "intake") not in after or (
                after["lianxin_events_heard_total", "restricted", "intake"] == 0
            )

    run(story())


class Waiting:
    """Analytics, whose projection waits until it is let go."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.service = service_named("analytics")

    def whole(self) -> Service:
        return replace(self.service, project=self.project)

    def project(self, heard: Sequence[Recorded], views: Views) -> None:
        assert self.go_on.wait(30)
        self.service.project(heard, views)


def test_lag_is_shown_in_events_and_seconds_while_a_service_is_behind(settings: Settings) -> None:
    slow = Waiting()
    services = [slow.whole() if s.name == "analytics" else s for s in all_services()]

    async def story() -> None:
        async with platform(settings, services=services) as whole:
            try:
                for _ in range(4):
                    await register(whole)
                assert await until_shown(whole, "lag_events", "analytics", 4) >= 4
                first = await until_shown(whole, "lag_seconds", "analytics", 0.2)
                assert await until_shown(whole, "lag_seconds", "analytics", first + 0.2) > first
                end = time.monotonic() + 10  # the others come level, however busy the machine is
                while (await metrics(whole))["lianxin_lag_events", "main", "supervision"]:
                    assert time.monotonic() < end
                    await asyncio.sleep(0.05)
                assert (await metrics(whole))["lianxin_lag_events", "main", "analytics"] >= 4
            finally:
                slow.go_on.set()
            await whole.settle()
            end = time.monotonic() + 10
            while (await metrics(whole))["lianxin_lag_events", "main", "analytics"]:
                assert time.monotonic() < end
                await asyncio.sleep(0.05)
            assert (await metrics(whole))["lianxin_lag_seconds", "main", "analytics"] == 0

    run(story())


class Closed(SqliteLog):
    """A real log that can be told to refuse what is appended, as one out of reach does."""

    refuses = False

    async def append(self, records: Sequence[Outgoing]) -> None:
        if self.refuses:
            raise LogUnavailable("out of reach")
        await super().append(records)


def test_the_outbox_shows_depth_and_age_while_the_log_takes_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    log = Closed(f"{tmp_path}/log.db?synchronous=OFF")

    async def story() -> None:
        async with platform(settings, log=log) as whole:
            log.refuses = True
            await register(whole)
            await register(whole)
            assert await until_shown(whole, "outbox_depth", "intake", 2) >= 2
            whole.clock.at += timedelta(seconds=90)
            assert await until_shown(whole, "outbox_age_seconds", "intake", 90) < 100
            log.refuses = False
            await whole.settle()
            end = time.monotonic() + 10
            while (await metrics(whole))["lianxin_outbox_depth", "main", "intake"]:
                assert time.monotonic() < end
                await asyncio.sleep(0.05)
            assert (await metrics(whole))["lianxin_outbox_age_seconds", "main", "intake"] == 0

    run(story())


def test_a_record_that_nobody_can_read_is_shown_in_quarantine(settings: Settings) -> None:
    async def story() -> None:
        async with platform(settings) as whole:
            case_id = await register(whole)
            await whole.settle()
            headers = (("ce_type", b"intake.CaseAccepted"),)
            await whole.host.log.append([Outgoing("case-events", case_id, headers, b"{]")])
            for name in ("intake", "dispatch", "supervision"):
                assert await until_shown(whole, "quarantine_records", name, 1) == 1
            assert (await metrics(whole))["lianxin_quarantine_records", "restricted", "intake"] == 0

    run(story())


def test_how_late_a_deadline_was_kept_is_measured(settings: Settings) -> None:
    """Nobody was at work for three hours over the limit: the breach is stated late, and it shows."""

    async def story() -> None:
        name = "lianxin_deadline_lateness_seconds_sum"
        async with platform(settings) as whole:
            await register(whole)
            await whole.settle()
            due = whole.host.find("supervision").next_wake
            assert due is not None
            assert (await metrics(whole)).get((name, "main", "supervision"), 0) == 0
            whole.clock.at = due + timedelta(hours=3)
            whole.host.find("supervision").tick()
            await whole.settle()
            found = await metrics(whole)
            assert found[name, "main", "supervision"] >= timedelta(hours=3).total_seconds()
            assert (name, "main", "intake") not in found or found[name, "main", "intake"] == 0

    run(story())
