"""What feedback does when a reply is approved."""

from collections.abc import Sequence

from libs.events.base import SYSTEM, Event
from libs.events.feedback import ReplyApproved
from libs.rules.rules import Rules
from libs.sourcing.decider import Command
from services.feedback.commands import DeliverReply
from services.feedback.state import Handling

BY_PERSON = frozenset(
    {"phone_12345", "phone_dept_merged", "letter", "fax", "visit", "video_visit", "leader_reception"}
)
"""Channels whose citizens are answered by a person; all others can read the answer at once."""


def react(event: Event, case: Handling, rules: Rules) -> Sequence[Command]:
    """Put the approved answer where the citizen reads it."""
    match event:
        case ReplyApproved() if case.channel not in BY_PERSON:
            return [DeliverReply(case_id=event.case_id, occurred_at=event.occurred_at, by=SYSTEM)]
        case _:
            return []
