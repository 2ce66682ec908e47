"""The answer as the unit's clerk drafts it, until the unit's head signs it or sends it back."""

from collections.abc import Sequence
from typing import Any

import pytest

from libs.events.base import Actor, Event, Recorded
from libs.events.dispatch import (
    AssignmentPassedOn,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
    DisputeDecided,
)
from libs.events.evaluation import CaseClosed, ReworkOrdered
from libs.events.feedback import (
    CaseHeld,
    DraftReturned,
    HoldLifted,
    ReplyApproved,
    ReplyDelivered,
    ReplyDrafted,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import (
    CaseReopened,
    CaseSupplemented,
    CaseWithdrawn,
    PersonalDataErased,
)
from libs.host.folding import MemoryViews
from libs.sourcing.views import Row
from services.feedback.commands import ApproveReply, DraftReply, ReturnDraft, SubmitReply
from services.feedback.drafts import draft_in
from services.feedback.projection import files, project
from tests.feedback.in_hand import in_hand, petition
from tests.spec import AUDITOR, CASE, CLERK, HEAD, LATER, MONDAY, UNIT, Given, fact, sealed, stated

FIRST, SECOND = f"{CASE}.r1.d1", f"{CASE}.r1.d2"
WORDS: dict[str, Any] = {
    "answers": ({"claim": 1, "outcome": "explained", "basis": sealed("照明管理规定")},),
    "text": sealed("已修复"),
    "evidence": ("photo-1",),
    "commitments": ({"claim": 1, "text": sealed("每月巡查"), "due_at": LATER},),
}
WHY = {"reason": sealed("请写明依据")}
DRAFTED = fact(ReplyDrafted, by=CLERK, draft_id=FIRST, text=sealed("已修复"))
RETURNED = fact(DraftReturned, by=HEAD, draft_id=FIRST, reason=sealed("请写明依据"))
ANOTHER_HEAD = Actor(id="head-2", role="unit_head", org="mc.shuiwu")


def signs(case: Given, draft_id: str = FIRST, by: Actor = HEAD, **more: Any) -> Given:
    """The head signs a draft."""
    return case.when(SubmitReply, by=by, draft_id=draft_id, **more)


# ------------------------------------------------------------------------------------- rules


def test_the_clerk_drafts_and_the_head_signs_the_draft_exactly_as_it_stands() -> None:
    case = in_hand().when(DraftReply, by=CLERK, **WORDS)
    case.then(stated(ReplyDrafted, draft_id=FIRST, org=UNIT, assignment_id=f"{CASE}.1"))
    assert case.events
    (drafted,) = case.events
    signs(case).then(stated(ReplySubmitted, signer=HEAD.id, reply_id=f"{CASE}.r1"))
    (signed,) = case.events
    for name in ("answers", "text", "evidence", "commitments"):
        assert getattr(signed, name) == getattr(drafted, name)


def test_a_head_may_hand_in_words_of_the_own_and_the_draft_is_gone() -> None:
    case = in_hand(DRAFTED).when(SubmitReply, by=HEAD, **WORDS)
    case.then(stated(ReplySubmitted, signer=HEAD.id, text=WORDS["text"]))
    signs(case.facts(fact(ReplyReturned))).then_refused("no draft waits")
    case.when(DraftReply, by=CLERK, **WORDS).then(stated(ReplyDrafted, draft_id=f"{CASE}.r2.d1"))


def test_neither_words_nor_a_draft_or_both_are_refused_by_name() -> None:
    in_hand(DRAFTED).when(SubmitReply, by=HEAD).then_refused("text: write the answer")
    for name, words in WORDS.items():
        signs(in_hand(DRAFTED), **{name: words}).then_refused("draft_id: a draft is signed exactly")


def test_a_later_draft_takes_the_place_of_an_earlier() -> None:
    case = in_hand(DRAFTED).when(DraftReply, by=CLERK, **WORDS)
    case.then(stated(ReplyDrafted, draft_id=SECOND))
    signs(case).then_refused(f"read {SECOND} first")
    case.when(ReturnDraft, by=HEAD, draft_id=FIRST, **WHY).then_refused(f"read {SECOND} first")
    signs(case, SECOND).then(stated(ReplySubmitted, text=WORDS["text"]))


def test_a_draft_is_returned_once_with_the_reason_and_another_is_written() -> None:
    case = in_hand(DRAFTED).when(ReturnDraft, by=HEAD, draft_id=FIRST, **WHY)
    case.then(stated(DraftReturned, draft_id=FIRST, org=UNIT, reason=WHY["reason"]))
    case.when(ReturnDraft, by=HEAD, draft_id=FIRST, **WHY).then_nothing()
    signs(case).then_refused("was returned to the clerk")
    case.when(DraftReply, by=CLERK, **WORDS).then(stated(ReplyDrafted, draft_id=SECOND))
    signs(case, SECOND).then(stated(ReplySubmitted))


def test_what_nobody_has_drafted_is_neither_signed_nor_returned() -> None:
    signs(in_hand()).then_refused("draft_id: no draft waits")
    in_hand().when(ReturnDraft, by=HEAD, draft_id=FIRST, **WHY).then_refused("no draft waits")


def test_nobody_of_another_unit_drafts_returns_or_signs() -> None:
    stranger = Actor(id="clerk-2", role="unit_clerk", org="mc.shuiwu")
    in_hand().when(DraftReply, by=stranger, **WORDS).then_refused(f"The case is with {UNIT}")
    case = in_hand(DRAFTED).when(ReturnDraft, by=ANOTHER_HEAD, draft_id=FIRST, **WHY)
    case.then_refused(f"The case is with {UNIT}")
    signs(case, by=ANOTHER_HEAD).then_refused(f"The case is with {UNIT}")


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ((fact(ReplySubmitted),), "waits for review already"),
        ((fact(ReplySubmitted), fact(ReplyApproved)), "waits for review already"),
        ((fact(ReplySubmitted), fact(ReplyDelivered)), "answered already"),
        ((fact(CaseHeld),), "on hold"),
        ((fact(CaseWithdrawn),), "withdrawn"),
    ],
)
def test_where_nothing_is_to_be_answered_nothing_is_drafted_or_returned(
    since: tuple[Event, ...], words: str
) -> None:
    case = in_hand(DRAFTED, *since).when(DraftReply, by=CLERK, **WORDS)
    case.then_refused(words)
    case.when(ReturnDraft, by=HEAD, draft_id=FIRST, **WHY).then_refused(words)


def test_a_draft_is_checked_as_a_reply_is_and_once_more_when_it_is_signed() -> None:
    twice = WORDS | {"answers": WORDS["answers"] * 2}
    in_hand().when(DraftReply, by=CLERK, **twice).then_refused("Answer each claim once")
    bare = WORDS | {"answers": ({"claim": 1, "outcome": "explained"},)}
    petition().when(DraftReply, by=CLERK, **bare).then_refused("legal basis")
    more = fact(CaseSupplemented, claims=(sealed("还有一事"),))
    signs(in_hand(DRAFTED, more)).then_refused("Answer each claim once: [1, 2]")
    case = in_hand().when(DraftReply, by=CLERK, **WORDS)
    case.when(SubmitReply, at=LATER, by=HEAD, draft_id=FIRST).then_refused("due_at must lie ahead")


ANEW = f"{CASE}.2"
HEIR = fact(AssignmentPassedOn, org="mc.shuiwu")
UPHELD = fact(DisputeDecided, outcome="upheld")
MEETING = fact(CoordinationOpened)
GIVEN = (
    fact(CaseAssigned, assignment_id=ANEW, org="mc.shuiwu"),
    fact(AssignmentSigned, assignment_id=ANEW, org="mc.shuiwu"),
)


@pytest.mark.parametrize("moved", [(HEIR,), (UPHELD, *GIVEN), (MEETING, *GIVEN)], ids=len)
def test_a_draft_does_not_outlive_that_its_unit_has_the_case(moved: tuple[Event, ...]) -> None:
    signs(in_hand(DRAFTED, *moved), by=ANOTHER_HEAD).then_refused("no draft waits")
    assert draft_in(row(DRAFTED, *moved)) is None


def test_a_draft_of_an_earlier_round_is_gone() -> None:
    anew = (
        fact(CaseClosed),
        fact(CaseReopened, round=1),
        fact(CaseAssigned, round=1),
        fact(AssignmentSigned, round=1),
    )
    signs(in_hand(DRAFTED, *anew)).then_refused("no draft waits")
    assert draft_in(row(DRAFTED, *anew)) is None
    case = in_hand(*anew).when(DraftReply, by=CLERK, **WORDS)
    case.then(stated(ReplyDrafted, draft_id=f"{CASE}.n1.r1.d1", round=1))


def test_a_draft_outlives_a_hold_and_serves_a_rework() -> None:
    signs(in_hand(DRAFTED, fact(CaseHeld))).then_refused("on hold")
    signs(in_hand(DRAFTED, fact(CaseHeld), fact(HoldLifted))).then(stated(ReplySubmitted))
    again = in_hand(fact(ReplySubmitted), fact(ReplyDelivered), fact(ReworkOrdered))
    again.when(DraftReply, by=CLERK, **WORDS).then(stated(ReplyDrafted, draft_id=f"{CASE}.r2.d1"))
    signs(again, f"{CASE}.r2.d1").then(stated(ReplySubmitted, reply_id=f"{CASE}.r2"))


def test_who_wrote_or_returned_a_draft_does_not_review_the_reply() -> None:
    writer = Actor(id="clerk-7", role="unit_clerk", org=UNIT)
    returner = Actor(id="head-7", role="unit_head", org=UNIT)
    case = in_hand().when(DraftReply, by=writer, **WORDS)
    case.when(ReturnDraft, by=returner, draft_id=FIRST, **WHY)
    case.when(SubmitReply, by=HEAD, **WORDS)
    for who in (writer, returner, HEAD):
        as_auditor = Actor(id=who.id, role="auditor")
        case.when(ApproveReply, by=as_auditor).then_refused("Who handled the case")
    case.when(ApproveReply, by=AUDITOR).then(stated(ReplyApproved))


# ------------------------------------------------------------------------------------ the row


def row(*facts: Event) -> Row:
    """The row of a case in the unit's hands after these facts."""
    events: Sequence[Event] = (fact(CaseAssigned), fact(AssignmentSigned), *facts)
    views = MemoryViews(lambda case_id: 0)
    project([Recorded(f"e{n}", e, n, MONDAY, "c", "c") for n, e in enumerate(events, 1)], views)
    (found,) = views.tables[files].values()
    return found


def test_the_row_holds_what_waits_and_why_it_came_back() -> None:
    waits = row(DRAFTED)
    assert (waits["draft_id"], waits["status"]) == (FIRST, "handling")
    back = row(DRAFTED, RETURNED)
    draft = draft_in(back)
    assert draft is not None
    assert (back["draft_id"], draft["draft_id"]) == (None, FIRST)
    assert (draft["text"], draft["reason"]) == (sealed("已修复"), sealed("请写明依据"))
    second = fact(ReplyDrafted, by=CLERK, draft_id=SECOND)
    assert row(DRAFTED, second, RETURNED)["draft_id"] == SECOND


@pytest.mark.parametrize("end", [fact(ReplySubmitted), fact(PersonalDataErased)], ids=lambda e: e.type())
def test_what_was_signed_or_erased_leaves_no_draft(end: Event) -> None:
    for history in ((DRAFTED, end), (DRAFTED, RETURNED, end)):
        assert (row(*history)["draft_id"], row(*history)["draft"]) == (None, None)
