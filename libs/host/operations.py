"""What every service offers to operations: its quarantine. It shows ids and reasons, never words."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel

from libs.host.http import AtDesk, CaseId
from libs.sourcing.tables import quarantine


class SetAside(BaseModel):
    """A record that was set aside."""

    topic: str
    partition: int
    offset: int
    case_id: str | None
    reason: str


class Released(BaseModel):
    """How many of a case's records were taken in. The case stays parked if one failed again."""

    taken_in: int


def operations_routes() -> APIRouter:
    """The routes, for a service's application."""
    router = APIRouter(prefix="/operations", tags=["operations"])

    @router.get("/quarantine", operation_id="quarantine")
    async def list_quarantine(at_desk: AtDesk) -> list[SetAside]:
        at_desk.allow("quarantine")
        columns = [quarantine.c[name] for name in SetAside.model_fields]
        query: sa.Select[Any] = sa.select(*columns).order_by(
            quarantine.c.partition, quarantine.c.offset
        ).limit(500)
        rows = await at_desk.running.read(lambda views: views.rows(query))
        return [SetAside(**row) for row in rows]

    @router.post("/quarantine/{case_id}/release", operation_id="ReleaseCase")
    async def release_case(case_id: CaseId, at_desk: AtDesk) -> Released:
        at_desk.allow("ReleaseCase")
        return Released(taken_in=await at_desk.running.release(case_id))

    return router
