"""Where to find the world. The defaults run the whole platform on a bare machine, under ``var/``."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from libs.log.topics import EMBEDDED, PRODUCTION, RESTRICTED, Topics


class Settings(BaseSettings):
    """Each is an environment variable of the same name in capitals.

    ``{service}`` in DATABASE_URL is replaced by the service's name; one database per service. In the
    restricted realm that name, and ``vault``, begin with ``restricted_``.
    """

    log_url: str = "sqlite:///var/log.db"
    database_url: str = "sqlite:///var/{service}.db"
    vault_url: str = "sqlite:///var/{service}.db"
    master_key_file: Path = Path("var/keys/master.key")
    server_key_file: Path = Path("var/keys/server.key")
    token_jwks_file: Path = Path("var/keys/tokens.jwks.json")
    citizen_key_file: Path = Path("var/keys/citizen.jwk.json")
    make_keys: bool = Field(default=True, description="make missing keys; turn off in production")
    realm: str = ""
    restricted_base: str = Field(
        default="", description="where the restricted realm answers, if not under the same address"
    )
    case_partitions: int | None = None
    policy: str = "cn-generic-2026"
    city: str = "mingchuan"
    port: int = 8000
    bind: str = "127.0.0.1"
    pace: float = Field(
        default_factory=lambda told: 0.05 if told["log_url"].startswith("sqlite") else 0.15,
        ge=0,
        description="least seconds between two turns of a service, and between two looks of a relay: "
        "batches grow instead of their number, for a tiny one costs ten times the CPU per event, and on "
        "Kafka and PostgreSQL most of it",
    )
    longest_pace: float = Field(
        default_factory=lambda told: told["pace"] * (1 if told["log_url"].startswith("sqlite") else 2),
        ge=0,
        description="what the pace of turns grows to where few facts and commands come",
    )
    looks_per_hour: int = Field(
        default=240,
        ge=1,
        description="how often one account may open words anew in an hour, at one service: every 15 seconds "
        "for the whole hour, which nobody does who reads what was opened",
    )
    trace_share: float = 0.01
    log_level: str = "INFO"
    graceful_stop: float = 20.0
    notify_sms: SecretStr = SecretStr("")
    notify_mail: SecretStr = SecretStr("")
    notify_wecom: SecretStr = SecretStr("")
    notify_webhook: SecretStr = SecretStr("")
    notify_seconds: float = Field(
        default=15.0, gt=0, description="how long one message may take; a gateway that hangs is then left"
    )
    notify_horizon_hours: float = Field(
        default=48.0, gt=0, description="what is older is logged as too old and not sent"
    )

    notify_keep_days: float = Field(
        default=365.0, gt=0, description="how long the delivery log says what became of a message"
    )

    def topics(self) -> Topics:
        """The topics of this realm; their partition count is fixed for ever at first start."""
        count = self.case_partitions
        if count is None:
            embedded = self.log_url.startswith("sqlite")
            count = EMBEDDED if embedded or self.realm == RESTRICTED else PRODUCTION
        return Topics(self.realm, count)

    def notify_templates(self) -> dict[str, SecretStr]:
        """By channel the gateway's apprise URL, with ``{address}`` in it; only those that operations has set.
        The restricted realm has none: that a report on an official exists is told inside the platform only."""
        if self.realm:
            return {}
        every = {
            "sms": self.notify_sms,
            "mail": self.notify_mail,
            "wecom": self.notify_wecom,
            "webhook": self.notify_webhook,
        }
        return {name: template for name, template in every.items() if template.get_secret_value()}

    def database_of(self, name: str) -> str:
        """The address of a service's database in this realm."""
        return self.database_url.replace("{service}", self._in_realm(name))

    def vault_address(self) -> str:
        """The address of this realm's key store."""
        return self.vault_url.replace("{service}", self._in_realm("vault"))

    def in_realm(self, realm: str) -> "Settings":
        """The same world, another realm."""
        return self.model_copy(update={"realm": realm})

    def _in_realm(self, name: str) -> str:
        return f"{self.realm}_{name}" if self.realm else name
