"""Appends to a log and reads from it through its port, nothing decoded."""

import asyncio

from libs.host.settings import Settings
from libs.log.connect import open_log
from libs.log.port import Outgoing
from tools.bench.cpu import spent
from tools.bench.figures import Run

TOPIC = "bench-records"
BATCH = 500


def appended(url: str, count: int, parts: dict[str, int]) -> Run:
    """Records of 600 bytes with twelve headers, each batch durable before the next."""

    async def measure() -> Run:
        log = open_log(url)
        await log.prepare({TOPIC: 6})
        headers = tuple((f"ce_{n}", b"x" * 20) for n in range(12))
        batch = [Outgoing(TOPIC, f"case-{n}", headers, b"v" * 600) for n in range(BATCH)]
        await log.append(batch)
        with spent(parts) as cpu:
            for _ in range(count // BATCH):
                await log.append(batch)
        await log.close()
        return Run({"per_second": count / cpu.seconds}, cpu, "appending")

    return asyncio.run(measure())


def read(settings: Settings, count: int, parts: dict[str, int]) -> Run:
    """The facts that lie in the log, by one reader."""
    topics = settings.topics()

    async def measure() -> Run:
        log = open_log(settings.log_url)
        await log.prepare(topics.partitions())

        async def resume(partitions: object) -> dict[int, int]:
            return {}

        reader = await log.open_reader("bench", topics.case_events, resume)
        first = had = len(await reader.read(BATCH, 30.0))
        with spent(parts) as cpu:
            while had < count:
                had += len(await reader.read(BATCH, 5.0))
        await reader.close()
        await log.close()
        return Run({"per_second": (had - first) / cpu.seconds}, cpu, "reading")

    return asyncio.run(measure())
