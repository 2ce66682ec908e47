"""What runs about the answer that follows a hold (transitions 29 to 36): its own clocks, and no older ones."""

from libs.events.base import Event
from libs.events.evaluation import CallbackRecorded, ReworkOrdered
from libs.events.feedback import CaseHeld, HoldLifted, ReplyDelivered
from tests.spec import CASE, Given, china, fact
from tests.supervision.watching import clock, with_unit

FIRST, HELD, LIFTED, SECOND = (china(f"2026-03-0{day} 15:00") for day in (3, 4, 5, 6))
CALLED = china("2026-03-07 10:00")
TO_CALL = {"due_callback": china("2026-03-12 00:00")}
TO_MAKE = {"due_rework": china("2026-03-12 00:00")}
ANSWERED_AGAIN = (
    fact(ReplyDelivered, at=FIRST),
    fact(CaseHeld, at=HELD),
    fact(HoldLifted, at=LIFTED),
    fact(ReplyDelivered, at=SECOND, reply_id=f"{CASE}.r2", **TO_CALL),
)


def again(*facts: Event) -> Given:
    """A case that was answered, put on hold, taken up again and answered anew."""
    return with_unit(*ANSWERED_AGAIN, *facts)


def test_the_answer_before_a_hold_is_called_back_until_the_hold_is_lifted() -> None:
    held = with_unit(*ANSWERED_AGAIN[:2])
    assert clock(held, "CALLBACK")  # on hold the answer was given, and the time runs on
    assert clock(with_unit(*ANSWERED_AGAIN[:3]), "CALLBACK") == []
    assert clock(again(), "CALLBACK") == []


def test_a_call_back_about_the_answer_after_a_hold_stops_its_clock() -> None:
    assert clock(again(), "CALLBACK.w1")
    assert clock(again(fact(CallbackRecorded, at=CALLED, answer=2, last=False)), "CALLBACK.w1") == []


def test_a_call_back_before_the_hold_is_none_about_the_answer_after_it() -> None:
    early = fact(CallbackRecorded, at=china("2026-03-03 16:00"), answer=1, last=False)
    assert clock(again(early), "CALLBACK.w1")


def test_a_rework_of_the_answer_after_a_hold_has_its_whole_limit_and_ends_its_call_back() -> None:
    """The answer that it waits for is the third: not the one that was sent back."""
    ordered = fact(ReworkOrdered, at=CALLED, answer=2, reply_id=f"{CASE}.r2", **TO_MAKE)
    case = again(ordered)
    name = f"REWORK.{CASE}.w1"
    assert [threshold for threshold, _ in clock(case, name)][-1:] == ["breach"]
    assert clock(case, "CALLBACK.w1") == []
    third = fact(ReplyDelivered, at=china("2026-03-08 10:00"), reply_id=f"{CASE}.r3", **TO_CALL)
    done = again(ordered, third)
    assert clock(done, name) == []
    assert clock(done, "CALLBACK.w2")


def test_an_answer_in_the_very_instant_in_which_the_hold_was_lifted_is_called_back_as_well() -> None:
    at_once = fact(ReplyDelivered, at=LIFTED, reply_id=f"{CASE}.r2", **TO_CALL)
    assert clock(with_unit(*ANSWERED_AGAIN[:3], at_once), "CALLBACK.w1")
