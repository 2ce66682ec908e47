"""Reviews up to 三级终结: asked for in time, taken on by the level above, decided by others than before."""

import json
from dataclasses import replace
from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.events.base import SYSTEM, Actor, Event
from libs.events.catalog import load
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    HearingClosed,
    HearingOpened,
    ReviewAccepted,
    ReviewDecided,
    ReviewDecisionProposed,
    ReviewDecisionReturned,
    ReviewDeclined,
    ReviewRequested,
    ReworkOrdered,
)
from libs.events.feedback import ReplyApproved, ReplyDelivered, ReplyReturned
from libs.events.intake import CaseAccepted, CaseArchived
from services.evaluation.commands import (
    AcceptReview,
    CloseCase,
    CloseHearing,
    ConfirmReviewDecision,
    DecideReview,
    DeclineReview,
    OpenHearing,
    OrderRework,
    RecordCallback,
    RequestReview,
    ReturnReviewDecision,
)
from services.evaluation.decider import decider
from tests.spec import (
    AGENT,
    CASE,
    CITIZEN,
    LATER,
    MONDAY,
    REVIEWER,
    SUPERVISOR,
    UNIT,
    Given,
    china,
    fact,
    fold,
    sealed,
    shuffled,
    stated,
)

TUESDAY, WEDNESDAY = china("2026-03-03 15:00"), china("2026-03-04 15:00")
PROVINCE = Actor(id="rev-2", role="review_officer", org="province")
THIRD = Actor(id="rev-3", role="review_officer", org="province")
FIRST, SECOND = f"{CASE}.v1", f"{CASE}.v2"
ASK = {"text": sealed("补偿过低")}
UPHELD = {"outcome": "uphold", "doc": sealed("复查1号")}


def answered(*more: Event, track: str = "xinfang", **delivered: object) -> Given:
    """A petition whose citizen got the answer on Monday at nine."""
    facts = fact(CaseAccepted, track=track), fact(CaseAssigned), fact(ReplyDelivered, **delivered)
    return Given(decider).facts(*facts, *more)


def requested(*more: Event, **fields: object) -> Given:
    """A petition whose citizen has asked for the first review."""
    asked = {"reply_id": f"{CASE}.r1", "received_at": LATER} | fields
    return answered(fact(ReviewRequested, at=LATER, **asked), *more)


def taken_on(*more: Event) -> Given:
    """A first review that the municipal government has taken on."""
    return requested(fact(ReviewAccepted, at=LATER), *more)


def reviewed_once(outcome: str = "uphold", **more: object) -> Given:
    """A petition whose first review was decided on Wednesday."""
    decided = {"outcome": outcome, "org": "mc.gov"} | more
    return taken_on(fact(ReviewDecided, at=WEDNESDAY, by=REVIEWER, **decided))


def second_taken_on(*more: Event) -> Given:
    """A second review that the province has taken on."""
    asked = {"review_id": SECOND, "level": 2, "reply_id": f"{CASE}.r1", "received_at": WEDNESDAY}
    taken = {"review_id": SECOND, "level": 2, "org": "province"}
    return reviewed_once().facts(
        fact(ReviewRequested, at=WEDNESDAY, **asked),
        fact(ReviewAccepted, at=WEDNESDAY, **taken),
        *more,
    )


# ------------------------------------------------------------------------------------- asked for


def test_a_petitioner_asks_for_review_once_and_it_is_due_in_thirty_days() -> None:
    words = sealed("不服")
    case = answered().when(RequestReview, at=LATER, by=CITIZEN, text=words)
    case.then(
        stated(
            ReviewRequested,
            review_id=FIRST,
            level=1,
            in_time=True,
            received_at=LATER,
            text=words,
            due_decide=china("2026-04-03 00:00"),
            reply_id=f"{CASE}.r1",
        )
    )
    case.when(RequestReview, **ASK, by=CITIZEN).then_nothing()


def test_a_review_is_asked_for_in_writing() -> None:
    """Transition 40: written."""
    with pytest.raises(ValidationError, match="text"):
        answered().when(RequestReview, at=LATER, by=CITIZEN)


def test_what_is_archived_is_reviewed_no_more() -> None:
    """Transition 40 begins at S60 and S80; what is put away (S99) is asked for too late by months."""
    case = answered(fact(CaseClosed), fact(CaseArchived, at=china("2026-06-01 09:00")))
    case.when(RequestReview, **ASK, at=china("2026-06-02 09:00"), by=CITIZEN)
    case.then_refused("archived (已归档)")


@pytest.mark.parametrize(
    ("at", "in_time"), [("2026-04-01 23:59", True), ("2026-04-02 00:00", False)]
)
def test_it_is_recorded_whether_a_review_was_asked_for_in_time(at: str, in_time: bool) -> None:
    answered().when(RequestReview, **ASK, at=china(at)).then(stated(ReviewRequested, in_time=in_time))


@pytest.mark.parametrize(
    ("at", "in_time"), [("2026-04-03 23:59", True), ("2026-04-07 00:00", False)]
)
def test_the_second_is_asked_for_within_thirty_days_of_what_the_first_came_to(
    at: str, in_time: bool
) -> None:
    reviewed_once().when(RequestReview, **ASK, at=china(at), by=CITIZEN).then(
        stated(ReviewRequested, level=2, review_id=SECOND, in_time=in_time)
    )


def test_who_was_told_a_later_end_asks_in_time_though_a_calendar_would_give_less() -> None:
    told, at = china("2026-04-10 00:00"), china("2026-04-09 23:59")
    first = answered(review_until=told).when(RequestReview, **ASK, at=at, by=CITIZEN)
    first.then(stated(ReviewRequested, level=1, in_time=True))
    for minute, in_time in (("2026-04-19 23:59", True), ("2026-04-20 00:00", False)):
        second = reviewed_once(again_until=china("2026-04-20 00:00"))
        second.when(RequestReview, **ASK, at=china(minute), by=CITIZEN).then(
            stated(ReviewRequested, level=2, in_time=in_time)
        )


def test_a_published_calendar_gives_more_time_to_ask_for_review_than_was_told() -> None:
    case = answered(review_until=china("2026-03-20 00:00"))
    late = china("2026-04-01 23:59")
    case.when(RequestReview, **ASK, at=late, by=CITIZEN).then(stated(ReviewRequested, in_time=False))
    case = answered(review_until=china("2026-03-20 00:00"))
    case.rules = replace(case.rules, published={"calendar/CN-GOV": LATER})
    case.when(RequestReview, **ASK, at=late, by=CITIZEN).then(stated(ReviewRequested, in_time=True))


@pytest.mark.parametrize(
    ("outcome", "until"), [("uphold", china("2026-04-04 00:00")), ("revoke", None)]
)
def test_what_a_first_review_came_to_says_how_long_a_second_can_be_asked_for(
    outcome: str, until: datetime | None
) -> None:
    said = {"outcome": outcome, "doc": sealed("复查1号"), "opinion": sealed("意见")}
    case = taken_on().when(DecideReview, at=WEDNESDAY, by=REVIEWER, review_id=FIRST, **said)
    (decided, *_) = case.events or ()
    assert isinstance(decided, ReviewDecided)
    assert decided.again_until == until


def test_a_hotline_case_has_no_review() -> None:
    answered(track="hotline").when(RequestReview, **ASK, by=CITIZEN).then_refused(
        "Review is for petitions"
    )


def test_a_closed_petition_can_still_be_reviewed() -> None:
    answered(fact(CaseClosed)).when(RequestReview, **ASK, at=LATER, by=CITIZEN).then(
        stated(ReviewRequested)
    )


def test_the_new_answer_after_a_revoked_one_can_be_reviewed_from_the_first_level_again() -> None:
    case = reviewed_once("revoke").facts(fact(ReworkOrdered, at=WEDNESDAY))
    case.when(RequestReview, **ASK, at=WEDNESDAY, by=CITIZEN).then_refused("works on it again")
    anew = china("2026-03-09 09:00")
    case.facts(fact(ReplyDelivered, at=anew, reply_id=f"{CASE}.r2"))
    case.when(RequestReview, **ASK, at=anew, by=CITIZEN).then(
        stated(ReviewRequested, level=1, review_id=SECOND, reply_id=f"{CASE}.r2", in_time=True)
    )


# ------------------------------------------------------------------------------------- taken on or not


def test_the_level_above_takes_a_review_on_once() -> None:
    case = requested().when(AcceptReview, by=REVIEWER, review_id=FIRST)
    case.then(stated(ReviewAccepted, review_id=FIRST, level=1, org="mc.gov"))
    case.when(AcceptReview, by=REVIEWER, review_id=FIRST).then_nothing()


@pytest.mark.parametrize("org", [None, "mc.shuiwu", "province", "mc.xinfang", "elsewhere"])
def test_only_the_organ_directly_above_takes_a_first_review_on(org: str | None) -> None:
    by = Actor(id="rev-9", role="review_officer", org=org)
    requested().when(AcceptReview, by=by, review_id=FIRST).then_refused("the level above")


@pytest.mark.parametrize("org", ["mc.gov", "mc.shuiwu", "elsewhere"])
def test_only_the_organ_above_the_first_reviewer_takes_the_second_on(org: str) -> None:
    asked = {"review_id": SECOND, "level": 2, "reply_id": f"{CASE}.r1"}
    case = reviewed_once().facts(fact(ReviewRequested, at=WEDNESDAY, **asked))
    by = Actor(id="rev-9", role="review_officer", org=org)
    case.when(AcceptReview, by=by, review_id=SECOND).then_refused("the level above")
    case.when(AcceptReview, by=PROVINCE, review_id=SECOND).then(
        stated(ReviewAccepted, org="province")
    )


@pytest.mark.parametrize(
    "account", ["clerk-1", "head-1", "aud-1", "aud-2"], ids=["clerk", "head", "auditor", "returned"]
)
def test_nobody_reviews_what_they_handled_signed_or_audited(account: str) -> None:
    returned = fact(ReplyReturned, by=Actor(id="aud-2", role="auditor"))
    approved = fact(ReplyApproved, by=Actor(id="aud-1", role="auditor"))
    by = Actor(id=account, role="review_officer", org="mc.gov")
    case = requested(returned, approved)
    case.when(AcceptReview, by=by, review_id=FIRST).then_refused("may not review it")
    case.facts(fact(ReviewAccepted)).when(DecideReview, by=by, review_id=FIRST, **UPHELD)
    case.then_refused("may not review it")


def test_who_asked_too_late_is_declined_by_an_officer_with_reason_and_remedy() -> None:
    words = {"reason": sealed("已逾三十日"), "remedy": sealed("可以依法申请行政复议")}
    case = requested(in_time=False)
    case.when(AcceptReview, by=REVIEWER, review_id=FIRST).then_refused("decline it")
    case.when(DeclineReview, by=PROVINCE, review_id=FIRST, **words).then_refused("the level above")
    case.when(DeclineReview, by=REVIEWER, review_id=FIRST, **words).then(
        stated(ReviewDeclined, level=1, org="mc.gov", ground="out_of_time", **words)
    )
    case.when(RequestReview, **ASK, at=china("2026-05-06 09:00"), by=CITIZEN).then_refused("declined")


def test_who_asked_in_time_is_not_declined() -> None:
    words = {"reason": sealed(), "remedy": sealed()}
    requested().when(DeclineReview, by=REVIEWER, review_id=FIRST, **words).then_refused("in time")


# ------------------------------------------------------------------------------------- hearings


def test_the_time_of_a_hearing_is_not_counted() -> None:
    case = taken_on().when(OpenHearing, at=china("2026-03-10 09:00"), by=REVIEWER, review_id=FIRST)
    case.then(stated(HearingOpened, hearing_id=f"{FIRST}.h1", level=1))
    case.when(OpenHearing, by=REVIEWER, review_id=FIRST).then_nothing()
    decision = {"review_id": FIRST, **UPHELD}
    case.when(DecideReview, by=REVIEWER, **decision).then_refused("A hearing is open")
    closing = {"review_id": FIRST, "minutes": sealed("听证笔录")}
    case.when(CloseHearing, at=china("2026-03-20 09:00"), by=REVIEWER, **closing).then(
        stated(HearingClosed, hearing_id=f"{FIRST}.h1", due_decide=china("2026-04-14 00:00"))
    )
    case.when(CloseHearing, by=REVIEWER, **closing).then_nothing()
    case.when(DecideReview, at=china("2026-04-10 09:00"), by=REVIEWER, **decision).then(
        stated(ReviewDecided, hearing_days=10)
    )


def test_a_hearing_is_held_by_the_organ_that_has_the_review() -> None:
    requested().when(OpenHearing, by=REVIEWER, review_id=FIRST).then_refused("accepted first")
    taken_on().when(OpenHearing, by=PROVINCE, review_id=FIRST).then_refused("has taken this review")
    minutes = {"review_id": FIRST, "minutes": sealed()}
    taken_on().when(CloseHearing, by=REVIEWER, **minutes).then_refused("No hearing is open")


# ------------------------------------------------------------------------------------- decided


def test_one_officer_decides_the_first_review() -> None:
    taken_on().when(DecideReview, at=LATER, by=REVIEWER, review_id=FIRST, **UPHELD).then(
        stated(
            ReviewDecided,
            level=1,
            outcome="uphold",
            doc=sealed("复查1号"),
            org="mc.gov",
            final=False,
            proposed_by=None,
        )
    )


def test_only_a_review_that_is_open_and_taken_on_is_decided() -> None:
    decision = {"review_id": SECOND, **UPHELD}
    answered().when(DecideReview, by=REVIEWER, **decision).then_refused("No such review is open")
    taken_on().when(DecideReview, by=REVIEWER, **decision).then_refused("No such review is open")
    requested().when(DecideReview, by=REVIEWER, review_id=FIRST, **UPHELD).then_refused(
        "accepted first"
    )


def test_a_changed_answer_is_said_in_words_and_counts_when_the_case_closes() -> None:
    bare = {"review_id": FIRST, "outcome": "change", "doc": sealed()}
    case = taken_on(fact(CallbackRecorded, at=LATER))
    case.when(DecideReview, by=REVIEWER, **bare).then_refused("opinion, answer")
    said = bare | {"opinion": sealed("部分支持"), "answer": "not_supported"}
    case.when(DecideReview, at=WEDNESDAY, by=REVIEWER, **said).then(
        stated(ReviewDecided, outcome="change", opinion=sealed("部分支持"), answer="not_supported")
    )
    (close,) = case.due()
    case.when(CloseCase, at=close.occurred_at, by=SYSTEM).then(
        stated(CaseClosed, outcome="not_supported")
    )


def test_an_upheld_answer_comes_to_nothing_else() -> None:
    odd = {"review_id": FIRST, "answer": "supported"} | UPHELD
    taken_on().when(DecideReview, by=REVIEWER, **odd).then_refused("only a changed answer")


@pytest.mark.parametrize("closed", [False, True])
def test_a_revoked_answer_is_made_again_even_if_the_case_was_closed(closed: bool) -> None:
    case = taken_on(*[fact(CaseClosed, at=TUESDAY)] * closed)
    revoke = {"review_id": FIRST, "outcome": "revoke", "doc": sealed()}
    case.when(DecideReview, at=WEDNESDAY, by=REVIEWER, **revoke).then(
        stated(ReviewDecided, outcome="revoke", final=False),
        stated(
            ReworkOrdered,
            reason="review_revoked",
            org=UNIT,
            reply_id=f"{CASE}.r1",
            due_rework=china("2026-03-10 00:00"),
        ),
    )
    assert case.due() == []
    anew = china("2026-03-09 09:00")
    case.facts(fact(ReplyDelivered, at=anew, reply_id=f"{CASE}.r2"))
    case.when(RecordCallback, at=anew, by=AGENT, reached=True).then(stated(CallbackRecorded))
    assert [type(wish) for wish in case.due()] == [CloseCase]


def test_an_answer_that_is_made_again_already_is_not_ordered_twice() -> None:
    case = taken_on(fact(ReworkOrdered, at=TUESDAY))
    revoke = {"review_id": FIRST, "outcome": "revoke", "doc": sealed()}
    case.when(DecideReview, at=WEDNESDAY, by=REVIEWER, **revoke).then(stated(ReviewDecided))


def test_the_second_review_is_proposed_by_one_and_confirmed_by_another_and_then_final() -> None:
    case = second_taken_on()
    decision = {"review_id": SECOND, **UPHELD}
    case.when(DecideReview, at=WEDNESDAY, by=PROVINCE, **decision).then(
        stated(ReviewDecisionProposed, proposal_id=f"{SECOND}.p1", outcome="uphold")
    )
    confirm = {"review_id": SECOND, "proposal_id": f"{SECOND}.p1"}
    case.when(ConfirmReviewDecision, by=PROVINCE, **confirm).then_refused("two persons")
    case.when(ConfirmReviewDecision, by=REVIEWER, **confirm).then_refused("first review")
    case.when(ConfirmReviewDecision, at=WEDNESDAY, by=THIRD, **confirm).then(
        stated(
            ReviewDecided,
            level=2,
            outcome="uphold",
            doc=sealed("复查1号"),
            final=True,
            proposed_by="rev-2",
            org="province",
        )
    )
    case.when(RequestReview, **ASK, by=CITIZEN).then_refused("三级终结")
    rework = {"reason": "false_reply"}
    case.when(OrderRework, by=SUPERVISOR, **rework).then_refused("三级终结")


def test_what_was_sent_back_is_proposed_anew() -> None:
    case = second_taken_on(fact(ReviewDecisionProposed, by=PROVINCE, review_id=SECOND,
                                proposal_id=f"{SECOND}.p1", org="province"))  # fmt: skip
    back = {"review_id": SECOND, "proposal_id": f"{SECOND}.p1", "note": sealed("证据不足")}
    case.when(ReturnReviewDecision, by=PROVINCE, **back).then_refused("two persons")
    case.when(ReturnReviewDecision, by=THIRD, **back).then(stated(ReviewDecisionReturned))
    gone = {"review_id": SECOND, "proposal_id": f"{SECOND}.p1"}
    case.when(ConfirmReviewDecision, by=THIRD, **gone).then_refused("No such proposal")
    case.when(DecideReview, by=PROVINCE, review_id=SECOND, **UPHELD).then(
        stated(ReviewDecisionProposed, proposal_id=f"{SECOND}.p2")
    )


def test_the_second_review_may_revoke_and_then_nothing_is_final() -> None:
    case = second_taken_on(fact(ReviewDecisionProposed, by=PROVINCE, review_id=SECOND,
                                proposal_id=f"{SECOND}.p1", org="province", outcome="revoke"))  # fmt: skip
    confirm = {"review_id": SECOND, "proposal_id": f"{SECOND}.p1"}
    case.when(ConfirmReviewDecision, at=WEDNESDAY, by=THIRD, **confirm).then(
        stated(ReviewDecided, outcome="revoke", final=False),
        stated(ReworkOrdered, reason="review_revoked"),
    )


@pytest.mark.parametrize(
    ("level", "outcome", "final"), [(2, "uphold", True), (2, "revoke", False), (1, "uphold", False)]
)
def test_a_second_review_decided_before_that_was_said_is_final_too(
    level: int, outcome: str, final: bool
) -> None:
    now = fact(ReviewDecided, level=level, outcome=outcome).model_dump(mode="json")
    old = {name: now[name] for name in now if name not in ("final", "org", "proposed_by")}
    read = load("evaluation.ReviewDecided", 1, json.dumps(old).encode())
    assert isinstance(read, ReviewDecided)
    assert read.final is final


RATED = [fact(EvaluationSubmitted, at=LATER, target=t) for t in ("intake", "handling")]


def test_a_declined_review_no_longer_keeps_the_case_open() -> None:
    case = requested(fact(CallbackRecorded, at=LATER), *RATED, in_time=False)
    assert case.due() == []
    case.facts(fact(ReviewDeclined, at=WEDNESDAY))
    assert [wish.occurred_at for wish in case.due()] == [WEDNESDAY]


ANY_FACT = [
    fact(CaseAssigned),
    fact(ReplyApproved),
    fact(ReplyDelivered),
    fact(ReplyDelivered, at=WEDNESDAY, reply_id=f"{CASE}.r2"),
    fact(ReviewRequested, reply_id=f"{CASE}.r1"),
    fact(ReviewAccepted),
    fact(HearingOpened),
    fact(HearingClosed, at=LATER),
    fact(ReviewDecided, at=WEDNESDAY, answer="partly"),
    fact(ReviewDeclined),
    fact(ReviewRequested, review_id=SECOND, level=2),
    fact(ReviewDecisionProposed, review_id=SECOND, proposal_id=f"{SECOND}.p1"),
    fact(ReviewDecided, review_id=SECOND, level=2, at=WEDNESDAY),
    fact(ReworkOrdered, at=MONDAY),
    fact(CaseClosed),
]


@given(st.lists(st.sampled_from(ANY_FACT), max_size=12), st.randoms(use_true_random=False))
def test_it_does_not_matter_which_service_was_heard_first(history: list, random: Random) -> None:
    assert fold(decider, shuffled(history, random)) == fold(decider, history)
