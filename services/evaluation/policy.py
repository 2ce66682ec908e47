"""What evaluation does when a supervisor finds an answer bad."""

from collections.abc import Mapping, Sequence
from typing import Literal

from libs.events.base import SYSTEM, Event
from libs.events.supervision import SupervisionIssued
from libs.rules.rules import Rules
from libs.sourcing.decider import Command
from services.evaluation.commands import ReworkAsSupervised
from services.evaluation.rework import is_dissatisfied
from services.evaluation.state import Verdict

Reason = Literal["dissatisfied_unresolved", "perfunctory", "false_reply"]
SUPERVISED = 2
DONE_AGAIN: Mapping[str, Reason] = {
    "false_reply": "false_reply",
    "perfunctory": "perfunctory",
    "rework_rounds": "dissatisfied_unresolved",
}
"""督办 on these grounds says that the answer does not do; why it is done again, in the words of a rework."""


def react(event: Event, case: Verdict, rules: Rules) -> Sequence[Command]:
    """A supervision (2 督办) of a false or perfunctory answer, or of one that the most reworks have not made
    good, takes the case back to the unit (transition 33; 信访工作条例 Art. 40(2)). What the clock or a rework
    led to says nothing new of an answer, nor does who had a part in it."""
    match event:
        case SupervisionIssued() if event.level == SUPERVISED and event.ground in DONE_AGAIN:
            if event.actor.role == "system" or event.actor.id in case.handled_by:
                return []
            if case.answered_at is None or event.occurred_at < case.answered_at:
                return []
            reason = DONE_AGAIN[event.ground]
            if reason == "dissatisfied_unresolved" and not is_dissatisfied(case):
                return []
            by_fact = {"case_id": event.case_id, "occurred_at": event.occurred_at, "by": SYSTEM}
            return [ReworkAsSupervised(**by_fact, reason=reason, reply_id=case.reply_id)]
        case _:
            return []
