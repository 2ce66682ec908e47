"""What a citizen is told of the limits of a case, each with its source in law. It moves no deadline."""

from dataclasses import dataclass
from datetime import datetime

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
    ``accept_track`` the procedure under which it was registered, by which it had to be accepted."""

    policy: str
    accept_track: str
    track: str
    sla_class: str | None
    registered_at: datetime
    due_accept: datetime
    due_citizen: datetime | None = None
    citizen_provisional: bool = False
    delivered_at: datetime | None = None
    review_until: datetime | None = None


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
    if case.due_citizen is None:
        return found
    provisional = case.citizen_provisional
    plain = rules.due(case.policy, "CITIZEN", sla_class, case.track, case.registered_at).at
    found.append(_promise(case, rules, "CITIZEN", case.track, case.due_citizen, provisional, plain))
    if case.track == "xinfang":
        for step in REVIEW_STEPS:
            if step == "REVIEW_REQ" and case.delivered_at is not None:
                kind = case.policy, step, sla_class, case.track, case.delivered_at
                until = rules.window(case.review_until, *kind)
                provisional = rules.due(*kind).provisional
                found.append(_promise(case, rules, step, case.track, until, provisional))
            else:
                found.append(_promise(case, rules, step, case.track, None, False))
    return found


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
