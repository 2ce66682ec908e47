"""Editions of reference data become rules, or are refused with every mistake named.

Past 300 lines, since each test is one rule of what may be published, and they read best together.
"""

import copy
import dataclasses
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import yaml

from libs.rules.mistakes import Mistakes
from libs.rules.reference import Reference, ReferenceKind, canonical, digest
from libs.rules.rules import Rules, shipped_rules
from libs.rules.sheets import render

SHIPPED = Reference.shipped()
CITY = "mingchuan"
K = ReferenceKind


def content(kind: ReferenceKind, name: str = CITY) -> dict[str, Any]:
    return copy.deepcopy(dict(SHIPPED.current(kind, name) or {}))


def pack(version: int, **values: Any) -> dict[str, Any]:
    return content(K.POLICY, "flat-7wd") | {"version": version, **values}


def published(kind: ReferenceKind, edition: Any, name: str = CITY) -> Rules:
    return SHIPPED.with_edition(kind, name, edition).rules()


def refused(kind: ReferenceKind, edition: Any, name: str = CITY) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        published(kind, edition, name)
    return str(caught.value).splitlines()


def units_with(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    edition = content(K.ORGANISATIONS) | {"version": "2"}
    for unit in edition["units"]:
        change(unit)
    return edition


def test_what_ships_gives_the_shipped_rules() -> None:
    rules = SHIPPED.rules()
    assert rules.versions == shipped_rules().versions
    assert set(rules.packs) >= {"cn-generic-2026/1", "flat-7wd/1"}
    assert rules is SHIPPED.rules()
    assert SHIPPED.names(K.POLICY) == tuple(sorted({p.id for p in rules.packs.values()}))
    assert SHIPPED.names(K.CALENDAR) == ("CN-GOV",)
    assert SHIPPED.current(K.TAXONOMY, "elsewhere") is None


def test_every_kind_may_be_published_again() -> None:
    for kind in K:
        (name, *_) = SHIPPED.names(kind)
        edition = content(kind, name)
        if kind in (K.CALENDAR, K.TAXONOMY, K.ORGANISATIONS):
            edition["version"] = "next"
        if kind is K.POLICY:
            edition["version"] += 1
        after = SHIPPED.with_edition(kind, name, edition)
        assert after.rules().organisations.adcode == "990100"
        assert after.current(kind, name) == edition


def test_an_edition_changes_the_rules_and_leaves_those_before_as_they_were() -> None:
    item = {"category": "0106", "unit": "mc.shengtai", "basis": "条例 Art. 1", "direct": True}
    after = published(K.CATALOGUE, {"city": CITY, "items": [item]})
    assert after.catalogue.route("0106").unit_id == "mc.shengtai"
    assert SHIPPED.rules().catalogue.route("0106").unit_id == "mc.chengguan"


def test_the_content_that_was_given_may_be_changed_afterwards() -> None:
    edition: dict[str, Any] = {"city": CITY, "items": []}
    after = SHIPPED.with_edition(K.CATALOGUE, CITY, edition)
    edition["items"].append("rubbish")
    assert after.rules().items == ()


def test_a_content_may_say_that_there_is_nothing() -> None:
    item = {"category": "0106", "adcode": None, "unit": "mc.shengtai", "basis": "L", "direct": None}
    (read,) = published(K.CATALOGUE, {"city": CITY, "items": [item]}).items
    assert (read.adcode, read.direct) == ("", False)

    def say(unit: dict[str, Any]) -> None:
        unit |= {"leads": unit.get("leads"), "aliases": [], "successors": None, "phone": ""}

    after = published(K.ORGANISATIONS, units_with(say)).organisations
    shipped = SHIPPED.rules().organisations
    assert [*after] == [dataclasses.replace(unit, phone="", aliases=()) for unit in shipped]


def test_editions_follow_each_other() -> None:
    reference, codes = SHIPPED, []
    for n in (2, 3, 4):
        edition = content(K.TAXONOMY) | {"version": f"t{n}"}
        codes.append(edition["leaves_by_field"][n]["leaves"].pop()["code"])
        reference = reference.with_edition(K.TAXONOMY, CITY, edition)
    rules = reference.rules()
    assert rules.versions.taxonomy == "t4"
    assert [rules.may_choose(code) for code in codes] == [True, True, False]
    assert [rules.leaf(code).code for code in codes] == codes


def test_a_case_keeps_a_category_and_a_pack_that_later_editions_lack() -> None:
    edition = content(K.TAXONOMY) | {"version": "t2"}
    edition["leaves_by_field"][0]["leaves"] = edition["leaves_by_field"][0]["leaves"][:3]
    rules = published(K.TAXONOMY, edition)
    assert rules.leaf("0106").lead == "城管"
    assert rules.catalogue.route("0106", "990102").unit_id == "mc.yunxi.chengguan"
    rules = published(K.POLICY, pack(2), "flat-7wd")
    assert rules.pack("flat-7wd/1").version == 1
    assert rules.pack("flat-7wd").version == 2
    assert rules.versions.policy == "cn-generic-2026/1"


def test_a_new_version_of_the_first_pack_is_for_cases_that_start_then() -> None:
    edition = content(K.POLICY, "cn-generic-2026") | {"version": 2}
    assert published(K.POLICY, edition, "cn-generic-2026").versions.policy == "cn-generic-2026/2"


def test_units_without_a_version_are_numbered() -> None:
    edition = content(K.ORGANISATIONS)
    del edition["version"]
    assert published(K.ORGANISATIONS, edition).versions.organisations == "mingchuan/2"


def test_a_merger_is_published_and_the_catalogue_goes_by_it() -> None:
    def merge(unit: dict[str, Any]) -> None:
        if unit["id"] == "mc.yuanlin":
            unit |= {"dissolved": True, "successors": [{"unit": "mc.chengguan"}]}

    rules = published(K.ORGANISATIONS, units_with(merge))
    assert rules.catalogue.route("0114").unit_id == "mc.chengguan"


def test_two_editions_never_have_one_version() -> None:
    assert refused(K.TAXONOMY, content(K.TAXONOMY)) == [
        "taxonomy/mingchuan: column version: version 2026-11-21 stands already"
    ]
    assert refused(K.ORGANISATIONS, content(K.ORGANISATIONS)) == [
        "organisations/mingchuan: column version: version 1 stands already"
    ]
    assert refused(K.CALENDAR, content(K.CALENDAR, "CN-GOV"), "CN-GOV") == [
        "calendar/CN-GOV: version: version 2026.1 stands already"
    ]
    assert refused(K.POLICY, pack(1), "flat-7wd") == [
        "policy/flat-7wd: version: version 1 must be higher than 1"
    ]


def test_a_units_edition_that_drops_units_is_refused_by_their_names() -> None:
    edition = content(K.ORGANISATIONS) | {"version": "2"}
    edition["units"] = [e for e in edition["units"] if e["id"] not in ("mc.tiyu", "mc.gongjiao")]
    found = refused(K.ORGANISATIONS, edition)
    assert found[0] == (
        "organisations/mingchuan: column id: unit mc.tiyu (明川市体育局) is gone;"
        " keep it as dissolved, with successors"
    )
    assert "mc.gongjiao (明川公交集团) is gone" in found[1]


def test_every_mistake_of_an_edition_is_told_with_its_list_entry_and_column() -> None:
    def spoil(unit: dict[str, Any]) -> None:
        if unit["id"] == "mc.tiyu":
            unit["superior"] = "mc.nowhere"
        if unit["id"] == "mc.wenlv":
            unit["successors"] = [{"unit": "mc.gov"}]

    assert refused(K.ORGANISATIONS, units_with(spoil)) == [
        "organisations/mingchuan: entry 28 (mc.wenlv), column successors:"
        " mc.wenlv has successors but is not dissolved",
        "organisations/mingchuan: entry 29 (mc.tiyu), column superior:"
        " unit mc.tiyu stands under mc.nowhere, which does not exist",
    ]


def test_lists_that_no_longer_fit_together_are_all_named() -> None:
    edition = content(K.LEADERS)
    edition["leaders"] = [e for e in edition["leaders"] if e["id"] != "l-mc.tiyu-1"]
    assert refused(K.LEADERS, edition) == [
        "organisations/mingchuan: entry 29 (mc.tiyu), column led_by:"
        " there is no leading post l-mc.tiyu-1",
        f"mailboxes/mingchuan: entry {_row('m-mc.tiyu-1')} (m-mc.tiyu-1), column leader:"
        " there is no leading post l-mc.tiyu-1",
    ]


def _row(mailbox_id: str) -> int:
    boxes = content(K.MAILBOXES)["mailboxes"]
    return next(n for n, box in enumerate(boxes, 1) if box["id"] == mailbox_id)


def test_an_adoption_names_a_pack_that_there_is() -> None:
    entry = {"adcode": "9901", "policy_id": "flat-7wd", "effective_from": "2026-12-01"}
    published(K.ADOPTIONS, {"adoptions": [entry]})
    (told,) = refused(K.ADOPTIONS, {"adoptions": [entry | {"policy_id": "nowhere"}]})
    assert told.startswith(
        "adoptions/mingchuan: entry 1, column policy_id: there is no policy pack nowhere; there are: "
    )


def test_a_report_stays_restricted_in_every_edition() -> None:
    edition = content(K.TAXONOMY) | {"version": "t2"}
    for field in edition["leaves_by_field"]:
        for leaf in field["leaves"]:
            if leaf["code"] == "1602":
                leaf["flags"] = []
    assert "1602 was restricted and must stay so" in refused(K.TAXONOMY, edition)[0]
    edition["leaves_by_field"] = [f for f in edition["leaves_by_field"] if f["code"] != "99"]
    assert any("there must be a category 9901" in line for line in refused(K.TAXONOMY, edition))


def test_a_content_goes_under_its_own_name() -> None:
    assert refused(K.POLICY, pack(2), "cn-generic-2026")[0].startswith(
        "policy/cn-generic-2026: id: this is cn-generic-2026"
    )
    assert refused(K.CATALOGUE, {"city": "elsewhere", "items": []})[0].startswith(
        "catalogue/mingchuan: column city: this is mingchuan"
    )
    assert refused(K.CATALOGUE, {"city": "elsewhere", "items": []}, "elsewhere") == [
        "catalogue/elsewhere: this is the city of mingchuan"
    ]


def test_a_pack_is_published_whole() -> None:
    part = {"extends": "flat-7wd", "id": "mine", "version": 1, "representatives_max": 3}
    assert "only a whole pack is published" in refused(K.POLICY, part, "mine")[0]
    text = yaml.safe_dump(part)
    whole = SHIPPED.read(K.POLICY, "mine", text.encode(), "yaml")
    assert whole["sla_classes"]["G"]["handle"]["wd"] == 7
    assert published(K.POLICY, whole, "mine").pack("mine/1").representatives_max == 3
    with pytest.raises(Mistakes, match=r"line \d+: extends: there is no policy pack nowhere"):
        SHIPPED.read(K.POLICY, "mine", text.replace("flat-7wd", "nowhere").encode(), "yaml")


def test_a_wrong_pack_is_refused_with_each_line_and_the_reason() -> None:
    text = "extends: flat-7wd\nid: mine\nversion: 1\nsla_classes:\n  G:\n    handle: {wd: 5, cd: 7}\n"
    with pytest.raises(Mistakes) as refusal:
        SHIPPED.read(K.POLICY, "mine", (text + "colour: red\n").encode(), "yaml")
    lines = str(refusal.value).splitlines()
    assert lines[0].startswith("line 6: sla_classes.G.handle: a limit has exactly one of")
    assert lines[1].startswith("line 6: sla_classes.G.handle.source: names no law or decision")
    assert lines[2].startswith("line 7: colour: no such key")


RUBBISH: list[Any] = [
    {},
    {"items": 1, "units": 2, "leaders": None, "years": 3, "version": [], "id": {}, "city": 7},
    {"items": [1], "units": [[]], "leaders": [None], "leaves_by_field": [{"leaves": [3]}, 4]},
    {"leaves_by_field": [{"code": "01", "leaves": [{"code": "01"}]}], "years": {"x": 1}},
    {"years": {"2026": {}}, "id": "CN-GOV", "version": "x", "business_hours": []},
    {"mailboxes": {"a": 1}, "adoptions": [{"adcode": [], "effective_from": 1}]},
]


@pytest.mark.parametrize("kind", list(K))
@pytest.mark.parametrize("rubbish", RUBBISH)
def test_rubbish_is_refused_and_never_breaks_the_reader(kind: ReferenceKind, rubbish: Any) -> None:
    if kind is K.ADOPTIONS and "adoptions" not in rubbish:
        rubbish = rubbish | {"adoptions": 0}
    assert refused(kind, rubbish, SHIPPED.names(kind)[0])


@pytest.mark.parametrize(
    ("rubbish", "reason"),
    [
        ({"a": object()}, "a object has no place"),
        ({"a": float("nan")}, "number"),
        ({"a": 10**30}, "number"),
        ({"a": "\ud800"}, "surrogates"),
        ({"a": b"x"}, "bytes"),
        ([], "must be a mapping"),
    ],
)
def test_what_json_cannot_hold_is_no_content(rubbish: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SHIPPED.with_edition(K.CATALOGUE, CITY, rubbish)


def test_what_is_nested_without_end_is_no_content() -> None:
    deep: dict[str, Any] = {}
    deep["deep"] = deep
    with pytest.raises(ValueError, match="nested more than 20"):
        canonical(deep)


def test_equal_contents_have_one_digest_whatever_their_order_and_home() -> None:
    one = {"b": [1, 0.5, None], "a": {"2026": "春", "day": date(2026, 12, 1)}}
    other = {"a": {"day": "2026-12-01", 2026: "春"}, "b": (1, 0.5, None)}
    assert canonical(one) == '{"a":{"2026":"春","day":"2026-12-01"},"b":[1,0.5,null]}'.encode()
    assert digest(one) == digest(other) == digest(json.loads(canonical(one)))
    assert digest(one) != digest(one | {"c": 1})


def test_a_file_that_may_be_published_is_read() -> None:
    item = {"category": "0106", "unit": "mc.shengtai", "basis": "条例"}
    data = render(K.CATALOGUE, {"city": CITY, "items": [item]}, "csv")
    assert SHIPPED.read(K.CATALOGUE, CITY, data, "csv")["items"] == [item]


def test_what_a_file_names_in_vain_is_told_with_line_and_column() -> None:
    data = (
        "#city,mingchuan\ncategory,adcode,unit,basis,direct\n"
        "0106,,mc.chengguan,LAW,\n\n0107,990102,mc.nowhere,LAW,\n0106,990100,mc.tiyu,LAW,\n"
        "0105,,mc.yunxi.zhongyuan,LAW,\n"
    )
    with pytest.raises(Mistakes) as caught:
        SHIPPED.read(K.CATALOGUE, CITY, data.encode(), "csv")
    assert str(caught.value).splitlines() == [
        "line 5, column unit: there is no unit mc.nowhere",
        "line 6, column category: mc.chengguan stands for 0106 at this place already",
        "line 7, column unit: 0105 is not on the duty list of mc.yunxi.zhongyuan",
    ]


def test_what_has_the_wrong_form_and_what_is_named_in_vain_are_told_at_once() -> None:
    data = (
        "#city,mingchuan\ncategory,adcode,unit,basis,direct\n"
        "106,,mc.chengguan,LAW,\n0107,990102,mc.nowhere,LAW,\n0105,,mc.yunxi.zhongyuan,LAW,perhaps\n"
    )
    with pytest.raises(Mistakes) as caught:
        SHIPPED.read(K.CATALOGUE, CITY, data.encode(), "csv")
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "line 3, column category",
        "line 4, column unit",
        "line 5, column direct",
    ]


def test_an_entry_of_the_wrong_form_is_not_told_to_be_missing_elsewhere() -> None:
    edition = content(K.ORGANISATIONS) | {"version": "2"}
    for unit in edition["units"]:
        if unit["id"] == "mc.chengguan":
            unit["phone"] = "none"
        if unit["id"] == "mc.tiyu":
            unit["superior"] = "mc.nowhere"
    data = render(K.ORGANISATIONS, edition, "csv")
    with pytest.raises(Mistakes) as caught:
        SHIPPED.read(K.ORGANISATIONS, CITY, data, "csv")
    assert sorted(line.partition(", ")[2].split(":")[0] for line in str(caught.value).splitlines()) == [
        "column phone",
        "column superior",
    ]


def test_a_calendar_in_a_file_is_told_the_line_of_every_mistake() -> None:
    text = (
        "id: CN-GOV\nversion: 2027.1\nbusiness_hours: [['09:00', '12:00']]\nyears:\n"
        "  2026:\n    holidays: 01-01..01-03\n    makeup: 01-05\n  2028: {holidays: 13-01}\n"
    )
    with pytest.raises(Mistakes) as caught:
        SHIPPED.read(K.CALENDAR, "CN-GOV", text.encode(), "yaml")
    assert str(caught.value).splitlines() == [
        "line 2: version: a text such as '2026.1', in quotes",
        "line 4: years.2027: is missing between the first year and the last",
        "line 7: years.2026.makeup: 2026-01-05 is no Saturday or Sunday",
        "line 8: years.2028.holidays: 13-01 does not exist in 2028",
    ]


def test_a_calendar_that_cannot_be_read_in_one_place_is_read_in_the_others() -> None:
    text = "id: CN-GOV\nversion: '2027.1'\nbusiness_hours: [[09:00, 13:00]]\nyears: {2026: {makeup: ''}}\n"
    with pytest.raises(Mistakes) as caught:
        SHIPPED.read(K.CALENDAR, "CN-GOV", text.encode(), "yaml")
    assert str(caught.value).splitlines()[0] == (
        "line 3: business_hours.0.1: no plain decimal number: 13:00"
    )
    assert "line 4: years.2026.holidays: is missing" in str(caught.value)


def test_a_pack_whose_version_is_not_higher_is_told_the_line_of_its_version() -> None:
    text = "extends: cn-generic-2026\nid: flat-7wd\nversion: 1\neffective_from: 2027-01-01\n"
    with pytest.raises(Mistakes, match=r"^line 3: version: version 1 must be higher than 1$"):
        SHIPPED.read(K.POLICY, "flat-7wd", text.encode(), "yaml")


def test_a_pack_with_other_mistakes_is_told_of_its_version_and_its_name_in_the_same_answer() -> None:
    text = "extends: cn-generic-2026\nid: flat-8wd\nversion: 1\neffective_from: 2027-01-01\ncolour: red\n"
    with pytest.raises(Mistakes) as caught:
        SHIPPED.read(K.POLICY, "flat-7wd", text.encode(), "yaml")
    assert str(caught.value).splitlines() == [
        "line 2: id: this is flat-7wd, and its content says otherwise",
        "line 3: version: version 1 must be higher than 1",
        "line 5: colour: no such key in a policy pack",
    ]
    wrong = {key: value for key, value in pack(1).items() if key != "warn"}
    assert refused(K.POLICY, wrong, "flat-7wd") == [
        "policy/flat-7wd: policy pack flat-7wd",
        "policy/flat-7wd: warn: is missing",
        "policy/flat-7wd: version: version 1 must be higher than 1",
    ]


@pytest.mark.parametrize("version", ["0", "-1", "true", "'1'", "1.5", "[1]", "~"])
def test_a_version_that_is_no_number_is_told_once(version: str) -> None:
    text = f"extends: cn-generic-2026\nid: flat-7wd\nversion: {version}\neffective_from: 2027-01-01\n"
    with pytest.raises(Mistakes) as caught:
        SHIPPED.read(K.POLICY, "flat-7wd", text.encode(), "yaml")
    (told,) = str(caught.value).splitlines()
    assert told.startswith("line 3: version")


def test_an_edition_that_one_fact_cannot_carry_is_refused() -> None:
    boxes = content(K.MAILBOXES)["mailboxes"]
    many = [box | {"id": f"{box['id']}.{n}"} for n in range(3) for box in boxes]
    data = render(K.MAILBOXES, {"city": CITY, "mailboxes": many}, "csv")
    with pytest.raises(Mistakes, match="as JSON; 1500000 are the most"):
        SHIPPED.read(K.MAILBOXES, CITY, data, "csv")


def test_a_pack_from_a_file_is_made_whole() -> None:
    data = b"extends: flat-7wd\nid: mine\nversion: 1\neffective_from: 2027-01-01\n"
    whole = SHIPPED.read(K.POLICY, "mine", data, "yaml")
    assert (whole["effective_from"], whole["sla_classes"]["C"]["handle"]["wd"]) == ("2027-01-01", 7)
    with pytest.raises(Mistakes, match="colour: no such key"):
        SHIPPED.read(K.POLICY, "mine", data + b"colour: red\n", "yaml")


def test_a_reference_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SHIPPED.city = "elsewhere"  # type: ignore[misc]
