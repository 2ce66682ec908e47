"""What the services make of published reference data: deadlines that move, cases that pass on."""

import asyncio
import copy
import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from libs.host.rebuild import rebuild
from libs.host.reference import published_rules
from libs.rules.reference import Reference, ReferenceKind
from libs.rules.sheets import render
from services.list import service_named
from tests.conftest import embedded
from tests.http.city import UNIT, City, open_city
from tests.journeys.files import history, log_rows
from tests.journeys.test_desk import answered, know
from tests.rebuild.town import derived
from tests.spec import china
from tests.whole import Clock

HEIR = "mc.yuanlin"
CHRISTMAS = china("2026-12-25 09:00")
"""A Friday: five working days from here lie beyond what is published."""


def put_file(city: City, kind: str, name: str, content: Any, **params: str) -> Any:
    """Publish a content as a file, as an officer would."""
    path = f"/reference/data/{kind}/{name}/editions"
    body = render(ReferenceKind(kind), content, "csv" if kind == "organisations" else "yaml")
    token = city.token("reference_officer")
    answer = city.request(
        "POST",
        path,
        params={"form": "csv" if kind == "organisations" else "yaml", "based_on": "0", "source": "令"}
        | params,
        content=body,
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex},
    )
    city.settle()
    return answer


def publish_2027(city: City, holidays: str, makeup: str = "") -> None:
    year = {"year": 2027, "holidays": holidays, "makeup": makeup, "source": "国办发明电", "incomplete": True}
    city.do("/reference/data/calendar/CN-GOV/years", "reference_officer", year)


def due_citizen(city: City, case: str) -> tuple[datetime, bool]:
    row = city.get(f"/intake/cases/{case}", city.token("operator")).json()
    return datetime.fromisoformat(row["due_citizen"]), row["due_provisional"]


def moved(root: Path, case: str) -> dict[str, dict[str, Any]]:

    facts = [json.loads(value) for _, value in log_rows(root, "case-events", case)]
    return {fact["timer"]: fact for fact in facts if "was_due_at" in fact}


def test_a_provisional_deadline_moves_later_when_the_year_is_published(tmp_path: Path) -> None:
    with open_city(tmp_path, clock=Clock(CHRISTMAS)) as city:
        case = city.assigned()["case_id"]
        assert due_citizen(city, case) == (china("2027-01-05 00:00"), True)
        city.wait(hours=1)
        publish_2027(city, "01-01..01-05")
        assert due_citizen(city, case) == (china("2027-01-07 00:00"), False)
        work = city.get(f"/feedback/units/{UNIT}/work", city.token("unit_clerk", unit_id=UNIT)).json()
        assert datetime.fromisoformat(work[0]["due_handle"]) == china("2027-01-07 00:00")
        city.wait(days=20)
        facts = moved(tmp_path, case)
        assert datetime.fromisoformat(facts["CITIZEN"]["occurred_at"]) == CHRISTMAS + (
            china("2026-12-25 10:00") - CHRISTMAS
        )
        types = history(tmp_path, case)
        assert types.index("DeadlineMoved") < types.index("DeadlineBreached")
        assert types.count("DeadlineMoved") == len(facts), "each clock once"


def test_the_time_to_rate_and_to_contest_is_shown_as_it_holds_now(tmp_path: Path) -> None:
    with open_city(tmp_path, clock=Clock(CHRISTMAS)) as city:
        know(city)
        desk, case = answered(city)["case_id"], city.delivered()["case_id"]

        def shown() -> list[datetime]:
            callee, operator = city.token("callback_agent"), city.token("operator")
            verdicts = [city.get(f"/evaluation/cases/{one}", callee).json() for one in (case, desk)]
            (queued,) = city.get("/evaluation/callbacks", callee).json()
            progress = city.get(f"/intake/cases/{desk}", operator).json()
            times = [one["evaluation_until"] for one in (*verdicts, queued)]
            return [datetime.fromisoformat(one) for one in (*times, progress["contest_until"])]

        assert shown() == [china("2027-01-26 00:00")] * 4  # thirty days, and the 24th is a Sunday
        city.wait(hours=1)
        publish_2027(city, "01-24..01-26")
        assert shown() == [china("2027-01-28 00:00")] * 4
        publish_2027(city, "01-01", "01-24")
        assert shown() == [china("2027-01-26 00:00")] * 4, "never before what was told"
        row = city.get(f"/evaluation/cases/{desk}", city.token("callback_agent")).json()
        city.wait(days=32)
        assert history(tmp_path, desk)[-1] == "CaseClosed"
        assert row["status"] == "short_way"


def due_handle(city: City) -> datetime:
    work = city.get(f"/feedback/units/{UNIT}/work", city.token("unit_clerk", unit_id=UNIT)).json()
    return datetime.fromisoformat(work[0]["due_handle"])


def test_a_day_that_was_granted_rolls_off_a_holiday_that_is_published_later(tmp_path: Path) -> None:
    with open_city(tmp_path, clock=Clock(CHRISTMAS)) as city:
        case = city.assigned()["case_id"]
        city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
        asked = {"reason": "等待配件", "new_due": "2027-01-12T00:00:00+08:00"}
        city.do(f"/feedback/cases/{case}/extensions", "unit_clerk", asked, unit_id=UNIT)
        granted = {"extension_id": f"{case}.x1", "outcome": "approved", "notice": "配件未到"}
        city.do(f"/feedback/cases/{case}/extension-decisions", "dispatcher", granted)
        assert due_handle(city) == china("2027-01-12 00:00")
        city.wait(hours=1)
        publish_2027(city, "01-01..01-05")
        assert due_handle(city) == china("2027-01-12 00:00"), "that day is worked as before"
        publish_2027(city, "01-01..01-12")
        assert due_handle(city) == china("2027-01-14 00:00")
        assert due_citizen(city, case)[0] == china("2027-01-14 00:00")
        city.wait(days=18, hours=20)
        reply = {"answers": [{"claim": 1, "outcome": "supported"}], "text": "已修"}
        city.do(f"/feedback/cases/{case}/replies", "unit_head", reply, unit_id=UNIT)
        city.do(f"/feedback/cases/{case}/approval", "auditor")
        facts = [json.loads(value) for _, value in log_rows(tmp_path, "case-events", case)]
        late = {f["timer"] for f in facts if "timer" in f and "threshold" not in f and "was_due_at" not in f}
        assert not {timer for timer in late if timer.startswith(("HANDLE", "CITIZEN"))}


def test_a_limit_that_a_pause_moved_is_counted_again_with_the_pause(tmp_path: Path) -> None:
    with open_city(tmp_path, clock=Clock(CHRISTMAS)) as city:
        case = city.assigned()["case_id"]
        city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
        stop = {"ground": "appraisal", "law_ref": "行政许可法第四十五条"}
        city.do(f"/feedback/cases/{case}/suspension-requests", "unit_head", stop, unit_id=UNIT)
        agreeing = f"/feedback/cases/{case}/clock-adjustment"
        city.do(agreeing, "auditor", {"adjustment_id": f"{case}.c1"})
        city.wait(days=4)
        city.do(f"/feedback/cases/{case}/resumption-requests", "unit_head", unit_id=UNIT)
        city.do(agreeing, "auditor", {"adjustment_id": f"{case}.c2"})
        before = due_handle(city)
        assert before == china("2027-01-07 00:00")
        city.wait(hours=1)
        publish_2027(city, "01-01..01-05")
        assert due_handle(city) == china("2027-01-09 00:00")


def test_a_deadline_never_moves_before_what_was_told(tmp_path: Path) -> None:
    with open_city(tmp_path, clock=Clock(CHRISTMAS)) as city:
        case = city.assigned()["case_id"]
        publish_2027(city, "01-02", makeup="")  # New Year's Day is worked: the limit would end earlier
        told, provisional = due_citizen(city, case)
        assert (told, provisional) == (china("2027-01-05 00:00"), False)
        fact = moved(tmp_path, case)["CITIZEN"]
        assert fact["due_at"] == fact["was_due_at"]
        assert datetime.fromisoformat(fact["warn_due_at"]) < told


def test_a_year_published_while_a_service_was_down_moves_what_it_finds_at_its_start(tmp_path: Path) -> None:
    with open_city(tmp_path, clock=Clock(CHRISTMAS)) as city:
        case = city.assigned()["case_id"]
    only = [service_named("reference")]
    with open_city(tmp_path, clock=Clock(CHRISTMAS), services=only) as city:
        publish_2027(city, "01-01..01-05")
    with open_city(tmp_path, clock=Clock(CHRISTMAS)) as city:
        city.whole.host.find("supervision").tick()
        city.wait(seconds=1)
        assert due_citizen(city, case)[0] == china("2027-01-07 00:00")


def test_a_merged_unit_s_cases_are_with_its_successor_everywhere(tmp_path: Path) -> None:
    shipped = Reference.shipped().current(ReferenceKind.ORGANISATIONS, "mingchuan")
    content = copy.deepcopy(dict(shipped or {}))
    content["version"] = "2"
    for unit in content["units"]:
        if unit["id"] == UNIT:
            unit |= {"dissolved": True, "successors": [{"unit": HEIR}]}
    with open_city(tmp_path) as city:
        case = city.assigned()["case_id"]
        city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
        other = city.register()["case_id"]
        advice = {"kind": "improve_work", "addressee": UNIT, "text": "完善清运巡查"}
        city.do(f"/supervision/cases/{other}/recommendations", "supervisor", advice)
        city.do(f"/supervision/cases/{case}/instructions", "leader", {"text": "尽快清运"})
        answer = put_file(city, "organisations", "mingchuan", content)
        assert answer.is_success, answer.text
        assert history(tmp_path, case)[-1] == "AssignmentPassedOn"
        head: dict[str, Any] = {"unit_id": HEIR}
        owed = city.get(f"/supervision/units/{HEIR}/duties", city.token("unit_head", **head)).json()
        assert {one["step"] for one in owed} == {"INSTRUCTION", "RECOMMENDATION"}
        seen = city.get(f"/supervision/cases/{other}/duties", city.token("unit_head", **head)).json()
        assert [one["id"] for one in seen] == [f"{other}.m1"]
        written = {"instruction_id": f"{case}.i1", "text": "已清运"}
        city.do(f"/supervision/cases/{case}/instruction-answers", "unit_head", written, **head)
        written = {"recommendation_id": f"{other}.m1", "outcome": "adopted", "reason": "照办"}
        city.do(f"/supervision/cases/{other}/recommendation-answers", "unit_head", written, **head)
        heir = city.token("unit_clerk", unit_id=HEIR)
        rows = city.get(f"/dispatch/units/{HEIR}/assignments", heir).json()
        assert [row["case_id"] for row in rows] == [case]
        reply = {
            "answers": [{"claim": 1, "outcome": "supported", "basis": "办法"}],
            "text": "已由园林局接续办理并清运。",
        }
        former = city.token("unit_head", unit_id=UNIT)
        assert city.post(f"/feedback/cases/{case}/replies", former, reply).status_code == 409
        city.do(f"/feedback/cases/{case}/replies", "unit_head", reply, unit_id=HEIR)
        progress = city.get(f"/intake/cases/{case}", city.token("operator")).json()
        assert progress["unit_id"] == HEIR


def test_a_file_with_mistakes_is_refused_with_each_line_and_changes_nothing(tmp_path: Path) -> None:
    shipped = Reference.shipped().current(ReferenceKind.ORGANISATIONS, "mingchuan")
    content = copy.deepcopy(dict(shipped or {}))
    content["version"] = "2"
    content["units"] = [u for u in content["units"] if u["id"] != UNIT]
    with open_city(tmp_path) as city:
        answer = put_file(city, "organisations", "mingchuan", content)
        assert answer.status_code == 422
        assert UNIT in answer.text
        editions = city.get("/reference/editions", city.token("reference_officer")).json()
        assert editions == []


def test_an_edition_made_from_an_older_one_is_refused(tmp_path: Path) -> None:
    content = {"adoptions": [{"adcode": "9901", "policy_id": "shandong", "effective_from": "2026-01-01"}]}
    with open_city(tmp_path) as city:
        assert put_file(city, "adoptions", "mingchuan", content).is_success
        content["adoptions"].append(
            {"adcode": "990102", "policy_id": "wuhan-7wd", "effective_from": "2026-01-01"}
        )
        late = put_file(city, "adoptions", "mingchuan", content, source="另一件")
        assert late.status_code == 409
        assert "Edition 1" in late.text
        assert put_file(city, "adoptions", "mingchuan", content, based_on="1").is_success


def test_each_district_follows_the_pack_that_it_has_adopted(tmp_path: Path) -> None:
    content = {
        "adoptions": [
            {"adcode": "990102", "policy_id": "wuhan-7wd", "effective_from": "2020-01-01"},
            {"adcode": "990103", "policy_id": "shandong", "effective_from": "2020-01-01"},
        ]
    }
    with open_city(tmp_path) as city:
        assert put_file(city, "adoptions", "mingchuan", content).is_success
        dues = {}
        for adcode in ("990102", "990103"):
            case = city.assigned(adcode=adcode)["case_id"]
            dues[adcode] = due_citizen(city, case)[0]
        assert dues["990102"] == china("2026-03-12 00:00")  # seven working days
        assert dues["990103"] == china("2026-03-10 00:00")  # five


def test_a_discipline_organ_s_reports_pass_to_no_other_unit(tmp_path: Path) -> None:
    shipped = Reference.shipped().current(ReferenceKind.ORGANISATIONS, "mingchuan")
    content = copy.deepcopy(dict(shipped or {}))
    content["version"] = "2"
    for unit in content["units"]:
        if unit["id"] == "mc.jiwei":
            unit |= {"dissolved": True, "successors": [{"unit": "mc.gov"}]}
    with open_city(tmp_path) as city:
        answer = put_file(city, "organisations", "mingchuan", content)
        assert answer.status_code == 422
        assert "mc.gov is no discipline organ, as mc.jiwei was" in answer.text


def test_a_proposed_year_waits_for_a_person_whatever_else_is_published(tmp_path: Path) -> None:
    notice = "一、元旦：2027年1月1日（周五）放假。五、劳动节：5月1日至2日放假。"
    with open_city(tmp_path) as city:
        path = "/reference/data/calendar/CN-GOV"
        city.do(f"{path}/proposals", "reference_officer", {"year": 2027, "notice": notice})
        correction = {"year": 2026, "holidays": "01-01", "source": "更正", "incomplete": True}
        city.do(f"{path}/years", "reference_officer", correction)
        officer = city.token("reference_officer")
        (waiting,) = city.get("/reference/proposals", officer).json()
        assert waiting["holidays"].startswith("01-01")
        confirm = {"proposal_id": waiting["id"], "source": "国办发明电"}
        assert "statutory" in city.post(f"{path}/confirmations", officer, confirm).text
        city.do(f"{path}/confirmations", "reference_officer", confirm | {"incomplete": True})
        assert city.get("/reference/proposals", officer).json() == []
        reference = city.whole.host.find("intake").world.rules.calendars["CN-GOV"]
        assert reference.last_year == 2027


def test_reference_itself_is_rebuilt_from_the_log(tmp_path: Path) -> None:

    with open_city(tmp_path) as city:
        path = "/reference/data/calendar/CN-GOV"
        notice = "一、元旦：2027年1月1日（周五）放假。"
        city.do(f"{path}/proposals", "reference_officer", {"year": 2027, "notice": notice})
        publish_2027(city, "01-01..01-05")
        city.do(f"{path}/proposals", "reference_officer", {"year": 2028, "notice": notice.replace("27", "28")})
        (waiting,) = city.get("/reference/proposals", city.token("reference_officer")).json()
        reject = {"proposal_id": waiting["id"], "reason": "不是通知"}
        city.do(f"{path}/rejections", "reference_officer", reject)
    settings, service = embedded(tmp_path), service_named("reference")
    before = derived(settings, service)
    rules = asyncio.run(published_rules(settings))
    done = asyncio.run(rebuild(service, settings, rules))
    assert done.folded == 4
    assert derived(settings, service) == before
