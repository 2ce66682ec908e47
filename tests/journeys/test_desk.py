"""The short ways over HTTP: a consultation answered at the desk, praise, and what many ask."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.http.city import UNIT, City, open_city
from tests.journeys.files import files_with, history, looks
from tests.journeys.steps import at, call_back, citizen, progress, rate, verdict
from tests.spec import KNOWN, china

ASKED = {"kind": "K1", "title": "路灯由谁维修", "text": "请问小区外的路灯不亮由谁维修？"}
PRAISED = {"kind": "K6", "title": "感谢环卫工人", "text": "感谢清扫街道的师傅们，辛苦了。"}
ANSWER = {
    "entries": [{"entry": "street-lamps", "edition": 1}],
    "text": "由城市管理部门二十四小时内维修。",
    "mode": "phone",
    "category": "0105",
}


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A platform whose knowledge base has one entry."""
    with open_city(tmp_path) as opened:
        know(opened)
        yield opened


def know(city: City, name: str = "street-lamps", **more: Any) -> None:
    """An entry is proposed by the unit and approved by an officer."""
    path = f"/reference/knowledge/{name}"
    body = KNOWN.model_dump(mode="json") | more
    city.do(f"{path}/proposals", "unit_clerk", body, unit_id=UNIT)
    city.do(f"{path}/approvals", "reference_officer", {"proposal_id": f"{name}.1"})


def answered(city: City) -> dict[str, Any]:
    """The receipt of a consultation that the operator answers from what is found."""
    receipt = city.register(**ASKED)
    (found,) = city.get("/reference/knowledge?q=路灯谁维修", city.token("operator")).json()
    used = [{"entry": found["id"], "edition": found["edition"]}]
    body = ANSWER | {"entries": used}
    city.do(f"/intake/cases/{receipt['case_id']}/desk-answer", "operator", body)
    return receipt


def totals(city: City) -> dict[str, int]:
    """What analytics counts."""
    found: dict[str, int] = city.get("/analytics/totals", city.token("analyst")).json()["counts"]
    return found


def test_a_consultation_is_answered_rated_and_closed_without_a_unit(
    city: City, tmp_path: Path
) -> None:
    receipt = answered(city)
    case, token = receipt["case_id"], citizen(city, receipt)
    told = progress(city, token, case)
    assert (told["status"], told["seen"], told["unit_id"]) == ("delivered", "已答复", None)
    assert at(told["contest_until"]) == china("2026-04-02 00:00")
    words = city.get(f"/intake/cases/{case}/words?purpose=own_case", token).json()
    assert words["answer"] == ANSWER["text"]
    assert rate(city, token, case, "handling") == 409
    assert rate(city, token, case, "intake") == 200
    assert verdict(city, case)["outcome"] == "explained"
    assert progress(city, token, case)["status"] == "closed"
    assert (totals(city)["registered"], totals(city)["direct"]) == (1, 1)
    assert totals(city)["resolved"] == 0
    city.wait(days=60)
    facts = history(tmp_path, case)
    assert facts[-3:] == ["AnsweredAtDesk", "EvaluationSubmitted", "CaseClosed"]
    assert {look["purpose"] for look in looks(tmp_path, case)} == {"own_case"}
    assert files_with(tmp_path, [ANSWER["text"]]) == {}


def test_without_a_word_it_closes_when_the_time_is_over_and_nothing_was_late(
    city: City, tmp_path: Path
) -> None:
    case = answered(city)["case_id"]
    city.wait(days=29)
    assert verdict(city, case)["closed_at"] is None
    city.wait(days=3)
    assert at(verdict(city, case)["closed_at"]) == china("2026-04-02 00:00")
    assert not {"DeadlineWarned", "DeadlineBreached"} & set(history(tmp_path, case))


def test_who_was_not_answered_goes_on_as_if_accepted_on_the_first_day(
    city: City, tmp_path: Path
) -> None:
    receipt = answered(city)
    case, token = receipt["case_id"], citizen(city, receipt)
    city.wait(days=1)
    contest = city.post(f"/intake/cases/{case}/contest", token, {"text": "没有说多久能修好"})
    assert contest.status_code == 200, contest.text
    city.settle()
    told = progress(city, token, case)
    assert (told["status"], told["delivered_at"]) == ("registered", None)
    assert at(told["due_accept"]) == china("2026-03-05 00:00")
    assert totals(city)["direct"] == 0
    (waiting,) = city.get("/intake/cases", city.token("acceptor")).json()
    assert waiting["case_id"] == case
    again = city.post(f"/intake/cases/{case}/desk-answer", city.token("acceptor"), ANSWER)
    assert again.status_code == 409
    city.do(f"/intake/cases/{case}/acceptance", "acceptor", {"category": "0105"})
    assert at(progress(city, token, case)["due_citizen"]) == china("2026-03-10 00:00")
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    file = city.get(
        f"/feedback/cases/{case}/file?purpose=handling", city.token("unit_clerk", unit_id=UNIT)
    )
    assert file.is_success
    city.wait(days=9)
    late = [t for t in history(tmp_path, case) if t == "DeadlineBreached"]
    assert late, "the citizen's clock was never set back"


def test_the_time_to_accept_a_contested_case_is_watched_anew(city: City, tmp_path: Path) -> None:
    receipt = answered(city)
    case, token = receipt["case_id"], citizen(city, receipt)
    city.wait(days=1)
    city.post(f"/intake/cases/{case}/contest", token)
    city.wait(days=3)
    types = history(tmp_path, case)
    assert types.count("DeadlineBreached") == 1
    city.do(f"/intake/cases/{case}/acceptance", "acceptor", {"category": "0105"})
    assert "BreachRetracted" not in history(tmp_path, case)


def test_an_entry_that_was_withdrawn_answers_nobody(city: City) -> None:
    path = "/reference/knowledge/street-lamps/withdrawal"
    city.do(path, "reference_officer", {"reason": "规定已修改"})
    case = city.register(**ASKED)["case_id"]
    refused = city.post(f"/intake/cases/{case}/desk-answer", city.token("operator"), ANSWER)
    assert "no entry street-lamps" in refused.json()["detail"]


def test_praise_reaches_the_unit_and_counts_in_volume_alone(city: City, tmp_path: Path) -> None:
    receipt = city.register(**PRAISED)
    case, token = receipt["case_id"], citizen(city, receipt)
    body = {"unit": UNIT, "text": "感谢您的肯定，已转告城管局。", "category": "0107"}
    city.do(f"/intake/cases/{case}/praise", "acceptor", body)
    head = city.token("unit_head", unit_id=UNIT)
    (sent,) = city.get(f"/intake/units/{UNIT}/praise", head).json()
    assert sent["case_id"] == case
    shown = city.get(f"/intake/cases/{case}/praise?purpose=praise", head).json()
    assert shown["text"] == PRAISED["text"]
    stranger = city.token("unit_head", unit_id="mc.shuiwu")
    assert city.get(f"/intake/cases/{case}/praise?purpose=praise", stranger).status_code == 403
    assert rate(city, token, case, "intake") == 409
    city.wait(days=40)
    assert [look["unit"] for look in looks(tmp_path, case)] == [UNIT]
    assert verdict(city, case)["outcome"] == "explained"
    counts = totals(city)
    assert {name: n for name, n in counts.items() if n} == {"registered": 1}
    assert "CallbackRecorded" not in history(tmp_path, case)


def test_praise_that_was_a_complaint_goes_on(city: City) -> None:
    receipt = city.register(**PRAISED)
    case, token = receipt["case_id"], citizen(city, receipt)
    body = {"unit": UNIT, "text": "感谢您的肯定。", "category": "0107"}
    city.do(f"/intake/cases/{case}/praise", "acceptor", body)
    city.post(f"/intake/cases/{case}/contest", token, {"text": "我是投诉没人清扫"})
    city.settle()
    accepted = {"category": "0107", "kind": "K3"}
    city.do(f"/intake/cases/{case}/acceptance", "acceptor", accepted)
    assert (
        city.get(f"/intake/units/{UNIT}/praise", city.token("unit_head", unit_id=UNIT)).json() == []
    )
    assert totals(city)["accepted"] == 1


def test_what_many_ask_and_no_entry_answers_waits_to_be_interpreted(city: City) -> None:
    for n in range(5):
        case = city.register(kind="K1", title=f"停车收费{n}", text="请问停车怎样收费？")["case_id"]
        city.do(f"/intake/cases/{case}/classification", "operator", {"category": "0113"})
    for n in range(4):
        case = city.register(kind="K1", title=f"犬只{n}", text="请问养犬怎样登记？")["case_id"]
        city.do(f"/intake/cases/{case}/classification", "operator", {"category": "0115"})
    officer = city.token("reference_officer")
    (topic,) = city.get("/analytics/topics", officer).json()
    assert (topic["topic"], topic["zh"], topic["count"]) == (
        "2026-W10/0113",
        "公共停车场（设置与秩序）",
        5,
    )
    more = {"question": "公共停车场怎样收费", "category": "0113", "answers_topic": topic["topic"]}
    know(city, "parking-fees", **more)
    assert city.get("/analytics/topics", officer).json() == []
    (found,) = city.get("/reference/knowledge?q=停车收费", officer).json()
    assert found["answers_topic"] == topic["topic"]


# ------------------------------------------------------------------------------- what is promised


def test_a_proposal_is_adopted_and_its_promise_followed_up_after_the_close(
    city: City, tmp_path: Path
) -> None:
    idea = {"kind": "K5", "title": "建议增设座椅", "text": "建议在滨河步道增设座椅。"}
    receipt = city.assigned("0107", **idea)
    case, token = receipt["case_id"], citizen(city, receipt)
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    promise = {
        "claim": 1,
        "text": "每月增设十张座椅",
        "due_at": "2026-04-01T00:00:00+08:00",
        "every": "month",
    }
    body = {
        "answers": [{"claim": 1, "proposal": "adopted"}],
        "text": "建议已采纳。",
        "commitments": [promise],
    }
    city.do(f"/feedback/cases/{case}/replies", "unit_head", body, unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    call_back(city, case)
    assert [rate(city, token, case, target) for target in ("intake", "handling")] == [200, 200]
    assert progress(city, token, case)["status"] == "closed"
    head = city.token("unit_head", unit_id=UNIT)
    (owed,) = city.get(f"/feedback/units/{UNIT}/commitments", head).json()
    assert (owed["status"], owed["every"]) == ("open", "month")

    city.wait(days=31)
    supervisor = city.token("supervisor")
    (late,) = city.get("/feedback/commitments", supervisor).json()
    assert late["status"] == "due"
    told = city.get(f"/supervision/units/{UNIT}/notices", head).json()
    assert [n["kind"] for n in told if n["kind"] == "promised"] == ["promised"]
    said = {"commitment_id": owed["commitment_id"], "outcome": "kept", "text": "本月十张已安装"}
    city.do(f"/feedback/cases/{case}/commitments", "unit_head", said, unit_id=UNIT)
    assert city.get("/feedback/commitments", supervisor).json() == []
    (shown,) = city.get(f"/feedback/cases/{case}/commitments?purpose=own_case", token).json()
    assert (shown["text"], shown["report"]) == ("每月增设十张座椅", "本月十张已安装")
    assert at(shown["due_at"]) == china("2026-05-01 00:00")
    assert (shown["status"], shown["times_kept"]) == ("open", 1)

    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", {"ground": "citizen_request"})
    (blank,) = city.get(f"/feedback/cases/{case}/commitments?purpose=audit", supervisor).json()
    assert (blank["text"], blank["report"]) == (None, None)
    types = history(tmp_path, case)
    assert types[types.index("ReplyDelivered") + 1] == "CommitmentMade"
    assert types.count("CommitmentFellDue") == 1
