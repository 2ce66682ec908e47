"""The main job, registered to closed through all six services in one process, with grouped commands."""

import asyncio
import time
import uuid
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

from libs.events.base import Actor
from libs.host.run import Host
from libs.host.settings import Settings
from libs.host.work import Ask, Outcome
from libs.rules.rules import shipped_rules
from libs.sourcing.decider import Refused
from services.evaluation.commands import SubmitEvaluation
from services.feedback.commands import DeliverReply
from services.list import all_services
from tools.bench.cpu import spent
from tools.quiet import until_quiet
from tools.simulate.messages import Message
from tools.simulate.people import Case, People

GROUP = 500
TITLE, TEXT = "夜市出摊占道", "每晚八点后人行道被摊贩占满，行人只能走车道，请处理。" * 8
REPLY = "经核查属实，已劝离占道摊贩并每晚安排巡查，现场照片附后，如有问题请来电。" * 4


def invented_cases(count: int) -> list[Case]:
    """So many ordinary cases, each rated, so that each closes at once."""
    people = People(shipped_rules())
    now, run = datetime.now(UTC), uuid.uuid4().hex[:8]
    return [
        people.case(Message(f"bench-{run}-{n}", TITLE, TEXT, now, REPLY, now)) for n in range(count)
    ]


def _asks(case: Case, number: int) -> list[tuple[str, Ask]]:
    """The case's asks of one wave; the last wave has the citizen rate both."""
    if number < len(case.steps):
        step = case.steps[number]
        asks = [a for a in step.asks if not isinstance(a.command, DeliverReply)]
        return [(step.service, ask) for ask in asks]
    if any(isinstance(a.command, SubmitEvaluation) for s in case.steps for a in s.asks):
        return []
    last = case.steps[-1].asks[0]
    found = []
    for target in ("intake", "handling"):
        command = SubmitEvaluation(
            case_id=case.case_id,
            occurred_at=last.command.occurred_at,
            by=Actor(id="citizen", role="citizen"),
            target=target,
            level="satisfied",
        )
        key = f"{last.cause}-{target}"
        found.append(("evaluation", replace(last, command=command, cause=key, idempotency=None)))
    return found


async def _play(host: Host, cases: list[Case]) -> int:
    stated = 0
    for number in range(max(len(case.steps) for case in cases) + 1):
        by_service: dict[str, list[Ask]] = defaultdict(list)
        for case in cases:
            for service, ask in _asks(case, number):
                by_service[service].append(ask)
        for service, asks in by_service.items():
            for result in await host.find(service).execute_many(asks):
                if isinstance(result, Outcome):
                    stated += len(result.events)
                elif not isinstance(result, Refused):
                    raise result
        await until_quiet(host, ("intake", "dispatch", "feedback", "evaluation"))
    return stated


async def _grouped(settings: Settings, count: int) -> dict[str, float]:
    host = Host(all_services(), settings)
    await host.start()
    try:
        await until_quiet(host)
        warm = invented_cases(50)
        await _play(host, warm)
        cases = invented_cases(count)
        started = time.perf_counter()
        with spent() as cpu:
            groups = [cases[n : n + GROUP] for n in range(0, count, GROUP)]
            # Two groups at a time: while one waits for the others to hear, the other one is asked.
            for pair in range(0, len(groups), 2):
                await asyncio.gather(*(_play(host, group) for group in groups[pair : pair + 2]))
            await until_quiet(host)
        seconds = time.perf_counter() - started
        return {"cases_per_second": count / seconds, "cpu_ms_per_case": cpu.own / count * 1000}
    finally:
        await host.stop()


def grouped(settings: Settings, count: int) -> dict[str, float]:
    """Cases per second and CPU milliseconds per case of this process alone."""
    return asyncio.run(_grouped(settings, count))
