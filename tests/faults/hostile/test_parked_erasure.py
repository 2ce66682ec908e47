"""A citizen's words are erased also when a record of the case cannot be read."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.events.base import SYSTEM, Recorded
from libs.events.dispatch import AssignmentSigned
from libs.events.envelope import to_headers
from libs.log.port import Outgoing
from tests.host.desk import AT, VERSIONS
from tests.http.city import City, open_city
from tests.journeys.files import history

GROUND = {"ground": "citizen_request"}
NO: dict[str, object] = {"ground": "D15", "reason": "不在受理范围", "evidence": ["e-1"]}
NO |= {"alternative_channel": "法院", "remedy": "起诉"}


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with open_city(tmp_path) as opened:
        yield opened


def park(city: City, case: str) -> None:
    """A record of the case that none of those who hear it can read; evaluation does not hear it."""
    signed = AssignmentSigned(
        case_id=case,
        occurred_at=AT,
        actor=SYSTEM,
        decided_with=VERSIONS,
        assignment_id="1",
        org="o",
    )
    headers = to_headers(Recorded(f"{case}/99", signed, 99, AT, "story", "cause"))
    log = city.whole.host.log
    city.runner.run(log.append([Outgoing("case-events", case, headers, b"{]")]))
    city.settle()
    parked = city.post(
        f"/intake/cases/{case}/classification", city.token("acceptor"), {"category": "0107"}
    )
    assert "parked" in parked.json()["detail"]


def keys(root: Path, case: str) -> list[tuple[object, object]]:
    with sqlite3.connect(root / "vault.db") as db:
        query = (
            "SELECT wrapped IS NOT NULL, destroyed_at IS NOT NULL FROM case_keys WHERE case_id = ?"
        )
        return db.execute(query, (case,)).fetchall()


def test_a_parked_case_that_was_declined_is_erased(city: City, tmp_path: Path) -> None:
    case = city.register()["case_id"]
    city.do(f"/intake/cases/{case}/decline", "acceptor", NO)
    park(city, case)
    assert keys(tmp_path, case) == [(1, 0)]
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", GROUND)
    assert keys(tmp_path, case) == [(0, 1)]
    assert history(tmp_path, case)[-1] == "PersonalDataErased"


def test_a_case_whose_closing_is_parked_is_erased(city: City, tmp_path: Path) -> None:
    case = city.delivered()["case_id"]
    park(city, case)
    city.do(
        f"/evaluation/cases/{case}/callbacks",
        "callback_agent",
        {"reached": True, "resolved": "yes"},
    )
    citizen = city.token("citizen", case_id=case)
    for target in ("intake", "handling"):
        city.post(
            f"/evaluation/cases/{case}/evaluations",
            citizen,
            {"target": target, "level": "satisfied"},
        )
    city.settle()
    assert "CaseClosed" in history(tmp_path, case)
    city.do(f"/intake/cases/{case}/erasure", "privacy_officer", GROUND)
    assert keys(tmp_path, case) == [(0, 1)]


def test_a_parked_case_that_has_not_ended_keeps_its_words(city: City, tmp_path: Path) -> None:
    case = city.register()["case_id"]
    park(city, case)
    answer = city.post(f"/intake/cases/{case}/erasure", city.token("privacy_officer"), GROUND)
    assert answer.status_code == 409
    assert keys(tmp_path, case) == [(1, 0)]
