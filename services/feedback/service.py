"""Feedback, put together."""

from typing import get_args

from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentPassedOn,
    AssignmentSigned,
    CaseAssigned,
    CaseTerminated,
    CoordinationOpened,
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
from libs.events.intake import (
    CaseAccepted,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseSupplemented,
    CaseWithdrawn,
    PersonalDataErased,
)
from libs.events.supervision import DeadlineMoved
from libs.host.service import Service
from services.feedback.api import router
from services.feedback.commands import FeedbackCommand
from services.feedback.decider import decider
from services.feedback.policy import react
from services.feedback.projection import TABLES, project

service = Service(
    name="feedback",
    commands=get_args(FeedbackCommand),
    decider=decider,
    hears=(
        DeadlineMoved,
        CaseRegistered,
        CaseSupplemented,
        CaseAccepted,
        CaseReferred,
        CaseWithdrawn,
        CaseReopened,
        CaseLinkChanged,
        CaseAssigned,
        AssignmentPassedOn,
        AssignmentSigned,
        AssignmentDisputed,
        DisputeDecided,
        CoordinationOpened,
        DispatchStopped,
        CaseTerminated,
        ReworkOrdered,
        ReviewRequested,
        ReviewDeclined,
        ReviewDecided,
        CaseClosed,
        PersonalDataErased,
    ),
    react=react,
    project=project,
    tables=TABLES,
    router=router,
)
