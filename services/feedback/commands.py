"""What feedback can be asked to do."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints

from libs.events.feedback import ClockGround, Every, HoldReason, Outcome, Proposal
from libs.rules.pii import kinds_found
from libs.sourcing.decider import Command
from libs.sourcing.words import Code, OptionalPersonalWords, PersonalWords


class ContactCitizen(Command):
    """Record an attempt to reach the citizen."""

    mode: Literal["phone", "visit", "online", "letter", "relay"]
    reached: bool
    summary: OptionalPersonalWords = None


class Answered(BaseModel):
    """The answer to one numbered claim, with its basis in law or fact: an ``outcome``, or of a proposal
    (人民建议) what became of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: Annotated[int, Field(ge=1, le=20)]
    outcome: Outcome | None = None
    basis: OptionalPersonalWords = None
    proposal: Proposal | None = None


class Promised(BaseModel):
    """What a reply promises by an instant; with ``every`` it is done again and again, counted from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: Annotated[int, Field(ge=1, le=20)]
    text: PersonalWords
    due_at: AwareDatetime
    every: Every | None = None


Answers = Annotated[tuple[Answered, ...], Field(max_length=20)]
Evidence = Annotated[tuple[Code, ...], Field(max_length=20)]
Promises = Annotated[tuple[Promised, ...], Field(max_length=10)]


class _Scanned(Command):
    """An answer that was scanned for personal data before its words were sealed. What was found cannot be
    given from outside: it is no field."""

    answers: Answers = ()
    text: OptionalPersonalWords = None
    commitments: Promises = ()
    _traces: tuple[str, ...] = PrivateAttr(())

    def model_post_init(self, context: Any) -> None:
        """Scan the words as they were given; a sealed copy keeps what was found."""
        words = [self.text, *(a.basis for a in self.answers), *(p.text for p in self.commitments)]
        self._traces = kinds_found("\n".join(filter(None, words)))

    @property
    def traces(self) -> tuple[str, ...]:
        """Kinds of what may tell who somebody is, in the words: never the words."""
        return self._traces


class DraftReply(_Scanned):
    """Write the unit's answer to every numbered claim for its head to sign.

    ``commitments``: what it promises; a proposal that is adopted promises at least when.
    """

    answers: Annotated[Answers, Field(min_length=1)]
    text: PersonalWords
    evidence: Evidence = ()
    commitments: Promises = ()


class ReturnDraft(Command):
    """Do not sign what the clerk has drafted, and say why."""

    draft_id: Code
    reason: PersonalWords


class SubmitReply(_Scanned):
    """Sign the unit's answer to every numbered claim as its head, and hand it in: by ``draft_id`` alone the
    clerk's draft exactly as it stands, or words of one's own, as in a draft."""

    evidence: Evidence = ()
    draft_id: Code | None = None


class ReportCommitment(Command):
    """Say that a promise was kept, or why it was not."""

    commitment_id: Code
    outcome: Literal["kept", "not_kept"]
    text: PersonalWords


class RemindOfCommitment(Command):
    """The day of a promise has come: a timer's command, no person's."""

    commitment_id: Code


class ApproveReply(Command):
    """Find the answer fit to be sent.

    ``read_by_others``: who approves it knows that the citizens of merged cases read it too, and it names
    no person. ``personal_data_checked``: who approves it has looked at each place that the scan for
    personal data took for some, and the addressee may read it.
    """

    read_by_others: bool = False
    personal_data_checked: bool = False


class ReturnReply(Command):
    """Send the answer back to the unit, with the reason."""

    reason: Literal[
        "perfunctory",
        "not_responsive",
        "no_legal_basis",
        "false",
        "wrong_person_data",
        "contains_pii",
    ]
    note: OptionalPersonalWords = None


class DeliverReply(Command):
    """Bring the approved answer to the citizen."""

    mode: Literal["online", "phone", "letter", "sms"] = "online"


_NUMBER = "[一二三四五六七八九十百零0-9]{1,8}"
LawRef = Annotated[
    str,
    StringConstraints(
        pattern=rf"^《?[\u4e00-\u9fff]{{2,40}}》? ?(Art\. ?[0-9]{{1,4}}|第{_NUMBER}条(之{_NUMBER})?)"
        rf"(\([0-9]{{1,2}}\)|第{_NUMBER}[款项])*$"
    ),
]
"""An article of law: its name and number, such as 信访工作条例 Art. 31(6) or 行政许可法第四十五条."""


class ReportProgress(Command):
    """Say how far the unit is, what comes next, and when it expects to be done."""

    text: PersonalWords
    next_step: OptionalPersonalWords = None
    expected_at: AwareDatetime | None = None


class RequestExtension(Command):
    """Ask for more time (延期), with the reason, until ``new_due``."""

    reason: PersonalWords
    new_due: AwareDatetime


class DecideExtension(Command):
    """Grant or refuse more time; ``notice`` is what the citizen is told."""

    extension_id: Code
    outcome: Literal["approved", "rejected"]
    notice: PersonalWords


class RequestSuspension(Command):
    """Ask that the unit's clock stand still on a ground of the closed list, with the article that says so.

    At ``until``, if given, it goes on by itself.
    """

    ground: ClockGround
    law_ref: LawRef
    until: AwareDatetime | None = None


class RequestResumption(Command):
    """Ask that the unit's clock, which stands still, go on."""


class AdjustClock(Command):
    """Agree as the auditor: the unit's clock stands still, or goes on."""

    adjustment_id: Code


class RefuseClockAdjustment(Command):
    """Do not agree: the unit's clock is as it was; ``note`` says why."""

    adjustment_id: Code
    note: PersonalWords


class ResumeClock(Command):
    """The instant has come at which the clock was to go on: a timer's command, no person's."""


class RequestHold(Command):
    """Ask that a case that cannot be solved for now be put on hold (挂账); reason, another channel and the
    remedy are what the citizen is told if it is."""

    reason_code: HoldReason
    reason: PersonalWords
    alternative_channel: PersonalWords
    remedy: PersonalWords


class HoldCase(Command):
    """Agree as the coordinator: the case is put on hold."""

    hold_id: Code


class RefuseHold(Command):
    """Do not agree: the unit goes on; ``note`` says why."""

    hold_id: Code
    note: PersonalWords


class LiftHold(Command):
    """Take a case up again that was on hold."""

    reason_code: Literal["recheck", "policy_change", "leader"]


FeedbackCommand = (
    ContactCitizen
    | ReportProgress
    | RequestExtension
    | DecideExtension
    | RequestSuspension
    | RequestResumption
    | AdjustClock
    | RefuseClockAdjustment
    | ResumeClock
    | RequestHold
    | HoldCase
    | RefuseHold
    | LiftHold
    | DraftReply
    | ReturnDraft
    | SubmitReply
    | ApproveReply
    | ReturnReply
    | DeliverReply
    | ReportCommitment
    | RemindOfCommitment
)
