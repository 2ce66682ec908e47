"""A play: steps of three numbers each, from which follows all that people, services and time do.

A step that can do nothing does nothing, so any part of a play is a play: it can be shortened.
``python -m tests.chain.play SEED`` plays one and shows every case's history.
"""

import sys
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from libs.host.service import Service
from services.list import all_services
from tests.chain.chain import Chain, Refusal
from tests.chain.invariants import Watch
from tests.chain.wishes import SECOND, USUAL_WAY, anything, likely, onward, register
from tests.spec import CASE

Step = tuple[int, int, int]
"""What is done, to what, and the seed of all else."""
NOTHING, LIKELY, ANYTHING, HEAR, SEND, SETTLE, WAIT, SLEEP = range(8)
WEIGHTS = (
    *(LIKELY,) * 18,
    *(ANYTHING,) * 3,
    *(HEAR,) * 3,
    *(SEND,) * 3,
    *(SETTLE,) * 8,
    *(WAIT,) * 2,
    SLEEP,
)
KINDS = (NOTHING, *WEIGHTS)
"""What the first number of a step means; 0 is nothing, for what is shortened becomes 0."""


def services() -> list[Service]:
    """The services that speak of cases."""
    return [service for service in all_services() if service.subject == "case"]


def play(
    steps: Sequence[Step],
    services: Sequence[Service],
    chains: list[Chain] | None = None,
    favours: tuple[str, ...] = (),
    answered: bool = False,
) -> Watch:
    """Play it, watched at every step and looked over at the end. Raises ``Wrong``. The chain is put
    into ``chains``, for who wants to see it whatever comes; ``favours`` are asked for above all. ``answered``:
    the cases begin with their answer, for what is to be seen comes after it.

    The first step says besides where the cases stand at the beginning, whether one is a report on an
    official, and whether the services are slow to hear each other.
    """
    _, first, seed = steps[0]
    chain = Chain(services, {CASE: "", SECOND: "restricted" if first % 5 == 0 else ""})
    chain.favours = favours
    watch = Watch(chain)
    if chains is not None:
        chains.append(chain)
    for number, case in enumerate(chain.cases.values()):
        dice = Random(seed + number)
        registered = chain.ask(register(chain, case, dice))
        assert not isinstance(registered, Refusal), f"play: nothing begins: {registered.words}"
        chain.settle()
        stages = len(USUAL_WAY) if answered else (first // 5 + number) % (len(USUAL_WAY) + 1)
        for _ in range(5 if answered else 1):  # a stage for which nobody was found is tried again
            onward(chain, case, stages, dice)
    watch.look()
    slow = first % 3 == 0
    for step in steps:
        _take(chain, watch, slow, *step)
        watch.look()
    chain.settle()
    watch.look()
    watch.rest()
    chain.live(timedelta(days=120))
    watch.look()
    watch.rest()
    watch.end(Random(len(steps)))
    return watch


def drawn(dice: Random, count: int) -> list[Step]:
    """A play by chance."""
    return [
        (dice.randrange(1, len(KINDS)), dice.randrange(1000), dice.randrange(1_000_000))
        for _ in range(count)
    ]


def _take(chain: Chain, watch: Watch, slow: bool, what: int, which: int, seed: int) -> None:
    dice = Random(seed)
    cases = list(chain.cases.values())
    case = cases[which % len(cases)]
    desks = list(case.desks.values())
    desk = desks[which // len(cases) % len(desks)]
    match KINDS[what % len(KINDS)]:
        case 1 | 2 as kind:  # LIKELY, ANYTHING
            chain.now += timedelta(minutes=dice.choice((0, 1, 7, 50)))
            draw = likely if kind == LIKELY else anything
            command = draw(chain, case, dice)
            if command is not None:
                found = chain.ask(command)
                if isinstance(found, Refusal):
                    watch.refused(found)
                else:
                    watch.done(command, found)
        case 3:
            chain.hear(case, desk, dice.choice((1, 2, 5)))
        case 4:
            chain.send(case, desk)
        case 5 if slow:
            chain.hear(case, desk)
        case 5:
            chain.settle()
        case 6:
            wake = chain.next_wake()
            if wake is not None:
                chain.pass_time(wake)
        case 7:
            chain.pass_time(chain.now + timedelta(hours=dice.choice((1, 5, 30, 24 * 4))))
        case _:
            pass


def show(seed: int, count: int = 60) -> None:
    """Play a seed and print what was stated, by whom, and what was broken."""
    chains: list[Chain] = []
    try:
        play(drawn(Random(seed), count), services(), chains)
        print("Nothing was broken.")
    except AssertionError as wrong:
        print(wrong)
    for case in chains[0].cases.values():
        print(f"{case.case_id} {case.realm}")
        for said in case.all():
            by, at = said.command.by, said.event.occurred_at
            shown = said.event.model_dump(
                include={"assignment_id", "org", "role", "reply_id", "outcome", "timer", "lead"}
            )
            print(f"  {at:%m-%d %H:%M} {type(said.event).__name__} {by.id}/{by.role} {shown}")


if __name__ == "__main__":
    show(int(sys.argv[1]))
