"""What must hold of a platform's evidence, whatever was done to it. Each check gives the breaches it
found, a sentence each, and changes nothing. ``test_checks.py`` plants a breach of each and sees it found.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from libs.events.base import Event, Recorded
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.evaluation import CallbackRecorded, CaseClosed, EvaluationSubmitted
from libs.events.feedback import CitizenContacted, ReplyApproved, ReplyDelivered, ReplySubmitted
from libs.events.intake import CaseAccepted, CaseClassified, CaseRegistered
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineWarned,
    EscalationProposed,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.rules.states import CaseState
from tests.faults.check_deadlines import every_deadline_is_stated_once_and_never_early
from tests.faults.check_views import (
    counters_equal_a_recount,
    every_case_is_in_every_view_once,
    views_equal_a_rebuild,
)
from tests.faults.evidence import Evidence, Lying
from tests.faults.traffic import Acknowledged

S = CaseState
BY_THEMSELVES = (
    ReplyDelivered,
    CaseClosed,
    DeadlineWarned,
    DeadlineBreached,
    BreachRetracted,
    SupervisionIssued,
    SupervisionAnswered,
    EscalationProposed,
)
"""Facts that nobody asked for over HTTP: they follow from others, or from time."""
PATH: dict[type[Event], dict[CaseState | None, CaseState]] = {
    CaseRegistered: {None: S.REGISTERED},
    CaseClassified: {S.REGISTERED: S.REGISTERED},
    CaseAccepted: {S.REGISTERED: S.ACCEPTED},
    CaseAssigned: {S.ACCEPTED: S.ASSIGNED},
    AssignmentSigned: {S.ASSIGNED: S.HANDLING},
    CitizenContacted: {S.HANDLING: S.HANDLING},
    ReplySubmitted: {S.HANDLING: S.REPLIED},
    ReplyApproved: {S.REPLIED: S.REPLIED},
    ReplyDelivered: {S.REPLIED: S.DELIVERED},
    CallbackRecorded: {S.DELIVERED: S.DELIVERED},
    EvaluationSubmitted: {S.DELIVERED: S.DELIVERED},
    CaseClosed: {S.DELIVERED: S.CLOSED},
}
"""From which state to which each fact leads, in the cases that this traffic makes (domain 2.4)."""


def everything(
    found: Evidence, acknowledged: Iterable[Acknowledged], cases: int, until: datetime
) -> list[str]:
    """All checks. ``cases``: how many there are; ``until``: every deadline before it must be stated."""
    told = list(acknowledged)
    return [
        *acknowledged_facts_are_in_the_log(found, told),
        *nothing_was_stated_that_nobody_asked_for(found, told),
        *every_number_is_one_fact(found),
        *log_and_streams_are_the_same(found),
        *every_case_is_in_every_view_once(found, cases),
        *views_equal_a_rebuild(found),
        *every_history_is_a_path(found),
        *every_deadline_is_stated_once_and_never_early(found, until),
        *counters_equal_a_recount(found),
    ]


def acknowledged_facts_are_in_the_log(
    found: Evidence, acknowledged: Iterable[Acknowledged]
) -> Iterator[str]:
    """What a caller was told stands in the log, under the same number and id."""
    have = {
        (at.recorded.event.case_id, at.recorded.event.type(), at.recorded.seq, at.recorded.event_id)
        for at in found.taken()
    }
    for one in acknowledged:
        if (one.case_id, one.type, one.seq, one.event_id) not in have:
            yield f"lost: {one.type} {one.seq} of {one.case_id} was acknowledged"


def nothing_was_stated_that_nobody_asked_for(
    found: Evidence, acknowledged: Iterable[Acknowledged]
) -> Iterator[str]:
    """Every command was sent until it was answered: so what stands was answered, or came by itself."""
    told = {one.event_id for one in acknowledged}
    for at in found.taken():
        if at.recorded.event_id not in told and not isinstance(at.recorded.event, BY_THEMSELVES):
            yield f"done twice: {at.place}, {at.recorded.event.type()} was told to nobody"
    numbers = Counter(
        at.recorded.event.receipt_no
        for at in found.taken()
        if isinstance(at.recorded.event, CaseRegistered)
    )
    for number, count in numbers.items():
        if count > 1:
            yield f"the receipt number {number} was given {count} times"


def every_number_is_one_fact(found: Evidence) -> Iterator[str]:
    """A resent record is the same record; a reader that drops what it had misses none."""
    known: dict[tuple[str, str, int], Lying] = {}
    ids: dict[str, tuple[str, str, int]] = {}
    last: dict[tuple[str, str], int] = defaultdict(int)
    for at in found.log:
        case_id, owner, seq = at.place
        first = known.setdefault(at.place, at)
        if first.recorded != at.recorded:
            yield f"two facts under one number: {at.place} at {first.offset} and {at.offset}"
        if ids.setdefault(at.recorded.event_id, at.place) != at.place:
            yield f"doubled: {at.recorded.event_id} is {ids[at.recorded.event_id]} and {at.place}"
        if first is at and seq != last[case_id, owner] + 1:
            yield f"readers miss a fact: {at.place} follows {last[case_id, owner]} in the log"
        last[case_id, owner] = max(last[case_id, owner], seq)


def log_and_streams_are_the_same(found: Evidence) -> Iterator[str]:
    """The log holds what the services have stated, and nothing else."""
    in_log = {at.place: at.recorded for at in found.log}
    stated: dict[tuple[str, str, int], Recorded] = {}
    for name, stream in found.own.items():
        last: dict[str, int] = defaultdict(int)
        for one in stream:
            case_id = one.event.case_id
            if one.seq != last[case_id] + 1 or one.event.owner() != name:
                yield f"the stream of {name} has {one.event.type()} {one.seq} of {case_id} out of its row"
            last[case_id] = one.seq
            stated[case_id, name, one.seq] = one
    for place in stated.keys() | in_log.keys():
        if place not in in_log:
            yield f"lost: {place} was stated and is not in the log"
        elif place not in stated:
            yield f"{place} is in the log and was stated by nobody"
        elif stated[place] != in_log[place]:
            yield f"{place} was stated otherwise than it is in the log"


def every_history_is_a_path(found: Evidence) -> Iterator[str]:
    """In the log's order each fact leads on from where the case was, and none before what led to it."""
    now: dict[str, CaseState] = {}
    times: dict[str, datetime] = {}
    for at in found.taken():
        event = at.recorded.event
        case_id = event.case_id
        if event.owner() == "supervision":
            continue  # it keeps the clocks: the case stays where it is
        before = now.get(case_id)
        after = PATH.get(type(event), {}).get(before)
        if after is None:
            yield f"no path: {event.type()} of {case_id} after {before}"
            continue
        if before is not None and event.occurred_at < times[case_id]:
            yield f"no path: {event.type()} of {case_id} occurred before what led to it"
        now[case_id], times[case_id] = after, event.occurred_at


def summary(found: Evidence) -> Mapping[str, int]:
    """How much there was to be right about."""
    kinds = Counter(type(at.recorded.event).__name__ for at in found.taken())
    return {"records": len(found.log), "resent": len(found.log) - len(found.taken()), **kinds}
