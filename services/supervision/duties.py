"""When what a person set falls due: instructions, recommendations, a leader's case; and when a case grows old.

It states nothing. These clocks are apart from those of ``clocks``: few cases have one, they outlive the case's
end where the law does, and no calendar moves what a person set.
"""

from collections.abc import Iterator
from datetime import datetime

from libs.rules.calendar import is_late
from libs.rules.rules import Rules
from libs.rules.shares import moved_warnings
from services.supervision.beyond import Duty
from services.supervision.clocks import ACCEPT_AGAIN, Watch, over_at

OF_CASE = frozenset({"LEADER"})
"""The duties that end with the case; an answer in writing is owed all the same."""


def duty_thresholds(duty: Duty, case: Watch, rules: Rules) -> Iterator[tuple[str, datetime]]:
    """The thresholds that a duty has passed or will pass: shares of the limit that was set for it.

    Of a leader's case that was taken up anew they count from then on: what passed before lay in a round that
    was over, and was stated in it if the leader was late.
    """
    end, again = duty_ended(duty, case), _taken_up_anew(duty, case)
    kind = case.policy, duty.step, case.sla_class, case.track
    for threshold, at in moved_warnings(rules, *kind, duty.at, duty.due_at, ()):
        if at < duty.due_at and (end is None or is_late(end, at)) and (again is None or at > again):
            yield threshold, at
    if (end is None or is_late(end, duty.due_at)) and (again is None or duty.due_at > again):
        yield "breach", duty.due_at


def _taken_up_anew(duty: Duty, case: Watch) -> datetime | None:
    """Since when the case runs again to whose end a duty is bound, if it was over before."""
    citizen = case.started.get("CITIZEN")
    return citizen.at if case.round and citizen is not None and duty.step in OF_CASE else None


def duty_ended(duty: Duty, case: Watch) -> datetime | None:
    """When a duty ended: by its own answer, a leader's with the case, and an answer in writing with the words
    of the case, for what was asked is then unreadable and no answer can be sealed (个人信息保护法 Art. 47)."""
    over = _over(case) if duty.step in OF_CASE else case.beyond.erased_at
    if over is None or duty.ended_at is None:
        return over or duty.ended_at
    return min(duty.ended_at, over)


def _over(case: Watch) -> datetime | None:
    """Since when nobody does anything about a case: it has ended, or was never taken on."""
    accept = ACCEPT_AGAIN if ACCEPT_AGAIN in case.started else "ACCEPT"
    return over_at(case) or (None if "CITIZEN" in case.started else case.stopped.get(accept))


def unstated_duties(case: Watch, rules: Rules) -> Iterator[tuple[str, Duty, str, datetime]]:
    """Every duty with the thresholds that were not stated yet."""
    if not case.policy:
        return
    for name, duty in case.beyond.duties.items():
        for threshold, at in duty_thresholds(duty, case, rules):
            if not (duty.breached if threshold == "breach" else threshold in duty.stated):
                yield name, duty, threshold, at


def disproved_duty(duty: Duty, case: Watch) -> datetime | None:
    """When the case ended that a leader was said to be late with, if that was in time."""
    end = duty_ended(duty, case)
    return end if duty.breached and end is not None and not is_late(end, duty.due_at) else None


def grows_old(case: Watch, rules: Rules, before: datetime | None = None) -> datetime | None:
    """When an accepted case that has no standing answer becomes an old one (积案, domain 4.2 K27): so long after
    its registration as the pack says. Nothing if ``before`` certainly comes first, which costs less to say."""
    clock = case.started.get("CITIZEN")
    if clock is None or len(case.delivered) > case.reworks or not case.policy:
        return None
    limits = rules.pack(case.policy).supervise
    least = limits.old_at_the_earliest
    if least is None or (before is not None and before - clock.at < least):
        return None
    if case.beyond.old or case.beyond.delisted or over_at(case) is not None or limits.old_case_after is None:
        return None
    return rules.calendar(case.policy).due(clock.at, limits.old_case_after).at
