"""Every view holds each case once, as the log tells it, and the counters are what a recount gives."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import CallbackRecorded, CaseClosed, EvaluationSubmitted, ReworkOrdered
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseRegistered
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


MEASURED: dict[str, Callable[[Sequence[Event]], bool]] = {
    "registered": lambda history: _has(history, CaseRegistered),
    "accepted": lambda history: _has(history, CaseAccepted),
    "assigned": lambda history: _has(history, CaseAssigned),
    "delivered": lambda history: _has(history, ReplyDelivered),
    "closed": lambda history: _has(history, CaseClosed),
    "reached": lambda history: any(isinstance(e, CallbackRecorded) and e.reached for e in history),
    "resolved": lambda history: _resolved(history),
    "rated": lambda history: any(
        isinstance(e, EvaluationSubmitted) and e.target == "handling" for e in history
    ),
}


def counters_equal_a_recount(found: Evidence) -> Iterator[str]:
    """Counted anew from the facts, by other words than analytics' own."""
    histories: dict[str, list[Event]] = defaultdict(list)
    for at in found.taken():
        histories[at.place[0]].append(at.recorded.event)
    wanted = {
        measure: sum(is_so(history) for history in histories.values())
        for measure, is_so in MEASURED.items()
    }
    units = Counter(
        event.org
        for history in histories.values()
        for event in history
        if isinstance(event, CaseAssigned)
    )
    shown: Counter[tuple[str, str, str]] = Counter()
    for row in found.views["analytics"]["counters"]:
        shown[row["dimension"], row["value"], row["measure"]] += row["count"]
    for measure, count in wanted.items():
        if shown["all", "all", measure] != count:
            yield f"analytics counts {shown['all', 'all', measure]} {measure}, the log has {count}"
    for unit, count in units.items():
        if shown["unit", unit, "assigned"] != count:
            yield f"analytics counts {shown['unit', unit, 'assigned']} with {unit}, the log has {count}"


def _resolved(history: Sequence[Event]) -> bool:
    """Whether the citizen's last word is that it is; after a rework was ordered nothing was said yet."""
    said = None
    for event in history:
        if isinstance(event, CallbackRecorded):
            said = event.resolved or said
        elif isinstance(event, ReworkOrdered):
            said = None
    return said == "yes"


def _has(history: Sequence[Event], kind: type[Event]) -> bool:
    return any(isinstance(event, kind) for event in history)
