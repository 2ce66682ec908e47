"""Whom to tell, by which channels and of what: preferences, kept with sealed addresses. It sends nothing.

A recipient is a person, by the account, or a unit. The key of its addresses is destroyed with every change, so
that a backup gives no address away that was taken back.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from libs.notify.gateway import ADDRESSES
from libs.rules.calendar import SHANGHAI
from libs.sourcing.database import Database
from libs.vault.keys import Vault
from libs.vault.sealing import seal_text
from services.supervision.kept import recipients
from services.supervision.wording import NoticeKind

Channel = Literal["sms", "mail", "wecom", "webhook"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
USUAL = tuple(kind for kind in NoticeKind if kind is not NoticeKind.ASSIGNED)
"""What is sent to who does not say of what: all but that a new case has come."""


class QuietHours(BaseModel):
    """When nothing is sent, in Asia/Shanghai, past midnight too. An emergency (class E) comes all the same."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    from_: Clock = Field(alias="from")
    to: Clock


class Wish(BaseModel):
    """One channel: where to, and for which kinds of notice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: Annotated[str, StringConstraints(min_length=1, max_length=254)]
    kinds: tuple[NoticeKind, ...] = USUAL


class Preferences(BaseModel):
    """How someone wants to be told outside the platform. Without channels, not at all.

    ``scope``: of the cases in hand alone, or of all that the unit is told.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Literal["zh", "en"] = "zh"
    scope: Literal["in_hand", "unit"] = "in_hand"
    quiet: QuietHours | None = None
    channels: Mapping[Channel, Wish] = {}

    @field_validator("channels")
    @classmethod
    def _addresses_fit(cls, channels: Mapping[Channel, Wish]) -> Mapping[Channel, Wish]:
        for name, wish in channels.items():
            if not ADDRESSES[name].fullmatch(wish.address):
                raise ValueError(f"{name}.address is not an address of this channel")
        return channels


class Shown(BaseModel):
    """Preferences as they are shown: which channels have an address, and not what it is."""

    recipient_id: str
    language: str
    scope: str
    quiet: QuietHours | None
    channels: dict[str, tuple[NoticeKind, ...]]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose preferences: ``unit/<id>`` or ``person/<account>``, with the unit and role of the token."""

    recipient_id: str
    unit_id: str | None = None
    role: str | None = None


def person(account: str, unit_id: str | None = None, role: str | None = None) -> Owner:
    """The owner of one's own preferences."""
    return Owner(f"person/{account}", unit_id, role)


def unit(unit_id: str) -> Owner:
    """The owner of a unit's preferences."""
    return Owner(f"unit/{unit_id}", unit_id)


def store(
    database: Database, vault: Vault, owner: Owner, wanted: Preferences, now: datetime
) -> None:
    """Keep preferences in the place of earlier ones, whose key is destroyed."""
    key_id = f"recipient/{owner.recipient_id}/{uuid.uuid4()}"
    key = vault.obtain([key_id])[key_id]
    row = {
        "recipient_id": owner.recipient_id,
        "unit_id": owner.unit_id,
        "role": owner.role,
        "scope": wanted.scope,
        "language": wanted.language,
        "quiet_from": wanted.quiet.from_ if wanted.quiet else None,
        "quiet_to": wanted.quiet.to if wanted.quiet else None,
        "kinds": json.dumps({name: list(wish.kinds) for name, wish in wanted.channels.items()}),
        "key_id": key_id,
        "addresses": json.dumps(
            {name: seal_text(wish.address, key_id, key) for name, wish in wanted.channels.items()}
        ),
        "changed_at": now,
    }
    place = list(recipients.c.keys()).index("key_id")
    with database.begin() as db:
        before = database.fetch(db, recipients, "recipient_id", [owner.recipient_id], lock=True)
        database.write(db, recipients, [row])
    database.secure()
    if before:
        vault.destroy([found[place] for found in before], now)


def shown(db_rows: list[dict[str, Any]]) -> Shown | None:
    """What someone may see of kept preferences; ``None`` if there are none."""
    if not db_rows:
        return None
    (row,) = db_rows
    quiet = QuietHours(from_=row["quiet_from"], to=row["quiet_to"]) if row["quiet_from"] else None
    return Shown(
        recipient_id=row["recipient_id"],
        language=row["language"],
        scope=row["scope"],
        quiet=quiet,
        channels={name: tuple(kinds) for name, kinds in json.loads(row["kinds"]).items()},
        changed_at=row["changed_at"],
    )


def by_id(recipient_id: str) -> sa.Select[Any]:
    """The row of one recipient."""
    return sa.select(recipients).where(recipients.c.recipient_id == recipient_id)


def wants(row: Mapping[str, Any], channel: str, kind: str) -> bool:
    """Whether a recipient is to be told this by this channel."""
    return kind in json.loads(row["kinds"]).get(channel, ())


def quiet_until(row: Mapping[str, Any], now: datetime) -> datetime | None:
    """When a recipient's quiet hours end, if it is now within them."""
    if row["quiet_from"] is None or row["quiet_from"] == row["quiet_to"]:
        return None
    begin, end = time.fromisoformat(row["quiet_from"]), time.fromisoformat(row["quiet_to"])
    local = now.astimezone(SHANGHAI)
    at = local.time()
    within = begin <= at < end if begin < end else at >= begin or at < end
    if not within:
        return None
    day = local.date() if at < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, SHANGHAI)
