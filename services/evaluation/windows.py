"""Until when a citizen may rate, contest or ask for review: what was told, or longer by a newer calendar. It
decides nothing."""

from datetime import datetime

from libs.rules.rules import Rules
from services.evaluation.review_state import Decided
from services.evaluation.state import ShortWay, Verdict


def rating_until(case: Verdict, rules: Rules) -> datetime | None:
    """Until when an answer can be rated (domain 6.2.4); nothing for what is not rated."""
    told, start = case.evaluation_until, case.delivered_at
    if told is None or start is None:
        return told
    return rules.window(told, case.policy, "EVAL", case.sla_class, case.track, start)


def contest_until(case: Verdict, short: ShortWay, rules: Rules) -> datetime:
    """Until when an answer at the desk, or that something was praise, can be contested."""
    return rules.window(short.until, case.policy, "EVAL", case.sla_class, case.track, short.at)


def review_until(case: Verdict, before: Decided | None, rules: Rules) -> datetime | None:
    """Until when a review of the answer can be asked for in time, or after ``before`` a second one
    (信访工作条例 Art. 35, 36(1)). What was answered before this was told has the newest calendar alone."""
    kind = case.sla_class, case.track
    if before is not None:
        return rules.window(before.again_until, case.policy, "RR_REQ", *kind, before.at)
    if case.delivered_at is None:
        return None
    return rules.window(case.review_until, case.policy, "REVIEW_REQ", *kind, case.delivered_at)
