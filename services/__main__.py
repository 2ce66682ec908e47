"""``python -m services`` runs the whole platform; ``python -m services dispatch`` runs one of it."""

import signal
import sys

import uvicorn

from libs.host.process import set_up
from libs.host.run import BOTH_REALMS, host
from libs.host.settings import Settings
from libs.host.telemetry import configure_logging
from services.list import NAMES, service_named


def main() -> None:
    """Serve the named services, or all in both realms."""
    names = sys.argv[1:] or NAMES
    settings = Settings()
    configure_logging(settings.log_level)
    set_up()
    realms = BOTH_REALMS if not sys.argv[1:] else [settings.realm]
    app = host([service_named(name) for name in names], settings, realms=realms)
    # uvicorn stops cleanly and then sends itself the signal again: asked to stop is no failure.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    uvicorn.run(
        app,
        host=settings.bind,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_keep_alive=75,  # longer than a proxy's: it must not send on what we just closed
        timeout_graceful_shutdown=int(settings.graceful_stop),
    )


if __name__ == "__main__":
    main()
