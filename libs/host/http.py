"""What a route may do: put a command to its service, or a question to its views. No rule lives here.

It is long because a route's file finds here, in one place, all that it needs.
"""

import asyncio
import hashlib
import re
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, NoReturn, TypeVar

import orjson
from fastapi import APIRouter, Body, Depends, Header, Path, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError, create_model

from libs.events.base import Actor
from libs.host.expected import Fact
from libs.host.look import Kind, Look
from libs.host.problems import NOT_YOURS, Denied, NotACommand, Problem
from libs.host.running import Running
from libs.host.tokens import Tokens
from libs.host.tracing import traceparent_of
from libs.host.work import Ask, Idempotency, Outcome
from libs.rules.bars import CLOSED, recused
from libs.rules.rights import Principal, refusal
from libs.rules.roles import Role
from libs.sourcing.decider import Command, Refused
from libs.sourcing.views import Views
from libs.vault.contact import contact_key
from libs.vault.sealing import Unreadable, open_text

T = TypeVar("T")
OWN_WRITE_WAIT = 2.0
COURT = frozenset({"court", "prosecution", "discipline", "audit", "legal_claim"})
"""For what closed words are opened at all: what the holds of ``LegalHoldPut`` are put for, and a claim."""
CASE_ID, KEY = re.compile(r"[0-9a-f-]{36}"), re.compile(r"[\x21-\x7e]{8,200}")
CaseId = Annotated[str, Path(pattern=f"^{CASE_ID.pattern}$", description="The id of a case.")]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",  # KEY says the same
        min_length=8,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text of your own, new for each wish: the same call with it is done once.",
    ),
]
LOOK_UNTIL = "Lianxin-Look-Until"
"""The header of an answer with words that were opened: until when they may be read on as the same look."""
Purpose = Annotated[
    str,
    Query(
        pattern="^[a-z_]{3,40}$",
        description="Why you look; it is recorded. For a quarter of an hour the same account reads on for it as "
        f"the same look: `{LOOK_UNTIL}` says until when.",
    ),
]
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": words}
    for status, words in {
        400: "The Idempotency-Key is missing.",
        401: "The token is missing or not valid.",
        403: "The caller has no right to this.",
        409: "The rules refuse this, or the same key is being carried out.",
        422: "A field is not valid, or the key was used with another body.",
        429: "Words were opened as often in this hour as one account may; Retry-After says when again.",
    }.items()
}


class StatedEvent(BaseModel):
    """A fact that a command led to."""

    event_id: str
    type: str
    seq: int
    occurred_at: AwareDatetime


class Answer(BaseModel):
    """What a command led to; no events if it already stood so.

    Send ``written`` as ``Lianxin-Read-After`` with a read or a command, to this or another service that
    hears of it, to be sure that it knows of it: the service waits for it for up to two seconds.
    """

    case_id: str
    events: list[StatedEvent]
    written: str


def answer(service: str, outcome: Outcome) -> Answer:
    """An outcome in words for the wire."""
    return Answer(
        case_id=outcome.case_id,
        events=[
            StatedEvent(event_id=r.event_id, type=r.event.type(), seq=r.seq, occurred_at=r.event.occurred_at)
            for r in outcome.events
        ],
        written=f"{outcome.case_id}/{service}/{outcome.seq}",
    )


class Desk:
    """One caller at one service: who it is, what it may do, and how it does it."""

    def __init__(
        self, running: Running, principal: Principal, request: Request, answered: Response | None = None
    ) -> None:
        self.running, self.principal, self.request, self._answered = running, principal, request, answered

    def allow(self, action: str, case_id: str | None = None, unit_id: str | None = None) -> None:
        """Raise ``Denied`` unless the caller may do or see this."""
        realm = self.running.world.settings.realm
        why = refusal(self.principal, action, realm, case_id, unit_id)
        if why is not None:
            raise Denied(why)

    @property
    def actor(self) -> Actor:
        """The caller as events name it."""
        return Actor(
            id=self.principal.id, role=self.principal.role.value, org=self.principal.unit_id
        )

    async def ask(
        self, command: type[Command], case_id: str, key: str, fields: dict[str, Any]
    ) -> Outcome:
        """Carry out a command once for this caller and key. Raises what the rules or checks refuse."""
        self.allow(command.__name__, case_id)
        after = self._own_write()
        world, name = self.running.world, self.running.service.name
        scope = f"{self.principal.id}|POST|{self.request.url.path}|{key}"
        key_id = hashlib.sha256(scope.encode()).hexdigest()
        body = orjson.dumps(fields, default=str, option=orjson.OPT_SORT_KEYS)
        body_hash = hashlib.sha256(key_id.encode() + body).hexdigest()
        if key_id in self.running.in_flight:
            raise Refused("The same Idempotency-Key is being carried out; wait for its answer.")
        told = {"occurred_at": world.now()} | fields | {"case_id": case_id, "by": self.actor}
        try:
            wish = command(**told)
        except ValidationError as error:
            raise NotACommand(error) from error
        if wish.occurred_at > world.now():
            raise Refused("occurred_at lies in the future.")
        span = world.tracing.asked(name, command.__name__, self.request.headers.get("traceparent"))
        self.running.in_flight.add(key_id)
        try:
            result = await self.running.execute(
                Ask(
                    command=wish,
                    cause=key_id,
                    correlation_id=str(uuid.uuid5(uuid.NAMESPACE_OID, key_id)),
                    traceparent=traceparent_of(span),
                    idempotency=Idempotency(key_id, body_hash),
                ),
                after,
                OWN_WRITE_WAIT,
            )
        finally:
            self.running.in_flight.discard(key_id)
            span.end()
        if isinstance(result, Exception):
            raise result
        return result

    async def read(self, question: Callable[[Views], T]) -> T:
        """Ask the views, after what the caller says it has just written."""
        wrote = self._own_write()
        if wrote is not None:
            await self.running.arrivals.await_read(wrote, OWN_WRITE_WAIT)
        account = None if self.principal.role is Role.CITIZEN else self.principal.id
        found: T = await self.running.read(question, account, self.request.path_params.get("case_id"))
        return found

    def _own_write(self) -> Fact | None:
        """What the caller says it has just written."""
        token = self.request.headers.get("Lianxin-Read-After")
        if not token:
            return None
        case_id, _, rest = token.partition("/")
        owner, _, seq = rest.partition("/")
        if not seq.isdecimal() or len(seq) > 9:
            raise Denied("Lianxin-Read-After is not what a command answered as written.")
        return Fact(case_id, owner, int(seq))

    async def open(self, case_id: str, sealed: Sequence[str | None], purpose: str) -> list[str | None]:
        """Open sealed words of a case and record who looked and why, before they are shown.

        Within a quarter of an hour the same caller reads on for the same purpose as the same look (ADR 0018).
        Raises ``Denied``, and ``TooManyLooks`` for who begins too many in an hour. Words whose key was destroyed
        come back as ``None``, and those of a case whose words are closed (PIPL Art. 47(2)) but for who keeps
        them, for a court.
        """
        running = self.running
        world = running.world
        bars = await running.bars(case_id)
        if recused(bars, self.principal.id):
            raise Denied(NOT_YOURS)
        if CLOSED in bars and not (self.principal.role is Role.PRIVACY_OFFICER and purpose in COURT):
            return [None] * len(sealed)
        keys = await asyncio.to_thread(world.vault.read, [case_id])
        until = await running.looks.reveal(self._look("PersonalDataRevealed", case_id, purpose))
        self._say_until(until)
        opened = [_try(one, case_id, keys) for one in sealed]
        if all(text is not None or one is None for one, text in zip(sealed, opened, strict=True)):
            return opened
        apart = contact_key(case_id)  # looked for where it is needed: most that is read was not sealed so
        contact = await asyncio.to_thread(world.vault.read, [apart])
        pairs = zip(sealed, opened, strict=True)
        return [_try(one, apart, contact) if text is None else text for one, text in pairs]

    async def deny_on_record(self, case_id: str, purpose: str, why: str) -> NoReturn:
        """Refuse what nobody in this role should ask for, and record that it was asked for."""
        await self.running.looks.refuse(self._look("AccessRefused", case_id, purpose))
        raise Denied(why)

    def _look(self, kind: Kind, case_id: str, purpose: str) -> Look:
        name, now = self.running.service.name, self.running.world.now()
        return Look(kind, case_id, self.principal, name, purpose, now)

    def _say_until(self, until: datetime) -> None:
        """With the answer: until when the look lasts, the earliest if words of several cases are in it. What
        was opened must not live on in a cache after that."""
        if self._answered is None:
            return
        headers = self._answered.headers
        said = headers.get(LOOK_UNTIL)
        headers[LOOK_UNTIL] = min(until.isoformat(), said) if said else until.isoformat()
        headers["Cache-Control"] = "no-store"


def _try(sealed: str | None, key_id: str, keys: Mapping[str, bytes]) -> str | None:
    """The words, if this is the key they were sealed with and there still is one."""
    if sealed is None or key_id not in keys:
        return None
    try:
        return open_text(sealed, key_id, keys[key_id])
    except Unreadable:
        return None


async def principal_of(
    request: Request, authorization: Annotated[str | None, Header()] = None
) -> Principal:
    """Who calls, by the token."""
    tokens: Tokens = request.app.state.tokens
    return tokens.principal(authorization)


async def desk(
    request: Request, principal: Annotated[Principal, Depends(principal_of)], response: Response
) -> Desk:
    """The caller at this service."""
    running: Running = request.app.state.running
    return Desk(running, principal, request, response)


AtDesk = Annotated[Desk, Depends(desk)]


@lru_cache(maxsize=256)
def body_of(command: type[Command], *without: str) -> type[BaseModel]:
    """A command's own fields as a request body: what the caller says, not what the host adds."""
    fields: dict[str, Any] = {
        name: (field.rebuild_annotation(), field)
        for name, field in command.model_fields.items()
        if name not in {"case_id", "occurred_at", "by", *without}
    }
    return create_model(
        f"{command.__name__}Body",
        __config__=ConfigDict(extra="forbid"),
        __doc__=command.__doc__,
        **fields,
    )


class CommandRoute(APIRoute):
    """Takes a request in which all is well past FastAPI's solver, which costs as much as the command itself.

    ``straight`` answers ``None`` where anything is amiss: then FastAPI reads the request again, thoroughly,
    and says what. So refusals and the documentation are FastAPI's, and it has the last word.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        thorough = super().get_route_handler()
        straight: Callable[[Request], Coroutine[Any, Any, Response | None]] = self.endpoint.straight  # type: ignore[attr-defined]

        async def handle(request: Request) -> Response:
            answered = await straight(request)
            return await thorough(request) if answered is None else answered

        return handle


def command_route(router: APIRouter, command: type[Command], path: str) -> None:
    """A route that puts a command to the service: ``POST path`` with the command's own fields."""
    body_type = body_of(command)

    async def put(case_id: CaseId, at_desk: AtDesk, key: IdempotencyKey, body: Any) -> Response:
        fields = {name: getattr(body, name) for name in type(body).model_fields}
        outcome = await at_desk.ask(command, case_id, key, fields)
        answered = answer(at_desk.running.service.name, outcome)
        # Whole: FastAPI would check against its schema what was just built by it.
        return Response(
            answered.model_dump_json(),
            media_type="application/json",
            headers={"Lianxin-Written": answered.written},
        )

    async def straight(request: Request) -> Response | None:
        headers, case_id = request.headers, request.path_params["case_id"]
        key = headers.get("Idempotency-Key", "")
        if headers.get("Content-Type") != "application/json":
            return None
        if not KEY.fullmatch(key) or not CASE_ID.fullmatch(case_id):
            return None
        try:
            body = body_type.model_validate_json(await request.body())
        except ValidationError:
            return None
        principal = await principal_of(request, headers.get("Authorization"))
        return await put(case_id, Desk(request.app.state.running, principal, request), key, body)

    put.straight = straight  # type: ignore[attr-defined]
    default: Any = Body(default_factory=body_type) if not _required(body_type) else Body()
    put.__annotations__["body"] = Annotated[body_type, default]
    router.add_api_route(
        path,
        put,
        methods=["POST"],
        route_class_override=CommandRoute,
        name=command.__name__,
        summary=(command.__doc__ or "").strip().splitlines()[0],
        operation_id=command.__name__,
        response_model=Answer,
        responses=REFUSALS,
    )


def _required(model: type[BaseModel]) -> bool:
    return any(field.is_required() for field in model.model_fields.values())
