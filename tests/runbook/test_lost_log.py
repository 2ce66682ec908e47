"""A log that lost something, beyond the plain case: what is refused, and what is said to do first."""

import asyncio
import re
import sqlite3
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.host import relay, watch
from libs.log.partition import partition_of
from libs.log.port import LogTruncated
from libs.sourcing.database import open_database
from libs.sourcing.tables import heads, positions
from services.list import NAMES, service_named
from tests.host.house import until
from tests.rebuild.town import derived, stated
from tests.runbook.book import Chapter
from tests.runbook.conftest import Home, embedded_home
from tests.runbook.losing import (
    TOPIC,
    back_up,
    ends,
    in_the_log,
    lose_one,
    lose_tail,
    put_back,
    unsent_again,
)
from tests.whole import MONDAY
from tools.restore_log.publishing import Lost, in_order

CHAPTER = Chapter("The broker lost its tail")
OLD = Chapter("Yesterday's database must be restored")
SHOW = CHAPTER.command("python -m tools.restore_log [")
WRITE = CHAPTER.command("python -m tools.restore_log --write")
REBUILD = CHAPTER.command("python -m tools.rebuild intake")
REFERENCE = CHAPTER.command("python -m tools.rebuild reference")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Files: what is shown here is the same in both homes."""
    return embedded_home(tmp_path)


def place(home: Home, case_id: str) -> int:
    return partition_of(case_id, home.settings.topics().case_partitions)


def remove_all(home: Home) -> None:
    """The runbook's own statement."""
    (statement,) = re.findall(r'`sqlite3 var/log\.db "([^"]+)"`', CHAPTER.text)
    with sqlite3.connect(home.operator.place / "var/log.db") as db:
        db.execute(statement)
    db.close()


def killed_before_it_heard_of(home: Home, case_id: str) -> None:
    """Intake as it is when it ends between sending its facts and hearing them back."""
    database = open_database(home.settings.database_of("intake"))
    with database.begin() as db:
        mine = positions.c.partition == place(home, case_id)
        db.execute(sa.update(positions).where(mine).values(next=0))
        db.execute(sa.update(heads).where(heads.c.case_id == case_id).values(seen="{}"))
    database.dispose()


def test_a_service_whose_sent_facts_are_gone_refuses_to_start_though_it_never_heard_them(
    home: Home,
) -> None:
    with home.open() as city:
        case_id = city.register()["case_id"]
    killed_before_it_heard_of(home, case_id)
    with home.open("intake") as city:
        city.settle()  # what it sent is in the log: it hears it now
    killed_before_it_heard_of(home, case_id)
    remove_all(home)
    CHAPTER.says("so does one whose sent facts are gone, read or not")
    lost = rf"intake has sent facts on 1 case\(s\) that are not in the log, such as .* {case_id}"
    with pytest.raises(LogTruncated, match=lost), home.open("intake"):
        pass
    assert sum(ends(home).values()) == 0, "and it sends nothing"
    unsent_again(home, "intake")
    with home.open("intake") as city:  # what was not sent is not lost
        city.settle()
    assert len(in_the_log(home)[case_id]) == len(stated(home.settings, "intake"))


def test_what_a_later_fact_has_buried_is_put_back_into_an_empty_topic(home: Home) -> None:
    with home.open() as city:
        city.register()
        case_id = city.delivered()["case_id"]
        city.wait(days=3)
    streams = {name: stated(home.settings, name) for name in NAMES}
    views = {name: derived(home.settings, service_named(name)) for name in NAMES}
    whole = in_the_log(home)
    lose_one(home, case_id, "intake", 1)

    assert f"buried  {case_id}  intake 1\n" in home.operator.must(SHOW)
    refused = home.operator.run(WRITE)
    assert refused.code == 1
    assert "Remove all records of case-events and run this again" in refused.said
    assert {name: stated(home.settings, name) for name in NAMES} == streams

    remove_all(home)
    home.operator.must(WRITE)
    home.operator.must(REBUILD)
    home.operator.must(REFERENCE)
    with home.open() as city:
        city.settle()
    assert {name: stated(home.settings, name) for name in NAMES} == streams
    assert {name: derived(home.settings, service_named(name)) for name in NAMES} == views
    found = in_the_log(home)
    assert {c: {o.event_id for o in facts} for c, facts in found.items()} == {
        c: {o.event_id for o in facts} for c, facts in whole.items()
    }


def test_an_old_database_and_a_lost_tail_are_mended_one_after_the_other(home: Home) -> None:
    with home.open() as city:
        case_id = city.assigned()["case_id"]
    back_up(home, OLD, "intake")
    with home.open() as city:
        city.register()
        city.do(f"/dispatch/cases/{case_id}/signature", "unit_clerk", unit_id="mc.chengguan")
    streams = {name: stated(home.settings, name) for name in NAMES}
    views = {name: derived(home.settings, service_named(name)) for name in NAMES}
    put_back(home, OLD, "intake")
    lose_one(home, case_id, "dispatch", 2)

    CHAPTER.says("It refuses where a database lacks facts that the log still holds")
    refused = home.operator.run(WRITE)
    assert refused.code == 1
    assert "bring them back first: python -m tools.rebuild intake" in refused.said
    home.operator.must(OLD.command("python -m tools.rebuild", SERVICE="intake"))
    other = home.operator.run("python -m tools.rebuild dispatch")
    assert (other.code, "See: python -m tools.restore_log" in other.said) == (1, True)
    home.operator.must(WRITE)
    home.operator.must(REBUILD)
    home.operator.must(REFERENCE)
    with home.open() as city:
        city.settle()
    assert {name: stated(home.settings, name) for name in NAMES} == streams
    assert {name: derived(home.settings, service_named(name)) for name in NAMES} == views


def test_a_log_that_loses_its_tail_under_services_at_work_stops_them_and_what_they_send(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SAMPLE_SECONDS", 0.2)
    monkeypatch.setattr(relay, "IDLE_SECONDS", 0.05)
    with home.open() as city:
        city.delivered()
        lose_tail(home)
        left = ends(home)
        running = [one for one in city.whole.host.running if one.topic == TOPIC]
        city.runner.run(until(lambda: all(one.failure for one in running), 15))
        assert all("the log lost records" in str(one.failure) for one in running)
        unsent_again(home, "intake")
        city.runner.run(asyncio.sleep(0.3))
        assert ends(home) == left, f"nothing is sent to {TOPIC} any more"


def test_what_is_put_back_follows_its_cause_then_its_number_then_the_clock() -> None:
    at = {n: MONDAY + timedelta(seconds=n) for n in range(6)}
    intake = [Lost("c", "intake", n, f"i{n}", "", at[n], (), b"") for n in (1, 2, 4)]
    hasty = Lost("c", "dispatch", 1, "d1", "i2", at[0], (), b"")  # its machine's clock is slow
    same = Lost("c", "supervision", 1, "s1", "elsewhere", at[4], (), b"")
    for shuffled in permutations([*intake, hasty, same]):
        assert [one.event_id for one in in_order(shuffled)] == ["i1", "i2", "d1", "i4", "s1"]
