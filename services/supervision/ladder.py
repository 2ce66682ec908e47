"""When the clock itself calls a unit to account (domain 1.6 ``supervise``). Level 3 is always a person's.

A step of the ladder is named after what it comes from, with its level, and is taken once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from libs.events.supervision import SupervisionGround
from libs.rules.rules import Rules
from services.supervision.clocks import Watch, due_of, ended, over_at, owner_of

MOMENT = timedelta(microseconds=1)
"""A day that ends at 24:00 has its last moment in itself; days overdue are counted from there."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A step that is due: by which clock or fact, how grave, from when, to whom."""

    supervision_id: str
    level: Literal[1, 2]
    ground: SupervisionGround
    at: datetime
    addressee: str


def rungs(case: Watch, rules: Rules) -> Iterator[Rung]:
    """What the missed limits of units lead to, while the act that was promised is still not done.

    HANDLE and REWORK are urged (1 催办) and then supervised (2 督办) so many working days after their
    end; who has not even signed by SIGN's end is urged at once (domain 2.5).
    """
    if not case.policy:
        return
    for name, missed in case.breached.items():
        clock = case.started.get(name)
        if clock is None or due_of(name, clock, case) != missed:
            continue
        if ended(name, clock, case) is not None or case.waiting:
            continue
        steps: tuple[tuple[Literal[1, 2], SupervisionGround, datetime], ...] = ()
        if clock.step == "SIGN":
            steps = ((1, "nobody_acts", missed),)
        elif clock.step in ("HANDLE", "REWORK"):
            limits, calendar = rules.pack(case.policy).supervise, rules.calendar(case.policy)
            last = missed - MOMENT
            urge = calendar.due(last, limits.urge_after_overdue).at
            supervise = calendar.due(last, limits.supervise_after_overdue).at
            steps = ((1, "overdue", urge), (2, "overdue", supervise))
        for level, ground, at in steps:
            supervision_id = f"{name}.s{level}"
            if f"SUP.{supervision_id}" not in case.started:
                yield Rung(supervision_id, level, ground, at, owner_of(clock, case))


def outlived(case: Watch) -> Iterator[str]:
    """The open supervisions of the ladder that have nothing to stand on any more, and all of a case that is over.

    An urge ends with the act that it urged. A supervision needs the unit's answer and a
    supervisor's word, unless the breach it came from was taken back or the case went to another unit.
    """
    if over_at(case) is not None:
        yield from case.supervisions
        return
    for supervision_id, level in case.supervisions.items():
        name = supervision_id.removesuffix(f".s{level}")
        clock = case.started.get(name)
        if clock is None:
            continue
        end = ended(name, clock, case)
        gone = clock.assignment_id in case.dispatched.released or name not in case.breached
        if gone or (level == 1 and end is not None):
            yield supervision_id
