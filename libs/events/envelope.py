"""CloudEvents 1.0 in Kafka's binary mode: attributes in headers, the fact alone in the value.

Nothing here reads or writes; it turns a ``Recorded`` into bytes and back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from libs.events.base import Recorded
from libs.events.catalog import load

Headers = tuple[tuple[str, bytes], ...]
SCHEMA = "urn:lianxin:event:"
LARGEST_SEQ = 2**31 - 1


class BadEnvelope(ValueError):
    """The headers are not those of an event; the words name the header."""


@dataclass(slots=True, eq=False)
class Attributes:
    """The headers of a record, read and checked, before the value is decoded."""

    event_id: str
    type: str
    version: int
    case_id: str
    seq: int
    recorded_at: datetime
    correlation_id: str
    causation_id: str
    cause_partition: int | None
    cause_offset: int | None
    traceparent: str | None
    owner: str
    """The service that stated the fact."""
    recorded: Recorded | None = None
    """The whole, once it was decoded."""


def to_headers(recorded: Recorded) -> Headers:
    """The CloudEvents headers of a record. The value is ``event.model_dump_json()``."""
    event = recorded.event
    type_ = event.type()
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", recorded.event_id.encode()),
        ("ce_type", type_.encode()),
        ("ce_source", b"/" + event.owner().encode()),
        ("ce_subject", event.case_id.encode()),
        ("ce_time", iso(event.occurred_at).encode()),
        ("ce_dataschema", f"{SCHEMA}{type_}:{event.version}".encode()),
        ("content-type", b"application/json"),
        ("ce_recordedtime", iso(recorded.recorded_at).encode()),
        ("ce_seq", str(recorded.seq).encode()),
        ("ce_correlationid", recorded.correlation_id.encode()),
        ("ce_causationid", recorded.causation_id.encode()),
    ]
    if recorded.cause_partition is not None:
        headers.append(("ce_causepartition", str(recorded.cause_partition).encode()))
        headers.append(("ce_causeoffset", str(recorded.cause_offset).encode()))
    if recorded.traceparent is not None:
        headers.append(("traceparent", recorded.traceparent.encode()))
    return tuple(headers)


def iso(at: datetime) -> str:
    """UTC with microseconds and ``Z``: one width, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_attributes(
    headers: Sequence[tuple[str, bytes | None]] | dict[str, str | None],
) -> Attributes:
    """Check the headers of a record, as they are or as texts by their names.

    Raises ``BadEnvelope`` naming the first header that is missing or not what it should be.
    """
    got = headers if isinstance(headers, dict) else dict(headers)
    try:
        type_, version, owner = _type_of(_text(got, "ce_dataschema"))
        if _text(got, "ce_type") != type_:
            raise BadEnvelope("ce_type does not match ce_dataschema")
        caused = "ce_causepartition" in got
        seq = _number(got, "ce_seq")
        if not 1 <= seq <= LARGEST_SEQ:
            raise BadEnvelope(f"ce_seq counts from 1 to {LARGEST_SEQ}")
        return Attributes(
            event_id=_text(got, "ce_id"),
            type=type_,
            version=version,
            case_id=_text(got, "ce_subject"),
            seq=seq,
            recorded_at=datetime.fromisoformat(_text(got, "ce_recordedtime")),
            correlation_id=_text(got, "ce_correlationid"),
            causation_id=_text(got, "ce_causationid"),
            cause_partition=_number(got, "ce_causepartition") if caused else None,
            cause_offset=_number(got, "ce_causeoffset") if caused else None,
            traceparent=_text(got, "traceparent") if "traceparent" in got else None,
            owner=owner,
        )
    except BadEnvelope:
        raise
    except ValueError as error:
        raise BadEnvelope(str(error)) from error


@lru_cache(maxsize=1024)
def _type_of(schema: str) -> tuple[str, int, str]:
    """Type, version and owner of an event, from the name of its schema."""
    type_, _, version = schema.removeprefix(SCHEMA).rpartition(":")
    if not schema.startswith(SCHEMA) or not _is_number(version) or int(version) < 1:
        raise BadEnvelope("ce_dataschema is not one of ours")
    return type_, int(version), type_.partition(".")[0]


def decode(attributes: Attributes, value: bytes) -> Recorded:
    """The whole record. Raises ``NewerVersion``, ``UnknownType`` or ``ValueError``.

    ``value`` is that of the record whose attributes they are. Events are immutable, so services in one
    process that hear the same record share one: it is decoded for the first of them.
    """
    if attributes.recorded is None:
        attributes.recorded = _decoded(attributes, value)
    return attributes.recorded


def _decoded(attributes: Attributes, value: bytes) -> Recorded:
    event = load(attributes.type, attributes.version, value)
    if event.case_id != attributes.case_id:
        raise BadEnvelope("ce_subject does not name the case of the value")
    return Recorded(
        event_id=attributes.event_id,
        event=event,
        seq=attributes.seq,
        recorded_at=attributes.recorded_at,
        correlation_id=attributes.correlation_id,
        causation_id=attributes.causation_id,
        cause_partition=attributes.cause_partition,
        cause_offset=attributes.cause_offset,
        traceparent=attributes.traceparent,
    )


def _text(headers: Mapping[str, str | bytes | None], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise BadEnvelope(f"{name} is missing")
    return value if isinstance(value, str) else value.decode()


def _is_number(text: str) -> bool:
    """Digits as we write them, of a number that a column can hold; other scripts' digits are none."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _number(headers: Mapping[str, str | bytes | None], name: str) -> int:
    text = _text(headers, name)
    if not _is_number(text):
        raise BadEnvelope(f"{name} is not a number")
    return int(text)
