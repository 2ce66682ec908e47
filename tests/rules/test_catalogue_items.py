"""Published entries of the dispatch catalogue, and the categories of older editions."""

import dataclasses

import pytest

from libs.rules.catalogue import Basis, Catalogue, Item
from libs.rules.mistakes import Mistakes
from libs.rules.organisations import Organisation, Organisations
from libs.rules.rules import Rules, shipped_rules
from libs.rules.states import SlaClass
from libs.rules.succession import Successor
from libs.rules.taxonomy import Field, Leaf, Taxonomy

RULES = shipped_rules()
LAW = "明川市城市管理条例 Art. 12"


def item(
    category: str = "0106", unit: str = "mc.shengtai", adcode: str = "", **more: object
) -> Item:
    return dataclasses.replace(Item(category, unit, LAW, adcode), **more)  # type: ignore[arg-type]


def with_items(*items: Item) -> Rules:
    return dataclasses.replace(RULES, items=items)


def reasons(*items: Item) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        _ = with_items(*items).catalogue
    return [str(mistake) for mistake in caught.value.all]


def test_a_published_entry_stands_before_what_the_taxonomy_says_and_names_its_law() -> None:
    route = with_items(item(direct=True)).catalogue.route("0106", "990102")
    assert (route.unit_id, route.basis, route.law, route.direct) == (
        "mc.shengtai",
        Basis.LISTED,
        LAW,
        True,
    )


def test_without_an_entry_the_catalogue_is_as_before() -> None:
    route = with_items(item()).catalogue.route("0101", "990102")
    assert (route.unit_id, route.law, route.direct) == ("mc.yunxi.chengguan", "", False)


def test_the_most_exact_place_wins() -> None:
    catalogue = with_items(
        item(unit="mc.shengtai"),
        item(unit="mc.yunxi.shengtai", adcode="990102"),
        item(unit="mc.yunxi.chengguan", adcode="990102003"),
    ).catalogue
    found = [
        catalogue.route("0106", place).unit_id
        for place in (None, "990103", "990102", "990102001", "990102003", "510114")
    ]
    assert found == [
        "mc.shengtai",
        "mc.shengtai",
        "mc.yunxi.shengtai",
        "mc.yunxi.shengtai",
        "mc.yunxi.chengguan",
        "mc.shengtai",
    ]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (
            item(unit="mc.nowhere"),
            "entry 2 (0106@990102), column unit: there is no unit mc.nowhere",
        ),
        (item(category="4711"), "column category: taxonomy 2026-11-21 has no category 4711"),
        (item(adcode="990999"), "column adcode: there is no place 990999"),
        (item(category="1602"), "column category: 1602 goes by its restriction"),
        (item(unit="mc.yunxi.zhongyuan"), "column unit: 0106 is not on the duty list"),
        (item(category="0105", adcode=""), "column category: mc.yuanlin stands for 0105 at this"),
    ],
)
def test_an_entry_that_cannot_hold_is_refused_with_its_place_in_the_list(
    wrong: Item, reason: str
) -> None:
    if not wrong.adcode and wrong.category != "0105":
        wrong = dataclasses.replace(wrong, adcode="990102")
    (found,) = reasons(item("0105", "mc.yuanlin"), wrong)
    assert "entry 2" in found
    assert reason in found


def test_the_whole_city_is_one_place_with_or_without_its_code() -> None:
    assert len(reasons(item(), item(adcode="990100", unit="mc.chengguan"))) == 1


def test_a_street_leads_by_an_entry_what_is_on_its_duty_list() -> None:
    catalogue = with_items(item("1305", "mc.yunxi.zhongyuan", "990102")).catalogue
    assert catalogue.route("1305", "990102").unit_id == "mc.yunxi.zhongyuan"


def test_an_entry_that_names_a_dissolved_unit_stands_for_its_heir() -> None:
    def after(unit: Organisation) -> Organisation:
        if unit.unit_id != "mc.yuanlin":
            return unit
        heirs = (Successor("mc.shuiwu", adcodes=("990102",)), Successor("mc.chengguan"))
        return dataclasses.replace(unit, dissolved=True, successors=heirs)

    units = Organisations("t/2", "990100", map(after, RULES.organisations))
    rules = dataclasses.replace(with_items(item("0105", "mc.yuanlin")), organisations=units)
    assert rules.catalogue.route("0105", "990102001").unit_id == "mc.shuiwu"
    assert rules.catalogue.route("0105", "990103").unit_id == "mc.chengguan"
    assert rules.catalogue.route("0105").law == LAW


def test_a_report_on_the_unit_of_an_entry_does_not_reach_it() -> None:
    catalogue = with_items(item("1802", "mc.yunxi.zhengwu")).catalogue
    route = catalogue.route("1802", None, subject="mc.yunxi.zhengwu")
    assert route.unit_id == "mc.yunxi"


def test_a_report_on_a_leader_reaches_no_unit_that_the_leader_leads() -> None:
    for leader_id in ("l-mc.yunxi-1", "l-mc.gov-1", "l-zhengwu", "l-mc.party-1", "l-mc.jiwei-1"):
        closed = RULES.leaders.conflict_closure(leader_id)
        assert closed
        for code in ("1601", "1602", "1603", "1604", "1605"):
            assert RULES.catalogue.route(code, subject=leader_id).unit_id not in closed
    with pytest.raises(ValueError, match="no unit l-nobody"):
        RULES.catalogue.route("1602", subject="l-nobody")


def newer_taxonomy(*leaves: Leaf) -> Rules:
    newest = Taxonomy("2027-01-01", RULES.taxonomy.fields, leaves)
    return dataclasses.replace(RULES, taxonomy=newest, older_taxonomies=(RULES.taxonomy,))


def test_a_retired_category_stays_readable_but_cannot_be_chosen() -> None:
    rules = newer_taxonomy(*(leaf for leaf in RULES.taxonomy.leaves if leaf.code != "0106"))
    assert rules.leaf("0106").zh == "随意焚烧垃圾、秸秆"
    assert not rules.may_choose("0106")
    assert rules.may_choose("0105")
    assert rules.catalogue.route("0106", "990102").unit_id == "mc.yunxi.chengguan"
    with pytest.raises(ValueError, match="4711"):
        rules.leaf("4711")


def test_a_category_is_read_from_the_newest_edition_that_has_it() -> None:
    renamed = dataclasses.replace(RULES.taxonomy.leaf("0105"), zh="环卫", sla=SlaClass.U)
    rules = newer_taxonomy(renamed)
    assert rules.leaf("0105").zh == "环卫"
    middle = Taxonomy("m", RULES.taxonomy.fields, [renamed])
    last = Taxonomy("n", RULES.taxonomy.fields, [])
    rules = dataclasses.replace(RULES, taxonomy=last, older_taxonomies=(RULES.taxonomy, middle))
    assert rules.leaf("0105").zh == "环卫"
    assert rules.leaf("0106").zh == "随意焚烧垃圾、秸秆"


def test_a_retired_category_that_no_unit_answers_for_goes_to_the_pool() -> None:
    stars = Leaf("9902", "99", "观星", "stars", SlaClass.G, "天文")
    old = Taxonomy("o", [Field("99", "其他", "Other")], [stars])
    rules = dataclasses.replace(RULES, older_taxonomies=(old,))
    route = rules.catalogue.route("9902")
    assert (route.unit_id, route.basis) == ("mc.rexian", Basis.POOL)
    with pytest.raises(Mistakes, match="天文"):
        Catalogue(old, RULES.organisations)
