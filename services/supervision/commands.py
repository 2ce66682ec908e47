"""What supervision can be asked to do, by people and by the clock."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from libs.events.supervision import LeaderLevel, SupervisionGround
from libs.sourcing.decider import Command
from libs.sourcing.words import Code, OptionalPersonalWords, PersonalWords

Codes = Annotated[tuple[Code, ...], Field(max_length=50)]
"""Attachments or units, by their codes."""


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
    """Call the unit to account: 1 urged 催办, 2 supervised 督办; 3 listed 挂牌, by who may."""

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
    """The unit's head answers with the measures taken, and what shows them."""

    supervision_id: Code
    measures: OptionalPersonalWords = None
    evidence: Codes = ()


class LiftSupervision(Command):
    """A supervisor is content with the measures."""

    supervision_id: Code
    note: OptionalPersonalWords = None


class DropSupervision(Command):
    """A step of the ladder has nothing to stand on any more."""

    supervision_id: str


class ProposeEscalation(Command):
    """What only a person may do has come so far; nobody asks for it but the clock."""

    proposal_id: str
    to: Literal["listed", "leader"]
    clock: str
    addressee: str


class DismissEscalation(Command):
    """Not to follow what the clock proposed."""

    proposal_id: Code
    reason: PersonalWords


class ListOldCase(Command):
    """Put the case on the list of old cases (积案); the clock does it by the case's age."""

    note: OptionalPersonalWords = None


class DelistOldCase(Command):
    """Take the case off the list of old cases, for a reason."""

    reason: PersonalWords


class AssignLeader(Command):
    """A leader is to answer for the case until it is resolved (领导包案)."""

    leader: Code
    level: LeaderLevel
    team: Codes = ()
    due_at: AwareDatetime | None = None
    note: OptionalPersonalWords = None


class HandOverCase(Command):
    """Another leader takes the case over."""

    leader: Code
    level: LeaderLevel
    team: Codes = ()
    due_at: AwareDatetime | None = None
    note: OptionalPersonalWords = None


class ReleaseLeader(Command):
    """The leader need not answer for the case any more."""

    ground: Literal["resolved", "released"]
    note: OptionalPersonalWords = None


class GiveInstruction(Command):
    """A leader writes on the case (批示), or asks how far it is.

    ``similar``: the unit must also look for the like elsewhere (举一反三). ``shown``: the citizen may read it;
    with ``cluster`` (it is about all the cases that this one leads), the citizens of those too.
    """

    kind: Literal["instruct", "progress"] = "instruct"
    text: PersonalWords
    addressee: Code | None = None
    due_at: AwareDatetime | None = None
    similar: bool = False
    similar_due_at: AwareDatetime | None = None
    shown: bool = False
    cluster: bool = False


class AnswerInstruction(Command):
    """The addressee's head answers what a leader wrote."""

    instruction_id: Code
    text: PersonalWords
    evidence: Codes = ()
    found: Annotated[int, Field(ge=0, le=100_000)] | None = None


class MakeRecommendation(Command):
    """Recommend an organ to work better, to better its policy, or to hold somebody to account (三种建议)."""

    kind: Literal["improve_work", "improve_policy", "hold_accountable"]
    addressee: Code
    text: PersonalWords
    due_at: AwareDatetime | None = None


class AnswerRecommendation(Command):
    """The organ says in writing whether it adopts what was recommended, and why."""

    recommendation_id: Code
    outcome: Literal["adopted", "partly", "declined"]
    reason: PersonalWords
    evidence: Codes = ()


SupervisionCommand = (
    StateDeadline
    | MoveDeadline
    | RetractBreach
    | IssueSupervision
    | CallToAccount
    | AnswerSupervision
    | LiftSupervision
    | DropSupervision
    | ProposeEscalation
    | DismissEscalation
    | ListOldCase
    | DelistOldCase
    | AssignLeader
    | HandOverCase
    | ReleaseLeader
    | GiveInstruction
    | AnswerInstruction
    | MakeRecommendation
    | AnswerRecommendation
)
