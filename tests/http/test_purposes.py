"""Personal words are shown for a purpose or not at all: every route of every service is walked over, so that none
can be added which forgets to ask why."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from libs.rules.roles import Role
from services.list import EVERY, service_named
from tests.http.city import City
from tests.http.test_rights_matrix import BODIES, MATRIX, PUBLIC, holder, method_of
from tests.journeys.files import looks
from tests.journeys.test_personal_words import WORDS, a_case_full_of_words

ROOT = Path(__file__).parents[2]
STATED_BY_THE_PLATFORM = {
    "case_progress": "own_case",  # the citizen reads what was asked
    "case_clocks": "own_case",  # and what a leader let be shown
    "case_publication": "publication",
    "case_keeping": "audit",
    "ProposeRedaction": "redaction_check",
}
"""Routes that open words for one purpose alone, which they state themselves."""
SHOWS_NONE_WITHOUT = {"case_duties", "old_case"}
"""Where words are left out if no purpose is stated."""
HOSTILE = [
    "",
    "ab",
    "a" * 41,
    "Handling",
    "handling ",
    "handling\n",
    "handling\x00",
    "handling;court",
    "' OR 1=1 --",
    "<script>",
    "办理",
    "ｈａｎｄｌｉｎｇ",
    "..%2fcourt",
]


def reaches_open(function: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a function of a service calls ``Desk.open``, itself or through others of its service."""
    if not isinstance(function, FunctionType) or function in seen:
        return False
    if not function.__module__.startswith("services."):
        return False
    tree = list(ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))))
    called = {one.func.attr for one in tree if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)}
    names = {one.id for one in tree if isinstance(one, ast.Name)}
    others = (function.__globals__.get(name) for name in names)
    return "open" in called or any(reaches_open(one, seen | {function}) for one in others)


def routes() -> dict[str, APIRoute]:
    """Every route of every service by its operation, those of routers within routers too."""
    for name in EVERY:
        service_named(name)
    modules = [module for name, module in sys.modules.items() if name.startswith("services.")]
    routers = [one for module in modules for one in vars(module).values() if isinstance(one, APIRouter)]
    every = (route for router in routers for route in router.routes if isinstance(route, APIRoute))
    return {str(route.operation_id): route for route in every}


OPENS = {name for name, route in routes().items() if reaches_open(route.endpoint)}
"""The operations that can give words that were sealed."""
OF_THE_HOST = {"case_looks", "look_limits", "quarantine", "ReleaseCase"}
"""Operations that every service has; none of them opens words."""


@pytest.fixture(scope="module")
def full(city: City) -> str:
    """A case in which everybody wrote something."""
    return a_case_full_of_words(city)


def demanding(city: City) -> Iterator[str]:
    """Every operation that, as its service's OpenAPI says, demands a purpose."""
    for service in EVERY:
        paths = city.request("GET", f"/{service}/openapi.json").json()["paths"]
        for methods in paths.values():
            for operation in methods.values():
                asked = {p["name"]: p for p in operation.get("parameters", [])}
                if asked.get("purpose", {}).get("required"):
                    assert asked["purpose"]["in"] == "query"
                    assert "429" in operation["responses"], operation["operationId"]
                    yield operation["operationId"]


def path_of(city: City, action: str, case: str) -> str:
    """Where an operation is, with what its path names."""
    service, _, path = city.operations[action]
    path = path.replace("{case_id}", case).replace("{exclusion_id}", f"{case}.e1")
    path = path.replace("{unit_id}", "mc.chengguan").replace("{kind}", "calendar")
    return f"/{service}{path}".replace("{name}", "CN-GOV")


def readers(action: str) -> list[Role]:
    """Who may see a view."""
    return [Role(role) for roles in MATRIX[action].values() for role in roles]


def test_every_route_that_opens_words_demands_a_purpose(city: City) -> None:
    assert set(city.operations) == routes().keys() | OF_THE_HOST
    assert set(demanding(city)) == OPENS - STATED_BY_THE_PLATFORM.keys() - SHOWS_NONE_WITHOUT
    assert STATED_BY_THE_PLATFORM.keys() | SHOWS_NONE_WITHOUT <= OPENS


def planted_helper(desk: Any) -> Any:
    return [desk.open(one) for one in ("lx1.",)]


def planted_endpoint(desk: Any) -> Any:
    return planted_helper(desk)


def planted_other(desk: Any) -> Any:
    return desk.read(planted_other)


def test_a_route_that_opens_words_through_another_function_is_found_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for one in (planted_helper, planted_endpoint, planted_other):
        monkeypatch.setattr(one, "__module__", "services.planted")
    assert reaches_open(planted_endpoint)
    assert not reaches_open(planted_other)


def test_words_are_unsealed_nowhere_but_at_the_desk_and_where_they_are_public_or_addresses() -> None:
    files = [p for part in ("libs", "services", "tools") for p in (ROOT / part).rglob("*.py")]
    found = {str(p.relative_to(ROOT)) for p in files if "open_text(" in p.read_text()}
    assert found == {
        "libs/vault/sealing.py",
        "libs/host/http.py",
        "services/intake/public_api.py",
        "services/supervision/notices.py",
    }


@pytest.mark.parametrize("action", sorted(OPENS - STATED_BY_THE_PLATFORM.keys()))
def test_without_a_purpose_or_with_a_strange_one_nothing_is_shown_nor_on_record(
    city: City, full: str, action: str
) -> None:
    path, role = path_of(city, action, full), readers(action)[0]
    token = holder(city, role, full)
    root = city.whole.host.settings.token_jwks_file.parent.parent
    city.settle()
    before = looks(root, full)
    strange = [city.get(f"{path}?purpose={quote(value)}", token) for value in HOSTILE]
    missing = [city.get(path, token, Purpose="handling"), city.get(f"{path}?Purpose=handling", token)]
    for answer in strange + ([] if action in SHOWS_NONE_WITHOUT else missing):
        assert answer.status_code == 422, answer.url
        assert {e["field"] for e in answer.json()["errors"]} == {"query.purpose"}
        assert "OR 1=1" not in answer.text
    for answer in strange + missing:
        assert not [word for word in WORDS.values() if word in answer.text]
    city.settle()
    assert looks(root, full) == before


def test_no_view_shows_a_sealed_word_to_staff_who_state_no_purpose(city: City, full: str) -> None:
    asked = 0
    for action in MATRIX:
        if method_of(city, action) != "GET" or action in PUBLIC:
            continue
        for role in set(readers(action)) - {Role.CITIZEN}:
            answer = city.get(path_of(city, action, full), holder(city, role, full))
            assert not [word for word in WORDS.values() if word in answer.text], (action, role)
            asked += 1
    assert asked > 100


@pytest.mark.parametrize("action", sorted(OPENS - BODIES.keys()))
def test_an_answer_with_opened_words_says_until_when_and_is_kept_by_no_cache(
    city: City, full: str, action: str
) -> None:
    purpose = "court" if action == "closed_words" else "handling"
    path = f"{path_of(city, action, full)}?purpose={purpose}"
    for role in readers(action):
        answer = city.get(path, holder(city, role, full))
        until = answer.headers.get("Lianxin-Look-Until")
        assert (answer.headers.get("Cache-Control") == "no-store") == (until is not None)
        if any(word in answer.text for word in WORDS.values()):
            assert until is not None, (action, role)
