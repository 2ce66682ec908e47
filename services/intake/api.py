"""Intake over HTTP: a route makes a command or reads a view, and no more.

Past 300 lines, for what a route takes and answers stands beside it.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    computed_field,
    create_model,
)

from libs.events.intake import CaseRegistered
from libs.host.http import (
    REFUSALS,
    Answer,
    AtDesk,
    CaseId,
    Desk,
    IdempotencyKey,
    Purpose,
    answer,
    body_of,
    command_route,
)
from libs.host.problems import Denied
from libs.host.running import Running
from libs.host.tokens import CITIZEN_TOKEN_LASTS, sign
from libs.host.work import Outcome
from libs.log.topics import RESTRICTED
from libs.rules.classification import classify
from libs.rules.place import find_place
from libs.rules.promises import Course, promises
from libs.rules.rights import Principal
from libs.rules.roles import Role
from libs.rules.rules import Rules
from libs.rules.screening import reports_an_official
from libs.rules.states import CaseState
from libs.sourcing.views import Row
from libs.vault.receipts import case_id_of, well_formed
from services.intake.archive_api import router as archive_router
from services.intake.commands import (
    AcceptCase,
    AnswerAtDesk,
    ApproveDecline,
    ClassifyCase,
    ContestAnswer,
    DeclineCase,
    ErasePersonalData,
    ForwardPraise,
    ProposeDecline,
    ReferCase,
    RegisterCase,
    RejectDecline,
    RequestInformation,
    Suggested,
    SupplementCase,
)
from services.intake.ending_api import Cooling, cooling_of
from services.intake.ending_api import router as ending_router
from services.intake.groups import follower_count
from services.intake.praise_api import router as praise_router
from services.intake.projection import (
    WORDS,
    case_of_receipt,
    case_row,
    queue,
    shown_status,
)
from services.intake.public_api import router as public_router
from services.intake.recusal_api import router as recusal_router

router = APIRouter()

SubmitCase: Any = create_model(
    "SubmitCase",
    __base__=body_of(RegisterCase, "receipt_no", "realm", "suggested"),
    __doc__="""A citizen's request. ``occurred_at`` is when the citizen spoke, if not now.""",
    occurred_at=(AwareDatetime | None, None),
)


class Receipt(Answer):
    """What the citizen is given: with number and code the case can be followed and rated."""

    receipt_no: str
    query_code: str


class Asked(BaseModel):
    """What the citizen was asked for, by code, and until when the answer is waited for."""

    missing: Annotated[list[str], BeforeValidator(str.split)]
    due_supplement: datetime | None


class Waiting(Asked):
    """A case that waits for acceptance, or for its citizen's answer. ``proposed_ground``: one person would
    decline it on that ground, by this evidence, and a second must decide."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    receipt_no: str
    status: str
    channel: str
    kind: str
    track: str
    category: str | None
    category_source: str | None
    adcode: str | None
    proposed_ground: str | None = None
    proposed_evidence: Annotated[list[str], BeforeValidator(lambda text: (text or "").split())] = []
    registered_at: datetime
    due_accept: datetime


class StepLimit(BaseModel):
    """How long a step may take, in words, by which law, and until when if it has begun.

    ``provisional``: that year's calendar is not published yet (暂定). ``moved``: by an extension, a question
    or a published calendar the instant is another than the words give."""

    step: str
    words: str
    due_at: datetime | None
    provisional: bool
    source: str
    moved: bool


class Progress(Asked):
    """How far a case has come, as the citizen may see it, with the limits that hold for it.

    ``question`` is shown to the citizen alone; ``paused_for``: why the unit's clock stands still;
    ``next_check_at``: of a case on hold; ``round``: how often it was taken up anew; ``contest_until``: how
    long the citizen may say that an answer at the desk was none, or that praise was no praise. Of a merged
    case (并单) stage, unit and answer are those of the one that leads; ``handled_with`` and ``followers``
    (how many are handled with this one) are staff's to see."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    receipt_no: str
    status: str
    kind: str
    category: str | None
    unit_id: str | None
    registered_at: datetime
    due_accept: datetime
    accepted_at: datetime | None
    due_citizen: datetime | None
    due_provisional: bool
    assigned_at: datetime | None
    signed_at: datetime | None
    delivered_at: datetime | None
    ended_at: datetime | None
    ground: str | None
    limits: list[StepLimit]
    question: str | None = None
    paused_for: str | None
    paused_until: datetime | None
    next_check_at: datetime | None
    contest_until: datetime | None
    round: int
    withdrawal: Cooling | None = None
    reopening_asked_at: datetime | None = None
    handled_with: str | None = None
    lead_status: str | None = None
    followers: int | None = None

    @computed_field
    def lead_seen(self) -> str | None:
        """How far the case has come that this one is handled with, as the citizen reads it."""
        return CaseState(self.lead_status).seen if self.lead_status else None

    @computed_field
    def seen(self) -> str:
        """The status as the citizen reads it."""
        return CaseState(self.status).seen


class Words(BaseModel):
    """The citizen's words, and what was said to the citizen; nothing if they were erased. ``notice``: the
    reason last given for more time, for a hold, or for not taking the case up anew; ``link_reason``: why it was
    merged with another, or goes by itself again; ``answer``: what was said at the desk; ``proposed_reason``:
    why one person would decline it, which the citizen reads when two agree."""

    title: str | None
    text: str | None
    supplements: list[str | None]
    reason: str | None
    alternative: str | None
    remedy: str | None
    question: str | None
    notice: str | None
    link_reason: str | None
    reopening_reason: str | None
    answer: str | None
    proposed_reason: str | None


class ReceiptAndCode(BaseModel):
    """What a citizen shows."""

    model_config = ConfigDict(extra="forbid")

    receipt_no: Annotated[str, StringConstraints(max_length=40)]
    query_code: Annotated[str, StringConstraints(max_length=40)]


class CitizenToken(BaseModel):
    """A token for this one case. ``expires_in`` is in seconds."""

    token: str
    case_id: str
    expires_in: int


@router.post("/cases", status_code=201, operation_id="RegisterCase", responses=REFUSALS)
async def register_case(
    body: SubmitCase, at_desk: AtDesk, key: IdempotencyKey, request: Request, response: Response
) -> Any:
    """Register a request. The same external id, or the same key, is registered once."""
    at_desk.allow("RegisterCase")
    realm = at_desk.running.world.settings.realm
    fields: dict[str, Any] = dict(body)
    if not realm and reports_an_official(fields["kind"], fields["title"], fields["text"]):
        # A report on an official never enters this realm's log: the caller is sent to the other.
        base = at_desk.running.world.settings.restricted_base
        return RedirectResponse(f"{base}/{RESTRICTED}/intake/cases", 307)
    if fields["occurred_at"] is None:
        del fields["occurred_at"]
    fields |= {"realm": realm} | suggest(at_desk.running, fields)
    external_id = fields["external_id"]
    scope, name = (fields["channel"], external_id) if external_id else (at_desk.principal.id, key)
    case_id = case_id_of(scope, name)
    outcome = await at_desk.ask(RegisterCase, case_id, key, fields)
    receipt = await _receipt(at_desk, outcome)
    answered = answer("intake", outcome)
    response.headers["Lianxin-Written"] = answered.written
    code = at_desk.running.world.receipts.query_code(case_id)
    return Receipt(**answered.model_dump(), receipt_no=receipt, query_code=code)


def suggest(running: Running, fields: dict[str, Any]) -> dict[str, Any]:
    """What the keyword rules and the gazetteer make of a request; a person decides."""
    suggestion = classify(fields["title"], fields["text"])
    suggested = Suggested(
        category=suggestion.category, confidence=suggestion.score, words=suggestion.words
    )
    place = f"{fields.get('place') or ''} {fields['title']} {fields['text']}"
    adcode = fields.get("adcode") or find_place(place, running.world.rules.organisations)
    return {"suggested": suggested, "adcode": adcode}


async def _receipt(at_desk: Desk, outcome: Outcome) -> str:
    """For who handed the case in alone: who guesses another's external id is not given its code."""
    first = next((one for one in outcome.events if one.seq == 1), None)
    if first is None:
        (first,) = await at_desk.running.own_events(outcome.case_id, 1, 1)
    assert isinstance(first.event, CaseRegistered)
    if first.event.actor.id != at_desk.principal.id:
        raise Denied("This external_id was handed in by another account.")
    return first.event.receipt_no


@router.get("/cases", operation_id="intake_queue", responses=REFUSALS)
async def list_waiting_cases(
    at_desk: AtDesk, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> list[Waiting]:
    """Cases that wait to be accepted, the most urgent first, within the caller's jurisdiction."""
    at_desk.allow("intake_queue")
    rows = await at_desk.read(lambda views: queue(views, at_desk.principal.adcode, limit))
    return [Waiting(**row) for row in rows]


@router.get("/cases/{case_id}", operation_id="case_progress", responses=REFUSALS)
async def show_progress(case_id: CaseId, at_desk: AtDesk) -> Progress:
    """How far a case has come. A citizen who was asked something reads the question; that is on record."""
    at_desk.allow("case_progress", case_id)
    row = await at_desk.read(lambda views: case_row(views, case_id))
    if row is None:
        raise Denied("There is no such case, or it is not yours to see.")
    if at_desk.principal.role is Role.CITIZEN and row["track"] == "restricted":
        # 只告知已按管理权限转交: not which officers have it (domain 1.5 D05, G02)
        row |= dict.fromkeys(("unit_id", "assigned_at", "signed_at"))
    row |= await _together(at_desk, row)
    world = at_desk.running.world
    told = promises(_course(row), world.rules)
    row |= {"status": shown_status(row)}
    row |= {"limits": [StepLimit(**asdict(promise)) for promise in told]}
    row |= _contest_until(row, world.rules)
    row |= {"withdrawal": cooling_of(row, world.now(), world.rules)}
    if at_desk.principal.role is not Role.CITIZEN or row["question"] is None:
        return Progress(**row | {"question": None})
    (question,) = await at_desk.open(case_id, [row["question"]], "own_case")
    return Progress(**row | {"question": question})


def _contest_until(row: Row, rules: Rules) -> Row:
    """Until when a short way can be contested now: never before what was told (domain 6.2.4)."""
    told, start = row["contest_until"], row["delivered_at"]
    if told is None or start is None:
        return {}
    kind = row["policy"], "EVAL", row["sla_class"], row["track"]
    return {"contest_until": rules.window(told, *kind, start)}


async def _together(at_desk: Desk, row: Row) -> Row:
    """What a merged case shows of the one that leads, never its citizen nor its number; the due date is
    the earlier of the two. Of one that leads: how many follow."""
    citizen = at_desk.principal.role is Role.CITIZEN
    if row["lead"] is None:
        many = await at_desk.read(lambda views: follower_count(views, row["case_id"]))
        return {"followers": None if citizen else many}
    lead = await at_desk.read(lambda views: case_row(views, row["lead"]))
    if lead is None:
        return {}
    shown = {name: lead[name] for name in ("unit_id", "assigned_at", "signed_at", "delivered_at")}
    due = [at for at in (row["due_citizen"], lead["due_citizen"]) if at is not None]
    return shown | {
        "handled_with": None if citizen else lead["case_id"],
        "lead_status": shown_status(lead),
        "due_citizen": min(due, default=None),
    }


def _course(row: Row) -> Course:
    """A case's row as the rules about its limits read it."""
    return Course(
        policy=row["policy"],
        accept_track=row["accept_track"],
        track=row["track"],
        sla_class=row["sla_class"],
        registered_at=row["registered_at"],
        due_accept=row["due_accept"],
        due_citizen=row["due_citizen"],
        citizen_provisional=row["due_provisional"],
        delivered_at=row["delivered_at"],
        rating_until=row["evaluation_until"] or row["contest_until"],
        review_until=row["review_until"],
        due_supplement=row["due_supplement"],
        next_check_at=row["next_check_at"] if row["status"] == CaseState.HELD else None,
    )


@router.get("/cases/{case_id}/words", operation_id="case_words", responses=REFUSALS)
async def show_words(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> Words:
    """The citizen's words. The look, its purpose and who took it are recorded."""
    at_desk.allow("case_words", case_id)
    row = await at_desk.read(lambda views: case_row(views, case_id))
    if row is None:
        raise Denied("There is no such case, or it is not yours to see.")
    if at_desk.principal.role is Role.CITIZEN:
        row |= {"proposed_reason": None}  # what one person thinks is no decision yet
    sealed = [row[name] for name in WORDS] + row["supplements"].split()
    opened = await at_desk.open(case_id, sealed, purpose)
    return Words(**dict(zip(WORDS, opened, strict=False)), supplements=opened[len(WORDS) :])


class _Guesses:
    """Ten wrong tries a minute per receipt number, a hundred per address: a code is not to be guessed.

    Right ones do not count: a whole city may come through one address.
    """

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._per_receipt, self._per_address = parse("10/minute"), parse("100/minute")

    def allow(self, receipt_no: str, address: str) -> bool:
        """Whether one more try may be made."""
        test = self._limiter.test
        return test(self._per_receipt, receipt_no) and test(self._per_address, address)

    def wrong(self, receipt_no: str, address: str) -> None:
        """Count a wrong try."""
        self._limiter.hit(self._per_receipt, receipt_no)
        self._limiter.hit(self._per_address, address)


guesses = _Guesses()


@router.post("/citizen-tokens", status_code=201, operation_id="CitizenToken", responses=REFUSALS)
async def open_case(body: ReceiptAndCode, request: Request) -> CitizenToken:
    """Receipt number and query code for a short-lived token that opens that one case."""
    running: Running = request.app.state.running
    receipt_no = body.receipt_no.strip().upper()
    address = request.client.host if request.client else "unknown"
    if not guesses.allow(receipt_no, address):
        raise HTTPException(429, "Too many tries; wait a minute.")
    if not well_formed(receipt_no):
        guesses.wrong(receipt_no, address)
        raise Denied("This receipt number has a typing error.")
    case_id = await running.read(lambda views: case_of_receipt(views, receipt_no))
    if case_id is None or not running.world.receipts.opens(case_id, body.query_code):
        guesses.wrong(receipt_no, address)
        raise Denied("Receipt number and query code do not belong together.")
    realm = running.world.settings.realm
    principal = Principal(id="citizen", role=Role.CITIZEN, realm=realm, case_id=case_id)
    token = sign(request.app.state.citizen_key, principal, CITIZEN_TOKEN_LASTS)
    seconds = int(CITIZEN_TOKEN_LASTS.total_seconds())
    return CitizenToken(token=token, case_id=case_id, expires_in=seconds)


command_route(router, ClassifyCase, "/cases/{case_id}/classification")
command_route(router, RequestInformation, "/cases/{case_id}/questions")
command_route(router, SupplementCase, "/cases/{case_id}/supplements")
command_route(router, AcceptCase, "/cases/{case_id}/acceptance")
command_route(router, DeclineCase, "/cases/{case_id}/decline")
command_route(router, ProposeDecline, "/cases/{case_id}/decline-proposal")
command_route(router, ApproveDecline, "/cases/{case_id}/decline-approval")
command_route(router, RejectDecline, "/cases/{case_id}/decline-rejection")
command_route(router, ReferCase, "/cases/{case_id}/referral")
command_route(router, AnswerAtDesk, "/cases/{case_id}/desk-answer")
command_route(router, ForwardPraise, "/cases/{case_id}/praise")
command_route(router, ContestAnswer, "/cases/{case_id}/contest")
command_route(router, ErasePersonalData, "/cases/{case_id}/erasure")
router.include_router(recusal_router)
router.include_router(public_router)
router.include_router(archive_router)
router.include_router(ending_router)
router.include_router(praise_router)
