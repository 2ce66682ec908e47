"""What oversight answers over HTTP: the shapes alone."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Json

Codes = Annotated[list[str], BeforeValidator(str.split)]


class Watched(BaseModel):
    """A case as oversight sees it: who has it, who presses for it (`none`, `urged`, `supervised`, `listed`,
    `leader`), and until when."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    receipt_no: str | None
    category: str | None
    adcode: str | None
    unit_id: str | None
    status: str | None
    oversight: str
    supervision_level: int
    registered_at: datetime | None
    due_handle: datetime | None
    overdue: bool
    leader: str | None
    leader_level: str | None
    due_leader: datetime | None
    old_since: datetime | None


class Proposed(Watched):
    """A case of which the clock asks a person something: by proposal, to list it or to give it to a leader."""

    proposals: Json[dict[str, str]]


class LevelTotal(BaseModel):
    """What the leaders of a rank took together, and how many that should be (十百千)."""

    level: str
    cases: int
    wanted: int | None
    reached: bool | None


class LeaderTotal(BaseModel):
    """What was given to one leader, and what is still with the leader."""

    level: str
    leader: str
    cases: int
    open: int


class LeaderTotals(BaseModel):
    """Leaders' cases by rank and by leader."""

    levels: list[LevelTotal]
    leaders: list[LeaderTotal]


class Rate(BaseModel):
    """A figure with what it is made of; nothing where it is of nothing (domain 4.1)."""

    definition_id: str
    value: Decimal | None
    numerator: int
    denominator: int


class OldCases(BaseModel):
    """The old cases (积案) that are open, and how many of those listed are resolved (化解率, K27).

    ``delisted``: so many a supervisor took off, each with a reason; they are in no rate.
    """

    resolved: Rate
    open: int
    delisted: int
    cases: list[Watched]


class OldListing(BaseModel):
    """How a case came on the list of old cases the last time, and whether it was taken off (积案销号). Words are
    shown only to who says for what purpose they are read."""

    case_id: str
    listed_at: datetime
    ground: str
    note: str | None
    delisted_at: datetime | None
    reason: str | None


class Duty(BaseModel):
    """Something that is or was owed. Words are shown only to who says for what purpose they are read."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    id: str
    step: str
    kind: str
    level: str | None
    of_id: str | None
    unit_id: str | None
    leader: str | None
    team: Codes
    shown: bool
    cluster: bool
    by_role: str
    given_at: datetime
    due_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    found: int | None
    late: bool
    evidence: Codes
    words: str | None = None
    answer: str | None = None
    closing: str | None = None


class RecommendationTotal(BaseModel):
    """How many recommendations of a kind were made in the year, and what became of them."""

    kind: str
    made: int
    adopted: int
    partly: int
    declined: int
    open: int
    late: int


class Recommendations(BaseModel):
    """The recommendations of a year, for its report (信访工作条例 Art. 41)."""

    year: int
    totals: list[RecommendationTotal]
    recommendations: list[Duty]


class InstructionTotal(BaseModel):
    """What leaders wrote to one unit in the year and what became of it: of ``given`` so many were searches for the
    like (举一反三), and so many like problems were ``found`` in them."""

    unit_id: str
    given: int
    answered: int
    open: int
    late: int
    similar: int
    found: int


class Instructions(BaseModel):
    """The instructions of a year (批示), by unit and one by one."""

    year: int
    totals: list[InstructionTotal]
    instructions: list[Duty]


class Figures(BaseModel):
    """A line of the daily list: of a unit, or of a district."""

    unit_id: str | None = None
    adcode: str | None = None
    new: int
    due_today: int
    due_soon: int
    overdue: int
    unsigned: int
    supervised: int
    to_answer: int
    instructions: int
    recommendations: int
