"""The rules of the ladder 催办, 督办, 挂牌: who is called to account and let go. It reads and writes nothing."""

from datetime import datetime

from libs.events.base import Event, in_round
from libs.events.supervision import (
    EscalationDismissed,
    EscalationProposed,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.supervision.beyond import LISTED
from services.supervision.clocks import Started, Watch, over_at
from services.supervision.commands import (
    AnswerSupervision,
    CallToAccount,
    DismissEscalation,
    DropSupervision,
    IssueSupervision,
    LiftSupervision,
    ProposeEscalation,
)
from services.supervision.ladder import outlived, proposals, rungs
from services.supervision.leading import present_holder

LISTERS = frozenset({"coordinator", "leader"})
"""Who lists a case: the joint conference (联席会议) by its coordinator, or a leader."""
SITUATIONS_2005 = frozenset(
    {"overdue", "not_reported", "procedure", "evasion", "not_carried_out", "other"}
)
"""六种督办情形: 无正当理由未按期办结、未按规定反馈结果、未按规定程序、推诿敷衍拖延、不执行处理意见、其他
（信访条例 2005 Art. 36，已废止）."""
ONLY_2005 = SITUATIONS_2005 - {"overdue"}


def issue_supervision(command: IssueSupervision, case: Watch, rules: Rules) -> list[Event]:
    """Call the unit to account (transition 45, 条例 Art. 40). A listing is the joint conference's or a leader's
    (Art. 39(3)); the rest is a supervisor's, and a leader may ask for it."""
    if command.level == LISTED and command.by.role not in LISTERS:
        raise Refused("level: a case is listed (挂牌) by the joint conference (联席会议) or by a leader.")
    if command.level != LISTED and command.by.role == "coordinator":
        raise Refused("level: the joint conference lists (3); a supervisor urges and supervises.")
    if over_at(case) is not None:
        raise Refused("The case is closed." if case.closed_at else "The case has ended.")
    if case.unit_id is None:
        raise Refused("The case is with no unit that could be called to account.")
    _must_be_a_situation(command, case, rules)
    # a person's: those of the ladder are named after what they come from
    ours = f"{in_round(command.case_id, case.round)}.s"
    open_ = [level for name, level in case.supervisions.items() if name.startswith(ours)]
    if command.level in open_:
        raise Refused(f"A supervision of level {command.level} is open already.")
    issued = sum(1 for name in case.started if name.startswith(f"SUP.{ours}"))
    return [
        SupervisionIssued(
            **command.stamp(rules.versions_of(case.policy), case.round),
            supervision_id=f"{ours}{issued + 1}",
            level=command.level,
            ground=command.ground,
            note=command.note,
            addressee=case.unit_id,
            due_at=_due_answer(command, case, rules),
        )
    ]


def _must_be_a_situation(command: IssueSupervision, case: Watch, rules: Rules) -> None:
    """The ground is one of those that the pack's profile knows."""
    old = rules.pack(case.policy).supervise.profile == "2005"
    if old and command.ground not in SITUATIONS_2005:
        known = ", ".join(sorted(SITUATIONS_2005))
        raise Refused(f"ground: by the profile 2005 it is one of: {known}.")
    if not old and command.ground in ONLY_2005:
        raise Refused(f"ground: {command.ground} is of the profile 2005, and the case's pack has another.")


def call_to_account(command: CallToAccount, case: Watch, rules: Rules) -> list[Event]:
    """A step of the ladder, once, and only while what it comes from still stands (transition 45)."""
    if f"SUP.{command.supervision_id}" in case.started or over_at(case) is not None:
        return []
    by_clock = command.ground in ("overdue", "nobody_acts")
    if by_clock and command.supervision_id not in {r.supervision_id for r in rungs(case, rules)}:
        return []
    return [
        SupervisionIssued(
            **command.stamp(rules.versions_of(case.policy), case.round),
            supervision_id=command.supervision_id,
            level=command.level,
            ground=command.ground,
            addressee=command.addressee,
            due_at=_due_answer(command, case, rules),
        )
    ]


def answer_supervision(command: AnswerSupervision, case: Watch, rules: Rules) -> list[Event]:
    """The head of the unit answers with what was done (transition 46: measures and evidence); a supervisor
    decides whether it is lifted."""
    clock = _open_supervision(command.supervision_id, case)
    addressee = present_holder(clock.owner_org, case, rules)
    if command.by.org != addressee:
        raise Refused(f"The supervision is addressed to {addressee}.")
    if f"SUP.{command.supervision_id}" in case.stopped:
        return []
    if command.measures is None:
        raise Refused("measures: say what was done; a blank answer is none.")
    return [
        SupervisionAnswered(
            **command.stamp(rules.versions_of(case.policy), case.round),
            supervision_id=command.supervision_id,
            measures=command.measures,
            evidence=command.evidence,
            lifted=False,
        )
    ]


def lift_supervision(command: LiftSupervision, case: Watch, rules: Rules) -> list[Event]:
    """A supervisor lifts what was answered, in words if there are any."""
    name = f"SUP.{command.supervision_id}"
    if name in case.started and command.supervision_id not in case.supervisions:
        return []
    _open_supervision(command.supervision_id, case)
    if name not in case.stopped:
        raise Refused("The unit has not answered yet.")
    return [
        SupervisionAnswered(
            **command.stamp(rules.versions_of(case.policy), case.round),
            supervision_id=command.supervision_id,
            lifted=True,
            note=command.note,
        )
    ]


def drop_supervision(command: DropSupervision, case: Watch, rules: Rules) -> list[Event]:
    """What the ladder led to ends by itself when it has nothing to stand on any more."""
    if command.supervision_id not in set(outlived(case)):
        return []
    return [
        SupervisionAnswered(
            **command.stamp(rules.versions_of(case.policy), case.round),
            supervision_id=command.supervision_id,
            lifted=True,
        )
    ]


def propose_escalation(command: ProposeEscalation, case: Watch, rules: Rules) -> list[Event]:
    """What only a person may do is put into the queue of those who may, once (domain 1.6 ``supervise``)."""
    if command.proposal_id not in {one.proposal_id for one in proposals(case, rules)}:
        return []
    return [
        EscalationProposed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            proposal_id=command.proposal_id,
            to=command.to,
            timer=command.clock,
            addressee=command.addressee,
        )
    ]


def dismiss_escalation(command: DismissEscalation, case: Watch, rules: Rules) -> list[Event]:
    """A person does not follow what the clock proposed, and says why."""
    to = case.beyond.proposals.get(command.proposal_id)
    if to is None:
        raise Refused("There is no such proposal.")
    if not to:
        return []
    return [
        EscalationDismissed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            proposal_id=command.proposal_id,
            reason=command.reason,
        )
    ]


def _due_answer(command: Command, case: Watch, rules: Rules) -> datetime:
    return rules.due(case.policy, "SUP", case.sla_class, case.track, command.occurred_at).at


def _open_supervision(supervision_id: str, case: Watch) -> Started:
    if supervision_id not in case.supervisions:
        raise Refused("No such supervision is open.")
    return case.started[f"SUP.{supervision_id}"]
