"""A report on an official (检举控告): it lives in the restricted realm, from its first fact on.

Domain G02: reports never reach the reported; 信访工作条例 Art. 22(2), 30(3).
"""

import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.http.city import MESSAGE, REFERRAL, REPLY, City
from tests.journeys.files import files_with, history, log_rows, looks

OFFICE = {"realm": "restricted", "unit_id": "mc.jiwei"}
REPORT = {
    "channel": "web_portal",
    "privacy_notice": True,
    "kind": "K4",
    "title": "举报某局长收受贿赂",
    "text": "某局长在工程招标中收受承包人贿赂，望查处。",
    "name": "实名举报人李四",
}
SERVICES = ("intake", "dispatch", "supervision", "feedback", "evaluation", "analytics")


def hand_in(city: City, report: dict[str, Any] = REPORT) -> dict[str, Any]:
    """Hand a report in at the ordinary desk and follow where it is sent."""
    once, token = uuid.uuid4().hex, city.token("operator")
    sent = city.post("/intake/cases", token, report, once)
    assert sent.status_code == 307, sent.text
    assert sent.headers["location"] == "/restricted/intake/cases"
    answer = city.post(sent.headers["location"], token, report, once)
    assert answer.status_code == 201, answer.text
    city.settle()
    found: dict[str, Any] = answer.json()
    return found


def at_the_organ(city: City, case: str) -> None:
    """The discipline officer refers the report to the organ and assigns it."""
    city.do(f"/restricted/intake/cases/{case}/referral", "discipline_officer", REFERRAL, **OFFICE)
    city.do(f"/restricted/dispatch/cases/{case}/assignment", "discipline_officer", **OFFICE)


@pytest.mark.parametrize(
    "report",
    [
        REPORT,
        MESSAGE | {"kind": "K4b"},
        MESSAGE | {"text": "镇长把扶贫款私自截留。"},
        MESSAGE | {"title": "检举教育局"},
    ],
    ids=["by an offence of office", "by its kind", "by an official and a misdeed", "by its title"],
)
def test_a_report_leaves_no_trace_where_ordinary_cases_are(
    city: City, tmp_path: Path, report: dict[str, Any]
) -> None:
    case = hand_in(city, report)["case_id"]
    assert history(tmp_path, case) == []
    assert log_rows(tmp_path, "case-events") == log_rows(tmp_path, "audit-events") == []
    assert history(tmp_path, case, "restricted-case-events")[0] == "CaseRegistered"
    for name in files_with(tmp_path, [case]):
        assert name.startswith(("restricted_", "log.db")), name
    assert city.get("/intake/cases", city.token("acceptor")).json() == []
    counts = city.get("/analytics/totals", city.token("analyst")).json()["counts"]
    assert set(counts.values()) == {0}


def test_an_ordinary_case_is_not_sent_away(city: City, tmp_path: Path) -> None:
    case = city.register()["case_id"]
    assert history(tmp_path, case)[0] == "CaseRegistered"
    assert log_rows(tmp_path, "restricted-case-events") == []


def test_who_handed_a_report_in_cannot_look_at_it_again(city: City) -> None:
    case = hand_in(city)["case_id"]
    for role in ("operator", "acceptor", "dispatcher", "supervisor", "discipline_officer"):
        token = city.token(role)
        for where in ("", "/restricted"):
            for path in (f"/intake/cases/{case}", f"/intake/cases/{case}/words?purpose=handling"):
                assert city.get(where + path, token).status_code == 403
        assert city.get("/restricted/intake/cases", token).status_code == 403


def test_a_report_goes_to_the_discipline_organ_is_answered_and_ends_referred(
    city: City, tmp_path: Path
) -> None:
    receipt = hand_in(city)
    case = receipt["case_id"]
    waiting = city.get("/restricted/intake/cases", city.token("discipline_officer", **OFFICE))
    assert [row["case_id"] for row in waiting.json()] == [case]
    acceptor = city.token("acceptor", realm="restricted")
    body = {"category": "0105"}
    taken = city.post(f"/restricted/intake/cases/{case}/acceptance", acceptor, body)
    assert taken.status_code == 409
    at_the_organ(city, case)
    who = "discipline_officer"
    city.do(f"/restricted/dispatch/cases/{case}/signature", who, **OFFICE)
    city.do(f"/restricted/feedback/cases/{case}/replies", who, REPLY, **OFFICE)
    own = city.post(
        f"/restricted/feedback/cases/{case}/approval",
        city.token("auditor", f"{who}-1", realm="restricted"),
    )
    assert own.status_code == 409  # who handled it does not review it, in no realm
    city.do(f"/restricted/feedback/cases/{case}/approval", "auditor", realm="restricted")
    city.wait(days=120)
    assert history(tmp_path, case, "restricted-case-events") == [
        "CaseRegistered",
        "CaseClassified",
        "CaseReferred",
        "CaseAssigned",
        "AssignmentSigned",
        "ReplySubmitted",
        "ReplyApproved",
        "ReplyDelivered",
    ]
    assert log_rows(tmp_path, "case-events") == []
    calls = city.token("supervisor", realm="restricted")
    assert city.get("/restricted/evaluation/callbacks", calls).json() == []


def test_the_discipline_organ_answers_for_a_report_when_it_is_pressed_and_nobody_else_does(
    city: City, tmp_path: Path
) -> None:
    case = hand_in(city)["case_id"]
    at_the_organ(city, case)
    path, who, realm = f"/restricted/supervision/cases/{case}", "discipline_officer", "restricted"
    city.do(f"{path}/supervisions", "supervisor", {"level": 1, "ground": "overdue"}, realm=realm)
    city.do(f"{path}/instructions", "leader", {"text": "请从速核查。"}, realm=realm)
    advice = {"kind": "hold_accountable", "addressee": "mc.jiwei", "text": "建议追究责任。"}
    city.do(f"{path}/recommendations", "supervisor", advice, realm=realm)
    owed = "/restricted/supervision/units/mc.jiwei/duties"
    officer = city.token(who, **OFFICE)
    number = {one["step"]: one["id"] for one in city.get(owed, officer).json()}
    answers = {
        "supervision-answers": {"supervision_id": number["SUP"], "measures": "已约谈。"},
        "instruction-answers": {"instruction_id": number["INSTRUCTION"], "text": "已立案。"},
        "recommendation-answers": {
            "recommendation_id": number["RECOMMENDATION"], "outcome": "adopted", "reason": "采纳。"
        },
    }
    other = city.token(who, "discipline_officer-2", realm=realm, unit_id="mc.sheng.jiwei")
    for action, body in answers.items():
        assert city.post(f"{path}/{action}", other, body).status_code == 409, "another organ"
        city.do(f"{path}/{action}", who, body, **OFFICE)
    assert city.get(owed, officer).json() == []
    told = city.get(f"{path}/duties?purpose=handling", officer).json()
    assert sorted(one["answer"] for one in told) == ["已立案。", "已约谈。", "采纳。"]
    assert log_rows(tmp_path, "case-events") == []


def test_the_reporter_is_told_that_it_was_handed_over_and_nothing_of_by_whom(city: City) -> None:
    receipt = hand_in(city)
    case = receipt["case_id"]
    shown = {name: receipt[name] for name in ("receipt_no", "query_code")}
    assert city.request("POST", "/intake/citizen-tokens", json=shown).status_code == 403
    answer = city.request("POST", "/restricted/intake/citizen-tokens", json=shown)
    token = answer.json()["token"]
    at_the_organ(city, case)
    city.do(f"/restricted/dispatch/cases/{case}/signature", "discipline_officer", **OFFICE)
    told = city.get(f"/restricted/intake/cases/{case}", token).json()
    assert (told["status"], told["ground"]) == ("referred", "D05")
    assert (told["unit_id"], told["assigned_at"], told["signed_at"]) == (None, None, None)
    assert city.get(f"/intake/cases/{case}", token).status_code == 403


@pytest.mark.parametrize("unit", ["mc.gov", "mc.chengguan", "mc.yunxi", "mc.party"])
def test_no_report_is_given_to_those_it_may_be_about(city: City, unit: str) -> None:
    case = hand_in(city)["case_id"]
    city.do(f"/restricted/intake/cases/{case}/referral", "discipline_officer", REFERRAL, **OFFICE)
    officer = city.token("discipline_officer", **OFFICE)
    wish = {"unit_id": unit, "note": "请自查"}
    answer = city.post(f"/restricted/dispatch/cases/{case}/assignment", officer, wish)
    assert answer.status_code == 409
    assert "discipline organ" in answer.json()["detail"]


def test_each_look_at_a_report_is_on_record_in_its_own_realm(city: City, tmp_path: Path) -> None:
    case = hand_in(city)["case_id"]
    officer = city.token("discipline_officer", **OFFICE)
    path = f"/restricted/intake/cases/{case}/words?purpose=handling"
    assert city.get(path, officer).json()["title"] == REPORT["title"]
    city.settle()
    (look,) = looks(tmp_path, case, "restricted-audit-events")
    assert (look["role"], look["unit"]) == ("discipline_officer", "mc.jiwei")
    assert looks(tmp_path, case) == []


def test_the_words_of_a_report_are_in_no_file_in_clear(city: City, tmp_path: Path) -> None:
    hand_in(city)
    assert files_with(tmp_path, [REPORT["title"], REPORT["text"], REPORT["name"]]) == {}
