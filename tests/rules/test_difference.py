"""What an edition changes, by entry: for the fact's counts and for people to read."""

import copy
from typing import Any

import pytest

from libs.events.edition import Changes
from libs.rules.columns import ReferenceKind
from libs.rules.difference import diff
from libs.rules.reference import Reference

SHIPPED = Reference.shipped()


def shipped(kind: ReferenceKind) -> dict[str, Any]:
    name = "cn-generic-2026" if kind is ReferenceKind.POLICY else SHIPPED.names(kind)[0]
    content = SHIPPED.current(kind, name)
    return copy.deepcopy(dict(content or {}))


@pytest.mark.parametrize("kind", list(ReferenceKind))
def test_an_edition_changes_nothing_against_itself(kind: ReferenceKind) -> None:
    found = diff(kind, shipped(kind), shipped(kind))
    assert found.counts == Changes()
    assert found.lines("zh") == ("没有变化",)
    assert found.lines("en") == ("nothing changes",)


def test_units_added_changed_and_removed_are_told_by_name() -> None:
    old, new = shipped(ReferenceKind.ORGANISATIONS), shipped(ReferenceKind.ORGANISATIONS)
    tiyu = next(each for each in new["units"] if each["id"] == "mc.tiyu")
    tiyu |= {"dissolved": True, "successors": [{"unit": "mc.wenlv", "categories": ["0906"]}]}
    new["units"] = [each for each in new["units"] if each["id"] != "mc.gongjiao"]
    new["units"].append(dict(tiyu, id="mc.new", zh="明川市新局", en="New Bureau"))
    new["town_duties"] = ["1305", "0105"]
    found = diff(ReferenceKind.ORGANISATIONS, old, new)
    assert found.counts == Changes(added=1, changed=2, removed=1)
    assert found.changed["mc.tiyu"]["dissolved"] == (None, True)
    assert found.lines("zh") == (
        "新增：mc.new 明川市新局",
        "修改：整版, town_duties：1305 → 1305；0105",
        "修改：mc.tiyu 明川市体育局, dissolved：（无） → 是",
        "修改：mc.tiyu 明川市体育局, successors：（无） → mc.wenlv category=0906",
        "删除：mc.gongjiao 明川公交集团",
    )
    assert found.lines("en")[0] == "added: mc.new New Bureau"
    assert "changed: the whole edition, town_duties: 1305 → 1305; 0105" in found.lines("en")


def test_the_order_of_entries_is_no_change() -> None:
    old = shipped(ReferenceKind.LEADERS)
    new = old | {"leaders": old["leaders"][::-1]}
    assert diff(ReferenceKind.LEADERS, old, new).counts == Changes()


def test_a_first_edition_adds_all() -> None:
    content = {"city": "c", "items": [{"category": "0106", "unit": "a", "basis": "L"}]}
    found = diff(ReferenceKind.CATALOGUE, None, content)
    assert list(found.added) == ["*", "0106"]


def test_an_entry_of_the_catalogue_is_known_by_category_and_place() -> None:
    item = {"category": "0106", "adcode": "990102", "unit": "a", "basis": "L"}
    old = {"city": "c", "items": [item, dict(item, adcode="990103")]}
    new = {"city": "c", "items": [dict(item, unit="b"), dict(item, adcode="990104")]}
    found = diff(ReferenceKind.CATALOGUE, old, new)
    assert found.changed == {"0106@990102": {"unit": ("a", "b")}}
    assert (list(found.added), list(found.removed)) == (["0106@990104"], ["0106@990103"])


def test_a_taxonomy_is_told_leaf_by_leaf() -> None:
    old, new = shipped(ReferenceKind.TAXONOMY), shipped(ReferenceKind.TAXONOMY)
    new["leaves_by_field"][0]["leaves"][0]["sla"] = "U"
    retired = new["leaves_by_field"][1]["leaves"].pop()
    found = diff(ReferenceKind.TAXONOMY, old, new)
    assert found.changed == {"0101": {"sla": ("G", "U")}}
    assert list(found.removed) == [retired["code"]]


def test_a_calendar_is_told_by_years_and_a_pack_by_paths() -> None:
    old, new = shipped(ReferenceKind.CALENDAR), shipped(ReferenceKind.CALENDAR)
    new["years"]["2027"] = {"holidays": "01-01", "makeup": ""}
    new["version"] = "2027.1"
    found = diff(ReferenceKind.CALENDAR, old, new)
    assert (list(found.added), list(found.changed)) == (["2027"], ["*"])
    old, new = shipped(ReferenceKind.POLICY), shipped(ReferenceKind.POLICY)
    new["sla_classes"]["G"]["handle"]["wd"] = 7
    found = diff(ReferenceKind.POLICY, old, new)
    assert found.lines("en") == ("changed: sla_classes.G.handle.wd, value: 5 → 7",)
