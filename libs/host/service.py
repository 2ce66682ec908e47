"""A service, described as a value. Read one to know what it hears, states and serves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import APIRouter
from sqlalchemy import MetaData

from libs.events.base import Event, Recorded
from libs.log.topics import Subject
from libs.rules.bars import BARRING
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Decider
from libs.sourcing.views import Views

if TYPE_CHECKING:
    from libs.host.running import Running

React = Callable[[Event, Any, Rules], Sequence[Command]]
KeyIds = Callable[[str], tuple[str, ...]]
"""The keys that a case's fact destroys, from the case's id: known though the fact itself cannot be read."""
Project = Callable[[Sequence[Recorded], Views], None]


def _silent(event: Event, state: Any, rules: Rules) -> Sequence[Command]:
    return ()


class Worker(Protocol):
    """What a service does beside its turns, such as telling people. It catches its own errors."""

    async def work(self) -> None:
        """Until cancelled."""

    def wake(self) -> None:
        """The service has done a turn, or the clock was moved."""

    def idle(self) -> bool:
        """Whether it states nothing more before something is heard or time passes."""

    async def stop(self) -> None:
        """Finish what was begun; ``work`` is cancelled afterwards."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """``hears``: the facts of others that it takes in; its own come back to it in any case, and what bars
    people from a case the host hears for it (``libs.rules.bars``).

    ``receipts``: commands that are given a fresh receipt number, and in which field.
    ``recusing``: commands by which somebody keeps out of a case; who has done so is answered as then.
    ``shreds``: facts upon which keys of their case are destroyed, and which; one service alone has any.
    ``subject`` says what its facts are about, and so which topic they lie in. ``heeds``: the kinds of
    reference data after whose publication it looks again at its cases that wait for an instant, and with
    ``heeds_idle`` at all.
    ``body_limit``: bytes of a request's body; a longer one is refused before it is read whole.
    ``workers``: makes what runs beside the turns. ``migrations``: the history of kept tables of its own.
    ``leisure``: in how many paces it hears once, where nobody waits for what it states; who asks it with
    ``Lianxin-Read-After`` does not wait for longer.
    ``revision`` is raised when ``project`` or ``evolve`` changes what the tables would hold.
    """

    name: str
    commands: tuple[type[Command], ...]
    decider: Decider[Any]
    hears: tuple[type[Event], ...] = ()
    react: React = _silent
    project: Project
    tables: MetaData
    router: APIRouter
    receipts: Mapping[type[Command], str] = field(default_factory=dict)
    recusing: tuple[type[Command], ...] = ()
    shreds: Mapping[type[Event], KeyIds] = field(default_factory=dict)
    subject: Subject = "case"
    heeds: tuple[str, ...] = ()
    heeds_idle: bool = False
    body_limit: int = 1_000_000
    workers: "tuple[Callable[[Running], Worker], ...]" = ()
    migrations: Path | None = None
    leisure: int = 1
    revision: int = 1

    @property
    def takes_in(self) -> frozenset[type[Event]]:
        """The facts of others that come to it: what its rules hear, and what the host hears for it."""
        return frozenset(self.hears).union(BARRING if self.subject == "case" else ())

    def fingerprint(self) -> str:
        """Changes when the derived tables must be built anew."""
        heard = sorted(f"{event.type()}:{event.version}" for event in self.takes_in)
        columns = sorted(f"{t.name}.{c.name}" for t in self.tables.sorted_tables for c in t.columns)
        return "|".join([str(self.revision), *heard, *columns])
