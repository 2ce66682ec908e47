"""How cases are kept, over HTTP: a route makes a command or reads a view, and no more."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, CaseId, command_route
from libs.host.problems import NOT_YOURS, Denied
from libs.rules.roles import Role
from libs.sourcing.decider import Refused
from services.intake.keeping_views import keeping_of, to_erase
from services.intake.projection import WORDS, case_row
from services.intake.public_commands import (
    EraseContactData,
    LiftLegalHold,
    LiftRestriction,
    PutLegalHold,
)

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]


class ToErase(BaseModel):
    """A case of which something may be erased: name and number from ``contact_until`` on, all of it from
    ``retain_until`` on."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    retention_class: str | None
    contact_until: datetime | None
    retain_until: datetime | None
    restricted: str | None
    contact_erased_at: datetime | None
    next_at: datetime


class Keeping(BaseModel):
    """How a case is kept. ``hold``: by whom it must not be erased; ``hold_reference``, in words, for the
    privacy officer alone. ``restricted``: why its words are closed instead of erased (限制处理), until when if
    it is the law's time."""

    model_config = ConfigDict(extra="ignore")

    archived_at: datetime | None
    retention_class: str | None
    contact_until: datetime | None
    retain_until: datetime | None
    hold: str | None
    hold_reference: str | None
    restricted: str | None
    restricted_until: datetime | None
    contact_erased_at: datetime | None
    erased_at: datetime | None


class ClosedWords(BaseModel):
    """The words of a case that are closed to everybody else."""

    title: str | None
    text: str | None
    supplements: list[str | None]


@router.get("/retention", operation_id="retention_queue", responses=REFUSALS)
async def list_to_erase(at_desk: AtDesk, limit: Limit = 100) -> list[ToErase]:
    """What may be erased by now, the longest kept first; nothing that is held."""
    at_desk.allow("retention_queue")
    now = at_desk.running.world.now()
    return [ToErase(**row) for row in await at_desk.read(lambda v: to_erase(v, now, limit))]


@router.get("/cases/{case_id}/keeping", operation_id="case_keeping", responses=REFUSALS)
async def show_keeping(case_id: CaseId, at_desk: AtDesk) -> Keeping:
    """How a case is kept, and for how long; the citizen sees it too."""
    at_desk.allow("case_keeping", case_id)
    row = await at_desk.read(lambda views: keeping_of(views, case_id))
    if row is None:
        raise Denied(NOT_YOURS)
    reference = None
    if row["hold_reference"] and at_desk.principal.role is Role.PRIVACY_OFFICER:
        (reference,) = await at_desk.open(case_id, [row["hold_reference"]], "audit")
    return Keeping(**row | {"hold_reference": reference})


@router.get("/cases/{case_id}/closed-words", operation_id="closed_words", responses=REFUSALS)
async def show_closed_words(
    case_id: CaseId,
    at_desk: AtDesk,
    purpose: Literal["court", "prosecution", "discipline", "audit", "legal_claim"],
) -> ClosedWords:
    """Words that were closed instead of erased, for a court and the like alone. The look is recorded."""
    at_desk.allow("closed_words", case_id)
    row = await at_desk.read(lambda views: case_row(views, case_id))
    kept = await at_desk.read(lambda views: keeping_of(views, case_id))
    if row is None or kept is None:
        raise Denied(NOT_YOURS)
    if kept["restricted"] is None:
        raise Refused("The words of this case are not closed; who handles it reads them.")
    sealed = [row[name] for name in WORDS[:2]] + row["supplements"].split()
    title, text, *supplements = await at_desk.open(case_id, sealed, purpose)
    return ClosedWords(title=title, text=text, supplements=supplements)


command_route(router, PutLegalHold, "/cases/{case_id}/legal-hold")
command_route(router, LiftLegalHold, "/cases/{case_id}/legal-hold-end")
command_route(router, LiftRestriction, "/cases/{case_id}/restriction-end")
command_route(router, EraseContactData, "/cases/{case_id}/contact-erasure")
