"""Which processes make the platform, and what each is told. Nothing here starts anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

STAGES = ("intake", "dispatch", "supervision", "feedback", "evaluation", "analytics")
RESTRICTED = tuple(f"restricted_{name}" for name in STAGES)
DATABASES = (*STAGES, "reference", "vault", *RESTRICTED, "restricted_vault")
"""One database per service, and one for the keys; the restricted realm has its own."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the platform: `python args...`, serving HTTP on `port` of 127.0.0.1.

    `env` is added to what every process gets; its own values win.
    """

    name: str
    args: tuple[str, ...]
    port: int
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"


FIRST_PORT = 8101
RESTRICTED_PORT = 8107
PROCESSES: list[Process] = [
    Process("intake", ("-m", "services", "intake"), 8101),
    Process("dispatch", ("-m", "services", "dispatch"), 8102),
    Process("supervision", ("-m", "services", "supervision"), 8103),
    Process("feedback", ("-m", "services", "feedback"), 8104),
    Process("evaluation", ("-m", "services", "evaluation"), 8105),
    Process("analytics", ("-m", "services", "analytics"), 8106),
    Process("reference", ("-m", "services", "reference"), 8108),
    Process("restricted", ("-m", "services", *STAGES), RESTRICTED_PORT, {"REALM": "restricted"}),
]


def moved(processes: Sequence[Process], first_port: int) -> list[Process]:
    """The same processes on other ports: the one on ``FIRST_PORT`` on this one, and so on."""
    by = first_port - FIRST_PORT
    base = f"http://127.0.0.1:{RESTRICTED_PORT + by}"
    return [
        replace(p, port=p.port + by, env={"RESTRICTED_BASE": base, **p.env}) for p in processes
    ]


def env_of(process: Process, *, log_url: str, database_url: str, vault_url: str) -> dict[str, str]:
    """What a process is told besides the environment of its starter."""
    common = {
        "LOG_URL": log_url,
        "DATABASE_URL": database_url,
        "VAULT_URL": vault_url,
        "PORT": str(process.port),
        "RESTRICTED_BASE": f"http://127.0.0.1:{RESTRICTED_PORT}",
        "PYTHONUNBUFFERED": "1",  # its lines are shown when said, not when a buffer is full
    }
    return common | dict(process.env)
