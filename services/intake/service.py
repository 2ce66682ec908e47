"""Intake, put together."""

from typing import get_args

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
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import PersonalDataErased
from libs.events.supervision import DeadlineMoved
from libs.host.service import Service
from services.intake.commands import IntakeCommand, RegisterCase
from services.intake.decider import decider
from services.intake.group_api import group_router
from services.intake.joining import Joining
from services.intake.policy import react
from services.intake.projection import TABLES, project

service = Service(
    name="intake",
    commands=get_args(IntakeCommand),
    decider=decider,
    hears=(
        DeadlineMoved,
        CaseAssigned,
        AssignmentSigned,
        AssignmentDisputed,
        AssignmentPassedOn,
        DisputeDecided,
        CoordinationOpened,
        CoordinationResolved,
        DispatchStopped,
        ExtensionDecided,
        ClockAdjusted,
        CaseHeld,
        HoldLifted,
        ReplySubmitted,
        ReplyReturned,
        ReplyDelivered,
        ReworkOrdered,
        CaseTerminated,
        ReviewRequested,
        ReviewDeclined,
        ReviewDecided,
        CaseClosed,
    ),
    react=react,
    project=project,
    tables=TABLES,
    router=group_router,
    receipts={RegisterCase: "receipt_no"},
    shreds=(PersonalDataErased,),
    workers=(Joining,),
)
