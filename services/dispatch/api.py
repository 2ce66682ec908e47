"""Dispatch over HTTP: a route makes a command or reads a view, and no more."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, command_route
from services.dispatch.commands import AssignCase, SignAssignment
from services.dispatch.projection import assignments_of, waiting_cases

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]


class AssignmentView(BaseModel):
    """A case at dispatch or with a unit."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    category: str | None
    track: str
    sla_class: str
    adcode: str | None
    status: str
    accepted_at: datetime
    due_dispatch: datetime | None
    assignment_id: str | None
    unit_id: str | None
    basis: str | None
    automatic: bool
    assigned_at: datetime | None
    signed_at: datetime | None
    due_sign: datetime | None
    due_contact: datetime | None
    due_handle: datetime | None


@router.get("/cases", operation_id="dispatch_queue", responses=REFUSALS)
async def list_waiting_cases(at_desk: AtDesk, limit: Limit = 100) -> list[AssignmentView]:
    """Cases that wait for a unit, the most urgent first, within the caller's jurisdiction."""
    at_desk.allow("dispatch_queue")
    rows = await at_desk.read(lambda views: waiting_cases(views, at_desk.principal.adcode, limit))
    return [AssignmentView(**row) for row in rows]


@router.get("/units/{unit_id}/assignments", operation_id="unit_assignments", responses=REFUSALS)
async def list_assignments(
    unit_id: Annotated[str, Path(max_length=100)], at_desk: AtDesk, limit: Limit = 100
) -> list[AssignmentView]:
    """What a unit has, by due date."""
    at_desk.allow("unit_assignments", unit_id=unit_id)
    rows = await at_desk.read(lambda views: assignments_of(views, unit_id, limit))
    return [AssignmentView(**row) for row in rows]


command_route(router, AssignCase, "/cases/{case_id}/assignment")
command_route(router, SignAssignment, "/cases/{case_id}/signature")
