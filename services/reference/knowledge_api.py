"""The knowledge base over HTTP: what holds is searched at the desk, what is proposed waits for a second person."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict

from libs.host.http import REFUSALS, Answer, AtDesk, IdempotencyKey, answer, body_of
from libs.rules.knowledge import SUBJECT
from libs.sourcing.decider import Command, Refused
from services.reference.api import Limit, Name, router
from services.reference.commands import (
    ApproveKnowledge,
    ProposeKnowledge,
    RejectKnowledge,
    WithdrawKnowledge,
)
from services.reference.projection import entry_row, waiting_offers
from services.reference.search import excerpt, marked, search

knowledge_router = router
"""The service's router, with the routes of this file."""
Listed = Annotated[list[str], BeforeValidator(lambda text: text.split("\n") if text else [])]


class KnowledgeView(BaseModel):
    """An entry of the knowledge base: what is asked, what it says, who answers for it, and until when.
    ``holds``: whether anybody may be answered by it now."""

    model_config = ConfigDict(extra="ignore")

    id: str
    edition: int
    question: str
    answer: str
    category: str
    keywords: Listed
    unit_id: str
    sources: Listed
    valid_until: datetime
    answers_topic: str | None
    from_publication: str | None
    published_at: datetime
    published_by: str
    proposed_by: str
    withdrawn: bool
    holds: bool


class Found(KnowledgeView):
    """An entry that was looked for. ``marked`` and ``excerpt`` have the words of the question 【so】."""

    score: float
    marked: str
    excerpt: str


class OfferView(BaseModel):
    """An entry that waits for a second person; ``entry`` is the id under which it would stand."""

    model_config = ConfigDict(extra="ignore")

    id: str
    entry: str
    question: str
    answer: str
    category: str
    keywords: Listed
    unit_id: str
    sources: Listed
    valid_until: datetime
    answers_topic: str | None
    from_publication: str | None
    proposed_at: datetime
    proposed_by: str


@router.get("/knowledge", operation_id="knowledge", responses=REFUSALS)
async def find_knowledge(
    at_desk: AtDesk,
    q: Annotated[
        str, Query(max_length=300, description="what is asked, as the citizen says it")
    ] = "",
    category: Annotated[
        str, Query(pattern=r"^[0-9]{0,4}$", description="a category or field")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[Found]:
    """The entries that hold now and answer best, best first; without ``q`` the newest."""
    at_desk.allow("knowledge")
    now = at_desk.running.world.now()
    rows = await at_desk.read(lambda views: search(views, q, category, now, limit))
    return [
        Found(**row, holds=True, marked=marked(row["question"], q), excerpt=excerpt(row["answer"], q))
        for row in rows
    ]


@router.get("/knowledge/{name}", operation_id="knowledge_entry", responses=REFUSALS)
async def show_knowledge(name: Name, at_desk: AtDesk) -> KnowledgeView:
    """One entry, also one that was withdrawn or is out of date: cases were answered by it."""
    at_desk.allow("knowledge_entry")
    row = await at_desk.read(lambda views: entry_row(views, name))
    if row is None:
        raise Refused(f"There is no entry {name} in the knowledge base.")
    holds = not row["withdrawn"] and at_desk.running.world.now() < row["valid_until"]
    return KnowledgeView(**row, holds=holds)


@router.get("/knowledge-proposals", operation_id="knowledge_proposals", responses=REFUSALS)
async def list_knowledge_proposals(at_desk: AtDesk, limit: Limit = 100) -> list[OfferView]:
    """Entries that wait for a second person, the oldest first."""
    at_desk.allow("knowledge_proposals")
    rows = await at_desk.read(lambda views: waiting_offers(views, None, limit))
    return [OfferView(**row) for row in rows]


@router.get(
    "/units/{unit_id}/knowledge-proposals",
    operation_id="unit_knowledge_proposals",
    responses=REFUSALS,
)
async def list_proposals_of_a_unit(
    unit_id: Annotated[str, Path(max_length=100)], at_desk: AtDesk, limit: Limit = 100
) -> list[OfferView]:
    """What a unit has proposed and nobody has decided yet."""
    at_desk.allow("unit_knowledge_proposals", unit_id=unit_id)
    rows = await at_desk.read(lambda views: waiting_offers(views, unit_id, limit))
    return [OfferView(**row) for row in rows]


def _knowledge_route(command: type[Command], path: str) -> None:
    async def put(name: Name, at_desk: AtDesk, key: IdempotencyKey, body: Any) -> Answer:
        outcome = await at_desk.ask(command, f"{SUBJECT}/{name}", key, dict(body))
        return answer(at_desk.running.service.name, outcome)

    put.__annotations__["body"] = body_of(command)
    router.add_api_route(
        f"/knowledge/{{name}}/{path}",
        put,
        methods=["POST"],
        operation_id=command.__name__,
        summary=(command.__doc__ or "").strip().splitlines()[0],
        response_model=Answer,
        responses=REFUSALS,
    )


_knowledge_route(ProposeKnowledge, "proposals")
_knowledge_route(ApproveKnowledge, "approvals")
_knowledge_route(RejectKnowledge, "rejections")
_knowledge_route(WithdrawKnowledge, "withdrawal")
