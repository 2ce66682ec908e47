"""What dispatch's tables answer: what waits for a unit, a judge or a meeting, and what each unit has.

Past 300 lines, for the row of a case is read as one.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from libs.events.base import Event, Recorded
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
    DisputeWithheld,
    TerminationProposed,
    TerminationRejected,
)
from libs.events.intake import (
    CaseAccepted,
    CaseLinkChanged,
    CaseReferred,
    CaseReopened,
    PersonalDataErased,
)
from libs.events.supervision import DeadlineMoved
from libs.rules.followers import followers_after
from libs.sourcing.followed import columns_of_a_case, followed
from libs.sourcing.tables import UtcTime, index_of_few, read_time, time_text
from libs.sourcing.views import Row, Views
from services.dispatch.countersigning import (
    lapsed,
    proposals_of,
    settled,
    with_proposal,
    withheld_of,
    without,
    without_words,
)

TABLES = sa.MetaData()

assignments = sa.Table(
    "assignments",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("category", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("track", sa.Text),
    sa.Column("sla_class", sa.Text),
    sa.Column("adcode", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("due_dispatch", UtcTime),
    sa.Column("due_step", UtcTime),
    sa.Column("assignment_id", sa.Text),
    sa.Column("unit_id", sa.Text),
    sa.Column("basis", sa.Text),
    sa.Column("automatic", sa.Boolean, default=False),
    sa.Column("law", sa.Text),
    sa.Column("direct", sa.Boolean, default=False),
    sa.Column("accepted_at", UtcTime),
    sa.Column("assigned_at", UtcTime),
    sa.Column("signed_at", UtcTime),
    sa.Column("due_sign", UtcTime),
    sa.Column("due_contact", UtcTime),
    sa.Column("due_handle", UtcTime),
    sa.Column("designated_unit", sa.Text),
    sa.Column("reason_code", sa.Text),
    sa.Column("suggested_unit", sa.Text),
    sa.Column("coordination_id", sa.Text),
    sa.Column("level", sa.Text),
    sa.Column("parties", sa.Text, default="[]"),
    sa.Column("assists", sa.Text, default="{}"),
    sa.Column("proposed", sa.Text, default="{}"),
    sa.Column("trace", sa.Text, default="[]"),
    sa.Column("termination_ground", sa.Text),
    sa.Column("termination_proposed_at", UtcTime),
    sa.Column("follower_links", sa.Text, default=""),
    *columns_of_a_case(),
    sa.Index("assignments_queue", "status", "due_step"),
    sa.Index("assignments_unit", "unit_id", "due_handle"),
    index_of_few("assignments_terminations", "termination_proposed_at"),
)
"""One row per accepted case. ``due_step``: the limit of what it waits for at dispatch, a unit, a judge or
a meeting. ``assists``: the assisting units' assignments by id; ``proposed``: the disputes that a head has
yet to countersign; ``trace``: who had it, who would not have
it and why, who decided; the words in it are ciphertext. ``follower_links``: the links of the cases that are
merged into it, with a blank between."""

assisting = sa.Table(
    "assisting",
    TABLES,
    sa.Column("assignment_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("unit_id", sa.Text, nullable=False),
    sa.Column("assigned_at", UtcTime),
    sa.Column("signed_at", UtcTime),
    sa.Column("due_sign", UtcTime),
    sa.Column("due_handle", UtcTime),
    sa.Column("due_step", UtcTime),
    sa.Column("reason_code", sa.Text),
    sa.Column("suggested_unit", sa.Text),
    sa.Index("assisting_unit", "unit_id", "due_handle"),
    sa.Index("assisting_disputed", "due_step"),
)
"""One row per assisting assignment that runs: ``assignments.assists`` by unit. ``due_step``: the judge's
limit, of one that is disputed."""

NO_TERMINATION: Row = {"termination_ground": None, "termination_proposed_at": None}
NOBODY: Row = NO_TERMINATION | {
    "assignment_id": None,
    "unit_id": None,
    "basis": None,
    "automatic": False,
    "law": None,
    "direct": False,
    "assigned_at": None,
    "signed_at": None,
    "due_sign": None,
    "due_contact": None,
    "due_handle": None,
    "designated_unit": None,
    "assists": "{}",
    "proposed": "{}",
}
"""What a row says while no unit has the case."""
UNDISPUTED: Row = {"due_step": None, "reason_code": None, "suggested_unit": None}
"""What an assisting assignment says that nobody disputes."""
WAITING: Row = {"status": "waiting", "reason_code": None, "suggested_unit": None}
DONE: Row = {"coordination_id": None, "level": None, "parties": "[]"}
AT_DISPATCH = ("waiting", "disputed", "coordinating")
WORDS = frozenset(
    {"note", "law_basis", "reason", "question", "minutes", "alternative_channel", "remedy"}
)
TRACED = WORDS | {
    "assignment_id",
    "role",
    "basis",
    "law",
    "direct",
    "prev_assignment",
    "ground",
    "reason_code",
    "suggested_org",
    "outcome",
    "designated_org",
    "coordination_id",
    "level",
    "parties",
    "lead",
    "assists",
}
"""What the trace keeps of a fact, where the fact has it."""


STEPS = {
    "DISPATCH": "due_dispatch",
    "SIGN": "due_sign",
    "CONTACT": "due_contact",
    "HANDLE": "due_handle",
}
"""In which column a step's due instant stands."""


def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the tables."""
    gone: list[str] = []
    rows: list[Row] = []
    for before, after in views.fold(assignments, heard, fold):
        had = json.loads(before["assists"]) if before is not None else {}
        has = json.loads(after["assists"])
        gone += had.keys() - has.keys()
        rows += [_assist_row(after, key, has[key]) for key in has if has[key] != had.get(key)]
    views.remove(assisting, gone)
    views.write(assisting, rows)


@followed(assignments, kept=("trace",))
def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case CaseAccepted() | CaseReopened():
            return row | {
                "category": event.category,
                "kind": event.kind,
                "track": event.track,
                "sla_class": event.sla_class,
                "adcode": event.adcode,
                "status": "waiting",
                "due_dispatch": event.due.dispatch,
                "due_step": event.due.dispatch,
                "accepted_at": event.occurred_at,
            }
        case CaseReferred() if event.due is not None:
            return row | {
                "category": event.category,
                "track": event.track,
                "sla_class": event.sla_class,
                "status": "waiting",
                "due_dispatch": event.due.dispatch,
                "due_step": event.due.dispatch,
                "accepted_at": event.occurred_at,
            }
        case CaseAssigned() if event.role == "assist":
            return row | _with_assist(row, event) | _traced(row, event)
        case CaseAssigned():
            assigned = {
                "status": "assigned",
                "assignment_id": event.assignment_id,
                "unit_id": event.org,
                "basis": event.basis,
                "automatic": event.automatic,
                "law": event.law or None,
                "direct": event.direct,
                "assigned_at": event.occurred_at,
                "signed_at": None,
                "due_step": None,
                "due_sign": event.due_sign,
                "due_contact": event.due_contact,
                "due_handle": event.due_handle,
                "designated_unit": None,
            }
            assigned |= without(row, row["assignment_id"])
            return row | NO_TERMINATION | assigned | _traced(row, event)
        case AssignmentSigned() if event.assignment_id == row["assignment_id"]:
            return row | {"status": "signed", "signed_at": event.occurred_at}
        case AssignmentSigned():
            signed = {"signed_at": time_text(event.occurred_at)}
            return row | _assist_with(row, event.assignment_id, signed)
        case DeadlineMoved() if event.step in STEPS and event.assignment_id in (None, row["assignment_id"]):
            return row | {STEPS[event.step]: event.due_at}
        case AssignmentPassedOn() if event.assignment_id == row["assignment_id"]:
            return row | {"unit_id": event.org} | _traced(row, event)
        case AssignmentPassedOn():
            passed = {"unit_id": event.org}
            return row | _assist_with(row, event.assignment_id, passed) | _traced(row, event)
        case DisputeProposed():
            return row | with_proposal(row, event) | _traced(row, event)
        case DisputeWithheld():
            return row | settled(row, event) | _traced(row, event)
        case AssignmentDisputed() if event.assignment_id != row["assignment_id"]:
            raised = {
                "due_step": time_text(event.due_decide),
                "reason_code": event.reason_code,
                "suggested_unit": event.suggested_org,
            }
            raised_ = _assist_with(row, event.assignment_id, raised) | settled(row, event)
            return row | raised_ | _traced(row, event)
        case DisputeDecided() if event.assignment_id != row["assignment_id"]:
            return row | _assist_decided(row, event) | settled(row, event) | _traced(row, event)
        case AssignmentDisputed():
            disputed = {
                "status": "disputed",
                "due_step": event.due_decide,
                "reason_code": event.reason_code,
                "suggested_unit": event.suggested_org,
            }
            return row | disputed | settled(row, event) | _traced(row, event)
        case DisputeDecided():
            return row | _decided(row, event) | _traced(row, event)
        case CoordinationOpened():
            opened = {
                "status": "coordinating",
                "due_step": event.due_resolve,
                "coordination_id": event.coordination_id,
                "level": event.level,
                "parties": json.dumps(event.parties),
            }
            return row | NOBODY | opened | _traced(row, event)
        case CoordinationResolved():
            resolved = DONE | {"due_step": event.due_dispatch, "designated_unit": event.lead}
            resolved |= {"due_dispatch": event.due_dispatch} if event.lead else {}
            return row | resolved | WAITING | _traced(row, event)
        case TerminationProposed():
            proposed = {
                "termination_ground": event.ground,
                "termination_proposed_at": event.occurred_at,
            }
            return row | proposed | _traced(row, event)
        case TerminationRejected() | CaseTerminated():
            return row | NO_TERMINATION | _traced(row, event)
        case CaseLinkChanged() if event.relation in ("leads", "released", "concludes"):
            links = followers_after(row["follower_links"].split(), event)
            return row | {"follower_links": " ".join(links)}
        case DispatchStopped():
            return row | NOBODY | DONE | WAITING | {"due_step": None} | _traced(row, event)
        case DispatchResumed():
            due = {"due_dispatch": event.due_dispatch, "due_step": event.due_dispatch}
            return row | due | _traced(row, event)
        case PersonalDataErased() if row["status"] is not None:
            return row | without_words(row) | {"trace": _without_words(row["trace"])}
        case _:
            return None


def _decided(row: Row, event: DisputeDecided) -> Row:
    if event.outcome == "denied":
        back = "signed" if row["signed_at"] is not None else "assigned"
        return WAITING | {"status": back, "due_step": None}
    due = {"due_dispatch": event.due_dispatch, "due_step": event.due_dispatch}
    return NOBODY | WAITING | due | {"designated_unit": event.designated_org}


def _with_assist(row: Row, event: CaseAssigned) -> Row:
    one = {
        "unit_id": event.org,
        "assigned_at": time_text(event.occurred_at),
        "signed_at": None,
        "due_sign": time_text(event.due_sign),
        "due_handle": time_text(event.due_handle),
    } | UNDISPUTED
    return {"assists": json.dumps(json.loads(row["assists"]) | {event.assignment_id: one})}


def _assist_with(row: Row, assignment_id: str, changed: dict[str, Any]) -> Row:
    """An assisting assignment otherwise than it was; one that is gone stays gone."""
    assists = json.loads(row["assists"])
    if assignment_id in assists:
        assists[assignment_id] |= changed
    return {"assists": json.dumps(assists)}


def _assist_decided(row: Row, event: DisputeDecided) -> Row:
    """Who need not assist is gone."""
    if event.outcome == "denied":
        return _assist_with(row, event.assignment_id, UNDISPUTED)
    assists = json.loads(row["assists"])
    assists.pop(event.assignment_id, None)
    return {"assists": json.dumps(assists)}


def _traced(row: Row, event: Event) -> Row:
    facts = event.model_dump(mode="json", include=set(TRACED), exclude_none=True)
    who = {"unit_id": getattr(event, "org", None), "by_role": event.actor.role}
    entry = {"fact": type(event).__name__, "at": time_text(event.occurred_at)} | who | facts
    return {"trace": json.dumps([*json.loads(row["trace"]), entry], ensure_ascii=False)}


def _without_words(trace: str) -> str:
    entries: list[dict[str, Any]] = json.loads(trace)
    bare = [{k: None if k in WORDS else v for k, v in entry.items()} for entry in entries]
    return json.dumps(bare, ensure_ascii=False)


def _assist_row(row: Row, assignment_id: str, one: dict[str, Any]) -> Row:
    times = ("assigned_at", "signed_at", "due_sign", "due_handle", "due_step")
    read = {name: one[name] and read_time(one[name]) for name in times}
    plain = {name: one[name] for name in ("unit_id", "reason_code", "suggested_unit")}
    return {"assignment_id": assignment_id, "case_id": row["case_id"]} | plain | read


def waiting_cases(views: Views, adcode: str | None = None, limit: int = 100) -> list[Row]:
    """Cases that wait at dispatch for a unit, a judge or a meeting, the most urgent first."""
    return _queue(views, AT_DISPATCH, adcode, limit)


def disputed_cases(views: Views, adcode: str | None = None, limit: int = 100) -> list[Row]:
    """Disputes that wait for a judge, of the lead or of who assists, the most urgent first."""
    found = [row | {"role": "lead"} for row in _queue(views, ("disputed",), adcode, limit)]
    assists = (
        sa.select(assisting, assignments.c.category, assignments.c.adcode)
        .join(assignments, assignments.c.case_id == assisting.c.case_id)
        .where(assisting.c.due_step.is_not(None))
    )
    query = _within(assists, adcode).order_by(assisting.c.due_step).limit(limit)
    found += [row | {"role": "assist"} for row in views.rows(query)]
    return sorted(found, key=lambda row: (row["due_step"], row["assignment_id"]))[:limit]


def proposals_to_countersign(
    views: Views, unit_id: str, now: datetime, limit: int = 100
) -> list[Row]:
    """Disputes that a unit's head has yet to countersign and still can, the oldest first."""
    there = assignments.c.proposed != "{}", assignments.c.stage.is_(None)
    leads = sa.select(assignments).where(assignments.c.unit_id == unit_id, *there)
    assists = (
        sa.select(assignments)
        .join(assisting, assignments.c.case_id == assisting.c.case_id)
        .where(assisting.c.unit_id == unit_id, *there)
    )
    cases = [*views.rows(leads), *views.rows(assists)]  # few: what has lapsed is not known to the table
    found = [one for row in cases for one in proposals_of(row, unit_id) if not lapsed(one, now)]
    return sorted(found, key=lambda one: (one["proposed_at"], one["assignment_id"]))[:limit]


def proposal_in(views: Views, case_id: str, unit_id: str) -> tuple[bool, Row | None]:
    """Whether a unit has the case, and the dispute of it that its clerk proposed: one that its head has yet to
    countersign, else the last, if the head did not."""
    row = views.load(assignments, [case_id]).get(case_id)
    if row is None:
        return False, None
    assists = json.loads(row["assists"])
    own = {of for of, one in assists.items() if one["unit_id"] == unit_id}
    if row["unit_id"] == unit_id:
        own.add(row["assignment_id"])
    return bool(own), next(iter(proposals_of(row, unit_id)), None) or withheld_of(row, own)


def coordinated_cases(views: Views, adcode: str | None = None, limit: int = 100) -> list[Row]:
    """Cases about which units meet, the most urgent first."""
    found = _queue(views, ("coordinating",), adcode, limit)
    return [row | {"parties": json.loads(row["parties"])} for row in found]


def terminations_proposed(
    views: Views, adcode: str | None = None, limit: int = 100
) -> list[Row]:
    """Cases whose termination waits for the second person, the oldest first."""
    query = sa.select(assignments).where(
        assignments.c.termination_proposed_at.is_not(None), assignments.c.stage.is_(None)
    )
    if adcode is not None:
        query = query.where(
            sa.or_(assignments.c.adcode.startswith(adcode), assignments.c.adcode.is_(None))
        )
    return views.rows(query.order_by(assignments.c.termination_proposed_at).limit(limit))


def _queue(views: Views, status: Sequence[str], adcode: str | None, limit: int) -> list[Row]:
    query = sa.select(assignments).where(assignments.c.status.in_(status))
    return views.rows(_within(query, adcode).order_by(assignments.c.due_step).limit(limit))


def _within(query: sa.Select[Any], adcode: str | None) -> sa.Select[Any]:
    """Cases of a jurisdiction, and of no known place."""
    if adcode is None:
        return query
    of = assignments.c.adcode
    return query.where(sa.or_(of.startswith(adcode), of.is_(None)))


def assignments_of(views: Views, unit_id: str, limit: int = 100) -> list[Row]:
    """What a unit has to lead and to assist, by due date; nothing that is over."""
    runs = assignments.c.stage.is_(None)
    leads = sa.select(assignments).where(assignments.c.unit_id == unit_id, runs)
    own = views.rows(leads.order_by(assignments.c.due_handle).limit(limit))
    assists = (
        sa.select(assisting, *_shared())
        .join(assignments, assignments.c.case_id == assisting.c.case_id)
        .where(assisting.c.unit_id == unit_id, runs)
    )
    others = views.rows(assists.order_by(assisting.c.due_handle).limit(limit))
    found = [row | {"role": "lead"} for row in own]
    found += [row | {"role": "assist"} for row in others]
    return sorted(found, key=lambda row: (row["due_handle"], row["case_id"]))[:limit]


def _shared() -> list[sa.Column[Any]]:
    """What an assisting unit is shown of the case."""
    names = ("category", "track", "sla_class", "adcode", "status", "accepted_at", "follower_links")
    return [assignments.c[name] for name in names]


def trace_of(views: Views, case_id: str) -> list[dict[str, Any]] | None:
    """Who had a case, who would not have it, and who decided; nothing if dispatch does not know it."""
    row = views.load(assignments, [case_id]).get(case_id)
    if row is None:
        return None
    entries: list[dict[str, Any]] = json.loads(row["trace"])
    return entries
