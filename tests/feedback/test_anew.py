"""When a unit answers anew: after a rework, or as the next unit; and what a lost case means for a reply."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import Actor, Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
    DisputeDecided,
)
from libs.events.evaluation import CaseClosed, ReworkOrdered
from libs.events.feedback import (
    CaseHeld,
    ClockAdjusted,
    ClockAdjustmentRefused,
    ClockAdjustmentRequested,
    ExtensionDecided,
    ExtensionRequested,
    HoldLifted,
    HoldRefused,
    HoldRequested,
    ProgressReported,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted, CaseRegistered, CaseSupplemented
from services.feedback.commands import (
    ApproveReply,
    ContactCitizen,
    DeliverReply,
    ReportProgress,
    ReturnReply,
    SubmitReply,
)
from services.feedback.decider import decider
from tests.spec import (
    AUDITOR,
    CASE,
    CLERK,
    HEAD,
    LATER,
    Given,
    fact,
    fold,
    sealed,
    shuffled,
    stated,
)

OTHER = Actor(id="clerk-2", role="unit_clerk", org="mc.shuiwu")
REPLY = {"answers": ({"claim": 1, "outcome": "explained"},), "text": sealed()}
SUBMITTED, APPROVED, DELIVERED = fact(ReplySubmitted), fact(ReplyApproved), fact(ReplyDelivered)
UPHELD = fact(DisputeDecided, outcome="upheld")
TO_THE_OTHER = (
    fact(CaseAssigned, assignment_id=f"{CASE}.2", org="mc.shuiwu"),
    fact(AssignmentSigned, assignment_id=f"{CASE}.2", org="mc.shuiwu", by=OTHER),
)


SECOND = {"assignment_id": f"{CASE}.2"}
ANY_FACT = [
    fact(CaseSupplemented, claims=(sealed(),)),
    fact(CaseAssigned),
    *TO_THE_OTHER,
    fact(CaseAssigned, assignment_id=f"{CASE}.3", org="mc.shuiwu", role="assist"),
    fact(AssignmentSigned, assignment_id=f"{CASE}.3", org="mc.shuiwu", by=OTHER),
    fact(AssignmentDisputed),
    fact(DisputeDecided, outcome="denied"),
    UPHELD,
    fact(DisputeDecided, assignment_id=f"{CASE}.3", outcome="upheld"),
    fact(CoordinationOpened),
    SUBMITTED,
    APPROVED,
    DELIVERED,
    fact(ReplySubmitted, reply_id=f"{CASE}.r2", **SECOND),
    fact(ReplyDelivered, reply_id=f"{CASE}.r2", **SECOND),
    fact(ReworkOrdered),
    fact(ReworkOrdered, reply_id=f"{CASE}.r2", **SECOND),
    fact(ProgressReported, by=OTHER, **SECOND),
    fact(ExtensionRequested, by=CLERK),
    fact(ExtensionDecided, outcome="approved", due_handle=LATER),
    fact(ExtensionDecided, outcome="approved", due_handle=LATER, **SECOND),
    fact(ClockAdjustmentRequested, by=HEAD),
    fact(ClockAdjustmentRefused),
    fact(HoldRequested, by=HEAD),
    fact(HoldRequested, by=HEAD, **SECOND),
    fact(HoldRefused),
    fact(ClockAdjusted, by=HEAD),
    fact(ClockAdjusted, action="resume", due_handle=LATER),
    fact(CaseHeld),
    fact(HoldLifted),
    fact(HoldLifted, **SECOND),
    fact(CaseClosed),
]


def in_hand(*more: Event, claims: int = 0) -> Given:
    """A case that a unit has signed for."""
    words = tuple(sealed(f"{n}") for n in range(claims))
    facts = fact(CaseRegistered, claims=words), fact(CaseAccepted), fact(CaseAssigned)
    return Given(decider).facts(*facts, fact(AssignmentSigned, by=CLERK), *more)


# ---------------------------------------------------------------------------------------- rework


def test_after_a_rework_is_ordered_a_second_answer_goes_the_whole_way() -> None:
    case = in_hand(SUBMITTED, APPROVED, DELIVERED, fact(ReworkOrdered))
    case.when(ApproveReply, by=AUDITOR).then_refused("No reply waits")
    case.when(DeliverReply).then_refused("No reply is approved")
    case.when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted, reply_id=f"{CASE}.r2"))
    case.when(ReturnReply, by=AUDITOR, reason="perfunctory").then(
        stated(ReplyReturned, reply_id=f"{CASE}.r2")
    )
    case.when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted, reply_id=f"{CASE}.r3"))
    case.when(ApproveReply, by=AUDITOR).then(stated(ReplyApproved, reply_id=f"{CASE}.r3"))
    case.when(DeliverReply).then(stated(ReplyDelivered, reply_id=f"{CASE}.r3"))
    case.when(SubmitReply, by=HEAD, **REPLY).then_refused("answered already")
    case.facts(fact(ReworkOrdered, ordinal=2, reply_id=f"{CASE}.r3"))
    case.when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted, reply_id=f"{CASE}.r4"))


def test_a_rework_of_an_answer_that_was_replaced_undoes_nothing() -> None:
    second = (
        fact(ReplySubmitted, reply_id=f"{CASE}.r2"),
        fact(ReplyDelivered, reply_id=f"{CASE}.r2"),
    )
    case = in_hand(SUBMITTED, DELIVERED, fact(ReworkOrdered), *second, fact(ReworkOrdered))
    case.when(SubmitReply, by=HEAD, **REPLY).then_refused("answered already")


# ------------------------------------------------------------------------------- another unit


@pytest.mark.parametrize("lost", [UPHELD, fact(CoordinationOpened)], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("before", [(), (SUBMITTED,), (SUBMITTED, APPROVED)], ids=len)
def test_a_unit_that_lost_the_case_answers_no_more_and_what_it_wrote_is_not_sent(
    lost: Event, before: tuple[Event, ...]
) -> None:
    case = in_hand(*before, lost)
    for command, fields in (
        (SubmitReply, REPLY),
        (ContactCitizen, {"mode": "phone", "reached": True}),
    ):
        case.when(command, by=CLERK, **fields).then_refused("with no unit")
    case.when(ApproveReply, by=AUDITOR).then_refused("No reply waits")
    case.when(DeliverReply).then_refused("No reply is approved")
    case.facts(*TO_THE_OTHER)
    case.when(SubmitReply, by=HEAD, **REPLY).then_refused("with mc.shuiwu")
    case.when(ApproveReply, by=AUDITOR).then_refused("No reply waits")
    number = len([e for e in before if isinstance(e, ReplySubmitted)]) + 1
    case.when(SubmitReply, by=OTHER, **REPLY).then(
        stated(
            ReplySubmitted, reply_id=f"{CASE}.r{number}", assignment_id=f"{CASE}.2", org="mc.shuiwu"
        )
    )


def test_who_says_that_the_case_is_not_its_own_does_not_answer_before_that_is_denied() -> None:
    case = in_hand(fact(AssignmentDisputed))
    case.when(SubmitReply, by=HEAD, **REPLY).then_refused("must be decided first")
    case.facts(fact(DisputeDecided, outcome="denied"))
    case.when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted))


def test_a_unit_that_need_not_assist_any_more_takes_nothing_from_the_lead() -> None:
    assist = fact(CaseAssigned, assignment_id=f"{CASE}.2", org="mc.shuiwu", role="assist")
    second = {"assignment_id": f"{CASE}.2", "org": "mc.shuiwu"}
    gone = fact(AssignmentDisputed, **second), fact(DisputeDecided, outcome="upheld", **second)
    case = in_hand(assist, *gone)
    case.when(ReportProgress, by=OTHER, text=sealed()).then_refused(f"The case is with {CLERK.org}")
    case.when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted, org=CLERK.org))


def test_who_handled_it_for_a_unit_that_assists_does_not_review_the_reply() -> None:
    assist = fact(CaseAssigned, assignment_id=f"{CASE}.2", org="mc.shuiwu", role="assist")
    case = in_hand(assist, SUBMITTED)
    colleague = Actor(id="aud-9", role="auditor", org="mc.shuiwu")
    case.when(ApproveReply, by=colleague).then_refused("not of the unit")


# ---------------------------------------------------------------------------- what was added


@pytest.mark.parametrize(("claims", "more", "wanted"), [(0, 1, 2), (2, 1, 3), (0, 0, 1), (3, 0, 3)])
def test_claims_that_were_added_are_answered_as_well(claims: int, more: int, wanted: int) -> None:
    added = fact(CaseSupplemented, claims=tuple(sealed(f"+{n}") for n in range(more)))
    case = in_hand(added, claims=claims)
    answers = tuple({"claim": n + 1, "outcome": "explained"} for n in range(wanted))
    short = REPLY | {"answers": answers[:-1] or ({"claim": 2, "outcome": "explained"},)}
    case.when(SubmitReply, by=HEAD, **short).then_refused("Answer each claim once")
    case.when(SubmitReply, by=HEAD, **REPLY | {"answers": answers}).then(stated(ReplySubmitted))


# -------------------------------------------------------------------------------- in any order


@given(st.lists(st.sampled_from(ANY_FACT), max_size=12), st.randoms(use_true_random=False))
def test_it_does_not_matter_which_service_was_heard_first(history: list, random: Random) -> None:
    assert fold(decider, shuffled(history, random)) == fold(decider, history)
