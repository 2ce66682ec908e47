"""What dispatch can be asked to do."""

from libs.sourcing.decider import Command
from libs.sourcing.words import Code, OptionalPersonalWords


class AssignCase(Command):
    """Assign a case to its lead unit. Without ``unit_id`` the dispatch catalogue decides.

    A unit that is not the catalogue's needs a ``note`` that says why.
    """

    unit_id: Code | None = None
    note: OptionalPersonalWords = None


class SignAssignment(Command):
    """Take an assignment into the unit's hands (签收)."""


DispatchCommand = AssignCase | SignAssignment
