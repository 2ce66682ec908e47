"""The clocks of reviews: a hearing stops them, a closing does not. Every history in every order of owners."""

from libs.events.dispatch import AssignmentSigned
from libs.events.evaluation import (
    CaseClosed,
    HearingClosed,
    HearingOpened,
    ReviewDecided,
    ReviewDeclined,
    ReviewRequested,
    ReworkOrdered,
)
from libs.events.feedback import ReplyDelivered
from tests.spec import CASE, LATER, MONDAY, china, fact
from tests.supervision.watching import clock, fire, with_unit

REVIEW = f"REVIEW.{CASE}.v1"
REWORK = f"REWORK.{CASE}.w1"
ANSWERED = fact(ReplyDelivered, track="xinfang", due_callback=None)
ASKED = fact(ReviewRequested, at=LATER, due_decide=china("2026-04-03 00:00"))
HEARD = fact(HearingOpened, at=china("2026-03-10 09:00"))
OVER = fact(HearingClosed, at=china("2026-03-20 09:00"), due_decide=china("2026-04-13 00:00"))
CLOSED = fact(CaseClosed, at=LATER)


def test_while_a_hearing_is_held_the_limit_of_the_review_does_not_run() -> None:
    given = with_unit(ANSWERED, ASKED, HEARD)
    assert clock(given, REVIEW) == []
    assert not [said for said in fire(given, "2026-12-01 00:00") if said[0] == REVIEW]


def test_after_the_hearing_the_limit_goes_on_and_its_shares_leave_the_hearing_out() -> None:
    assert clock(with_unit(ANSWERED, ASKED, HEARD, OVER), REVIEW)[-1] == ("breach", "04-13 00:00")


def test_a_review_that_is_decided_or_declined_is_no_longer_waited_for() -> None:
    for end in (ReviewDecided, ReviewDeclined):
        given = with_unit(ANSWERED, ASKED, fact(end, at=china("2026-03-05 09:00")))
        assert clock(given, REVIEW) == []


def test_a_review_asked_for_as_the_case_closes_has_its_limit_all_the_same() -> None:
    for asked in (ASKED, fact(ReviewRequested, at=china("2026-03-09 09:00"))):
        assert clock(with_unit(ANSWERED, CLOSED, asked), REVIEW)[-1][0] == "breach"


def test_what_is_revoked_after_the_closing_is_done_again_within_its_limit() -> None:
    revoked = fact(ReviewDecided, at=china("2026-03-09 09:00"), outcome="revoke")
    again = fact(ReworkOrdered, at=china("2026-03-09 09:00"), due_rework=china("2026-03-13 00:00"))
    given = with_unit(ANSWERED, CLOSED, ASKED, revoked, again)
    assert clock(given, REWORK)[-1] == ("breach", "03-13 00:00")
    anew = fact(
        ReplyDelivered, at=china("2026-03-11 09:00"), reply_id=f"{CASE}.r2", due_callback=None
    )
    second = fact(CaseClosed, at=china("2026-03-12 09:00"))
    signed = fact(AssignmentSigned, at=MONDAY)
    given = with_unit(signed, ANSWERED, CLOSED, ASKED, revoked, again, anew, second)
    assert given.due() == []


def test_what_a_closing_ended_does_not_come_alive_with_a_rework() -> None:
    unsigned = with_unit(fact(ReplyDelivered, at=MONDAY, due_callback=None), CLOSED)
    before = unsigned.due()
    again = fact(ReworkOrdered, at=china("2026-03-09 09:00"))
    later = fact(CaseClosed, at=china("2026-03-20 09:00"))
    given = with_unit(fact(ReplyDelivered, at=MONDAY, due_callback=None), CLOSED, again, later)
    assert [w for w in given.due() if getattr(w, "clock", "").startswith("SIGN")] == [
        w for w in before if getattr(w, "clock", "").startswith("SIGN")
    ]
