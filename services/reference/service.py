"""Reference, put together."""

from typing import get_args

from libs.host.service import Service
from services.reference.api import router
from services.reference.commands import ReferenceCommand
from services.reference.decider import decider
from services.reference.projection import TABLES, project

service = Service(
    name="reference",
    commands=get_args(ReferenceCommand),
    decider=decider,
    project=project,
    tables=TABLES,
    router=router,
    subject="reference",
    body_limit=2_000_000,  # a whole file of organisations is one proposal
)
