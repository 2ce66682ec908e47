"""Analytics, put together."""

from libs.events.dispatch import AssignmentPassedOn, CaseAssigned, CaseTerminated
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    ReworkOrdered,
)
from libs.events.feedback import ReplyDelivered
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
from services.analytics.api import router
from services.analytics.decider import decider
from services.analytics.projection import TABLES, project

service = Service(
    name="analytics",
    commands=(),
    decider=decider,
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
        ReplyDelivered,
        CallbackRecorded,
        EvaluationSubmitted,
        CaseClosed,
        ReworkOrdered,
        DeadlineWarned,
        DeadlineBreached,
        BreachRetracted,
    ),
    project=project,
    tables=TABLES,
    router=router,
)
