"""A citizen's words: never in clear in any file, opened on record only, and erased for ever."""

import json
import logging
import sqlite3
from pathlib import Path

import pytest

from services.list import NAMES
from tests.http.city import MESSAGE, UNIT, City
from tests.journeys.files import files_with, history, log_rows, looks, rows_with

WORDS = {
    "title": "甲字号楼漏水",
    "text": "乙先生家天花板漏水三天，物业不理。",
    "name": "丙某某",
    "phone": "13900001234",
    "place": "丁家巷十七号二单元",
    "claim": "戊要求赔偿三千元",
    "second claim": "己要求更换水管",
    "contact": "庚约定周三上门查看",
    "reply": "辛答复已更换水管",
    "note": "壬处未写明依据",
    "second reply": "癸答复依据如下",
    "rating": "子认为处理很快",
    "measures": "丑负责整改到位",
    "basis": "寅依据物业管理条例",
    "urging": "卯局长亲自过问",
}
ERASURE = {"ground": "citizen_request"}


def a_case_full_of_words(city: City) -> str:
    """A case in which everybody wrote something, called back, rated and closed."""
    message = MESSAGE | {name: WORDS[name] for name in ("title", "text", "name", "phone", "place")}
    message |= {"claims": [WORDS["claim"], WORDS["second claim"]], "identity_mode": "confidential"}
    case = city.assigned("0107", **message)["case_id"]
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    contact = {"mode": "relay", "reached": True, "summary": WORDS["contact"]}
    city.do(f"/feedback/cases/{case}/contacts", "unit_clerk", contact, unit_id=UNIT)
    answers = [{"claim": n, "outcome": "supported", "basis": WORDS["basis"]} for n in (1, 2)]
    for name in ("reply", "second reply"):
        reply = {"answers": answers, "text": WORDS[name]}
        city.do(f"/feedback/cases/{case}/replies", "unit_head", reply, unit_id=UNIT)
        if name == "reply":
            returned = {"reason": "no_legal_basis", "note": WORDS["note"]}
            city.do(f"/feedback/cases/{case}/return", "auditor", returned)
    urged = {"level": 1, "ground": "perfunctory", "note": WORDS["urging"]}
    city.do(f"/supervision/cases/{case}/supervisions", "supervisor", urged)
    measures = {"supervision_id": f"{case}.s1", "measures": WORDS["measures"]}
    city.do(f"/supervision/cases/{case}/supervision-answers", "unit_head", measures, unit_id=UNIT)
    lifted = {"supervision_id": f"{case}.s1"}
    city.do(f"/supervision/cases/{case}/supervision-lifts", "supervisor", lifted)
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    city.do(f"/evaluation/cases/{case}/callbacks", "callback_agent", {"reached": True})
    token = city.token("citizen", case_id=case)
    for target in ("intake", "handling"):
        rating = {"target": target, "level": "satisfied", "text": WORDS["rating"]}
        assert city.post(f"/evaluation/cases/{case}/evaluations", token, rating).status_code == 200
    city.settle()
    return case


def read_all(city: City, case: str) -> list[str | None]:
    """All words that any view shows."""
    views = [
        (f"/intake/cases/{case}/words", city.token("acceptor"), ("title", "text")),
        (f"/feedback/cases/{case}/file", city.token("auditor"), ("title", "text", "reply")),
        (f"/feedback/cases/{case}/reply", city.token("citizen", case_id=case), ("text",)),
    ]
    found = []
    for path, token, names in views:
        answer = city.get(f"{path}?purpose=handling", token)
        assert answer.status_code == 200, answer.text
        found += [answer.json()[name] for name in names]
    city.settle()
    return found


def test_no_file_and_no_log_line_of_the_platform_holds_a_citizens_words_in_clear(
    city: City, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    case = a_case_full_of_words(city)
    assert read_all(city, case)[-1] == WORDS["second reply"]
    assert files_with(tmp_path, WORDS.values()) == {}
    assert not [word for word in WORDS.values() if word in caplog.text]
    metrics = city.request("GET", "/metrics").text
    assert case not in metrics
    assert not [word for word in WORDS.values() if word in metrics]
    for probe in (UNIT, case):  # the scan would have found what does stand in clear
        assert files_with(tmp_path, [probe])


def test_an_erased_case_is_unreadable_everywhere_and_the_log_is_as_it_was(
    city: City, tmp_path: Path
) -> None:
    case = a_case_full_of_words(city)
    shown = read_all(city, case)
    assert None not in shown
    assert history(tmp_path, case)[-1] == "CaseClosed"
    before = log_rows(tmp_path, "case-events", case)
    with sqlite3.connect(tmp_path / "vault.db") as db:
        ((wrapped,),) = db.execute("SELECT wrapped FROM case_keys WHERE case_id = ?", (case,))
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", ERASURE)

    assert read_all(city, case) == [None] * len(shown)
    after = log_rows(tmp_path, "case-events", case)
    assert after[:-1] == before
    assert history(tmp_path, case)[-1] == "PersonalDataErased"
    with sqlite3.connect(tmp_path / "vault.db") as db:
        ((gone, at),) = db.execute(
            "SELECT wrapped, destroyed_at FROM case_keys WHERE case_id = ?", (case,)
        )
    assert (gone, bool(at)) == (None, True)
    assert files_with(tmp_path, WORDS.values()) == {}
    for name in NAMES:  # views keep not even the ciphertext; the streams keep it, without a key
        for table, row in rows_with(tmp_path, name, case):
            if table not in ("events", "outbox"):
                assert "lx1." not in str(row), (name, table)
    keys_of_others = [path for path in tmp_path.rglob("*.db") if wrapped in path.read_bytes()]
    assert [p.name for p in keys_of_others if p.name != "vault.db"] == []


def test_nothing_personal_is_added_to_an_erased_case(city: City) -> None:
    case = a_case_full_of_words(city)
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", ERASURE)
    token = city.token("citizen", case_id=case)
    answer = city.post(f"/evaluation/cases/{case}/reviews", token, {"text": "再说一次"})
    assert answer.status_code == 409
    assert "erased" in answer.json()["detail"]


def test_a_running_case_is_not_erased(city: City) -> None:
    case = city.assigned()["case_id"]
    officer = city.token("privacy_officer")
    answer = city.post(f"/intake/cases/{case}/erasure", officer, ERASURE)
    assert answer.status_code == 409
    assert "not ended" in answer.json()["detail"]


def test_every_look_is_on_record_with_who_when_and_why_before_it_is_shown(
    city: City, tmp_path: Path
) -> None:
    case = city.delivered()["case_id"]
    read_all(city, case)
    expected = [("acceptor", "intake"), ("auditor", "feedback"), ("citizen", "feedback")]
    records = looks(tmp_path, case)
    assert [(look["role"], look["service"]) for look in records] == expected
    for look in records:
        assert look["purpose"] == "handling"
        assert look["case_id"] == case
        assert look["at"] == city.whole.clock.at.isoformat()
        assert look["by"]
    said = json.dumps(records)
    assert not [word for word in MESSAGE.values() if isinstance(word, str) and word in said]


def test_a_look_without_a_purpose_or_a_right_shows_nothing_and_is_none(
    city: City, tmp_path: Path
) -> None:
    case = city.delivered()["case_id"]
    path = f"/intake/cases/{case}/words"
    assert city.get(path, city.token("acceptor")).status_code == 422
    assert city.get(f"{path}?purpose=handling", city.token("analyst")).status_code == 403
    stranger = city.token("unit_clerk", unit_id="mc.shuiwu")
    answer = city.get(f"/feedback/cases/{case}/file?purpose=handling", stranger)
    assert answer.status_code == 403
    city.settle()
    assert looks(tmp_path, case) == []


def test_the_unit_is_shown_neither_name_nor_number(city: City) -> None:
    case = a_case_full_of_words(city)
    clerk = city.token("unit_clerk", unit_id=UNIT)
    paths = (
        f"/feedback/cases/{case}/file?purpose=handling",
        f"/feedback/units/{UNIT}/work",
        f"/dispatch/units/{UNIT}/assignments",
        "/supervision/overdue",
    )
    for path in paths:
        answer = city.get(path, clerk)
        assert answer.status_code == 200
        for hidden in ("name", "phone", "place", "rating"):
            assert WORDS[hidden] not in answer.text
    for path in (f"/evaluation/cases/{case}", "/evaluation/callbacks"):
        assert city.get(path, clerk).status_code == 403  # G01: who rated what, a unit never sees
