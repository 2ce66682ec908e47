"""The cases that are played: all alike, each from message to close. It plays none itself."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

from libs.events.base import Actor
from libs.host.work import Ask
from libs.rules.rules import shipped_rules
from services.evaluation.commands import SubmitEvaluation
from services.feedback.commands import DeliverReply
from tools.simulate.messages import Message
from tools.simulate.people import Case, People

GROUP = 500
"""So many cases are asked for at once, which is what a turn takes."""
TITLE, TEXT = "夜市出摊占道", "每晚八点后人行道被摊贩占满，行人只能走车道，请处理。" * 8
REPLY = "经核查属实，已劝离占道摊贩并每晚安排巡查，现场照片附后，如有问题请来电。" * 4
WAVES = ("intake",) * 2 + ("dispatch",) * 2 + ("feedback",) * 3 + ("evaluation",) * 2
"""Which service is asked, one wave of commands after another."""


def invented_cases(count: int, run: str = "") -> list[Case]:
    """So many ordinary cases, each rated, so that each closes at once. The same run makes the same."""
    people = People(shipped_rules())
    now, run = datetime.now(UTC), run or uuid.uuid4().hex[:8]
    return [
        people.case(Message(f"bench-{run}-{n}", TITLE, TEXT, now, REPLY, now)) for n in range(count)
    ]


def asks_of(case: Case, wave: int) -> list[Ask]:
    """What is asked for the case in one wave; in the last one the citizen rates both."""
    if wave < len(WAVES) - 1:
        step = case.steps[wave]
        assert step.service == WAVES[wave], f"{step.service} in wave {wave}"
        return [a for a in step.asks if not isinstance(a.command, DeliverReply)]
    last = case.steps[wave - 1].asks[0]
    found = []
    for target in ("intake", "handling"):
        command = SubmitEvaluation(
            case_id=case.case_id,
            occurred_at=last.command.occurred_at,
            by=Actor(id="citizen", role="citizen"),
            target=target,
            level="satisfied",
        )
        found.append(
            replace(last, command=command, cause=f"{last.cause}-{target}", idempotency=None)
        )
    return found
