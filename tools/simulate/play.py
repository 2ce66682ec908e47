"""The stage: hosts all services on a virtual clock and plays cases on it, instant by instant."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from libs.host.run import BOTH_REALMS, Host
from libs.host.service import Service
from libs.host.settings import Settings
from libs.host.work import Result
from libs.rules.rules import Rules
from libs.sourcing.decider import Refused
from services.list import all_services
from services.supervision.telling import Telling
from tools.quiet import until_quiet
from tools.simulate.people import Case, Step

NEXT = {"intake": "dispatch", "dispatch": "feedback", "feedback": "evaluation"}
"""Who must have heard of what a service states before the case's next step can be asked."""


class Clock:
    """A clock that jumps forward, never back."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Now."""
        return self.at

    def move(self, at: datetime) -> None:
        """Jump to an instant; an earlier one leaves it where it is."""
        self.at = max(self.at, at)


class Failed(Exception):
    """A command was not carried out; the words say which and why."""


@dataclass(slots=True)
class Played:
    """What a play came to, beyond what the tables tell."""

    steps: int = 0
    refused: list[str] = field(default_factory=list)


def cast_of(services: Sequence[Service]) -> list[Service]:
    """The services without who tells people: nobody is called about a case that is played, whatever gateways
    are set up here. What people are told states nothing, so the figures are the same."""
    return [
        replace(service, workers=tuple(w for w in service.workers if w is not Telling))
        for service in services
    ]


class Stage:
    """All services of both realms in this process, at a time of our choosing."""

    def __init__(self, settings: Settings, rules: Rules, start: datetime) -> None:
        self.clock = Clock(start)
        self.host = Host(cast_of(all_services()), settings, self.clock, realms=BOTH_REALMS, rules=rules)

    async def play(
        self,
        cases: Sequence[Case],
        until: datetime | None = None,
        progress: Callable[[int], None] = lambda done: None,
    ) -> Played:
        """Play all steps at their instants and every deadline between; then, without ``until``, go on
        until nothing falls due any more."""
        played = Played()
        agenda: dict[datetime, list[tuple[Case, list[Step]]]] = defaultdict(list)
        for case in cases:
            by_instant: dict[datetime, list[Step]] = defaultdict(list)
            for step in case.steps:
                by_instant[step.at.astimezone(UTC)].append(step)
            for at, steps in by_instant.items():
                if until is None or at <= until:
                    agenda[at].append((case, steps))
        await until_quiet(self.host)
        for at in sorted(agenda):
            await self._let_pass(at)
            self.clock.move(at)
            await self._act(agenda[at], played)
            progress(len(agenda[at]))
        await self._let_pass(until)
        if until is not None:
            self.clock.move(until)
        return played

    async def _let_pass(self, until: datetime | None) -> None:
        """Let every deadline up to an instant fall due, each at its own time."""
        while True:
            wakes = [r.next_wake for r in self.host.running if r.next_wake is not None]
            due = min(wakes, default=None)
            if due is None or (until is not None and due > until):
                return
            self.clock.move(due)
            for running in self.host.running:
                running.tick()
            await until_quiet(self.host)

    async def _act(self, cast: Sequence[tuple[Case, list[Step]]], played: Played) -> None:
        """One instant: the cases' steps side by side, each case's own one after another."""
        rounds = max(len(steps) for _, steps in cast)
        for number in range(rounds):
            now = [(case, steps[number]) for case, steps in cast if number < len(steps)]
            for service in dict.fromkeys(step.service for _, step in now):
                for realm in dict.fromkeys(case.realm for case, _ in now):
                    asks = [
                        ask
                        for case, step in now
                        if (step.service, case.realm) == (service, realm)
                        for ask in step.asks
                    ]
                    if asks:
                        results = await self.host.find(service, realm).execute_many(asks)
                        self._check(results, played)
            played.steps += len(now)
            following = {
                steps[number + 1].service for _, steps in cast if number + 1 < len(steps)
            }
            moved_on = following - {step.service for _, step in now}
            if moved_on:
                await until_quiet(self.host, moved_on | {step.service for _, step in now})
        await until_quiet(self.host)

    def _check(self, results: Sequence[Result], played: Played) -> None:
        for result in results:
            if isinstance(result, Refused):
                played.refused.append(str(result))
            elif isinstance(result, Exception):
                raise Failed(f"{type(result).__name__}: {result}") from result


def horizon(cases: Sequence[Case]) -> datetime:
    """Just before the first thing that happens."""
    return min(step.at for case in cases for step in case.steps) - timedelta(seconds=1)
