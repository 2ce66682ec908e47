"""What is told of figures over HTTP. It asks no table and counts nothing."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict


class ChangeView(BaseModel):
    """Points of a rate, days of a duration, per cent of a volume; none where nothing was before."""

    model_config = ConfigDict(from_attributes=True)

    unit: str
    value: Decimal | None
    note: str


class CapView(BaseModel):
    """What share of the cases that a rate is of may be left out of it by a unit, and by what that holds."""

    model_config = ConfigDict(from_attributes=True)

    cap: float
    source: str


class FigureView(BaseModel):
    """A figure. ``numerator`` of one in days is the sum of its seconds. ``left_out``: how many cases are left out
    of it (考核剔除), and ``excluded`` why, where that points at nobody; ``beyond_cap``: how many more were to be
    and count nevertheless. ``corrected``: the value without what a panel found not to count, if it found such
    (第三方评价). ``too_few``: it would point at few people."""

    definition_id: str
    zh: str
    means: str
    cohort: str
    unit: str
    value: Decimal | None
    numerator: int | None
    denominator: int | None
    excluded: dict[str, int]
    left_out: int | None = None
    beyond_cap: int | None = None
    corrected: Decimal | None = None
    too_few: bool = False
    median: Decimal | None = None
    p90: Decimal | None = None
    before: Decimal | None = None
    change: ChangeView | None = None


class Span(BaseModel):
    """A period, until before ``until``; which cases are in it, each figure's cohort says."""

    since: datetime
    until: datetime


class FiguresView(BaseModel):
    """The figures of a period as things stand ``as_of``, against another. ``policy_version``: the pack that
    is in force for the city now; each case keeps its own. ``exclusion_cap`` is that pack's."""

    period: Span
    against: Span
    as_of: datetime
    policy_version: str
    exclusion_cap: CapView | None
    figures: list[FigureView]


class UnitFigures(BaseModel):
    """The figures of one unit."""

    unit_id: str
    figures: list[FigureView]


class FiguresByUnit(BaseModel):
    """The figures of each unit, by its id and not by rank."""

    period: Span
    as_of: datetime
    policy_version: str
    exclusion_cap: CapView | None
    units: list[UnitFigures]


class PartView(BaseModel):
    """A part of the whole; without its count where that could point at few people."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    zh: str
    count: int | None
    share: Decimal | None


class VolumeView(BaseModel):
    """A table of the report. ``faults``: what of it does not add up; such a table is not published."""

    model_config = ConfigDict(from_attributes=True)

    by: str
    total: int
    parts: list[PartView]
    top: list[str]
    top_count: int
    top_share: Decimal | None
    faults: list[str]


class ReportView(FiguresView):
    """The report of a period (分析汇报): what was asked, and how it was dealt with."""

    tables: list[VolumeView]
