"""Who may act on a case at evaluation, and when. Nothing here waits, reads or writes."""

from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.evaluation.state import Verdict

NOT_ANSWERED = "The citizen has not been answered yet."


def must_be_answered(case: Verdict) -> None:
    """The citizen has an answer, and the unit does not do it again."""
    if case.delivered_at is None:
        raise Refused(NOT_ANSWERED)
    if case.answered_at is None:
        raise Refused("The unit works on it again; the new answer is waited for.")


def must_be_independent(command: Command, case: Verdict, to_do: str) -> None:
    """Who handled a case neither judges it nor asks the citizen about it (职责分离)."""
    if command.by.id in case.handled_by or (command.by.org and command.by.org in units(case)):
        raise Refused(f"Who handled the case, or is of its unit, may not {to_do}.")


def units(case: Verdict) -> tuple[str, ...]:
    """The units that have the case, and the one whose answer stands."""
    return tuple(unit for unit in (case.unit_id, case.org, *case.assists) if unit)


def answering_now(unit_id: str, case: Verdict, rules: Rules) -> str:
    """Who answers now for what a unit did in a case: its successor, if it was merged or split (信访工作条例
    Art. 24)."""
    if unit_id not in rules.organisations:  # the platform, or a unit of an edition that is gone
        return unit_id
    return rules.organisations.heir(unit_id, case.category, case.adcode)


def close_to(org: str, rules: Rules) -> frozenset[str]:
    """Whose people may be of a unit, or of one that it came from: all that came of that one too."""
    organisations = rules.organisations
    if org not in organisations:
        return frozenset({org})
    close = organisations.conflict_closure(org)
    return close.union(*map(organisations.conflict_closure, organisations.predecessors(org)))
