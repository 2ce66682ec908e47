"""Which place follows which policy pack, from which day. It knows no limits and no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from libs.rules.mistakes import Mistake
from libs.rules.policy import PolicyPack
from libs.rules.states import Track


@dataclass(frozen=True, slots=True)
class Adoption:
    """A place takes a pack for the cases that start from a day on.

    ``adcode`` is the place and all within it: ``330100`` stands for the city with its districts,
    ``""`` for everywhere. Without ``track`` it holds for every procedure. ``policy_id`` names no version: the
    newest one in force on the day a case starts is meant. ``ValueError`` names a field that is none.
    """

    adcode: str
    track: str | None
    policy_id: str
    effective_from: date

    def __post_init__(self) -> None:
        if self.adcode and not (self.adcode.isascii() and self.adcode.isdecimal()):
            raise ValueError(f"adcode: digits, or nothing for everywhere, not {self.adcode[:40]}")
        if len(self.adcode) > 12:
            raise ValueError(f"adcode: twelve digits at most, not {self.adcode[:40]}")
        if self.track is not None and self.track not in {track.value for track in Track}:
            there = ", ".join(track.value for track in Track)
            raise ValueError(f"track: there is no {self.track[:40]}; there are: {there}")

    def __str__(self) -> str:
        what = f"track {self.track}" if self.track else "every track"
        return (
            f"{self.adcode or 'everywhere'}, {what}, from {self.effective_from}: {self.policy_id}"
        )


def read_adoptions(content: Mapping[str, Any]) -> tuple[Adoption, ...]:
    """The adoptions of a published content; `ValueError` names a field that is none."""
    return tuple(
        Adoption(
            adcode=str(entry.get("adcode", "")),
            track=entry.get("track"),
            policy_id=str(entry["policy_id"]),
            effective_from=date.fromisoformat(str(entry["effective_from"])),
        )
        for entry in content["adoptions"]
    )


@lru_cache(maxsize=4096)
def within(adcode: str) -> str:
    """What all codes within a place begin with: ``3301`` for the city 330100 (GB/T 2260, GB/T 10114)."""
    while len(adcode) > 6 and adcode.endswith("000"):
        adcode = adcode[:-3]
    while len(adcode) <= 6 and len(adcode) % 2 == 0 and adcode.endswith("00"):
        adcode = adcode[:-2]
    return adcode


def adopted(
    adoptions: Iterable[Adoption],
    packs: Mapping[str, PolicyPack],
    adcode: str | None,
    track: str,
    on: date,
) -> PolicyPack | None:
    """The pack for a case that starts there, then; none if no adoption holds.

    The smallest place goes first, then an adoption that names the track, then the latest day. One
    whose pack has no version in force yet on that day is passed over.
    """
    found: list[tuple[int, bool, date, str, PolicyPack]] = []
    for adoption in adoptions:
        prefix = within(adoption.adcode)
        if (
            adoption.effective_from <= on
            and (adcode or "").startswith(prefix)
            and adoption.track in (None, track)
            and (pack := in_force(adoption.policy_id, packs, on)) is not None
        ):
            exact = adoption.track is not None
            found.append((len(prefix), exact, adoption.effective_from, pack.id, pack))
    return max(found, key=lambda entry: entry[:4])[-1] if found else None


def in_force(policy_id: str, packs: Mapping[str, PolicyPack], on: date) -> PolicyPack | None:
    """The highest version of a pack that holds on a day, if any does."""
    versions = [p for p in packs.values() if p.id == policy_id and p.effective_from <= on]
    return max(versions, key=lambda pack: pack.version, default=None)


def adoption_mistakes(
    adoptions: Sequence[Adoption], packs: Mapping[str, PolicyPack]
) -> list[Mistake]:
    """What is wrong with a list of adoptions: packs that are not there, and two that say different things
    of the same place, track and day."""
    there = sorted({pack.id for pack in packs.values()})
    found = []
    said: dict[tuple[str, str | None, date], Adoption] = {}
    for row, adoption in enumerate(adoptions):
        if adoption.policy_id not in there:
            reason = f"there is no policy pack {adoption.policy_id}; there are: {', '.join(there)}"
            found.append(Mistake(reason, "policy_id", row))
        key = within(adoption.adcode), adoption.track, adoption.effective_from
        first = said.setdefault(key, adoption)
        if first.policy_id != adoption.policy_id:
            found.append(Mistake(f"({adoption}) contradicts ({first})", row=row))
    return found
