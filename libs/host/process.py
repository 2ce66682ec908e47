"""How a process that serves is set up, and how it serves. It knows no service."""

import gc
import signal
import sys
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from libs.host.settings import Settings

SWITCH_SECONDS = 0.0005
"""Turns run in threads: the event loop must not wait the usual 5 ms for each of them."""
COLLECT_AFTER = 200_000
"""New objects before the collector of cycles looks at them. With the usual 700 it took a fifth of a loaded
process's time, with 50,000 a thirtieth, for next to nothing: events, states and rows hold no cycles."""
KEEP_ALIVE = 75
"""Seconds for which an unused connection stays open: longer than a proxy's, which must not send on what
we have just closed."""


def set_up() -> None:
    """Call it once, after everything was imported: what stands then is never looked through again."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)


def serve(app: ASGIApp, settings: Settings) -> None:
    """Serve until asked to stop, which is no failure."""
    # uvicorn stops cleanly and then sends itself the signal again.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    uvicorn.run(app, **_as_we_serve(settings))


def server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    """The same, for who runs it beside something else and stops it."""
    return uvicorn.Server(uvicorn.Config(app, **_as_we_serve(settings)))


def _as_we_serve(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.bind,
        "port": settings.port,
        "log_config": None,
        "access_log": False,
        "timeout_keep_alive": KEEP_ALIVE,
        "timeout_graceful_shutdown": int(settings.graceful_stop),
    }
