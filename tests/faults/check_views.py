"""Every view holds each case once, as the log tells it, and the counters are what a recount gives."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import CallbackRecorded, CaseClosed, EvaluationSubmitted, ReworkOrdered
from libs.events.feedback import ReplyDelivered
from libs.events.intake import (
    CaseAccepted,
    CaseLinkChanged,
    CaseRegistered,
    CaseReopened,
    CaseWithdrawn,
)
from tests.faults.evidence import Evidence, Row

FIRST_FACT: dict[tuple[str, str], type[Event]] = {
    ("intake", "cases"): CaseRegistered,
    ("dispatch", "assignments"): CaseAccepted,
    ("supervision", "watches"): CaseRegistered,
    ("feedback", "files"): CaseRegistered,
    ("evaluation", "verdicts"): CaseAssigned,
    ("analytics", "tallies"): CaseRegistered,
}
"""With which fact a case comes into each view."""


def every_case_is_in_every_view_once(found: Evidence, cases: int) -> Iterator[str]:
    """By the fact with which a case comes into each view."""
    for (service, table), fact in FIRST_FACT.items():
        wanted = {at.place[0] for at in found.log if isinstance(at.recorded.event, fact)}
        if fact is CaseRegistered and len(wanted) != cases:
            yield f"{len(wanted)} cases are in the log, not {cases}"
        rows = Counter(row["case_id"] for row in found.views[service][table])
        for case_id in wanted | rows.keys():
            count = rows[case_id]
            if (count == 1) != (case_id in wanted) or count > 1:
                yield f"{case_id} is {count} times in {service}'s {table}"


def views_equal_a_rebuild(found: Evidence) -> Iterator[str]:
    """Row for row, the heads with their states included."""
    for service, tables in found.views.items():
        for table, rows in tables.items():
            again = found.rebuilt[service][table]
            for before, after in _differing(rows, again):
                yield f"{service}'s {table} differs from a rebuild: {before} is {after}"


def _differing(rows: Sequence[Row], again: Sequence[Row]) -> Iterator[tuple[Any, Any]]:
    key = next(iter((rows or again or [{"": ""}])[0]))
    one, other = ({row[key]: row for row in some} for some in (rows, again))
    for name in one.keys() | other.keys():
        live, built = one.get(name), other.get(name)
        if live is None or built is None:
            yield (name, "there") if live else (name, "missing"), "there" if built else "missing"
        elif live != built:
            columns = [column for column in live if live[column] != built[column]]
            yield {name: {c: live[c] for c in columns}}, {c: built[c] for c in columns}


History = Sequence[Event]
MEASURED: dict[str, Callable[[History], bool]] = {
    "registered": lambda history: _has(history, CaseRegistered),
    "accepted": lambda history: _has(history, CaseAccepted, CaseReopened),
    "assigned": lambda history: _lead(history) is not None,
    "delivered": lambda history: _has(history, ReplyDelivered),
    "closed": lambda history: _closed(history),
    "reopened": lambda history: _has(history, CaseReopened),
    "reached": lambda history: any(isinstance(e, CallbackRecorded) and e.reached for e in history),
    "resolved": lambda history: _resolved(history),
    "rated": lambda history: any(
        isinstance(e, EvaluationSubmitted) and e.target == "handling" for e in history
    ),
    "reworked": lambda history: _has(history, ReworkOrdered),
}


def recount(histories: Iterable[History]) -> Counter[tuple[str, str, str]]:
    """Counted anew from the facts, by other words than analytics' own: by dimension, value and measure."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for history in map(_of_the_last_round, histories):
        counts.update(("all", "all", measure) for measure, is_so in MEASURED.items() if is_so(history))
        if (unit := _lead(history)) is not None:
            counts["unit", unit, "assigned"] += 1
    return counts


def counters_equal_a_recount(found: Evidence) -> Iterator[str]:
    """Each measure of all cases, and how many are with each unit."""
    histories: dict[str, list[Event]] = defaultdict(list)
    for at in found.taken():
        histories[at.place[0]].append(at.recorded.event)
    wanted, shown = recount(histories.values()), Counter[tuple[str, str, str]]()
    for row in found.views["analytics"]["counters"]:
        shown[row["dimension"], row["value"], row["measure"]] += row["count"]
    for measure in MEASURED:
        key = "all", "all", measure
        if shown[key] != wanted[key]:
            yield f"analytics counts {shown[key]} {measure}, the log has {wanted[key]}"
    with_units = {key for key in {*shown, *wanted} if key[0] == "unit" and key[2] == "assigned"}
    for key in sorted(with_units):
        if shown[key] != wanted[key]:
            yield f"analytics counts {shown[key]} with {key[1]}, the log has {wanted[key]}"


def _of_the_last_round(history: History) -> History:
    """Who takes a case up anew takes its registration along, and nothing else."""
    last = max(event.round for event in history)
    return [e for e in history if e.round == last or isinstance(e, CaseRegistered)]


def _lead(history: History) -> str | None:
    """The unit that has the case, or had it last."""
    given = [e.org for e in history if isinstance(e, CaseAssigned) and e.role == "lead"]
    return given[-1] if given else None


def _closed(history: History) -> bool:
    """Whether it was closed, and not ordered to be done again since; nor ended otherwise, which goes before."""
    closed = merged = False
    for event in history:
        match event:
            case CaseClosed():
                closed = True
            case ReworkOrdered():
                closed = False
            case CaseLinkChanged() if event.relation in ("merged_into", "unmerged"):
                merged = event.relation == "merged_into"
    return closed and not merged and not _has(history, CaseWithdrawn)


def _resolved(history: History) -> bool:
    """Whether the citizen's last word is that it is; after a rework was ordered nothing was said yet."""
    said = None
    for event in history:
        if isinstance(event, CallbackRecorded):
            said = event.resolved or said
        elif isinstance(event, ReworkOrdered):
            said = None
    return said == "yes"


def _has(history: History, *kinds: type[Event]) -> bool:
    return any(isinstance(event, kinds) for event in history)
