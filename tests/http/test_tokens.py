"""Tokens: what is not signed by the right key for the right role, now, is nobody's."""

import base64
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from libs.host.tokens import make_key, sign
from libs.rules.rights import Principal
from libs.rules.roles import Role
from tests.http.city import City

SUPERVISOR = Principal("sup-1", Role.SUPERVISOR)


def claims(**more: Any) -> dict[str, Any]:
    """The claims of a supervisor's token."""
    now = int(time.time())
    said = {"iss": "lianxin", "aud": "lianxin", "iat": now, "exp": now + 600}
    return said | {"sub": "sup-1", "role": "supervisor", "realm": ""} | more


def by(key: OKPKey, kid: str | None, said: dict[str, Any]) -> str:
    """A token signed with a key, under a name for it."""
    header = {"alg": "Ed25519"} | ({"kid": kid} if kid else {})
    return jwt.encode(header, said, key, algorithms=["Ed25519"])


def part(said: dict[str, Any]) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def keys(city: City) -> dict[str, OKPKey]:
    """The keys there are, and one that nobody knows."""
    settings = city.whole.host.settings
    return {
        "staff": make_key(settings.token_jwks_file.parent / "staff.jwk.json", "staff"),
        "citizen": make_key(settings.citizen_key_file, "citizen"),
        "stranger": OKPKey.generate_key("Ed25519", {"kid": "staff", "alg": "Ed25519"}),
    }


def test_a_token_as_it_should_be_is_good(city: City, keys: dict[str, OKPKey]) -> None:
    for token in (sign(keys["staff"], SUPERVISOR, timedelta(minutes=1)),
                  by(keys["staff"], "staff", claims())):  # fmt: skip
        assert city.get("/supervision/overdue", token).status_code == 200


FORGED = {
    "by an unknown key": lambda k: by(k["stranger"], "staff", claims()),
    "by the citizens' key under its name": lambda k: by(k["citizen"], "citizen", claims()),
    "by the citizens' key under the staff's": lambda k: by(k["citizen"], "staff", claims()),
    "by the citizens' key under no name": lambda k: by(k["citizen"], None, claims()),
    "by the staff's key under no name": lambda k: by(k["staff"], None, claims()),
    "by the staff's key for a citizen": lambda k: by(k["staff"], "staff", claims(role="citizen")),
    "over": lambda k: sign(k["staff"], SUPERVISOR, timedelta(seconds=-60)),
    "without an end": lambda k: by(k["staff"], "staff", {**claims(), "exp": None}),
    "for another platform": lambda k: by(k["staff"], "staff", claims(aud="elsewhere")),
    "of a role that there is not": lambda k: by(k["staff"], "staff", claims(role="emperor")),
    "without a role": lambda k: by(k["staff"], "staff", {**claims(), "role": None}),
    "of nobody": lambda k: by(k["staff"], "staff", {**claims(), "sub": None}),
    "not signed at all": lambda k: f"{part({'alg': 'none'})}.{part(claims())}.",
    "not signed, in the staff's name": (
        lambda k: f"{part({'alg': 'none', 'kid': 'staff'})}.{part(claims())}."
    ),
    "with the public key as a secret": lambda k: jwt.encode(
        {"alg": "HS256", "kid": "staff"},
        claims(),
        OctKey.import_key(k["staff"].as_dict(private=False)["x"].ljust(64, "=")),
    ),
    "changed after signing": lambda k: ".".join(
        [
            (s := by(k["staff"], "staff", claims(role="operator")).split("."))[0],
            part(claims()),
            s[2],
        ]
    ),
    "not a token": lambda k: "abc",
    "not a token with dots": lambda k: "a.b.c",
    "a token of nothing": lambda k: by(k["staff"], "staff", {}),
    "claims that are a list": lambda k: f"{part({'alg': 'Ed25519', 'kid': 'staff'})}.W10.AAAA",
}


@pytest.mark.parametrize("how", FORGED)
def test_a_token_is_refused_that_is(city: City, keys: dict[str, OKPKey], how: str) -> None:
    token = FORGED[how](keys)
    answer = city.get("/supervision/overdue", token)
    assert answer.status_code == 401, answer.text
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert token not in answer.text or len(token) < 10


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic c3VwOnN1cA==", "supervisor"])
def test_what_is_no_bearer_token_is_asked_for_again(city: City, header: str) -> None:
    answer = city.request("GET", "/supervision/overdue", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "Authorization: Bearer" in answer.json()["detail"]


def test_a_citizen_with_receipt_and_code_is_given_a_token_for_that_case(city: City) -> None:
    mine, other = city.register(), city.register()
    shown = {"receipt_no": mine["receipt_no"].lower(), "query_code": f" {mine['query_code']} "}
    answer = city.request("POST", "/intake/citizen-tokens", json=shown)
    assert answer.status_code == 201
    assert answer.json()["case_id"] == mine["case_id"]
    token = answer.json()["token"]
    assert city.get(f"/intake/cases/{mine['case_id']}", token).status_code == 200
    assert city.get(f"/intake/cases/{other['case_id']}", token).status_code == 403


def test_the_code_of_one_case_opens_no_other_and_a_guess_says_nothing(city: City) -> None:
    mine, other = city.register(), city.register()
    refused = [
        city.request("POST", "/intake/citizen-tokens", json={"receipt_no": n, "query_code": c})
        for n, c in [
            (mine["receipt_no"], other["query_code"]),
            (city.whole.host.worlds[""].receipts.number(9_999_999), mine["query_code"]),
        ]
    ]
    assert [r.status_code for r in refused] == [403, 403]
    assert refused[0].json()["detail"] == refused[1].json()["detail"]


def test_codes_are_not_to_be_guessed_by_trying(city: City) -> None:
    mine = city.register()
    wrong = {"receipt_no": mine["receipt_no"], "query_code": "AAAAAAAAAA"}
    for _ in range(10):
        city.request("POST", "/intake/citizen-tokens", json=wrong)
    right = {"receipt_no": mine["receipt_no"], "query_code": mine["query_code"]}
    answer = city.request("POST", "/intake/citizen-tokens", json=right)
    assert "Too many tries" in answer.json()["detail"]
