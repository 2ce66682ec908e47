"""Notices over HTTP: the list in the platform, preferences, the delivery log. A route reads or keeps, and no more.

Nobody gives a URL: a channel's gateway is operations' alone, and an address is checked by its channel.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import Path, Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, AwareDatetime, BaseModel

from libs.host.http import REFUSALS, AtDesk, Desk
from libs.host.problems import Denied
from libs.host.settings import Settings
from libs.notify.deliveries import deliveries
from libs.rules.rights import Principal
from libs.rules.roles import Role
from libs.sourcing.views import Row, Views
from services.supervision.beyond import LEADERS
from services.supervision.decider import PLATFORM
from services.supervision.kept import scheduled_notices
from services.supervision.notices import TOLD_AS_LEADERS, as_notice, facts_query
from services.supervision.oversight_api import oversight_router as router
from services.supervision.projection import unit_notices
from services.supervision.recipients import (
    Owner,
    Preferences,
    Shown,
    by_id,
    person,
    shown,
    store,
    unit,
)
from services.supervision.wording import NoticeKind, say

notice_router = router
"""The service's router, with the routes of this file."""
UnitId = Annotated[str, Path(max_length=100, description="The id of a unit, or `platform`.")]
Language = Literal["zh", "en"]
Limit = Annotated[int, Query(ge=1, le=500)]


def _on_the_calendar(at: datetime | None) -> datetime | None:
    """An instant of the first or last day of all is none in Beijing, and would be a fault of ours."""
    if at is not None and not 1 < at.year < 9999:
        raise ValueError("a year from 2 to 9998")
    return at


Before = Annotated[
    AwareDatetime | None,
    AfterValidator(_on_the_calendar),
    Query(description="Only what is older: to page on."),
]


class ToldNotice(BaseModel):
    """A notice in the platform (站内提醒). ``in_hand``: the caller signed for the case. ``content``: what a
    schedule counted."""

    notice_id: str
    kind: NoticeKind
    title: str
    text: str
    noticed_at: datetime
    unit_id: str | None
    case_id: str | None
    due_at: datetime | None
    retracted: bool
    in_hand: bool
    content: dict[str, Any] | None


class LoggedDelivery(BaseModel):
    """What became of a message. ``attempts`` counts those that were begun; the address stands nowhere."""

    delivery_id: str
    notice_id: str
    key: str
    kind: NoticeKind
    case_id: str | None
    recipient_id: str
    channel: str
    state: str
    attempts: int
    next_try_at: datetime | None
    last_error: str | None
    noticed_at: datetime
    sent_at: datetime | None


@router.get("/notices", operation_id="own_notices", responses=REFUSALS)
async def list_own_notices(
    at_desk: AtDesk, lang: Language = "zh", before: Before = None, limit: Limit = 100
) -> list[ToldNotice]:
    """What the caller is told: of the own unit's cases, or of the hotline's own steps; leaders get lists."""
    at_desk.allow("own_notices")
    me = at_desk.principal
    audiences = [LEADERS] if me.role.value in TOLD_AS_LEADERS else []
    return await _told(at_desk, _unit_of(me), audiences, lang, before, limit)


@router.get("/units/{unit_id}/notices", operation_id="unit_notices", responses=REFUSALS)
async def list_unit_notices(
    unit_id: UnitId, at_desk: AtDesk, lang: Language = "zh", before: Before = None, limit: Limit = 100
) -> list[ToldNotice]:
    """What a unit was told."""
    at_desk.allow("unit_notices", unit_id=unit_id)
    return await _told(at_desk, unit_id, [], lang, before, limit)


def _unit_of(me: Principal) -> str | None:
    """Leaders without a unit are told what concerns leaders; others without one work for the hotline."""
    if me.unit_id is not None:
        return me.unit_id
    if me.role is Role.LEADER:
        return LEADERS
    unit_roles = (Role.UNIT_CLERK, Role.UNIT_HEAD, Role.DISCIPLINE_OFFICER)
    return None if me.role in unit_roles else PLATFORM


async def _told(
    at_desk: Desk,
    unit_id: str | None,
    audiences: Sequence[str],
    lang: str,
    before: datetime | None,
    limit: int,
) -> list[ToldNotice]:
    """Both sources, the newest first."""
    of_unit = facts_query().where(unit_notices.c.unit_id == unit_id)
    whose = [*audiences, f"unit/{unit_id}"]
    listed = sa.select(scheduled_notices).where(scheduled_notices.c.audience.in_(whose))

    def ask(views: Views) -> list[Row]:
        found = [] if unit_id is None else views.rows(_newest(of_unit, unit_notices, before, limit))
        return found + views.rows(_newest(listed, scheduled_notices, before, limit))

    rows = await at_desk.read(ask)
    rows.sort(key=lambda row: (row["recorded_at"], row["notice_id"]), reverse=True)
    units, me = at_desk.running.world.rules.organisations, at_desk.principal.id
    return [_as_told(row, say(as_notice(row), lang, units), me) for row in rows[:limit]]


def _newest(
    query: sa.Select[Any], table: sa.Table, before: datetime | None, limit: int
) -> sa.Select[Any]:
    at = table.c.recorded_at
    if before is not None:
        query = query.where(at < before)
    return query.order_by(at.desc(), table.c.notice_id.desc()).limit(limit)


def _as_told(row: Row, words: tuple[str, str], me: str) -> ToldNotice:
    return ToldNotice(
        notice_id=row["notice_id"],
        kind=NoticeKind(row["kind"]),
        title=words[0],
        text=words[1],
        noticed_at=row["recorded_at"],
        unit_id=row.get("unit_id"),
        case_id=row.get("case_id"),
        due_at=row.get("due_at"),
        retracted=bool(row.get("retracted")),
        in_hand=row.get("handler") == me,
        content=json.loads(row["content"]) if "content" in row else None,
    )


# -------------------------------------------------------------------------------- preferences


@router.get("/notice-preferences", operation_id="notice_preferences", responses=REFUSALS)
async def show_own_preferences(at_desk: AtDesk) -> Shown | None:
    """How the caller is told outside the platform. Addresses are kept sealed and not shown again."""
    at_desk.allow("notice_preferences")
    return await _show(at_desk, person(at_desk.principal.id))


@router.put("/notice-preferences", operation_id="SetNoticePreferences", responses=REFUSALS)
async def set_own_preferences(at_desk: AtDesk, wanted: Preferences) -> Shown | None:
    """Set how the caller is told, in the place of what was. Without channels: not outside the platform."""
    at_desk.allow("SetNoticePreferences")
    me = at_desk.principal
    return await _keep(at_desk, person(me.id, me.unit_id, me.role.value), wanted)


@router.get(
    "/units/{unit_id}/notice-preferences",
    operation_id="unit_notice_preferences",
    responses=REFUSALS,
)
async def show_unit_preferences(unit_id: UnitId, at_desk: AtDesk) -> Shown | None:
    """How a unit is told."""
    at_desk.allow("unit_notice_preferences", unit_id=unit_id)
    return await _show(at_desk, unit(unit_id))


@router.put(
    "/units/{unit_id}/notice-preferences",
    operation_id="SetUnitNoticePreferences",
    responses=REFUSALS,
)
async def set_unit_preferences(unit_id: UnitId, at_desk: AtDesk, wanted: Preferences) -> Shown | None:
    """Set how a unit is told, such as at its duty desk: by its head, or by operations."""
    at_desk.allow("SetUnitNoticePreferences", unit_id=unit_id)
    if unit_id != PLATFORM and unit_id not in at_desk.running.world.rules.organisations:
        raise Denied("There is no such unit.")
    return await _keep(at_desk, unit(unit_id), wanted)


async def _show(at_desk: Desk, owner: Owner) -> Shown | None:
    return shown(await at_desk.read(lambda views: views.rows(by_id(owner.recipient_id))))


async def _keep(at_desk: Desk, owner: Owner, wanted: Preferences) -> Shown | None:
    running = at_desk.running
    world = running.world
    _must_have_gateways(wanted, world.settings)
    await running.in_writer(store, running.database, world.vault, owner, wanted, world.now())
    return await _show(at_desk, owner)


def _must_have_gateways(wanted: Preferences, settings: Settings) -> None:
    """Who sets a channel that nothing leaves by would wait for messages that never come."""
    there = settings.notify_templates()
    missing = [name for name in wanted.channels if name not in there]
    if missing:
        may = f"there are: {', '.join(there)}" if there else "there is none here"
        reason = f"no gateway is set up for this channel; {may}"
        raise RequestValidationError(
            [{"loc": ("body", "channels", name), "msg": reason} for name in missing]
        )


# ------------------------------------------------------------------------------- delivery log


@router.get("/deliveries", operation_id="deliveries", responses=REFUSALS)
async def list_deliveries(
    at_desk: AtDesk,
    state: Literal["waiting", "sent", "gave_up", "withdrawn", "too_old"] | None = None,
    channel: Literal["inapp", "sms", "mail", "wecom", "webhook"] | None = None,
    case_id: Annotated[str | None, Query(max_length=100)] = None,
    before: Before = None,
    limit: Limit = 100,
) -> list[LoggedDelivery]:
    """The delivery log, the newest first."""
    at_desk.allow("deliveries")
    asked = {"state": state, "channel": channel, "case_id": case_id}
    query = sa.select(deliveries).where(
        *(deliveries.c[name] == value for name, value in asked.items() if value is not None)
    )
    if before is not None:
        query = query.where(deliveries.c.noticed_at < before)
    newest = query.order_by(deliveries.c.noticed_at.desc(), deliveries.c.delivery_id).limit(limit)
    rows = await at_desk.read(lambda views: views.rows(newest))
    return [LoggedDelivery(**{name: row[name] for name in LoggedDelivery.model_fields}) for row in rows]
