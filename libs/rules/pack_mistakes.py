"""What is wrong with a policy pack's content, as paths and reasons. It reads no file and builds no pack."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from libs.rules.mistakes import Path, dotted
from libs.rules.scale import LEVELS
from libs.rules.states import SlaClass

NEVER_AUTOMATIC = frozenset({"E", "R", "X"})
"""Emergencies, referrals and petitions: a human dispatches them (domain 5, G09)."""
DIRECT = frozenset({"E", "U"})
"""What a published entry may send straight to a unit (工单直派): what is urgent, and nothing else."""
LONGEST = {"wd": 90, "cd": 180, "bh": 720, "h": 4_320}
"""Twice what law gives at most is doubted: 45 working days (令20号), 90 days (信访工作条例 Art. 34, with its
extension, and the time until a hold is looked at again), and the same in hours."""
HIGHEST_TARGET = 0.98
"""A higher target of satisfaction is doubted (国办函〔2025〕66号: no unrealistic targets)."""


def whole_pack(
    content: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """A pack's content with what it leaves out, from the packs that it ``extends``, by id.

    Raises ``ValueError`` naming a pack that is not there or a circle.
    """
    whole, chain = dict(content), [str(content.get("id"))]
    while "extends" in whole:
        name = whole.pop("extends")
        if name in chain:
            raise ValueError(f"extends: {' -> '.join([*chain, str(name)])} goes in a circle")
        if not isinstance(name, str) or name not in others:
            there = ", ".join(sorted(others)) or "none"
            raise ValueError(f"extends: there is no policy pack {name}; there are: {there}")
        chain.append(name)
        whole = laid_over(others[name], whole)
    return whole


def laid_over(base: Any, data: Any) -> Any:
    """``data`` with the keys it lacks taken from ``base``; a limit replaces a limit as a whole."""
    if not (isinstance(base, Mapping) and isinstance(data, Mapping)) or _is_limit(data):
        return data
    return {**base, **{key: laid_over(base.get(key), value) for key, value in data.items()}}


def field_mistakes(error: ValidationError) -> list[tuple[Path, str]]:
    """What Pydantic found, without its jargon. What a pack says against itself is not repeated."""
    found: list[tuple[Path, str]] = []
    for mistake in error.errors(include_url=False, include_context=False, include_input=False):
        path = tuple(part for part in mistake["loc"] if part != "[key]")
        match mistake["type"]:
            case "extra_forbidden":
                found.append((path, "no such key in a policy pack"))
            case "missing":
                found.append((path, "is missing"))
            case _ if path:
                found.append((path, mistake["msg"].removeprefix("Value error, ")))
    return found


def misplaced(content: Mapping[str, Any], name: str, highest: int) -> Iterator[tuple[Path, str]]:
    """Why a content is not the next version of the pack of this name; it takes any, however wrong its types."""
    if isinstance(content.get("id"), str) and content["id"] != name:
        yield ("id",), f"this is {name}, and its content says otherwise"
    version = content.get("version")
    if isinstance(version, int) and not isinstance(version, bool) and 1 <= version <= highest:
        yield ("version",), f"version {version} must be higher than {highest}"


def contradictions(content: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """What a pack says against itself or the law; it takes any content, however wrong its types."""
    classes = content.get("sla_classes")
    if isinstance(classes, Mapping):
        missing = [c.value for c in SlaClass if c.value not in classes]
        if missing:
            yield ("sla_classes",), f"no limits for {', '.join(missing)}"
    yield from (
        ((*path, "source"), "names no law or decision") for path in _without_source(content, ())
    )
    amber, red = (_inner(content, "warn", name) for name in ("amber_at", "red_at"))
    if isinstance(amber, int | float) and isinstance(red, int | float) and amber >= red:
        yield ("warn", "amber_at"), "amber comes before red"
    scale, levels = (_inner(content, "evaluation", name) for name in ("scale", "levels"))
    known = LEVELS.get(scale) if isinstance(scale, str) else None
    if known is not None and isinstance(levels, Sequence) and set(map(str, levels)) != set(known):
        yield ("evaluation", "levels"), f"{scale} has the levels {', '.join(known)}"
    automatic = _inner(content, "auto_dispatch", "classes")
    if isinstance(automatic, Sequence):
        forbidden = sorted(str(c) for c in automatic if isinstance(c, str) and c in NEVER_AUTOMATIC)
        if forbidden:
            yield ("auto_dispatch", "classes"), f"a human dispatches {', '.join(forbidden)} (G09)"
    direct = _inner(content, "auto_dispatch", "direct")
    if isinstance(direct, Sequence):
        other = sorted(str(c) for c in direct if isinstance(c, str) and c not in DIRECT)
        if other:
            yield ("auto_dispatch", "direct"), f"only E and U go straight, not {', '.join(other)}"


def _without_source(content: Any, path: Path) -> Iterator[Path]:
    """The limits that do not say by what they hold: the citizen is shown it."""
    if not isinstance(content, Mapping):
        return
    if _is_limit(content):
        if not str(content.get("source") or "").strip():
            yield path
        return
    for key, value in content.items():
        yield from _without_source(value, (*path, str(key)))


def _unusual(content: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Limits that are longer than any that law or standard gives."""
    if not isinstance(content, Mapping):
        return
    if not _is_limit(content):
        for key, value in content.items():
            yield from _unusual(value, (*path, str(key)))
        return
    for unit, most in LONGEST.items():
        given = content.get(unit)
        if isinstance(given, int | float) and given > most:
            yield (*path, unit), f"{given:g} is over {most}: no law or standard known here gives as much"


def doubts(content: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """What is allowed but should be thought about again before it is published."""
    yield from _unusual(content, ())
    target = _inner(content, "targets", "satisfaction")
    if isinstance(target, int | float) and target > HIGHEST_TARGET:
        reason = f"{target:.1%} is over {HIGHEST_TARGET:.0%}: 国办函〔2025〕66号 asks for no unrealistic targets"
        yield ("targets", "satisfaction"), reason


def told_doubts(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The same, ``path: reason``."""
    return tuple(f"{dotted(path)}: {reason}" for path, reason in doubts(content))


def told(name: str, mistakes: Iterable[tuple[Path, str]]) -> str:
    """Mistakes, one a line, under the pack's name."""
    return "\n".join([f"policy pack {name}", *(f"{dotted(path)}: {why}" for path, why in mistakes)])


def _inner(content: Mapping[str, Any], part: str, name: str) -> Any:
    found = content.get(part)
    return found.get(name) if isinstance(found, Mapping) else None


def _is_limit(data: Mapping[str, Any]) -> bool:
    """Times, and the cap on exclusions: a part that says by what it holds, and is replaced with it."""
    return bool({"wd", "cd", "bh", "h", "cap"} & set(data))
