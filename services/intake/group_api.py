"""Cases that are handled together, over HTTP: a route makes a command or reads a view, and no more."""

from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from libs.host.http import (
    REFUSALS,
    Answer,
    AtDesk,
    CaseId,
    Desk,
    IdempotencyKey,
    answer,
    body_of,
    command_route,
)
from libs.host.problems import Denied
from libs.rules.states import CaseState
from libs.sourcing.decider import Refused
from libs.sourcing.views import Row
from services.intake.api import router
from services.intake.commands import MergeCase, RelateCases, UnmergeCase
from services.intake.groups import followers_of, related_to
from services.intake.links import CannotLead, WhyNot
from services.intake.projection import case_row, case_rows

group_router = router
"""The service's router, with the routes of this file."""
MergeCaseBody: Any = body_of(MergeCase)
RelateCasesBody: Any = body_of(RelateCases)


class Member(BaseModel):
    """A case of a group. No person is named, nor the words of anybody."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    channel: str
    category: str | None
    adcode: str | None
    status: str
    unit_id: str | None
    registered_at: datetime
    due_citizen: datetime | None


class Group(BaseModel):
    """The cases that are handled as one: the one that leads, those that follow it, and what is worth
    knowing to who handles it."""

    lead: Member
    followers: list[Member]
    related: list[Member]


@router.post("/cases/{case_id}/merger", operation_id="MergeCase", responses=REFUSALS)
async def merge_case(
    case_id: CaseId, body: MergeCaseBody, at_desk: AtDesk, key: IdempotencyKey, response: Response
) -> Answer:
    """Handle a case with another of the same matter. If that cannot lead after all, the case goes on by itself."""
    at_desk.allow("MergeCase", case_id)
    found = await at_desk.read(lambda views: case_rows(views, [case_id, body.into]))
    follower, lead = found.get(case_id), found.get(body.into)
    again = follower is not None and follower["lead"] == body.into
    why = None if again else why_not(lead)
    if why is not None:
        raise CannotLead(why)
    return await _put(at_desk, MergeCase, case_id, key, body, response)


@router.post("/cases/{case_id}/relations", operation_id="RelateCases", responses=REFUSALS)
async def relate_cases(
    case_id: CaseId, body: RelateCasesBody, at_desk: AtDesk, key: IdempotencyKey, response: Response
) -> Answer:
    """Say that another case is worth knowing to who handles this one."""
    at_desk.allow("RelateCases", case_id)
    if await at_desk.read(lambda views: case_row(views, body.other_case)) is None:
        raise Refused("other_case: there is no such case.")
    return await _put(at_desk, RelateCases, case_id, key, body, response)


command_route(router, UnmergeCase, "/cases/{case_id}/merger-end")


@router.get("/cases/{case_id}/group", operation_id="case_group", responses=REFUSALS)
async def show_group(case_id: CaseId, at_desk: AtDesk) -> Group:
    """The cases that are handled with this one, whichever of them it is."""
    at_desk.allow("case_group", case_id)
    asked = await _row(at_desk, case_id)
    lead = await _row(at_desk, asked["lead"]) if asked["lead"] else asked
    rows = await at_desk.read(lambda views: followers_of(views, lead["case_id"]))
    related = await at_desk.read(lambda views: related_to(views, lead["case_id"]))
    ids = [row["other_case"] for row in rows]
    found = await at_desk.read(lambda views: case_rows(views, ids + related))
    followers, others = (
        [Member(**found[one]) for one in names if one in found] for names in (ids, related)
    )
    return Group(lead=Member(**lead), followers=followers, related=others)


def why_not(lead: Row | None) -> WhyNot | None:
    """Why a case cannot lead, as far as the view knows; the rule itself has the last word. Cases of the other
    realm are not known here."""
    if lead is None:
        return WhyNot.UNKNOWN
    if lead["track"] == "restricted":
        return WhyNot.RESTRICTED
    if lead["lead"] is not None:
        return WhyNot.MERGED
    if not CaseState(lead["status"]).open:
        return WhyNot.ENDED
    return WhyNot.ANSWERED if lead["status"] == CaseState.DELIVERED else None


async def _put(
    at_desk: Desk, command: Any, case_id: str, key: str, body: BaseModel, response: Response
) -> Answer:
    fields = {name: getattr(body, name) for name in type(body).model_fields}
    answered = answer("intake", await at_desk.ask(command, case_id, key, fields))
    response.headers["Lianxin-Written"] = answered.written
    return answered


async def _row(at_desk: Desk, case_id: str) -> Row:
    row = await at_desk.read(lambda views: case_row(views, case_id))
    if row is None:
        raise Denied("There is no such case, or it is not yours to see.")
    return row
