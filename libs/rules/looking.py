"""How long a look at a citizen's words lasts, and whose looks are counted. It opens nothing."""

from datetime import datetime, timedelta

from libs.rules.roles import Role

LASTS = timedelta(minutes=15)
"""So long may who opened a case's words for a purpose read on for it, as the same look (domain G04; PIPL
Art. 6: no more than the purpose needs)."""
MET_IS_KEPT = timedelta(days=30)
"""So long can be seen that an account met the limit; then it is forgotten, whoever it was."""
UNCOUNTED = frozenset({Role.CITIZEN, Role.PRIVACY_OFFICER})
"""Whose looks no limit ends: who reads the own case (PIPL Art. 45), and who answers for the words, be it to a
court (Art. 52). It goes by the role alone: whoever states a court's purpose is no court."""


def is_counted(role: Role) -> bool:
    """Whether the looks of a role are limited by the hour (PIPL Art. 51(4): who may do how much)."""
    return role not in UNCOUNTED


def hour_of(at: datetime) -> datetime:
    """The hour of the clock in which looks are counted together."""
    return at.replace(minute=0, second=0, microsecond=0)


def next_hour(at: datetime) -> datetime:
    """When the count begins anew."""
    return hour_of(at) + timedelta(hours=1)
