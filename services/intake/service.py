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
)
from libs.events.intake import PersonalDataErased
from libs.events.supervision import DeadlineMoved
from libs.host.service import Service
from services.intake.api import router
from services.intake.commands import IntakeCommand, RegisterCase
from services.intake.decider import decider
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
        CaseTerminated,
        ExtensionDecided,
        ClockAdjusted,
        CaseHeld,
        HoldLifted,
        ReplyDelivered,
        ReworkOrdered,
        ReviewRequested,
        ReviewDeclined,
        ReviewDecided,
        CaseClosed,
    ),
    project=project,
    tables=TABLES,
    router=router,
    receipts={RegisterCase: "receipt_no"},
    shreds=(PersonalDataErased,),
)
