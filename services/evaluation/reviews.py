"""The rules of review, up to 三级终结 (信访工作条例 Art. 35, 36). Nothing here waits, reads or writes."""

from datetime import datetime
from typing import Any, Literal

from libs.events.base import Event, in_round
from libs.events.evaluation import (
    HearingClosed,
    HearingOpened,
    ReviewAccepted,
    ReviewDecided,
    ReviewDecisionProposed,
    ReviewDecisionReturned,
    ReviewDeclined,
    ReviewRequested,
)
from libs.rules.calendar import is_late
from libs.rules.levels import reviewed_organ
from libs.rules.levels import reviews as stands_above
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.evaluation.commands import (
    AcceptReview,
    CloseHearing,
    ConfirmReviewDecision,
    DecideReview,
    DeclineReview,
    OpenHearing,
    RequestReview,
    ReturnReviewDecision,
)
from services.evaluation.guards import NOT_ANSWERED, must_be_independent
from services.evaluation.review_state import Proposal, Review
from services.evaluation.rework import rework
from services.evaluation.state import Verdict
from services.evaluation.windows import review_until

WORK = {1: "REVIEW", 2: "REREVIEW"}
"""The step in which a review of a level is decided."""


def request_review(command: RequestReview, case: Verdict, rules: Rules) -> list[Event]:
    """A petitioner may ask for review within 30 days of the answer, and for re-review within 30 days of
    what the first came to (条例 Art. 35, 36(1); transitions 40 and 42). Who asks too late is registered all
    the same, but for what is put away (transition 50): its time was over long before."""
    if case.archived:
        raise Refused("The case is archived (已归档); the time for review is over, and what is new is a new case.")
    if case.delivered_at is None:
        raise Refused(NOT_ANSWERED)
    if case.track != "xinfang":
        raise Refused("Review is for petitions (信访事项); a hotline case can be reopened.")
    if case.reviews.open is not None:
        return []
    if case.reviews.final:
        raise Refused("The case has been finally reviewed (三级终结).")
    before = case.reviews.of(case.reply_id)
    if before is not None and before.outcome == "revoke":
        raise Refused("The answer was revoked; the unit works on it again.")
    level: Literal[1, 2] = 1 if before is None else 2
    if (level, case.reply_id) in case.reviews.declined:
        raise Refused("It was asked for too late and declined; what remains was told with it.")
    last = review_until(case, before, rules)
    due = rules.due(case.policy, WORK[level], case.sla_class, case.track, command.occurred_at)
    return [
        ReviewRequested(
            **command.stamp(rules.versions_of(case.policy), case.round),
            review_id=f"{in_round(command.case_id, case.round)}.v{case.reviews.asked + 1}",
            level=level,
            received_at=command.occurred_at,
            in_time=last is None or not is_late(command.occurred_at, last),
            text=command.text,
            due_decide=due.at,
            reply_id=case.reply_id,
        )
    ]


def accept_review(command: AcceptReview, case: Verdict, rules: Rules) -> list[Event]:
    """An officer of the level above takes it on; who asked too late is declined instead."""
    review = _open(command.review_id, case)
    if review.org is not None and review.org == command.by.org:
        return []
    if review.org is not None:
        raise Refused(f"{review.org} has taken this review on.")
    if not review.in_time:
        raise Refused("It was asked for too late; decline it with reason and remedy.")
    return [ReviewAccepted(**_of(command, case, rules), **_by(command, case, review, rules))]


def decline_review(command: DeclineReview, case: Verdict, rules: Rules) -> list[Event]:
    """Nothing but time is a ground to decline; reason and remedy go to the citizen (G08)."""
    review = _open(command.review_id, case)
    if review.in_time:
        raise Refused("It was asked for in time; it must be decided.")
    return [
        ReviewDeclined(
            **_of(command, case, rules),
            **_by(command, case, review, rules),
            ground="out_of_time",
            reason=command.reason,
            remedy=command.remedy,
        )
    ]


def open_hearing(command: OpenHearing, case: Verdict, rules: Rules) -> list[Event]:
    """While a hearing is held the limit of the review does not run (条例 Art. 36(2))."""
    review = _taken_on(command, case, rules)
    if review.heard_since is not None:
        return []
    return [
        HearingOpened(
            **_of(command, case, rules),
            hearing_id=_hearing(review),
            review_id=review.review_id,
            level=review.level,
            note=command.note,
        )
    ]


def close_hearing(command: CloseHearing, case: Verdict, rules: Rules) -> list[Event]:
    """The limit goes on: it ends later by as much as the hearing took."""
    review = _taken_on(command, case, rules)
    if review.heard_since is None:
        if review.pauses:
            return []
        raise Refused("No hearing is open.")
    step, pauses = WORK[review.level], (*review.pauses, (review.heard_since, command.occurred_at))
    kind = case.sla_class, case.track, review.received_at
    due = rules.due_with_pauses(case.policy, step, *kind, pauses)
    return [
        HearingClosed(
            **_of(command, case, rules),
            hearing_id=_hearing(review),
            review_id=review.review_id,
            level=review.level,
            minutes=command.minutes,
            due_decide=due.at,
            provisional=due.provisional,
        )
    ]


def decide_review(command: DecideReview, case: Verdict, rules: Rules) -> list[Event]:
    """The first review is decided by one officer; for the second one proposes and another confirms
    (transitions 41 and 43)."""
    review = _taken_on(command, case, rules)
    _must_be_heard_out(review)
    if command.outcome == "change" and (command.opinion is None or command.answer is None):
        raise Refused("opinion, answer: a changed answer is said in words, with what it comes to.")
    if command.outcome != "change" and command.answer is not None:
        raise Refused("answer: only a changed answer comes to something else.")
    if review.level == 1:
        said = Proposal("", "", command.outcome, command.answer, command.doc, command.opinion)
        return _decision(command, case, review, said, rules)
    return [
        ReviewDecisionProposed(
            **_of(command, case, rules),
            review_id=review.review_id,
            proposal_id=f"{review.review_id}.p{review.proposals + 1}",
            org=review.org,
            outcome=command.outcome,
            answer=command.answer,
            doc=command.doc,
            opinion=command.opinion,
        )
    ]


def confirm_review_decision(
    command: ConfirmReviewDecision, case: Verdict, rules: Rules
) -> list[Event]:
    """Another officer of the organ agrees: now it is decided."""
    review = _taken_on(command, case, rules)
    proposal = _proposed_by_another(command, review)
    _must_be_heard_out(review)
    return _decision(command, case, review, proposal, rules)


def return_review_decision(
    command: ReturnReviewDecision, case: Verdict, rules: Rules
) -> list[Event]:
    """Another officer of the organ does not agree; it is to be proposed anew."""
    review = _taken_on(command, case, rules)
    proposal = _proposed_by_another(command, review)
    return [
        ReviewDecisionReturned(
            **_of(command, case, rules),
            review_id=review.review_id,
            proposal_id=proposal.proposal_id,
            org=review.org,
            note=command.note,
        )
    ]


def _decision(
    command: Command, case: Verdict, review: Review, said: Proposal, rules: Rules
) -> list[Event]:
    """What is decided; an answer that is revoked must be made again, unless that is done already."""
    facts: list[Event] = [
        ReviewDecided(
            **_of(command, case, rules),
            review_id=review.review_id,
            level=review.level,
            outcome=said.outcome,
            doc=said.doc,
            org=review.org or "",
            opinion=said.opinion,
            answer=said.answer,
            final=review.level == 2 and said.outcome != "revoke",
            proposed_by=said.by or None,
            hearing_days=review.hearing_days,
            again_until=_again_until(command, case, review, said, rules),
        )
    ]
    stands = case.reply_id != case.reworked and review.reply_id in ("", case.reply_id)
    if said.outcome == "revoke" and stands:
        facts.append(rework(command, case, rules, "review_revoked", said.opinion))
    return facts


def _again_until(
    command: Command, case: Verdict, review: Review, said: Proposal, rules: Rules
) -> datetime | None:
    """How long a second review can be asked for of what a first one came to (信访工作条例 Art. 36(1))."""
    if review.level == 2 or said.outcome == "revoke":
        return None
    kind = case.sla_class, case.track
    return rules.due(case.policy, "RR_REQ", *kind, command.occurred_at).at


def _open(review_id: str, case: Verdict) -> Review:
    review = case.reviews.open
    if review is None or review.review_id != review_id:
        raise Refused("No such review is open.")
    return review


def _taken_on(
    command: OpenHearing
    | CloseHearing
    | DecideReview
    | ConfirmReviewDecision
    | ReturnReviewDecision,
    case: Verdict,
    rules: Rules,
) -> Review:
    """The open review, if the caller is of the organ that took it on."""
    review = _open(command.review_id, case)
    if review.org is None:
        raise Refused("The review must be accepted first.")
    _must_be_unconcerned(command, case)
    if command.by.org != review.org:
        raise Refused(f"{review.org} has taken this review on.")
    return review


def _by(command: Command, case: Verdict, review: Review, rules: Rules) -> dict[str, Any]:
    """Which review, and the organ of the level above for which the caller acts."""
    _must_be_unconcerned(command, case)
    below = reviewed_organ(rules.organisations, case.unit_id or case.org, review.level)
    if not stands_above(rules.organisations, command.by.org, below):
        raise Refused(
            f"A review of what {below or 'the highest organ'} said is for the level above."
        )
    return {"review_id": review.review_id, "level": review.level, "org": command.by.org}


def _must_be_unconcerned(command: Command, case: Verdict) -> None:
    """Nobody who handled, answered or audited, and nobody who decided an earlier review (2.3 (e))."""
    must_be_independent(command, case, "review it")
    if command.by.id in case.audited_by:
        raise Refused("Who audited the answer may not review it.")
    if command.by.id in case.reviews.reviewers:
        raise Refused("Who decided the first review may not take part in the second.")


def _must_be_heard_out(review: Review) -> None:
    if review.heard_since is not None:
        raise Refused("A hearing is open; close it first.")


def _proposed_by_another(
    command: ConfirmReviewDecision | ReturnReviewDecision, review: Review
) -> Proposal:
    proposal = review.proposal
    if proposal is None or proposal.proposal_id != command.proposal_id:
        raise Refused("No such proposal waits for a second officer.")
    if proposal.by == command.by.id:
        raise Refused("A second review is decided by two persons; another one must confirm.")
    return proposal


def _hearing(review: Review) -> str:
    return f"{review.review_id}.h{len(review.pauses) + 1}"


def _of(command: Command, case: Verdict, rules: Rules) -> dict[str, Any]:
    return command.stamp(rules.versions_of(case.policy), case.round)
