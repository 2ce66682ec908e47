"""Evaluation, put together."""

from typing import get_args

from libs.events.dispatch import (
    AssignmentPassedOn,
    CaseAssigned,
    CaseTerminated,
    CoordinationOpened,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.feedback import (
    CaseHeld,
    HoldLifted,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
)
from libs.events.intake import (
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseArchived,
    CaseLinkChanged,
    CaseReferred,
    CaseReopened,
    CaseWithdrawn,
    PersonalDataErased,
    PraiseForwarded,
    RecusalLifted,
    RecusalRecorded,
)
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineMoved,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.host.service import Service
from services.evaluation.commands import EvaluationCommand
from services.evaluation.decider import decider
from services.evaluation.exclusion_api import exclusion_router
from services.evaluation.policy import react
from services.evaluation.projection import TABLES
from services.evaluation.score_projection import project_all

service = Service(
    name="evaluation",
    commands=get_args(EvaluationCommand),
    decider=decider,
    hears=(
        DeadlineMoved,
        CaseAccepted,
        CaseReferred,
        AnsweredAtDesk,
        PraiseForwarded,
        AnswerContested,
        CaseWithdrawn,
        CaseReopened,
        CaseLinkChanged,
        CaseAssigned,
        CaseTerminated,
        AssignmentPassedOn,
        DisputeDecided,
        CoordinationOpened,
        DispatchStopped,
        ReplyApproved,
        ReplyReturned,
        ReplyDelivered,
        CaseHeld,
        HoldLifted,
        RecusalRecorded,
        RecusalLifted,
        SupervisionIssued,
        SupervisionAnswered,
        DeadlineBreached,
        BreachRetracted,
        CaseArchived,
        PersonalDataErased,
    ),
    react=react,
    project=project_all,
    tables=TABLES,
    revision=2,
    router=exclusion_router,
)
