"""The manifest of topics: every topic there is, and its partitions. A count is fixed for ever."""

from dataclasses import dataclass
from typing import Literal

PRODUCTION = 24
EMBEDDED = 6
Subject = Literal["case", "reference"]
"""What a service's facts are about: citizens' cases, or what all of them are decided with."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one realm. A realm has its own log, databases and keys (ADR 0004)."""

    realm: str
    case_partitions: int = PRODUCTION

    @property
    def case_events(self) -> str:
        """The truth: every fact of every case, keyed by case id."""
        return f"{self._prefix}case-events"

    @property
    def audit_events(self) -> str:
        """Who saw or exported what, keyed by case id."""
        return f"{self._prefix}audit-events"

    @property
    def reference_events(self) -> str:
        """Policy packs, calendars, taxonomy, catalogue, organisations; shared by the realms."""
        return "reference-events"

    def of(self, subject: Subject) -> tuple[str, int]:
        """The topic that facts about this lie in, and its partitions."""
        if subject == "reference":
            return self.reference_events, 1
        return self.case_events, self.case_partitions

    @property
    def _prefix(self) -> str:
        return f"{self.realm}-" if self.realm else ""

    def partitions(self) -> dict[str, int]:
        """Every topic of this realm with its partition count."""
        return {
            self.case_events: self.case_partitions,
            self.audit_events: 6,
            self.reference_events: 1,
        }


RESTRICTED = "restricted"
MANIFEST: dict[str, int] = {
    **Topics("").partitions(),
    **Topics(RESTRICTED, case_partitions=6).partitions(),
}
"""What a production cluster holds."""
