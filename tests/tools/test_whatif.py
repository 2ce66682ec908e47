"""What another pack would change, asked of a log that the whole platform wrote."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from libs.events.base import Recorded
from libs.events.envelope import to_headers
from libs.events.feedback import ExtensionDecided
from libs.log.connect import open_log
from libs.log.port import Outgoing
from libs.log.topics import EMBEDDED, Topics
from tests.http.city import UNIT, City, open_city
from tests.spec import LATER, fact
from tests.whole import Clock, run
from tools.whatif.__main__ import main
from tools.whatif.figures import CANNOT


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three cases: answered on the sixth working day, never answered, and a petition."""
    root = tmp_path_factory.mktemp("whatif")
    with open_city(root, clock=Clock()) as city:
        sixth = city.assigned()["case_id"]
        city.assigned()
        city.assigned(category="1402")
        _sign(city, sixth)
        city.wait(days=8)
        _answer(city, sixth)
        city.wait(days=4)
    return root / "log.db"


def _sign(city: City, case: str) -> None:
    city.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)


def _answer(city: City, case: str) -> None:
    reply = {
        "answers": [{"claim": 1, "outcome": "supported"}],
        "text": "已办。",
    }
    city.do(f"/feedback/cases/{case}/replies", "unit_head", reply, unit_id=UNIT)
    city.do(f"/feedback/cases/{case}/approval", "auditor")


def ask(log: Path, tmp_path: Path, *words: str) -> dict[str, Any]:
    """The figures that the tool writes."""
    file = tmp_path / "figures.json"
    assert main(["--log", f"sqlite:///{log}", "--json", str(file), *words]) == 0
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def test_the_replay_says_what_supervision_said_and_what_the_other_pack_would_have(
    log: Path, tmp_path: Path
) -> None:
    found = ask(log, tmp_path, "--pack", "wuhan-7wd")
    assert (found["pack"], found["cases"], found["left_out"]) == ("wuhan-7wd/1", 3, {})
    assert found["cases_agreeing_with_the_log"] == 3
    timer = found["timers"]["HANDLE"]
    # as stated two of three are late, the petition has sixty days; by seven days only the silent two
    assert (timer["clocks"], timer["stated"]["breaches"], timer["other"]["breaches"]) == (3, 2, 2)
    assert (timer["cases_late_only_stated"], timer["cases_late_only_other"]) == (1, 1)
    assert timer["cases_due_differs"] == 3
    assert timer["stated"]["mean_days"] > timer["other"]["mean_days"]
    same = found["timers"]["SIGN"]
    assert (same["stated"], same["cases_due_differs"]) == (same["other"], 0)
    assert found["cannot_be_replayed"] == list(CANNOT)


def test_the_pack_of_the_cases_themselves_changes_nothing(log: Path, tmp_path: Path) -> None:
    found = ask(log, tmp_path, "--pack", "cn-generic-2026/1")
    for timer in found["timers"].values():
        assert timer["stated"] == timer["other"]
        assert timer["cases_due_differs"] == 0
    assert found["examples"] == []


def test_examples_name_the_case_with_both_instants(log: Path, tmp_path: Path) -> None:
    found = ask(log, tmp_path, "--pack", "wuhan-7wd", "--examples", "1")
    (example,) = found["examples"]
    assert example["timer"] == "HANDLE"
    assert example["receipt_no"].startswith("LX")
    assert example["late_stated"] != example["late_other"]
    assert example["stated_due_at"] != example["other_due_at"]


def test_fewer_cases_can_be_asked_for(log: Path, tmp_path: Path) -> None:
    assert ask(log, tmp_path, "--pack", "wuhan-7wd", "--limit", "1")["cases"] == 1
    assert ask(log, tmp_path, "--pack", "wuhan-7wd", "--since", "2026-03-02")["cases"] == 3
    assert ask(log, tmp_path, "--pack", "wuhan-7wd", "--since", "2026-03-03")["cases"] == 0


def test_it_prints_what_it_cannot_know_and_leaves_the_log_as_it_was(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hashlib.sha256(log.read_bytes()).hexdigest()
    ask(log, tmp_path, "--pack", "wuhan-7wd")
    said = capsys.readouterr().out
    assert "3 cases under wuhan-7wd/1" in said
    assert all(words in said for words in CANNOT)
    assert hashlib.sha256(log.read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--pack", "nowhere"], 2, "no policy pack nowhere"),
        (["--pack", "wuhan-7wd", "--since", "soon"], 2, "--since soon is no time"),
        (["--pack", "wuhan-7wd", "--limit", "0"], 2, "--limit counts from 1"),
        (["--pack", "wuhan-7wd", "--log", "sqlite:///nothing.db"], 1, "cannot be read"),
        (["--pack", "wuhan-7wd", "--log", "ftp://x"], 2, "no log home for ftp"),
        (["--pack", "wuhan-7wd", "--json", "/no/such/place"], 2, "/no/such/place"),
    ],
)
def test_what_cannot_be_asked_is_said(
    log: Path, words: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--log", f"sqlite:///{log}", *words]) == code
    assert told in capsys.readouterr().err


def test_a_fact_that_was_sent_twice_is_heard_once(log: Path, tmp_path: Path) -> None:
    copy = tmp_path / "log.db"
    copy.write_bytes(log.read_bytes())
    case = ask(copy, tmp_path, "--pack", "wuhan-7wd")["examples"][0]["case_id"]
    granted = fact(ExtensionDecided, outcome="approved", due_handle=LATER)
    granted = granted.model_copy(update={"case_id": case})
    recorded = Recorded("e1", granted, 99, LATER, "c1", "c1")
    body = granted.model_dump_json().encode()
    append(copy, *[Outgoing("case-events", case, to_headers(recorded), body)] * 2)
    assert ask(copy, tmp_path, "--pack", "wuhan-7wd")["facts_kept_as_granted"] == 1


def append(log: Path, *records: Outgoing) -> None:
    """Put records into a log as a publisher does."""

    async def put() -> None:
        there = open_log(f"sqlite:///{log}")
        await there.prepare(Topics("", EMBEDDED).partitions())
        await there.append(records)
        await there.close()

    run(put())


def test_a_record_that_cannot_be_read_leaves_its_case_out_and_no_other(
    log: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "log.db"
    copy.write_bytes(log.read_bytes())
    case = ask(copy, tmp_path, "--pack", "wuhan-7wd")["examples"][0]["case_id"]

    append(copy, Outgoing("case-events", case, (("ce_id", b"x"),), b"{"))
    found = ask(copy, tmp_path, "--pack", "wuhan-7wd")
    assert found["cases"] == 2
    assert found["left_out"] == {"a record of it cannot be read here": 1}
