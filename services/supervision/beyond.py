"""What befalls few cases beside their clocks: duties by a limit that a person set, proposals of the ladder, age.

It is kept apart, for a state is copied with each fact. Nothing here decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from libs.events.base import Event
from libs.events.intake import PersonalDataErased
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineWarned,
    EscalationDismissed,
    EscalationProposed,
    InstructionAnswered,
    InstructionGiven,
    LeaderAssigned,
    LeaderReleased,
    OldCaseDelisted,
    OldCaseListed,
    RecommendationAnswered,
    RecommendationMade,
    SupervisionIssued,
)
from libs.rules.replacing import replace

LEADERS = "leaders"
"""Who answers for the limit of a leader's case. No figure and no breach names the person."""
LISTED = 3
"""The highest level of a supervision, 挂牌督办."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What somebody owes by a limit that was set for it: an answer to an instruction or a recommendation,
    or, of a leader, the end of the case. ``step`` is its timer's name; ``leader`` the account."""

    step: str
    at: datetime
    due_at: datetime
    owner_org: str
    kind: str = ""
    leader: str = ""
    ended_at: datetime | None = None
    stated: tuple[str, ...] = ()
    breached: bool = False


@dataclass(frozen=True, slots=True)
class Beyond:
    """By supervision's own facts, but ``members`` and ``erased_at``, which are intake's word: the cases that this
    one leads, and since when the words of this one are gone, so that nobody can answer to them any more.

    ``duties`` by timer. ``retracted``: how often a clock's breach was taken back. ``proposals``: to what,
    nothing once a person has looked at it. ``delisted``: a supervisor took it off the old cases, and its age
    puts it there no more. Duties, ``old``, ``delisted`` and ``erased_at`` outlive a round of the case.
    """

    duties: Mapping[str, Duty] = field(default_factory=dict)
    retracted: Mapping[str, int] = field(default_factory=dict)
    proposals: Mapping[str, str] = field(default_factory=dict)
    listed: bool = False
    old: bool = False
    delisted: bool = False
    members: tuple[str, ...] = ()
    erased_at: datetime | None = None

    @property
    def led(self) -> bool:
        """Whether a leader answers for the case, or has."""
        return any(duty.step == "LEADER" for duty in self.duties.values())

    @property
    def leader(self) -> Duty | None:
        """The leader who answers for the case, if one does."""
        found = (d for d in self.duties.values() if d.step == "LEADER" and d.ended_at is None)
        return next(found, None)


NOTHING = Beyond()
"""What most cases have of it."""


def outlives(event: Event, beyond: Beyond) -> bool:
    """Whether a fact counts though the case was taken up anew since: what is owed is owed still."""
    match event:
        case (
            OldCaseListed()
            | OldCaseDelisted()
            | LeaderAssigned()
            | LeaderReleased()
            | InstructionGiven()
            | InstructionAnswered()
            | RecommendationMade()
            | RecommendationAnswered()
            | PersonalDataErased()
        ):
            return True
        case DeadlineWarned() | DeadlineBreached() | BreachRetracted():
            return event.timer in beyond.duties
        case _:
            return False


def anew(beyond: Beyond) -> Beyond:
    """What stays of it in a new round."""
    return Beyond(
        duties=beyond.duties, old=beyond.old, delisted=beyond.delisted, erased_at=beyond.erased_at
    )


def evolve_beyond(beyond: Beyond, event: Event) -> Beyond:
    """What a fact makes of it. The first answer counts; nothing fails."""
    at = event.occurred_at
    match event:
        case InstructionGiven():
            owed = Duty("INSTRUCTION", at, event.due_at, event.addressee, kind=event.kind)
            return _owe(beyond, event.instruction_id, owed)
        case InstructionAnswered():
            return _end(beyond, f"INSTRUCTION.{event.instruction_id}", at)
        case RecommendationMade():
            owed = Duty("RECOMMENDATION", at, event.due_at, event.addressee, kind=event.kind)
            return _owe(beyond, event.recommendation_id, owed)
        case RecommendationAnswered():
            return _end(beyond, f"RECOMMENDATION.{event.recommendation_id}", at)
        case LeaderAssigned():
            owed = Duty("LEADER", at, event.due_at, LEADERS, event.level, event.leader)
            return _settled(_owe(beyond, event.leadership_id, owed), "listed", "leader")
        case LeaderReleased():
            return _end(beyond, f"LEADER.{event.leadership_id}", at)
        case PersonalDataErased():
            return replace(beyond, erased_at=beyond.erased_at or at)
        case OldCaseListed():
            return replace(beyond, old=True)
        case OldCaseDelisted():
            return replace(beyond, old=False, delisted=True)
        case EscalationProposed():
            if event.proposal_id in beyond.proposals:
                return beyond
            return replace(beyond, proposals=_with(beyond.proposals, event.proposal_id, event.to))
        case EscalationDismissed():
            return replace(beyond, proposals=_with(beyond.proposals, event.proposal_id, ""))
        case SupervisionIssued() if event.level == LISTED:
            return replace(_settled(beyond, "listed"), listed=True)
        case DeadlineWarned() if event.timer in beyond.duties:
            duty = beyond.duties[event.timer]
            said = tuple(sorted({*duty.stated, event.threshold}))
            return _change(beyond, event.timer, replace(duty, stated=said))
        case DeadlineBreached() if event.timer in beyond.duties:
            return _change(beyond, event.timer, replace(beyond.duties[event.timer], breached=True))
        case BreachRetracted() if event.timer in beyond.duties:
            return _change(beyond, event.timer, replace(beyond.duties[event.timer], breached=False))
        case BreachRetracted():
            times = beyond.retracted.get(event.timer, 0) + 1
            return replace(beyond, retracted=_with(beyond.retracted, event.timer, times))
        case _:
            return beyond


def _owe(beyond: Beyond, id_: str, duty: Duty) -> Beyond:
    name = f"{duty.step}.{id_}"
    return beyond if name in beyond.duties else _change(beyond, name, duty)


def _end(beyond: Beyond, name: str, at: datetime) -> Beyond:
    duty = beyond.duties.get(name)
    if duty is None or duty.ended_at is not None:
        return beyond
    return _change(beyond, name, replace(duty, ended_at=at))


def _change(beyond: Beyond, name: str, duty: Duty) -> Beyond:
    return replace(beyond, duties=_with(beyond.duties, name, duty))


def _settled(beyond: Beyond, *done: str) -> Beyond:
    """A person has done what was proposed, or more."""
    open_ = [name for name, to in beyond.proposals.items() if to in done]
    if not open_:
        return beyond
    return replace(beyond, proposals={**beyond.proposals, **dict.fromkeys(open_, "")})


def _with(values: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    return dict(sorted({**values, key: value}.items()))
