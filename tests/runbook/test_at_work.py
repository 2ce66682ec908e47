"""The runbook's chapters on services at work: a topic lags, a case is parked, views must be rebuilt."""

import asyncio
import json
import re
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from libs.events.base import Recorded
from libs.events.intake import CaseAccepted
from libs.host import watch
from libs.host.run import Host
from libs.host.schema import RebuildNeeded
from libs.host.service import Service
from libs.sourcing.views import Views
from services.list import all_services, service_named
from tests.rebuild.town import derived
from tests.runbook.book import Chapter
from tests.runbook.conftest import Home, embedded_home
from tests.runbook.serving import served
from tests.telemetry.journey import UNIT, Walker
from tools.cluster import children

LAG = "lianxin_lag_events"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Files; real time, for real HTTP."""
    return embedded_home(tmp_path)


def walker(home: Home, base: str) -> Walker:
    return Walker(lambda service: base, home.settings.token_jwks_file.parent)


def soon(true: Callable[[], bool]) -> None:
    assert children.wait_until(true, limit_s=20, every_s=0.1), "it did not come to pass"


def test_a_service_that_lags_is_found_by_its_metrics_and_catches_up(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SAMPLE_SECONDS", 0.2)
    chapter = Chapter("A topic lags")
    command = chapter.command("curl -s $BASE/metrics")

    with served(home, all_services()) as base, walker(home, base) as clerk:

        def lag() -> dict[str, float]:
            said = home.operator.must(command, BASE=base)
            found = re.findall(rf'^{LAG}{{.*service="(\w+)"}} (\S+)$', said, flags=re.MULTILINE)
            return {service: float(count) for service, count in found}

        soon(lambda: set(lag().values()) == {0.0} and len(lag()) == 7)
        slow = sqlite3.connect(home.operator.place / "var/supervision.db", isolation_level=None)
        slow.execute("BEGIN IMMEDIATE")  # a database that does not get on
        clerk.register()
        chapter.says("One lags: its database or its process is slow")
        soon(lambda: lag()["supervision"] > 0)
        soon(lambda: {s for s, count in lag().items() if count} == {"supervision"})
        slow.execute("ROLLBACK")
        slow.close()
        soon(lambda: lag()["supervision"] == 0)
        stats = home.operator.must(chapter.command("python -m tools.log stats"))
        assert "intake.CaseRegistered" in stats


def unable_to_show(service: Service) -> Service:
    """A release with a fault: it cannot show what becomes of a case that was accepted."""

    def project(heard: Sequence[Recorded], views: Views) -> None:
        if any(isinstance(recorded.event, CaseAccepted) for recorded in heard):
            raise ValueError("no such column")
        service.project(heard, views)

    return replace(service, project=project)


def urged(clerk: Walker, base: str, case_id: str) -> httpx.Response:
    """A supervisor calls the unit to account."""
    token, key = clerk.token("supervisor"), uuid.uuid4().hex
    return clerk.http.post(
        f"{base}/supervision/cases/{case_id}/supervisions",
        json={"level": 1, "ground": "nobody_acts"},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )


def test_a_parked_case_is_let_go_after_what_can_read_it_is_deployed(home: Home) -> None:
    chapter = Chapter("A case is parked")
    look = chapter.command('curl -s -H "Authorization: Bearer $OPS" $BASE')
    release = chapter.command('curl -s -H "Authorization: Bearer $OPS" -X POST')
    faulty = [unable_to_show(s) if s.name == "supervision" else s for s in all_services()]

    def aside(base: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(home.operator.must(look, BASE=base, OPS=ops))
        return found

    with served(home, faulty) as base, walker(home, base) as clerk:
        (told,) = re.findall(r"`OPS=\$\((python -m tools\.token ops)\)`", Chapter("Tokens").text)
        ops = home.operator.must(told).strip()
        case_id = clerk.register()["case_id"]
        accepted, unit = {"category": "0101"}, {"unit_id": UNIT}
        clerk.must(f"/intake/cases/{case_id}/acceptance", clerk.token("acceptor"), accepted)
        clerk.must(f"/dispatch/cases/{case_id}/assignment", clerk.token("dispatcher"), unit)
        soon(lambda: len(aside(base)) == 2)
        assert {row["case_id"] for row in aside(base)} == {case_id}
        assert aside(base)[0]["reason"] == "ValueError: no such column"
        chapter.says("commands on the case are answered 409 there")
        refused = urged(clerk, base, case_id)
        assert (refused.status_code, "parked" in refused.text) == (409, True)

    chapter.says("deploy what can read the record, then release")
    with served(home, all_services()) as base, walker(home, base) as clerk:
        assert len(aside(base)) == 2, "it waits"
        said = json.loads(home.operator.must(release, BASE=base, OPS=ops, CASE_ID=case_id))
        assert said == {chapter.says("taken_in"): 2}
        assert aside(base) == []
        assert urged(clerk, base, case_id).status_code == 200


def test_views_are_rebuilt_while_the_service_works_and_a_changed_one_asks_for_it(
    home: Home,
) -> None:
    chapter = Chapter("Views must be rebuilt")
    command = chapter.command("python -m tools.rebuild", SERVICE="dispatch")
    dispatch = service_named("dispatch")
    with served(home, all_services()) as base, walker(home, base) as clerk:
        clerk.walk()
        soon(lambda: clerk.closed() == 1)
        before = derived(home.settings, dispatch)
        assert "rows: heads 1" in home.operator.must(command)
        assert derived(home.settings, dispatch) == before
        clerk.walk()
    chapter.says("it refuses to start and names the command")
    changed = Host([replace(dispatch, revision=9)], home.settings, realms=[""])
    with pytest.raises(RebuildNeeded, match=f"Run: {re.escape(command)}$"):
        asyncio.run(changed.start())
