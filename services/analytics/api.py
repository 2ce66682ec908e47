"""Analytics over HTTP: totals, each measure a plain count of cases by the month they were registered in."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from libs.host.http import REFUSALS, AtDesk
from libs.rules.knowledge import answered_categories
from libs.rules.small_cells import fewest_of
from services.analytics.cells import cells
from services.analytics.projection import MEASURES, topics, totals, week_of

router = APIRouter()
Month = Annotated[str | None, Query(pattern=r"^[0-9]{4}-[0-9]{2}$", description="As 2026-11; all if left out.")]


class Totals(BaseModel):
    """How many cases, by what has happened to them. ``cohort`` says which cases are counted."""

    cohort: str = "registered_in"
    month: str | None
    counts: dict[str, int]


class TotalsBy(BaseModel):
    """The same by the values of a dimension. ``too_few`` values have too few cases to be named, and a count
    that could point at few people, or from which one could be told, is left out (G06)."""

    cohort: str = "registered_in"
    month: str | None
    dimension: str
    counts: dict[str, dict[str, int | None]]
    too_few: int


@router.get("/totals", operation_id="totals", responses=REFUSALS)
async def show_totals(at_desk: AtDesk, month: Month = None) -> Totals:
    """All cases."""
    at_desk.allow("totals")
    found = await at_desk.read(lambda views: totals(views, "all", month))
    return Totals(month=month, counts=found.get("all", dict.fromkeys(MEASURES, 0)))


@router.get("/totals/categories", operation_id="totals_by_category", responses=REFUSALS)
async def show_totals_by_category(at_desk: AtDesk, month: Month = None) -> TotalsBy:
    """By category."""
    at_desk.allow("totals_by_category")
    return await _by("category", at_desk, month)


@router.get("/totals/units", operation_id="totals_by_unit", responses=REFUSALS)
async def show_totals_by_unit(at_desk: AtDesk, month: Month = None) -> TotalsBy:
    """By handling unit."""
    at_desk.allow("totals_by_unit")
    return await _by("unit", at_desk, month)


@router.get("/totals/channels", operation_id="totals_by_channel", responses=REFUSALS)
async def show_totals_by_channel(at_desk: AtDesk, month: Month = None) -> TotalsBy:
    """By channel: letters to the secretary's, the mayor's, the districts' and the towns' mailboxes each
    have one of their own."""
    at_desk.allow("totals_by_channel")
    return await _by("channel", at_desk, month)


@router.get("/totals/mailboxes", operation_id="totals_by_mailbox", responses=REFUSALS)
async def show_totals_by_mailbox(at_desk: AtDesk, month: Month = None) -> TotalsBy:
    """By the mailbox that was written to, by its id in the reference data."""
    at_desk.allow("totals_by_mailbox")
    return await _by("mailbox", at_desk, month)


class FrequentTopic(BaseModel):
    """A category about which many asked in a week and of which the knowledge base says nothing yet.

    ``topic`` is what an entry that answers it names in ``answers_topic``.
    """

    topic: str
    week: str
    category: str
    zh: str
    en: str
    count: int


@router.get("/topics", operation_id="topics", responses=REFUSALS)
async def list_topics(
    at_desk: AtDesk,
    weeks: Annotated[int, Query(ge=1, le=26, description="how many weeks, the running one with them")] = 4,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[FrequentTopic]:
    """What waits to be interpreted (回应解读): counts of a category in a week, most first; no case, no person."""
    at_desk.allow("topics")
    world = at_desk.running.world
    now, rules = world.now(), world.rules
    wanted = [week_of(now - timedelta(weeks=back)) for back in range(weeks)]
    found = await at_desk.read(lambda views: topics(views, wanted))
    answered = answered_categories(rules.knowledge, now)
    frequent = []
    for week, category, count in found:
        if category == "none" or category in answered or count < fewest_of(category):
            continue
        leaf, topic = rules.leaf(category), f"{week}/{category}"
        if not leaf.restricted:
            frequent.append(
                FrequentTopic(
                    topic=topic, week=week, category=category, zh=leaf.zh, en=leaf.en, count=count
                )
            )
    return frequent[:limit]


async def _by(dimension: str, at_desk: AtDesk, month: str | None) -> TotalsBy:
    found = await at_desk.read(lambda views: totals(views, dimension, month))
    counts = cells(found, dimension == "category")
    return TotalsBy(
        month=month, dimension=dimension, counts=counts, too_few=len(found) - len(counts)
    )
