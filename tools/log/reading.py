"""Finds records in the log and reads them as far as can be. It decrypts nothing and moves nothing."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from libs.events.base import Recorded
from libs.events.catalog import NewerVersion
from libs.events.envelope import BadEnvelope, decode, read_attributes
from libs.log.partition import partition_of
from libs.log.port import Positions, Record
from libs.log.scan import Scan
from libs.vault.receipts import well_formed
from libs.vault.sealing import PREFIX

SEALED = "〔密〕"
REGISTERED = "intake.CaseRegistered"


class BadInput(Exception):
    """What was asked for cannot be; the words say why and what could be."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record, read without trust: what is missing or broken is empty."""

    record: Record
    type: str
    case_id: str
    at: datetime | None
    seq: str
    value: dict[str, Any]

    @property
    def owner(self) -> str:
        """Who states such records."""
        return self.type.partition(".")[0]

    @property
    def place(self) -> str:
        """Where it lies."""
        return f"{self.record.partition}:{self.record.offset}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records to show; ``None`` does not ask."""

    case_id: str | None = None
    type: str | None = None
    owner: str | None = None
    since: datetime | None = None

    def fits(self, found: Found) -> bool:
        """Whether a record is one of these."""
        return (
            self.case_id in (None, found.case_id)
            and (self.type is None or self.type in (found.type, found.type.partition(".")[2]))
            and self.owner in (None, found.owner)
            and (self.since is None or (found.at is not None and found.at >= self.since))
        )

    def partitions(self, ends: Positions) -> Positions:
        """The ends of those partitions alone in which such records can lie."""
        if self.case_id is None:
            return ends
        only = partition_of(self.case_id, len(ends))
        return {only: ends[only]}


def look_at(record: Record) -> Found:
    """Read what can be read of a record; it never raises."""
    headers = {name: (text or b"").decode("utf-8", "replace") for name, text in record.headers}
    key = (record.key or b"").decode("utf-8", "replace")
    at = headers.get("ce_recordedtime") or headers.get("ce_time", "")
    try:
        value = json.loads(record.value or b"")
    except ValueError:
        value = None
    return Found(
        record,
        headers.get("ce_type", ""),
        headers.get("ce_subject", key),
        _time(at),
        headers.get("ce_seq", ""),
        value if isinstance(value, dict) else {},
    )


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def masked(value: Any) -> Any:
    """The same value with a sign in place of every sealed word."""
    if isinstance(value, dict):
        return {name: masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return SEALED if isinstance(value, str) and value.startswith(PREFIX) else value


async def search(
    scan: Scan, topic: str, wanted: Wanted, start: Positions, ends: Positions
) -> AsyncIterator[Found]:
    """What fits between two positions, with a progress bar where a person watches."""
    until = wanted.partitions(ends)
    total = sum(max(0, end - start.get(p, 0)) for p, end in until.items())
    screen = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    hidden = not screen.is_terminal or total < 20_000
    with Progress(*columns, console=screen, transient=True, disable=hidden) as progress:
        task = progress.add_task(topic, total=total)
        async for batch in scan.read(topic, start, until):
            progress.advance(task, len(batch))
            for record in batch:
                found = look_at(record)
                if wanted.fits(found):
                    yield found


async def case_of(scan: Scan, topic: str, given: str) -> str:
    """The case that a case id or a receipt number names. Raises ``BadInput``."""
    if not given.upper().startswith("LX"):
        return given
    receipt_no = given.strip().upper()
    if not well_formed(receipt_no):
        raise BadInput(f"{given} is no receipt number: its check character does not fit.")
    ends = await scan.ends(topic)
    async for found in search(scan, topic, Wanted(type=REGISTERED), {}, ends):
        if found.value.get("receipt_no") == receipt_no:
            return found.case_id
    raise BadInput(f"No case in {topic} has the receipt number {receipt_no}.")


async def history_of(scan: Scan, topic: str, case_id: str) -> Sequence[Found | Recorded]:
    """All facts of a case in log order, each once; a record that cannot be read stays a ``Found``.

    Raises ``BadInput`` if there are none.
    """
    told: list[Found | Recorded] = []
    last: dict[str, int] = {}
    ends = await scan.ends(topic)
    async for found in search(scan, topic, Wanted(case_id=case_id), {}, ends):
        try:
            attributes = read_attributes(found.record.headers)
            recorded = decode(attributes, found.record.value or b"")
        except (BadEnvelope, NewerVersion, ValueError):
            told.append(found)
            continue
        if attributes.seq > last.get(attributes.owner, 0):  # sent twice is told once
            last[attributes.owner] = attributes.seq
            told.append(recorded)
    if not told:
        raise BadInput(f"There is no case {case_id} in {topic}.")
    return told
