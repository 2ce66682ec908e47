"""Reference over HTTP: a route makes a command or reads a view, and no more."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, Answer, AtDesk, Desk, IdempotencyKey, answer, body_of
from libs.host.problems import Denied, NotAFile
from libs.rules.mailboxes import MailboxKind
from libs.rules.reference import Mistakes, Reference, ReferenceKind, diff, unusual_in
from libs.rules.sheets import Form, render
from libs.sourcing.decider import Command, Refused
from services.reference.commands import (
    ConfirmCalendarYear,
    ProposeCalendarYear,
    PublishCalendarYear,
    PublishEdition,
    RejectCalendarYear,
)
from services.reference.projection import editions_of, waiting_proposals

router = APIRouter()
Kind = Annotated[ReferenceKind, Path(description="The kind of reference data.")]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,60}$", description="Which of that kind.")]
FileForm = Annotated[Form, Query(description="How the file is written.")]
Limit = Annotated[int, Query(ge=1, le=500)]
MEDIA = {"csv": "text/csv; charset=utf-8", "yaml": "application/yaml"}


class EditionView(BaseModel):
    """A publication: what, by whom, on what ground, and how much it changed. ``accepted_unusual``: limits that
    no law known here gives, a line each, which who published it accepted."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    edition: int
    published_at: datetime
    published_by: str
    source: str
    digest: str
    added: int
    changed: int
    removed: int
    accepted_unusual: str


class ProposalView(BaseModel):
    """A year that was read out of a notice and waits for a person; ``unread`` is what was not understood."""

    model_config = ConfigDict(extra="ignore")

    id: str
    case_id: str
    year: int
    holidays: str
    makeup: str
    unread: str
    proposed_at: datetime
    proposed_by: str


class Draft(BaseModel):
    """What a file would change if it were published; nothing was written. ``unusual`` must be accepted."""

    based_on: int
    added: int
    changed: int
    removed: int
    lines: list[str]
    unusual: list[str]


@router.get("/editions", operation_id="editions", responses=REFUSALS)
async def list_editions(
    at_desk: AtDesk,
    subject: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 100,
) -> list[EditionView]:
    """What was published, the latest first; ``subject`` as in ``calendar/CN-GOV``."""
    at_desk.allow("editions")
    rows = await at_desk.read(lambda views: editions_of(views, subject, limit))
    return [EditionView(**row) for row in rows]


@router.get("/proposals", operation_id="proposals", responses=REFUSALS)
async def list_proposals(at_desk: AtDesk, limit: Limit = 100) -> list[ProposalView]:
    """Years that wait for a person to confirm them."""
    at_desk.allow("proposals")
    rows = await at_desk.read(lambda views: waiting_proposals(views, limit))
    return [ProposalView(**row) for row in rows]


class MailboxView(BaseModel):
    """A mailbox that a citizen can write to, and the unit that its letters go to first."""

    model_config = ConfigDict(extra="ignore")

    id: str
    zh: str
    en: str
    kind: str
    adcode: str
    unit_id: str
    unit_zh: str


@router.get("/mailboxes", operation_id="mailboxes", responses=REFUSALS)
async def find_mailboxes(
    at_desk: AtDesk,
    text: Annotated[str, Query(max_length=100, description="stands in its name")] = "",
    adcode: Annotated[str, Query(pattern=r"^[0-9]{0,12}$", description="an area")] = "",
    kind: Annotated[MailboxKind | None, Query(description="whose it is")] = None,
    request: Annotated[str, Query(max_length=10, description="a kind (K3) or category (0106)")] = "",
    limit: Limit = 100,
) -> list[MailboxView]:
    """The mailboxes that a writer may choose from, by the type of request and the area; nearest first."""
    at_desk.allow("mailboxes")
    rules = at_desk.running.world.rules
    found = rules.mailboxes.find(text, adcode, kind, request)[:limit]
    views = []
    for box in found:
        unit = rules.organisations.unit(rules.mailboxes.unit_of(box.id))
        views.append(
            MailboxView(
                id=box.id, zh=box.zh, en=box.en, kind=box.kind.value, adcode=box.adcode,
                unit_id=unit.unit_id, unit_zh=unit.zh,
            )
        )
    return views


@router.get("/data/{kind}", operation_id="subjects", responses=REFUSALS)
async def list_subjects(kind: Kind, at_desk: AtDesk) -> list[str]:
    """The names of what there is of a kind."""
    at_desk.allow("subjects")
    return sorted(_reference(at_desk).names(kind))


@router.get("/data/{kind}/{name}", operation_id="edition", responses=REFUSALS)
async def show_content(kind: Kind, name: Name, at_desk: AtDesk, form: FileForm = "yaml") -> Response:
    """What is in force, as a file that can be changed and published. The header says which edition."""
    at_desk.allow("edition")
    reference = _reference(at_desk)
    content = reference.current(kind, name)
    if content is None:
        raise Denied(f"There is no {kind.value}/{name}.")
    with _mistakes():
        body = render(kind, content, form)
    edition = {"Lianxin-Edition": str(reference.published(kind, name))}
    return Response(body, media_type=MEDIA[form], headers=edition)


@router.post(
    "/data/{kind}/{name}/drafts",
    operation_id="draft",
    responses=REFUSALS,
    openapi_extra={"requestBody": {"content": {"text/csv": {}, "application/yaml": {}}}},
)
async def draft_edition(
    kind: Kind, name: Name, at_desk: AtDesk, request: Request, form: FileForm
) -> Draft:
    """A dry run: every mistake in the file, or what would change."""
    at_desk.allow("draft")
    reference = _reference(at_desk)
    with _mistakes():
        content = reference.read(kind, name, await request.body(), form)
    change = diff(kind, reference.current(kind, name), content)
    return Draft(
        based_on=reference.published(kind, name),
        added=change.counts.added,
        changed=change.counts.changed,
        removed=change.counts.removed,
        lines=list(change.lines("zh")),
        unusual=list(unusual_in(kind, content)),
    )


@router.post(
    "/data/{kind}/{name}/editions",
    operation_id="PublishEdition",
    responses=REFUSALS,
    openapi_extra={"requestBody": {"content": {"text/csv": {}, "application/yaml": {}}}},
)
async def publish_edition(
    kind: Kind,
    name: Name,
    at_desk: AtDesk,
    key: IdempotencyKey,
    request: Request,
    form: FileForm,
    source: Annotated[str, Query(min_length=1, max_length=200)],
    based_on: Annotated[int, Query(ge=0, le=1_000_000)],
    accept_unusual: Annotated[bool, Query(description="what no law known here gives is meant")] = False,
) -> Answer:
    """Put a file in force, from now on and for everybody."""
    at_desk.allow("PublishEdition")
    with _mistakes():
        content = _reference(at_desk).read(kind, name, await request.body(), form)
    fields = {"content": content, "source": source, "based_on": based_on}
    fields |= {"accept_unusual": True} if accept_unusual else {}
    return await _put(at_desk, PublishEdition, f"{kind.value}/{name}", key, fields)


async def publish_year(name: Name, at_desk: AtDesk, key: IdempotencyKey, body: Any) -> Answer:
    """Publish one calendar year."""
    return await _put(at_desk, PublishCalendarYear, f"calendar/{name}", key, dict(body))


async def propose_year(name: Name, at_desk: AtDesk, key: IdempotencyKey, body: Any) -> Answer:
    """Read a year out of the text of the official notice, for a person to confirm."""
    return await _put(at_desk, ProposeCalendarYear, f"calendar/{name}", key, dict(body))


async def confirm_year(name: Name, at_desk: AtDesk, key: IdempotencyKey, body: Any) -> Answer:
    """Publish a proposed year, as it was read or corrected."""
    return await _put(at_desk, ConfirmCalendarYear, f"calendar/{name}", key, dict(body))


async def reject_year(name: Name, at_desk: AtDesk, key: IdempotencyKey, body: Any) -> Answer:
    """Put a proposed year away."""
    return await _put(at_desk, RejectCalendarYear, f"calendar/{name}", key, dict(body))


async def _put(
    at_desk: Desk, command: type[Command], subject: str, key: str, fields: dict[str, Any]
) -> Answer:
    outcome = await at_desk.ask(command, subject, key, fields)
    return answer(at_desk.running.service.name, outcome)


def _reference(at_desk: Desk) -> Reference:
    reference = at_desk.running.world.rules.reference
    if reference is None:
        raise Refused("This process holds its rules fixed; nothing can be published here.")
    return reference


@contextmanager
def _mistakes() -> Iterator[None]:
    """A file's mistakes, all of them, are the caller's to mend."""
    try:
        yield
    except Mistakes as error:
        raise NotAFile([(one.place, one.reason) for one in error.all]) from error


for command, put, path in (
    (PublishCalendarYear, publish_year, "years"),
    (ProposeCalendarYear, propose_year, "proposals"),
    (ConfirmCalendarYear, confirm_year, "confirmations"),
    (RejectCalendarYear, reject_year, "rejections"),
):
    put.__annotations__["body"] = body_of(command)
    router.add_api_route(
        f"/data/calendar/{{name}}/{path}",
        put,
        methods=["POST"],
        operation_id=command.__name__,
        response_model=Answer,
        responses=REFUSALS,
    )
