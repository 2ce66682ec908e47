"""What dispatch states: which unit is to act on a case, and by when."""

from typing import Literal

from pydantic import AwareDatetime

from libs.events.base import Event, SealedText


class CaseAssigned(Event):
    """A unit must act (交办). All limits run from here, not from signing.

    ``catalogue_basis`` says where the dispatch catalogue's own answer comes from.
    """

    assignment_id: str
    org: str
    role: Literal["lead", "assist"] = "lead"
    basis: Literal["catalogue", "competence", "designated"]
    catalogue_basis: str
    note: SealedText | None = None
    automatic: bool = False
    sla_class: str
    track: str
    due_sign: AwareDatetime
    due_contact: AwareDatetime
    due_handle: AwareDatetime
    provisional: bool = False


class AssignmentSigned(Event):
    """The unit has taken the case into its hands (签收)."""

    assignment_id: str
    org: str
