"""Analytics, put together."""

from libs.events.dispatch import AssignmentPassedOn, CaseAssigned, CaseTerminated
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ExclusionDecided,
    ReworkOrdered,
    ScoreAppealed,
    ThirdPartyAssessed,
)
from libs.events.feedback import ExtensionDecided, ReplyDelivered
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseClassified,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseWithdrawn,
    PraiseForwarded,
    WithdrawalRequested,
)
from libs.events.supervision import BreachRetracted, DeadlineBreached, DeadlineWarned
from libs.host.service import Service
from services.analytics.decider import decider
from services.analytics.figure_api import figure_router
from services.analytics.projection import project
from services.analytics.tallies import TABLES

service = Service(
    name="analytics",
    commands=(),
    decider=decider,
    leisure=6,
    hears=(
        CaseRegistered,
        CaseClassified,
        CaseAccepted,
        CaseDeclined,
        CaseReferred,
        AnsweredAtDesk,
        PraiseForwarded,
        AnswerContested,
        CaseWithdrawn,
        WithdrawalRequested,
        CaseReopened,
        CaseLinkChanged,
        CaseTerminated,
        CaseAssigned,
        AssignmentPassedOn,
        ExtensionDecided,
        ReplyDelivered,
        CallbackRecorded,
        EvaluationSubmitted,
        CaseClosed,
        ReworkOrdered,
        ScoreAppealed,
        ThirdPartyAssessed,
        ExclusionDecided,
        DeadlineWarned,
        DeadlineBreached,
        BreachRetracted,
    ),
    project=project,
    tables=TABLES,
    router=figure_router,
)
