"""How a case begins, over HTTP: to whom was written, by whom for whom, known to whom; and who declines it."""

import pytest

from tests.http.city import UNIT, City
from tests.journeys.steps import citizen

DECLINING = {
    "reason": "同一事项已答复",
    "alternative_channel": "12345",
    "remedy": "可申请复查",
    "evidence": ["case-of-2025"],
}


def test_a_letter_to_a_district_is_of_that_district_and_counted_by_its_mailbox(city: City) -> None:
    letter = {"channel": "mailbox_county", "mailbox": "m-mc.yunxi"}
    cases = [city.register(**letter)["case_id"] for _ in range(5)]
    (waiting,) = [
        row
        for row in city.get("/intake/cases", city.token("acceptor", adcode="990102")).json()
        if row["case_id"] == cases[0]
    ]
    assert waiting["adcode"] == "990102"
    city.do(f"/intake/cases/{cases[0]}/acceptance", "acceptor", {"category": "9901"})
    city.do(f"/dispatch/cases/{cases[0]}/assignment", "dispatcher")
    assert city.get(f"/intake/cases/{cases[0]}", city.token("operator")).json()["unit_id"] == "mc.yunxi"
    boxes = city.get("/analytics/totals/mailboxes", city.token("analyst")).json()
    assert boxes["counts"]["m-mc.yunxi"]["registered"] == 5
    channels = city.get("/analytics/totals/channels", city.token("analyst")).json()
    assert channels["counts"]["mailbox_county"]["registered"] == 5


def test_a_daughter_files_for_her_father_and_both_stay_unknown_to_the_log(city: City) -> None:
    filed = {"name": "父亲甲", "phone": "13800000001", "proxy": "child", "proxy_name": "女儿乙"}
    receipt = city.register(**filed, proxy_phone="13900000002")
    words = city.get(
        f"/intake/cases/{receipt['case_id']}/words?purpose=own_case", citizen(city, receipt)
    )
    assert words.json()["title"] == "垃圾无人清运"


@pytest.mark.parametrize("mode", ["confidential", "anonymous"])
def test_a_unit_works_for_who_is_hidden_without_learning_who_it_is(city: City, mode: str) -> None:
    text = "我叫李某某，电话13800000001，住3号楼2单元401室，垃圾三天没有人清运。"
    case = city.assigned(identity_mode=mode, text=text)["case_id"]
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    clerk = city.token("unit_clerk", unit_id=UNIT)
    seen = city.get(f"/feedback/cases/{case}/file?purpose=handling", clerk).json()
    assert "垃圾三天没有人清运" in seen["text"]
    for secret in ("李某某", "13800000001", "401"):
        assert secret not in str(seen)
    called = {"mode": "phone", "reached": True}
    refused = city.post(f"/feedback/cases/{case}/contacts", clerk, called)
    assert refused.status_code == 409
    assert "mode: " in refused.json()["detail"]
    city.do(f"/feedback/cases/{case}/contacts", "unit_clerk", called | {"mode": "relay"}, unit_id=UNIT)


def test_a_unit_reads_the_words_of_who_gave_a_name_as_they_were_written(city: City) -> None:
    case = city.assigned(text="请回电13800000001。")["case_id"]
    clerk = city.token("unit_clerk", unit_id=UNIT)
    seen = city.get(f"/feedback/cases/{case}/file?purpose=handling", clerk).json()
    assert seen["text"] == "请回电13800000001。"


def test_that_nothing_is_new_is_found_by_two_people_and_told_the_citizen_after_that(
    city: City,
) -> None:
    receipt = city.register()
    case, own = receipt["case_id"], citizen(city, receipt)
    words = f"/intake/cases/{case}/words?purpose=own_case"
    body = DECLINING | {"ground": "D08"}
    city.do(f"/intake/cases/{case}/decline-proposal", "acceptor", body, name="acc-1")
    (waiting,) = city.get("/intake/cases", city.token("acceptor")).json()
    assert (waiting["proposed_ground"], waiting["proposed_evidence"]) == ("D08", ["case-of-2025"])
    assert city.get(words, city.token("acceptor")).json()["proposed_reason"] == "同一事项已答复"
    told = city.get(words, own).json()
    assert (told["proposed_reason"], told["reason"]) == (None, None)
    alone = city.post(
        f"/intake/cases/{case}/decline-approval", city.token("acceptor", "acc-1")
    )
    assert alone.status_code == 409
    city.do(f"/intake/cases/{case}/decline-approval", "acceptor", name="acc-2")
    assert city.get(f"/intake/cases/{case}", own).json()["status"] == "declined"
    told = city.get(words, own).json()
    assert (told["reason"], told["remedy"]) == ("同一事项已答复", "可申请复查")
    assert city.get("/intake/cases", city.token("acceptor")).json() == []


def test_an_operator_puts_an_emergency_through_and_refers_it(city: City) -> None:
    case = city.register(channel="phone_12345", privacy_notice=None)["case_id"]
    body = {"ground": "D01", "organ": "市消防救援支队", "channel": "119", "remedy": "请直接拨打119"}
    refused = city.post(f"/intake/cases/{case}/referral", city.token("operator"), body)
    assert "live_transfer: " in refused.json()["detail"]
    city.do(f"/intake/cases/{case}/referral", "operator", body | {"live_transfer": "119"})
    assert city.get(f"/intake/cases/{case}", city.token("operator")).json()["status"] == "referred"
