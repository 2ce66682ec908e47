"""The transitions of a case (domain 2.4) as data, and where a case stands after its facts. It decides nothing.

Each service has its own rules; this is the one table that all of them together must keep. ``tests/chain``
holds every fact that is stated against it. Past 300 lines, for the table is read as one: an event, a row.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from libs.events.base import Event
from libs.rules.ends import GOING_ON, End, Ends
from libs.rules.states import CaseState as S


class To(Enum):
    """Where a transition leads that does not always lead to the same state."""

    SAME = "it stays"
    REVIEW = "in review, or out of it, where the answer stands"
    ARCHIVE = "archived, and never taken up again"
    END = "an end, as libs.rules.ends settles it"
    WAITING = "a unit is looked for, if one was needed"
    IN_HAND = "back to the unit: rework, in hand, or not signed yet"


class Given(Enum):
    """What a field of the fact must be."""

    LEAD = "the assignment of the unit that leads"
    ASSIST = "the assignment of another unit"
    SOME = "not empty"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of domain 2.4: from which states a fact may be stated, and where it leads.

    ``given``: the fields of the fact by which rows of one event differ. ``also``: states that the row
    of the specification does not name, with the reason in ``why``. ``source``: law, or whose decision.
    """

    row: int
    event: str
    from_: frozenset[S]
    to: S | To = To.SAME
    given: Mapping[str, Any] = field(default_factory=dict)
    also: frozenset[S] = frozenset()
    why: str = ""
    source: str = "domain 2.4"

    def fits(self, event: Event, case: "Standing") -> bool:
        """Whether this row is about such a fact."""
        return event.type() == self.event and all(
            _is(getattr(event, name), want, case) for name, want in self.given.items()
        )


OPEN = frozenset(state for state in S if state.open) - {S.DRAFT}
WITH_A_UNIT = frozenset({S.ASSIGNED, S.DISPUTED, S.HANDLING, S.REPLIED, S.DELIVERED, S.REWORK, S.HELD})
ENDED = frozenset({S.DECLINED, S.REFERRED, S.CLOSED, S.WITHDRAWN, S.TERMINATED, S.FINALISED})
ANY = frozenset(S)
UNDER_REVIEW = frozenset(
    {S.IN_REVIEW, S.IN_REREVIEW, S.REWORK, S.HELD, S.HANDLING, S.REPLIED, S.DELIVERED, S.DISPUTED}
) | ENDED
"""Where a case may stand while the level above looks at it; in review is it where the answer stands."""
ANSWERED_BEFORE = frozenset({S.REWORK, S.HELD, S.HANDLING, S.REPLIED, S.WITHDRAWN})
AFTER_AN_ANSWER = ANY - {S.DRAFT, S.REGISTERED, S.INFO_REQUESTED, S.DECLINED}
"""About the score of a unit something is said beside the citizen's case, at any time after its answer."""
OPEN_OR_MERGED = OPEN | {S.MERGED}
"""The citizen's own wish stands above all (G07), also where the case is handled with another."""
KNOWN = ANY - {S.DRAFT}
PUBLISHABLE = frozenset({S.CLOSED, S.FINALISED})
GONE = ENDED | {S.ARCHIVED}
FOLLOWS = "who follows a case is archived with it"
BESIDE_REVIEW = "a review runs beside"
XINFANG = "信访工作条例 "


def _of(*states: S) -> frozenset[S]:
    return frozenset(states)


TRANSITIONS: tuple[Transition, ...] = (
    Transition(1, "intake.CaseRegistered", _of(S.DRAFT), S.REGISTERED, source=XINFANG + "Art. 22"),
    Transition(
        2,
        "intake.CaseSupplemented",
        _of(S.REGISTERED),
        also=OPEN - {S.REGISTERED, S.INFO_REQUESTED},
        why="what the citizen adds of the own accord is taken as long as the case is open",
    ),
    Transition(3, "intake.CaseClassified", _of(S.REGISTERED)),
    Transition(4, "intake.InformationRequested", _of(S.REGISTERED), S.INFO_REQUESTED),
    Transition(5, "intake.CaseSupplemented", _of(S.INFO_REQUESTED), S.REGISTERED),
    Transition(6, "intake.CaseDeclined", _of(S.INFO_REQUESTED), S.DECLINED, {"ground": "D16"}),
    Transition(7, "intake.CaseReferred", _of(S.REGISTERED), S.REFERRED, source=XINFANG + "Art. 31"),
    Transition(9, "intake.CaseDeclined", _of(S.REGISTERED), S.DECLINED, source=XINFANG + "Art. 19, 36"),
    Transition(
        0,
        "intake.AnsweredAtDesk",
        _of(S.REGISTERED),
        S.DELIVERED,
        also=_of(S.DRAFT),
        why="a consultation is answered at once (直接解答); not in the specification's table",
        source="features S19",
    ),
    Transition(0, "intake.PraiseForwarded", _of(S.REGISTERED), S.DELIVERED, source="domain 3.1 K6"),
    Transition(0, "intake.AnswerContested", _of(S.DELIVERED), S.REGISTERED, source="features S19"),
    Transition(
        10,
        "intake.CaseLinkChanged",
        _of(S.REGISTERED, S.ACCEPTED, S.ASSIGNED, S.HANDLING),
        To.END,
        {"relation": "merged_into"},
        source="国办函〔2025〕66号(五)",
    ),
    Transition(10, "intake.CaseLinkChanged", OPEN, given={"relation": "leads"}),
    Transition(10, "intake.CaseLinkChanged", ANY, given={"relation": "related"}),
    Transition(
        10,
        "dispatch.DispatchStopped",
        _of(S.MERGED),
        To.WAITING,
        also=OPEN | GONE,
        why="that it was merged and unmerged again may be heard in one go; it is resumed at once",
    ),
    Transition(
        11,
        "intake.CaseLinkChanged",
        _of(S.MERGED),
        To.END,
        {"relation": "unmerged"},
        also=_of(S.WITHDRAWN),
        why="it was withdrawn while it followed another",
    ),
    Transition(11, "intake.CaseLinkChanged", ANY, given={"relation": "released"}),
    Transition(
        11,
        "dispatch.DispatchResumed",
        OPEN | ENDED | {S.MERGED},
        also=_of(S.ARCHIVED),
        why="it ended otherwise meanwhile, and that is heard in one go with the unmerging",
    ),
    Transition(12, "intake.CaseAccepted", _of(S.REGISTERED), S.ACCEPTED, source=XINFANG + "Art. 23"),
    Transition(13, "dispatch.CaseAssigned", _of(S.ACCEPTED), S.ASSIGNED, {"role": "lead"}),
    Transition(
        13,
        "dispatch.CaseAssigned",
        WITH_A_UNIT - {S.DISPUTED},
        given={"role": "assist"},
        also=_of(S.IN_REVIEW, S.IN_REREVIEW),
        why="dispatch hears of no review; who assists changes nothing of the answer",
        source="国办函〔2025〕66号(五): 主办、协办",
    ),
    Transition(
        14,
        "dispatch.CoordinationOpened",
        _of(S.ACCEPTED, S.COORDINATING),
        S.COORDINATING,
        also=_of(S.ASSIGNED, S.HANDLING),
        why="the head of the unit that has the case whistles (吹哨)",
        source=XINFANG + "Art. 24",
    ),
    Transition(
        15, "dispatch.CoordinationResolved", _of(S.COORDINATING), S.ACCEPTED, {"lead": Given.SOME}
    ),
    Transition(15, "dispatch.CoordinationResolved", _of(S.COORDINATING), given={"lead": None}),
    Transition(
        16,
        "dispatch.AssignmentSigned",
        _of(S.ASSIGNED),
        S.HANDLING,
        {"assignment_id": Given.LEAD},
    ),
    Transition(
        16,
        "dispatch.AssignmentSigned",
        WITH_A_UNIT,
        given={"assignment_id": Given.ASSIST},
        also=_of(S.IN_REVIEW, S.IN_REREVIEW),
        why="dispatch hears of no review; who assists changes nothing of the answer",
    ),
    Transition(
        17,
        "dispatch.DisputeProposed",
        _of(S.ASSIGNED, S.HANDLING),
        given={"assignment_id": Given.LEAD},
        source=XINFANG + "Art. 23(3)",
    ),
    Transition(
        17,
        "dispatch.DisputeProposed",
        WITH_A_UNIT,
        given={"assignment_id": Given.ASSIST},
        also=_of(S.IN_REVIEW, S.IN_REREVIEW),
        why="dispatch hears of no review; who assists changes nothing of the answer",
    ),
    Transition(
        17,
        "dispatch.DisputeWithheld",
        WITH_A_UNIT,
        also=_of(S.IN_REVIEW, S.IN_REREVIEW),
        why="what was proposed before may be dropped at any time",
    ),
    Transition(
        17,
        "dispatch.AssignmentDisputed",
        _of(S.ASSIGNED, S.HANDLING),
        S.DISPUTED,
        {"assignment_id": Given.LEAD},
        source=XINFANG + "Art. 23(3)",
    ),
    Transition(
        17,
        "dispatch.AssignmentDisputed",
        WITH_A_UNIT,
        given={"assignment_id": Given.ASSIST},
        also=_of(S.IN_REVIEW, S.IN_REREVIEW),
        why="dispatch hears of no review; who assists changes nothing of the answer",
    ),
    Transition(
        18,
        "dispatch.DisputeDecided",
        WITH_A_UNIT,
        given={"assignment_id": Given.ASSIST},
        also=_of(S.IN_REVIEW, S.IN_REREVIEW),
        why="dispatch hears of no review; who assists changes nothing of the answer",
    ),
    Transition(
        18,
        "dispatch.DisputeDecided",
        _of(S.DISPUTED),
        S.ACCEPTED,
        {"outcome": "upheld", "assignment_id": Given.LEAD},
    ),
    Transition(
        19,
        "dispatch.DisputeDecided",
        _of(S.DISPUTED),
        To.IN_HAND,
        {"outcome": "denied", "assignment_id": Given.LEAD},
    ),
    Transition(
        0,
        "dispatch.AssignmentPassedOn",
        WITH_A_UNIT,
        also=_of(S.COORDINATING, S.ACCEPTED),
        why="the unit was merged, split or dissolved; not in the specification's table",
        source=XINFANG + "Art. 24",
    ),
    Transition(
        20,
        "feedback.CitizenContacted",
        _of(S.HANDLING, S.REWORK),
        also=_of(S.REPLIED, S.HELD, S.DISPUTED),
        why="to speak with the citizen is never wrong while the unit has the case and has not answered",
    ),
    Transition(21, "feedback.ProgressReported", _of(S.HANDLING, S.REWORK), also=_of(S.REPLIED)),
    Transition(
        21,
        "feedback.ProgressReported",
        _of(S.ASSIGNED, S.HANDLING, S.REWORK),
        given={"assignment_id": Given.ASSIST},
        also=_of(S.REPLIED, S.DISPUTED),
        why="who assists has signed for itself, and need not wait for the lead",
    ),
    Transition(22, "feedback.ExtensionRequested", _of(S.HANDLING, S.REWORK), source=XINFANG + "Art. 34"),
    Transition(
        23,
        "feedback.ExtensionDecided",
        _of(S.HANDLING, S.REWORK),
        also=_of(S.REPLIED, S.DISPUTED),
        why="the reply may be returned, the dispute denied, and then the limit counts",
        source=XINFANG + "Art. 34",
    ),
    Transition(25, "feedback.ClockAdjustmentRequested", _of(S.HANDLING), given={"action": "suspend"}),
    Transition(
        25,
        "feedback.ClockAdjustmentRequested",
        _of(S.HANDLING),
        given={"action": "resume"},
        also=_of(S.REPLIED, S.DISPUTED),
        why="a clock that stands still may go on at any time",
    ),
    Transition(
        25,
        "feedback.ClockAdjustmentRefused",
        _of(S.HANDLING),
        also=_of(S.REPLIED, S.DISPUTED),
        why="what was asked before waits for its answer",
    ),
    Transition(25, "feedback.ClockAdjusted", _of(S.HANDLING), given={"action": "suspend"}),
    Transition(
        25,
        "feedback.ClockAdjusted",
        _of(S.HANDLING),
        given={"action": "resume"},
        also=_of(S.REPLIED, S.DISPUTED),
        why="a clock that stands still goes on at its instant",
    ),
    Transition(26, "feedback.ReplyDrafted", _of(S.HANDLING, S.REWORK), source=XINFANG + "Art. 32"),
    Transition(26, "feedback.DraftReturned", _of(S.HANDLING, S.REWORK), source=XINFANG + "Art. 32"),
    Transition(26, "feedback.ReplySubmitted", _of(S.HANDLING, S.REWORK), S.REPLIED, source=XINFANG + "Art. 32"),
    Transition(27, "feedback.ReplyReturned", _of(S.REPLIED), To.IN_HAND),
    Transition(28, "feedback.ReplyApproved", _of(S.REPLIED)),
    Transition(29, "feedback.ReplyDelivered", _of(S.REPLIED), S.DELIVERED),
    Transition(0, "feedback.CommitmentMade", AFTER_AN_ANSWER, source=XINFANG + "Art. 29"),
    Transition(0, "feedback.CommitmentFellDue", AFTER_AN_ANSWER, source=XINFANG + "Art. 29"),
    Transition(0, "feedback.CommitmentReported", AFTER_AN_ANSWER, source=XINFANG + "Art. 29"),
    Transition(
        30,
        "evaluation.CallbackRecorded",
        _of(S.DELIVERED),
        also=_of(S.HELD, S.IN_REVIEW, S.IN_REREVIEW),
        why="the answer was given, and the time to call back runs on",
    ),
    Transition(
        31,
        "evaluation.EvaluationSubmitted",
        _of(S.DELIVERED),
        also=_of(S.HELD, S.IN_REVIEW, S.IN_REREVIEW),
        why="the answer was given, and can be rated until the unit takes the case up again",
    ),
    Transition(32, "evaluation.ReworkOrdered", _of(S.DELIVERED), S.REWORK),  # and 33, after a supervision
    Transition(
        41,
        "evaluation.ReworkOrdered",
        _of(S.DELIVERED, S.CLOSED),
        S.REWORK,
        {"reason": "review_revoked"},
        also=ANSWERED_BEFORE,
        why="what the level above revokes is made again; of a case on hold, after the hold",
        source=XINFANG + "Art. 35, 36",
    ),
    Transition(34, "evaluation.CaseClosed", _of(S.DELIVERED), To.END),
    Transition(
        35,
        "feedback.HoldRequested",
        _of(S.HANDLING, S.REWORK, S.DELIVERED),
    ),
    Transition(
        35,
        "feedback.HoldRefused",
        WITH_A_UNIT - {S.ASSIGNED, S.HELD},
        also=_of(S.IN_REVIEW, S.IN_REREVIEW),
        why="what was asked before waits for its answer",
    ),
    Transition(
        35,
        "feedback.CaseHeld",
        _of(S.HANDLING, S.REWORK, S.DELIVERED),
        S.HELD,
    ),
    Transition(36, "feedback.HoldLifted", _of(S.HELD), S.HANDLING),
    Transition(37, "intake.WithdrawalRequested", OPEN_OR_MERGED - {S.DISPUTED}, source="domain 5 G07"),
    Transition(37, "intake.WithdrawalConfirmed", OPEN_OR_MERGED, source="domain 5 G07"),
    Transition(37, "intake.WithdrawalCancelled", OPEN_OR_MERGED | GONE, source="domain 5 G07"),
    Transition(37, "intake.CaseWithdrawn", OPEN_OR_MERGED - {S.DISPUTED}, To.END, source="domain 5 G07"),
    Transition(38, "dispatch.TerminationProposed", _of(S.ASSIGNED, S.HANDLING), source="潍坊条例 Art. 21"),
    Transition(38, "dispatch.TerminationRejected", OPEN, source="潍坊条例 Art. 21"),
    Transition(38, "dispatch.CaseTerminated", _of(S.ASSIGNED, S.HANDLING), To.END, source="潍坊条例 Art. 21"),
    Transition(
        39,
        "intake.CaseReopened",
        _of(S.CLOSED, S.DECLINED, S.REFERRED, S.WITHDRAWN, S.TERMINATED),
        S.ACCEPTED,
    ),
    Transition(39, "intake.ReopeningAsked", ENDED, also=_of(S.IN_REVIEW), why=BESIDE_REVIEW),
    Transition(39, "intake.ReopeningDeclined", ANY),
    Transition(
        40,
        "evaluation.ReviewRequested",
        _of(S.DELIVERED, S.CLOSED),
        To.REVIEW,
        {"level": 1},
        also=ANSWERED_BEFORE,
        why="thirty days run from the answer, whatever is done about it meanwhile",
        source=XINFANG + "Art. 35",
    ),
    Transition(40, "evaluation.ReviewAccepted", UNDER_REVIEW, source=XINFANG + "Art. 35"),
    Transition(40, "evaluation.ReviewDeclined", UNDER_REVIEW, To.REVIEW, source=XINFANG + "Art. 35"),
    Transition(41, "evaluation.ReviewDecided", UNDER_REVIEW, To.REVIEW, source=XINFANG + "Art. 35, 36"),
    Transition(
        42,
        "evaluation.ReviewRequested",
        _of(S.DELIVERED, S.CLOSED),
        To.REVIEW,
        {"level": 2},
        also=ANSWERED_BEFORE,
        why="thirty days run from the opinion, whatever is done meanwhile",
        source=XINFANG + "Art. 36(1)",
    ),
    Transition(42, "evaluation.HearingOpened", UNDER_REVIEW, source=XINFANG + "Art. 36(2)"),
    Transition(42, "evaluation.HearingClosed", UNDER_REVIEW, source=XINFANG + "Art. 36(2)"),
    Transition(43, "evaluation.ReviewDecisionProposed", UNDER_REVIEW, source=XINFANG + "Art. 36"),
    Transition(43, "evaluation.ReviewDecisionReturned", UNDER_REVIEW, source=XINFANG + "Art. 36"),
    Transition(44, "supervision.DeadlineWarned", ANY),
    Transition(44, "supervision.DeadlineBreached", ANY),
    Transition(44, "supervision.BreachRetracted", ANY),
    Transition(44, "supervision.DeadlineMoved", ANY),
    Transition(9, "intake.DeclineProposed", _of(S.REGISTERED), source=XINFANG + "Art. 19, 36"),
    Transition(9, "intake.DeclineRejected", OPEN, source=XINFANG + "Art. 19, 36"),
    Transition(45, "supervision.EscalationProposed", KNOWN, source=XINFANG + "Art. 39(3)"),
    Transition(45, "supervision.EscalationDismissed", KNOWN, source=XINFANG + "Art. 39(3)"),
    Transition(47, "supervision.OldCaseListed", OPEN, source=XINFANG + "Art. 18(2)"),
    Transition(47, "supervision.OldCaseDelisted", KNOWN, source=XINFANG + "Art. 18(2)"),
    Transition(47, "supervision.LeaderAssigned", OPEN, source=XINFANG + "Art. 18(2)"),
    Transition(47, "supervision.LeaderReleased", KNOWN, source=XINFANG + "Art. 18(2)"),
    Transition(
        47,
        "supervision.InstructionGiven",
        OPEN,
        also=GONE,
        why="a leader may ask for more than the case (举一反三), also when it is over and put away",
        source="features S29",
    ),
    Transition(47, "supervision.InstructionAnswered", KNOWN, source="features S29"),
    Transition(46, "supervision.RecommendationMade", KNOWN, source=XINFANG + "Art. 40"),
    Transition(46, "supervision.RecommendationAnswered", KNOWN, source=XINFANG + "Art. 40"),
    Transition(45, "supervision.SupervisionIssued", OPEN, source=XINFANG + "Art. 40"),
    Transition(46, "supervision.SupervisionAnswered", ANY),
    Transition(48, "evaluation.ScoreAppealed", AFTER_AN_ANSWER),
    Transition(48, "evaluation.AppealDismissed", AFTER_AN_ANSWER),
    Transition(48, "evaluation.PanelConvened", AFTER_AN_ANSWER),
    Transition(48, "evaluation.PanelMemberRecused", AFTER_AN_ANSWER),
    Transition(48, "evaluation.PanelFindingFiled", AFTER_AN_ANSWER),
    Transition(48, "evaluation.ThirdPartyAssessed", AFTER_AN_ANSWER),
    Transition(48, "evaluation.ExclusionProposed", ANY - {S.DRAFT}, source="domain 1.5"),
    Transition(48, "evaluation.ExclusionDecided", ANY - {S.DRAFT}, source="domain 1.5"),
    Transition(30, "evaluation.UnitCallbackRecorded", AFTER_AN_ANSWER, source="features S45"),
    Transition(0, "intake.RecusalClaimed", KNOWN, source=XINFANG + "Art. 28(3)"),
    Transition(0, "intake.RecusalDecided", KNOWN, source=XINFANG + "Art. 28(3)"),
    Transition(0, "intake.RecusalRecorded", KNOWN, source=XINFANG + "Art. 28(3)"),
    Transition(0, "intake.RecusalLifted", KNOWN, source=XINFANG + "Art. 28(3)"),
    Transition(49, "intake.ConsentChanged", KNOWN, source="个人信息保护法 Art. 15"),
    Transition(
        49,
        "intake.RedactionProposed",
        PUBLISHABLE,
        also=_of(S.IN_REVIEW, S.IN_REREVIEW, S.ARCHIVED),
        why="it is only proposed; a review may run beside, and what is archived may be published",
    ),
    Transition(49, "intake.RedactionReturned", KNOWN),
    Transition(49, "intake.CasePublished", PUBLISHABLE | {S.ARCHIVED}),
    Transition(49, "intake.CaseUnpublished", KNOWN),
    Transition(50, "intake.CaseArchived", ENDED, To.ARCHIVE, also=_of(S.MERGED), why=FOLLOWS),
    Transition(50, "intake.LegalHoldPut", KNOWN),
    Transition(50, "intake.LegalHoldLifted", KNOWN),
    Transition(51, "intake.ProcessingRestricted", KNOWN, source="个人信息保护法 Art. 47"),
    Transition(51, "intake.RestrictionLifted", KNOWN, source="个人信息保护法 Art. 47"),
    Transition(51, "intake.ContactDataErased", GONE, source="个人信息保护法 Art. 47"),
    Transition(51, "intake.PersonalDataErased", GONE, source="个人信息保护法 Art. 47"),
)


STATE: Mapping[End, S] = {
    "withdrawn": S.WITHDRAWN,
    "merged": S.MERGED,
    "closed": S.CLOSED,
    "terminated": S.TERMINATED,
}
"""The main state of a case that has ended."""
BESIDE = frozenset({S.REPLIED, S.DELIVERED, S.REWORK, S.HELD, S.IN_REVIEW, S.IN_REREVIEW})
"""What a dispute may have crossed; that goes on beside it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, and what of its past says where it goes back to.

    ``stage`` is its state if no end holds, ``lead`` the assignment of the unit that leads, ``again``
    whether it does it again (重办), ``restricted`` that it goes on at the discipline organ after it was
    referred, ``reply`` the last answer that was submitted, ``review`` the level above that looks at it,
    ``final`` that nobody does any more (三级终结). ``beside``: where a disputed case would stand without the
    dispute.
    """

    stage: S = S.DRAFT
    ends: Ends = GOING_ON
    round: int = 0
    lead: str = ""
    signed: bool = False
    again: bool = False
    restricted: bool = False
    reply: str = ""
    review: int = 0
    final: bool = False
    archived: bool = False
    beside: S = S.DRAFT

    @property
    def state(self) -> S:
        """The main state. A review is seen where the answer stands; final it is once the case is closed."""
        if self.archived:
            return S.ARCHIVED
        state = self.stage if self.ends.end is None else STATE[self.ends.end]
        if self.review and state in (S.DELIVERED, S.CLOSED):
            return S.IN_REVIEW if self.review == 1 else S.IN_REREVIEW
        return S.FINALISED if self.final and state is S.CLOSED else state


def transition_of(case: Standing, event: Event) -> Transition | None:
    """The row by which a fact may be stated about a case that stands so; nothing if none does."""
    states = {S.ACCEPTED if case.restricted and case.state is S.REFERRED else case.state}
    if case.restricted and case.state is S.DELIVERED:
        states.add(S.REFERRED)  # answered, it is over: nobody calls back, and nothing closes it
    if case.state is S.DISPUTED and case.beside in BESIDE:
        states.add(case.beside)
    return _row(states, case, event)


def after(case: Standing, event: Event) -> Standing:
    """Where a case stands after a fact, in the order of the log.

    A fact whose owner had not yet heard of another crosses it: then no row is about it, and this
    settles it. Which end holds says ``libs.rules.ends``. What a unit says of an assignment that has ended
    moves nothing, nor does a rework of an answer that another has replaced. What was done meanwhile goes
    on beside a dispute, and what was ordered of a case on hold waits until that is lifted. Else the later
    fact leads where it would have led.
    """
    if event.round < case.round:
        return case
    if event.round > case.round:
        return Standing(S.ACCEPTED, round=event.round, restricted=case.restricted)
    ends = case.ends.after(event)
    return replace(_moved(replace(case, ends=GOING_ON), event), ends=ends)


def _moved(case: Standing, event: Event) -> Standing:
    """Where it stands without its ends."""
    if case.stage is S.DISPUTED and event.owner() not in ("intake", "dispatch"):
        inner = _moved(replace(case, stage=case.beside), event)
        return replace(inner, stage=S.DISPUTED, beside=inner.stage)
    row = transition_of(case, event)
    if row is None and case.stage in OPEN:
        row = _row(ANY, case, event)
    was, case = case, _remembering(case, event)
    if row is None or row.to in (To.SAME, To.END, To.REVIEW, To.ARCHIVE):
        return case
    if event.owner() == "feedback" and _field(event, "assignment_id") != case.lead:
        return case
    if was.stage is S.HELD and event.owner() == "evaluation":
        return case
    if row.to is S.REWORK and _field(event, "reply_id") not in (None, case.reply):
        return case
    if row.to is S.DISPUTED:
        return replace(case, stage=S.DISPUTED, beside=was.stage)
    match row.to:
        case To.IN_HAND:
            return replace(case, stage=_in_hand(case))
        case To.WAITING:
            early = case.stage in (S.REGISTERED, S.INFO_REQUESTED)
            return case if early else replace(case, stage=S.ACCEPTED)
        case S():
            return replace(case, stage=row.to)
        case _:
            return case


def _row(states: Collection[S], case: Standing, event: Event) -> Transition | None:
    for row in TRANSITIONS:
        if row.fits(event, case) and any(state in row.from_ or state in row.also for state in states):
            return row
    return None


def standing(history: Iterable[Event]) -> Standing:
    """Where a case stands after its history."""
    case = Standing()
    for event in history:
        case = after(case, event)
    return case


def _remembering(case: Standing, event: Event) -> Standing:
    """What the fact says about the unit that leads."""
    match event.type().partition(".")[2]:
        case "CaseRegistered":
            return replace(case, restricted=_field(event, "secrecy") == "restricted")
        case "CaseAssigned" if _field(event, "role") == "lead":
            lead = str(_field(event, "assignment_id"))
            return replace(case, lead=lead, signed=False, again=False)
        case "AssignmentSigned" if _field(event, "assignment_id") == case.lead:
            return replace(case, signed=True)
        case "ReworkOrdered" if _field(event, "reply_id") == case.reply:
            return replace(case, again=True)
        case "ReplySubmitted" if _field(event, "assignment_id") == case.lead:
            return replace(case, reply=str(_field(event, "reply_id")))
        case "HoldLifted":  # the answer before the hold stands no more
            return replace(case, again=False, reply="")
        case "ReplyDelivered":
            return replace(case, again=False)
        case "ReviewRequested":
            return replace(case, review=int(_field(event, "level")))
        case "ReviewDeclined":
            return replace(case, review=0)
        case "CaseArchived":
            return replace(case, archived=True)
        case "ReviewDecided":
            return replace(case, review=0, final=case.final or bool(_field(event, "final")))
        case "CoordinationOpened" | "DispatchStopped":
            return replace(case, lead="", signed=False, again=False)
        case "DisputeDecided" if (_field(event, "outcome"), _field(event, "assignment_id")) == (
            "upheld",
            case.lead,
        ):
            return replace(case, lead="", signed=False, again=False)
        case _:
            return case


def _in_hand(case: Standing) -> S:
    if case.stage is S.DISPUTED and case.beside in BESIDE:
        return case.beside
    return S.REWORK if case.again else S.HANDLING if case.signed else S.ASSIGNED


def _field(event: Event, name: str) -> Any:
    return getattr(event, name, None)


def _is(found: Any, want: Any, case: Standing) -> bool:
    if want in (Given.LEAD, Given.ASSIST):
        return (found == case.lead) is (want is Given.LEAD)
    return bool(found) if want is Given.SOME else bool(found == want)
