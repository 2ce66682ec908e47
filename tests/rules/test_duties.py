"""Where a unit is, what it may lead by its duty list, and which discipline organ is its own."""

import dataclasses

import pytest

from libs.rules.catalogue import Catalogue
from libs.rules.city import expand_city, read_city
from libs.rules.mistakes import Mistakes
from libs.rules.organisations import Organisation, Organisations, OrgType
from libs.rules.rules import shipped_rules
from libs.rules.shipped import read_shipped

RULES = shipped_rules()
UNITS = RULES.organisations
STREET = "mc.yunxi.zhongyuan"


def unit(unit_id: str, **values: object) -> Organisation:
    base = Organisation(unit_id, unit_id, unit_id, OrgType.DEPARTMENT, "990100")
    return dataclasses.replace(base, **values)  # type: ignore[arg-type]


def city(*units: Organisation) -> Organisations:
    """The shipped city with some units in other words, and some more."""
    mine = {each.unit_id: each for each in units}
    kept = [mine.pop(each.unit_id, each) for each in UNITS]
    return Organisations("t/2", UNITS.adcode, [*kept, *mine.values()], UNITS.town_duties, "mc.gov")


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


def test_an_unknown_street_of_a_known_district_is_read_as_the_district() -> None:
    route = RULES.catalogue.route("0106", "990102999")
    assert route.unit_id == "mc.yunxi.chengguan"


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
