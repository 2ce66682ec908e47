"""Every deadline that fell due was stated once, for its own instant and never before it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from libs.events.supervision import BreachRetracted, DeadlineBreached, DeadlineWarned
from libs.rules.rules import shipped_rules
from services.supervision.commands import StateDeadline
from services.supervision.decider import Watch
from services.supervision.decider import evolve as watch_evolve
from services.supervision.decider import pending as watch_pending
from tests.faults.evidence import Evidence


def every_deadline_is_stated_once_and_never_early(
    found: Evidence, until: datetime
) -> Iterator[str]:
    """What falls due is worked out from the whole history, as if nothing had been stated yet."""
    rules = shipped_rules()
    watches: dict[str, Watch] = defaultdict(Watch)
    stated: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    times: dict[tuple[str, str, str], datetime] = {}
    for at in found.taken():
        event = at.recorded.event
        if isinstance(event, (DeadlineWarned, DeadlineBreached, BreachRetracted)):
            what = getattr(event, "threshold", "breach")
            what = "retracted" if isinstance(event, BreachRetracted) else what
            name = f"{event.timer}/{what} of {event.case_id}"
            stated[event.case_id][event.timer, what] += 1
            times[event.case_id, event.timer, what] = event.occurred_at
            if at.recorded.recorded_at < event.occurred_at:
                yield f"early: {name} for {event.occurred_at}, at {at.recorded.recorded_at}"
            if what == "breach" and event.occurred_at != event.due_at:
                yield f"early: {name} says {event.occurred_at} and is due {event.due_at}"
        else:
            watches[event.case_id] = watch_evolve(watches[event.case_id], event)
    for case_id, watch in watches.items():
        due = {
            (c.clock, str(c.threshold)): c.occurred_at
            for c in watch_pending(case_id, watch, rules)
            if isinstance(c, StateDeadline)
        }
        have = stated[case_id]
        for (clock, what), count in have.items():
            if count > 1:
                yield f"stated {count} times: {clock}/{what} of {case_id}"
            if (clock, what) in due:
                if times[case_id, clock, what] != due[clock, what]:
                    yield f"{clock}/{what} of {case_id} was stated for another instant than it fell due"
            elif what == "breach" and not have[clock, "retracted"]:
                yield f"false: {clock}/breach of {case_id} was stated and never taken back"
            elif what not in ("breach", "retracted"):
                yield f"false: {clock}/{what} of {case_id} was stated"
            if what == "retracted" and (clock, "breach") in due:
                yield f"false: {clock}/breach of {case_id} was taken back and holds"
        for (clock, what), at_ in due.items():
            if at_ < until and not have[clock, what]:
                yield f"never stated: {clock}/{what} of {case_id}, due at {at_}"
