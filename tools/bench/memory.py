"""Whether memory stays as it is: the platform in one process under a steady load, looked at again and again."""

import asyncio
import statistics

from tools.bench.cpu import memory_mb, spent
from tools.bench.driver import Driver
from tools.bench.figures import Run
from tools.bench.places import Place

RATE = 10.0
"""Cases a second, each from message to close."""
EVERY = 2.0


def flat(place: Place, seconds: float) -> Run:
    """Megabytes over time. What grows is measured over the second half, when all caches are full."""

    async def measure() -> list[float]:
        driver, found = Driver(place.bases, place.keys), []
        load = asyncio.create_task(driver.run(int(seconds * RATE), RATE, whole=True))
        while not load.done():
            found.append(sum(memory_mb(root) for root in place.parts.values()))
            await asyncio.wait({load}, timeout=EVERY)
        await load
        return found

    with spent(place.parts) as cpu:
        found = asyncio.run(measure())
    half = found[len(found) // 2 :]
    minutes = [number * EVERY / 60 for number in range(len(half))]
    slope = statistics.linear_regression(minutes, half).slope
    figures = {
        "mb": half[-1],
        "mb_per_minute": slope,
        "growth_share": slope * minutes[-1] / half[0],
        "minutes": seconds / 60,
    }
    return Run(figures, cpu)
