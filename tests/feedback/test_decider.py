"""The rules of feedback: the unit hears and answers, someone else reviews, the citizen gets it."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import Actor
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.feedback import (
    CitizenContacted,
    ClaimAnswer,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted, CaseReferred, CaseRegistered
from services.feedback.commands import (
    Answered,
    ApproveReply,
    ContactCitizen,
    DeliverReply,
    ReturnReply,
    SubmitReply,
)
from services.feedback.decider import REVIEW_REMEDIES, decider
from services.feedback.policy import BY_PERSON, react
from services.feedback.state import overall
from tests.spec import (
    AUDITOR,
    CASE,
    CLERK,
    DUE,
    HEAD,
    LATER,
    OPERATOR,
    UNIT,
    Given,
    any_history,
    china,
    fact,
    fold,
    sealed,
    shuffled,
    stated,
)

STRANGER = Actor(id="clerk-2", role="unit_clerk", org="mc.shuiwu")
REPLY = {
    "answers": (Answered(claim=1, outcome="supported", basis=sealed("照明管理规定第五条")),),
    "text": sealed("已修复"),
}
REASONS = (
    "perfunctory",
    "not_responsive",
    "no_legal_basis",
    "false",
    "wrong_person_data",
    "contains_pii",
)


def in_hand(
    *, claims: int = 0, signed: bool = True, identity: str = "real", **accepted: object
) -> Given:
    """A case that a unit has signed for."""
    words = tuple(sealed(f"{n}") for n in range(claims))
    registered = fact(CaseRegistered, claims=words, identity_mode=identity)
    case = Given(decider).facts(registered, fact(CaseAccepted, **accepted), fact(CaseAssigned))
    return case.facts(fact(AssignmentSigned, by=CLERK)) if signed else case


def test_who_wants_to_be_kept_secret_is_reached_by_relay_alone() -> None:
    for mode in ("phone", "visit", "online", "letter"):
        case = in_hand(identity="confidential").when(
            ContactCitizen, by=CLERK, mode=mode, reached=True
        )
        case.then_refused("mode: the citizen's identity is confidential")
    in_hand(identity="confidential").when(
        ContactCitizen, by=CLERK, mode="relay", reached=True
    ).then(stated(CitizenContacted, mode="relay"))


def test_who_is_anonymous_is_reached_without_a_number() -> None:
    case = in_hand(identity="anonymous").when(ContactCitizen, by=CLERK, mode="phone", reached=True)
    case.then_refused("by relay or online alone")
    case.when(ContactCitizen, by=CLERK, mode="online", reached=True).then(stated(CitizenContacted))


def test_a_petition_is_answered_with_the_legal_basis_of_each_claim() -> None:
    without = (
        Answered(claim=2, outcome="explained"),
        Answered(claim=1, outcome="supported", basis=sealed("条例第三十一条")),
    )
    case = in_hand(claims=2, track="xinfang", sla_class="X")
    case.when(SubmitReply, by=HEAD, **REPLY | {"answers": without}).then_refused("for claim 2")
    hotline = in_hand(claims=2).when(SubmitReply, by=HEAD, **REPLY | {"answers": without})
    hotline.then(stated(ReplySubmitted))


def submitted(**accepted: object) -> Given:
    """A case whose reply waits for review."""
    return in_hand(**accepted).when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted))


# ------------------------------------------------------------------------------------ contact


def test_every_attempt_to_reach_the_citizen_is_recorded_and_numbered() -> None:
    case = in_hand()
    case.when(ContactCitizen, by=CLERK, mode="phone", reached=False).then(
        stated(CitizenContacted, attempt_no=1, reached=False, assignment_id=f"{CASE}.1")
    )
    words = sealed("周三上门")
    case.when(ContactCitizen, by=CLERK, mode="visit", reached=True, summary=words).then(
        stated(CitizenContacted, attempt_no=2, reached=True, mode="visit", summary=words)
    )


@pytest.mark.parametrize(
    ("command", "fields"),
    [(ContactCitizen, {"mode": "phone", "reached": True}), (SubmitReply, REPLY)],
)
def test_only_the_unit_that_has_signed_for_the_case_handles_it(
    command: type, fields: dict[str, object]
) -> None:
    Given(decider).when(command, by=CLERK, **fields).then_refused("with no unit")
    in_hand(signed=False).when(command, by=CLERK, **fields).then_refused("Sign the assignment")
    in_hand().when(command, by=STRANGER, **fields).then_refused(f"The case is with {UNIT}")
    in_hand().when(command, by=OPERATOR, **fields).then_refused(f"The case is with {UNIT}")


# -------------------------------------------------------------------------------------- reply


def test_a_reply_waits_for_review_until_its_own_deadline() -> None:
    in_hand().when(SubmitReply, by=HEAD, **REPLY, evidence=("photo-1",)).then(
        stated(
            ReplySubmitted,
            reply_id=f"{CASE}.r1",
            org=UNIT,
            signer=HEAD.id,
            evidence=("photo-1",),
            answers=(
                ClaimAnswer(claim=1, outcome="supported", basis=sealed("照明管理规定第五条")),
            ),
            due_audit=china("2026-03-02 14:00"),
        )
    )
    in_hand(sla_class="U").when(SubmitReply, by=HEAD, **REPLY).then(
        stated(
            ReplySubmitted, due_audit=china("2026-03-02 13:00")
        )  # at an urgent case, by the clock
    )


@pytest.mark.parametrize(
    "answered", [(1,), (1, 2), (1, 1, 2), (1, 2, 3, 3), (1, 2, 3, 4), (2, 3, 4)]
)
def test_each_numbered_claim_is_answered_once(answered: tuple[int, ...]) -> None:
    answers = tuple({"claim": n, "outcome": "explained"} for n in answered)
    case = in_hand(claims=3).when(SubmitReply, by=HEAD, **REPLY | {"answers": answers})
    case.then_refused("Answer each claim once: [1, 2, 3]")


def test_claims_may_be_answered_in_any_order() -> None:
    answers = tuple({"claim": n, "outcome": "explained"} for n in (3, 1, 2))
    in_hand(claims=3).when(SubmitReply, by=HEAD, **REPLY | {"answers": answers}).then(
        stated(ReplySubmitted)
    )


def test_one_reply_at_a_time_is_under_review() -> None:
    submitted().when(SubmitReply, by=HEAD, **REPLY).then_refused("waits for review already")
    approved = submitted().facts(fact(ReplyApproved))
    approved.when(SubmitReply, by=HEAD, **REPLY).then_refused("waits for review already")
    delivered = approved.facts(fact(ReplyDelivered))
    delivered.when(SubmitReply, by=HEAD, **REPLY).then_refused("answered already")
    delivered.when(ContactCitizen, by=CLERK, mode="phone", reached=True)
    delivered.then_refused("answered already")  # else the caller could call back as well


def test_who_hands_a_reply_in_signs_it_and_nobody_is_named_as_its_signer() -> None:
    deputy = Actor(id="head-7", role="unit_head", org=UNIT)
    in_hand().when(SubmitReply, by=deputy, **REPLY).then(stated(ReplySubmitted, signer="head-7"))
    with pytest.raises(ValueError, match="signer"):
        in_hand().when(SubmitReply, by=HEAD, **REPLY | {"signer": "head-7"})


# ------------------------------------------------------------------------------------- review


def test_a_reply_is_approved_once_by_someone_who_is_not_of_the_unit() -> None:
    case = (
        submitted()
        .when(ApproveReply, by=AUDITOR)
        .then(stated(ReplyApproved, reply_id=f"{CASE}.r1"))
    )
    case.when(ApproveReply, by=AUDITOR).then_nothing()
    case.facts(fact(ReplyDelivered)).when(ApproveReply, by=AUDITOR).then_nothing()


@pytest.mark.parametrize("reason", REASONS)
def test_a_reply_is_returned_once_with_its_reason(reason: str) -> None:
    note = sealed("未说明依据")
    case = submitted().when(ReturnReply, by=AUDITOR, reason=reason, note=note)
    case.then(stated(ReplyReturned, reason=reason, note=note, reply_id=f"{CASE}.r1"))
    case.when(ReturnReply, by=AUDITOR, reason=reason).then_nothing()


def test_after_a_return_the_unit_answers_again_with_a_new_reply() -> None:
    case = submitted().facts(fact(ReplyReturned))
    case.when(ApproveReply, by=AUDITOR).then_refused("No reply waits")
    case.when(SubmitReply, by=HEAD, **REPLY).then(stated(ReplySubmitted, reply_id=f"{CASE}.r2"))
    case.when(ApproveReply, by=AUDITOR).then(stated(ReplyApproved, reply_id=f"{CASE}.r2"))


@pytest.mark.parametrize(
    ("command", "fields"), [(ApproveReply, {}), (ReturnReply, {"reason": "false"})]
)
def test_whoever_handled_the_case_does_not_review_the_reply(
    command: type, fields: dict[str, str]
) -> None:
    contact = Actor(id="clerk-3", role="unit_clerk", org=UNIT)
    signer = Actor(id="clerk-4", role="unit_clerk", org=UNIT)
    case = Given(decider).facts(
        fact(CaseRegistered),
        fact(CaseAccepted),
        fact(CaseAssigned),
        fact(AssignmentSigned, by=signer),
        fact(CitizenContacted, by=contact),
        fact(ReplySubmitted, by=CLERK, signer=HEAD.id),
    )
    for handler in (CLERK, HEAD, contact, signer):
        as_auditor = Actor(id=handler.id, role="auditor")
        case.when(command, by=as_auditor, **fields).then_refused("Who handled the case")
    colleague = Actor(id="clerk-9", role="auditor", org=UNIT)
    case.when(command, by=colleague, **fields).then_refused("not of the unit")
    other = Actor(id="aud-2", role="auditor", org="mc.rexian")
    case.when(command, by=other, **fields)
    assert case.refusal is None


def test_there_is_nothing_to_review_before_a_reply() -> None:
    in_hand().when(ApproveReply, by=AUDITOR).then_refused("No reply waits for review")
    in_hand().when(ReturnReply, by=AUDITOR, reason="false").then_refused("No reply waits")


def test_an_approved_reply_is_not_returned() -> None:
    case = submitted().facts(fact(ReplyApproved))
    case.when(ReturnReply, by=AUDITOR, reason="false").then_refused("No reply waits for review")


# ----------------------------------------------------------------------------------- delivery


def test_with_the_answer_call_back_and_rating_begin() -> None:
    case = submitted().facts(fact(ReplyApproved))
    case.when(DeliverReply, by=OPERATOR, mode="phone").then(
        stated(
            ReplyDelivered,
            mode="phone",
            org=UNIT,
            reply_id=f"{CASE}.r1",
            outcome="supported",
            handled_by=("clerk-1", "head-1"),
            remedies=(),
            review_until=None,
            due_callback=china("2026-03-06 00:00"),
            evaluation_until=china("2026-04-02 00:00"),
        )
    )
    case.when(DeliverReply, by=OPERATOR).then_nothing()


def test_a_petitioner_is_told_the_remedies_with_the_answer() -> None:
    case = submitted(track="xinfang", sla_class="X").facts(fact(ReplyApproved))
    case.when(DeliverReply).then(
        stated(ReplyDelivered, remedies=REVIEW_REMEDIES, review_until=china("2026-04-02 00:00"))
    )


def test_what_is_not_approved_is_not_delivered() -> None:
    in_hand().when(DeliverReply).then_refused("No reply is approved")
    submitted().when(DeliverReply).then_refused("No reply is approved")
    submitted().facts(fact(ReplyReturned)).when(DeliverReply).then_refused("No reply is approved")


def test_a_report_on_an_official_is_answered_without_call_back_and_rating() -> None:
    officer = Actor(id="jiwei-1", role="discipline_officer", org="mc.jiwei")
    case = Given(decider).facts(
        fact(CaseRegistered, track="restricted"),
        fact(CaseReferred, ground="D05", track="restricted", sla_class="R", due=DUE),
        fact(CaseAssigned, org="mc.jiwei"),
        fact(AssignmentSigned, org="mc.jiwei", by=officer),
    )
    case.when(SubmitReply, by=officer, **REPLY).then(
        stated(ReplySubmitted, signer="jiwei-1")
    )
    case.when(ApproveReply, by=AUDITOR).then(stated(ReplyApproved))
    case.when(DeliverReply, at=LATER).then(
        stated(ReplyDelivered, due_callback=None, evaluation_until=None, org="mc.jiwei")
    )


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        (["supported"], "supported"),
        (["not_supported", "not_supported"], "not_supported"),
        (["supported", "explained"], "partly"),
    ],
)
def test_one_word_for_the_answers_to_all_claims(outcomes: list, word: str) -> None:
    assert overall(outcomes) == word


@pytest.mark.parametrize("channel", ["web_portal", "app", "wechat", "email", "sms", *BY_PERSON])
def test_the_answer_goes_out_alone_where_the_citizen_can_read_it(channel: str) -> None:
    case = Given(decider).facts(fact(CaseRegistered, channel=channel)).state
    wishes = react(fact(ReplyApproved), case, Given(decider).rules)
    assert [type(wish) for wish in wishes] == ([] if channel in BY_PERSON else [DeliverReply])
    assert react(fact(ReplyReturned), case, Given(decider).rules) == []


@given(any_history, st.randoms(use_true_random=False))
def test_facts_of_several_owners_may_come_in_any_order(history: list, random: Random) -> None:
    assert fold(decider, shuffled(history, random)) == fold(decider, history)
