"""A case's facts under another pack, one by one: what is restated, what is kept, what comes of it."""

from datetime import datetime
from typing import Any

from libs.events.base import Event
from libs.events.catalog import CATALOG
from libs.events.dispatch import CaseAssigned, DisputeProposed
from libs.events.evaluation import ReviewRequested
from libs.events.feedback import ExtensionDecided, ReplyDelivered, ReplySubmitted
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseArchived,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    PraiseForwarded,
)
from libs.events.supervision import DeadlineBreached
from libs.rules.rules import shipped_rules
from tests.http.city import UNIT
from tests.spec import CASE, DUE, LATER, MONDAY, china, fact
from tools.whatif.figures import figures
from tools.whatif.replay import Replay
from tools.whatif.restating import KEPT, OWN_STATEMENTS, RETENTION, STEPS, Restating

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


def test_every_instant_of_every_fact_is_restated_or_known_to_be_kept() -> None:
    by_hand = {
        CaseRegistered: {"due_accept"},
        AnsweredAtDesk: {"evaluation_until"},
        PraiseForwarded: {"object_until"},
        AnswerContested: {"due_accept"},
        ReviewRequested: {"due_decide"},
        DisputeProposed: {"countersign_until"},
    }
    for type_, event in CATALOG.items():
        instants = {
            name
            for name, field in event.model_fields.items()
            if "datetime" in str(field.annotation).lower() or name == "due"
        } - NOT_LIMITS
        if type_ in OWN_STATEMENTS:
            continue
        known = set(STEPS.get(type_, {})) | by_hand.get(event, set())
        known |= KEPT.get(type_, frozenset()) | RETENTION.get(type_, frozenset())
        if event in (CaseAccepted, CaseReferred, CaseReopened):
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


def test_the_time_to_countersign_a_dispute_is_restated_from_the_assignment() -> None:
    restating = Restating("wuhan-7wd", RULES)
    for event in (REGISTERED, fact(CaseAccepted), fact(CaseAssigned)):
        restating.restate(event)
    proposed = restating.restate(fact(DisputeProposed, LATER, countersign_until=LATER))
    assert isinstance(proposed, DisputeProposed)
    due = RULES.due("wuhan-7wd", "DISPUTE_WITHIN", "G", "hotline", MONDAY).at
    assert proposed.countersign_until == due != LATER
    before_it_was_stated = fact(DisputeProposed, LATER)
    assert restating.restate(before_it_was_stated) == before_it_was_stated


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


def test_an_answer_at_the_desk_is_rated_and_contested_in_the_time_of_that_pack() -> None:
    restating = Restating("beijing-4level", RULES)
    restating.restate(REGISTERED)
    answered = restating.restate(fact(AnsweredAtDesk, LATER))
    assert isinstance(answered, AnsweredAtDesk)
    assert answered.evaluation_until == RULES.due("beijing-4level", "EVAL", "G", "hotline", LATER).at
    praised = restating.restate(fact(PraiseForwarded, LATER))
    assert isinstance(praised, PraiseForwarded)
    assert praised.object_until == answered.evaluation_until
    contested = restating.restate(fact(AnswerContested, LATER))
    assert isinstance(contested, AnswerContested)
    assert contested.due_accept == RULES.due("beijing-4level", "ACCEPT", "G", "hotline", LATER).at
    assert restating.kept == 0


def test_how_long_words_are_kept_is_no_clock_and_stays() -> None:
    restating = Restating("wuhan-7wd", RULES)
    archived = fact(CaseArchived)
    assert restating.restate(archived) == archived
    assert restating.kept == 0


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
