"""Every refusal as RFC 9457 problem details: what was wrong, in which field, in words to act on."""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from libs.host.tokens import BadToken
from libs.host.work import KeyReused
from libs.log.port import LogUnavailable
from libs.sourcing.database import TRANSIENT
from libs.sourcing.decider import Refused

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One field that is not as it should be. ``field`` is its path, as ``body.place.adcode``."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457. ``type`` is a stable name under ``urn:lianxin:problem:``."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] = []


class TooLong(StarletteHTTPException):
    """The body went on past the limit. An HTTP exception, or FastAPI takes it for a body it cannot read."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"A body has at most {limit} bytes.")


NOT_YOURS = "There is no such case, or it is not yours to see."
"""The same words for a case that is not there: that there is one is not said either."""


class Denied(Exception):
    """The caller has no right to this."""


class TooManyLooks(Exception):
    """The account has begun as many looks in this hour as it may (domain G04)."""

    def __init__(self, limit: int, wait: timedelta) -> None:
        super().__init__(
            f"With this account words were opened {limit} times in this hour, as often as one account may. "
            "What you have open stays open for its time; a new look can begin with the next hour. "
            "If your work needs more, tell the privacy officer."
        )
        self.wait = wait


class NotACommand(Exception):
    """What the caller sent makes no valid command; ``cause`` says which field and why."""

    def __init__(self, cause: ValidationError) -> None:
        super().__init__("not a valid command")
        self.cause = cause


class NotAFile(Exception):
    """A file that was sent cannot be read; each mistake with its place (line, field) and the reason."""

    def __init__(self, mistakes: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(": ".join(filter(None, one)) for one in mistakes))
        self.mistakes = mistakes


def problem(
    request: Request, status: int, name: str, title: str, detail: str, errors: Sequence[FieldError] = ()
) -> JSONResponse:
    """The answer to a refused request."""
    body = Problem(
        type=f"urn:lianxin:problem:{name}",
        title=title,
        status=status,
        detail=detail,
        instance=request.scope.get("root_path", "") + request.scope["path"].removeprefix(
            request.scope.get("root_path", "")
        ),
        errors=list(errors),
    )
    headers = {"Retry-After": "1"} if status == 503 else None
    return JSONResponse(
        body.model_dump(exclude_defaults=True), status, headers=headers, media_type=MEDIA_TYPE
    )


def field_errors(raised: Sequence[Any], prefix: str = "") -> list[FieldError]:
    """Pydantic's errors by field. The refused value is not repeated: it may be personal."""
    found = []
    for one in raised:
        path = ".".join(str(part) for part in one["loc"])
        found.append(FieldError(field=f"{prefix}{path}", message=one["msg"]))
    return found


def explain(app: FastAPI) -> None:
    """Let an app answer every refusal with problem details."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        return problem(request, 409, "refused", "The rules refuse this", str(error))

    @app.exception_handler(Denied)
    async def denied(request: Request, error: Denied) -> JSONResponse:
        return problem(request, 403, "denied", "No right to this", str(error))

    @app.exception_handler(TooManyLooks)
    async def too_many(request: Request, error: TooManyLooks) -> JSONResponse:
        answer = problem(request, 429, "too-many-looks", "Too many looks in this hour", str(error))
        answer.headers["Retry-After"] = str(max(1, math.ceil(error.wait.total_seconds())))
        return answer

    @app.exception_handler(BadToken)
    async def bad_token(request: Request, error: BadToken) -> JSONResponse:
        answer = problem(request, 401, "token", "Who are you?", str(error))
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @app.exception_handler(KeyReused)
    async def key_reused(request: Request, error: KeyReused) -> JSONResponse:
        errors = [FieldError(field="header.Idempotency-Key", message=str(error))]
        return problem(request, 422, "key-reused", "Key used before", str(error), errors)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = field_errors(error.errors())
        missing_key = any(e.field.lower() == "header.idempotency-key" for e in errors)
        status = 400 if missing_key else 422
        detail = "; ".join(f"{e.field}: {e.message}" for e in errors)
        return problem(request, status, "invalid", "Not a valid request", detail, errors)

    @app.exception_handler(NotACommand)
    async def invalid_command(request: Request, error: NotACommand) -> JSONResponse:
        errors = field_errors(error.cause.errors(), "body.")
        detail = "; ".join(f"{e.field}: {e.message}" for e in errors)
        return problem(request, 422, "invalid", "Not a valid request", detail, errors)

    @app.exception_handler(NotAFile)
    async def unreadable(request: Request, error: NotAFile) -> JSONResponse:
        errors = [
            FieldError(field=f"body, {place}" if place else "body", message=why)
            for place, why in error.mistakes
        ]
        return problem(request, 422, "invalid", "Not a valid file", str(error)[:2_000], errors)

    @app.exception_handler(TooLong)
    async def too_long(request: Request, error: TooLong) -> JSONResponse:
        return problem(request, 413, "too-long", "Too long", error.detail)

    @app.exception_handler(StarletteHTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        answer = problem(request, error.status_code, "http", str(error.detail), str(error.detail))
        answer.headers.update(error.headers or {})  # as Allow, with 405
        return answer

    async def unavailable(request: Request, error: Exception) -> JSONResponse:
        return problem(
            request, 503, "unavailable", "Not now", "The service cannot reach what it needs. Try again."
        )

    for kind in (LogUnavailable, *TRANSIENT):
        app.add_exception_handler(kind, unavailable)

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> JSONResponse:
        return problem(request, 500, "fault", "A fault of ours", "The fault was logged.")
