"""Recusal over HTTP: a route makes a command or reads a view, and no more."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from libs.host.http import REFUSALS, AtDesk, CaseId, Purpose, command_route
from libs.host.problems import NOT_YOURS, Denied
from libs.rules.roles import Role
from services.intake.projection import case_row
from services.intake.public_commands import ClaimRecusal, DecideRecusal, LiftRecusal, RecuseSelf
from services.intake.recusal_views import claims_waiting, recusals_of

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]


class ClaimWaiting(BaseModel):
    """A case in which the citizen asked for a recusal; the words are read at the case."""

    case_id: str
    open_since: datetime


class ClaimView(BaseModel):
    """What the citizen asked for and what was decided. ``account`` is not shown to the citizen."""

    claim_id: str
    account: str | None = None
    reason: str | None
    claimed_at: datetime
    outcome: str | None
    answer: str | None


class RecusalsView(BaseModel):
    """The claims of a case, and how many people keep out of it; ``accounts``, with the ground, for a
    supervisor alone."""

    claims: list[ClaimView]
    recused: int
    accounts: dict[str, str]


@router.get("/recusal-claims", operation_id="recusal_queue", responses=REFUSALS)
async def list_claims(at_desk: AtDesk, limit: Limit = 100) -> list[ClaimWaiting]:
    """Claims of recusal that wait for a supervisor, the longest waiting first."""
    at_desk.allow("recusal_queue")
    rows = await at_desk.read(lambda views: claims_waiting(views, limit))
    return [ClaimWaiting(case_id=row["case_id"], open_since=row["open_since"]) for row in rows]


@router.get("/cases/{case_id}/recusals", operation_id="case_recusals", responses=REFUSALS)
async def show_recusals(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> RecusalsView:
    """What was asked for and decided about who keeps out. There are words in it: the look is recorded."""
    at_desk.allow("case_recusals", case_id)
    found = await at_desk.read(
        lambda views: (case_row(views, case_id), *recusals_of(views, case_id))
    )
    row, claims, accounts = found
    if row is None:
        raise Denied(NOT_YOURS)
    names = [(claim, name) for claim in claims for name in ("reason", "answer")]
    if names:
        opened = await at_desk.open(case_id, [claim[name] for claim, name in names], purpose)
        for (claim, name), words in zip(names, opened, strict=True):
            claim[name] = words
    if at_desk.principal.role is Role.CITIZEN:
        claims = [claim | {"account": None} for claim in claims]
        return RecusalsView(claims=claims, recused=len(accounts), accounts={})
    return RecusalsView(claims=claims, recused=len(accounts), accounts=accounts)


command_route(router, RecuseSelf, "/cases/{case_id}/recusal")
command_route(router, ClaimRecusal, "/cases/{case_id}/recusal-claims")
command_route(router, DecideRecusal, "/cases/{case_id}/recusal-decisions")
command_route(router, LiftRecusal, "/cases/{case_id}/recusal-end")
