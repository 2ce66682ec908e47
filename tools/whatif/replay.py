"""One case twice: as it was stated, and under another pack. Supervision's own rules keep both clocks.

Pure: it reads no log and no clock.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from libs.events.base import Event
from libs.events.feedback import ReplySubmitted
from libs.events.intake import CaseRegistered
from libs.events.supervision import BreachRetracted, DeadlineBreached, DeadlineWarned
from libs.rules.rules import Rules
from services.supervision.commands import StateDeadline
from services.supervision.decider import Watch, evolve, pending
from tools.whatif.restating import OWN_STATEMENTS, Restating

Passed = Mapping[str, frozenset[str]]
"""By clock: which of amber, red and breach it has passed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A clock as it ended or stands: when it began, when it is due, and what it has passed."""

    started_at: datetime
    due_at: datetime
    passed: frozenset[str]

    @property
    def days(self) -> float:
        """The limit in calendar days."""
        return (self.due_at - self.started_at).total_seconds() / 86_400

    @property
    def breached(self) -> bool:
        """Whether it was late."""
        return "breach" in self.passed


@dataclass(frozen=True, slots=True)
class Pair:
    """The same clock under both packs."""

    case_id: str
    receipt_no: str
    clock: str
    step: str
    sla_class: str
    stated: Outcome
    other: Outcome


class _Side:
    """A case under one pack. What a clock passed before a reply went to review is remembered, for
    under review HANDLE rests and supervision speaks of it no more."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.watch = Watch()
        self._before_review: Passed = {}

    def take(self, event: Event) -> None:
        if isinstance(event, ReplySubmitted):
            self._before_review = self._passed(event.case_id, event.occurred_at)
        self.watch = evolve(self.watch, event)

    def outcomes(self, case_id: str, as_of: datetime) -> dict[str, Outcome]:
        passed = self._passed(case_id, as_of)
        before = self._before_review if self.watch.waiting else {}
        return {
            name: Outcome(
                clock.at,
                clock.due_at,
                passed.get(name, frozenset()) | before.get(name, frozenset()),
            )
            for name, clock in self.watch.started.items()
            if clock.at <= as_of
        }

    def _passed(self, case_id: str, as_of: datetime) -> Passed:
        found: dict[str, frozenset[str]] = {}
        for due in pending(case_id, self.watch, self.rules):
            if isinstance(due, StateDeadline) and due.occurred_at <= as_of:
                found[due.clock] = found.get(due.clock, frozenset()) | {due.threshold}
        return found


class Replay:
    """A case, fed with its facts in the order of the log."""

    def __init__(self, case_id: str, policy: str, rules: Rules) -> None:
        self.case_id, self.receipt_no = case_id, ""
        self.registered_at: datetime | None = None
        self.last_seq: dict[str, int] = {}
        self.broken: str | None = None
        """Why the case cannot be replayed, if it cannot."""
        self.restating = Restating(policy, rules)
        self._stated, self._other = _Side(rules), _Side(rules)
        self._in_the_log: set[tuple[str, str]] = set()

    def take(self, event: Event) -> None:
        """Hear a fact. One that cannot be restated makes the case broken; it never raises."""
        if isinstance(event, CaseRegistered):
            self.registered_at, self.receipt_no = event.occurred_at, event.receipt_no
        if event.type() in OWN_STATEMENTS:
            self._remember(event)
            return
        try:
            self._stated.take(event)
            self._other.take(self.restating.restate(event))
        except ValueError as error:
            self.broken = str(error)

    def pairs(self, as_of: datetime) -> list[Pair]:
        """Every clock of the case under both packs, as of an instant. Raises ``ValueError``."""
        stated, other = (side.outcomes(self.case_id, as_of) for side in (self._stated, self._other))
        return list(self._paired(stated, other))

    def agrees(self, as_of: datetime) -> bool:
        """Whether the replay under the case's own pack says what supervision itself said."""
        made = {
            (name, threshold)
            for name, outcome in self._stated.outcomes(self.case_id, as_of).items()
            for threshold in outcome.passed
        }
        return made == self._in_the_log

    def _paired(self, stated: dict[str, Outcome], other: dict[str, Outcome]) -> Iterator[Pair]:
        for name in stated.keys() & other.keys():
            step = self._stated.watch.started[name].step
            yield Pair(
                self.case_id,
                self.receipt_no,
                name,
                step,
                self._stated.watch.sla_class,
                stated[name],
                other[name],
            )

    def _remember(self, event: Event) -> None:
        match event:
            case DeadlineWarned():
                self._in_the_log.add((event.timer, event.threshold))
            case DeadlineBreached():
                self._in_the_log.add((event.timer, "breach"))
            case BreachRetracted():
                self._in_the_log.discard((event.timer, "breach"))
            case _:
                pass
