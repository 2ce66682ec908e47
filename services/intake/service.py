"""Intake, put together."""

from collections.abc import Sequence
from typing import get_args

from libs.events.base import Recorded
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
from libs.events.intake import ContactDataErased, PersonalDataErased
from libs.events.supervision import DeadlineMoved
from libs.host.service import Service
from libs.sourcing.views import Views
from libs.vault.contact import contact_key
from services.intake.commands import IntakeCommand, RegisterCase
from services.intake.decider import decider
from services.intake.group_api import group_router
from services.intake.groups import project_groups
from services.intake.joining import Joining
from services.intake.keeping_views import CHANGED_BY as OF_KEEPINGS
from services.intake.keeping_views import fold as fold_keepings
from services.intake.keeping_views import keepings
from services.intake.policy import react
from services.intake.projection import TABLES, cases, fold
from services.intake.public_commands import RecuseSelf
from services.intake.public_views import CHANGED_BY as OF_PUBLICATIONS
from services.intake.public_views import fold as fold_publications
from services.intake.public_views import publications
from services.intake.recusal_views import CHANGED_BY as OF_RECUSALS
from services.intake.recusal_views import fold as fold_recusals
from services.intake.recusal_views import recusals


def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into all the tables."""
    views.fold(cases, heard, fold)
    views.fold(recusals, heard, fold_recusals, of=OF_RECUSALS)
    views.fold(publications, heard, fold_publications, of=OF_PUBLICATIONS)
    views.fold(keepings, heard, fold_keepings, of=OF_KEEPINGS)
    project_groups(heard, views)


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
    recusing=(RecuseSelf,),
    workers=(Joining,),
    revision=2,
    shreds={
        PersonalDataErased: lambda case_id: (case_id, contact_key(case_id)),
        ContactDataErased: lambda case_id: (contact_key(case_id),),
    },
)
