"""Scores over HTTP: appeals and panels, calls to units, and ratings as units may see them."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, CaseId, Purpose, command_route
from libs.rules.calendar import SHANGHAI
from libs.rules.scale import LEVELS, in_three
from libs.rules.small_cells import shown
from libs.sourcing.decider import Refused
from services.evaluation.api import (
    UNIT_SEES_NO_RATING,
    Limit,
    router,
)
from services.evaluation.commands import (
    AppealScore,
    ConvenePanel,
    DismissAppeal,
    FilePanelFinding,
    RecordUnitCallback,
    RecuseFromPanel,
)
from services.evaluation.projection import ratings_of, units_to_call, verdict_of
from services.evaluation.score_projection import (
    appeal_of,
    appeals_of,
    open_appeals,
    seats_of,
    sits,
)

score_router = router
"""The service's router, with the routes of this file."""
UnitId = Annotated[str, Path(max_length=100)]
Month = Annotated[str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
OtherCase = Annotated[str | None, Query(max_length=100)]


class UnitCallView(BaseModel):
    """A case whose unit waits to be called back. ``due``: by when, if the policy says."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    unit_id: str | None
    delivered_at: datetime | None
    unit_attempts: int
    due: datetime | None = None


class AppealView(BaseModel):
    """What a unit contests and what came of it. How the citizen rated is not said."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    status: str | None
    unit_id: str | None
    appeal_id: str | None
    against: str | None
    fact_id: str | None
    appealed_at: datetime | None
    panel_id: str | None
    question: str | None
    due_assess: datetime | None
    finding: str | None
    score_effect: str | None
    assessed_at: datetime | None


class UnitAppealView(BaseModel):
    """What a unit contested, and in the end what counts. Whether a panel was needed would tell how the
    citizen rated, so it is not said (G01)."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    appeal_id: str
    against: str
    fact_id: str
    settled: bool
    appealed_at: datetime
    score_effect: str | None
    assessed_at: datetime | None


class SeatView(BaseModel):
    """A seat of a panel, and whether it has said what it finds, not what."""

    account: str
    kind: str
    org: str | None
    found: bool
    recused: bool


class AppealFile(AppealView):
    """An appeal with its words and the panel. Words that were erased are ``None``."""

    evidence: list[str]
    reason: str | None
    brief: str | None
    members: list[SeatView]


class PanelFile(BaseModel):
    """What a panel sees of a case: a brief that names nobody, and what was done by when. No word of a
    rating, and no person."""

    case_id: str
    panel_id: str
    question: str
    unit_id: str
    brief: str | None
    evidence: list[str]
    due_assess: datetime
    delivered_at: datetime | None
    reply_outcome: str | None
    resolved: str | None
    rated_handling: str | None
    reworks: int
    contested: str | None


class RatingsView(BaseModel):
    """How a unit's work was rated in a month that is over. ``None``: too few to be shown."""

    unit_id: str
    month: str
    levels: dict[str, int | None]
    in_three: dict[str, int | None]


@router.get("/unit-callbacks", operation_id="unit_callback_queue", responses=REFUSALS)
async def list_unit_callbacks(at_desk: AtDesk, limit: Limit = 100) -> list[UnitCallView]:
    """Units that wait to be called back about what they answered, the longest answered first."""
    at_desk.allow("unit_callback_queue")
    rows = await at_desk.read(lambda views: units_to_call(views, limit))
    rules = at_desk.running.world.rules

    def due(row: dict[str, Any]) -> datetime | None:
        units = rules.pack(row["policy"]).callback.units if row["policy"] else None
        if units is None:
            return None
        return rules.calendar(row["policy"]).due(row["delivered_at"], units.within).at

    return [UnitCallView(**row, due=due(row)) for row in rows]


@router.get("/appeals", operation_id="appeal_queue", responses=REFUSALS)
async def list_appeals(at_desk: AtDesk, limit: Limit = 100) -> list[AppealView]:
    """What is contested and not settled, the oldest first."""
    at_desk.allow("appeal_queue")
    return [AppealView(**row) for row in await at_desk.read(lambda v: open_appeals(v, limit))]


@router.get("/units/{unit_id}/appeals", operation_id="unit_appeals", responses=REFUSALS)
async def list_unit_appeals(
    unit_id: UnitId, at_desk: AtDesk, limit: Limit = 100
) -> list[UnitAppealView]:
    """What a unit has contested, and what came of it."""
    at_desk.allow("unit_appeals", unit_id=unit_id)
    rows = await at_desk.read(lambda views: appeals_of(views, unit_id, limit))
    return [UnitAppealView(**row, settled=row["status"] == "settled") for row in rows]


@router.get("/cases/{case_id}/appeal", operation_id="case_appeal", responses=REFUSALS)
async def show_appeal(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> AppealFile:
    """An appeal with the unit's reason, for who convenes the panel. The look is recorded."""
    at_desk.allow("case_appeal", case_id)
    row = await at_desk.read(lambda views: appeal_of(views, case_id))
    if row is None:
        raise Refused("Nothing of this case's score is contested.")
    reason, brief = await at_desk.open(case_id, [row["reason"], row["brief"]], purpose)
    recused, found = row["recused"].split(), row["found"].split()
    members = [
        SeatView(**seat, found=seat["account"] in found, recused=seat["account"] in recused)
        for seat in json.loads(row["members"])
    ]
    words = {"reason": reason, "brief": brief, "evidence": row["evidence"].split()}
    return AppealFile(**row | words | {"members": members})


@router.get("/panels", operation_id="panel_queue", responses=REFUSALS)
async def list_panels(at_desk: AtDesk, limit: Limit = 100) -> list[AppealView]:
    """The open panels on which the caller sits, the most urgent first."""
    at_desk.allow("panel_queue")
    account = at_desk.principal.id
    return [AppealView(**row) for row in await at_desk.read(lambda v: seats_of(v, account, limit))]


@router.get("/cases/{case_id}/panel-file", operation_id="panel_file", responses=REFUSALS)
async def show_panel_file(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> PanelFile:
    """What a member of the panel sees of the case. The look is recorded."""
    at_desk.allow("panel_file", case_id)
    row = await at_desk.read(lambda views: appeal_of(views, case_id))
    verdict = await at_desk.read(lambda views: verdict_of(views, case_id))
    open_ = row is not None and row["status"] == "before_a_panel"
    if row is None or verdict is None or not open_ or not sits(row, at_desk.principal.id):
        raise Refused("No panel on which you sit looks at this case.")
    (brief,) = await at_desk.open(case_id, [row["brief"]], purpose)
    return PanelFile(
        case_id=case_id,
        panel_id=row["panel_id"],
        question=row["question"],
        unit_id=row["unit_id"],
        brief=brief,
        evidence=row["evidence"].split(),
        due_assess=row["due_assess"],
        delivered_at=verdict["delivered_at"],
        reply_outcome=verdict["reply_outcome"],
        resolved=verdict["resolved"],
        rated_handling=verdict["rated_handling"],
        reworks=verdict["reworks"],
        contested=row["fact_id"],
    )


@router.get("/units/{unit_id}/ratings", operation_id="unit_ratings", responses=REFUSALS)
async def show_ratings(
    unit_id: UnitId, at_desk: AtDesk, month: Month = None, case_id: OtherCase = None
) -> RatingsView:
    """How a unit's work was rated in a month that is over, the last one if none is named. Who asks about
    one case is refused, and that is recorded (G01)."""
    if case_id is not None:
        await at_desk.deny_on_record(case_id, "unit_ratings", UNIT_SEES_NO_RATING)
    at_desk.allow("unit_ratings", unit_id=unit_id)
    now = at_desk.running.world.now().astimezone(SHANGHAI)
    this = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = _month_before(this) if month is None else datetime.fromisoformat(f"{month}-01")
    since = since.replace(tzinfo=SHANGHAI)
    if since >= this:
        raise Refused(
            "month: only a month that is over is shown; single ratings could be told else."
        )
    until = _month_after(since)
    counts = await at_desk.read(lambda views: ratings_of(views, unit_id, since, until))
    three = dict.fromkeys(LEVELS["xinfang3"], 0)
    for level, count in counts.items():
        three[in_three(level) or ""] += count
    whole = {level: counts.get(level, 0) for level in LEVELS["gnb5"]}
    coarse = shown(three)
    # Beside three levels of which one is hidden, five would tell it.
    fine = shown(whole) if None not in coarse.values() else dict.fromkeys(whole)
    return RatingsView(unit_id=unit_id, month=f"{since:%Y-%m}", levels=fine, in_three=coarse)


def _month_before(first: datetime) -> datetime:
    year, month = (first.year, first.month - 1) if first.month > 1 else (first.year - 1, 12)
    return first.replace(year=year, month=month)


def _month_after(first: datetime) -> datetime:
    year, month = (first.year, first.month + 1) if first.month < 12 else (first.year + 1, 1)
    return first.replace(year=year, month=month)


command_route(router, AppealScore, "/cases/{case_id}/appeals")
command_route(router, DismissAppeal, "/cases/{case_id}/appeal-dismissal")
command_route(router, ConvenePanel, "/cases/{case_id}/panels")
command_route(router, RecuseFromPanel, "/cases/{case_id}/panel-recusals")
command_route(router, FilePanelFinding, "/cases/{case_id}/panel-findings")
command_route(router, RecordUnitCallback, "/cases/{case_id}/unit-callbacks")
