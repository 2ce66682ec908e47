"""What a citizen is told of the limits of a case, each with its source in law. It moves no deadline."""

from dataclasses import dataclass
from datetime import datetime

from libs.rules.moving import is_provisional
from libs.rules.rules import Rules

REVIEW_STEPS = ("REVIEW_REQ", "REVIEW", "RR_REQ", "REREVIEW")
"""What a petitioner may ask for after the answer (信访工作条例 Art. 35, 36)."""


@dataclass(frozen=True, slots=True)
class Promise:
    """How long a step may take, by which law or standard, and until when where it has begun.

    ``provisional`` is shown as 暂定 (domain 6.2): the calendar of that year is not published yet.
    ``moved``: ``due_at`` is not what the words alone give, by an extension, a question or a calendar.
    """

    step: str
    words: str
    due_at: datetime | None
    provisional: bool
    source: str
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """How far a case has come, with the instants that were stated. ``policy`` is the pack it keeps;
    ``accept_track`` the procedure under which it was registered, by which it had to be accepted.
    ``due_supplement``: until when the citizen is waited for, if something was asked; ``next_check_at``: of a case
    on hold; ``rating_until`` and ``review_until``: as was told with the answer."""

    policy: str
    accept_track: str
    track: str
    sla_class: str | None
    registered_at: datetime
    due_accept: datetime
    due_citizen: datetime | None = None
    citizen_provisional: bool = False
    delivered_at: datetime | None = None
    rating_until: datetime | None = None
    review_until: datetime | None = None
    due_supplement: datetime | None = None
    next_check_at: datetime | None = None


def promises(case: Course, rules: Rules) -> list[Promise]:
    """The limits of a case that concern its citizen, in the order of the procedure.

    An instant that was stated is repeated, not computed anew: what the citizen was told stands.
    """
    sla_class = case.sla_class or "G"  # ACCEPT knows no class
    accept = rules.due(case.policy, "ACCEPT", sla_class, case.accept_track, case.registered_at)
    found = [
        _promise(
            case, rules, "ACCEPT", case.accept_track, case.due_accept, accept.provisional, accept.at
        )
    ]
    if case.due_supplement is not None:
        provisional = is_provisional(rules.calendar(case.policy), case.due_supplement)
        track = case.accept_track
        found.append(_promise(case, rules, "SUPPLEMENT", track, case.due_supplement, provisional))
    if case.due_citizen is None:
        return found + _window(case, rules, "EVAL", case.rating_until)
    provisional = case.citizen_provisional
    plain = rules.due(case.policy, "CITIZEN", sla_class, case.track, case.registered_at).at
    found.append(_promise(case, rules, "CITIZEN", case.track, case.due_citizen, provisional, plain))
    if case.next_check_at is not None:
        provisional = is_provisional(rules.calendar(case.policy), case.next_check_at)
        found.append(_promise(case, rules, "RECHECK", case.track, case.next_check_at, provisional))
    found += _window(case, rules, "EVAL", case.rating_until)
    if case.track == "xinfang":
        for step in REVIEW_STEPS:
            if step == "REVIEW_REQ" and case.delivered_at is not None:
                found.append(_open_until(case, rules, step, case.review_until, case.delivered_at))
            else:
                found.append(_promise(case, rules, step, case.track, None, False))
    return found


def _window(case: Course, rules: Rules, step: str, told: datetime | None) -> list[Promise]:
    """What the citizen may do since the answer, if it was told."""
    if told is None or case.delivered_at is None:
        return []
    return [_open_until(case, rules, step, told, case.delivered_at)]


def _open_until(
    case: Course, rules: Rules, step: str, told: datetime | None, since: datetime
) -> Promise:
    kind = case.policy, step, case.sla_class or "G", case.track, since
    provisional = rules.due(*kind).provisional
    return _promise(case, rules, step, case.track, rules.window(told, *kind), provisional)


def _promise(
    case: Course,
    rules: Rules,
    step: str,
    track: str,
    due_at: datetime | None,
    provisional: bool,
    plain: datetime | None = None,
) -> Promise:
    limit = rules.pack(case.policy).limit(step, case.sla_class or "G", track)
    moved = plain is not None and plain != due_at
    return Promise(step, limit.words, due_at, provisional, limit.source, moved)
