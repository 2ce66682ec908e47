"""Supervision over HTTP: a route makes a command or reads a view, and no more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, CaseId, Desk, command_route
from libs.host.problems import Denied
from libs.rules.rights import RIGHTS, Scope
from libs.rules.roles import Role
from libs.sourcing.views import Row
from services.supervision.commands import AnswerSupervision, IssueSupervision, LiftSupervision
from services.supervision.oversight_queries import shown_instructions
from services.supervision.projection import notices_of, overdue_cases, watch_of

router = APIRouter()


class Overdue(BaseModel):
    """A case past its handling limit."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    receipt_no: str | None
    category: str | None
    unit_id: str | None
    due_handle: datetime | None
    warnings: int
    breaches: int
    supervision_level: int
    oversight: str


class Notice(BaseModel):
    """A warning or breach that was stated."""

    model_config = ConfigDict(extra="ignore")

    timer: str
    threshold: str
    due_at: datetime
    stated_for: datetime
    owner_org: str
    retracted: bool


class LeadersWord(BaseModel):
    """That a leader has written on the case (批示); the words only where they are to be shown."""

    seen: str = "领导已批示"
    at: datetime
    words: str | None = None


class Clocks(BaseModel):
    """What was promised about a case and how it was kept; ``instructed``: what leaders wrote on it."""

    case_id: str
    registered_at: datetime | None
    due_citizen: datetime | None
    due_handle: datetime | None
    delivered_at: datetime | None
    notices: list[Notice]
    instructed: list[LeadersWord]


@router.get("/overdue", operation_id="overdue_cases", responses=REFUSALS)
async def list_overdue_cases(
    at_desk: AtDesk,
    unit_id: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[Overdue]:
    """Cases past their handling limit and not answered; a unit sees its own."""
    scope = RIGHTS["overdue_cases"].get(at_desk.principal.role)
    asked = unit_id or (at_desk.principal.unit_id if scope is Scope.UNIT else None)
    at_desk.allow("overdue_cases", unit_id=asked)
    rows = await at_desk.read(lambda views: overdue_cases(views, asked, limit))
    return [Overdue(**row) for row in rows]


@router.get("/cases/{case_id}/clocks", operation_id="case_clocks", responses=REFUSALS)
async def show_clocks(case_id: CaseId, at_desk: AtDesk) -> Clocks:
    """What was promised about a case and how it was kept."""
    at_desk.allow("case_clocks", case_id)
    row = await at_desk.read(lambda views: watch_of(views, case_id))
    if row is None:
        raise Denied("There is no such case, or it is not yours to see.")
    found = await at_desk.read(lambda views: notices_of(views, case_id))
    if at_desk.principal.role is Role.CITIZEN:  # warnings are for staff; the citizen has one clock
        found = [one for one in found if one["timer"] == "CITIZEN"]
        row["due_handle"] = None
    lead = row["lead"]
    written = await at_desk.read(lambda views: shown_instructions(views, case_id, lead))
    return Clocks(
        case_id=case_id,
        registered_at=row["registered_at"],
        due_citizen=row["due_citizen"],
        due_handle=row["due_handle"],
        delivered_at=row["delivered_at"],
        notices=[Notice(**one) for one in found],
        instructed=await _as_told(at_desk, written),
    )


async def _as_told(at_desk: Desk, written: Sequence[Row]) -> list[LeadersWord]:
    """The words are opened for the citizen alone, where the leader lets them be shown; that is on record."""
    words: dict[str, str | None] = {}
    if at_desk.principal.role is Role.CITIZEN:
        for case_id in sorted({row["case_id"] for row in written if row["words"]}):  # a key each
            told = {r["duty_id"]: r["words"] for r in written if r["case_id"] == case_id}
            opened = await at_desk.open(case_id, list(told.values()), "own_case")
            words |= dict(zip(told, opened, strict=True))
    return [LeadersWord(at=row["given_at"], words=words.get(row["duty_id"])) for row in written]


command_route(router, IssueSupervision, "/cases/{case_id}/supervisions")
command_route(router, AnswerSupervision, "/cases/{case_id}/supervision-answers")
command_route(router, LiftSupervision, "/cases/{case_id}/supervision-lifts")
