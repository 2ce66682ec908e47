"""What supervision does when it hears of acts: takes back what they disprove, and calls to account."""

from collections.abc import Iterator, Sequence
from typing import Any

from libs.events.base import SYSTEM, Event
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import ReworkOrdered
from libs.events.feedback import ReplyReturned
from libs.events.supervision import SupervisionGround
from libs.rules.policy import Supervise
from libs.rules.rules import Rules
from libs.sourcing.decider import Command
from services.supervision.clocks import Watch, disproved, owner_of
from services.supervision.commands import CallToAccount, DropSupervision, RetractBreach
from services.supervision.duties import disproved_duty
from services.supervision.ladder import TRANSFERS, outlived


def react(event: Event, case: Watch, rules: Rules) -> Sequence[Command]:
    """Take back breaches that the log itself now disproves, let go what stood on them, and supervise
    what goes from unit to unit or from rework to rework, or was answered perfunctorily or falsely."""
    found = list(_called_to_account(event, case, rules)) if case.policy else []
    if case.breached:
        found += _taken_back(event, case)
    if case.beyond.duties:
        for name, duty in case.beyond.duties.items():
            done_at = disproved_duty(duty, case)
            if done_at is not None:
                found.append(RetractBreach(**_by_system(event), clock=name, done_at=done_at))
    if case.supervisions:
        found += [
            DropSupervision(**_by_system(event), supervision_id=name) for name in outlived(case)
        ]
    return found


def _called_to_account(event: Event, case: Watch, rules: Rules) -> Iterator[Command]:
    """提级督办: the third unit, or the second rework, as the pack says (domain 1.6)."""
    match event:
        case CaseAssigned() if event.role == "lead":
            leads = sum(name.startswith("CONTACT.") for name in case.started)  # a lead's alone
            if leads >= rules.pack(case.policy).supervise.on_transfers:
                yield CallToAccount(
                    **_by_system(event),
                    supervision_id=f"{event.assignment_id}.{TRANSFERS}",
                    level=2,
                    ground="transfers",
                    addressee=event.org,
                )
        case ReworkOrdered():  # the system's comes from a supervision, and is called to account by that
            limits = rules.pack(case.policy).supervise
            if event.ordinal >= limits.on_rework_rounds:
                yield CallToAccount(
                    **_by_system(event),
                    supervision_id=f"{event.rework_id}.rounds",
                    level=2,
                    ground="rework_rounds",
                    addressee=event.org,
                )
            elif event.reason in ("perfunctory", "false_reply") and event.actor.role != "system":
                yield from _for_a_bad_reply(event, event.rework_id, event.reason, event.org, limits)
        case ReplyReturned() if event.reason in ("perfunctory", "false"):
            clock = case.started.get(f"HANDLE.{event.assignment_id}")
            if clock is not None:
                limits, org = rules.pack(case.policy).supervise, owner_of(clock, case)
                yield from _for_a_bad_reply(event, event.reply_id, event.reason, org, limits)
        case _:
            return


def _for_a_bad_reply(
    event: Event, of: str, reason: str, org: str, limits: Supervise
) -> Iterator[CallToAccount]:
    """敷衍塞责、回复虚假信息: the unit is called to account at once, as gravely as the pack says
    (信访工作条例 Art. 40(2))."""
    ground: SupervisionGround = "perfunctory" if reason == "perfunctory" else "false_reply"
    level = limits.on_perfunctory if ground == "perfunctory" else limits.on_false_reply
    if level:
        yield CallToAccount(
            **_by_system(event),
            supervision_id=f"{of}.{ground}",
            level=level,
            ground=ground,
            addressee=org,
        )


def _taken_back(event: Event, case: Watch) -> Iterator[Command]:
    for name in case.breached:
        done_at = disproved(name, case)
        if done_at is not None:
            yield RetractBreach(**_by_system(event), clock=name, done_at=done_at)


def _by_system(event: Event) -> dict[str, Any]:
    return {"case_id": event.case_id, "occurred_at": event.occurred_at, "by": SYSTEM}
