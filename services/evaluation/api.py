"""Evaluation over HTTP: a route makes a command or reads a view, and no more."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, CaseId, Desk, Purpose, command_route
from libs.host.problems import Denied
from libs.rules.levels import reviewed_organ, reviews
from libs.rules.roles import Role
from libs.rules.rules import Rules
from libs.rules.scale import in_three
from libs.sourcing.decider import Refused
from services.evaluation.commands import (
    AcceptReview,
    CloseHearing,
    ConfirmReviewDecision,
    DecideReview,
    DeclineReview,
    OpenHearing,
    OrderRework,
    RecordCallback,
    RequestReview,
    ReturnReviewDecision,
    SubmitEvaluation,
)
from services.evaluation.projection import cases_to_call, open_reviews, verdict_of

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]
OF_A_UNIT = frozenset({Role.UNIT_CLERK, Role.UNIT_HEAD})
UNIT_SEES_NO_RATING = "A unit sees how its work was rated by the month, never by case (G01)."
NOT_THERE = "There is no such case, or it is not yours to see."


class VerdictView(BaseModel):
    """How a case was answered, called back, rated and closed."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    unit_id: str | None
    status: str | None
    delivered_at: datetime | None
    due_callback: datetime | None
    evaluation_until: datetime | None
    attempts: int
    reached: bool
    resolved: str | None
    rated_intake: str | None
    rated_handling: str | None
    rated_intake_in_three: str | None = None
    rated_handling_in_three: str | None = None
    """The same in the three levels by which 群众满意率 is counted, whichever scale the pack has."""
    reworks: int
    due_rework: datetime | None
    review_id: str | None
    review_level: int | None
    review_state: str | None
    review_in_time: bool | None
    review_org: str | None
    review_due: datetime | None
    review_until: datetime | None = None
    """Until when a review, or after one a second, can be asked for in time."""
    final: bool
    outcome: str | None
    closed_at: datetime | None


class OpinionView(BaseModel):
    """What became of a review: its written opinion, or why it was declined and what remains."""

    review_id: str
    level: int
    org: str
    outcome: str
    doc: str | None
    opinion: str | None
    answer: str | None = None
    hearing_days: int = 0
    decided_at: datetime


class ProposalView(BaseModel):
    """What one officer proposed and another has to confirm."""

    proposal_id: str
    outcome: str
    answer: str | None
    doc: str | None
    opinion: str | None


class ReviewView(BaseModel):
    """The words of a case's reviews. What was erased is ``None``."""

    case_id: str
    review_id: str | None
    level: int | None
    state: str | None
    due: datetime | None
    text: str | None
    proposal: ProposalView | None
    opinions: list[OpinionView]


@router.get("/callbacks", operation_id="callback_queue", responses=REFUSALS)
async def list_callbacks(at_desk: AtDesk, limit: Limit = 100) -> list[VerdictView]:
    """Cases that wait to be called back, the most urgent first."""
    at_desk.allow("callback_queue")
    rows = await at_desk.read(lambda views: cases_to_call(views, limit))
    rules = at_desk.running.world.rules
    return [VerdictView(**row | _rating_until(row, rules)) for row in rows]


@router.get("/reviews", operation_id="review_queue", responses=REFUSALS)
async def list_reviews(at_desk: AtDesk, limit: Limit = 100) -> list[VerdictView]:
    """Cases under review, the most urgent first; an officer sees those of the own organ's level."""
    at_desk.allow("review_queue")
    org = at_desk.principal.unit_id
    rows = await at_desk.read(lambda views: open_reviews(views, org, limit))
    rules = at_desk.running.world.rules
    mine = [row for row in rows if _may_review(row, at_desk, rules)]
    return [VerdictView(**row | _rating_until(row, rules)) for row in mine]


@router.get("/cases/{case_id}/review", operation_id="case_review", responses=REFUSALS)
async def show_review(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> ReviewView:
    """Why the citizen asked, and what the level above said, in words. The look is recorded."""
    at_desk.allow("case_review", case_id)
    row = await at_desk.read(lambda views: verdict_of(views, case_id))
    if row is None:
        raise Denied(NOT_THERE)
    opinions = json.loads(row["opinions"])
    if at_desk.principal.role is Role.REVIEW_OFFICER:
        _must_concern_the_organ(row, opinions, at_desk)
    proposed = json.loads(row["proposal"] or "null") if at_desk.principal.case_id is None else None
    parts = [*opinions, *([proposed] if proposed else [])]
    sealed = [row["review_text"], *(part[name] for part in parts for name in ("doc", "opinion"))]
    text, *words = await at_desk.open(case_id, sealed, purpose)
    for part in parts:
        part["doc"], part["opinion"], *words = words
    return ReviewView(
        case_id=case_id,
        review_id=row["review_id"],
        level=row["review_level"],
        state=row["review_state"],
        due=row["review_due"],
        text=text,
        proposal=proposed,
        opinions=opinions,
    )


@router.get("/cases/{case_id}", operation_id="case_evaluation", responses=REFUSALS)
async def show_evaluation(case_id: CaseId, at_desk: AtDesk) -> VerdictView:
    """How a case was answered, called back, rated and closed. A unit that asks is refused on record (G01)."""
    if at_desk.principal.role in OF_A_UNIT:
        await at_desk.deny_on_record(case_id, "case_evaluation", UNIT_SEES_NO_RATING)
    at_desk.allow("case_evaluation", case_id)
    row = await at_desk.read(lambda views: verdict_of(views, case_id))
    if row is None:
        raise Denied(NOT_THERE)
    rules = at_desk.running.world.rules
    return VerdictView(
        **row | _rating_until(row, rules),
        review_until=_review_until(row, rules),
        rated_intake_in_three=in_three(row["rated_intake"]),
        rated_handling_in_three=in_three(row["rated_handling"]),
    )


def _may_review(row: dict[str, Any], at_desk: Desk, rules: Rules) -> bool:
    """Whether a row is for the caller's desk: a supervisor's is every one."""
    principal = at_desk.principal
    if principal.role is not Role.REVIEW_OFFICER or row["review_org"] is not None:
        return True
    below = reviewed_organ(rules.organisations, row["unit_id"] or "", row["review_level"])
    return reviews(rules.organisations, principal.unit_id, below)


def _must_concern_the_organ(
    row: dict[str, Any], opinions: list[dict[str, Any]], at_desk: Desk
) -> None:
    """An officer reads the reviews that the own organ has, had, or may take on."""
    org, rules = at_desk.principal.unit_id, at_desk.running.world.rules
    has_it = org is not None and org in (row["review_org"], *(one["org"] for one in opinions))
    waits = row["review_id"] is not None and row["review_org"] is None
    if not has_it and not (waits and _may_review(row, at_desk, rules)):
        raise Refused("No review of this case is for your organ.")


def _rating_until(row: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """Until when the answer can be rated now: never before what was told (domain 6.2.4)."""
    told, start = row["evaluation_until"], row["delivered_at"]
    if told is None or start is None or row["policy"] is None:
        return {}
    kind = row["policy"], "EVAL", row["sla_class"], row["track"]
    return {"evaluation_until": rules.window(told, *kind, start)}


def _review_until(row: dict[str, Any], rules: Rules) -> datetime | None:
    """The window of the review that can be asked for next (信访工作条例 Art. 35, 36(1))."""
    if row["track"] != "xinfang" or row["delivered_at"] is None or row["final"]:
        return None
    step, start = "REVIEW_REQ", row["delivered_at"]
    decided = [one for one in json.loads(row["opinions"]) if one["outcome"] in ("uphold", "change")]
    if decided and datetime.fromisoformat(decided[-1]["decided_at"]) > start:
        step, start = "RR_REQ", datetime.fromisoformat(decided[-1]["decided_at"])
    kind = row["policy"], step, row["sla_class"], row["track"]
    return rules.window(row["review_told"], *kind, start)


command_route(router, RecordCallback, "/cases/{case_id}/callbacks")
command_route(router, SubmitEvaluation, "/cases/{case_id}/evaluations")
command_route(router, OrderRework, "/cases/{case_id}/reworks")
command_route(router, RequestReview, "/cases/{case_id}/reviews")
command_route(router, AcceptReview, "/cases/{case_id}/review-acceptance")
command_route(router, DeclineReview, "/cases/{case_id}/review-decline")
command_route(router, OpenHearing, "/cases/{case_id}/hearings")
command_route(router, CloseHearing, "/cases/{case_id}/hearing-minutes")
command_route(router, DecideReview, "/cases/{case_id}/review-decisions")
command_route(router, ConfirmReviewDecision, "/cases/{case_id}/review-confirmations")
command_route(router, ReturnReviewDecision, "/cases/{case_id}/review-returns")
