"""A unit contests its score before a panel (scenario 9), leaves a case out of it, is called back, and learns
how its work was rated only by the month. Over HTTP, with the clock in hand."""

from pathlib import Path
from typing import Any

from tests.http.city import REPLY, UNIT, City
from tests.journeys.files import looks
from tests.journeys.steps import call_back, citizen, rate, verdict

SEATS = [
    {"account": "tp-1", "kind": "official"},
    {"account": "tp-2", "kind": "npc_deputy"},
    {"account": "tp-3", "kind": "cppcc_member"},
    {"account": "tp-4", "kind": "lawyer"},
    {"account": "tp-5", "kind": "journalist"},
    {"account": "tp-6", "kind": "grassroots"},
    {"account": "tp-7", "kind": "netizen"},
]
BRIEF = "承办单位称已按规定清运，诉求方称仍有积存。"


def reworked(city: City) -> str:
    """A case that its unit had to do again, and answered again."""
    receipt = city.delivered()
    case: str = receipt["case_id"]
    call_back(city, case, resolved="no", level="dissatisfied")
    order = {"reason": "dissatisfied_unresolved"}
    city.do(f"/evaluation/cases/{case}/reworks", "supervisor", order)
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY, unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    return case


def member(city: City, name: str) -> str:
    """The token of a member of a panel."""
    return city.token("third_party", name)


def evaluation(city: City, path: str, role: str, **who: Any) -> Any:
    """What a desk of evaluation reads."""
    answer = city.get(f"/evaluation{path}", city.token(role, **who))
    assert answer.is_success, answer.text
    return answer.json()


def test_a_department_contests_its_score_before_a_panel_of_seven_kinds(
    city: City, tmp_path: Path
) -> None:
    case = reworked(city)
    before = verdict(city, case)
    contested = {"against": "rework", "reason": "首次答复已清运完毕。", "evidence": ["p-1"]}
    city.do(f"/evaluation/cases/{case}/appeals", "unit_head", contested, unit_id=UNIT)
    (waiting,) = evaluation(city, "/appeals", "coordinator")
    assert (waiting["case_id"], waiting["status"]) == (case, "appealed")
    told = evaluation(city, f"/cases/{case}/appeal?purpose=panel", "coordinator")
    assert (told["reason"], told["evidence"]) == (contested["reason"], ["p-1"])

    panel = {"appeal_id": f"{case}.a1", "members": SEATS, "brief": BRIEF}
    path = f"/evaluation/cases/{case}/panels"
    named = city.post(
        path, city.token("coordinator"), panel | {"brief": "联系人：王建国，13800138000"}
    )
    assert (named.status_code, "brief" in named.text) == (422, True)
    assert "13800138000" not in named.text
    city.do(path, "coordinator", panel)

    (seat,) = city.get("/evaluation/panels", member(city, "tp-4")).json()
    assert (seat["case_id"], seat["question"]) == (case, "rework")
    assert city.get("/evaluation/panels", member(city, "tp-9")).json() == []
    file = f"/evaluation/cases/{case}/panel-file?purpose=assessment"
    assert city.get(file, member(city, "tp-9")).status_code == 409
    seen = city.get(file, member(city, "tp-4")).json()
    assert (seen["brief"], seen["evidence"], seen["reworks"]) == (BRIEF, ["p-1"], 1)
    assert {"reason", "text", "name", "members"}.isdisjoint(seen)

    found = {"panel_id": f"{case}.j1", "reason": "现场照片可证。"}
    for number in range(1, 8):
        finding = "for_unit" if number <= 4 else "for_citizen"
        said = found | {"finding": finding}
        city.do(
            f"/evaluation/cases/{case}/panel-findings", "third_party", said, name=f"tp-{number}"
        )

    (own,) = evaluation(city, f"/units/{UNIT}/appeals", "unit_head", unit_id=UNIT)
    assert (own["settled"], own["score_effect"]) == (True, "not_counted")
    assert {"rated_handling", "finding", "panel_id", "status"}.isdisjoint(own)
    after = verdict(city, case)
    assert (
        (after["reworks"], after["resolved"])
        == (before["reworks"], before["resolved"])
        == (1, None)
    )
    city.settle()
    roles = [look["role"] for look in looks(tmp_path, case)]
    assert ("third_party" in roles, "coordinator" in roles) == (True, True)


def test_what_a_panel_found_leaves_the_citizen_free_to_rate(city: City) -> None:
    receipt = city.delivered()
    case, token = receipt["case_id"], citizen(city, receipt)
    asked = {"members": SEATS[:3], "brief": BRIEF}
    city.do(f"/evaluation/cases/{case}/panels", "supervisor", asked)
    for number in (1, 2, 3):
        said = {"panel_id": f"{case}.j1", "finding": "for_unit", "reason": "可证"}
        city.do(
            f"/evaluation/cases/{case}/panel-findings", "third_party", said, name=f"tp-{number}"
        )
    assert rate(city, token, case, "handling") == 200


def test_a_case_is_left_out_of_a_score_by_two_persons_and_counted(city: City) -> None:
    case = city.delivered()["case_id"]
    wish = {"reason": "policy_limit", "evidence": ["p-1"], "note": "现行政策不支持。"}
    city.do(f"/evaluation/cases/{case}/exclusions", "unit_head", wish, unit_id=UNIT)
    (waiting,) = evaluation(city, "/exclusions", "auditor")
    cap = {"most": 0, "cap": 0.05, "source": "平台默认，待运营单位确认"}
    assert waiting["so_far"] == {"month": "2026-03", "cases": 1, "left_out": 0} | cap
    words = evaluation(city, f"/exclusions/{waiting['exclusion_id']}?purpose=exclusion", "auditor")
    assert (words["note"], words["evidence"]) == (wish["note"], ["p-1"])
    path = f"/evaluation/cases/{case}/exclusion-decisions"
    yes = {"exclusion_id": waiting["exclusion_id"], "outcome": "approved", "note": "属实"}
    near = city.token("auditor", unit_id=UNIT)
    assert city.post(path, near, yes).status_code == 409
    city.do(path, "supervisor", yes)
    assert evaluation(city, "/exclusions", "auditor") == []
    counted = evaluation(city, f"/units/{UNIT}/exclusions", "analyst")
    assert counted == [{"reason": "policy_limit", "outcome": "approved", "count": 1}]
    again = evaluation(city, f"/exclusions/{waiting['exclusion_id']}?purpose=exclusion", "auditor")
    assert again["so_far"] == {"month": "2026-03", "cases": 1, "left_out": 1} | cap
    figures = city.get("/analytics/figures?month=2026-03", city.token("analyst")).json()
    assert figures["exclusion_cap"] == {"cap": 0.05, "source": cap["source"]}
    overdue = next(one for one in figures["figures"] if one["definition_id"] == "K10")
    assert (overdue["left_out"], overdue["beyond_cap"], overdue["excluded"]) == (0, 1, {})
    assert overdue["denominator"] == 1, "a twentieth of one case is none, so it counts"


def test_beside_each_rate_of_a_unit_stands_what_counts_though_it_was_to_be_left_out(city: City) -> None:
    cases = [city.delivered()["case_id"] for _ in range(5)]
    wish = {"reason": "policy_limit", "evidence": ["p-1"], "note": "现行政策不支持。"}
    city.do(f"/evaluation/cases/{cases[0]}/exclusions", "unit_head", wish, unit_id=UNIT)
    yes = {"exclusion_id": f"{cases[0]}.e1", "outcome": "approved", "note": "属实"}
    city.do(f"/evaluation/cases/{cases[0]}/exclusion-decisions", "supervisor", yes)
    told = city.get("/analytics/figures/units?month=2026-03", city.token("analyst")).json()
    (unit,) = told["units"]
    assert (unit["unit_id"], told["exclusion_cap"]["cap"]) == (UNIT, 0.05)
    overdue = next(one for one in unit["figures"] if one["definition_id"] == "K10")
    assert (overdue["denominator"], overdue["left_out"], overdue["beyond_cap"]) == (5, 0, 1)


def test_every_unit_that_answered_is_called_back_too(city: City) -> None:
    case = city.delivered()["case_id"]
    (due,) = evaluation(city, "/unit-callbacks", "callback_agent")
    assert (due["case_id"], due["unit_id"], due["due"]) == (case, UNIT, "2026-03-09T16:00:00Z")
    path = f"/evaluation/cases/{case}/unit-callbacks"
    assert (
        city.post(path, city.token("callback_agent", unit_id=UNIT), {"reached": True}).status_code
        == 409
    )
    city.do(path, "callback_agent", {"reached": False})
    assert evaluation(city, "/unit-callbacks", "callback_agent")[0]["unit_attempts"] == 1
    city.do(path, "callback_agent", {"reached": True, "assigned_rightly": True})
    assert evaluation(city, "/unit-callbacks", "callback_agent") == []


def test_a_unit_sees_its_ratings_by_the_month_and_never_by_case(city: City, tmp_path: Path) -> None:
    cases = []
    for _ in range(5):
        receipt = city.delivered()
        assert rate(city, citizen(city, receipt), receipt["case_id"], "handling") == 200
        cases.append(receipt["case_id"])
    ratings = f"/evaluation/units/{UNIT}/ratings"
    clerk = city.token("unit_clerk", unit_id=UNIT)
    assert city.get(f"{ratings}?month=2026-03", clerk).status_code == 409  # it is not over
    for asked in (f"{ratings}?case_id={cases[0]}", f"/evaluation/cases/{cases[0]}"):
        refused = city.get(asked, clerk)
        assert (refused.status_code, "never by case" in refused.text) == (403, True)
    city.settle()
    assert [look["role"] for look in looks(tmp_path, cases[0])] == ["unit_clerk", "unit_clerk"]
    city.wait(days=31)
    seen = city.get(f"{ratings}?month=2026-03", city.token("unit_head", unit_id=UNIT)).json()
    assert seen["in_three"] == {"satisfied": 5, "basically": 0, "dissatisfied": 0}
    nobody = city.get(f"{ratings}?month=2026-02", clerk).json()
    assert set(nobody["levels"].values()) == {None}
    other = city.token("unit_clerk", unit_id="mc.shuiwu")
    assert city.get(f"{ratings}?month=2026-03", other).status_code == 403
