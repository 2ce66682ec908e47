"""What may happen while a case is handled: a question, more time, a pause, a hold, a rework. Over HTTP."""

import json
from pathlib import Path
from typing import Any

from tests.http.city import REPLY, UNIT, City
from tests.journeys.files import history, log_rows, looks
from tests.journeys.steps import at, call_back, citizen, progress, rate, verdict
from tests.spec import china

PETITION = {"category": "0204", "title": "征收补偿", "text": "对房屋征收补偿不满。"}
HOUSING = "mc.zhujian"
QUESTION = {"missing": ["place", "time"], "question": "请问是哪个小区？从哪天开始？"}
DECLINING = {"ground": "D16", "reason": "未能核实地点。", "remedy": "补充后可再次提出"}


def signed(city: City, unit: str = UNIT, **message: Any) -> dict[str, Any]:
    """The receipt of a case that its unit has signed for."""
    receipt = city.assigned(**message)
    city.do(f"/dispatch/cases/{receipt['case_id']}/signature", "unit_clerk", unit_id=unit)
    return receipt


def answer(city: City, case: str, unit: str = UNIT, **more: Any) -> None:
    """The unit's reply is handed in and approved; so it is delivered."""
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY | more, unit_id=unit)
    city.do(f"/feedback/cases/{case}/approval", "auditor")


def work(city: City, unit: str = UNIT) -> dict[str, Any]:
    """The one case that a unit has to do."""
    (found,) = city.get(
        f"/feedback/units/{unit}/work", city.token("unit_head", unit_id=unit)
    ).json()
    return dict(found)


def refused(city: City, path: str, role: str, body: dict[str, Any], **who: Any) -> str:
    """Why a command is refused by the rules."""
    answered = city.post(path, city.token(role, **who), body)
    assert answered.status_code == 409, answered.text
    return str(answered.json()["detail"])


# ---------------------------------------------------------------------------------- the question


def test_a_citizen_is_asked_answers_and_the_acceptance_limit_moves_on(
    city: City, tmp_path: Path
) -> None:
    receipt = city.register()
    case, token = receipt["case_id"], citizen(city, receipt)
    city.wait(hours=1)
    city.do(f"/intake/cases/{case}/questions", "acceptor", QUESTION)
    asked = progress(city, token, case)
    assert (asked["status"], asked["seen"]) == ("info_requested", "请补充")
    assert (asked["question"], asked["missing"]) == (QUESTION["question"], ["place", "time"])
    assert at(asked["due_supplement"]) == china("2026-03-10 00:00")
    assert progress(city, city.token("acceptor"), case)["question"] is None
    (waiting,) = city.get("/intake/cases", city.token("acceptor")).json()
    assert (waiting["status"], waiting["missing"]) == ("info_requested", ["place", "time"])
    path = f"/intake/cases/{case}/acceptance"
    assert "waited for" in refused(city, path, "acceptor", {"category": "0107"})

    city.wait(days=2)
    assert {look["purpose"] for look in looks(tmp_path, case)} == {"own_case"}
    said = {"text": "在云溪小区，从周一开始。", "claims": ["请每日清运"]}
    assert city.post(f"/intake/cases/{case}/supplements", token, said).status_code == 200
    city.settle()
    told = progress(city, token, case)
    assert (told["status"], told["question"], told["missing"]) == ("registered", None, [])
    assert at(told["due_accept"]) == china("2026-03-06 00:00")  # two days later than without
    words = city.get(
        f"/intake/cases/{case}/words?purpose=acceptance", city.token("acceptor")
    ).json()
    assert words["supplements"] == [said["text"], *said["claims"]]
    city.do(path, "acceptor", {"category": "0107"})
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    shown = f"/feedback/cases/{case}/file?purpose=handling"
    file = city.get(shown, city.token("unit_clerk", unit_id=UNIT)).json()
    assert (file["supplements"], file["claims"]) == ([said["text"], *said["claims"]], 2)
    replies = f"/feedback/cases/{case}/replies"
    assert "each claim" in refused(city, replies, "unit_head", REPLY, unit_id=UNIT)
    answer(city, case, answers=[{"claim": n, "outcome": "supported"} for n in (1, 2)])
    assert progress(city, token, case)["status"] == "delivered"


def test_a_citizen_who_does_not_answer_is_declined_after_the_time_and_not_before(
    city: City,
) -> None:
    receipt = city.register()
    case, token = receipt["case_id"], citizen(city, receipt)
    city.do(f"/intake/cases/{case}/questions", "acceptor", QUESTION)
    body = DECLINING | {"alternative_channel": "热线"}
    city.wait(days=7)
    assert "time to answer" in refused(city, f"/intake/cases/{case}/decline", "acceptor", body)
    city.wait(days=1)
    city.do(f"/intake/cases/{case}/decline", "acceptor", body)
    assert (progress(city, token, case)["status"], progress(city, token, case)["ground"]) == (
        "declined",
        "D16",
    )
    again = city.post(f"/intake/cases/{case}/supplements", token, {"text": "在云溪小区"})
    assert again.status_code == 409


# ----------------------------------------------------------------------------------- more time


def test_a_petition_is_extended_once_by_the_head_of_its_unit(city: City) -> None:
    receipt = signed(city, HOUSING, **PETITION)
    case, token = receipt["case_id"], citizen(city, receipt)
    wish = {"reason": "须核对历年补偿协议。", "new_due": "2026-06-05T16:00:00Z"}
    asking, deciding = (
        f"/feedback/cases/{case}/{x}" for x in ("extensions", "extension-decisions")
    )
    city.do(asking, "unit_clerk", wish, unit_id=HOUSING)
    (open_one,) = city.get("/feedback/extensions", city.token("supervisor")).json()
    head = city.token("unit_head", unit_id=HOUSING)
    shown = city.get(f"/feedback/cases/{case}/extension?purpose=deciding", head).json()
    assert (shown["reason"], shown["extension_id"]) == (wish["reason"], open_one["extension_id"])
    granted = {"extension_id": shown["extension_id"], "outcome": "approved", "notice": "情况复杂。"}
    assert "The head of" in refused(city, deciding, "dispatcher", granted)
    same = city.post(deciding, city.token("unit_head", "unit_clerk-1", unit_id=HOUSING), granted)
    assert "Who asked" in same.json()["detail"]
    city.do(deciding, "unit_head", granted, unit_id=HOUSING)

    assert at(work(city, HOUSING)["due_handle"]) == china("2026-06-06 00:00")
    assert at(progress(city, token, case)["due_citizen"]) == china("2026-06-06 00:00")
    words = city.get(f"/intake/cases/{case}/words?purpose=own_case", token).json()
    assert words["notice"] == "情况复杂。"
    assert city.get("/feedback/extensions", city.token("supervisor")).json() == []
    city.wait(days=60)
    more = wish | {"new_due": "2026-06-20T16:00:00Z"}
    assert "extended once" in refused(city, asking, "unit_clerk", more, unit_id=HOUSING)


# ------------------------------------------------------------------------------------- a pause


def test_a_units_clock_stands_still_for_an_appraisal_and_goes_on_by_itself(
    city: City, tmp_path: Path
) -> None:
    receipt = signed(city)
    case, token = receipt["case_id"], citizen(city, receipt)
    assert at(work(city)["due_handle"]) == china("2026-03-10 00:00")
    city.wait(days=2)
    pause = {"ground": "appraisal", "law_ref": "行政许可法第四十五条"}
    pause |= {"until": "2026-03-16T02:00:00Z"}
    city.do(f"/feedback/cases/{case}/suspension-requests", "unit_head", pause, unit_id=UNIT)
    assert progress(city, token, case)["paused_for"] is None
    (asked,) = city.get("/feedback/clock-adjustments", city.token("auditor")).json()
    assert (asked["adjustment"], asked["adjustment_ground"]) == ("suspend", "appraisal")
    agreeing = f"/feedback/cases/{case}/clock-adjustment"
    own = city.token("auditor", "unit_head-1")
    agreed = {"adjustment_id": asked["adjustment_id"]}
    assert "Who handled" in city.post(agreeing, own, agreed).json()["detail"]
    city.do(agreeing, "auditor", agreed)
    assert city.get("/feedback/clock-adjustments", city.token("auditor")).json() == []
    assert (work(city)["suspended_for"], progress(city, token, case)["paused_for"]) == (
        "appraisal",
        "appraisal",
    )
    promised = progress(city, token, case)["due_citizen"]
    city.wait(days=12, hours=2)
    assert (work(city)["suspended_for"], progress(city, token, case)["paused_for"]) == (None, None)
    assert at(work(city)["due_handle"]) == china("2026-03-20 00:00")
    assert progress(city, token, case)["due_citizen"] == promised  # the citizen's clock ran on
    moved = [t for t in history(tmp_path, case) if t.startswith("Clock")]
    assert moved == ["ClockAdjustmentRequested", "ClockAdjusted", "ClockAdjusted"]
    answer(city, case)
    assert progress(city, token, case)["status"] == "delivered"


# ------------------------------------------------------------------------------------- reports


def test_a_unit_sees_by_when_to_say_how_far_a_complex_matter_is(city: City) -> None:
    receipt = city.assigned("0111")
    case, unit = receipt["case_id"], "mc.chengguan"
    assert work(city, unit)["report_due"] is None, "it has not signed"
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=unit)
    assert at(work(city, unit)["report_due"]) == china("2026-03-10 00:00")

    city.wait(days=2)
    said = {"text": "已立案，正在调查。"}
    city.do(f"/feedback/cases/{case}/progress", "unit_clerk", said, unit_id=unit)
    assert at(work(city, unit)["report_due"]) == china("2026-03-12 00:00")
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY, unit_id=unit)
    city.do(f"/feedback/cases/{case}/return", "auditor", {"reason": "perfunctory"})
    assert at(work(city, unit)["report_due"]) == china("2026-03-12 00:00")


def test_where_the_pack_asks_for_no_reports_none_is_due(city: City) -> None:
    signed(city)
    assert work(city)["report_due"] is None


# -------------------------------------------------------------------------------------- a hold


def test_a_case_on_hold_is_looked_at_again_at_its_day(city: City, tmp_path: Path) -> None:
    receipt = signed(city)
    case, token = receipt["case_id"], citizen(city, receipt)
    told_of_it = {"alternative_channel": "供水热线", "remedy": "可以申请复查"}
    hold = {"reason_code": "objective", "reason": "管网改造尚未列入计划。"} | told_of_it
    asking = f"/feedback/cases/{case}/hold-requests"
    city.do(asking, "unit_head", hold, unit_id=UNIT)
    assert progress(city, token, case)["status"] == "handling"
    coordinator = city.token("coordinator")
    (asked,) = city.get("/feedback/hold-requests", coordinator).json()
    file = city.get(f"/feedback/cases/{case}/file?purpose=hold", coordinator).json()
    assert (file["hold_id"], file["hold_reason"]) == (asked["hold_id"], hold["reason"])
    assert (file["hold_alternative"], file["hold_remedy"]) == tuple(told_of_it.values())
    refusal = {"hold_id": asked["hold_id"], "note": "请先行抢修。"}
    city.do(f"/feedback/cases/{case}/hold-refusal", "coordinator", refusal)
    assert city.get("/feedback/hold-requests", coordinator).json() == []
    city.do(asking, "unit_head", hold, unit_id=UNIT)
    (asked,) = city.get("/feedback/hold-requests", coordinator).json()
    city.do(f"/feedback/cases/{case}/hold", "coordinator", {"hold_id": asked["hold_id"]})
    assert city.get("/feedback/hold-requests", coordinator).json() == []
    told = progress(city, token, case)
    assert (told["status"], told["seen"]) == ("held", "挂账")
    assert at(told["next_check_at"]) == china("2026-06-02 00:00")
    (looked_at,) = (limit for limit in told["limits"] if limit["step"] == "RECHECK")
    assert (looked_at["words"], bool(looked_at["source"])) == ("90日", True)
    words = city.get(f"/intake/cases/{case}/words?purpose=own_case", token).json()
    assert words["notice"] == hold["reason"]
    assert (words["alternative"], words["remedy"]) == tuple(told_of_it.values())
    path = f"/feedback/cases/{case}/replies"
    assert "on hold" in refused(city, path, "unit_head", REPLY, unit_id=UNIT)
    (held,) = city.get("/feedback/holds", city.token("coordinator")).json()
    assert held["case_id"] == case

    city.wait(days=92)
    told = progress(city, token, case)
    assert (told["status"], [one for one in told["limits"] if one["step"] == "RECHECK"]) == ("handling", [])
    words = city.get(f"/intake/cases/{case}/words?purpose=own_case", token).json()
    assert (words["alternative"], words["remedy"]) == (None, None)
    assert at(work(city)["due_handle"]) == china("2026-06-10 00:00")
    assert city.get("/feedback/holds", city.token("coordinator")).json() == []
    answer(city, case)
    call_back(city, case)
    for target in ("intake", "handling"):
        assert rate(city, token, case, target) == 200
    assert verdict(city, case)["status"] == "closed"
    held_facts = [t for t in history(tmp_path, case) if "Hold" in t or "Held" in t]
    asked_twice = ["HoldRequested", "HoldRefused", "HoldRequested"]
    assert held_facts == [*asked_twice, "CaseHeld", "HoldLifted"]


# ---------------------------------------------------------------------------------- what is refused


def test_a_unit_reads_why_it_was_refused_more_time_a_pause_and_a_hold(city: City) -> None:
    receipt = signed(city)
    case, token = receipt["case_id"], citizen(city, receipt)
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher", {"assists": ["mc.shuiwu"]})
    feedback = f"/feedback/cases/{case}"
    more = {"reason": "等待配件。", "new_due": "2026-03-16T16:00:00Z"}
    city.do(f"{feedback}/extensions", "unit_clerk", more, unit_id=UNIT)
    number = work(city)["extension_id"]
    late = {"extension_id": number, "outcome": "rejected", "notice": "配件已到货，不予延期。"}
    city.do(f"{feedback}/extension-decisions", "dispatcher", late)
    pause = {"ground": "appraisal", "law_ref": "行政许可法第四十五条"}
    city.do(f"{feedback}/suspension-requests", "unit_head", pause, unit_id=UNIT)
    no_pause = {"adjustment_id": work(city)["adjustment_id"], "note": "未附鉴定委托书。"}
    city.do(f"{feedback}/clock-adjustment-refusal", "auditor", no_pause)
    for why in ("请先行抢修。", "仍请先行抢修。"):
        hold = {"reason_code": "objective", "reason": "管网改造尚未列入计划。"}
        hold |= {"alternative_channel": "可向供水企业申请临时加压。", "remedy": "可要求复核本决定。"}
        city.do(f"{feedback}/hold-requests", "unit_head", hold, unit_id=UNIT)
        no_hold = {"hold_id": work(city)["hold_id"], "note": why}
        city.do(f"{feedback}/hold-refusal", "coordinator", no_hold)

    assert [(one["what"], one["reason"]) for one in work(city)["refusals"]] == [
        ("extension", None),
        ("clock", None),
        ("hold", None),
    ]
    file = f"{feedback}/file?purpose=handling"
    for role in ("unit_clerk", "unit_head"):
        read = city.get(file, city.token(role, unit_id=UNIT)).json()
        assert [(one["what"], one["reason"]) for one in read["refusals"]] == [
            ("extension", late["notice"]),
            ("clock", no_pause["note"]),
            ("hold", "仍请先行抢修。"),
        ]
    assert city.get(file, city.token("unit_clerk", unit_id="mc.shuiwu")).json()["refusals"] == []
    words = city.get(f"/intake/cases/{case}/words?purpose=own_case", token).json()
    assert words["notice"] == late["notice"]  # 信访工作条例 Art. 34: the citizen is told the reason

    assert city.post(f"/intake/cases/{case}/withdrawal", token, {}).is_success
    city.wait(hours=25)
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", {"ground": "citizen_request"})
    read = city.get(file, city.token("unit_head", unit_id=UNIT)).json()
    assert [(one["what"], one["reason"]) for one in read["refusals"]] == [
        ("extension", None),
        ("clock", None),
        ("hold", None),
    ]


def test_what_one_unit_was_refused_the_next_does_not_see(city: City) -> None:
    case = city.assigned()["case_id"]
    dispatch, feedback = f"/dispatch/cases/{case}", f"/feedback/cases/{case}"
    city.do(f"{dispatch}/signature", "unit_clerk", unit_id=UNIT)
    hold = {"reason_code": "objective", "reason": "管网改造尚未列入计划。"}
    hold |= {"alternative_channel": "供水热线", "remedy": "可以申请复查"}
    city.do(f"{feedback}/hold-requests", "unit_head", hold, unit_id=UNIT)
    no_hold = {"hold_id": work(city)["hold_id"], "note": "请先行抢修。"}
    city.do(f"{feedback}/hold-refusal", "coordinator", no_hold)
    whose = {"reason_code": "not_our_duty", "law_basis": "三定规定第三条"}
    city.do(f"{dispatch}/dispute-proposals", "unit_clerk", whose, unit_id=UNIT)
    city.do(f"{dispatch}/disputes", "unit_head", unit_id=UNIT)
    upheld = {"outcome": "upheld", "reason": "属水务局", "designated_unit": "mc.shuiwu"}
    city.do(f"{dispatch}/dispute-decisions", "dispute_judge", upheld)
    city.do(f"{dispatch}/assignment", "dispatcher")
    city.do(f"{dispatch}/signature", "unit_clerk", unit_id="mc.shuiwu")
    assert work(city, "mc.shuiwu")["refusals"] == []


# ------------------------------------------------------------------------------------- a rework


def supervised(root: Path, case: str) -> list[str]:
    """The numbers of the supervisions of a case."""
    values = [json.loads(value) for _, value in log_rows(root, "case-events", case)]
    return [
        value["supervision_id"] for value in values if {"supervision_id", "level"} <= value.keys()
    ]


def test_a_dissatisfied_citizens_case_is_reworked_answered_again_and_then_closed(
    city: City, tmp_path: Path
) -> None:
    receipt = city.delivered()
    case, token = receipt["case_id"], citizen(city, receipt)
    call_back(city, case, resolved="no", level="dissatisfied")
    assert rate(city, token, case, "intake") == 200
    order = {"reason": "dissatisfied_unresolved", "note": "垃圾仍未清运。"}
    path = f"/evaluation/cases/{case}/reworks"
    assert "may not order" in refused(city, path, "supervisor", order, unit_id=UNIT)
    city.do(path, "callback_agent", order)
    assert progress(city, token, case)["status"] == "rework"
    assert (verdict(city, case)["status"], verdict(city, case)["reworks"]) == ("rework", 1)
    again = work(city)
    assert (again["status"], at(again["due_handle"])) == ("rework", china("2026-03-06 00:00"))
    assert rate(city, token, case, "handling") == 409
    city.wait(days=40)  # past the first window: it stays open
    assert verdict(city, case)["closed_at"] is None

    second = "已每日两次清运，并设专人巡查。"
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY | {"text": second}, unit_id=UNIT)
    reply = f"/feedback/cases/{case}/reply?purpose=own_case"
    assert city.get(reply, token).json()["text"] == REPLY["text"]  # not before it is approved
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    assert city.get(reply, token).json()["text"] == second
    assert (verdict(city, case)["status"], verdict(city, case)["attempts"]) == ("to_call", 0)
    city.wait(hours=1)
    call_back(city, case)
    assert rate(city, token, case, "handling") == 200
    assert verdict(city, case)["status"] == "called"  # the unit was so late that it must account for it
    (name,) = {t for t in supervised(tmp_path, case) if t.endswith(".s2")}
    path = f"/supervision/cases/{case}"
    measures = {"supervision_id": name, "measures": "已整改。"}
    city.do(f"{path}/supervision-answers", "unit_head", measures, unit_id=UNIT)
    city.do(f"{path}/supervision-lifts", "supervisor", {"supervision_id": name})
    closed = verdict(city, case)
    assert (closed["status"], closed["outcome"]) == ("closed", "resolved")
    assert at(closed["closed_at"]) == city.whole.clock.at
    said = [t for t in history(tmp_path, case) if t in ("ReplyDelivered", "ReworkOrdered")]
    assert said == ["ReplyDelivered", "ReworkOrdered", "ReplyDelivered"]
