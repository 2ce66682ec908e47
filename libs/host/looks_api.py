"""Who looked at my information (谁看过我的信息), over HTTP: role, unit, why and when, never who it was. And, for
who looks after it, which accounts met the limit of looks."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from libs.host.http import REFUSALS, AtDesk, CaseId, Desk
from libs.host.look import OTHER_CITIZEN
from libs.host.looks import limits_met, looks_of
from libs.rules.purposes import in_words
from libs.rules.roles import Role
from libs.rules.rules import Rules
from libs.sourcing.views import Row


class LookShown(BaseModel):
    """One look at the words of a case. ``who`` and ``unit`` in words; ``refused``: it was asked for, and
    nothing was shown."""

    at: datetime
    role: str
    who: str
    unit_id: str | None
    unit: str | None
    purpose: str
    why: str
    refused: bool


class LimitMetShown(BaseModel):
    """An account that met the hour's limit of looks: what to ask about, and no judgement. ``looks``: how many it
    began or asked for in that hour."""

    account: str
    role: str
    who: str
    unit_id: str | None
    unit: str | None
    hour: AwareDatetime
    looks: int
    met_at: AwareDatetime


def looks_routes() -> APIRouter:
    """The routes, for the application of a service that has cases."""
    router = APIRouter()

    @router.get("/cases/{case_id}/looks", operation_id="case_looks", responses=REFUSALS)
    async def list_looks(
        case_id: CaseId,
        at_desk: AtDesk,
        before: Annotated[AwareDatetime | None, Query(description="Only looks before it.")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[LookShown]:
        """Who looked at the words of a case in this service, the last first (PIPL Art. 7, 44)."""
        at_desk.allow("case_looks", case_id)
        rules = at_desk.running.world.rules
        rows = await at_desk.read(lambda views: looks_of(views, case_id, before, limit))
        return [_shown(row, at_desk, rules) for row in rows]

    @router.get("/look-limits", operation_id="look_limits", responses=REFUSALS)
    async def list_limits_met(
        at_desk: AtDesk, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> list[LimitMetShown]:
        """Accounts that asked for more looks in an hour than one may begin, in this service, the last first; of
        thirty days (PIPL Art. 51, 54)."""
        at_desk.allow("look_limits")
        rules = at_desk.running.world.rules
        rows = await at_desk.read(lambda views: limits_met(views, limit))
        return [_limit_shown(row, rules) for row in rows]

    return router


def _limit_shown(row: Row, rules: Rules) -> LimitMetShown:
    return LimitMetShown(**row, who=Role(row["role"]).zh, unit=_unit_in_words(row["unit_id"], rules))


def _unit_in_words(unit_id: str | None, rules: Rules) -> str | None:
    units = rules.organisations
    return units.unit(unit_id).zh if unit_id and unit_id in units else None


def _shown(row: Row, at_desk: Desk, rules: Rules) -> LookShown:
    """A look in words. Who reported an official is not told which officers have it (domain 1.5 D05, G02)."""
    reported = bool(at_desk.running.world.settings.realm) and at_desk.principal.role is Role.CITIZEN
    unit_id: str | None = None if reported else row["unit_id"]
    other = row["role"] == OTHER_CITIZEN
    return LookShown(
        at=row["at"],
        role=row["role"],
        who="同一事项的其他诉求人" if other else Role(row["role"]).zh,
        unit_id=unit_id,
        unit=_unit_in_words(unit_id, rules),
        purpose=row["purpose"],
        why=in_words(row["purpose"]),
        refused=row["refused"],
    )
