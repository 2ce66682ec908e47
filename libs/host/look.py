"""What is said of a look at a citizen's words: to the audit, and to the citizen. No word stands here, and what
is kept for the citizen names no account."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from libs.log.port import Outgoing
from libs.rules.looking import LASTS, hour_of
from libs.rules.rights import Principal
from libs.rules.roles import Role
from libs.sourcing.views import Row

Kind = Literal["PersonalDataRevealed", "AccessRefused"]
OTHER_CITIZEN = "citizen_of_the_same_matter"
"""In the stead of a role: who reads the answer of the case that the own one was merged into."""


def _audit_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Look:
    """One look, or one that was refused, at what was written in a case."""

    kind: Kind
    case_id: str
    principal: Principal
    service: str
    purpose: str
    at: datetime
    audit_id: str = field(default_factory=_audit_id)

    @property
    def until(self) -> datetime:
        """When it is over, if it begins now."""
        return self.at + LASTS

    @property
    def key(self) -> str:
        """The same for whatever is one look: the same caller in the same part, case and purpose. A hash, so
        that the account stands on the audit topic alone."""
        me = self.principal
        said = [self.kind, me.id, me.role.value, me.unit_id, me.case_id, self.case_id, self.purpose]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def for_audit(self, topic: str) -> Outgoing:
        """As the audit topic has it: with the account."""
        said = _caller(self.principal) | {
            "case_id": self.case_id,
            "service": self.service,
            "purpose": self.purpose,
            "at": self.at.isoformat(),
        }
        if self.kind == "PersonalDataRevealed":
            said["until"] = self.until.isoformat()
        source = self.kind, self.service, self.case_id
        return _record(topic, self.audit_id, *source, self.at, said)

    def for_the_citizen(self) -> Row:
        """As the citizen may read it (PIPL Art. 44): role, unit, purpose and instant."""
        me = self.principal
        other = me.role is Role.CITIZEN and me.case_id != self.case_id
        return {
            "case_id": self.case_id,
            "at": self.at,
            "role": OTHER_CITIZEN if other else me.role.value,
            "unit_id": me.unit_id,
            "purpose": self.purpose,
            "refused": self.kind == "AccessRefused",
        }


@dataclass(frozen=True, slots=True)
class LimitMet:
    """An account asked for one look more than it may begin in an hour. Of no case: the count is of none."""

    principal: Principal
    service: str
    limit: int
    at: datetime

    def for_audit(self, topic: str) -> Outgoing:
        """As the audit topic has it: with the account."""
        said = _caller(self.principal) | {
            "service": self.service,
            "limit": self.limit,
            "hour": hour_of(self.at).isoformat(),
            "at": self.at.isoformat(),
        }
        source = "LookLimitMet", self.service, self.service
        return _record(topic, _audit_id(), *source, self.at, said)


def _caller(principal: Principal) -> dict[str, Any]:
    return {"by": principal.id, "role": principal.role.value, "unit": principal.unit_id}


def _record(
    topic: str, audit_id: str, kind: str, service: str, subject: str, at: datetime, said: Mapping[str, Any]
) -> Outgoing:
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", audit_id.encode()),
        ("ce_type", f"audit.{kind}".encode()),
        ("ce_source", f"/{service}".encode()),
        ("ce_subject", subject.encode()),
        ("ce_time", at.isoformat().encode()),
    )
    return Outgoing(topic, subject, headers, json.dumps(said).encode())
