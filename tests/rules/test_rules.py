"""The rules as one value, and the words of a case."""

import dataclasses

import pytest

from libs.rules.roles import Role
from libs.rules.rules import Rules, shipped_rules
from libs.rules.states import CaseState, Channel, DeclineGround, Identity, Kind

RULES = shipped_rules()


def test_the_rules_say_their_versions() -> None:
    assert RULES.versions.policy == "cn-generic-2026/1"
    assert RULES.versions.calendar == "CN-GOV/2026.1"
    assert RULES.versions.taxonomy == "2026-11-21"
    assert RULES.versions.organisations == "mingchuan/1"


def test_the_shipped_rules_are_read_once() -> None:
    assert shipped_rules() is RULES


def test_another_pack_can_be_the_default() -> None:
    rules = shipped_rules(pack="flat-7wd")
    assert rules.versions.policy == "flat-7wd/1"
    assert rules.pack("cn-generic-2026/1").name == "cn-generic-2026/1"


def test_a_case_keeps_the_version_of_the_pack_with_which_it_started() -> None:
    old = RULES.pack("cn-generic-2026/1")
    new = old.model_copy(update={"version": 2})
    rules = dataclasses.replace(RULES, packs={old.name: old, new.name: new})
    assert rules.pack("cn-generic-2026/1") == old
    assert rules.pack("cn-generic-2026") == new
    assert rules.versions_of(old.name).policy == "cn-generic-2026/1"


def test_a_pack_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no policy pack nowhere-2026"):
        RULES.pack("nowhere-2026")
    with pytest.raises(ValueError, match="nowhere ships"):
        shipped_rules(pack="nowhere")


def test_a_pack_that_counts_by_another_calendar_is_refused() -> None:
    pack = RULES.pack("flat-7wd")
    other = pack.model_copy(update={"calendar": pack.calendar.model_copy(update={"id": "X"})})
    with pytest.raises(ValueError, match="counts by X"):
        dataclasses.replace(RULES, packs={other.name: other}, default_pack=other.name)


def test_a_pack_under_a_false_name_is_refused() -> None:
    with pytest.raises(ValueError, match="filed under"):
        Rules(
            RULES.calendars,
            {"x": RULES.pack("flat-7wd")},
            "x",
            RULES.taxonomy,
            RULES.organisations,
        )


def test_the_rules_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RULES.default_pack = "flat-7wd"  # type: ignore[misc]


def test_every_state_says_what_the_citizen_sees() -> None:
    assert len(CaseState) == 22
    for state in CaseState:
        assert all((state.zh, state.en, state.seen))


def test_a_declined_case_can_be_reopened_and_a_finalised_one_cannot() -> None:
    assert CaseState.DECLINED.reopenable
    assert not CaseState.DECLINED.open
    assert CaseState.FINALISED.final
    assert not CaseState.FINALISED.reopenable
    assert CaseState.HANDLING.open


def test_there_are_seventeen_grounds_and_two_of_them_need_two_people() -> None:
    assert [ground.value for ground in DeclineGround] == [f"D{n:02d}" for n in range(1, 18)]
    assert [g.value for g in DeclineGround if g.needs_two] == ["D08", "D09"]
    assert all(ground.zh and ground.effect in ("refer", "decline") for ground in DeclineGround)


def test_words_are_found_by_their_codes() -> None:
    assert Kind("K4b") is Kind.REPORT_OFFICIAL
    assert Channel("board_people").zh == "人民网领导留言板"
    assert Identity("anonymous") is Identity.ANONYMOUS
    assert len(Channel) == 29
    assert {Role("ops"), Role("channel"), Role("citizen")} <= set(Role)
