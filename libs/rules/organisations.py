"""The units of a city and who stands under whom. It assigns nothing and knows no person."""

from collections.abc import Iterable, Iterator

from libs.rules.mistakes import Mistake, Mistakes
from libs.rules.succession import Successor, heir, heirs, wrong_succession
from libs.rules.unit import DISTRICTS, GRASSROOTS, TOWNS, Organisation, OrgType

__all__ = [
    "DISTRICTS",
    "GRASSROOTS",
    "TOWNS",
    "OrgType",
    "Organisation",
    "Organisations",
    "check_succession",
]


class Organisations:
    """A version of a city's units. Built once; every question is a look-up.

    Raises `Mistakes`, which is a `ValueError`, for a unit that stands twice, whose superior is
    unknown, dissolved or circular, two units for one place, and a succession that leads nowhere.
    """

    def __init__(
        self,
        version: str,
        adcode: str,
        units: Iterable[Organisation],
        town_duties: Iterable[str] = (),
        government: str = "",
    ) -> None:
        self.version = version
        self.adcode = adcode
        self.town_duties = frozenset(town_duties)
        self.government = government
        listed = tuple(units)
        self._units = {unit.unit_id: unit for unit in listed}
        self._successions = {
            unit.unit_id: unit.successors for unit in listed if unit.dissolved and unit.successors
        }
        self._above = {unit_id: tuple(self._superiors(unit_id)) for unit_id in self._units}
        if wrong := list(self._wrong(listed)):
            raise Mistakes(wrong)
        below: dict[str, set[str]] = {unit_id: set() for unit_id in self._units}
        for unit_id, above in self._above.items():
            for superior in above:
                below[superior].add(unit_id)
        self._below = {unit_id: frozenset(ids) for unit_id, ids in below.items()}
        self._territories: dict[str, Organisation] = {}
        self._answering: dict[tuple[str, str], Organisation] = {}
        # What a living unit has taken over is its own; the dissolved ones have what is left.
        for unit in sorted(listed, key=lambda unit: unit.dissolved):
            for place in unit.adcodes:
                if unit.type in DISTRICTS | GRASSROOTS:
                    self._territories.setdefault(place, unit)
                if unit.type not in GRASSROOTS:
                    for lead in unit.lead_names:
                        self._answering.setdefault((lead, place), unit)

    def unit(self, unit_id: str) -> Organisation:
        """The unit with this id; `ValueError` if the city has none."""
        try:
            return self._units[unit_id]
        except KeyError:
            raise ValueError(f"there is no unit {unit_id}") from None

    def __contains__(self, unit_id: object) -> bool:
        return unit_id in self._units

    def __iter__(self) -> Iterator[Organisation]:
        return iter(self._units.values())

    def __len__(self) -> int:
        return len(self._units)

    def superiors(self, unit_id: str) -> tuple[str, ...]:
        """The units above, the nearest first."""
        self.unit(unit_id)
        return self._above[unit_id]

    def subordinates(self, unit_id: str) -> frozenset[str]:
        """All units below, at any depth, without the unit itself."""
        self.unit(unit_id)
        return self._below[unit_id]

    def within(self, unit_id: str, ancestor_id: str) -> bool:
        """Whether a unit is the other one or stands below it."""
        return unit_id == ancestor_id or unit_id in self.subordinates(ancestor_id)

    def conflict_closure(self, unit_id: str) -> frozenset[str]:
        """The units that must not see a report on this one: itself, all below it, the units that
        share its leader, its successors, since its people may be there now, and all below these
        (信访工作条例 Art. 30(3); guardrail G02)."""
        close = {self.unit(unit_id).unit_id} | heirs(unit_id, self._successions)
        leaders = {self._units[each].led_by for each in close} - {""}
        close |= {other.unit_id for other in self if other.led_by in leaders}
        return frozenset(close).union(*(self._below[each] for each in close))

    def heir(self, unit_id: str, category: str | None = None, adcode: str | None = None) -> str:
        """The unit that has a matter of this one now: itself, or, if it was dissolved, who goes on
        with this category at this place (信访工作条例 Art. 24). `ValueError` if unknown."""
        return heir(self.unit(unit_id).unit_id, category, adcode, self._successions)

    def predecessors(self, unit_id: str) -> frozenset[str]:
        """The dissolved units of whose matters some passed to this one, at any remove."""
        self.unit(unit_id)
        return frozenset(old for old in self._successions if unit_id in heirs(old, self._successions))

    def why_not(self, unit_id: str, category: str) -> str:
        """Why a unit cannot lead a matter, in words, or nothing if it can.

        A dissolved unit leads nothing. A street, town, community or village leads only what its
        duty list names (国办函〔2025〕66号(五); G21), and so does another unit that has a list.
        """
        unit = self.unit(unit_id)
        if unit.dissolved:
            return f"{unit_id} was dissolved; its successor is {self.heir(unit_id, category)}"
        if not self._is_duty(unit, category):
            return f"{category} is not on the duty list of {unit_id}"
        return ""

    def _is_duty(self, unit: Organisation, category: str) -> bool:
        if unit.type in TOWNS and not unit.duties:
            return category in self.town_duties
        return category in unit.duties or not (unit.duties or unit.type in GRASSROOTS)

    def discipline(self, unit_id: str) -> str:
        """The discipline organ for reports on a unit: its own or its superiors'; "" if none says."""
        for each in (unit_id, *self.superiors(unit_id)):
            if organ := self._units[each].discipline:
                return self.heir(organ)
        return ""

    def of_type(self, type: OrgType) -> tuple[Organisation, ...]:
        """All units of a type, in the order of the file."""
        return tuple(unit for unit in self._units.values() if unit.type is type)

    def territory(self, adcode: str) -> Organisation | None:
        """The district, county, zone, street or town with this code; who took it over, if the
        one that had it was dissolved."""
        unit = self._territories.get(adcode)
        return self._units[self.heir(unit.unit_id, None, adcode)] if unit else None

    def territories(self) -> tuple[Organisation, ...]:
        """Every district, county, zone, street and town, dissolved ones too: people go on to
        use their names."""
        return tuple(unit for unit in self if unit.type in DISTRICTS | GRASSROOTS)

    def place(self, adcode: str) -> str | None:
        """The smallest known place that a code lies in; None outside the city's districts."""
        lengths = (length for length in (12, 9, 6) if length <= len(adcode))
        return next((adcode[:n] for n in lengths if adcode[:n] in self._territories), None)

    def has(self, adcode: str) -> bool:
        """Whether a place lies in this city, known by name or not: its code begins as the city's does."""
        whole = self.adcode
        while whole.endswith("00"):
            whole = whole[:-2]
        return adcode.startswith(whole)

    def answering(
        self, lead: str, adcode: str | None = None, category: str | None = None
    ) -> Organisation | None:
        """The department that answers for a lead name in this very district, or, without an
        adcode, in the city. A street's code is read as its district's. For a unit that was
        dissolved, its heir."""
        place = adcode[:6] if adcode else self.adcode
        unit = self._answering.get((lead, place))
        return self._units[self.heir(unit.unit_id, category, adcode)] if unit else None

    def _superiors(self, unit_id: str) -> Iterator[str]:
        seen = {unit_id}
        superior = self._units[unit_id].superior
        while superior in self._units and superior not in seen:
            yield superior
            seen.add(superior)
            superior = self._units[superior].superior

    def _wrong(self, listed: tuple[Organisation, ...]) -> Iterator[Mistake]:
        if self.government and self.government not in self._units:
            yield Mistake(f"there is no unit {self.government}", "government")
        seen: set[str] = set()
        places: dict[str, str] = {}
        answering: dict[tuple[str, str], str] = {}
        for row, unit in enumerate(listed):
            twice = unit.unit_id in seen
            seen.add(unit.unit_id)
            found = [("id", f"unit {unit.unit_id} stands twice")] if twice else []
            if not twice:
                found += self._wrong_superior(unit)
                found += self._wrong_successors(unit)
            if not unit.dissolved:
                found += _wrong_claims(unit, places, answering)
            for column, reason in found:
                yield Mistake(reason, column, row, unit.unit_id)

    def _wrong_superior(self, unit: Organisation) -> Iterator[tuple[str, str]]:
        id, superior = unit.unit_id, unit.superior
        if superior is not None and superior not in self._units:
            yield "superior", f"unit {id} stands under {superior}, which does not exist"
        elif superior is not None:
            top = self._above[id][-1] if self._above[id] else id
            if self._units[top].superior in (id, *self._above[id]):
                yield "superior", f"unit {id} stands under itself"
            if self._units[superior].dissolved and not unit.dissolved:
                yield "superior", f"unit {id} stands under {superior}, which was dissolved"
        if unit.discipline:
            organ = self._units.get(unit.discipline)
            if organ is None or organ.type is not OrgType.DISCIPLINE_ORGAN:
                yield "discipline", f"{unit.discipline} is no discipline organ here"

    def _wrong_successors(self, unit: Organisation) -> Iterator[tuple[str, str]]:
        reasons = wrong_succession(unit.unit_id, unit.successors, unit.dissolved, self._successions)
        yield from (("successors", reason) for reason in reasons)
        for successor in unit.successors:
            other = self._units.get(successor.unit)
            if other is None:
                yield "successors", f"there is no unit {successor.unit}"
            elif unit.type is OrgType.DISCIPLINE_ORGAN is not other.type:
                # Reports on officials would pass to who may be reported (信访工作条例 Art. 30(3); G02).
                reason = f"{other.unit_id} is no discipline organ, as {unit.unit_id} was"
                yield "successors", reason
            elif unit.type not in GRASSROOTS and not self._may_inherit(other, successor):
                reason = f"{other.unit_id} may go on only with what its duty list names"
                yield "successors", reason

    def _may_inherit(self, heir: Organisation, successor: Successor) -> bool:
        """What departments do is not handed to the grassroots with a succession (66号文(五))."""
        named = successor.categories
        duties = bool(named) and all(self._is_duty(heir, category) for category in named)
        return heir.type not in GRASSROOTS or duties


def _wrong_claims(
    unit: Organisation, places: dict[str, str], answering: dict[tuple[str, str], str]
) -> Iterator[tuple[str, str]]:
    """Two living units that are both the one for a place, or for a lead name there."""
    for adcode in unit.adcodes:
        if unit.type in DISTRICTS | GRASSROOTS:
            first = places.setdefault(adcode, unit.unit_id)
            if first != unit.unit_id:
                yield "adcodes", f"{adcode} is the place of {first} already"
        if unit.type not in GRASSROOTS:
            for lead in unit.lead_names:
                first = answering.setdefault((lead, adcode), unit.unit_id)
                if first != unit.unit_id:
                    yield "leads", f"{first} answers for {lead} in {adcode} already"


def check_succession(old: Organisations, new: Organisations) -> None:
    """Raises `Mistakes` with each unit of the edition before that the new one drops.

    A unit that ends stays, dissolved, with its successors: its cases need one
    (信访工作条例 Art. 24).
    """
    dropped = [unit for unit in old if unit.unit_id not in new]
    if dropped:
        raise Mistakes(
            Mistake(
                f"unit {unit.unit_id} ({unit.zh}) is gone; keep it as dissolved, with successors",
                "id",
            )
            for unit in dropped
        )
