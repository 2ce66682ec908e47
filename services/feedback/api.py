"""Feedback over HTTP: a route makes a command or reads a view, and no more."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, computed_field

from libs.host.http import REFUSALS, AtDesk, CaseId, Desk, Purpose, command_route
from libs.host.problems import Denied
from libs.rules.pii import Trace, masked
from libs.sourcing.views import Row
from services.feedback.asked import refusals_of
from services.feedback.commands import (
    AdjustClock,
    ApproveReply,
    ContactCitizen,
    DecideExtension,
    DeliverReply,
    HoldCase,
    LiftHold,
    RefuseClockAdjustment,
    RefuseHold,
    ReportProgress,
    RequestExtension,
    RequestHold,
    RequestResumption,
    RequestSuspension,
    ReturnReply,
    SubmitReply,
)
from services.feedback.draft_api import router as draft_router
from services.feedback.pledge_api import router as pledge_router
from services.feedback.projection import (
    adjustments_asked,
    file_of,
    held_cases,
    holds_asked,
    open_extensions,
    waiting_replies,
    work_of,
)
from services.feedback.reports import report_due

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]


class Refusal(BaseModel):
    """That a hold, another going of the unit's clock or an extension was refused; why, in the case's file."""

    what: Literal["hold", "clock", "extension"]
    id: str
    refused_at: datetime
    reason: str | None


def _without_reasons(column: Any) -> list[dict[str, Any]]:
    """What the column holds, without the ciphertext in it; what was opened stays as it is."""
    if isinstance(column, list):
        return column
    return [one | {"reason": None} for one in refusals_of({"refusals": column})]

HOLD_WORDS = ("hold_reason", "hold_alternative", "hold_remedy")
"""What a citizen is told of a hold, in words (G08)."""


class WorkItem(BaseModel):
    """A case with a unit or under review. ``followers``: how many cases are merged into it, whose citizens read
    its answer too. ``hold_id`` and ``adjustment_id``: what the unit's head has asked and nobody has decided
    yet; ``adjustment`` is suspend or resume. ``refusals``: what the unit was refused, of each kind the last.
    ``report_due``: by when the unit says how far it is, for the unit alone."""

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
    progress_at: datetime | None
    report_due: datetime | None = None
    expected_at: datetime | None
    extension_id: str | None
    extension_due: datetime | None
    suspended_for: str | None
    suspended_until: datetime | None
    next_check_at: datetime | None
    hold_id: str | None
    hold_reason_code: str | None
    adjustment_id: str | None
    adjustment: str | None
    adjustment_ground: str | None
    adjustment_law_ref: str | None
    adjustment_until: datetime | None
    refusals: Annotated[list[Refusal], BeforeValidator(_without_reasons)]
    reworks: int
    follower_links: Annotated[str, Field(exclude=True)] = ""

    @computed_field
    def followers(self) -> int:
        """How many cases are merged into this one."""
        return len(self.follower_links.split())


class File(WorkItem):
    """A case with its words. A confidential citizen's name and number are never among them."""

    title: str | None
    text: str | None
    supplements: list[str | None]
    progress: str | None
    reply: str | None
    hold_reason: str | None
    hold_alternative: str | None
    hold_remedy: str | None
    claims: int


class ExtensionAsked(WorkItem):
    """An extension that waits for its decision, with its reason."""

    reason: str | None


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
    rules = at_desk.running.world.rules
    rows = await at_desk.read(lambda v: work_of(v, unit_id, limit))
    return [WorkItem(**row | {"report_due": report_due(row, rules)}) for row in rows]


@router.get("/replies", operation_id="audit_queue", responses=REFUSALS)
async def list_waiting_replies(at_desk: AtDesk, limit: Limit = 100) -> list[WorkItem]:
    """Replies that wait for review, the most urgent first."""
    at_desk.allow("audit_queue")
    return [WorkItem(**row) for row in await at_desk.read(lambda v: waiting_replies(v, limit))]


@router.get("/cases/{case_id}/file", operation_id="case_file", responses=REFUSALS)
async def show_file(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> File:
    """A case with its words, for the unit that has it, for who reviews its reply, and for who decides whether
    it is put on hold, with what the unit's head would have the citizen told, and why the unit was refused what it
    asked. On record. Of who is confidential or anonymous, what tells who it is stands masked (G03)."""
    at_desk.allow("case_file", case_id)
    row = await _row(at_desk, case_id)
    unit_id = _unit_of(at_desk, row)
    at_desk.allow("case_file", case_id, unit_id)
    refusals = refusals_of(row) if unit_id == row["unit_id"] else []  # who assists has asked for nothing
    sealed = [one["reason"] for one in refusals]
    sealed += [row[name] for name in ("title", "text", "progress", "reply_text")]
    sealed += (*(row["hold_reason"] or "").split(), None, None, None)[: len(HOLD_WORDS)]
    opened = await at_desk.open(case_id, sealed + row["supplements"].split(), purpose)
    reasons, opened = opened[: len(refusals)], opened[len(refusals) :]
    title, text, progress, reply, *opened = opened
    hold, supplements = dict(zip(HOLD_WORDS, opened, strict=False)), opened[len(HOLD_WORDS) :]
    if row["identity_mode"] != "real":
        seen = (title, text, *supplements)
        title, text, *supplements = [words and masked(words, tuple(Trace)) for words in seen]
    words = {"title": title, "text": text, "progress": progress, "reply": reply}
    told = [one | {"reason": reason} for one, reason in zip(refusals, reasons, strict=True)]
    return File(**row | words | hold | {"supplements": supplements, "refusals": told})


@router.get("/extensions", operation_id="extension_queue", responses=REFUSALS)
async def list_extensions(at_desk: AtDesk, limit: Limit = 100) -> list[WorkItem]:
    """Extensions that wait for their decision, the most urgent first."""
    at_desk.allow("extension_queue")
    return [WorkItem(**row) for row in await at_desk.read(lambda v: open_extensions(v, limit))]


@router.get("/cases/{case_id}/extension", operation_id="case_extension", responses=REFUSALS)
async def show_extension(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> ExtensionAsked:
    """The extension that waits for its decision, with its reason. On record."""
    at_desk.allow("case_extension", case_id)
    row = await _row(at_desk, case_id)
    at_desk.allow("case_extension", case_id, row["unit_id"] or "nobody")
    (reason,) = await at_desk.open(case_id, [row["extension_reason"]], purpose)
    return ExtensionAsked(**row, reason=reason)


@router.get("/clock-adjustments", operation_id="adjustment_queue", responses=REFUSALS)
async def list_adjustments_asked(at_desk: AtDesk, limit: Limit = 100) -> list[WorkItem]:
    """Clocks that shall stand still or go on, until an auditor has decided, the most urgent first."""
    at_desk.allow("adjustment_queue")
    return [WorkItem(**row) for row in await at_desk.read(lambda v: adjustments_asked(v, limit))]


@router.get("/hold-requests", operation_id="hold_request_queue", responses=REFUSALS)
async def list_holds_asked(at_desk: AtDesk, limit: Limit = 100) -> list[WorkItem]:
    """Holds that wait for the coordinator's word, the most urgent first. The reason is in the case's file."""
    at_desk.allow("hold_request_queue")
    return [WorkItem(**row) for row in await at_desk.read(lambda v: holds_asked(v, limit))]


@router.get("/holds", operation_id="hold_queue", responses=REFUSALS)
async def list_held_cases(at_desk: AtDesk, limit: Limit = 100) -> list[WorkItem]:
    """Cases on hold, those to be looked at next first."""
    at_desk.allow("hold_queue")
    return [WorkItem(**row) for row in await at_desk.read(lambda v: held_cases(v, limit))]


@router.get("/cases/{case_id}/reply", operation_id="case_reply", responses=REFUSALS)
async def show_reply(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> Reply:
    """The last answer that was delivered, never one that is not approved; of a merged case that of the case
    that leads, if it is for others to read. On record."""
    at_desk.allow("case_reply", case_id)
    row = await _row(at_desk, case_id)
    if row["lead"] is not None:
        row = await _row(at_desk, row["lead"])
        row |= {} if row["delivered_for_others"] else {"delivered_at": None}
    if row["delivered_at"] is None:
        return Reply(reply_id=None, outcome=None, delivered_at=None, text=None)
    (text,) = await at_desk.open(row["case_id"], [row["delivered_text"]], purpose)
    return Reply(
        reply_id=row["delivered_id"],
        outcome=row["outcome"],
        delivered_at=row["delivered_at"],
        text=text,
    )


def _unit_of(at_desk: Desk, row: Row) -> str:
    """The unit as which the caller looks at a case: that of the lead, or one that assists."""
    caller, lead = at_desk.principal.unit_id, row["unit_id"] or "nobody"
    return caller if caller and caller in row["assists"].split() else str(lead)


async def _row(at_desk: Desk, case_id: str) -> Row:
    row = await at_desk.read(lambda views: file_of(views, case_id))
    if row is None:
        raise Denied("There is no such case, or it is not yours to see.")
    return row


command_route(router, ContactCitizen, "/cases/{case_id}/contacts")
command_route(router, ReportProgress, "/cases/{case_id}/progress")
command_route(router, RequestExtension, "/cases/{case_id}/extensions")
command_route(router, DecideExtension, "/cases/{case_id}/extension-decisions")
command_route(router, RequestSuspension, "/cases/{case_id}/suspension-requests")
command_route(router, RequestResumption, "/cases/{case_id}/resumption-requests")
command_route(router, AdjustClock, "/cases/{case_id}/clock-adjustment")
command_route(router, RefuseClockAdjustment, "/cases/{case_id}/clock-adjustment-refusal")
command_route(router, RequestHold, "/cases/{case_id}/hold-requests")
command_route(router, HoldCase, "/cases/{case_id}/hold")
command_route(router, RefuseHold, "/cases/{case_id}/hold-refusal")
command_route(router, LiftHold, "/cases/{case_id}/hold-end")
command_route(router, SubmitReply, "/cases/{case_id}/replies")
command_route(router, ApproveReply, "/cases/{case_id}/approval")
command_route(router, ReturnReply, "/cases/{case_id}/return")
command_route(router, DeliverReply, "/cases/{case_id}/delivery")
router.include_router(draft_router)
router.include_router(pledge_router)
