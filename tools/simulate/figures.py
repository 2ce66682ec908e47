"""What became of a simulation's cases, read from the services' own tables, never from the input."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import ceil
from statistics import fmean, median
from typing import ClassVar

import sqlalchemy as sa

from libs.host.run import Host
from libs.sourcing.tables import events
from libs.sourcing.views import Views
from services.intake.projection import cases as intake_cases
from services.supervision.projection import watches
from tools.simulate.people import Case


@dataclass(frozen=True, slots=True)
class Figures:
    """The table that a simulation ends with. Days are calendar days from registration to reply."""

    cases: int
    events: int
    closed: int
    referred: int
    days_mean: float
    days_median: float
    days_p90: float
    warned: int
    breached: int

    MEANING: ClassVar[dict[str, str]] = {
        "cases": "registered, in both realms",
        "events": "facts in the log about them",
        "closed": "ended by the full guard",
        "referred": "ended by referral, with its ground",
        "days_mean": "mean days from registration to reply",
        "days_median": "median of the same",
        "days_p90": "90th percentile, nearest rank",
        "warned": "cases warned on their HANDLE limit",
        "breached": "cases whose HANDLE limit was breached",
    }

    def as_dict(self) -> dict[str, float]:
        """Name and value, in the order of the table."""
        return asdict(self)


async def figures(host: Host, cases: Sequence[Case]) -> Figures:
    """Count over the tables of intake and supervision, and the log."""
    wanted = {case.case_id for case in cases}
    statuses: list[str] = []
    days: list[float] = []
    warned = breached = stated = 0
    for realm in host.worlds:
        rows = await host.find("intake", realm).read(_intake_rows)
        for case_id, status, registered_at, delivered_at in rows:
            if case_id in wanted:
                statuses.append(status)
                if delivered_at is not None:
                    days.append(_days(registered_at, delivered_at))
        for case_id, was_warned, was_breached in await host.find("supervision", realm).read(_watches):
            if case_id in wanted:
                warned += was_warned
                breached += was_breached
    for running in host.running:
        stated += sum(n for case_id, n in await running.read(_stated) if case_id in wanted)
    days.sort()
    return Figures(
        cases=len(statuses),
        events=stated,
        closed=statuses.count("closed"),
        referred=statuses.count("referred"),
        days_mean=round(fmean(days), 2) if days else 0.0,
        days_median=round(median(days), 2) if days else 0.0,
        days_p90=round(days[ceil(0.9 * len(days)) - 1], 2) if days else 0.0,
        warned=warned,
        breached=breached,
    )


def _days(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 86_400


def _stated(views: Views) -> list[tuple[str, int]]:
    """Every service's own streams: with the outboxes empty, the log holds these and no others."""
    query = sa.select(events.c.case_id, sa.func.count().label("n")).group_by(events.c.case_id)
    return [(row["case_id"], row["n"]) for row in views.rows(query)]


def _intake_rows(views: Views) -> list[tuple[str, str, datetime, datetime | None]]:
    columns = [intake_cases.c[n] for n in ("case_id", "status", "registered_at", "delivered_at")]
    return [tuple(row.values()) for row in views.rows(sa.select(*columns))]


def _watches(views: Views) -> list[tuple[str, bool, bool]]:
    columns = [watches.c[n] for n in ("case_id", "handle_warned", "handle_breached")]
    return [tuple(row.values()) for row in views.rows(sa.select(*columns))]
