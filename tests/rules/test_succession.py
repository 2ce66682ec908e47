"""What becomes of the matters and places of a unit that is merged, split or dissolved."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.rules.catalogue import Basis, Catalogue
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


names = st.sampled_from("abcdef")
filters = st.lists(st.sampled_from(["0101", "0102", "02"]), max_size=2, unique=True)
successions = st.dictionaries(
    names,
    st.lists(
        st.builds(Successor, names, filters.map(tuple), st.sampled_from([(), ("990102",)])),
        max_size=2,
    ),
    max_size=4,
)


RESTS = dict(zip("abcde", "bcdef", strict=True))
"""Who has the rest of what each one had, so that most lists are accepted."""


@given(successions, st.sampled_from([None, "0101", "0201"]), st.sampled_from([None, "990102003"]))
def test_whatever_list_is_accepted_every_matter_has_a_living_heir(
    endings: dict[str, list[Successor]], category: str | None, adcode: str | None
) -> None:
    listed = [
        unit(each, dissolved=True, successors=(*endings[each], Successor(each_rest)))
        if (each_rest := RESTS.get(each)) and each in endings
        else unit(each)
        for each in "abcdef"
    ]
    try:
        units = Organisations("t", "990100", listed)
    except Mistakes:
        return
    for each in units:
        assert not units.unit(units.heir(each.unit_id, category, adcode)).dissolved
