"""Evaluation over HTTP: a route makes a command or reads a view, and no more."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, CaseId, command_route
from libs.host.problems import Denied
from services.evaluation.commands import (
    DecideReview,
    OrderRework,
    RecordCallback,
    RequestReview,
    SubmitEvaluation,
)
from services.evaluation.projection import cases_to_call, open_reviews, verdict_of

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]


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
    reworks: int
    due_rework: datetime | None
    review_id: str | None
    review_due: datetime | None
    outcome: str | None
    closed_at: datetime | None


@router.get("/callbacks", operation_id="callback_queue", responses=REFUSALS)
async def list_callbacks(at_desk: AtDesk, limit: Limit = 100) -> list[VerdictView]:
    """Cases that wait to be called back, the most urgent first."""
    at_desk.allow("callback_queue")
    return [VerdictView(**row) for row in await at_desk.read(lambda v: cases_to_call(v, limit))]


@router.get("/reviews", operation_id="review_queue", responses=REFUSALS)
async def list_reviews(at_desk: AtDesk, limit: Limit = 100) -> list[VerdictView]:
    """Cases under review, the most urgent first."""
    at_desk.allow("review_queue")
    return [VerdictView(**row) for row in await at_desk.read(lambda v: open_reviews(v, limit))]


@router.get("/cases/{case_id}", operation_id="case_evaluation", responses=REFUSALS)
async def show_evaluation(case_id: CaseId, at_desk: AtDesk) -> VerdictView:
    """How a case was answered, called back, rated and closed."""
    at_desk.allow("case_evaluation", case_id)
    row = await at_desk.read(lambda views: verdict_of(views, case_id))
    if row is None:
        raise Denied("There is no such case, or it is not yours to see.")
    return VerdictView(**row)


command_route(router, RecordCallback, "/cases/{case_id}/callbacks")
command_route(router, SubmitEvaluation, "/cases/{case_id}/evaluations")
command_route(router, OrderRework, "/cases/{case_id}/reworks")
command_route(router, RequestReview, "/cases/{case_id}/reviews")
command_route(router, DecideReview, "/cases/{case_id}/review-decisions")
