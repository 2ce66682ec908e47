"""What the report linter finds in published tables, with the article's own figures (成都 2017-01)."""

from decimal import Decimal

import pytest

from libs.rules.published import Table, faults

CONTENT = {"城市管理": 920, "城乡住房": 823, "交通管理": 625, "其他": 4_428}
TOP = ("城市管理", "城乡住房", "交通管理")
SHARES = {
    "城市管理": Decimal("13.54"),
    "城乡住房": Decimal("12.11"),
    "交通管理": Decimal("9.20"),
}


def test_the_letters_of_four_mailboxes_make_all_letters() -> None:
    boxes = {"市委书记": 1_338, "市政府": 4_773, "区(市)县": 659, "乡镇(街道)": 26}
    shares = dict(zip(boxes, map(Decimal, ("19.69", "70.23", "9.70", "0.38")), strict=True))
    assert faults(Table("信箱", 6_796, boxes, shares)) == []


def test_three_categories_together_are_34_84_and_never_40_20() -> None:
    right = Table("内容", 6_796, CONTENT, SHARES, {TOP: Decimal("34.84")})
    assert faults(right) == []
    for printed in ("40.20", "34.85"):  # the article's, and the sum of the rounded shares
        (fault,) = faults(Table("内容", 6_796, CONTENT, SHARES, {TOP: Decimal(printed)}))
        assert f"2,368/6,796 = 34.84 %, not {printed} %" in fault


def test_kinds_that_leave_2363_letters_out_are_reported() -> None:
    kinds = {"投诉": 3_358, "建议": 608, "咨询": 419, "表扬": 48}
    (fault,) = faults(Table("诉求类型", 6_796, kinds))
    assert "the parts sum to 4,433, the total is 6,796; 2,363 are in none" in fault


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (Table("t", 3, {"a": 2, "b": 2}), "some count twice"),
        (Table("t", 4, {"a": 2, "b": 2}, {"c": Decimal("50.00")}), "c, which has no count"),
        (Table("t", 0, {"a": 0}, {"a": Decimal("100.00")}), "— %, not 100.00 %"),
        (Table("t", 3, {"a": 1, "b": 2}, {"a": Decimal("33.4")}), "33.3 %, not 33.4 %"),
    ],
)
def test_a_table_that_is_wrong_is_named(table: Table, words: str) -> None:
    (fault,) = faults(table)
    assert words in fault


def test_shares_are_checked_to_as_many_places_as_are_printed() -> None:
    halves = {"a": 1, "b": 1}
    assert faults(Table("t", 2, halves, {"a": Decimal("50"), "b": Decimal("50.0")})) == []
