"""Every refusal is problem details (RFC 9457) that name the field; it never repeats the value."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from libs.host.problems import explain
from tests.http.city import MESSAGE, UNIT, City
from tests.whole import run

SECRET = "王小明住在人民路八号"
CASES = "/intake/cases"
UNKNOWN = "0190c0de-0000-5000-8000-000000000009"


def problem(answer: httpx.Response, status: int, *fields: str) -> dict[str, Any]:
    """The problem that an answer is; it names these fields and says nothing of the inside."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    assert said["type"].startswith("urn:lianxin:problem:")
    assert said["title"]
    assert said["detail"]
    assert said["instance"] == answer.request.url.path
    assert {e["field"] for e in said.get("errors", [])} >= set(fields)
    assert all(e["message"] for e in said.get("errors", []))
    for inside in ("Traceback", 'File "', "pydantic", ".py", SECRET):
        assert inside not in answer.text
    return said


def register(city: City, more: Any = None, **headers: str) -> httpx.Response:
    """Hand a message in, changed as said."""
    body = {**MESSAGE, **(more or {})}
    said = {"Authorization": f"Bearer {city.token('operator')}", "Idempotency-Key": "0123456789"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    said = {name: value for name, value in said.items() if value}
    return city.request("POST", CASES, json=body, headers=said)


def send(city: City, content: Any, **headers: str) -> httpx.Response:
    """Send these bytes."""
    said = {
        "Authorization": f"Bearer {city.token('operator')}",
        "Idempotency-Key": "raw-0123456789",
        "Content-Type": "application/json",
    }
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    return city.request("POST", CASES, content=content, headers=said)


# --------------------------------------------------------------------------------- the request


def test_a_command_without_a_key_is_a_bad_request(city: City) -> None:
    problem(register(city, Idempotency_Key=""), 400, "header.Idempotency-Key")


@pytest.mark.parametrize("key", ["short", "with space in it", "k" * 201])
def test_a_key_that_is_no_key_is_a_bad_request(city: City, key: str) -> None:
    problem(register(city, Idempotency_Key=key), 400, "header.Idempotency-Key")


def test_a_field_that_is_missing_is_named(city: City) -> None:
    answer = city.post(CASES, city.token("operator"), {"channel": "app", "text": SECRET})
    problem(answer, 422, "body.kind", "body.title")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", SECRET),
        ("kind", SECRET),
        ("title", ""),
        ("title", None),
        ("title", 7),
        ("text", SECRET * 2_001),
        ("adcode", SECRET),
        ("identity_mode", SECRET),
        ("external_id", SECRET),
        ("external_id", "a\x00b"),
        ("external_id", "a\nb"),
        ("consent_publish", SECRET),
        ("claims", [SECRET] * 21),
        ("claims", SECRET),
        ("claims", [""]),
        ("occurred_at", SECRET),
        ("occurred_at", "2026-03-02T09:00:00"),
        ("phone", {"number": SECRET}),
        ("name", [SECRET]),
        ("unheard_of", SECRET),
        ("receipt_no", "LX1"),
        ("realm", "restricted"),
        ("case_id", UNKNOWN),
        ("by", {"id": "x", "role": "system"}),
    ],
)
def test_a_field_that_is_not_valid_is_named_and_not_repeated(
    city: City, field: str, value: Any
) -> None:
    said = problem(register(city, {field: value}), 422)
    assert any(e["field"].startswith(f"body.{field}") for e in said["errors"]), said


@pytest.mark.parametrize(
    ("path", "role", "body", "field"),
    [
        ("/intake/cases/{}/decline", "acceptor", {"ground": "D99"}, "body.ground"),
        (
            "/intake/cases/{}/classification",
            "acceptor",
            {"category": "a\x00b"},
            "body.category",
        ),
        ("/intake/cases/{}/erasure", "privacy_officer", {"ground": "a\rb"}, "body.ground"),
        ("/dispatch/cases/{}/assignment", "dispatcher", {"note": "某" * 20_001}, "body.note"),
        ("/dispatch/cases/{}/assignment", "dispatcher", {"unit_id": "城管"}, "body.unit_id"),
        ("/feedback/cases/{}/replies", "unit_head", {"answers": [{}]}, "body.answers.0.claim"),
        (
            "/feedback/cases/{}/replies",
            "unit_head",
            {"answers": [{"claim": 0, "outcome": "x"}]},
            "body.answers.0.outcome",
        ),
        ("/feedback/cases/{}/replies", "unit_head", {"signer": "head-1"}, "body.signer"),
        ("/feedback/cases/{}/return", "auditor", {"reason": "dislike"}, "body.reason"),
        ("/evaluation/cases/{}/callbacks", "callback_agent", {"reached": "很"}, "body.reached"),
        ("/supervision/cases/{}/supervisions", "supervisor", {"level": 4}, "body.level"),
        ("/intake/cases/{}/acceptance", "acceptor", {"because": SECRET}, "body.because"),
    ],
)
def test_every_command_names_the_field_that_it_refuses(
    city: City, path: str, role: str, body: dict[str, Any], field: str
) -> None:
    problem(city.post(path.format(UNKNOWN), city.token(role, unit_id=UNIT), body), 422, field)


@pytest.mark.parametrize("case", ["7", UNKNOWN.upper(), f"{UNKNOWN}0", "%00" * 36])
def test_a_case_id_that_is_none_is_named(city: City, case: str) -> None:
    problem(city.get(f"/intake/cases/{case}", city.token("operator")), 422, "path.case_id")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/intake/cases?limit=0", "query.limit"),
        ("/intake/cases?limit=501", "query.limit"),
        (f"/intake/cases/{UNKNOWN}/words", "query.purpose"),
        (f"/intake/cases/{UNKNOWN}/words?purpose={SECRET}", "query.purpose"),
        ("/analytics/totals?month=2026", "query.month"),
    ],
)
def test_a_question_that_is_not_valid_is_named(city: City, path: str, field: str) -> None:
    problem(city.get(path, city.token("operator")), 422, field)


# ----------------------------------------------------------------------------------- the body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"title=x",
        SECRET.encode(),
        b"[]",
        b"null",
        b'"text"',
        b"7",
        b"NaN",
        b"\xff\xfe{}",
    ],
)
def test_what_is_no_json_object_is_refused(city: City, content: bytes) -> None:
    answer = send(city, content)
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "image/png"])
def test_what_does_not_call_itself_json_is_refused(city: City, kind: str) -> None:
    said = problem(send(city, b'{"channel": "app"}', Content_Type=kind), 422)
    assert said["errors"][0]["field"].startswith("body")


@pytest.mark.parametrize("content", [b"[" * 200_000, b'{"title":' * 100_000, b"1" * 20_000])
def test_json_that_is_made_to_exhaust_us_is_refused(city: City, content: bytes) -> None:
    answer = send(city, content)
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)
    assert len(answer.content) < 2_000


def test_half_a_character_is_refused(city: City) -> None:
    text = b'{"channel":"app","kind":"K2","title":"\\ud800","text":"\\udfff"}'
    problem(send(city, text), 422, "body.title")


def test_characters_that_control_nothing_here_are_kept_as_words(city: City) -> None:
    case = city.do(CASES, "operator", MESSAGE | {"title": "a\x00b\x1b[31m", "text": "一\n二\t三"})
    path = f"{CASES}/{case['case_id']}/words?purpose=handling"
    assert city.get(path, city.token("operator")).json()["title"] == "a\x00b\x1b[31m"


def test_a_body_that_announces_too_much_is_refused_unread(city: City) -> None:
    said = problem(send(city, b"x" * 1_000_001), 413)
    assert "1000000 bytes" in said["detail"]


def test_a_body_that_goes_on_for_too_long_is_refused_though_it_announced_nothing(
    city: City,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            await asyncio.sleep(0)
            yield b" " * 100_000

    problem(send(city, chunks()), 413)


# ------------------------------------------------------------------------- where and what for


@pytest.mark.parametrize("path", ["/nowhere", "/intake/nowhere", "/restricted/nowhere", "/"])
def test_what_is_not_there_is_not_found(city: City, path: str) -> None:
    problem(city.get(path, city.token("operator")), 404)


def test_a_method_that_is_not_there_is_answered_with_those_that_are(city: City) -> None:
    answer = city.request("DELETE", CASES)
    problem(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) <= {"GET", "POST"}


def test_there_is_nothing_to_do_with_a_case_that_is_not_there(city: City) -> None:
    answer = city.post(f"/intake/cases/{UNKNOWN}/acceptance", city.token("acceptor"))
    said = problem(answer, 409)
    assert said["detail"] == "There is no such case."


def test_the_rules_refuse_in_words_that_one_can_act_on(city: City) -> None:
    receipt = city.register()
    why = {"ground": "D08", "reason": SECRET, "alternative_channel": "热线", "remedy": "复查"}
    path = f"/intake/cases/{receipt['case_id']}/decline"
    answer = city.post(path, city.token("acceptor"), why | {"evidence": ["e-1"]})
    assert "second person" in problem(answer, 409)["detail"]


def test_a_time_that_lies_ahead_or_before_all_calendars_is_refused(city: City) -> None:
    for at in ("2026-03-02T09:00:01+08:00", "1990-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        problem(register(city, {"occurred_at": at}), 409)


@pytest.mark.parametrize("token", ["x", "a/b/c", "a/b/-1", "a/b/" + "9" * 5_000])
def test_an_own_write_that_is_none_of_ours_is_refused(city: City, token: str) -> None:
    answer = city.get(CASES, city.token("operator"), **{"Lianxin-Read-After": token})
    problem(answer, answer.status_code)
    assert 400 <= answer.status_code < 500


def test_a_fault_of_ours_says_nothing_of_our_inside() -> None:
    app = FastAPI()
    explain(app)

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError(SECRET)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://city") as http:
            return await http.get("/fault")

    problem(run(ask()), 500)
