"""What a scan takes for personal data in an answer, before its words are sealed, and who lets it go out."""

from typing import Any

import pytest
from pydantic import ValidationError

from libs.events.feedback import ReplyApproved, ReplyDrafted, ReplyReturned, ReplySubmitted
from libs.vault.sealing import seal
from services.feedback.commands import ApproveReply, DraftReply, SubmitReply
from tests.feedback.in_hand import in_hand
from tests.spec import AUDITOR, CASE, CLERK, HEAD, LATER, MONDAY, fact, stated

CLEAN: dict[str, Any] = {"answers": ({"claim": 1, "outcome": "explained"},), "text": "路灯已修复。"}
MOBILE = CLEAN | {"text": "已联系报修人 13800138000，路灯已修复。"}
FOUND = ("mobile",)


def test_an_answer_that_seems_to_name_somebody_goes_out_when_the_auditor_has_looked() -> None:
    case = in_hand().when(SubmitReply, by=HEAD, **MOBILE).then(stated(ReplySubmitted, traces=FOUND))
    case.when(ApproveReply, by=AUDITOR).then_refused("seems to hold 手机号 (a mobile number)")
    case.when(ApproveReply, by=AUDITOR, read_by_others=True).then_refused("personal_data_checked")
    case.when(ApproveReply, by=AUDITOR, personal_data_checked=True).then(
        stated(ReplyApproved, personal_data_checked=True)
    )


def test_what_was_found_in_an_answer_that_went_back_says_nothing_of_the_next() -> None:
    case = in_hand().when(SubmitReply, by=HEAD, **MOBILE).facts(fact(ReplyReturned))
    case.when(SubmitReply, by=HEAD, **CLEAN).then(stated(ReplySubmitted, traces=()))
    case.when(ApproveReply, by=AUDITOR).then(stated(ReplyApproved))


def test_a_draft_that_is_signed_takes_what_was_found_in_it_along() -> None:
    case = in_hand().when(DraftReply, by=CLERK, **MOBILE).then(stated(ReplyDrafted, traces=FOUND))
    case.when(SubmitReply, by=HEAD, draft_id=f"{CASE}.r1.d1")
    case.then(stated(ReplySubmitted, traces=FOUND))
    case.when(ApproveReply, by=AUDITOR).then_refused("personal_data_checked")


@pytest.mark.parametrize(
    "words",
    [
        {"answers": ({"claim": 1, "outcome": "explained", "basis": "车主 粤B12345 已挪车"},)},
        {"commitments": ({"claim": 1, "text": "办结后致电 13800138000", "due_at": LATER},)},
    ],
)
def test_the_basis_of_an_answer_and_its_promises_are_scanned_too(words: dict[str, Any]) -> None:
    assert given_words(**CLEAN | words).traces


def test_a_sealed_answer_keeps_what_was_found_and_nobody_gives_it_from_outside() -> None:
    assert given_words(**CLEAN).traces == ()
    assert seal(given_words(**MOBILE), CASE, bytes(32)).traces == FOUND
    for name in ("traces", "_traces"):
        with pytest.raises(ValidationError, match=name):
            given_words(**MOBILE, **{name: ()})


def given_words(**words: Any) -> SubmitReply:
    """An answer as its head hands it in, not sealed yet."""
    return SubmitReply(case_id=CASE, occurred_at=MONDAY, by=HEAD, **words)
