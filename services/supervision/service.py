"""Supervision, put together."""

from pathlib import Path
from typing import get_args

from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentPassedOn,
    AssignmentSigned,
    CaseAssigned,
    CaseTerminated,
    CoordinationOpened,
    CoordinationResolved,
    DispatchResumed,
    DispatchStopped,
    DisputeDecided,
)
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    HearingClosed,
    HearingOpened,
    ReviewDecided,
    ReviewDeclined,
    ReviewRequested,
    ReworkOrdered,
)
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    ClockAdjusted,
    CommitmentFellDue,
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
    AnswerContested,
    AnsweredAtDesk,
    CaseAccepted,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    CaseSupplemented,
    CaseWithdrawn,
    InformationRequested,
    PersonalDataErased,
    PraiseForwarded,
)
from libs.host.service import Service
from services.supervision.commands import SupervisionCommand
from services.supervision.decider import decider
from services.supervision.notice_api import notice_router
from services.supervision.policy import react
from services.supervision.projection import TABLES, project
from services.supervision.telling import Telling

service = Service(
    name="supervision",
    commands=get_args(SupervisionCommand),
    decider=decider,
    leisure=6,
    hears=(
        CaseRegistered,
        InformationRequested,
        CaseSupplemented,
        CaseAccepted,
        CaseDeclined,
        CaseReferred,
        AnsweredAtDesk,
        PraiseForwarded,
        AnswerContested,
        CaseWithdrawn,
        CaseReopened,
        CaseLinkChanged,
        PersonalDataErased,
        CaseAssigned,
        AssignmentSigned,
        AssignmentPassedOn,
        AssignmentDisputed,
        DisputeDecided,
        CoordinationOpened,
        CoordinationResolved,
        DispatchStopped,
        DispatchResumed,
        CaseTerminated,
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
        CommitmentFellDue,
        CallbackRecorded,
        ReworkOrdered,
        ReviewRequested,
        HearingOpened,
        HearingClosed,
        ReviewDeclined,
        ReviewDecided,
        CaseClosed,
    ),
    heeds=("calendar",),
    react=react,
    project=project,
    tables=TABLES,
    router=notice_router,
    workers=(Telling,),
    migrations=Path(__file__).parent / "migrations",
)
