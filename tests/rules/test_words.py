"""What the words of a message suggest: its category, its kind, a restricted report, its place."""

import time

import pytest

from libs.rules.classification import classify
from libs.rules.place import find_place
from libs.rules.rules import shipped_rules
from libs.rules.screening import reports_an_official
from libs.rules.shipped import read_shipped
from libs.rules.states import Kind

RULES = shipped_rules()


@pytest.mark.parametrize(
    ("title", "text", "leaf"),
    [
        ("随意焚烧垃圾", "有人在路边焚烧垃圾，浓烟滚滚", "0106"),
        ("烧烤店油烟扰民", "楼下餐饮油烟直排", "0102"),
        ("夜间施工无法入睡", "工地噪声到凌晨", "0103"),
        ("小区物业乱涨物业费", "物业公司从不公示", "0201"),
        ("路灯不亮", "整条路的路灯坏了一个月", "0109"),
        ("停水三天了", "自来水一直没来", "1101"),
        ("包工头拖欠农民工工资", "二十多人血汗钱没有着落", "0701"),
        ("请问公积金提取需要什么材料", "", "0212"),
        ("孩子入学划片", "学区怎么划分", "0901"),
        ("电梯困人", "有人被困电梯", "0606"),
        ("公交车班次太少", "等了四十分钟", "0401"),
        ("健身房跑路，预付卡不退", "商家关门跑路", "0608"),
        ("低保申请一直没批", "家庭生活困难", "0801"),
        ("申请政府信息公开", "依申请公开征收文件", "1802"),
    ],
)
def test_plain_words_suggest_the_right_category(title: str, text: str, leaf: str) -> None:
    suggestion = classify(title, text)
    assert suggestion.category == leaf
    assert suggestion.words


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("请问居住证怎样办理", "", Kind.CONSULTATION),
        ("建议增设公交站", "", Kind.SUGGESTION),
        ("投诉楼下饭店油烟扰民", "", Kind.COMPLAINT),
        ("恳请解决我村饮水困难", "", Kind.HELP),
        ("感谢信：表扬公交司机拾金不昧", "", Kind.PRAISE),
        ("举报一黑作坊生产假货", "", Kind.REPORT_ENTERPRISE),
        ("举报某村支书贪污征地款", "", Kind.REPORT_OFFICIAL),
        ("路灯", "", Kind.OTHER),
    ],
)
def test_cue_words_suggest_the_kind(title: str, text: str, kind: Kind) -> None:
    assert classify(title, text).kind is kind


def test_a_request_that_ends_in_thanks_is_not_praise() -> None:
    assert classify("路灯不亮", "希望尽快修好，衷心感谢！").kind is Kind.HELP


@pytest.mark.parametrize("text", ["", "。", "嗯", "asdf qwer", "😀" * 50])
def test_a_message_without_a_known_word_falls_to_other(text: str) -> None:
    suggestion = classify(text, text)
    assert (suggestion.category, suggestion.score) == ("9901", 0.0)


def test_the_title_counts_more_than_the_text() -> None:
    assert classify("停水", "停电").category == "1101"
    assert classify("停电", "停水").category == "1102"


def test_every_leaf_has_its_words_and_every_word_a_leaf() -> None:
    leaves = read_shipped("keywords")["leaves"]
    assert set(leaves) == {leaf.code for leaf in RULES.taxonomy.leaves}
    for code, line in leaves.items():
        words = [word.rstrip("!?") for word in line.split()]
        assert len(words) == len(set(words)), code
        assert len(words) >= 3 or code == "9901", code
        assert all(len(word) >= 2 for word in words), code


def test_a_message_is_classified_in_well_under_a_millisecond() -> None:
    text = "小区门口的夜宵摊每天营业到凌晨，油烟和噪音让老人孩子无法休息，多次反映没有结果。" * 8
    classify("夜宵摊扰民", text)
    fastest = min(_seconds(text) for _ in range(5))
    assert fastest < 0.1


def _seconds(text: str) -> float:
    """Of the processor, for this thread alone: a busy machine is no slower code."""
    start = time.thread_time()
    for _ in range(100):
        classify("夜宵摊扰民", text)
    return time.thread_time() - start


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("举报村支书", "把征地款据为己有"),
        ("反映问题", "镇里有领导收受开发商好处费"),
        ("关于我村低保", "村主任优亲厚友，自己的亲戚都吃低保"),
        ("求助", "某局长滥用职权"),
        ("举报某区教育局不按规定招生", ""),
        ("控告派出所民警", ""),
        ("投诉城管打人", ""),
    ],
)
def test_a_report_on_an_official_is_noticed(title: str, text: str) -> None:
    screening = reports_an_official(Kind.COMPLAINT, title, text)
    assert screening is not None
    assert screening.words
    suggestion = classify(title, text)
    assert (suggestion.category, suggestion.kind) == ("1602", Kind.REPORT_OFFICIAL)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("路灯不亮", "请领导帮忙解决"),
        ("举报黑作坊", "生产假冒白酒"),
        ("请求教育局增加公办幼儿园", ""),
        ("投诉物业公司私自涨价", "物业费一年一涨"),
        ("", ""),
    ],
)
def test_an_everyday_message_is_not_taken_for_a_report_on_an_official(
    title: str, text: str
) -> None:
    assert reports_an_official(Kind.COMPLAINT, title, text) is None


def test_what_the_citizen_calls_a_report_on_an_official_always_is_one() -> None:
    screening = reports_an_official("K4b", "路灯不亮", "")
    assert screening is not None
    assert screening.words == ()


@pytest.mark.parametrize(
    ("text", "adcode"),
    [
        ("云溪区荷浦街道垃圾无人清运", "990102003"),
        ("云溪区的垃圾", "990102"),
        ("我住在云溪，门口积水", "990102"),
        ("东禾县稻湾镇某村", "990121002"),
        ("高新区软件园", "990171"),
        ("明川高新区火炬街道办事处", "990171004"),
        ("家住柳湖区，在云溪区南垣街道上班", "990102004"),
        ("朝阳区的朋友问", None),
        ("", None),
    ],
)
def test_the_most_exact_place_named_is_found(text: str, adcode: str | None) -> None:
    assert find_place(text, RULES.organisations) == adcode


def test_a_place_that_is_found_has_units() -> None:
    for unit in RULES.organisations.territories():
        assert find_place(f"在{unit.zh}附近", RULES.organisations) == unit.adcode
