"""Who alone may be given a report on an official, on reprisals or on an appointment. It decides nothing else.

Such reports live in the restricted realm; one that nobody recognised as one before its first fact is in the
ordinary realm, and has only its category to say so. It is given to those alone all the same.
"""

from libs.rules.organisations import OrgType
from libs.rules.rules import Rules
from libs.sourcing.decider import Refused
from services.dispatch.assignment import Assignment

DISCIPLINE, ORGANISATION = "discipline", "organisation"
"""The restrictions of a category that name who alone receives it (domain 3.2, 5 G02)."""


def alone(case: Assignment, rules: Rules) -> str:
    """Which organs alone a case may be given to, if not any (信访工作条例 Art. 22(2), 30(3); G01, G02)."""
    if case.track == "restricted":
        return DISCIPLINE
    only = rules.leaf(case.category).restricted if case.category else ""
    return only if only in (DISCIPLINE, ORGANISATION) else ""


def must_be_told_to_nobody_else(words: str, case: Assignment, rules: Rules) -> None:
    """Refuse what would show a report to a further unit (信访工作条例 Art. 30(3))."""
    if alone(case, rules):
        raise Refused(words)


def must_be_allowed_to_have_it(name: str, unit_id: str, case: Assignment, rules: Rules) -> None:
    """Refuse a unit that a report may be about (信访工作条例 Art. 30(3); domain 5, G01, G02). ``name`` is the
    field that names it."""
    only = alone(case, rules)
    if not only or rules.organisations.unit(unit_id).type is OrgType.DISCIPLINE_ORGAN:
        return
    if only == DISCIPLINE:
        raise Refused(f"{name}: a report on an official goes to a discipline organ, and to nobody else.")
    competent = rules.catalogue.route(case.category, case.adcode).unit_id
    if unit_id != competent:
        raise Refused(f"{name}: {case.category} goes to {competent} or a discipline organ, and to nobody else.")
