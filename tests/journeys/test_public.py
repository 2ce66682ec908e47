"""What everybody may read, who must not see a case, and how it is kept when all is over."""

from pathlib import Path
from typing import Any

import pytest

from tests.http.city import UNIT, City
from tests.journeys.files import files_with
from tests.journeys.steps import call_back, citizen, progress, rate

NAME, PHONE = "欧阳晓明", "13900001234"
TEXT = {
    "title": "垃圾清运",
    "question": "小区门口的垃圾三天没有清运，何时处理？",
    "answer": "已安排清运，今后每日一次。",
    "concerns_minor": False,
}


def closed(city: City, **message: Any) -> dict[str, Any]:
    """A case that was answered, called back, rated and closed: its receipt."""
    said = {"consent_publish": True, "name": NAME, "phone": PHONE} | message
    receipt = city.delivered(**said)
    case, token = receipt["case_id"], citizen(city, receipt)
    call_back(city, case)
    for target in ("intake", "handling"):
        assert rate(city, token, case, target) == 200
    assert progress(city, token, case)["status"] == "closed"
    return receipt


def propose(city: City, case: str, name: str = "auditor-1", **more: Any) -> Any:
    path = f"/intake/cases/{case}/redactions"
    answer = city.post(path, city.token("auditor", name), TEXT | more)
    city.settle()
    return answer


def approve(city: City, case: str, name: str, number: int = 1, **who: Any) -> Any:
    path = f"/intake/cases/{case}/redaction-approvals"
    body = {"redaction_id": f"{case}.p{number}"}
    answer = city.post(path, city.token("auditor", name, **who), body)
    city.settle()
    return answer


def publish(city: City, case: str, number: int = 1) -> str:
    """Made by one auditor and let out by another: the id on the public page."""
    assert propose(city, case).is_success
    assert approve(city, case, "auditor-2", number).is_success
    queue = "/intake/publications?publicity=published&limit=500"
    rows = city.get(queue, city.token("auditor")).json()
    (found,) = [row["publication_id"] for row in rows if row["case_id"] == case]
    return str(found)


def public(city: City, query: str = "?size=100") -> list[dict[str, Any]]:
    """What anybody reads, without a token."""
    answer = city.request("GET", f"/intake/published{query}")
    assert answer.headers["Cache-Control"] == "no-store"
    found: list[dict[str, Any]] = answer.json()
    return found


def status(city: City, publication_id: str) -> int:
    return city.request("GET", f"/intake/published/{publication_id}").status_code


def test_anybody_reads_what_two_auditors_let_out_and_nothing_leads_to_the_case(city: City) -> None:
    receipt = closed(city)
    number = publish(city, receipt["case_id"])
    (entry,) = [one for one in public(city) if one["publication_id"] == number]
    assert (entry["title"], entry["question"], entry["answer"]) == (
        TEXT["title"],
        TEXT["question"],
        TEXT["answer"],
    )
    assert (entry["unit_id"], entry["published_on"]) == (UNIT, "2026-03-02")
    one = city.request("GET", f"/intake/published/{number}")
    for secret in (receipt["case_id"], receipt["receipt_no"], receipt["query_code"], NAME, PHONE):
        assert secret not in one.text
    shown = city.get(f"/intake/cases/{receipt['case_id']}/publication", citizen(city, receipt))
    assert shown.json()["publication_id"] == number


def test_a_published_reply_becomes_an_entry_that_answers_at_the_desk_until_a_newer_one_does(
    city: City,
) -> None:
    """知识库 (features S19): from what was published, approved by a second person, in editions, searched."""
    number = publish(city, closed(city)["case_id"])
    page = city.request("GET", f"/intake/published/{number}").json()
    path, officer = "/reference/knowledge/waste-collection", "reference_officer"
    entry = {
        "question": page["question"],
        "answer": page["answer"],
        "category": "0107",
        "unit": page["unit_id"],
        "sources": ["城市生活垃圾管理办法"],
        "valid_until": "2027-03-01T00:00:00+08:00",
        "from_publication": number,
    }
    city.do(f"{path}/proposals", officer, entry, name="ref-1")
    operator = city.token("operator")
    assert city.get("/reference/knowledge?q=垃圾清运", operator).json() == [], "nobody has approved it"
    city.do(f"{path}/approvals", officer, {"proposal_id": "waste-collection.1"}, name="ref-2")
    (found,) = city.get("/reference/knowledge?q=垃圾几天清运一次", operator).json()
    assert (found["from_publication"], found["answer"]) == (number, TEXT["answer"])
    newer = entry | {"answer": "每日清运两次。"}
    city.do(f"{path}/proposals", officer, newer, name="ref-1")
    city.do(f"{path}/approvals", officer, {"proposal_id": "waste-collection.2"}, name="ref-2")
    case = city.register(kind="K1", title="垃圾清运", text="请问垃圾多久清运一次？")["case_id"]
    desk = f"/intake/cases/{case}/desk-answer"
    used = {"entry": "waste-collection", "edition": found["edition"]}
    said = {"text": "每日清运两次。", "mode": "phone", "category": "0107"}
    old = city.post(desk, operator, said | {"entries": [used]})
    assert (old.status_code, "edition 2" in old.json()["detail"]) == (409, True)
    (found,) = city.get("/reference/knowledge?q=垃圾清运", operator).json()
    assert (found["edition"], found["answer"]) == (2, "每日清运两次。")
    city.do(desk, "operator", said | {"entries": [used | {"edition": 2}]})


def test_the_public_list_is_read_by_category_by_unit_and_by_page(city: City) -> None:
    numbers = [publish(city, closed(city)["case_id"]) for _ in range(3)]
    pages = [public(city, f"?size=1&page={page}")[0]["publication_id"] for page in (1, 2, 3)]
    assert len(set(pages)) == 3
    for query in ("?category=01&size=100", f"?unit_id={UNIT}&size=100", "?category=0107&size=100"):
        assert set(numbers) <= {one["publication_id"] for one in public(city, query)}
    assert public(city, "?category=02") == public(city, "?unit_id=mc.shuiwu") == []
    assert city.request("GET", "/intake/published?category=%25").status_code == 422


@pytest.mark.parametrize(
    ("field", "words"),
    [("question", f"请联系 {PHONE}"), ("answer", "身份证号 11010119900307001X")],
)
def test_a_text_with_a_number_in_it_is_refused_by_its_field(
    city: City, field: str, words: str
) -> None:
    answer = propose(city, closed(city)["case_id"], **{field: words})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [f"body.{field}"]
    assert PHONE not in answer.text


def test_a_bare_name_that_no_scan_can_know_is_found_by_what_the_citizen_gave(city: City) -> None:
    answer = propose(city, closed(city)["case_id"], question="欧阳 晓明家门口的垃圾何时清运？")
    assert answer.status_code == 409
    assert "question: repeats the name" in answer.json()["detail"]
    assert "晓明" not in answer.text


def test_the_one_who_made_the_text_and_the_unit_do_not_let_it_out(city: City) -> None:
    case = closed(city)["case_id"]
    assert propose(city, case).is_success
    assert approve(city, case, "auditor-1").status_code == 409
    assert approve(city, case, "auditor-3", unit_id=UNIT).status_code == 409
    reader = city.token("auditor", "auditor-2")
    waiting = city.get("/intake/publications?publicity=redaction_review", reader).json()
    assert case in [row["case_id"] for row in waiting]
    draft = city.get(f"/intake/cases/{case}/publication", reader).json()
    assert draft["question"] == TEXT["question"]
    assert approve(city, case, "auditor-2").is_success


def test_a_withdrawn_consent_takes_the_text_away_at_once(city: City) -> None:
    receipt = closed(city)
    case, token = receipt["case_id"], citizen(city, receipt)
    number = publish(city, case)
    assert city.post(f"/intake/cases/{case}/consent-end", token, {}).is_success
    city.settle()
    assert status(city, number) == 404
    assert propose(city, case).status_code == 409
    assert city.post(f"/intake/cases/{case}/consent", token, {}).is_success
    assert publish(city, case, 2) != number


def test_erasure_takes_the_published_copy_with_the_case(city: City) -> None:
    case = closed(city)["case_id"]
    number = publish(city, case)
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", {"ground": "citizen_request"})
    assert status(city, number) == 404
    assert number not in str(public(city))


def test_a_published_text_lies_nowhere_in_clear(city: City, tmp_path: Path) -> None:
    case = closed(city)["case_id"]
    assert propose(city, case, question="独特的问句究竟何时处理？").is_success
    assert approve(city, case, "auditor-2").is_success
    city.settle()
    assert any(one["question"] == "独特的问句究竟何时处理？" for one in public(city))
    assert files_with(tmp_path, ["独特的问句究竟何时处理？"]) == {}


def test_publishing_changes_no_figure(city: City) -> None:
    case = closed(city)["case_id"]
    analyst = city.token("analyst")
    before = city.get("/analytics/totals", analyst).json()
    publish(city, case)
    assert city.get("/analytics/totals", analyst).json() == before


def test_a_report_on_an_official_is_never_published(city: City) -> None:
    """Not even looked for: the restricted realm has nothing that could be public."""
    assert city.request("GET", "/restricted/intake/published").json() == []


# --------------------------------------------------------------------- when all is over


def keeping(city: City, case: str, token: str) -> dict[str, Any]:
    found: dict[str, Any] = city.get(f"/intake/cases/{case}/keeping", token).json()
    return found


def words(city: City, case: str, role: str = "operator", purpose: str = "handling") -> Any:
    return city.get(f"/intake/cases/{case}/words?purpose={purpose}", city.token(role)).json()


def test_a_case_is_put_away_by_itself_and_its_time_comes_to_the_privacy_officers_list(
    city: City,
) -> None:
    receipt = closed(city)
    case = receipt["case_id"]
    city.wait(days=91)
    token = citizen(city, receipt)
    assert progress(city, token, case)["seen"] == "已归档"
    kept = keeping(city, case, token)
    assert kept["retain_until"].startswith("2036-03-02T16:00")
    officer = city.token("privacy_officer")
    assert city.get("/intake/retention", officer).json() == []
    city.wait(days=2 * 365)
    (due,) = city.get("/intake/retention", officer).json()
    assert (due["case_id"], due["retention_class"]) == (case, "hotline")


def test_name_and_number_are_gone_for_ever_while_the_words_stay(city: City) -> None:
    receipt = closed(city)
    case = receipt["case_id"]
    officer = city.token("privacy_officer")
    vault = city.whole.host.worlds[""].vault
    assert len(vault.read([case, f"{case}/contact"])) == 2
    erasure = {"ground": "citizen_request"}
    assert city.post(f"/intake/cases/{case}/contact-erasure", officer, erasure).is_success
    city.settle()
    assert vault.read([case, f"{case}/contact"]).keys() == {case}
    assert words(city, case)["title"] == "垃圾无人清运"
    assert keeping(city, case, citizen(city, receipt))["contact_erased_at"] is not None
    assert propose(city, case, question="欧阳晓明家的垃圾何时清运？").is_success  # nobody knows it now


def test_a_legal_hold_closes_the_words_instead_and_the_citizen_is_told(city: City) -> None:
    receipt = closed(city)
    case = receipt["case_id"]
    number = publish(city, case)
    hold = {"ground": "court", "reference": "明川区人民法院调查令"}
    city.do(f"/intake/cases/{case}/legal-hold", "privacy_officer", hold)
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", {"ground": "citizen_request"})
    assert status(city, number) == 404, "to be stored is not to be shown"
    token = citizen(city, receipt)
    seen = keeping(city, case, token)
    assert (seen["restricted"], seen["hold"], seen["hold_reference"]) == ("legal_hold", "court", None)
    assert words(city, case)["title"] is None
    for service, path in (("feedback", "file"), ("feedback", "reply")):
        answer = city.get(f"/{service}/cases/{case}/{path}?purpose=look", city.token("auditor"))
        assert answer.json()["text"] is None
    path = f"/intake/cases/{case}/closed-words"
    officer = city.token("privacy_officer")
    assert city.get(f"{path}?purpose=curiosity", officer).status_code == 422
    assert city.get(f"{path}?purpose=court", officer).json()["title"] == "垃圾无人清运"
    city.do(f"/intake/cases/{case}/legal-hold-end", "privacy_officer")
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", {"ground": "citizen_request"})
    assert city.get(f"{path}?purpose=court", officer).json()["title"] is None
    assert keeping(city, case, token)["erased_at"] is not None


def test_words_that_are_not_closed_are_not_for_the_privacy_officer_to_read(city: City) -> None:
    case = closed(city)["case_id"]
    path = f"/intake/cases/{case}/closed-words?purpose=court"
    assert city.get(path, city.token("privacy_officer")).status_code == 409
