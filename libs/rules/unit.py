"""One unit of a city: what it is, where, and for what. Who stands under whom is not said here."""

from dataclasses import dataclass
from enum import StrEnum

from libs.rules.succession import Successor


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

TOWNS = frozenset({OrgType.STREET, OrgType.TOWN})

DISTRICTS = frozenset({OrgType.DISTRICT, OrgType.COUNTY, OrgType.FUNCTIONAL_ZONE})


@dataclass(frozen=True, slots=True)
class Organisation:
    """One unit.

    `adcode` is its territory: 6 digits for a city or district, 9 for a street or town; `further`
    are more of them. `lead_names` are the taxonomy's lead departments for which it answers there.
    `duties` are the only categories that it may lead, if it names any (权责清单、履职清单).
    `led_by` is a leading post; units with the same one are close. `discipline` is the discipline
    organ for reports on it. A dissolved unit stays, with those that go on in its stead.
    """

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
    further: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    discipline: str = ""
    dissolved: bool = False
    successors: tuple[Successor, ...] = ()

    @property
    def adcodes(self) -> tuple[str, ...]:
        """Its whole territory."""
        return (self.adcode, *self.further)
