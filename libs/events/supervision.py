"""What supervision states: a promise is nearly or wholly overdue, who was called to account, and what is owed."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from libs.events.base import Event, SealedText

SupervisionGround = Literal[
    "overdue",
    "perfunctory",
    "false_reply",
    "rework_rounds",
    "transfers",
    "nobody_acts",
    "instruction",
    "not_reported",
    "procedure",
    "evasion",
    "not_carried_out",
    "other",
]
"""Why a unit is called to account (信访工作条例 Art. 40, and the articles' triggers). The last five, with
``overdue``, are the six 督办情形 of 信访条例（2005，已废止）Art. 36, for a pack with that profile."""


class DeadlineWarned(Event):
    """A share of a limit has passed: amber or red. Stated once per timer, assignment, round, threshold."""

    timer: str
    assignment_id: str | None = None
    threshold: Literal["amber", "red"]
    due_at: AwareDatetime
    owner_org: str


class DeadlineBreached(Event):
    """A limit has passed. Stated once per timer, assignment and round, never early."""

    timer: str
    assignment_id: str | None = None
    due_at: AwareDatetime
    owner_org: str


class BreachRetracted(Event):
    """A breach was stated in good faith, and then the act was heard of that had been in time."""

    timer: str
    assignment_id: str | None = None
    due_at: AwareDatetime
    owner_org: str
    done_at: AwareDatetime


class DeadlineMoved(Event):
    """A calendar year was published, and a limit ends at another instant than was stated.

    ``due_at`` is never before what was said (``was_due_at``): lateness counts from it. ``warn_due_at``
    is what the calendar gives; where that is earlier, staff are warned by it.
    """

    timer: str
    step: str
    assignment_id: str | None = None
    was_due_at: AwareDatetime
    due_at: AwareDatetime
    warn_due_at: AwareDatetime
    provisional: bool = False
    owner_org: str


class SupervisionIssued(Event):
    """A unit is called to account: 1 urged 催办, 2 supervised 督办, 3 listed 挂牌."""

    version: ClassVar[int] = 2

    supervision_id: str
    level: Literal[1, 2, 3]
    ground: SupervisionGround
    note: SealedText | None = None
    addressee: str
    due_at: AwareDatetime


class SupervisionAnswered(Event):
    """The unit answered with its measures; ``lifted`` says whether a supervisor is content.

    ``evidence`` are codes of attachments; ``note`` is the supervisor's, with the lifting.
    """

    version: ClassVar[int] = 2

    supervision_id: str
    measures: SealedText | None = None
    lifted: bool
    evidence: tuple[str, ...] = ()
    note: SealedText | None = None


class EscalationProposed(Event):
    """The clock has gone as far as a clock may: a person is asked to list the case (挂牌) or to give it to
    a leader (包案). ``timer`` is the limit that was missed."""

    proposal_id: str
    to: Literal["listed", "leader"]
    timer: str
    addressee: str


class EscalationDismissed(Event):
    """A person looked at the proposal and does not follow it, for a reason."""

    proposal_id: str
    reason: SealedText


class OldCaseListed(Event):
    """The case stands on the list of old cases (积案): by its age, or because a supervisor named it."""

    ground: Literal["age", "named"]
    note: SealedText | None = None


class OldCaseDelisted(Event):
    """A supervisor took the case off the list of old cases (积案销号), with the reason. Its age alone puts it
    there no more."""

    reason: SealedText


LeaderLevel = Literal["city", "county", "section"]
"""The rank of a post, 市级、县级、科级: so many cases each takes (十百千)."""


class LeaderAssigned(Event):
    """A leader answers for the case until it is resolved (领导包案, 信访工作条例 Art. 18(2)).

    ``leader`` is an account; ``team`` are the units that support it.
    """

    leadership_id: str
    leader: str
    level: LeaderLevel
    team: tuple[str, ...] = ()
    note: SealedText | None = None
    due_at: AwareDatetime


class LeaderReleased(Event):
    """The leader no longer answers for the case: it is resolved, with another leader, or given back."""

    leadership_id: str
    ground: Literal["resolved", "handed_over", "released"]
    note: SealedText | None = None


InstructionKind = Literal["instruct", "similar", "progress"]
"""What a leader wants: that something is done (批示), that the unit looks for the like elsewhere
(举一反三), or to know how far it is."""


class InstructionGiven(Event):
    """A leader wrote on a case (批示), and its addressee must answer.

    ``of``: the instruction that this task comes from. ``shown``: the citizen may read the words, else only
    that there are some. ``cluster``: it is about all the cases that this one leads.
    """

    instruction_id: str
    kind: InstructionKind
    of: str | None = None
    addressee: str
    text: SealedText
    shown: bool = False
    cluster: bool = False
    due_at: AwareDatetime


class InstructionAnswered(Event):
    """The addressee's head answered. ``found``: how many similar problems there were (举一反三)."""

    instruction_id: str
    org: str
    text: SealedText
    evidence: tuple[str, ...] = ()
    found: int | None = Field(default=None, ge=0)


class RecommendationMade(Event):
    """An organ is recommended to work better (改进工作), to better its policy (完善政策) or to hold somebody
    to account (追究责任); it must answer in writing (信访工作条例 Art. 40)."""

    recommendation_id: str
    kind: Literal["improve_work", "improve_policy", "hold_accountable"]
    addressee: str
    text: SealedText
    due_at: AwareDatetime


class RecommendationAnswered(Event):
    """The organ adopts what was recommended, in part or not, and says why (信访工作条例 Art. 40, 41)."""

    recommendation_id: str
    org: str
    outcome: Literal["adopted", "partly", "declined"]
    reason: SealedText
    evidence: tuple[str, ...] = ()
