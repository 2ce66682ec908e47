"""Analytics decides nothing: it has no commands, and its state of a case is empty."""

from dataclasses import dataclass

from libs.events.base import Event
from libs.sourcing.decider import Decider


@dataclass(frozen=True, slots=True)
class Nothing:
    """What analytics must remember of a case in order to decide: nothing."""


def evolve(state: Nothing, event: Event) -> Nothing:
    """Stay as it is."""
    return state


decider: Decider[Nothing] = Decider(Nothing(), lambda command, state, rules: (), evolve)
