"""Dispatch over HTTP: a route makes a command or reads a view, and no more."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, computed_field

from libs.host.http import REFUSALS, AtDesk, CaseId, Purpose, command_route
from libs.host.problems import Denied
from services.dispatch.commands import (
    ApproveTermination,
    AssignCase,
    DecideDispute,
    DisputeAssignment,
    OpenCoordination,
    ProposeDispute,
    ProposeTermination,
    RejectTermination,
    ResolveCoordination,
    SignAssignment,
    WithholdDispute,
)
from services.dispatch.countersigning import lapsed
from services.dispatch.projection import (
    WORDS,
    assignments_of,
    coordinated_cases,
    disputed_cases,
    proposal_in,
    proposals_to_countersign,
    terminations_proposed,
    trace_of,
    waiting_cases,
)

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=500)]


class AssignmentView(BaseModel):
    """A case at dispatch or with a unit. ``due_step``: the limit of what it waits for at dispatch.

    ``role``: whether the unit leads or assists. ``designated_unit`` must be given a case that waits.
    ``followers``: how many cases are merged into it (并单), to be answered with it.
    ``law``: what the catalogue's entry names; ``direct``: it went straight to the unit (工单直派).
    """

    model_config = ConfigDict(extra="ignore")

    case_id: str
    category: str | None
    track: str
    sla_class: str
    adcode: str | None
    status: str
    accepted_at: datetime
    due_dispatch: datetime | None = None
    due_step: datetime | None = None
    designated_unit: str | None = None
    role: Literal["lead", "assist"] = "lead"
    assignment_id: str | None
    unit_id: str | None
    basis: str | None = None
    automatic: bool = False
    law: str | None = None
    direct: bool = False
    assigned_at: datetime | None
    signed_at: datetime | None
    due_sign: datetime | None
    due_contact: datetime | None = None
    due_handle: datetime | None
    follower_links: Annotated[str, Field(exclude=True)] = ""

    @computed_field
    def followers(self) -> int:
        """How many cases are merged into this one."""
        return len(self.follower_links.split())


class DisputeView(BaseModel):
    """A case whose unit says that it is not its own to lead, or to assist (``role``). The words are in the
    case's trace."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    category: str | None
    adcode: str | None
    assignment_id: str
    role: Literal["lead", "assist"]
    unit_id: str
    reason_code: str
    suggested_unit: str | None
    assigned_at: datetime
    due_step: datetime


class DisputeProposalView(BaseModel):
    """A dispute that the unit's head has yet to countersign, before ``countersign_until``."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    category: str | None
    assignment_id: str
    unit_id: str
    proposed_at: datetime
    countersign_until: datetime | None = None
    reason_code: str
    suggested_unit: str | None


class ProposedDispute(DisputeProposalView):
    """The same with its words; of one that the head did not countersign, since when and why. ``lapsed``: the
    time to countersign it was over before."""

    law_basis: str | None
    lapsed: bool = False
    withheld_at: datetime | None = None
    withheld_for: str | None = None


class TerminationView(BaseModel):
    """A case whose termination was proposed. The words are in the case's trace."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    category: str | None
    adcode: str | None
    unit_id: str | None
    termination_ground: str
    termination_proposed_at: datetime


class CoordinationView(BaseModel):
    """A case about which units meet."""

    model_config = ConfigDict(extra="ignore")

    case_id: str
    category: str | None
    adcode: str | None
    coordination_id: str
    level: str
    parties: list[str]
    due_step: datetime


class TraceEntry(BaseModel):
    """One step of a case at dispatch: given to a unit, disputed, decided, coordinated. Words that were
    erased are ``None``."""

    fact: str
    at: datetime
    by_role: str
    unit_id: str | None = None
    assignment_id: str | None = None
    role: str | None = None
    basis: str | None = None
    law: str | None = None
    direct: bool = False
    prev_assignment: str | None = None
    note: str | None = None
    reason_code: str | None = None
    law_basis: str | None = None
    suggested_org: str | None = None
    outcome: str | None = None
    reason: str | None = None
    designated_org: str | None = None
    coordination_id: str | None = None
    level: str | None = None
    parties: list[str] = []
    question: str | None = None
    lead: str | None = None
    assists: list[str] = []
    minutes: str | None = None
    ground: str | None = None
    alternative_channel: str | None = None
    remedy: str | None = None


@router.get("/cases", operation_id="dispatch_queue", responses=REFUSALS)
async def list_waiting_cases(at_desk: AtDesk, limit: Limit = 100) -> list[AssignmentView]:
    """Cases that wait for a unit, a judge or a meeting, the most urgent first, within the caller's
    jurisdiction."""
    at_desk.allow("dispatch_queue")
    rows = await at_desk.read(lambda views: waiting_cases(views, at_desk.principal.adcode, limit))
    return [AssignmentView(**row) for row in rows]


@router.get("/units/{unit_id}/assignments", operation_id="unit_assignments", responses=REFUSALS)
async def list_assignments(
    unit_id: Annotated[str, Path(max_length=100)], at_desk: AtDesk, limit: Limit = 100
) -> list[AssignmentView]:
    """What a unit has, by due date."""
    at_desk.allow("unit_assignments", unit_id=unit_id)
    rows = await at_desk.read(lambda views: assignments_of(views, unit_id, limit))
    return [AssignmentView(**row) for row in rows]


@router.get("/disputes", operation_id="dispute_queue", responses=REFUSALS)
async def list_disputes(at_desk: AtDesk, limit: Limit = 100) -> list[DisputeView]:
    """Disputes that wait for a judge, the most urgent first, within the caller's jurisdiction."""
    at_desk.allow("dispute_queue")
    rows = await at_desk.read(lambda views: disputed_cases(views, at_desk.principal.adcode, limit))
    return [DisputeView(**row) for row in rows]


@router.get(
    "/units/{unit_id}/dispute-proposals", operation_id="unit_dispute_proposals", responses=REFUSALS
)
async def list_dispute_proposals(
    unit_id: Annotated[str, Path(max_length=100)], at_desk: AtDesk, limit: Limit = 100
) -> list[DisputeProposalView]:
    """Disputes that the unit's head has yet to countersign and still can, the oldest first."""
    at_desk.allow("unit_dispute_proposals", unit_id=unit_id)
    now = at_desk.running.world.now()
    rows = await at_desk.read(lambda views: proposals_to_countersign(views, unit_id, now, limit))
    return [DisputeProposalView(**row) for row in rows]


@router.get("/cases/{case_id}/dispute-proposal", operation_id="dispute_proposal", responses=REFUSALS)
async def show_dispute_proposal(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> ProposedDispute | None:
    """What the unit's head is to countersign, with its words, or why the head did not; nothing if nothing was
    proposed. On record."""
    at_desk.allow("dispute_proposal", case_id)
    unit_id = at_desk.principal.unit_id or "nobody"
    has_it, row = await at_desk.read(lambda views: proposal_in(views, case_id, unit_id))
    if not has_it:
        raise Denied("There is no such case, or it is not yours to see.")
    if row is None:
        return None
    sealed = [row["law_basis"], row.get("withheld_for")]
    law_basis, reason = await at_desk.open(case_id, sealed, purpose)
    over = lapsed(row, at_desk.running.world.now())
    words = {"law_basis": law_basis, "withheld_for": reason}
    return ProposedDispute(**row | words | {"lapsed": over})


@router.get("/terminations", operation_id="termination_queue", responses=REFUSALS)
async def list_terminations(at_desk: AtDesk, limit: Limit = 100) -> list[TerminationView]:
    """Terminations that wait for the second person, the oldest first, within the caller's jurisdiction."""
    at_desk.allow("termination_queue")
    adcode = at_desk.principal.adcode
    rows = await at_desk.read(lambda views: terminations_proposed(views, adcode, limit))
    return [TerminationView(**row) for row in rows]


@router.get("/coordinations", operation_id="coordination_queue", responses=REFUSALS)
async def list_coordinations(at_desk: AtDesk, limit: Limit = 100) -> list[CoordinationView]:
    """Cases about which units meet, the most urgent first, within the caller's jurisdiction."""
    at_desk.allow("coordination_queue")
    adcode = at_desk.principal.adcode
    rows = await at_desk.read(lambda views: coordinated_cases(views, adcode, limit))
    return [CoordinationView(**row) for row in rows]


@router.get("/cases/{case_id}/trace", operation_id="dispatch_trace", responses=REFUSALS)
async def show_trace(case_id: CaseId, at_desk: AtDesk, purpose: Purpose) -> list[TraceEntry]:
    """Who had a case, who would not have it and why, who decided. The look is recorded, for there
    may be words about people in it."""
    at_desk.allow("dispatch_trace", case_id)
    entries = await at_desk.read(lambda views: trace_of(views, case_id))
    if entries is None:
        raise Denied("There is no such case, or it is not yours to see.")
    places = [(entry, name) for entry in entries for name in sorted(WORDS & entry.keys())]
    opened = await at_desk.open(case_id, [entry[name] for entry, name in places], purpose)
    for (entry, name), words in zip(places, opened, strict=True):
        entry[name] = words
    return [TraceEntry(**entry) for entry in entries]


command_route(router, AssignCase, "/cases/{case_id}/assignment")
command_route(router, SignAssignment, "/cases/{case_id}/signature")
command_route(router, ProposeDispute, "/cases/{case_id}/dispute-proposals")
command_route(router, WithholdDispute, "/cases/{case_id}/dispute-withholding")
command_route(router, DisputeAssignment, "/cases/{case_id}/disputes")
command_route(router, DecideDispute, "/cases/{case_id}/dispute-decisions")
command_route(router, OpenCoordination, "/cases/{case_id}/coordinations")
command_route(router, ResolveCoordination, "/cases/{case_id}/coordination-results")
command_route(router, ProposeTermination, "/cases/{case_id}/terminations")
command_route(router, ApproveTermination, "/cases/{case_id}/termination-approval")
command_route(router, RejectTermination, "/cases/{case_id}/termination-rejection")
