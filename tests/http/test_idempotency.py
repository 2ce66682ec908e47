"""Asked twice, done once: the same wish with the same key is carried out once, whatever happens."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.http.city import MESSAGE, UNIT, City, open_city
from tests.whole import Clock

CASES = "/intake/cases"


def key() -> str:
    """A new key."""
    return uuid.uuid4().hex


def waiting(city: City) -> set[str]:
    """The cases that wait to be accepted."""
    city.settle()
    rows = city.get(f"{CASES}?limit=500", city.token("acceptor")).json()
    return {row["case_id"] for row in rows}


def test_the_same_wish_twice_is_one_case_with_one_answer(city: City) -> None:
    before, once = waiting(city), key()
    answers = [city.post(CASES, city.token("operator"), MESSAGE, once) for _ in range(3)]
    assert [a.status_code for a in answers] == [201] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert answers[0].headers["Lianxin-Written"] == answers[2].headers["Lianxin-Written"]
    assert len(waiting(city) - before) == 1


def test_another_wish_under_the_same_key_is_refused(city: City) -> None:
    once = key()
    city.post(CASES, city.token("operator"), MESSAGE, once)
    answer = city.post(CASES, city.token("operator"), MESSAGE | {"title": "别的事"}, once)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "header.Idempotency-Key"
    assert "别的事" not in answer.text


def test_while_a_wish_is_carried_out_its_repeat_is_told_to_wait(city: City) -> None:
    once, token = key(), city.token("operator")

    async def at_once() -> list[httpx.Response]:
        wishes = (city.whole.post(CASES, token, MESSAGE, once) for _ in range(5))
        return list(await asyncio.gather(*wishes))

    answers = city.runner.run(at_once())
    statuses = sorted(a.status_code for a in answers)
    assert statuses[0] == 201
    assert set(statuses) <= {201, 409}
    assert 409 in statuses
    assert len({a.json()["case_id"] for a in answers if a.status_code == 201}) == 1


def test_the_same_key_of_two_persons_is_two_wishes(city: City) -> None:
    once = key()
    cases = {
        city.post(CASES, city.token("operator", name), MESSAGE, once).json()["case_id"]
        for name in ("op-1", "op-2")
    }
    assert len(cases) == 2


def test_the_same_key_for_two_commands_is_two_wishes(city: City) -> None:
    case, once = city.register()["case_id"], key()
    path = f"{CASES}/{case}"
    body = {"category": "0105"}
    first = city.post(f"{path}/classification", city.token("acceptor"), body, once)
    second = city.post(f"{path}/acceptance", city.token("acceptor"), body, once)
    types = [[e["type"] for e in a.json()["events"]] for a in (first, second)]
    assert types == [["intake.CaseClassified"], ["intake.CaseAccepted"]]


def test_what_was_refused_may_be_tried_again_under_the_same_key(city: City) -> None:
    case, once = city.register()["case_id"], key()
    path = f"/dispatch/cases/{case}/assignment"
    assert city.post(path, city.token("dispatcher"), {}, once).status_code == 409
    city.do(f"{CASES}/{case}/acceptance", "acceptor", {"category": "0107"})
    retried = city.post(path, city.token("dispatcher"), {}, once)
    assert retried.status_code == 200
    assert [e["type"] for e in retried.json()["events"]] == ["dispatch.CaseAssigned"]


def test_a_key_may_be_used_for_another_body_after_a_refusal(city: City) -> None:
    case, once = city.register()["case_id"], key()
    path = f"{CASES}/{case}/acceptance"
    assert city.post(path, city.token("acceptor"), {"category": "7777"}, once).status_code == 409
    assert city.post(path, city.token("acceptor"), {"category": "0107"}, once).status_code == 200


def test_a_repeat_is_answered_as_it_was_though_the_case_has_gone_on(city: City) -> None:
    case, once = city.assigned()["case_id"], key()
    body = {"mode": "phone", "reached": False, "summary": "无人接听"}
    clerk = city.token("unit_clerk", unit_id=UNIT)
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
    first = city.post(f"/feedback/cases/{case}/contacts", clerk, body, once).json()
    city.post(f"/feedback/cases/{case}/contacts", clerk, body)
    assert city.post(f"/feedback/cases/{case}/contacts", clerk, body, once).json() == first


def test_an_answer_is_remembered_for_three_days(tmp_path: Path) -> None:
    with open_city(tmp_path) as city:
        case, once = city.assigned()["case_id"], key()
        city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
        path, clerk = f"/feedback/cases/{case}/contacts", city.token("unit_clerk", unit_id=UNIT)
        body: dict[str, Any] = {"mode": "phone", "reached": False}
        first = city.post(path, clerk, body, once).json()
        city.wait(hours=71)
        assert city.post(path, clerk, body, once).json() == first
        city.wait(hours=2)
        assert city.post(path, clerk, body, once).json() != first


def test_the_same_message_of_a_channel_is_one_case_under_any_key(city: City) -> None:
    message = MESSAGE | {"channel": "weibo", "external_id": "w-1"}
    first, second = (city.post(CASES, city.token("channel"), message) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["case_id"] == second.json()["case_id"]
    assert first.json()["receipt_no"] == second.json()["receipt_no"]
    assert second.json()["events"] == []


def test_who_guesses_the_external_id_of_anothers_message_is_not_given_its_code(city: City) -> None:
    message = MESSAGE | {"channel": "app", "external_id": "a-1"}
    mine = city.post(CASES, city.token("channel", "app-gateway"), message)
    theirs = city.post(CASES, city.token("channel", "weibo-gateway"), message)
    assert (mine.status_code, theirs.status_code) == (201, 403)
    for secret in (mine.json()["query_code"], mine.json()["receipt_no"]):
        assert secret not in theirs.text


def test_a_wish_repeated_after_a_restart_is_still_done_once(tmp_path: Path) -> None:
    clock, once = Clock(), key()
    with open_city(tmp_path, clock=clock) as city:
        first = city.post(CASES, city.token("operator"), MESSAGE, once)
    with open_city(tmp_path, clock=clock) as city:
        again = city.post(CASES, city.token("operator"), MESSAGE, once)
        other = city.post(CASES, city.token("operator"), MESSAGE | {"text": "别的事"}, once)
        assert again.json() == first.json()
        assert other.status_code == 422
        assert waiting(city) == {first.json()["case_id"]}


@pytest.mark.parametrize("how", ["header", "body"])
def test_what_one_has_written_one_reads_at_once(city: City, how: str) -> None:
    for _ in range(20):
        answer = city.post(CASES, city.token("operator"), MESSAGE)
        written = answer.headers["Lianxin-Written"] if how == "header" else answer.json()["written"]
        path = f"{CASES}/{answer.json()['case_id']}"
        read = city.get(path, city.token("operator"), **{"Lianxin-Read-After": written})
        assert read.status_code == 200, read.text


def test_one_service_can_be_asked_to_know_what_was_written_at_another(city: City) -> None:
    case = city.register()["case_id"]
    accepted = city.post(f"{CASES}/{case}/acceptance", city.token("acceptor"), {"category": "0107"})
    after = {"Lianxin-Read-After": accepted.json()["written"]}
    queue = city.get("/dispatch/cases?limit=500", city.token("dispatcher"), **after).json()
    assert case in {row["case_id"] for row in queue}
