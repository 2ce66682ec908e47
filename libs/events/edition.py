"""What every publication of reference data has in common. It is no event itself."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from libs.events.base import Event


class Changes(BaseModel):
    """How many entries an edition adds to, changes in and takes from the one before."""

    model_config = ConfigDict(frozen=True)

    added: int = Field(default=0, ge=0)
    changed: int = Field(default=0, ge=0)
    removed: int = Field(default=0, ge=0)


class Edition(Event):
    """A whole edition, so that who reads one needs none before it.

    ``edition`` counts from 1 per subject; ``digest`` is the SHA-256 of ``content`` as canonical JSON.

    ``content`` has the shape of the shipped files in ``libs/rules/data``; ``source`` names the notice,
    decision or law that it follows.
    """

    edition: int = Field(ge=1)
    digest: str
    source: str
    changes: Changes = Changes()
    content: dict[str, Any]
