"""What the articles tell of four cities, end to end over HTTP with their own figures: scenarios 1, 3, 4, 5, 8.

The others stand where their matter is: 2 and 10 in ``test_merge``, 9 in ``test_scores``, 6 and 7 in
``test_reports``. The places are those of the invented city.
"""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.http.city import REPLY, City, open_city
from tests.journeys.files import history
from tests.journeys.steps import at, call_back, citizen, progress, rate, verdict
from tests.journeys.test_deadlines import notices
from tests.journeys.test_disputes import UPHELD, dispute, judge, listed, told
from tests.spec import china
from tests.whole import Clock

DISTRICT, OTHER_DISTRICT = "mc.yunxi.chengguan", "mc.liuhu.chengguan"
IN_YUNXI = "990102"


def taken_on(city: City, category: str, unit: str | None = None, **message: Any) -> dict[str, Any]:
    """A case that is accepted, and with the unit that the catalogue says or that is named."""
    receipt = city.register(**message)
    path = f"/intake/cases/{receipt['case_id']}/acceptance"
    city.do(path, "acceptor", {"category": category})
    given = {"unit_id": unit, "note": "会商意见"} if unit else {}
    city.do(f"/dispatch/cases/{receipt['case_id']}/assignment", "dispatcher", given)
    return receipt


def sign(city: City, case: str, unit: str) -> None:
    """The unit takes it into its hands."""
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=unit)


def submit(city: City, case: str, unit: str, **more: Any) -> None:
    """The unit's answer waits for review."""
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY | more, unit_id=unit)


def approve(city: City, case: str) -> None:
    """An auditor lets it go out."""
    city.do(f"/feedback/cases/{case}/approval", "auditor")


def words_of_reply(city: City, case: str, token: str) -> str:
    """What the citizen reads."""
    path = f"/feedback/cases/{case}/reply?purpose=own_case"
    return str(city.get(path, token).json()["text"])


def wallboard(city: City) -> dict[str, int]:
    """How many cases there are, by what has happened to them."""
    return dict(city.get("/analytics/totals", city.token("analyst")).json()["counts"])


def test_1_burning_rubbish_reported_at_four_is_answered_by_its_district_at_two(
    tmp_path: Path,
) -> None:
    """成都 2017: 04:00 来信, 14:00 电话答复并解释政策, 满意; ten hours."""
    with open_city(tmp_path, clock=Clock(china("2017-01-23 04:00"))) as city:
        letter = {
            "channel": "mailbox_county",
            "adcode": IN_YUNXI,
            "kind": "K3",
            "title": "随意焚烧垃圾",
            "text": "承包人在小区旁焚烧垃圾，烟味刺鼻。",
        }
        receipt = city.register(**letter)
        case, token = receipt["case_id"], citizen(city, receipt)
        city.wait(hours=4, minutes=30)
        city.do(f"/intake/cases/{case}/acceptance", "acceptor", {"category": "0106"})
        city.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
        assert progress(city, token, case)["unit_id"] == DISTRICT  # by the place, nobody named it
        assert listed(city, DISTRICT) == [(case, "lead")]
        sign(city, case, DISTRICT)
        city.wait(hours=1)
        spoken = {"mode": "phone", "reached": True, "summary": "解释禁止露天焚烧的规定"}
        city.do(f"/feedback/cases/{case}/contacts", "unit_clerk", spoken, unit_id=DISTRICT)
        city.wait(hours=4, minutes=15)
        submit(city, case, DISTRICT, text="已责令停止并告诫承包人。")
        city.wait(minutes=15)
        approve(city, case)
        seen = progress(city, token, case)
        assert at(seen["delivered_at"]) - at(seen["registered_at"]) == timedelta(hours=10)
        assert at(seen["delivered_at"]) == china("2017-01-23 14:00")
        assert words_of_reply(city, case, token) == "已责令停止并告诫承包人。"
        for target in ("intake", "handling"):
            assert rate(city, token, case, target) == 200
        call_back(city, case)
        assert verdict(city, case)["outcome"] == "resolved"
        assert "DeadlineBreached" not in history(tmp_path, case)
        assert "CitizenContacted" in history(tmp_path, case)


def test_3_a_daughter_files_for_her_father_asks_soon_after_and_is_promised_what_comes_every_month(
    city: City,
) -> None:
    """烟台: 代为反映, 很快查询; 街道协助, 补助按月发放. That she files for another stands in her words."""
    message = {
        "channel": "phone_12345",
        "adcode": IN_YUNXI,
        "title": "为父亲申请困难残疾人补助",
        "text": "我父亲修水库时落下残疾，行动不便，由我代为反映，希望得到救助。",
    }
    receipt = taken_on(city, "0801", **message)
    case, token = receipt["case_id"], citizen(city, receipt)
    city.wait(minutes=30)
    asked = progress(city, token, case)  # the inquiry soon after: with receipt number and code
    assert (asked["seen"], asked["unit_id"]) == ("已转承办单位", "mc.yunxi.minzheng")
    street = "mc.yunxi.bailuqiao"
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher", {"assists": [street]})
    assert listed(city, street) == [(case, "assist")]
    sign(city, case, "mc.yunxi.minzheng")
    sign(city, case, street)
    visited = {"text": "已入户核实，符合条件。", "next_step": "街道审定补助"}
    city.do(f"/feedback/cases/{case}/progress", "unit_clerk", visited, unit_id=street)
    promise = "经街道审定，自四月起每月10日前发放补助。"
    submit(city, case, "mc.yunxi.minzheng", text=promise)
    approve(city, case)
    assert progress(city, token, case)["status"] != "delivered"  # who telephoned is told by telephone
    city.do(f"/feedback/cases/{case}/delivery", "operator", {"mode": "phone"})
    assert progress(city, token, case)["status"] == "delivered"
    assert words_of_reply(city, case, token) == promise


def test_4_a_message_board_answers_in_seven_working_days_across_the_holidays(tmp_path: Path) -> None:
    """武汉 2017: 七个工作日; warned when nearly due and when overdue; the year's counts by unit. Here with
    the Labour Day of 2026 (1-5 May off, Saturday 9 May worked) and the Dragon Boat festival (19-21 June)."""
    with open_city(tmp_path, "wuhan-7wd", clock=Clock(china("2026-04-28 10:00"))) as city:
        unit = "mc.chengguan"
        board = {"channel": "board_local"}
        cases = [taken_on(city, "0107", **board)["case_id"] for _ in range(6)]
        for case in cases:
            token = city.token("citizen", case_id=case)
            assert at(progress(city, token, case)["due_citizen"]) == china("2026-05-12 00:00")
            sign(city, case, unit)
        *kept, late = cases
        city.wait(days=6)
        for case in kept:
            submit(city, case, unit)
            approve(city, case)
        city.wait(days=10)
        of_late = [(step, what) for step, what, _ in notices(city, late) if step == "HANDLE"]
        assert of_late == [("HANDLE", "amber"), ("HANDLE", "red"), ("HANDLE", "breach")]
        assert ("HANDLE", "breach", china("2026-05-12 00:00")) in notices(city, late)
        for case in kept:
            assert ("HANDLE", "breach") not in {n[:2] for n in notices(city, case)}
        (row,) = city.get("/supervision/overdue", city.token("supervisor")).json()
        assert (row["case_id"], row["warnings"] >= 2, row["breaches"] >= 1) == (late, True, True)
        scores = city.get("/analytics/totals/units", city.token("leader")).json()["counts"][unit]
        assert (scores["registered"], scores["delivered"], scores["breached"]) == (6, 5, 1)

        city.wait(days=33)  # it is Tuesday 16 June
        case = taken_on(city, "0107", **board)["case_id"]
        token = city.token("citizen", case_id=case)
        assert at(progress(city, token, case)["due_citizen"]) == china("2026-06-27 00:00")


def test_5_what_is_overdue_perfunctory_or_false_is_done_again_and_the_wallboard_is_the_log(
    city: City, tmp_path: Path
) -> None:
    """兰州: 逾期、敷衍塞责、回复虚假信息 → 责成重新办理; 群众百分之百回访; 数据由电脑生成."""
    unit = "mc.chengguan"
    overdue, poor, false, plain, silent = (
        taken_on(city, "0107", title=f"垃圾无人清运{n}")["case_id"] for n in range(5)
    )
    for case in (overdue, poor, false, plain):
        sign(city, case, unit)
    for case in (poor, false, plain):
        submit(city, case, unit)
    returned = {"reason": "perfunctory", "note": "未说明处理结果"}
    city.do(f"/feedback/cases/{poor}/return", "auditor", returned)
    for case in (false, plain):
        approve(city, case)
    submit(city, poor, unit, text="已清运并增设一处收集点。")
    approve(city, poor)
    call_back(city, false, resolved="no")
    city.do(f"/evaluation/cases/{false}/reworks", "supervisor", {"reason": "false_reply"})
    token = city.token("citizen", case_id=false)
    assert progress(city, token, false)["status"] == "rework"
    city.wait(days=1)
    submit(city, false, unit, text="经复核，前次答复有误，现已清运。")
    approve(city, false)
    for case in (poor, false, plain):
        call_back(city, case)
    city.wait(days=14)
    assert history(tmp_path, overdue).count("SupervisionIssued") >= 2  # urged, then supervised
    submit(city, overdue, unit)
    approve(city, overdue)
    call_back(city, overdue)
    cases = (overdue, poor, false, plain)
    assert all(verdict(city, case)["reached"] for case in cases)  # every citizen who was answered

    facts = Counter[str]()
    for case in (*cases, silent):
        facts.update(set(history(tmp_path, case)))
    counts = wallboard(city)
    assert counts["registered"] == facts["CaseRegistered"] == 5
    assert counts["accepted"] == facts["CaseAccepted"]
    assert counts["delivered"] == facts["ReplyDelivered"] == 4
    assert counts["breached"] == 2
    assert counts["closed"] == facts["CaseClosed"]


def test_8_a_case_between_two_districts_goes_up_to_the_government_with_every_refusal_on_record(
    city: City, tmp_path: Path
) -> None:
    """成都: 无人认领 → 会商 → 编办 → 市政府; the citizen's time runs from the first day."""
    receipt = taken_on(city, "0106", DISTRICT, title="两区交界处焚烧秸秆")
    case, token = receipt["case_id"], citizen(city, receipt)
    promised = progress(city, token, case)["due_citizen"]
    dispute(city, case, DISTRICT, reason_code="not_our_territory")
    judge(city, case, **UPHELD | {"reason": "界线在河心"})
    given = {"unit_id": OTHER_DISTRICT, "note": "另一侧"}
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher", given)
    dispute(city, case, OTHER_DISTRICT, reason_code="not_our_territory")
    judge(city, case, **UPHELD | {"reason": "两区均否认"})
    parties = {"parties": [DISTRICT, OTHER_DISTRICT], "question": "谁主办？"}
    city.do(f"/dispatch/cases/{case}/coordinations", "dispatcher", parties)
    result = f"/dispatch/cases/{case}/coordination-results"
    nobody = {"coordination_id": f"{case}.k1", "minutes": "未达成一致"}
    city.do(result, "coordinator", nobody)
    city.do(result, "coordinator", nobody | {"coordination_id": f"{case}.k2"})
    (open_,) = city.get("/dispatch/coordinations", city.token("coordinator")).json()
    assert (open_["level"], told(city, case)[0]) == ("government", "coordinating")
    last = {"coordination_id": f"{case}.k3", "lead": DISTRICT, "minutes": "市政府定：云溪区主办"}
    city.do(result, "coordinator", last | {"assists": [OTHER_DISTRICT]})
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
    again = city.token("unit_clerk", unit_id=DISTRICT)
    body = {"reason_code": "not_our_duty", "law_basis": "三定规定"}
    assert city.post(f"/dispatch/cases/{case}/dispute-proposals", again, body).status_code == 409
    sign(city, case, DISTRICT)
    submit(city, case, DISTRICT)
    approve(city, case)
    assert told(city, case) == ("delivered", DISTRICT)
    assert progress(city, token, case)["due_citizen"] == promised
    trace = f"/dispatch/cases/{case}/trace?purpose=coordination"
    entries = city.get(trace, city.token("coordinator")).json()
    assert [e["unit_id"] for e in entries if e["fact"] == "AssignmentDisputed"] == [
        DISTRICT,
        OTHER_DISTRICT,
    ]
    assert [e["level"] for e in entries if e["level"]] == [
        "consultation",
        "establishment_office",
        "government",
    ]
    assert [e["reason"] for e in entries if e["fact"] == "DisputeDecided"] == [
        "界线在河心",
        "两区均否认",
    ]
    assert history(tmp_path, case).count("CaseAssigned") == 4
