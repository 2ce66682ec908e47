"""Six services in one process, a log in memory, a clock in hand: the product's own rules and nothing else.

The facts of a case lie in one order. Each service reads them at its own pace, and what it states comes to
the log when its outbox is emptied; so owners cross each other here as they do on many machines.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from libs.events.base import Event
from libs.host.service import Service
from libs.rules.rights import Principal, refusal
from libs.rules.roles import Role
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from tests.spec import MONDAY, RULES

MOST_TURNS = 60
"""How often in a row the clock may lead to something at one instant."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A fact, by whom and after what it was stated: ``knew`` counts the facts of each owner that were
    known there, its own included."""

    event: Event
    command: Command
    owner: str
    knew: Mapping[str, int]


@dataclass(slots=True)
class Desk:
    """A service and one case there: what it knows, how far it has read, what it has not sent yet."""

    service: Service
    state: Any
    read: int = 0
    stated: int = 0
    outbox: list[Said] = field(default_factory=list)


@dataclass(slots=True)
class Case:
    """A case in a realm, with its part of the log. ``words``: what stood under each name in what was
    stated, oldest first; ``done``: how often each command led to something."""

    case_id: str
    realm: str
    desks: dict[str, Desk]
    log: list[Said] = field(default_factory=list)
    words: dict[str, list[str]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def note(self, said: Said) -> None:
        """Keep what was stated by name."""
        self.done[type(said.command).__name__] += 1
        for name, value in said.event:
            if isinstance(value, str) and value not in (known := self.words.setdefault(name, [])):
                known.append(value)

    def known(self, desk: Desk) -> list[Said]:
        """What a service knows of the case, in the order of the log, its own unsent words last."""
        own = desk.service.name
        later = [said for said in self.log[desk.read :] if said.owner == own]
        return [*self.log[: desk.read], *later, *desk.outbox]

    def all(self) -> list[Said]:
        """Every fact, those not in the log yet last."""
        return [*self.log, *(said for desk in self.desks.values() for said in desk.outbox)]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that was refused, in words; ``by_right`` before any rule of the case was asked."""

    command: Command
    words: str
    by_right: bool = False


@dataclass(frozen=True, slots=True)
class New:
    """A fact that was just stated, and what its owner knew of the case before it."""

    case: Case
    desk: Desk
    said: Said
    known: list[Said]


class Chain:
    """The services and their cases. ``new`` are the facts stated since somebody looked, ``favours`` the
    commands that people are to ask for above all."""

    def __init__(
        self, services: Sequence[Service], cases: Mapping[str, str], rules: Rules = RULES
    ) -> None:
        self.services = {service.name: service for service in services}
        self.rules, self.now = rules, MONDAY
        self.favours: tuple[str, ...] = ()
        self.cases = {
            case_id: Case(
                case_id,
                realm,
                {name: Desk(s, s.decider.initial) for name, s in self.services.items()},
            )
            for case_id, realm in cases.items()
        }
        self.owner_of = {kind: s.name for s in services for kind in s.commands}
        self.new: list[New] = []
        self.refused: list[Refusal] = []
        self.stuck: list[Command] = []

    # ------------------------------------------------------------------------------- people

    def right(self, command: Command) -> str | None:
        """Why whoever asks has no right to it, before any rule is asked."""
        who, realm = command.by, self.cases[command.case_id].realm
        shown = command.case_id if who.role == Role.CITIZEN else None
        caller = Principal(who.id, Role(who.role), who.org, realm=realm, case_id=shown)
        return refusal(caller, type(command).__name__, realm, command.case_id)

    def ask(self, command: Command) -> Sequence[Event] | Refusal:
        """What a person asks; the facts that follow, or why not."""
        why = self.right(command)
        if why is not None:
            return Refusal(command, why, by_right=True)
        return self._decide(command)

    def would(self, command: Command) -> Sequence[Event] | None:
        """What would follow, without doing it; nothing where it is refused."""
        if self.right(command) is not None:
            return None
        desk = self._desk(command)
        try:
            return desk.service.decider.decide(command, desk.state, self.rules)
        except Refused:
            return None

    def recall(self, case: Case, history: Sequence[Event]) -> None:
        """Take up a case with what was stated of it elsewhere."""
        for event in history:
            desk = case.desks[event.owner()]
            desk.state = desk.service.decider.evolve(desk.state, event)
            desk.stated += 1
            whoever = Command(case_id=case.case_id, occurred_at=event.occurred_at, by=event.actor)
            said = Said(event, whoever, event.owner(), {event.owner(): desk.stated})
            case.note(said)
            desk.outbox.append(said)
            self.send(case, desk)
        self.settle()

    # ------------------------------------------------------------------------------- the log

    def send(self, case: Case, desk: Desk) -> None:
        """What a service has stated comes to the log."""
        case.log += desk.outbox
        desk.outbox.clear()

    def hear(self, case: Case, desk: Desk, most: int = 1_000_000) -> None:
        """A service reads on, and does what follows from what it hears."""
        service = desk.service
        commands: list[Command] = []
        for said in case.log[desk.read : desk.read + most]:
            desk.read += 1
            if said.owner != service.name:
                if not isinstance(said.event, service.hears):
                    continue
                desk.state = service.decider.evolve(desk.state, said.event)
            commands += service.react(said.event, desk.state, self.rules)
        for command in commands:
            found = self._decide(command)
            if isinstance(found, Refusal):
                self.refused.append(found)
        self.fire(case, desk)

    def fire(self, case: Case, desk: Desk) -> None:
        """What fell due is done by who has read to the end of the log."""
        if desk.read < len(case.log):
            return
        for _ in range(MOST_TURNS):
            if not self._fire_once(case, desk):
                return
        raise AssertionError(f"{desk.service.name}: the clock never rests: {self._due(case, desk)}")

    def settle(self) -> None:
        """All is sent, heard and done that can be at this instant."""
        for _ in range(MOST_TURNS):
            stirred = False
            for case in self.cases.values():
                for desk in case.desks.values():
                    before = (len(case.log), desk.read, desk.stated)
                    self.send(case, desk)
                    self.hear(case, desk)
                    stirred |= before != (len(case.log), desk.read, desk.stated)
            if not stirred:
                return
        raise AssertionError("the services never come to rest")

    def next_wake(self) -> datetime | None:
        """When something falls due next."""
        wakes = [
            desk.service.decider.wake_at(case.case_id, desk.state, self.rules)
            for case in self.cases.values()
            for desk in case.desks.values()
        ]
        return min((at for at in wakes if at is not None and at > self.now), default=None)

    def pass_time(self, until: datetime) -> None:
        """Let time pass; who has read to the end does what falls due, at its instant."""
        while (at := self.next_wake()) is not None and at <= until:
            self.now = at
            self._tick()
        self.now = max(self.now, until)
        self._tick()

    def live(self, time: timedelta) -> None:
        """Let time pass in which nobody does anything and every service hears all."""
        until = self.now + time
        self.settle()
        while (at := self.next_wake()) is not None and at <= until:
            self.now = at
            self._tick()
            self.settle()
        self.now = until

    # ------------------------------------------------------------------------------- inside

    def _tick(self) -> None:
        for case in self.cases.values():
            for desk in case.desks.values():
                self.fire(case, desk)

    def _due(self, case: Case, desk: Desk) -> list[Command]:
        commands = desk.service.decider.pending(case.case_id, desk.state, self.rules)
        return [command for command in commands if command.occurred_at <= self.now]

    def _fire_once(self, case: Case, desk: Desk) -> bool:
        before = desk.stated
        for command in self._due(case, desk):
            found = self._decide(command)
            if isinstance(found, Refusal):
                self.refused.append(found)
        due = self._due(case, desk)
        if desk.stated == before:
            self.stuck += due
        return desk.stated > before and bool(due)

    def _desk(self, command: Command) -> Desk:
        return self.cases[command.case_id].desks[self.owner_of[type(command)]]

    def _decide(self, command: Command) -> Sequence[Event] | Refusal:
        case, desk = self.cases[command.case_id], self._desk(command)
        before = desk.state
        try:
            events = desk.service.decider.decide(command, desk.state, self.rules)
        except Refused as refused:
            assert desk.state is before
            return Refusal(command, str(refused))
        for event in events:
            desk.state = desk.service.decider.evolve(desk.state, event)
            own = desk.service.name
            known = case.known(desk)
            desk.stated += 1
            said = Said(event, command, own, {**self._knew(case, desk), own: desk.stated})
            desk.outbox.append(said)
            case.note(said)
            self.new.append(New(case, desk, said, known))
        return events

    def _knew(self, case: Case, desk: Desk) -> dict[str, int]:
        knew: dict[str, int] = {}
        for said in case.log[: desk.read]:
            knew[said.owner] = knew.get(said.owner, 0) + 1
        return knew
