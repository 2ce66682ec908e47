"""What tells who somebody is: found in a text, told without its words, and masked."""

import time

import pytest

from libs.rules.pii import OF_A_PERSON, Trace, find_personal, masked, places


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("请回电13800138000", Trace.MOBILE),
        ("请回电 138 0013 8000", Trace.MOBILE),
        ("请回电138-0013-8000", Trace.MOBILE),
        ("请回电1 3 8 0 0 1 3 8 0 0 0", Trace.MOBILE),
        ("请回电138\u200b0013\u200b8000", Trace.MOBILE),
        ("请回电１３８００１３８０００", Trace.MOBILE),
        ("请回电一三八零零一三八零零零", Trace.MOBILE),
        ("请回电+86 13800138000", Trace.MOBILE),
        ("请回电8613800138000", Trace.MOBILE),
        ("证号110101199003071239", Trace.ID_CARD),
        ("证号11010119900307123X", Trace.ID_CARD),
        ("证号110101 19900307 1239", Trace.ID_CARD),
        ("旧证号110101900307123", Trace.ID_CARD),
        ("卡号6222021234567890123", Trace.BANK),
        ("卡号6222 0212 3456 7890 123", Trace.BANK),
        ("车牌京A·12345", Trace.PLATE),
        ("车牌川AD12345", Trace.PLATE),
        ("写信到zhang.san@example.cn。", Trace.EMAIL),
        ("QQ：12345678", Trace.ACCOUNT),
        ("微信号 abc_123456", Trace.ACCOUNT),
        ("护照E12345678", Trace.PASSPORT),
        ("阳光小区3号楼2单元501室", Trace.HOUSE),
        ("住12栋1203", Trace.HOUSE),
        ("住人民路88号301室", Trace.HOUSE),
        ("联系人：欧阳晓明", Trace.NAME),
        ("我叫周云替", Trace.NAME),
        ("反映人李强，说", Trace.NAME),
        ("刘先生来电", Trace.NAME),
    ],
)
def test_what_tells_who_somebody_is_is_found_and_masked(text: str, kind: Trace) -> None:
    (found,) = find_personal(text)
    assert found.kind is kind
    assert f"〔{kind.zh}〕" in masked(text)
    assert text[found.start : found.end] not in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "受理号LX00000000010，2026-03-02 09:00 至 2026-03-09",
        "依据国办函〔2025〕66号，办理时限为15个工作日",
        "请到人民路88号市民中心3号楼，或拨打12345",
        "统一社会信用代码91110108MA01ABCDE1",
        "持本人身份证、户口本，由本人申请，无需复印件",
        "学生应当向老师说明，各位先生女士请排队",
        "补贴每人每月1500元，全年18000元",
        "申请人应当在15日内提出；联系人可以代为办理",
    ],
)
def test_receipt_numbers_dates_law_and_offices_are_left_alone(text: str) -> None:
    assert find_personal(text) == ()
    assert masked(text) == text


def test_an_offices_telephone_is_found_only_when_it_is_asked_for() -> None:
    text = "咨询电话：027-87654321"
    assert find_personal(text) == ()
    assert masked(text, frozenset(Trace)) == "咨询电话：〔固定电话〕"
    assert Trace.LANDLINE not in OF_A_PERSON


def test_the_place_is_told_without_the_words_that_stand_there() -> None:
    told = places(find_personal("先说明\n我叫周云替，电话13800138000"))
    assert (
        told
        == "line 2, characters 7-9: a person's name (姓名); line 2, characters 13-23: a mobile number (手机号)"
    )


def test_of_many_places_the_first_are_told_and_the_rest_counted() -> None:
    told = places(find_personal("、".join(["13800138000"] * 8)), most=2)
    assert told.count("手机号") == 2
    assert told.endswith("; and 6 more")


@pytest.mark.parametrize(
    "part",
    ["1 ", "1", "a", "0-", "一", "3号楼", "李", "李老师", "我叫", "A1", "\0", "12单元", "a@b.c ", "\n我叫"],
)
def test_a_hostile_text_takes_no_longer_than_its_length_asks_for(part: str) -> None:
    short, long = (least_work(part * (length // len(part))) for length in (4_000, 64_000))
    assert long < 80 * short, "16 times the text; were each place to cost a look at all of it: 256"


def least_work(text: str) -> float:
    """What masking costs this thread in processor time, whatever else the machine does meanwhile."""
    taken = []
    for _ in range(3):
        began = time.thread_time()
        masked(text, frozenset(Trace))
        taken.append(time.thread_time() - began)
    return min(taken)
