"""Promises that nobody keeps: warned, breached, called to account, and counted."""

from datetime import datetime
from pathlib import Path
from typing import Any

from tests.http.city import UNIT, City
from tests.journeys.files import history
from tests.spec import china


def notices(city: City, case: str) -> list[tuple[str, str, datetime]]:
    """What was stated about a case: step, threshold and the instant it stands for."""
    path = f"/supervision/cases/{case}/clocks"
    found: list[dict[str, Any]] = city.get(path, city.token("supervisor")).json()["notices"]
    return [
        (n["timer"].partition(".")[0], n["threshold"], datetime.fromisoformat(n["stated_for"]))
        for n in found
    ]


def test_a_case_that_nobody_touches_is_warned_and_breached_to_the_minute(city: City) -> None:
    case = city.assigned()["case_id"]
    city.wait(days=10)
    assert sorted(notices(city, case), key=lambda n: (n[0], n[2])) == [
        ("CITIZEN", "breach", china("2026-03-10 00:00")),
        ("CONTACT", "amber", china("2026-03-02 16:00")),
        ("CONTACT", "red", china("2026-03-03 09:12")),
        ("CONTACT", "breach", china("2026-03-03 10:00")),
        ("HANDLE", "amber", china("2026-03-06 18:00")),
        ("HANDLE", "red", china("2026-03-09 12:00")),
        ("HANDLE", "breach", china("2026-03-10 00:00")),
        ("SIGN", "amber", china("2026-03-02 16:00")),
        ("SIGN", "red", china("2026-03-03 09:12")),
        ("SIGN", "breach", china("2026-03-03 10:00")),
        ("SUP", "amber", china("2026-03-09 18:00")),  # who does not even sign is urged at once
        ("SUP", "red", china("2026-03-10 12:00")),
        ("SUP", "breach", china("2026-03-11 00:00")),
    ]


def test_the_clock_urges_and_supervises_and_lets_go_what_was_urged_when_it_is_done(
    city: City, tmp_path: Path
) -> None:
    case = city.assigned()["case_id"]
    city.wait(days=14)
    issued = history(tmp_path, case).count("SupervisionIssued")
    assert issued == 3  # to sign; one working day overdue; three
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    assert history(tmp_path, case).count("SupervisionAnswered") == 1
    reply = {"answers": [{"claim": 1, "outcome": "explained"}], "text": "迟复为歉"}
    city.do(f"/feedback/cases/{case}/replies", "unit_head", reply, unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    assert history(tmp_path, case).count("SupervisionAnswered") == 2
    city.do(f"/evaluation/cases/{case}/callbacks", "callback_agent", {"reached": True})
    city.wait(days=31)
    verdict = f"/evaluation/cases/{case}"
    assert city.get(verdict, city.token("supervisor")).json()["closed_at"] is None
    named = {"supervision_id": f"HANDLE.{case}.1.s2"}
    path = f"/supervision/cases/{case}"
    measures = named | {"measures": "已约谈责任人"}
    city.do(f"{path}/supervision-answers", "unit_head", measures, unit_id=UNIT)
    city.do(f"{path}/supervision-lifts", "supervisor", named)
    assert city.get(verdict, city.token("supervisor")).json()["closed_at"] is not None


def test_a_case_that_intake_forgets_is_intakes_breach(city: City, tmp_path: Path) -> None:
    case = city.register()["case_id"]
    city.wait(days=30)
    of_intake = [threshold for step, threshold, _ in notices(city, case) if step == "ACCEPT"]
    assert of_intake == ["amber", "red", "breach"]
    assert history(tmp_path, case).count("SupervisionIssued") == 1, "the office is urged at once"
    city.do(f"/intake/cases/{case}/acceptance", "acceptor", {"category": "0107"})
    assert history(tmp_path, case).count("SupervisionAnswered") == 1, "and is let go with the act"


def test_what_is_overdue_is_seen_by_its_unit_the_leader_and_supervision(city: City) -> None:
    case = city.assigned()["case_id"]
    city.wait(days=10)
    for role, unit in (("supervisor", None), ("leader", None), ("unit_head", UNIT)):
        rows = city.get("/supervision/overdue", city.token(role, unit_id=unit)).json()
        assert [(row["case_id"], row["unit_id"]) for row in rows] == [(case, UNIT)]
    other = city.token("unit_head", unit_id="mc.shuiwu")
    assert city.get("/supervision/overdue", other).json() == []
    counts = city.get("/analytics/totals", city.token("analyst")).json()["counts"]
    assert (counts["warned"], counts["breached"], counts["delivered"]) == (1, 1, 0)


def test_a_late_answer_ends_being_overdue_but_not_the_breach(city: City) -> None:
    case = city.assigned()["case_id"]
    city.wait(days=10)
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    reply = {"answers": [{"claim": 1, "outcome": "explained"}], "text": "迟复为歉"}
    city.do(f"/feedback/cases/{case}/replies", "unit_head", reply, unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    assert city.get("/supervision/overdue", city.token("supervisor")).json() == []
    assert ("HANDLE", "breach", china("2026-03-10 00:00")) in notices(city, case)
    counts = city.get("/analytics/totals", city.token("analyst")).json()["counts"]
    assert (counts["breached"], counts["delivered"]) == (1, 1)


def test_a_unit_is_called_to_account_answers_and_the_case_waits_for_it(city: City) -> None:
    case = city.delivered()["case_id"]
    path = f"/supervision/cases/{case}"
    issued = {"level": 2, "ground": "overdue"}
    city.do(f"{path}/supervisions", "supervisor", issued)
    city.do(f"/evaluation/cases/{case}/callbacks", "callback_agent", {"reached": True})
    city.wait(days=40)
    assert ("SUP", "breach", china("2026-03-10 00:00")) in notices(city, case)
    verdict = f"/evaluation/cases/{case}"
    assert city.get(verdict, city.token("supervisor")).json()["closed_at"] is None
    named = {"supervision_id": f"{case}.s1"}
    measures = named | {"measures": "已约谈责任人"}
    city.do(f"{path}/supervision-answers", "unit_head", measures, unit_id=UNIT)
    city.do(f"{path}/supervision-lifts", "supervisor", named)
    closed = city.get(verdict, city.token("supervisor")).json()["closed_at"]
    assert datetime.fromisoformat(closed) == city.whole.clock.at


def test_an_answer_that_a_supervisor_finds_false_is_done_again_and_called_to_account_once(
    city: City, tmp_path: Path
) -> None:
    case = city.delivered()["case_id"]
    issued = {"level": 2, "ground": "false_reply"}
    city.do(f"/supervision/cases/{case}/supervisions", "supervisor", issued)
    found = city.get(f"/evaluation/cases/{case}", city.token("supervisor")).json()
    assert (found["status"], found["reworks"]) == ("rework", 1)
    (work,) = city.get(f"/feedback/units/{UNIT}/work", city.token("unit_clerk", unit_id=UNIT)).json()
    assert work["status"] == "rework"
    assert history(tmp_path, case).count("SupervisionIssued") == 1


def test_an_answer_in_time_is_never_called_late(city: City, tmp_path: Path) -> None:
    case = city.delivered()["case_id"]
    city.do(f"/evaluation/cases/{case}/callbacks", "callback_agent", {"reached": True})
    city.wait(days=60)
    assert notices(city, case) == []
    assert "DeadlineBreached" not in history(tmp_path, case)
