"""Who asks the services for something: cases on their way, asked by people who ask again if unanswered."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from libs.events.base import Actor
from libs.host.turn import ANSWERS_LAST
from libs.host.work import Ask, Idempotency, Outcome, Result
from libs.rules.states import Channel, DeclineGround, Kind
from libs.sourcing.decider import Command, Refused
from libs.vault.receipts import case_id_of
from services.dispatch.commands import AssignCase, SignAssignment
from services.evaluation.commands import RecordCallback, SubmitEvaluation
from services.feedback.commands import (
    Answered,
    ApproveReply,
    ContactCitizen,
    DeliverReply,
    ReturnReply,
    SubmitReply,
)
from services.intake.commands import AcceptCase, DeclineCase, RegisterCase
from services.supervision.commands import AnswerSupervision, IssueSupervision, LiftSupervision
from tests.model.world import World

CATEGORIES = ("0105", "0103", "0108", "0204", "0601")
"""Of the limits G, U, E, X and M."""
TWICE = (
    RegisterCase,
    AcceptCase,
    DeclineCase,
    AssignCase,
    SignAssignment,
    ContactCitizen,
    ApproveReply,
    SubmitEvaluation,
)
"""What two desks may do at once without standing in each other's way."""
OF_A_UNIT = ("unit_clerk", "unit_head")
PATIENCE = 90.0
"""Seconds after which somebody who is refused or not answered has waited too long."""


@dataclass(slots=True)
class Asked:
    """What was answered: the ids of the events of each command. ``calls``: since when each is open."""

    answered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    calls: dict[int, datetime] = field(default_factory=dict)
    open: int = 0

    def may_wait(self, now: datetime) -> timedelta:
        """How far time may jump: nobody asks again after the answer was forgotten."""
        return min(self.calls.values(), default=now) + ANSWERS_LAST * 0.9 - now


class Person:
    """Brings one case on its way, step by step."""

    def __init__(self, world: World, number: int, asked: Asked) -> None:
        self.world, self.dice, self.asked, self.number = world, world.dice, asked, number
        self.case_id = case_id_of("model", str(number))
        self.at = world.now()
        self.count = 0

    async def go(self) -> None:
        """All steps."""
        try:
            for service, kind, role, more in self.steps():
                await self.world.take(0.0, 0.5)
                ask = self.ask(kind, role, more)
                if (
                    kind in TWICE and self.dice.random() < 0.2
                ):  # another desk does the same at the same moment
                    other = self.ask(kind, role, more)
                    self.world.spawn(self.try_once(service, other))
                self.asked.calls[id(ask)] = self.world.now()
                await self.insist(service, ask)
                del self.asked.calls[id(ask)]
        finally:
            self.asked.open -= 1

    def steps(self) -> Iterator[tuple[str, type[Command], str, dict[str, Any]]]:
        """The way of a case, to its end or to where it is left lying."""
        dice = self.dice
        category = dice.choice(CATEGORIES)
        by_person = dice.random() < 0.4
        channel = Channel.PHONE_12345 if by_person else Channel.WEB_PORTAL
        way: list[tuple[str, type[Command], str, dict[str, Any]]] = [
            ("intake", RegisterCase, "operator",
             {"channel": channel, "kind": Kind.COMPLAINT, "title": "路灯不亮", "text": "已有三天",
              "privacy_notice": not by_person or None}),
        ]  # fmt: skip
        if dice.random() < 0.1:
            words = {"reason": "不属职权", "alternative_channel": "法院", "remedy": "起诉", "evidence": ("e-1",)}
            way.append(("intake", DeclineCase, "acceptor", {"ground": DeclineGround.D15, **words}))
            yield from way
            return
        reply = {
            "answers": (Answered(claim=1, outcome="supported", basis="物业管理条例第三十五条"),),
            "text": "已修复",
        }
        way += [
            ("intake", AcceptCase, "acceptor", {"category": category}),
            ("dispatch", AssignCase, "dispatcher", {}),
            ("dispatch", SignAssignment, "unit_clerk", {}),
        ]
        if dice.random() < 0.3:
            supervision = f"{self.case_id}.s1"
            way += [
                ("supervision", IssueSupervision, "supervisor", {"level": 1, "ground": "overdue"}),
                ("supervision", AnswerSupervision, "unit_clerk",
                 {"supervision_id": supervision, "measures": "加派人手"}),
                ("supervision", LiftSupervision, "supervisor", {"supervision_id": supervision}),
            ]  # fmt: skip
        if dice.random() < 0.7:
            way.append(
                ("feedback", ContactCitizen, "unit_clerk", {"mode": "phone", "reached": True})
            )
        way.append(("feedback", SubmitReply, "unit_head", reply))
        if dice.random() < 0.3:
            way.append(("feedback", ReturnReply, "auditor", {"reason": "perfunctory"}))
            way.append(("feedback", SubmitReply, "unit_head", reply))
        way.append(("feedback", ApproveReply, "auditor", {}))
        if by_person:
            way.append(("feedback", DeliverReply, "operator", {"mode": "phone"}))
        reached = dice.random() < 0.7
        for _ in range(1 if reached else 3):
            more = {"resolved": "yes"} if reached else {}
            way.append(
                ("evaluation", RecordCallback, "callback_agent", {"reached": reached, **more})
            )
        for target in ("intake", "handling"):
            more = {"target": target, "level": "satisfied"}
            way.append(("evaluation", SubmitEvaluation, "citizen", more))
        far = len(way) if dice.random() < 0.6 else dice.randint(1, len(way))
        unit = self.world.homes.rules.catalogue.route(category, None).unit_id
        for service, kind, role, more in way[:far]:
            yield service, kind, role, more | ({"unit": unit} if role in OF_A_UNIT else {})

    def ask(self, kind: type[Command], role: str, more: dict[str, Any]) -> Ask:
        """A command with a key of its own; its time may lie before now, as a note on paper has it."""
        self.at = self._when()
        unit = more.get("unit")
        actor = Actor(
            id=f"{role}.{self.count % 2}" if role != "citizen" else role, role=role, org=unit
        )
        rest = {name: value for name, value in more.items() if name != "unit"}
        self.count += 1
        key = f"{self.number}/{self.count}/{kind.__name__}"
        command = kind(case_id=self.case_id, occurred_at=self.at, by=actor, **rest)
        return Ask(command, key, key, idempotency=Idempotency(key, key))

    def _when(self) -> datetime:
        now = self.world.now()
        if self.dice.random() < 0.75:
            return now
        return max(self.at, now - timedelta(seconds=self.dice.uniform(0, 20_000)))

    async def insist(self, service: str, ask: Ask) -> None:
        """Ask until it is done; sometimes again after that."""
        until = self.world.loop.now + PATIENCE
        while True:
            result = await self.try_once(service, ask)
            if isinstance(result, Outcome):
                break
            if isinstance(result, Refused) and str(result) == "The time for rating is over.":
                return  # so much time has passed meanwhile
            if self.world.loop.now > until:
                self.world.fault(f"{ask.cause} is not done: {type(result).__name__}: {result}")
                return
            await self.world.take(0.1, 0.8)
        if self.dice.random() < 0.15:
            await self.try_once(service, ask)

    async def try_once(self, service: str, ask: Ask) -> Result:
        """One call to whichever process is up; nobody answers for one that dies."""
        up = self.world.processes(service)
        if not up:
            return ConnectionError("nobody is there")
        process = self.dice.choice(up)
        running = next(r for r in process.host.running if r.service.name == service)
        call = process.do(running.execute(ask))
        self.asked.calls[id(call)] = self.world.now()
        done: asyncio.Future[None] = self.world.loop.create_future()

        def ring(_: object) -> None:
            if not done.done():
                done.set_result(None)

        def end(_: object) -> None:
            self.asked.calls.pop(id(call), None)
            ring(None)

        call.add_done_callback(end, context=self.world.outside)
        process.died.add_done_callback(end, context=self.world.outside)
        self.world.later(10.0, ring, None)
        await done
        if not call.done():
            return ConnectionError("no answer")
        if call.exception() is not None:
            return ConnectionError(str(call.exception()))
        result: Result = call.result()
        self._remember(ask, result)
        return result

    def _remember(self, ask: Ask, result: Result) -> None:
        if isinstance(result, Outcome):
            ids = tuple(recorded.event_id for recorded in result.events)
            self.world.note(f"{ask.cause} answered {[i[:8] for i in ids]}")
            before = self.asked.answered.setdefault(ask.cause, ids)
            if before != ids:
                self.world.fault(f"{ask.cause} was answered {before}, then {ids}")
        else:
            words = (str(result).splitlines() or [""])[0]
            self.world.note(f"{ask.cause} {type(result).__name__} {words}")
