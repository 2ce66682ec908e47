"""A platform that is stopped in the middle goes on from its files as if nothing had been."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.http.city import REPLY, UNIT, City, open_city
from tests.journeys.files import history, log_rows
from tests.spec import china
from tests.whole import Clock


def seen(city: City, case: str) -> list[Any]:
    """What every service shows of a case."""
    views = {
        f"/intake/cases/{case}": "operator",
        f"/intake/cases/{case}/words?purpose=handling": "operator",
        "/dispatch/cases": "dispatcher",
        f"/dispatch/units/{UNIT}/assignments": "dispatcher",
        f"/feedback/cases/{case}/file?purpose=handling": "auditor",
        "/feedback/replies": "auditor",
        "/evaluation/callbacks": "supervisor",
        f"/supervision/cases/{case}/clocks": "supervisor",
        "/analytics/totals": "analyst",
    }
    return [city.get(path, city.token(role)).json() for path, role in views.items()]


def step(city: City, case: str, number: int) -> None:
    """One step of a case on its way."""
    clerk = {"role": "unit_clerk", "unit_id": UNIT}
    head = {"role": "unit_head", "unit_id": UNIT}
    steps: list[tuple[str, dict[str, Any], Any]] = [
        ("/intake/cases/{}/acceptance", {"role": "acceptor"}, {"category": "0107"}),
        ("/dispatch/cases/{}/assignment", {"role": "dispatcher"}, None),
        ("/dispatch/cases/{}/signature", clerk, None),
        ("/feedback/cases/{}/replies", head, REPLY),
        ("/feedback/cases/{}/approval", {"role": "auditor"}, None),
        ("/evaluation/cases/{}/callbacks", {"role": "callback_agent"}, {"reached": True}),
    ]
    path, who, body = steps[number]
    city.do(path.format(case), body=body, **who)


def test_stopped_and_started_after_every_step_nothing_is_lost_or_done_twice(
    tmp_path: Path,
) -> None:
    clock = Clock()
    with open_city(tmp_path, clock=clock) as city:
        case = city.register()["case_id"]
        before = seen(city, case)
    for number in range(6):
        with open_city(tmp_path, clock=clock) as city:
            city.settle()
            assert seen(city, case) == before
            step(city, case, number)
            before = seen(city, case)
        clock.at += timedelta(minutes=20)
    clock.at = china("2026-04-03 09:00")
    with open_city(tmp_path, clock=clock) as city:
        city.settle()
        verdict = city.get(f"/evaluation/cases/{case}", city.token("supervisor")).json()
        assert datetime.fromisoformat(verdict["closed_at"]) == china("2026-04-02 00:00")
    types = history(tmp_path, case)
    assert types[-1] == "CaseClosed"
    assert len(set(types)) == len(types) - 1  # only CaseClassified stands twice: by rule, by person
    ids = [headers for headers, _ in log_rows(tmp_path, "case-events")]
    assert len(set(ids)) == len(ids)


def test_what_fell_due_while_the_platform_was_down_is_stated_for_when_it_was_due(
    tmp_path: Path,
) -> None:
    clock = Clock()
    with open_city(tmp_path, clock=clock) as city:
        case = city.assigned()["case_id"]
    clock.at = china("2026-03-20 09:00")
    with open_city(tmp_path, clock=clock) as city:
        city.settle()
        clocks = city.get(f"/supervision/cases/{case}/clocks", city.token("supervisor")).json()
        stated = {
            (n["timer"].partition(".")[0], n["threshold"]): datetime.fromisoformat(n["stated_for"])
            for n in clocks["notices"]
        }
    assert stated["HANDLE", "amber"] == china("2026-03-06 18:00")
    assert stated["HANDLE", "breach"] == china("2026-03-10 00:00")
    assert stated["SIGN", "breach"] == china("2026-03-03 10:00")


def test_an_act_heard_after_a_restart_was_still_in_time(tmp_path: Path) -> None:
    clock = Clock()
    with open_city(tmp_path, clock=clock) as city:
        case = city.submitted()["case_id"]
        answer = city.post(f"/feedback/cases/{case}/approval", city.token("auditor"))
        assert answer.is_success  # and stopped at once: nobody has heard of it yet
    clock.at = china("2026-03-20 09:00")
    with open_city(tmp_path, clock=clock) as city:
        city.settle()
    assert "ReplyDelivered" in history(tmp_path, case)
    handle = [
        v for h, v in log_rows(tmp_path, "case-events", case) if b"supervision.Dead" in h.encode()
    ]
    assert not [value for value in handle if b'"timer":"HANDLE' in value]


def test_with_another_master_key_the_platform_does_not_start(tmp_path: Path) -> None:
    with open_city(tmp_path) as city:
        city.register()
    (tmp_path / "keys/master.key").write_text("00" * 32)
    with pytest.raises(Exception, match="master key does not open"), open_city(tmp_path):
        pass
