"""What another pack would change, counted over all cases. It reads no log and prints nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from libs.rules.states import Step
from tools.whatif.replay import Pair, Replay

CANNOT = (
    "What people would have done: with another limit they might have acted sooner or later, asked for an "
    "extension, or been called to account.",
    "Extensions, pauses and other instants that a person granted: they stay as they were stated.",
    "Cases that would have been accepted, dispatched or closed otherwise: the facts are those of the log.",
    "The answers themselves: a figure here says nothing about whether citizens were helped.",
)
"""Said with every result."""


@dataclass(slots=True)
class Side:
    """One pack's column: how many clocks passed what, and the sum of the limits in calendar days."""

    amber: int = 0
    red: int = 0
    breaches: int = 0
    days: float = 0.0

    def add(self, passed: frozenset[str], days: float) -> None:
        """Count a clock."""
        self.amber += "amber" in passed
        self.red += "red" in passed
        self.breaches += "breach" in passed
        self.days += days


@dataclass(slots=True)
class Timer:
    """One timer under both packs. ``late_only_stated``: cases late as stated that would not have been;
    ``late_only_other`` the other way round."""

    clocks: int = 0
    stated: Side = field(default_factory=Side)
    other: Side = field(default_factory=Side)
    due_differs: set[str] = field(default_factory=set)
    late_only_stated: set[str] = field(default_factory=set)
    late_only_other: set[str] = field(default_factory=set)

    def add(self, pair: Pair) -> None:
        """Count a clock under both."""
        self.clocks += 1
        self.stated.add(pair.stated.passed, pair.stated.days)
        self.other.add(pair.other.passed, pair.other.days)
        if pair.stated.due_at != pair.other.due_at:
            self.due_differs.add(pair.case_id)
        if pair.stated.breached and not pair.other.breached:
            self.late_only_stated.add(pair.case_id)
        if pair.other.breached and not pair.stated.breached:
            self.late_only_other.add(pair.case_id)

    def as_dict(self) -> dict[str, Any]:
        """Names and figures."""
        return {
            "clocks": self.clocks,
            **{
                side: {
                    "amber": column.amber,
                    "red": column.red,
                    "breaches": column.breaches,
                    "mean_days": round(column.days / self.clocks, 2),
                }
                for side, column in (("stated", self.stated), ("other", self.other))
            },
            "cases_due_differs": len(self.due_differs),
            "cases_late_only_stated": len(self.late_only_stated),
            "cases_late_only_other": len(self.late_only_other),
        }


@dataclass(slots=True)
class Figures:
    """The whole result. ``left_out`` says why cases could not be replayed, and how many."""

    pack: str
    as_of: datetime
    cases: int = 0
    agreeing: int = 0
    kept: int = 0
    timers: dict[str, Timer] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    examples: list[Pair] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "pack": self.pack,
            "as_of": self.as_of.isoformat(),
            "cases": self.cases,
            "cases_agreeing_with_the_log": self.agreeing,
            "facts_kept_as_granted": self.kept,
            "left_out": self.left_out,
            "timers": {step: timer.as_dict() for step, timer in self.timers.items()},
            "examples": [_example(pair) for pair in self.examples],
            "cannot_be_replayed": list(CANNOT),
        }


def figures(replays: Iterable[Replay], pack: str, as_of: datetime, examples: int) -> Figures:
    """Count what the replays say, as of the log's last time."""
    found = Figures(pack, as_of)
    timers: dict[str, Timer] = {}
    differing: list[Pair] = []
    for replay in replays:
        reason = _left_out(replay)
        pairs: Sequence[Pair] = ()
        if reason is None:
            try:
                pairs = replay.pairs(as_of)
                found.agreeing += replay.agrees(as_of)
            except ValueError as error:  # its own pack, or a calendar, is not known here
                reason = str(error)
        if reason is not None:
            found.left_out[reason] = found.left_out.get(reason, 0) + 1
            continue
        found.cases += 1
        found.kept += replay.restating.kept
        for pair in pairs:
            timers.setdefault(pair.step, Timer()).add(pair)
            if pair.stated.breached != pair.other.breached:
                differing.append(pair)
    order = [step.value for step in Step]
    found.timers = {step: timers[step] for step in sorted(timers, key=order.index)}
    found.examples = sorted(differing, key=_telling)[:examples]
    return found


def _left_out(replay: Replay) -> str | None:
    if replay.broken is not None:
        return replay.broken
    return "its registration is not in the log" if replay.registered_at is None else None


def _telling(pair: Pair) -> tuple[bool, datetime, str, str]:
    """HANDLE first, for that is what a unit is measured by; then by time."""
    return pair.step != "HANDLE", pair.stated.started_at, pair.case_id, pair.clock


def _example(pair: Pair) -> dict[str, Any]:
    return {
        "case_id": pair.case_id,
        "receipt_no": pair.receipt_no,
        "timer": pair.step,
        "class": pair.sla_class,
        "started_at": pair.stated.started_at.isoformat(),
        "stated_due_at": pair.stated.due_at.isoformat(),
        "other_due_at": pair.other.due_at.isoformat(),
        "late_stated": pair.stated.breached,
        "late_other": pair.other.breached,
    }
