"""What another pack would change: on a log that the whole platform wrote, and fact by fact."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from libs.events.base import Event, Recorded
from libs.events.catalog import CATALOG
from libs.events.dispatch import CaseAssigned
from libs.events.envelope import to_headers
from libs.events.evaluation import ReviewRequested
from libs.events.feedback import ExtensionDecided, ReplyDelivered, ReplySubmitted
from libs.events.intake import CaseAccepted, CaseReferred, CaseRegistered
from libs.events.supervision import DeadlineBreached
from libs.log.connect import open_log
from libs.log.port import Outgoing
from libs.log.topics import EMBEDDED, Topics
from libs.rules.rules import shipped_rules
from tests.http.city import UNIT, City, open_city
from tests.spec import CASE, DUE, LATER, MONDAY, china, fact
from tests.whole import Clock, run
from tools.whatif.__main__ import main
from tools.whatif.figures import CANNOT, figures
from tools.whatif.replay import Replay
from tools.whatif.restating import KEPT, OWN_STATEMENTS, STEPS, Restating

RULES = shipped_rules()
NOT_LIMITS = {"occurred_at", "received_at", "expected_at", "done_at"}
"""Instants that no pack gives."""
REGISTERED = fact(CaseRegistered)
STARTED = [REGISTERED, fact(CaseAccepted), fact(CaseAssigned)]


def replayed(facts: list[Event], pack: str = "wuhan-7wd") -> Replay:
    replay = Replay(CASE, pack, RULES)
    for event in facts:
        replay.take(event)
    return replay


def handle(facts: list[Event], as_of: datetime, pack: str = "wuhan-7wd") -> Any:
    """The clock by which a unit is measured, under both packs."""
    return {pair.step: pair for pair in replayed(facts, pack).pairs(as_of)}["HANDLE"]


# ------------------------------------------------------------------------------------- fact by fact


def test_every_instant_of_every_fact_is_restated_or_known_to_be_kept() -> None:
    by_hand = {CaseRegistered: {"due_accept"}, ReviewRequested: {"due_decide"}}
    for type_, event in CATALOG.items():
        instants = {
            name
            for name, field in event.model_fields.items()
            if "datetime" in str(field.annotation).lower() or name == "due"
        } - NOT_LIMITS
        if type_ in OWN_STATEMENTS:
            continue
        known = set(STEPS.get(type_, {})) | KEPT.get(type_, frozenset()) | by_hand.get(event, set())
        if event in (CaseAccepted, CaseReferred):
            known |= {"due"}
        assert instants == known, type_


def test_a_limit_is_restated_from_the_instant_at_which_it_began() -> None:
    restating = Restating("wuhan-7wd", RULES)
    registered = restating.restate(REGISTERED)
    assert isinstance(registered, CaseRegistered)
    assert registered.decided_with.policy == "wuhan-7wd/1"
    accepted = restating.restate(fact(CaseAccepted, LATER))
    assert isinstance(accepted, CaseAccepted)
    assert accepted.due.citizen == china("2026-03-12 00:00"), "from registration, on Monday"
    assigned = restating.restate(fact(CaseAssigned, LATER))
    assert isinstance(assigned, CaseAssigned)
    assert assigned.due_handle == china("2026-03-13 00:00"), "from assignment, on Tuesday"
    assert assigned.org == UNIT
    assert restating.kept == 0


def test_what_a_person_granted_is_kept_and_counted() -> None:
    restating = Restating("wuhan-7wd", RULES)
    granted = fact(ExtensionDecided, outcome="approved", due_handle=LATER)
    assert restating.restate(granted) == granted
    restating.restate(fact(ExtensionDecided, outcome="rejected"))
    assert restating.kept == 1


def test_review_and_what_has_no_limit_are_restated_as_they_are_under_that_pack() -> None:
    restating = Restating("xinfang-2022", RULES)
    restating.restate(fact(CaseRegistered, track="xinfang"))
    restating.restate(fact(CaseAccepted, track="xinfang", sla_class="X"))
    review = restating.restate(fact(ReviewRequested))
    assert isinstance(review, ReviewRequested)
    assert review.due_decide == china("2026-04-02 00:00")
    referred = restating.restate(fact(CaseReferred))
    assert isinstance(referred, CaseReferred)
    assert referred.due is None
    restricted = restating.restate(fact(CaseReferred, due=DUE))
    assert isinstance(restricted, CaseReferred)
    assert restricted.due != DUE


def test_a_reply_on_the_sixth_day_is_late_by_five_days_and_in_time_by_seven() -> None:
    sixth = china("2026-03-10 10:00")
    found = handle([*STARTED, fact(ReplyDelivered, sixth)], sixth)
    assert (found.stated.breached, found.other.breached) == (True, False)
    assert found.stated.passed == {"amber", "red", "breach"}
    assert found.other.passed == {"amber"}
    assert (found.stated.due_at, found.other.due_at) == (
        china("2026-03-10 00:00"),
        china("2026-03-12 00:00"),
    )


def test_a_shorter_limit_makes_a_case_late_that_was_in_time() -> None:
    third = china("2026-03-04 10:00")
    facts = [REGISTERED, fact(CaseAccepted), fact(CaseAssigned, sla_class="U")]
    facts[1] = fact(CaseAccepted, sla_class="U")
    found = handle([*facts, fact(ReplyDelivered, third)], third, "beijing-4level")
    assert (found.stated.breached, found.other.breached) == (False, True)
    assert found.other.due_at == china("2026-03-03 09:00")


def test_a_clock_that_is_still_running_counts_what_it_has_passed_by_the_log_s_last_time() -> None:
    found = handle(STARTED, china("2026-03-09 13:00"))
    assert found.stated.passed == {"amber", "red"}
    assert found.other.passed == frozenset()


def test_what_was_passed_before_a_reply_went_to_review_is_not_forgotten() -> None:
    submitted = fact(ReplySubmitted, china("2026-03-10 09:00"))
    found = handle([*STARTED, submitted], china("2026-03-20 09:00"))
    assert found.stated.passed == {"amber", "red", "breach"}
    assert found.other.passed == {"amber"}, "and nothing is added while the reply is under review"


def test_a_case_from_before_the_calendar_or_without_registration_is_left_out_and_counted() -> None:
    ancient = china("1990-01-01 09:00")
    replays = [
        replayed([fact(CaseRegistered, ancient)]),
        replayed([fact(CaseAssigned)]),
        replayed(STARTED),
    ]
    found = figures(replays, "wuhan-7wd/1", LATER, 5)
    assert found.cases == 1
    assert found.left_out == {
        "calendar CN-GOV covers 2004 to 2046, not 1990": 1,
        "its registration is not in the log": 1,
    }


def test_a_pack_that_is_not_known_here_leaves_its_cases_out() -> None:
    versions = REGISTERED.decided_with.model_copy(update={"policy": "elsewhere/4"})
    registered = REGISTERED.model_copy(update={"decided_with": versions})
    found = figures([replayed([registered])], "wuhan-7wd/1", LATER, 5)
    assert found.left_out == {"there is no policy pack elsewhere/4": 1}


def test_what_the_log_says_otherwise_than_the_replay_is_seen() -> None:
    def agreeing(*more: Event) -> int:
        return figures([replayed([*STARTED, *more])], "wuhan-7wd/1", MONDAY, 0).agreeing

    assert agreeing() == 1
    assert agreeing(fact(DeadlineBreached, timer=f"HANDLE.{CASE}.1")) == 0


# ------------------------------------------------------------------- on a log of the whole platform


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
        "signer": "head-1",
    }
    city.do(f"/feedback/cases/{case}/replies", "unit_clerk", reply, unit_id=UNIT)
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
