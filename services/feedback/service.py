"""Feedback, put together."""

from typing import get_args

from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.intake import CaseAccepted, CaseReferred, CaseRegistered, PersonalDataErased
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
        CaseRegistered,
        CaseAccepted,
        CaseReferred,
        CaseAssigned,
        AssignmentSigned,
        PersonalDataErased,
    ),
    react=react,
    project=project,
    tables=TABLES,
    router=router,
)
