"""What must hold of the whole chain, whoever asks what in whatever order. Each check is one function."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentSigned,
    CaseAssigned,
    DisputeDecided,
    DisputeProposed,
)
from libs.events.evaluation import (
    CallbackRecorded,
    CaseClosed,
    ExclusionDecided,
    ExclusionProposed,
    ReviewDecided,
    ReworkOrdered,
)
from libs.events.feedback import (
    CaseHeld,
    CitizenContacted,
    ClockAdjusted,
    ClockAdjustmentRefused,
    ClockAdjustmentRequested,
    DraftReturned,
    ExtensionDecided,
    ExtensionRequested,
    HoldRefused,
    HoldRequested,
    ProgressReported,
    ReplyApproved,
    ReplyDelivered,
    ReplyDrafted,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import AnsweredAtDesk, CasePublished, PraiseForwarded, RedactionProposed
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineWarned,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.rules.organisations import OrgType
from libs.rules.roles import Role
from libs.rules.states import CaseState
from libs.rules.transitions import OPEN, standing, transition_of
from libs.sourcing.decider import Command
from services.supervision.clocks import PLATFORM
from tests.chain.chain import Case, Chain, Desk, New, Refusal, Said
from tests.chain.views import may_be_shown, shown
from tests.chain.waiting import why_no_deadline
from tests.spec import RULES

INTERLEAVINGS = 3
WORKS = (CitizenContacted, ProgressReported, ReplyDrafted, ReplySubmitted, ExtensionRequested)
HANDLES = (*WORKS, AssignmentSigned, DraftReturned)
AUDITS = (ReplyApproved, ReplyReturned)
ADJUSTS = (ClockAdjusted, ClockAdjustmentRefused)
Kinds = tuple[type[Event], ...]
SEPARATED: tuple[tuple[str, Kinds, Kinds, str], ...] = (
    ("submits and audits a reply", (ReplySubmitted,), AUDITS, ""),
    ("handles and audits a reply", HANDLES, AUDITS, ""),
    ("handles and calls back", WORKS, (CallbackRecorded,), ""),
    ("handles and orders a rework", WORKS, (ReworkOrdered,), ""),
    ("raises and judges a dispute", (AssignmentDisputed,), (DisputeDecided,), "assignment_id"),
    ("proposes and judges a dispute", (DisputeProposed,), (DisputeDecided,), "assignment_id"),
    ("proposes and countersigns", (DisputeProposed,), (AssignmentDisputed,), "assignment_id"),
    ("asks for time and grants it", (ExtensionRequested,), (ExtensionDecided,), "extension_id"),
    ("asks for a hold and grants it", (HoldRequested,), (CaseHeld, HoldRefused), ""),
    ("asks for the clock and grants it", (ClockAdjustmentRequested,), ADJUSTS, ""),
    ("handles and reviews", WORKS, (ReviewDecided,), ""),
    ("asks for an exclusion and grants it", (ExclusionProposed,), (ExclusionDecided,), "exclusion_id"),
    ("makes and passes a publication", (RedactionProposed,), (CasePublished,), "redaction_id"),
)
"""Who did the first may not do the second (domain 2.3 a to e), where it is about the same of a name."""


class Wrong(AssertionError):
    """The chain did what it must never do. The first word says which promise it broke."""


class Watch:
    """Looks at a chain after every step and at its end."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.clocks: dict[tuple[str, int, str], Any] = {}
        self.happened: dict[str, int] = {}
        self.reached: set[CaseState] = set()

    # ------------------------------------------------------------------------- what is told

    def done(self, command: Command, events: Sequence[Event]) -> None:
        """A person's command was carried out."""
        name = type(command).__name__
        self.happened[name] = self.happened.get(name, 0) + bool(events)

    def refused(self, refusal: Refusal) -> None:
        """A refusal says why, in words that a person can act on."""
        words = refusal.words
        if len(words) < 12 or " " not in words or "object at" in words:
            raise Wrong(f"refusal: {type(refusal.command).__name__} is refused without words: {words!r}")

    def look(self) -> None:
        """What was stated since the last look."""
        for refusal in self.chain.refused:
            self.refused(refusal)
        self.chain.refused.clear()
        new, self.chain.new[:] = list(self.chain.new), []
        for one in new:
            name = type(one.said.event).__name__
            self.happened[name] = self.happened.get(name, 0) + 1
            for check in CHECKS:
                check(one, self.chain)
        for case in self.chain.cases.values():
            self._clocks_stand(case)

    def rest(self) -> None:
        """All was heard: who is open waits for something, and nothing that fell due is left lying."""
        if self.chain.stuck:
            raise Wrong(f"stuck: what fell due leads to nothing: {self.chain.stuck[0]!r}")
        for case in self.chain.cases.values():
            state = standing(said.event for said in case.log).state
            self.reached.add(state)
            if state in OPEN and not self._next(case) and not why_no_deadline(case, state):
                raise Wrong(f"waiting: {state} has no next deadline, and nobody says why; {history(case)}")
            if (seen := shown(case)) not in may_be_shown(case):
                raise Wrong(f"view: the citizen is shown {seen} of a case that is {state}; {history(case)}")

    def end(self, dice: Random) -> None:
        """Whoever reads the log anew, in any interleaving that keeps causes before effects, knows the same."""
        for case in self.chain.cases.values():
            for desk in case.desks.values():
                for history in (case.log, *(mixed(case.log, dice) for _ in range(INTERLEAVINGS))):
                    found = replayed(desk, history)
                    if found != desk.state:
                        raise Wrong(
                            f"replay: {desk.service.name} would know otherwise:\n{found}\n{desk.state}"
                        )

    # ------------------------------------------------------------------------------- inside

    def _next(self, case: Case) -> bool:
        """Whether a clock runs or something falls due."""
        wakes = (
            d.service.decider.wake_at(case.case_id, d.state, self.chain.rules)
            for d in case.desks.values()
        )
        return any(at is not None for at in wakes)

    def _clocks_stand(self, case: Case) -> None:
        """A clock that was started is never started again, nor does it end otherwise in secret."""
        watch = case.desks["supervision"].state
        for name, clock in watch.started.items():
            key = (case.case_id, watch.round, name)
            if self.clocks.setdefault(key, clock) != clock:
                raise Wrong(f"clock: {name} was started again: {self.clocks[key]} and {clock}")


# ---------------------------------------------------------------------- what every fact must keep


def by_the_table(new: New, chain: Chain) -> None:
    """(a) No transition outside the table, as far as its owner could know."""
    said, stands = new.said, standing(one.event for one in new.known)
    if transition_of(stands, said.event) is None:
        raise Wrong(
            f"table: {type(said.event).__name__} is stated of a case that is {stands.state}, "
            f"by {type(said.command).__name__} of {said.command.by.role}"
        )


def at_its_time(new: New, chain: Chain) -> None:
    """(b) Nothing is stated of the future, and no deadline early or twice."""
    event = new.said.event
    if event.occurred_at > chain.now:
        raise Wrong(f"time: {type(event).__name__} is stated before it happens")
    if isinstance(event, DeadlineBreached) and event.occurred_at < event.due_at:
        raise Wrong(f"time: {event.timer} is breached before it is due")
    if not isinstance(event, DeadlineBreached | DeadlineWarned):
        return
    key, stands = _of_deadline(event), 1
    for one in new.known:
        if _of_deadline(one.event) == key:
            stands += -1 if isinstance(one.event, BreachRetracted) else 1
    if stands > 1:
        raise Wrong(f"time: {event.timer} is stated twice")


def once(new: New, chain: Chain) -> None:
    """(b) The citizen's time starts once in a round, a unit's once with an assignment."""
    own = [one.event for one in new.known if one.owner == new.said.owner]
    event = new.said.event
    twice = isinstance(event, CaseAssigned) and event.assignment_id in {
        one.assignment_id for one in own if isinstance(one, CaseAssigned)
    }
    if twice:
        raise Wrong(f"clock: {event} is assigned twice")
    if _promises(event) and any(_promises(one) and one.round == event.round for one in own):
        raise Wrong("clock: the citizen's time starts again in the same round")


def separated(new: New, chain: Chain) -> None:
    """(c) Nobody does what judges the own work, and no unit closes its case."""
    event = new.said.event
    if isinstance(event, CaseClosed) and event.actor.role != "system":
        raise Wrong(f"duties: {event.actor.role} closes a case")
    if event.actor.id == getattr(event, "proposed_by", None):
        raise Wrong(f"duties: {event.actor.id} proposes and decides: {event}")
    for words, before, after_, same in SEPARATED:
        if not isinstance(event, after_):
            continue
        for one in new.known:
            if not isinstance(one.event, before) or one.event.round != event.round:
                continue
            if same and getattr(one.event, same) != getattr(event, same):
                continue
            if event.actor.id in _who(one.event):
                raise Wrong(f"duties: {event.actor.id} {words}")


def signed_by_the_head(new: New, chain: Chain) -> None:
    """(c) A reply is signed by who hands it in, as the head of the unit that handles the case (row 26), or as
    an officer of the discipline organ; a draft that is signed, exactly as it stands."""
    event, known = new.said.event, [one.event for one in new.known if one.event.round == new.said.event.round]
    if not isinstance(event, ReplySubmitted):
        return
    heads = (Role.UNIT_HEAD, *([Role.DISCIPLINE_OFFICER] if new.case.realm else []))
    by = event.actor
    if event.signer != by.id or by.role not in heads:
        raise Wrong(f"signature: {by.role} {by.id} hands in what {event.signer} signs")
    if by.org != event.org:
        raise Wrong(f"signature: the head of {by.org} signs for {event.org}")
    if (named := getattr(new.said.command, "draft_id", None)) is None:
        return
    last = [one for one in known if isinstance(one, ReplyDrafted | DraftReturned | ReplySubmitted)][-1]
    if not isinstance(last, ReplyDrafted) or (last.draft_id, last.org) != (named, event.org):
        raise Wrong(f"signature: {named} is signed after {type(last).__name__}")
    if (last.answers, last.text, last.commitments) != (event.answers, event.text, event.commitments):
        raise Wrong(f"signature: {named} is signed in other words than it was drafted in")


def closed_in_order(new: New, chain: Chain) -> None:
    """(c) A case is closed after its answer was called back, and nothing about it is open (row 34)."""
    if not isinstance(new.said.event, CaseClosed):
        return
    since: list[Event] = []
    issued, lifted = set(), set()
    for event in (said.event for said in new.known):
        match event:
            case ReplyDelivered():
                since = []
            case SupervisionIssued():
                issued.add(event.supervision_id)
            case SupervisionAnswered() if event.lifted:
                lifted.add(event.supervision_id)
        since.append(event)
    if any(isinstance(event, AnsweredAtDesk | PraiseForwarded) for event in since):
        return  # nobody is called back about these
    calls = [event for event in since if isinstance(event, CallbackRecorded)]
    if not any(call.reached for call in calls) and len(calls) < 3:
        raise Wrong("closing: nobody called back about the answer that stands")
    if issued - lifted:
        raise Wrong("closing: a supervision is open")


def kept_apart(new: New, chain: Chain) -> None:
    """(g) A report on an official goes to a discipline organ and reaches nobody else."""
    if not new.case.realm:
        return
    for org in _units_in(new.said.event):
        if org == PLATFORM:
            continue
        if org not in RULES.organisations or (
            RULES.organisations.unit(org).type is not OrgType.DISCIPLINE_ORGAN
        ):
            raise Wrong(f"restricted: {type(new.said.event).__name__} names {org}")


CHECKS = (by_the_table, at_its_time, once, separated, signed_by_the_head, closed_in_order, kept_apart)


# -------------------------------------------------------------------------------- in any order


def replayed(desk: Desk, history: Sequence[Said]) -> Any:
    """What a service would know that reads a history from the beginning."""
    state, service = desk.service.decider.initial, desk.service
    for said in history:
        if said.owner == service.name or isinstance(said.event, service.hears):
            state = service.decider.evolve(state, said.event)
    return state


def mixed(history: Sequence[Said], dice: Random) -> list[Said]:
    """The same history with its owners interleaved otherwise; what was known before a fact stays before it."""
    queues: dict[str, list[Said]] = {}
    for said in history:
        queues.setdefault(said.owner, []).append(said)
    done, found = dict.fromkeys(queues, 0), []
    while any(queues.values()):
        ready = [owner for owner, queue in sorted(queues.items()) if queue and _is_ready(queue[0], done)]
        owner = dice.choice(ready)
        found.append(queues[owner].pop(0))
        done[owner] += 1
    return found


def _is_ready(said: Said, done: dict[str, int]) -> bool:
    return all(done.get(o, 0) >= n - (o == said.owner) for o, n in said.knew.items())


def _promises(event: Event) -> bool:
    """Whether it tells the citizen an instant for the first time."""
    return getattr(event, "due", None) is not None


def _of_deadline(event: Event) -> tuple[Any, ...]:
    if isinstance(event, DeadlineWarned):
        return ("warned", event.round, event.timer, event.threshold)
    if isinstance(event, DeadlineBreached | BreachRetracted):
        return ("breach", event.round, event.timer)
    return ()


def _who(event: Event) -> Iterator[str]:
    if event.actor.role != "system":
        yield event.actor.id
    if isinstance(event, ReplySubmitted | AssignmentDisputed):
        yield event.signer


def _units_in(event: Event) -> Iterator[str]:
    for name in ("org", "lead", "suggested_org", "designated_org", "addressee"):
        if isinstance(found := getattr(event, name, None), str):
            yield found
    for name in ("assists", "parties"):
        yield from getattr(event, name, ())


def history(case: Case) -> str:
    """The log of a case in a line, for who reads a mistake; deadlines left out."""
    names = [
        type(said.event).__name__
        for said in case.log
        if not isinstance(said.event, DeadlineBreached | DeadlineWarned)
    ]
    return " ".join(names)
