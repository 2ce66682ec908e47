"""Who may neither act on a case nor see it, and whether its words are closed. It asks nobody.

Every service keeps it in the case's head, beside the state: no service's rules or routes can forget it
(ADR 0017).
"""

from collections.abc import Iterable

from libs.events.base import Event, Recorded
from libs.events.intake import (
    ProcessingRestricted,
    RecusalLifted,
    RecusalRecorded,
    RestrictionLifted,
)

BARRING: tuple[type[Event], ...] = (
    RecusalRecorded,
    RecusalLifted,
    ProcessingRestricted,
    RestrictionLifted,
)
"""What every service that hears of cases hears, whatever else it does."""
CLOSED = "*"
"""Stands among the accounts where the words are closed to all; no account is called so."""
NOBODYS = frozenset({"citizen", "system"})
"""Actors that are no one's account. The citizen's own case is never barred to the citizen."""


def barred(bars: tuple[str, ...], event: Event) -> tuple[str, ...]:
    """The bars of a case after a fact (信访工作条例 Art. 28(3); PIPL Art. 47(2))."""
    match event:
        case RecusalRecorded():
            return tuple(sorted({*bars, event.account}))
        case RecusalLifted():
            return _without(bars, event.account)
        case ProcessingRestricted():
            return tuple(sorted({*bars, CLOSED}))
        case RestrictionLifted():
            return _without(bars, CLOSED)
        case _:
            return bars


def recused(bars: tuple[str, ...], account: str) -> bool:
    """Whether an account was recused: a state that keeps ``barred`` asks before people are put on a list."""
    return account in bars


def own_recusal(stated: Iterable[Recorded], account: str) -> Recorded | None:
    """The fact by which an account last came to keep out, if it said so itself. Whoever asks that again, for the
    answer was lost, is told the same again, and nothing of the case."""
    last: Recorded | None = None
    for recorded in stated:
        event = recorded.event
        if isinstance(event, RecusalRecorded) and event.account == account:
            last = recorded if event.actor.id == account else None
    return last


def _without(bars: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple(bar for bar in bars if bar != one)
