"""Oversight over HTTP: proposals, leaders' and old cases, instructions, recommendations, the daily list.

A route makes a command or reads a view, and no more.
"""

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Path, Query

from libs.host.http import REFUSALS, AtDesk, CaseId, Desk, command_route
from libs.host.problems import NOT_YOURS, Denied
from libs.rules.calendar import SHANGHAI
from libs.rules.figures import rate
from libs.rules.leaders import Level
from libs.rules.rights import RIGHTS, Scope
from libs.rules.roles import Role
from libs.sourcing.views import Row, Views
from services.supervision.api import router
from services.supervision.commands import (
    AnswerInstruction,
    AnswerRecommendation,
    AssignLeader,
    DelistOldCase,
    DismissEscalation,
    GiveInstruction,
    HandOverCase,
    ListOldCase,
    MakeRecommendation,
    ReleaseLeader,
)
from services.supervision.daily import By, counted, day_of, figures
from services.supervision.duty_views import SEALED
from services.supervision.old_views import WORDS, old_listing
from services.supervision.oversight_queries import (
    delisted_total,
    duties_of_case,
    instruction_totals,
    instructions,
    led_by_level,
    led_cases,
    led_totals,
    old_cases,
    old_totals,
    owed_by,
    proposed_cases,
    recommendation_totals,
    recommendations,
)
from services.supervision.oversight_shapes import (
    Duty,
    Figures,
    Instructions,
    InstructionTotal,
    LeaderTotal,
    LeaderTotals,
    LevelTotal,
    OldCases,
    OldListing,
    Proposed,
    Rate,
    Recommendations,
    RecommendationTotal,
    Watched,
)
from services.supervision.projection import watch_of

oversight_router = router
"""The service's router, with the routes of this file."""
Limit = Annotated[int, Query(ge=1, le=500)]
UnitId = Annotated[str, Path(max_length=100)]
Year = Annotated[int | None, Query(ge=2000, le=2100)]
Place = Annotated[str | None, Query(pattern="^[0-9]{2,9}$", description="A place, by the beginning of its code.")]
Purpose = Annotated[
    str | None,
    Query(pattern="^[a-z_]{3,40}$", description="Why the words are read; without it they are not shown."),
]


# ------------------------------------------------------------------------- leaders and old cases


@router.get("/escalations", operation_id="escalation_queue", responses=REFUSALS)
async def list_escalations(at_desk: AtDesk, limit: Limit = 100) -> list[Proposed]:
    """Cases of which the clock asks a person: to list them (挂牌), or to give them to a leader (包案)."""
    at_desk.allow("escalation_queue")
    rows = await at_desk.read(lambda views: proposed_cases(views, limit))
    return [Proposed(**row) for row in rows]


@router.get("/leader-cases", operation_id="leader_cases", responses=REFUSALS)
async def list_leader_cases(at_desk: AtDesk, limit: Limit = 100) -> list[Watched]:
    """Open cases that leaders answer for (领导包案); a leader sees the own ones."""
    at_desk.allow("leader_cases")
    me = at_desk.principal
    leader = me.id if me.role is Role.LEADER else None
    rows = await at_desk.read(lambda views: led_cases(views, leader, limit))
    return [Watched(**row) for row in rows]


@router.get("/leader-totals", operation_id="leader_totals", responses=REFUSALS)
async def show_leader_totals(at_desk: AtDesk) -> LeaderTotals:
    """How many cases leaders took, by rank, against what the pack wants, and by leader."""
    at_desk.allow("leader_totals")
    found = await at_desk.read(led_by_level)
    rows = await at_desk.read(led_totals)
    rules = at_desk.running.world.rules
    wanted = rules.pack(rules.default_pack).supervise.leader_cases
    levels = []
    for level in Level:
        cases, least = found.get(level.value, 0), getattr(wanted, level.value, None)
        reached = None if least is None else cases >= least
        levels.append(LevelTotal(level=level.value, cases=cases, wanted=least, reached=reached))
    return LeaderTotals(levels=levels, leaders=[LeaderTotal(**row) for row in rows])


@router.get("/old-cases", operation_id="old_cases", responses=REFUSALS)
async def list_old_cases(at_desk: AtDesk, adcode: Place = None, limit: Limit = 100) -> OldCases:
    """The list of old cases (积案), and the share of it that is resolved (化解率)."""
    at_desk.allow("old_cases")
    totals = await at_desk.read(lambda views: old_totals(views, adcode))
    delisted = await at_desk.read(lambda views: delisted_total(views, adcode))
    rows = await at_desk.read(lambda views: old_cases(views, adcode, limit))
    resolved, listed = totals["resolved"], totals["listed"]
    share = rate(resolved, listed)
    return OldCases(
        resolved=Rate(definition_id="K27", value=share, numerator=resolved, denominator=listed),
        open=totals["open"],
        delisted=delisted,
        cases=[Watched(**row) for row in rows],
    )


@router.get("/cases/{case_id}/old-case", operation_id="old_case", responses=REFUSALS)
async def show_old_case(case_id: CaseId, at_desk: AtDesk, purpose: Purpose = None) -> OldListing | None:
    """How a case came on the list of old cases and why it was taken off; nothing if it never stood there. Words
    are opened for a purpose, on record."""
    at_desk.allow("old_case", case_id)
    if await at_desk.read(lambda views: watch_of(views, case_id)) is None:
        raise Denied(NOT_YOURS)
    row = await at_desk.read(lambda views: old_listing(views, case_id))
    if row is None:
        return None
    words: Row = dict.fromkeys(WORDS)
    if purpose is not None:
        opened = await at_desk.open(case_id, [row[name] for name in WORDS], purpose)
        words = dict(zip(WORDS, opened, strict=True))
    return OldListing(**row | words)


# --------------------------------------------------------------------------------- what is owed


@router.get("/cases/{case_id}/duties", operation_id="case_duties", responses=REFUSALS)
async def list_case_duties(case_id: CaseId, at_desk: AtDesk, purpose: Purpose = None) -> list[Duty]:
    """What is and was owed about a case, and by whom; a unit sees what is addressed to it. Words are opened
    for a purpose, on record."""
    at_desk.allow("case_duties", case_id)
    me = at_desk.principal
    own = me.unit_id if RIGHTS["case_duties"][me.role] is Scope.UNIT else None
    case = await at_desk.read(lambda views: watch_of(views, case_id))
    units = None if own is None else _stands_for(at_desk, own)
    rows = await at_desk.read(lambda views: duties_of_case(views, case_id, units))
    if case is None or (own is not None and case["unit_id"] != own and not rows):
        raise Denied("There is no such case, or it is not yours to see.")
    return await _opened(at_desk, case_id, rows, purpose)


async def _opened(at_desk: Desk, case_id: str, rows: list[Row], purpose: str | None) -> list[Duty]:
    hidden = dict.fromkeys(SEALED)
    if purpose is None or not rows:
        return [Duty(**row | hidden) for row in rows]
    sealed = [row[name] for row in rows for name in SEALED]
    words = iter(await at_desk.open(case_id, sealed, purpose))
    return [Duty(**row | {name: next(words) for name in SEALED}) for row in rows]


@router.get("/units/{unit_id}/duties", operation_id="unit_duties", responses=REFUSALS)
async def list_unit_duties(unit_id: UnitId, at_desk: AtDesk, limit: Limit = 100) -> list[Duty]:
    """What a unit owes an answer for: supervisions, instructions, recommendations; the most urgent first."""
    at_desk.allow("unit_duties", unit_id=unit_id)
    units = _stands_for(at_desk, unit_id)
    rows = await at_desk.read(lambda views: owed_by(views, units, limit))
    return [Duty(**row | dict.fromkeys(SEALED)) for row in rows]


def _stands_for(at_desk: Desk, unit_id: str) -> frozenset[str]:
    """A unit with the dissolved ones whose rest it goes on with: their answers are its own now
    (信访工作条例 Art. 24)."""
    units = at_desk.running.world.rules.organisations
    if unit_id not in units:
        return frozenset({unit_id})
    return frozenset({unit_id, *(old for old in units.predecessors(unit_id) if units.heir(old) == unit_id)})


@router.get("/recommendations", operation_id="recommendation_list", responses=REFUSALS)
async def list_recommendations(
    at_desk: AtDesk, year: Year = None, limit: Limit = 100
) -> Recommendations:
    """The recommendations of a year (三种建议) and what became of them."""
    at_desk.allow("recommendation_list")
    asked, since, until = _year(at_desk, year)
    totals = await at_desk.read(lambda views: recommendation_totals(views, since, until))
    rows = await at_desk.read(lambda views: recommendations(views, since, until, limit))
    return Recommendations(
        year=asked,
        totals=[RecommendationTotal(**row) for row in totals],
        recommendations=[Duty(**row | dict.fromkeys(SEALED)) for row in rows],
    )


@router.get("/instructions", operation_id="instruction_list", responses=REFUSALS)
async def list_instructions(at_desk: AtDesk, year: Year = None, limit: Limit = 100) -> Instructions:
    """What leaders wrote in a year (批示), what each unit made of it, and what it found alike (举一反三)."""
    at_desk.allow("instruction_list")
    asked, since, until = _year(at_desk, year)
    totals = await at_desk.read(lambda views: instruction_totals(views, since, until))
    rows = await at_desk.read(lambda views: instructions(views, since, until, limit))
    return Instructions(
        year=asked,
        totals=[InstructionTotal(**row) for row in totals],
        instructions=[Duty(**row | dict.fromkeys(SEALED)) for row in rows],
    )


def _year(at_desk: Desk, year: int | None) -> tuple[int, datetime, datetime]:
    """The year that is asked for, or the running one, and from and until when it lasts."""
    asked = year or at_desk.running.world.now().astimezone(SHANGHAI).year
    return asked, datetime(asked, 1, 1, tzinfo=SHANGHAI), datetime(asked + 1, 1, 1, tzinfo=SHANGHAI)


# --------------------------------------------------------------------------------- the daily list


@router.get("/daily-list", operation_id="daily_list", responses=REFUSALS)
async def show_daily_list(
    at_desk: AtDesk,
    by: Annotated[By, Query(description="`unit_id` or `adcode`.")] = "unit_id",
    mine: Annotated[bool, Query(description="Only the cases that the caller answers for as leader.")] = False,
) -> list[Figures]:
    """The daily list (每日清单): what is new, due, overdue, to be answered, by unit or district."""
    at_desk.allow("daily_list")
    return await _figures(at_desk, by, None, at_desk.principal.id if mine else None)


@router.get("/units/{unit_id}/daily-list", operation_id="unit_daily_list", responses=REFUSALS)
async def show_unit_daily_list(unit_id: UnitId, at_desk: AtDesk) -> list[Figures]:
    """A unit's line of the daily list; none if it has nothing to do."""
    at_desk.allow("unit_daily_list", unit_id=unit_id)
    return await _figures(at_desk, "unit_id", unit_id, None)


async def _figures(at_desk: Desk, by: By, unit_id: str | None, leader: str | None) -> list[Figures]:
    world = at_desk.running.world
    day = day_of(world.now(), world.rules.calendar(world.rules.default_pack))
    query: sa.Select[Any] = figures(day, by, unit_id, leader)

    def ask(views: Views) -> list[Row]:
        return views.rows(query)

    return [Figures(**row) for row in counted(await at_desk.read(ask), by)]


command_route(router, DismissEscalation, "/cases/{case_id}/escalation-dismissals")
command_route(router, ListOldCase, "/cases/{case_id}/old-case")
command_route(router, DelistOldCase, "/cases/{case_id}/old-case-end")
command_route(router, AssignLeader, "/cases/{case_id}/leader")
command_route(router, HandOverCase, "/cases/{case_id}/leader-handovers")
command_route(router, ReleaseLeader, "/cases/{case_id}/leader-releases")
command_route(router, GiveInstruction, "/cases/{case_id}/instructions")
command_route(router, AnswerInstruction, "/cases/{case_id}/instruction-answers")
command_route(router, MakeRecommendation, "/cases/{case_id}/recommendations")
command_route(router, AnswerRecommendation, "/cases/{case_id}/recommendation-answers")
