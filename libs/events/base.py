"""What a fact looks like, whoever states it. Nothing here decides, reads or writes."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Marker(Enum):
    """What a field of a command may be marked with. ``CONTACT`` besides ``PERSONAL``: under a key of its own."""

    PERSONAL = "personal"
    CONTACT = "contact"


SealedText = Annotated[str, StringConstraints(pattern=r"^lx1\.[A-Za-z0-9_-]{38,}$")]
"""Ciphertext under the key of the case. An event cannot be built with these words in clear."""


class Actor(BaseModel):
    """Who acted. ``id`` names an account or ``citizen``; never a person's name or number."""

    model_config = ConfigDict(frozen=True)

    id: str
    role: str
    org: str | None = None
    on_behalf_of: str | None = None


SYSTEM = Actor(id="system", role="system")
"""Timers and policies: what no person did."""


class Versions(BaseModel):
    """The reference data that a fact was decided with, each as ``name/version``."""

    model_config = ConfigDict(frozen=True)

    policy: str
    calendar: str
    taxonomy: str
    organisations: str


class Event(BaseModel):
    """Something that happened to a case: past tense, immutable, readable without its neighbours.

    ``occurred_at`` may lie before the time of recording (a phone note, an import), never after.
    ``round`` counts how often the case was taken up anew; readers ignore an old round.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: ClassVar[int] = 1

    case_id: str
    occurred_at: AwareDatetime
    actor: Actor
    round: int = Field(default=0, ge=0)
    decided_with: Versions

    @classmethod
    def owner(cls) -> str:
        """The service that states this fact: the module the event is written in."""
        return cls.__module__.rsplit(".", 1)[-1]

    @classmethod
    def type(cls) -> str:
        """The stored name, such as ``intake.CaseRegistered``. It never changes."""
        return f"{cls.owner()}.{cls.__name__}"


def in_round(case_id: str, round_: int) -> str:
    """How a case is called in the numbers of its assignments, replies and the like: they count anew in
    each round, and none is given twice."""
    return f"{case_id}.n{round_}" if round_ else case_id


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in its envelope: CloudEvents 1.0 attributes and the extensions of ADR 0002.

    ``seq`` counts per (case, owner) from 1, so a reader can drop what it has had.
    ``cause_partition`` and ``cause_offset`` place the record that this one answers, if any.
    """

    event_id: str
    event: Event
    seq: int
    recorded_at: datetime
    correlation_id: str
    causation_id: str
    cause_partition: int | None = None
    cause_offset: int | None = None
    traceparent: str | None = None
