"""What supervision can be asked to do, by people and by the clock."""

from typing import Literal

from pydantic import AwareDatetime

from libs.events.supervision import SupervisionGround
from libs.sourcing.decider import Command
from libs.sourcing.words import Code, OptionalPersonalWords


class StateDeadline(Command):
    """A threshold of a clock has passed; it names the exact clock and due instant."""

    clock: str
    threshold: Literal["amber", "red", "breach"]
    due_at: AwareDatetime


class MoveDeadline(Command):
    """A calendar was published: the clock ends by that now."""

    clock: str


class RetractBreach(Command):
    """The act was heard of late that had been in time."""

    clock: str
    done_at: AwareDatetime


class IssueSupervision(Command):
    """Call the unit to account: 1 urged 催办, 2 supervised 督办, 3 listed 挂牌."""

    level: Literal[1, 2, 3]
    ground: SupervisionGround
    note: OptionalPersonalWords = None


class CallToAccount(Command):
    """A step of the ladder has come; it names what it comes from, and nobody asks for it but the clock."""

    supervision_id: str
    level: Literal[1, 2]
    ground: SupervisionGround
    addressee: str


class AnswerSupervision(Command):
    """The unit's head answers with the measures taken."""

    supervision_id: Code
    measures: OptionalPersonalWords = None


class LiftSupervision(Command):
    """A supervisor is content with the measures."""

    supervision_id: Code


class DropSupervision(Command):
    """A step of the ladder has nothing to stand on any more."""

    supervision_id: str


SupervisionCommand = (
    StateDeadline
    | MoveDeadline
    | RetractBreach
    | IssueSupervision
    | CallToAccount
    | AnswerSupervision
    | LiftSupervision
    | DropSupervision
)
