"""The leading posts and the 2,659 mailboxes of the invented city, and how a writer finds one."""

import dataclasses
from collections import Counter

import pytest

from libs.rules.columns import ReferenceKind
from libs.rules.leaders import Leader, Level
from libs.rules.mailboxes import Mailbox, MailboxKind
from libs.rules.mistakes import Mistakes
from libs.rules.reference import Reference
from libs.rules.rules import Rules, shipped_rules
from libs.rules.succession import Successor

RULES = shipped_rules()
LEADERS, MAILBOXES = RULES.leaders, RULES.mailboxes


def wrong_boxes(*boxes: Mailbox) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        _ = dataclasses.replace(RULES, boxes=boxes).mailboxes
    return [f"{mistake.column}: {mistake.reason}" for mistake in caught.value.all]


def box(**values: object) -> Mailbox:
    base = Mailbox("m", "信箱", "box", MailboxKind.DEPARTMENT, "990100", unit="mc.tiyu")
    return dataclasses.replace(base, **values)  # type: ignore[arg-type]


def test_the_city_has_2659_mailboxes_and_no_two_of_a_name() -> None:
    assert len(MAILBOXES) == 2659
    assert len({each.zh for each in MAILBOXES}) == 2659
    assert Counter(each.kind for each in MAILBOXES) == {
        MailboxKind.DEPARTMENT: 1725,
        MailboxKind.TOWN: 816,
        MailboxKind.COUNTY: 99,
        MailboxKind.MAYOR: 16,
        MailboxKind.SECRETARY: 3,
    }


@pytest.mark.parametrize(
    ("mailbox_id", "zh"),
    [
        ("m-mc.party-1", "中共明川市委书记信箱"),
        ("m-mc.gov-1", "明川市市长信箱"),
        ("m-mc.gov-3", "明川市副市长（1）信箱"),
        ("m-mc.yunxi-1", "云溪区委书记信箱"),
        ("m-mc.donghe-2", "东禾县县长信箱"),
        ("m-mc.gaoxin-2", "明川高新区管委会主任信箱"),
        ("m-mc.yunxi.wenmiao-2", "文庙前街道办事处主任信箱"),
        ("m-mc.donghe.yangwan-2", "羊湾乡乡长信箱"),
        ("m-mc.chengguan", "明川市城市管理局信箱"),
        ("m-mc.chengguan-1", "明川市城市管理局局长信箱"),
        ("m-mc.fagai-2", "明川市发展和改革委员会副主任（1）信箱"),
        ("m-mc.yunxi.jiaoguan-1", "云溪区交警大队大队长信箱"),
        ("m-mc.canlian-1", "明川市残疾人联合会理事长信箱"),
        ("m-mc.gongdian-1", "明川供电公司总经理信箱"),
        ("m-mc.jiwei-1", "明川市纪委监委书记信箱"),
    ],
)
def test_a_mailbox_is_called_as_such_an_office_is(mailbox_id: str, zh: str) -> None:
    assert MAILBOXES.mailbox(mailbox_id).zh == zh


def test_every_unit_of_the_city_is_headed_by_a_post_and_no_name_is_left_unfilled() -> None:
    for unit in RULES.organisations:
        if unit.superior is not None:
            assert LEADERS.leading(unit.unit_id)[0].id == unit.led_by
    assert not [each.zh for each in (*LEADERS, *MAILBOXES) if "{" in each.zh + each.en]


def test_a_post_has_its_rank() -> None:
    assert LEADERS.leader("l-mc.gov-1").level is Level.CITY
    assert LEADERS.leader("l-mc.yunxi-1").level is Level.COUNTY
    assert LEADERS.leader("l-mc.yunxi.dengta-1").level is Level.SECTION
    assert {level: len(LEADERS.of_level(level)) for level in Level} == {
        Level.CITY: 13,
        Level.COUNTY: 364,
        Level.SECTION: 1953,
    }


def test_who_heads_two_units_is_one_post_with_two_names_and_two_mailboxes() -> None:
    head = LEADERS.leader("l-zhengwu")
    assert head.zh == "明川市12345热线中心主任、明川市政务服务管理局局长"
    assert LEADERS.led("l-zhengwu") == ("mc.rexian", "mc.zhengwu")
    boxes = [each.zh for each in MAILBOXES if each.leader == "l-zhengwu"]
    assert boxes == ["明川市12345热线中心主任信箱", "明川市政务服务管理局局长信箱"]


def test_a_writer_picks_by_area_and_what_lies_in_it() -> None:
    found = MAILBOXES.find(adcode="990102")
    assert {each.adcode[:6] for each in found} == {"990102"}
    assert found[0].adcode == "990102"
    assert {each.kind for each in found} == {
        MailboxKind.COUNTY,
        MailboxKind.DEPARTMENT,
        MailboxKind.TOWN,
    }
    assert len(MAILBOXES.find(adcode="990100")) == len(MAILBOXES.find()) == 2659
    assert MAILBOXES.find()[0].adcode == "990100"


def test_a_writer_picks_by_type_of_request_and_those_meant_for_it_come_first() -> None:
    found = MAILBOXES.find(adcode="990102", request="0106")
    assert found[0].id == "m-mc.yunxi.chengguan"
    assert not [each for each in found if each.id.startswith("m-mc.yunxi.jiaoyu")]
    assert "m-mc.yunxi-1" in {each.id for each in found}


def test_a_writer_picks_by_kind_and_by_name() -> None:
    assert len(MAILBOXES.find(kind=MailboxKind.SECRETARY)) == 3
    assert [each.id for each in MAILBOXES.find("交警大队大队长", adcode="990105")] == [
        "m-mc.jiangbin.jiaoguan-1"
    ]
    assert MAILBOXES.find("mayor", kind=MailboxKind.MAYOR)[0].id == "m-mc.gov-1"
    assert MAILBOXES.find("没有这个信箱") == ()


def test_a_mailbox_for_a_field_takes_its_categories_and_a_kind_is_no_category() -> None:
    assert box(takes=("01",)).is_for("0106")
    assert not box(takes=("01",)).is_for("0201")
    assert box(takes=("01",)).is_for("K5")
    assert box(takes=("K4",)).is_for("K4a")
    assert not box(takes=("K5",)).is_for("K3")
    assert box().is_for("K3")


def test_a_letter_goes_first_to_the_unit_of_its_mailbox() -> None:
    assert MAILBOXES.unit_of("m-mc.yunxi.chengguan-2") == "mc.yunxi.chengguan"
    assert MAILBOXES.unit_of("m-mc.yunxi.chengguan") == "mc.yunxi.chengguan"
    with pytest.raises(ValueError, match="no mailbox m-nowhere"):
        MAILBOXES.unit_of("m-nowhere")


def test_a_dissolved_units_mailbox_is_not_offered_and_what_lies_in_it_goes_to_the_heir() -> None:
    reference = Reference.shipped()
    content = dict(reference.current(ReferenceKind.ORGANISATIONS, "mingchuan") or {})
    units = [dict(each) for each in content["units"]]
    for each in units:
        if each["id"] == "mc.yuanlin":
            each |= {"dissolved": True, "successors": [{"unit": "mc.chengguan"}]}
    content |= {"units": units, "version": "2"}
    rules = reference.with_edition(ReferenceKind.ORGANISATIONS, "mingchuan", content).rules()
    assert "m-mc.yuanlin" not in {each.id for each in rules.mailboxes.find()}
    assert rules.mailboxes.unit_of("m-mc.yuanlin") == "mc.chengguan"
    assert Successor("mc.chengguan") in rules.organisations.unit("mc.yuanlin").successors


def test_a_mailbox_that_names_what_does_not_exist_is_refused() -> None:
    assert wrong_boxes(box(), box()) == ["id: m stands twice"]
    assert wrong_boxes(box(unit="x")) == ["unit: there is no unit x"]
    assert wrong_boxes(box(unit="")) == ["unit: a mailbox is either a unit's or a leader's"]
    assert wrong_boxes(box(leader="l-zhengwu")) == [
        "unit: a mailbox is either a unit's or a leader's"
    ]
    assert wrong_boxes(box(unit="", leader="l-x")) == ["leader: there is no leading post l-x"]
    assert wrong_boxes(box(adcode="123456")) == ["adcode: there is no place 123456"]
    assert wrong_boxes(box(takes=("4711",))) == ["takes: there is no kind or category 4711"]


def wrong_posts(*posts: Leader) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        _ = dataclasses.replace(RULES, posts=posts).leaders
    return [str(mistake) for mistake in caught.value.all]


def test_a_post_that_stands_twice_or_leads_nothing_that_exists_is_refused() -> None:
    post = Leader("l", "局长", "Director", Level.COUNTY)
    assert wrong_posts(post, post) == ["entry 2 (l), column id: l stands twice"]
    assert wrong_posts(dataclasses.replace(post, units=("x",))) == [
        "entry 1 (l), column units: there is no unit x"
    ]
    assert wrong_posts(dataclasses.replace(post, id="mc.gov")) == [
        "entry 1 (mc.gov), column id: mc.gov is a unit's id"
    ]


def test_a_unit_headed_by_nobody_on_the_list_is_named() -> None:
    rules: Rules = dataclasses.replace(RULES, posts=())
    with pytest.raises(Mistakes, match=r"there is no leading post l-mc\.party-1"):
        rules.leaders.check_heads()
