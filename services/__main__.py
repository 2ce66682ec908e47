"""``python -m services`` runs the whole platform; ``python -m services dispatch`` runs one of it."""

import sys

from libs.host.process import serve, set_up
from libs.host.run import BOTH_REALMS, host
from libs.host.settings import Settings
from libs.host.telemetry import configure_logging
from services.list import EVERY, service_named


def main() -> None:
    """Serve the named services, or all in both realms."""
    names = sys.argv[1:] or EVERY
    settings = Settings()
    configure_logging(settings.log_level)
    set_up()
    realms = BOTH_REALMS if not sys.argv[1:] else [settings.realm]
    serve(host([service_named(name) for name in names], settings, realms=realms), settings)


if __name__ == "__main__":
    main()
