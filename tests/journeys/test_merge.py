"""Several citizens, one matter: the cases are merged, one unit answers once, each reads it by the own code."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.list import service_named
from tests.http.city import REPLY, UNIT, City
from tests.journeys.files import files_with, history, log_rows, looks
from tests.journeys.steps import call_back, citizen, progress, rate
from tests.journeys.test_deadlines import notices
from tests.rebuild.town import derived, rebuild_aside
from tests.spec import china

ADVERT = {"title": "地铁广告不妥", "text": "地铁站里的广告很不妥当，请撤下。"}
SHARED = {"read_by_others": True}


def merge(city: City, case: str, into: str) -> Any:
    """A dispatcher says that it is the same matter."""
    body = {"into": into, "reason": "同一广告"}
    return city.do(f"/intake/cases/{case}/merger", "dispatcher", body)


def answer_of(city: City, receipt: dict[str, Any]) -> dict[str, Any]:
    """What a citizen reads who shows the own receipt and code."""
    path = f"/feedback/cases/{receipt['case_id']}/reply?purpose=own_case"
    found: dict[str, Any] = city.get(path, citizen(city, receipt)).json()
    city.settle()
    return found


def replied(city: City, case: str) -> None:
    """The unit signs and hands in its answer."""
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY, unit_id=UNIT)


def group(city: City, case: str) -> tuple[str, list[str]]:
    """Which case leads, and which follow, as a dispatcher sees it."""
    found = city.get(f"/intake/cases/{case}/group", city.token("dispatcher")).json()
    return found["lead"]["case_id"], sorted(one["case_id"] for one in found["followers"])


def relations(root: Path, case: str) -> list[str]:
    """What a case has said of its links, in the log's order."""
    values = [json.loads(value) for _, value in log_rows(root, "case-events", case)]
    return [value["relation"] for value in values if "relation" in value]


def test_several_citizens_by_phone_and_letter_are_one_event_and_each_is_answered(
    city: City, tmp_path: Path
) -> None:
    """Scenario 2 of the features: Chengdu's metro advertisement."""
    first = city.assigned(channel="phone_12345", **ADVERT)
    others = [city.register(channel=c, **ADVERT) for c in ("letter", "phone_12345", "letter")]
    lead = first["case_id"]
    for other in others:
        merge(city, other["case_id"], lead)
    assert group(city, lead) == (lead, sorted(other["case_id"] for other in others))
    assert group(city, others[1]["case_id"])[0] == lead

    for other in others:
        seen = progress(city, citizen(city, other), other["case_id"])
        assert (seen["seen"], seen["lead_seen"]) == ("一并办理", "已转承办单位")
        assert seen["unit_id"] == UNIT
        assert seen["due_citizen"] is not None
        assert (seen["handled_with"], seen["followers"]) == (None, None)
        assert lead not in str(seen)
        assert first["receipt_no"] not in str(seen)
    file = f"/feedback/cases/{lead}/file?purpose=handling"
    assert city.get(file, city.token("unit_clerk", unit_id=UNIT)).json()["followers"] == 3
    (work,) = city.get(f"/dispatch/units/{UNIT}/assignments", city.token("dispatcher")).json()
    assert (work["case_id"], work["followers"]) == (lead, 3)

    replied(city, lead)
    approval = f"/feedback/cases/{lead}/approval"
    (waits,) = city.get("/feedback/replies", city.token("auditor")).json()
    assert waits["followers"] == 3
    refused = city.post(approval, city.token("auditor"))
    assert refused.status_code == 409
    assert "3 citizens" in refused.json()["detail"]
    assert answer_of(city, others[0])["text"] is None
    city.do(approval, "auditor", SHARED)
    city.do(f"/feedback/cases/{lead}/delivery", "operator", {"mode": "phone"})
    for one in (first, *others):
        assert answer_of(city, one)["text"] == REPLY["text"]
    assert [k["role"] for k in looks(tmp_path, lead)].count("citizen") == 4

    call_back(city, lead)
    for target in ("intake", "handling"):
        rate(city, citizen(city, first), lead, target)
    city.settle()
    assert progress(city, citizen(city, first), lead)["status"] == "closed"
    for other in others:
        case = other["case_id"]
        seen = progress(city, citizen(city, other), case)
        assert (seen["status"], seen["lead_status"]) == ("merged", "closed")
        assert seen["ended_at"] is not None
        assert answer_of(city, other)["text"] == REPLY["text"]
        assert relations(tmp_path, case) == ["merged_into", "concluded"]
    assert relations(tmp_path, lead) == ["leads"] * 3 + ["concludes"] * 3
    totals = city.get("/analytics/totals", city.token("analyst")).json()["counts"]
    assert (totals["registered"], totals["merged"], totals["closed"]) == (4, 3, 1)
    assert (totals["assigned"], totals["delivered"]) == (1, 1)
    assert files_with(tmp_path, ["同一广告", "很不妥当"]) == {}


def instructed(city: City, receipt: dict[str, Any]) -> list[tuple[str, str | None]]:
    """What a citizen is told of what leaders wrote."""
    path = f"/supervision/cases/{receipt['case_id']}/clocks"
    told = city.get(path, citizen(city, receipt)).json()["instructed"]
    return [(one["seen"], one["words"]) for one in told]


def test_the_citizens_of_the_merged_cases_know_what_a_leader_wrote_on_the_one_that_leads(
    city: City, tmp_path: Path
) -> None:
    """What is about the lead alone may name its citizen; what is about all is read by all (批示)."""
    first = city.assigned(channel="phone_12345", **ADVERT)
    letter, alone = city.register(channel="letter", **ADVERT), city.register(**ADVERT)
    for one in (letter, alone):
        merge(city, one["case_id"], first["case_id"])
    path = f"/supervision/cases/{first['case_id']}/instructions"
    for said in (
        {"text": "给来电人回电", "shown": True},
        {"text": "立即停播，逐一答复", "shown": True, "cluster": True},
        {"text": "追责", "cluster": True},
        {"kind": "progress", "text": "进展如何", "shown": True, "cluster": True},
    ):
        city.do(path, "leader", said)
    seen = "领导已批示"
    assert instructed(city, first) == [
        (seen, "给来电人回电"),
        (seen, "立即停播，逐一答复"),
        (seen, None),
    ]
    assert instructed(city, letter) == [(seen, None), (seen, "立即停播，逐一答复"), (seen, None)]
    city.settle()
    assert [look["purpose"] for look in looks(tmp_path, first["case_id"])] == ["own_case"] * 2
    assert looks(tmp_path, letter["case_id"]) == []
    clocks = city.get(f"/supervision/cases/{letter['case_id']}/clocks", city.token("supervisor"))
    assert [one["words"] for one in clocks.json()["instructed"]] == [None] * 3
    assert first["case_id"] not in clocks.text

    token = citizen(city, alone)
    body = {"reason": "是另一个站"}
    assert city.post(f"/intake/cases/{alone['case_id']}/merger-end", token, body).is_success
    city.settle()
    assert instructed(city, alone) == []


def test_2_a_leaders_word_ends_the_advertisement_for_all_who_complained_of_it(
    city: City, tmp_path: Path
) -> None:
    """Scenario 2 of the features: by phone and letter, one event, 立即整改，举一反三, closed in a day."""
    first = city.assigned(channel="phone_12345", **ADVERT)
    lead, began = first["case_id"], city.whole.clock.at
    others = [city.register(channel=c, **ADVERT) for c in ("letter", "phone_12345")]
    for one in others:
        merge(city, one["case_id"], lead)
    path = f"/supervision/cases/{lead}"
    said = {"text": "立即整改，举一反三", "similar": True, "shown": True, "cluster": True}
    city.do(f"{path}/instructions", "leader", said)
    city.wait(hours=3)
    head: dict[str, Any] = {"unit_id": UNIT}
    answers = [{"instruction_id": f"{lead}.i1", "text": "已停播"}]
    answers.append({"instruction_id": f"{lead}.i1.similar", "text": "另撤下两处", "found": "2"})
    for answer in answers:
        city.do(f"{path}/instruction-answers", "unit_head", answer, **head)
    replied(city, lead)
    city.do(f"/feedback/cases/{lead}/approval", "auditor", SHARED)
    city.do(f"/feedback/cases/{lead}/delivery", "operator", {"mode": "phone"})
    call_back(city, lead)
    for target in ("intake", "handling"):
        rate(city, citizen(city, first), lead, target)
    city.settle()
    for one in (first, *others):
        assert instructed(city, one) == [("领导已批示", "立即整改，举一反三")]
        assert answer_of(city, one)["text"] == REPLY["text"]
        assert progress(city, citizen(city, one), one["case_id"])["ended_at"] is not None
    assert city.whole.clock.at - began < timedelta(days=1)
    trace = city.get(f"{path}/duties?purpose=handling", city.token("supervisor")).json()
    assert [(one["kind"], one["words"], one["found"]) for one in trace] == [
        ("instruct", "立即整改，举一反三", None),
        ("similar", "立即整改，举一反三", 2),
    ]
    assert files_with(tmp_path, ["立即整改", "另撤下两处"]) == {}


def test_who_follows_a_case_is_put_away_with_it_and_not_before(city: City, tmp_path: Path) -> None:
    """The lead is a petition under review: until that is decided, the follower's answer may change too."""
    lead, mine = city.assigned(category="0204", title="征收补偿"), city.register()
    into, case, token = lead["case_id"], mine["case_id"], citizen(city, mine)
    merge(city, case, into)
    city.do(f"/dispatch/cases/{into}/signature", "unit_clerk", unit_id="mc.zhujian")
    city.do(f"/feedback/cases/{into}/replies", "unit_head", REPLY, unit_id="mc.zhujian")
    city.do(f"/feedback/cases/{into}/approval", "auditor", SHARED)
    call_back(city, into, resolved="no")
    for target in ("intake", "handling"):
        rate(city, citizen(city, lead), into, target)
    city.settle()
    assert relations(tmp_path, case) == ["merged_into", "concluded"]
    city.wait(days=20)
    asked = city.post(f"/evaluation/cases/{into}/reviews", citizen(city, lead), {"text": "不服"})
    assert asked.is_success
    review, officer = {"review_id": f"{into}.v1"}, {"unit_id": "mc.gov"}
    city.do(f"/evaluation/cases/{into}/review-acceptance", "review_officer", review, **officer)
    city.wait(days=85)
    later = city.register()
    assert "CaseArchived" not in history(tmp_path, into) + history(tmp_path, case)
    assert progress(city, token, case)["status"] == "merged"
    decided = review | {"outcome": "uphold", "doc": "明政复查〔2026〕1号"}
    city.do(f"/evaluation/cases/{into}/review-decisions", "review_officer", decided, **officer)
    city.wait(days=60)
    merge(city, city.register()["case_id"], later["case_id"])  # intake has something to do
    assert history(tmp_path, into)[-1] == "CaseArchived"
    assert history(tmp_path, case)[-1] == "CaseArchived"
    seen = progress(city, token, case)
    assert (seen["status"], seen["seen"]) == ("archived", "已归档")
    keeping = [
        city.get(f"/intake/cases/{one}/keeping", city.token("inspector")).json()
        for one in (into, case)
    ]
    assert keeping[0]["archived_at"] == keeping[1]["archived_at"]
    assert [one["retention_class"] for one in keeping] == ["xinfang", "hotline"]
    refused = city.post(f"/intake/cases/{case}/merger-end", token, {"reason": "是另一处"})
    assert "archived" in refused.json()["detail"]
    settings = city.whole.host.settings
    live = derived(settings, service_named("intake"))

    async def rebuilt() -> None:
        await rebuild_aside("intake", settings)

    city.runner.run(rebuilt())
    assert derived(settings, service_named("intake")) == live


def test_the_same_request_by_12345_and_message_board_is_one_case_with_one_assignment(
    city: City, tmp_path: Path
) -> None:
    """Scenario 10 of the features: integration of the entries (多头重复交办)."""
    board = city.assigned(channel="board_local")
    phone = city.assigned(
        channel="phone_12345"
    )  # dispatched before anybody saw that it is the same
    city.do(f"/dispatch/cases/{phone['case_id']}/signature", "unit_clerk", unit_id=UNIT)
    merge(city, phone["case_id"], board["case_id"])
    rows = city.get(f"/dispatch/units/{UNIT}/assignments", city.token("dispatcher")).json()
    assert [row["case_id"] for row in rows] == [board["case_id"]]
    contact = f"/feedback/cases/{phone['case_id']}/contacts"
    clerk = city.token("unit_clerk", unit_id=UNIT)
    assert city.post(contact, clerk, {"mode": "phone", "reached": True}).status_code == 409
    replied(city, board["case_id"])
    city.do(f"/feedback/cases/{board['case_id']}/approval", "auditor", SHARED)
    for one in (board, phone):
        assert answer_of(city, one)["text"] == REPLY["text"]
    assert history(tmp_path, phone["case_id"]).count("ReplyDelivered") == 0
    totals = city.get("/analytics/totals", city.token("analyst")).json()["counts"]
    assert (totals["registered"], totals["assigned"], totals["delivered"]) == (2, 1, 1)


def test_a_citizen_who_says_that_it_is_another_matter_goes_on_with_the_own_due_date(
    city: City, tmp_path: Path
) -> None:
    lead, mine = city.assigned(), city.assigned()
    case, token = mine["case_id"], citizen(city, mine)
    promised = progress(city, token, case)["due_citizen"]
    merge(city, case, lead["case_id"])
    city.wait(days=1)
    body = {"reason": "是另一个站"}
    assert city.post(f"/intake/cases/{case}/merger-end", token, body).status_code == 200
    city.settle()
    seen = progress(city, token, case)
    assert (seen["status"], seen["unit_id"]) == ("accepted", None)
    assert seen["due_citizen"] == promised
    assert group(city, lead["case_id"]) == (lead["case_id"], [])
    assert relations(tmp_path, lead["case_id"]) == ["leads", "released"]
    again = {"into": lead["case_id"], "reason": "同一广告"}
    refused = city.post(f"/intake/cases/{case}/merger", city.token("dispatcher"), again)
    assert "citizen said" in refused.json()["detail"]
    city.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
    replied(city, case)
    city.do(f"/feedback/cases/{case}/approval", "auditor")
    assert answer_of(city, mine)["text"] == REPLY["text"]
    assert answer_of(city, lead)["text"] is None


def test_each_citizens_own_due_date_is_kept_or_missed_by_itself(city: City) -> None:
    early = city.assigned()
    city.wait(days=2)
    late = city.assigned()
    lead, case = late["case_id"], early["case_id"]
    merge(city, case, lead)
    due = progress(city, citizen(city, early), case)["due_citizen"]
    assert due < progress(city, citizen(city, late), lead)["due_citizen"]
    city.wait(days=30)
    missed = [at for step, what, at in notices(city, lead) if (step, what) == ("CITIZEN", "breach")]
    assert sorted(missed) == [china("2026-03-10 00:00"), china("2026-03-12 00:00")]
    assert "CITIZEN" not in {step for step, what, _ in notices(city, case) if what == "breach"}


def test_who_followed_a_case_that_is_declined_goes_on_alone(city: City, tmp_path: Path) -> None:
    lead, mine = city.register(), city.register(channel="letter")
    case, into = mine["case_id"], lead["case_id"]
    merge(city, case, into)
    declined = {"ground": "D15", "reason": "民事", "alternative_channel": "法院", "remedy": "起诉"}
    declined |= {"evidence": ["e-1"]}
    city.do(f"/intake/cases/{into}/decline", "acceptor", declined)
    assert relations(tmp_path, case) == ["merged_into", "unmerged"]
    assert progress(city, citizen(city, mine), case)["status"] == "registered"
    words = city.get(f"/intake/cases/{case}/words?purpose=own_case", citizen(city, mine)).json()
    assert words["link_reason"] == "主件不再合并办理，本件继续单独办理。"
    city.do(f"/intake/cases/{case}/acceptance", "acceptor", {"category": "0107"})


def test_an_answer_that_was_approved_for_one_reader_waits_until_it_is_approved_for_all(
    city: City,
) -> None:
    lead, mine = city.submitted(channel="phone_12345"), city.register()
    city.do(f"/feedback/cases/{lead['case_id']}/approval", "auditor")
    merge(city, mine["case_id"], lead["case_id"])
    delivery = f"/feedback/cases/{lead['case_id']}/delivery"
    refused = city.post(delivery, city.token("operator"), {"mode": "phone"})
    assert "approve it again" in refused.json()["detail"]
    (waits,) = city.get("/feedback/replies", city.token("auditor")).json()
    assert waits["case_id"] == lead["case_id"]
    city.do(f"/feedback/cases/{lead['case_id']}/approval", "auditor", SHARED)
    city.do(delivery, "operator", {"mode": "phone"})
    assert answer_of(city, mine)["text"] == REPLY["text"]


@pytest.mark.parametrize("status", ["answered", "merged", "ended", "unknown", "itself"])
def test_a_case_that_cannot_lead_is_named_so_at_once(city: City, status: str) -> None:
    case = city.register()["case_id"]
    into, words = "0190c0de-0000-5000-8000-000000000009", "主件不存在"
    match status:
        case "answered":
            into, words = city.delivered()["case_id"], "主件已答复"
        case "merged":
            into, words = city.register()["case_id"], "主件已并入其他件"
            merge(city, into, city.register()["case_id"])
        case "ended":
            into, words = city.register()["case_id"], "主件已办结或终止"
            ended = {"ground": "D02", "organ": "法院", "channel": "诉讼", "remedy": "起诉"}
            city.do(f"/intake/cases/{into}/referral", "acceptor", ended)
        case "itself":
            into, words = case, "not merged into itself"
    body = {"into": into, "reason": "同一广告"}
    refused = city.post(f"/intake/cases/{case}/merger", city.token("dispatcher"), body)
    assert refused.status_code == 409
    assert words in refused.json()["detail"]


def test_a_report_on_an_official_is_never_merged_with_anything(city: City) -> None:
    officer = city.token("dispatcher", realm="restricted")
    report, other = (city.register("restricted")["case_id"] for _ in range(2))
    here = city.register()["case_id"]
    body = {"into": other, "reason": "同一人"}
    refused = city.post(f"/restricted/intake/cases/{report}/merger", officer, body)
    assert "不得并件" in refused.json()["detail"]
    across = {"into": report, "reason": "同一人"}
    refused = city.post(f"/intake/cases/{here}/merger", city.token("dispatcher"), across)
    assert "主件不存在" in refused.json()["detail"]


def test_a_related_case_is_seen_from_both_sides_and_nothing_else_changes(city: City) -> None:
    here, there = city.register()["case_id"], city.register()["case_id"]
    body = {"other_case": there, "reason": "同一施工"}
    city.do(f"/intake/cases/{here}/relations", "acceptor", body)
    for case, other in ((here, there), (there, here)):
        found = city.get(f"/intake/cases/{case}/group", city.token("dispatcher")).json()
        assert [one["case_id"] for one in found["related"]] == [other]
        assert found["lead"]["status"] == "registered"
    unknown = body | {"other_case": "0190c0de-0000-5000-8000-000000000009"}
    refused = city.post(f"/intake/cases/{here}/relations", city.token("dispatcher"), unknown)
    assert refused.status_code == 409
    assert "other_case" in refused.json()["detail"]
