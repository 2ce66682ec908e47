"""The rules of what a case has to do with another: merged, parted, related. Nothing here waits, reads or writes.

A merger has two sides, each a fact of its own case: the one that follows says ``merged_into``, the one that
leads says ``leads``. Each rule sees one side alone; ``joining`` asks the other (ADR 0016).
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Literal, assert_never

from libs.events.base import Event, in_round
from libs.events.intake import CaseLinkChanged
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.intake.commands import (
    ConcludeFollower,
    ConcludeFollowers,
    LeadCase,
    LinkCommand,
    MergeCase,
    PartCase,
    RelateCases,
    ReleaseFollower,
    ReleaseFollowers,
    UnmergeCase,
)
from services.intake.state import SHORT_WAYS, Registration

LettingGo = Literal["released", "concludes"]


class WhyNot(Enum):
    """Why a case cannot lead another: for a clerk, and for the citizen whose case goes on by itself."""

    UNKNOWN = "There is no such case to merge into.", "主件不存在"
    RESTRICTED = "A report on an official is merged with nothing.", "主件不得并件"
    ENDED = "The case to merge into has ended.", "主件已办结或终止"
    MERGED = "The case to merge into is merged into another itself.", "主件已并入其他件"
    ANSWERED = "The case to merge into was answered already.", "主件已答复"

    def __init__(self, words: str, zh: str) -> None:
        self.words, self.zh = words, zh


class CannotLead(Refused):
    """The other side of a merger is not to be had."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(f"{why.words} ({why.zh})")
        self.why = why


def decide_link(command: LinkCommand, case: Registration, rules: Rules) -> Sequence[Event]:
    """What follows from a command about a link, or ``Refused``."""
    match command:
        case MergeCase():
            return merge_case(command, case, rules)
        case UnmergeCase():
            return unmerge_case(command, case, rules)
        case RelateCases():
            return relate_cases(command, case, rules)
        case LeadCase():
            return lead_case(command, case, rules)
        case PartCase():
            return part_case(command, case, rules)
        case ReleaseFollower():
            return release_follower(command, case, rules)
        case ReleaseFollowers():
            return let_all_go(command, case, rules, "released")
        case ConcludeFollowers():
            return let_all_go(command, case, rules, "concludes")
        case ConcludeFollower():
            return conclude_follower(command, case, rules)
        case _:
            assert_never(command)


def merge_case(command: MergeCase, case: Registration, rules: Rules) -> list[Event]:
    """The same matter is handled once (transition 10; 国办函〔2025〕66号(五) 重复诉求原则上并单). That it is
    the same is a named person's word; the citizen's own due date goes with it."""
    if command.by.role == "system":
        raise Refused("That two cases are the same matter is said by a named person.")
    links = case.links
    if links.lead == command.into:
        return []
    if links.lead is not None:
        raise Refused("The case is merged already (已并单); it must be unmerged first.")
    _must_be_joinable(case)
    if command.into == command.case_id:
        raise Refused("into: a case is not merged into itself.")
    if links.followers:
        raise Refused("Other cases are merged into this one; release or move them first.")
    if command.into in links.parted:
        raise Refused("into: the citizen said that it is another matter.")
    return [
        CaseLinkChanged(
            **command.stamp(rules.versions_of(case.policy), case.round),
            relation="merged_into",
            link_id=_next_link(command, case),
            other_case=command.into,
            reason=command.reason,
            similarity=command.similarity,
            due_citizen=case.due_citizen or _promise(command, case, rules),
        )
    ]


def unmerge_case(command: UnmergeCase, case: Registration, rules: Rules) -> list[Event]:
    """The citizen or an officer says that it is another matter (transition 11); the citizen's own clock
    goes on, as if it had never stopped."""
    links = case.links
    if case.erased:
        raise Refused("The personal data of this case were erased; nothing can be done for it.")
    if case.regions is not None and case.regions.archived_at is not None:
        raise Refused("The case is archived (已归档); what is new is a new case.")
    if links.lead is None:
        if links.link_id:
            return []
        raise Refused("The case is not merged.")
    return [_unmerged(command, case, rules)]


def part_case(command: PartCase, case: Registration, rules: Rules) -> list[Event]:
    """The other side is not to be had, or let go: the case goes on by itself."""
    if case.links.lead is None or case.links.link_id != command.link_id or case.links.concluded:
        return []
    return [_unmerged(command, case, rules)]


def relate_cases(command: RelateCases, case: Registration, rules: Rules) -> list[Event]:
    """Another matter that is worth knowing. It changes nothing in either case."""
    if not case.stage:
        raise Refused("There is no such case.")
    if case.track == "restricted" or case.secrecy != "normal":
        raise Refused("A report on an official is related to nothing.")
    if command.other_case == command.case_id:
        raise Refused("other_case: a case is not related to itself.")
    if command.other_case in case.links.related:
        return []
    return [
        CaseLinkChanged(
            **command.stamp(rules.versions_of(case.policy), case.round),
            relation="related",
            link_id=_next_link(command, case),
            other_case=command.other_case,
            reason=command.reason,
            similarity=command.similarity,
        )
    ]


def lead_case(command: LeadCase, case: Registration, rules: Rules) -> list[Event]:
    """The other side of a merger: only a case that is open, not answered and not merged itself leads."""
    if command.link_id in case.links.followers or command.link_id in case.links.let_go:
        return []
    why = why_not_lead(case)
    if why is not None:
        raise CannotLead(why)
    return [
        CaseLinkChanged(
            **command.stamp(rules.versions_of(case.policy), case.round),
            relation="leads",
            link_id=command.link_id,
            other_case=command.follower,
            due_citizen=command.due_citizen,
        )
    ]


def why_not_lead(case: Registration) -> WhyNot | None:
    """Why no other case can be merged into this one, if so."""
    if not case.stage:
        return WhyNot.UNKNOWN
    if case.track == "restricted" or case.secrecy != "normal":
        return WhyNot.RESTRICTED
    if case.links.lead is not None:
        return WhyNot.MERGED
    if case.ended or case.erased:
        return WhyNot.ENDED
    answered = case.stage in SHORT_WAYS or case.elsewhere.answered
    return WhyNot.ANSWERED if answered else None


def release_follower(command: ReleaseFollower, case: Registration, rules: Rules) -> list[Event]:
    """The case that followed goes on by itself."""
    follower = case.links.followers.get(command.link_id)
    if follower is None:
        return []
    return [_let_go(command, case, rules, "released", command.link_id)]


def let_all_go(
    command: ReleaseFollowers | ConcludeFollowers,
    case: Registration,
    rules: Rules,
    relation: LettingGo,
) -> list[Event]:
    """With a case that was closed those that followed it have ended; without it they go on by themselves."""
    followers = case.links.followers
    return [_let_go(command, case, rules, relation, link_id) for link_id in followers]


def conclude_follower(command: ConcludeFollower, case: Registration, rules: Rules) -> list[Event]:
    """The case has ended with the one that it followed."""
    links = case.links
    if links.lead is None or links.link_id != command.link_id or links.concluded:
        return []
    return [
        CaseLinkChanged(
            **command.stamp(rules.versions_of(case.policy), case.round),
            relation="concluded",
            link_id=links.link_id,
            other_case=links.lead,
        )
    ]


def _must_be_joinable(case: Registration) -> None:
    """Only a case that is not answered and about which nothing else is decided now (S10, S20, S30, S40)."""
    if not case.stage:
        raise Refused("There is no such case.")
    if case.track == "restricted" or case.secrecy != "normal":
        raise Refused("A report on an official is merged with nothing.")
    if case.over or case.erased:
        raise Refused("The case has ended.")
    if case.stage in SHORT_WAYS:
        raise Refused(SHORT_WAYS[case.stage])
    if case.question is not None:
        raise Refused(
            "The citizen was asked for what is missing; the answer is waited for (待补充)."
        )
    what = case.elsewhere.in_the_way
    if what:
        raise Refused(f"{what} It cannot be merged now.")


def _promise(command: Command, case: Registration, rules: Rules) -> datetime:
    """What the citizen of a case that is not accepted yet would be promised, from registration on."""
    sla = rules.leaf(case.category).sla.value if case.category else "G"
    began = case.registered_at or command.occurred_at
    return rules.due(case.policy, "CITIZEN", sla, case.track, began).at


def _next_link(command: Command, case: Registration) -> str:
    return f"{in_round(command.case_id, case.round)}.l{case.links.count + 1}"


def _unmerged(command: UnmergeCase | PartCase, case: Registration, rules: Rules) -> CaseLinkChanged:
    return CaseLinkChanged(
        **command.stamp(rules.versions_of(case.policy), case.round),
        relation="unmerged",
        link_id=case.links.link_id,
        other_case=case.links.lead or "",
        reason=command.reason,
    )


def _let_go(
    command: Command, case: Registration, rules: Rules, relation: LettingGo, link_id: str
) -> CaseLinkChanged:
    return CaseLinkChanged(
        **command.stamp(rules.versions_of(case.policy), case.round),
        relation=relation,
        link_id=link_id,
        other_case=case.links.followers[link_id],
    )
