"""How a case ends before it is answered, and how it is taken up anew, as citizen, unit and desk see it."""

from pathlib import Path
from typing import Any

from tests.http.city import REPLY, UNIT, City
from tests.journeys.files import history
from tests.journeys.steps import at, call_back, citizen, progress, rate, verdict
from tests.journeys.test_deadlines import notices
from tests.spec import china

WHY = {"reason": "已起诉", "alternative_channel": "人民法院", "remedy": "可以上诉"}


def counts(city: City) -> dict[str, int]:
    """How many cases stand where, without the zeroes."""
    found = city.get("/analytics/totals", city.token("analyst")).json()["counts"]
    return {name: count for name, count in found.items() if count}


def ask(city: City, path: str, token: str, body: dict[str, Any] | None = None) -> int:
    """A command that may be refused."""
    status: int = city.post(path, token, body).status_code
    city.settle()
    return status


def unit_has(city: City) -> list[str]:
    """The cases that the unit has on its list at dispatch."""
    clerk = city.token("unit_clerk", unit_id=UNIT)
    return [r["case_id"] for r in city.get(f"/dispatch/units/{UNIT}/assignments", clerk).json()]


def answered(city: City, case: str) -> None:
    """The unit signs and answers, an auditor approves."""
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY, unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/approval", "auditor")


def closed(city: City, **message: Any) -> dict[str, Any]:
    """A case that was answered, called back, rated and so closed."""
    receipt = city.delivered(**message)
    call_back(city, receipt["case_id"])
    for target in ("intake", "handling"):
        assert rate(city, citizen(city, receipt), receipt["case_id"], target) == 200
    assert progress(city, citizen(city, receipt), receipt["case_id"])["status"] == "closed"
    return receipt


# ---------------------------------------------------------------------------------- withdrawn


def test_a_citizen_withdraws_thinks_again_and_withdraws_for_good(
    city: City, tmp_path: Path
) -> None:
    receipt = city.assigned()
    case, token = receipt["case_id"], citizen(city, receipt)
    path = f"/intake/cases/{case}/withdrawal"
    assert ask(city, path, token) == 200
    city.wait(hours=20)
    shown = progress(city, token, case)
    assert (shown["status"], shown["seen"]) == ("assigned", "已转承办单位")
    assert shown["withdrawal"]["seconds_left"] == 4 * 3600
    assert at(shown["withdrawal"]["cooling_end"]) == china("2026-03-03 09:00")
    by = shown["withdrawal"]["words"], shown["withdrawal"]["source"]
    assert by == ("24小时", "平台默认，待运营单位确认")
    assert ask(city, f"{path}-cancellation", token) == 200
    city.wait(days=1)
    shown = progress(city, token, case)
    assert (shown["status"], shown["withdrawal"]) == ("assigned", None)

    assert ask(city, path, token) == 200
    city.wait(hours=24)
    shown = progress(city, token, case)
    assert (shown["status"], shown["seen"], shown["withdrawal"]) == ("withdrawn", "已撤回", None)
    assert at(shown["ended_at"]) == china("2026-03-05 05:00")
    assert unit_has(city) == []
    clerk = city.token("unit_clerk", unit_id=UNIT)
    assert ask(city, f"/dispatch/cases/{case}/signature", clerk) == 409
    before = notices(city, case)
    city.wait(days=30)
    assert notices(city, case) == before
    assert "CITIZEN" not in {step for step, _, _ in before}
    assert history(tmp_path, case).count("CaseWithdrawn") == 1
    assert counts(city)["withdrawn"] == 1
    assert ask(city, path, token) == 409


def test_a_case_that_was_never_accepted_is_withdrawn_like_any_other(city: City) -> None:
    receipt = city.register()
    case, token = receipt["case_id"], citizen(city, receipt)
    city.do(f"/intake/cases/{case}/withdrawal", "operator", {"via": "phone"})
    city.wait(hours=25)
    assert progress(city, token, case)["status"] == "withdrawn"
    accepted = ask(city, f"/intake/cases/{case}/acceptance", city.token("acceptor"), {})
    assert accepted == 409
    assert city.get("/intake/cases", city.token("acceptor")).json() == []
    assert city.get("/dispatch/cases", city.token("dispatcher")).json() == []


def test_what_a_unit_says_of_the_citizens_wish_waits_for_an_independent_call(
    city: City, tmp_path: Path
) -> None:
    receipt = city.assigned()
    case, token = receipt["case_id"], citizen(city, receipt)
    clerk = city.token("unit_clerk", unit_id=UNIT)
    assert ask(city, f"/intake/cases/{case}/withdrawal", clerk) == 403
    city.do(f"/intake/cases/{case}/withdrawals-passed-on", "unit_clerk", unit_id=UNIT)
    city.wait(days=2)
    shown = progress(city, token, case)
    assert (shown["status"], shown["withdrawal"]["unconfirmed"]) == ("assigned", True)
    (waits,) = city.get("/intake/withdrawals", city.token("callback_agent")).json()
    assert (waits["case_id"], waits["withdrawal_through"]) == (case, UNIT)
    confirm = f"/intake/cases/{case}/withdrawal-confirmation"
    assert ask(city, confirm, city.token("callback_agent", unit_id=UNIT)) == 409
    city.do(confirm, "callback_agent")
    assert city.get("/intake/withdrawals", city.token("callback_agent")).json() == []
    assert progress(city, token, case)["status"] == "assigned"  # the citizen may think again
    city.wait(hours=24)
    assert progress(city, token, case)["status"] == "withdrawn"
    assert history(tmp_path, case).count("CaseWithdrawn") == 1
    assert (counts(city)["withdrawn"], counts(city)["withdrawal_passed_on"]) == (1, 1)


# --------------------------------------------------------------------------------- terminated


def test_two_persons_end_a_case_and_the_citizen_reads_why_and_what_remains(
    city: City, tmp_path: Path
) -> None:
    receipt = city.assigned()
    case, token = receipt["case_id"], citizen(city, receipt)
    city.do(f"/dispatch/cases/{case}/terminations", "dispatcher", {"ground": "D02", **WHY})
    assert progress(city, token, case)["status"] == "assigned"
    (waits,) = city.get("/dispatch/terminations", city.token("auditor")).json()
    assert (waits["case_id"], waits["termination_ground"]) == (case, "D02")
    trace = f"/dispatch/cases/{case}/trace?purpose=audit"
    read = city.get(trace, city.token("auditor")).json()[-1]
    assert (read["fact"], read["reason"]) == ("TerminationProposed", "已起诉")
    approve = f"/dispatch/cases/{case}/termination-approval"
    assert ask(city, approve, city.token("auditor", name="dispatcher-1")) == 409
    city.do(approve, "auditor")
    shown = progress(city, token, case)
    assert (shown["status"], shown["seen"], shown["ground"]) == ("terminated", "终止办理", "D02")
    words = city.get(f"/intake/cases/{case}/words?purpose=own_case", token).json()
    assert (words["reason"], words["alternative"], words["remedy"]) == tuple(WHY.values())
    assert unit_has(city) == []
    assert city.get("/dispatch/terminations", city.token("auditor")).json() == []
    city.wait(days=30)
    late = {(step, what) for step, what, _ in notices(city, case)}
    assert late == set()
    assert counts(city)["terminated"] == 1
    assert "SupervisionIssued" not in history(tmp_path, case)


def test_a_citizen_who_has_the_answer_keeps_it(city: City) -> None:
    case = city.submitted()["case_id"]
    wish = {"ground": "D02", **WHY}
    path = f"/dispatch/cases/{case}/terminations"
    assert ask(city, path, city.token("dispatcher"), wish) == 409
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    assert ask(city, path, city.token("dispatcher"), wish) == 409


# ----------------------------------------------------------------------------------- reopened


def test_a_closed_case_is_taken_up_anew_and_goes_its_whole_way_again(
    city: City, tmp_path: Path
) -> None:
    receipt = closed(city)
    case = receipt["case_id"]
    first = verdict(city, case)
    assert counts(city)["closed"] == 1
    city.wait(days=10)
    reason = {"reason": "又堆满了垃圾"}
    assert ask(city, f"/intake/cases/{case}/reopening-requests", citizen(city, receipt), reason) == 200
    (waits,) = city.get("/intake/reopenings", city.token("acceptor")).json()
    assert (waits["case_id"], waits["status"]) == (case, "closed")
    words = city.get(f"/intake/cases/{case}/words?purpose=handling", city.token("acceptor")).json()
    assert words["reopening_reason"] == "又堆满了垃圾"
    city.do(f"/intake/cases/{case}/reopening", "acceptor", {"ground": "new_facts", **reason})

    shown = progress(city, citizen(city, receipt), case)
    assert (shown["status"], shown["round"], shown["delivered_at"]) == ("accepted", 1, None)
    assert (shown["unit_id"], shown["reopening_asked_at"]) == (None, None)
    assert at(shown["due_citizen"]) == china("2026-03-20 00:00")  # five working days from now
    assert city.get("/intake/reopenings", city.token("acceptor")).json() == []
    now = counts(city)
    assert (now.get("closed"), now.get("resolved"), now["reopened"]) == (None, None, 1)
    old = city.get(f"/feedback/cases/{case}/reply?purpose=own_case", citizen(city, receipt)).json()
    assert old["text"] == REPLY["text"]  # what was answered can still be read
    (waiting,) = city.get("/dispatch/cases", city.token("dispatcher")).json()
    assert (waiting["case_id"], waiting["status"]) == (case, "waiting")

    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
    assert unit_has(city) == [case]
    answered(city, case)
    call_back(city, case)
    again = verdict(city, case)
    assert (again["rated_handling"], again["attempts"]) == (None, 1)
    for target in ("intake", "handling"):
        assert rate(city, citizen(city, receipt), case, target) == 200
    again = verdict(city, case)
    assert (again["status"], again["closed_at"] > first["closed_at"]) == ("closed", True)
    ids = [name for name in history(tmp_path, case) if name in ("CaseClosed", "CaseReopened")]
    assert ids == ["CaseClosed", "CaseReopened", "CaseClosed"]
    assert (counts(city)["closed"], counts(city)["reopened"]) == (1, 1)


def test_in_the_new_round_the_old_ones_lateness_is_nobodys(city: City, tmp_path: Path) -> None:
    receipt = city.assigned()
    case = receipt["case_id"]
    city.wait(days=12)  # nobody acts, and much is missed
    missed = len(notices(city, case))
    assert ask(city, f"/intake/cases/{case}/withdrawal", citizen(city, receipt)) == 200
    city.wait(days=2)
    assert city.get("/supervision/overdue", city.token("supervisor")).json() == []
    assert history(tmp_path, case).count("SupervisionIssued") > 0
    body = {"ground": "officer_error", "reason": "当时没有人联系"}
    city.do(f"/intake/cases/{case}/reopening", "acceptor", body)
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
    assert city.get("/supervision/overdue", city.token("supervisor")).json() == []
    answered(city, case)
    city.wait(days=1)
    assert len(notices(city, case)) == missed
    assert progress(city, citizen(city, receipt), case)["status"] == "delivered"


def test_what_is_not_taken_up_anew_is_answered_with_a_reason(city: City) -> None:
    receipt = closed(city)
    case, token = receipt["case_id"], citizen(city, receipt)
    body = {"reason": "我不同意"}
    assert ask(city, f"/intake/cases/{case}/reopening-requests", token, body) == 200
    refusal = {"reason": "没有新情况", "remedy": "可以申请行政复议"}
    city.do(f"/intake/cases/{case}/reopening-refusal", "acceptor", refusal)
    shown = progress(city, token, case)
    assert (shown["status"], shown["reopening_asked_at"]) == ("closed", None)
    words = city.get(f"/intake/cases/{case}/words?purpose=own_case", token).json()
    assert (words["notice"], words["remedy"]) == ("没有新情况", "可以申请行政复议")


def test_whose_words_are_erased_is_not_taken_up_anew(city: City) -> None:
    receipt = city.register()
    case = receipt["case_id"]
    assert ask(city, f"/intake/cases/{case}/withdrawal", citizen(city, receipt)) == 200
    city.wait(hours=24)
    erase = {"ground": "citizen_request"}
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", erase)
    body = {"ground": "new_facts", "reason": "有新情况", "category": "0107"}
    assert ask(city, f"/intake/cases/{case}/reopening", city.token("acceptor"), body) == 409
