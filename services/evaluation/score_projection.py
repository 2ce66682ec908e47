"""What evaluation's tables answer about scores: what is contested before which panel, and what is left out."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.events.dispatch import AssignmentPassedOn
from libs.events.evaluation import (
    AppealDismissed,
    ExclusionDecided,
    ExclusionProposed,
    PanelConvened,
    PanelFindingFiled,
    PanelMemberRecused,
    ScoreAppealed,
    ThirdPartyAssessed,
)
from libs.events.intake import CaseReopened, PersonalDataErased
from libs.rules.ends import ENDING
from libs.sourcing.followed import columns_of_a_case, followed
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views
from services.evaluation.projection import TABLES, project

appeals = sa.Table(
    "appeals",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("status", sa.Text),
    sa.Column("unit_id", sa.Text),
    sa.Column("appeal_id", sa.Text),
    sa.Column("against", sa.Text),
    sa.Column("fact_id", sa.Text),
    sa.Column("evidence", sa.Text, default=""),
    sa.Column("reason", sa.Text),
    sa.Column("appealed_at", UtcTime),
    sa.Column("panel_id", sa.Text),
    sa.Column("question", sa.Text),
    sa.Column("members", sa.Text, default="[]"),
    sa.Column("recused", sa.Text, default=""),
    sa.Column("found", sa.Text, default=""),
    sa.Column("brief", sa.Text),
    sa.Column("due_assess", UtcTime),
    sa.Column("finding", sa.Text),
    sa.Column("score_effect", sa.Text),
    sa.Column("assessed_at", UtcTime),
    *columns_of_a_case(),
    sa.Index("appeals_queue", "status", "appealed_at"),
    sa.Index("appeals_unit", "unit_id", "appealed_at"),
)
"""One row per case whose score is contested. ``reason`` and ``brief`` are ciphertext; ``found``: the accounts
that have said what they find, not what. The rating itself is not here: the old fact stays where it is."""

exclusions = sa.Table(
    "exclusions",
    TABLES,
    sa.Column("exclusion_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("unit_id", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("proposed_at", UtcTime),
    sa.Column("decided_at", UtcTime),
    sa.Index("exclusions_queue", "outcome", "proposed_at"),
    sa.Index("exclusions_unit", "unit_id", "outcome", "reason"),
    sa.Index("exclusions_case", "case_id"),
)
"""One row per proposal to leave a case out of a unit's score. ``note`` is ciphertext."""


def project_all(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into all tables of evaluation."""
    project(heard, views)
    views.fold(appeals, heard, fold, of=CHANGED_BY)
    _project_exclusions([recorded.event for recorded in heard], views)


CHANGED_BY: frozenset[type[Event]] = frozenset(
    {
        ScoreAppealed,
        AppealDismissed,
        PanelConvened,
        PanelMemberRecused,
        PanelFindingFiled,
        ThirdPartyAssessed,
        PersonalDataErased,
        CaseReopened,
        *ENDING,
    }
)
"""The facts that ``fold`` knows, and those by which its rows follow their case."""


@followed(appeals)
def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event. A case of which nothing is contested has none."""
    event = recorded.event
    match event:
        case ScoreAppealed():
            return row | {
                "status": "appealed",
                "unit_id": event.org,
                "appeal_id": event.appeal_id,
                "against": event.against,
                "fact_id": event.fact_id,
                "evidence": " ".join(event.evidence),
                "reason": event.reason,
                "appealed_at": event.occurred_at,
            }
        case AppealDismissed():
            return row | {"status": "settled", "score_effect": "stands"} | _assessed(event)
        case PanelConvened():
            return row | {
                "status": "before_a_panel",
                "unit_id": event.org,
                "appealed_at": row["appealed_at"] or event.occurred_at,
                "panel_id": event.panel_id,
                "question": event.question,
                "members": json.dumps([member.model_dump() for member in event.members]),
                "brief": event.brief,
                "due_assess": event.due_assess,
            }
        case PanelMemberRecused():
            return row | {"recused": " ".join(sorted({*row["recused"].split(), event.account}))}
        case PanelFindingFiled():
            return row | {"found": " ".join(sorted({*row["found"].split(), event.actor.id}))}
        case ThirdPartyAssessed():
            effect = {"finding": event.finding, "score_effect": event.score_effect}
            return row | {"status": "settled"} | effect | _assessed(event)
        case PersonalDataErased() if row["status"] is not None:
            return row | {"reason": None, "brief": None}
        case _:
            return None


def _assessed(event: Event) -> Row:
    return {"assessed_at": event.occurred_at}


def _project_exclusions(heard: Sequence[Event], views: Views) -> None:
    """Proposals and what became of them, each in one row."""
    decided = [e.exclusion_id for e in heard if isinstance(e, ExclusionDecided)]
    rows: dict[Any, Row] = views.load(exclusions, decided)
    whole = {e.case_id for e in heard if isinstance(e, PersonalDataErased | AssignmentPassedOn)}
    rows |= {row["exclusion_id"]: row for row in views.load_by(exclusions, "case_id", whole)}
    for event in heard:  # in their order: a fact may come after the erasure of its case
        match event:
            case ExclusionProposed():
                rows[event.exclusion_id] = {
                    "exclusion_id": event.exclusion_id,
                    "case_id": event.case_id,
                    "unit_id": event.org,
                    "reason": event.reason,
                    "evidence": " ".join(event.evidence),
                    "note": event.note,
                    "outcome": None,
                    "proposed_at": event.occurred_at,
                    "decided_at": None,
                }
            case ExclusionDecided() if event.exclusion_id in rows:
                outcome = {"outcome": event.outcome, "decided_at": event.occurred_at}
                rows[event.exclusion_id] = rows[event.exclusion_id] | outcome
            case PersonalDataErased() | AssignmentPassedOn():
                of_it = {k: row for k, row in rows.items() if row["case_id"] == event.case_id}
                rows |= {key: _changed(row, event) for key, row in of_it.items()}
            case _:
                continue
    views.write(exclusions, list(rows.values()))


def _changed(row: Row, event: PersonalDataErased | AssignmentPassedOn) -> Row:
    """A proposal without its words; or, if its unit was dissolved, of the one that goes on with the case."""
    match event:
        case PersonalDataErased():
            return row | {"note": None}
        case AssignmentPassedOn():
            return row | {"unit_id": event.org} if event.from_org == row["unit_id"] else row


def open_appeals(views: Views, limit: int = 100) -> list[Row]:
    """What is contested and not settled, the oldest first."""
    query = sa.select(appeals).where(appeals.c.status.in_(["appealed", "before_a_panel"]))
    return views.rows(query.order_by(appeals.c.appealed_at).limit(limit))


def appeals_of(views: Views, unit_id: str, limit: int = 100) -> list[Row]:
    """What a unit has contested, and what came of it, the newest first."""
    query = sa.select(appeals).where(appeals.c.unit_id == unit_id, appeals.c.appeal_id.is_not(None))
    return views.rows(query.order_by(appeals.c.appealed_at.desc()).limit(limit))


def appeal_of(views: Views, case_id: str) -> Row | None:
    """What is contested of one case."""
    return views.load(appeals, [case_id]).get(case_id)


def seats_of(views: Views, account: str, limit: int = 100) -> list[Row]:
    """The open panels on which an account sits, the most urgent first."""
    query = sa.select(appeals).where(appeals.c.status == "before_a_panel")
    rows = views.rows(query.order_by(appeals.c.due_assess))
    return [row for row in rows if sits(row, account)][:limit]


def sits(row: Row, account: str) -> bool:
    """Whether an account is a member of a case's panel and has not left it."""
    members = {member["account"] for member in json.loads(row["members"])}
    return account in members and account not in row["recused"].split()
