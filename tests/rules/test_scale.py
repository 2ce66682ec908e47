"""Ratings in two scales, and counts that may be shown."""

import pytest

from libs.rules.scale import IN_THREE, LEVELS, in_three
from libs.rules.small_cells import shown


@pytest.mark.parametrize(
    ("level", "three"),
    [
        ("very_satisfied", "satisfied"),
        ("satisfied", "satisfied"),
        ("basically", "basically"),
        ("dissatisfied", "dissatisfied"),
        ("very_dissatisfied", "dissatisfied"),
        (None, None),
    ],
)
def test_five_levels_are_read_as_three_and_silence_as_none(level: str, three: str) -> None:
    assert in_three(level) == three


def test_every_level_of_either_scale_is_read() -> None:
    assert {level for levels in LEVELS.values() for level in levels} == IN_THREE.keys()
    assert all(in_three(level) == level for level in LEVELS["xinfang3"])


@pytest.mark.parametrize(
    ("counts", "seen"),
    [
        ((2, 2, 0), (None, None, None)),  # four in all: nothing
        ((5, 0, 0), (5, 0, 0)),
        ((20, 8, 6), (20, 8, 6)),
        ((20, 8, 1), (20, None, None)),  # else the one could be told from the whole
        ((20, 1, 1), (20, None, None)),
        ((20, 0, 1), (None, 0, None)),
    ],
)
def test_no_count_tells_of_fewer_than_five(counts: tuple, seen: tuple) -> None:
    levels = LEVELS["xinfang3"]
    assert tuple(shown(dict(zip(levels, counts, strict=True))).values()) == seen
