"""Reference data over HTTP, and every service that follows them."""

from datetime import date
from pathlib import Path

from tests.http.city import City, open_city

YEAR_2027 = {
    "year": 2027,
    "holidays": "01-01..01-03 02-05..02-11",
    "makeup": "02-13",
    "source": "国办发明电〔2026〕10号",
    "incomplete": True,
}


def publish_year(city: City, **more: object) -> None:
    city.do("/reference/data/calendar/CN-GOV/years", "reference_officer", YEAR_2027 | more)


def test_a_published_year_is_in_force_in_every_service_of_both_realms(tmp_path: Path) -> None:
    with open_city(tmp_path) as city:
        rules = city.whole.host.find("supervision").world.rules
        assert rules.calendars["CN-GOV"].status(date(2027, 2, 6)) == "provisional"
        publish_year(city)
        assert len(city.whole.host.running) == 13
        for running in city.whole.host.running:
            calendar = running.turns.rules.calendars["CN-GOV"]
            assert calendar.status(date(2027, 2, 6)) == "official"
            assert calendar.is_workday(date(2027, 2, 13))
        editions = city.get("/reference/editions", city.token("reference_officer")).json()
        assert [(e["case_id"], e["edition"], e["published_by"]) for e in editions] == [
            ("calendar/CN-GOV", 1, "reference_officer-1")
        ]


def test_what_was_published_is_still_in_force_after_a_restart(tmp_path: Path) -> None:
    with open_city(tmp_path) as city:
        publish_year(city)
    with open_city(tmp_path) as city:
        calendar = city.whole.host.find("intake").turns.rules.calendars["CN-GOV"]
        assert calendar.status(date(2027, 2, 6)) == "official"


def test_publishing_the_same_year_again_states_nothing(tmp_path: Path) -> None:
    with open_city(tmp_path) as city:
        publish_year(city)
        again = city.do("/reference/data/calendar/CN-GOV/years", "reference_officer", YEAR_2027)
        assert again["events"] == []


def test_a_writer_finds_a_mailbox_by_the_type_of_request_and_the_area(tmp_path: Path) -> None:
    with open_city(tmp_path) as city:
        channel = city.token("channel")
        every = city.get("/reference/mailboxes?limit=500", channel).json()
        assert len(every) == 500
        rules = city.whole.host.find("intake").world.rules
        assert len(rules.mailboxes) == 2659
        here = city.get("/reference/mailboxes?adcode=990102&request=0106&limit=5", channel).json()
        assert {box["adcode"][:6] for box in here} == {"990102"}
        (secretary,) = city.get("/reference/mailboxes?kind=secretary", channel).json()[:1]
        assert secretary["zh"]
        assert city.get("/reference/mailboxes?adcode=x", channel).status_code == 422
