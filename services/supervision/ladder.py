"""When the clock itself calls a unit to account (domain 1.6 ``supervise``). Level 3 is a person's.

A step of the ladder is named after what it comes from, with its level, and is taken once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from libs.events.supervision import SupervisionGround
from libs.rules.rules import Rules
from services.supervision.beyond import LISTED
from services.supervision.clocks import Started, Watch, due_of, ended, over_at, owner_of

MOMENT = timedelta(microseconds=1)
"""A day that ends at 24:00 has its last moment in itself; days overdue are counted from there."""

PICKED_UP = frozenset({"SIGN", "ACCEPT", "DISPATCH"})
"""Steps by which somebody takes a case into hand: a unit, or on the platform's side the office in charge."""
OF_THE_PLATFORM = frozenset({"ACCEPT", "DISPATCH"})
"""Of these the ones that no unit has missed."""
PERFUNCTORY = ".perfunctory"
"""How an urge is called that a reply led to, after the reply or rework."""
TRANSFERS = "transfers"
"""How one is called that an assignment led to, after the assignment."""
SUPERVISED = 2


@dataclass(frozen=True, slots=True)
class Rung:
    """A step that is due: by which clock or fact, how grave, from when, to whom."""

    supervision_id: str
    level: Literal[1, 2]
    ground: SupervisionGround
    at: datetime
    addressee: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the clock asks a person for: to list the case (挂牌), or to give it to a leader (包案)."""

    proposal_id: str
    to: Literal["listed", "leader"]
    clock: str
    at: datetime
    addressee: str


def rungs(case: Watch, rules: Rules) -> Iterator[Rung]:
    """What the missed limits of units lead to, while the act that was promised is still not done.

    HANDLE and REWORK are urged (1 催办) and then supervised (2 督办) so many working days after their
    end; who has not even signed, accepted or dispatched by then is urged at once (domain 2.5). A limit that
    is missed again, after it turned out not to have been, begins anew.
    """
    if case.handed_in:
        return
    for name, clock, missed in _standing(case):
        steps: tuple[tuple[Literal[1, 2], SupervisionGround, datetime], ...] = ()
        if clock.step in PICKED_UP:
            steps = ((1, "nobody_acts", missed),)
        elif clock.step in ("HANDLE", "REWORK"):
            limits, calendar = rules.pack(case.policy).supervise, rules.calendar(case.policy)
            last = missed - MOMENT
            urge = calendar.due(last, limits.urge_after_overdue).at
            supervise = calendar.due(last, limits.supervise_after_overdue).at
            steps = ((1, "overdue", urge), (2, "overdue", supervise))
        for level, ground, at in steps:
            supervision_id = f"{_this_time(name, case)}.s{level}"
            if f"SUP.{supervision_id}" not in case.started:
                yield Rung(supervision_id, level, ground, at, owner_of(clock, case))


def proposals(case: Watch, rules: Rules) -> Iterator[Proposal]:
    """What only a person may do: to list a case so many working days late, or whose unit does not answer its
    supervision; and to give a leader one whose listing is not answered either, or that nobody accepts or brings
    to a unit for as long: there is no unit that could be listed. Each is asked for once."""
    if case.beyond.led:
        return
    for name, clock, missed in _standing(case):
        late = clock.step in ("HANDLE", "REWORK") and not case.handed_in
        if late or clock.step in OF_THE_PLATFORM:
            limit = rules.pack(case.policy).supervise.list_after_overdue
            at = rules.calendar(case.policy).due(missed - MOMENT, limit).at
            whom: Literal["listed", "leader"] = "listed" if late else "leader"
            found = Proposal(f"{_this_time(name, case)}.s3", whom, name, at, owner_of(clock, case))
        elif clock.step == "SUP":
            level = case.supervisions.get(name.removeprefix("SUP."), 0)
            if level < SUPERVISED:
                continue
            to: Literal["listed", "leader"] = "leader" if level == LISTED else "listed"
            found = Proposal(f"{name}.up", to, name, missed, clock.owner_org)
        else:
            continue
        if found.to == "leader" and case.track == "restricted":
            continue  # it may be about that leader (信访工作条例 Art. 30(3))
        asked = found.proposal_id in case.beyond.proposals
        if not asked and not (found.to == "listed" and case.beyond.listed):
            yield found


def _standing(case: Watch) -> Iterator[tuple[str, Started, datetime]]:
    """The limits that were missed and whose act is still not done."""
    if not case.policy:
        return
    for name, missed in case.breached.items():
        clock = case.started.get(name)
        if clock is None or due_of(name, clock, case) != missed:
            continue
        if ended(name, clock, case) is None:
            yield name, clock, missed


def _this_time(name: str, case: Watch) -> str:
    """A clock's name, with how often its breach was taken back, if it was."""
    again = case.beyond.retracted.get(name, 0)
    return f"{name}.b{again}" if again else name


def outlived(case: Watch) -> Iterator[str]:
    """The open supervisions of the ladder that have nothing to stand on any more, and all of a case that is over.

    An urge ends with the act that it urged; one for a perfunctory reply with the next answer. A supervision
    needs the unit's answer and a supervisor's word, unless the breach it came from was taken back or the
    case went to another unit: what was laid upon the one that had it, by whatever trigger, is no more its own.
    """
    if over_at(case) is not None:
        yield from case.supervisions
        return
    for supervision_id, level in case.supervisions.items():
        if _assignment_of(supervision_id, case) in case.dispatched.released:
            yield supervision_id
            continue
        if level == 1 and supervision_id.endswith(PERFUNCTORY):
            issued = case.started[f"SUP.{supervision_id}"].at
            if case.delivered and case.delivered[-1] >= issued:
                yield supervision_id
            continue
        name, again = _told_apart(supervision_id.removesuffix(f".s{level}"), case)
        clock = case.started.get(name)
        if clock is None:
            continue
        end = ended(name, clock, case)
        taken_back = name not in case.breached or again < case.beyond.retracted.get(name, 0)
        gone = clock.assignment_id in case.dispatched.released or taken_back
        if gone or (level == 1 and end is not None):
            yield supervision_id


def _assignment_of(supervision_id: str, case: Watch) -> str | None:
    """The assignment to which a step belongs that no limit led to: a transfer, a rework, a bad reply."""
    of, _, ground = supervision_id.rpartition(".")
    if ground == TRANSFERS:
        return of
    clock = case.started.get(f"REWORK.{of}") or case.started.get(f"AUDIT.{of}")
    return clock.assignment_id if clock is not None else None


def _told_apart(name: str, case: Watch) -> tuple[str, int]:
    """The clock's own name, and the which time its limit was missed."""
    own, _, again = name.rpartition(".b")
    return (own, int(again)) if own in case.started and again.isdecimal() else (name, 0)
