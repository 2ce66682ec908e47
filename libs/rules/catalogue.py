"""The dispatch catalogue (派单目录): which unit a matter belongs to. It assigns nothing itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from libs.rules.leaders import Leaders
from libs.rules.mistakes import Mistake, Mistakes
from libs.rules.organisations import GRASSROOTS, Organisations, OrgType
from libs.rules.states import Word
from libs.rules.taxonomy import OTHER, Leaf, Taxonomy


class Basis(Word):
    """Why a unit is the one; stated with the assignment and shown to the dispatcher."""

    LISTED = "listed", "派单目录：专门条目", "Catalogue: an entry of its own"
    DISTRICT = "district", "派单目录：区级部门", "Catalogue: the district's department"
    MUNICIPAL = "municipal", "派单目录：市级部门", "Catalogue: the municipal department"
    DUTY_LIST = "duty_list", "履职清单：街道（乡镇）", "Duty list of the street or town"
    POOL = "pool", "派单会商", "The hotline body's pool"
    MAILBOX = "mailbox", "来信所写单位信箱", "The unit whose mailbox was written to"
    DISCIPLINE = "discipline", "按管理权限转纪检监察机关", "To the discipline organ"
    ORGANISATION = "organisation", "按管理权限转组织人事部门", "To the organisation department"
    NOT_TO_SUBJECT = "not_to_subject", "不转被反映单位", "Not to the unit concerned"


@dataclass(frozen=True, slots=True)
class Item:
    """One published entry: who leads a category at a place (without an adcode: everywhere), by
    what law, and whether the order goes straight to the unit (工单直派)."""

    category: str
    unit: str
    basis: str
    adcode: str = ""
    direct: bool = False


def read_items(content: Mapping[str, Any]) -> tuple[Item, ...]:
    """The entries of an edition of the catalogue, which was checked for its shape."""
    return tuple(Item(**entry) for entry in content["items"])


@dataclass(frozen=True, slots=True)
class Route:
    """The unit that should lead a matter, and on what basis. `law` is the text of the published
    entry that says so, if one does; `direct` is 工单直派."""

    unit_id: str
    basis: Basis
    law: str = ""
    direct: bool = False


class Catalogue:
    """Leads for every leaf of a taxonomy and every place of a city.

    Published `items` stand before what the taxonomy's lead and the place give. `older` are
    leaves of older editions, for the cases that have them.

    Raises `Mistakes`, which is a `ValueError`, when the city has no unit for a lead that the
    taxonomy names, when that unit's duty list lacks the leaf, and for an item that names what
    does not exist, gives a street what it may not lead (G21), or stands twice for a place.
    """

    def __init__(
        self,
        taxonomy: Taxonomy,
        organisations: Organisations,
        items: Iterable[Item] = (),
        older: Iterable[Leaf] = (),
        leaders: Leaders | None = None,
    ) -> None:
        self._units = organisations
        self._leaders = leaders
        self._leaves = {leaf.code: leaf for leaf in (*older, *taxonomy.leaves)}
        self._version = taxonomy.version
        self._items: dict[tuple[str, str], Item] = {}
        self._found: dict[tuple[str, str], Route] = {}
        orphans = sorted({e.lead for e in taxonomy.leaves if not organisations.answering(e.lead)})
        if orphans:
            raise Mistakes([Mistake(f"no municipal unit answers for: {', '.join(orphans)}")])
        self._hotline = self._answering("热线管理机构")
        self._discipline = [self._answering("纪检监察")]
        for unit in organisations.of_type(OrgType.DISCIPLINE_ORGAN):
            if unit.unit_id not in self._discipline and not unit.dissolved:
                self._discipline.append(unit.unit_id)  # the province's, for reports on the city's
        wrong = [*self._wrong_leads(taxonomy), *self._wrong_items(tuple(items))]
        if wrong:
            raise Mistakes(wrong)

    def route(self, leaf_code: str, adcode: str | None = None, subject: str | None = None) -> Route:
        """The unit for a leaf and a place; always one, for any adcode.

        The published entry for the most exact place, else the district's department of the right
        kind if there is one for the place, else the municipal one. A street or town leads only
        what its duty list names (G21). Restricted leaves go by their flag to the discipline organ,
        the organisation department or the hotline body. A unit that was dissolved stands for its
        heir. `subject` is the unit or the leading post that the matter is about: the route then
        never leads to it, to one below it, or to one with the same leader (G02; 信访工作条例
        Art. 30(3)). Raises `ValueError` for a leaf or a subject that does not exist.
        """
        found = self._found.get((leaf_code, adcode or "")) or self._place(leaf_code, adcode or "")
        return found if subject is None else self._around(found, leaf_code, subject)

    def _place(self, leaf_code: str, adcode: str) -> Route:
        """Looked up once for each leaf and known place, so that hostile codes are not kept."""
        place = self._units.place(adcode) or ""
        if (leaf_code, place) not in self._found:
            self._found[leaf_code, place] = self._find(self._leaf(leaf_code), place)
        return self._found[leaf_code, place]

    def _leaf(self, code: str) -> Leaf:
        try:
            return self._leaves[code]
        except KeyError:
            raise ValueError(f"taxonomy {self._version} has no category {code}") from None

    def _find(self, leaf: Leaf, place: str) -> Route:
        return self._listed(leaf, place) or self._at(leaf, place) or self._in_city(leaf)

    def _listed(self, leaf: Leaf, place: str) -> Route | None:
        for adcode in (place, place[:9], place[:6], ""):
            if item := self._items.get((leaf.code, adcode)):
                unit_id = self._units.heir(item.unit, leaf.code, place or None)
                return Route(unit_id, Basis.LISTED, item.basis, item.direct)
        return None

    def _in_city(self, leaf: Leaf) -> Route:
        match leaf.restricted:
            case "discipline":
                return Route(self._discipline[0], Basis.DISCIPLINE)
            case "organisation":
                return Route(self._answering(leaf.lead), Basis.ORGANISATION)
            case "":
                unit = self._units.answering(leaf.lead, category=leaf.code)
                if unit is None or leaf.code == OTHER:  # a retired leaf may have lost its lead
                    return Route(unit.unit_id if unit else self._hotline, Basis.POOL)
                return Route(unit.unit_id, Basis.MUNICIPAL)
            case _:
                return Route(self._hotline, Basis.NOT_TO_SUBJECT)

    def _at(self, leaf: Leaf, place: str) -> Route | None:
        if leaf.restricted or leaf.code == OTHER or not place:
            return None
        if len(place) > 6:
            town = self._units.territory(place)
            if town is not None and self._has_duty(town.unit_id, leaf.code):
                return Route(town.unit_id, Basis.DUTY_LIST)
        unit = self._units.answering(leaf.lead, place, leaf.code)
        if unit is None or self._units.why_not(unit.unit_id, leaf.code):
            return None
        return Route(unit.unit_id, Basis.DISTRICT)

    def _has_duty(self, unit_id: str, category: str) -> bool:
        grassroots = self._units.unit(unit_id).type in GRASSROOTS
        return grassroots and not self._units.why_not(unit_id, category)

    def _wrong_leads(self, taxonomy: Taxonomy) -> Iterator[Mistake]:
        for leaf in taxonomy.leaves:
            unit = self._units.answering(leaf.lead, category=leaf.code)
            if unit and (why := self._units.why_not(unit.unit_id, leaf.code)):
                yield Mistake(f"{unit.unit_id} answers for {leaf.lead}, but {why}")

    def _wrong_items(self, items: tuple[Item, ...]) -> Iterator[Mistake]:
        for row, item in enumerate(items):
            id = f"{item.category}@{item.adcode}" if item.adcode else item.category
            adcode = "" if item.adcode == self._units.adcode else item.adcode
            first = self._items.setdefault((item.category, adcode), item)
            if first is not item:
                reason = f"{first.unit} stands for {item.category} at this place already"
                yield Mistake(reason, "category", row, id)
            for column, reason in self._wrong_item(item, adcode):
                yield Mistake(reason, column, row, id)

    def _wrong_item(self, item: Item, adcode: str) -> Iterator[tuple[str, str]]:
        leaf = self._leaves.get(item.category)
        if leaf is None:
            yield "category", f"taxonomy {self._version} has no category {item.category}"
        elif leaf.restricted:
            yield "category", f"{item.category} goes by its restriction, never by an entry (G02)"
        if adcode and self._units.territory(adcode) is None:
            yield "adcode", f"there is no place {adcode}"
        if item.unit not in self._units:
            yield "unit", f"there is no unit {item.unit}"
            return
        unit_id = self._units.heir(item.unit, item.category, adcode or None)
        if why := self._units.why_not(unit_id, item.category):
            yield "unit", why

    def _closed(self, subject: str) -> frozenset[str]:
        if self._leaders is not None and subject in self._leaders:
            return self._leaders.conflict_closure(subject)
        return self._units.conflict_closure(subject)

    def _concerned(self, subject: str) -> tuple[str, ...]:
        if self._leaders is not None and subject in self._leaders:
            return self._leaders.led(subject)
        return (subject,)

    def _around(self, found: Route, leaf_code: str, subject: str) -> Route:
        closed = self._closed(subject)
        leaf = self._leaf(leaf_code)
        discipline = leaf.restricted in ("discipline", "organisation")
        own = [o for u in self._concerned(subject) if (o := self._units.discipline(u))]
        if leaf.restricted == "discipline" and own and own[0] not in closed:
            return Route(own[0], Basis.DISCIPLINE)
        if found.unit_id not in closed and leaf.lead != "上级单位":
            return found
        above = [s for u in self._concerned(subject) for s in self._units.superiors(u)]
        for unit_id in self._discipline if discipline else (*above, *self._discipline):
            if unit_id not in closed and not self._units.unit(unit_id).dissolved:
                return Route(unit_id, Basis.DISCIPLINE if discipline else Basis.NOT_TO_SUBJECT)
        raise ValueError(f"no unit known here may receive a matter about {subject}")

    def _answering(self, lead: str) -> str:
        unit = self._units.answering(lead)
        if unit is None:
            raise ValueError(f"no municipal unit answers for: {lead}")
        return unit.unit_id
