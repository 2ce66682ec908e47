"""Dispatch, put together."""

from typing import get_args

from libs.events.evaluation import CaseClosed, ReworkOrdered
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    HoldLifted,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import (
    CaseAccepted,
    CaseLinkChanged,
    CaseReferred,
    CaseReopened,
    CaseWithdrawn,
    PersonalDataErased,
)
from libs.events.supervision import DeadlineMoved
from libs.host.service import Service
from services.dispatch.api import router
from services.dispatch.commands import DispatchCommand
from services.dispatch.decider import decider
from services.dispatch.policy import react
from services.dispatch.projection import TABLES, project

service = Service(
    name="dispatch",
    commands=get_args(DispatchCommand),
    decider=decider,
    hears=(
        DeadlineMoved,
        CaseClosed,
        ReworkOrdered,
        CaseAccepted,
        CaseReferred,
        CaseWithdrawn,
        CaseReopened,
        CaseLinkChanged,
        PersonalDataErased,
        CitizenContacted,
        CaseHeld,
        HoldLifted,
        ReplySubmitted,
        ReplyReturned,
        ReplyDelivered,
    ),
    react=react,
    heeds=("organisations",),
    heeds_idle=True,
    project=project,
    tables=TABLES,
    router=router,
    revision=2,
)
