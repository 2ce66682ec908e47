"""The runbook's chapter on yesterday's database, walked through with its own commands."""

from collections import defaultdict
from typing import Any

from libs.sourcing.tables import positions
from services.list import service_named
from tests.http.city import MESSAGE, City
from tests.rebuild.town import derived, rows_of, stated
from tests.runbook.book import Chapter
from tests.runbook.conftest import Home
from tests.runbook.losing import back_up, ends, in_the_log, put_back, unsent_again

CHAPTER = Chapter("Yesterday's database must be restored")
CASES = "/intake/cases"


def hand_in(city: City, key: str) -> dict[str, Any]:
    answer = city.post(CASES, city.token("operator"), MESSAGE, key)
    assert answer.status_code == 201, answer.text
    city.settle()
    found: dict[str, Any] = answer.json()
    return found


def test_yesterdays_database_is_brought_up_to_the_log_before_it_takes_a_command(home: Home) -> None:
    with home.open() as city:
        yesterday = hand_in(city, "of-yesterday")
    unsent_again(home, "intake")
    back_up(home, CHAPTER, "intake")
    with home.open() as city:
        today = hand_in(city, "of-today")
        city.do(f"{CASES}/{today['case_id']}/acceptance", "acceptor", {"category": "0107"})
    streams, views = (
        stated(home.settings, "intake"),
        derived(home.settings, service_named("intake")),
    )
    put_back(home, CHAPTER, "intake")
    assert len(stated(home.settings, "intake")) < len(streams)

    laid = ends(home)
    with home.open() as city:
        why = city.request("GET", "/healthz")
        CHAPTER.says("`/healthz` turns red and commands are answered 503")
        assert why.status_code == 500
        assert "finds its own event" in why.json()["why"]["intake"]
        command = CHAPTER.command("python -m tools.rebuild", SERVICE="intake")
        assert command in why.json()["why"]["intake"], "it names the runbook's own command"
        for key in ("of-today", "of-tomorrow"):
            assert city.post(CASES, city.token("operator"), MESSAGE, key).status_code == 503
    assert ends(home) == laid, "nothing was sent"

    stood = rows_of(home.settings.database_of("intake"), positions)
    assert "events of its own brought back" in home.operator.must(command)
    CHAPTER.says("it hears the log on from there")
    assert rows_of(home.settings.database_of("intake"), positions) == stood
    with home.open() as city:
        city.settle()
        assert stated(home.settings, "intake") == streams
        assert derived(home.settings, service_named("intake")) == views
        CHAPTER.says("the key is the identity of a case")
        again = hand_in(city, "of-today")
        assert (again["case_id"], again["receipt_no"]) == (today["case_id"], today["receipt_no"])
        assert again["events"] == []
        other = hand_in(city, "of-tomorrow")
        receipts = {one["receipt_no"] for one in (yesterday, today, other)}
        assert len(receipts) == 3, "no receipt number was given twice"
    numbered: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for case_id, facts in in_the_log(home).items():
        for one in facts:
            numbered[case_id, one.owner, one.seq].add(one.event_id)
    assert all(len(ids) == 1 for ids in numbered.values()), "two facts had one number"
