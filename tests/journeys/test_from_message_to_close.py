"""One case from the citizen's message to its end, over HTTP, with the clock in hand."""

from pathlib import Path

from tests.http.city import MESSAGE, REPLY, UNIT, City
from tests.journeys.files import history, looks
from tests.journeys.steps import at, call_back, citizen, progress, rate, verdict
from tests.spec import china


def test_a_case_goes_its_way_and_closes_when_a_silent_citizens_window_is_over(
    city: City, tmp_path: Path
) -> None:
    receipt = city.do("/intake/cases", "channel", MESSAGE)
    case, token = receipt["case_id"], citizen(city, receipt)
    assert progress(city, token, case)["status"] == "registered"
    assert at(progress(city, token, case)["due_accept"]) == china("2026-03-04 00:00")
    words = city.get(f"/intake/cases/{case}/words?purpose=acceptance", city.token("acceptor"))
    assert words.json()["text"] == MESSAGE["text"]

    city.do(f"/intake/cases/{case}/acceptance", "acceptor", {"category": "0107"})
    assert progress(city, token, case)["status"] == "accepted"
    assert at(progress(city, token, case)["due_citizen"]) == china("2026-03-10 00:00")
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
    assert progress(city, token, case)["unit_id"] == UNIT
    city.wait(hours=1)
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    assert progress(city, token, case)["status"] == "handling"
    spoken = {"mode": "phone", "reached": True}
    city.do(f"/feedback/cases/{case}/contacts", "unit_clerk", spoken, unit_id=UNIT)
    city.wait(hours=2)
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY, unit_id=UNIT)
    assert progress(city, token, case)["status"] == "handling"  # not before it is approved
    reply = f"/feedback/cases/{case}/reply?purpose=own_case"
    assert city.get(reply, token).json()["text"] is None
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    assert progress(city, token, case)["status"] == "delivered"
    assert city.get(reply, token).json()["text"] == REPLY["text"]

    city.wait(days=1)
    call_back(city, case)
    city.wait(days=28)
    assert verdict(city, case)["status"] == "called"
    city.wait(days=2)
    closed = verdict(city, case)
    assert (closed["status"], closed["outcome"]) == ("closed", "resolved")
    assert at(closed["closed_at"]) == china("2026-04-02 00:00")
    assert progress(city, token, case)["status"] == "closed"
    assert rate(city, token, case, "handling") == 409
    assert history(tmp_path, case) == [
        "CaseRegistered",
        "CaseClassified",
        "CaseClassified",
        "CaseAccepted",
        "CaseAssigned",
        "AssignmentSigned",
        "CitizenContacted",
        "ReplySubmitted",
        "ReplyApproved",
        "ReplyDelivered",
        "CallbackRecorded",
        "CaseClosed",
    ]
    assert [(look["role"], look["purpose"]) for look in looks(tmp_path, case)] == [
        ("acceptor", "acceptance"),
        ("citizen", "own_case"),
    ]


def test_a_case_closes_at_once_when_it_was_called_back_and_rated(city: City) -> None:
    receipt = city.delivered()
    case, token = receipt["case_id"], citizen(city, receipt)
    city.wait(hours=3)
    assert rate(city, token, case, "intake") == 200
    assert rate(city, token, case, "handling") == 200
    assert verdict(city, case)["closed_at"] is None  # nobody has called back yet
    city.wait(hours=1)
    call_back(city, case)
    assert at(verdict(city, case)["closed_at"]) == city.whole.clock.at


def test_a_citizen_whom_three_calls_did_not_reach_is_waited_for_until_the_window_is_over(
    city: City,
) -> None:
    case = city.delivered()["case_id"]
    for _ in range(3):
        city.wait(hours=4)
        call_back(city, case, reached=False)
    city.wait(days=31)
    assert verdict(city, case)["outcome"] == "unreachable"
    assert at(verdict(city, case)["closed_at"]) == china("2026-04-02 00:00")


def test_a_returned_reply_goes_back_to_the_unit_and_its_time_has_run_on(
    city: City, tmp_path: Path
) -> None:
    case = city.submitted()["case_id"]
    city.wait(days=6)  # Sunday: amber has passed meanwhile, but the reply is under review
    clocks = f"/supervision/cases/{case}/clocks"
    supervisor = city.token("supervisor")

    def handle() -> list[str]:
        notices = city.get(clocks, supervisor).json()["notices"]
        return [n["threshold"] for n in notices if n["timer"].startswith("HANDLE")]

    assert handle() == []
    returned = {"reason": "perfunctory", "note": "请说明具体措施"}
    city.do(f"/feedback/cases/{case}/return", "auditor", returned)
    work = city.get(f"/feedback/units/{UNIT}/work", city.token("unit_clerk", unit_id=UNIT)).json()
    assert [(w["case_id"], w["return_reason"]) for w in work] == [(case, "perfunctory")]
    city.wait(minutes=1)
    assert handle() == ["amber"]
    amber = next(
        n for n in city.get(clocks, supervisor).json()["notices"] if "HANDLE" in n["timer"]
    )
    assert at(amber["stated_for"]) == china("2026-03-06 18:00")
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY, unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    replies = [t for t in history(tmp_path, case) if t.startswith("Reply")]
    submitted, delivered = ["ReplySubmitted"], ["ReplyApproved", "ReplyDelivered"]
    assert replies == [*submitted, "ReplyReturned", *submitted, *delivered]


def test_the_answer_to_a_caller_is_brought_by_a_person(city: City) -> None:
    case = city.submitted(channel="phone_12345")["case_id"]
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    assert verdict(city, case)["delivered_at"] is None
    city.do(f"/feedback/cases/{case}/delivery", "operator", {"mode": "phone"})
    assert verdict(city, case)["status"] == "to_call"


def test_a_declined_citizen_is_told_ground_reason_and_remedy(city: City, tmp_path: Path) -> None:
    receipt = city.register()
    case, token = receipt["case_id"], citizen(city, receipt)
    body: dict[str, object] = {"ground": "D15", "reason": "属于民事纠纷。", "remedy": "可以提起诉讼"}
    body |= {"evidence": ["contract-1"]}
    body |= {"alternative_channel": "人民法院"}
    city.do(f"/intake/cases/{case}/decline", "acceptor", body)
    told = progress(city, token, case)
    assert (told["status"], told["ground"]) == ("declined", "D15")
    words = city.get(f"/intake/cases/{case}/words?purpose=own_case", token).json()
    assert (words["reason"], words["remedy"]) == ("属于民事纠纷。", "可以提起诉讼")
    city.wait(days=60)
    assert "DeadlineBreached" not in history(tmp_path, case)


def test_a_referred_citizen_is_told_where_and_nothing_more_falls_due(
    city: City, tmp_path: Path
) -> None:
    receipt = city.register()
    case = receipt["case_id"]
    body = {"ground": "D03", "organ": "仲裁委员会", "channel": "窗口", "remedy": "一年内申请"}
    city.do(f"/intake/cases/{case}/referral", "acceptor", body)
    token = citizen(city, receipt)
    told = progress(city, token, case)
    assert (told["status"], told["ground"]) == ("referred", "D03")
    words = city.get(f"/intake/cases/{case}/words?purpose=own_case", token).json()
    assert words["remedy"] == "一年内申请"
    answer = city.post(f"/dispatch/cases/{case}/assignment", city.token("dispatcher"))
    assert answer.status_code == 409
    city.wait(days=60)
    assert history(tmp_path, case)[-1] == "CaseReferred"


def test_a_petition_stays_open_while_the_level_above_looks_at_it(city: City) -> None:
    receipt = city.assigned(category="0204", title="征收补偿", text="对房屋征收补偿不满。")
    case, unit = receipt["case_id"], "mc.zhujian"
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=unit)
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY, unit_id=unit)
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    call_back(city, case, resolved="no")
    token = citizen(city, receipt)
    asked = city.post(f"/evaluation/cases/{case}/reviews", token, {"text": "补偿过低"})
    assert asked.status_code == 200
    for target in ("intake", "handling"):
        assert rate(city, token, case, target) == 200
    city.wait(days=40)
    government = {"unit_id": "mc.gov"}
    queue = city.get("/evaluation/reviews", city.token("review_officer", **government)).json()
    assert [row["case_id"] for row in queue] == [case]
    accepted = {"review_id": f"{case}.v1"}
    city.do(f"/evaluation/cases/{case}/review-acceptance", "review_officer", accepted, **government)
    decision = {"review_id": f"{case}.v1", "outcome": "uphold", "doc": "明复查〔2026〕1号"}
    handler = city.token("review_officer", unit_id=unit)
    path = f"/evaluation/cases/{case}/review-decisions"
    assert city.post(path, handler, decision).status_code == 409
    assert verdict(city, case)["closed_at"] is None
    city.do(path, "review_officer", decision, **government)
    assert at(verdict(city, case)["closed_at"]) == city.whole.clock.at
