"""Over HTTP a citizen sees each limit of the case with its source in law, by the pack the case keeps."""

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from libs.rules.adoption import Adoption
from libs.rules.calendar import SHANGHAI
from libs.rules.rules import shipped_rules
from tests.http.city import City, open_city
from tests.whole import Clock

ADOPTED = Adoption("990102", None, "wuhan-7wd", date(2020, 1, 1))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city one of whose districts has adopted a pack of its own."""
    root: Path = tmp_path_factory.mktemp("limits")
    rules = dataclasses.replace(shipped_rules(), adoptions=(ADOPTED,))
    with open_city(root, clock=Clock(), rules=rules) as opened:
        yield opened


def limits(city: City, receipt: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the citizen sees with the receipt."""
    shown = {name: receipt[name] for name in ("receipt_no", "query_code")}
    token = city.request("POST", "/intake/citizen-tokens", json=shown).json()["token"]
    seen = city.get(f"/intake/cases/{receipt['case_id']}", token)
    assert seen.status_code == 200, seen.text
    return {limit["step"]: limit for limit in seen.json()["limits"]}


def local(limit: dict[str, Any]) -> str:
    return f"{datetime.fromisoformat(limit['due_at']).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def test_a_citizen_sees_until_when_the_case_is_accepted_and_by_which_rule(place: City) -> None:
    receipt = place.register()
    place.settle()
    seen = limits(place, receipt)
    assert list(seen) == ["ACCEPT"]
    assert seen["ACCEPT"]["words"] == "1个工作日"
    assert seen["ACCEPT"]["source"]
    assert local(seen["ACCEPT"]) == "2026-03-04 00:00"


def test_a_citizen_sees_until_when_the_answer_comes_and_by_which_law(place: City) -> None:
    seen = limits(place, place.assigned())
    assert list(seen) == ["ACCEPT", "CITIZEN"]
    assert seen["CITIZEN"]["words"] == "5个工作日"
    assert "Art. 24" in seen["CITIZEN"]["source"]
    assert (local(seen["CITIZEN"]), seen["CITIZEN"]["provisional"]) == ("2026-03-10 00:00", False)


def test_in_a_district_with_a_pack_of_its_own_its_limits_are_shown(place: City) -> None:
    seen = limits(place, place.assigned(adcode="990102"))
    assert seen["CITIZEN"]["words"] == "7个工作日"
    assert "武汉" in seen["CITIZEN"]["source"]
    assert local(seen["CITIZEN"]) == "2026-03-12 00:00"


def test_a_petitioner_sees_the_articles_of_the_regulation(place: City) -> None:
    seen = limits(place, place.assigned(category="1402"))
    assert list(seen) == ["ACCEPT", "CITIZEN", "REVIEW_REQ", "REVIEW", "RR_REQ", "REREVIEW"]
    assert seen["CITIZEN"]["source"] == "信访工作条例 Art. 34"
    assert seen["REVIEW_REQ"] == {
        "step": "REVIEW_REQ",
        "words": "30日",
        "due_at": None,
        "provisional": False,
        "moved": False,
        "source": "信访工作条例 Art. 35",
    }


def test_who_is_asked_for_something_sees_how_long_it_is_waited_for(place: City) -> None:
    receipt = place.register()
    asked = {"missing": ["place"], "question": "在哪一条路？"}
    place.do(f"/intake/cases/{receipt['case_id']}/questions", "acceptor", asked)
    seen = limits(place, receipt)
    assert list(seen) == ["ACCEPT", "SUPPLEMENT"]
    assert (local(seen["SUPPLEMENT"]), bool(seen["SUPPLEMENT"]["source"])) == ("2026-03-10 00:00", True)


def test_who_has_an_answer_sees_how_long_it_can_be_rated(place: City) -> None:
    seen = limits(place, place.delivered())
    assert list(seen) == ["ACCEPT", "CITIZEN", "EVAL"]
    assert (local(seen["EVAL"]), bool(seen["EVAL"]["source"])) == ("2026-04-02 00:00", True)
