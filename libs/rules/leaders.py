"""The leading posts of a city, by office and without names. It ranks and scores nobody."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from libs.rules.mistakes import Mistake, Mistakes
from libs.rules.organisations import Organisations
from libs.rules.states import Word


class Level(Word):
    """The rank of a post. It says how many difficult cases are the post's own (领导包案)."""

    CITY = "city", "市级", "City"
    COUNTY = "county", "县级", "County"
    SECTION = "section", "科级", "Section"


@dataclass(frozen=True, slots=True)
class Leader:
    """One post. `units` are those it leads; whoever holds it is known to the token's issuer only."""

    id: str
    zh: str
    en: str
    level: Level
    units: tuple[str, ...] = ()


class Leaders:
    """A version of a city's posts. Raises `Mistakes` for a post that stands twice and for one
    that leads a unit which the city does not have."""

    def __init__(self, leaders: Iterable[Leader], organisations: Organisations) -> None:
        self._units = organisations
        self._leaders: dict[str, Leader] = {}
        self._leading: dict[str, list[Leader]] = {}
        wrong: list[Mistake] = []
        for row, leader in enumerate(leaders):
            if leader.id in self._leaders:
                wrong.append(Mistake(f"{leader.id} stands twice", "id", row, leader.id))
            if leader.id in organisations:  # a report names its subject by one id
                wrong.append(Mistake(f"{leader.id} is a unit's id", "id", row, leader.id))
            self._leaders[leader.id] = leader
            for unit_id in leader.units:
                if unit_id not in organisations:
                    wrong.append(Mistake(f"there is no unit {unit_id}", "units", row, leader.id))
                self._leading.setdefault(unit_id, []).append(leader)
        if wrong:
            raise Mistakes(wrong)

    def leader(self, leader_id: str) -> Leader:
        """The post with this id; `ValueError` if the city has none."""
        try:
            return self._leaders[leader_id]
        except KeyError:
            raise ValueError(f"there is no leading post {leader_id}") from None

    def __contains__(self, leader_id: object) -> bool:
        return leader_id in self._leaders

    def __iter__(self) -> Iterator[Leader]:
        return iter(self._leaders.values())

    def __len__(self) -> int:
        return len(self._leaders)

    def leading(self, unit_id: str) -> tuple[Leader, ...]:
        """The posts that lead a unit, in the order of the list."""
        return tuple(self._leading.get(unit_id, ()))

    def of_level(self, level: Level) -> tuple[Leader, ...]:
        """All posts of a rank."""
        return tuple(leader for leader in self if leader.level is level)

    def led(self, leader_id: str) -> tuple[str, ...]:
        """The units that a post leads, by its own entry or by theirs (`led_by`)."""
        heads = (unit.unit_id for unit in self._units if unit.led_by == leader_id)
        return tuple(dict.fromkeys([*self.leader(leader_id).units, *heads]))

    def conflict_closure(self, leader_id: str) -> frozenset[str]:
        """The units that must not see a report on who holds this post: all that the post leads,
        what stands below them, and their successors (信访工作条例 Art. 30(3); guardrail G02)."""
        return frozenset().union(*map(self._units.conflict_closure, self.led(leader_id)))

    def check_heads(self) -> None:
        """Raises `Mistakes` for each living unit whose `led_by` is no post of this list."""
        wrong = [
            Mistake(f"there is no leading post {unit.led_by}", "led_by", row, unit.unit_id)
            for row, unit in enumerate(self._units)
            if unit.led_by and unit.led_by not in self and not unit.dissolved
        ]
        if wrong:
            raise Mistakes(wrong)


def read_leaders(content: Mapping[str, Any]) -> tuple[Leader, ...]:
    """The posts from the content of an edition, which was checked for its shape."""
    return tuple(
        Leader(e["id"], e["zh"], e["en"], Level(e["level"]), tuple(e.get("units", ())))
        for e in content["leaders"]
    )
