"""Policy packs: what they say of each step, and how a mistake in one is told."""

from typing import Any

import pytest

from libs.rules.limit import Limit
from libs.rules.policy import PolicyPack, read_pack
from libs.rules.rules import shipped_rules
from libs.rules.shipped import read_shipped
from libs.rules.states import SlaClass, Step, Track

PACKS = shipped_rules().packs
PACK = shipped_rules().pack("cn-generic-2026")
FLAT = shipped_rules().pack("flat-7wd")
LAW = {
    "xinfang-2022/1": [
        ("ACCEPT", "G", "hotline", "15日", "信访工作条例 Art. 22(1)"),
        ("CONTACT", "X", "xinfang", "15日", "信访工作条例 Art. 23(3)"),
        ("HANDLE", "G", "xinfang", "60日", "信访工作条例 Art. 34"),
        ("HANDLE", "X", "xinfang", "60日", "信访工作条例 Art. 34"),
        ("DISPUTE_WITHIN", "G", "hotline", "5个工作日", "信访工作条例 Art. 23(3)"),
        ("REVIEW_REQ", "X", "xinfang", "30日", "信访工作条例 Art. 35"),
        ("HANDLE", "M", "market", "45个工作日", "令20号"),
        ("EVAL", "G", "hotline", "30日", "未核实"),
    ],
    "shandong/1": [
        ("HANDLE", "G", "hotline", "5个工作日", "山东省2020"),
        ("HANDLE", "C", "hotline", "5个工作日", "未核对原文"),
        ("DISPUTE_WITHIN", "G", "hotline", "2个工作日", "山东省2020"),
        ("HANDLE", "X", "xinfang", "60日", "信访工作条例 Art. 34"),
    ],
    "wuhan-7wd/1": [("HANDLE", sla.value, "hotline", "7个工作日", "未核对原文") for sla in SlaClass],
    "beijing-4level/1": [
        ("HANDLE", "E", "hotline", "2小时", "北京市接诉即办工作条例 Art. 13"),
        ("HANDLE", "U", "hotline", "24小时", "未核实"),
        ("HANDLE", "G", "hotline", "7日", "未核实"),
        ("HANDLE", "C", "hotline", "15日", "未核实"),
        ("HANDLE", "X", "xinfang", "60日", "信访工作条例 Art. 34"),
    ],
}
"""By pack: what a step may take, and words of its source, which says too what is not verified."""


def pack_with(**changes: Any) -> PolicyPack:
    return read_pack(changes, base=read_shipped("packs/cn-generic-2026"))


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("sla", SlaClass)
@pytest.mark.parametrize("track", Track)
def test_every_step_of_every_class_and_track_has_a_limit(
    step: Step, sla: SlaClass, track: Track
) -> None:
    for pack in PACKS.values():
        assert pack.limit(step, sla, track).words
        assert pack.limit(step, sla, track).source, (pack.name, step)


@pytest.mark.parametrize("name", LAW)
def test_each_shipped_pack_says_what_its_place_says_and_where_that_is_from(name: str) -> None:
    for step, sla, track, words, source in LAW[name]:
        found = PACKS[name].limit(step, sla, track)
        assert (found.words, source in found.source) == (words, True), (step, sla, found)


def test_every_extension_has_a_source_too() -> None:
    for pack in PACKS.values():
        assert all(limit is None or limit.source for limit in pack.extensions.values())


def test_shandong_extends_by_ten_working_days_and_the_regulation_by_thirty_days() -> None:
    words = {n: PACKS[n].extensions["G"] for n in ("shandong/1", "xinfang-2022/1")}
    assert [limit and limit.words for limit in words.values()] == ["10个工作日", "30日"]


def test_no_shipped_pack_is_in_doubt() -> None:
    assert [pack.doubts for pack in PACKS.values()] == [()] * len(PACKS)


@pytest.mark.parametrize(
    ("step", "sla", "track", "words"),
    [
        ("ACCEPT", "G", "hotline", "1个工作日"),
        ("ACCEPT", "X", "xinfang", "15日"),
        ("ACCEPT", "M", "market", "7个工作日"),
        ("ACCEPT", "R", "restricted", "15日"),
        ("DISPATCH", "G", "hotline", "2个工作小时"),
        ("SIGN", "G", "hotline", "8个工作小时"),
        ("CONTACT", "U", "hotline", "2小时"),
        ("HANDLE", "G", "hotline", "5个工作日"),
        ("HANDLE", "E", "hotline", "2小时"),
        ("HANDLE", "X", "xinfang", "60日"),
        ("HANDLE", "M", "market", "45个工作日"),
        ("CITIZEN", "G", "hotline", "5个工作日"),
        ("DISPUTE_WITHIN", "G", "hotline", "1个工作日"),
        ("DISPUTE_WITHIN", "X", "xinfang", "5个工作日"),
        ("AUDIT", "G", "hotline", "4个工作小时"),
        ("CALLBACK", "G", "hotline", "3个工作日"),
        ("EVAL", "G", "hotline", "30日"),
        ("REVIEW_REQ", "X", "xinfang", "30日"),
        ("REREVIEW", "X", "xinfang", "30日"),
    ],
)
def test_the_generic_pack_says_how_long_a_step_may_take(
    step: str, sla: str, track: str, words: str
) -> None:
    assert PACK.limit(step, sla, track).words == words


def test_limits_from_the_law_name_their_article() -> None:
    assert PACK.limit("HANDLE", "X", "xinfang").source == "信访工作条例 Art. 34"
    assert "Art. 35" in PACK.limit("REVIEW", "X", "xinfang").source


def test_an_emergency_does_not_wait_for_business_hours() -> None:
    for sla in ("E", "U"):
        for step in Step:
            assert PACK.limit(step, sla, "hotline").bh is None


def test_every_class_of_the_message_board_pack_is_answered_in_seven_working_days() -> None:
    for sla in SlaClass:
        assert FLAT.limit("HANDLE", sla, "hotline").words == "7个工作日"


def test_the_message_board_pack_is_otherwise_the_generic_one() -> None:
    for step in set(Step) - {Step.HANDLE, Step.CITIZEN}:
        for sla in SlaClass:
            assert FLAT.limit(step, sla, "hotline") == PACK.limit(step, sla, "hotline")


def test_a_petition_may_be_extended_by_thirty_days_and_a_consumer_complaint_not_at_all() -> None:
    extension = PACK.ext_max("X")
    assert extension is not None
    assert extension.words == "30日"
    assert PACK.ext_max("M") is None


def test_a_place_that_does_not_roll_says_so_once_for_all_its_limits() -> None:
    pack = pack_with(calendar={"roll_last_day": False})
    assert not pack.limit("HANDLE", "X", "xinfang").roll
    assert PACK.limit("HANDLE", "X", "xinfang").roll


def test_an_unknown_key_is_refused_with_its_path() -> None:
    with pytest.raises(ValueError, match=r"sla_classes\.G\.handel: no such key in a policy pack"):
        pack_with(sla_classes={"G": {"handel": {"wd": 5}}})


def test_a_limit_in_two_units_is_refused_with_its_path() -> None:
    with pytest.raises(ValueError, match=r"audit\.reply_review: .*exactly one of wd, cd, bh, h"):
        pack_with(audit={"reply_review": {"bh": 4, "wd": 1}})


def test_a_limit_without_a_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="given: none"):
        Limit()


def test_a_warning_in_red_before_amber_is_refused() -> None:
    with pytest.raises(ValueError, match="amber comes before red"):
        pack_with(warn={"amber_at": 0.95})


@pytest.mark.parametrize("sla", ["E", "R", "X"])
def test_no_pack_may_dispatch_emergencies_referrals_or_petitions_without_a_human(sla: str) -> None:
    with pytest.raises(ValueError, match="a human dispatches"):
        pack_with(auto_dispatch={"enabled": True, "classes": ["G", sla]})


def test_the_levels_of_a_rating_are_those_of_its_scale() -> None:
    with pytest.raises(ValueError, match="gnb5 has the levels very_satisfied, satisfied"):
        pack_with(evaluation={"scale": "gnb5"})
    five = ["very_satisfied", "satisfied", "basically", "dissatisfied", "very_dissatisfied"]
    assert len(pack_with(evaluation={"scale": "gnb5", "levels": five}).evaluation.levels) == 5


def test_a_pack_that_forgets_a_class_is_refused() -> None:
    base = read_shipped("packs/cn-generic-2026")
    del base["sla_classes"]["P"]
    with pytest.raises(ValueError, match="no limits for P"):
        read_pack(base)


def test_a_step_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="step HANDEL"):
        PACK.limit("HANDEL", "G", "hotline")


def test_a_unit_leaves_out_at_most_a_twentieth_of_its_cases_by_our_own_decision() -> None:
    for pack in PACKS.values():
        assert pack.exclusion is not None
        assert (pack.exclusion.cap, pack.exclusion.source) == (0.05, "平台默认，待运营单位确认")


def test_another_cap_says_by_what_it_holds() -> None:
    changed = pack_with(exclusion={"cap": 0.1, "source": "我市考核办法"}).exclusion
    assert changed is not None
    assert (changed.most(39), changed.source) == (3, "我市考核办法")
    with pytest.raises(ValueError, match=r"exclusion\.source: names no law or decision"):
        pack_with(exclusion={"cap": 0.1})


@pytest.mark.parametrize("cap", [-0.1, 1.5, "0.05", None, float("nan")])
def test_a_cap_is_a_share(cap: Any) -> None:
    with pytest.raises(ValueError, match=r"exclusion\.cap: Input should be"):
        pack_with(exclusion={"cap": cap, "source": "我市考核办法"})


def test_a_pack_does_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        PACK.auto_accept = True  # type: ignore[misc]


def test_by_default_a_human_accepts_and_dispatches() -> None:
    assert not PACK.auto_accept
    assert not PACK.auto_dispatch.enabled
