"""What intake must know of a case in order to end it or take it up anew. It decides nothing."""

from dataclasses import dataclass, replace
from datetime import datetime

from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentPassedOn,
    CaseAssigned,
    CoordinationOpened,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.evaluation import ReviewDecided, ReviewDeclined, ReviewRequested
from libs.events.intake import (
    CaseWithdrawn,
    ReopeningAsked,
    ReopeningDeclined,
    WithdrawalCancelled,
    WithdrawalConfirmed,
    WithdrawalRequested,
)

Bearing = (
    CaseAssigned
    | AssignmentPassedOn
    | AssignmentDisputed
    | DisputeDecided
    | CoordinationOpened
    | DispatchStopped
    | ReviewRequested
    | ReviewDecided
    | ReviewDeclined
)
"""What others say that bears on whether a case can be ended or taken up anew."""
Wish = (
    WithdrawalRequested
    | WithdrawalConfirmed
    | WithdrawalCancelled
    | ReopeningAsked
    | ReopeningDeclined
)
"""What was said of ending a case or of taking it up anew, before it was done."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A wish to withdraw that has not taken effect. Without ``through_org`` it needs no confirmation."""

    asked_by: str
    through_org: str | None
    cooling_end: datetime
    confirmed_by: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it is known to be the citizen's own wish."""
        return self.through_org is None or self.confirmed_by is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """What others said that bears on an end: dispatch the first three fields, evaluation the rest.

    ``units`` lead or assist; ``freed_at``: when the last dispute was decided; ``finalised``: 三级终结.
    """

    units: tuple[str, ...] = ()
    disputed: bool = False
    freed_at: datetime | None = None
    in_review: bool = False
    reviewed_at: datetime | None = None
    finalised: bool = False

    def after(self, event: Bearing) -> "Standing":
        """What stands after a fact."""
        match event:
            case CaseAssigned():
                return replace(self, units=tuple(sorted({*self.units, event.org})))
            case AssignmentPassedOn():
                heirs = {event.org if one == event.from_org else one for one in self.units}
                return replace(self, units=tuple(sorted(heirs)))
            case AssignmentDisputed():
                return replace(self, disputed=True)
            case DisputeDecided():
                units = () if event.outcome == "upheld" else self.units
                return replace(self, disputed=False, freed_at=event.occurred_at, units=units)
            case CoordinationOpened() | DispatchStopped():
                return replace(self, disputed=False, units=())
            case ReviewRequested():
                return replace(self, in_review=True)
            case ReviewDecided():
                at = event.occurred_at
                return replace(self, in_review=False, reviewed_at=at, finalised=event.final)
            case ReviewDeclined():
                return replace(self, in_review=False, reviewed_at=event.occurred_at)


STANDING_WELL = Standing()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the citizen wants of a case besides its being handled: to withdraw it, or to take it up anew."""

    withdrawal: Withdrawal | None = None
    reopening_asked: bool = False

    def after(self, event: Wish | CaseWithdrawn) -> "Wishes":
        """What stands after a fact."""
        match event:
            case WithdrawalRequested():
                asked = Withdrawal(event.actor.id, event.through_org, event.cooling_end)
                return replace(self, withdrawal=asked)
            case WithdrawalConfirmed() if self.withdrawal is not None:
                confirmed = replace(
                    self.withdrawal, confirmed_by=event.actor.id, cooling_end=event.cooling_end
                )
                return replace(self, withdrawal=confirmed)
            case WithdrawalCancelled() | CaseWithdrawn():
                return replace(self, withdrawal=None)
            case ReopeningAsked() | ReopeningDeclined():
                return replace(self, reopening_asked=isinstance(event, ReopeningAsked))
            case _:
                return self


NO_WISH = Wishes()
