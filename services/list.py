"""The services there are, by name. It imports one only when it is asked for."""

from importlib import import_module

from libs.host.service import Service

NAMES = ("intake", "dispatch", "supervision", "feedback", "evaluation", "analytics")
"""The stages of a case: what they state lies in the log of cases."""
EVERY = (*NAMES, "reference")
"""With the one that publishes what cases are decided with."""


def service_named(name: str) -> Service:
    """A service as a value. Exits with words for a name that there is not."""
    if name not in EVERY:
        raise SystemExit(f"There is no service {name}; there are {', '.join(EVERY)}.")
    service: Service = import_module(f"services.{name}.service").service
    return service


def all_services() -> list[Service]:
    """The whole platform."""
    return [service_named(name) for name in EVERY]
