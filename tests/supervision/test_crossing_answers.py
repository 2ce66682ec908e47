"""An answer that crossed the loss of the case: nobody reviews it, and it holds no clock of who has it now."""

import pytest

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentDisputed,
    CaseAssigned,
    CoordinationOpened,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.feedback import ReplyApproved, ReplySubmitted
from tests.spec import CASE, LATER, Given, china, fact
from tests.supervision.watching import clock, with_unit

AUDIT, NEW = f"AUDIT.{CASE}.r1", f"{CASE}.2"
AGAIN = fact(CaseAssigned, at=LATER, assignment_id=NEW, org="mc.shuiwu", due_handle=china("2026-03-11 00:00"))
HANDED_IN = fact(ReplySubmitted, due_audit=china("2026-03-04 10:00"))
LOST: dict[str, tuple[Event, ...]] = {
    "its dispute was upheld": (
        fact(AssignmentDisputed),
        fact(DisputeDecided, at=LATER, outcome="upheld", due_dispatch=china("2026-03-03 11:00")),
    ),
    "units meet about it": (fact(CoordinationOpened, at=LATER),),
    "it was merged and parted": (fact(DispatchStopped, at=LATER),),
}


def crossed(how: str, *more: Event) -> Given:
    """A case whose unit handed its answer in while it lost the case, and that another unit has now."""
    return with_unit(HANDED_IN, *LOST[how], AGAIN, *more)


@pytest.mark.parametrize("how", LOST)
def test_nobody_is_late_with_the_review_of_an_answer_that_counts_no_more(how: str) -> None:
    assert "breach" in dict(clock(with_unit(HANDED_IN), AUDIT))
    assert "breach" not in dict(clock(crossed(how), AUDIT))


@pytest.mark.parametrize("how", LOST)
def test_it_holds_neither_the_limit_of_the_unit_that_has_the_case_now_nor_the_citizens(how: str) -> None:
    """Transition 13: HANDLE starts at dispatch; CITIZEN is never held by what is no answer."""
    for case in (crossed(how), crossed(how, fact(ReplyApproved))):
        assert clock(case, f"HANDLE.{NEW}")[-1:] == [("breach", "03-11 00:00")]
        assert clock(case, "CITIZEN")
        assert not case.state.handed_in


@pytest.mark.parametrize("how", LOST)
def test_the_answer_of_who_has_it_now_holds_them_as_ever(how: str) -> None:
    """Transition 26: HANDLE stops provisionally."""
    own = fact(ReplySubmitted, at=LATER, assignment_id=NEW, reply_id=f"{CASE}.r2")
    case = crossed(how, own)
    assert clock(case, f"HANDLE.{NEW}") == clock(case, "CITIZEN") == []
    assert case.state.handed_in
