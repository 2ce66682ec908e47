"""What feedback's tables answer: each unit's work, what waits for review, and the answer itself.

Past 300 lines, for the row of a case is read as one.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.dispatch import (
    AssignmentPassedOn,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.evaluation import ReworkOrdered
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    ClockAdjusted,
    ClockAdjustmentRefused,
    ClockAdjustmentRequested,
    DraftReturned,
    ExtensionDecided,
    ExtensionRequested,
    HoldLifted,
    HoldRefused,
    HoldRequested,
    ProgressReported,
    ReplyApproved,
    ReplyDelivered,
    ReplyDrafted,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import (
    CaseAccepted,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseSupplemented,
    PersonalDataErased,
)
from libs.events.supervision import DeadlineMoved
from libs.rules.followers import followers_after
from libs.sourcing.followed import columns_of_a_case, followed
from libs.sourcing.tables import UtcTime, index_of_few
from libs.sourcing.views import Row, Views
from services.feedback.asked import (
    NO_ADJUSTMENT,
    NOTHING_ASKED,
    NOTHING_REFUSED,
    asked,
    columns_of_what_is_asked,
    with_refusal,
    without_reasons,
)
from services.feedback.drafts import NO_DRAFT, columns_of_a_draft, drafted, since_when
from services.feedback.pledges import TABLES as TABLES
from services.feedback.pledges import project_pledges

files = sa.Table(
    "files",
    TABLES,
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("receipt_no", sa.Text),
    sa.Column("channel", sa.Text),
    sa.Column("identity_mode", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("text", sa.Text),
    sa.Column("supplements", sa.Text, default=""),
    sa.Column("claims", sa.Integer, default=0),
    sa.Column("category", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("assignment_id", sa.Text),
    sa.Column("unit_id", sa.Text),
    sa.Column("assists", sa.Text, default=""),
    sa.Column("due_handle", UtcTime),
    sa.Column("attempts", sa.Integer, default=0),
    sa.Column("reached_at", UtcTime),
    sa.Column("reply_id", sa.Text),
    sa.Column("reply_text", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("submitted_at", UtcTime),
    sa.Column("due_audit", UtcTime),
    sa.Column("return_reason", sa.Text),
    sa.Column("delivered_at", UtcTime),
    sa.Column("delivered_id", sa.Text),
    sa.Column("delivered_text", sa.Text),
    sa.Column("progress", sa.Text),
    sa.Column("progress_at", UtcTime),
    sa.Column("signed_at", UtcTime),
    sa.Column("policy", sa.Text),
    sa.Column("expected_at", UtcTime),
    sa.Column("extension_id", sa.Text),
    sa.Column("extension_due", UtcTime),
    sa.Column("extension_reason", sa.Text),
    sa.Column("suspended_for", sa.Text),
    sa.Column("suspended_until", UtcTime),
    sa.Column("next_check_at", UtcTime),
    *columns_of_what_is_asked(),
    *columns_of_a_draft(),
    sa.Column("reworks", sa.Integer, default=0),
    sa.Column("lead", sa.Text),
    sa.Column("follower_links", sa.Text, default=""),
    sa.Column("for_others", sa.Boolean, default=False),
    sa.Column("delivered_for_others", sa.Boolean, default=False),
    *columns_of_a_case(),
    index_of_few("files_extensions", "extension_id", "due_handle"),
    sa.Index("files_held", "status", "next_check_at"),
    index_of_few("files_holds_asked", "hold_id", "due_handle"),
    index_of_few("files_adjustments_asked", "adjustment_id", "due_handle"),
    sa.Index("files_unit", "unit_id", "status", "due_handle"),
    sa.Index("files_audit", "status", "due_audit"),
)
"""One row per case. ``WORDS`` and ``supplements`` are ciphertext; ``supplements``, ``assists`` and
``follower_links`` (the links of the cases that are merged into it) are lists with a blank between. ``lead``: the
case that it is merged into. ``for_others``: the reply was approved for the citizens of merged cases too. What the
citizen was answered stays beside a reply that follows it."""
WORDS = ("title", "text", "reply_text", "delivered_text", "progress", "extension_reason", "hold_reason")
NO_EXTENSION: Row = {"extension_id": None, "extension_due": None, "extension_reason": None}
RUNNING: Row = {"suspended_for": None, "suspended_until": None}
NO_REPLY: Row = dict.fromkeys(("reply_id", "reply_text", "submitted_at", "due_audit", "return_reason"))
WITH_NO_UNIT: Row = NO_EXTENSION | RUNNING | NOTHING_ASKED | NOTHING_REFUSED | NO_DRAFT | {
    "status": "waiting",
    "assignment_id": None,
    "unit_id": None,
    "due_handle": None,
    "next_check_at": None,
    "assists": "",
}


def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the tables."""
    views.fold(files, heard, fold)
    project_pledges(heard, views)


KEPT = (
    "receipt_no",
    "channel",
    "identity_mode",
    "title",
    "text",
    "supplements",
    "claims",
    "delivered_at",
    "delivered_id",
    "delivered_text",
    "delivered_for_others",
    "outcome",
)
"""What stays when a case is taken up anew: what the citizen wrote, and what the citizen was answered."""


@followed(files, KEPT)
def fold(row: Row, recorded: Recorded) -> Row | None:
    """The row of a case after an event."""
    event = recorded.event
    match event:
        case CaseRegistered():
            return row | {
                "receipt_no": event.receipt_no,
                "channel": event.channel,
                "identity_mode": event.identity_mode,
                "title": event.title,
                "text": event.text,
                "claims": len(event.claims),
                "status": "registered",
            }
        case CaseAccepted() | CaseReferred():
            return row | {"category": event.category}
        case CaseLinkChanged():
            return _linked(row, event)
        case CaseReopened():
            return row | {"category": event.category, "status": "waiting"}
        case CaseSupplemented():
            said = " ".join(filter(None, (row["supplements"], event.text, *event.claims)))
            more = len(event.claims)
            claims = max(row["claims"], 1) + more if more else row["claims"]
            return row | {"supplements": said, "claims": claims}
        case CaseAssigned() if event.role == "assist":
            return row | {"assists": f"{row['assists']} {event.org}".strip()}
        case CaseAssigned():
            return row | NO_REPLY | NO_EXTENSION | RUNNING | NOTHING_ASKED | NOTHING_REFUSED | NO_DRAFT | {
                "status": "assigned",
                "assignment_id": event.assignment_id,
                "unit_id": event.org,
                "due_handle": event.due_handle,
            }
        case DeadlineMoved() if event.step == "HANDLE" and event.assignment_id == row["assignment_id"]:
            return row | {"due_handle": event.due_at}
        case DeadlineMoved() if event.step == "AUDIT" and row["due_audit"] is not None:
            return row | {"due_audit": event.due_at}
        case AssignmentPassedOn() if event.assignment_id == row["assignment_id"]:
            return row | {"unit_id": event.org} | NO_DRAFT
        case AssignmentPassedOn():
            assists = [event.org if one == event.from_org else one for one in row["assists"].split()]
            return row | {"assists": " ".join(assists)}
        case DisputeDecided() if event.outcome == "upheld" and event.assignment_id == row["assignment_id"]:
            return row | WITH_NO_UNIT
        case DisputeDecided() if event.outcome == "upheld":
            assists = [unit for unit in row["assists"].split() if unit != event.org]
            return row | {"assists": " ".join(assists)}
        case CoordinationOpened() | DispatchStopped():
            return row | WITH_NO_UNIT
        case AssignmentSigned() if event.assignment_id == row["assignment_id"]:
            signed = {"signed_at": event.occurred_at, "policy": event.decided_with.policy}
            return row | {"status": "handling"} | signed
        case CitizenContacted():
            reached_at = row["reached_at"] or (event.occurred_at if event.reached else None)
            return row | {"attempts": row["attempts"] + 1, "reached_at": reached_at}
        case ProgressReported():
            return row | {
                "progress": event.text,
                "progress_at": event.occurred_at,
                "expected_at": event.expected_at,
            }
        case ReplyDrafted() | DraftReturned():
            has_it = (event.assignment_id, event.org) == (row["assignment_id"], row["unit_id"])
            return row | drafted(row, event) if has_it else None
        case ReplySubmitted() | ReplyApproved() | ReplyReturned() | ReplyDelivered():
            return row | _replied(row, event)
        case ExtensionDecided() if event.outcome == "rejected" and event.assignment_id == row["assignment_id"]:
            return row | NO_EXTENSION | with_refusal(row, event)
        case ExtensionRequested() | ExtensionDecided() | ClockAdjusted() | CaseHeld() | HoldLifted():
            return row | _timed(event) if event.assignment_id == row["assignment_id"] else None
        case ClockAdjustmentRefused() | HoldRefused() if event.assignment_id == row["assignment_id"]:
            return row | asked(event) | with_refusal(row, event)
        case ClockAdjustmentRequested() | HoldRequested() if event.assignment_id == row["assignment_id"]:
            return row | asked(event)
        case ReworkOrdered() if event.assignment_id == row["assignment_id"]:
            again = {"status": "rework", "due_handle": event.due_rework}
            return row | again | {"reworks": event.ordinal}
        case PersonalDataErased():
            return row | dict.fromkeys(WORDS) | NO_DRAFT | {"supplements": ""} | without_reasons(row)
        case _:
            return None


def _linked(row: Row, event: CaseLinkChanged) -> Row | None:
    """With which case it is handled, and which are handled with it."""
    match event.relation:
        case "merged_into":
            return row | {"lead": event.other_case}
        case "unmerged":
            return row | {"lead": None}
        case _:
            links = followers_after(row["follower_links"].split(), event)
            return row | {"follower_links": " ".join(links)}


def _replied(row: Row, event: ReplySubmitted | ReplyApproved | ReplyReturned | ReplyDelivered) -> Row:
    """A reply of a unit that no longer has the case changes nothing but what the citizen has read."""
    current = event.assignment_id == row["assignment_id"]
    match event:
        case ReplyDelivered():
            delivered = {
                "outcome": event.outcome,
                "delivered_at": event.occurred_at,
                "delivered_id": event.reply_id,
                "delivered_text": row["reply_text"],
                "delivered_for_others": event.read_by_others,
            }
            over = NO_EXTENSION | RUNNING | NOTHING_ASKED | {"status": "delivered"}
            return delivered | (over if current else {})
        case _ if not current:
            return {}
        case ReplySubmitted():
            return NO_DRAFT | {
                "status": "submitted",
                "reply_id": event.reply_id,
                "reply_text": event.text,
                "submitted_at": event.occurred_at,
                "due_audit": event.due_audit,
                "return_reason": None,
                "for_others": False,
            }
        case ReplyApproved():
            return {"status": "approved", "for_others": event.read_by_others}
        case ReplyReturned():
            return {"status": "returned", "return_reason": event.reason}


def _timed(event: ExtensionRequested | ExtensionDecided | ClockAdjusted | CaseHeld | HoldLifted) -> Row:
    """What became of the unit's time."""
    match event:
        case ExtensionRequested():
            return {
                "extension_id": event.extension_id,
                "extension_due": event.new_due,
                "extension_reason": event.reason,
            }
        case ExtensionDecided():
            return NO_EXTENSION | ({"due_handle": event.due_handle} if event.due_handle else {})
        case ClockAdjusted() if event.action == "suspend":
            return NO_ADJUSTMENT | {"suspended_for": event.ground, "suspended_until": event.until}
        case ClockAdjusted():
            return NO_ADJUSTMENT | RUNNING | {"due_handle": event.due_handle}
        case CaseHeld():
            held = {"status": "held", "next_check_at": event.next_check_at}
            return NO_EXTENSION | RUNNING | NOTHING_ASKED | held
        case HoldLifted():
            return {"status": "handling", "next_check_at": None, "due_handle": event.due_handle}


def work_of(views: Views, unit_id: str, limit: int = 100) -> list[Row]:
    """What a unit has to do, the most urgent first."""
    query = sa.select(files).where(
        files.c.unit_id == unit_id, files.c.status.in_(["assigned", "handling", "returned", "rework"])
    )
    return views.rows(query.order_by(files.c.due_handle).limit(limit))


def drafts_to_sign(views: Views, unit_id: str, limit: int = 100) -> list[Row]:
    """What waits for the signature of a unit's head, the most urgent first."""
    waits = files.c.draft_id.is_not(None), files.c.status.in_(["handling", "returned", "rework"])
    query = sa.select(files).where(files.c.unit_id == unit_id, *waits)
    rows = views.rows(query.order_by(files.c.due_handle).limit(limit))
    return [row | since_when(row) for row in rows]


def waiting_replies(views: Views, limit: int = 100) -> list[Row]:
    """Replies that wait for review, the most urgent first; again, if others are to read them since."""
    again = sa.and_(
        files.c.status == "approved", files.c.follower_links != "", files.c.for_others.is_(False)
    )
    query = sa.select(files).where(sa.or_(files.c.status == "submitted", again))
    return views.rows(query.order_by(files.c.due_audit).limit(limit))


def open_extensions(views: Views, limit: int = 100) -> list[Row]:
    """Extensions that wait for their decision, the most urgent first."""
    waits = files.c.extension_id.is_not(None), files.c.stage.is_(None)
    query = sa.select(files).where(*waits)
    return views.rows(query.order_by(files.c.due_handle).limit(limit))


def holds_asked(views: Views, limit: int = 100) -> list[Row]:
    """Holds that wait for the coordinator's word, the most urgent first."""
    query = sa.select(files).where(files.c.hold_id.is_not(None), files.c.stage.is_(None))
    return views.rows(query.order_by(files.c.due_handle).limit(limit))


def adjustments_asked(views: Views, limit: int = 100) -> list[Row]:
    """Clocks that shall stand still or go on and wait for the auditor's word, the most urgent first."""
    query = sa.select(files).where(files.c.adjustment_id.is_not(None), files.c.stage.is_(None))
    return views.rows(query.order_by(files.c.due_handle).limit(limit))


def held_cases(views: Views, limit: int = 100) -> list[Row]:
    """Cases on hold, those to be looked at next first."""
    query = sa.select(files).where(files.c.status == "held")
    return views.rows(query.order_by(files.c.next_check_at).limit(limit))


def file_of(views: Views, case_id: str) -> Row | None:
    """One case."""
    return views.load(files, [case_id]).get(case_id)
