"""The reviews of a case as evaluation knows them, and what each fact makes of them. It decides nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from libs.events.evaluation import (
    HearingClosed,
    HearingOpened,
    ReviewAccepted,
    ReviewDecided,
    ReviewDecisionProposed,
    ReviewDecisionReturned,
    ReviewDeclined,
    ReviewOutcome,
    ReviewRequested,
)
from libs.events.feedback import Outcome
from libs.rules.pauses import Pause
from libs.rules.replacing import replace

ReviewFact = (
    ReviewRequested
    | ReviewAccepted
    | ReviewDeclined
    | HearingOpened
    | HearingClosed
    | ReviewDecisionProposed
    | ReviewDecisionReturned
    | ReviewDecided
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """How an officer would decide a second review. Its words are sealed."""

    proposal_id: str
    by: str
    outcome: ReviewOutcome
    answer: Outcome | None
    doc: str
    opinion: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """A review that is open (复查 1, 复核 2). ``org`` has taken it on; while ``heard_since`` is set a hearing
    is held, and ``pauses`` are those that are over."""

    review_id: str
    level: int
    received_at: datetime
    in_time: bool
    reply_id: str
    org: str | None = None
    heard_since: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    proposal: Proposal | None = None
    proposals: int = 0

    @property
    def hearing_days(self) -> int:
        """Days that hearings took, which the limit does not count."""
        return sum((until - since).days for since, until in self.pauses)


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a review of one answer, and who decided it."""

    level: int
    at: datetime
    outcome: ReviewOutcome
    org: str
    by: tuple[str, ...]
    reply_id: str
    answer: Outcome | None
    final: bool
    again_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reviews:
    """All reviews of a case: the open one, those decided, and which answers one was asked for too late of."""

    asked: int = 0
    open: Review | None = None
    decided: tuple[Decided, ...] = ()
    declined: tuple[tuple[int, str], ...] = ()
    ended_at: datetime | None = None

    @property
    def final(self) -> bool:
        """Whether the matter is finally reviewed (三级终结, 信访工作条例 Art. 36(3))."""
        return any(one.final for one in self.decided)

    @property
    def reviewers(self) -> frozenset[str]:
        """Who decided a review before."""
        return frozenset(account for one in self.decided for account in one.by)

    def of(self, reply_id: str) -> Decided | None:
        """The last decision about an answer. Before reviews named their answer there was only one."""
        about = [one for one in self.decided if one.reply_id in ("", reply_id)]
        return about[-1] if about else None

    def answer_to(self, reply_id: str) -> Outcome | None:
        """What the answer comes to now, if the level above changed it."""
        about = [one.answer for one in self.decided if one.reply_id in ("", reply_id)]
        return next((answer for answer in reversed(about) if answer is not None), None)


def reviewed(reviews: Reviews, event: ReviewFact) -> Reviews:
    """The reviews after a fact of one of them."""
    at, review = event.occurred_at, reviews.open
    if isinstance(event, ReviewRequested):
        asked = Review(
            event.review_id, event.level, event.received_at, event.in_time, event.reply_id
        )
        return replace(reviews, asked=reviews.asked + 1, open=asked)
    if review is None or review.review_id != event.review_id:
        return reviews
    match event:
        case ReviewAccepted():
            return replace(reviews, open=replace(review, org=event.org))
        case ReviewDeclined():
            declined = (*reviews.declined, (review.level, review.reply_id))
            return replace(reviews, open=None, declined=declined, ended_at=at)
        case HearingOpened():
            return replace(reviews, open=replace(review, heard_since=at))
        case HearingClosed():
            heard = ((review.heard_since, at),) if review.heard_since else ()
            pauses = (*review.pauses, *heard)
            return replace(reviews, open=replace(review, heard_since=None, pauses=pauses))
        case ReviewDecisionProposed():
            proposal = Proposal(
                event.proposal_id,
                event.actor.id,
                event.outcome,
                event.answer,
                event.doc,
                event.opinion,
            )
            proposed = replace(review, proposal=proposal, proposals=review.proposals + 1)
            return replace(reviews, open=proposed)
        case ReviewDecisionReturned():
            return replace(reviews, open=replace(review, proposal=None))
        case ReviewDecided():
            return replace(
                reviews, open=None, decided=(*reviews.decided, _decided(review, event)), ended_at=at
            )
        case _:
            assert_never(event)


def _decided(review: Review, event: ReviewDecided) -> Decided:
    by = (event.actor.id,) if event.proposed_by is None else (event.proposed_by, event.actor.id)
    return Decided(
        event.level,
        event.occurred_at,
        event.outcome,
        event.org,
        by,
        review.reply_id,
        event.answer,
        event.final,
        event.again_until,
    )
