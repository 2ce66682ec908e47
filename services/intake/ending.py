"""What intake must know of a case in order to end it or take it up anew. It decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
from libs.rules.replacing import replace

Bearing = (
    CaseAssigned
    | AssignmentPassedOn
    | AssignmentDisputed
    | DisputeDecided
    | CoordinationOpened
    | DispatchStopped
    | ReviewRequested
    | ReviewDeclined
    | ReviewDecided
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
    """What others said that bears on an end: dispatch the first four fields, evaluation the rest.

    ``lead`` is the lead's assignment, ``units`` who has the case, by assignment; ``freed_at``: when the
    lead's last dispute was decided; ``finalised``: 三级终结.
    """

    lead: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    disputed: bool = False
    freed_at: datetime | None = None
    in_review: bool = False
    reviewed_at: datetime | None = None
    finalised: bool = False

    def after(self, event: Bearing) -> "Standing":
        """What stands after a fact."""
        match event:
            case CaseAssigned():
                units = {**self._without(event.prev_assignment), event.assignment_id: event.org}
                lead = event.assignment_id if event.role == "lead" else self.lead
                return replace(self, lead=lead, units=dict(sorted(units.items())))
            case AssignmentPassedOn():
                passed = {**self.units, event.assignment_id: event.org}
                return replace(self, units=dict(sorted(passed.items())))
            case AssignmentDisputed():
                return replace(self, disputed=self.disputed or event.assignment_id == self.lead)
            case DisputeDecided() if event.assignment_id != self.lead:
                gone = event.assignment_id if event.outcome == "upheld" else None
                return replace(self, units=self._without(gone))
            case DisputeDecided():
                decided = replace(self, disputed=False, freed_at=event.occurred_at)
                return decided if event.outcome == "denied" else replace(decided, units={})
            case CoordinationOpened() | DispatchStopped():
                return replace(self, disputed=False, units={})
            case ReviewRequested():
                return replace(self, in_review=True)
            case ReviewDeclined():
                return replace(self, in_review=False, reviewed_at=event.occurred_at)
            case ReviewDecided():
                final = self.finalised or event.final
                return replace(
                    self, in_review=False, reviewed_at=event.occurred_at, finalised=final
                )

    def _without(self, assignment_id: str | None) -> dict[str, str]:
        return {of: org for of, org in self.units.items() if of != assignment_id}


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
