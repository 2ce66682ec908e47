"""Which place follows which pack: the smallest place, the named procedure, the latest day."""

import dataclasses
from datetime import date, datetime

import pytest

from libs.events.intake import CaseAccepted, CaseRegistered
from libs.rules.adoption import Adoption, within
from libs.rules.rules import Rules, shipped_rules
from services.intake.commands import AcceptCase, RegisterCase
from services.intake.decider import decider
from tests.spec import ACCEPTOR, MONDAY, OPERATOR, Given, china, stated

SHIPPED = shipped_rules()
LONG_AGO = date(2020, 1, 1)


def rules_with(*adoptions: Adoption, **more: object) -> Rules:
    return dataclasses.replace(SHIPPED, adoptions=adoptions, **more)


def adopt(adcode: str, pack: str, track: str | None = None, since: date = LONG_AGO) -> Adoption:
    return Adoption(adcode, track, pack, since)


def chosen(rules: Rules, adcode: str | None, track: str = "hotline", at: datetime = MONDAY) -> str:
    return rules.policy_for(adcode, track, at)


def test_what_ships_is_adopted_nowhere_and_the_default_holds() -> None:
    assert SHIPPED.adoptions == ()
    assert chosen(SHIPPED, "990102") == SHIPPED.default_pack == "cn-generic-2026/1"
    assert chosen(SHIPPED, None) == "cn-generic-2026/1"


def test_a_city_s_pack_holds_in_its_districts_and_streets_and_nowhere_else() -> None:
    rules = rules_with(adopt("990100", "wuhan-7wd"))
    for inside in ("990100", "990102", "990102001", "990102001003"):
        assert chosen(rules, inside) == "wuhan-7wd/1"
    for outside in ("990200", "330100", "99", None):
        assert chosen(rules, outside) == "cn-generic-2026/1"


def test_the_smallest_place_goes_first_whatever_stands_first() -> None:
    country, province = adopt("", "shandong"), adopt("990000", "flat-7wd")
    district = adopt("990102", "wuhan-7wd")
    for adoptions in ((country, province, district), (district, province, country)):
        rules = rules_with(*adoptions)
        assert chosen(rules, "990102") == "wuhan-7wd/1"
        assert chosen(rules, "990103") == "flat-7wd/1"
        assert chosen(rules, "330100") == "shandong/1"
        assert chosen(rules, None) == "shandong/1"


def test_within_a_place_what_names_the_procedure_goes_first() -> None:
    rules = rules_with(adopt("990100", "wuhan-7wd"), adopt("990100", "xinfang-2022", "xinfang"))
    assert chosen(rules, "990102", "xinfang") == "xinfang-2022/1"
    assert chosen(rules, "990102", "hotline") == "wuhan-7wd/1"


def test_a_smaller_place_goes_before_a_named_procedure() -> None:
    rules = rules_with(adopt("990000", "xinfang-2022", "xinfang"), adopt("990102", "wuhan-7wd"))
    assert chosen(rules, "990102", "xinfang") == "wuhan-7wd/1"


def test_an_adoption_holds_from_its_day_in_china() -> None:
    rules = rules_with(adopt("", "wuhan-7wd", since=date(2026, 3, 2)), adopt("", "shandong"))
    assert chosen(rules, None, at=china("2026-03-01 23:59")) == "shandong/1"
    assert chosen(rules, None, at=china("2026-03-02 00:00")) == "wuhan-7wd/1"


def test_the_highest_version_in_force_on_that_day_is_meant() -> None:
    first = SHIPPED.pack("wuhan-7wd/1")
    second = first.model_copy(update={"version": 2, "effective_from": date(2026, 4, 1)})
    third = first.model_copy(update={"version": 3, "effective_from": date(2026, 3, 1)})
    packs = dict(SHIPPED.packs) | {second.name: second}
    rules = rules_with(adopt("", "wuhan-7wd"), packs=packs)
    assert chosen(rules, None) == "wuhan-7wd/1"
    assert chosen(rules, None, at=china("2026-04-01 00:00")) == "wuhan-7wd/2"
    rules = rules_with(adopt("", "wuhan-7wd"), packs=packs | {third.name: third})
    assert chosen(rules, None, at=china("2026-04-01 00:00")) == "wuhan-7wd/3"


def test_a_pack_of_which_no_version_is_in_force_yet_is_passed_over() -> None:
    rules = rules_with(adopt("990100", "cn-generic-2026"), adopt("", "wuhan-7wd"))
    assert chosen(rules, "990102") == "wuhan-7wd/1"  # the generic one is from December on
    assert chosen(rules, "990102", at=china("2026-12-01 00:00")) == "cn-generic-2026/1"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (("99a", None, "wuhan-7wd", LONG_AGO), "adcode: digits"),
        (("9" * 13, None, "wuhan-7wd", LONG_AGO), "adcode: twelve digits"),
        (("", "hotlin", "wuhan-7wd", LONG_AGO), "track: there is no hotlin"),
    ],
)
def test_an_adoption_that_cannot_be_is_refused(fields: tuple[object, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Adoption(*fields)  # type: ignore[arg-type]


def test_all_that_is_wrong_with_a_list_of_adoptions_is_told() -> None:
    with pytest.raises(ValueError, match="entry 2") as refused:
        rules_with(adopt("990100", "wuhan-7wd"), adopt("", "nowhere"), adopt("9901", "shandong"))
    first, second = str(refused.value).splitlines()
    assert first.startswith("adoptions: entry 2, column policy_id: there is no policy pack nowhere")
    assert second.startswith(
        "adoptions: entry 3: (9901, every track, from 2020-01-01: shandong) contradicts"
    )


@pytest.mark.parametrize(
    ("adcode", "prefix"),
    [
        ("", ""),
        ("330000", "33"),
        ("330100", "3301"),
        ("330102", "330102"),
        ("330102001", "330102001"),
        ("330100000", "3301"),
        ("330102000000", "330102"),
        ("3301", "3301"),
        ("330110", "330110"),
    ],
)
def test_a_place_is_what_its_code_begins_with(adcode: str, prefix: str) -> None:
    assert within(adcode) == prefix


def test_a_case_follows_the_pack_of_its_place_and_keeps_it() -> None:
    rules = rules_with(adopt("990102", "wuhan-7wd"))
    words = {"title": "路灯不亮", "text": "路灯整夜不亮", "receipt_no": "LX00000000010"}
    registered = {"channel": "web_portal", "kind": "K3", "privacy_notice": True, **words}
    there = Given(decider, rules).when(RegisterCase, by=OPERATOR, adcode="990102", **registered)
    there.then(stated(CaseRegistered, decided_with=rules.versions_of("wuhan-7wd/1")))
    elsewhere = Given(decider, rules).when(RegisterCase, by=OPERATOR, adcode="990103", **registered)
    elsewhere.then(stated(CaseRegistered, decided_with=rules.versions))
    # moved to another place on acceptance, it is still decided by the pack with which it started
    there.when(AcceptCase, by=ACCEPTOR, category="0105", adcode="990103")
    assert there.events is not None
    accepted = there.events[-1]
    assert isinstance(accepted, CaseAccepted)
    assert accepted.decided_with.policy == "wuhan-7wd/1"
    assert accepted.due.citizen == china("2026-03-12 00:00")


def test_a_new_version_of_the_usual_pack_holds_from_its_own_day() -> None:
    first = SHIPPED.pack(SHIPPED.default_pack)
    second = first.model_copy(update={"version": 2, "effective_from": date(2027, 1, 1)})
    rules = dataclasses.replace(
        SHIPPED, packs={**SHIPPED.packs, second.name: second}, default_pack=second.name
    )
    assert chosen(rules, None, at=china("2026-12-31 23:59")) == first.name
    assert chosen(rules, None, at=china("2027-01-01 00:00")) == second.name
    assert chosen(rules, None, at=china("2026-03-02 09:00")) == first.name, "before any: the first"
