"""Counts that may be shown: no cell tells of few people, nor can it be told from the rest (G06)."""

import itertools

import pytest

from libs.rules.scale import LEVELS
from libs.rules.small_cells import fewest_of, parts_shown, shown, table_shown


@pytest.mark.parametrize(
    ("counts", "seen"),
    [
        ((2, 2, 0), (None, None, None)),  # four in all: nothing
        ((5, 0, 0), (5, 0, 0)),
        ((20, 8, 6), (20, 8, 6)),
        ((20, 8, 1), (20, None, None)),  # else the one could be told from the whole
        ((20, 1, 1), (None, None, None)),  # two that make two are one each
        ((20, 4, 4), (20, None, None)),
        ((20, 0, 1), (None, 0, None)),
    ],
)
def test_no_count_tells_of_fewer_than_five(counts: tuple, seen: tuple) -> None:
    levels = LEVELS["xinfang3"]
    assert tuple(shown(dict(zip(levels, counts, strict=True))).values()) == seen


def test_who_knows_the_whole_cannot_tell_a_small_count() -> None:
    for counts in itertools.product(range(0, 13), repeat=3):
        seen = shown(dict(zip("abc", counts, strict=True)))
        hidden = [name for name, count in seen.items() if count is None]
        together = sum(dict(zip("abc", counts, strict=True))[name] for name in hidden)
        assert all(count == 0 or count >= 5 for count in seen.values() if count is not None)
        assert not hidden or sum(counts) < 5 or together >= 5


def test_ten_are_the_fewest_of_what_is_sensitive() -> None:
    counts = {"01": 40, "02": 9, "09": 9}
    least = {field: fewest_of(field) for field in counts}
    assert shown(counts, least=least) == {"01": 40, "02": None, "09": None}
    assert [fewest_of(code) for code in ("0105", "1201", "1605", "0901", "1001")] == [5, 10, 10, 10, 10]


def test_what_is_hidden_anyhow_takes_no_small_one_with_it_into_the_light() -> None:
    assert shown({"a": 30, "b": 8, "c": 9}, hide={"b"}) == {"a": 30, "b": None, "c": None}
    assert shown({"a": 30, "b": 0}, hide={"b"}) == {"a": 30, "b": None}


def test_a_part_that_leaves_a_small_rest_is_hidden_with_the_next() -> None:
    wholes = {"a": 20, "b": 20, "c": 20}
    assert parts_shown(wholes, {"a": 19, "b": 10, "c": 8}) == {"a": None, "b": None, "c": 8}
    assert parts_shown(wholes, {"a": 10, "b": 10, "c": 10}) == {"a": 10, "b": 10, "c": 10}
    assert parts_shown(wholes, {"a": 20, "b": 20, "c": 20}) == {"a": 20, "b": 20, "c": 20}
    assert parts_shown(wholes, {"a": 2, "b": 0, "c": 8}) == {"a": None, "b": 0, "c": None}


def test_who_knows_the_sums_of_a_table_cannot_tell_a_small_cell_of_it() -> None:
    rows = {"x": {"a": 9, "b": 8, "c": 3}, "y": {"a": 9, "b": 8, "c": 9}, "z": {"a": 30, "b": 30, "c": 30}}
    assert table_shown(rows) == {
        "x": {"a": 9, "b": None, "c": None},
        "y": {"a": 9, "b": None, "c": None},
        "z": {"a": 30, "b": 30, "c": 30},
    }
    gone = table_shown({"x": {"a": 6, "b": 9}, "y": {"a": 7, "b": 9}}, hide=[("x", "a")])
    assert {n for row in gone.values() for n in row.values()} == {None}
    assert table_shown({"x": {"a": 6}, "y": {}}) == {"x": {"a": 6}, "y": {}}


def test_no_hidden_cell_of_a_table_stands_alone_in_its_row_or_column() -> None:
    for cells in itertools.product((0, 3, 6, 11), repeat=6):
        rows = {"x": dict(zip("abc", cells[:3], strict=True)), "y": dict(zip("abc", cells[3:], strict=True))}
        seen = table_shown(rows)
        lines = [[(rows[r][c], seen[r][c]) for c in "abc"] for r in "xy"]
        lines += [[(rows[r][c], seen[r][c]) for r in "xy"] for c in "abc"]
        for line in lines:
            hidden = [was for was, shown_ in line if shown_ is None and was]
            others = [was for was, shown_ in line if shown_ is not None and was]
            assert all(was >= 5 for was in others)
            assert len(hidden) != 1 or not others, "it is what is missing from the sum"
