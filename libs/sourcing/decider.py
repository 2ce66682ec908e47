"""The shape of every decision. Nothing here waits, reads or writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from libs.events.base import Actor, Event, Versions
from libs.rules.rules import Rules


class Command(BaseModel):
    """A wish about one case: imperative, carrying all that deciding needs, its time included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case_id: str
    occurred_at: AwareDatetime
    by: Actor

    def stamp(self, decided_with: Versions, round_: int = 0) -> dict[str, Any]:
        """What every event that follows from this command has in common."""
        return {
            "case_id": self.case_id,
            "occurred_at": self.occurred_at,
            "actor": self.by,
            "round": round_,
            "decided_with": decided_with,
        }


class Refused(Exception):
    """The command cannot be carried out; the words are for the person who asked, to act on."""


S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Decider(Generic[S]):
    """The rules of one service over the state of one case.

    ``decide(command, state, rules)`` gives the facts that follow, ``[]`` if they already stand,
    or raises ``Refused``. ``evolve(state, event)`` is total: it never raises and knows no rule,
    and no field of the state is written by the events of two owners, so the events of different
    owners may be folded in any order. ``pending(case_id, state, rules)`` gives the commands that
    fall due, each at its ``occurred_at``; nothing is scheduled, so nothing is cancelled.
    ``wakes(state, rules)``, where it is given, is the first of these instants, found more cheaply.
    """

    initial: S
    decide: Callable[[Any, S, Rules], Sequence[Event]]
    evolve: Callable[[S, Event], S]
    pending: Callable[[str, S, Rules], Sequence[Command]] = lambda case_id, state, rules: ()
    wakes: Callable[[S, Rules], datetime | None] | None = None

    def wake_at(self, case_id: str, state: S, rules: Rules) -> datetime | None:
        """When the first command of a case falls due, if any does."""
        if self.wakes is not None:
            return self.wakes(state, rules)
        commands = self.pending(case_id, state, rules)
        return min((command.occurred_at for command in commands), default=None)
