"""What intake's tables answer: the desk's queue, and how far a citizen's case has come.

Past 300 lines, for the row of a case is read as one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentPassedOn,
    AssignmentSigned,
    CaseAssigned,
    CaseTerminated,
    CoordinationOpened,
    CoordinationResolved,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.evaluation import (
    CaseClosed,
    ReviewDecided,
    ReviewDeclined,
    ReviewRequested,
    ReworkOrdered,
)
from libs.events.feedback import (
    CaseHeld,
    ClockAdjusted,
    ExtensionDecided,
    HoldLifted,
    ReplyDelivered,
)
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseArchived,
    CaseClassified,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseSupplemented,
    CaseWithdrawn,
    DeclineProposed,
    DeclineRejected,
    InformationRequested,
    PersonalDataErased,
    PraiseForwarded,
    ReopeningAsked,
    ReopeningDeclined,
    WithdrawalCancelled,
    WithdrawalConfirmed,
    WithdrawalRequested,
)
from libs.events.supervision import DeadlineMoved
from libs.sourcing.followed import columns_of_a_case, followed
from libs.sourcing.tables import UtcTime, index_of_few
from libs.sourcing.views import Row, Views
from services.intake.groups import TABLES

__all__ = ["TABLES"]

cases = sa.Table(
    "cases",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("receipt_no", sa.Text),
    sa.Column("channel", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("policy", sa.Text),
    sa.Column("accept_track", sa.Text),
    sa.Column("track", sa.Text),
    sa.Column("sla_class", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("category_source", sa.Text),
    sa.Column("adcode", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("text", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("ground", sa.Text),
    sa.Column("remedy", sa.Text),
    sa.Column("alternative", sa.Text),
    sa.Column("supplements", sa.Text, default=""),
    sa.Column("missing", sa.Text, default=""),
    sa.Column("question", sa.Text),
    sa.Column("due_supplement", UtcTime),
    sa.Column("notice", sa.Text),
    sa.Column("lead", sa.Text),
    sa.Column("link_reason", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Column("contest_until", UtcTime),
    sa.Column("evaluation_until", UtcTime),
    sa.Column("review_until", UtcTime),
    sa.Column("praised", sa.Text),
    sa.Column("paused_for", sa.Text),
    sa.Column("paused_until", UtcTime),
    sa.Column("next_check_at", UtcTime),
    sa.Column("assignment_id", sa.Text),
    sa.Column("unit_id", sa.Text),
    sa.Column("registered_at", UtcTime),
    sa.Column("due_accept", UtcTime),
    sa.Column("accepted_at", UtcTime),
    sa.Column("due_citizen", UtcTime),
    sa.Column("due_provisional", sa.Boolean, default=False),
    sa.Column("assigned_at", UtcTime),
    sa.Column("signed_at", UtcTime),
    sa.Column("delivered_at", UtcTime),
    sa.Column("delivered_id", sa.Text),
    sa.Column("ended_at", UtcTime),
    sa.Column("withdrawal_asked_at", UtcTime),
    sa.Column("withdrawal_until", UtcTime),
    sa.Column("withdrawal_through", sa.Text),
    sa.Column("withdrawal_confirmed", sa.Boolean, default=False),
    sa.Column("reopening_asked_at", UtcTime),
    sa.Column("reopening_reason", sa.Text),
    sa.Column("proposed_ground", sa.Text),
    sa.Column("proposed_by", sa.Text),
    sa.Column("proposed_reason", sa.Text),
    sa.Column("proposed_evidence", sa.Text),
    sa.Column("review", sa.Text),
    sa.Column("erased_at", UtcTime),
    sa.Column("archived_at", UtcTime),
    *columns_of_a_case(),
    sa.Index("cases_receipt", "receipt_no"),
    sa.Index("cases_queue", "status", "due_accept"),
    index_of_few("cases_praised", "praised", "delivered_at"),
    index_of_few("cases_withdrawals", "withdrawal_through", "withdrawal_asked_at"),
    index_of_few("cases_reopenings", "reopening_asked_at"),
)
"""One row per case. ``WORDS`` are ciphertext; they are opened for a reader, on record. ``supplements`` and
``missing`` are lists with a blank between. ``policy`` is the pack that the case keeps, ``accept_track`` the
procedure it was registered under. ``review``: what the citizen reads while the level above looks at it, and
when that is final. ``answer`` is the desk's, ``praised`` the unit that praise went to, ``lead`` the case that it
is handled with."""
WORDS = (
    "title",
    "text",
    "reason",
    "alternative",
    "remedy",
    "question",
    "notice",
    "link_reason",
    "reopening_reason",
    "answer",
    "proposed_reason",
)
UNPROPOSED: Row = dict.fromkeys(("proposed_ground", "proposed_by", "proposed_reason", "proposed_evidence"))
"""What a row says while nobody proposes to decline the case."""
NO_WITHDRAWAL: Row = {
    "withdrawal_asked_at": None,
    "withdrawal_until": None,
    "withdrawal_through": None,
    "withdrawal_confirmed": False,
}


TOLD = ("ended_at", "reason", "ground", "alternative", "remedy")
KEPT = (
    "receipt_no",
    "channel",
    "kind",
    "policy",
    "accept_track",
    "track",
    "title",
    "text",
    "supplements",
    "registered_at",
    "due_accept",
    "answer",
)
"""What stays when a case is taken up anew: what was registered."""


@followed(cases, KEPT)
def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case CaseRegistered():
            return row | {
                "receipt_no": event.receipt_no,
                "channel": event.channel,
                "kind": event.kind,
                "policy": event.decided_with.policy,
                "accept_track": event.track,
                "track": event.track,
                "adcode": event.place.adcode,
                "status": "registered",
                "title": event.title,
                "text": event.text,
                "registered_at": event.occurred_at,
                "due_accept": event.due_accept,
            }
        case CaseClassified():
            return row | {
                "category": event.category,
                "kind": event.kind,
                "track": event.track,
                "sla_class": event.sla_class,
                "category_source": event.source,
            }
        case InformationRequested():
            return row | UNPROPOSED | {
                "status": "info_requested",
                "missing": " ".join(event.missing),
                "question": event.question,
                "due_supplement": event.due_supplement,
            }
        case CaseSupplemented():
            said = (row["supplements"], event.text, *event.claims)
            return row | _answered(row, event) | {"supplements": " ".join(filter(None, said))}
        case CaseAccepted():
            return row | UNPROPOSED | _taken_on(event)
        case CaseLinkChanged() if event.relation == "merged_into":
            due = row["due_citizen"] or event.due_citizen
            joined = {"lead": event.other_case, "link_reason": event.reason}
            return row | joined | {"due_citizen": due}
        case CaseLinkChanged() if event.relation == "unmerged":
            parted = {"lead": None, "link_reason": event.reason}
            withdrawn = "withdrawn" in row["ends"].split()
            return row | parted | ({} if withdrawn else {"ended_at": None})
        case CaseLinkChanged() if event.relation == "concluded":
            return row | {"ended_at": event.occurred_at}
        case DeclineProposed():
            return row | {
                "proposed_ground": event.ground,
                "proposed_by": event.actor.id,
                "proposed_reason": event.reason,
                "proposed_evidence": " ".join(event.evidence),
            }
        case DeclineRejected():
            return row | UNPROPOSED
        case AnsweredAtDesk():
            return row | UNPROPOSED | _answered_at_once(event, event.evaluation_until)
        case PraiseForwarded():
            return row | UNPROPOSED | _answered_at_once(event, event.object_until) | {"praised": event.org}
        case AnswerContested():
            return row | _contested(row, event)
        case CaseDeclined():
            return row | UNPROPOSED | _told(event) | {"status": "declined", "reason": event.reason}
        case CaseReferred():
            return row | UNPROPOSED | _told(event) | {"status": "referred"}
        case CaseAssigned() if event.role == "lead":
            return row | {
                **_unless_ended(row, "assigned"),
                "assignment_id": event.assignment_id,
                "unit_id": event.org,
                "assigned_at": event.occurred_at,
            }
        case DeadlineMoved() if event.step == "CITIZEN":
            return row | {"due_citizen": event.due_at, "due_provisional": event.provisional}
        case DeadlineMoved() if event.step == "ACCEPT":
            return row | {"due_accept": event.due_at}
        case DeadlineMoved() if event.step == "SUPPLEMENT":
            return row | {"due_supplement": event.due_at}
        case AssignmentPassedOn() if event.from_org == row["unit_id"]:
            return row | {"unit_id": event.org}
        case AssignmentDisputed() | DisputeDecided() if event.org != row["unit_id"]:
            return None  # who assists, and need not: the citizen's case stands as it stood
        case AssignmentDisputed():
            return row | _unless_ended(row, "disputed")
        case DisputeDecided() if event.outcome == "denied":
            if row["status"] != "disputed":  # an answer or a hold crossed the dispute, and stands
                return None
            return row | {"status": "handling" if row["signed_at"] else "assigned"}
        case DisputeDecided() | CoordinationResolved():
            return row | _with_nobody(row, "accepted")
        case CoordinationOpened():
            return row | _with_nobody(row, "coordinating")
        case DispatchStopped():
            return row | _with_nobody(row, "accepted")
        case AssignmentSigned() if event.org == row["unit_id"]:
            return row | {**_unless_ended(row, "handling"), "signed_at": event.occurred_at}
        case ReplyDelivered():
            delivered = {
                **_if_it_has_it(row, event, "delivered"),
                "delivered_at": event.occurred_at,
                "delivered_id": event.reply_id,
                "evaluation_until": event.evaluation_until,
                "review_until": event.review_until,
            }
            void = dict.fromkeys(TOLD)
            return row | delivered | (void if "terminated" in row["ends"].split() else {})
        case ExtensionDecided():
            promised = event.due_citizen and {
                "due_citizen": event.due_citizen,
                "due_provisional": event.provisional,
            }
            return row | {"notice": event.notice} | (promised or {})
        case ClockAdjusted():
            stands = event.action == "suspend"
            return row | {
                "paused_for": event.ground if stands else None,
                "paused_until": event.until if stands else None,
            }
        case CaseHeld() if event.assignment_id == row["assignment_id"]:
            return row | {
                **_unless_ended(row, "held"),
                "notice": event.reason,
                "next_check_at": event.next_check_at,
                "paused_for": None,
                "paused_until": None,
                **_meanwhile(row, event.alternative_channel, event.remedy),
            }
        case HoldLifted():
            over = {"next_check_at": None, **_meanwhile(row, None, None)}
            return row | _if_it_has_it(row, event, "handling") | over
        case ReworkOrdered():  # of a case on hold it is made after the hold, of a replaced answer never
            stays = row["status"] == "held" or row["delivered_id"] not in (None, event.reply_id)
            return row | ({} if stays else _unless_ended(row, "rework")) | {"ended_at": None}
        case ReviewRequested():
            return row | {"review": "in_review" if event.level == 1 else "in_rereview"}
        case ReviewDeclined():
            return row | {"review": None}
        case ReviewDecided():
            return row | {"review": "finalised" if event.final else None}
        case CaseReopened():
            return row | _taken_on(event) | {
                "category": event.category,
                "category_source": "human",
                "kind": event.kind,
                "policy": event.decided_with.policy,
            }
        case CaseTerminated() if row["delivered_at"] is None:
            return row | UNPROPOSED | _told(event) | {"reason": event.reason}
        case CaseClosed():
            return row | {"ended_at": event.occurred_at}
        case CaseWithdrawn():
            return row | NO_WITHDRAWAL | {"ended_at": event.occurred_at}
        case WithdrawalRequested():
            return row | {
                "withdrawal_asked_at": event.occurred_at,
                "withdrawal_until": event.cooling_end,
                "withdrawal_through": event.through_org,
                "withdrawal_confirmed": False,
            }
        case WithdrawalConfirmed():
            return row | {"withdrawal_until": event.cooling_end, "withdrawal_confirmed": True}
        case WithdrawalCancelled():
            return row | NO_WITHDRAWAL
        case ReopeningAsked():
            asked = {"reopening_asked_at": event.occurred_at, "reopening_reason": event.reason}
            return row | asked
        case ReopeningDeclined():
            told = {"notice": event.reason, "remedy": event.remedy}
            return row | told | {"reopening_asked_at": None, "reopening_reason": None}
        case CaseArchived():
            return row | {"archived_at": event.occurred_at}
        case PersonalDataErased():
            blank = dict.fromkeys(WORDS) | {"supplements": ""}
            return row | blank | {"erased_at": event.occurred_at}
        case _:
            return None


def _told(event: CaseDeclined | CaseReferred | CaseTerminated) -> Row:
    """What the citizen is told of a case that is not answered (domain 1.5): ground, channel, remedy."""
    channel = event.channel if isinstance(event, CaseReferred) else event.alternative_channel
    return {
        "ended_at": event.occurred_at,
        "ground": event.ground,
        "alternative": channel,
        "remedy": event.remedy,
    }


def _meanwhile(row: Row, channel: str | None, remedy: str | None) -> Row:
    """What the citizen can do while a case is on hold (G08); what was told of an end stands."""
    return {} if row["ground"] is not None else {"alternative": channel, "remedy": remedy}


def _unless_ended(row: Row, status: str) -> Row:
    """A referred case stays referred for the citizen, while the organ it went to works on it."""
    return {} if row["status"] in ("referred", "declined") else {"status": status}


def _if_it_has_it(row: Row, event: ReplyDelivered | HoldLifted, status: str) -> Row:
    """What a unit says that lost the case meanwhile moves it no more."""
    return _unless_ended(row, status) if event.assignment_id == row["assignment_id"] else {}


def _taken_on(event: CaseAccepted | CaseReopened) -> Row:
    """The case is dealt with, on this track and until then."""
    return {
        "status": "accepted",
        "track": event.track,
        "sla_class": event.sla_class,
        "adcode": event.adcode,
        "accepted_at": event.occurred_at,
        "due_citizen": event.due.citizen,
        "due_provisional": event.due.provisional,
    }


def _answered_at_once(event: AnsweredAtDesk | PraiseForwarded, until: datetime) -> Row:
    """The citizen has an answer or thanks, and no unit the case."""
    return {
        "status": "delivered",
        "category": event.category,
        "track": event.track,
        "sla_class": event.sla_class,
        "delivered_at": event.occurred_at,
        "answer": event.text,
        "contest_until": until,
    }


def _contested(row: Row, event: AnswerContested) -> Row:
    """The case waits for acceptance as if it had never gone a short way; what was said to it is added."""
    said = " ".join(filter(None, (row["supplements"], event.text)))
    gone = dict.fromkeys(("answer", "contest_until", "praised", "delivered_at"))
    return gone | {"status": "registered", "due_accept": event.due_accept, "supplements": said}


def _answered(row: Row, event: CaseSupplemented) -> Row:
    """With an answer the question is gone and the acceptance limit goes on."""
    if row["status"] != "info_requested":
        return {}
    asked = {"missing": "", "question": None, "due_supplement": None}
    return asked | {"status": "registered", "due_accept": event.due_accept or row["due_accept"]}


def _with_nobody(row: Row, status: str) -> Row:
    """No unit has the case until one is found for it."""
    gone = dict.fromkeys(("assignment_id", "unit_id", "assigned_at", "signed_at"))
    return gone | _unless_ended(row, status)


def shown_status(row: Row) -> str:
    """Where a case stands for its citizen: a review of it says more than its being answered or closed."""
    if row["archived_at"] is not None:
        return "archived"
    gone = row["status"] in ("withdrawn", "merged", "terminated")
    status: str = row["status"] if gone or row["review"] is None else row["review"]
    return status


def queue(views: Views, adcode: str | None = None, limit: int = 100) -> list[Row]:
    """Cases waiting to be accepted, or for their citizen's answer, the most urgent first."""
    query = sa.select(cases).where(cases.c.status.in_(["registered", "info_requested"]))
    if adcode is not None:
        query = query.where(sa.or_(cases.c.adcode.startswith(adcode), cases.c.adcode.is_(None)))
    return views.rows(query.order_by(cases.c.due_accept, cases.c.case_id).limit(limit))


def case_rows(views: Views, case_ids: Sequence[str]) -> dict[str, Row]:
    """Several cases by their ids; who is not known is left out."""
    return views.load(cases, case_ids)


def withdrawals_to_confirm(views: Views, limit: int = 100) -> list[Row]:
    """Withdrawals that a unit passed on and nobody has confirmed, the oldest first."""
    query = sa.select(cases).where(
        cases.c.withdrawal_through.is_not(None),
        cases.c.withdrawal_confirmed.is_(False),
        sa.or_(cases.c.stage.is_(None), cases.c.status == "merged"),
    )
    return views.rows(query.order_by(cases.c.withdrawal_asked_at, cases.c.case_id).limit(limit))


def reopenings_asked(views: Views, adcode: str | None = None, limit: int = 100) -> list[Row]:
    """Cases whose citizens ask that they be taken up anew, the oldest first."""
    query = sa.select(cases).where(cases.c.reopening_asked_at.is_not(None))
    if adcode is not None:
        query = query.where(sa.or_(cases.c.adcode.startswith(adcode), cases.c.adcode.is_(None)))
    return views.rows(query.order_by(cases.c.reopening_asked_at, cases.c.case_id).limit(limit))


def case_row(views: Views, case_id: str) -> Row | None:
    """One case."""
    return views.load(cases, [case_id]).get(case_id)


def case_of_receipt(views: Views, receipt_no: str) -> str | None:
    """The case that a receipt number belongs to."""
    query: sa.Select[Any] = sa.select(cases.c.case_id).where(cases.c.receipt_no == receipt_no)
    rows = views.rows(query.limit(1))
    return rows[0]["case_id"] if rows else None


def praise_of(views: Views, unit_id: str, limit: int = 100) -> list[Row]:
    """The praise that a unit was sent, the latest first."""
    query = sa.select(cases).where(cases.c.praised == unit_id)
    return views.rows(query.order_by(cases.c.delivered_at.desc(), cases.c.case_id).limit(limit))
