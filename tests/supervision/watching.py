"""A watched case in tests: its history in every order of owners, and what falls due of it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import permutations

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned
from libs.events.intake import CaseAccepted, CaseRegistered
from services.supervision.commands import StateDeadline
from services.supervision.decider import decider
from tests.spec import CASE, LATER, Given, china, fact, fold

HANDLE, SIGN, CONTACT = (f"{step}.{CASE}.1" for step in ("HANDLE", "SIGN", "CONTACT"))


def case(*facts: Event) -> Given:
    """A registered case and what came after; one owner's facts may all come before another's."""
    return watched([fact(CaseRegistered), *facts])


def with_unit(*facts: Event) -> Given:
    """A case that was assigned on Monday at nine."""
    return case(fact(CaseAccepted), fact(CaseAssigned), *facts)


def watched(facts: Sequence[Event]) -> Given:
    """A history, which gives the same in every order of its owners."""
    given = Given(decider).facts(*facts)
    for owners in permutations({event.owner() for event in facts}):
        ordered = sorted(facts, key=lambda event: owners.index(event.owner()))
        assert fold(decider, ordered) == given.state, owners
    return given


def clock(given: Given, name: str) -> list[tuple[str, str]]:
    """What falls due of one clock, in China's time."""
    return [
        (wish.threshold, shown(wish.occurred_at))
        for wish in given.due()
        if isinstance(wish, StateDeadline) and wish.clock == name
    ]


def owner(given: Given, name: str) -> str:
    """To whom a clock is charged."""
    charged: str = given.state.started[name].owner_org
    return charged


def shown(at: datetime) -> str:
    """An instant in China's time, short."""
    return f"{at.astimezone(LATER.tzinfo):%m-%d %H:%M}"


def fire(given: Given, until: str) -> list[tuple[str, str]]:
    """Let fall due what is due until then; gives what was stated, by clock and threshold."""
    said = []
    while due := [w for w in given.due() if w.occurred_at <= china(until)]:
        wish = due[0]
        rest = wish.model_dump(exclude={"case_id", "occurred_at", "by"})
        given.when(type(wish), at=wish.occurred_at, by=wish.by, **rest)
        assert given.events, f"{wish} falls due for ever"
        if isinstance(wish, StateDeadline):
            said += [(e.timer, getattr(e, "threshold", "breach")) for e in given.events]  # type: ignore[attr-defined]
    return said
