"""Feedback over HTTP: a route makes a command or reads a view, and no more."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, CaseId, Desk, command_route
from libs.host.problems import Denied
from libs.sourcing.views import Row
from services.feedback.commands import (
    ApproveReply,
    ContactCitizen,
    DeliverReply,
    ReturnReply,
    SubmitReply,
)
from services.feedback.projection import file_of, waiting_replies, work_of

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]
Purpose = Annotated[str, Query(pattern="^[a-z_]{3,40}$", description="Why you look; it is recorded.")]


class WorkItem(BaseModel):
    """A case with a unit or under review."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    receipt_no: str
    category: str | None
    status: str
    unit_id: str | None
    due_handle: datetime | None
    attempts: int
    submitted_at: datetime | None
    due_audit: datetime | None
    return_reason: str | None


class File(WorkItem):
    """A case with its words. A confidential citizen's name and number are never among them."""

    title: str | None
    text: str | None
    reply: str | None
    claims: int


class Reply(BaseModel):
    """The answer that was delivered."""

    reply_id: str | None
    outcome: str | None
    delivered_at: datetime | None
    text: str | None


@router.get("/units/{unit_id}/work", operation_id="unit_work", responses=REFUSALS)
async def list_work(
    unit_id: Annotated[str, Path(max_length=100)], at_desk: AtDesk, limit: Limit = 100
) -> list[WorkItem]:
    """What a unit has to do, the most urgent first."""
    at_desk.allow("unit_work", unit_id=unit_id)
    return [WorkItem(**row) for row in await at_desk.read(lambda v: work_of(v, unit_id, limit))]


@router.get("/replies", operation_id="audit_queue", responses=REFUSALS)
async def list_waiting_replies(at_desk: AtDesk, limit: Limit = 100) -> list[WorkItem]:
    """Replies that wait for review, the most urgent first."""
    at_desk.allow("audit_queue")
    return [WorkItem(**row) for row in await at_desk.read(lambda v: waiting_replies(v, limit))]


@router.get("/cases/{case_id}/file", operation_id="case_file", responses=REFUSALS)
async def show_file(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> File:
    """A case with its words, for the unit that has it and for who reviews its reply. On record."""
    at_desk.allow("case_file", case_id)
    row = await _row(at_desk, case_id)
    at_desk.allow("case_file", case_id, row["unit_id"] or "nobody")
    title, text, reply = await at_desk.open(
        case_id, [row["title"], row["text"], row["reply_text"]], purpose
    )
    words = {"title": title, "text": text, "reply": reply}
    return File(**{k: v for k, v in row.items() if k not in words} | words)


@router.get("/cases/{case_id}/reply", operation_id="case_reply", responses=REFUSALS)
async def show_reply(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> Reply:
    """The answer, once it is delivered. On record."""
    at_desk.allow("case_reply", case_id)
    row = await _row(at_desk, case_id)
    if row["delivered_at"] is None:
        return Reply(reply_id=None, outcome=None, delivered_at=None, text=None)
    (text,) = await at_desk.open(case_id, [row["reply_text"]], purpose)
    return Reply(
        reply_id=row["reply_id"],
        outcome=row["outcome"],
        delivered_at=row["delivered_at"],
        text=text,
    )


async def _row(at_desk: Desk, case_id: str) -> Row:
    row = await at_desk.read(lambda views: file_of(views, case_id))
    if row is None:
        raise Denied("There is no such case, or it is not yours to see.")
    return row


command_route(router, ContactCitizen, "/cases/{case_id}/contacts")
command_route(router, SubmitReply, "/cases/{case_id}/replies")
command_route(router, ApproveReply, "/cases/{case_id}/approval")
command_route(router, ReturnReply, "/cases/{case_id}/return")
command_route(router, DeliverReply, "/cases/{case_id}/delivery")
