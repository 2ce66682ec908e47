"""Who may do and see what: one pure function over one table. Pages only mirror it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from libs.rules.roles import Role


class Scope(Enum):
    """How far a right reaches."""

    ANY = "any"
    UNIT = "unit"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, by a signed token. ``case_id`` is set for a citizen who showed receipt and code.

    ``adcode`` is the jurisdiction, ``realm`` is ``""`` or ``restricted``.
    """

    id: str
    role: Role
    unit_id: str | None = None
    adcode: str | None = None
    realm: str = ""
    case_id: str | None = None
    contractor: bool = False


ANY, UNIT, CASE = Scope.ANY, Scope.UNIT, Scope.CASE
CONTRACTOR_ROLES = frozenset({Role.OPERATOR, Role.CALLBACK_AGENT})
"""All that may be outsourced (国办函〔2025〕66号(三))."""
CROSSES_REALMS = frozenset({"RegisterCase"})
"""A report on an official may be handed in by who cannot read the restricted realm."""
STAFF_TOLD = (
    Role.SUPERVISOR,
    Role.LEADER,
    Role.UNIT_CLERK,
    Role.UNIT_HEAD,
    Role.DISCIPLINE_OFFICER,
    Role.ACCEPTOR,
    Role.DISPATCHER,
    Role.AUDITOR,
)
"""Who is told of warnings: units, those whom the hotline's own steps wait for, and who leads."""

HANDLES = (
    Role.OPERATOR,
    Role.ACCEPTOR,
    Role.DISPATCHER,
    Role.DISPUTE_JUDGE,
    Role.COORDINATOR,
    Role.UNIT_CLERK,
    Role.UNIT_HEAD,
    Role.AUDITOR,
    Role.CALLBACK_AGENT,
    Role.SUPERVISOR,
    Role.LEADER,
    Role.REVIEW_OFFICER,
    Role.XINFANG_OFFICER,
    Role.DISCIPLINE_OFFICER,
    Role.THIRD_PARTY,
    Role.PRIVACY_OFFICER,
    Role.INSPECTOR,
)
"""Who may come to act on a case or see it, and so may have to keep out of it."""

DECIDES_RECUSAL = {Role.SUPERVISOR: ANY, Role.DISCIPLINE_OFFICER: ANY}
"""Who decides that another keeps out; in the restricted realm the discipline organ itself."""

READS_REFERENCE = dict.fromkeys(
    (
        Role.REFERENCE_OFFICER,
        Role.OPERATOR,
        Role.ACCEPTOR,
        Role.DISPATCHER,
        Role.SUPERVISOR,
        Role.LEADER,
        Role.UNIT_CLERK,
        Role.UNIT_HEAD,
        Role.INSPECTOR,
        Role.OPS,
    ),
    ANY,
)
"""Who decides by it, and who looks after the platform, may see what is decided by."""

OVERSEES = dict.fromkeys(
    (Role.SUPERVISOR, Role.LEADER, Role.COORDINATOR, Role.XINFANG_OFFICER), ANY
)
"""Who presses for cases: supervisors, leaders, the joint conference, the petition office."""

ANSWERS = {Role.UNIT_HEAD: UNIT, Role.DISCIPLINE_OFFICER: UNIT}
"""Who answers when a unit is called to account, instructed or recommended something (transition 46; 信访工作条例
Art. 40): its head; of a report on an official the discipline organ that has it."""

READS_FIGURES = dict.fromkeys((Role.ANALYST, Role.LEADER, Role.SUPERVISOR, Role.INSPECTOR), ANY)
"""Who sees the city's and the units' figures and the report of a period."""

RIGHTS: Mapping[str, Mapping[Role, Scope]] = {
    # intake 受理
    "RegisterCase": {Role.OPERATOR: ANY, Role.CHANNEL: ANY, Role.DISCIPLINE_OFFICER: ANY},
    "ClassifyCase": {Role.OPERATOR: ANY, Role.ACCEPTOR: ANY},
    "RequestInformation": {Role.ACCEPTOR: ANY},
    "SupplementCase": {Role.CITIZEN: CASE, Role.OPERATOR: ANY},
    "AcceptCase": {Role.ACCEPTOR: ANY},
    "DeclineCase": {Role.ACCEPTOR: ANY},
    "ProposeDecline": {Role.ACCEPTOR: ANY},
    "ApproveDecline": {Role.ACCEPTOR: ANY},
    "RejectDecline": {Role.ACCEPTOR: ANY},
    "ReferCase": {Role.OPERATOR: ANY, Role.ACCEPTOR: ANY, Role.DISCIPLINE_OFFICER: ANY},
    "AnswerAtDesk": {Role.OPERATOR: ANY, Role.ACCEPTOR: ANY},
    "ForwardPraise": {Role.ACCEPTOR: ANY},
    "ContestAnswer": {Role.CITIZEN: CASE, Role.OPERATOR: ANY},
    "unit_praise": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "praise_words": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "ErasePersonalData": {Role.PRIVACY_OFFICER: ANY},
    "MergeCase": {Role.DISPATCHER: ANY},
    "UnmergeCase": {Role.DISPATCHER: ANY, Role.CITIZEN: CASE},
    "RelateCases": {Role.DISPATCHER: ANY, Role.ACCEPTOR: ANY},
    "case_group": {Role.DISPATCHER: ANY, Role.SUPERVISOR: ANY, Role.ACCEPTOR: ANY},
    "RecuseSelf": dict.fromkeys(HANDLES, ANY),
    "ClaimRecusal": {Role.CITIZEN: CASE, Role.OPERATOR: ANY},
    "DecideRecusal": DECIDES_RECUSAL,
    "LiftRecusal": DECIDES_RECUSAL,
    "PutLegalHold": {Role.PRIVACY_OFFICER: ANY},
    "LiftLegalHold": {Role.PRIVACY_OFFICER: ANY},
    "LiftRestriction": {Role.PRIVACY_OFFICER: ANY},
    "EraseContactData": {Role.PRIVACY_OFFICER: ANY},
    "retention_queue": {Role.PRIVACY_OFFICER: ANY},
    "case_keeping": {Role.CITIZEN: CASE, Role.PRIVACY_OFFICER: ANY, Role.INSPECTOR: ANY},
    "closed_words": {Role.PRIVACY_OFFICER: ANY},
    "GiveConsent": {Role.CITIZEN: CASE},
    "WithdrawConsent": {Role.CITIZEN: CASE},
    "ProposeRedaction": {Role.AUDITOR: ANY},
    "ApproveRedaction": {Role.AUDITOR: ANY},
    "ReturnRedaction": {Role.AUDITOR: ANY},
    "UnpublishCase": {
        Role.AUDITOR: ANY,
        Role.SUPERVISOR: ANY,
        Role.PRIVACY_OFFICER: ANY,
        Role.OPERATOR: ANY,
    },
    "publication_queue": {
        Role.AUDITOR: ANY,
        Role.SUPERVISOR: ANY,
        Role.PRIVACY_OFFICER: ANY,
        Role.OPERATOR: ANY,
    },
    "case_publication": {Role.CITIZEN: CASE, Role.AUDITOR: ANY},
    "recusal_queue": DECIDES_RECUSAL,
    "case_recusals": {Role.CITIZEN: CASE, **DECIDES_RECUSAL},
    "RequestWithdrawal": {Role.CITIZEN: CASE, Role.OPERATOR: ANY},
    "PassOnWithdrawal": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "ConfirmWithdrawal": {Role.CALLBACK_AGENT: ANY},
    "CancelWithdrawal": {Role.CITIZEN: CASE, Role.OPERATOR: ANY, Role.CALLBACK_AGENT: ANY},
    "withdrawal_queue": {Role.CALLBACK_AGENT: ANY, Role.SUPERVISOR: ANY},
    "AskReopening": {Role.CITIZEN: CASE, Role.OPERATOR: ANY},
    "DeclineReopening": {Role.ACCEPTOR: ANY},
    "ReopenCase": {Role.ACCEPTOR: ANY},
    "reopening_queue": {Role.ACCEPTOR: ANY, Role.SUPERVISOR: ANY},
    "intake_queue": {Role.OPERATOR: ANY, Role.ACCEPTOR: ANY, Role.DISCIPLINE_OFFICER: ANY},
    "case_progress": {
        Role.CITIZEN: CASE,
        Role.OPERATOR: ANY,
        Role.ACCEPTOR: ANY,
        Role.DISPATCHER: ANY,
        Role.SUPERVISOR: ANY,
        Role.DISCIPLINE_OFFICER: ANY,
    },
    "case_words": {
        Role.CITIZEN: CASE,
        Role.OPERATOR: ANY,
        Role.ACCEPTOR: ANY,
        Role.DISPATCHER: ANY,
        Role.DISCIPLINE_OFFICER: ANY,
        Role.DISPUTE_JUDGE: ANY,
        Role.COORDINATOR: ANY,
        Role.REVIEW_OFFICER: ANY,
    },
    # dispatch 交办
    "AssignCase": {Role.DISPATCHER: ANY, Role.DISCIPLINE_OFFICER: ANY},
    "SignAssignment": {Role.UNIT_CLERK: UNIT, Role.DISCIPLINE_OFFICER: UNIT},
    "ProposeDispute": {Role.UNIT_CLERK: UNIT},
    "DisputeAssignment": {Role.UNIT_HEAD: UNIT},
    "WithholdDispute": {Role.UNIT_HEAD: UNIT},
    "unit_dispute_proposals": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "dispute_proposal": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "DecideDispute": {Role.DISPUTE_JUDGE: ANY},
    "OpenCoordination": {Role.DISPATCHER: ANY, Role.UNIT_HEAD: UNIT},
    "ResolveCoordination": {Role.COORDINATOR: ANY},
    "ProposeTermination": {Role.DISPATCHER: ANY},
    "ApproveTermination": {Role.AUDITOR: ANY},
    "RejectTermination": {Role.AUDITOR: ANY},
    "termination_queue": {Role.AUDITOR: ANY, Role.DISPATCHER: ANY, Role.SUPERVISOR: ANY},
    "dispute_queue": {Role.DISPUTE_JUDGE: ANY, Role.DISPATCHER: ANY, Role.SUPERVISOR: ANY},
    "coordination_queue": {Role.COORDINATOR: ANY, Role.DISPATCHER: ANY, Role.SUPERVISOR: ANY},
    "dispatch_trace": {
        Role.DISPATCHER: ANY,
        Role.AUDITOR: ANY,
        Role.DISPUTE_JUDGE: ANY,
        Role.COORDINATOR: ANY,
        Role.SUPERVISOR: ANY,
        Role.INSPECTOR: ANY,
    },
    "dispatch_queue": {Role.DISPATCHER: ANY, Role.SUPERVISOR: ANY, Role.DISCIPLINE_OFFICER: ANY},
    "unit_assignments": {
        Role.UNIT_CLERK: UNIT,
        Role.UNIT_HEAD: UNIT,
        Role.DISPATCHER: ANY,
        Role.SUPERVISOR: ANY,
        Role.DISCIPLINE_OFFICER: ANY,
    },
    # feedback 反馈
    "ContactCitizen": {Role.UNIT_CLERK: UNIT, Role.DISCIPLINE_OFFICER: UNIT},
    "ReportProgress": {Role.UNIT_CLERK: UNIT, Role.DISCIPLINE_OFFICER: UNIT},
    "RequestExtension": {Role.UNIT_CLERK: UNIT},
    "DecideExtension": {Role.UNIT_HEAD: UNIT, Role.DISPATCHER: ANY},
    "RequestSuspension": {Role.UNIT_HEAD: UNIT},
    "RequestResumption": {Role.UNIT_HEAD: UNIT},
    "AdjustClock": {Role.AUDITOR: ANY},
    "RefuseClockAdjustment": {Role.AUDITOR: ANY},
    "adjustment_queue": {Role.AUDITOR: ANY, Role.SUPERVISOR: ANY},
    "RequestHold": {Role.UNIT_HEAD: UNIT},
    "HoldCase": {Role.COORDINATOR: ANY},
    "RefuseHold": {Role.COORDINATOR: ANY},
    "hold_request_queue": {Role.COORDINATOR: ANY, Role.SUPERVISOR: ANY},
    "LiftHold": {Role.LEADER: ANY},
    "DraftReply": {Role.UNIT_CLERK: UNIT},
    "ReturnDraft": {Role.UNIT_HEAD: UNIT},
    "unit_drafts": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "case_draft": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "SubmitReply": {Role.UNIT_HEAD: UNIT, Role.DISCIPLINE_OFFICER: UNIT},
    "ApproveReply": {Role.AUDITOR: ANY},
    "ReturnReply": {Role.AUDITOR: ANY},
    "DeliverReply": {Role.OPERATOR: ANY},
    "unit_work": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT, Role.DISCIPLINE_OFFICER: UNIT},
    "case_file": {
        Role.UNIT_CLERK: UNIT,
        Role.UNIT_HEAD: UNIT,
        Role.AUDITOR: ANY,
        Role.COORDINATOR: ANY,
        Role.DISCIPLINE_OFFICER: UNIT,
    },
    "extension_queue": {Role.DISPATCHER: ANY, Role.SUPERVISOR: ANY},
    "case_extension": {Role.DISPATCHER: ANY, Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "hold_queue": {Role.COORDINATOR: ANY, Role.LEADER: ANY, Role.SUPERVISOR: ANY},
    "audit_queue": {Role.AUDITOR: ANY},
    "ReportCommitment": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "unit_commitments": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT, Role.SUPERVISOR: ANY},
    "overdue_commitments": {Role.SUPERVISOR: ANY, Role.LEADER: ANY},
    "case_commitments": {Role.CITIZEN: CASE, Role.CALLBACK_AGENT: ANY, Role.SUPERVISOR: ANY},
    "case_reply": {
        Role.CITIZEN: CASE,
        Role.OPERATOR: ANY,
        Role.AUDITOR: ANY,
        Role.REVIEW_OFFICER: ANY,
    },
    # evaluation 评价
    "RecordCallback": {Role.CALLBACK_AGENT: ANY},
    "SubmitEvaluation": {Role.CITIZEN: CASE},
    "OrderRework": {Role.CALLBACK_AGENT: ANY, Role.SUPERVISOR: ANY},
    "RequestReview": {Role.CITIZEN: CASE},
    "AcceptReview": {Role.REVIEW_OFFICER: UNIT},
    "DeclineReview": {Role.REVIEW_OFFICER: UNIT},
    "OpenHearing": {Role.REVIEW_OFFICER: UNIT},
    "CloseHearing": {Role.REVIEW_OFFICER: UNIT},
    "DecideReview": {Role.REVIEW_OFFICER: UNIT},
    "ConfirmReviewDecision": {Role.REVIEW_OFFICER: UNIT},
    "ReturnReviewDecision": {Role.REVIEW_OFFICER: UNIT},
    "case_review": {Role.CITIZEN: CASE, Role.REVIEW_OFFICER: ANY},
    "AppealScore": {Role.UNIT_HEAD: UNIT},
    "DismissAppeal": {Role.COORDINATOR: ANY, Role.SUPERVISOR: ANY},
    "ConvenePanel": {Role.COORDINATOR: ANY, Role.SUPERVISOR: ANY},
    "RecuseFromPanel": {Role.THIRD_PARTY: ANY, Role.COORDINATOR: ANY, Role.SUPERVISOR: ANY},
    "FilePanelFinding": {Role.THIRD_PARTY: ANY},
    "appeal_queue": {Role.COORDINATOR: ANY, Role.SUPERVISOR: ANY},
    "case_appeal": {Role.COORDINATOR: ANY, Role.SUPERVISOR: ANY},
    "unit_appeals": {Role.UNIT_HEAD: UNIT, Role.COORDINATOR: ANY, Role.SUPERVISOR: ANY},
    "panel_queue": {Role.THIRD_PARTY: ANY},
    "panel_file": {Role.THIRD_PARTY: ANY},
    "ProposeExclusion": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "DecideExclusion": {Role.AUDITOR: ANY, Role.SUPERVISOR: ANY},
    "exclusion_queue": {Role.AUDITOR: ANY, Role.SUPERVISOR: ANY},
    "exclusion_file": {Role.AUDITOR: ANY, Role.SUPERVISOR: ANY},
    "unit_exclusions": {
        Role.UNIT_CLERK: UNIT,
        Role.UNIT_HEAD: UNIT,
        Role.SUPERVISOR: ANY,
        Role.ANALYST: ANY,
        Role.INSPECTOR: ANY,
    },
    "RecordUnitCallback": {Role.CALLBACK_AGENT: ANY},
    "unit_callback_queue": {Role.CALLBACK_AGENT: ANY, Role.SUPERVISOR: ANY},
    "unit_ratings": {
        Role.UNIT_CLERK: UNIT,
        Role.UNIT_HEAD: UNIT,
        Role.SUPERVISOR: ANY,
        Role.ANALYST: ANY,
    },
    "callback_queue": {Role.CALLBACK_AGENT: ANY, Role.SUPERVISOR: ANY},
    "case_evaluation": {Role.CITIZEN: CASE, Role.CALLBACK_AGENT: ANY, Role.SUPERVISOR: ANY},
    "review_queue": {Role.REVIEW_OFFICER: ANY, Role.SUPERVISOR: ANY},
    # supervision 督办
    "IssueSupervision": dict.fromkeys(
        (Role.SUPERVISOR, Role.XINFANG_OFFICER, Role.COORDINATOR, Role.LEADER), ANY
    ),
    "AnswerSupervision": ANSWERS,
    "LiftSupervision": {Role.SUPERVISOR: ANY},
    "DismissEscalation": {Role.COORDINATOR: ANY, Role.LEADER: ANY},
    "ListOldCase": {Role.SUPERVISOR: ANY},
    "DelistOldCase": {Role.SUPERVISOR: ANY},
    "AssignLeader": {Role.SUPERVISOR: ANY},
    "HandOverCase": {Role.SUPERVISOR: ANY},
    "ReleaseLeader": {Role.SUPERVISOR: ANY},
    "GiveInstruction": {Role.LEADER: ANY},
    "AnswerInstruction": ANSWERS,
    "MakeRecommendation": {Role.SUPERVISOR: ANY, Role.XINFANG_OFFICER: ANY},
    "AnswerRecommendation": ANSWERS,
    "escalation_queue": OVERSEES,
    "leader_cases": {Role.SUPERVISOR: ANY, Role.LEADER: ANY},
    "leader_totals": {Role.SUPERVISOR: ANY, Role.LEADER: ANY, Role.INSPECTOR: ANY},
    "old_cases": OVERSEES,
    "old_case": OVERSEES,
    "case_duties": {
        **OVERSEES,
        Role.INSPECTOR: ANY,
        Role.UNIT_CLERK: UNIT,
        **ANSWERS,
    },
    "unit_duties": {**OVERSEES, Role.UNIT_CLERK: UNIT, **ANSWERS},
    "recommendation_list": {**OVERSEES, Role.INSPECTOR: ANY},
    "instruction_list": {**OVERSEES, Role.INSPECTOR: ANY},
    "daily_list": OVERSEES,
    "unit_daily_list": {**OVERSEES, Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    "overdue_cases": {
        Role.SUPERVISOR: ANY,
        Role.LEADER: ANY,
        Role.UNIT_CLERK: UNIT,
        Role.UNIT_HEAD: UNIT,
        Role.DISCIPLINE_OFFICER: ANY,
    },
    "case_clocks": {
        Role.CITIZEN: CASE,
        Role.SUPERVISOR: ANY,
        Role.LEADER: ANY,
        Role.DISPATCHER: ANY,
        Role.OPERATOR: ANY,
    },
    "own_notices": dict.fromkeys(STAFF_TOLD, ANY),
    "unit_notices": {
        Role.SUPERVISOR: ANY,
        Role.LEADER: ANY,
        Role.UNIT_CLERK: UNIT,
        Role.UNIT_HEAD: UNIT,
        Role.DISCIPLINE_OFFICER: UNIT,
    },
    "notice_preferences": dict.fromkeys(STAFF_TOLD, ANY),
    "SetNoticePreferences": dict.fromkeys(STAFF_TOLD, ANY),
    "unit_notice_preferences": {Role.OPS: ANY, Role.UNIT_HEAD: UNIT},
    "SetUnitNoticePreferences": {Role.OPS: ANY, Role.UNIT_HEAD: UNIT},
    "deliveries": {Role.OPS: ANY, Role.SUPERVISOR: ANY},
    # analytics 分析
    "totals": {Role.ANALYST: ANY, Role.LEADER: ANY, Role.SUPERVISOR: ANY, Role.OPERATOR: ANY},
    "totals_by_category": {Role.ANALYST: ANY, Role.LEADER: ANY, Role.SUPERVISOR: ANY},
    "totals_by_unit": {Role.ANALYST: ANY, Role.LEADER: ANY, Role.SUPERVISOR: ANY},
    "totals_by_channel": {Role.ANALYST: ANY, Role.LEADER: ANY, Role.SUPERVISOR: ANY},
    "totals_by_mailbox": {Role.ANALYST: ANY, Role.LEADER: ANY, Role.SUPERVISOR: ANY},
    "figures": READS_FIGURES,
    "figures_by_unit": READS_FIGURES,
    "report": READS_FIGURES,
    "topics": {Role.REFERENCE_OFFICER: ANY, Role.ANALYST: ANY, Role.LEADER: ANY},
    # reference 制度数据
    "PublishEdition": {Role.REFERENCE_OFFICER: ANY},
    "PublishCalendarYear": {Role.REFERENCE_OFFICER: ANY},
    "ProposeCalendarYear": {Role.REFERENCE_OFFICER: ANY, Role.CHANNEL: ANY},
    "ConfirmCalendarYear": {Role.REFERENCE_OFFICER: ANY},
    "RejectCalendarYear": {Role.REFERENCE_OFFICER: ANY},
    "draft": {Role.REFERENCE_OFFICER: ANY},
    "editions": READS_REFERENCE,
    "mailboxes": {**READS_REFERENCE, Role.CHANNEL: ANY},
    "subjects": READS_REFERENCE,
    "edition": READS_REFERENCE,
    "proposals": {Role.REFERENCE_OFFICER: ANY, Role.INSPECTOR: ANY},
    "ProposeKnowledge": {
        Role.REFERENCE_OFFICER: ANY,
        Role.UNIT_CLERK: UNIT,
        Role.UNIT_HEAD: UNIT,
    },
    "ApproveKnowledge": {Role.REFERENCE_OFFICER: ANY},
    "RejectKnowledge": {Role.REFERENCE_OFFICER: ANY},
    "WithdrawKnowledge": {Role.REFERENCE_OFFICER: ANY},
    "knowledge": {**READS_REFERENCE, Role.CHANNEL: ANY},
    "knowledge_entry": {**READS_REFERENCE, Role.CHANNEL: ANY},
    "knowledge_proposals": {Role.REFERENCE_OFFICER: ANY, Role.INSPECTOR: ANY},
    "unit_knowledge_proposals": {Role.UNIT_CLERK: UNIT, Role.UNIT_HEAD: UNIT},
    # every service
    "case_looks": {Role.CITIZEN: CASE, Role.INSPECTOR: ANY, Role.PRIVACY_OFFICER: ANY},
    "look_limits": {Role.SUPERVISOR: ANY, Role.INSPECTOR: ANY, Role.PRIVACY_OFFICER: ANY},
    "quarantine": {Role.OPS: ANY},
    "ReleaseCase": {Role.OPS: ANY},
}
"""Action (a command's or a view's name) -> role -> how far. What is not here is nobody's."""
RESTRICTED = "restricted"
RESTRICTED_ALONE: Mapping[Role, frozenset[str]] = {
    Role.DISCIPLINE_OFFICER: frozenset(
        {
            "ReferCase",
            "DecideRecusal",
            "LiftRecusal",
            "recusal_queue",
            "case_recusals",
            "case_words",
            "AssignCase",
            "SignAssignment",
            "ContactCitizen",
            "ReportProgress",
            "SubmitReply",
            "case_file",
            "AnswerSupervision",
            "AnswerInstruction",
            "AnswerRecommendation",
            "case_duties",
            "unit_duties",
        }
    )
}
"""What a role may do in the restricted realm alone: the discipline organ handles reports on officials, and
no ordinary case (信访工作条例 Art. 22(2), 30(3))."""


def refusal(
    principal: Principal,
    action: str,
    realm: str = "",
    case_id: str | None = None,
    unit_id: str | None = None,
) -> str | None:
    """Why a principal may not do or see this, in words; ``None`` if it may.

    Whose unit a case is with is decided by the rules of the stage, which know the case; here a
    right of scope UNIT only needs a unit, and not that of another.
    """
    if principal.contractor and principal.role not in CONTRACTOR_ROLES:
        return f"A contractor may not act as {principal.role.value}."
    if principal.realm != realm and action not in CROSSES_REALMS:
        return "This token is for another realm."
    scope = RIGHTS.get(action, {}).get(principal.role)
    if scope is None:
        return f"The role {principal.role.value} has no right to {action}."
    if realm != RESTRICTED and action in RESTRICTED_ALONE.get(principal.role, ()):
        return f"The role {principal.role.value} has a right to {action} in the restricted realm alone."
    if scope is Scope.CASE and (case_id is None or principal.case_id != case_id):
        return "This token opens another case."
    if scope is Scope.UNIT and principal.unit_id is None:
        return "This token names no unit."
    if scope is Scope.UNIT and unit_id is not None and unit_id != principal.unit_id:
        return f"This token is of unit {principal.unit_id}, not of {unit_id}."
    return None
