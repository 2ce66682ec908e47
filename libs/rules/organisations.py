"""The units of a city and who stands under whom. It assigns nothing and knows no person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class OrgType(StrEnum):
    """What a unit is (domain 3.3)."""

    PARTY_COMMITTEE = "party_committee"
    GOVERNMENT = "government"
    DEPARTMENT = "department"
    DISTRICT = "district"
    COUNTY = "county"
    FUNCTIONAL_ZONE = "functional_zone"
    STREET = "street"
    TOWN = "town"
    COMMUNITY = "community"
    VILLAGE = "village"
    PUBLIC_ENTERPRISE = "public_enterprise"
    CENTRAL_PROVINCIAL_UNIT = "central_provincial_unit"
    HOTLINE_BODY = "hotline_body"
    XINFANG_OFFICE = "xinfang_office"
    DISCIPLINE_ORGAN = "discipline_organ"
    REVIEW_ORGAN = "review_organ"


GRASSROOTS = frozenset({OrgType.STREET, OrgType.TOWN, OrgType.COMMUNITY, OrgType.VILLAGE})
"""Units that lead only what their duty list names: 国办函〔2025〕66号(五), guardrail G21."""

DISTRICTS = frozenset({OrgType.DISTRICT, OrgType.COUNTY, OrgType.FUNCTIONAL_ZONE})


@dataclass(frozen=True, slots=True)
class Organisation:
    """One unit. `adcode` is its territory: 6 digits for a city or district, 9 for a street or
    town; `lead_names` are the taxonomy's lead departments for which it answers there; `led_by` is
    an opaque id that units with the same leader share."""

    unit_id: str
    zh: str
    en: str
    type: OrgType
    adcode: str
    superior: str | None = None
    lead_names: tuple[str, ...] = ()
    phone: str = ""
    led_by: str = ""
    aliases: tuple[str, ...] = ()


class Organisations:
    """A version of a city's units. Built once; every question is a look-up.

    Raises `ValueError` for a unit that stands twice, or whose superior is unknown or circular.
    """

    def __init__(
        self,
        version: str,
        adcode: str,
        units: Iterable[Organisation],
        town_duties: Iterable[str] = (),
    ) -> None:
        self.version = version
        self.adcode = adcode
        self.town_duties = frozenset(town_duties)
        self._units: dict[str, Organisation] = {}
        for unit in units:
            if unit.unit_id in self._units:
                raise ValueError(f"unit {unit.unit_id} stands twice")
            self._units[unit.unit_id] = unit
        below: dict[str, set[str]] = {unit_id: set() for unit_id in self._units}
        self._above: dict[str, tuple[str, ...]] = {}
        for unit_id in self._units:
            above = self._superiors(unit_id)
            self._above[unit_id] = above
            for superior in above:
                below[superior].add(unit_id)
        self._below = {unit_id: frozenset(ids) for unit_id, ids in below.items()}
        self._territories: dict[str, Organisation] = {}
        self._answering: dict[tuple[str, str], Organisation] = {}
        for unit in self._units.values():
            if unit.type in DISTRICTS | GRASSROOTS:
                self._territories[unit.adcode] = unit
            if unit.type not in GRASSROOTS:
                for lead in unit.lead_names:
                    self._answering.setdefault((lead, unit.adcode), unit)

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
        """The units that must not see a report on this one: itself, all below it, and the units
        that share its leader with all below them (信访工作条例 Art. 30(3); guardrail G02)."""
        unit = self.unit(unit_id)
        closed = {unit_id} | self._below[unit_id]
        if unit.led_by:
            for other in self._units.values():
                if other.led_by == unit.led_by:
                    closed |= {other.unit_id} | self._below[other.unit_id]
        return frozenset(closed)

    def of_type(self, type: OrgType) -> tuple[Organisation, ...]:
        """All units of a type, in the order of the file."""
        return tuple(unit for unit in self._units.values() if unit.type is type)

    def territory(self, adcode: str) -> Organisation | None:
        """The district, county, zone, street or town with this code."""
        return self._territories.get(adcode)

    def territories(self) -> tuple[Organisation, ...]:
        """Every district, county, zone, street and town."""
        return tuple(self._territories.values())

    def answering(self, lead: str, adcode: str | None = None) -> Organisation | None:
        """The department that answers for a lead name in this very district, or, without an
        adcode, in the city. A street's code is read as its district's."""
        return self._answering.get((lead, adcode[:6] if adcode else self.adcode))

    def _superiors(self, unit_id: str) -> tuple[str, ...]:
        above: list[str] = []
        superior = self._units[unit_id].superior
        while superior is not None:
            if superior not in self._units:
                raise ValueError(f"unit {unit_id} stands under {superior}, which does not exist")
            if superior in above or superior == unit_id:
                raise ValueError(f"unit {unit_id} stands under itself")
            above.append(superior)
            superior = self._units[superior].superior
        return tuple(above)
