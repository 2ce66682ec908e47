"""A case that is taken up anew begins a new round, and what was said in an old one counts no more."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from libs.events.base import Event


class InRounds(Protocol):
    """A state that knows in which round its case is."""

    @property
    def round(self) -> int:
        """How often the case was taken up anew."""


S = TypeVar("S", bound=InRounds)


def in_rounds(
    evolve: Callable[[S, Event], S], anew: Callable[[S, int], S]
) -> Callable[[S, Event], S]:
    """``evolve`` that leaves out what belongs to an earlier round (architecture 2).

    All facts of a case lie in one partition, so whoever speaks of a new round has heard that it began:
    the first fact of it that is heard makes the state ``anew``. What was stated before that was heard
    may come later, and is left out.
    """

    def evolved(case: S, event: Event) -> S:
        if event.round != case.round:
            if event.round < case.round:
                return case
            case = anew(case, event.round)
        return evolve(case, event)

    return evolved
