"""The runbook's chapter on a broker that lost its tail, walked through with its own commands."""

import asyncio

import pytest

from libs.events.envelope import Attributes
from libs.host.schema import RebuildNeeded
from libs.log.port import LogTruncated
from services.list import NAMES, service_named
from tests.rebuild.town import derived, stated
from tests.runbook.book import Chapter
from tests.runbook.conftest import Home
from tests.runbook.losing import History, ends, in_the_log, lose_tail, unsent_again

CHAPTER = Chapter("The broker lost its tail")
SHOW = CHAPTER.command("python -m tools.restore_log [")
WRITE = CHAPTER.command("python -m tools.restore_log --write")
REBUILD = CHAPTER.command("python -m tools.rebuild intake")
REFERENCE = CHAPTER.command("python -m tools.rebuild reference")


def test_a_log_that_lost_its_tail_gets_it_back_from_the_services_streams(home: Home) -> None:
    with home.open() as city:
        city.register()
        city.delivered()
        CHAPTER.says("`--write` refuses while a service is at work")
        early = city.runner.run(asyncio.to_thread(home.operator.run, WRITE))
        assert early.code == 1
        assert "is at work on this database" in early.said
        city.wait(days=3)
        receipts = [city.register()["receipt_no"]]
    unsent_again(home, "intake")
    with home.open() as city:  # what is sent twice is not put back twice: the log will be shorter
        city.settle()
    streams = {name: stated(home.settings, name) for name in NAMES}
    views = {name: derived(home.settings, service_named(name)) for name in NAMES}
    whole = in_the_log(home)
    lose_tail(home)
    left = ends(home)
    assert 0 < sum(left.values()) < sum(map(len, whole.values()))

    CHAPTER.says("Every service that read further stops or refuses to start")
    for name in NAMES:
        with pytest.raises(LogTruncated, match="the log lost records"), home.open(name):
            pass

    said = home.operator.must(SHOW)
    for case_id, owners in lacking(whole, in_the_log(home)).items():
        told = ", ".join(f"{owner} {span}" for owner, span in owners.items())
        assert f"missing  {case_id}  {told}\n" in said
    assert ends(home) == left, "nothing was changed"
    home.operator.must(WRITE)
    with pytest.raises(RebuildNeeded), home.open("dispatch"):
        pass
    home.operator.must(REBUILD)
    home.operator.must(REFERENCE)

    with home.open() as city:
        city.settle()
        CHAPTER.says("Cases and views are what they were")
        for name in NAMES:
            assert stated(home.settings, name) == streams[name], name
            assert derived(home.settings, service_named(name)) == views[name], name
        back = in_the_log(home)
        receipts.append(city.delivered()["receipt_no"])
        assert len(set(receipts)) == 2
    for case_id, facts in back.items():
        assert {one.event_id for one in facts} == {one.event_id for one in whole[case_id]}
    assert len(in_the_log(home)) == len(whole) + 1
    for facts in in_the_log(home).values():
        assert_in_order(facts)


def lacking(whole: History, left: History) -> dict[str, dict[str, str]]:
    """Of each case the owners whose facts are gone, and their numbers as the tool writes them."""
    have = {one.event_id for facts in left.values() for one in facts}
    found: dict[str, dict[str, str]] = {}
    for case_id, facts in whole.items():
        for owner in sorted({one.owner for one in facts}, key=NAMES.index):
            mine = {one.seq for one in facts if one.owner == owner and one.event_id not in have}
            gone = sorted(mine)
            if gone:
                span = f"{gone[0]}-{gone[-1]}" if len(gone) > 1 else f"{gone[0]}"
                found.setdefault(case_id, {})[owner] = span
    return found


def assert_in_order(facts: list[Attributes]) -> None:
    """Each owner's by number from one, none twice, and none before its cause."""
    last: dict[str, int] = {}
    ids = {one.event_id for one in facts}
    had: set[str] = set()
    for one in facts:
        assert one.seq == last.get(one.owner, 0) + 1
        last[one.owner] = one.seq
        cause = one.causation_id.partition("/")[0]
        assert cause in had or cause not in ids
        had.add(one.event_id)
