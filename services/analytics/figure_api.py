"""Figures over HTTP: each with its definition, what it is made of, what was left out and what changed.

Nobody is ranked by them (国办函〔2025〕66号: 不片面追求排名).
"""

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import Query

from libs.host.http import REFUSALS, AtDesk, Desk
from libs.rules.calendar import SHANGHAI
from libs.rules.figures import (
    Change,
    Counted,
    Period,
    change,
    corrected,
    days,
    month_of,
    value_of,
)
from libs.rules.left_out import ExclusionCap
from libs.rules.small_cells import hidden_in
from libs.sourcing.decider import Refused
from libs.sourcing.views import Views
from services.analytics.api import router
from services.analytics.cells import figures_shown, reasons_of_the_city, reasons_shown
from services.analytics.figure_shapes import (
    CapView,
    ChangeView,
    FiguresByUnit,
    FiguresView,
    FigureView,
    ReportView,
    Span,
    UnitFigures,
    VolumeView,
)
from services.analytics.figures import ALL, Definition, definitions, figures, reply_times
from services.analytics.volumes import volume, volumes

figure_router = router
"""The service's router, with the routes of this file."""
NOTHING = Counted(0, 0)
DAY = timedelta(days=1)
Month = Annotated[
    str | None,
    Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="As 2026-11; the running one if left out."),
]
Since = Annotated[date | None, Query(description="With `until`, a period of its own: its first day.")]
Until = Annotated[date | None, Query(description="The last day of that period.")]
Against = Annotated[
    Literal["previous", "year_before"],
    Query(description="The adjacent period (环比), or the same of last year (同比)."),
]


@router.get("/figures", operation_id="figures", responses=REFUSALS)
async def show_figures(
    at_desk: AtDesk,
    month: Month = None,
    since: Since = None,
    until: Until = None,
    against: Against = "previous",
) -> FiguresView:
    """The city's figures of a period and what changed against another."""
    at_desk.allow("figures")
    return await _figures(at_desk, _period(at_desk, month, since, until), against)


@router.get("/figures/units", operation_id="figures_by_unit", responses=REFUSALS)
async def show_figures_by_unit(
    at_desk: AtDesk, month: Month = None, since: Since = None, until: Until = None
) -> FiguresByUnit:
    """Each unit's figures of a period; what could point at few citizens is left out."""
    at_desk.allow("figures_by_unit")
    world, period = at_desk.running.world, _period(at_desk, month, since, until)
    now, cap = world.now(), _cap(at_desk)
    found = await at_desk.read(lambda views: figures(views, period, now, cap, by_unit=True))
    units: dict[str, list[FigureView]] = {}
    for definition in definitions(now):
        of_units = found[definition.id]
        seen = figures_shown(definition, of_units)
        reasons = reasons_shown(of_units, hide=hidden_in(seen))
        for unit, counted in seen.items():
            shown = _hidden(definition)
            if counted is not None:
                shown = _view(definition, counted, reasons[unit])
            units.setdefault(unit, []).append(shown)
    return FiguresByUnit(
        period=_span(period),
        as_of=now,
        policy_version=_policy(at_desk),
        exclusion_cap=_cap_view(cap),
        units=[UnitFigures(unit_id=unit, figures=units[unit]) for unit in sorted(units)],
    )


@router.get("/report", operation_id="report", responses=REFUSALS)
async def show_report(
    at_desk: AtDesk,
    month: Month = None,
    since: Since = None,
    until: Until = None,
    against: Against = "previous",
) -> ReportView:
    """What was asked in a period by channel, kind and field, with the figures; each table is recomputed."""
    at_desk.allow("report")
    period, rules = _period(at_desk, month, since, until), at_desk.running.world.rules
    counts = await at_desk.read(lambda views: volumes(views, period))
    tables = [VolumeView(**asdict(volume(by, of, rules))) for by, of in counts.items()]
    found = await _figures(at_desk, period, against)
    return ReportView(**found.model_dump(), tables=tables)


def _period(at_desk: Desk, month: str | None, since: date | None, until: date | None) -> Period:
    if (since is None) != (until is None):
        raise Refused("since, until: name both days of the period, or neither.")
    if since is not None and until is not None:
        if month is not None:
            raise Refused("month: name a month, or the days of a period of its own.")
        if until < since:
            raise Refused("until: a period ends on its first day at the soonest.")
        if (until - since).days > 366:
            raise Refused("until: a period is a year at the most.")
        first, last = (datetime.combine(day, time(), SHANGHAI) for day in (since, until))
        return Period(first, last + DAY)
    if month is not None:
        return month_of(datetime.fromisoformat(f"{month}-01").replace(tzinfo=SHANGHAI))
    return month_of(at_desk.running.world.now())


async def _figures(at_desk: Desk, period: Period, against: str) -> FiguresView:
    now, cap = at_desk.running.world.now(), _cap(at_desk)
    then = period.before() if against == "previous" else period.year_before()

    def ask(views: Views) -> list[FigureView]:
        found, before = figures(views, period, now, cap), figures(views, then, now, cap)
        times = reply_times(views, period, cap) or {}
        shown = []
        for definition in definitions(now):
            counted = found[definition.id].get(ALL, NOTHING)
            view = _view(definition, counted, reasons_of_the_city(counted))
            view.before = value_of(before[definition.id].get(ALL, NOTHING), definition.unit)
            lengths = (period.length, then.length)
            view.change = _changed(change(view.value, view.before, definition.unit, lengths))
            if definition.unit == "days":
                view.median, view.p90 = (days(times[n]) if times else None for n in ("median", "p90"))
            shown.append(view)
        return shown

    return FiguresView(
        period=_span(period),
        against=_span(then),
        as_of=now,
        policy_version=_policy(at_desk),
        exclusion_cap=_cap_view(cap),
        figures=await at_desk.read(ask),
    )


def _view(definition: Definition, counted: Counted, reasons: dict[str, int]) -> FigureView:
    taken = counted.taken_back or counted.taken_out
    return FigureView(
        **_of(definition),
        value=value_of(counted, definition.unit),
        numerator=counted.numerator,
        denominator=counted.denominator,
        excluded=reasons,
        left_out=sum(counted.excluded.values()),
        beyond_cap=counted.beyond_cap,
        corrected=value_of(corrected(counted), definition.unit) if taken else None,
    )


def _hidden(definition: Definition) -> FigureView:
    return FigureView(
        **_of(definition), value=None, numerator=None, denominator=None, excluded={}, too_few=True
    )


def _of(definition: Definition) -> dict[str, str]:
    return {
        "definition_id": definition.id,
        "zh": definition.zh,
        "means": definition.means,
        "cohort": definition.cohort,
        "unit": definition.unit,
    }


def _changed(found: Change) -> ChangeView:
    return ChangeView.model_validate(found)


def _span(period: Period) -> Span:
    return Span(since=period.since, until=period.until)


def _policy(at_desk: Desk) -> str:
    rules = at_desk.running.world.rules
    return rules.pack(rules.default_pack).name


def _cap(at_desk: Desk) -> ExclusionCap | None:
    """A figure is of cases of many packs; the cap is that of the pack that is in force for the city now."""
    rules = at_desk.running.world.rules
    return rules.pack(rules.default_pack).exclusion


def _cap_view(cap: ExclusionCap | None) -> CapView | None:
    return CapView.model_validate(cap) if cap is not None else None
