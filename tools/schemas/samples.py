"""Makes up one stored record per event type, the same each time. It takes nothing from a case."""

import json
import random
import string
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from libs.events.base import Event, Recorded
from libs.events.envelope import to_headers

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SEALED_PATTERN = "^lx1"
LIKE_REAL: Mapping[str, Any] = {
    "actor": {"id": "clerk-7", "role": "unit_clerk", "org": "mc.chengguan", "on_behalf_of": None},
    "decided_with": {
        "policy": "cn-generic-2026/1",
        "calendar": "CN-GOV/2026.1",
        "taxonomy": "2026-11-21",
        "organisations": "mingchuan/1",
    },
    "adcode": "510104",
    "org": "mc.chengguan",
    "owner_org": "mc.chengguan",
    "addressee": "mc.chengguan",
    "timer": "HANDLE",
    "catalogue_basis": "district",
    "receipt_no": "LX0429617358O",
    "channel": "web_portal",
    "kind": "K3",
    "category": "0101",
    "sla_class": "G",
}
"""What a reader of the samples would stumble over if it were made up."""


def sample_of(type_: str, event: type[Event]) -> str:
    """Headers and value of one record of this type, every field filled, as the text of a file."""
    random_ = random.Random(f"{type_}.v{event.version}")
    schema = event.model_json_schema()
    value = _value(schema, schema, "", random_)
    case_id = str(uuid.UUID(int=random_.getrandbits(128), version=5))
    value |= {"case_id": case_id, "occurred_at": MORNING.isoformat()}
    recorded = Recorded(
        event_id=str(uuid.UUID(int=random_.getrandbits(128), version=5)),
        event=event.model_validate(value),
        seq=random_.randrange(1, 9),
        recorded_at=MORNING + timedelta(milliseconds=40),
        correlation_id=case_id,
        causation_id=f"request-{random_.randrange(1000)}",
        cause_partition=random_.randrange(6),
        cause_offset=random_.randrange(100_000),
        traceparent=f"00-{random_.getrandbits(128):032x}-{random_.getrandbits(64):016x}-01",
    )
    stored = {
        "headers": {name: text.decode() for name, text in to_headers(recorded)},
        "value": json.loads(recorded.event.model_dump_json()),
    }
    return json.dumps(stored, ensure_ascii=False, indent=2) + "\n"


def _value(schema: Mapping[str, Any], root: Mapping[str, Any], name: str, r: random.Random) -> Any:
    free = "enum" not in schema and not schema.get("pattern", "").startswith(SEALED_PATTERN)
    if name in LIKE_REAL and free:
        return LIKE_REAL[name]
    if "$ref" in schema:
        return _value(root["$defs"][schema["$ref"].rpartition("/")[2]], root, name, r)
    if "anyOf" in schema:
        filled = [branch for branch in schema["anyOf"] if branch.get("type") != "null"]
        return _value(filled[0], root, name, r)
    if "enum" in schema or "const" in schema:
        return r.choice(schema.get("enum") or [schema["const"]])
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {field: _value(inner, root, field, r) for field, inner in fields.items()}
        case "array" if "prefixItems" in schema:
            return [_value(inner, root, name, r) for inner in schema["prefixItems"]]
        case "array":
            return [_value(schema["items"], root, name, r) for _ in range(2)]
        case "boolean":
            return r.random() < 0.5
        case "integer":
            low = schema.get("minimum", 0)
            return r.randint(low, schema.get("maximum", low + 3))
        case "number":
            return round(r.random(), 2)
        case "string":
            return _text(schema, name, r)
    raise ValueError(f"no sample can be made up for {name}: {dict(schema)}")


def _text(schema: Mapping[str, Any], name: str, r: random.Random) -> str:
    if schema.get("format") == "date-time":
        return (MORNING + timedelta(hours=r.randrange(1, 400))).isoformat()
    if schema.get("pattern", "").startswith(SEALED_PATTERN):
        letters = string.ascii_letters + string.digits + "-_"
        return "lx1." + "".join(r.choice(letters) for _ in range(64))
    return f"{name.replace('_', '-') or 'code'}-{r.randrange(1000)}"
