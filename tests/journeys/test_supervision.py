"""Oversight from end to end: the ladder to its top, a leader's case, instructions, recommendations, the list."""

from pathlib import Path
from typing import Any

from tests.http.city import UNIT, City
from tests.journeys.files import files_with, history, looks
from tests.journeys.steps import citizen

OTHER = "mc.shuiwu"
CASE = "/supervision/cases/{}"


def seen(city: City, path: str, role: str = "supervisor", **who: Any) -> Any:
    """What someone reads."""
    answer = city.get(f"/supervision{path}", city.token(role, **who))
    assert answer.is_success, answer.text
    return answer.json()


def test_a_case_that_nobody_handles_climbs_the_ladder_to_a_listing_and_a_leader(
    city: City, tmp_path: Path
) -> None:
    case = city.assigned()["case_id"]
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    path = CASE.format(case)
    city.wait(days=21)  # five working days to answer, and ten more
    steps = [kind for kind in history(tmp_path, case) if kind.startswith(("Superv", "Escal"))]
    assert steps[:2] == ["SupervisionIssued", "SupervisionIssued"], "urged, then supervised"
    asked = seen(city, "/escalations", "coordinator")
    assert [one["case_id"] for one in asked] == [case]
    assert set(asked[0]["proposals"].values()) == {"listed"}
    listing = {"level": 3, "ground": "overdue"}
    answer = city.post(f"{path}/supervisions", city.token("supervisor"), listing)
    assert (answer.status_code, "联席会议" in answer.text) == (409, True)
    city.do(f"{path}/supervisions", "coordinator", listing)
    assert seen(city, "/escalations", "coordinator") == []
    assert seen(city, "/overdue")[0]["oversight"] == "listed"
    city.wait(days=10)  # the unit does not answer its listing either
    (again,) = seen(city, "/escalations", "leader")
    assert "leader" in again["proposals"].values()
    led = {"leader": "leader-1", "level": "city", "team": [OTHER]}
    city.do(f"{path}/leader", "supervisor", led)
    assert seen(city, "/escalations", "leader") == []
    (own,) = seen(city, "/leader-cases", "leader", name="leader-1")
    assert (own["case_id"], own["oversight"]) == (case, "leader")
    assert seen(city, "/leader-cases", "leader", name="leader-2") == []
    levels = {one["level"]: one for one in seen(city, "/leader-totals")["levels"]}
    assert (levels["city"]["cases"], levels["city"]["wanted"]) == (1, 10)
    assert [levels[name]["wanted"] for name in ("county", "section")] == [100, 1000]
    assert not levels["city"]["reached"]


def test_a_perfunctory_reply_is_urged_at_once_and_the_next_answer_ends_it(
    city: City, tmp_path: Path
) -> None:
    case = city.submitted()["case_id"]
    city.do(f"/feedback/cases/{case}/return", "auditor", {"reason": "perfunctory"})
    (urge,) = seen(city, f"/units/{UNIT}/duties", "unit_head", unit_id=UNIT)
    assert (urge["step"], urge["kind"], urge["level"]) == ("SUP", "perfunctory", "1")
    reply = {"answers": [{"claim": 1, "outcome": "supported", "basis": "条例"}], "text": "已清运"}
    city.do(f"/feedback/cases/{case}/replies", "unit_head", reply, unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    assert history(tmp_path, case).count("SupervisionAnswered") == 1
    assert seen(city, f"/units/{UNIT}/duties", "unit_head", unit_id=UNIT) == []


def test_a_leader_writes_on_a_case_the_unit_looks_for_the_like_and_the_citizen_knows_of_it(
    city: City, tmp_path: Path
) -> None:
    receipt = city.assigned()
    case, path = receipt["case_id"], CASE.format(receipt["case_id"])
    city.do(f"{path}/instructions", "leader", {"text": "立即整改，举一反三", "similar": True})
    owed = seen(city, f"/units/{UNIT}/duties", "unit_head", unit_id=UNIT)
    assert {one["kind"] for one in owed} == {"instruct", "similar"}
    (line,) = seen(city, f"/units/{UNIT}/daily-list", "unit_clerk", unit_id=UNIT)
    assert (line["instructions"], line["new"]) == (2, 1)
    notices = seen(city, "/notices", "unit_head", unit_id=UNIT)
    assert [one["kind"] for one in notices].count("instructed") == 2
    told = city.get(f"{path}/clocks", citizen(city, receipt)).json()["instructed"]
    assert [(one["seen"], one["words"]) for one in told] == [("领导已批示", None)]
    words = seen(city, f"/cases/{case}/duties?purpose=handling", "unit_head", unit_id=UNIT)
    assert words[0]["words"] == "立即整改，举一反三"
    city.settle()
    assert looks(tmp_path, case)[-1]["purpose"] == "handling"
    stranger = city.get(f"/supervision/cases/{case}/duties", city.token("unit_head", unit_id=OTHER))
    assert stranger.status_code == 403
    head: dict[str, Any] = {"unit_id": UNIT}
    one = {"instruction_id": f"{case}.i1", "text": "已停播"}
    city.do(f"{path}/instruction-answers", "unit_head", one, **head)
    like = {"instruction_id": f"{case}.i1.similar", "text": "另查出三处", "found": 3}
    city.do(f"{path}/instruction-answers", "unit_head", like, **head)
    assert seen(city, f"/units/{UNIT}/duties", "unit_head", unit_id=UNIT) == []
    traced = seen(city, "/instructions?year=2026", "leader")
    assert [(one["unit_id"], one["answered"], one["found"]) for one in traced["totals"]] == [(UNIT, 2, 3)]
    assert {one["words"] for one in traced["instructions"]} == {None}, "a list shows no words"
    city.do(f"{path}/instructions", "leader", {"text": "请尽快答复群众", "shown": True})
    told = city.get(f"{path}/clocks", citizen(city, receipt)).json()["instructed"]
    assert [one["words"] for one in told] == [None, "请尽快答复群众"]
    assert files_with(tmp_path, ["立即整改", "另查出三处", "请尽快答复群众"]) == {}


def test_a_recommendation_outlives_the_case_is_late_and_is_answered_for_the_years_report(
    city: City,
) -> None:
    case = city.delivered()["case_id"]
    path = CASE.format(case)
    advice = {"kind": "improve_policy", "addressee": OTHER, "text": "完善养犬管理办法"}
    city.do(f"{path}/recommendations", "xinfang_officer", advice)
    city.do(f"/evaluation/cases/{case}/callbacks", "callback_agent", {"reached": True})
    city.wait(days=40)
    verdict = city.get(f"/evaluation/cases/{case}", city.token("supervisor")).json()
    assert verdict["closed_at"] is not None
    (owed,) = seen(city, f"/units/{OTHER}/duties", "unit_head", unit_id=OTHER)
    assert (owed["step"], owed["late"]) == ("RECOMMENDATION", True)
    answer = {"recommendation_id": f"{case}.m1", "outcome": "adopted", "reason": "已列入修订计划"}
    city.do(f"{path}/recommendation-answers", "unit_head", answer, unit_id=OTHER)
    found = seen(city, "/recommendations?year=2026", "inspector")
    (total,) = found["totals"]
    assert (total["kind"], total["made"], total["adopted"], total["late"]) == ("improve_policy", 1, 1, 1)
    assert found["recommendations"][0]["words"] is None, "a list shows no words"


def test_an_old_case_is_on_the_list_until_it_is_resolved_and_the_rate_says_so(city: City) -> None:
    none = seen(city, "/old-cases")["resolved"]
    assert (none["value"], none["denominator"]) == (None, 0)
    first, second = city.delivered()["case_id"], city.assigned()["case_id"]
    for case in (first, second):
        city.do(f"{CASE.format(case)}/old-case", "supervisor")
    city.do(
        f"/evaluation/cases/{first}/callbacks", "callback_agent", {"reached": True, "resolved": "yes"}
    )
    city.wait(days=40)
    found = seen(city, "/old-cases")
    assert (found["resolved"]["value"], found["resolved"]["definition_id"]) == ("50.00", "K27")
    assert (found["open"], [one["case_id"] for one in found["cases"]]) == (1, [second])
    city.do(f"{CASE.format(second)}/old-case-end", "supervisor", {"reason": "已依法终结"})
    found = seen(city, "/old-cases")
    assert (found["open"], found["cases"], found["resolved"]["denominator"]) == (0, [], 1)
    assert found["delisted"] == 1, "nobody makes the rate look better unseen"
    assert seen(city, "/old-cases?adcode=51")["delisted"] == 0, "its place is not known"
    path = f"/cases/{second}/old-case"
    told = seen(city, path, "coordinator")
    assert (told["ground"], told["reason"], told["delisted_at"] is None) == ("named", None, False)
    assert seen(city, f"{path}?purpose=supervision", "leader")["reason"] == "已依法终结"
    assert seen(city, f"/cases/{first}/old-case")["delisted_at"] is None
    assert seen(city, f"/cases/{city.register()['case_id']}/old-case") is None
