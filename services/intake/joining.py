"""The part of intake that brings the two sides of a link to say the same (ADR 0016). It decides nothing.

It looks in intake's tables for links of which one side has spoken and the other has not, and asks the other
case, by a command that says nothing new if it was heard already. So it may be killed at any point, and run in
every replica at once: who comes later looks again and finds what is still to be done.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from libs.events.base import SYSTEM
from libs.host.work import Ask, Result
from libs.log.port import LogUnavailable
from libs.sourcing.database import TRANSIENT
from libs.sourcing.decider import Command, Refused
from libs.sourcing.views import Row
from services.intake.commands import ConcludeFollower, LeadCase, PartCase, ReleaseFollower
from services.intake.groups import unpaired
from services.intake.keeping_views import left_by_their_lead
from services.intake.links import CannotLead
from services.intake.public_commands import ArchiveFollower

if TYPE_CHECKING:
    from libs.host.running import Running

logger = logging.getLogger(__name__)
PACES, IDLE_SECONDS = 10, 5.0
"""Least time between two looks, in paces of the host, and most seconds."""
RECENT, LOOK_FAR_EVERY = timedelta(minutes=10), timedelta(minutes=5)
"""Mostly only links that changed lately are looked at; what was heard late is found by the look at all."""
NAMESPACE = uuid.UUID("6b0f6f0e-8a57-5e0c-9a4e-0f5f6d7c1b33")
GOES_ON = "，本件继续单独办理。"
LET_GO, NOT_NOW = "主件不再合并办理" + GOES_ON, "主件暂不能并件" + GOES_ON


def counterpart(link: Row) -> Command | None:
    """What the side of a link is asked that has not heard of the other yet, if either has to be. It holds since
    the other has said so: no clock runs on both sides, nor on none."""
    asked: dict[str, Any] = {"link_id": link["link_id"], "by": SYSTEM}
    to_follower = asked | {"case_id": link["follower"], "occurred_at": link["leading_at"]}
    to_lead = asked | {"case_id": link["lead"], "occurred_at": link["following_at"]}
    match link["following"], link["leading"]:
        case "merged_into", None:
            due = link["due_citizen"]
            return LeadCase(**to_lead, follower=link["follower"], due_citizen=due)
        case "merged_into", "released":
            return PartCase(**to_follower, reason=LET_GO)
        case "merged_into", "concludes":
            return ConcludeFollower(**to_follower)
        case "unmerged", "leads":
            return ReleaseFollower(**to_lead)
        case _:
            return None


def parting(link: Row, refusal: Refused, now: datetime) -> PartCase:
    """The lead refuses: the case that was merged into it goes on by itself, and its citizen is told why."""
    reason = f"{refusal.why.zh}{GOES_ON}" if isinstance(refusal, CannotLead) else NOT_NOW
    asked = {"case_id": link["follower"], "occurred_at": now, "by": SYSTEM}
    return PartCase(**asked, link_id=link["link_id"], reason=reason)


def putting_away(link: Row) -> ArchiveFollower:
    """Who ended with a case is put away with it, as of the same instant."""
    asked = {"case_id": link["follower"], "occurred_at": link["away_at"], "by": SYSTEM}
    return ArchiveFollower(**asked, link_id=link["link_id"])


class Joining:
    """One per process: what a running service starts, wakes and stops (``libs.host.service.Worker``)."""

    def __init__(self, running: "Running") -> None:
        self._running, self._now = running, running.world.now
        self._pause = PACES * running.world.settings.pace
        self._bell = asyncio.Event()
        self._looking = self._stopping = False
        self._looked_far_at: datetime | None = None
        self._asked_at: dict[tuple[str, ...], float] = {}

    def wake(self) -> None:
        """The service has heard something, or the clock was moved."""
        self._bell.set()

    def idle(self) -> bool:
        """Whether nothing more comes of what was heard."""
        return self._stopping or not (self._looking or self._bell.is_set())

    async def work(self) -> None:
        """Until cancelled."""
        while not self._stopping:
            self._looking = True
            self._bell.clear()
            try:
                await self.look()
            except Exception as error:  # whatever it is, it must not stop intake
                expected = isinstance(error, (*TRANSIENT, LogUnavailable))
                level = logging.WARNING if expected else logging.ERROR
                words = str(error).splitlines()[0] if expected else ""
                logger.log(level, "joining: %s %s", type(error).__name__, words)
            self._looking = False
            self._running.stirred()
            await asyncio.sleep(self._pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), IDLE_SECONDS)

    async def stop(self) -> None:
        """Nothing is half done between two looks."""
        self._stopping = True

    async def look(self) -> None:
        """Ask the other side of every link that waits for it."""
        now = self._now()
        far = self._looked_far_at is None or now - self._looked_far_at >= LOOK_FAR_EVERY
        links = await self._running.read(partial(unpaired, since=None if far else now - RECENT))
        if far:
            await self._put_away()
            self._looked_far_at = now
        wishes = [(link, counterpart(link)) for link in self._not_asked_lately(links)]
        asked = [(link, command) for link, command in wishes if command is not None]
        results = await self._ask([command for _, command in asked])
        partings: list[Command] = []
        for (link, command), result in zip(asked, results, strict=True):
            if isinstance(result, Refused) and isinstance(command, LeadCase):
                partings.append(parting(link, result, now))
        await self._ask(partings)

    async def _put_away(self) -> None:
        """Put away who ended with a case that is put away; it may wait, so it is done at the far looks."""
        left = await self._running.read(left_by_their_lead)
        await self._ask([putting_away(link) for link in left])

    def _not_asked_lately(self, links: Sequence[Row]) -> list[Row]:
        """Without those that wait for their answer to come back through the log, or for operations."""
        now, asked_at = time.monotonic(), self._asked_at
        keys = [(link["link_id"], link["following"], link["leading"] or "") for link in links]
        self._asked_at = {k: asked_at[k] for k in keys if asked_at.get(k, 0.0) > now - IDLE_SECONDS}
        new = [k not in self._asked_at for k in keys]
        self._asked_at |= {k: now for k, is_new in zip(keys, new, strict=True) if is_new}
        return [link for link, is_new in zip(links, new, strict=True) if is_new]

    async def _ask(self, commands: Sequence[Command]) -> list[Result]:
        if not commands:
            return []
        results = await self._running.execute_many([_asked(command) for command in commands])
        for result in results:
            if isinstance(result, Exception):
                logger.info("joining: %s", result)
        return results


def _asked(command: Command) -> Ask:
    """The same wish about the same link is the same cause, whoever asks it and how often."""
    name = f"{command.case_id}/{type(command).__name__}/{command.link_id}"  # type: ignore[attr-defined]
    cause = str(uuid.uuid5(NAMESPACE, name))
    return Ask(command, cause, correlation_id=cause)
