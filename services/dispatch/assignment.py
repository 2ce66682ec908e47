"""A case as dispatch knows it, and what each fact does to that. It decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentPassedOn,
    AssignmentSigned,
    CaseAssigned,
    CaseTerminated,
    CoordinationOpened,
    CoordinationResolved,
    DispatchResumed,
    DispatchStopped,
    DisputeDecided,
    DisputeProposed,
    DisputeReason,
    DisputeWithheld,
    TerminationProposed,
    TerminationRejected,
)
from libs.events.evaluation import CaseClosed, ReworkOrdered
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    HoldLifted,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import (
    CaseAccepted,
    CaseLinkChanged,
    CaseReferred,
    CaseReopened,
    CaseWithdrawn,
)
from libs.rules.calendar import is_late
from libs.rules.ends import GOING_ON, Ends
from libs.rules.replacing import replace
from libs.rules.rules import Rules
from libs.sourcing.decider import Command
from libs.sourcing.rounds import in_rounds

CoordinationLevel = Literal["whistle", "consultation", "establishment_office", "government"]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute that waits for its judge; ``raised_by`` may not be that judge."""

    unit_id: str
    raised_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DisputeProposal:
    """A dispute that the unit's head has yet to countersign, if it is ``open``, and before ``until``, if that was
    stated. ``proposed_by``: all who have ever proposed one of this assignment. The words are sealed."""

    proposed_by: tuple[str, ...]
    reason_code: DisputeReason
    law_basis: str
    suggested_org: str | None
    open: bool = True
    until: datetime | None = None

    def lapsed(self, at: datetime) -> bool:
        """Whether the time to countersign it was over at an instant."""
        return self.until is not None and is_late(at, self.until)


@dataclass(frozen=True, slots=True)
class Coordination:
    """A meeting that has named nobody yet."""

    coordination_id: str
    level: CoordinationLevel
    parties: tuple[str, ...]
    due_resolve: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """A termination that waits for the second person. The words are sealed."""

    ground: str
    reason: str
    alternative_channel: str
    remedy: str
    proposed_by: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """A case as dispatch knows it: what intake said, how far feedback is, and with which units it is.

    Intake wrote the seven fields from ``ready``, feedback ``answer``, by assignment ``answer_of``,
    ``delivered_of`` and ``held``, and ``missed`` (how often in a row the citizen was tried in vain); in
    ``ends`` each says its own ends; all else is dispatch's own. ``stopped``: the merging for which it is
    handled with another case; ``stops``: all of them so far. ``assists`` are the assisting units with their
    assignments. ``named`` must lead by a judge's or a meeting's word; who was given the case by such a word
    is ``designated`` and returns it no more. ``automatic``: no person gave it to the unit. ``upheld`` are
    the units whose case it was found not to be. By assignment stand in ``assists_since`` since when a unit
    assists, in ``assist_disputes`` who says that it need not, in ``dispute_proposals`` what a head has yet to
    countersign; ``assists_bound`` are the units that must, by a meeting's word or a judge's.
    """

    round: int = 0
    ready: bool = False
    policy: str = ""
    track: str = ""
    category: str = ""
    sla_class: str = ""
    adcode: str | None = None
    mailbox: str | None = None
    answer: Literal["", "submitted", "returned"] = ""
    answer_of: str = ""
    delivered_of: str = ""
    held: str = ""
    unit_id: str | None = None
    assignment_id: str = ""
    assigned_at: datetime | None = None
    assignments: int = 0
    signed: bool = False
    automatic: bool = False
    designated: bool = False
    assists: Mapping[str, str] = field(default_factory=dict)
    assists_signed: tuple[str, ...] = ()
    dispute: Dispute | None = None
    disputes: int = 0
    decided: str = ""
    upheld: tuple[str, ...] = ()
    coordination: Coordination | None = None
    coordinations: int = 0
    resolved: str = ""
    named: str | None = None
    named_assists: tuple[str, ...] = ()
    assists_since: Mapping[str, datetime] = field(default_factory=dict)
    assist_disputes: Mapping[str, Dispute] = field(default_factory=dict)
    dispute_proposals: Mapping[str, DisputeProposal] = field(default_factory=dict)
    assists_bound: tuple[str, ...] = ()
    stopped: str = ""
    stops: tuple[str, ...] = ()
    proposal: Proposal | None = None
    missed: int = 0
    ends: Ends = GOING_ON

    @property
    def delivered(self) -> bool:
        """Whether the unit that has the case has answered the citizen, though it may do it again now."""
        return self.delivered_of == self.assignment_id != ""

    @property
    def answered(self) -> bool:
        """Whether the unit that has the case has answered, so that the case is its own."""
        waits = self.answer == "submitted" and self.answer_of == self.assignment_id != ""
        return waits or self.delivered

    @property
    def over(self) -> bool:
        """Whether nothing more is done about the case."""
        return self.ends.over


def due_at(case: Assignment, step: str, command: Command, rules: Rules) -> datetime:
    """When a step ends that begins with this command, by the pack that the case keeps."""
    return rules.due(case.policy, step, case.sla_class, case.track, command.occurred_at).at


def _evolve(case: Assignment, event: Event) -> Assignment:
    """The case after an event."""
    match event:
        case CaseAccepted() | CaseReferred() | CaseReopened():
            return replace(
                case,
                ready=event.due is not None,
                policy=event.decided_with.policy,
                track=event.track,
                category=event.category,
                sla_class=event.sla_class,
                adcode=None if isinstance(event, CaseReferred) else event.adcode,
                mailbox=event.mailbox if isinstance(event, CaseAccepted) else case.mailbox,
            )
        case CaseAssigned():
            return _assigned(case, event)
        case AssignmentSigned():
            if event.assignment_id == case.assignment_id:
                return replace(case, signed=True)
            return replace(case, assists_signed=(*case.assists_signed, event.assignment_id))
        case DisputeProposed() | DisputeWithheld():
            return _proposed(case, event)
        case AssignmentDisputed():
            before = case.dispute_proposals.get(event.assignment_id)
            by = {*(before.proposed_by if before else ()), event.actor.id, event.signer}
            dispute = Dispute(event.org, tuple(sorted(by)))
            case = _no_more_proposed(case, event.assignment_id)
            if event.assignment_id != case.assignment_id:
                disputes = {**case.assist_disputes, event.assignment_id: dispute}
                return replace(case, assist_disputes=dict(sorted(disputes.items())))
            return replace(case, dispute=dispute, disputes=case.disputes + 1)
        case DisputeDecided() if event.assignment_id != case.assignment_id:
            return _assist_decided(case, event)
        case DisputeDecided():
            if event.outcome == "denied":
                return replace(case, dispute=None, decided="denied", designated=True)
            upheld = (*case.upheld, event.org)
            return replace(
                _with_nobody(case), decided="upheld", upheld=upheld, named=event.designated_org
            )
        case CoordinationOpened():
            opened = Coordination(
                event.coordination_id, event.level, event.parties, event.due_resolve
            )
            count = case.coordinations + 1
            return replace(_with_nobody(case), coordination=opened, coordinations=count)
        case CoordinationResolved():
            return replace(
                case,
                coordination=None,
                resolved=event.coordination_id,
                named=event.lead,
                named_assists=event.assists,
            )
        case AssignmentPassedOn():
            return _passed_on(case, event)
        case DispatchStopped():
            case = replace(case, stopped=event.link_id, stops=(*case.stops, event.link_id))
            return replace(_with_nobody(case), coordination=None, decided="", resolved="")
        case DispatchResumed():
            return replace(case, stopped="")
        case CaseTerminated():
            return replace(case, proposal=None, ends=case.ends.after(event))
        case CaseWithdrawn() | CaseLinkChanged() | CaseClosed() | ReworkOrdered():
            return replace(case, ends=case.ends.after(event))
        case TerminationProposed():
            proposal = Proposal(
                event.ground,
                event.reason,
                event.alternative_channel,
                event.remedy,
                event.actor.id,
            )
            return replace(case, proposal=proposal)
        case TerminationRejected():
            return replace(case, proposal=None)
        case CaseHeld() | HoldLifted():
            held = event.assignment_id if isinstance(event, CaseHeld) else ""
            return replace(case, held=held)
        case CitizenContacted():
            return replace(case, missed=0 if event.reached else case.missed + 1)
        case ReplySubmitted():
            return replace(case, answer="submitted", answer_of=event.assignment_id)
        case ReplyReturned():
            return replace(case, answer="returned")
        case ReplyDelivered():
            delivered = event.assignment_id
            return replace(case, delivered_of=delivered, ends=case.ends.after(event))
        case _:
            return case


def _assigned(case: Assignment, event: CaseAssigned) -> Assignment:
    count = case.assignments + 1
    if event.role == "assist":
        assists = {**case.assists, event.org: event.assignment_id}
        since = {**case.assists_since, event.assignment_id: event.occurred_at}
        case = replace(case, assists_since=dict(sorted(since.items())))
        return replace(case, assignments=count, assists=dict(sorted(assists.items())))
    return replace(
        case,
        unit_id=event.org,
        assignment_id=event.assignment_id,
        assigned_at=event.occurred_at,
        assignments=count,
        signed=False,
        automatic=event.automatic,
        designated=event.org == case.named,
        decided="",
        named=None,
        named_assists=(),
        assists_bound=case.named_assists,
        proposal=None,
    )


def _proposed(case: Assignment, event: DisputeProposed | DisputeWithheld) -> Assignment:
    if isinstance(event, DisputeWithheld):
        return _no_more_proposed(case, event.assignment_id)
    before = case.dispute_proposals.get(event.assignment_id)
    by = {*(before.proposed_by if before else ()), event.actor.id}
    proposal = DisputeProposal(
        tuple(sorted(by)),
        event.reason_code,
        event.law_basis,
        event.suggested_org,
        until=event.countersign_until,
    )
    proposals = {**case.dispute_proposals, event.assignment_id: proposal}
    return replace(case, dispute_proposals=dict(sorted(proposals.items())))


def _no_more_proposed(case: Assignment, assignment_id: str) -> Assignment:
    """Who proposed it stays known, for nobody countersigns or judges what was the own proposal."""
    proposal = case.dispute_proposals.get(assignment_id)
    if proposal is None:
        return case
    closed = {**case.dispute_proposals, assignment_id: replace(proposal, open=False)}
    return replace(case, dispute_proposals=closed)


def _assist_decided(case: Assignment, event: DisputeDecided) -> Assignment:
    """An assisting unit need not help, and is gone, or must; the lead's work is not touched."""
    of = event.assignment_id
    open_ = {number: dispute for number, dispute in case.assist_disputes.items() if number != of}
    case = replace(case, assist_disputes=open_)
    if event.outcome == "denied":
        return replace(case, assists_bound=(*case.assists_bound, event.org))
    rest = {unit: number for unit, number in case.assists.items() if number != of}
    return replace(case, assists=rest, upheld=(*case.upheld, event.org))


def _passed_on(case: Assignment, event: AssignmentPassedOn) -> Assignment:
    """The successor stands where the former unit stood, in its dispute too."""
    if event.assignment_id != case.assignment_id:
        rest = {unit: number for unit, number in case.assists.items() if unit != event.from_org}
        disputes = {
            number: replace(dispute, unit_id=event.org) if number == event.assignment_id else dispute
            for number, dispute in case.assist_disputes.items()
        }
        bound = (event.org if unit == event.from_org else unit for unit in case.assists_bound)
        case = replace(case, assist_disputes=disputes, assists_bound=tuple(bound))
        return replace(case, assists=dict(sorted({**rest, event.org: event.assignment_id}.items())))
    dispute = replace(case.dispute, unit_id=event.org) if case.dispute is not None else None
    return replace(case, unit_id=event.org, dispute=dispute)


def _with_nobody(case: Assignment) -> Assignment:
    """Neither lead nor assists have the case any more."""
    return replace(
        case,
        unit_id=None,
        assignment_id="",
        assigned_at=None,
        signed=False,
        automatic=False,
        designated=False,
        assists={},
        assists_signed=(),
        assists_since={},
        assist_disputes={},
        dispute_proposals={},
        assists_bound=(),
        dispute=None,
        proposal=None,
        named=None,
        named_assists=(),
    )


def _anew(case: Assignment, round_: int) -> Assignment:
    return Assignment(round=round_, mailbox=case.mailbox)


evolve = in_rounds(_evolve, _anew)
