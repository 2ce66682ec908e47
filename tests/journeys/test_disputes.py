"""A case that is not its unit's: disputed, judged, discussed up to the government; the citizen's clock runs."""

from datetime import datetime
from pathlib import Path
from typing import Any

from tests.http.city import REPLY, UNIT, City
from tests.journeys.files import history, looks
from tests.journeys.test_deadlines import notices
from tests.spec import china

OTHER = "mc.shuiwu"
DISPUTE = {"reason_code": "not_our_duty", "law_basis": "三定规定第三条"}
UPHELD = {"outcome": "upheld", "reason": "井盖属水务局"}


def dispute(city: City, case: str, unit: str = UNIT, **more: Any) -> None:
    """The unit's clerk says that the case is not its own, and its head reads why and countersigns."""
    path = f"/dispatch/cases/{case}"
    city.do(f"{path}/dispute-proposals", "unit_clerk", DISPUTE | more, unit_id=unit)
    head = city.token("unit_head", unit_id=unit)
    listed_ = city.get(f"/dispatch/units/{unit}/dispute-proposals", head).json()
    assert [one["case_id"] for one in listed_] == [case]
    assert city.get("/dispatch/disputes", city.token("dispute_judge")).json() == []
    read = city.get(f"{path}/dispute-proposal?purpose=countersigning", head).json()
    assert read["law_basis"] == DISPUTE["law_basis"]
    city.do(f"{path}/disputes", "unit_head", unit_id=unit)
    assert city.get(f"/dispatch/units/{unit}/dispute-proposals", head).json() == []


def judge(city: City, case: str, **decision: Any) -> None:
    """A judge decides."""
    city.do(f"/dispatch/cases/{case}/dispute-decisions", "dispute_judge", decision)


def answer(city: City, case: str, unit: str) -> None:
    """The unit signs and answers, and the citizen has it."""
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=unit)
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY, unit_id=unit)
    city.do(f"/feedback/cases/{case}/approval", "auditor")


def told(city: City, case: str) -> tuple[str, str | None]:
    """What the citizen sees: the state, and the unit."""
    row = city.get(f"/intake/cases/{case}", city.token("citizen", case_id=case)).json()
    return row["status"], row["unit_id"]


def listed(city: City, unit: str) -> list[tuple[str, str]]:
    """What a unit has, and how."""
    path = f"/dispatch/units/{unit}/assignments"
    rows = city.get(path, city.token("unit_clerk", unit_id=unit)).json()
    return [(row["case_id"], row["role"]) for row in rows]


def due_citizen(city: City, case: str) -> str:
    """What the citizen was promised."""
    found: str = city.get(f"/intake/cases/{case}", city.token("citizen", case_id=case)).json()[
        "due_citizen"
    ]
    return found


def test_an_upheld_dispute_brings_the_case_to_another_unit_which_answers_in_its_own_time(
    city: City, tmp_path: Path
) -> None:
    case = city.assigned()["case_id"]
    promised = due_citizen(city, case)
    city.wait(hours=3)
    dispute(city, case, suggested_unit=OTHER)
    assert told(city, case)[0] == "disputed"
    (open_,) = city.get("/dispatch/disputes", city.token("dispute_judge")).json()
    assert (open_["case_id"], open_["suggested_unit"]) == (case, OTHER)
    assert listed(city, UNIT) == [(case, "lead")]
    city.wait(days=2)  # SIGN and CONTACT run out while the judge thinks
    assert ("SIGN", "breach", china("2026-03-03 10:00")) in notices(city, case)
    judge(city, case, **UPHELD)
    assert told(city, case) == ("accepted", None)
    assert listed(city, UNIT) == []
    assert history(tmp_path, case).count("BreachRetracted") == 2
    (waiting,) = city.get("/dispatch/cases", city.token("dispatcher")).json()
    assert (waiting["case_id"], waiting["status"]) == (case, "waiting")
    assert (
        city.post(f"/dispatch/cases/{case}/assignment", city.token("dispatcher")).status_code == 409
    )
    given = {"unit_id": OTHER, "note": "井盖属水务局"}
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher", given)
    assert told(city, case) == ("assigned", OTHER)
    answer(city, case, OTHER)
    assert told(city, case) == ("delivered", OTHER)
    assert due_citizen(city, case) == promised
    city.wait(days=10)
    late = [
        n for n in notices(city, case) if n[:2] in (("HANDLE", "breach"), ("CITIZEN", "breach"))
    ]
    assert late == []


def test_a_clerk_reads_why_the_head_did_not_countersign_until_it_is_proposed_anew(city: City) -> None:
    case = city.assigned()["case_id"]
    path = f"/dispatch/cases/{case}"
    city.do(f"{path}/assignment", "dispatcher", {"assists": [OTHER]})
    shown = f"{path}/dispute-proposal?purpose=handling"
    clerk = city.token("unit_clerk", unit_id=UNIT)
    city.do(f"{path}/dispute-proposals", "unit_clerk", DISPUTE | {"suggested_unit": OTHER}, unit_id=UNIT)
    assert city.get(shown, clerk).json()["withheld_at"] is None
    city.do(f"{path}/dispute-withholding", "unit_head", {"note": "属本单位职责"}, unit_id=UNIT)
    read = city.get(shown, clerk).json()
    assert (read["law_basis"], read["suggested_unit"]) == (DISPUTE["law_basis"], OTHER)
    assert (read["withheld_for"], read["withheld_at"] is None) == ("属本单位职责", False)
    assert city.get(f"/dispatch/units/{UNIT}/dispute-proposals", clerk).json() == []
    assert city.get(shown, city.token("unit_clerk", unit_id=OTHER)).json() is None
    assert city.get(shown, city.token("unit_clerk", unit_id="mc.shengtai")).status_code == 403
    city.do(f"{path}/dispute-proposals", "unit_clerk", DISPUTE, unit_id=UNIT)
    assert city.get(shown, clerk).json()["withheld_for"] is None


def test_a_head_is_told_until_when_to_countersign_and_after_it_the_proposal_has_lapsed(city: City) -> None:
    case = city.assigned()["case_id"]
    path, listed_ = f"/dispatch/cases/{case}", f"/dispatch/units/{UNIT}/dispute-proposals"
    city.do(f"{path}/dispute-proposals", "unit_clerk", DISPUTE, unit_id=UNIT)
    head = city.token("unit_head", unit_id=UNIT)
    (one,) = city.get(listed_, head).json()
    assert datetime.fromisoformat(one["countersign_until"]) == china("2026-03-04 00:00")
    assert not city.get(f"{path}/dispute-proposal?purpose=handling", head).json()["lapsed"]
    city.wait(days=2)
    assert city.get(listed_, head).json() == []
    assert city.get(f"{path}/dispute-proposal?purpose=handling", head).json()["lapsed"]
    for action, body in (("disputes", {}), ("dispute-withholding", {"note": "属本单位职责"})):
        late = city.post(f"{path}/{action}", head, body)
        assert (late.status_code, "ended at" in late.json()["detail"]) == (409, True)
    assert told(city, case) == ("assigned", UNIT)


def test_a_denied_dispute_leaves_the_unit_its_case_and_its_time(city: City, tmp_path: Path) -> None:
    case = city.assigned()["case_id"]
    dispute(city, case)
    city.wait(days=2)
    judge(city, case, outcome="denied", reason="属城管职责")
    assert told(city, case) == ("assigned", UNIT)
    again = city.post(
        f"/dispatch/cases/{case}/dispute-proposals", city.token("unit_clerk", unit_id=UNIT), DISPUTE
    )
    assert again.status_code == 409
    assert "BreachRetracted" not in history(tmp_path, case)
    assert ("SIGN", "breach", china("2026-03-03 10:00")) in notices(city, case)
    answer(city, case, UNIT)
    assert told(city, case) == ("delivered", UNIT)


def test_a_case_that_nobody_accepts_goes_to_a_meeting_and_up_to_the_government(
    city: City, tmp_path: Path
) -> None:
    case = city.assigned()["case_id"]
    promised = due_citizen(city, case)
    dispute(city, case)
    judge(city, case, **UPHELD)
    given = {"unit_id": OTHER, "note": "井盖属水务局"}
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher", given)
    dispute(city, case, OTHER, reason_code="other_lead")
    judge(city, case, **UPHELD | {"reason": "两家均不是主办"})
    parties = {"parties": [UNIT, OTHER], "question": "谁主办？"}
    city.do(f"/dispatch/cases/{case}/coordinations", "dispatcher", parties)
    assert told(city, case) == ("coordinating", None)
    result = f"/dispatch/cases/{case}/coordination-results"
    nobody = {"coordination_id": f"{case}.k1", "minutes": "未达成一致"}
    city.do(result, "coordinator", nobody)  # the establishment office is asked
    city.wait(days=4)  # its limit passes: the government is asked by itself
    (open_,) = city.get("/dispatch/coordinations", city.token("coordinator")).json()
    assert (open_["coordination_id"], open_["level"]) == (f"{case}.k3", "government")
    assert ("COORD", "breach", china("2026-03-06 00:00")) in notices(city, case)
    refused = nobody | {"coordination_id": f"{case}.k3"}
    assert city.post(result, city.token("coordinator"), refused).status_code == 409
    city.do(
        result, "coordinator", refused | {"lead": UNIT, "assists": [OTHER], "minutes": "市政府定"}
    )
    assert told(city, case) == ("accepted", None)
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
    assert told(city, case) == ("assigned", UNIT)
    assert (listed(city, UNIT), listed(city, OTHER)) == ([(case, "lead")], [(case, "assist")])
    assert due_citizen(city, case) == promised
    assert history(tmp_path, case).count("SupervisionIssued") == 1  # it has come to a third unit
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=OTHER)
    city.wait(days=4)
    answer(city, case, UNIT)
    late = {(step, what) for step, what, _ in notices(city, case) if what == "breach"}
    assert late >= {("CITIZEN", "breach"), ("COORD", "breach")}
    assert ("HANDLE", "breach") not in late  # the unit had five days of its own

    trace = f"/dispatch/cases/{case}/trace?purpose=coordination"
    entries = city.get(trace, city.token("coordinator")).json()
    city.settle()
    refusals = [
        (e["unit_id"], e["reason_code"]) for e in entries if e["fact"] == "AssignmentDisputed"
    ]
    assert refusals == [(UNIT, "not_our_duty"), (OTHER, "other_lead")]
    assert [e["law_basis"] for e in entries if e["law_basis"]] == ["三定规定第三条"] * 4
    assert [e["level"] for e in entries if e["level"]] == [
        "consultation",
        "establishment_office",
        "government",
    ]
    assert [e["minutes"] for e in entries if e["minutes"]] == ["未达成一致", "市政府定"]
    assert ("coordinator", "coordination") in {
        (k["role"], k["purpose"]) for k in looks(tmp_path, case)
    }


def test_a_unit_whose_head_whistles_gets_its_helpers_and_a_new_time(
    city: City, tmp_path: Path
) -> None:
    case = city.assigned()["case_id"]
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    city.wait(days=1)
    called = {"parties": [OTHER]}
    city.do(f"/dispatch/cases/{case}/coordinations", "unit_head", called, unit_id=UNIT)
    (open_,) = city.get("/dispatch/coordinations", city.token("coordinator")).json()
    assert (open_["level"], open_["parties"]) == ("whistle", [UNIT, OTHER])
    named = {"coordination_id": f"{case}.k1", "lead": UNIT, "assists": [OTHER], "minutes": "联办"}
    city.do(f"/dispatch/cases/{case}/coordination-results", "coordinator", named)
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
    answer(city, case, UNIT)
    city.wait(days=20)
    late = {(step, what) for step, what, _ in notices(city, case)}
    assert ("HANDLE", "breach") not in late
    assert history(tmp_path, case).count("CaseAssigned") == 3


def test_who_is_asked_to_help_and_need_not_is_let_go_while_the_lead_answers(
    city: City, tmp_path: Path
) -> None:
    case = city.assigned()["case_id"]
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher", {"assists": [OTHER]})
    dispute(city, case, OTHER)
    (waits,) = city.get("/dispatch/disputes", city.token("dispute_judge")).json()
    assert (waits["unit_id"], waits["role"]) == (OTHER, "assist")
    assert told(city, case) == ("assigned", UNIT), "the citizen's case is not in doubt"
    judge(city, case, **UPHELD, assignment_id=waits["assignment_id"])
    assert city.get("/dispatch/disputes", city.token("dispute_judge")).json() == []
    assert listed(city, OTHER) == []
    path = f"/feedback/cases/{case}/file?purpose=handling"
    assert city.get(path, city.token("unit_clerk", unit_id=OTHER)).status_code == 403
    answer(city, case, UNIT)
    assert told(city, case) == ("delivered", UNIT)
    late = {(step, what) for step, what, _ in notices(city, case) if what == "breach"}
    assert late == set()


def test_a_coordinator_reads_the_file_before_a_hold_is_approved_and_that_is_on_record(
    city: City, tmp_path: Path
) -> None:
    case = city.assigned()["case_id"]
    path = f"/feedback/cases/{case}/file?purpose=hold"
    read = city.get(path, city.token("coordinator"))
    assert read.json()["title"] == "垃圾无人清运"
    city.settle()
    assert ("coordinator", "hold") in {(k["role"], k["purpose"]) for k in looks(tmp_path, case)}
