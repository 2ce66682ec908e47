"""Territories, duty lists, and what becomes of a unit that is merged, split or dissolved."""

import dataclasses

import pytest

from libs.rules.catalogue import Basis, Catalogue
from libs.rules.city import expand_city, read_city
from libs.rules.mistakes import Mistakes
from libs.rules.organisations import (
    GRASSROOTS,
    Organisation,
    Organisations,
    OrgType,
    check_succession,
)
from libs.rules.place import find_place
from libs.rules.rules import shipped_rules
from libs.rules.shipped import read_shipped
from libs.rules.succession import Successor

RULES = shipped_rules()
UNITS = RULES.organisations
STREET, OTHER_STREET = "mc.yunxi.zhongyuan", "mc.yunxi.bailuqiao"


def unit(unit_id: str, **values: object) -> Organisation:
    base = Organisation(unit_id, unit_id, unit_id, OrgType.DEPARTMENT, "990100")
    return dataclasses.replace(base, **values)  # type: ignore[arg-type]


def city(*units: Organisation, drop: tuple[str, ...] = ()) -> Organisations:
    """The shipped city with some units in other words, and some more."""
    mine = {each.unit_id: each for each in units}
    kept = [mine.pop(each.unit_id, each) for each in UNITS if each.unit_id not in drop]
    return Organisations("t/2", UNITS.adcode, [*kept, *mine.values()], UNITS.town_duties, "mc.gov")


def dissolved(unit_id: str, *successors: Successor) -> Organisation:
    return dataclasses.replace(UNITS.unit(unit_id), dissolved=True, successors=successors)


def reasons(*units: Organisation) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        Organisations("t", "990100", units)
    return [mistake.reason for mistake in caught.value.all]


def test_the_short_description_of_the_city_expands_to_all_its_units() -> None:
    content = expand_city(read_shipped("cities/mingchuan"))
    assert (content["city"], content["government"], len(content["units"])) == (
        "mingchuan",
        "mc.gov",
        331,
    )
    street = next(each for each in content["units"] if each["id"] == "mc.yunxi.zhongyuan")
    assert street == {
        "id": "mc.yunxi.zhongyuan",
        "zh": "钟元街道",
        "en": "Zhongyuan Subdistrict",
        "type": "street",
        "adcodes": ["990102001"],
        "superior": "mc.yunxi",
        "led_by": "l-mc.yunxi.zhongyuan-1",
    }
    assert read_city(read_shipped("cities/mingchuan")).version == "mingchuan/1"


def test_a_unit_may_have_several_territories() -> None:
    units = city(dataclasses.replace(UNITS.unit("mc.yunxi.chengguan"), further=("990199",)))
    answering = units.answering("城管", "990199")
    assert answering is not None
    assert answering.unit_id == "mc.yunxi.chengguan"
    assert answering.adcodes == ("990102", "990199")


def test_two_living_units_never_have_one_place_or_answer_for_one_thing_there() -> None:
    first = unit("a", type=OrgType.DISTRICT, adcode="990102", lead_names=("城管",))
    assert reasons(first, dataclasses.replace(first, unit_id="b")) == [
        "990102 is the place of a already",
        "a answers for 城管 in 990102 already",
    ]


def test_a_street_may_lead_only_what_its_duty_list_names() -> None:
    assert UNITS.why_not(STREET, "1305") == ""
    assert "not on the duty list" in UNITS.why_not(STREET, "0106")
    with_a_list = city(dataclasses.replace(UNITS.unit(STREET), duties=("0106",)))
    assert with_a_list.why_not(STREET, "0106") == ""
    assert "not on the duty list" in with_a_list.why_not(STREET, "1305")


def test_a_village_leads_nothing_unless_its_own_list_says_so() -> None:
    village = unit("v", type=OrgType.VILLAGE, adcode="990102001201")
    units = city(village)
    assert "not on the duty list" in units.why_not("v", "1305")


def test_a_department_leads_anything_unless_it_has_a_list() -> None:
    assert UNITS.why_not("mc.chengguan", "0402") == ""
    with_a_list = city(dataclasses.replace(UNITS.unit("mc.chengguan"), duties=("0101",)))
    assert "not on the duty list" in with_a_list.why_not("mc.chengguan", "0402")


def test_the_catalogue_is_refused_if_the_one_who_answers_may_not_lead() -> None:
    units = city(dataclasses.replace(UNITS.unit("mc.chengguan"), duties=("0101",)))
    with pytest.raises(Mistakes, match=r"mc\.chengguan answers for 城管, but 0106 is not on"):
        Catalogue(RULES.taxonomy, units)


def test_a_district_department_whose_list_lacks_a_matter_leaves_it_to_the_city() -> None:
    units = city(dataclasses.replace(UNITS.unit("mc.yunxi.chengguan"), duties=("0101",)))
    catalogue = Catalogue(RULES.taxonomy, units)
    assert catalogue.route("0101", "990102").unit_id == "mc.yunxi.chengguan"
    assert catalogue.route("0106", "990102").unit_id == "mc.chengguan"


def test_what_a_merged_unit_had_goes_to_its_successor() -> None:
    units = city(dissolved("mc.yuanlin", Successor("mc.chengguan")))
    assert units.heir("mc.yuanlin", "0114") == "mc.chengguan"
    assert units.heir("mc.chengguan", "0114") == "mc.chengguan"
    assert "was dissolved; its successor is mc.chengguan" in units.why_not("mc.yuanlin", "0114")
    assert Catalogue(RULES.taxonomy, units).route("0114").unit_id == "mc.chengguan"


def test_a_split_unit_has_one_heir_for_each_category_and_the_last_for_the_rest() -> None:
    units = city(
        dissolved(
            "mc.chengguan",
            Successor("mc.shuiwu", categories=("0105", "0107")),
            Successor("mc.gongan", categories=("02",)),
            Successor("mc.zhujian"),
        )
    )
    heirs = {code: units.heir("mc.chengguan", code) for code in ("0105", "0207", "0106")}
    assert heirs == {"0105": "mc.shuiwu", "0207": "mc.gongan", "0106": "mc.zhujian"}
    assert units.heir("mc.chengguan") == "mc.zhujian"


def test_a_split_by_territory_follows_the_place() -> None:
    units = city(
        dissolved(
            "mc.chengguan",
            Successor("mc.shuiwu", adcodes=("990102",)),
            Successor("mc.zhujian", adcodes=("990103",), categories=("0106",)),
            Successor("mc.yuanlin"),
        )
    )
    assert units.heir("mc.chengguan", "0106", "990102003") == "mc.shuiwu"
    assert units.heir("mc.chengguan", "0106", "990103") == "mc.zhujian"
    assert units.heir("mc.chengguan", "0101", "990103") == "mc.yuanlin"
    assert units.heir("mc.chengguan", "0106") == "mc.yuanlin"


def test_succession_goes_on_through_a_chain() -> None:
    units = city(
        dissolved("mc.yuanlin", Successor("mc.chengguan")),
        dissolved("mc.chengguan", Successor("mc.zhujian")),
    )
    assert units.heir("mc.yuanlin", "0114") == "mc.zhujian"


def test_every_matter_of_every_place_still_has_a_living_unit_after_a_merger() -> None:
    units = city(
        dissolved("mc.yunxi.chengguan", Successor("mc.yunxi.zhujian")),
        dissolved("mc.yuanlin", Successor("mc.chengguan")),
        dissolved(STREET, Successor(OTHER_STREET)),
    )
    catalogue = Catalogue(RULES.taxonomy, units)
    for leaf in RULES.taxonomy.leaves:
        for place in (None, *(each.adcode for each in units.territories())):
            found = units.unit(catalogue.route(leaf.code, place).unit_id)
            assert not found.dissolved
            assert found.type not in GRASSROOTS or leaf.code in units.town_duties


def test_a_merged_streets_name_is_still_a_place_and_its_matters_go_to_the_other_street() -> None:
    units = city(dissolved(STREET, Successor(OTHER_STREET)))
    place = units.territory("990102001")
    assert place is not None
    assert place.unit_id == OTHER_STREET
    route = Catalogue(RULES.taxonomy, units).route("1305", "990102001")
    assert (route.unit_id, route.basis) == (OTHER_STREET, Basis.DUTY_LIST)


def test_a_name_means_the_living_street_that_has_it_and_else_the_dissolved_one() -> None:
    merged = dissolved(STREET, Successor(OTHER_STREET))
    assert find_place("钟元街道路灯不亮", city(merged)) == "990102001"
    renamed = dataclasses.replace(UNITS.unit(OTHER_STREET), zh="钟元街道")
    assert find_place("钟元街道路灯不亮", city(merged, renamed)) == "990102002"
    new = dataclasses.replace(renamed, unit_id="a.new", adcode="990102099")
    assert find_place("钟元街道路灯不亮", city(new, merged)) == "990102099"


def test_a_street_that_takes_over_anothers_code_has_it() -> None:
    taken = dataclasses.replace(UNITS.unit(OTHER_STREET), further=("990102001",))
    units = city(dissolved(STREET, Successor(OTHER_STREET)), taken)
    place = units.territory("990102001")
    assert place is not None
    assert place.unit_id == OTHER_STREET


def test_what_a_living_unit_has_taken_over_does_not_go_to_the_heir_of_the_dissolved_one() -> None:
    third = dataclasses.replace(UNITS.unit("mc.yunxi.hepu"), further=("990102001",))
    parks = dataclasses.replace(UNITS.unit("mc.shuiwu"), lead_names=("水务", "园林"))
    units = city(
        dissolved(STREET, Successor(OTHER_STREET)),
        dissolved("mc.yuanlin", Successor("mc.chengguan")),
        third,
        parks,
    )
    place, answering = units.territory("990102001"), units.answering("园林")
    assert place is not None
    assert answering is not None
    assert (place.unit_id, answering.unit_id) == ("mc.yunxi.hepu", "mc.shuiwu")


def test_an_unknown_street_of_a_known_district_is_read_as_the_district() -> None:
    route = RULES.catalogue.route("0106", "990102999")
    assert route.unit_id == "mc.yunxi.chengguan"


def test_a_report_on_a_dissolved_unit_never_reaches_its_successors() -> None:
    units = city(
        dissolved(
            "mc.yunxi.chengguan",
            Successor("mc.yunxi.shichang", categories=("0101",)),
            Successor("mc.yunxi.gongan"),
        )
    )
    closed = units.conflict_closure("mc.yunxi.chengguan")
    assert {"mc.yunxi.shichang", "mc.yunxi.gongan", "mc.yunxi.jiaoguan"} <= closed


def test_a_succession_that_leads_nowhere_is_refused() -> None:
    to_b = (Successor("b"),)
    assert reasons(unit("a", dissolved=True)) == [
        "a is dissolved and names no successor (信访工作条例 Art. 24)"
    ]
    assert reasons(unit("a", successors=to_b), unit("b")) == [
        "a has successors but is not dissolved"
    ]
    assert reasons(unit("a", dissolved=True, successors=to_b)) == ["there is no unit b"]


def test_a_circle_of_successions_is_refused() -> None:
    found = reasons(
        unit("a", dissolved=True, successors=(Successor("b"),)),
        unit("b", dissolved=True, successors=(Successor("a"),)),
    )
    assert found == ["a succeeds itself", "b succeeds itself"]


def test_a_split_that_leaves_something_without_an_heir_is_refused() -> None:
    only_some = (Successor("b", categories=("0101",)),)
    assert reasons(unit("a", dissolved=True, successors=only_some), unit("b")) == [
        "the last successor of a must have the rest: no categories, no adcodes"
    ]
    twice = (Successor("b"), Successor("c"))
    assert reasons(unit("a", dissolved=True, successors=twice), unit("b"), unit("c")) == [
        "b has all of a, so those after it have nothing"
    ]


def test_what_departments_do_is_not_handed_down_to_a_street_with_a_succession() -> None:
    with pytest.raises(Mistakes, match="may go on only with what its duty list names"):
        city(dissolved("mc.yunxi.chengguan", Successor(STREET)))
    units = city(
        dissolved(
            "mc.yunxi.chengguan",
            Successor(STREET, categories=("1305",)),
            Successor("mc.yunxi.zhujian"),
        )
    )
    assert units.heir("mc.yunxi.chengguan", "1305") == STREET


def test_nobody_living_stands_under_a_dissolved_unit() -> None:
    with pytest.raises(
        Mistakes, match=r"mc\.yunxi\.jiaoguan stands under mc\.yunxi\.gongan, which"
    ):
        city(dissolved("mc.yunxi.gongan", Successor("mc.yunxi.sifa")))


def test_an_edition_that_drops_a_unit_is_refused_by_its_name() -> None:
    with pytest.raises(Mistakes, match=r"mc\.tiyu \(明川市体育局\) is gone"):
        check_succession(UNITS, city(drop=("mc.tiyu",)))
    check_succession(UNITS, city(dissolved("mc.tiyu", Successor("mc.wenlv"))))


def test_a_unit_may_have_a_discipline_organ_of_its_own() -> None:
    organ = unit("mc.yunxi.jiwei", type=OrgType.DISCIPLINE_ORGAN, adcode="990102")
    district = dataclasses.replace(UNITS.unit("mc.yunxi"), discipline="mc.yunxi.jiwei")
    units = city(dataclasses.replace(organ, superior="mc.jiwei"), district)
    catalogue = Catalogue(RULES.taxonomy, units)
    assert catalogue.route("1602", subject="mc.yunxi.chengguan").unit_id == "mc.yunxi.jiwei"
    assert catalogue.route("1602", subject="mc.liuhu").unit_id == "mc.jiwei"
    assert catalogue.route("1602", subject="mc.yunxi.jiwei").unit_id == "mc.jiwei"
    assert reasons(unit("a", discipline="b"), unit("b"))[0] == "b is no discipline organ here"


def test_all_mistakes_are_told_at_once_with_their_rows() -> None:
    with pytest.raises(Mistakes) as caught:
        Organisations("t", "1", [unit("a", superior="x"), unit("b", superior="y"), unit("b")])
    assert str(caught.value) == (
        "entry 1 (a), column superior: unit a stands under x, which does not exist\n"
        "entry 2 (b), column superior: unit b stands under y, which does not exist\n"
        "entry 3 (b), column id: unit b stands twice"
    )
