"""Cases left out of a unit's score (考核剔除) over HTTP: the unit proposes, another decides and sees the cap."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, Desk, Purpose, command_route
from libs.sourcing.decider import Refused
from services.evaluation.api import Limit
from services.evaluation.commands import DecideExclusion, ProposeExclusion
from services.evaluation.exclusion_views import exclusion_of, exclusions_by_reason, open_exclusions
from services.evaluation.score_api import UnitId, score_router

router = exclusion_router = score_router
"""The service's router, with the routes of this file."""
ExclusionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:/-]{1,100}$")]


class LeftOut(BaseModel):
    """How many of the cases that the unit answered in a month (of this case's answer, or of the proposal if it has
    none) are left out of its score already. ``most``: how many of so many its rates leave out at most, by the pack
    in force; what is approved beyond counts nevertheless. Nothing is refused for it here."""

    month: str
    cases: int
    left_out: int
    most: int | None
    cap: float | None
    source: str | None


class ExclusionView(BaseModel):
    """A proposal to leave a case out of a unit's score."""

    model_config = ConfigDict(extra="ignore")

    exclusion_id: str
    case_id: str
    unit_id: str
    reason: str
    outcome: str | None
    proposed_at: datetime
    decided_at: datetime | None
    so_far: LeftOut


class ExclusionFile(ExclusionView):
    """The same with evidence and words."""

    evidence: list[str]
    note: str | None


class ExclusionCount(BaseModel):
    """How often a unit gave a reason; ``outcome`` is ``None`` while it is not decided."""

    reason: str
    outcome: str | None
    count: int


@router.get("/exclusions", operation_id="exclusion_queue", responses=REFUSALS)
async def list_exclusions(at_desk: AtDesk, limit: Limit = 100) -> list[ExclusionView]:
    """Proposals that wait for a decision, the oldest first."""
    at_desk.allow("exclusion_queue")
    rows = await at_desk.read(lambda views: open_exclusions(views, limit))
    return [ExclusionView(**row, so_far=_so_far(at_desk, row)) for row in rows]


@router.get("/exclusions/{exclusion_id}", operation_id="exclusion_file", responses=REFUSALS)
async def show_exclusion(
    exclusion_id: ExclusionId, at_desk: AtDesk, purpose: Purpose
) -> ExclusionFile:
    """One proposal with its evidence and words. The look is recorded."""
    at_desk.allow("exclusion_file")
    row = await at_desk.read(lambda views: exclusion_of(views, exclusion_id))
    if row is None:
        raise Refused("There is no such proposal.")
    (note,) = await at_desk.open(row["case_id"], [row["note"]], purpose)
    words = {"note": note, "evidence": row["evidence"].split()}
    return ExclusionFile(**row | words, so_far=_so_far(at_desk, row))


@router.get("/units/{unit_id}/exclusions", operation_id="unit_exclusions", responses=REFUSALS)
async def count_exclusions(unit_id: UnitId, at_desk: AtDesk) -> list[ExclusionCount]:
    """How often a unit gave each reason, and what became of that."""
    at_desk.allow("unit_exclusions", unit_id=unit_id)
    rows = await at_desk.read(lambda views: exclusions_by_reason(views, unit_id))
    return [ExclusionCount(**row) for row in rows]


def _so_far(at_desk: Desk, row: dict[str, Any]) -> LeftOut:
    rules = at_desk.running.world.rules
    cap = rules.pack(rules.default_pack).exclusion
    return LeftOut(
        month=row["month"],
        cases=row["cases"],
        left_out=row["left_out"],
        most=cap.most(row["cases"]) if cap is not None else None,
        cap=cap.cap if cap is not None else None,
        source=cap.source if cap is not None else None,
    )


command_route(router, ProposeExclusion, "/cases/{case_id}/exclusions")
command_route(router, DecideExclusion, "/cases/{case_id}/exclusion-decisions")
