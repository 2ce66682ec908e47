"""Whether services of this process have nothing left to hear or to do. It waits for nothing."""

from collections.abc import Callable, Sequence

from libs.host.running import Running


async def are_level(chosen: Sequence[Running], is_idle: Callable[[Running], bool]) -> bool:
    """Whether each stands at the log's end, read when nobody had anything under way, and still has nothing.

    Raises ``LogUnavailable``.
    """
    if not all(map(is_idle, chosen)):
        return False
    for topic in {running.topic for running in chosen}:  # each realm has its own
        here = [running for running in chosen if running.topic == topic]
        ends = await here[0].reader.ends()
        if not all(is_idle(running) and running.level_with(ends) for running in here):
            return False
    return all(map(is_idle, chosen))
