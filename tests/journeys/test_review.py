"""A petition's way to 三级终结, and what the level above revokes, over HTTP, with the clock in hand."""

from pathlib import Path
from typing import Any

from tests.http.city import REPLY, City
from tests.journeys.files import history, looks
from tests.journeys.steps import at, call_back, citizen, progress, rate, verdict
from tests.spec import china

UNIT = "mc.zhujian"
GOVERNMENT = {"unit_id": "mc.gov"}
PROVINCE = {"unit_id": "province", "name": "rev-2"}


def answered_petition(city: City) -> tuple[str, str]:
    """A petition that was answered and called back: the case and its citizen's token."""
    receipt = city.assigned(category="0204", title="征收补偿", text="对房屋征收补偿不满。")
    case = receipt["case_id"]
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    answer(city, case)
    call_back(city, case, resolved="no")
    return case, citizen(city, receipt)


def answer(city: City, case: str) -> None:
    """The unit answers, and an auditor lets it go out."""
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY, unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/approval", "auditor")


def ask(city: City, case: str, token: str) -> None:
    """The citizen asks the level above to look again."""
    asked = city.post(f"/evaluation/cases/{case}/reviews", token, {"text": "补偿过低"})
    assert asked.is_success, asked.text
    city.settle()


def officer(city: City, case: str, step: str, body: dict[str, Any], **who: Any) -> Any:
    """An officer takes a step of a review."""
    return city.do(f"/evaluation/cases/{case}/{step}", "review_officer", body, **who)


def queue(city: City, **who: Any) -> list[str]:
    """The cases whose review waits for an organ."""
    rows = city.get("/evaluation/reviews", city.token("review_officer", **who)).json()
    return [row["case_id"] for row in rows]


def warned(city: City, case: str, step: str) -> list[str]:
    """What was stated about a step's clock."""
    clocks = city.get(f"/supervision/cases/{case}/clocks", city.token("supervisor")).json()
    return [n["threshold"] for n in clocks["notices"] if n["timer"].startswith(step)]


def test_a_petition_goes_through_review_hearing_and_re_review_to_its_final_end(
    city: City, tmp_path: Path
) -> None:
    case, token = answered_petition(city)
    for target in ("intake", "handling"):
        assert rate(city, token, case, target) == 200
    assert verdict(city, case)["status"] == "closed"
    assert at(verdict(city, case)["review_until"]) == china("2026-04-02 00:00")
    city.wait(days=20)  # Sunday, 22 March: a closed petition can still be reviewed
    ask(city, case, token)
    first = f"{case}.v1"
    read = f"/evaluation/cases/{case}/review?purpose=review"
    assert city.get(read, city.token("review_officer", **PROVINCE)).status_code == 409
    told = city.get(read, city.token("review_officer", **GOVERNMENT)).json()
    assert (told["text"], told["state"]) == ("补偿过低", "requested")
    assert (queue(city, **GOVERNMENT), queue(city, **PROVINCE)) == ([case], [])
    officer(city, case, "review-acceptance", {"review_id": first}, **GOVERNMENT)

    city.wait(days=9)
    officer(city, case, "hearings", {"review_id": first}, **GOVERNMENT)
    city.wait(days=20)
    assert warned(city, case, "REVIEW") == []  # the clock stands still
    minutes = {"review_id": first, "minutes": "听证笔录"}
    officer(city, case, "hearing-minutes", minutes, **GOVERNMENT)
    assert at(verdict(city, case)["review_due"]) == china("2026-05-12 00:00")
    city.wait(days=15)
    assert warned(city, case, "REVIEW") == ["amber"]
    decision = {"review_id": first, "outcome": "uphold", "doc": "明政复查〔2026〕1号"}
    officer(city, case, "review-decisions", decision, **GOVERNMENT)

    ask(city, case, token)
    second = f"{case}.v2"
    assert (queue(city, **GOVERNMENT), queue(city, **PROVINCE)) == ([], [case])
    officer(city, case, "review-acceptance", {"review_id": second}, **PROVINCE)
    decision = {"review_id": second, "outcome": "uphold", "doc": "省复核〔2026〕9号"}
    officer(city, case, "review-decisions", decision, **PROVINCE)
    confirm = f"/evaluation/cases/{case}/review-confirmations"
    proposal = {"review_id": second, "proposal_id": f"{second}.p1"}
    same = city.token("review_officer", **PROVINCE)
    assert city.post(confirm, same, proposal).status_code == 409
    city.do(confirm, "review_officer", proposal, name="rev-3", unit_id="province")

    found = verdict(city, case)
    assert (found["final"], found["review_id"], found["review_until"]) == (True, None, None)
    refused = city.post(f"/evaluation/cases/{case}/reviews", token, {"text": "仍不服"})
    assert (refused.status_code, "三级终结" in refused.text) == (409, True)
    assert progress(city, token, case)["status"] == "finalised"
    words = city.get(f"/evaluation/cases/{case}/review?purpose=own_case", token).json()
    assert [(one["level"], one["doc"]) for one in words["opinions"]] == [
        (1, "明政复查〔2026〕1号"),
        (2, "省复核〔2026〕9号"),
    ]
    assert words["opinions"][0]["hearing_days"] == 20
    city.settle()
    assert ("citizen", "own_case") in [(o["role"], o["purpose"]) for o in looks(tmp_path, case)]


def test_what_the_level_above_revokes_is_done_again_and_answered_anew(
    city: City, tmp_path: Path
) -> None:
    case, token = answered_petition(city)
    for target in ("intake", "handling"):
        assert rate(city, token, case, target) == 200
    assert verdict(city, case)["status"] == "closed"
    ask(city, case, token)
    assert progress(city, token, case)["status"] == "in_review"
    review = {"review_id": f"{case}.v1"}
    officer(city, case, "review-acceptance", review, **GOVERNMENT)
    revoked = review | {"outcome": "revoke", "doc": "1号", "opinion": "事实不清，应重新调查。"}
    officer(city, case, "review-decisions", revoked, **GOVERNMENT)
    assert progress(city, token, case)["status"] == "rework"
    work = city.get(f"/feedback/units/{UNIT}/work", city.token("unit_clerk", unit_id=UNIT)).json()
    assert [row["case_id"] for row in work] == [case]

    city.wait(days=5)  # the limit to do it again was three working days
    assert "breach" in warned(city, case, "REWORK")
    answer(city, case)
    assert progress(city, token, case)["status"] == "delivered"
    call_back(city, case)
    assert rate(city, token, case, "handling") == 200
    assert verdict(city, case)["status"] == "closed"
    ends = [name for name in history(tmp_path, case) if name in ("ReworkOrdered", "CaseClosed")]
    assert ends == ["CaseClosed", "ReworkOrdered", "CaseClosed"]


def test_who_asks_too_late_is_told_so_by_an_officer_with_what_remains(city: City) -> None:
    case, token = answered_petition(city)
    city.wait(days=40)
    ask(city, case, token)
    assert verdict(city, case)["review_in_time"] is False
    review = {"review_id": f"{case}.v1"}
    accept = f"/evaluation/cases/{case}/review-acceptance"
    assert city.post(accept, city.token("review_officer", **GOVERNMENT), review).status_code == 409
    told = review | {"reason": "已逾三十日。", "remedy": "可以依法申请行政复议。"}
    officer(city, case, "review-decline", told, **GOVERNMENT)
    words = city.get(f"/evaluation/cases/{case}/review?purpose=own_case", token).json()
    (opinion,) = words["opinions"]
    assert (opinion["outcome"], opinion["doc"]) == ("declined", "可以依法申请行政复议。")
    assert progress(city, token, case)["status"] == "closed"


def test_a_finally_reviewed_petition_is_not_taken_up_again(city: City) -> None:
    case, token = answered_petition(city)
    for level, who in ((1, GOVERNMENT), (2, PROVINCE)):
        ask(city, case, token)
        review = {"review_id": f"{case}.v{level}"}
        officer(city, case, "review-acceptance", review, **who)
        officer(city, case, "review-decisions", review | {"outcome": "uphold", "doc": "1号"}, **who)
    proposal = {"review_id": f"{case}.v2", "proposal_id": f"{case}.v2.p1"}
    officer(city, case, "review-confirmations", proposal, unit_id="province", name="rev-3")
    city.wait(days=40)
    assert verdict(city, case)["status"] == "closed"
    assert progress(city, token, case)["status"] == "finalised"
    order = {"reason": "false_reply"}
    path = f"/evaluation/cases/{case}/reworks"
    assert city.post(path, city.token("supervisor"), order).status_code == 409


def test_what_was_revoked_after_the_closing_counts_as_closed_no_more(city: City) -> None:
    case, token = answered_petition(city)
    for target in ("intake", "handling"):
        assert rate(city, token, case, target) == 200

    def closed() -> int:
        totals = city.get("/analytics/totals", city.token("analyst")).json()
        found: int = totals["counts"]["closed"]
        return found

    assert closed() == 1
    ask(city, case, token)
    review = {"review_id": f"{case}.v1"}
    officer(city, case, "review-acceptance", review, **GOVERNMENT)
    officer(
        city, case, "review-decisions", review | {"outcome": "revoke", "doc": "1号"}, **GOVERNMENT
    )
    assert closed() == 0
