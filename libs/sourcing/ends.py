"""What an end means to commands: nothing is done any more. Which end holds is said in ``libs.rules.ends``."""

from libs.events.base import Event
from libs.rules.ends import WORDS, Ends
from libs.sourcing.decider import Command, Refused


def nothing_more(command: Command, ends: Ends) -> list[Event]:
    """What follows from a command about a case that is over: for the clock nothing, for a person a refusal."""
    if command.by.role == "system":
        return []
    must_go_on(ends)
    return []


def must_go_on(ends: Ends) -> None:
    """Refuse what is asked about a case that is over."""
    if ends.end is not None:
        raise Refused(WORDS[ends.end])
