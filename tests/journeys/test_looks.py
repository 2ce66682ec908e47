"""Who looked at my information: every citizen reads it by the own code; never an account, never another case."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.list import NAMES
from tests.http.city import REPLY, UNIT, City, open_city
from tests.journeys.files import looks
from tests.journeys.steps import citizen
from tests.journeys.test_merge import SHARED, merge, replied
from tests.journeys.test_personal_words import ERASURE, WORDS, a_case_full_of_words
from tests.rebuild.town import rebuild_aside


def seen(city: City, token: str, case: str, service: str, asked: str = "") -> list[dict[str, Any]]:
    """Who looked at a case in a service, the last first."""
    answer = city.get(f"/{service}/cases/{case}/looks{asked}", token)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_citizen_reads_who_looked_from_which_unit_why_and_when_and_never_who_it_was(
    city: City, tmp_path: Path
) -> None:
    mine, other = city.submitted(), city.submitted()
    case, token = mine["case_id"], citizen(city, mine)
    file = f"/feedback/cases/{case}/file?purpose=handling"
    clerk = city.token("unit_clerk", "zhang-wei-7", unit_id=UNIT)
    assert city.get(file, clerk).status_code == 200
    city.wait(hours=2)
    assert city.get(f"/intake/cases/{case}/words?purpose=curiosity", clerk).status_code == 403
    acceptor = city.token("acceptor", "li-na-8")
    words = "/intake/cases/{}/words?purpose=curiosity"
    for one in (case, other["case_id"]):
        assert city.get(words.format(one), acceptor).status_code == 200

    (by_unit,) = seen(city, token, case, "feedback")
    assert (by_unit["role"], by_unit["who"]) == ("unit_clerk", "经办人")
    assert (by_unit["unit_id"], by_unit["unit"]) == (UNIT, "明川市城市管理局")
    assert (by_unit["purpose"], by_unit["why"]) == ("handling", "办理")
    (by_desk,) = seen(city, token, case, "intake")
    assert (by_desk["who"], by_desk["unit_id"], by_desk["why"]) == ("审定员", None, "curiosity")
    assert by_desk["at"] > by_unit["at"]
    assert not by_desk["refused"]
    told = str([by_unit, by_desk])
    assert "zhang-wei-7" not in told
    assert "li-na-8" not in told
    city.settle()
    assert [one["by"] for one in looks(tmp_path, case)] == ["zhang-wei-7", "li-na-8"]
    with sqlite3.connect(tmp_path / "intake.db") as db:
        assert "li-na-8" not in str(db.execute("SELECT * FROM looks").fetchall())


def test_what_was_refused_on_record_is_shown_as_such(city: City) -> None:
    mine = city.delivered()
    case = mine["case_id"]
    clerk = city.token("unit_clerk", unit_id=UNIT)
    assert city.get(f"/evaluation/cases/{case}", clerk).status_code == 403
    (asked,) = seen(city, citizen(city, mine), case, "evaluation")
    assert (asked["refused"], asked["unit_id"]) == (True, UNIT)


def test_the_looks_of_a_case_are_read_page_by_page(city: City) -> None:
    mine = city.register()
    case, token = mine["case_id"], citizen(city, mine)
    for purpose in ("first", "second", "third"):
        city.get(f"/intake/cases/{case}/words?purpose={purpose}", city.token("acceptor"))
        city.wait(minutes=1)
    page = seen(city, token, case, "intake", "?limit=2")
    assert [one["purpose"] for one in page] == ["third", "second"]
    until = page[-1]["at"].replace("+", "%2B")
    rest = seen(city, token, case, "intake", f"?limit=2&before={until}")
    assert [one["purpose"] for one in rest] == ["first"]
    assert city.get(f"/intake/cases/{case}/looks?before=yesterday", token).status_code == 422


def test_the_inspector_reads_them_too_and_nobody_who_handles_the_case(city: City) -> None:
    case = city.register()["case_id"]
    city.get(f"/intake/cases/{case}/words?purpose=acceptance", city.token("acceptor"))
    (look,) = seen(city, city.token("inspector"), case, "intake")
    assert look["why"] == "受理审定"
    path = f"/intake/cases/{case}/looks"
    for role in ("acceptor", "unit_clerk", "supervisor", "auditor"):
        assert city.get(path, city.token(role, unit_id=UNIT)).status_code == 403
    assert city.get(path, citizen(city, city.register())).status_code == 403


def test_who_reads_the_answer_of_the_case_that_leads_is_not_taken_for_its_citizen(
    city: City,
) -> None:
    lead, mine = city.assigned(), city.register()
    merge(city, mine["case_id"], lead["case_id"])
    replied(city, lead["case_id"])
    city.do(f"/feedback/cases/{lead['case_id']}/approval", "auditor", SHARED)
    for one in (mine, lead):
        read = city.get(
            f"/feedback/cases/{one['case_id']}/reply?purpose=own_case", citizen(city, one)
        )
        assert read.json()["text"] == REPLY["text"]
    own, other = seen(city, citizen(city, lead), lead["case_id"], "feedback")[:2]
    assert (own["who"], other["who"]) == ("诉求人", "同一事项的其他诉求人")
    assert mine["case_id"] not in str(other)
    assert mine["receipt_no"] not in str(other)


def test_the_looks_at_a_report_stay_in_its_realm_and_name_no_organ_to_who_reported(
    city: City, tmp_path: Path
) -> None:
    case = city.register("restricted")["case_id"]
    officer = city.token("discipline_officer", unit_id="mc.jiwei", realm="restricted")
    words = f"/restricted/intake/cases/{case}/words?purpose=handling"
    assert city.get(words, officer).status_code == 200
    city.settle()
    token = city.token("citizen", case_id=case, realm="restricted")
    (look,) = seen(city, token, case, "restricted/intake")
    assert (look["role"], look["unit_id"], look["unit"]) == ("discipline_officer", None, None)
    inspector = city.token("inspector", realm="restricted")
    assert seen(city, inspector, case, "restricted/intake")[0]["unit_id"] == "mc.jiwei"
    assert seen(city, city.token("inspector"), case, "intake") == []
    assert (
        city.get(f"/restricted/intake/cases/{case}/looks", city.token("inspector")).status_code
        == 403
    )
    assert looks(tmp_path, case) == []
    (kept,) = looks(tmp_path, case, "restricted-audit-events")
    assert kept["by"] == "discipline_officer-1"


def test_the_looks_outlive_the_words_and_hold_none(city: City) -> None:
    case = a_case_full_of_words(city)
    words = f"/intake/cases/{case}/words?purpose=handling"
    assert city.get(words, city.token("acceptor")).json()["text"] == WORDS["text"]
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", ERASURE)
    token = city.token("citizen", case_id=case)
    assert [one["role"] for one in seen(city, token, case, "intake")] == ["acceptor"]
    for service in NAMES:
        said = str(seen(city, token, case, service))
        assert not [word for word in WORDS.values() if word in said]


def test_a_rebuild_leaves_the_looks_as_they_are(city: City) -> None:
    mine = city.register()
    case, token = mine["case_id"], citizen(city, mine)
    city.get(f"/intake/cases/{case}/words?purpose=handling", city.token("acceptor"))
    city.settle()
    before = seen(city, token, case, "intake")
    assert len(before) == 1

    async def rebuilt() -> None:
        await rebuild_aside("intake", city.whole.host.settings)

    city.runner.run(rebuilt())
    assert seen(city, token, case, "intake") == before


def test_a_clerk_reads_the_same_words_for_a_quarter_of_an_hour_and_it_is_one_look(
    city: City, tmp_path: Path
) -> None:
    mine = city.assigned()
    case, token = mine["case_id"], citizen(city, mine)
    clerk = city.token("unit_clerk", unit_id=UNIT)
    file = f"/feedback/cases/{case}/file?purpose=handling"
    until = city.whole.clock.at + timedelta(minutes=15)
    for _ in range(3):
        answer = city.get(file, clerk)
        assert answer.json()["title"] is not None
        assert answer.headers["Lianxin-Look-Until"] == until.isoformat()
        assert answer.headers["Cache-Control"] == "no-store"
        city.wait(minutes=4)
    assert len(seen(city, token, case, "feedback")) == 1
    city.wait(minutes=3)
    again = city.get(file, clerk)
    assert again.headers["Lianxin-Look-Until"] == (until + timedelta(minutes=15)).isoformat()
    assert len(seen(city, token, case, "feedback")) == 2
    city.settle()
    assert [one["until"] for one in looks(tmp_path, case)] == [
        until.isoformat(),
        (until + timedelta(minutes=15)).isoformat(),
    ]


def test_a_look_that_lasts_opens_nothing_to_who_is_recused_meanwhile_nor_what_is_erased(
    city: City,
) -> None:
    case = a_case_full_of_words(city)
    words = f"/intake/cases/{case}/words?purpose=acceptance"
    acceptors = [city.token("acceptor", name) for name in ("li-na-8", "wu-3")]
    for token in acceptors:
        assert city.get(words, token).json()["text"] == WORDS["text"]
    city.do(f"/intake/cases/{case}/recusal", "acceptor", {"ground": "other"}, name="li-na-8")
    assert city.get(words, acceptors[0]).status_code == 403
    assert city.get(words, acceptors[1]).json()["text"] == WORDS["text"]
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", ERASURE)
    assert city.get(words, acceptors[1]).json()["text"] is None


def test_who_opens_case_after_case_is_stopped_for_the_hour_and_those_who_look_after_it_see_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKS_PER_HOUR", "3")
    with open_city(tmp_path) as city:
        receipts = [city.register() for _ in range(5)]
        cases = [one["case_id"] for one in receipts]
        words = "/intake/cases/{}/words?purpose=acceptance"
        acceptor = city.token("acceptor", "li-na-8")
        city.wait(minutes=40)
        answers = [city.get(words.format(case), acceptor) for case in cases]
        assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
        refused = answers[-1]
        assert refused.headers["Retry-After"] == str(20 * 60)
        assert refused.json()["type"] == "urn:lianxin:problem:too-many-looks"
        assert "3 times in this hour" in refused.json()["detail"]
        assert city.get(words.format(cases[0]), acceptor).status_code == 200
        assert city.get(words.format(cases[3]), city.token("acceptor")).status_code == 200
        for receipt in receipts:
            own = city.get(words.format(receipt["case_id"]), citizen(city, receipt))
            assert own.status_code == 200
        assert len(seen(city, citizen(city, receipts[4]), cases[4], "intake")) == 1  # the own one

        (met,) = city.get("/intake/look-limits", city.token("privacy_officer")).json()
        assert (met["account"], met["who"], met["looks"]) == ("li-na-8", "审定员", 5)
        assert not [case for case in cases if case in str(met)]
        assert len(city.get("/intake/look-limits", city.token("supervisor")).json()) == 1
        assert city.get("/feedback/look-limits", city.token("supervisor")).json() == []
        assert city.get("/intake/look-limits", acceptor).status_code == 403
        city.settle()
        (said,) = looks(tmp_path, "intake")
        assert (said["by"], said["limit"]) == ("li-na-8", 3)
        city.wait(minutes=20)
        assert city.get(words.format(cases[4]), acceptor).status_code == 200
