"""The released shapes and samples of events: files that are only ever added. It changes none.

A file is released once ``libs/events/schemas/released.sha256`` names it.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from libs.events.base import Event
from libs.events.catalog import CATALOG, UPCASTS
from libs.events.envelope import SCHEMA, BadEnvelope, decode, read_attributes
from tools.schemas.samples import sample_of
from tools.schemas.shape import Change, Verdict, changes

SCHEMAS = Path("libs/events/schemas")
SAMPLES = Path("tests/events/samples")
SUMS = SCHEMAS / "released.sha256"
NAME = re.compile(r"(?P<type>[a-z]+\.\w+)\.v(?P<version>[1-9]\d*)\.json")
WRITE = "run: python -m tools.schemas write, and commit what it adds"


class Refused(Exception):
    """Something released was changed; the message says what, and what to do instead."""


def schema_of(type_: str, event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event as it is written down; fields' titles are left out as noise."""
    schema = _without_titles(event.model_json_schema())
    name = f"{SCHEMA}{type_}:{event.version}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": name, **schema}


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in schema.items():
        if name in ("properties", "$defs"):
            found[name] = {key: _without_titles(inner) for key, inner in value.items()}
        elif name == "anyOf":
            found[name] = [_without_titles(inner) for inner in value]
        elif name == "items":
            found[name] = _without_titles(value)
        elif name != "title":
            found[name] = value
    return found


def versions_released(root: Path) -> dict[str, list[int]]:
    """The versions of each type whose schema was released."""
    found: dict[str, list[int]] = {}
    for path in _sums(root):
        match = NAME.fullmatch(Path(path).name)
        if match and Path(path).parent == SCHEMAS:
            found.setdefault(match["type"], []).append(int(match["version"]))
    return {type_: sorted(versions) for type_, versions in sorted(found.items())}


def problems(root: Path) -> list[str]:
    """What keeps the events of today from being released; empty if nothing does."""
    return changed_since_release(root) + _not_released(root)


def changed_since_release(root: Path) -> list[str]:
    """What was released and is not, or is not read, as it was. No ``write`` may pass over these."""
    found = _edited_files(root)
    if found:
        return found
    released = versions_released(root)
    found += [
        f"{type_} is new and says version {new.version}: begin with 1."
        for type_, new in CATALOG.items()
        if new.version > 1 and type_ not in released
    ]
    for type_, versions in released.items():
        event = CATALOG.get(type_)
        if versions != list(range(1, versions[-1] + 1)):
            found.append(f"{SUMS} names of {type_} only versions {versions}: put the others back.")
            continue
        if event is None:
            found.append(
                f"{type_} was released, and no class is called so: it was renamed, moved or "
                "removed. Put it back, for the log holds such events; a new meaning is a new type "
                "beside it."
            )
            continue
        if event.version < versions[-1]:
            found.append(
                f"{type_} was released as version {versions[-1]}, and its class says "
                f"{event.version}. A version only grows: put it back."
            )
            continue
        found += _steps(root, type_, event, versions)
        found += _unread_samples(root, type_, versions)
    return found


def write(root: Path) -> list[str]:
    """Add schema and sample of every version that was not released; the names of the new files.

    Raises ``Refused`` and adds nothing if anything released was changed.
    """
    wrong = changed_since_release(root)
    if wrong:
        raise Refused("\n".join(wrong))
    sums, added = _sums(root), []
    for type_, event in sorted(CATALOG.items()):
        schema = json.dumps(schema_of(type_, event), ensure_ascii=False, indent=2) + "\n"
        for path, text in (
            (_path(SCHEMAS, type_, event.version), schema),
            (_path(SAMPLES, type_, event.version), sample_of(type_, event)),
        ):
            if path.as_posix() not in sums:
                _put(root / path, text)
                sums[path.as_posix()] = hashlib.sha256(text.encode()).hexdigest()
                added.append(path.as_posix())
    if added:  # last: what was cut off before it is not released, and is written again
        _put(root / SUMS, "".join(f"{sum_}  {path}\n" for path, sum_ in sorted(sums.items())))
    return added


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".part")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _path(folder: Path, type_: str, version: int) -> Path:
    return folder / f"{type_}.v{version}.json"


def _sums(root: Path) -> dict[str, str]:
    path = root / SUMS
    lines = path.read_text().splitlines() if path.exists() else []
    return {name: sum_ for sum_, name in (line.split("  ", 1) for line in lines)}


def _edited_files(root: Path) -> list[str]:
    back = f"It was released and never changes: git checkout -- {{}} . To change an event, {WRITE}."
    found = []
    for name, sum_ in _sums(root).items():
        path = root / name
        if not path.exists():
            found.append(f"{name} is gone. {back.format(name)}")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sum_:
            found.append(f"{name} was edited. {back.format(name)}")
    return found


def _steps(root: Path, type_: str, event: type[Event], versions: list[int]) -> list[str]:
    """Whether each version follows from the one before, and the class is as its version says."""
    shapes = {
        version: json.loads((root / _path(SCHEMAS, type_, version)).read_text(encoding="utf-8"))
        for version in versions
    }
    today, last, found = schema_of(type_, event), versions[-1], list[str]()
    if event.version == last:
        for change in changes(shapes[last], today):
            found.append(_refusal(type_, last, change))
        return found
    if event.version > last + 1:
        return [f"{type_} jumps from version {last} to {event.version}: take {last + 1}."]
    if (type_, last) in UPCASTS:  # its author says how the old is read; the samples try it
        return []
    return [
        _refusal(type_, last, change)
        for change in changes(shapes[last], today)
        if change.verdict is Verdict.NEVER
    ]


def _refusal(type_: str, version: int, change: Change) -> str:
    if change.verdict is Verdict.NEW_VERSION:
        advice = f"Set `version: ClassVar[int] = {version + 1}` in its class, then {WRITE}."
    else:
        advice = (
            "Put it back: an event is added to, never changed. A new field has a default; a new "
            f"meaning is a new type; another shape needs version {version + 1} and an upcaster "
            f'in libs/events/catalog.py, UPCASTS["{type_}", {version}].'
        )
    return f"{type_} version {version} was released: {change}. {advice}"


def _unread_samples(root: Path, type_: str, versions: list[int]) -> list[str]:
    found = []
    for version in versions:
        path = _path(SAMPLES, type_, version)
        try:
            stored = json.loads((root / path).read_text(encoding="utf-8"))
            headers = [(name, text.encode()) for name, text in stored["headers"].items()]
            decode(read_attributes(headers), json.dumps(stored["value"]).encode())
        except (BadEnvelope, ValueError, OSError, KeyError) as error:
            why = " ".join(str(error).split())
            found.append(f"{type_} version {version} can no longer be read ({path}): {why}")
    return found


def _not_released(root: Path) -> list[str]:
    released = versions_released(root)
    return [
        f"{type_} version {event.version} is not released yet: {WRITE}."
        for type_, event in sorted(CATALOG.items())
        if event.version not in released.get(type_, [])
    ]
