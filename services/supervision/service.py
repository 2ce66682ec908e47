"""Supervision, put together."""

from typing import get_args

from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
    CoordinationResolved,
    DisputeDecided,
)
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    ReviewDecided,
    ReviewRequested,
    ReworkOrdered,
)
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    ClockAdjusted,
    ExtensionDecided,
    ExtensionRequested,
    HoldLifted,
    ProgressReported,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import (
    CaseAccepted,
    CaseDeclined,
    CaseReferred,
    CaseRegistered,
    CaseSupplemented,
    InformationRequested,
)
from libs.host.service import Service
from services.supervision.api import router
from services.supervision.commands import SupervisionCommand
from services.supervision.decider import decider
from services.supervision.policy import react
from services.supervision.projection import TABLES, project

service = Service(
    name="supervision",
    commands=get_args(SupervisionCommand),
    decider=decider,
    hears=(
        CaseRegistered,
        InformationRequested,
        CaseSupplemented,
        CaseAccepted,
        CaseDeclined,
        CaseReferred,
        CaseAssigned,
        AssignmentSigned,
        AssignmentDisputed,
        DisputeDecided,
        CoordinationOpened,
        CoordinationResolved,
        CitizenContacted,
        ProgressReported,
        ExtensionRequested,
        ExtensionDecided,
        ClockAdjusted,
        CaseHeld,
        HoldLifted,
        ReplySubmitted,
        ReplyApproved,
        ReplyReturned,
        ReplyDelivered,
        CallbackRecorded,
        ReworkOrdered,
        ReviewRequested,
        ReviewDecided,
        CaseClosed,
    ),
    react=react,
    project=project,
    tables=TABLES,
    router=router,
)
