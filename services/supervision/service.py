"""Supervision, put together."""

from pathlib import Path
from typing import get_args

from libs.events.dispatch import AssignmentPassedOn, AssignmentSigned, CaseAssigned
from libs.events.evaluation import CallbackRecorded, CaseClosed, ReviewDecided, ReviewRequested
from libs.events.feedback import (
    CitizenContacted,
    ReplyApproved,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import CaseAccepted, CaseDeclined, CaseReferred, CaseRegistered
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
    hears=(
        CaseRegistered,
        CaseAccepted,
        CaseDeclined,
        CaseReferred,
        CaseAssigned,
        AssignmentSigned,
        AssignmentPassedOn,
        CitizenContacted,
        ReplySubmitted,
        ReplyApproved,
        ReplyReturned,
        ReplyDelivered,
        CallbackRecorded,
        ReviewRequested,
        ReviewDecided,
        CaseClosed,
    ),
    react=react,
    project=project,
    tables=TABLES,
    router=notice_router,
    workers=(Telling,),
    migrations=Path(__file__).parent / "migrations",
)
