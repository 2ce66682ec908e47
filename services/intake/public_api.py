"""Publication over HTTP. Two routes ask for no token: what they show is public. A route makes a command or reads
a view, and no more."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, ConfigDict

from libs.events.intake import CaseRegistered
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
from libs.host.problems import NOT_YOURS, Denied
from libs.host.running import Running
from libs.rules.calendar import SHANGHAI
from libs.rules.roles import Role
from libs.sourcing.decider import Refused
from libs.sourcing.views import Row
from libs.vault.sealing import Unreadable, open_text
from services.intake.known_words import repeated
from services.intake.public_commands import (
    ApproveRedaction,
    GiveConsent,
    ProposeRedaction,
    ReturnRedaction,
    UnpublishCase,
    WithdrawConsent,
)
from services.intake.public_views import (
    publication_of,
    published,
    published_text,
    to_publish,
)

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]
READS = parse("600/minute")
"""How often one address may ask for what is public; a whole office may come through one address."""


class Published(BaseModel):
    """A published question and answer. ``publication_id`` leads to no case; of the time the day is told."""

    publication_id: str
    published_on: date
    category: str
    category_zh: str
    unit_id: str | None
    unit_zh: str | None
    title: str
    question: str
    answer: str


class ToPublish(BaseModel):
    """A case that can be published, waits for the second auditor, or is public. Without words."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    publicity: str
    category: str | None
    unit_id: str | None
    redaction_id: str | None
    proposed_by: str | None
    publication_id: str | None


class Publicity(BaseModel):
    """How public a case is: private, consented, redaction_review or published (公开状态).

    The text that waits, and why the last one was returned, are shown to an auditor alone.
    """

    consent: bool
    publicity: str
    publication_id: str | None
    redaction_id: str | None = None
    title: str | None = None
    question: str | None = None
    answer: str | None = None
    return_reason: str | None = None


class _Reads:
    """Slows down who reads everything that is public again and again."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, request: Request) -> None:
        """One more. Raises 429."""
        address = request.client.host if request.client else "unknown"
        if not self._limiter.hit(READS, address):
            raise HTTPException(429, "Too many requests; wait a minute.")


reads = _Reads()


@router.get("/published", operation_id="published")
async def list_published(
    request: Request,
    response: Response,
    category: Annotated[str | None, Query(pattern="^[0-9]{2,4}$")] = None,
    unit_id: Annotated[str | None, Query(max_length=100)] = None,
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[Published]:
    """What is public, the newest first; of a category, or all that begin with its two digits, or of a unit."""
    reads.count(request)
    running: Running = request.app.state.running
    rows = await running.read(lambda views: published(views, category, unit_id, page, size))
    return await _opened(running, rows, response)


@router.get("/published/{publication_id}", operation_id="published_text")
async def show_published(
    request: Request,
    response: Response,
    publication_id: Annotated[str, Path(max_length=100)],
) -> Published:
    """One published question and answer."""
    reads.count(request)
    running: Running = request.app.state.running
    row = await running.read(lambda views: published_text(views, publication_id))
    opened = await _opened(running, [row] if row else [], response)
    if not opened:
        raise HTTPException(404, "There is no such text; it may have been taken back.")
    return opened[0]


async def _opened(running: Running, rows: Sequence[Row], response: Response) -> list[Published]:
    """The texts in clear. That they are read is nobody's look at a person: it is not recorded. One whose key
    is destroyed is gone, whatever the table says."""
    response.headers["Cache-Control"] = "no-store"  # what is taken back must not live on in between
    world = running.world
    keys = await asyncio.to_thread(world.vault.read, [row["case_id"] for row in rows])
    found = []
    for row in rows:
        key = keys.get(row["case_id"])
        if key is None:
            continue
        try:
            words = {n: open_text(row[n], row["case_id"], key) for n in ("title", "question", "answer")}
        except Unreadable:
            continue
        units, unit_id = world.rules.organisations, row["unit_id"]
        found.append(
            Published(
                publication_id=row["publication_id"],
                published_on=row["published_at"].astimezone(SHANGHAI).date(),
                category=row["category"],
                category_zh=world.rules.leaf(row["category"]).zh,
                unit_id=unit_id,
                unit_zh=units.unit(unit_id).zh if unit_id in units else None,
                **words,
            )
        )
    return found


@router.get("/publications", operation_id="publication_queue", responses=REFUSALS)
async def list_publications(
    at_desk: AtDesk,
    publicity: Literal["consented", "redaction_review", "published"] = "consented",
    publication_id: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 100,
) -> list[ToPublish]:
    """Closed cases whose citizen agreed, texts that wait for the second auditor, or what is public: for who
    has a ``publication_id`` from the public page, the case of it."""
    at_desk.allow("publication_queue")
    rows = await at_desk.read(lambda views: to_publish(views, publicity, publication_id, limit))
    return [ToPublish(**_with_subject(row)) for row in rows]


def _with_subject(row: Row) -> Row:
    subject = {"category": row["case_category"], "unit_id": row["case_unit"]}
    return row | {name: row[name] or subject[name] for name in subject}


@router.get("/cases/{case_id}/publication", operation_id="case_publication", responses=REFUSALS)
async def show_publication(case_id: CaseId, at_desk: AtDesk) -> Publicity:
    """How public a case is. An auditor reads the text that waits; the look is recorded."""
    at_desk.allow("case_publication", case_id)
    row = await at_desk.read(lambda views: publication_of(views, case_id))
    if row is None:
        raise Denied(NOT_YOURS)
    state = {name: row[name] for name in ("consent", "publicity", "publication_id")}
    drafts = [row[n] for n in ("draft_title", "draft_question", "draft_answer", "return_reason")]
    if at_desk.principal.role is Role.CITIZEN or not any(drafts):
        return Publicity(**state)
    title, question, text, reason = await at_desk.open(case_id, drafts, "publication")
    return Publicity(
        **state,
        redaction_id=row["redaction_id"],
        title=title,
        question=question,
        answer=text,
        return_reason=reason,
    )


ProposeBody: Any = body_of(ProposeRedaction)
ApproveBody: Any = body_of(ApproveRedaction, "publication_id")


@router.post(
    "/cases/{case_id}/redactions",
    operation_id="ProposeRedaction",
    responses=REFUSALS,
)
async def propose_redaction(
    case_id: CaseId, at_desk: AtDesk, key: IdempotencyKey, body: ProposeBody, response: Response
) -> Answer:
    """Hand in question and answer as everybody may read them. Refused, naming the field, if one repeats a
    name, number or place that the citizen gave; for that these are opened, and the look is recorded."""
    at_desk.allow("ProposeRedaction", case_id)
    fields: dict[str, Any] = dict(body)
    await _must_repeat_nothing(at_desk, case_id, fields)
    outcome = await at_desk.ask(ProposeRedaction, case_id, key, fields)
    return _answered(at_desk, outcome, response)


@router.post(
    "/cases/{case_id}/redaction-approvals",
    operation_id="ApproveRedaction",
    responses=REFUSALS,
)
async def approve_redaction(
    case_id: CaseId, at_desk: AtDesk, key: IdempotencyKey, body: ApproveBody, response: Response
) -> Answer:
    """Find, as a second auditor, that the text tells nothing of anybody, and publish it."""
    fields: dict[str, Any] = dict(body)
    fields["publication_id"] = at_desk.running.world.receipts.publication_id(fields["redaction_id"])
    outcome = await at_desk.ask(ApproveRedaction, case_id, key, fields)
    return _answered(at_desk, outcome, response)


def _answered(at_desk: Desk, outcome: Any, response: Response) -> Answer:
    answered = answer(at_desk.running.service.name, outcome)
    response.headers["Lianxin-Written"] = answered.written
    return answered


async def _must_repeat_nothing(at_desk: Desk, case_id: str, fields: dict[str, Any]) -> None:
    found = await at_desk.running.own_events(case_id, 1, 1)
    if not found or not isinstance(found[0].event, CaseRegistered):
        raise Denied(NOT_YOURS)
    said = found[0].event
    sealed = {"name": said.name, "phone": said.phone, "place": said.place.text}
    if not any(sealed.values()):
        return
    opened = await at_desk.open(case_id, list(sealed.values()), "redaction_check")
    known = dict(zip(sealed, opened, strict=True))
    for field in ("title", "question", "answer"):
        what = repeated(fields[field], known)
        if what is not None:
            raise Refused(f"{field}: repeats the {what} that the citizen gave; leave it out.")


command_route(router, GiveConsent, "/cases/{case_id}/consent")
command_route(router, WithdrawConsent, "/cases/{case_id}/consent-end")
command_route(router, ReturnRedaction, "/cases/{case_id}/redaction-returns")
command_route(router, UnpublishCase, "/cases/{case_id}/unpublication")
