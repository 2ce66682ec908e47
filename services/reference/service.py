"""Reference, put together."""

from typing import get_args

from libs.host.service import Service
from services.reference.commands import ReferenceCommand
from services.reference.decider import decider
from services.reference.knowledge_api import knowledge_router
from services.reference.projection import TABLES, project

service = Service(
    name="reference",
    commands=get_args(ReferenceCommand),
    decider=decider,
    project=project,
    tables=TABLES,
    router=knowledge_router,
    subject="reference",
    body_limit=2_000_000,  # a whole file of organisations is one proposal
)
