"""The taxonomy, the city's units, and the dispatch catalogue over both."""

import pytest

from libs.rules.catalogue import Basis, Catalogue
from libs.rules.organisations import GRASSROOTS, Organisation, Organisations, OrgType
from libs.rules.rules import shipped_rules
from libs.rules.states import SlaClass
from libs.rules.taxonomy import Field, Leaf, Taxonomy

RULES = shipped_rules()
TAXONOMY, UNITS, CATALOGUE = RULES.taxonomy, RULES.organisations, RULES.catalogue
PLACES = [None, "990100", "510114", *(unit.adcode for unit in UNITS.territories())]
RESTRICTED = [leaf.code for leaf in TAXONOMY.leaves if leaf.restricted]


def unit(unit_id: str, superior: str | None = None, led_by: str = "") -> Organisation:
    return Organisation(unit_id, unit_id, unit_id, OrgType.DEPARTMENT, "1", superior, led_by=led_by)


def test_the_taxonomy_has_19_fields_and_128_leaves() -> None:
    assert (len(TAXONOMY.fields), len(TAXONOMY.leaves)) == (19, 128)


def test_a_leaf_knows_its_field_its_class_and_who_else_is_concerned() -> None:
    leaf = TAXONOMY.leaf("0106")
    assert (leaf.zh, leaf.sla, leaf.lead) == ("随意焚烧垃圾、秸秆", SlaClass.U, "城管")
    assert leaf.concerned == ("生态环境", "农业农村")
    assert TAXONOMY.field("0106").zh == "城市管理"


def test_exactly_the_leaves_about_conduct_are_restricted() -> None:
    assert RESTRICTED == ["1601", "1602", "1603", "1604", "1605"]
    assert TAXONOMY.is_restricted("1602")
    assert not TAXONOMY.is_restricted("0106")


def test_a_category_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="4711"):
        TAXONOMY.leaf("4711")
    assert "4711" not in TAXONOMY


def test_a_taxonomy_with_a_code_twice_or_a_stray_leaf_is_refused() -> None:
    leaf = Leaf("0101", "01", "甲", "A", SlaClass.G, "城管")
    with pytest.raises(ValueError, match="stands twice"):
        Taxonomy("t", [Field("01", "城", "C")], [leaf, leaf])
    with pytest.raises(ValueError, match="without a field"):
        Taxonomy("t", [], [leaf])


def test_the_city_has_eight_districts_and_counties_one_zone_and_their_streets() -> None:
    by_type = {type: len(UNITS.of_type(type)) for type in OrgType}
    assert by_type[OrgType.DISTRICT] + by_type[OrgType.COUNTY] == 8
    assert by_type[OrgType.FUNCTIONAL_ZONE] == 1
    for district in UNITS:
        if district.type in (OrgType.DISTRICT, OrgType.COUNTY, OrgType.FUNCTIONAL_ZONE):
            below = [UNITS.unit(unit_id) for unit_id in UNITS.subordinates(district.unit_id)]
            assert 6 <= sum(town.type in GRASSROOTS for town in below) <= 10


def test_a_district_department_stands_under_its_district_and_not_under_the_municipal_one() -> None:
    assert UNITS.unit("mc.yunxi.chengguan").zh == "云溪区城市管理局"
    assert UNITS.superiors("mc.yunxi.chengguan") == ("mc.yunxi", "mc.gov", "province")
    assert not UNITS.within("mc.yunxi.chengguan", "mc.chengguan")
    assert UNITS.within("mc.yunxi.jiaoguan", "mc.yunxi.gongan")


def test_no_two_streets_share_a_name_so_that_a_name_is_a_place() -> None:
    names = [unit.zh for unit in UNITS.territories()]
    assert len(names) == len(set(names))


def test_a_report_concerns_the_unit_those_below_it_and_those_with_the_same_leader() -> None:
    closed = UNITS.conflict_closure("mc.yunxi")
    assert {"mc.yunxi", "mc.yunxi.chengguan", "mc.yunxi.jiaoguan"} <= closed
    assert not {"mc.liuhu", "mc.chengguan", "mc.jiwei"} & closed
    assert "mc.zhengwu" in UNITS.conflict_closure("mc.rexian")


def test_a_shared_leader_draws_in_what_stands_below_the_other_unit() -> None:
    units = Organisations("t", "1", [unit("a", led_by="x"), unit("b", led_by="x"), unit("c", "b")])
    assert units.conflict_closure("a") == {"a", "b", "c"}


def test_a_city_whose_units_contradict_each_other_is_refused() -> None:
    with pytest.raises(ValueError, match="stands twice"):
        Organisations("t", "1", [unit("a"), unit("a")])
    with pytest.raises(ValueError, match="does not exist"):
        Organisations("t", "1", [unit("a", "b")])
    with pytest.raises(ValueError, match="under itself"):
        Organisations("t", "1", [unit("a", "b"), unit("b", "a")])
    with pytest.raises(ValueError, match="no unit nowhere"):
        UNITS.unit("nowhere")


def test_every_leaf_has_a_unit_in_every_place() -> None:
    for leaf in TAXONOMY.leaves:
        for adcode in PLACES:
            assert CATALOGUE.route(leaf.code, adcode).unit_id in UNITS


def test_every_lead_of_the_taxonomy_is_some_units_name() -> None:
    for leaf in TAXONOMY.leaves:
        assert UNITS.answering(leaf.lead) is not None


@pytest.mark.parametrize(
    ("leaf", "adcode", "unit_id", "basis"),
    [
        ("0106", "990102", "mc.yunxi.chengguan", Basis.DISTRICT),
        ("0106", "990102003", "mc.yunxi.chengguan", Basis.DISTRICT),
        ("0106", None, "mc.chengguan", Basis.MUNICIPAL),
        ("0302", "990105", "mc.jiangbin.jiaoguan", Basis.DISTRICT),
        ("1302", "990102", "mc.nongye", Basis.MUNICIPAL),
        ("1302", "990121", "mc.donghe.nongye", Basis.DISTRICT),
        ("0402", "990102", "mc.ditie", Basis.MUNICIPAL),
        ("1102", "990102", "mc.gongdian", Basis.MUNICIPAL),
        ("1305", "990121002", "mc.donghe.daowan", Basis.DUTY_LIST),
        ("1305", "990121", "mc.donghe.nongye", Basis.DISTRICT),
        ("9901", "990102", "mc.rexian", Basis.POOL),
        ("1602", "990102", "mc.jiwei", Basis.DISCIPLINE),
        ("1605", None, "mc.jiwei", Basis.DISCIPLINE),
        ("1603", "990102", "mc.zuzhi", Basis.ORGANISATION),
        ("1601", "990102", "mc.rexian", Basis.NOT_TO_SUBJECT),
        ("1604", "990102", "mc.rexian", Basis.NOT_TO_SUBJECT),
    ],
)
def test_the_catalogue_sends_a_matter_to_the_nearest_department_that_answers_for_it(
    leaf: str, adcode: str | None, unit_id: str, basis: Basis
) -> None:
    route = CATALOGUE.route(leaf, adcode)
    assert (route.unit_id, route.basis) == (unit_id, basis)


def test_a_street_leads_nothing_but_what_its_duty_list_names() -> None:
    for leaf in TAXONOMY.leaves:
        for adcode in PLACES:
            lead = UNITS.unit(CATALOGUE.route(leaf.code, adcode).unit_id)
            assert lead.type not in GRASSROOTS or leaf.code in UNITS.town_duties


def test_nothing_about_a_unit_is_ever_sent_to_it_or_to_one_below_it() -> None:
    for subject in UNITS:
        closed = UNITS.conflict_closure(subject.unit_id)
        for code in [*RESTRICTED, "0101", "9901"]:
            for adcode in (None, subject.adcode):
                route = CATALOGUE.route(code, adcode, subject=subject.unit_id)
                assert route.unit_id not in closed


def test_a_report_on_the_discipline_organ_goes_to_the_one_above() -> None:
    assert CATALOGUE.route("1602", subject="mc.jiwei").unit_id == "province.jiwei"
    assert CATALOGUE.route("1602", subject="mc.party").unit_id == "province.jiwei"


def test_a_report_on_the_organisation_department_goes_to_the_discipline_organ() -> None:
    assert CATALOGUE.route("1603", subject="mc.zuzhi").unit_id == "mc.jiwei"


def test_a_complaint_about_attitude_goes_to_the_superior_of_the_unit() -> None:
    route = CATALOGUE.route("1601", "990102", subject="mc.yunxi.chengguan")
    assert (route.unit_id, route.basis) == ("mc.yunxi", Basis.NOT_TO_SUBJECT)


def test_a_complaint_about_the_hotline_goes_past_the_hotline() -> None:
    assert CATALOGUE.route("1604", subject="mc.rexian").unit_id == "mc.gov"


def test_a_city_without_a_unit_for_a_lead_is_refused() -> None:
    taxonomy = Taxonomy(
        "t", [Field("01", "城", "C")], [Leaf("0101", "01", "甲", "A", SlaClass.G, "天文")]
    )
    with pytest.raises(ValueError, match="天文"):
        Catalogue(taxonomy, UNITS)
