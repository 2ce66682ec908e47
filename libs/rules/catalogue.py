"""The dispatch catalogue (派单目录): which unit a matter belongs to. It assigns nothing itself."""

from dataclasses import dataclass

from libs.rules.organisations import Organisations, OrgType
from libs.rules.states import Word
from libs.rules.taxonomy import OTHER, Leaf, Taxonomy


class Basis(Word):
    """Why a unit is the one; stated with the assignment and shown to the dispatcher."""

    DISTRICT = "district", "派单目录：区级部门", "Catalogue: the district's department"
    MUNICIPAL = "municipal", "派单目录：市级部门", "Catalogue: the municipal department"
    DUTY_LIST = "duty_list", "履职清单：街道（乡镇）", "Duty list of the street or town"
    POOL = "pool", "派单会商", "The hotline body's pool"
    DISCIPLINE = "discipline", "按管理权限转纪检监察机关", "To the discipline organ"
    ORGANISATION = "organisation", "按管理权限转组织人事部门", "To the organisation department"
    NOT_TO_SUBJECT = "not_to_subject", "不转被反映单位", "Not to the unit concerned"


@dataclass(frozen=True, slots=True)
class Route:
    """The unit that should lead a matter, and on what basis."""

    unit_id: str
    basis: Basis


class Catalogue:
    """Leads for every leaf of a taxonomy and every place of a city.

    Raises `ValueError` when the city has no unit for a lead that the taxonomy names.
    """

    def __init__(self, taxonomy: Taxonomy, organisations: Organisations) -> None:
        self._taxonomy = taxonomy
        self._units = organisations
        orphans = sorted({e.lead for e in taxonomy.leaves if not organisations.answering(e.lead)})
        if orphans:
            raise ValueError(f"no municipal unit answers for: {', '.join(orphans)}")
        self._hotline = self._answering("热线管理机构")
        self._discipline = [self._answering("纪检监察")]
        for unit in organisations.of_type(OrgType.DISCIPLINE_ORGAN):
            if unit.unit_id not in self._discipline:
                self._discipline.append(unit.unit_id)  # the province's, for reports on the city's
        self._municipal = {leaf.code: self._in_city(leaf) for leaf in taxonomy.leaves}
        self._local: dict[tuple[str, str], Route] = {}
        for place in organisations.territories():
            for leaf in taxonomy.leaves:
                if route := self._at(leaf, place.adcode):
                    self._local[leaf.code, place.adcode] = route

    def route(self, leaf_code: str, adcode: str | None = None, subject: str | None = None) -> Route:
        """The unit for a leaf and a place; always one, for any adcode.

        The district's department of the right kind if there is one for the place, else the
        municipal one. A street or town leads only what its duty list names (G21). Restricted
        leaves go by their flag to the discipline organ, the organisation department or the hotline
        body. `subject` is the unit that the matter is about: the route then never leads to it, to
        one below it, or to one with the same leader (G02; 信访工作条例 Art. 30(3)).
        Raises `ValueError` for a leaf or a subject that does not exist.
        """
        found = self._local.get((leaf_code, adcode)) if adcode else None
        if found is None:
            leaf = self._taxonomy.leaf(leaf_code)
            found = self._municipal[leaf.code]
        return found if subject is None else self._around(found, leaf_code, subject)

    def _in_city(self, leaf: Leaf) -> Route:
        match leaf.restricted:
            case "discipline":
                return Route(self._discipline[0], Basis.DISCIPLINE)
            case "organisation":
                return Route(self._answering(leaf.lead), Basis.ORGANISATION)
            case "":
                basis = Basis.POOL if leaf.code == OTHER else Basis.MUNICIPAL
                return Route(self._answering(leaf.lead), basis)
            case _:
                return Route(self._hotline, Basis.NOT_TO_SUBJECT)

    def _at(self, leaf: Leaf, adcode: str) -> Route | None:
        if leaf.restricted or leaf.code == OTHER:
            return None
        if leaf.code in self._units.town_duties and len(adcode) > 6:
            town = self._units.territory(adcode)
            assert town is not None
            return Route(town.unit_id, Basis.DUTY_LIST)
        unit = self._units.answering(leaf.lead, adcode)
        return Route(unit.unit_id, Basis.DISTRICT) if unit else None

    def _around(self, found: Route, leaf_code: str, subject: str) -> Route:
        closed = self._units.conflict_closure(subject)
        leaf = self._taxonomy.leaf(leaf_code)
        if found.unit_id not in closed and leaf.lead != "上级单位":
            return found
        above = self._units.superiors(subject)
        discipline = leaf.restricted in ("discipline", "organisation")
        for unit_id in self._discipline if discipline else (*above, *self._discipline):
            if unit_id not in closed:
                return Route(unit_id, Basis.DISCIPLINE if discipline else Basis.NOT_TO_SUBJECT)
        raise ValueError(f"no unit known here may receive a matter about {subject}")

    def _answering(self, lead: str) -> str:
        unit = self._units.answering(lead)
        if unit is None:
            raise ValueError(f"no municipal unit answers for: {lead}")
        return unit.unit_id
