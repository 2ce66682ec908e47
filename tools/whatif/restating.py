"""A case's facts as they would read under another policy pack. It decides nothing and reads no log.

Only the instants that a pack gives are stated anew, by the pack's own limits. What people did, and when,
stays what it was; so do instants that a person granted.
"""

from datetime import datetime
from typing import Any

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned, DisputeProposed
from libs.events.evaluation import ReviewRequested
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseClassified,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseSupplemented,
    Due,
    InformationRequested,
    PraiseForwarded,
)
from libs.rules.forwarding import dispatch_due
from libs.rules.rules import Rules

STEPS: dict[str, dict[str, str]] = {
    "dispatch.CaseAssigned": {"due_sign": "SIGN", "due_contact": "CONTACT", "due_handle": "HANDLE"},
    "dispatch.AssignmentDisputed": {"due_decide": "DISPUTE"},
    "dispatch.DisputeDecided": {"due_dispatch": "DISPATCH"},
    "dispatch.CoordinationOpened": {"due_resolve": "COORD"},
    "dispatch.DispatchResumed": {"due_dispatch": "DISPATCH"},
    "dispatch.CoordinationResolved": {"due_dispatch": "DISPATCH"},
    "intake.InformationRequested": {"due_supplement": "SUPPLEMENT"},
    "feedback.ReplySubmitted": {"due_audit": "AUDIT"},
    "feedback.ReplyDelivered": {
        "due_callback": "CALLBACK",
        "evaluation_until": "EVAL",
        "review_until": "REVIEW_REQ",
    },
    "evaluation.ReviewDecided": {"again_until": "RR_REQ"},
    "feedback.CaseHeld": {"next_check_at": "RECHECK"},
    "feedback.HoldLifted": {"due_handle": "HANDLE"},
    "evaluation.ReworkOrdered": {"due_rework": "REWORK"},
    "supervision.SupervisionIssued": {"due_at": "SUP"},
}
"""By event and field: the step whose limit begins when the fact occurs."""
KEPT: dict[str, frozenset[str]] = {
    "intake.CaseLinkChanged": frozenset({"due_citizen"}),
    "intake.WithdrawalRequested": frozenset({"cooling_end"}),
    "intake.WithdrawalConfirmed": frozenset({"cooling_end"}),
    "intake.CaseSupplemented": frozenset({"due_accept"}),
    "feedback.ExtensionRequested": frozenset({"new_due"}),
    "feedback.ExtensionDecided": frozenset({"due_handle", "due_citizen"}),
    "feedback.ClockAdjusted": frozenset({"until", "due_handle"}),
    "feedback.ClockAdjustmentRequested": frozenset({"until"}),
    "feedback.CommitmentMade": frozenset({"due_at"}),
    "feedback.CommitmentFellDue": frozenset({"due_at"}),
    "feedback.CommitmentReported": frozenset({"due_at", "next_due_at"}),
    "supervision.LeaderAssigned": frozenset({"due_at"}),
    "supervision.InstructionGiven": frozenset({"due_at"}),
    "supervision.RecommendationMade": frozenset({"due_at"}),
    "evaluation.HearingClosed": frozenset({"due_decide"}),
    "evaluation.PanelConvened": frozenset({"due_assess"}),
}
"""Instants that a person granted, or that hang on one: they stay as they were stated."""
RETENTION: dict[str, frozenset[str]] = {
    "intake.CaseArchived": frozenset({"retain_until", "contact_until"}),
    "intake.ProcessingRestricted": frozenset({"until"}),
}
"""How long words are kept: no clock counts to it, so it stays, and nobody granted it."""
OWN_STATEMENTS = frozenset(
    f"supervision.{name}"
    for name in ("DeadlineWarned", "DeadlineBreached", "BreachRetracted", "DeadlineMoved")
)
"""What supervision itself made of the clocks: the replay makes it anew."""


class Restating:
    """Restates the facts of one case, in their order, under one pack."""

    def __init__(self, policy: str, rules: Rules) -> None:
        self.policy, self.rules = rules.pack(policy).name, rules
        self.kept = 0
        """How many facts held an instant that was kept."""
        self._registered_at: datetime | None = None
        self._assigned_at: dict[str, datetime] = {}
        self._asked_at: datetime | None = None
        self._pauses: tuple[tuple[datetime, datetime], ...] = ()
        self._kind = "G", "hotline"
        self._first_track = "hotline"

    def restate(self, event: Event) -> Event:
        """The same fact with the other pack's instants. Raises ``ValueError`` past the calendar's end."""
        kept = KEPT.get(event.type(), frozenset())
        if any(getattr(event, name) is not None for name in kept):
            self.kept += 1
        changes = self._changes(event)
        return event.model_copy(update=changes) if changes else event

    def _changes(self, event: Event) -> dict[str, Any]:
        at = event.occurred_at
        if isinstance(event, InformationRequested):
            self._asked_at = at
        if isinstance(event, CaseAssigned):
            self._assigned_at[event.assignment_id] = at
        match event:
            case CaseRegistered():
                self._registered_at, self._kind = at, ("G", event.track)
                self._first_track = event.track
                decided_with = event.decided_with.model_copy(update={"policy": self.policy})
                return {"decided_with": decided_with, "due_accept": self._due("ACCEPT", at)}
            case CaseClassified():
                self._kind = event.sla_class, event.track
                return {}
            case CaseSupplemented():
                if self._asked_at is not None:
                    self._pauses = (*self._pauses, (self._asked_at, at))
                    self._asked_at = None
                return {}
            case CaseAccepted() | CaseReferred():
                self._kind = event.sla_class, event.track
                return {} if event.due is None else {"due": self._promise(event.due, at)}
            case AnsweredAtDesk():
                self._kind = event.sla_class, event.track
                return {"evaluation_until": self._due("EVAL", at)}
            case PraiseForwarded():
                self._kind = event.sla_class, event.track
                return {"object_until": self._due("EVAL", at)}
            case AnswerContested():  # acceptance counts for every case alike, by the first track
                self._kind = "G", self._first_track
                return {"due_accept": self._due("ACCEPT", at)}
            case CaseReopened():  # its citizen's clock counts from then
                self._kind, self._registered_at = (event.sla_class, event.track), at
                return {"due": self._promise(event.due, at)}
            case ReviewRequested():
                return {"due_decide": self._due("REVIEW" if event.level == 1 else "REREVIEW", at)}
            case DisputeProposed():  # the time to dispute began with the assignment
                if event.countersign_until is None:
                    return {}
                since = self._assigned_at.get(event.assignment_id, at)
                return {"countersign_until": self._due("DISPUTE_WITHIN", since)}
            case _:
                steps = STEPS.get(event.type(), {})
                return {
                    name: self._due(step, at)
                    for name, step in steps.items()
                    if getattr(event, name) is not None
                }

    def _promise(self, due: Due, at: datetime) -> Due:
        citizen = self.rules.due(self.policy, "CITIZEN", *self._kind, self._registered_at or at)
        registered_at = self._registered_at or at
        dispatch = dispatch_due(
            self.rules, self.policy, *self._kind, registered_at, at, self._pauses
        )
        return Due(dispatch=dispatch.at, citizen=citizen.at, provisional=citizen.provisional)

    def _due(self, step: str, at: datetime) -> datetime:
        return self.rules.due(self.policy, step, *self._kind, at).at
