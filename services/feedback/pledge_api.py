"""Promises over HTTP: a unit says whether it kept what it promised, and the citizen reads it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, CaseId, Purpose, command_route
from services.feedback.commands import ReportCommitment
from services.feedback.pledges import overdue_pledges, pledges_in, pledges_of

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]


class PledgeView(BaseModel):
    """A promise: until when, how often, and what the unit said of it last. ``status`` is open, due, kept or
    not_kept; what is promised again and again stays open."""

    model_config = ConfigDict(extra="ignore")

    commitment_id: str
    case_id: str
    org: str
    claim: int
    due_at: datetime
    every: str | None
    status: str
    times_kept: int
    times_not_kept: int
    reported_at: datetime | None


class Pledged(PledgeView):
    """The same with its words."""

    text: str | None
    report: str | None


@router.get("/units/{unit_id}/commitments", operation_id="unit_commitments", responses=REFUSALS)
async def list_pledges(
    unit_id: Annotated[str, Path(max_length=100)], at_desk: AtDesk, limit: Limit = 100
) -> list[PledgeView]:
    """What a unit has promised and not reported yet, the most urgent first."""
    at_desk.allow("unit_commitments", unit_id=unit_id)
    rows = await at_desk.read(lambda views: pledges_of(views, unit_id, limit))
    return [PledgeView(**row) for row in rows]


@router.get("/commitments", operation_id="overdue_commitments", responses=REFUSALS)
async def list_overdue_pledges(at_desk: AtDesk, limit: Limit = 100) -> list[PledgeView]:
    """Promises whose day has passed without a word of their unit, the oldest first."""
    at_desk.allow("overdue_commitments")
    now = at_desk.running.world.now()
    rows = await at_desk.read(lambda views: overdue_pledges(views, now, limit))
    return [PledgeView(**row) for row in rows]


@router.get("/cases/{case_id}/commitments", operation_id="case_commitments", responses=REFUSALS)
async def show_pledges(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> list[Pledged]:
    """What a citizen was promised, and what became of it. On record."""
    at_desk.allow("case_commitments", case_id)
    rows = await at_desk.read(lambda views: pledges_in(views, case_id))
    if not rows:
        return []
    sealed = [row[name] for row in rows for name in ("text", "report")]
    opened = await at_desk.open(case_id, sealed, purpose)
    pairs = zip(opened[::2], opened[1::2], strict=True)
    return [
        Pledged(**row | {"text": text, "report": report})
        for row, (text, report) in zip(rows, pairs, strict=True)
    ]


command_route(router, ReportCommitment, "/cases/{case_id}/commitments")
