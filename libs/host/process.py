"""How a process that serves is set up before it does anything. It knows no service."""

import gc
import sys

SWITCH_SECONDS = 0.0005
"""Turns run in threads: the event loop must not wait the usual 5 ms for each of them."""
COLLECT_AFTER = 50_000
"""New objects before the collector of cycles looks at them. With the usual 700 it took a fifth of a loaded
process's time, for next to nothing: events, states and rows hold no cycles."""


def set_up() -> None:
    """Call it once, after everything was imported: what stands then is never looked through again."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)
