"""Drafts of replies over HTTP: the clerk writes, the unit's head reads and returns; to sign is to hand in."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from libs.host.http import REFUSALS, AtDesk, CaseId, Purpose, command_route
from libs.host.problems import Denied
from services.feedback.commands import DraftReply, ReturnDraft
from services.feedback.drafts import draft_in
from services.feedback.projection import drafts_to_sign, file_of

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]


class DraftItem(BaseModel):
    """A case whose answer waits for the signature of the unit's head."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    receipt_no: str
    category: str | None
    status: str
    due_handle: datetime | None
    draft_id: str
    drafted_at: datetime


class DraftedAnswer(BaseModel):
    """What the draft answers to one numbered claim."""

    claim: int
    outcome: str
    basis: str | None
    proposal: str | None


class DraftedPromise(BaseModel):
    """What the draft promises."""

    claim: int
    text: str | None
    due_at: datetime
    every: str | None


class Drafted(BaseModel):
    """The draft with its words; ``returned_at`` and ``reason``: when and why the head did not sign it."""

    draft_id: str
    drafted_at: datetime
    answers: list[DraftedAnswer]
    text: str | None
    evidence: list[str]
    commitments: list[DraftedPromise]
    returned_at: datetime | None
    reason: str | None


@router.get("/units/{unit_id}/drafts", operation_id="unit_drafts", responses=REFUSALS)
async def list_drafts(
    unit_id: Annotated[str, Path(max_length=100)], at_desk: AtDesk, limit: Limit = 100
) -> list[DraftItem]:
    """What waits for the signature of the unit's head, the most urgent first."""
    at_desk.allow("unit_drafts", unit_id=unit_id)
    rows = await at_desk.read(lambda views: drafts_to_sign(views, unit_id, limit))
    return [DraftItem(**row) for row in rows]


@router.get("/cases/{case_id}/draft", operation_id="case_draft", responses=REFUSALS)
async def show_draft(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> Drafted | None:
    """What the unit's clerk has drafted and nobody has signed yet, if there is something, with its words; for
    the unit alone. On record."""
    at_desk.allow("case_draft", case_id)
    row = await at_desk.read(lambda views: file_of(views, case_id))
    if row is None:
        raise Denied("There is no such case, or it is not yours to see.")
    at_desk.allow("case_draft", case_id, row["unit_id"] or "nobody")
    draft = draft_in(row)
    if draft is None:
        return None
    sealed = [draft["text"], draft["reason"]]
    sealed += [one["basis"] for one in draft["answers"]]
    sealed += [one["text"] for one in draft["commitments"]]
    text, reason, *words = await at_desk.open(case_id, sealed, purpose)
    bases, promised = words[: len(draft["answers"])], words[len(draft["answers"]) :]
    opened: dict[str, Any] = {
        "text": text,
        "reason": reason,
        "answers": _with("basis", draft["answers"], bases),
        "commitments": _with("text", draft["commitments"], promised),
    }
    return Drafted(**draft | opened)


def _with(name: str, parts: list[dict[str, Any]], words: list[str | None]) -> list[dict[str, Any]]:
    """The parts of a draft with their words in clear."""
    return [{**part, name: one} for part, one in zip(parts, words, strict=True)]


command_route(router, DraftReply, "/cases/{case_id}/drafts")
command_route(router, ReturnDraft, "/cases/{case_id}/draft-returns")
