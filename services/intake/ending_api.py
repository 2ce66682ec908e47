"""Withdrawing a case and taking one up anew, over HTTP: a route makes a command or reads a view, and no more."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, command_route
from libs.rules.rules import Rules
from libs.rules.states import CaseState
from libs.sourcing.views import Row
from services.intake.ending_commands import (
    AskReopening,
    CancelWithdrawal,
    ConfirmWithdrawal,
    DeclineReopening,
    PassOnWithdrawal,
    ReopenCase,
    RequestWithdrawal,
)
from services.intake.projection import reopenings_asked, withdrawals_to_confirm

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]


class Cooling(BaseModel):
    """A withdrawal that can still be taken back, and for how many seconds yet; by how long a limit, and by what
    it holds.

    ``unconfirmed``: a unit passed it on, and it takes effect only when the citizen has been heard.
    """

    asked_at: datetime
    cooling_end: datetime
    seconds_left: int
    words: str
    source: str
    unconfirmed: bool


class PassedOn(BaseModel):
    """A withdrawal that a unit passed on: an agent who is not of the unit asks the citizen."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    receipt_no: str
    category: str | None
    status: str
    withdrawal_through: str
    withdrawal_asked_at: datetime


class AskedAnew(BaseModel):
    """A case that its citizen wants to be taken up anew. Why stands among its words."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    receipt_no: str
    category: str | None
    status: str
    round: int
    reopening_asked_at: datetime


def cooling_of(row: Row, now: datetime, rules: Rules) -> Cooling | None:
    """The withdrawal of a case that has not taken effect, if there is one."""
    if row["withdrawal_until"] is None or row["withdrawal_asked_at"] is None:
        return None
    if not (CaseState(row["status"]).open or row["status"] == CaseState.MERGED):
        return None
    left = (row["withdrawal_until"] - now).total_seconds()
    limit = rules.pack(row["policy"]).withdrawal.cooling
    return Cooling(
        asked_at=row["withdrawal_asked_at"],
        cooling_end=row["withdrawal_until"],
        seconds_left=max(0, int(left)),
        words=limit.words,
        source=limit.source,
        unconfirmed=row["withdrawal_through"] is not None and not row["withdrawal_confirmed"],
    )


@router.get("/withdrawals", operation_id="withdrawal_queue", responses=REFUSALS)
async def list_withdrawals(at_desk: AtDesk, limit: Limit = 100) -> list[PassedOn]:
    """Withdrawals that units passed on and that nobody has confirmed, the oldest first."""
    at_desk.allow("withdrawal_queue")
    return [PassedOn(**row) for row in await at_desk.read(lambda v: withdrawals_to_confirm(v, limit))]


@router.get("/reopenings", operation_id="reopening_queue", responses=REFUSALS)
async def list_reopenings(at_desk: AtDesk, limit: Limit = 100) -> list[AskedAnew]:
    """Cases whose citizens ask that they be taken up anew, within the caller's jurisdiction."""
    at_desk.allow("reopening_queue")
    adcode = at_desk.principal.adcode
    return [AskedAnew(**row) for row in await at_desk.read(lambda v: reopenings_asked(v, adcode, limit))]


command_route(router, RequestWithdrawal, "/cases/{case_id}/withdrawal")
command_route(router, PassOnWithdrawal, "/cases/{case_id}/withdrawals-passed-on")
command_route(router, ConfirmWithdrawal, "/cases/{case_id}/withdrawal-confirmation")
command_route(router, CancelWithdrawal, "/cases/{case_id}/withdrawal-cancellation")
command_route(router, AskReopening, "/cases/{case_id}/reopening-requests")
command_route(router, DeclineReopening, "/cases/{case_id}/reopening-refusal")
command_route(router, ReopenCase, "/cases/{case_id}/reopening")
