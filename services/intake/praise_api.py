"""Praise over HTTP: the unit that it is for reads it, on record. It is answered by nobody."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, CaseId, Purpose
from libs.host.problems import Denied
from libs.sourcing.decider import Refused
from services.intake.projection import case_row, praise_of

router = APIRouter()


class PraiseView(BaseModel):
    """Praise that a unit was sent."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    category: str | None
    delivered_at: datetime


class Praise(PraiseView):
    """The same with its words."""

    title: str | None
    text: str | None


@router.get("/units/{unit_id}/praise", operation_id="unit_praise", responses=REFUSALS)
async def list_praise(
    unit_id: Annotated[str, Path(max_length=100)],
    at_desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[PraiseView]:
    """The praise that a unit was sent, the latest first."""
    at_desk.allow("unit_praise", unit_id=unit_id)
    rows = await at_desk.read(lambda views: praise_of(views, unit_id, limit))
    return [PraiseView(**row) for row in rows]


@router.get("/cases/{case_id}/praise", operation_id="praise_words", responses=REFUSALS)
async def show_praise(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> Praise:
    """The words of praise, for the unit that it is for. On record."""
    at_desk.allow("praise_words", case_id)
    row = await at_desk.read(lambda views: case_row(views, case_id))
    if row is None:
        raise Denied("There is no such case, or it is not yours to see.")
    at_desk.allow("praise_words", case_id, row["praised"] or row["unit_id"] or "nobody")
    if row["praised"] is None:
        raise Refused("This is no praise; the unit reads it in its own file.")
    title, text = await at_desk.open(case_id, [row["title"], row["text"]], purpose)
    return Praise(**row | {"title": title, "text": text})
